//! Answers that were lost, and what was said before a restart: everything is said once.

use std::time::Duration;

use boson::model::Text;
use boson::room::{Platform, SayError, Saying, Spoken};
use chrono::{DateTime, Utc};

use crate::scene::id;
use crate::stand_in::{Fault, How};
use crate::talk::{Talk, number};

const NEW: &str = "/messages/new";

#[tokio::test]
async fn an_answer_that_is_lost_after_the_message_stood_there() {
    for how in [
        How::Reset,
        How::HangUp,
        How::Cut,
        How::Page,
        How::Status(500),
        How::Status(502),
        How::Status(503),
    ] {
        let talk = Talk::new(1).await;
        // The same text before is another message.
        let first = talk.line("hello").await.unwrap();
        talk.line("between").await.unwrap();
        let shown = format!("{how:?}");
        talk.scene.server.fail(Fault::new(how).path(NEW).after());
        let second = talk.line("hello").await.unwrap();
        assert!(number(&second) > number(&first), "{shown}");
        assert_eq!(talk.sources(), ["hello", "between", "hello"], "{shown}");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_before_the_message_stood_there() {
    for how in [
        How::Reset,
        How::HangUp,
        How::Page,
        How::Status(500),
        How::Status(502),
    ] {
        let talk = Talk::new(1).await;
        talk.line("hello").await.unwrap();
        talk.line("between").await.unwrap();
        let shown = format!("{how:?}");
        talk.scene.server.fail(Fault::new(how).path(NEW).times(2));
        talk.line("hello").await.unwrap();
        assert_eq!(talk.sources(), ["hello", "between", "hello"], "{shown}");
    }
}

#[tokio::test]
async fn no_answer_at_all() {
    let mut talk = Talk::new(1).await;
    talk.restart(Duration::from_secs(1)).await;
    for (after, words) in [(true, "one"), (false, "two")] {
        let fault = Fault::new(How::Silence).path(NEW);
        talk.scene
            .server
            .fail(if after { fault.after() } else { fault });
        let saying = Saying::new(id(talk.room()), Text::line(words));
        // Its own clock runs far ahead of the real one that ends the waiting.
        talk.passing(1_000_000, talk.bot.say(&saying))
            .await
            .unwrap();
    }
    assert_eq!(talk.sources(), ["one", "two"]);
}

#[tokio::test]
async fn every_form_of_a_message_is_found_again() {
    let talk = Talk::new(1).await;
    let asked = talk.scene.server.say(talk.room(), talk.scene.ben, "what?");
    let texts = [
        Text::line("one `line`, @ann"),
        Text::line("two").and("lines\u{e9} <b>"),
        Text::new().pre("code\n\n  is it"),
        Text::line("abcdefghi ".repeat(49)).and("and more ".repeat(40)),
    ];
    for (n, text) in texts.iter().enumerate() {
        let fault = Fault::new(How::Reset).path(NEW).after();
        talk.scene.server.fail(fault);
        match n % 2 {
            0 => talk.say(text).await.unwrap(),
            _ => talk.answer(asked, text).await.unwrap(),
        };
    }
    assert_eq!(talk.own().len(), 4);
}

#[tokio::test]
async fn who_cannot_look_does_not_say_it_again_before_he_can() {
    let talk = Talk::new(1).await;
    talk.scene
        .server
        .fail(Fault::new(How::Status(502)).path(NEW).after());
    let history = Fault::new(How::Status(502)).path("/events").method("POST");
    talk.scene.server.fail(history.times(1000));
    let lost = talk.line("hello").await;
    assert!(matches!(lost, Err(SayError::Later { .. })), "{lost:?}");
    talk.scene.server.faults(|faults| faults.requests.clear());
    let spoken = talk.line("hello").await.unwrap();
    assert!(spoken.before);
    assert_eq!(talk.sources(), ["hello"]);
    // From now on it is another message.
    assert!(!talk.line("hello").await.unwrap().before);
    assert_eq!(talk.own().len(), 2);
}

async fn again(talk: &Talk, text: &Text, since: DateTime<Utc>) -> Spoken {
    let saying = Saying {
        since: Some(since),
        ..Saying::new(id(talk.room()), text.clone())
    };
    talk.saying(saying).await.unwrap()
}

#[tokio::test]
async fn after_a_restart_only_what_was_not_said_is_said() {
    let mut talk = Talk::new(1).await;
    let old = Text::line("a [x](y) **b**");
    talk.say(&old).await.unwrap();
    talk.scene.move_on(100);
    let since = talk.scene.clock.now();
    let texts = [
        Text::line("one *1*"),
        Text::line("two").entry("`2`"),
        Text::new().pre("3\n4"),
    ];
    let mut said = Vec::new();
    for text in &texts {
        said.push(talk.say(text).await.unwrap().message);
    }
    talk.restart(Duration::from_secs(20)).await;
    for (text, message) in texts.iter().zip(said) {
        let message = Spoken {
            message,
            before: true,
        };
        assert_eq!(again(&talk, text, since).await, message);
    }
    assert!(!again(&talk, &Text::line("five"), since).await.before);
    // What was said before then is not meant.
    assert!(!again(&talk, &old, since).await.before);
    assert_eq!(talk.own().len(), 6);
}

#[tokio::test]
async fn after_a_restart_what_stands_among_other_lines_was_said() {
    let mut talk = Talk::new(1).await;
    let since = talk.scene.clock.now();
    let report = |n: usize| Text::line(format!("[ex] report `{n}`, {}", "by ann ".repeat(30)));
    let merged = (1..=9).fold(Text::new(), |text, n| text.join(report(n)));
    let message = talk.say(&merged).await.unwrap().message;
    assert!(talk.scene.server.messages(talk.room())[0].html.len() > 1000);
    talk.restart(Duration::from_secs(20)).await;
    for n in [1, 5, 9] {
        let before = again(&talk, &report(n), since).await;
        assert_eq!((before.message, before.before), (message.clone(), true));
    }
    assert!(!again(&talk, &report(10), since).await.before);
    assert_eq!(talk.own().len(), 2);
}

#[tokio::test]
async fn the_same_answer_to_somebody_else_is_another_one() {
    let talk = Talk::new(1).await;
    let since = talk.scene.clock.now();
    let (ann, ben) = (talk.scene.ann, talk.scene.ben);
    let asked = [ben, ann].map(|user| talk.scene.server.say(talk.room(), user, "ping"));
    let answer = |to: i64| Saying {
        since: Some(since),
        answers: Some(boson::model::MessageId(to.to_string().into())),
        ..Saying::new(id(talk.room()), Text::line("pong"))
    };
    let mut before = Vec::new();
    for to in [asked[0], asked[1], asked[0], asked[1]] {
        before.push(talk.saying(answer(to)).await.unwrap().before);
    }
    assert_eq!(before, [false, false, true, true]);
    assert_eq!(talk.own().len(), 2);
}

/// The next of a row of numbers that look like chance and are the same each time.
fn next(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

fn trouble(seed: &mut u64) -> Fault {
    let how = match next(seed) % 9 {
        0 => How::Reset,
        1 => How::HangUp,
        2 => How::Cut,
        3 => How::Page,
        4 => How::Status(500),
        5 => How::Status(502),
        6 => How::Throttled(3),
        7 => How::Conflict,
        _ => How::Status(503),
    };
    let path = match next(seed) % 4 {
        0 => "/events",
        1 => "/message/",
        _ => NEW,
    };
    let skip = usize::try_from(next(seed) % 12).unwrap();
    let times = usize::try_from(1 + next(seed) % 3).unwrap();
    let lost = !matches!(how, How::Throttled(_) | How::Conflict) && next(seed).is_multiple_of(2);
    let fault = Fault::new(how).path(path).skip(skip).times(times);
    if lost { fault.after() } else { fault }
}

#[tokio::test]
async fn whatever_goes_wrong_everything_is_said_once_and_in_order() {
    for seed in [1, 2, 3, 153] {
        let talk = Talk::new(3).await;
        let speak = |room: i64, mut seed: u64| {
            let talk = &talk;
            async move {
                for n in 0..15 {
                    if next(&mut seed).is_multiple_of(2) {
                        talk.scene.server.fail(trouble(&mut seed));
                    }
                    // Some are the same as those before.
                    let words = format!("{room}: {}", n / 3);
                    let saying = Saying::new(id(room), Text::line(&words));
                    while let Err(error) = talk.bot.say(&saying).await {
                        let SayError::Later { rest, .. } = error else {
                            panic!("{error:?}");
                        };
                        let clock = &talk.scene.clock;
                        clock.until(clock.now() + rest).await;
                    }
                }
            }
        };
        let rooms = talk.rooms.iter().zip(1..);
        let all = rooms.map(|(room, n)| speak(*room, seed * 10 + n));
        talk.passing(1_000_000, futures_util::future::join_all(all))
            .await;
        for room in &talk.rooms {
            let own = talk.own_in(*room);
            let said: Vec<&str> = own
                .iter()
                .map(|own| own.source.trim_end_matches('\u{200d}'))
                .collect();
            let expected: Vec<String> = (0..15).map(|n| format!("{room}: {}", n / 3)).collect();
            assert_eq!(said, expected, "{seed}");
        }
    }
}
