//! Every request that clients of others make, and every answer that they read: their order, fields and headers.

use serde_json::{Value, json};

use crate::browser::{Browser, Ear, Page};
use crate::town::{Town, noon};

/// The first `<a href="…">text</a>` behind a text.
fn link(page: &Page, start: &str) -> (String, String) {
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
async fn chat_exchange(town: &Town, email: &str, password: &str, id: i64) -> Browser {
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

/// Botpy is ChatExchange with more to ask.
#[tokio::test]
async fn botpy_asks_for_people_and_messages() {
    let town = Town::new().await;
    let room = town.sandbox;
    let mut bot = chat_exchange(&town, "cleo@example.org", "cloak", town.cleo).await;
    bot.join(room).await;
    let id = bot.say(room, "running **now** & well").await;
    let page = bot.get(&format!("/message/{id}?plain=true")).await;
    assert_eq!(
        (page.body.as_str(), page.header("content-type")),
        ("running **now** & well", Some("text/plain; charset=utf-8"))
    );
    let page = bot.get(&format!("/message/{id}")).await;
    assert_eq!(page.body, "running <b>now</b> &amp; well");
    let ids = format!("{},{}", town.ann, town.cleo);
    let users = bot
        .form(
            "/user/info",
            &[("ids", &ids), ("roomId", &room.to_string())],
        )
        .await
        .json();
    let users = users["users"].as_array().unwrap();
    assert_eq!(users.len(), 2);
    assert_eq!(
        (&users[0]["is_owner"], &users[1]["is_owner"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(users[0]["is_moderator"], false);
    assert_eq!(
        (&users[0]["last_post"], &users[1]["last_post"]),
        (&Value::Null, &json!(noon().timestamp()))
    );
    let thumbs = bot
        .get(&format!("/rooms/thumbs/{room}?showUsage=true"))
        .await
        .json();
    assert_eq!(
        (&thumbs["id"], &thumbs["name"]),
        (&json!(room), &json!("Sandbox"))
    );
    let thumbs = bot
        .get(&format!("/users/thumbs/{}", town.cleo))
        .await
        .json();
    assert_eq!(
        (&thumbs["name"], &thumbs["rooms"][0]["id"]),
        (&json!("Cléo"), &json!(room))
    );
    // It asks for news every three seconds instead of opening a web socket.
    let time = bot.join(room).await["time"].as_i64().unwrap();
    town.server.say(room, town.ann, "@cleo stop");
    let key = bot.fkey.clone();
    let since = time.to_string();
    let news = bot
        .form("/events", &[("fkey", &key), (&format!("r{room}"), &since)])
        .await
        .json();
    let news = &news[format!("r{room}")];
    let kinds: Vec<i64> = news["e"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["event_type"].as_i64().unwrap())
        .collect();
    assert_eq!(kinds, [8, 1]);
    assert_eq!(news["d"], 2);
}

/// samliew's client, which needs a slash at the end of the origin.
#[tokio::test]
async fn samliews_client_walks_through() {
    let town = Town::new().await;
    let room = town.sandbox;
    let mut it = Browser::new(town.server.url());
    let key = it.get("/users/login").await.key();
    let fields = [
        ("ssrc", "head"),
        ("fkey", key.as_str()),
        ("email", "ann@example.org"),
        ("password", "anchor & <sail>"),
        ("oauth_version", ""),
        ("oauth_server", ""),
    ];
    let page = it.form("/users/login", &fields).await;
    assert_eq!(page.status, 302);
    let acct = it.cookies["acct"].clone();
    let page = it.get("/chats/join/favorite").await;
    it.fkey = page.key();
    let (href, _) = link(&page, "class=\"topbar-menu-links\"");
    assert_eq!(
        href.split('/').nth(3),
        Some("ann-other"),
        "the name is the third part of the path"
    );
    let time = it.join(room).await["time"].as_i64().unwrap();
    assert_ne!(time, 0);
    let url = it.ticket(room).await;
    let origin = format!("{}/", town.server.url());
    let mut ear = Ear::open(&format!("{url}?l={time}"), Some(&origin))
        .await
        .unwrap();
    let page = it
        .post(
            &format!("/chats/{room}/messages/new"),
            &[("text", "from a script")],
        )
        .await;
    assert_eq!(page.status, 200);
    let id = ear.event(room, 1).await["message_id"].as_i64().unwrap();
    let page = it
        .post(
            &format!("/messages/{id}"),
            &[("text", "from another script")],
        )
        .await;
    assert_eq!(page.body, "\"ok\"");
    assert_eq!(ear.event(room, 2).await["message_id"], id);
    let trash = town.trash.to_string();
    let page = it
        .post(
            &format!("/admin/movePosts/{room}"),
            &[("ids", &id.to_string()), ("to", &trash)],
        )
        .await;
    assert_eq!(page.body, "1");
    let id = it.say(room, "to be removed").await;
    let page = it.post(&format!("/messages/{id}/delete"), &[]).await;
    assert_eq!(page.body, "\"ok\"");
    assert_eq!(ear.event(room, 10).await["message_id"], id);
    let page = it.post("/chats/leave/all", &[("quiet", "true")]).await;
    assert_eq!(page.status, 200);
    ear.close().await;
    // With the cookie alone, as it does it the next time.
    let mut again = Browser::new(town.server.url());
    again.cookies.insert("acct".into(), acct);
    let page = again.get("/").await;
    assert!(!page.key().is_empty());
    assert!(page.body.contains("my-profile"));
}

#[tokio::test]
async fn a_browser_tracks_before_it_logs_in_and_logs_out_with_the_key() {
    let town = Town::new().await;
    let mut it = Browser::new(town.server.url());
    let key = it.get("/users/login").await.key();
    let track = "/users/login-or-signup/validation/track";
    let all = [
        ("isLogin", "true"),
        ("fkey", key.as_str()),
        ("email", "ben@example.org"),
        ("password", "bellows"),
    ];
    assert!(it.form(track, &all).await.body.contains("Login-OK"));
    let all = [
        ("isLogin", "true"),
        ("fkey", key.as_str()),
        ("email", "ben@example.org"),
        ("password", "other"),
    ];
    assert!(!it.form(track, &all).await.body.contains("Login-OK"));
    let page = it.log_in("ben@example.org", "other").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("id=\"login-form\""));
    assert!(!it.cookies.contains_key("acct"));
    let all = [
        ("fkey", "0"),
        ("email", "ben@example.org"),
        ("password", "bellows"),
    ];
    assert_eq!(
        it.form("/users/login", &all).await.status,
        200,
        "the key of the form must be one"
    );
    let all = [
        ("fkey", key.as_str()),
        ("email", "ben@example.org"),
        ("password", "bellows"),
    ];
    let page = it.form("/users/login?returnurl=%2Frooms%2F1", &all).await;
    assert_eq!(page.header("location"), Some("/rooms/1"));
    let page = it.get("/users/current").await;
    assert_eq!(
        page.header("location"),
        Some(format!("/users/{}/ben", town.ben).as_str())
    );
    let key = it.get("/users/logout").await.key();
    let old = it.clone();
    assert_eq!(it.form("/users/logout", &[("fkey", "x")]).await.status, 400);
    assert_eq!(
        it.form("/users/logout", &[("fkey", &key)]).await.status,
        302
    );
    assert!(!it.cookies.contains_key("acct"));
    let mut old = old;
    assert!(
        !old.get("/").await.body.contains("my-profile"),
        "the login has ended, too"
    );
}
