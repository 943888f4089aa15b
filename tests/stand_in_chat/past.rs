//! What was said before one came: the history, what strangers read, what a socket begins with.

use crate::rooms::{kinds, new};
use crate::stack_exchange_chat::{Rules, Settings};
use crate::town::{Town, noon};
use serde_json::{Value, json};

#[tokio::test]
async fn the_history_is_what_is_left_of_messages() {
    let town = Town::new().await;
    let mut ben = town.ben().await;
    let ids: Vec<i64> = (0..120)
        .map(|n| {
            town.server
                .say(town.sandbox, town.ann, &format!("line {n}"))
        })
        .collect();
    town.server
        .edit(ids[119], &format!(":{} changed", ids[118]));
    town.server.star(ids[119], town.ben);
    town.server.delete(ids[118]);
    let path = format!("/chats/{}/events", town.sandbox);
    let found = |answer: &Value| -> Vec<i64> {
        let all = answer["events"].as_array().unwrap().iter();
        all.filter(|event| event["event_type"] == 1)
            .map(|event| event["message_id"].as_i64().unwrap())
            .collect()
    };
    let answer = ben
        .post(
            &path,
            &[("since", "0"), ("mode", "messages"), ("msgCount", "100")],
        )
        .await
        .json();
    assert_eq!(found(&answer), ids[20..]);
    let last = answer["events"].as_array().unwrap().last().unwrap();
    assert_eq!(
        last,
        &json!({
            "event_type": 1, "time_stamp": noon().timestamp(), "content": "changed", "user_id": town.ann,
            "user_name": "Ann Other", "room_id": town.sandbox, "message_id": ids[119], "message_edits": 1,
            "message_stars": 1, "parent_id": ids[118], "show_parent": true,
        }),
        "no `id` and no `room_name`"
    );
    let deleted = &answer["events"][98];
    assert_eq!(deleted["message_id"], ids[118]);
    assert!(deleted.get("content").is_none());
    let answer = ben
        .post(&format!("{path}?before={}&msgCount=5", ids[50]), &[])
        .await
        .json();
    assert_eq!(found(&answer), ids[45..50]);
    let answer = ben
        .post(&path, &[("after", &ids[110].to_string())])
        .await
        .json();
    assert_eq!(found(&answer), ids[111..]);
    let answer = ben.post(&path, &[("msgCount", "0")]).await.json();
    assert!(found(&answer).is_empty());
    town.pass(7_200);
    town.server.say(town.sandbox, town.ann, "hours later");
    let answer = ben.post(&path, &[("msgCount", "2")]).await.json();
    let events = answer["events"].as_array().unwrap();
    assert_eq!(kinds(events), [1, 21, 1]);
    let last = ben
        .post(
            &format!("/chats/{}/lastMessage", town.sandbox),
            &[("beforeId", &ids[7].to_string())],
        )
        .await;
    assert_eq!(last.json()["msgid"], ids[6]);
}

#[tokio::test]
async fn strangers_read_public_rooms_and_no_more() {
    let town = Town::new().await;
    let mut it = crate::browser::Browser::new(town.server.url());
    it.fetch_key().await;
    let id = town.server.say(town.sandbox, town.ann, "for all");
    let answer = it.join(town.sandbox).await;
    assert_eq!(answer["events"][0]["content"], "for all");
    assert!(town.server.chat().rooms[&town.sandbox].present.is_empty());
    let page = it.post(&new(town.sandbox), &[("text", "me too")]).await;
    assert_eq!(page.status, 400);
    assert_eq!(
        it.post(&format!("/messages/{id}/delete"), &[]).await.status,
        400
    );
    let mut ear = it.listen(town.sandbox, Some(i64::MAX)).await;
    ear.frame().await;
    town.server.say(town.sandbox, town.ann, "still for all");
    assert_eq!(
        ear.events(town.sandbox).await[0]["content"],
        "still for all"
    );
    assert_eq!(
        it.get(&format!("/transcript/{}", town.sandbox))
            .await
            .status,
        200
    );
    let page = it
        .get(&format!("/search?q=STILL+all&Room={}", town.sandbox))
        .await;
    assert!(page.body.contains("1 message found") && page.body.contains("still for all"));
    let page = it.get("/users/search?q=c&limit=5").await;
    assert_eq!(page.body.lines().count(), 1);
    let line: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(
        (&line["id"], &line["dn"]),
        (&json!(town.cleo), &json!("Cléo"))
    );
}

#[tokio::test]
async fn what_is_too_old_begins_anew_and_without_l_there_is_a_backlog() {
    let settings = Settings {
        rules: Rules {
            kept: 50,
            backlog: 10,
            ..Rules::default()
        },
        ..Settings::default()
    };
    let town = Town::with(settings).await;
    let mut ben = town.ben().await;
    let time = ben.join(town.sandbox).await["time"].as_i64().unwrap();
    for n in 0..51 {
        town.server.say(town.sandbox, town.ann, &format!("{n}"));
    }
    let mut ear = ben.listen(town.sandbox, Some(time)).await;
    ear.frame().await;
    assert_eq!(ear.frame().await.unwrap(), json!({"reset": true}));
    let mut ear = ben.listen(town.sandbox, Some(time + 1)).await;
    assert_eq!(ear.events(town.sandbox).await.len(), 50);
    let mut ear = ben.listen(town.sandbox, None).await;
    assert_eq!(ear.events(town.sandbox).await.len(), 10);
    let mut ear = ben.listen(town.sandbox, Some(99_999_999_999)).await;
    ear.frame().await;
    town.server.say(town.sandbox, town.ann, "new");
    assert_eq!(ear.events(town.sandbox).await[0]["content"], "new");
}
