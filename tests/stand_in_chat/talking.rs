//! What is said, in which order it comes, and what the answers are.

use serde_json::json;

use crate::browser::{Browser, Ear};
use crate::stack_exchange_chat::{Pace, Rules, Settings};
use crate::town::{Town, noon};

#[tokio::test]
async fn a_message_goes_from_one_to_the_other() {
    let town = Town::new().await;
    let (mut ann, mut ben) = (town.ann().await, town.ben().await);
    let time = ben.join(town.sandbox).await["time"].as_i64().unwrap();
    let mut ear = ben.listen(town.sandbox, Some(time)).await;
    let room = format!("r{}", town.sandbox);
    assert_eq!(
        ear.frame().await.unwrap(),
        json!({room.as_str(): {}}),
        "a heartbeat comes first"
    );
    ann.join(town.sandbox).await;
    let entered = ear.events(town.sandbox).await;
    assert_eq!(entered[0]["event_type"], 3);
    assert_eq!(entered[0]["user_id"], town.ann);
    assert_eq!(entered[0]["target_user_id"], town.ann);
    let posted = ann
        .post(
            &format!("/chats/{}/messages/new", town.sandbox),
            &[("text", "  Tom & <Jerry>  ")],
        )
        .await;
    assert_eq!(
        posted.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    let posted = posted.json();
    assert_eq!(posted["time"], noon().timestamp());
    let frame = ear.frame().await.unwrap();
    let told = &frame[room.as_str()];
    let last = told["t"].as_i64().unwrap();
    assert_eq!(
        told,
        &json!({"t": last, "d": 1, "e": [{
            "event_type": 1, "time_stamp": noon().timestamp(), "content": "Tom &amp; &lt;Jerry&gt;",
            "id": last, "user_id": town.ann, "user_name": "Ann Other", "room_id": town.sandbox,
            "room_name": "Sandbox", "message_id": posted["id"],
        }]})
    );
    let views = town.server.messages(town.sandbox);
    assert_eq!(views.len(), 1);
    assert_eq!(views[0].source, "Tom & <Jerry>");
    assert_eq!(town.server.sockets(), 1);
}

#[tokio::test]
async fn a_reply_comes_before_its_message_and_only_to_whom_it_answers() {
    let town = Town::new().await;
    let (mut ann, mut ben, mut cleo) = (town.ann().await, town.ben().await, town.cleo().await);
    for visitor in [&mut ann, &mut ben, &mut cleo] {
        visitor.join(town.sandbox).await;
    }
    let first = ann.say(town.sandbox, "Who is there?").await;
    let mut of_ann = ann.listen(town.sandbox, Some(i64::MAX)).await;
    let mut of_cleo = cleo.listen(town.sandbox, Some(i64::MAX)).await;
    of_ann.frame().await;
    of_cleo.frame().await;
    ben.say(town.sandbox, &format!(":{first} me, and @cleo"))
        .await;
    let told = of_ann.events(town.sandbox).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(
        (&told[0]["event_type"], &told[1]["event_type"]),
        (&json!(18), &json!(1))
    );
    assert_eq!(told[0]["target_user_id"], town.ann);
    for event in &told {
        assert_eq!(event["content"], "me, and @cleo");
        assert_eq!(event["parent_id"], first);
        assert_eq!(event["show_parent"], true);
        assert_eq!(event["user_id"], town.ben);
    }
    let told = of_cleo.events(town.sandbox).await;
    assert_eq!(
        (&told[0]["event_type"], &told[1]["event_type"]),
        (&json!(8), &json!(1))
    );
    assert!(told[0]["id"].as_i64() < told[1]["id"].as_i64());
    let source = ben
        .get(&format!("/message/{}?plain=true", told[1]["message_id"]))
        .await;
    assert_eq!(source.body, format!(":{first} me, and @cleo"));
}

#[tokio::test]
async fn edits_and_deletions_end_after_two_minutes() {
    let town = Town::new().await;
    let (mut ann, mut ben) = (town.ann().await, town.ben().await);
    ben.join(town.sandbox).await;
    let mut ear = ben.listen(town.sandbox, Some(i64::MAX)).await;
    let id = ann.say(town.sandbox, "frist").await;
    ear.event(town.sandbox, 1).await;
    let (edit, delete) = (format!("/messages/{id}"), format!("/messages/{id}/delete"));
    town.pass(120);
    let page = ann.post(&edit, &[("text", "first")]).await;
    assert_eq!((page.status, page.body.as_str()), (200, "\"ok\""));
    let edited = ear.event(town.sandbox, 2).await;
    assert_eq!(edited["message_edits"], 1);
    assert_eq!(edited["content"], "first");
    assert_eq!(
        edited["time_stamp"],
        noon().timestamp(),
        "that of the message"
    );
    let page = ben.post(&edit, &[("text", "mine")]).await;
    assert_eq!(page.json(), "You can only edit your own messages");
    let page = ben.post(&delete, &[]).await;
    assert_eq!(page.json(), "You can only delete your own messages");
    town.pass(1);
    let page = ann.post(&edit, &[("text", "last")]).await;
    assert_eq!(page.json(), "It is too late to edit this message");
    let page = ann.post(&delete, &[]).await;
    assert_eq!(page.json(), "It is too late to delete this message");
    let id = ann.say(town.sandbox, "gone soon").await;
    let (edit, delete) = (format!("/messages/{id}"), format!("/messages/{id}/delete"));
    assert_eq!(ann.post(&delete, &[]).await.json(), "ok");
    let deleted = ear.event(town.sandbox, 10).await;
    assert_eq!(deleted["message_id"], id);
    assert_eq!(deleted["user_id"], town.ann);
    assert!(deleted.get("content").is_none());
    assert_eq!(
        ann.post(&delete, &[]).await.json(),
        "This message has already been deleted."
    );
    let page = ann.post(&edit, &[("text", "again")]).await;
    assert_eq!(
        page.json(),
        "This message has already been deleted and cannot be edited"
    );
    let page = ann.post("/messages/77", &[("text", "again")]).await;
    assert_eq!(page.status, 302);
    assert_eq!(
        page.header("location"),
        Some("/error?aspxerrorpath=/messages/77")
    );
}

#[tokio::test]
async fn who_speaks_too_fast_is_told_how_long_to_wait() {
    let settings = Settings {
        rules: Rules {
            pace: Pace::Fixed(5.0),
            ..Rules::default()
        },
        ..Settings::default()
    };
    let town = Town::with(settings).await;
    let mut ann = town.ann().await;
    let (here, there) = (
        format!("/chats/{}/messages/new", town.sandbox),
        format!("/chats/{}/messages/new", town.tavern),
    );
    let id = ann.say(town.sandbox, "one").await;
    let page = ann.post(&there, &[("text", "two")]).await;
    assert_eq!(page.status, 409);
    assert_eq!(page.header("chat"), Some("error"));
    assert_eq!(page.body, "You can perform this action again in 5 seconds.");
    town.pass(4);
    let page = ann.post(&here, &[("text", "two")]).await;
    assert_eq!(page.body, "You can perform this action again in 1 second.");
    let page = ann
        .post(&format!("/messages/{id}"), &[("text", "uno")])
        .await;
    assert_eq!(page.status, 409, "edits count as well");
    town.pass(1);
    ann.say(town.tavern, "two").await;
    let page = ann.post(&there, &[("text", "two")]).await;
    assert_eq!(page.status, 409, "the throttle comes before the same text");
    town.pass(5);
    let page = ann.post(&there, &[("text", "two")]).await;
    assert_eq!(page.json(), json!({"id": null, "time": null}));
    // What was not said counts for nothing.
    ann.say(town.tavern, "three").await;
}

#[tokio::test]
async fn nothing_is_missed_and_nothing_comes_twice_when_a_socket_resumes() {
    let town = Town::new().await;
    let mut ben = town.ben().await;
    let mut last = ben.join(town.sandbox).await["time"].as_i64().unwrap();
    let mut heard: Vec<i64> = Vec::new();
    let poster = {
        let (url, room) = (town.server.url().to_string(), town.sandbox);
        tokio::spawn(async move {
            let mut ann = Browser::logged_in(&url, "ann@example.org", "anchor & <sail>").await;
            let mut said = Vec::new();
            for number in 0..120 {
                said.push(ann.say(room, &format!("number {number}")).await);
            }
            said
        })
    };
    while heard.len() < 120 {
        let url = ben.ticket(town.sandbox).await;
        let mut ear = Ear::open(&format!("{url}?l={last}"), Some("http://chat.example"))
            .await
            .unwrap();
        let enough = (heard.len() + 9).min(120);
        while heard.len() < enough {
            let frame = ear.frame().await.unwrap();
            let told = &frame[format!("r{}", town.sandbox)];
            if let (Some(t), Some(d)) = (told["t"].as_i64(), told["d"].as_i64()) {
                assert_eq!(t - d, last, "no gap and no overlap: {frame}");
                last = t;
            }
            for event in told["e"].as_array().into_iter().flatten() {
                if event["event_type"] == 1 {
                    heard.push(event["message_id"].as_i64().unwrap());
                }
            }
        }
    }
    assert_eq!(heard, poster.await.unwrap());
}
