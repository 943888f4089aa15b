//! Socket Mode: welcome, acknowledgements, redelivery, ends.

use serde_json::{Value, json};

use crate::client::{Ear, Town, error};

fn event() -> Value {
    json!({"type": "events_api", "payload": {"type": "app_uninstalled"}})
}

#[tokio::test]
async fn a_ticket_is_good_for_one_socket() {
    let town = Town::new().await;
    let opened = town
        .form_as(&town.app_token, "apps.connections.open", &[])
        .await;
    let url = opened["url"].as_str().unwrap();
    let first = Ear::open(url).await;
    assert_eq!(
        (&first.hello["type"], &first.hello["num_connections"]),
        (&json!("hello"), &json!(1))
    );
    assert_eq!(first.hello["connection_info"]["app_id"], json!(town.app));
    assert_eq!(
        first.hello["debug_info"]["approximate_connection_time"],
        18_060
    );
    assert!(tokio_tungstenite::connect_async(url).await.is_err(), "used");
    let second = town.ear().await;
    assert_eq!(second.hello["num_connections"], 2);
    let late = town
        .form_as(&town.app_token, "apps.connections.open", &[])
        .await;
    town.pass(31);
    assert!(
        tokio_tungstenite::connect_async(late["url"].as_str().unwrap())
            .await
            .is_err()
    );
    assert_eq!(
        error(&town.form_as("xapp-no", "apps.connections.open", &[]).await),
        "invalid_auth"
    );
    let mut all = Vec::new();
    for _ in 2..10 {
        all.push(town.ear().await);
    }
    let mut eleventh = town.ear().await;
    assert_eq!(eleventh.hello["reason"], "too_many_websockets");
    assert_eq!(eleventh.next().await, None);
}

#[tokio::test]
async fn what_nobody_acknowledges_comes_again_three_times() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let answer = town.later(event());
    let first = ear.next().await.unwrap();
    let id = first["payload"]["event_id"].clone();
    for attempt in 1..=3 {
        town.pass(3);
        let again = ear.next().await.unwrap();
        assert_eq!(
            (&again["retry_attempt"], &again["retry_reason"]),
            (&json!(attempt), &json!("timeout"))
        );
        assert_eq!(again["payload"]["event_id"], id);
    }
    assert_eq!(answer.await.unwrap()["acked"], false);
    town.pass(3);
    town.pass(3);
    let answer = town.later(event());
    let next = ear.next().await.unwrap();
    assert_ne!(next["payload"]["event_id"], id, "given up");
    ear.ack(&next, Some(json!({}))).await;
    let answer = answer.await.unwrap();
    assert_eq!(
        (&answer["acked"], &answer["payload"]),
        (&json!(true), &Value::Null)
    );
}

#[tokio::test]
async fn a_lost_ack_brings_it_again_and_a_good_one_can_come_twice() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    town.inject(json!({"type": "lost_acks", "times": 1})).await;
    let answer = town.later(event());
    let first = ear.heard().await;
    town.pass(3);
    let again = ear.heard().await;
    assert_eq!(again["payload"]["event_id"], first["payload"]["event_id"]);
    assert_eq!(answer.await.unwrap()["acked"], true);
    town.inject(json!({"type": "twice", "times": 1})).await;
    let answer = town.later(event());
    let first = ear.heard().await;
    let second = ear.heard().await;
    assert_eq!(
        (&first["payload"]["event_id"], &second["retry_attempt"]),
        (&second["payload"]["event_id"], &json!(1))
    );
    assert_eq!(answer.await.unwrap()["acked"], true);
}

#[tokio::test]
async fn each_envelope_goes_to_one_socket_and_an_ending_one_gets_none() {
    let town = Town::new().await;
    let (mut one, mut two) = (town.ear().await, town.ear().await);
    for _ in 0..2 {
        town.post(&town.general, "x").await;
    }
    assert_eq!(one.event().await["text"], "x");
    assert_eq!(two.event().await["text"], "x");
    assert_eq!(
        town.inject(json!({"type": "disconnect", "reason": "warning"}))
            .await["sockets"],
        2
    );
    assert_eq!(one.next().await.unwrap()["reason"], "warning");
    assert_eq!(two.next().await.unwrap()["reason"], "warning");
    let mut three = town.ear().await;
    for text in ["y", "z"] {
        town.post(&town.general, text).await;
        assert_eq!(three.event().await["text"], text);
    }
    town.pass(10);
    assert_eq!((one.next().await, two.next().await), (None, None));
    town.inject(json!({"type": "drop", "how": "reset"})).await;
    assert_eq!(three.next().await, None);
}

#[tokio::test]
async fn nobody_there_fails_a_command_and_keeps_an_event() {
    let town = Town::new().await;
    let command = json!({"type": "command", "channel": town.general, "user": town.ann, "command": "/boson", "text": "x"});
    let answer = town.inject(command).await;
    assert_eq!(
        (&answer["acked"], &answer["error"]),
        (&json!(false), &json!("dispatch_failed"))
    );
    town.post(&town.general, "kept").await;
    let mut ear = town.ear().await;
    assert_eq!(ear.event().await["text"], "kept");
}

#[tokio::test]
async fn requests_fail_as_they_are_told() {
    let town = Town::new().await;
    let post = json!({"channel": town.general, "text": "x"});
    town.inject(json!({"type": "fail", "how": 429, "seconds": 7, "method": "chat.postMessage"}))
        .await;
    let page = town.page("chat.postMessage", &post).await;
    assert_eq!((page.status, page.header("retry-after")), (429, Some("7")));
    town.inject(json!({"type": "fail", "how": 503, "times": 2, "channel": town.general}))
        .await;
    assert_eq!(
        town.page(
            "chat.postMessage",
            &json!({"channel": town.direct, "text": "x"})
        )
        .await
        .status,
        200
    );
    assert_eq!(town.page("chat.postMessage", &post).await.status, 503);
    assert_eq!(town.page("chat.postMessage", &post).await.status, 503);
    town.inject(json!({"type": "fail", "how": "error", "error": "fatal_error", "after": true}))
        .await;
    assert_eq!(
        town.refused("chat.postMessage", post.clone()).await,
        "fatal_error"
    );
    let history = town
        .call("conversations.history", json!({"channel": town.general}))
        .await;
    assert_eq!(
        history["messages"].as_array().unwrap().len(),
        1,
        "it had its effect"
    );
    town.inject(json!({"type": "fail", "how": "cut"})).await;
    let cut = town.page("auth.test", &json!({})).await;
    assert!(serde_json::from_str::<Value>(&cut.body).is_err());
}
