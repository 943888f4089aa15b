//! What goes wrong when a test wants it: late, lost, mute and dead sockets, requests that fail before or after.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Ear, JSON, Town, ask, error, soon};
use crate::slack::{Fault, How, Slack, Stage};

fn say(town: &Town, text: &str) -> Value {
    json!({"type": "say", "channel": town.general, "user": town.ann, "text": text})
}

async fn ticket(town: &Town) -> String {
    let opened = town
        .form_as(&town.app_token, "apps.connections.open", &[])
        .await;
    opened["url"].as_str().unwrap().into()
}

/// The number of messages in `#general`.
fn messages(town: &Town) -> usize {
    town.server.slack().channels[&town.general].messages.len()
}

#[tokio::test]
async fn events_can_be_late_while_commands_are_not() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    town.inject(json!({"type": "late", "seconds": 40})).await;
    town.inject(say(&town, "late")).await;
    let answer = town.later(json!({
        "type": "command", "channel": town.general, "user": town.ann, "command": "/boson", "text": "now",
    }));
    assert_eq!(ear.heard().await["payload"]["text"], "now");
    answer.await.unwrap();
    town.inject(json!({"type": "late", "seconds": 0})).await;
    town.inject(say(&town, "at once")).await;
    assert_eq!(ear.event().await["text"], "at once");
    town.pass(40);
    assert_eq!(ear.event().await["text"], "late");
}

#[tokio::test]
async fn a_mute_socket_says_nothing_and_gets_nothing() {
    let town = Town::new().await;
    town.inject(json!({"type": "mute", "times": 1})).await;
    let url = ticket(&town).await;
    let (mut mute, _) = tokio_tungstenite::connect_async(&url).await.unwrap();
    let mut ear = town.ear().await;
    assert_eq!(ear.hello["num_connections"], 1, "a mute one does not count");
    for text in ["one", "two", "three"] {
        town.inject(say(&town, text)).await;
        assert_eq!(ear.event().await["text"], text);
    }
    // Not even a ping is answered: nothing comes before its end.
    mute.send(Message::Ping("x".into())).await.unwrap();
    town.inject(json!({"type": "drop", "how": "reset", "count": 1}))
        .await;
    assert!(!matches!(soon(mute.next()).await, Some(Ok(_))));
}

#[tokio::test]
async fn what_goes_into_a_dead_socket_comes_again_by_a_living_one() {
    let town = Town::new().await;
    let (mut dead, mut ear) = (town.ear().await, town.ear().await);
    // The oldest one: open, and half of it is gone.
    let told = json!({"type": "drop", "how": "silence", "count": 1});
    assert_eq!(town.inject(told).await["sockets"], 1);
    let mut again = 0;
    for text in ["a", "b", "c", "d"] {
        town.inject(say(&town, text)).await;
        let on = |slack: &Slack| {
            let its = slack.deliveries.values().next_back().unwrap();
            matches!(its.stage, Stage::Sent(_))
        };
        soon(town.server.wait(on)).await;
        let socket = town
            .server
            .slack()
            .deliveries
            .values()
            .next_back()
            .unwrap()
            .socket;
        if socket == Some(1) {
            town.pass(3);
            again += 1;
        }
        let envelope = ear.heard().await;
        assert_eq!(envelope["payload"]["event"]["text"], text);
        assert_eq!(envelope["retry_attempt"], u32::from(socket == Some(1)));
    }
    assert!(again > 0, "in turn");
    assert_eq!(town.server.sockets(&town.app), 2, "not noticed yet");
    town.pass(30);
    soon(town.server.wait_for_sockets(&town.app, 1)).await;
    for text in ["e", "f"] {
        town.inject(say(&town, text)).await;
        let envelope = ear.heard().await;
        assert_eq!(
            (
                &envelope["payload"]["event"]["text"],
                &envelope["retry_attempt"]
            ),
            (&json!(text), &json!(0))
        );
    }
    dead.socket.send(Message::Ping("x".into())).await.unwrap();
    town.inject(json!({"type": "drop", "how": "reset", "count": 1}))
        .await;
    assert_eq!(dead.next().await, None, "not a word in all that time");
}

#[tokio::test]
async fn upgrades_are_refused_and_pings_stop() {
    let town = Town::new().await;
    town.inject(json!({"type": "no_upgrades", "times": 1}))
        .await;
    let refused = tokio_tungstenite::connect_async(ticket(&town).await).await;
    assert!(refused.unwrap_err().to_string().contains("503"));
    town.inject(json!({"type": "still"})).await;
    let mut ear = town.ear().await;
    town.pass(11);
    town.inject(json!({"type": "still", "on": false})).await;
    town.pass(11);
    let frame = soon(ear.socket.next()).await.unwrap().unwrap();
    assert!(matches!(frame, Message::Ping(_)), "one, not two: {frame:?}");
    town.inject(json!({"type": "send", "text": "no JSON"}))
        .await;
    let frame = soon(ear.socket.next()).await.unwrap().unwrap();
    assert_eq!(frame, Message::text("no JSON"));
}

#[tokio::test]
async fn a_request_can_fail_before_it_has_an_effect_or_after() {
    let town = Town::new().await;
    let url = format!("{}chat.postMessage", town.server.api());
    let bearer = format!("Bearer {}", town.token);
    let headers = [JSON, ("authorization", bearer.as_str())];
    let body = json!({"channel": town.general, "text": "x"}).to_string();
    let post = async || ask(&url, "POST", &headers, &body).await;
    let fail = |how: Value, after: bool| json!({"type": "fail", "how": how, "after": after, "method": "chat.postMessage"});
    for how in ["hang-up", "reset"] {
        let before = messages(&town);
        town.inject(fail(json!(how), false)).await;
        assert!(post().await.is_err(), "{how}");
        assert_eq!(messages(&town), before, "{how}: nothing happened");
        town.inject(fail(json!(how), true)).await;
        assert!(post().await.is_err(), "{how}");
        assert_eq!(messages(&town), before + 1, "{how}: the answer was lost");
    }
    for after in [false, true] {
        let before = messages(&town);
        town.inject(fail(json!(500), after)).await;
        let page = post().await.unwrap();
        assert_eq!((page.status, page.body.contains("<html>")), (500, true));
        assert_eq!(messages(&town), before + usize::from(after));
    }
    let before = messages(&town);
    town.inject(fail(json!("cut"), true)).await;
    let page = post().await.unwrap();
    let length: usize = page.header("content-length").unwrap().parse().unwrap();
    assert!(page.body.starts_with("{\"") && page.body.len() < length);
    assert_eq!(messages(&town), before + 1);
    let silent =
        json!({"type": "fail", "how": "silence", "after": true, "method": "chat.postMessage"});
    town.inject(silent).await;
    let waiting = tokio::spawn({
        let (url, bearer, body) = (url.clone(), bearer.clone(), body.clone());
        async move {
            ask(&url, "POST", &[JSON, ("authorization", &bearer)], &body)
                .await
                .is_ok()
        }
    });
    soon(
        town.server
            .wait(|slack| slack.channels[&town.general].messages.len() == before + 2),
    )
    .await;
    assert!(!waiting.is_finished());
    waiting.abort();
    let slow = json!({"type": "fail", "how": "slow", "seconds": 20, "method": "chat.postMessage"});
    town.inject(slow).await;
    let waiting = tokio::spawn({
        let (url, bearer, body) = (url.clone(), bearer.clone(), body.clone());
        async move {
            ask(&url, "POST", &[JSON, ("authorization", &bearer)], &body)
                .await
                .unwrap()
                .json()
        }
    });
    soon(
        town.server
            .wait(|slack| slack.channels[&town.general].messages.len() == before + 3),
    )
    .await;
    assert!(!waiting.is_finished());
    town.pass(20);
    assert_eq!(soon(waiting).await.unwrap()["ok"], true);
}

#[tokio::test]
async fn faults_can_be_rare_and_several_at_once() {
    let town = Town::new().await;
    let later = Fault::new(How::Later(5)).method("chat.postMessage");
    town.server.fail(later.every(3).times(2));
    town.server
        .fail(Fault::new(How::Error("internal_error".into())).skip(1));
    let mut heard = Vec::new();
    for n in 0..8 {
        let page = town
            .page(
                "chat.postMessage",
                &json!({"channel": town.general, "text": n.to_string()}),
            )
            .await;
        heard.push(match page.status {
            200 if page.json()["ok"] == true => "good".to_string(),
            200 => error(&page.json()),
            status => status.to_string(),
        });
    }
    assert_eq!(
        heard,
        [
            "good",
            "internal_error",
            "429",
            "good",
            "good",
            "429",
            "good",
            "good"
        ]
    );
    town.inject(json!({"type": "fail", "how": 500, "times": 100}))
        .await;
    town.inject(json!({"type": "well"})).await;
    assert_eq!(town.call("auth.test", json!({})).await["ok"], true);
}

#[tokio::test]
async fn an_acknowledgement_that_comes_late_does_not_stop_the_next() {
    let town = Town::new().await;
    let mut ear: Ear = town.ear().await;
    town.inject(say(&town, "slow")).await;
    let first = ear.next().await.unwrap();
    town.pass(3);
    let second = ear.next().await.unwrap();
    assert_ne!(first["envelope_id"], second["envelope_id"]);
    assert_eq!(first["payload"]["event_id"], second["payload"]["event_id"]);
    ear.ack(&first, None).await;
    ear.ack(&second, None).await;
    let acked = |slack: &Slack| {
        let its = slack.deliveries.values().next_back().unwrap();
        matches!(its.stage, Stage::Acked(..))
    };
    soon(town.server.wait(acked)).await;
    town.inject(say(&town, "next")).await;
    assert_eq!(ear.event().await["text"], "next");
}
