//! What was said while nobody listened.

use boson::model::Heard;
use serde_json::json;

use crate::scene::{Scene, id};
use crate::slack::{Fault, How, Order};

#[tokio::test]
async fn what_was_said_since_the_last_time_comes_first_and_in_order() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let old = scene.say(&town.general, &town.ann, "a question");
    let heard = scene.say(&town.general, &town.ann, "heard");
    let mut expected = Vec::new();
    for n in 0..250 {
        expected.push(n.to_string());
        match n % 5 {
            4 => scene.reply(&town.general, &town.ben, &old, &n.to_string()),
            _ => scene.say(&town.general, &town.ben, &n.to_string()),
        };
    }
    town.post(&town.general, "own").await;
    town.pass(60);
    let mut ears = scene.listen(&[(&town.general, Some(&heard))]);
    let mut said = Vec::new();
    while said.len() < expected.len() + 1 {
        match ears.next().await {
            Heard::Said(message) => {
                if said.is_empty() {
                    // Live, behind what is read back.
                    scene.say(&town.general, &town.ann, "live");
                }
                assert_eq!(message.room, id(&town.general));
                said.push(message.text);
            }
            Heard::Joined { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    expected.push("live".into());
    assert_eq!(said, expected);
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn the_time_of_a_private_message_counts_too() {
    let scene = Scene::new().await;
    let town = &scene.town;
    scene.say(&town.general, &town.ann, "before");
    town.pass(1);
    scene.say(&town.general, &town.ann, "after");
    let mut ears = scene.listen(&[(&town.general, Some("1795262400.500000-7"))]);
    let mut said = Vec::new();
    while said.is_empty() {
        if let Heard::Said(message) = ears.next().await {
            said.push(message.text);
        }
    }
    assert_eq!(said, ["after"]);
    ears.end().await;
}

#[tokio::test]
async fn what_was_said_without_a_socket_is_read_back_once() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let first = scene.say(&town.general, &town.ann, "first");
    let second = scene.say(&town.general, &town.ann, "second");
    assert_eq!(ears.texts(2).await, ["first", "second"]);
    town.server.order(&town.app, &Order::Reset);
    scene.until(|scene| scene.sockets() == 0).await;
    scene.say(&town.general, &town.ann, "third");
    scene.reply(&town.general, &town.ann, &first, "in a thread");
    scene.edit(&town.general, &first, "changed");
    town.server.slack().remove(&town.general, &second);
    // Nothing of it was delivered, and nothing will be.
    town.server.slack().deliveries.clear();
    let mut heard = Vec::new();
    for _ in 0..4 {
        heard.push(match ears.passing().await {
            Heard::Said(message) | Heard::Edited(message) => message.text,
            Heard::Deleted { message, .. } => message.0.to_string(),
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(
        heard,
        [
            "changed".to_string(),
            second,
            "third".into(),
            "in a thread".into()
        ]
    );
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn where_it_was_taken_while_it_did_not_listen_is_found() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    town.server.order(&town.app, &Order::Reset);
    scene.until(|scene| scene.sockets() == 0).await;
    {
        let mut slack = town.server.slack();
        slack.enter(&town.secret, &town.bot, Some(&town.ann));
        slack.leave(&town.general, &town.bot);
        slack.say(&town.secret, &town.ann, "list", None).unwrap();
        slack.deliveries.clear();
    }
    let (mut joined, mut left, mut said) = (None, None, None);
    while joined.is_none() || left.is_none() || said.is_none() {
        match ears.passing().await {
            Heard::Joined { room, .. } => joined = Some(room),
            Heard::Left(room) => left = Some(room),
            Heard::Said(message) => said = Some((message.room, message.text)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(joined, Some(id(&town.secret)));
    assert_eq!(left, Some(id(&town.general)));
    assert_eq!(said, Some((id(&town.secret), "list".into())));
    ears.end().await;
}

#[tokio::test]
async fn a_history_that_is_throttled_or_broken_is_read_in_the_end() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let heard = scene.say(&town.general, &town.ann, "heard");
    scene.say(&town.general, &town.ann, "missed");
    for how in [
        How::Later(20),
        How::Status(503),
        How::Cut,
        How::Reset,
        How::Error("internal_error".into()),
    ] {
        town.server
            .fail(Fault::new(how.clone()).method("conversations.history"));
        town.server
            .fail(Fault::new(how).method("users.conversations"));
    }
    let mut ears = scene.listen(&[(&town.general, Some(&heard))]);
    loop {
        match ears.passing().await {
            Heard::Said(message) => {
                assert_eq!(message.text, "missed");
                break;
            }
            Heard::Joined { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn a_history_that_may_not_be_read_keeps_nothing_from_being_heard() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let scopes: Vec<&str> = crate::slack::SCOPES
        .into_iter()
        .filter(|its| *its != "channels:history")
        .collect();
    town.inject(json!({"type": "scopes", "scopes": scopes}))
        .await;
    let heard = scene.say(&town.general, &town.ann, "heard");
    let mut ears = scene.listen(&[(&town.general, Some(&heard))]);
    ears.joined().await;
    ears.joined().await;
    // Without the permission only mentions arrive.
    scene.say(&town.general, &town.ann, "lost");
    scene.say(&town.general, &town.ann, &format!("<@{}> list", town.bot));
    assert_eq!(ears.texts(1).await, ["@boson list"]);
    ears.end().await;
}

#[tokio::test]
async fn a_channel_whose_past_is_refused_is_heard_from_now_on() {
    for code in ["something_new", "no_permission", "not_allowed_token_type"] {
        let scene = Scene::new().await;
        let town = &scene.town;
        let heard = scene.say(&town.general, &town.ann, "heard");
        scene.say(&town.general, &town.ann, "missed");
        // It was not delivered, and will not be.
        town.server.slack().deliveries.clear();
        let fault = Fault::new(How::Error(code.into())).method("conversations.history");
        town.server.fail(fault.times(1_000));
        let mut ears = scene.listen(&[(&town.general, Some(&heard))]);
        for _ in 0..2 {
            ears.joined().await;
        }
        scene.say(&town.general, &town.ann, "live");
        let mut said = Vec::new();
        while said.is_empty() {
            if let Heard::Said(message) = ears.passing().await {
                said.push(message.text);
            }
        }
        assert_eq!(said, ["live"], "{code}");
        ears.end().await;
    }
}
