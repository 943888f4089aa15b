//! Which events come, and to whom.

use serde_json::json;

use crate::client::Town;
use crate::slack::sign;

#[tokio::test]
async fn a_mention_is_two_events_and_one_in_direct_messages() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let text = format!("<@{}> help &amp; more", town.bot);
    let ts = town
        .inject(json!({"type": "say", "channel": town.general, "user": town.ann, "text": text}))
        .await["ts"]
        .clone();
    let (one, two) = (ear.heard().await, ear.heard().await);
    let kinds = [&one, &two].map(|its| {
        its["payload"]["event"]["type"]
            .as_str()
            .unwrap()
            .to_string()
    });
    assert_eq!(kinds, ["message", "app_mention"]);
    assert_ne!(one["payload"]["event_id"], two["payload"]["event_id"]);
    for envelope in [&one, &two] {
        let (payload, event) = (&envelope["payload"], &envelope["payload"]["event"]);
        assert_eq!(
            (&event["ts"], &event["text"], &event["user"]),
            (&ts, &json!(text), &json!(town.ann))
        );
        assert_eq!(
            (&envelope["type"], &envelope["accepts_response_payload"]),
            (&json!("events_api"), &json!(false))
        );
        assert_eq!(
            (&envelope["retry_attempt"], &envelope["retry_reason"]),
            (&json!(0), &json!(""))
        );
        assert_eq!(
            (
                &payload["type"],
                &payload["team_id"],
                &payload["api_app_id"]
            ),
            (
                &json!("event_callback"),
                &json!(town.team),
                &json!(town.app)
            )
        );
        assert_eq!(payload["authorizations"][0]["user_id"], json!(town.bot));
        assert!(event.get("bot_id").is_none() && event["client_msg_id"].is_string());
    }
    assert_eq!(one["payload"]["event"]["channel_type"], "channel");
    town.inject(json!({"type": "say", "channel": town.direct, "user": town.ann, "text": text}))
        .await;
    let event = ear.event().await;
    assert_eq!(
        (&event["type"], &event["channel_type"]),
        (&json!("message"), &json!("im"))
    );
    // Nothing stands between that and the next.
    town.post(&town.general, "mine").await;
    let event = ear.event().await;
    assert_eq!(
        (&event["text"], &event["user"]),
        (&json!("mine"), &json!(town.bot))
    );
    assert!(event["bot_id"].is_string());
}

#[tokio::test]
async fn edits_deletions_and_reactions_are_told() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let (channel, ts) = (&town.general, town.post(&town.general, "one").await);
    assert_eq!(ear.event().await["text"], "one");
    town.call(
        "chat.update",
        json!({"channel": channel, "ts": ts, "text": "two"}),
    )
    .await;
    let event = ear.event().await;
    assert_eq!(
        (&event["subtype"], &event["hidden"]),
        (&json!("message_changed"), &json!(true))
    );
    assert_eq!(
        (
            &event["message"]["text"],
            &event["previous_message"]["text"]
        ),
        (&json!("two"), &json!("one"))
    );
    assert_ne!(event["ts"], event["message"]["ts"]);
    town.inject(
        json!({"type": "react", "channel": channel, "ts": ts, "name": "eyes", "user": town.ann}),
    )
    .await;
    let event = ear.event().await;
    assert_eq!(
        (&event["type"], &event["reaction"], &event["user"]),
        (&json!("reaction_added"), &json!("eyes"), &json!(town.ann))
    );
    assert_eq!(
        (&event["item"]["ts"], &event["item_user"]),
        (&json!(ts), &json!(town.bot))
    );
    town.inject(
        json!({"type": "unreact", "channel": channel, "ts": ts, "name": "eyes", "user": town.ann}),
    )
    .await;
    assert_eq!(ear.event().await["type"], "reaction_removed");
    town.call("chat.delete", json!({"channel": channel, "ts": ts}))
        .await;
    let event = ear.event().await;
    assert_eq!(
        (&event["subtype"], &event["deleted_ts"]),
        (&json!("message_deleted"), &json!(ts))
    );
    town.inject(json!({"type": "app", "unfurl_domains": ["x.org"]}))
        .await;
    let said = town.inject(json!({"type": "say", "channel": channel, "user": town.ann, "text": "see <https://x.org/a>"})).await;
    assert_eq!(ear.event().await["ts"], said["ts"]);
    let event = ear.event().await;
    assert_eq!(
        (&event["type"], &event["links"][0]["domain"]),
        (&json!("link_shared"), &json!("x.org"))
    );
    let edited = format!("<@{}> after all", town.bot);
    town.inject(json!({"type": "edit", "channel": channel, "ts": said["ts"], "text": edited}))
        .await;
    assert_eq!(ear.event().await["subtype"], "message_changed");
    let event = ear.event().await;
    assert_eq!(
        (&event["type"], &event["ts"]),
        (&json!("app_mention"), &said["ts"])
    );
    assert!(event["edited"].is_object());
}

#[tokio::test]
async fn coming_and_going_is_told() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let secret = &town.secret;
    town.inject(
        json!({"type": "invite", "channel": secret, "user": town.bot, "inviter": town.ann}),
    )
    .await;
    let event = ear.event().await;
    assert_eq!(
        (&event["type"], &event["user"], &event["inviter"]),
        (
            &json!("member_joined_channel"),
            &json!(town.bot),
            &json!(town.ann)
        )
    );
    assert_eq!(event["channel_type"], "G");
    let event = ear.event().await;
    assert_eq!(
        (&event["subtype"], &event["channel_type"]),
        (&json!("channel_join"), &json!("group"))
    );
    town.inject(json!({"type": "rename", "channel": secret, "name": "hidden", "user": town.ann}))
        .await;
    assert_eq!(ear.event().await["subtype"], "channel_name");
    let event = ear.event().await;
    assert_eq!(
        (&event["type"], &event["channel"]["name"]),
        (&json!("group_rename"), &json!("hidden"))
    );
    town.inject(json!({"type": "archive", "channel": secret, "user": town.ann}))
        .await;
    assert_eq!(ear.event().await["subtype"], "channel_archive");
    assert_eq!(ear.event().await["type"], "group_archive");
    town.inject(json!({"type": "archive", "on": false, "channel": secret, "user": town.ann}))
        .await;
    assert_eq!(ear.event().await["subtype"], "channel_unarchive");
    assert_eq!(ear.event().await["type"], "group_unarchive");
    town.inject(json!({"type": "kick", "channel": secret, "user": town.bot}))
        .await;
    assert_eq!(ear.event().await["type"], "member_left_channel");
    assert_eq!(ear.event().await["type"], "group_left");
    // What happens there now is not for the bot.
    town.inject(json!({"type": "say", "channel": secret, "user": town.ann, "text": "alone"}))
        .await;
    town.inject(json!({"type": "home", "user": town.ann})).await;
    let event = ear.event().await;
    assert_eq!(
        (&event["type"], &event["channel"]),
        (&json!("app_home_opened"), &json!(town.direct))
    );
    town.inject(json!({"type": "revoke", "token": town.token}))
        .await;
    assert_eq!(ear.event().await["tokens"]["bot"], json!([town.bot]));
}

#[tokio::test]
async fn only_what_it_listens_to_and_may_hear() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    town.inject(json!({"type": "app", "events": ["app_mention", "message.im"]}))
        .await;
    let say = |channel: &str, text: &str| json!({"type": "say", "channel": channel, "user": town.ann, "text": text});
    town.inject(say(&town.general, "to nobody")).await;
    town.inject(say(&town.random, &format!("<@{}> not there", town.bot)))
        .await;
    town.inject(say(&town.general, &format!("<@{}> there", town.bot)))
        .await;
    let event = ear.event().await;
    assert_eq!(
        (
            &event["type"],
            event["text"].as_str().unwrap().ends_with("> there")
        ),
        (&json!("app_mention"), true)
    );
    town.inject(json!({"type": "scopes", "scopes": ["chat:write", "im:history"]}))
        .await;
    town.inject(say(
        &town.general,
        &format!("<@{}> without the scope", town.bot),
    ))
    .await;
    town.inject(say(&town.direct, "direct")).await;
    assert_eq!(ear.event().await["text"], "direct");
}

#[tokio::test]
async fn every_workspace_has_its_own_token() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let other = town.inject(json!({"type": "team", "name": "Second"})).await;
    let user = town
        .inject(json!({"type": "user", "name": "Zoe", "team": other["team"]}))
        .await["user"]
        .clone();
    let channel =
        json!({"type": "channel", "name": "general", "team": other["team"], "user": user});
    let channel = town.inject(channel).await["channel"].clone();
    town.inject(json!({"type": "invite", "channel": channel, "user": other["bot_user"]}))
        .await;
    assert_eq!(ear.heard().await["payload"]["team_id"], other["team"]);
    assert_eq!(ear.event().await["subtype"], "channel_join");
    let wrong = json!({"channel": channel, "text": "x"});
    assert_eq!(
        town.refused("chat.postMessage", wrong).await,
        "channel_not_found",
        "the first token"
    );
    let token = other["bot_token"].as_str().unwrap();
    let args = [("channel", channel.as_str().unwrap()), ("text", "here")];
    assert_eq!(
        town.form_as(token, "chat.postMessage", &args).await["ok"],
        true
    );
    let event = ear.heard().await;
    assert_eq!(
        (
            &event["payload"]["team_id"],
            &event["payload"]["event"]["text"]
        ),
        (&other["team"], &json!("here"))
    );
}

#[test]
fn signatures_are_those_of_the_documentation() {
    let secret = "0123456789abcdef0123456789abcdef";
    let body = b"command=%2Fbot&text=track+crates+serde&user_id=U0HUMAN001";
    let first = "v0=351b555fd1da2bc6018afb55f9697772053b8b7b20720858a30a8549d5bf015f";
    assert_eq!(sign(secret, 1_700_000_000, body), first);
    let body = br#"{"type":"url_verification","challenge":"abc"}"#;
    let second = "v0=0af59a2093209bf5fd729275f78b68ca1fd0f5cde475f4e9b5b24207db57d1bb";
    assert_eq!(sign(secret, 1_700_000_000, body), second);
    assert_ne!(sign(secret, 1_700_000_001, body), second);
}
