//! Rooms: who may do what, who is there, what owners do, what is told where.

use serde_json::{Value, json};

use crate::stack_exchange_chat::{Access, Kind, Rules, Settings};
use crate::town::{Town, noon};

fn kinds(events: &[Value]) -> Vec<i64> {
    events
        .iter()
        .map(|event| event["event_type"].as_i64().unwrap())
        .collect()
}

fn new(room: i64) -> String {
    format!("/chats/{room}/messages/new")
}

const NO_PERMISSION: &str = "The room does not exist, or you do not have permission";

#[tokio::test]
async fn one_socket_hears_all_rooms_of_its_user() {
    let town = Town::new().await;
    let mut ben = town.ben().await;
    let sandbox = format!("r{}", town.sandbox);
    let (tavern, trash) = (format!("r{}", town.tavern), format!("r{}", town.trash));
    ben.join(town.sandbox).await;
    let time = ben.join(town.tavern).await["time"].as_i64().unwrap();
    let mut ear = ben.listen(town.sandbox, Some(time)).await;
    let beat = ear.frame().await.unwrap();
    assert_eq!(beat, json!({sandbox.as_str(): {}, tavern.as_str(): {}}));
    // Another room that he is in.
    town.server.say(town.tavern, town.ann, "cheers");
    let frame = ear.frame().await.unwrap();
    assert_eq!(
        frame[&sandbox],
        json!({"t": time + 1, "d": 1}),
        "nothing happened here, but elsewhere"
    );
    assert_eq!(frame[&tavern]["e"][0]["content"], "cheers");
    assert_eq!(
        (&frame[&tavern]["t"], &frame[&tavern]["d"]),
        (&json!(time + 1), &json!(1))
    );
    // A room that he is not in.
    town.server.say(town.trash, town.ann, "rubbish");
    let frame = ear.frame().await.unwrap();
    assert_eq!(
        frame,
        json!({sandbox.as_str(): {"t": time + 2, "d": 1}, tavern.as_str(): {"t": time + 2, "d": 1}})
    );
    // A ping is told under every key, with one number, and says where it comes from.
    town.server.say(town.tavern, town.ann, "@Ben?");
    let frame = ear.frame().await.unwrap();
    let (here, there) = (&frame[&sandbox]["e"], &frame[&tavern]["e"]);
    assert_eq!(
        (
            kinds(here.as_array().unwrap()),
            kinds(there.as_array().unwrap())
        ),
        (vec![8], vec![8, 1])
    );
    assert_eq!(here[0], there[0]);
    assert_eq!(here[0]["room_id"], town.tavern);
    // He joins a third room while the socket is open.
    ben.join(town.trash).await;
    let frame = ear.frame().await.unwrap();
    assert_eq!(frame[&trash]["e"][0]["event_type"], 3);
    assert!(frame.get(&sandbox).is_some());
    ben.post(
        &format!("/chats/leave/{}", town.trash),
        &[("quiet", "true")],
    )
    .await;
    assert_eq!(
        ben.post(
            &format!("/chats/leave/{}", town.tavern),
            &[("quiet", "false")]
        )
        .await
        .status,
        500
    );
    town.server.say(town.tavern, town.ann, "still here");
    let mut last = ear.frame().await.unwrap();
    while last[&tavern].get("e").is_none() {
        last = ear.frame().await.unwrap();
    }
    assert!(last.get(&trash).is_none(), "{last}");
}

#[tokio::test]
async fn people_come_once_and_fade_when_nothing_is_heard_of_them() {
    let town = Town::new().await;
    let (mut ann, mut ben) = (town.ann().await, town.ben().await);
    ann.join(town.sandbox).await;
    let mut ear = ann.listen(town.sandbox, Some(i64::MAX)).await;
    ear.frame().await;
    ben.join(town.sandbox).await;
    ben.join(town.sandbox).await;
    ben.get(&format!("/rooms/{}", town.sandbox)).await;
    let his = ben.listen(town.sandbox, Some(i64::MAX)).await;
    town.server.say(town.sandbox, town.cleo, "who came?");
    assert_eq!(
        kinds(&ear.events(town.sandbox).await),
        [3],
        "once, however often he came in"
    );
    assert_eq!(kinds(&ear.events(town.sandbox).await), [1]);
    // With a socket he stays.
    for _ in 0..10 {
        town.pass(30);
        tokio::task::yield_now().await;
    }
    assert_eq!(town.server.chat().rooms_of(town.ben), [town.sandbox]);
    his.close().await;
    town.pass(91);
    let left = ear.event(town.sandbox, 4).await;
    assert_eq!(
        (&left["user_id"], &left["target_user_id"]),
        (&json!(town.ben), &json!(town.ben))
    );
    // He is not there, but can be pinged for two weeks.
    let ping = |page: crate::browser::Page| page.json().as_array().unwrap().len();
    let path = format!("/rooms/pingable/{}", town.sandbox);
    assert_eq!(ping(ann.get(&path).await), 3);
    town.pass(14 * 86_400);
    assert_eq!(ping(ann.get(&path).await), 1, "only who is here");
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

#[tokio::test]
async fn timeouts_freezing_and_blocks_have_their_sentences() {
    let town = Town::new().await;
    let (mut ann, mut ben) = (town.ann().await, town.ben().await);
    let path = format!("/rooms/timeout/{}", town.sandbox);
    assert_eq!(ann.post(&path, &[("duration", "4")]).await.status, 400);
    let page = ann
        .post(&path, &[("duration", "60"), ("reason", "calm <down>")])
        .await;
    assert_eq!(page.body, "Timeout applied");
    town.pass(2);
    let page = ben.post(&new(town.sandbox), &[("text", "but")]).await;
    assert_eq!((page.status, page.header("chat")), (404, Some("error")));
    assert_eq!(page.body, "The room is in timeout, ending in 58 seconds");
    town.pass(58);
    let id = ben.say(town.sandbox, "now").await;
    town.server
        .chat()
        .rooms
        .get_mut(&town.sandbox)
        .unwrap()
        .frozen = true;
    for path in [new(town.sandbox), format!("/messages/{id}")] {
        let page = ben.post(&path, &[("text", "brr")]).await;
        assert_eq!(page.status, 404);
        assert_eq!(
            page.body,
            "The room has been frozen; new messages cannot be added"
        );
    }
    let page = ben.get(&format!("/rooms/{}", town.sandbox)).await;
    assert!(!page.body.contains("<textarea"));
    assert_eq!(
        ann.post(
            &format!("/rooms/setfrozen/{}", town.sandbox),
            &[("freeze", "false")]
        )
        .await
        .status,
        404
    );
    town.server
        .chat()
        .accounts
        .get_mut(&town.ann)
        .unwrap()
        .moderator = true;
    ann.post(
        &format!("/rooms/setfrozen/{}", town.sandbox),
        &[("freeze", "false")],
    )
    .await
    .json();
    ben.say(town.sandbox, "thawed").await;
    let blocked = |seconds: i64| {
        let until = town.clock.now().timestamp() + seconds;
        town.server
            .chat()
            .accounts
            .get_mut(&town.ben)
            .unwrap()
            .blocked = Some(until);
    };
    blocked(5 * 3_600);
    let page = ben.post(&new(town.tavern), &[("text", "let me")]).await;
    assert_eq!(
        (page.status, page.body.as_str()),
        (404, "Your account is blocked, ending in 5 hours")
    );
    blocked(9 * 86_400);
    let page = ben.post(&new(town.tavern), &[("text", "let me")]).await;
    assert_eq!(
        page.body,
        "Your account is blocked, ending on Nov 30 at 12:01"
    );
    town.pass(9 * 86_400);
    ben.say(town.tavern, "free").await;
}

#[tokio::test]
async fn galleries_are_read_by_all_and_private_rooms_by_few() {
    let town = Town::new().await;
    let (mut ann, mut ben) = (town.ann().await, town.ben().await);
    let room = town.sandbox;
    town.server.chat().rooms.get_mut(&room).unwrap().kind = Kind::Gallery;
    ben.join(room).await;
    let page = ben.post(&new(room), &[("text", "me too")]).await;
    assert_eq!((page.status, page.body.as_str()), (404, NO_PERMISSION));
    assert!(
        !ben.get(&format!("/rooms/{room}"))
            .await
            .body
            .contains("<textarea")
    );
    assert_eq!(
        ben.post("/rooms/requestaccess", &[("roomId", &room.to_string())])
            .await
            .json(),
        "ok"
    );
    assert_eq!(town.server.chat().rooms[&room].asked, [town.ben]);
    let mut ear = ben.listen(room, Some(i64::MAX)).await;
    let (user, path) = (town.ben.to_string(), format!("/rooms/setuseraccess/{room}"));
    let grant = |access: &'static str| {
        [
            ("aclUserId", user.clone()),
            ("userAccess", access.to_string()),
        ]
    };
    for (access, writes) in [
        ("read-write", true),
        ("read-only", false),
        ("owner", true),
        ("remove", false),
    ] {
        let fields = grant(access);
        let fields = fields
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        assert_eq!(ann.post(&path, &fields).await.json(), "ok");
        let told = ear.event(room, 15).await;
        let name = if access == "remove" {
            "default"
        } else {
            access
        };
        assert_eq!(told["content"], format!("Access now {name}"));
        assert_eq!(
            (&told["user_id"], &told["target_user_id"]),
            (&json!(town.ann), &json!(town.ben))
        );
        let page = ben
            .post(&new(room), &[("text", &format!("as {access}"))])
            .await;
        assert_eq!(page.status == 200, writes, "{access}");
    }
    assert_eq!(
        ann.post(&path, &[("aclUserId", &user), ("userAccess", "king")])
            .await
            .status,
        400
    );
    town.server.chat().rooms.get_mut(&room).unwrap().kind = Kind::Private;
    for path in [new(room), format!("/chats/{room}/events")] {
        let page = ben.post(&path, &[("text", "x")]).await;
        assert_eq!(page.status, 404);
        assert!(page.body.contains("Page not found"));
    }
    let page = ben.get(&format!("/rooms/{room}")).await;
    assert!(
        page.body.contains("<h2>Private Room</h2>")
            && page.body.contains("action=\"/rooms/requestaccess\"")
    );
    assert_eq!(ben.get(&format!("/rooms/info/{room}")).await.status, 404);
    assert!(!ben.get("/").await.body.contains("Sandbox"));
    town.server
        .chat()
        .grant(room, town.ben, Some(Access::ReadOnly), town.ann);
    ben.join(room).await;
    let page = ann.get(&format!("/rooms/info/{room}?tab=access")).await;
    assert!(page.body.contains("sprite-sec-private"));
    assert!(
        page.between("id=\"access-section-read-only\"", "</main>")
            .contains(&format!("access-user-{user}"))
    );
    town.server.chat().rooms.get_mut(&room).unwrap().deleted = true;
    assert_eq!(ann.get(&format!("/rooms/{room}")).await.status, 404);
}

#[tokio::test]
async fn an_invitation_names_the_room_it_leads_to() {
    let town = Town::new().await;
    let (mut ann, mut ben) = (town.ann().await, town.ben().await);
    ben.join(town.sandbox).await;
    let mut ear = ben.listen(town.sandbox, Some(i64::MAX)).await;
    let (user, room) = (town.ben.to_string(), town.tavern.to_string());
    let page = ann
        .post("/users/invite", &[("UserId", &user), ("RoomId", &room)])
        .await;
    assert_eq!(page.json(), "ok");
    let told = ear.event(town.sandbox, 17).await;
    assert_eq!(
        (&told["room_id"], &told["room_name"]),
        (&json!(town.tavern), &json!("Tavern"))
    );
    assert_eq!(
        (&told["target_user_id"], &told["user_id"]),
        (&json!(town.ben), &json!(town.ann))
    );
    assert!(
        told["content"]
            .as_str()
            .unwrap()
            .contains(&format!("href=\"/rooms/{room}/tavern\""))
    );
    town.server.invite(town.tavern, town.ben);
    ear.event(town.sandbox, 17).await;
    // In no room at all he hears of it, too.
    ben.post("/chats/leave/all", &[("quiet", "true")]).await;
    town.server.invite(town.tavern, town.ben);
    assert_eq!(ear.event(town.sandbox, 17).await["room_id"], town.tavern);
}

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
