//! How a socket lives and ends: pings, warnings, quick reconnects, goodbyes.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Ear, Town, soon};
use crate::slack::{Order, Rules, Settings};

async fn url(town: &Town) -> String {
    let opened = town
        .form_as(&town.app_token, "apps.connections.open", &[])
        .await;
    opened["url"].as_str().unwrap().into()
}

#[tokio::test]
async fn a_socket_is_warned_when_its_time_is_up_and_closed_ten_seconds_later() {
    let rules = Rules {
        socket_life: 600,
        ..Rules::default()
    };
    let town = Town::with(Settings { port: 0, rules }).await;
    let mut old = town.ear().await;
    assert_eq!(old.hello["debug_info"]["approximate_connection_time"], 600);
    town.pass(599);
    town.post(&town.general, "before").await;
    assert_eq!(old.event().await["text"], "before");
    town.pass(1);
    let word = old.next().await.unwrap();
    assert_eq!(
        (&word["type"], &word["reason"]),
        (&json!("disconnect"), &json!("warning"))
    );
    assert!(word.get("envelope_id").is_none() && word["debug_info"]["host"].is_string());
    // Until there is another, the old one is good enough.
    town.post(&town.general, "between").await;
    assert_eq!(old.event().await["text"], "between");
    let mut new = town.ear().await;
    assert_eq!(new.hello["num_connections"], 2);
    for text in ["after", "more"] {
        town.post(&town.general, text).await;
        assert_eq!(new.event().await["text"], text);
    }
    town.pass(10);
    assert_eq!(old.next().await, None);
    soon(town.server.wait_for_sockets(&town.app, 1)).await;
}

#[tokio::test]
async fn quick_reconnects_can_be_asked_for() {
    let town = Town::new().await;
    let quick = format!("{}&debug_reconnects=true", url(&town).await);
    let mut ear = Ear::open(&quick).await;
    assert_eq!(ear.hello["debug_info"]["approximate_connection_time"], 360);
    town.pass(360);
    assert_eq!(ear.next().await.unwrap()["reason"], "warning");
    town.pass(10);
    assert_eq!(ear.next().await, None);
}

#[tokio::test]
async fn every_reason_can_be_given() {
    let town = Town::new().await;
    for reason in ["warning", "refresh_requested", "link_disabled"] {
        let mut ear = town.ear().await;
        let told = town
            .inject(json!({"type": "disconnect", "reason": reason}))
            .await;
        assert_eq!(told["sockets"], 1);
        assert_eq!(ear.next().await.unwrap()["reason"], reason);
        town.pass(10);
        assert_eq!(ear.next().await, None, "{reason}");
        soon(town.server.wait_for_sockets(&town.app, 0)).await;
    }
}

#[tokio::test]
async fn pings_come_every_ten_seconds_and_are_answered_with_the_same_bytes() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    for _ in 0..3 {
        town.pass(10);
        let frame = soon(ear.socket.next()).await.unwrap().unwrap();
        assert!(matches!(frame, Message::Ping(_)), "{frame:?}");
    }
    let words = Message::Ping("some bytes".into());
    ear.socket.send(words).await.unwrap();
    let frame = soon(ear.socket.next()).await.unwrap().unwrap();
    assert_eq!(frame, Message::Pong("some bytes".into()));
}

#[tokio::test]
async fn who_says_goodbye_is_answered_and_has_to_close_the_connection() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    ear.socket.send(Message::Close(None)).await.unwrap();
    let frame = soon(ear.socket.next()).await.unwrap().unwrap();
    assert!(matches!(frame, Message::Close(_)), "{frame:?}");
    soon(town.server.wait_for_sockets(&town.app, 0)).await;
    // It does not count any more, but its connection is still there: nothing ends it from that side.
    let mut again = town.ear().await;
    assert_eq!(again.hello["num_connections"], 1);
    town.pass(3600);
    town.post(&town.general, "to the living").await;
    assert_eq!(again.event().await["text"], "to the living");
    tokio::select! {
        biased;
        end = ear.socket.next() => panic!("{end:?}"),
        () = std::future::ready(()) => {}
    }
}

#[tokio::test]
async fn sockets_end_in_every_way() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    town.server.order(&town.app, &Order::Close);
    let frame = soon(ear.socket.next()).await.unwrap().unwrap();
    assert!(matches!(frame, Message::Close(Some(_))), "{frame:?}");
    assert_eq!(ear.next().await, None);
    let mut ear = town.ear().await;
    town.server.order(&town.app, &Order::Reset);
    assert!(soon(ear.socket.next()).await.unwrap().is_err());
}
