//! What only the bot hears: slash commands, buttons, forms.

use boson::model::{Field, FieldKind, Filled, Form, Heard, Role, Taken};
use boson::room::Platform;
use serde_json::{Value, json};

use crate::scene::{Ears, Scene, id};
use crate::slack::{Fault, How, Standing};

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
        assert_eq!(
            message.reply_to.map(|its| its.0.to_string()),
            Some(ts.clone())
        );
        assert_eq!(message.thread.map(|its| its.0.to_string()).as_ref(), thread);
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

/// A form is open; gives its view.
async fn form(scene: &Scene, ears: &mut Ears) -> String {
    let town = &scene.town;
    command(scene, &town.general, &town.ben, "").await;
    let message = ears.said().await;
    let line = |name: &str, turns: bool| Field {
        name: name.into(),
        label: name.into(),
        help: None,
        kind: FieldKind::Line,
        value: None,
        needed: false,
        turns,
    };
    let form = Form {
        name: "track".into(),
        title: "Track something".into(),
        submit: "Track".into(),
        fields: vec![line("what", false), line("where", false)],
    };
    ears.platform
        .ask(&message.room, &message.id, &form)
        .await
        .unwrap();
    let views = town
        .server
        .slack()
        .views
        .keys()
        .cloned()
        .collect::<Vec<_>>();
    assert_eq!(views.len(), 1);
    views[0].clone()
}

/// Hands a form in with these answers; the acknowledgement is awaited.
fn submit(scene: &Scene, view: &str, answers: &[(&str, &str)]) -> tokio::task::JoinHandle<Value> {
    let blocks = scene.town.server.slack().views[view].body["blocks"].clone();
    let mut values = serde_json::Map::new();
    for block in blocks.as_array().unwrap() {
        let label = block["label"]["text"].as_str().unwrap();
        let answer = answers.iter().find(|(name, _)| *name == label);
        if let (Some((_, answer)), Some(block)) = (answer, block["block_id"].as_str()) {
            values.insert(block.into(), json!(answer));
        }
    }
    scene
        .town
        .later(json!({"type": "submit", "view": view, "values": values}))
}

async fn filled(ears: &mut Ears) -> Filled {
    match ears.next().await {
        Heard::Filled(filled) => filled,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_form_that_is_handed_in_waits_for_what_becomes_of_it() {
    let scene = scene().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let view = form(&scene, &mut ears).await;
    let done = submit(&scene, &view, &[("what", "a feed")]);
    let heard = filled(&mut ears).await;
    assert_eq!((heard.form.as_str(), heard.done), ("track", true));
    assert_eq!(heard.room, id(&town.general));
    assert_eq!(
        (heard.person.name.as_str(), heard.role),
        ("Ben", Role::Member)
    );
    assert_eq!(heard.answers, [("what".to_string(), "a feed".to_string())]);
    let mistakes = vec![("what".to_string(), "there is no such feed".to_string())];
    ears.platform
        .taken(&heard.id, Taken::Mistakes(mistakes))
        .await;
    let done = done.await.unwrap();
    assert_eq!(done["payload"]["response_action"], "errors");
    assert!(
        town.server.slack().views.contains_key(&view),
        "it is open still"
    );
    let done = submit(&scene, &view, &[("what", "another")]);
    let heard = filled(&mut ears).await;
    ears.platform.taken(&heard.id, Taken::Done).await;
    assert_eq!(done.await.unwrap()["acked"], true);
    assert!(town.server.slack().views.is_empty(), "it is closed");
    ears.end().await;
}

#[tokio::test]
async fn a_form_is_closed_in_time_when_nobody_says_what_becomes_of_it() {
    let scene = scene().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let view = form(&scene, &mut ears).await;
    let done = submit(&scene, &view, &[("what", "a feed")]);
    let heard = filled(&mut ears).await;
    town.clock
        .advance_to(town.clock.now() + chrono::TimeDelta::milliseconds(2_499));
    ears.silent(&scene).await;
    assert!(
        town.server.slack().views.contains_key(&view),
        "it is open still"
    );
    town.clock
        .advance_to(town.clock.now() + chrono::TimeDelta::milliseconds(1));
    let done = done.await.unwrap();
    assert_eq!(
        (&done["acked"], &done["payload"]),
        (&json!(true), &Value::Null)
    );
    // Too late, and without harm.
    ears.platform.taken(&heard.id, Taken::Done).await;
    ears.platform.taken(&heard.id, Taken::Done).await;
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn what_one_person_types_is_heard_in_order() {
    let scene = scene().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    // Who they are is known late; the second command asks again, and would be heard first.
    let slow = Fault::new(How::Slow(5)).method("users.info");
    town.server.fail(slow);
    command(&scene, &town.general, &town.ben, "first").await;
    scene
        .until(|scene| {
            scene
                .town
                .server
                .requests()
                .iter()
                .any(|its| its.path.ends_with("users.info"))
        })
        .await;
    command(&scene, &town.general, &town.ben, "second").await;
    assert_eq!(ears.texts_passing(2).await, ["first", "second"]);
    ears.end().await;
}

#[tokio::test]
async fn whoever_is_not_heard_because_too_much_happens_is_told() {
    let scene = scene().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let view = form(&scene, &mut ears).await;
    let cleo = {
        let mut slack = town.server.slack();
        let cleo = slack.user(&town.team, "Cleo", Standing::Member);
        slack
            .channels
            .get_mut(&town.general)
            .unwrap()
            .members
            .insert(cleo.clone());
        cleo
    };
    town.server
        .fail(Fault::new(How::Silence).method("users.info"));
    for n in 0..256 {
        command(&scene, &town.general, &cleo, &n.to_string()).await;
    }
    command(&scene, &town.general, &town.ben, "one more").await;
    scene
        .until(|scene| !whispers(scene, &scene.town.general).is_empty())
        .await;
    assert_eq!(
        whispers(&scene, &town.general),
        ["I am too busy at the moment, and have not done that.\nhint: try it again in a minute"]
    );
    let done = submit(&scene, &view, &[("what", "a feed")]).await.unwrap();
    assert_eq!(done["payload"]["response_action"], "errors");
    assert!(
        town.server.slack().views.contains_key(&view),
        "it is open still"
    );
    ears.end().await;
}
