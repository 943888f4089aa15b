//! Looking whether a workspace can be used.

use boson::model::Heard;
use boson::room::slack::Way;
use boson::room::slack::scopes::{EVENTS, SCOPES};
use boson::room::{Finding, Platform};
use serde_json::json;

use crate::scene::{Scene, id};

#[tokio::test]
async fn what_is_fine_and_what_is_missing() {
    let mut scene = Scene::new().await;
    let found = scene.platform().check().await;
    assert!(
        found.iter().all(|one| matches!(one, Finding::Fine(_))),
        "{found:?}"
    );
    assert_eq!(found.len(), 2);
    let scopes: Vec<&str> = SCOPES
        .iter()
        .map(|scope| scope.name)
        .filter(|name| *name != "channels:join")
        .collect();
    scene
        .town
        .inject(json!({"type": "scopes", "scopes": scopes}))
        .await;
    let found = scene.platform().check().await;
    let Finding::Lacking { what, .. } = &found[1] else {
        panic!("{found:?}")
    };
    assert_eq!(
        what,
        "the app lacks the permission `channels:join`; it is needed to enter public channels when somebody asks for it"
    );
    scene.settings.way = Way::Socket {
        app_token: "xapp-nothing".into(),
    };
    scene.settings.bot_token = "xoxb-nothing".into();
    let found = scene.platform().check().await;
    let broken: Vec<&str> = found
        .iter()
        .map(|one| match one {
            Finding::Broken { what, .. } => what.as_str(),
            Finding::Fine(what) | Finding::Lacking { what, .. } => panic!("{what}"),
        })
        .collect();
    assert_eq!(
        broken,
        [
            "`bot_token` cannot be used: Slack does not know the token",
            "`app_token` cannot be used: Slack does not know the token"
        ]
    );
    scene.settings.url = "http://127.0.0.1:1/api".into();
    let found = scene.platform().check().await;
    assert!(
        matches!(&found[0], Finding::Broken { what, .. } if what.contains("refuses")),
        "{found:?}"
    );
}

#[tokio::test]
async fn all_that_is_used_is_asked_for() {
    let scene = Scene::new().await;
    let scopes: Vec<&str> = SCOPES.iter().map(|scope| scope.name).collect();
    scene
        .town
        .inject(json!({"type": "scopes", "scopes": scopes}))
        .await;
    scene
        .town
        .inject(json!({"type": "app", "events": EVENTS}))
        .await;
    let (town, mut ears) = (&scene.town, scene.listening().await);
    let room = id(&town.random);
    ears.platform.join(&room).await.unwrap();
    ears.joined().await;
    ears.platform.leave(&room).await.unwrap();
    town.server
        .slack()
        .enter(&town.secret, &town.bot, Some(&town.ann));
    assert!(matches!(ears.next().await, Heard::Invited { .. }));
    ears.platform.join(&id(&town.secret)).await.unwrap();
    ears.joined().await;
    ears.platform.leave(&id(&town.secret)).await.unwrap();
    town.server.slack().rename(&town.general, "all", &town.ann);
    ears.joined().await;
    ears.silent(&scene).await;
    ears.end().await;
}
