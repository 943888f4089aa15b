//! Every request that clients of others make, and every answer that they read: their order, fields and headers.

use serde_json::{Value, json};

use crate::browser::{Browser, Ear, Page};
use crate::town::{Town, noon};

/// The first `<a href="…">text</a>` behind a text.
pub fn link(page: &Page, start: &str) -> (String, String) {
    let (_, rest) = page
        .body
        .split_once(start)
        .unwrap_or_else(|| panic!("no {start}: {}", page.body));
    let (_, rest) = rest.split_once("<a ").unwrap();
    let (_, rest) = rest.split_once("href=\"").unwrap();
    let (href, rest) = rest.split_once('"').unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    (href.into(), rest.split_once("</a>").unwrap().0.into())
}

/// A text behind another one, up to the end of its element.
fn inside<'a>(page: &'a Page, start: &str) -> &'a str {
    let rest = page.between(start, "</");
    rest.split_once('>').map_or(rest, |(_, text)| text)
}

fn plain_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|sign| sign.is_ascii_digit())
}

/// The members without which the reading thread of ChatExchange dies.
fn readable(event: &Value) {
    for member in ["event_type", "id", "time_stamp"] {
        assert!(event[member].is_i64(), "{member}: {event}");
    }
    if !event["room_id"].is_null() {
        assert!(event["room_name"].is_string(), "{event}");
    }
    match event["event_type"].as_i64().unwrap() {
        3 | 4 => assert!(
            event["user_id"].is_i64() && event["user_name"].is_string(),
            "{event}"
        ),
        1 | 2 | 6 | 8 | 10 | 18..=20 => assert!(event["message_id"].is_i64(), "{event}"),
        other => panic!("unexpected here: {other}"),
    }
}

/// Manishearth's ChatExchange, with everything at one address.
pub async fn chat_exchange(town: &Town, email: &str, password: &str, id: i64) -> Browser {
    let mut it = Browser::new(town.server.url());
    it.headers
        .push(("User-Agent".into(), "ChatExchange/0.0.4".into()));
    // The address is padded with blanks.
    let page = it.get("/users/login?returnurl%20=%20%2F").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("id=\"login-form\""));
    assert!(!page.body.contains("my-profile"));
    let key = page.key();
    assert_eq!(key.len(), 64);
    let page = it
        .form(
            "/users/login",
            &[("email", email), ("password", password), ("fkey", &key)],
        )
        .await;
    assert_eq!((page.status, page.header("location")), (302, Some("/")));
    let acct = page
        .cookies()
        .into_iter()
        .filter(|cookie| cookie.starts_with("acct="));
    let acct: Vec<&str> = acct.collect();
    assert_eq!(acct.len(), 1);
    assert!(
        !acct[0].contains("domain=") && !acct[0].contains("secure"),
        "{acct:?}"
    );
    let page = it.get("/").await;
    assert!(
        page.body.contains("class=\"my-profile\""),
        "the redirect leads to a page that says so"
    );
    assert!(
        page.cookies()
            .iter()
            .any(|cookie| cookie.starts_with("chatusr=t="))
    );
    let page = it.get("/users/login").await;
    assert_eq!((page.status, page.header("location")), (302, Some("/")));
    let page = it.get("/chats/join/favorite").await;
    let (href, name) = link(&page, "class=\"topbar-menu-links\"");
    assert_eq!(href.split('/').nth(2), Some(id.to_string().as_str()));
    assert_eq!(name, town.server.chat().name(id));
    it.fkey = page.key();
    assert_eq!(it.fkey.len(), 32);
    assert!(
        page.body
            .contains("<input id=\"fkey\" name=\"fkey\" type=\"hidden\" value=\"")
    );
    it
}

#[tokio::test]
async fn chat_exchange_walks_through() {
    let town = Town::new().await;
    let room = town.sandbox;
    let mut ben = chat_exchange(&town, "ben@example.org", "bellows", town.ben).await;
    let mut ann = chat_exchange(&town, "ann@example.org", "anchor & <sail>", town.ann).await;
    let referer = format!("{}/rooms/{room}", town.server.url());
    ben.headers.push(("Referer".into(), referer));

    let joined = ben.join(room).await;
    assert_eq!(joined["events"], json!([]));
    assert_eq!(joined["sync"], noon().timestamp());
    assert!(joined["ms"].is_i64());
    let time = joined["time"].as_i64().unwrap();
    assert!(time > 0);

    let fields = [("roomid", room.to_string())];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let url = ben.post("/ws-auth", &fields).await.json()["url"]
        .as_str()
        .unwrap()
        .to_string();
    let own = format!("ws://{}/events/{room}/", ben.host);
    assert_eq!(url.strip_prefix(&own).map(str::len), Some(32), "{url}");
    let mut ear = Ear::open(&format!("{url}?l={time}"), Some(town.server.url()))
        .await
        .unwrap();

    // It posts, with the answer as text that is JSON.
    ann.join(room).await;
    let first = ann.say(room, "hello @ben").await;
    let told = ear.events(room).await;
    told.iter().for_each(readable);
    let told = ear.events(room).await;
    told.iter().for_each(readable);
    assert_eq!(
        told.iter()
            .map(|e| e["event_type"].as_i64().unwrap())
            .collect::<Vec<_>>(),
        [8, 1]
    );
    assert_eq!(told[1]["message_id"], first);
    let mine = ben.say(room, &format!(":{first} yes")).await;
    ear.events(room).await.iter().for_each(readable);
    let again = ben
        .post(
            &format!("/chats/{room}/messages/new"),
            &[("text", &format!(":{first} yes"))],
        )
        .await;
    assert_eq!(again.body, "{\"id\":null,\"time\":null}");

    let page = ben
        .post(
            &format!("/messages/{mine}"),
            &[("text", &format!(":{first} *yes*"))],
        )
        .await;
    assert_eq!(page.body, "\"ok\"");
    let edited = ear.events(room).await;
    edited.iter().for_each(readable);
    assert_eq!(edited[0]["content"], "<i>yes</i>");
    assert_eq!(
        ben.post(&format!("/messages/{first}/star"), &[]).await.body,
        "\"ok\""
    );
    let starred = ear.events(room).await;
    starred.iter().for_each(readable);
    assert_eq!(starred[0]["message_stars"], 1);
    assert!(starred[0].get("user_id").is_none());
    assert_eq!(
        starred[0]["message_starred"], true,
        "the one who did it is told"
    );
    assert_eq!(
        ben.post(&format!("/messages/{first}/owner-star"), &[])
            .await
            .body,
        "\"Only a room-owner can pin messages\""
    );
    assert_eq!(
        ann.post(&format!("/messages/{mine}/owner-star"), &[])
            .await
            .body,
        "\"ok\""
    );
    let pinned = ear.events(room).await;
    assert_eq!(pinned[0]["message_owner_stars"], 1);
    assert!(
        pinned[0].get("message_owner_starred").is_none(),
        "only the one who did it is told"
    );
    ann.say(room, "to be removed").await;
    let last = ear.events(room).await[0]["message_id"].as_i64().unwrap();
    assert_eq!(
        ann.post(&format!("/messages/{last}/delete"), &[])
            .await
            .body,
        "\"ok\""
    );
    ear.events(room).await.iter().for_each(readable);

    // It asks for news without a web socket, too.
    let key = ben.fkey.clone();
    let since = time.to_string();
    let news = ben
        .form("/events", &[("fkey", &key), (&format!("r{room}"), &since)])
        .await
        .json();
    let news = &news[format!("r{room}")];
    for event in news["e"].as_array().unwrap() {
        readable(event);
    }
    let t = news["t"].as_i64().unwrap().to_string();
    let news = ben
        .form("/events", &[("fkey", &key), (&format!("r{room}"), &t)])
        .await
        .json();
    assert_eq!(news, json!({format!("r{room}"): {}}));
    scraped(&town, &mut ben, first, mine).await;

    // It leaves at an address with two slashes and without `quiet`.
    let page = ben.post(&format!("//chats/leave/{room}"), &[]).await;
    assert_eq!(page.status, 200);
    assert!(town.server.chat().rooms_of(town.ben).is_empty());
    ear.close().await;
}

/// The pages that ChatExchange and Botpy read.
async fn scraped(town: &Town, it: &mut Browser, first: i64, mine: i64) {
    let room = town.sandbox;
    let page = it.get(&format!("/rooms/info/{room}")).await;
    assert_eq!(inside(&page, "<h1"), "Sandbox");
    assert!(page.body.contains("class=\"roomcard-xxl\""));
    assert!(plain_number(inside(&page, "room-message-count-xxl")));
    assert_eq!(inside(&page, "room-user-count-xxl"), "2");
    assert_eq!(
        link(&page, "room-ownercards"),
        (format!("/users/{}/ann-other", town.ann), "Ann Other".into())
    );
    assert!(
        page.body
            .contains("<div class=\"user-header\" title=\"Ben\">")
    );

    let page = it.get(&format!("//rooms/{room}/")).await;
    let users = page.between("<div class=\"js-present\" data-users=\"", "\"");
    let users: Value = serde_json::from_str(&html_escape::decode_html_entities(users)).unwrap();
    let names: Vec<&str> = users
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Ann Other", "Ben"]);
    assert!(page.body.contains("<textarea id=\"input\""));
    assert!(
        page.body
            .contains(&format!("id=\"active-user\" class=\"user-{}\"", town.ben))
    );
    assert_eq!(
        page.key(),
        it.fkey,
        "the first key on the page is that of the chat"
    );

    let pingable = it.get(&format!("/rooms/pingable/{room}")).await.json();
    let at = noon().timestamp();
    assert_eq!(
        pingable,
        json!([[town.ann, "Ann Other", at, at], [town.ben, "Ben", at, at]])
    );

    let page = it.get(&format!("/messages/{mine}/history")).await;
    assert_eq!(
        page.body.matches("<div class=\"monologue").count(),
        3,
        "as it is, and two versions"
    );
    assert!(page.body.contains(&format!(
        "name=\"{mine}\" href=\"/transcript/{room}?m={mine}#{mine}\""
    )));
    assert_eq!(
        page.between("<div class=\"content\">", "</div>"),
        "<i>yes</i>"
    );
    assert_eq!(
        inside(&page, "message-source\""),
        format!(":{first} *yes*"),
        "the newest is the first"
    );
    assert_eq!(
        link(&page, "class=\"username\"").0,
        format!("/users/{}/ben", town.ben)
    );
    let (edited, said) = (
        page.body.find("<b>edited:</b>"),
        page.body.find("<b>said:</b>"),
    );
    assert!(edited.unwrap() < said.unwrap());
    let (pinner, _) = link(&page, "<p><span class=\"stars owner-star\">");
    assert_eq!(pinner, format!("/users/{}/ann-other", town.ann));

    let page = it.get(&format!("/transcript/message/{mine}")).await;
    let (href, name) = link(&page, "class=\"room-name\"");
    assert_eq!(
        (href.as_str(), name.as_str()),
        (format!("/rooms/{room}/sandbox").as_str(), "Sandbox")
    );
    assert!(
        page.body
            .contains(&format!("<div class=\"monologue user-{}\">", town.ben))
    );
    assert!(page.body.contains(&format!(
        "<div class=\"message highlight\" id=\"message-{mine}\">"
    )));
    assert!(
        page.body
            .contains(&format!("href=\"/transcript/message/{first}#{first}\">"))
    );
    assert!(page.body.contains("class=\"edits\""));
    assert!(
        page.body
            .contains("class=\"stars user-star vote-count-container\"")
    );
    assert!(
        page.body
            .contains("class=\"stars owner-star vote-count-container\"")
    );
    assert!(page.body.contains("<span class=\"times\">1</span>"));

    let page = it.get(&format!("/users/{}", town.ann)).await;
    assert_eq!(inside(&page, "<h1"), "Ann Other");
    assert_eq!(inside(&page, "class=\"user-status\""), "Ann Other");
    assert_eq!(inside(&page, "class=\"reputation-score\""), "101");
    assert!(
        page.body
            .contains("class=\"reputation-score\" title=\"101\"")
    );
    assert!(plain_number(inside(&page, "user-message-count-xxl")));
    assert!(plain_number(inside(&page, "user-room-count-xxl")));
    let cells: Vec<&str> = page
        .body
        .split("class=\"user-valuecell\">")
        .skip(1)
        .collect();
    assert_eq!(cells.len(), 4);
    assert!(
        cells[1].starts_with("just now") && cells[2].starts_with("just now"),
        "{cells:?}"
    );
}
