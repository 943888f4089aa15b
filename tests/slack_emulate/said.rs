//! Posting, threads, editing, deleting.

use boson::model::Text;
use boson::model::text::Span;
use boson::room::{Platform, SayError, Saying, Which};
use serde_json::json;

use crate::emulator::{ANN, BOT, Emulator, ME, room};

#[tokio::test]
async fn what_is_said_is_there_with_its_words_and_blocks() {
    let Some(works) = Emulator::start() else {
        return;
    };
    let (slack, channel) = (works.client(BOT), works.channel("builds").await);
    works
        .call(BOT, "conversations.join", &[("channel", &channel)])
        .await;
    let text = Text::line("I track <a> & `b`:")
        .spans(vec![
            Span::Bold("bold".into()),
            Span::Link {
                words: "here".into(),
                url: "https://example.org/?a=1&b=2".into(),
            },
        ])
        .entry("one")
        .pre("let x = \"<y>\";")
        .choices([("Stop", "stop b")])
        .hint("`stop b` stops it");
    let ts = works
        .say(&slack, &Saying::new(room(&channel), text))
        .await
        .unwrap();
    let own = &works.history(&channel).await[0];
    assert_eq!((&own["ts"], &own["user"]), (&json!(ts.0), &json!(ME)));
    let words = own["text"].as_str().unwrap();
    assert!(words.starts_with("I track &lt;a&gt; &amp; `b`:"), "{words}");
    assert!(words.contains("let x = \"&lt;y&gt;\";"), "{words}");
    let blocks = own["blocks"].to_string();
    assert!(
        blocks.contains("<https://example.org/?a=1&amp;b=2|here>"),
        "{blocks}"
    );
    assert!(
        blocks.contains("\"stop b\"") && blocks.contains("\"button\""),
        "{blocks}"
    );
    let lone = works.line(&slack, &channel, "and a line alone").await;
    let all = works.history(&channel).await;
    assert_eq!(
        (&all[0]["ts"], &all[0]["text"]),
        (&json!(lone.0), &json!("and a line alone"))
    );
}

#[tokio::test]
async fn answers_stand_in_their_thread() {
    let Some(works) = Emulator::start() else {
        return;
    };
    let (slack, channel) = (works.client(BOT), works.channel("builds").await);
    works
        .call(BOT, "conversations.join", &[("channel", &channel)])
        .await;
    let asked = works
        .call(
            ANN,
            "chat.postMessage",
            &[("channel", &channel), ("text", "list")],
        )
        .await;
    let asked = asked["ts"].as_str().unwrap();
    for words in ["one", "two"] {
        let saying = Saying {
            thread: Some(boson::model::MessageId(asked.into())),
            ..Saying::new(room(&channel), Text::line(words))
        };
        works.say(&slack, &saying).await.unwrap();
    }
    let thread = works.thread(&channel, asked).await;
    let texts: Vec<&str> = thread
        .iter()
        .map(|its| its["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["list", "one", "two"]);
    assert_eq!(thread[1]["thread_ts"], asked);
}

#[tokio::test]
async fn own_messages_are_changed_and_taken_away() {
    let Some(works) = Emulator::start() else {
        return;
    };
    let (slack, channel) = (works.client(BOT), works.channel("builds").await);
    works
        .call(BOT, "conversations.join", &[("channel", &channel)])
        .await;
    let here = room(&channel);
    let first = works.line(&slack, &channel, "building").await;
    let new = Text::line("built & done").hint("`show` shows it");
    slack.edit(&here, &first, &new).await.unwrap();
    let own = &works.history(&channel).await[0];
    assert_eq!(own["ts"], json!(first.0));
    assert!(
        own["text"]
            .as_str()
            .unwrap()
            .starts_with("built &amp; done"),
        "{own}"
    );
    assert!(
        own["blocks"].to_string().contains("`show` shows it"),
        "{own}"
    );
    assert_eq!(own["edited"]["user"], ME);
    let hers = works
        .call(
            ANN,
            "chat.postMessage",
            &[("channel", &channel), ("text", "mine")],
        )
        .await;
    let hers = hers["ts"].as_str().unwrap().to_string();
    let refused = slack
        .edit(
            &here,
            &boson::model::MessageId(hers.clone().into()),
            &Text::line("x"),
        )
        .await;
    assert!(
        matches!(refused, Err(SayError::Never { .. })),
        "{refused:?}"
    );
    works.line(&slack, &channel, "second").await;
    works.line(&slack, &channel, "third").await;
    let these = Which::These(vec![first.0.to_string(), hers.clone()]);
    let trashed = slack.trash(&here, &these).await.unwrap();
    assert_eq!((trashed.deleted, trashed.kept.len()), (1, 1), "{trashed:?}");
    assert_eq!(trashed.kept[0].0, hers);
    let trashed = slack.trash(&here, &Which::Last(5)).await.unwrap();
    assert_eq!((trashed.deleted, trashed.kept.len()), (2, 0), "{trashed:?}");
    let left = works.history(&channel).await;
    let texts: Vec<&str> = left
        .iter()
        .map(|its| its["text"].as_str().unwrap())
        .collect();
    assert!(
        texts.contains(&"mine") && !texts.contains(&"second") && !texts.contains(&"third"),
        "{texts:?}"
    );
}
