//! Posting, threads, editing, deleting.

use serde_json::{Value, json};

use crate::client::Town;

#[tokio::test]
async fn a_post_is_kept_as_it_was_sent() {
    let town = Town::new().await;
    let text = "a &amp; <https://x.org|y> &lt;z&gt; \u{201c}q\u{201d} <!channel>";
    let args = json!({"channel": town.general, "text": text, "metadata": {"event_type": "t", "event_payload": {"id": 1}}});
    let done = town.call("chat.postMessage", args).await;
    let message = &done["message"];
    assert_eq!(message["text"], text);
    assert_eq!(
        (&message["user"], &message["team"]),
        (&json!(town.bot), &json!(town.team))
    );
    assert!(message["bot_id"].is_string() && message["app_id"] == json!(town.app));
    assert_eq!(message["metadata"]["event_payload"]["id"], 1);
    let ts = done["ts"].as_str().unwrap();
    assert_eq!(ts, "1795262400.000000", "ten digits, a point, six digits");
    let next = town.post(&town.general, "second").await;
    assert!(next.as_str() > ts && next.len() == 17);
    let link = town
        .form(
            "chat.getPermalink",
            &[("channel", &town.general), ("message_ts", ts)],
        )
        .await;
    assert_eq!(
        link["permalink"],
        format!(
            "https://works.slack.com/archives/{}/p1795262400000000",
            town.general
        )
    );
    let to = town
        .call(
            "chat.postMessage",
            json!({"channel": town.ann, "text": "x"}),
        )
        .await;
    assert_eq!(
        to["channel"],
        json!(town.direct),
        "the channel that was really used"
    );
    let by_name = town
        .call(
            "chat.postMessage",
            json!({"channel": "#general", "text": "x"}),
        )
        .await;
    assert_eq!(by_name["channel"], json!(town.general));
    let custom =
        json!({"channel": town.general, "text": "x", "username": "Other", "icon_emoji": ":ghost:"});
    let custom = town.call("chat.postMessage", custom).await;
    assert_eq!(
        (&custom["message"]["subtype"], custom["message"].get("user")),
        (&json!("bot_message"), None)
    );
}

#[tokio::test]
async fn posts_are_refused() {
    let town = Town::new().await;
    let channel = &town.general;
    let no = |args: Value| town.refused("chat.postMessage", args);
    assert_eq!(
        no(json!({"channel": "C0NO", "text": "x"})).await,
        "channel_not_found"
    );
    assert_eq!(
        no(json!({"channel": town.secret, "text": "x"})).await,
        "channel_not_found"
    );
    assert_eq!(no(json!({"channel": channel})).await, "no_text");
    assert_eq!(
        no(json!({"channel": channel, "text": " "})).await,
        "no_text"
    );
    assert_eq!(
        no(json!({"channel": channel, "text": "x", "blocks": "{"})).await,
        "invalid_blocks_format"
    );
    let both = json!({"channel": channel, "text": "x", "markdown_text": "x"});
    assert_eq!(no(both).await, "markdown_text_conflict");
    assert_eq!(
        no(json!({"channel": channel, "markdown_text": "x".repeat(12_001)})).await,
        "msg_too_long"
    );
    let many = vec![json!({"text": "x"}); 101];
    assert_eq!(
        no(json!({"channel": channel, "attachments": many})).await,
        "too_many_attachments"
    );
    let large =
        json!({"channel": channel, "text": "x", "metadata": {"event_payload": "x".repeat(20_000)}});
    assert_eq!(no(large).await, "metadata_too_large");
    let thread = json!({"channel": channel, "text": "x", "thread_ts": "1.000000"});
    assert_eq!(no(thread).await, "thread_not_found");
    town.inject(json!({"type": "mark", "channel": channel, "read_only": true}))
        .await;
    assert_eq!(
        no(json!({"channel": channel, "text": "x"})).await,
        "restricted_action_read_only_channel"
    );
    town.inject(
        json!({"type": "mark", "channel": channel, "read_only": false, "thread_only": true}),
    )
    .await;
    assert_eq!(
        no(json!({"channel": channel, "text": "x"})).await,
        "restricted_action_thread_only_channel"
    );
    town.inject(json!({"type": "archive", "channel": channel, "user": town.ann}))
        .await;
    assert_eq!(
        no(json!({"channel": channel, "text": "x"})).await,
        "is_archived"
    );
    town.inject(json!({"type": "app", "messages_tab": false}))
        .await;
    assert_eq!(
        no(json!({"channel": town.ann, "text": "x"})).await,
        "messages_tab_disabled"
    );
    let cut = town
        .call(
            "chat.postMessage",
            json!({"channel": town.random, "text": "x".repeat(40_001)}),
        )
        .await;
    assert_eq!(cut["warning"], "message_truncated");
    assert_eq!(cut["message"]["text"].as_str().unwrap().len(), 40_000);
}

#[tokio::test]
async fn threads_have_a_parent_and_replies() {
    let town = Town::new().await;
    let (channel, parent) = (&town.general, town.post(&town.general, "parent").await);
    let reply = json!({"channel": channel, "text": "reply", "thread_ts": parent});
    let reply = town.call("chat.postMessage", reply).await;
    assert_eq!(reply["message"]["thread_ts"], json!(parent));
    assert_eq!(reply["message"]["parent_user_id"], json!(town.bot));
    let nested = json!({"channel": channel, "text": "x", "thread_ts": reply["ts"]});
    assert_eq!(
        town.refused("chat.postMessage", nested).await,
        "cannot_reply_to_message"
    );
    let loud =
        json!({"channel": channel, "text": "loud", "thread_ts": parent, "reply_broadcast": true});
    town.call("chat.postMessage", loud).await;
    let all = town
        .form(
            "conversations.replies",
            &[("channel", channel), ("ts", &parent)],
        )
        .await;
    let texts: Vec<&str> = all["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|its| its["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["parent", "reply", "loud"]);
    assert_eq!(all["messages"][0]["reply_count"], 2);
    let history = town
        .call("conversations.history", json!({"channel": channel}))
        .await;
    let texts: Vec<&str> = history["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|its| its["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts,
        ["loud", "parent"],
        "newest first, quiet replies are not there"
    );
    town.call("chat.delete", json!({"channel": channel, "ts": parent}))
        .await;
    let all = town
        .form(
            "conversations.replies",
            &[("channel", channel), ("ts", &parent)],
        )
        .await;
    assert_eq!(all["messages"][0]["subtype"], "tombstone");
    let still = json!({"channel": channel, "text": "still", "thread_ts": parent});
    assert_eq!(town.call("chat.postMessage", still).await["ok"], true);
    let none = [("channel", channel.as_str()), ("ts", "1.000000")];
    assert_eq!(
        town.refused_form("conversations.replies", &none).await,
        "thread_not_found"
    );
}

#[tokio::test]
async fn own_messages_can_be_changed() {
    let town = Town::new().await;
    let (channel, ts) = (&town.general, town.post(&town.general, "first").await);
    let update = |text: String| json!({"channel": channel, "ts": ts, "text": text});
    let done = town.call("chat.update", update("second".into())).await;
    assert_eq!(
        (&done["text"], &done["message"]["edited"]["user"]),
        (&json!("second"), &json!(town.bot))
    );
    assert_eq!(
        town.call("chat.update", update("x".repeat(4000))).await["ok"],
        true
    );
    assert_eq!(
        town.refused("chat.update", update("x".repeat(4001))).await,
        "msg_too_long"
    );
    assert_eq!(
        town.refused("chat.update", update(String::new())).await,
        "no_text"
    );
    let theirs = town
        .inject(json!({"type": "say", "channel": channel, "user": town.ann, "text": "hers"}))
        .await;
    let hers = json!({"channel": channel, "ts": theirs["ts"], "text": "x"});
    assert_eq!(
        town.refused("chat.update", hers.clone()).await,
        "cant_update_message"
    );
    assert_eq!(
        town.refused("chat.delete", hers).await,
        "cant_delete_message"
    );
    let gone = json!({"channel": channel, "ts": "1.000000", "text": "x"});
    assert_eq!(
        town.refused("chat.update", gone.clone()).await,
        "message_not_found"
    );
    assert_eq!(town.refused("chat.delete", gone).await, "message_not_found");
    town.server.slack().rules.edit_window = Some(60);
    town.pass(61);
    assert_eq!(
        town.refused("chat.update", update("late".into())).await,
        "edit_window_closed"
    );
    assert_eq!(
        town.call("chat.delete", json!({"channel": channel, "ts": ts}))
            .await["ts"],
        json!(ts)
    );
}
