//! Channels: those the bot is in, into which it is taken, which it enters, leaves and loses.

use boson::model::{Heard, MessageId};
use boson::room::{Platform, SayError};
use serde_json::json;

use crate::scene::{Scene, id};
use crate::slack::{Fault, How};

#[tokio::test]
async fn it_tells_where_it_is() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listen(&[]);
    let mut joined = vec![ears.joined().await, ears.joined().await];
    joined.sort();
    let mut expected = vec![
        (town.general.clone(), "#general".to_string()),
        (town.direct.clone(), "@Ann".to_string()),
    ];
    expected.sort();
    assert_eq!(joined, expected);
    scene.say(&town.direct, &town.ann, "list");
    let message = ears.said().await;
    assert!(message.direct);
    assert_eq!(message.room, id(&town.direct));
    ears.end().await;
}

#[tokio::test]
async fn whoever_writes_to_it_directly_for_the_first_time_is_heard() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let mut slack = town.server.slack();
    let (direct, _) = slack.direct(&town.team, &[town.ben.clone(), town.bot.clone()]);
    slack.say(&direct, &town.ben, "hello", None).unwrap();
    drop(slack);
    assert_eq!(ears.joined().await, (direct.clone(), "@Ben".into()));
    let message = ears.said().await;
    assert_eq!((message.text.as_str(), message.direct), ("hello", true));
    ears.end().await;
}

#[tokio::test]
async fn whoever_takes_it_into_a_channel_is_known_and_heard_at_once() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    for channel in [&town.secret, &town.random] {
        let mut slack = town.server.slack();
        slack.say(channel, &town.ann, "before", None).unwrap();
        slack.enter(channel, &town.bot, Some(&town.ann));
        slack.say(channel, &town.ann, "list", None).unwrap();
        drop(slack);
        let heard = ears.next().await;
        let Heard::Invited {
            room, by, there, ..
        } = heard
        else {
            panic!("{heard:?}")
        };
        assert_eq!(
            (room.clone(), by.name.as_str(), there),
            (id(channel), "Ann", true)
        );
        // It is there already: nothing is asked of Slack.
        let name = ears.platform.join(&room).await.unwrap();
        assert_eq!(ears.joined().await, (room.room.to_string(), name));
        assert_eq!(ears.texts(1).await, ["list"]);
    }
    assert_eq!(scene.asked("conversations.join"), 0);
    ears.end().await;
}

#[tokio::test]
async fn it_enters_public_channels_by_name_link_and_id() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    scene
        .until(|scene| scene.asked("conversations.list") > 0)
        .await;
    let archives = format!("https://works.slack.com/archives/{}", town.random);
    // The answer may be still on its way.
    scene
        .until(|_| ears.platform.room("#random").is_some())
        .await;
    for typed in ["#random", "random", town.random.as_str(), archives.as_str()] {
        assert_eq!(ears.platform.room(typed), Some(id(&town.random)), "{typed}");
    }
    for typed in [
        "#nothing",
        "nothing",
        "https://example.org/archives/C0123ABCD",
    ] {
        assert_eq!(ears.platform.room(typed), None, "{typed}");
    }
    scene.say(&town.random, &town.ann, "before");
    assert_eq!(
        ears.platform.join(&id(&town.random)).await.unwrap(),
        "#random"
    );
    scene.say(&town.random, &town.ann, "list");
    assert_eq!(ears.joined().await, (town.random.clone(), "#random".into()));
    assert_eq!(ears.texts(1).await, ["list"]);
    ears.platform.leave(&id(&town.random)).await.unwrap();
    let inside = |scene: &Scene| {
        scene.town.server.slack().channels[&scene.town.random]
            .members
            .contains(&scene.town.bot)
    };
    assert!(!inside(&scene));
    ears.silent(&scene).await;
    // And in again.
    ears.platform.join(&id(&town.random)).await.unwrap();
    assert_eq!(ears.joined().await.0, town.random);
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn it_says_why_it_cannot_enter_or_leave() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let refused = |error: SayError| match error {
        SayError::Never { what } => what,
        SayError::Later { what, .. } => panic!("later: {what}"),
    };
    let error = ears.platform.join(&id(&town.secret)).await.unwrap_err();
    assert!(refused(error).contains("`/invite @boson`"));
    town.server.slack().archive(&town.random, true, &town.ann);
    let error = ears.platform.join(&id(&town.random)).await.unwrap_err();
    assert_eq!(refused(error), "the channel is archived");
    town.server
        .fail(Fault::new(How::Status(500)).method("conversations.join"));
    let error = ears.platform.join(&id(&town.random)).await.unwrap_err();
    assert!(matches!(error, SayError::Later { .. }));
    let general = &town.general;
    let mut slack = town.server.slack();
    slack.channels.get_mut(general).unwrap().general = true;
    drop(slack);
    let error = ears.platform.leave(&id(general)).await.unwrap_err();
    assert!(refused(error).contains("nobody leaves"));
    let elsewhere = boson::model::RoomId::new("other", town.random.as_str());
    assert!(ears.platform.join(&elsewhere).await.is_err());
    // What it could not leave is not listened to; the rest is.
    scene.say(&town.direct, &town.ann, "list");
    assert_eq!(ears.texts(1).await, ["list"]);
    ears.end().await;
}

#[tokio::test]
async fn it_tells_when_it_was_sent_away_and_when_a_channel_is_closed() {
    let scene = Scene::new().await;
    let town = &scene.town;
    town.server.slack().enter(&town.random, &town.bot, None);
    town.server.slack().enter(&town.secret, &town.bot, None);
    let mut ears = scene.listening().await;
    ears.joined().await;
    ears.joined().await;
    let left = |heard: Heard| match heard {
        Heard::Left(room) => room.room,
        other => panic!("{other:?}"),
    };
    town.server.slack().leave(&town.random, &town.bot);
    assert_eq!(left(ears.next().await), town.random);
    town.server.slack().leave(&town.secret, &town.bot);
    assert_eq!(left(ears.next().await), town.secret);
    town.server
        .slack()
        .enter(&town.random, &town.bot, Some(&town.ben));
    assert!(matches!(ears.next().await, Heard::Invited { .. }));
    ears.platform.join(&id(&town.random)).await.unwrap();
    ears.joined().await;
    town.server.slack().archive(&town.random, true, &town.ann);
    assert_eq!(left(ears.next().await), town.random);
    town.server.slack().archive(&town.random, false, &town.ann);
    assert_eq!(ears.joined().await.0, town.random);
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn a_channel_that_is_called_otherwise_is_told() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    town.server.slack().rename(&town.general, "all", &town.ann);
    assert_eq!(ears.joined().await, (town.general.clone(), "#all".into()));
    assert_eq!(ears.platform.room("#all"), Some(id(&town.general)));
    assert_eq!(ears.platform.room("#general"), None);
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn configured_channels_are_entered_at_the_start() {
    let mut scene = Scene::new().await;
    scene.settings.rooms = vec!["#random".into(), "secret".into(), "general".into()];
    let mut ears = scene.listen(&[]);
    let mut joined = Vec::new();
    for _ in 0..3 {
        joined.push(ears.joined().await.1);
    }
    joined.sort();
    assert_eq!(joined, ["#general", "#random", "@Ann"]);
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn where_it_was_before_and_is_no_longer_is_told() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let gone = [
        (town.random.as_str(), Some("1700000000.000000")),
        ("C0GONE000", None),
    ];
    let mut ears = scene.listen(&gone);
    let mut left = Vec::new();
    let mut joined = 0;
    while joined < 2 || left.len() < 2 {
        match ears.next().await {
            Heard::Left(room) => left.push(room.room),
            Heard::Joined { .. } => joined += 1,
            other => panic!("{other:?}"),
        }
    }
    left.sort();
    let mut expected = vec![town.random.clone(), "C0GONE000".to_string()];
    expected.sort();
    assert_eq!(left, expected);
    ears.end().await;
}

#[tokio::test]
async fn many_channels_are_all_found_page_by_page() {
    let scene = Scene::new().await;
    let town = &scene.town;
    {
        let mut slack = town.server.slack();
        for n in 0..450 {
            let kind = crate::slack::Kind::Public;
            let channel = slack.channel(&town.team, &format!("c{n}"), kind, &town.ann);
            let members = &mut slack.channels.get_mut(&channel).unwrap().members;
            members.insert(town.bot.clone());
        }
    }
    let mut ears = scene.listen(&[]);
    let mut last = None;
    for _ in 0..452 {
        match ears.next().await {
            Heard::Joined { last: its, .. } => last = its,
            other => panic!("{other:?}"),
        }
    }
    // What is said from now on is heard, also when it is read back.
    assert_eq!(last, Some(MessageId("1795262390.000000".into())));
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn a_permission_that_is_missing_hides_one_kind_of_channel_only() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let scopes: Vec<&str> = crate::slack::SCOPES
        .into_iter()
        .filter(|its| !its.starts_with("mpim"))
        .collect();
    town.inject(json!({"type": "scopes", "scopes": scopes}))
        .await;
    let mut ears = scene.listening().await;
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn all_but_direct_conversations_can_be_left() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let group = {
        let mut slack = town.server.slack();
        let cleo = slack.user(&town.team, "Cleo", crate::slack::Standing::Member);
        let members = [town.ann.clone(), cleo, town.bot.clone()];
        slack.direct(&town.team, &members).0
    };
    let mut ears = scene.listening().await;
    ears.joined().await;
    assert!(!ears.platform.leaves(&id(&town.direct)));
    for room in [&town.general, &group] {
        assert!(ears.platform.leaves(&id(room)));
        ears.platform.leave(&id(room)).await.unwrap();
    }
    let slack = town.server.slack();
    assert!(!slack.channels[&town.general].members.contains(&town.bot));
    drop(slack);
    ears.end().await;
}
