//! What was said while the bot was away.

use boson::model::Heard;

use super::scene::{Ears, Scene};
use super::stand_in::{Cut, Settings};

async fn heard(ears: &mut Ears, count: usize) -> Vec<String> {
    let mut all = Vec::new();
    while all.len() < count {
        all.push(ears.message().await.text);
    }
    all
}

#[tokio::test]
async fn what_was_said_while_the_connection_was_broken_is_heard_once_and_in_order() {
    // More than one question gives, by ids and by times.
    let chat = super::stand_in::ALL.to_vec();
    let znc = vec!["batch", "server-time", "znc.in/playback"];
    for (says, caps) in [
        ("CHATHISTORY=7 MSGREFTYPES=msgid,timestamp", chat.clone()),
        ("CHATHISTORY=7 MSGREFTYPES=timestamp", chat),
        ("NETWORK=znc", znc),
    ] {
        let scene = Scene::with(Settings {
            says,
            caps,
            ..Settings::default()
        })
        .await;
        let mut ears = scene.sits().await;
        let mut all: Vec<String> = Vec::new();
        for round in 0..3 {
            for n in 0..30 {
                if n == 10 {
                    scene
                        .server
                        .cut([Cut::Close, Cut::Error("bye"), Cut::Close][round]);
                }
                let text = format!("{round} {n}");
                scene.server.say("bob", "#one", &text);
                all.push(text);
                // They do not all speak in the same moment.
                scene.passes(1).await;
            }
            scene
                .until("not back", || scene.server.is_in("boson", "#one"))
                .await;
        }
        assert_eq!(heard(&mut ears, all.len()).await, all, "{says}");
        scene.server.say("bob", "#one", "end");
        assert_eq!(ears.message().await.text, "end");
    }
}

#[tokio::test]
async fn what_was_said_before_the_start_is_heard_from_where_it_ended() {
    let scene = Scene::new().await;
    scene.server.say("bob", "#one", "old");
    let last = scene.server.say("bob", "#one", "heard");
    let direct = scene.server.say("bob", "boson", "hello");
    scene.passes(5).await;
    scene.server.say("bob", "#one", "new");
    scene.server.say("bob", "#two", "nobody knows this channel");
    scene.server.say("ann", "#one", "@boson alive");
    let mut ears = scene.listen_in(&[
        ("#one", Some(&last)),
        ("#two", None),
        ("bob", Some(&direct)),
    ]);
    let mut said = Vec::new();
    let mut last = None;
    for _ in 0..2 {
        let message = ears.message().await;
        assert!(message.at < scene.clock.now());
        said.push(message.text);
        last = Some(message.role);
    }
    assert_eq!(said, ["new", "@boson alive"]);
    assert_eq!(last, Some(boson::model::Role::Owner));
    scene.server.say("bob", "#two", "end");
    assert_eq!(ears.message().await.text, "end");
}

#[tokio::test]
async fn the_past_that_nobody_asked_for_is_not_heard() {
    let scene = Scene::new().await;
    let mut ears = scene.sits().await;
    let line = |tags: &str, text: &str| {
        scene
            .server
            .tell(&format!("@{tags} :bob!bob@host PRIVMSG #one :{text}"))
    };
    scene.server.tell(":irc.test BATCH +h chathistory #one");
    line("batch=h;time=2026-11-21T08:00:00.000Z", "batched");
    scene.server.tell(":irc.test BATCH -h");
    line("time=2026-11-21T08:00:00.000Z", "buffered");
    scene.server.tell(":irc.test BATCH +n netjoin");
    scene.server.tell("@batch=n :carl!c@host JOIN #one");
    scene.server.tell(":irc.test BATCH -n");
    scene.server.say("bob", "#one", "now");
    let came =
        ears.until(|heard| matches!(heard, Heard::Came { person, .. } if person.name == "carl"));
    came.await;
    assert_eq!(ears.message().await.text, "now");
}
