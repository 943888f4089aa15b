//! What goes wrong when it is told to.

use serde_json::json;
use tokio::net::TcpStream;

use crate::browser::{Browser, within};
use crate::stack_exchange_chat::{Fault, How, Settings};
use crate::town::{Town, noon};

const SAY: &str = "/messages/new";

fn new(room: i64) -> String {
    format!("/chats/{room}/messages/new")
}

#[tokio::test]
async fn requests_fail_before_they_have_an_effect() {
    let town = Town::new().await;
    let mut ann = town.ann().await;
    let path = new(town.sandbox);
    for status in [302, 404, 409, 500, 502, 503] {
        town.server
            .fail(Fault::new(How::Status(status)).path(SAY).times(2));
        assert_eq!(ann.get("/").await.status, 200, "another path goes well");
        for _ in 0..2 {
            assert_eq!(ann.post(&path, &[("text", "lost")]).await.status, status);
        }
    }
    assert!(town.server.messages(town.sandbox).is_empty());
    town.server.fail(Fault::new(How::Throttled(7)).path(SAY));
    let page = ann.post(&path, &[("text", "lost")]).await;
    assert_eq!(page.body, "You can perform this action again in 7 seconds.");
    town.server.fail(Fault::new(How::Conflict).path(SAY));
    let page = ann.post(&path, &[("text", "lost")]).await;
    assert_eq!((page.status, page.body.as_str()), (409, "Conflict"));
    town.server.fail(Fault::new(How::Page).path(SAY));
    let page = ann.post(&path, &[("text", "lost")]).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    town.server.fail(Fault::new(How::Cloudflare));
    let page = ann.get("/").await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("Cloudflare"));
    town.server
        .fail(Fault::new(How::Status(500)).path(SAY).skip(1));
    ann.say(town.sandbox, "heard").await;
    assert_eq!(ann.post(&path, &[("text", "lost")]).await.status, 500);
    town.server.fail(Fault::new(How::Status(500)).method("GET"));
    ann.say(town.sandbox, "heard again").await;
    assert_eq!(ann.get("/").await.status, 500);
    assert_eq!(town.server.messages(town.sandbox).len(), 2);
    let log = town.server.requests();
    let refused = log
        .iter()
        .filter(|line| line.path == path && line.status == 502);
    assert_eq!(refused.count(), 2);
    assert_eq!(
        log.last()
            .map(|line| (line.method.as_str(), line.path.as_str(), line.status)),
        Some(("GET", "/", 500))
    );
    assert!(
        log.iter()
            .all(|line| line.form.iter().all(|(name, _)| name != "password"))
    );
}

#[tokio::test]
async fn an_answer_is_lost_though_the_message_is_there() {
    let town = Town::new().await;
    let mut ann = town.ann().await;
    let path = new(town.sandbox);
    for (number, how) in [How::HangUp, How::Reset, How::Cut, How::Status(502)]
        .into_iter()
        .enumerate()
    {
        town.server.fail(Fault::new(how.clone()).path(SAY).after());
        let text = format!("number {number}");
        let key = ann.fkey.clone();
        let answer = ann
            .try_form(&path, &[("fkey", &key), ("text", &text)])
            .await;
        match how {
            How::Status(status) => assert_eq!(answer.unwrap().status, status),
            _ => assert!(answer.is_err(), "{how:?}: {answer:?}"),
        }
        assert_eq!(
            town.server.messages(town.sandbox).len(),
            number + 1,
            "{how:?}"
        );
    }
    // Nothing comes, and the connection stays until this side gives up.
    town.server.fail(Fault::new(How::Silence).path(SAY).after());
    let waiting = tokio::spawn({
        let (mut ann, path) = (ann.clone(), path.clone());
        async move { ann.post(&path, &[("text", "and silence")]).await.status }
    });
    let mut seen = 0;
    while town.server.messages(town.sandbox).len() < 5 {
        seen = within(town.server.news(seen)).await;
    }
    assert!(!waiting.is_finished());
    waiting.abort();
    let log = town.server.requests();
    assert_eq!(log.iter().filter(|line| line.status == 0).count(), 3);
}

#[tokio::test]
async fn log_ins_meet_a_captcha() {
    let town = Town::new().await;
    town.server.faults(|faults| faults.captchas = 2);
    let mut ben = Browser::new(town.server.url());
    let page = ben.log_in("ben@example.org", "bellows").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Human verification"));
    town.server.faults(|faults| faults.captcha_moves = true);
    let page = ben.log_in("ben@example.org", "bellows").await;
    assert_eq!(page.status, 302);
    assert!(page.header("location").unwrap().starts_with("/nocaptcha"));
    assert!(!ben.cookies.contains_key("acct"));
    let page = ben.log_in("ben@example.org", "bellows").await;
    assert_eq!(page.header("location"), Some("/"));
}

#[tokio::test]
async fn who_logs_in_too_often_meets_a_captcha_for_five_minutes() {
    let settings = Settings {
        captcha_after: Some(2),
        ..Settings::default()
    };
    let town = Town::with(settings).await;
    let mut ben = Browser::new(town.server.url());
    for _ in 0..2 {
        assert_eq!(ben.log_in("ben@example.org", "wrong").await.status, 200);
        town.pass(1);
    }
    let page = ben.log_in("ben@example.org", "bellows").await;
    assert!(page.body.contains("Human verification"));
    town.pass(300);
    assert_eq!(ben.log_in("ben@example.org", "bellows").await.status, 302);
}

#[tokio::test]
async fn a_session_ends_without_a_word() {
    let town = Town::new().await;
    let mut ann = town.ann().await;
    ann.say(town.sandbox, "here").await;
    town.server.expire("ann@example.org");
    let page = ann.post(&new(town.sandbox), &[("text", "not here")]).await;
    assert_eq!(page.status, 400);
    let page = ann.get("/chats/join/favorite").await;
    assert_eq!(page.status, 200);
    let menu = page.between("topbar-menu-links\">", "</span>");
    assert!(
        menu.contains("login") && !menu.contains("/users/1"),
        "{menu}"
    );
    assert_ne!(page.key(), ann.fkey, "a stranger has a key, too");
    assert_eq!(
        ann.get(&format!("/rooms/pingable/{}", town.sandbox))
            .await
            .body,
        "[]"
    );
    let page = ann.get(&format!("/rooms/{}", town.sandbox)).await;
    assert!(!page.body.contains("active-user") && !page.body.contains("<textarea"));
    ann.log_in("ann@example.org", "anchor & <sail>").await;
    ann.fetch_key().await;
    ann.say(town.sandbox, "back").await;
    town.pass(180 * 86_400);
    let page = ann.post(&new(town.sandbox), &[("text", "not here")]).await;
    assert_eq!(page.status, 400, "a login lasts half a year");
}

#[tokio::test]
async fn programs_make_it_go_wrong_over_http() {
    let town = Town::new().await;
    let mut it = Browser::new(town.server.url());
    assert_eq!(
        it.form("/_test/advance", &[("seconds", "1")]).await.status,
        404,
        "off unless wanted"
    );
    let settings = Settings {
        control: Some("secret".into()),
        ..Settings::default()
    };
    let town = Town::with(settings).await;
    let mut it = Browser::new(town.server.url());
    assert_eq!(
        it.form("/_test/advance", &[("seconds", "1")]).await.status,
        404,
        "without the token"
    );
    it.headers.push(("X-Test-Token".into(), "secret".into()));
    let answer = it.form("/_test/advance", &[("seconds", "5")]).await.json();
    assert_eq!(answer, json!({"now": noon().timestamp() + 5}));
    let user = it
        .form(
            "/_test/user",
            &[
                ("email", "dan@example.org"),
                ("password", "door"),
                ("name", "Dan"),
            ],
        )
        .await
        .json()["id"]
        .to_string();
    let room = it
        .form(
            "/_test/room",
            &[("name", "Attic"), ("owner", &user), ("kind", "gallery")],
        )
        .await
        .json()["id"]
        .to_string();
    let mut dan = Browser::logged_in(town.server.url(), "dan@example.org", "door").await;
    let number: i64 = room.parse().unwrap();
    dan.join(number).await;
    let mut ear = dan.listen(number, Some(i64::MAX)).await;
    let said = it
        .form(
            "/_test/say",
            &[("room", &room), ("user", &user), ("text", "*up* here")],
        )
        .await
        .json()["id"]
        .to_string();
    assert_eq!(ear.event(number, 1).await["content"], "<i>up</i> here");
    it.form("/_test/edit", &[("message", &said), ("text", "down")])
        .await
        .json();
    assert_eq!(ear.event(number, 2).await["content"], "down");
    it.form("/_test/delete", &[("message", &said)]).await.json();
    ear.event(number, 10).await;
    it.form(
        "/_test/fail",
        &[("how", "503"), ("path", SAY), ("times", "2")],
    )
    .await
    .json();
    for _ in 0..2 {
        assert_eq!(dan.post(&new(number), &[("text", "x")]).await.status, 503);
    }
    it.form("/_test/throttle", &[("pace", "9")]).await.json();
    dan.say(number, "one").await;
    assert_eq!(dan.post(&new(number), &[("text", "two")]).await.status, 409);
    it.form("/_test/kick", &[("room", &room), ("user", &user)])
        .await
        .json();
    let events = ear.event(number, 15).await;
    assert_eq!(events["target_user_id"].to_string(), user);
    it.form("/_test/freeze", &[("room", &room)]).await.json();
    assert_eq!(
        it.form("/_test/drop", &[("how", "reset")]).await.json(),
        json!({"sockets": 1})
    );
    it.form("/_test/expire", &[("email", "dan@example.org")])
        .await
        .json();
    assert!(!dan.get("/").await.body.contains("my-profile"));
    it.form("/_test/captcha", &[]).await.json();
    assert!(
        dan.log_in("dan@example.org", "door")
            .await
            .body
            .contains("Human verification")
    );
    let state = it.get("/_test/state").await.json();
    let messages = state["chats"][0]["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2);
    assert_eq!(
        (&messages[0]["deleted"], &messages[0]["edits"]),
        (&json!(true), &json!(1))
    );
    for (path, fields) in [
        ("/_test/nothing", vec![]),
        (
            "/_test/say",
            vec![("room", "99"), ("user", user.as_str()), ("text", "x")],
        ),
        (
            "/_test/say",
            vec![("room", room.as_str()), ("user", "99"), ("text", "x")],
        ),
        ("/_test/edit", vec![("message", "1"), ("text", "x")]),
        ("/_test/fail", vec![("how", "badly")]),
        ("/_test/drop", vec![("how", "badly")]),
        ("/_test/room", vec![("name", "x"), ("owner", "99")]),
    ] {
        let page = it.form(path, &fields).await;
        assert_eq!(page.status, 400, "{path} {fields:?}");
        assert!(page.body.contains("error"));
    }
    // What it is told is in no log.
    assert!(
        town.server
            .requests()
            .iter()
            .all(|line| !line.path.starts_with("/_test"))
    );
}

#[tokio::test]
async fn it_listens_on_this_machine_alone() {
    let town = Town::new().await;
    assert!(town.server.url().starts_with("http://127.0.0.1:"));
    let address = town
        .server
        .url()
        .strip_prefix("http://")
        .unwrap()
        .to_string();
    drop(town);
    // It stops when it is dropped; the port is free again as soon as the task has ended.
    tokio::task::yield_now().await;
    within(async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
