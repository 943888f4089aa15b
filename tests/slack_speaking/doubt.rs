//! Answers that were lost, and what was said before a restart: everything is said once.

use std::time::Duration;

use boson::model::{MessageId, Text};
use boson::room::{Platform, SayError, Saying, Spoken};
use chrono::{DateTime, Utc};

use crate::slack::{Fault, How};
use crate::talk::Talk;

const POST: &str = "chat.postMessage";

fn all() -> [How; 8] {
    [
        How::Reset,
        How::HangUp,
        How::Cut,
        How::Status(500),
        How::Status(502),
        How::Status(503),
        How::Error("internal_error".into()),
        How::Error("fatal_error".into()),
    ]
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_message_stood_there() {
    for how in all() {
        let talk = Talk::new().await;
        // The same text before is another message.
        let first = talk.line("hello").await.unwrap();
        talk.line("between").await.unwrap();
        talk.fail(Fault::new(how.clone()).method(POST).after());
        let second = talk.line("hello").await.unwrap();
        assert!(second.message > first.message, "{how:?}");
        assert_eq!(talk.texts(), ["hello", "between", "hello"], "{how:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_before_the_message_stood_there() {
    for how in all().into_iter().filter(|how| *how != How::Cut) {
        let talk = Talk::new().await;
        talk.line("hello").await.unwrap();
        talk.line("between").await.unwrap();
        talk.fail(Fault::new(how.clone()).method(POST).times(2));
        talk.line("hello").await.unwrap();
        assert_eq!(talk.texts(), ["hello", "between", "hello"], "{how:?}");
    }
}

#[tokio::test]
async fn in_a_thread_as_well() {
    for after in [true, false] {
        let talk = Talk::new().await;
        let thread = talk.said_by(&talk.ann, "boson?");
        let saying = Saying {
            thread: Some(thread.clone()),
            answers: Some(thread.clone()),
            ..talk.saying(Text::line("yes <b>").entry("🎉 https://e.org/a_b"))
        };
        // What stands in the channel is something else.
        talk.say(saying.text.clone()).await.unwrap();
        let fault = Fault::new(How::Reset).method(POST);
        talk.fail(if after { fault.after() } else { fault });
        talk.speak(&saying).await.unwrap();
        let own = talk.own(0);
        let threads: Vec<_> = own.iter().map(|own| own.thread.clone()).collect();
        assert_eq!(threads, [None, Some(thread.0.to_string())]);
    }
}

#[tokio::test]
async fn no_answer_at_all() {
    let mut talk = Talk::new().await;
    talk.restart(Duration::from_secs(1));
    for (after, words) in [(true, "one"), (false, "two")] {
        let fault = Fault::new(How::Silence).method(POST);
        talk.fail(if after { fault.after() } else { fault });
        let saying = talk.saying(Text::line(words));
        // Its own clock runs far ahead of the real one that ends the waiting.
        talk.passing(1_000_000, talk.slack.say(&saying))
            .await
            .unwrap();
    }
    assert_eq!(talk.texts(), ["one", "two"]);
}

#[tokio::test]
async fn who_cannot_look_does_not_say_it_again_before_he_can() {
    let talk = Talk::new().await;
    talk.line("before").await.unwrap();
    talk.fail(Fault::new(How::Status(502)).method(POST).after());
    let history = Fault::new(How::Status(502)).method("conversations.history");
    talk.fail(history.times(1_000));
    let lost = talk.line("hello").await;
    assert!(matches!(lost, Err(SayError::Later { .. })), "{lost:?}");
    talk.act(serde_json::json!({"type": "well"})).await;
    let spoken = talk.line("hello").await.unwrap();
    assert!(spoken.before);
    assert_eq!(talk.texts(), ["before", "hello"]);
    // From now on it is another message.
    assert!(!talk.line("hello").await.unwrap().before);
    assert_eq!(talk.own(0).len(), 3);
}

#[tokio::test]
async fn who_may_not_look_does_not_say_it_again() {
    let talk = Talk::new().await;
    talk.line("before").await.unwrap();
    talk.fail(Fault::new(How::Reset).method(POST).after());
    let history = Fault::new(How::Error("missing_scope".into())).method("conversations.history");
    talk.fail(history.times(1_000));
    let lost = talk.line("hello").await;
    assert!(matches!(lost, Err(SayError::Never { .. })), "{lost:?}");
    assert_eq!(talk.texts(), ["before", "hello"]);
}

async fn again(talk: &Talk, text: &Text, since: DateTime<Utc>) -> Spoken {
    let saying = Saying {
        since: Some(since),
        ..talk.saying(text.clone())
    };
    talk.speak(&saying).await.unwrap()
}

#[tokio::test]
async fn after_a_restart_only_what_was_not_said_is_said() {
    let mut talk = Talk::new().await;
    let old = Text::line("a [x](y) *b*");
    talk.say(old.clone()).await.unwrap();
    talk.clock
        .advance_to(talk.clock.now() + chrono::TimeDelta::seconds(100));
    let since = talk.clock.now();
    let twice = Text::line("the same");
    let texts = [
        Text::line("one *1*").hint("`x` & <y>"),
        Text::line("two")
            .entry("`2` 🎉")
            .choices([("Stop", "stop")]),
        Text::new().pre("3\n4"),
        twice.clone(),
        Text::line("first")
            .and("in the middle https://e.org")
            .and("last"),
    ];
    let mut said = Vec::new();
    for text in &texts {
        said.push(talk.say(text.clone()).await.unwrap().message);
    }
    talk.restart(Duration::from_secs(20));
    for (text, message) in texts.iter().zip(said) {
        let message = Spoken {
            message,
            before: true,
        };
        assert_eq!(again(&talk, text, since).await, message);
    }
    // What was found once stands for one only.
    assert!(!again(&talk, &twice, since).await.before);
    assert!(!again(&talk, &Text::line("five"), since).await.before);
    // What was said before then is not meant.
    assert!(!again(&talk, &old, since).await.before);
    assert_eq!(talk.own(0).len(), 9);
}

#[tokio::test]
async fn what_was_said_together_is_found_line_by_line() {
    let mut talk = Talk::new().await;
    let since = talk.clock.now();
    let parts = ["one", "two https://e.org", "three"].map(Text::line);
    let [one, two, three] = parts.clone();
    let spoken = talk.say(one.join(two).join(three)).await.unwrap();
    talk.restart(Duration::from_secs(20));
    for text in parts {
        let found = again(&talk, &text, since).await;
        assert_eq!(
            (found.message, found.before),
            (spoken.message.clone(), true)
        );
    }
    assert!(!again(&talk, &Text::line("two"), since).await.before);
}

#[tokio::test]
async fn an_answer_to_somebody_else_is_another_message() {
    let mut talk = Talk::new().await;
    let since = talk.clock.now();
    let first = talk.said_by(&talk.ann, "boson?");
    let second = talk.said_by(&talk.ben, "boson?");
    let saying = |of: &MessageId| Saying {
        answers: Some(of.clone()),
        since: Some(since),
        ..talk.saying(Text::line("yes"))
    };
    let (first, second) = (saying(&first), saying(&second));
    talk.speak(&first).await.unwrap();
    talk.restart(Duration::from_secs(20));
    assert!(!talk.speak(&second).await.unwrap().before);
    assert!(talk.speak(&first).await.unwrap().before);
    assert_eq!(talk.own(0).len(), 2);
}

#[tokio::test]
async fn who_cannot_look_for_long_keeps_no_channel_waiting() {
    let talk = Talk::new().await;
    talk.fail(Fault::new(How::Later(600)).method("conversations.history"));
    let saying = Saying {
        since: Some(talk.clock.now()),
        ..talk.saying(Text::line("hello"))
    };
    let said = talk.passing(100, talk.slack.say(&saying)).await;
    let before = talk.clock.now();
    assert!(
        matches!(&said, Err(SayError::Later { rest, .. }) if *rest == Duration::from_secs(600)),
        "{said:?}"
    );
    assert!(before - saying.since.unwrap() < chrono::TimeDelta::seconds(100));
}
