//! Modals and homes: stacks, hashes, closing, what apps answer.

use serde_json::{Value, json};

use crate::client::{Ear, Town};

pub fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

pub fn input(block: &str, label: &str, element: Value) -> Value {
    json!({"type": "input", "block_id": block, "label": plain(label), "element": element})
}

pub fn modal(title: &str, blocks: Value) -> Value {
    json!({"type": "modal", "callback_id": "form", "private_metadata": "m", "title": plain(title), "submit": plain("Go"), "blocks": blocks})
}

fn line(title: &str) -> Value {
    let element = json!({"type": "plain_text_input", "action_id": "name", "max_length": 5});
    modal(title, json!([input("what", "What", element)]))
}

/// Somebody uses a shortcut; gives the trigger.
async fn trigger(town: &Town, ear: &mut Ear) -> Value {
    let answer = town.later(json!({"type": "shortcut", "user": "ann", "callback_id": "new"}));
    let trigger = ear.heard().await["payload"]["trigger_id"].clone();
    answer.await.unwrap();
    trigger
}

/// A town whose app hears of no events, only of what people do with it.
pub async fn quiet() -> (Town, Ear) {
    let town = Town::new().await;
    town.inject(json!({"type": "app", "events": []})).await;
    let ear = town.ear().await;
    (town, ear)
}

/// Opens a modal for Ann.
pub async fn open(town: &Town, ear: &mut Ear, view: Value) -> Value {
    let trigger = trigger(town, ear).await;
    let opened = town
        .call("views.open", json!({"trigger_id": trigger, "view": view}))
        .await;
    assert_eq!(opened["ok"], true, "{opened}");
    opened["view"].clone()
}

/// The titles of what Ann has open.
async fn titles(town: &Town) -> Vec<String> {
    let seen = town.inject(json!({"type": "sees", "user": "ann"})).await;
    let all = seen["views"].as_array().unwrap().iter();
    all.map(|its| its["title"].as_str().unwrap_or("home").to_string())
        .collect()
}

#[tokio::test]
async fn three_modals_lie_on_each_other_and_no_fourth() {
    let (town, mut ear) = quiet().await;
    let first = open(&town, &mut ear, line("One")).await;
    assert_eq!(first["state"]["values"], json!({}));
    for (title, fits) in [("Two", true), ("Three", true), ("Four", false)] {
        let args = json!({"trigger_id": trigger(&town, &mut ear).await, "view": line(title)});
        let done = town.call("views.push", args).await;
        assert_eq!(done["ok"] == true, fits, "{done}");
        match fits {
            true => {
                assert_eq!(done["view"]["root_view_id"], first["id"]);
                assert_ne!(done["view"]["previous_view_id"], Value::Null);
            }
            false => assert_eq!(done["error"], "push_limit_reached"),
        }
    }
    assert_eq!(titles(&town).await, ["One", "Two", "Three"]);
    // Another that is opened takes the place of all.
    open(&town, &mut ear, line("Anew")).await;
    assert_eq!(titles(&town).await, ["Anew"]);
    town.inject(json!({"type": "close", "user": "ann"})).await;
    let nowhere = json!({"trigger_id": trigger(&town, &mut ear).await, "view": line("x")});
    assert_eq!(town.refused("views.push", nowhere).await, "not_found");
    let home = json!({"trigger_id": trigger(&town, &mut ear).await, "view": {"type": "home", "blocks": []}});
    assert_eq!(town.refused("views.open", home).await, "invalid_arguments");
}

#[tokio::test]
async fn a_view_is_changed_by_name_and_keeps_what_was_typed() {
    let (town, mut ear) = quiet().await;
    let mut named = line("One");
    named["external_id"] = json!("mine");
    let first = open(&town, &mut ear, named.clone()).await;
    let twice = json!({"trigger_id": trigger(&town, &mut ear).await, "view": named});
    assert_eq!(
        town.refused("views.push", twice).await,
        "duplicate_external_id"
    );
    town.inject(json!({"type": "fill", "user": "ann", "values": {"What": "abc"}}))
        .await;
    let update = |view: Value| json!({"external_id": "mine", "view": view});
    named["title"] = plain("Two");
    let second = town.call("views.update", update(named.clone())).await["view"].clone();
    assert_eq!(second["id"], first["id"]);
    assert_ne!(second["hash"], first["hash"]);
    assert_eq!(second["state"]["values"]["what"]["name"]["value"], "abc");
    let stale = json!({"view_id": first["id"], "hash": first["hash"], "view": named});
    assert_eq!(town.refused("views.update", stale).await, "hash_conflict");
    let nobody = json!({"external_id": "theirs", "view": named});
    assert_eq!(town.refused("views.update", nobody).await, "not_found");
    // Under another name it is another field.
    named["blocks"][0]["element"]["action_id"] = json!("other");
    let third = town.call("views.update", update(named)).await;
    assert_eq!(third["view"]["state"]["values"]["what"], json!({}));
}

#[tokio::test]
async fn a_home_is_published_and_opened() {
    let (town, mut ear) = quiet().await;
    town.inject(json!({"type": "app", "events": ["app_home_opened"]}))
        .await;
    town.inject(json!({"type": "home", "user": "ann", "tab": "messages"}))
        .await;
    assert_eq!(ear.event().await["tab"], "messages");
    let section = json!({"type": "section", "text": plain("Welcome")});
    let publish = |hash: Value| json!({"user_id": town.ann, "view": {"type": "home", "blocks": [section]}, "hash": hash});
    let first = town.call("views.publish", publish(Value::Null)).await["view"].clone();
    let second = town
        .call("views.publish", publish(first["hash"].clone()))
        .await["view"]
        .clone();
    assert_eq!(second["id"], first["id"]);
    let stale = publish(first["hash"].clone());
    assert_eq!(town.refused("views.publish", stale).await, "hash_conflict");
    town.inject(json!({"type": "home", "user": "ann"})).await;
    let event = ear.event().await;
    assert_eq!(
        (&event["tab"], &event["view"]["id"]),
        (&json!("home"), &first["id"])
    );
    assert_eq!(titles(&town).await, ["home"]);
    let modal = json!({"user_id": town.ann, "view": line("x")});
    assert_eq!(
        town.refused("views.publish", modal).await,
        "invalid_arguments"
    );
    town.inject(json!({"type": "app", "home_tab": false})).await;
    assert_eq!(
        town.refused("views.publish", publish(Value::Null)).await,
        "not_enabled"
    );
}

#[tokio::test]
async fn closing_is_told_where_the_view_wants_it() {
    let (town, mut ear) = quiet().await;
    let mut told = line("Told");
    told["notify_on_close"] = json!(true);
    open(&town, &mut ear, line("Quiet")).await;
    town.inject(json!({"type": "close", "user": "ann"})).await;
    let view = open(&town, &mut ear, told.clone()).await;
    town.inject(json!({"type": "fill", "user": "ann", "values": {"name": "abc"}}))
        .await;
    let answer = town.later(json!({"type": "close", "user": "ann"}));
    let payload = ear.heard().await["payload"].clone();
    answer.await.unwrap();
    assert_eq!(
        (
            &payload["type"],
            &payload["is_cleared"],
            &payload["view"]["id"]
        ),
        (&json!("view_closed"), &json!(false), &view["id"])
    );
    assert_eq!(
        payload["view"]["state"]["values"]["what"]["name"]["value"],
        "abc"
    );
    assert!(payload.get("trigger_id").is_none() && payload.get("response_url").is_none());
    // One that clears all closes all below it.
    told["title"] = plain("Below");
    open(&town, &mut ear, told.clone()).await;
    told["title"] = plain("Above");
    told["clear_on_close"] = json!(true);
    let push = json!({"trigger_id": trigger(&town, &mut ear).await, "view": told});
    town.call("views.push", push).await;
    let answer = town.later(json!({"type": "close", "user": "ann"}));
    for title in ["Above", "Below"] {
        let payload = ear.heard().await["payload"].clone();
        assert_eq!(
            (&payload["view"]["title"]["text"], &payload["is_cleared"]),
            (&json!(title), &json!(true))
        );
    }
    answer.await.unwrap();
    assert_eq!(titles(&town).await, [""; 0]);
}

#[tokio::test]
async fn each_answer_to_a_submission_does_what_it_says() {
    let (town, mut ear) = quiet().await;
    open(&town, &mut ear, line("One")).await;
    let submit =
        |text: &str| json!({"type": "submit", "user": "ann", "values": {"what": {"name": text}}});
    let mut answered = async |text: &str, payload: Option<Value>| {
        let answer = town.later(submit(text));
        let envelope = ear.next().await.unwrap();
        assert_eq!(
            (&envelope["type"], &envelope["accepts_response_payload"]),
            (&json!("interactive"), &json!(true))
        );
        let its = &envelope["payload"];
        assert_eq!(
            (
                &its["type"],
                &its["view"]["callback_id"],
                &its["view"]["private_metadata"]
            ),
            (&json!("view_submission"), &json!("form"), &json!("m"))
        );
        assert_eq!(
            its["view"]["state"]["values"]["what"]["name"]["value"],
            text
        );
        ear.ack(&envelope, payload).await;
        answer.await.unwrap()
    };
    let errors = json!({"response_action": "errors", "errors": {"what": "not that"}});
    answered("bad", Some(errors)).await;
    let seen = town.inject(json!({"type": "sees", "user": "ann"})).await;
    let field = &seen["views"][0]["controls"][0];
    assert_eq!(
        (&field["label"], &field["holds"], &field["error"]),
        (&json!("What"), &json!("bad"), &json!("not that"))
    );
    let update = json!({"response_action": "update", "view": line("Two")});
    answered("good", Some(update)).await;
    assert_eq!(titles(&town).await, ["Two"]);
    let push = json!({"response_action": "push", "view": line("Three")});
    answered("more", Some(push)).await;
    assert_eq!(titles(&town).await, ["Two", "Three"]);
    answered("one", None).await;
    assert_eq!(titles(&town).await, ["Two"]);
    let wrong = json!({"response_action": "update", "view": line(&"x".repeat(25))});
    answered("wrong", Some(wrong)).await;
    let seen = town.inject(json!({"type": "sees", "user": "ann"})).await;
    assert_eq!(seen["views"][0]["error"], "invalid_arguments");
    answered("odd", Some(json!({"response_action": "dance"}))).await;
    let clear = json!({"response_action": "clear"});
    answered("all", Some(clear)).await;
    assert_eq!(titles(&town).await, [""; 0]);
    // Nobody takes it in time: the person is told, and the modal stays.
    open(&town, &mut ear, line("Slow")).await;
    let answer = town.later(submit("x"));
    ear.next().await.unwrap();
    town.pass(3);
    assert_eq!(answer.await.unwrap()["error"], "operation_timeout");
    let seen = town.inject(json!({"type": "sees", "user": "ann"})).await;
    assert_eq!(
        seen["views"][0]["error"],
        "We had some trouble connecting. Try again?"
    );
}
