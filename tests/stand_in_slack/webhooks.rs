//! Incoming webhooks: one channel each, no token, words as answers.

use serde_json::{Value, json};

use crate::client::{FORM, JSON, Town, ask};

async fn hook(town: &Town) -> String {
    let made = town
        .inject(json!({"type": "webhook", "channel": "#random"}))
        .await;
    made["url"].as_str().unwrap().into()
}

async fn send(url: &str, body: &Value) -> (u16, String) {
    let page = ask(url, "POST", &[JSON], &body.to_string()).await.unwrap();
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/plain")
            || page.status == 429
    );
    (page.status, page.body)
}

fn refused(status: u16, word: &str) -> (u16, String) {
    (status, word.into())
}

#[tokio::test]
async fn a_webhook_posts_where_the_bot_is_not() {
    let town = Town::new().await;
    let url = hook(&town).await;
    assert!(url.contains(&format!("/services/{}/B", town.team)));
    let more = json!({"text": "hello", "channel": town.general, "username": "Other"});
    assert_eq!(send(&url, &more).await, refused(200, "ok"));
    let parent = {
        let slack = town.server.slack();
        let message = slack.channels[&town.random]
            .messages
            .values()
            .next()
            .unwrap();
        let whole = message.json();
        assert_eq!(
            (&whole["subtype"], &whole["text"]),
            (&json!("bot_message"), &json!("hello"))
        );
        assert!(whole.get("user").is_none() && whole.get("username").is_none());
        message.ts.clone()
    };
    let reply = json!({"text": "reply", "thread_ts": parent});
    assert_eq!(send(&url, &reply).await.0, 200);
    let form = "payload=%7B%22text%22%3A%22by+form%22%7D";
    assert_eq!(ask(&url, "POST", &[FORM], form).await.unwrap().body, "ok");
    let texts: Vec<String> = {
        let slack = town.server.slack();
        let all = slack.channels[&town.random].messages.values();
        all.map(|its| its.text.clone()).collect()
    };
    assert_eq!(texts, ["hello", "reply", "by form"]);
    // Those who listen there hear a message of a bot without a user.
    town.inject(json!({"type": "join", "channel": "#random", "user": "bot"}))
        .await;
    town.inject(json!({"type": "forget"})).await;
    let mut ear = town.ear().await;
    send(&url, &json!({"text": "heard"})).await;
    let event = ear.event().await;
    assert_eq!(
        (&event["subtype"], event.get("user")),
        (&json!("bot_message"), None)
    );
    assert!(event["bot_id"].is_string());
}

#[tokio::test]
async fn a_webhook_says_in_a_word_why_not() {
    let town = Town::new().await;
    let url = hook(&town).await;
    let some = json!({"text": "x"});
    assert_eq!(
        send(&url, &json!({})).await,
        refused(400, "invalid_payload")
    );
    assert_eq!(
        send(&url, &json!({"text": ""})).await,
        refused(400, "no_text")
    );
    let broken = ask(&url, "POST", &[JSON], "{").await.unwrap();
    assert_eq!(
        (broken.status, broken.body.as_str()),
        (400, "invalid_payload")
    );
    let many = json!({"attachments": vec![json!({"text": "x"}); 101]});
    assert_eq!(
        send(&url, &many).await,
        refused(400, "too_many_attachments")
    );
    let many = json!({"text": "x", "blocks": vec![json!({"type": "divider"}); 51]});
    assert_eq!(send(&url, &many).await, refused(400, "invalid_blocks"));
    let cut = &url[..url.len() - 1];
    assert_eq!(send(cut, &some).await, refused(403, "invalid_token"));
    let base = town.server.url();
    for (path, word) in [
        (format!("{}/B0NONE/x", town.team), "no_service"),
        ("T0NONE/B0NONE/x".into(), "no_team"),
        (town.team.clone(), "no_service_id"),
    ] {
        let url = format!("{base}/services/{path}");
        assert_eq!(send(&url, &some).await, refused(404, word));
    }
    let mark = |what: &str, on: bool| json!({"type": "mark", "channel": "#random", what: on});
    town.inject(mark("read_only", true)).await;
    assert_eq!(send(&url, &some).await, refused(403, "action_prohibited"));
    town.inject(mark("general", true)).await;
    assert_eq!(
        send(&url, &some).await,
        refused(403, "posting_to_general_channel_denied")
    );
    town.inject(mark("read_only", false)).await;
    town.inject(json!({"type": "archive", "channel": "#random"}))
        .await;
    assert_eq!(send(&url, &some).await, refused(410, "channel_is_archived"));
    town.inject(json!({"type": "delete_channel", "channel": "#random"}))
        .await;
    assert_eq!(send(&url, &some).await, refused(404, "channel_not_found"));
    town.inject(json!({"type": "webhook", "gone": url})).await;
    assert_eq!(send(&url, &some).await, refused(404, "no_active_hooks"));
}

#[tokio::test]
async fn a_webhook_is_as_slow_as_posts_are() {
    let town = Town::new().await;
    let url = hook(&town).await;
    town.inject(json!({"type": "rates"})).await;
    for _ in 0..3 {
        assert_eq!(send(&url, &json!({"text": "x"})).await.0, 200);
    }
    let page = ask(&url, "POST", &[JSON], "{\"text\":\"x\"}")
        .await
        .unwrap();
    assert_eq!((page.status, page.header("retry-after")), (429, Some("3")));
    town.pass(3);
    assert_eq!(send(&url, &json!({"text": "x"})).await.0, 200);
    town.inject(json!({"type": "fail", "how": 500, "method": "/services/"}))
        .await;
    let page = ask(&url, "POST", &[JSON], "{\"text\":\"x\"}")
        .await
        .unwrap();
    assert_eq!(page.status, 500);
}
