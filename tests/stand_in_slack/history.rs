//! What was said: edges, pages that stay where they are, threads, links that are shown.

use serde_json::{Value, json};

use crate::client::Town;

fn texts(value: &Value) -> Vec<String> {
    let all = value["messages"].as_array().unwrap().iter();
    all.map(|its| its["text"].as_str().unwrap().to_string())
        .collect()
}

#[tokio::test]
async fn a_page_stays_where_it_is_when_something_is_said_or_deleted() {
    let town = Town::new().await;
    let mut all = Vec::new();
    for n in 0..6 {
        all.push(town.post(&town.general, &format!("m{n}")).await);
    }
    let page = |cursor: &Value| json!({"channel": town.general, "limit": 2, "cursor": cursor});
    let first = town.call("conversations.history", page(&json!(""))).await;
    assert_eq!(texts(&first), ["m5", "m4"]);
    town.post(&town.general, "new").await;
    // Even the message at which the next page begins may go.
    let gone = json!({"channel": town.general, "ts": all[3]});
    town.call("chat.delete", gone).await;
    let cursor = &first["response_metadata"]["next_cursor"];
    let second = town.call("conversations.history", page(cursor)).await;
    assert_eq!(texts(&second), ["m2", "m1"]);
    let cursor = &second["response_metadata"]["next_cursor"];
    let third = town.call("conversations.history", page(cursor)).await;
    assert_eq!(texts(&third), ["m0"]);
    assert_eq!(
        (
            &third["has_more"],
            &third["response_metadata"]["next_cursor"]
        ),
        (&json!(false), &json!(""))
    );
    for wrong in ["nonsense", "bmV4dDo==", "bmV4dDozz=="] {
        let args = page(&json!(wrong));
        assert_eq!(
            town.refused("conversations.history", args).await,
            "invalid_cursor"
        );
    }
    let many = json!({"channel": town.general, "limit": 1000});
    assert_eq!(
        town.refused("conversations.history", many).await,
        "invalid_limit"
    );
}

#[tokio::test]
async fn edges_can_be_short_and_belong_or_not() {
    let town = Town::new().await;
    let mut all = Vec::new();
    for n in 0..4 {
        all.push(town.post(&town.general, &format!("m{n}")).await);
        town.pass(60);
    }
    let history = async |mut args: Value| {
        args["channel"] = json!(town.general);
        texts(&town.call("conversations.history", args).await)
    };
    let whole = |at: usize| all[at].split('.').next().unwrap().to_string();
    assert_eq!(history(json!({"oldest": whole(2)})).await, ["m3"]);
    assert_eq!(
        history(json!({"oldest": whole(2), "inclusive": true})).await,
        ["m3", "m2"]
    );
    assert_eq!(history(json!({"latest": whole(1)})).await, ["m0"]);
    assert_eq!(
        history(json!({"latest": whole(1), "inclusive": true})).await,
        ["m1", "m0"]
    );
    assert_eq!(history(json!({"oldest": "0"})).await.len(), 4);
    assert_eq!(
        history(json!({"oldest": all[3], "inclusive": true, "limit": 1})).await,
        ["m3"],
        "one message by its ts"
    );
}

#[tokio::test]
async fn replies_have_edges_and_pages_too() {
    let town = Town::new().await;
    let parent = town.post(&town.general, "parent").await;
    let mut all = Vec::new();
    for n in 0..4 {
        let args = json!({"channel": town.general, "text": format!("r{n}"), "thread_ts": parent});
        let done = town.call("chat.postMessage", args).await;
        all.push(done["ts"].as_str().unwrap().to_string());
    }
    let replies = async |more: &[(&str, &str)]| {
        let mut args = vec![("channel", town.general.as_str()), ("ts", parent.as_str())];
        args.extend(more);
        town.form("conversations.replies", &args).await
    };
    let page = replies(&[("limit", "3")]).await;
    assert_eq!(texts(&page), ["parent", "r0", "r1"]);
    assert_eq!(page["has_more"], true);
    let cursor = page["response_metadata"]["next_cursor"].as_str().unwrap();
    let page = replies(&[("limit", "3"), ("cursor", cursor)]).await;
    assert_eq!(texts(&page), ["r2", "r3"]);
    assert_eq!(page["has_more"], false);
    let later = replies(&[("oldest", &all[1])]).await;
    assert_eq!(texts(&later), ["parent", "r2", "r3"]);
    let between = [
        ("oldest", all[1].as_str()),
        ("latest", &all[2]),
        ("inclusive", "true"),
    ];
    assert_eq!(texts(&replies(&between).await), ["parent", "r1", "r2"]);
    let first = &replies(&[]).await["messages"][0];
    assert_eq!(
        (
            &first["reply_count"],
            &first["latest_reply"],
            &first["reply_users"]
        ),
        (&json!(4), &json!(all[3]), &json!([town.bot]))
    );
}

#[tokio::test]
async fn a_reply_for_all_to_see_is_told_as_such() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let parent = town
        .inject(json!({"type": "say", "channel": "#general", "user": "ann", "text": "parent"}))
        .await["ts"]
        .clone();
    assert_eq!(ear.event().await["text"], "parent");
    let loud = json!({"channel": town.general, "text": "loud", "thread_ts": parent, "reply_broadcast": true});
    town.call("chat.postMessage", loud).await;
    let event = ear.event().await;
    assert_eq!(
        (
            &event["subtype"],
            &event["root"]["text"],
            &event["parent_user_id"]
        ),
        (
            &json!("thread_broadcast"),
            &json!("parent"),
            &json!(town.ann)
        )
    );
    // Who answers a reply stays in its thread, and a mention there says so.
    let text = format!("<@{}> and?", town.bot);
    town.inject(json!({"type": "say", "channel": "#general", "user": "ben", "text": text, "thread_ts": event["ts"]}))
        .await;
    for kind in ["message", "app_mention"] {
        let event = ear.event().await;
        assert_eq!(
            (&event["type"], &event["thread_ts"], event.get("subtype")),
            (&json!(kind), &parent, None)
        );
        assert_eq!(event["blocks"][0]["type"], "rich_text");
    }
}

#[tokio::test]
async fn what_is_behind_a_link_is_shown_without_an_edit() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let say = |text: &str| json!({"type": "say", "channel": "#general", "user": "ann", "text": text, "typed": true});
    town.inject(say("see https://x.org/a?b=1&c=2.")).await;
    let said = ear.event().await;
    assert_eq!(said["text"], "see <https://x.org/a?b=1&amp;c=2>.");
    let event = ear.event().await;
    assert_eq!(
        (&event["subtype"], &event["message"]["ts"]),
        (&json!("message_changed"), &said["ts"])
    );
    assert_eq!(event["message"]["text"], event["previous_message"]["text"]);
    assert!(event["message"].get("edited").is_none());
    let shown = &event["message"]["attachments"][0];
    assert_eq!(shown["from_url"], "https://x.org/a?b=1&amp;c=2");
    assert!(event["previous_message"].get("attachments").is_none());
    // The same link within the hour is not shown again; nor one that a post does not want to be shown.
    town.inject(say("again https://x.org/a?b=1&c=2")).await;
    assert!(
        ear.event().await["text"]
            .as_str()
            .unwrap()
            .starts_with("again")
    );
    let post = |link: &str, unfurl: bool| json!({"channel": town.general, "text": format!("<{link}|here>"), "unfurl_links": unfurl, "unfurl_media": unfurl});
    town.call("chat.postMessage", post("https://x.org/b", false))
        .await;
    assert_eq!(ear.event().await["text"], "<https://x.org/b|here>");
    town.call("chat.postMessage", post("https://x.org/c", true))
        .await;
    assert_eq!(ear.event().await["text"], "<https://x.org/c|here>");
    assert_eq!(ear.event().await["subtype"], "message_changed");
    let bare =
        json!({"channel": town.general, "text": "https://x.org/pic.png", "unfurl_links": false});
    town.call("chat.postMessage", bare).await;
    assert_eq!(ear.event().await["text"], "https://x.org/pic.png");
    assert_eq!(
        ear.event().await["subtype"],
        "message_changed",
        "pictures are media"
    );
    town.pass(3600);
    town.inject(say("later https://x.org/a?b=1&c=2")).await;
    assert!(
        ear.event().await["text"]
            .as_str()
            .unwrap()
            .starts_with("later")
    );
    assert_eq!(ear.event().await["subtype"], "message_changed");
    let section =
        json!({"type": "section", "text": {"type": "mrkdwn", "text": "<https://x.org/d>"}});
    let hidden =
        json!({"channel": town.general, "text": "https://x.org/fallback", "blocks": [section]});
    town.call("chat.postMessage", hidden).await;
    assert_eq!(ear.event().await["text"], "https://x.org/fallback");
    let event = ear.event().await;
    assert_eq!(event["message"]["attachments"].as_array().unwrap().len(), 1);
    assert_eq!(
        event["message"]["attachments"][0]["from_url"],
        "https://x.org/d"
    );
}
