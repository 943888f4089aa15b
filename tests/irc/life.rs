//! Logging in, a nick that is taken, bans, silence, the farewell.

use boson::model::{Heard, Text};
use boson::room::irc::{Login, Way};
use boson::room::{Finding, Platform};
use secrecy::SecretString;

use super::scene::{Scene, old};
use super::stand_in::{Cut, Settings};

fn login(password: &str, way: Way) -> Option<Login> {
    Some(Login {
        account: "boson".into(),
        password: SecretString::from(password),
        way,
    })
}

async fn with_accounts() -> Scene {
    Scene::with(Settings {
        accounts: vec![("boson", "secret")],
        ..Settings::default()
    })
    .await
}

#[tokio::test]
async fn who_has_an_account_is_logged_in_before_all_else() {
    let mut scene = with_accounts().await;
    scene.settings.login = login("secret", Way::Sasl);
    scene.settings.server_password = Some(SecretString::from("for the server"));
    let ears = scene.sits().await;
    let came = scene.server.came();
    let place = |begins: &str| {
        came.iter()
            .position(|line| line.starts_with(begins))
            .unwrap()
    };
    assert_eq!(came[..2], ["CAP LS 302", "PASS :for the server"]);
    assert!(place("AUTHENTICATE PLAIN") < place("CAP END") && place("CAP END") < place("JOIN"));
    ears.say("#one", Text::line("here")).await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_told_at_once_and_tried_slowly() {
    let mut scene = with_accounts().await;
    scene.settings.login = login("wrong", Way::Sasl);
    let mut ears = scene.listen();
    let wrong = "the server does not take the account and its password";
    assert_eq!(ears.trouble().await.as_deref(), Some(wrong));
    let tries = || {
        scene
            .server
            .came()
            .iter()
            .filter(|line| line.starts_with("USER"))
            .count()
    };
    scene.passes(240).await;
    assert_eq!(tries(), 1);
    let unsaid = ears.say("#one", Text::line("x")).await.unwrap_err();
    assert!(unsaid.to_string().contains(wrong), "{unsaid}");
    scene.until("not tried again", || tries() == 2).await;
    let found = ears.platform.check().await;
    assert!(
        matches!(&found[..], [Finding::Broken { what, .. }] if what == wrong),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_password_that_nobody_asks_for_is_told() {
    for settings in [Settings::default(), old()] {
        let mut scene = Scene::with(settings).await;
        scene.settings.login = login("secret", Way::Sasl);
        let what = scene.listen().trouble().await.unwrap();
        assert!(what.contains("offers no SASL"), "{what}");
        assert!(
            !scene
                .server
                .came()
                .iter()
                .any(|line| line.contains("secret"))
        );
    }
}

#[tokio::test]
async fn the_nick_is_won_back() {
    for settings in [Settings::default(), old()] {
        let mut scene = Scene::with(settings).await;
        scene.settings.login = login("secret", Way::NickServ);
        scene.server.person("boson");
        let mut ears = scene.sits().await;
        assert!(scene.server.is_in("boson_", "#one"));
        scene
            .until("not asked", || {
                let came = scene.server.came();
                let says = |words: &str| came.iter().any(|line| line.contains(words));
                says("NickServ :IDENTIFY boson secret")
                    && says("NickServ :REGAIN boson secret")
                    && says("ISON boson")
            })
            .await;
        // It answers to both names.
        scene.server.say("bob", "#one", "boson_: alive");
        assert_eq!(ears.message().await.text, "@boson alive");
        assert!(matches!(
            &ears.platform.check().await[..],
            [Finding::Lacking { .. }]
        ));
        scene.server.send("boson", "QUIT :bye");
        scene
            .until("not taken", || scene.server.is_in("boson", "#one"))
            .await;
        scene.server.say("bob", "#one", "boson: alive");
        assert_eq!(ears.message().await.text, "@boson alive");
        ears.say("#one", Text::line("back")).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_wants_rest_has_it_and_a_ban_is_told() {
    let scene = Scene::new().await;
    let mut ears = scene.sits().await;
    let tries = || {
        scene
            .server
            .came()
            .iter()
            .filter(|line| line.starts_with("USER"))
            .count()
    };
    let since = scene.clock.now();
    scene
        .server
        .cut(Cut::Error("Closing Link: (Trying to reconnect too fast.)"));
    scene.until("not back", || tries() == 2).await;
    assert!((scene.clock.now() - since).num_seconds() >= 60);
    ears.until(|heard| matches!(heard, Heard::Joined { .. }))
        .await;
    scene
        .server
        .shut(Some("Closing Link: boson (K-Lined: no bots)"));
    scene.server.cut(Cut::Close);
    let what = ears.trouble().await.unwrap();
    assert!(
        what.starts_with("the server has banned me") && what.contains("K-Lined"),
        "{what}"
    );
    scene.server.shut(None);
    assert_eq!(ears.trouble().await, None);
    ears.say("#one", Text::line("again")).await.unwrap();
}

#[tokio::test]
async fn a_server_that_has_fallen_silent_is_left() {
    let scene = Scene::old().await;
    let mut ears = scene.sits().await;
    ears.say("#one", Text::line("before")).await.unwrap();
    let since = scene.clock.now();
    scene.server.cut(Cut::Silence);
    ears.until(|heard| matches!(heard, Heard::Joined { .. }))
        .await;
    let took = (scene.clock.now() - since).num_seconds();
    assert!((60..400).contains(&took), "{took}");
    ears.say("#one", Text::line("after")).await.unwrap();
}

#[tokio::test]
async fn who_ends_says_so() {
    let scene = Scene::new().await;
    let ears = scene.sits().await;
    drop(ears.heard);
    ears.task.await.unwrap();
    let came = scene.server.came();
    assert!(came.last().unwrap().starts_with("QUIT"), "{came:?}");
    scene
        .until("still there", || !scene.server.is_there("boson"))
        .await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again_and_what_waits_goes_back() {
    let mut scene = Scene::new().await;
    let port = std::mem::replace(&mut scene.settings.server.port, 1);
    let ears = scene.listen();
    scene.passes(1).await;
    let unsaid = ears.say("#one", Text::line("x")).await.unwrap_err();
    assert!(
        unsaid.to_string().contains("refuses the connection"),
        "{unsaid}"
    );
    assert_ne!(port, 1);
    let found = ears.platform.check().await;
    assert!(matches!(&found[..], [Finding::Broken { .. }]), "{found:?}");
}
