//! Three chats at one address, told apart by their hosts; requests that are wrong in themselves.

use serde_json::json;

use crate::browser::{Browser, Ear};
use crate::stack_exchange_chat::{HOSTS, Pace, Rules, Settings};
use crate::town::Town;

/// Somebody who says that this is that host.
fn at(town: &Town, host: &str) -> Browser {
    let mut browser = Browser::new(town.server.url());
    browser.host = host.into();
    browser
}

/// Three chats, each with a room 1.
async fn three() -> Town {
    let settings = Settings {
        hosts: true,
        ..Settings::default()
    };
    let town = Town::with(settings).await;
    for host in &HOSTS[1..] {
        let mut chat = town.server.chat_of(host);
        let owner = chat.account("ann@example.org", "anchor & <sail>", "Ann Other");
        chat.room("Sandbox", owner);
    }
    town
}

#[tokio::test]
async fn cookies_belong_to_the_site_they_come_from() {
    let town = three().await;
    let attribute = |cookie: &str, name: &str| {
        let all = cookie
            .split("; ")
            .find_map(|part| Some(part.strip_prefix(name)?.to_string()));
        all.unwrap_or_default()
    };
    for (site, chat, domain, mark) in [
        (
            "meta.stackexchange.com",
            HOSTS[0],
            ".stackexchange.com",
            "sechatusr",
        ),
        (
            "stackoverflow.com",
            HOSTS[1],
            ".stackoverflow.com",
            "chatusr",
        ),
        (
            "meta.stackexchange.com",
            HOSTS[2],
            ".stackexchange.com",
            "chatusr",
        ),
    ] {
        let mut it = at(&town, site);
        let page = it.get("/users/login").await;
        let prov = page.cookies()[0];
        assert!(
            prov.starts_with("prov=") && prov.split('-').count() > 4,
            "{prov}"
        );
        let page = it.log_in("ben@example.org", "bellows").await;
        let acct = page.cookies()[0];
        assert!(
            acct.starts_with("acct=t=") && acct.contains("&s=") && acct.contains("%2b"),
            "{acct}"
        );
        assert_eq!(attribute(acct, "domain="), domain);
        assert!(acct.contains("; secure") && acct.contains("; HttpOnly"));
        // The jar of a real client carries it over.
        it.host = chat.into();
        let page = it.get("/chats/join/favorite").await;
        assert!(page.body.contains("my-profile"));
        let marks: Vec<&str> = page
            .cookies()
            .into_iter()
            .filter(|cookie| cookie.starts_with(mark))
            .collect();
        assert_eq!(marks.len(), 1);
        assert_eq!(
            attribute(marks[0], "domain="),
            "",
            "only for the chat itself"
        );
        it.fkey = page.key();
        let url = it.ticket(1).await;
        assert!(
            url.starts_with(&town.server.url().replace("http", "ws")),
            "{url}"
        );
    }
    // What is good there is not good here, and not when it is encoded again.
    let mut it = at(&town, "stackoverflow.com");
    it.log_in("ben@example.org", "bellows").await;
    let acct = it.cookies["acct"].clone();
    let mut other = at(&town, HOSTS[0]);
    other.cookies.insert("acct".into(), acct.clone());
    assert!(!other.get("/").await.body.contains("my-profile"));
    let mut again = at(&town, HOSTS[1]);
    for value in [
        acct.replace('=', "%3D").replace('&', "%26"),
        acct.replace("%2b", "+"),
    ] {
        again.cookies.insert("acct".into(), value);
        assert!(!again.get("/").await.body.contains("my-profile"));
    }
    again.cookies.insert("acct".into(), acct);
    assert!(again.get("/").await.body.contains("my-profile"));
}

#[tokio::test]
async fn three_chats_share_no_numbers() {
    let town = three().await;
    let mut keys = Vec::new();
    let mut users = Vec::new();
    for host in HOSTS {
        let room = {
            let mut chat = town.server.chat_of(host);
            let owner = chat.by_email("ann@example.org").unwrap().id;
            chat.room("Lobby", owner)
        };
        let mut ann = at(&town, host);
        ann.log_in("ann@example.org", "anchor & <sail>").await;
        ann.fetch_key().await;
        keys.push(ann.fkey.clone());
        let time = ann.join(room).await["time"].as_i64().unwrap();
        let mut ear = Ear::open(
            &format!("{}?l={time}", ann.ticket(room).await),
            Some(&format!("https://{host}")),
        )
        .await
        .unwrap();
        let id = ann.say(room, "hello").await;
        let told = ear.event(room, 1).await;
        users.push(told["user_id"].as_i64().unwrap());
        assert_eq!(told["message_id"], id);
        let chat = town.server.chat_of(host);
        assert_eq!(chat.messages.len(), 1);
        assert_eq!(chat.messages[&id].room, room);
    }
    for list in [&mut users] {
        list.dedup();
        assert_eq!(list.len(), 3, "a user has another number in each chat");
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 3);
    // A key of one chat is no key of another.
    let mut ben = at(&town, HOSTS[0]);
    ben.log_in("ben@example.org", "bellows").await;
    ben.fetch_key().await;
    ben.host = HOSTS[2].into();
    assert_eq!(
        ben.post("/chats/1/messages/new", &[("text", "x")])
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn what_is_wrong_in_itself_is_refused() {
    let town = Town::new().await;
    let mut ann = town.ann().await;
    let path = format!("/chats/{}/messages/new", town.sandbox);
    assert_eq!(
        ann.form(&path, &[("text", "x")]).await.status,
        400,
        "no key"
    );
    assert_eq!(
        ann.form(&path, &[("text", "x"), ("fkey", "0123")])
            .await
            .status,
        400,
        "a wrong key"
    );
    let key = ann.fkey.clone();
    let body = json!({"text": "x", "fkey": key}).to_string();
    let page = ann
        .request("POST", &path, Some(("application/json", &body)))
        .await
        .unwrap();
    assert_eq!(page.status, 404, "another content type finds nothing");
    assert!(page.body.contains("Page not found"));
    assert_eq!(
        ann.post("/chats/99/messages/new", &[("text", "x")])
            .await
            .status,
        404
    );
    assert_eq!(ann.post("/chats/99/events", &[]).await.status, 404);
    assert_eq!(ann.post(&path, &[]).await.status, 400, "no text");
    for path in [
        "/nothing",
        "/rooms/99",
        "/rooms/x",
        "/users/99",
        "/message/1",
        "/messages/1/history",
        "/transcript/message/1",
        "/transcript/99",
        "/transcript/1/2026/13/1",
        "/rooms/info/99",
    ] {
        let page = ann.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(page.body.contains("Page not found"));
    }
    for (path, location) in [
        ("/messages/77", "/error?aspxerrorpath=/messages/77"),
        (
            "/messages/77/delete",
            "/error?aspxerrorpath=/messages/77/delete",
        ),
    ] {
        let page = ann.post(path, &[("text", "x")]).await;
        assert_eq!(
            (page.status, page.header("location")),
            (302, Some(location))
        );
    }
    assert!(town.server.messages(town.sandbox).is_empty());
    // Pages of what is there.
    let id = ann.say(town.sandbox, "a < b").await;
    assert_eq!(
        ann.get(&format!("/transcript/{}/2026/11/21/12-13/", town.sandbox))
            .await
            .body
            .matches("a &lt; b")
            .count(),
        1
    );
    assert_eq!(
        ann.get(&format!("/transcript/{}/2026/11/21/13-14", town.sandbox))
            .await
            .body
            .matches("a &lt; b")
            .count(),
        0
    );
    assert!(
        ann.get(&format!("/transcript/{}?m={id}", town.sandbox))
            .await
            .body
            .contains("highlight")
    );
    town.server.delete(id);
    let mut ben = town.ben().await;
    assert_eq!(ben.get(&format!("/message/{id}")).await.status, 404);
    assert_eq!(
        ann.get(&format!("/message/{id}")).await.status,
        200,
        "an owner sees it"
    );
}

#[tokio::test]
async fn who_has_no_standing_cannot_talk_and_an_edit_may_need_its_page() {
    let settings = Settings {
        rules: Rules {
            reputation: 20,
            referer: true,
            ..Rules::default()
        },
        ..Settings::default()
    };
    let town = Town::with(settings).await;
    let mut ben = town.ben().await;
    town.server
        .chat()
        .accounts
        .get_mut(&town.ben)
        .unwrap()
        .reputation = 19;
    let path = format!("/chats/{}/messages/new", town.sandbox);
    let page = ben.post(&path, &[("text", "x")]).await;
    assert_eq!((page.status, page.header("chat")), (403, Some("error")));
    assert!(page.body.starts_with("You need 20 reputation"));
    town.server
        .chat()
        .accounts
        .get_mut(&town.ben)
        .unwrap()
        .reputation = 20;
    let id = ben.say(town.sandbox, "x").await;
    let edit = format!("/messages/{id}");
    let page = ben.post(&edit, &[("text", "y")]).await;
    assert_eq!(
        page.json(),
        "You cannot write or edit messages in this room"
    );
    ben.headers.push((
        "Referer".into(),
        format!("{}/rooms/{}", town.server.url(), town.sandbox),
    ));
    assert_eq!(ben.post(&edit, &[("text", "y")]).await.json(), "ok");
}

#[tokio::test]
async fn the_real_pace_lets_two_through_and_then_slows_down() {
    let settings = Settings {
        rules: Rules {
            pace: Pace::Real,
            ..Rules::default()
        },
        ..Settings::default()
    };
    let town = Town::with(settings).await;
    let (mut ann, mut ben) = (town.ann().await, town.ben().await);
    let path = format!("/chats/{}/messages/new", town.sandbox);
    ann.say(town.sandbox, "1").await;
    ann.say(town.tavern, "2").await;
    let mut waited = Vec::new();
    for n in 3..8 {
        let text = n.to_string();
        let page = ann.post(&path, &[("text", &text)]).await;
        assert_eq!(page.status, 409);
        let seconds: i64 = page.between("again in ", " second").parse().unwrap();
        waited.push(seconds);
        town.pass(seconds);
        ann.say(town.sandbox, &text).await;
    }
    assert_eq!(waited, [2, 4, 5, 6, 7]);
    ben.say(town.sandbox, "somebody else").await;
    town.pass(61);
    ann.say(town.sandbox, "long after").await;
}

#[tokio::test]
async fn a_moderator_may_more() {
    let town = Town::new().await;
    let mut cleo = town.cleo().await;
    let id = town.server.say(town.sandbox, town.ben, "nonsense");
    town.pass(3_600);
    assert_eq!(
        cleo.post(&format!("/messages/{id}/undelete"), &[])
            .await
            .status,
        404
    );
    town.server
        .chat()
        .accounts
        .get_mut(&town.cleo)
        .unwrap()
        .moderator = true;
    assert_eq!(
        cleo.post(&format!("/messages/{id}"), &[("text", "sense")])
            .await
            .json(),
        "ok"
    );
    assert_eq!(
        cleo.post(&format!("/messages/{id}/delete"), &[])
            .await
            .json(),
        "ok"
    );
    let chat = town.server.chat();
    let deleted = &chat.log.after(chat.log.last() - 1)[0].body;
    assert_eq!(
        (&deleted["user_id"], &deleted["target_user_id"]),
        (&json!(town.cleo), &json!(town.ben))
    );
    drop(chat);
    assert_eq!(
        cleo.post(&format!("/messages/{id}/undelete"), &[])
            .await
            .json(),
        "ok"
    );
    assert!(!town.server.messages(town.sandbox)[0].deleted);
    let page = cleo.get(&format!("/users/{}", town.cleo)).await;
    assert!(page.between("class=\"user-status\">", "<").ends_with('♦'));
}
