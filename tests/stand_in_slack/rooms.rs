//! Channels: who sees them, joins them, changes them.

use serde_json::json;

use crate::client::{Town, error};
use crate::slack::{Kind, Standing};

#[tokio::test]
async fn what_is_private_is_seen_from_inside_only() {
    let town = Town::new().await;
    let all = "public_channel,private_channel,im,mpim";
    let ids = |value: serde_json::Value| -> Vec<String> {
        let all = value["channels"].as_array().unwrap().iter();
        all.map(|its| its["id"].as_str().unwrap().to_string())
            .collect()
    };
    let seen = ids(town.form("conversations.list", &[("types", all)]).await);
    assert!(
        !seen.contains(&town.secret) && seen.contains(&town.random) && seen.contains(&town.direct)
    );
    assert_eq!(
        town.refused_form("conversations.info", &[("channel", &town.secret)])
            .await,
        "channel_not_found"
    );
    town.inject(
        json!({"type": "invite", "channel": town.secret, "user": town.bot, "inviter": town.ann}),
    )
    .await;
    let seen = ids(town.form("conversations.list", &[("types", all)]).await);
    assert!(seen.contains(&town.secret));
    let its = town
        .form(
            "conversations.info",
            &[("channel", &town.secret), ("include_num_members", "true")],
        )
        .await;
    assert_eq!(
        (
            &its["channel"]["is_private"],
            &its["channel"]["num_members"]
        ),
        (&json!(true), &json!(2))
    );
    assert_eq!(its["channel"]["name"], "secret");
    let own = ids(town.form("users.conversations", &[("types", all)]).await);
    assert!(own.contains(&town.secret) && !own.contains(&town.random));
    let direct = town
        .form("conversations.info", &[("channel", &town.direct)])
        .await;
    assert_eq!(
        (&direct["channel"]["is_im"], &direct["channel"]["user"]),
        (&json!(true), &json!(town.ann))
    );
    let members = town
        .form(
            "conversations.members",
            &[("channel", &town.general), ("limit", "2")],
        )
        .await;
    assert_eq!(members["members"].as_array().unwrap().len(), 2);
    assert_ne!(members["response_metadata"]["next_cursor"], "");
}

#[tokio::test]
async fn public_channels_can_be_joined() {
    let town = Town::new().await;
    let join = |channel: &str| json!({"channel": channel});
    assert_eq!(
        town.refused("conversations.history", join(&town.random))
            .await,
        "not_in_channel"
    );
    let joined = town.call("conversations.join", join(&town.random)).await;
    assert_eq!(joined["channel"]["is_member"], true);
    assert_eq!(
        town.call("conversations.join", join(&town.random)).await["warning"],
        "already_in_channel"
    );
    assert_eq!(
        town.refused("conversations.join", join(&town.secret)).await,
        "channel_not_found"
    );
    assert_eq!(
        town.refused("conversations.join", join(&town.direct)).await,
        "method_not_supported_for_channel_type"
    );
    assert_eq!(
        town.call("conversations.leave", join(&town.random)).await["ok"],
        true
    );
    assert_eq!(
        town.call("conversations.leave", join(&town.random)).await["not_in_channel"],
        true
    );
    town.inject(json!({"type": "archive", "channel": town.random, "user": town.ann}))
        .await;
    assert_eq!(
        town.refused("conversations.join", join(&town.random)).await,
        "is_archived"
    );
    let left = town
        .form("conversations.list", &[("exclude_archived", "true")])
        .await;
    assert_eq!(left["channels"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn direct_messages_are_opened_once() {
    let town = Town::new().await;
    let open = |users: String| json!({"users": users});
    let again = town
        .call("conversations.open", open(town.ann.clone()))
        .await;
    assert_eq!(
        (&again["channel"]["id"], &again["already_open"]),
        (&json!(town.direct), &json!(true))
    );
    let new = town
        .call("conversations.open", open(town.ben.clone()))
        .await;
    assert!(
        new["channel"]["id"].as_str().unwrap().starts_with('D')
            && new.get("already_open").is_none()
    );
    let group = town
        .call(
            "conversations.open",
            open(format!("{},{}", town.ann, town.ben)),
        )
        .await;
    let info = town
        .form(
            "conversations.info",
            &[("channel", group["channel"]["id"].as_str().unwrap())],
        )
        .await;
    assert_eq!(info["channel"]["is_mpim"], true);
    let by_id = town
        .call(
            "conversations.open",
            json!({"channel": town.direct, "return_im": true}),
        )
        .await;
    assert_eq!(by_id["no_op"], true);
    assert_eq!(
        town.refused("conversations.open", json!({})).await,
        "users_list_not_supplied"
    );
    assert_eq!(
        town.refused("conversations.open", open("U0NO".into()))
            .await,
        "user_not_found"
    );
    town.inject(json!({"type": "person", "user": town.ben, "deleted": true}))
        .await;
    assert_eq!(
        town.refused("conversations.open", open(town.ben.clone()))
            .await,
        "user_disabled"
    );
}

#[tokio::test]
async fn members_change_a_channel() {
    let town = Town::new().await;
    let made = town
        .call("conversations.create", json!({"name": "new-one"}))
        .await;
    let id = made["channel"]["id"].as_str().unwrap().to_string();
    assert_eq!(
        town.refused("conversations.create", json!({"name": "new-one"}))
            .await,
        "name_taken"
    );
    assert_eq!(
        town.refused("conversations.create", json!({"name": "New One"}))
            .await,
        "invalid_name_specials"
    );
    assert_eq!(
        town.refused("conversations.create", json!({"name": "x".repeat(81)}))
            .await,
        "invalid_name_maxlength"
    );
    assert_eq!(
        town.refused("conversations.create", json!({})).await,
        "invalid_name_required"
    );
    let renamed = town
        .call(
            "conversations.rename",
            json!({"channel": id, "name": "other"}),
        )
        .await;
    assert_eq!(renamed["channel"]["name"], "other");
    let topic = town
        .call(
            "conversations.setTopic",
            json!({"channel": id, "topic": "about"}),
        )
        .await;
    assert_eq!(topic["channel"]["topic"]["value"], "about");
    assert_eq!(
        town.refused(
            "conversations.setPurpose",
            json!({"channel": id, "purpose": "x".repeat(251)})
        )
        .await,
        "too_long"
    );
    let invite = json!({"channel": id, "users": town.ann});
    assert_eq!(
        town.call("conversations.invite", invite.clone()).await["ok"],
        true
    );
    assert_eq!(
        town.refused("conversations.invite", invite).await,
        "already_in_channel"
    );
    assert_eq!(
        town.refused(
            "conversations.invite",
            json!({"channel": id, "users": town.bot})
        )
        .await,
        "cant_invite_self"
    );
    let kick = json!({"channel": id, "user": town.ann});
    assert_eq!(
        town.call("conversations.kick", kick.clone()).await["ok"],
        true
    );
    assert_eq!(
        town.refused("conversations.kick", kick).await,
        "not_in_channel"
    );
    let its = json!({"channel": id});
    assert_eq!(
        town.refused("conversations.unarchive", its.clone()).await,
        "not_archived"
    );
    assert_eq!(
        town.call("conversations.archive", its.clone()).await["ok"],
        true
    );
    assert_eq!(
        town.refused("conversations.archive", its.clone()).await,
        "already_archived"
    );
    assert_eq!(
        town.refused("conversations.rename", json!({"channel": id, "name": "x"}))
            .await,
        "is_archived"
    );
    assert_eq!(town.call("conversations.unarchive", its).await["ok"], true);
    assert_eq!(
        town.refused(
            "conversations.rename",
            json!({"channel": town.random, "name": "x"})
        )
        .await,
        "not_in_channel"
    );
}

#[tokio::test]
async fn history_has_edges() {
    let town = Town::new().await;
    let mut all = Vec::new();
    for n in 0..5 {
        all.push(town.post(&town.general, &format!("m{n}")).await);
    }
    let texts = async |mut args: serde_json::Value| -> Vec<String> {
        args["channel"] = json!(town.general);
        let done = town.call("conversations.history", args).await;
        let all = done["messages"].as_array().unwrap().iter();
        all.map(|its| its["text"].as_str().unwrap().to_string())
            .collect()
    };
    assert_eq!(texts(json!({"oldest": all[1]})).await, ["m4", "m3", "m2"]);
    assert_eq!(
        texts(json!({"oldest": all[1], "latest": all[3]})).await,
        ["m2"]
    );
    assert_eq!(
        texts(json!({"oldest": all[1], "latest": all[3], "inclusive": true})).await,
        ["m3", "m2", "m1"]
    );
    let page = town
        .call(
            "conversations.history",
            json!({"channel": town.general, "limit": 2}),
        )
        .await;
    assert_eq!(page["has_more"], true);
    let cursor = page["response_metadata"]["next_cursor"].clone();
    assert_eq!(
        texts(json!({"limit": 2, "cursor": cursor})).await,
        ["m2", "m1"]
    );
}

#[tokio::test]
async fn people_have_standings_and_strangers_have_none() {
    let town = Town::new().await;
    let (elsewhere, dana, unseen) = {
        let mut slack = town.server.slack();
        let elsewhere = slack.team("Elsewhere");
        let dana = slack.user(&elsewhere, "Dana", Standing::PrimaryOwner);
        let unseen = slack.user(&elsewhere, "Unseen", Standing::Member);
        let shared = slack.channel(&town.team, "shared", Kind::Public, &town.ann);
        let channel = slack.channels.get_mut(&shared).unwrap();
        channel.shared.insert(elsewhere.clone());
        channel.members.extend([dana.clone(), town.bot.clone()]);
        (elsewhere, dana, unseen)
    };
    let user = async |id: &str| town.form("users.info", &[("user", id)]).await["user"].clone();
    let flags = [
        "is_admin",
        "is_owner",
        "is_primary_owner",
        "is_restricted",
        "is_ultra_restricted",
    ];
    for (name, expected) in [
        ("primary_owner", [true, true, true, false, false]),
        ("owner", [true, true, false, false, false]),
        ("admin", [true, false, false, false, false]),
        ("member", [false; 5]),
        ("restricted", [false, false, false, true, false]),
        ("ultra_restricted", [false, false, false, true, true]),
    ] {
        town.inject(json!({"type": "person", "user": town.ben, "standing": name}))
            .await;
        let ben = user(&town.ben).await;
        assert_eq!(flags.map(|flag| ben[flag] == true), expected, "{name}");
    }
    let stranger = user(&dana).await;
    assert_eq!(
        (&stranger["is_stranger"], &stranger["is_owner"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(stranger["team_id"], json!(elsewhere));
    assert_eq!(
        town.refused_form("users.info", &[("user", &unseen)]).await,
        "user_not_visible"
    );
    assert_eq!(
        town.refused_form("users.info", &[("user", "U0NO")]).await,
        "user_not_found"
    );
    let bot = user(&town.bot).await;
    assert_eq!(
        (&bot["is_bot"], &bot["profile"]["api_app_id"]),
        (&json!(true), &json!(town.app))
    );
    let id = bot["profile"]["bot_id"].as_str().unwrap();
    assert_eq!(
        town.form("bots.info", &[("bot", id)]).await["bot"]["user_id"],
        json!(town.bot)
    );
    assert_eq!(
        town.refused_form("bots.info", &[("bot", "B0NO")]).await,
        "bot_not_found"
    );
    let found = town
        .form("users.lookupByEmail", &[("email", "ann.other@example.org")])
        .await;
    assert_eq!(found["user"]["id"], json!(town.ann));
    assert_eq!(
        error(
            &town
                .form("users.lookupByEmail", &[("email", "no@x.org")])
                .await
        ),
        "users_not_found"
    );
    assert_eq!(town.form("team.info", &[]).await["team"]["domain"], "works");
    let list = town.form("users.list", &[]).await;
    assert_eq!(
        list["members"].as_array().unwrap().len(),
        4,
        "two members, a bot, a stranger"
    );
}
