//! Web sockets: two of them, how they end, and what goes wrong.

use boson::model::Heard;
use boson::room::slack::Way;
use serde_json::json;

use crate::scene::{Ears, Scene};
use crate::slack::{Fault, How, Order};

/// The next trouble or the end of one, while time passes.
async fn trouble(ears: &mut Ears) -> Option<String> {
    match ears.passing().await {
        Heard::Trouble { what, .. } => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn there_are_two_and_each_has_a_successor_before_it_ends() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    assert_eq!(scene.sockets(), 1);
    scene.passing(|scene| scene.sockets() == 2).await;
    for reason in ["warning", "refresh_requested"] {
        let order = Order::Disconnect(reason.into());
        let before = scene.asked("apps.connections.open");
        assert_eq!(town.server.order(&town.app, &order), 2);
        for n in 0..20 {
            scene.say(&town.general, &town.ann, &n.to_string());
        }
        let mut all = ears.texts(20).await;
        all.sort_by_key(|text| text.parse::<u32>().unwrap());
        assert_eq!(all, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
        scene
            .until(|scene| scene.asked("apps.connections.open") == before + 2)
            .await;
        // The old ones are closed by the bot, before Slack does it.
        let now = town.clock.now();
        scene.passing(|scene| scene.sockets() == 2).await;
        assert!(town.clock.now() - now < chrono::TimeDelta::seconds(9));
    }
    assert_eq!(
        scene.asked("conversations.history"),
        0,
        "nothing was missed"
    );
    ears.silent(&scene).await;
    ears.end().await;
    scene.until(|scene| scene.sockets() == 0).await;
}

#[tokio::test]
async fn a_socket_that_falls_silent_is_replaced() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    town.server.order(&town.app, &Order::Silence);
    let opened = scene.asked("apps.connections.open");
    scene.say(&town.general, &town.ann, "into the void");
    assert_eq!(ears.texts_passing(1).await, ["into the void"]);
    assert!(scene.asked("apps.connections.open") > opened);
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn a_quiet_socket_stays_as_long_as_somebody_is_there() {
    let scene = Scene::new().await;
    let town = &scene.town;
    // Slack sends no pings, but answers those of the bot.
    town.server.wire(|wire| wire.still = true);
    let mut ears = scene.listening().await;
    scene.passing(|scene| scene.sockets() == 2).await;
    let opened = scene.asked("apps.connections.open");
    for _ in 0..300 {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        town.pass(1);
    }
    assert_eq!(scene.asked("apps.connections.open"), opened);
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn a_socket_that_cannot_be_opened_is_tried_again() {
    let scene = Scene::new().await;
    let town = &scene.town;
    for how in [
        How::Later(40),
        How::Status(502),
        How::Reset,
        How::Error("internal_error".into()),
    ] {
        town.server
            .fail(Fault::new(how).method("apps.connections.open"));
    }
    town.server.wire(|wire| {
        wire.no_upgrades = 2;
        wire.mute = 1;
    });
    let mut ears = scene.listen(&[]);
    for _ in 0..2 {
        let heard = ears.passing().await;
        assert!(matches!(heard, Heard::Joined { .. }), "{heard:?}");
    }
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn slack_is_asked_again_exactly_when_it_says() {
    let scene = Scene::new().await;
    let town = &scene.town;
    town.server
        .fail(Fault::new(How::Later(40)).method("apps.connections.open"));
    let mut ears = scene.listen(&[]);
    scene
        .until(|scene| scene.asked("apps.connections.open") == 1)
        .await;
    for _ in 0..39 {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        town.pass(1);
    }
    assert_eq!(scene.asked("apps.connections.open"), 1);
    town.pass(2);
    ears.joined().await;
    assert_eq!(scene.asked("apps.connections.open"), 2);
    ears.end().await;
}

#[tokio::test]
async fn a_bad_token_is_told_at_once_and_tried_seldom() {
    let mut scene = Scene::new().await;
    let good = scene.settings.clone();
    scene.settings.bot_token = "xoxb-nothing".into();
    let mut ears = scene.listen(&[]);
    let what = ears.trouble().await.unwrap();
    assert_eq!(
        what,
        "Slack does not know the token (this is about `bot_token`)"
    );
    scene.town.pass(299);
    assert_eq!(scene.asked("auth.test"), 1);
    ears.end().await;
    scene.settings = good;
    scene.settings.way = Way::Socket {
        app_token: scene.town.token.as_str().into(),
    };
    let mut ears = scene.listen(&[]);
    let what = ears.trouble().await.unwrap();
    assert!(
        what.starts_with("the token is one of the wrong kind"),
        "{what}"
    );
    assert!(what.ends_with("(this is about `app_token`)"), "{what}");
    for _ in 0..250 {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        scene.town.pass(1);
    }
    assert_eq!(scene.asked("apps.connections.open"), 1);
    ears.end().await;
}

#[tokio::test]
async fn a_token_that_is_revoked_is_told_and_so_is_a_good_one() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    town.server.slack().revoke(&town.token, "token_revoked");
    let what = ears.trouble().await.unwrap();
    assert!(what.contains("no longer valid"), "{what}");
    town.server
        .slack()
        .tokens
        .get_mut(&town.token)
        .unwrap()
        .dead = None;
    assert_eq!(trouble(&mut ears).await, None);
    // What may have been missed is read back.
    scene
        .until(|scene| scene.asked("conversations.history") >= 2)
        .await;
    ears.silent(&scene).await;
    // Nothing told of it, but the next call is refused.
    town.server
        .slack()
        .tokens
        .get_mut(&town.token)
        .unwrap()
        .dead = Some("account_inactive".into());
    scene.say(&town.general, &town.ben, "x");
    let (mut told, mut said) = (None, false);
    while told.is_none() || !said {
        match ears.next().await {
            Heard::Said(_) => said = true,
            Heard::Trouble { what, .. } => told = what,
            other => panic!("{other:?}"),
        }
    }
    assert!(told.unwrap().contains("no longer in the workspace"));
    ears.end().await;
}

#[tokio::test]
async fn socket_mode_that_is_switched_off_is_told() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    town.server
        .order(&town.app, &Order::Disconnect("link_disabled".into()));
    let what = ears.trouble().await.unwrap();
    assert!(what.contains("Socket Mode is switched off"), "{what}");
    assert_eq!(trouble(&mut ears).await, None);
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn too_many_sockets_are_no_stampede() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut others = Vec::new();
    for _ in 0..10 {
        others.push(town.ear().await);
    }
    let mut ears = scene.listen(&[]);
    scene
        .until(|scene| scene.asked("apps.connections.open") == 11)
        .await;
    for _ in 0..25 {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        town.pass(1);
    }
    assert!(scene.asked("apps.connections.open") <= 12);
    drop(others);
    let heard = ears.passing().await;
    assert!(matches!(heard, Heard::Joined { .. }), "{heard:?}");
    ears.end().await;
}

#[tokio::test]
async fn events_that_were_lost_with_their_socket_are_heard() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    scene.passing(|scene| scene.sockets() == 2).await;
    let mut expected = Vec::new();
    for round in 0..5 {
        for n in 0..10 {
            let text = format!("{round}.{n}");
            scene.say(&town.general, &town.ann, &text);
            expected.push(text);
            if n == 5 {
                let order = [Order::Reset, Order::Close][round % 2].clone();
                town.server.order(&town.app, &order);
            }
        }
        let mut all = Vec::new();
        while all.len() < 10 {
            if let Heard::Said(message) = ears.passing().await {
                all.push(message.text);
            }
        }
        all.sort();
        assert_eq!(all, expected[expected.len() - 10..]);
    }
    scene.passing(Scene::settled).await;
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn an_app_that_was_taken_out_is_told() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    town.server
        .slack()
        .tokens
        .get_mut(&town.token)
        .unwrap()
        .dead = Some("account_inactive".into());
    let done = town
        .inject(json!({"type": "events_api", "payload": {"type": "app_uninstalled"}}))
        .await;
    assert_eq!(done["acked"], true);
    let what = ears.trouble().await.unwrap();
    assert!(what.contains("no longer in the workspace"), "{what}");
    ears.end().await;
}

#[tokio::test]
async fn what_is_lost_after_a_successor_is_read_back_as_well() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    scene.passing(|scene| scene.sockets() == 2).await;
    let before = scene.asked("apps.connections.open");
    let renew = Order::Disconnect("warning".into());
    town.server.order(&town.app, &renew);
    scene
        .passing(|scene| scene.asked("apps.connections.open") == before + 2 && scene.sockets() == 2)
        .await;
    ears.silent(&scene).await;
    town.server.order(&town.app, &Order::Reset);
    scene.until(|scene| scene.sockets() == 0).await;
    scene.say(&town.general, &town.ann, "into the void");
    // It was not delivered, and will not be.
    town.server.slack().deliveries.clear();
    assert_eq!(ears.texts_passing(1).await, ["into the void"]);
    // Trouble with sockets is told, and so is its end.
    town.server
        .order(&town.app, &Order::Disconnect("link_disabled".into()));
    let what = trouble(&mut ears).await.unwrap();
    assert!(what.contains("Socket Mode is switched off"), "{what}");
    assert_eq!(trouble(&mut ears).await, None);
    ears.silent(&scene).await;
    ears.end().await;
}

#[tokio::test]
async fn a_command_that_is_under_way_on_an_old_socket_is_heard() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let mut ears = scene.listening().await;
    let renew = Order::Disconnect("warning".into());
    assert_eq!(town.server.order(&town.app, &renew), 1);
    scene
        .until(|scene| scene.asked("apps.connections.open") == 2 && scene.sockets() == 2)
        .await;
    // Through the new one: the old one is to be closed now.
    ears.silent(&scene).await;
    let payload = json!({
        "command": "/boson", "text": "list", "channel_id": town.general, "user_id": town.ann,
        "team_id": town.team,
    });
    let envelope = json!({
        "envelope_id": "e", "type": "slash_commands", "accepts_response_payload": true, "payload": payload,
    });
    let send = Order::Send(envelope.to_string());
    assert_eq!(town.server.order(&town.app, &send), 2);
    // It came through both.
    assert_eq!(ears.texts(2).await, ["list", "list"]);
    scene.passing(|scene| scene.sockets() == 1).await;
    ears.end().await;
}
