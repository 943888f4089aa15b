//! What people see, and what programs learn from it.

use serde_json::{Value, json};

use crate::client::{Town, soon};

#[tokio::test]
async fn texts_and_blocks_are_read_as_people_read_them() {
    let town = Town::new().await;
    let text = format!(
        "<@{}> in <#{}> &lt;b&gt; <https://x.org/?a=1&amp;b=2> <https://x.org|the page> <!here> \
         <!date^1732000000^{{date}}|19 Nov> <mailto:a@b.c|a@b.c> &amp;amp;",
        town.ann, town.general
    );
    town.post(&town.general, &text).await;
    let button = json!({"type": "button", "action_id": "undo", "value": "7", "style": "danger", "text": {"type": "plain_text", "text": "Undo"}});
    let select = json!({"type": "static_select", "action_id": "pick", "placeholder": {"type": "plain_text", "text": "Which"},
        "options": [{"text": {"type": "plain_text", "text": "One"}, "value": "1"}]});
    let blocks = json!([
        {"type": "header", "text": {"type": "plain_text", "text": "Title &amp;"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*a* &amp; b"}, "accessory": select,
            "fields": [{"type": "plain_text", "text": "left"}, {"type": "mrkdwn", "text": "<@U0NO|who>"}]},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}, {"type": "image", "image_url": "https://x.org/i.png", "alt_text": "an image"}]},
        {"type": "actions", "block_id": "row", "elements": [button]},
    ]);
    let attachment = json!({"title": "Card", "text": "two\nlines", "color": "good"});
    let args = json!({"channel": town.general, "text": "fallback", "blocks": blocks, "attachments": [attachment]});
    town.call("chat.postMessage", args).await;
    let seen = town
        .inject(json!({"type": "sees", "user": "@ben", "channel": "#general"}))
        .await;
    assert_eq!(
        seen["messages"][0]["text"],
        "@Ann in #general <b> https://x.org/?a=1&b=2 the page @here 19 Nov a@b.c &amp;"
    );
    assert_eq!(seen["messages"][0]["raw"], text);
    assert_eq!(
        seen["messages"][0]["unfurled"],
        json!(["https://x.org/?a=1&amp;b=2", "https://x.org"])
    );
    let card = &seen["messages"][1];
    assert_eq!(
        card["text"],
        "Title &amp;\n*a* & b\nleft\n@who\n---\nsmall an image\n| Card\n| two\n| lines"
    );
    assert_eq!(
        (&card["from"], &card["bot"]),
        (&json!("Boson"), &json!(true))
    );
    let controls = card["controls"].as_array().unwrap();
    assert_eq!(
        controls[0]["options"],
        json!([{"text": "One", "value": "1"}])
    );
    assert_eq!(controls[0]["placeholder"], "Which");
    assert_eq!(
        (
            &controls[1]["text"],
            &controls[1]["value"],
            &controls[1]["style"]
        ),
        (&json!("Undo"), &json!("7"), &json!("danger"))
    );
    assert_eq!(
        (&controls[1]["action_id"], &controls[1]["block_id"]),
        (&json!("undo"), &json!("row"))
    );
}

#[tokio::test]
async fn everybody_sees_what_is_theirs() {
    let town = Town::new().await;
    let whisper = json!({"channel": town.general, "user": town.ann, "text": "psst"});
    town.call("chat.postEphemeral", whisper).await;
    let parent = town.post(&town.general, "parent").await;
    let reply = json!({"channel": town.general, "text": "reply", "thread_ts": parent});
    town.call("chat.postMessage", reply).await;
    let sees = async |user: &str, more: Value| {
        let mut wish = json!({"type": "sees", "user": user, "channel": "#general"});
        for (name, value) in more.as_object().unwrap() {
            wish[name] = value.clone();
        }
        let all = town.inject(wish).await["messages"].clone();
        let all = all.as_array().unwrap().clone();
        all.iter()
            .map(|its| its["text"].as_str().unwrap().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(sees("ann", json!({})).await, ["psst", "parent"]);
    assert_eq!(sees("ben", json!({})).await, ["parent"]);
    assert_eq!(
        sees("ben", json!({"thread_ts": parent})).await,
        ["parent", "reply"]
    );
    // Who is not in a public channel can look into it, not so into a private one.
    let look =
        |user: &str, channel: &str| json!({"type": "sees", "user": user, "channel": channel});
    assert_eq!(
        town.inject(look("ben", "#random")).await["messages"],
        json!([])
    );
    let secret = town.inject_page(&look("ben", "#secret")).await;
    assert_eq!(secret.json()["error"], "channel_not_found");
    assert_eq!(
        town.inject(look("ann", "#secret")).await["messages"],
        json!([])
    );
    let rooms = town.inject(json!({"type": "sees", "user": "ben"})).await;
    let names = rooms["channels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|its| its["name"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["general"]);
}

#[tokio::test]
async fn somebody_can_wait_for_something_to_see() {
    let town = Town::new().await;
    let wait = |more: Value| {
        let mut wish = json!({"type": "wait", "user": "ann", "channel": "#general", "from": "bot"});
        for (name, value) in more.as_object().unwrap() {
            wish[name] = value.clone();
        }
        wish
    };
    let waiting = town.later(wait(json!({"contains": "done"})));
    town.inject(
        json!({"type": "say", "channel": "#general", "user": "ben", "text": "done, says Ben"}),
    )
    .await;
    let begun = town.post(&town.general, "begun").await;
    let done = town.post(&town.general, "it is done").await;
    let found = soon(waiting).await.unwrap();
    assert_eq!(
        (&found["found"], &found["message"]["ts"]),
        (&json!(true), &json!(done))
    );
    let next = town.inject(wait(json!({"since": begun}))).await;
    assert_eq!(next["message"]["ts"], json!(done));
    let waiting = town.later(wait(json!({"ephemeral": true})));
    let whisper = json!({"channel": town.general, "user": town.ann, "text": "only you"});
    town.call("chat.postEphemeral", whisper).await;
    assert_eq!(soon(waiting).await.unwrap()["message"]["text"], "only you");
    let none = town
        .inject(wait(json!({"contains": "never", "seconds": 0})))
        .await;
    assert_eq!(
        (&none["found"], &none["message"]),
        (&json!(false), &Value::Null)
    );
}

#[tokio::test]
async fn wishes_that_make_no_sense_are_refused() {
    let town = Town::new().await;
    for (wish, code) in [
        (json!({}), "invalid_arguments"),
        (json!({"type": "nonsense"}), "unknown_type"),
        (json!({"type": "say", "app": "A0NO"}), "no_app"),
        (
            json!({"type": "say", "channel": "#nowhere"}),
            "channel_not_found",
        ),
        (
            json!({"type": "say", "channel": "general"}),
            "channel_not_found",
        ),
        (
            json!({"type": "say", "channel": "#general", "user": "nobody"}),
            "user_not_found",
        ),
        (
            json!({"type": "say", "channel": "#general", "user": "ann"}),
            "invalid_arguments",
        ),
        (
            json!({"type": "say", "channel": "#random", "user": "ben", "text": "x"}),
            "not_in_channel",
        ),
        (
            json!({"type": "command", "channel": "#random", "user": "ben", "command": "/boson"}),
            "not_in_channel",
        ),
        (
            json!({"type": "command", "channel": "#general", "user": "ben", "command": "/other"}),
            "unknown_command",
        ),
        (
            json!({"type": "click", "user": "ann", "action_id": "x"}),
            "view_not_found",
        ),
        (
            json!({"type": "click", "channel": "#general", "user": "ann", "action_id": "x"}),
            "message_not_found",
        ),
        (json!({"type": "drop", "how": "gently"}), "unknown_how"),
        (json!({"type": "fail", "how": {}}), "unknown_how"),
        (
            json!({"type": "user", "name": "X", "standing": "king"}),
            "unknown_standing",
        ),
        (
            json!({"type": "user", "name": "X", "team": "T0NO"}),
            "team_not_found",
        ),
        (json!({"type": "events_api"}), "invalid_arguments"),
    ] {
        let page = town.inject_page(&wish).await;
        assert_eq!(
            (page.status, &page.json()["error"]),
            (400, &json!(code)),
            "{wish}"
        );
    }
    let ts = town.post(&town.general, "mine").await;
    let edit = json!({"type": "edit", "channel": "#general", "user": "ben", "ts": ts, "text": "x"});
    assert_eq!(
        town.inject_page(&edit).await.json()["error"],
        "cant_update_message"
    );
    let delete =
        |user: &str| json!({"type": "delete", "channel": "#general", "user": user, "ts": ts});
    assert_eq!(
        town.inject_page(&delete("ben")).await.json()["error"],
        "cant_delete_message"
    );
    town.inject(delete("ann")).await;
    // In process there is the same.
    let done = town
        .server
        .act(json!({"type": "say", "channel": "#general", "user": "ann", "text": "x"}))
        .await;
    assert_eq!(done["channel"], json!(town.general));
    let refused = town.server.try_act(&json!({"type": "nonsense"})).await;
    assert_eq!(refused.unwrap_err()["error"], "unknown_type");
}
