//! Messages for one person or for later, reactions, files, links.

use serde_json::json;

use crate::client::{Town, ask};

#[tokio::test]
async fn some_messages_are_for_one_person_or_for_later() {
    let town = Town::new().await;
    let channel = &town.general;
    let whisper = |to: &str| json!({"channel": channel, "user": to, "text": "psst"});
    let done = town.call("chat.postEphemeral", whisper(&town.ann)).await;
    let ts = done["message_ts"].clone();
    let history = town
        .call("conversations.history", json!({"channel": channel}))
        .await;
    assert_eq!(history["messages"], json!([]));
    let update = json!({"channel": channel, "ts": ts, "text": "x"});
    assert_eq!(
        town.refused("chat.update", update).await,
        "message_not_found"
    );
    let stranger = town
        .server
        .slack()
        .user(&town.team, "Eve", crate::slack::Standing::Member);
    assert_eq!(
        town.refused("chat.postEphemeral", whisper(&stranger)).await,
        "user_not_in_channel"
    );
    let elsewhere = json!({"channel": town.random, "user": town.ann, "text": "x"});
    assert_eq!(
        town.refused("chat.postEphemeral", elsewhere).await,
        "not_in_channel"
    );

    let now = town.clock.now().timestamp();
    let at = |at: i64| json!({"channel": channel, "text": "later", "post_at": at});
    assert_eq!(
        town.refused("chat.scheduleMessage", at(now)).await,
        "time_in_past"
    );
    assert_eq!(
        town.refused("chat.scheduleMessage", at(now + 121 * 86_400))
            .await,
        "time_too_far"
    );
    let soon = json!({"channel": channel, "text": "x", "post_at": "soon"});
    assert_eq!(
        town.refused("chat.scheduleMessage", soon).await,
        "invalid_time"
    );
    let kept = town.call("chat.scheduleMessage", at(now + 60)).await;
    let dropped = town.call("chat.scheduleMessage", at(now + 61)).await;
    let id = dropped["scheduled_message_id"].clone();
    assert!(id.as_str().unwrap().starts_with('Q'));
    let cancel = json!({"channel": channel, "scheduled_message_id": id});
    assert_eq!(
        town.call("chat.deleteScheduledMessage", cancel.clone())
            .await["ok"],
        true
    );
    assert_eq!(
        town.refused("chat.deleteScheduledMessage", cancel).await,
        "invalid_scheduled_message_id"
    );
    let list = town.call("chat.scheduledMessages.list", json!({})).await;
    assert_eq!(
        list["scheduled_messages"][0]["id"],
        kept["scheduled_message_id"]
    );
    town.pass(62);
    let posted = |slack: &crate::slack::Slack| slack.channels[channel].messages.len() == 1;
    crate::client::soon(town.server.wait(posted)).await;
    for n in 0..30 {
        assert_eq!(
            town.call("chat.scheduleMessage", at(now + 1000 + n)).await["ok"],
            true
        );
    }
    assert_eq!(
        town.refused("chat.scheduleMessage", at(now + 1000)).await,
        "restricted_too_many"
    );
}

#[tokio::test]
async fn reactions_come_and_go() {
    let town = Town::new().await;
    let (channel, ts) = (&town.general, town.post(&town.general, "x").await);
    let react = |name: &str| json!({"channel": channel, "timestamp": ts, "name": name});
    assert_eq!(town.call("reactions.add", react("eyes")).await["ok"], true);
    assert_eq!(
        town.refused("reactions.add", react("eyes")).await,
        "already_reacted"
    );
    assert_eq!(
        town.refused("reactions.add", react(":eyes:")).await,
        "invalid_name"
    );
    assert_eq!(
        town.call("reactions.add", react("wave::skin-tone-3")).await["ok"],
        true
    );
    let got = town
        .form("reactions.get", &[("channel", channel), ("timestamp", &ts)])
        .await;
    assert_eq!(
        got["message"]["reactions"][0],
        json!({"name": "eyes", "users": [town.bot], "count": 1})
    );
    assert_eq!(
        town.call("reactions.remove", react("eyes")).await["ok"],
        true
    );
    assert_eq!(
        town.refused("reactions.remove", react("eyes")).await,
        "no_reaction"
    );
    let gone = json!({"channel": channel, "timestamp": "1.000000", "name": "eyes"});
    assert_eq!(
        town.refused("reactions.add", gone).await,
        "message_not_found"
    );
    for n in 0..22 {
        assert_eq!(
            town.call("reactions.add", react(&format!("e{n}"))).await["ok"],
            true
        );
    }
    assert_eq!(
        town.refused("reactions.add", react("one_more")).await,
        "too_many_emoji"
    );
}

#[tokio::test]
async fn a_file_takes_three_steps() {
    let town = Town::new().await;
    let args = [("filename", "log.txt"), ("length", "5")];
    let begun = town.form("files.getUploadURLExternal", &args).await;
    let file = json!([{"id": begun["file_id"], "title": "The log"}]);
    let done = json!({"files": file, "channel_id": town.general, "initial_comment": "look"});
    assert_eq!(
        town.refused("files.completeUploadExternal", done.clone())
            .await,
        "file_not_found"
    );
    let url = begun["upload_url"].as_str().unwrap();
    assert_eq!(ask(url, "POST", &[], "four").await.unwrap().status, 400);
    assert_eq!(ask(url, "POST", &[], "12345").await.unwrap().status, 200);
    let elsewhere = json!({"files": file, "channel_id": town.random});
    assert_eq!(
        town.refused("files.completeUploadExternal", elsewhere)
            .await,
        "not_in_channel"
    );
    let done = town.call("files.completeUploadExternal", done).await;
    assert_eq!(done["files"][0]["title"], "The log");
    let history = town
        .call("conversations.history", json!({"channel": town.general}))
        .await;
    assert_eq!(history["messages"][0]["subtype"], "file_share");
    assert_eq!(history["messages"][0]["files"][0]["name"], "log.txt");
}

#[tokio::test]
async fn links_can_be_unfolded() {
    let town = Town::new().await;
    town.inject(json!({"type": "app", "unfurl_domains": ["x.org"]}))
        .await;
    let said = json!({"type": "say", "channel": town.general, "user": town.ann, "text": "see <https://x.org/1>"});
    let ts = town.inject(said).await["ts"].clone();
    let unfurl =
        |link: &str| json!({"channel": town.general, "ts": ts, "unfurls": {link: {"text": "One"}}});
    assert_eq!(
        town.refused("chat.unfurl", unfurl("https://x.org/2")).await,
        "cannot_unfurl_url"
    );
    assert_eq!(
        town.call("chat.unfurl", unfurl("https://x.org/1")).await["ok"],
        true
    );
    let history = town
        .call("conversations.history", json!({"channel": town.general}))
        .await;
    assert_eq!(history["messages"][0]["attachments"][0]["text"], "One");
}
