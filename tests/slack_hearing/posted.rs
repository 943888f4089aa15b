//! What Slack posts: signatures, retries, commands, clicks.

use std::net::SocketAddr;

use boson::model::Heard;
use boson::room::slack::Way;
use boson::room::{Finding, Platform};
use serde_json::{Value, json};

use crate::client::{FORM, JSON, Page, ask};
use crate::scene::{Ears, Scene};
use crate::slack::{Hears, sign};

struct Posts {
    scene: Scene,
    secret: String,
    url: String,
}

/// An address of this machine that nobody has.
async fn free() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

async fn posts() -> Posts {
    let mut scene = Scene::new().await;
    let listen = free().await;
    let url = format!("http://{listen}/slack");
    let secret = {
        let mut slack = scene.town.server.slack();
        let app = slack.apps.get_mut(&scene.town.app).unwrap();
        app.hears = Hears::Http {
            events: url.clone(),
            commands: url.clone(),
            interactivity: url.clone(),
        };
        app.secret.clone()
    };
    scene.settings.way = Way::Http {
        signing_secret: secret.as_str().into(),
        listen,
    };
    Posts { scene, secret, url }
}

impl Posts {
    async fn listening(&self) -> Ears {
        let mut ears = self.scene.listen(&[]);
        for _ in 0..2 {
            ears.joined().await;
        }
        ears
    }

    /// Posts as Slack does.
    async fn post(&self, kind: (&str, &str), body: &str) -> Page {
        let at = self.scene.town.clock.now().timestamp();
        let signature = sign(&self.secret, at, body.as_bytes());
        let at = at.to_string();
        let headers = [
            kind,
            ("x-slack-request-timestamp", at.as_str()),
            ("x-slack-signature", signature.as_str()),
        ];
        ask(&self.url, "POST", &headers, body).await.unwrap()
    }
}

#[tokio::test]
async fn everything_that_comes_by_sockets_also_comes_so() {
    let posts = posts().await;
    let (scene, town) = (&posts.scene, &posts.scene.town);
    let mut ears = posts.listening().await;
    scene.say(&town.general, &town.ann, &format!("<@{}> list", town.bot));
    assert_eq!(ears.texts(1).await, ["@boson list"]);
    let wish = json!({"type": "command", "channel": town.general, "user": town.ben, "command": "/boson", "text": "list"});
    let done = town.inject(wish).await;
    assert_eq!(
        (&done["acked"], &done["payload"]),
        (&json!(true), &Value::Null)
    );
    let message = ears.said().await;
    assert_eq!((message.text.as_str(), message.private), ("list", true));
    let blocks = json!([{"type": "actions", "elements": [
        {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Undo"}, "value": "undo"},
    ]}]);
    let done = town
        .call(
            "chat.postMessage",
            json!({"channel": town.general, "text": "x", "blocks": blocks}),
        )
        .await;
    let wish = json!({"type": "click", "channel": town.general, "ts": done["ts"], "user": town.ben, "action_id": "a"});
    assert_eq!(town.inject(wish).await["acked"], true);
    assert_eq!(ears.texts(1).await, ["undo"]);
    town.server
        .slack()
        .enter(&town.random, &town.bot, Some(&town.ann));
    assert!(matches!(ears.next().await, Heard::Invited { .. }));
    ears.end().await;
}

#[tokio::test]
async fn slack_makes_sure_who_is_there() {
    let posts = posts().await;
    let town = &posts.scene.town;
    let ears = posts.listening().await;
    town.inject(json!({"type": "verify", "url": posts.url}))
        .await;
    let done = town
        .inject(json!({"type": "ssl_check", "url": posts.url}))
        .await;
    assert_eq!(done["status"], 200);
    let page = ask(&format!("{}?ssl_check=1", posts.url), "GET", &[], "")
        .await
        .unwrap();
    assert_eq!((page.status, page.body.as_str()), (200, ""));
    ears.end().await;
}

#[tokio::test]
async fn what_others_post_is_not_heard() {
    let posts = posts().await;
    let (scene, town) = (&posts.scene, &posts.scene.town);
    let mut ears = posts.listening().await;
    let event = json!({"type": "event_callback", "event_id": "Ev1", "event": {
        "type": "message", "channel": town.general, "user": town.ann, "text": "forged", "ts": "1795262400.000900",
    }})
    .to_string();
    let now = town.clock.now().timestamp();
    let good = sign(&posts.secret, now, event.as_bytes());
    let old = sign(&posts.secret, now - 301, event.as_bytes());
    let other = sign("another", now, event.as_bytes());
    for (at, signature) in [
        (now.to_string(), other),
        ((now - 301).to_string(), old),
        ((now + 1).to_string(), good),
        (String::new(), String::new()),
    ] {
        let headers = [
            JSON,
            ("x-slack-request-timestamp", at.as_str()),
            ("x-slack-signature", signature.as_str()),
        ];
        let page = ask(&posts.url, "POST", &headers, &event).await.unwrap();
        assert_eq!((page.status, page.body.as_str()), (401, ""));
    }
    let page = ask(&posts.url, "GET", &[], "").await.unwrap();
    assert_eq!(page.status, 405);
    for (kind, body) in [
        (JSON, "{"),
        (JSON, "[]"),
        (FORM, ""),
        (FORM, "payload={"),
        (FORM, "a=b"),
        (("content-type", "image/png"), "\u{0}"),
    ] {
        assert_eq!(posts.post(kind, body).await.status, 200, "{body}");
    }
    ears.silent(scene).await;
    ears.end().await;
}

#[tokio::test]
async fn what_is_posted_again_is_heard_once() {
    let posts = posts().await;
    let (scene, town) = (&posts.scene, &posts.scene.town);
    let mut ears = posts.listening().await;
    let event = json!({"type": "event_callback", "event_id": "Ev1", "event": {
        "type": "message", "channel": town.general, "user": town.ann, "team": town.team, "text": "once",
        "ts": "1795262400.000900",
    }})
    .to_string();
    for _ in 0..3 {
        assert_eq!(posts.post(JSON, &event).await.status, 200);
    }
    assert_eq!(ears.texts(1).await, ["once"]);
    ears.silent(scene).await;
    ears.end().await;
}

#[tokio::test]
async fn too_much_is_not_taken() {
    let posts = posts().await;
    let mut ears = posts.listening().await;
    let large = "x".repeat((1 << 20) + 1);
    // It may hang up before all is sent.
    if let Ok(page) = ask(&posts.url, "POST", &[JSON], &large).await {
        assert_eq!(page.status, 413);
    }
    ears.silent(&posts.scene).await;
    ears.end().await;
}

#[tokio::test]
async fn an_address_that_another_has_is_told_and_taken_later() {
    let posts = posts().await;
    let Way::Http { listen, .. } = posts.scene.settings.way else {
        panic!("it is the way")
    };
    let other = tokio::net::TcpListener::bind(listen).await.unwrap();
    let found = posts.scene.platform().check().await;
    assert!(
        matches!(&found[1], Finding::Lacking { what, .. } if what.ends_with("another program has this address")),
        "{found:?}"
    );
    let mut ears = posts.scene.listen(&[]);
    let what = ears.trouble().await.unwrap();
    assert!(what.ends_with("another program has this address"), "{what}");
    drop(other);
    assert!(matches!(
        ears.passing().await,
        Heard::Trouble { what: None, .. }
    ));
    for _ in 0..2 {
        ears.joined().await;
    }
    ears.end().await;
    let found = posts.scene.platform().check().await;
    assert!(matches!(&found[1], Finding::Fine(_)), "{found:?}");
}
