//! People: names, and what they may do as far as Slack says.

use boson::model::{Heard, Role};
use serde_json::json;

use crate::scene::Scene;
use crate::slack::{Fault, How, Standing};

#[tokio::test]
async fn what_people_may_do() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut expected = vec![
        (town.ann.clone(), Role::Owner),
        (town.ben.clone(), Role::Member),
    ];
    let channel = {
        let mut slack = town.server.slack();
        for (name, standing, role) in [
            ("Cleo", Standing::Restricted, Role::Guest),
            ("Dana", Standing::UltraRestricted, Role::Guest),
            ("Emil", Standing::Owner, Role::Owner),
            ("Finn", Standing::PrimaryOwner, Role::Owner),
        ] {
            let user = slack.user(&town.team, name, standing);
            expected.push((user, role));
        }
        let others = slack.team("Others");
        expected.push((slack.user(&others, "Gita", Standing::Admin), Role::Guest));
        let maker = slack.user(&town.team, "Hugo", Standing::Member);
        expected.push((maker.clone(), Role::Owner));
        let kind = crate::slack::Kind::Public;
        let channel = slack.channel(&town.team, "made", kind, &maker);
        let its = slack.channels.get_mut(&channel).unwrap();
        its.shared.insert(others);
        its.members.insert(town.bot.clone());
        its.members
            .extend(expected.iter().map(|(user, _)| user.clone()));
        channel
    };
    let mut ears = scene.listening().await;
    ears.joined().await;
    for (user, role) in &expected {
        scene.say(&channel, user, "hello");
        let message = ears.said().await;
        assert_eq!(
            (&message.person.id.0, message.role),
            (&user.into(), *role),
            "{}",
            message.person.name
        );
    }
    // Each was looked up once.
    let asked = scene.asked("users.info");
    for (user, _) in &expected {
        scene.say(&channel, user, "hello again");
        ears.said().await;
    }
    assert_eq!(scene.asked("users.info"), asked);
    ears.end().await;
}

#[tokio::test]
async fn who_cannot_be_looked_up_is_a_member_of_the_own_workspace_or_a_guest() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let asked = scene.asked("users.info");
    town.server
        .fail(Fault::new(How::Later(30)).method("users.info"));
    for (team, role) in [
        (json!(town.team), Role::Member),
        (json!("T0OTHER"), Role::Guest),
        (json!(null), Role::Guest),
    ] {
        let event = json!({
            "type": "message", "channel": town.general, "user": town.ben, "team": team, "text": "x",
            "ts": town.server.slack().ts(),
        });
        let done = town.later(json!({"type": "events_api", "payload": event}));
        let message = ears.said().await;
        assert_eq!(
            (message.person.name, message.role),
            (town.ben.as_str().into(), role)
        );
        assert_eq!(done.await.unwrap()["acked"], true);
    }
    assert_eq!(scene.asked("users.info"), asked + 1, "it was asked not to");
    town.pass(31);
    scene.say(&town.general, &town.ben, "x");
    let message = ears.said().await;
    assert_eq!(
        (message.person.name.as_str(), message.role),
        ("Ben", Role::Member)
    );
    ears.end().await;
}

#[tokio::test]
async fn whoever_goes_by_another_name_is_told() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    scene.say(&town.general, &town.ben, "x");
    assert_eq!(ears.said().await.person.name, "Ben");
    for name in ["Ben", "Benjamin"] {
        let event = json!({"type": "user_change", "user": {
            "id": town.ben, "team_id": town.team, "name": "ben", "profile": {"display_name": name},
        }});
        let acked = town
            .inject(json!({"type": "events_api", "payload": event}))
            .await;
        assert_eq!(acked["acked"], true);
    }
    let heard = ears.next().await;
    let Heard::Renamed { person, .. } = heard else {
        panic!("{heard:?}")
    };
    assert_eq!(
        (person.id.0, person.name.as_str()),
        (town.ben.as_str().into(), "Benjamin")
    );
    scene.say(&town.general, &town.ben, "x");
    assert_eq!(ears.said().await.person.name, "Benjamin");
    ears.end().await;
}

#[tokio::test]
async fn people_come_and_go() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let cleo = {
        let mut slack = town.server.slack();
        let cleo = slack.user(&town.team, "Cleo", Standing::Member);
        slack.enter(&town.general, &cleo, None);
        slack.leave(&town.general, &cleo);
        cleo
    };
    let heard = ears.next().await;
    assert!(
        matches!(heard, Heard::Came { person, .. } if person.id.0 == cleo && person.name == "Cleo")
    );
    let heard = ears.next().await;
    assert!(matches!(heard, Heard::Went { person, .. } if person.id.0 == cleo));
    ears.end().await;
}

#[tokio::test]
async fn where_nobody_may_be_looked_up_all_are_guests() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let scopes: Vec<&str> = crate::slack::SCOPES
        .into_iter()
        .filter(|its| *its != "users:read")
        .collect();
    town.inject(json!({"type": "scopes", "scopes": scopes}))
        .await;
    let mut ears = scene.listening().await;
    scene.say(&town.general, &town.ben, "x");
    assert_eq!(ears.said().await.role, Role::Guest);
    ears.end().await;
}

#[tokio::test]
async fn who_was_never_met_is_not_kept_in_mind() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let event = json!({"type": "user_change", "user": {
        "id": town.ben, "team_id": town.team, "name": "x", "profile": {"display_name": "X"},
    }});
    town.inject(json!({"type": "events_api", "payload": event}))
        .await;
    let asked = scene.asked("users.info");
    scene.say(&town.general, &town.ben, "x");
    assert_eq!(ears.said().await.person.name, "Ben");
    assert_eq!(scene.asked("users.info"), asked + 1);
    ears.end().await;
}
