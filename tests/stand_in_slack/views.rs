//! Commands, clicks, modals, response URLs.

use serde_json::{Value, json};

use crate::client::{JSON, Town, ask};

fn modal(title: &str) -> Value {
    json!({"type": "modal", "title": {"type": "plain_text", "text": title}, "submit": {"type": "plain_text", "text": "Go"},
        "blocks": [{"type": "input", "block_id": "what", "label": {"type": "plain_text", "text": "What"},
            "element": {"type": "plain_text_input", "action_id": "name"}}]})
}

fn command(town: &Town) -> Value {
    json!({"type": "command", "channel": town.general, "user": town.ann, "command": "/boson", "text": "list"})
}

#[tokio::test]
async fn a_command_is_answered_and_its_address_used_five_times() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let answer = town.later(command(&town));
    let envelope = ear.next().await.unwrap();
    assert_eq!(
        (&envelope["type"], &envelope["accepts_response_payload"]),
        (&json!("slash_commands"), &json!(true))
    );
    let payload = &envelope["payload"];
    assert_eq!(
        (&payload["text"], &payload["channel_name"]),
        (&json!("list"), &json!("general"))
    );
    ear.ack(&envelope, Some(json!({"text": "privately"}))).await;
    assert_eq!(answer.await.unwrap()["payload"]["text"], "privately");
    assert_eq!(town.server.slack().ephemerals[0].message.text, "privately");
    let url = payload["response_url"].as_str().unwrap();
    let body = json!({"text": "for all", "response_type": "in_channel"}).to_string();
    for _ in 0..5 {
        let page = ask(url, "POST", &[JSON], &body).await.unwrap();
        assert_eq!((page.status, page.body.as_str()), (200, "ok"));
    }
    assert_eq!(
        ask(url, "POST", &[JSON], &body).await.unwrap().json()["error"],
        "used_url"
    );
    assert_eq!(
        town.server.slack().channels[&town.general].messages.len(),
        5
    );
}

#[tokio::test]
async fn a_modal_is_opened_once_and_in_time() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let answer = town.later(command(&town));
    let trigger = ear.heard().await["payload"]["trigger_id"].clone();
    answer.await.unwrap();
    let open = |trigger: &Value| json!({"trigger_id": trigger, "view": modal("One")});
    assert_eq!(
        town.refused("views.open", open(&json!("1.2.3"))).await,
        "invalid_trigger_id"
    );
    let opened = town.call("views.open", open(&trigger)).await;
    assert_eq!(
        town.refused("views.open", open(&trigger)).await,
        "exchanged_trigger_id"
    );
    let (id, hash) = (&opened["view"]["id"], &opened["view"]["hash"]);
    let update = |hash: &Value| json!({"view_id": id, "hash": hash, "view": modal("Two")});
    assert_eq!(
        town.call("views.update", update(hash)).await["view"]["title"]["text"],
        "Two"
    );
    assert_eq!(
        town.refused("views.update", update(hash)).await,
        "hash_conflict"
    );
    let none = town
        .inject_page(&json!({"type": "submit", "view": id, "values": {}}))
        .await;
    assert_eq!(
        (none.status, &none.json()["errors"]),
        (400, &json!(["what"]))
    );
    let answer = town.later(json!({"type": "submit", "view": id, "values": {"name": "x"}}));
    let envelope = ear.next().await.unwrap();
    let view = &envelope["payload"]["view"];
    assert_eq!(
        view["state"]["values"]["what"]["name"],
        json!({"type": "plain_text_input", "value": "x"})
    );
    ear.ack(
        &envelope,
        Some(json!({"response_action": "push", "view": modal("Top")})),
    )
    .await;
    assert_eq!(answer.await.unwrap()["views"].as_array().unwrap().len(), 2);
    let answer = town.later(command(&town));
    let trigger = ear.heard().await["payload"]["trigger_id"].clone();
    answer.await.unwrap();
    town.pass(4);
    assert_eq!(
        town.refused("views.open", open(&trigger)).await,
        "expired_trigger_id"
    );
    let mut long = modal(&"x".repeat(25));
    assert_eq!(
        town.refused("views.open", json!({"trigger_id": trigger, "view": long}))
            .await,
        "invalid_arguments"
    );
    long["private_metadata"] = json!("x".repeat(260_000));
    assert_eq!(
        town.refused("views.open", json!({"trigger_id": trigger, "view": long}))
            .await,
        "view_too_large"
    );
}

#[tokio::test]
async fn a_click_brings_the_message_and_can_replace_it() {
    let town = Town::new().await;
    let button = json!({"type": "button", "action_id": "press", "value": "v", "text": {"type": "plain_text", "text": "P"}});
    let args = json!({"channel": town.general, "text": "b", "blocks": [{"type": "actions", "elements": [button]}]});
    let ts = town.call("chat.postMessage", args).await["ts"].clone();
    town.inject(json!({"type": "forget"})).await;
    let mut ear = town.ear().await;
    let click = json!({"type": "click", "channel": town.general, "ts": ts, "user": town.ann, "action_id": "press"});
    let answer = town.later(click);
    let payload = ear.heard().await["payload"].clone();
    answer.await.unwrap();
    assert_eq!(
        (&payload["type"], &payload["actions"][0]["value"]),
        (&json!("block_actions"), &json!("v"))
    );
    assert_eq!(
        (
            &payload["container"]["message_ts"],
            &payload["message"]["ts"]
        ),
        (&ts, &ts)
    );
    let body = json!({"text": "pressed", "replace_original": "true"}).to_string();
    ask(
        payload["response_url"].as_str().unwrap(),
        "POST",
        &[JSON],
        &body,
    )
    .await
    .unwrap();
    assert_eq!(
        town.server.slack().channels[&town.general].messages[ts.as_str().unwrap()].text,
        "pressed"
    );
}
