//! What a message looks like in Slack.

use boson::model::text::{Block, Span};
use boson::model::{MessageId, Text};
use boson::room::{Platform, SayError, Saying};
use serde_json::json;

use crate::slack::{Fault, How};
use crate::talk::Talk;

#[tokio::test]
async fn a_text_has_blocks_and_words() {
    let talk = Talk::new().await;
    let text = Text::line("I track <a> & `b`:")
        .entry("one")
        .choices([("Stop", "stop b")])
        .hint("`stop b` stops it");
    let spoken = talk.say(text).await.unwrap();
    let own = talk.own(0);
    assert_eq!(own[0].ts, spoken.message.0);
    assert!(!spoken.before);
    assert_eq!(
        own[0].text,
        "I track &lt;a&gt; &amp; `b`:\n- one\nhint: `stop b` stops it"
    );
    let blocks = &own[0].blocks;
    assert_eq!(
        blocks[0]["text"]["text"],
        "I track &lt;a&gt; &amp; `b`:\n• one"
    );
    assert_eq!(blocks[1]["elements"][0]["value"], "stop b");
    assert_eq!(blocks[2]["elements"][0]["text"], "hint: `stop b` stops it");
    let asked = &talk.asked("chat.postMessage")[0];
    assert_eq!(
        (&asked["unfurl_links"], &asked["unfurl_media"]),
        (&json!(false), &json!(false))
    );
}

#[tokio::test]
async fn nobody_is_called_who_is_not_meant() {
    let talk = Talk::new().await;
    let foreign = "<!channel> <@U1> <!subteam^S1> @here & <https://e.org|x>";
    let text = Text::line(foreign)
        .pre(foreign)
        .spans(vec![Span::Bold(foreign.into()), Span::Code(foreign.into())])
        .spans(vec![Span::Link {
            words: foreign.into(),
            url: "https://e.org/<!channel>".into(),
        }]);
    talk.say(text).await.unwrap();
    let own = &talk.own(0)[0];
    let all = format!("{} {}", own.text, json!(own.blocks));
    assert!(!all.contains("<!") && !all.contains("<@"), "{all}");
}

#[tokio::test]
async fn a_card_is_unfolded() {
    let talk = Talk::new().await;
    let card = Text(vec![Block::OneBox("https://example.org/post".into())]);
    talk.say(card).await.unwrap();
    let asked = &talk.asked("chat.postMessage")[0];
    assert_eq!(asked["unfurl_links"], true);
    assert_eq!(asked.get("blocks"), None);
    assert_eq!(talk.texts(), ["https://example.org/post"]);
}

#[tokio::test]
async fn an_answer_stands_in_its_thread_and_says_what_it_answers() {
    let talk = Talk::new().await;
    let asked = talk.said_by(&talk.ann, "boson?");
    let saying = Saying {
        answers: Some(asked.clone()),
        thread: Some(asked.clone()),
        ..talk.saying(Text::line("yes"))
    };
    talk.speak(&saying).await.unwrap();
    let own = &talk.own(0)[0];
    assert_eq!(own.thread.as_deref(), Some(asked.0.as_str()));
    assert_eq!(
        own.beside["metadata"],
        json!({"event_type": "boson", "event_payload": {"answers": asked.0}})
    );
}

#[tokio::test]
async fn where_the_thread_is_gone_it_is_said_in_the_channel() {
    let talk = Talk::new().await;
    let saying = Saying {
        thread: Some(MessageId("1700000000.000100".into())),
        ..talk.saying(Text::line("yes"))
    };
    talk.speak(&saying).await.unwrap();
    assert_eq!(talk.own(0)[0].thread, None);
    talk.fail(
        Fault::new(How::Error("restricted_action_thread_locked".into())).method("chat.postMessage"),
    );
    let asked = talk.said_by(&talk.ann, "boson?");
    let saying = Saying {
        thread: Some(asked),
        ..talk.saying(Text::line("yes"))
    };
    talk.speak(&saying).await.unwrap();
    assert_eq!(talk.own(0)[1].thread, None);
}

#[tokio::test]
async fn a_form_that_slack_does_not_take_is_left_away() {
    for code in ["invalid_blocks", "invalid_blocks_format", "msg_too_long"] {
        let talk = Talk::new().await;
        talk.fail(Fault::new(How::Error(code.into())).method("chat.postMessage"));
        talk.line("*hi*").await.unwrap();
        assert_eq!(talk.texts(), ["*hi*"], "{code}");
        assert!(talk.own(0)[0].blocks.is_empty());
        assert_eq!(talk.asked("chat.postMessage")[1]["mrkdwn"], false);
        // Not more than once.
        talk.fail(
            Fault::new(How::Error(code.into()))
                .method("chat.postMessage")
                .times(2),
        );
        let refused = talk.line("ho").await;
        assert!(
            matches!(refused, Err(SayError::Never { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn long_texts_are_taken_piece_by_piece() {
    let talk = Talk::new().await;
    let mut text = Text::line("A long <list> & more:");
    for n in 0..150 {
        text = text
            .entry(format!(
                "entry {n} has `code` & *stars* {}",
                "<b> ".repeat(20)
            ))
            .pre(format!("{n}  ```\n{}", "| a < b |\n".repeat(3)));
        if n % 10 == 0 {
            text = text.choices([("Show", format!("show {n}"))]);
        }
    }
    let pieces = talk.slack.pieces(&text);
    assert!(pieces.len() > 5, "{}", pieces.len());
    for piece in &pieces {
        talk.say(piece.clone()).await.unwrap();
    }
    let asked = talk.asked("chat.postMessage");
    // Each was taken as it should look, the first time.
    assert_eq!(asked.len(), pieces.len());
    assert!(asked.iter().all(|args| args.get("blocks").is_some()));
    let texts = talk.texts().join("\n");
    assert!((0..150).all(|n| texts.contains(&format!("entry {n} has"))));
}

#[tokio::test]
async fn nothing_to_see_is_not_said() {
    let talk = Talk::new().await;
    for text in [Text::new(), Text::line(" "), Text::new().pre("\n")] {
        let refused = talk.say(text).await;
        assert!(
            matches!(refused, Err(SayError::Never { .. })),
            "{refused:?}"
        );
    }
    assert!(talk.own(0).is_empty());
}
