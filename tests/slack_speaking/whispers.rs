//! What one person alone is to see.

use boson::model::{Message, MessageId, PersonId, Text};
use boson::room::Saying;
use serde_json::json;

use crate::ears::Ears;
use crate::slack::{Fault, How};
use crate::talk::Talk;

fn answer(talk: &Talk, message: &Message, words: &str, only: bool) -> Saying {
    Saying {
        answers: Some(message.id.clone()),
        only: only.then(|| message.person.id.clone()),
        ..talk.saying(Text::line(words))
    }
}

#[tokio::test]
async fn in_a_channel_nobody_else_sees_it() {
    let talk = Talk::new().await;
    let thread = talk.said_by(&talk.ann, "boson?");
    let saying = Saying {
        thread: Some(thread.clone()),
        ..talk.only(&talk.ben, "psst <b>")
    };
    let spoken = talk.speak(&saying).await.unwrap();
    let channel = talk.channels[0].clone();
    assert_eq!(
        talk.seen_by(&talk.ben),
        [(channel, "psst &lt;b&gt;".into())]
    );
    assert!(talk.own(0).is_empty());
    assert_eq!(
        talk.asked("chat.postEphemeral")[0]["thread_ts"],
        json!(thread.0)
    );
    assert!(spoken.message.0.starts_with("unnamed/"), "{spoken:?}");
}

#[tokio::test]
async fn who_is_not_there_is_told_directly() {
    let talk = Talk::new().await;
    let cleo = {
        let mut slack = talk.server.slack();
        slack.user(&talk.team, "Cleo", crate::slack::Standing::Member)
    };
    talk.speak(&talk.only(&cleo, "psst")).await.unwrap();
    let slack = talk.server.slack();
    let direct = slack
        .channels
        .values()
        .find(|channel| channel.members.contains(&cleo))
        .expect("they talk directly");
    let message = direct.messages.values().next().expect("it was said");
    assert_eq!(message.text, "psst");
    let about = message.blocks[0]["elements"][0]["text"].as_str().unwrap();
    assert_eq!(about, format!("about <#{}>", talk.channels[0]));
}

#[tokio::test]
async fn it_is_shown_although_things_go_wrong() {
    for how in [
        How::Reset,
        How::Status(502),
        How::Later(3),
        How::Error("invalid_blocks".into()),
        How::Error("thread_not_found".into()),
    ] {
        let talk = Talk::new().await;
        talk.fail(Fault::new(how.clone()).method("chat.postEphemeral"));
        talk.speak(&talk.only(&talk.ben, "psst")).await.unwrap();
        let direct = {
            let slack = talk.server.slack();
            let all = slack
                .channels
                .values()
                .flat_map(|its| its.messages.values());
            all.count()
        };
        assert_eq!(talk.seen_by(&talk.ben).len() + direct, 1, "{how:?}");
    }
}

#[tokio::test]
async fn a_slash_command_is_answered_where_it_was_typed() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let message = ears.typed(&talk, &talk.ben, "list").await;
    for n in 0..8 {
        let saying = answer(&talk, &message, &format!("answer {n}"), true);
        talk.speak(&saying).await.unwrap();
    }
    // Five by its own address, the others all the same.
    let seen = talk.seen_by(&talk.ben).into_iter();
    let seen: Vec<String> = seen.map(|(_, text)| text).collect();
    let all: Vec<String> = (0..8).map(|n| format!("answer {n}")).collect();
    assert_eq!(seen, all);
    assert_eq!(talk.asked("chat.postEphemeral").len(), 3);
    assert!(talk.own(0).is_empty());
}

#[tokio::test]
async fn what_all_may_see_says_who_typed_what() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let message = ears.typed(&talk, &talk.ben, "track &lt;feed&gt; `x`").await;
    let saying = answer(&talk, &message, "I track it.", false);
    let spoken = talk.speak(&saying).await.unwrap();
    let own = &talk.own(0)[0];
    assert_eq!(
        (&own.ts, own.text.as_str()),
        (&spoken.message.0.to_string(), "I track it.")
    );
    let line = own.blocks[0]["elements"][0]["text"].as_str().unwrap();
    let ben = &talk.ben;
    assert!(
        line.starts_with(&format!("<@{ben}> typed `/boson track &lt;feed&gt;")),
        "{line}"
    );
    assert_eq!(own.blocks[1]["text"]["text"], "I track it.");
}

#[tokio::test]
async fn a_button_is_answered_where_it_stands() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let text = Text::line("I track `a`.").choices([("Pause", "pause a"), ("Stop", "stop a")]);
    let spoken = talk.say(text).await.unwrap();
    let own = talk.own(0);
    let action = own[0].blocks[1]["elements"][1]["action_id"].clone();
    let wish = json!({
        "type": "click", "channel": talk.channels[0], "ts": spoken.message.0, "user": talk.ben, "action_id": action,
    });
    let (_, message) = tokio::join!(talk.act(wish), ears.said(&talk));
    assert_eq!(message.text, "stop a");
    assert_eq!(message.reply_to, Some(MessageId(spoken.message.0.clone())));
    talk.speak(&answer(&talk, &message, "Only its owner may.", true))
        .await
        .unwrap();
    assert_eq!(talk.seen_by(&talk.ben)[0].1, "Only its owner may.");
    talk.speak(&answer(&talk, &message, "It stops.", false))
        .await
        .unwrap();
    let own = talk.own(0);
    // The message with the button is as it was.
    assert_eq!(own[0].blocks.len(), 2);
    let line = own[1].blocks[0]["elements"][0]["text"].as_str().unwrap();
    assert_eq!(line, format!("<@{}> pressed a button", talk.ben));
}

#[tokio::test]
async fn what_is_said_directly_is_a_message_like_any_other() {
    let talk = Talk::new().await;
    let direct = {
        let mut slack = talk.server.slack();
        slack
            .direct(&talk.team, &[talk.ben.clone(), talk.bot.clone()])
            .0
    };
    let saying = Saying {
        only: Some(PersonId(talk.ben.clone().into())),
        ..Saying::new(
            boson::model::RoomId::new(crate::talk::WORKS, direct.as_str()),
            Text::line("psst"),
        )
    };
    let spoken = talk.speak(&saying).await.unwrap();
    let slack = talk.server.slack();
    assert!(
        slack.channels[&direct]
            .messages
            .contains_key(spoken.message.0.as_str())
    );
}

#[tokio::test]
async fn what_was_typed_is_shown_as_it_was_typed() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let typed = "track feed <https://x.org/?a=1&amp;b=2|https://x.org/?a=1&amp;b=2>";
    let message = ears.typed(&talk, &talk.ben, typed).await;
    talk.speak(&answer(&talk, &message, "I track it.", false))
        .await
        .unwrap();
    let line = talk.own(0)[0].blocks[0]["elements"][0]["text"].clone();
    let shown = "typed `/boson track feed https://x.org/?a=1&amp;b=2`";
    assert_eq!(line, format!("<@{}> {shown}", talk.ben));
}

#[tokio::test]
async fn where_it_may_not_speak_it_answers_whoever_asked_and_says_nothing_else() {
    let talk = Talk::new().await;
    let mut ears = Ears::open(&talk).await;
    let message = ears.typed(&talk, &talk.ben, "list").await;
    let closed = Fault::new(How::Error("restricted_action_read_only_channel".into()));
    talk.fail(closed.method("chat.postMessage").times(1_000));
    talk.speak(&answer(&talk, &message, "first", false))
        .await
        .unwrap();
    let rest = Saying {
        part_of: Some(message.id.clone()),
        ..talk.saying(Text::line("second"))
    };
    talk.speak(&rest).await.unwrap();
    let report = talk.saying(Text::line("a report"));
    assert!(talk.speak(&report).await.is_err());
    assert_eq!(talk.texts(), ["first", "second"]);
}
