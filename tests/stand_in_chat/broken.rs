//! Web sockets that break, are late, or never open.

use crate::browser::{Ear, within};
use crate::stack_exchange_chat::Drop;
use crate::town::Town;
use serde_json::json;
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn sockets_end_in_three_ways() {
    let town = Town::new().await;
    let mut ben = town.ben().await;
    ben.join(town.sandbox).await;
    let mut ear = ben.listen(town.sandbox, Some(i64::MAX)).await;
    ear.frame().await.unwrap();
    assert_eq!(town.server.drop_sockets(Drop::Close), 1);
    assert!(ear.frame().await.is_none());
    ear.close().await;
    gone(&town).await;

    let mut ear = ben.listen(town.sandbox, Some(i64::MAX)).await;
    ear.frame().await.unwrap();
    assert_eq!(
        town.server.drop_sockets_of(town.ann, Drop::Reset),
        0,
        "nobody of that name"
    );
    assert_eq!(town.server.drop_sockets_of(town.ben, Drop::Reset), 1);
    let end = within(ear.socket.get_mut().read(&mut [0])).await;
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    gone(&town).await;

    let mut ear = ben.listen(town.sandbox, Some(i64::MAX)).await;
    ear.frame().await.unwrap();
    town.server.drop_sockets(Drop::Silence);
    town.server.say(town.sandbox, town.ann, "into the void");
    town.pass(60);
    ear.ping().await;
    // Another socket hears; that one does not, though it is open.
    let mut other = ben.listen(town.sandbox, Some(0)).await;
    assert_eq!(
        other.event(town.sandbox, 1).await["content"],
        "into the void"
    );
    assert_eq!(town.server.sockets(), 2);
    let nothing = ear.socket.get_mut().try_read(&mut [0]);
    assert_eq!(nothing.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(ear);
    other.close().await;
    gone(&town).await;
}

/// Waits until no socket is left.
async fn gone(town: &Town) {
    let mut seen = 0;
    while town.server.sockets() > 0 {
        seen = within(town.server.news(seen)).await;
    }
}

#[tokio::test]
async fn frames_are_late_or_come_twice_and_the_heart_stands_still() {
    let town = Town::new().await;
    let mut ben = town.ben().await;
    ben.join(town.sandbox).await;
    let room = format!("r{}", town.sandbox);
    let mut ear = ben.listen(town.sandbox, Some(i64::MAX)).await;
    let heart = json!({room.as_str(): {}});
    assert_eq!(ear.frame().await.unwrap(), heart);
    town.pass(15);
    assert_eq!(ear.frame().await.unwrap(), heart);
    town.server.faults(|faults| faults.frames.still = true);
    town.pass(15);
    town.server
        .faults(|faults| (faults.frames.twice, faults.frames.late) = (true, 10));
    town.server.say(town.sandbox, town.ann, "late");
    town.pass(9);
    let early = ear.socket.get_mut().try_read(&mut [0]);
    assert_eq!(early.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    town.pass(1);
    let (first, second) = (ear.frame().await.unwrap(), ear.frame().await.unwrap());
    assert_eq!(first[&room]["e"][0]["content"], "late");
    assert_eq!(first, second);
    town.server
        .faults(|faults| (faults.frames.twice, faults.frames.late) = (false, 0));
    town.server.say(town.sandbox, town.ann, "in time");
    assert_eq!(
        ear.frame().await.unwrap()[&room]["e"][0]["content"],
        "in time"
    );
}

#[tokio::test]
async fn sockets_are_refused_forget_or_begin_anew() {
    let town = Town::new().await;
    let mut ben = town.ben().await;
    ben.join(town.sandbox).await;
    let before = town.server.chat().log.last();
    town.server.say(town.sandbox, town.ann, "missed");
    town.server.faults(|faults| faults.frames.no_tokens = 1);
    let roomid = town.sandbox.to_string();
    assert_eq!(
        ben.post("/ws-auth", &[("roomid", &roomid)]).await.status,
        500
    );
    town.server.faults(|faults| faults.frames.no_upgrades = 1);
    let url = ben.ticket(town.sandbox).await;
    assert!(Ear::open(&url, Some("http://chat.example")).await.is_err());
    town.server.faults(|faults| faults.frames.forgetful = true);
    let mut ear = ben.listen(town.sandbox, Some(before)).await;
    ear.frame().await;
    town.server.say(town.sandbox, town.ann, "heard");
    assert_eq!(ear.events(town.sandbox).await[0]["content"], "heard");
    town.server
        .faults(|faults| (faults.frames.forgetful, faults.frames.reset) = (false, 1));
    let mut ear = ben.listen(town.sandbox, Some(before)).await;
    ear.frame().await;
    assert_eq!(ear.frame().await.unwrap(), json!({"reset": true}));
    let mut ear = ben.listen(town.sandbox, Some(before)).await;
    assert_eq!(ear.event(town.sandbox, 1).await["content"], "missed");
}

#[tokio::test]
async fn a_ticket_is_good_for_one_connection_with_an_origin_and_not_for_ever() {
    let town = Town::new().await;
    let mut ben = town.ben().await;
    ben.join(town.sandbox).await;
    let url = ben.ticket(town.sandbox).await;
    assert!(Ear::open(&url, None).await.is_err(), "no origin");
    assert!(Ear::open(&url, Some("")).await.is_err(), "an empty origin");
    let other = url.replace(
        &format!("/events/{}/", town.sandbox),
        &format!("/events/{}/", town.tavern),
    );
    assert!(
        Ear::open(&other, Some("http://chat.example"))
            .await
            .is_err(),
        "another room"
    );
    let ear = Ear::open(&url, Some("http://chat.example")).await.unwrap();
    assert!(
        Ear::open(&url, Some("http://chat.example")).await.is_err(),
        "twice"
    );
    ear.close().await;
    let url = ben.ticket(town.sandbox).await;
    town.pass(121);
    assert!(
        Ear::open(&url, Some("http://chat.example")).await.is_err(),
        "old"
    );
}

#[tokio::test]
async fn sockets_open_and_say_nothing_or_say_anything() {
    let town = Town::new().await;
    let mut ben = town.ben().await;
    ben.join(town.sandbox).await;
    town.server.faults(|faults| faults.frames.mute = 1);
    let mut ear = ben.listen(town.sandbox, Some(0)).await;
    let mut other = ben.listen(town.sandbox, Some(0)).await;
    other.frame().await.unwrap();
    town.pass(60);
    assert!(other.frame().await.is_some());
    let nothing = ear.socket.get_mut().try_read(&mut [0]);
    assert_eq!(nothing.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(town.server.send("{\"r1\":{},\"more\":[1]}"), 2);
    let mut frame = other.frame().await.unwrap();
    while frame.get("more").is_none() {
        frame = other.frame().await.unwrap();
    }
    let odd = json!({"content": "odd", "strange": null});
    let odd = odd.as_object().unwrap().clone();
    town.server.chat().announce(town.sandbox, 35, odd);
    let event = other.event(town.sandbox, 35).await;
    assert_eq!(
        (&event["content"], event.get("strange")),
        (&json!("odd"), Some(&json!(null)))
    );
}
