//! What Botpy, the client of samliew and a browser ask for.

use crate::browser::{Browser, Ear};
use crate::clients::{chat_exchange, link};
use crate::town::{Town, noon};
use serde_json::{Value, json};

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
