//! Private conversations: what is meant for one person is said to nobody who has their nick after them.

use boson::model::Text;
use boson::room::SayError;

use super::scene::{Ears, Scene, room, texts};
use super::stand_in;

/// Somebody who is in no channel.
fn stranger(scene: &Scene, nick: &str, account: Option<&str>) {
    scene.server.person(nick);
    if let Some(account) = account {
        scene.server.account(nick, account);
    }
}

async fn unsaid(ears: &Ears, to: &str) -> String {
    match ears.say(to, Text::line("secret")).await {
        Err(SayError::Later { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn after_a_start_an_account_is_known_again_and_its_nick_is_nobody() {
    let scene = Scene::new().await;
    let mut ears = scene.listen_in(&[("#one", None), ("carl!carl", None)]);
    ears.until(|heard| matches!(heard, boson::model::Heard::Joined { .. }))
        .await;
    // Nobody is there, and then somebody else.
    assert_eq!(unsaid(&ears, "carl!carl").await, "they are not there");
    stranger(&scene, "carl", None);
    let other = "somebody else has their nick now";
    assert_eq!(unsaid(&ears, "carl!carl").await, other);
    scene
        .server
        .say("carl", "boson", "what have you got for me?");
    assert_eq!(ears.message().await.room, room("carl!carl@host"));
    assert_eq!(unsaid(&ears, "carl!carl").await, other);
    // They come under another nick.
    stranger(&scene, "carla", Some("Carl"));
    scene.server.say("carla", "boson", "here");
    assert_eq!(ears.message().await.room, room("carl!carl"));
    ears.say("carl!carl", Text::line("secret")).await.unwrap();
    assert_eq!(scene.said("carla", 1).await, ["secret"]);
    assert!(scene.server.said("carl", "boson").is_empty());
}

#[tokio::test]
async fn after_a_start_the_server_says_who_has_a_nick() {
    let scene = Scene::new().await;
    stranger(&scene, "carl", Some("carl"));
    stranger(&scene, "dan", None);
    let mut ears = scene.listen_in(&[
        ("#one", None),
        ("carl!carl", None),
        ("dan!dan@host", None),
        ("dan!~dan@elsewhere", None),
    ]);
    ears.until(|heard| matches!(heard, boson::model::Heard::Joined { .. }))
        .await;
    for (to, nick) in [("carl!carl", "carl"), ("dan!dan@host", "dan")] {
        ears.say(to, Text::line("secret")).await.unwrap();
        assert_eq!(scene.said(nick, 1).await, ["secret"]);
    }
    assert_eq!(
        unsaid(&ears, "dan!~dan@elsewhere").await,
        "somebody else has their nick now"
    );
    assert_eq!(texts(scene.server.said("dan", "boson")), ["secret"]);
    // Whom no channel shows is asked for again after a while.
    scene.passes(120).await;
    ears.say("carl!carl", Text::line("again")).await.unwrap();
    let asked = scene.server.came();
    let asked = asked.iter().filter(|line| *line == "WHOIS carl");
    assert_eq!(asked.count(), 2);
}

#[tokio::test]
async fn where_accounts_are_told_to_who_asks_they_are_asked_for() {
    let caps = stand_in::ALL.iter().copied();
    let scene = Scene::with(stand_in::Settings {
        caps: caps.filter(|cap| *cap != "account-tag").collect(),
        ..stand_in::Settings::default()
    })
    .await;
    stranger(&scene, "carl", Some("carl"));
    stranger(&scene, "dan", None);
    let mut ears = scene.listen_in(&[("#one", None), ("carl!carl", None)]);
    ears.until(|heard| matches!(heard, boson::model::Heard::Joined { .. }))
        .await;
    for (nick, its) in [("carl", "carl!carl"), ("dan", "dan!dan@host")] {
        scene.server.say(nick, "boson", "hello");
        let message = ears.message().await;
        assert_eq!(message.room, room(its));
        assert_eq!(Some(message.person.id.0.as_str()), its.split('!').nth(1));
    }
}

#[tokio::test]
async fn the_last_word_passes_all_that_waits() {
    let scene = Scene::new().await;
    let ears = scene.sits().await;
    let (text, _) = super::scene::lines(5);
    let waiting: Vec<_> = (0..20).map(|_| ears.begin("#one", text.clone())).collect();
    scene
        .until("nothing is said", || {
            !scene.server.said("#one", "boson").is_empty()
        })
        .await;
    let saying = boson::room::Saying::new(room("#one"), Text::line("I am gone."));
    let before = scene.clock.now();
    use boson::room::Platform;
    ears.platform.last_word(&saying).await.unwrap();
    assert!(scene.clock.now() - before < chrono::TimeDelta::seconds(60));
    let said = texts(scene.server.said("#one", "boson"));
    assert_eq!(said.last().map(String::as_str), Some("I am gone."));
    assert!(said.len() < 50, "{}", said.len());
    waiting.iter().for_each(|waits| waits.abort());
}
