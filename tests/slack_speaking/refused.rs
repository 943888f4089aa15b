//! Channels that take nothing, and tokens that are no longer good.

use boson::model::Text;
use boson::room::{SayError, Saying};
use chrono::TimeDelta;
use serde_json::json;

use crate::slack::{Fault, How};
use crate::talk::Talk;

const POST: &str = "chat.postMessage";

/// A report waits for a while; an answer where the bot never was does not.
#[tokio::test]
async fn a_channel_that_takes_nothing_is_believed_after_a_while() {
    for code in [
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
    ] {
        let talk = Talk::new().await;
        let fault = Fault::new(How::Error(code.into())).method(POST);
        talk.fail(fault.times(1_000));
        let mut waits = 0;
        loop {
            match talk.line("a report").await {
                Err(SayError::Later { rest, .. }) => {
                    waits += 1;
                    let rest = TimeDelta::from_std(rest).unwrap();
                    talk.clock.advance_to(talk.clock.now() + rest);
                }
                Err(SayError::Never { what }) => {
                    assert!(!what.is_empty());
                    break;
                }
                Ok(_) => panic!("it is refused"),
            }
        }
        assert!((38..=42).contains(&waits), "{code}: {waits}");
        let asked = talk.said_by(&talk.ann, "boson?");
        let answer = Saying {
            answers: Some(asked),
            ..talk.saying(Text::line("an answer"))
        };
        talk.clock
            .advance_to(talk.clock.now() + TimeDelta::seconds(100));
        let refused = talk.speak(&answer).await;
        assert!(
            matches!(refused, Err(SayError::Never { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_channel_that_takes_something_again_is_forgiven() {
    let talk = Talk::new().await;
    let wish = |on: bool| json!({"type": "archive", "channel": talk.channels[0], "user": talk.ann, "on": on});
    talk.act(wish(true)).await;
    let later = talk.line("x").await;
    assert!(matches!(later, Err(SayError::Later { .. })), "{later:?}");
    // Until then nobody asks.
    let before = talk.asked(POST).len();
    let later = talk.line("x").await;
    assert!(matches!(later, Err(SayError::Later { .. })), "{later:?}");
    assert_eq!(talk.asked(POST).len(), before);
    talk.act(wish(false)).await;
    talk.clock
        .advance_to(talk.clock.now() + TimeDelta::seconds(61));
    talk.line("x").await.unwrap();
}

#[tokio::test]
async fn nothing_is_lost_while_a_token_is_not_good() {
    for code in [
        "invalid_auth",
        "token_revoked",
        "account_inactive",
        "missing_scope",
    ] {
        let talk = Talk::new().await;
        talk.fail(Fault::new(How::Error(code.into())).method(POST));
        let later = talk.line("x").await;
        let Err(SayError::Later { what, .. }) = later else {
            panic!("{later:?}");
        };
        assert!(!what.contains("xox"), "{what}");
        talk.line("x").await.unwrap();
        assert_eq!(talk.texts(), ["x"]);
    }
}

#[tokio::test]
async fn a_room_of_another_platform_is_none() {
    let talk = Talk::new().await;
    let elsewhere = boson::model::RoomId::new("elsewhere", talk.channels[0].as_str());
    let refused = talk.speak(&Saying::new(elsewhere, Text::line("x"))).await;
    assert!(
        matches!(refused, Err(SayError::Never { .. })),
        "{refused:?}"
    );
}
