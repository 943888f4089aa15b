//! Requests that are wrong in themselves, and people who may not or may more.

use crate::stack_exchange_chat::{Pace, Rules, Settings};
use crate::town::Town;
use serde_json::json;

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
