//! What only the bot hears: slash commands and buttons.

use boson::model::{Heard, Role};
use boson::room::Platform;
use serde_json::{Value, json};

use crate::scene::{Scene, id};
use crate::slack::Standing;

/// What the person sees in a channel, and nobody else.
fn whispers(scene: &Scene, channel: &str) -> Vec<String> {
    let slack = scene.town.server.slack();
    let all = slack.ephemerals.iter().filter(|its| its.channel == channel);
    all.map(|its| its.message.text.clone()).collect()
}

async fn command(scene: &Scene, channel: &str, user: &str, text: &str) -> Value {
    let wish = json!({"type": "command", "channel": channel, "user": user, "command": "/boson", "text": text});
    scene.town.inject(wish).await
}

async fn scene() -> Scene {
    let scene = Scene::new().await;
    let app = json!({"type": "app", "commands": ["/boson"]});
    scene.town.inject(app).await;
    scene
}

#[tokio::test]
async fn a_slash_command_is_a_private_message() {
    let scene = scene().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let done = command(
        &scene,
        &town.general,
        &town.ben,
        "track feed <https://x.org|https://x.org> —name “a b”",
    )
    .await;
    assert_eq!(
        (&done["acked"], &done["payload"]),
        (&json!(true), &Value::Null)
    );
    let message = ears.said().await;
    assert!(message.private);
    assert_eq!(message.text, "track feed https://x.org --name \"a b\"");
    assert_eq!(message.room, id(&town.general));
    assert_eq!(
        (message.person.name.as_str(), message.role),
        ("Ben", Role::Member)
    );
    assert!(message.id.0.starts_with("1795262400.000000-"));
    let done = command(&scene, &town.direct, &town.ann, "").await;
    assert_eq!(done["acked"], true);
    let message = ears.said().await;
    assert_eq!(
        (message.text.as_str(), message.direct, message.role),
        ("", true, Role::Owner)
    );
    ears.end().await;
}

#[tokio::test]
async fn where_it_is_not_it_says_so_to_whoever_asked() {
    let scene = scene().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    command(&scene, &town.random, &town.ann, "list").await;
    scene
        .until(|scene| !whispers(scene, &scene.town.random).is_empty())
        .await;
    let seen = whispers(&scene, &town.random);
    assert_eq!(
        seen,
        [
            "I am not in this channel.\nhint: type `/boson join` or `/invite @boson`, and then `/boson` again"
        ]
    );
    command(&scene, &town.secret, &town.ann, "join").await;
    scene
        .until(|scene| !whispers(scene, &scene.town.secret).is_empty())
        .await;
    let seen = whispers(&scene, &town.secret);
    assert_eq!(
        seen,
        [
            "I am not in this private channel.\nhint: type `/invite @boson` here, and then the command again"
        ]
    );
    let others = {
        let mut slack = town.server.slack();
        slack
            .direct(&town.team, &[town.ann.clone(), town.ben.clone()])
            .0
    };
    command(&scene, &others, &town.ann, "list").await;
    scene.until(|_| !whispers(&scene, &others).is_empty()).await;
    assert!(whispers(&scene, &others)[0].contains("a conversation of others"));
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn it_comes_into_a_public_channel_when_somebody_types_join_there() {
    let scene = scene().await;
    let town = &scene.town;
    let cleo = {
        let mut slack = town.server.slack();
        let cleo = slack.user(&town.team, "Cleo", Standing::Restricted);
        let members = &mut slack.channels.get_mut(&town.random).unwrap().members;
        members.extend([cleo.clone(), town.ben.clone()]);
        cleo
    };
    let mut ears = scene.listening().await;
    command(&scene, &town.random, &cleo, "join").await;
    scene
        .until(|scene| whispers(scene, &scene.town.random).len() == 1)
        .await;
    assert!(whispers(&scene, &town.random)[0].starts_with("Guests cannot take me into a channel."));
    command(&scene, &town.random, &town.ben, "join").await;
    let mut seen = (false, false);
    while seen != (true, true) {
        match ears.next().await {
            Heard::Invited {
                room,
                name,
                by,
                there,
            } => {
                assert_eq!((room, name.as_str()), (id(&town.random), "#random"));
                assert_eq!((by.name.as_str(), there), ("Ben", true));
                let joined = ears.platform.join(&id(&town.random)).await.unwrap();
                assert_eq!(joined, "#random");
                seen.0 = true;
            }
            Heard::Joined { room, .. } => {
                assert_eq!(room, id(&town.random));
                seen.1 = true;
            }
            other => panic!("{other:?}"),
        }
    }
    scene
        .until(|scene| whispers(scene, &scene.town.random).len() == 2)
        .await;
    assert!(whispers(&scene, &town.random)[1].starts_with("I am here now."));
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn a_click_types_what_stands_behind_the_button() {
    let scene = scene().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let blocks = json!([{"type": "actions", "elements": [
        {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Undo"}, "value": "undo <x>"},
        {"type": "button", "action_id": "b", "text": {"type": "plain_text", "text": "Open"}, "url": "https://x.org"},
    ]}]);
    let done = town
        .call(
            "chat.postMessage",
            json!({"channel": town.general, "text": "x", "blocks": blocks}),
        )
        .await;
    let first = done["ts"].as_str().unwrap().to_string();
    let reply = json!({"channel": town.general, "text": "x", "blocks": blocks, "thread_ts": first});
    let done = town.call("chat.postMessage", reply).await;
    let second = done["ts"].as_str().unwrap().to_string();
    for (ts, action, thread) in [
        (&first, "a", None),
        (&first, "b", None),
        (&second, "a", Some(&first)),
    ] {
        let wish = json!({
            "type": "click", "channel": town.general, "ts": ts, "user": town.ben, "action_id": action,
        });
        assert_eq!(town.inject(wish).await["acked"], true);
        if action == "b" {
            continue;
        }
        let message = ears.said().await;
        assert!(message.private);
        assert_eq!(
            (message.text.as_str(), message.role),
            ("undo <x>", Role::Member)
        );
        assert_eq!(message.reply_to.map(|its| its.0), Some(ts.clone()));
        assert_eq!(message.thread.map(|its| its.0).as_ref(), thread);
    }
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn what_nobody_knows_is_acknowledged_and_ignored() {
    let scene = scene().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let shortcut = json!({"type": "shortcut", "user": town.ann, "callback_id": "x"});
    assert_eq!(town.inject(shortcut).await["acked"], true);
    for payload in [
        json!({"type": "view_submission", "view": {"id": "V0NONE"}, "user": {"id": town.ann}}),
        json!({"type": "block_actions", "user": {"id": town.ann}}),
        json!({"type": "something_new"}),
        json!({"type": 7, "actions": "no"}),
    ] {
        let wish = json!({"type": "interactive", "payload": payload});
        assert_eq!(town.inject(wish).await["acked"], true);
    }
    for payload in [
        json!({}),
        json!({"command": "/boson"}),
        json!({"command": 1, "text": []}),
    ] {
        let wish = json!({"type": "slash_commands", "payload": payload});
        assert_eq!(town.inject(wish).await["acked"], true);
    }
    for event in [
        json!({}),
        json!({"type": "reaction_added"}),
        json!({"type": "message"}),
        json!({"type": ["x"]}),
    ] {
        let wish = json!({"type": "events_api", "payload": {"event": event}});
        assert_eq!(town.inject(wish).await["acked"], true);
    }
    for text in [
        "{}",
        "[]",
        "null",
        "x",
        "{\"type\":\"hello\"}",
        "{\"type\":\"disconnect\"}",
    ] {
        town.inject(json!({"type": "send", "text": text})).await;
    }
    ears.silent(&scene).await;
    ears.end().await;
}
