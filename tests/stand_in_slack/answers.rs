//! Response URLs: for one or for all, in a thread, in place of the message, at most five times within half an hour.

use serde_json::{Value, json};

use crate::client::{Ear, FORM, JSON, Page, Town, ask};

/// Types a command, takes it without an answer, and gives its response URL.
async fn typed(town: &Town, ear: &mut Ear, channel: &str) -> String {
    let command = json!({"type": "command", "channel": channel, "user": town.ann, "command": "/boson", "text": "x"});
    let answer = town.later(command);
    let payload = ear.heard().await["payload"].clone();
    answer.await.unwrap();
    payload["response_url"].as_str().unwrap().into()
}

/// Clicks, takes it, and gives its response URL.
async fn clicked(town: &Town, ear: &mut Ear, channel: &str) -> String {
    let click = json!({"type": "click", "channel": channel, "user": town.ann, "action_id": "go"});
    let answer = town.later(click);
    let payload = ear.heard().await["payload"].clone();
    answer.await.unwrap();
    payload["response_url"].as_str().unwrap().into()
}

async fn answer(url: &str, body: Value) -> Page {
    ask(url, "POST", &[JSON], &body.to_string()).await.unwrap()
}

async fn good(url: &str, body: Value) {
    let page = answer(url, body).await;
    assert_eq!((page.status, page.body.as_str()), (200, "ok"));
}

/// What somebody sees in a channel: text, and whether nobody else sees it.
async fn seen(town: &Town, user: &str, channel: &str) -> Vec<(String, bool)> {
    let wish = json!({"type": "sees", "user": user, "channel": channel});
    let all = town.inject(wish).await["messages"].clone();
    let all = all.as_array().unwrap().iter();
    all.map(|its| {
        let text = its["text"].as_str().unwrap().to_string();
        (text, its["ephemeral"] == true)
    })
    .collect()
}

fn lines(all: &[(&str, bool)]) -> Vec<(String, bool)> {
    all.iter()
        .map(|(text, own)| (text.to_string(), *own))
        .collect()
}

fn button() -> Value {
    let button =
        json!({"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}});
    json!([{"type": "actions", "elements": [button]}])
}

/// Without events about messages, so that a socket hears commands and clicks only.
async fn quiet() -> (Town, Ear) {
    let town = Town::new().await;
    town.inject(json!({"type": "app", "events": []})).await;
    let ear = town.ear().await;
    (town, ear)
}

#[tokio::test]
async fn an_answer_is_for_one_unless_it_says_otherwise() {
    let (town, mut ear) = quiet().await;
    // The bot is not in that channel, and may post there all the same.
    let url = typed(&town, &mut ear, &town.random).await;
    good(&url, json!({"text": "for you &amp; nobody"})).await;
    good(
        &url,
        json!({"text": "for all", "response_type": "in_channel"}),
    )
    .await;
    assert_eq!(
        seen(&town, "ann", "#random").await,
        lines(&[("for you & nobody", true), ("for all", false)])
    );
    town.inject(json!({"type": "join", "channel": "#random", "user": "ben"}))
        .await;
    let last = seen(&town, "ben", "#random").await;
    assert_eq!(last[0], ("for all".into(), false));
    let refused = json!({"channel": town.random, "text": "x"});
    town.inject(json!({"type": "scopes", "scopes": ["chat:write"]}))
        .await;
    assert_eq!(
        town.refused("chat.postMessage", refused).await,
        "not_in_channel",
        "by the Web API it may not"
    );
}

#[tokio::test]
async fn a_typed_command_is_shown_with_an_answer_for_all() {
    let (town, mut ear) = quiet().await;
    for (payload, shown) in [
        (json!({"response_type": "in_channel"}), vec!["/boson x"]),
        (
            json!({"response_type": "in_channel", "text": "found"}),
            vec!["/boson x", "/boson x", "found"],
        ),
        (json!({}), vec!["/boson x", "/boson x", "found"]),
    ] {
        let answer = town.later(json!({"type": "command", "channel": town.general, "user": town.ann, "command": "/boson", "text": "x"}));
        let envelope = ear.next().await.unwrap();
        ear.ack(&envelope, Some(payload)).await;
        answer.await.unwrap();
        let texts: Vec<_> = seen(&town, "ben", "#general")
            .await
            .into_iter()
            .map(|its| its.0)
            .collect();
        assert_eq!(texts, shown);
    }
    // A wrong answer is told to the one who typed.
    let answer = town.later(
        json!({"type": "command", "channel": town.general, "user": town.ann, "command": "/boson"}),
    );
    let envelope = ear.next().await.unwrap();
    let many = vec![json!({"type": "divider"}); 51];
    ear.ack(&envelope, Some(json!({"text": "x", "blocks": many})))
        .await;
    answer.await.unwrap();
    let last = seen(&town, "ann", "#general").await.pop().unwrap();
    assert!(last.1 && last.0.contains("invalid_blocks"), "{last:?}");
}

#[tokio::test]
async fn a_message_can_be_replaced_and_taken_away() {
    let (town, mut ear) = quiet().await;
    let post = json!({"channel": town.general, "text": "first", "blocks": button()});
    town.call("chat.postMessage", post).await;
    let url = clicked(&town, &mut ear, &town.general).await;
    let again = json!({"text": "second", "replace_original": true, "blocks": button()});
    good(&url, again).await;
    assert_eq!(seen(&town, "ben", "#general").await.len(), 1);
    let url = clicked(&town, &mut ear, &town.general).await;
    good(&url, json!({"text": "beside"})).await;
    assert_eq!(
        seen(&town, "ann", "#general").await.pop().unwrap(),
        ("beside".into(), true),
        "a new message, for the one who clicked"
    );
    good(&url, json!({"delete_original": "true"})).await;
    assert_eq!(seen(&town, "ben", "#general").await, []);
    let gone = answer(&url, json!({"text": "x", "replace_original": true})).await;
    assert_eq!(
        gone.status, 200,
        "what is gone cannot be replaced, and nobody is told"
    );
    assert_eq!(seen(&town, "ben", "#general").await, []);
}

#[tokio::test]
async fn what_only_one_sees_changes_by_each_clicks_own_address() {
    let (town, mut ear) = quiet().await;
    let whisper =
        json!({"channel": town.general, "user": town.ann, "text": "step 1", "blocks": button()});
    let ts = town.call("chat.postEphemeral", whisper).await["message_ts"].clone();
    let click = json!({"type": "click", "channel": town.general, "ts": ts, "user": town.ann, "action_id": "go"});
    let answer = town.later(click.clone());
    let payload = ear.heard().await["payload"].clone();
    answer.await.unwrap();
    assert_eq!(payload["container"]["is_ephemeral"], true);
    assert!(payload.get("message").is_none());
    let first = payload["response_url"].as_str().unwrap().to_string();
    // For all it may say it wants to be: it stays with the one who saw it.
    let next = json!({"text": "step 2", "replace_original": true, "response_type": "in_channel"});
    good(&first, next).await;
    assert_eq!(
        seen(&town, "ann", "#general").await,
        lines(&[("step 2", true)])
    );
    assert_eq!(seen(&town, "ben", "#general").await, []);
    let ts = ts.as_str().unwrap();
    for method in ["chat.update", "chat.delete"] {
        let args = json!({"channel": town.general, "ts": ts, "text": "x"});
        assert_eq!(town.refused(method, args).await, "message_not_found");
    }
    let theirs = json!({"type": "click", "channel": town.general, "ts": ts, "user": town.ben, "action_id": "go"});
    let refused = town.inject_page(&theirs).await;
    assert_eq!(refused.json()["error"], "message_not_found");
    good(&first, json!({"delete_original": true})).await;
    assert_eq!(seen(&town, "ann", "#general").await, []);
}

#[tokio::test]
async fn an_answer_can_go_into_a_thread() {
    let (town, mut ear) = quiet().await;
    let parent = town.post(&town.general, "parent").await;
    let url = typed(&town, &mut ear, &town.general).await;
    let reply = json!({"text": "reply", "thread_ts": parent, "response_type": "in_channel"});
    good(&url, reply).await;
    let args = [("channel", town.general.as_str()), ("ts", &parent)];
    let all = town.form("conversations.replies", &args).await;
    assert_eq!(all["messages"][1]["text"], "reply");
    assert_eq!(seen(&town, "ann", "#general").await.len(), 1);
}

#[tokio::test]
async fn an_address_lives_half_an_hour_and_takes_five_answers() {
    let (town, mut ear) = quiet().await;
    let url = typed(&town, &mut ear, &town.general).await;
    for n in 0..5 {
        good(&url, json!({"text": n.to_string()})).await;
    }
    let sixth = answer(&url, json!({"text": "x"})).await;
    assert_eq!(
        (sixth.status, sixth.json()["error"].clone()),
        (404, json!("used_url"))
    );
    let url = typed(&town, &mut ear, &town.general).await;
    town.pass(1800);
    good(&url, json!({"text": "just in time"})).await;
    town.pass(1);
    let late = answer(&url, json!({"text": "x"})).await;
    assert_eq!(
        (late.status, late.json()["error"].clone()),
        (404, json!("expired_url"))
    );
    let other = answer(&format!("{url}x"), json!({"text": "x"})).await;
    assert_eq!(other.json()["error"], "invalid_url");
}

#[tokio::test]
async fn what_is_no_message_is_refused() {
    let (town, mut ear) = quiet().await;
    let url = typed(&town, &mut ear, &town.general).await;
    let empty = answer(&url, json!({})).await;
    assert_eq!(
        (empty.status, empty.json()["error"].clone()),
        (400, json!("no_text"))
    );
    let many = vec![json!({"type": "divider"}); 51];
    let many = answer(&url, json!({"text": "x", "blocks": many})).await;
    assert_eq!(many.json()["error"], "invalid_blocks");
    assert_eq!(ask(&url, "GET", &[], "").await.unwrap().status, 400);
    assert_eq!(ask(&url, "POST", &[JSON], "{").await.unwrap().status, 400);
    let form = ask(&url, "POST", &[FORM], "text=by+form").await.unwrap();
    assert_eq!(form.status, 200);
    assert_eq!(
        seen(&town, "ann", "#general").await,
        lines(&[("by form", true)])
    );
    // With limits, one channel takes three at once.
    town.inject(json!({"type": "rates"})).await;
    let url = typed(&town, &mut ear, &town.general).await;
    for _ in 0..3 {
        good(&url, json!({"text": "x"})).await;
    }
    let fast = answer(&url, json!({"text": "x"})).await;
    assert_eq!((fast.status, fast.header("retry-after")), (429, Some("3")));
}
