//! Delivery by HTTP: signatures, retries, immediate answers.

use serde_json::{Value, json};

use crate::client::{Town, error, noon};
use crate::door::Door;
use crate::slack::{Delivery, Slack, Stage};

fn say(town: &Town, text: &str) -> Value {
    json!({"type": "say", "channel": town.general, "user": town.ann, "text": text})
}

async fn subscribed(town: &Town, events: &[&str]) {
    town.inject(json!({"type": "app", "events": events})).await;
}

fn secret(town: &Town) -> String {
    town.server.slack().apps[&town.app].secret.clone()
}

#[tokio::test]
async fn an_event_is_signed_and_answered_once() {
    let town = Town::new().await;
    let mut door = Door::of(&town).await;
    subscribed(&town, &["message.channels"]).await;
    town.inject(say(&town, "one & two")).await;
    let knock = door.knock().await;
    assert!(knock.signed(&secret(&town)) && !knock.signed("another"));
    let at = noon().timestamp().to_string();
    assert_eq!(knock.header("x-slack-request-timestamp"), at);
    assert_eq!(knock.header("content-type"), "application/json");
    assert_eq!(knock.retry(), ("", ""));
    let body = knock.json();
    assert_eq!(
        (&body["type"], &body["event"]["text"]),
        (&json!("event_callback"), &json!("one & two"))
    );
    assert!(body.get("envelope_id").is_none() && body.get("retry_attempt").is_none());
    knock.ok();
    town.inject(say(&town, "second")).await;
    let knock = door.knock().await;
    assert_eq!(knock.json()["event"]["text"], "second");
    knock.answer(204, "", "");
}

#[tokio::test]
async fn who_fails_hears_it_again_at_once_then_after_a_minute_then_after_five() {
    let town = Town::new().await;
    let mut door = Door::of(&town).await;
    subscribed(&town, &["message.channels"]).await;
    town.inject(say(&town, "again")).await;
    let first = door.knock().await;
    let id = first.json()["event_id"].clone();
    first.answer(500, "", "");
    let second = door.knock().await;
    assert_eq!(second.retry(), ("1", "http_error"));
    assert_eq!(second.json()["event_id"], id);
    // The connection ends without an answer.
    drop(second);
    waits(&town, &id, 60).await;
    town.pass(60);
    let third = door.knock().await;
    assert_eq!(third.retry(), ("2", "unknown_error"));
    let to = format!("location: {}\r\n", door.url);
    third.answer(302, &to, "");
    for _ in 0..2 {
        door.knock().await.answer(301, &to, "");
    }
    waits(&town, &id, 300).await;
    town.pass(300);
    let fourth = door.knock().await;
    assert_eq!(fourth.retry(), ("3", "too_many_redirects"));
    assert!(fourth.signed(&secret(&town)), "signed anew");
    fourth.answer(404, "", "");
    crate::client::soon(town.server.wait(|slack| gave_up(slack, &id))).await;
    town.pass(3600);
    town.inject(say(&town, "next")).await;
    assert_eq!(door.knock().await.json()["event"]["text"], "next");
}

fn delivery<'a>(slack: &'a Slack, id: &Value) -> &'a Delivery {
    let mut all = slack.deliveries.values();
    all.find(|its| its.payload["event_id"] == *id).unwrap()
}

fn gave_up(slack: &Slack, id: &Value) -> bool {
    matches!(delivery(slack, id).stage, Stage::Failed(_))
}

/// Until a delivery waits for its next try, so many seconds from now.
async fn waits(town: &Town, id: &Value, seconds: i64) {
    let due = town.clock.now() + chrono::TimeDelta::seconds(seconds);
    let waits =
        |slack: &Slack| matches!(delivery(slack, id).stage, Stage::Waiting(at) if at == due);
    crate::client::soon(town.server.wait(waits)).await;
}

#[tokio::test]
async fn who_says_no_retry_hears_it_once() {
    let town = Town::new().await;
    let mut door = Door::of(&town).await;
    subscribed(&town, &["message.channels"]).await;
    town.inject(say(&town, "once")).await;
    let knock = door.knock().await;
    let id = knock.json()["event_id"].clone();
    knock.answer(503, "x-slack-no-retry: 1\r\n", "");
    crate::client::soon(town.server.wait(|slack| gave_up(slack, &id))).await;
    town.inject(say(&town, "next")).await;
    assert_eq!(door.knock().await.json()["event"]["text"], "next");
}

#[tokio::test]
async fn three_seconds_are_all_there_is() {
    let town = Town::new().await;
    let mut door = Door::of(&town).await;
    subscribed(&town, &["message.channels"]).await;
    town.inject(say(&town, "slow")).await;
    let slow = door.knock().await;
    town.pass(3);
    let again = door.knock().await;
    assert_eq!(again.retry(), ("1", "http_timeout"));
    assert_eq!(again.json()["event_id"], slow.json()["event_id"]);
    again.ok();
    let answer = town.later(json!({
        "type": "command", "channel": town.general, "user": town.ann, "command": "/boson", "text": "x",
    }));
    let slow = door.knock().await;
    town.pass(3);
    let answer = answer.await.unwrap();
    assert_eq!(
        (&answer["acked"], &answer["error"]),
        (&json!(false), &json!("http_timeout"))
    );
    drop(slow);
    let seen = town
        .inject(json!({"type": "sees", "user": "ann", "channel": "#general"}))
        .await;
    let last = seen["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(
        last["text"],
        "/boson failed with the error \"http_timeout\""
    );
}

#[tokio::test]
async fn an_address_where_nobody_listens_or_that_is_no_https_is_named() {
    let town = Town::new().await;
    subscribed(&town, &[]).await;
    let closed = {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let command =
        json!({"type": "command", "channel": town.general, "user": town.ann, "command": "/boson"});
    for (url, why) in [
        (closed.as_str(), "connection_failed"),
        ("https://127.0.0.1:1/", "ssl_error"),
        ("no address", "unknown_error"),
    ] {
        town.inject(json!({"type": "app", "http": {"commands": url}}))
            .await;
        let answer = town.inject(command.clone()).await;
        assert_eq!(
            (&answer["acked"], &answer["error"]),
            (&json!(false), &json!(why)),
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_command_and_a_click_are_forms_and_answered_in_the_body() {
    let town = Town::new().await;
    let mut door = Door::of(&town).await;
    subscribed(&town, &[]).await;
    let command = |text: &str| json!({"type": "command", "channel": "#general", "user": "ann", "command": "/boson", "text": text, "typed": true});
    let answer = town.later(command("list <all> & more"));
    let knock = door.knock().await;
    assert!(knock.signed(&secret(&town)));
    assert_eq!(
        knock.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    assert_eq!(knock.field("text").unwrap(), "list &lt;all&gt; &amp; more");
    assert_eq!(knock.field("is_enterprise_install").unwrap(), "false");
    assert!(knock.field("response_url").unwrap().contains("/actions/"));
    let body = json!({"response_type": "in_channel", "text": "for all"}).to_string();
    knock.answer(200, "content-type: application/json\r\n", &body);
    assert_eq!(answer.await.unwrap()["payload"]["text"], "for all");
    let answer = town.later(command("plain"));
    door.knock()
        .await
        .answer(200, "content-type: text/plain\r\n", "just text");
    assert_eq!(answer.await.unwrap()["payload"]["text"], "just text");
    let answer = town.later(command("nothing"));
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    door.knock().await.raw(chunked);
    assert_eq!(answer.await.unwrap()["payload"], Value::Null);
    let seen = town
        .inject(json!({"type": "sees", "user": "ann", "channel": "#general"}))
        .await;
    let texts: Vec<&str> = seen["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|its| its["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["/boson list <all> & more", "for all", "just text"]);

    let button =
        json!({"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}});
    let blocks = json!([{"type": "actions", "elements": [button]}]);
    let ts = town
        .call(
            "chat.postMessage",
            json!({"channel": town.general, "text": "b", "blocks": blocks}),
        )
        .await["ts"]
        .clone();
    let answer = town.later(
        json!({"type": "click", "channel": "#general", "ts": ts, "user": "ben", "text": "Go"}),
    );
    let knock = door.knock().await;
    let payload: Value = serde_json::from_str(&knock.field("payload").unwrap()).unwrap();
    assert_eq!(
        (&payload["type"], &payload["user"]["id"]),
        (&json!("block_actions"), &json!(town.ben))
    );
    knock.ok();
    assert_eq!(answer.await.unwrap()["acked"], true);
}

#[tokio::test]
async fn an_address_is_verified_and_checked_with_its_own_secret() {
    let town = Town::new().await;
    let other = town
        .inject(json!({"type": "new_app", "name": "Other"}))
        .await;
    let mut door = Door::open().await;
    for (app, secret) in [
        (json!(town.app), json!(secret(&town))),
        (other["app"].clone(), other["signing_secret"].clone()),
    ] {
        let secret = secret.as_str().unwrap();
        let verify = json!({"type": "verify", "url": door.url, "app": app});
        let answer = town.later(verify.clone());
        let knock = door.knock().await;
        assert!(knock.signed(secret));
        let body = knock.json();
        assert_eq!(body["type"], "url_verification");
        knock.answer(200, "", body["challenge"].as_str().unwrap());
        assert_eq!(answer.await.unwrap()["ok"], true);
        let answer = town.later(verify.clone());
        let knock = door.knock().await;
        let body = json!({"challenge": knock.json()["challenge"]}).to_string();
        knock.answer(200, "", &body);
        assert_eq!(answer.await.unwrap()["ok"], true);
        let answer = town.later(verify);
        door.knock().await.answer(200, "", "something else");
        assert_eq!(error(&answer.await.unwrap()), "challenge_failed");
        let answer = town.later(json!({"type": "ssl_check", "url": door.url, "app": app}));
        let knock = door.knock().await;
        assert!(knock.signed(secret));
        assert_eq!(knock.field("ssl_check").as_deref(), Some("1"));
        knock.ok();
        assert_eq!(answer.await.unwrap()["status"], 200);
    }
}

#[tokio::test]
async fn who_fails_nearly_always_hears_no_more() {
    let town = Town::new().await;
    let mut door = Door::of(&town).await;
    subscribed(&town, &["app_uninstalled", "message.channels"]).await;
    let stop = "x-slack-no-retry: 1\r\n";
    for _ in 0..1000 {
        let event = json!({"type": "events_api", "payload": {"type": "app_uninstalled"}});
        let answer = town.later(event);
        door.knock().await.answer(500, stop, "");
        answer.await.unwrap();
    }
    assert_eq!(town.inject(json!({"type": "app"})).await["off"], true);
    town.inject(say(&town, "to nobody")).await;
    town.inject(json!({"type": "app", "on": true})).await;
    town.inject(say(&town, "heard")).await;
    assert_eq!(door.knock().await.json()["event"]["text"], "heard");
}

#[tokio::test]
async fn by_http_there_are_no_sockets() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let _door = Door::of(&town).await;
    assert_eq!(ear.next().await.unwrap()["reason"], "link_disabled");
    let refused = town
        .form_as(&town.app_token, "apps.connections.open", &[])
        .await;
    assert_eq!(error(&refused), "forbidden_team");
    town.pass(10);
    assert_eq!(ear.next().await, None);
}
