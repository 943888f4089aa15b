//! What must not be shown stands in no log and in nothing that is heard.

use boson::room::Platform;
use serde_json::json;

use crate::log::Log;
use crate::scene::{Scene, id};
use crate::slack::{Fault, How, Order};

#[tokio::test]
async fn tokens_and_secret_addresses_are_not_shown() {
    // All of it runs in this thread.
    let log = Log::begin();
    let scene = Scene::new().await;
    let town = &scene.town;
    for how in [
        How::Status(500),
        How::Cut,
        How::Error("invalid_auth".into()),
    ] {
        town.server
            .fail(Fault::new(how.clone()).method("apps.connections.open"));
        town.server.fail(Fault::new(how).method("auth.test"));
    }
    town.server.wire(|wire| wire.no_upgrades = 1);
    let mut ears = scene.listen(&[]);
    let mut heard = String::new();
    for _ in 0..6 {
        heard.push_str(&format!("{:?}", ears.passing().await));
    }
    let wish = json!({"type": "command", "channel": town.secret, "user": town.ann, "command": "/boson", "text": "x"});
    town.server
        .fail(Fault::new(How::Status(404)).method("/hooks"));
    town.inject(wish).await;
    let refused = ears.platform.join(&id(&town.secret)).await;
    heard.push_str(&format!("{refused:?}"));
    town.server.order(&town.app, &Order::Reset);
    scene.until(|scene| scene.sockets() == 0).await;
    scene.passing(|scene| scene.sockets() > 0).await;
    heard.push_str(&format!("{:?}", scene.settings));
    ears.end().await;
    let log = String::from_utf8(log.bytes()).unwrap();
    assert!(log.contains("a socket has ended"), "{log}");
    for shown in [log, heard] {
        for secret in [&town.token, &town.app_token] {
            assert!(!shown.contains(secret.as_str()), "{shown}");
        }
        for part in ["ticket=", "xoxb-", "xapp-", "/commands/", "Bearer"] {
            assert!(!shown.contains(part), "{part}: {shown}");
        }
    }
}
