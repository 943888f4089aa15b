//! Limits of rate: exactly as long as Slack says, in order, and fair.

use std::collections::BTreeMap;

use boson::model::Text;
use boson::room::{Platform, Saying};
use chrono::TimeDelta;
use futures_util::future::join_all;

use crate::slack::{Fault, How, Rates, Rules};
use crate::talk::Talk;

const POST: &str = "chat.postMessage";

fn real() -> Rules {
    Rules {
        rates: Rates::Real,
        ..Rules::default()
    }
}

#[tokio::test]
async fn a_method_rests_for_exactly_as_long_as_slack_says() {
    let talk = Talk::new().await;
    talk.fail(Fault::new(How::Later(7)).method(POST));
    let began = talk.clock.now();
    talk.line("one").await.unwrap();
    let took = talk.clock.now() - began;
    assert!(took >= TimeDelta::seconds(7), "{took}");
    assert_eq!(talk.asked(POST).len(), 2);
}

#[tokio::test]
async fn other_methods_do_not_rest_with_it() {
    let talk = Talk::new().await;
    let first = talk.line("one").await.unwrap().message;
    talk.fail(Fault::new(How::Later(60)).method(POST));
    let (room, saying) = (talk.room(0), talk.saying(Text::line("two")));
    let edits = async {
        while talk.asked(POST).len() < 2 {
            tokio::task::yield_now().await;
        }
        talk.slack
            .trash(&room, &boson::room::Which::These(vec![first.0.to_string()]))
            .await
    };
    let both = async { tokio::join!(talk.slack.say(&saying), edits) };
    let (said, trashed) = talk.passing(200, both).await;
    assert!(said.is_ok() && trashed.unwrap().deleted == 1);
    let order: Vec<String> = talk
        .server
        .requests()
        .into_iter()
        .map(|asked| asked.path)
        .collect();
    let last: Vec<&str> = order.iter().rev().take(2).map(String::as_str).collect();
    assert_eq!(last, ["/api/chat.postMessage", "/api/chat.delete"]);
}

#[tokio::test]
async fn a_channel_is_not_spoken_in_faster_than_slack_likes() {
    let talk = Talk::with(1, real()).await;
    let began = talk.clock.now();
    for n in 0..12 {
        talk.line(&format!("number {n}")).await.unwrap();
    }
    let took = talk.clock.now() - began;
    assert!(took >= TimeDelta::seconds(9), "{took}");
    // It was never told to wait.
    assert_eq!(talk.asked(POST).len(), 12);
    let texts: Vec<String> = (0..12).map(|n| format!("number {n}")).collect();
    assert_eq!(talk.texts(), texts);
}

/// Says so many lines in each channel, all at once; each channel in its own order.
async fn all_at_once(talk: &Talk, lines: usize) {
    let channels = (0..talk.channels.len()).map(|n| async move {
        let lines = (0..lines).map(|line| async move {
            let text = Text::line(format!("number {line}"));
            talk.slack.say(&Saying::new(talk.room(n), text)).await
        });
        for spoken in join_all(lines).await {
            spoken.unwrap();
        }
    });
    talk.passing(600, join_all(channels)).await;
    let texts: Vec<String> = (0..lines).map(|n| format!("number {n}")).collect();
    for n in 0..talk.channels.len() {
        let own = talk.own(n).into_iter();
        assert_eq!(own.map(|own| own.text).collect::<Vec<_>>(), texts);
    }
}

#[tokio::test]
async fn ten_channels_at_once_are_served_fairly_and_each_in_order() {
    let talk = Talk::with(10, real()).await;
    all_at_once(&talk, 12).await;
    // No channel is more than a few messages ahead of another.
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for asked in talk.asked(POST) {
        let channel = asked["channel"].as_str().unwrap().to_string();
        *count.entry(channel).or_default() += 1;
        let most = count.values().max().unwrap();
        let least = match count.len() {
            10 => *count.values().min().unwrap(),
            _ => 0,
        };
        assert!(most - least <= 4, "{count:?}");
    }
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_while_slack_wants_fewer_calls() {
    let talk = Talk::with(5, real()).await;
    for n in 0..5 {
        let channel = talk.channels[n].clone();
        let fault = Fault::new(How::Later(2 + n as i64)).method(POST);
        talk.fail(fault.channel(&channel).times(3).skip(n));
    }
    talk.fail(Fault::new(How::Later(1)).method(POST).skip(20).times(5));
    all_at_once(&talk, 8).await;
}

#[tokio::test]
async fn who_has_to_wait_knows_how_long() {
    let talk = Talk::new().await;
    assert_eq!(talk.slack.wait().as_secs(), 1);
    talk.fail(Fault::new(How::Later(40)).method(POST));
    let (said, wait) = (talk.saying(Text::line("x")), async {
        while talk.asked(POST).is_empty() {
            tokio::task::yield_now().await;
        }
        // Until the answer has come.
        while talk.slack.wait().as_secs() < 30 {
            tokio::task::yield_now().await;
        }
        talk.slack.wait()
    });
    let (said, wait) = talk
        .passing(100, async { tokio::join!(talk.slack.say(&said), wait) })
        .await;
    said.unwrap();
    assert!((35..=41).contains(&wait.as_secs()), "{wait:?}");
}

#[tokio::test]
async fn a_long_rest_is_spent_elsewhere() {
    let talk = Talk::new().await;
    talk.fail(Fault::new(How::Later(600)).method(POST));
    let later = talk.line("x").await;
    let Err(boson::room::SayError::Later { rest, .. }) = later else {
        panic!("{later:?}");
    };
    assert_eq!(rest.as_secs(), 600);
}
