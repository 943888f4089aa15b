//! Rooms: who may do what, who is there, what owners do, what is told where.

use serde_json::{Value, json};

use crate::stack_exchange_chat::{Access, Kind};
use crate::town::Town;

pub fn kinds(events: &[Value]) -> Vec<i64> {
    events
        .iter()
        .map(|event| event["event_type"].as_i64().unwrap())
        .collect()
}

pub fn new(room: i64) -> String {
    format!("/chats/{room}/messages/new")
}

pub const NO_PERMISSION: &str = "The room does not exist, or you do not have permission";

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
