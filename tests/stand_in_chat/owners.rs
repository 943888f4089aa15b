//! What owners do in their rooms, and what is told of it.

use crate::rooms::{NO_PERMISSION, kinds, new};
use crate::town::Town;
use serde_json::{Value, json};

#[tokio::test]
async fn messages_are_moved_to_the_trash() {
    let town = Town::new().await;
    let (mut ann, mut ben) = (town.ann().await, town.ben().await);
    ben.join(town.sandbox).await;
    ben.join(town.trash).await;
    let mut ear = ben.listen(town.sandbox, Some(i64::MAX)).await;
    ear.frame().await;
    let ids = [
        ann.say(town.sandbox, "one").await,
        ben.say(town.sandbox, "two").await,
    ];
    let kept = ann.say(town.sandbox, "three").await;
    let list = format!("{},{},99", ids[0], ids[1]);
    let (path, to) = (
        format!("/admin/movePosts/{}", town.sandbox),
        town.trash.to_string(),
    );
    let fields = [("ids", list.as_str()), ("to", to.as_str())];
    assert_eq!(
        ben.post(&path, &fields).await.status,
        404,
        "an owner of the source must do it"
    );
    // One may own a room and still not change what others say in it.
    assert_eq!(
        ann.post(&format!("/messages/{}/delete", ids[1]), &[])
            .await
            .json(),
        "You can only delete your own messages"
    );
    assert_eq!(ann.post(&path, &fields).await.body, "2");
    let (mut out, mut into) = (Vec::new(), Vec::new());
    while into.len() < 3 {
        let frame = ear.frame().await.unwrap();
        let events = |room: i64| {
            frame[format!("r{room}")]["e"]
                .as_array()
                .cloned()
                .unwrap_or_default()
        };
        out.extend(events(town.sandbox));
        into.extend(events(town.trash));
    }
    let out: Vec<Value> = out.into_iter().skip(3).collect();
    assert_eq!(
        (kinds(&out), kinds(&into)),
        (vec![19, 19, 1], vec![20, 20, 1])
    );
    assert_eq!(
        (&out[0]["message_id"], &out[1]["message_id"]),
        (&json!(ids[0]), &json!(ids[1]))
    );
    assert_eq!(
        (&into[0]["moved"], &into[0]["content"], &into[1]["content"]),
        (&json!(true), &json!("one"), &json!("two"))
    );
    assert_eq!(
        out[2]["content"],
        format!(
            "&rarr; <i><a href=\"//chat.stackexchange.com/transcript/message/{0}#{0}\">2 messages</a> moved to \
             <a href=\"//chat.stackexchange.com/rooms/{to}/trash\">Trash</a></i>",
            ids[0]
        )
    );
    assert!(
        into[2]["content"]
            .as_str()
            .unwrap()
            .starts_with("&larr; <i>2 messages moved from <a href=")
    );
    let here: Vec<i64> = town
        .server
        .messages(town.trash)
        .iter()
        .map(|message| message.id)
        .collect();
    assert_eq!(here[..2], ids);
    assert_eq!(town.server.messages(town.sandbox)[0].id, kept);
    assert_eq!(
        ann.post(&path, &fields).await.body,
        "0",
        "they are not there any more"
    );
}

#[tokio::test]
async fn stars_and_pins_have_their_limits() {
    let town = Town::new().await;
    let (mut ann, mut ben) = (town.ann().await, town.ben().await);
    let own = ben.say(town.sandbox, "I am great").await;
    assert_eq!(
        ben.post(&format!("/messages/{own}/star"), &[]).await.json(),
        "You cannot star your own messages"
    );
    let ids: Vec<i64> = (0..21)
        .map(|n| {
            town.server
                .say(town.sandbox, town.ann, &format!("wise {n}"))
        })
        .collect();
    for id in &ids[..20] {
        assert_eq!(
            ben.post(&format!("/messages/{id}/star"), &[]).await.json(),
            "ok"
        );
    }
    let last = format!("/messages/{}/star", ids[20]);
    assert_ne!(ben.post(&last, &[]).await.json(), "ok", "twenty a day");
    assert_eq!(
        ben.post(&format!("/messages/{}/star", ids[0]), &[])
            .await
            .json(),
        "ok",
        "taken back"
    );
    assert_eq!(ben.post(&last, &[]).await.json(), "ok");
    town.pass(12 * 3_600);
    ben.post(&format!("/messages/{}/star", ids[0]), &[])
        .await
        .json();
    let id = ids[3];
    assert_eq!(
        ann.post(&format!("/messages/{id}/owner-star"), &[])
            .await
            .json(),
        "ok"
    );
    let list = ben
        .get(&format!("/chats/stars/{}?count=0", town.sandbox))
        .await;
    let first = list.between("<li id=\"summary_", "</li>");
    assert!(
        first.starts_with(&format!("{id}\"")) && first.contains("owner-star"),
        "{first}"
    );
    assert_eq!(list.body.matches("<li ").count(), 21);
    assert_eq!(
        ann.post(&format!("/messages/{id}/unowner-star"), &[])
            .await
            .json(),
        "ok"
    );
    assert_eq!(
        ben.post(&format!("/messages/{id}/unstar"), &[])
            .await
            .json(),
        "Only a room-owner can pin messages"
    );
    assert_eq!(
        ann.post(&format!("/messages/{id}/unstar"), &[])
            .await
            .json(),
        "ok"
    );
    assert!(town.server.chat().messages[&id].stars.is_empty());
    town.server.star(own, town.ann);
    town.server.delete(own);
    assert_eq!(
        ann.post(&format!("/messages/{own}/star"), &[]).await.json(),
        "This message has already been deleted."
    );
    assert_eq!(ann.post("/messages/1/star", &[]).await.status, 302);
}

#[tokio::test]
async fn feeds_renamed_people_and_renamed_rooms_are_told() {
    let town = Town::new().await;
    let (mut ann, mut ben) = (town.ann().await, town.ben().await);
    ben.join(town.sandbox).await;
    let mut ear = ben.listen(town.sandbox, Some(i64::MAX)).await;
    let feeds = town.server.chat().feed("Feeds");
    assert_eq!(feeds, -2);
    town.server
        .say(town.sandbox, feeds, "http://example.org/image.PNG");
    let told = ear.event(town.sandbox, 1).await;
    assert_eq!(
        (&told["user_id"], &told["user_name"]),
        (&json!(-2), &json!("Feeds"))
    );
    assert!(
        told["content"]
            .as_str()
            .unwrap()
            .starts_with("<div class=\"onebox ob-image\">")
    );
    town.server.chat().rename(town.ben, "Benjamin");
    let told = ear.event(town.sandbox, 34).await;
    assert_eq!(
        (&told["target_user_id"], &told["user_name"]),
        (&json!(town.ben), &json!("Benjamin"))
    );
    let fields = [
        ("roomId", "1"),
        ("name", "Sand & Box"),
        ("description", "dunes"),
        ("tags", "a b"),
    ];
    assert_eq!(ben.post("/rooms/save", &fields).await.status, 404);
    assert_eq!(
        ann.post("/rooms/save", &fields).await.header("location"),
        Some("/rooms/info/1/sand-box")
    );
    let told = ear.event(town.sandbox, 5).await;
    assert_eq!(
        (&told["room_name"], &told["content"]),
        (&json!("Sand & Box"), &json!("Sand &amp; Box / dunes / a b"))
    );
    let page = ben
        .post(
            "/rooms/save",
            &[("name", "Ben's"), ("defaultAccess", "read-only")],
        )
        .await;
    assert_eq!(page.header("location"), Some("/rooms/info/4/ben-s"));
    assert!(town.server.chat().owns(town.ben, 4));
}

#[tokio::test]
async fn who_is_kicked_is_told_by_two_events_in_one_frame() {
    let town = Town::new().await;
    let (mut ann, mut ben) = (town.ann().await, town.ben().await);
    ann.join(town.sandbox).await;
    ben.join(town.sandbox).await;
    ben.join(town.tavern).await;
    let mut his = ben.listen(town.tavern, Some(i64::MAX)).await;
    let mut hers = ann.listen(town.sandbox, Some(i64::MAX)).await;
    let fields = [("userId", town.ben.to_string())];
    let fields = [(fields[0].0, fields[0].1.as_str())];
    let path = format!("/rooms/kickmute/{}", town.sandbox);
    assert_eq!(
        ben.post(&path, &fields).await.status,
        404,
        "only owners kick"
    );
    let done = ann.post(&path, &fields).await.json();
    assert!(
        done["message"]
            .as_str()
            .unwrap()
            .contains("has been kicked"),
        "{done}"
    );
    for ear in [&mut his, &mut hers] {
        let told = ear.events(town.sandbox).await;
        assert_eq!(kinds(&told), [4, 15]);
        assert_eq!(
            (&told[0]["user_id"], &told[1]["target_user_id"]),
            (&json!(town.ben), &json!(town.ben))
        );
        assert_eq!(told[1]["user_id"], town.ann);
    }
    let page = ben.post(&new(town.sandbox), &[("text", "why?")]).await;
    assert_eq!((page.status, page.body.as_str()), (404, NO_PERMISSION));
    let page = ben
        .post(&format!("/chats/{}/events", town.sandbox), &[])
        .await;
    assert_eq!(page.status, 404, "no way back in");
    ben.say(town.tavern, "they kicked me").await;
    // A minute the first time, then five, then half an hour.
    for (time, minutes) in [(2, 5), (3, 30), (4, 30)] {
        town.pass(60 * 30);
        ben.join(town.sandbox).await;
        ben.say(town.sandbox, &format!("back before time {time}"))
            .await;
        assert_eq!(town.server.kick(town.sandbox, town.ben), minutes);
    }
}
