//! Several workspaces and apps, channels that are shared, and how all that ends.

use serde_json::{Value, json};

use crate::client::{Ear, Town, error};
use crate::slack::{Rates, Rules, Settings};

async fn ear(town: &Town, app_token: &Value) -> Ear {
    let token = app_token.as_str().unwrap();
    let opened = town.form_as(token, "apps.connections.open", &[]).await;
    Ear::open(opened["url"].as_str().unwrap()).await
}

#[tokio::test]
async fn two_apps_hear_each_other_and_have_secrets_and_sockets_of_their_own() {
    let town = Town::new().await;
    let other = town
        .inject(json!({"type": "new_app", "name": "Other"}))
        .await;
    assert_ne!(
        other["signing_secret"],
        json!(town.server.slack().apps[&town.app].secret)
    );
    let invite = json!({"type": "invite", "channel": "#general", "user": other["bot_user"]});
    town.inject(invite).await;
    town.inject(json!({"type": "forget"})).await;
    let (mut mine, mut theirs) = (town.ear().await, ear(&town, &other["app_token"]).await);
    assert_eq!(theirs.hello["num_connections"], 1);
    assert_eq!(theirs.hello["connection_info"]["app_id"], other["app"]);
    town.post(&town.general, "from the first").await;
    for ear in [&mut mine, &mut theirs] {
        let event = ear.event().await;
        assert_eq!(
            (&event["text"], &event["app_id"]),
            (&json!("from the first"), &json!(town.app))
        );
    }
    // The mention of one is no mention of the other.
    let text = format!("<@{}> you", other["bot_user"].as_str().unwrap());
    town.inject(json!({"type": "say", "channel": "#general", "user": "ann", "text": text}))
        .await;
    assert_eq!(mine.event().await["type"], "message");
    assert_eq!(theirs.event().await["type"], "message");
    assert_eq!(theirs.event().await["type"], "app_mention");
    let theirs_token = other["bot_token"].as_str().unwrap();
    let ts = town.post(&town.general, "mine").await;
    let args = [
        ("channel", town.general.as_str()),
        ("ts", &ts),
        ("text", "x"),
    ];
    let refused = town.form_as(theirs_token, "chat.update", &args).await;
    assert_eq!(error(&refused), "cant_update_message");
}

#[tokio::test]
async fn the_app_that_was_installed_last_has_the_command() {
    let town = Town::new().await;
    let other = town
        .inject(json!({"type": "new_app", "name": "Other"}))
        .await;
    let names = json!({"type": "app", "app": other["app"], "commands": ["/boson"], "events": []});
    town.inject(names).await;
    town.inject(json!({"type": "app", "events": []})).await;
    let (mut mine, mut theirs) = (town.ear().await, ear(&town, &other["app_token"]).await);
    let command =
        json!({"type": "command", "channel": "#general", "user": "ann", "command": "/boson"});
    let answer = town.later(command.clone());
    assert_eq!(theirs.heard().await["payload"]["api_app_id"], other["app"]);
    answer.await.unwrap();
    town.inject(json!({"type": "uninstall"})).await;
    town.inject(json!({"type": "install"})).await;
    let answer = town.later(command);
    assert_eq!(mine.heard().await["payload"]["api_app_id"], json!(town.app));
    answer.await.unwrap();
}

#[tokio::test]
async fn one_app_in_two_workspaces_is_told_which_one() {
    let town = Town::new().await;
    town.inject(json!({"type": "app", "events": ["message.channels"]}))
        .await;
    let mut ear = town.ear().await;
    let second = town.inject(json!({"type": "team", "name": "Second"})).await;
    let zoe = town
        .inject(json!({"type": "user", "name": "Zoe", "team": second["team"], "standing": "owner"}))
        .await;
    let made =
        json!({"type": "channel", "name": "general", "team": second["team"], "user": zoe["user"]});
    let channel = town.inject(made).await["channel"].clone();
    town.inject(
        json!({"type": "invite", "channel": channel, "user": "bot", "team": second["team"]}),
    )
    .await;
    assert_eq!(ear.event().await["subtype"], "channel_join");
    for (team, channel, user) in [
        (&json!(town.team), json!(town.general), "ann"),
        (&second["team"], channel.clone(), "zoe"),
    ] {
        town.inject(json!({"type": "say", "channel": channel, "user": user, "text": "hi"}))
            .await;
        let payload = ear.heard().await["payload"].clone();
        assert_eq!(payload["team_id"], *team);
        assert_eq!(payload["authorizations"][0]["team_id"], *team);
    }
    let command =
        json!({"type": "command", "channel": channel, "user": "zoe", "command": "/boson"});
    let answer = town.later(command);
    let payload = ear.heard().await["payload"].clone();
    assert_eq!(
        (&payload["team_id"], &payload["team_domain"]),
        (&second["team"], &json!("second"))
    );
    answer.await.unwrap();
    let args = [("event_context", "4-x")];
    let all = town
        .form_as(&town.app_token, "apps.event.authorizations.list", &args)
        .await;
    assert_eq!(all["authorizations"].as_array().unwrap().len(), 2);
    let token = second["bot_token"].as_str().unwrap();
    let zoe = zoe["user"].as_str().unwrap();
    let own = town.form_as(token, "users.info", &[("user", zoe)]).await;
    assert_eq!(own["user"]["is_owner"], true);
    let strange = town.form("users.info", &[("user", zoe)]).await;
    assert_eq!(error(&strange), "user_not_visible");
}

#[tokio::test]
async fn a_stranger_in_a_shared_channel_is_marked_as_one() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let (elsewhere, dana) = {
        let mut slack = town.server.slack();
        let team = slack.team("Elsewhere");
        let dana = slack.user(&team, "Dana", crate::slack::Standing::Owner);
        (team, dana)
    };
    town.inject(json!({"type": "mark", "channel": "#general", "shared_with": elsewhere}))
        .await;
    town.inject(json!({"type": "join", "channel": "#general", "user": dana}))
        .await;
    assert_eq!(ear.event().await["type"], "member_joined_channel");
    assert_eq!(ear.event().await["subtype"], "channel_join");
    let text = format!("<@{}> let me in", town.bot);
    town.inject(json!({"type": "say", "channel": "#general", "user": dana, "text": text}))
        .await;
    for kind in ["message", "app_mention"] {
        let payload = ear.heard().await["payload"].clone();
        let event = &payload["event"];
        assert_eq!(event["type"], kind);
        assert_eq!(
            (&payload["is_ext_shared_channel"], &payload["team_id"]),
            (&json!(true), &json!(town.team))
        );
        assert_eq!(
            (&event["user"], &event["user_team"], &event["source_team"]),
            (&json!(dana), &json!(elsewhere), &json!(elsewhere))
        );
    }
    let info = town
        .form("conversations.info", &[("channel", &town.general)])
        .await;
    assert_eq!(info["channel"]["is_ext_shared"], true);
    assert_eq!(info["channel"]["creator"], json!(town.ann));
    let user = town.form("users.info", &[("user", &dana)]).await;
    assert_eq!(
        (&user["user"]["is_stranger"], &user["user"]["is_owner"]),
        (&json!(true), &json!(false))
    );
    // Sharing may give it another id; a click of the stranger is one in the app's own workspace.
    let button =
        json!({"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}});
    let blocks = json!([{"type": "actions", "elements": [button]}]);
    let post = json!({"channel": town.general, "text": "b", "blocks": blocks});
    town.call("chat.postMessage", post).await;
    assert_eq!(ear.event().await["text"], "b");
    let changed = town
        .inject(json!({"type": "change_id", "channel": "#general"}))
        .await;
    let event = ear.event().await;
    assert_eq!(
        (
            &event["type"],
            &event["old_channel_id"],
            &event["new_channel_id"]
        ),
        (
            &json!("channel_id_changed"),
            &json!(town.general),
            &changed["channel"]
        )
    );
    let old = json!({"channel": town.general, "text": "x"});
    assert_eq!(
        town.refused("chat.postMessage", old).await,
        "channel_not_found"
    );
    let answer =
        town.later(json!({"type": "click", "channel": "#general", "user": dana, "text": "Go"}));
    let payload = ear.heard().await["payload"].clone();
    assert_eq!(
        (&payload["team"]["id"], &payload["user"]["team_id"]),
        (&json!(town.team), &json!(elsewhere))
    );
    answer.await.unwrap();
}

#[tokio::test]
async fn an_app_that_is_thrown_out_hears_that_last() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    town.inject(json!({"type": "person", "user": "ben", "standing": "admin", "name": "Benjamin"}))
        .await;
    let event = ear.event().await;
    assert_eq!(
        (
            &event["type"],
            &event["user"]["id"],
            &event["user"]["is_admin"]
        ),
        (&json!("user_change"), &json!(town.ben), &json!(true))
    );
    town.inject(json!({"type": "invite", "channel": "#secret", "user": "bot"}))
        .await;
    assert_eq!(ear.event().await["type"], "member_joined_channel");
    assert_eq!(ear.event().await["subtype"], "channel_join");
    town.inject(json!({"type": "delete_channel", "channel": "#secret"}))
        .await;
    let event = ear.event().await;
    assert_eq!(
        (&event["type"], &event["channel"]),
        (&json!("channel_deleted"), &json!(town.secret))
    );
    town.inject(json!({"type": "uninstall"})).await;
    assert_eq!(ear.event().await["type"], "app_uninstalled");
    assert_eq!(ear.event().await["tokens"]["bot"], json!([town.bot]));
    assert_eq!(
        town.refused("auth.test", json!({})).await,
        "account_inactive"
    );
    town.inject(json!({"type": "say", "channel": "#general", "user": "ann", "text": "alone"}))
        .await;
    let again = town.inject(json!({"type": "install"})).await;
    let token = again["bot_token"].as_str().unwrap();
    let me = town.form_as(token, "auth.test", &[]).await;
    assert_eq!(me["user_id"], again["bot_user"]);
    town.inject(json!({"type": "revoke", "token": town.app_token}))
        .await;
    let opened = town
        .form_as(&town.app_token, "apps.connections.open", &[])
        .await;
    assert_eq!(error(&opened), "token_revoked");
}

#[tokio::test]
async fn too_many_events_are_not_delivered_and_that_is_said_once_a_minute() {
    let rules = Rules {
        rates: Rates::Real,
        most_events: 3,
        ..Rules::default()
    };
    let town = Town::with(Settings { port: 0, rules }).await;
    town.inject(json!({"type": "app", "events": ["message.channels"]}))
        .await;
    let mut ear = town.ear().await;
    let say =
        |text: &str| json!({"type": "say", "channel": "#general", "user": "ann", "text": text});
    for text in ["1", "2", "3", "4", "5"] {
        town.inject(say(text)).await;
    }
    for text in ["1", "2", "3"] {
        assert_eq!(ear.event().await["text"], text);
    }
    let payload = ear.heard().await["payload"].clone();
    assert_eq!(payload["type"], "app_rate_limited");
    assert_eq!(
        (&payload["team_id"], &payload["api_app_id"]),
        (&json!(town.team), &json!(town.app))
    );
    assert_eq!(
        payload["minute_rate_limited"],
        crate::client::noon().timestamp()
    );
    town.pass(3600);
    town.inject(say("6")).await;
    assert_eq!(ear.event().await["text"], "6");
    let given =
        json!({"type": "events_api", "payload": {"type": "app_rate_limited", "team_id": "T1"}});
    let answer = town.later(given);
    let payload = ear.heard().await["payload"].clone();
    assert_eq!(
        (&payload["type"], payload.get("event")),
        (&json!("app_rate_limited"), None)
    );
    answer.await.unwrap();
}
