//! What people say: messages, mentions, edits, threads.

use boson::model::{Heard, Role};
use boson::room::Platform;
use serde_json::json;

use crate::scene::{Scene, id};

#[tokio::test]
async fn a_message_is_heard() {
    let scene = Scene::new().await;
    let town = &scene.town;
    town.pass(1);
    let mut ears = scene.listening().await;
    let ts = scene.say(
        &town.general,
        &town.ann,
        "a &lt;b&gt; <@U0UNKNOWN> <https://x.org/?a=1&amp;b=2>",
    );
    let message = ears.said().await;
    assert_eq!(message.id.0, ts);
    assert_eq!(message.room, id(&town.general));
    assert_eq!(message.text, "a <b> @U0UNKNOWN https://x.org/?a=1&b=2");
    assert_eq!(message.person.id.0, town.ann);
    assert_eq!(message.person.name, "Ann");
    assert_eq!(message.role, Role::Owner);
    assert_eq!(
        message.at,
        crate::client::noon() + chrono::TimeDelta::seconds(1)
    );
    assert!(!message.direct && !message.private && !message.reply_to_bot);
    assert_eq!((message.reply_to, message.thread), (None, None));
    scene.edit(&town.general, &ts, "hello");
    let edited = ears.edited().await;
    assert_eq!(
        (edited.id.0.as_str(), edited.text.as_str()),
        (ts.as_str(), "hello")
    );
    town.server.slack().remove(&town.general, &ts);
    let heard = ears.next().await;
    assert!(matches!(heard, Heard::Deleted { message, .. } if message.0 == ts));
    ears.end().await;
}

#[tokio::test]
async fn a_mention_is_heard_once_and_calls_the_bot_by_its_name() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let text = format!(
        "<@{}> list “x y” —all, ask <@{}> in <#{}>",
        town.bot, town.ben, town.general
    );
    // Two events tell of it.
    scene.say(&town.general, &town.ann, &text);
    assert_eq!(
        ears.said().await.text,
        "@boson list \"x y\" --all, ask @Ben in #general"
    );
    // An edit brings the mention once more.
    let ts = scene.say(&town.general, &town.ann, "list");
    assert_eq!(ears.texts(1).await, ["list"]);
    scene.edit(&town.general, &ts, &format!("<@{}> list", town.bot));
    assert_eq!(ears.edited().await.text, "@boson list");
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn what_slack_itself_changes_is_no_edit() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let ts = scene.say(&town.general, &town.ann, "<https://example.org/page>");
    assert_eq!(ears.texts(1).await, ["https://example.org/page"]);
    let mut slack = town.server.slack();
    slack.edit(&town.general, &ts, |message| {
        message.attachments.push(json!({"fallback": "a page"}));
    });
    slack.react(&town.general, &ts, "eyes", &town.ben).unwrap();
    drop(slack);
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn own_messages_bots_and_lines_of_slack_are_not_heard() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let ts = town
        .post(&town.general, &format!("<@{}> list", town.bot))
        .await;
    town.call(
        "chat.update",
        json!({"channel": town.general, "ts": ts, "text": "x"}),
    )
    .await;
    let other = {
        let mut slack = town.server.slack();
        let (app, _) = slack.app("Other");
        let (bot, _) = slack.install(&app, &town.team);
        slack.enter(&town.general, &bot, None);
        slack.say(&town.general, &bot, "I am a bot", None).unwrap();
        bot
    };
    let heard = ears.next().await;
    assert!(matches!(heard, Heard::Came { person, .. } if person.id.0 == other));
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn an_answer_to_the_bot_is_one_in_the_thread_about_its_message() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let own = town.post(&town.general, "a report").await;
    let reply = scene.reply(&town.general, &town.ann, &own, "thanks");
    let message = ears.said().await;
    assert_eq!(message.id.0, reply);
    assert_eq!(
        message.thread.map(|thread| thread.0.to_string()),
        Some(own.clone())
    );
    assert_eq!(
        message.reply_to.map(|message| message.0.to_string()),
        Some(own.clone())
    );
    assert!(message.reply_to_bot);
    let first = scene.say(&town.general, &town.ann, "a question");
    let message = ears.said().await;
    assert_eq!((message.thread, message.reply_to_bot), (None, false));
    scene.reply(&town.general, &town.ben, &first, "an answer");
    let message = ears.said().await;
    assert_eq!(
        message.thread.map(|thread| thread.0.to_string()),
        Some(first)
    );
    assert!(!message.reply_to_bot);
    // Slack does not always say whose the first message is: it is asked, once for each thread.
    for _ in 0..2 {
        let event = json!({
            "type": "message", "channel": town.general, "channel_type": "channel", "user": town.ann, "team": town.team,
            "text": "more", "thread_ts": own, "ts": town.server.slack().ts(),
        });
        let done = town.later(json!({"type": "events_api", "payload": event}));
        assert!(ears.said().await.reply_to_bot);
        assert_eq!(done.await.unwrap()["acked"], true);
    }
    assert_eq!(scene.asked("conversations.replies"), 1);
    ears.end().await;
}

#[tokio::test]
async fn what_is_shared_and_what_is_broadcast_are_messages() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    for (subtype, heard) in [
        ("file_share", true),
        ("me_message", true),
        ("thread_broadcast", true),
        ("channel_topic", false),
        ("something_new", false),
        ("bot_message", false),
    ] {
        let event = json!({
            "type": "message", "subtype": subtype, "channel": town.general, "user": town.ann, "team": town.team,
            "text": subtype, "ts": town.server.slack().ts(),
        });
        let done = town.later(json!({"type": "events_api", "payload": event}));
        if heard {
            assert_eq!(ears.texts(1).await, [subtype]);
        }
        assert_eq!(done.await.unwrap()["acked"], true);
    }
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn what_comes_twice_or_was_not_acknowledged_is_heard_once() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    town.server.wire(|wire| wire.twice = 3);
    for n in 0..3 {
        scene.say(&town.general, &town.ann, &n.to_string());
    }
    assert_eq!(ears.texts(3).await, ["0", "1", "2"]);
    town.server.wire(|wire| wire.lost_acks = 2);
    scene.say(&town.general, &town.ann, "3");
    assert_eq!(ears.texts(1).await, ["3"]);
    scene.passing(Scene::settled).await;
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn who_is_mentioned_is_known_whatever_others_are_called() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let (namesake, like_it) = {
        let mut slack = town.server.slack();
        let member = crate::slack::Standing::Member;
        (
            slack.user(&town.team, "Ben", member),
            slack.user(&town.team, "Boson Fan", member),
        )
    };
    for user in [&town.ben, &namesake] {
        let text = format!("<@{}> grant owner to <@{user}>", town.bot);
        scene.say(&town.general, &town.ann, &text);
        let message = ears.said().await;
        assert_eq!(message.text, "@boson grant owner to @Ben");
        let mentions = message.mentions.iter().map(|person| person.id.0.as_str());
        assert_eq!(mentions.collect::<Vec<_>>(), [user]);
    }
    // Nobody else calls the bot by their name.
    for (name, text) in [("Boson Fan", "list"), ("bos", "list"), ("BOSON", "")] {
        let mut slack = town.server.slack();
        let user = match name {
            "Boson Fan" => like_it.clone(),
            _ => slack.user(&town.team, name, crate::slack::Standing::Member),
        };
        drop(slack);
        scene.say(&town.general, &town.ann, &format!("<@{user}> {text}"));
        let said = ears.said().await.text;
        assert_eq!(said.trim(), format!("@{user} {text}").trim());
    }
    ears.end().await;
}

#[tokio::test]
async fn what_private_channels_are_called_is_known_to_nobody_outside() {
    let scene = Scene::new().await;
    let town = &scene.town;
    town.server.slack().enter(&town.secret, &town.bot, None);
    let mut ears = scene.listening().await;
    ears.joined().await;
    scene
        .until(|_| ears.platform.room("#random").is_some())
        .await;
    assert_eq!(ears.platform.room("#secret"), None);
    // The id leads there, whatever somebody calls it.
    let text = format!(
        "<#{}|secret> <#{}|general> <#{}|random>",
        town.secret, town.secret, town.random
    );
    scene.say(&town.general, &town.ann, &text);
    let said = ears.said().await.text;
    assert_eq!(said, format!("{} {} #random", town.secret, town.secret));
    assert_eq!(ears.platform.room("general"), Some(id(&town.general)));
    ears.end().await;
}
