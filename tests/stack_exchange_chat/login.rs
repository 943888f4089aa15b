//! Logging in: by password, by cookies, and everything that can be in the way.

use boson::model::Heard;
use boson::room::{Platform, SayError, Saying};
use chrono::TimeDelta;
use secrecy::SecretString;

use super::scene::{Scene, id};
use super::stand_in::{Fault, How};

/// The value of a cookie in the bot's file.
fn cookie(scene: &Scene, name: &str) -> String {
    let kept: serde_json::Value = serde_json::from_slice(&kept(scene)).unwrap();
    let all = kept["cookies"].as_array().unwrap();
    let found = all.iter().find(|cookie| cookie["name"] == name).unwrap();
    found["value"].as_str().unwrap().into()
}

fn kept(scene: &Scene) -> Vec<u8> {
    std::fs::read(scene.folder.path().join("chat.example.org.cookies")).unwrap()
}

fn log_ins(scene: &Scene) -> usize {
    let all = scene.server.requests();
    let posts = all.iter().filter(|request| request.method == "POST");
    posts
        .filter(|request| request.path == "/users/login")
        .count()
}

#[tokio::test]
async fn the_password_is_needed_once() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    scene.listening(room).await.end().await;
    assert_eq!(log_ins(&scene), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = scene.folder.path().join("chat.example.org.cookies");
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let text = String::from_utf8(kept(&scene)).unwrap();
    assert!(!text.contains("secret") && !text.contains("boson@example.org"));
    scene.listening(room).await.end().await;
    assert_eq!(log_ins(&scene), 1);
}

#[tokio::test]
async fn cookies_of_a_browser_are_enough() {
    let mut scene = Scene::new().await;
    let room = scene.room("Sandbox");
    scene.listening(room).await.end().await;
    let cookies = format!("acct={}; prov=0; theme=dark", cookie(&scene, "acct"));
    scene.settings.cookies = Some(SecretString::from(cookies));
    scene.settings.password = None;
    std::fs::remove_file(scene.folder.path().join("chat.example.org.cookies")).unwrap();
    scene.listening(room).await.end().await;
    assert_eq!(log_ins(&scene), 1);
    // The cookies of another account are not used.
    scene.settings.email = Some("ben@example.org".into());
    scene.settings.cookies = None;
    scene.settings.password = Some(SecretString::from("b"));
    let ears = scene.listening(room).await;
    assert_eq!(log_ins(&scene), 2);
    ears.end().await;
}

#[tokio::test]
async fn a_wrong_password_is_trouble_at_once_and_is_not_tried_all_the_time() {
    let mut scene = Scene::new().await;
    let room = scene.room("Sandbox");
    scene.settings.password = Some(SecretString::from("wrong-password"));
    let mut ears = scene.listen(&[(room, None)]);
    let what = ears.trouble().await.unwrap();
    assert!(
        what.contains("does not take the e-mail address and the password"),
        "{what}"
    );
    assert!(!what.contains("wrong-password"));
    // Nothing can be said meanwhile, and nothing is lost.
    let saying = Saying::new(id(room), boson::model::Text::line("hello"));
    let begun = scene.clock.now();
    let refused = scene.passing(ears.platform.say(&saying)).await.unwrap_err();
    assert!(matches!(refused, SayError::Later { .. }), "{refused}");
    assert!((scene.clock.now() - begun).num_minutes() < 30);
    assert!(ears.platform.join(&id(room)).await.is_err());
    scene.clock.advance_to(begun + TimeDelta::seconds(3_500));
    assert_eq!(log_ins(&scene), 1);
    scene
        .server
        .chat()
        .accounts
        .get_mut(&scene.bot)
        .unwrap()
        .password = "wrong-password".into();
    scene.move_on(200);
    assert_eq!(ears.trouble().await, None);
    assert_eq!(ears.joined(room).await, "Sandbox");
    assert_eq!(log_ins(&scene), 2);
    ears.end().await;
}

#[tokio::test]
async fn a_captcha_is_trouble_that_may_pass() {
    for moves in [false, true] {
        let scene = Scene::new().await;
        let room = scene.room("Sandbox");
        scene.server.faults(|faults| {
            faults.captchas = 2;
            faults.captcha_moves = moves;
        });
        let mut ears = scene.listen(&[(room, None)]);
        let what = ears.trouble().await.unwrap();
        assert!(
            what.contains("wants to see that a person logs in"),
            "{what}"
        );
        scene.until(|_| log_ins(&scene) == 1).await;
        // It is told once.
        scene.move_on(600);
        scene.until(|_| log_ins(&scene) == 2).await;
        let next = ears.passing().await;
        assert!(
            matches!(next, Heard::Trouble { what: None, .. }),
            "{next:?}"
        );
        ears.joined(room).await;
        assert_eq!(log_ins(&scene), 3);
        ears.end().await;
    }
}

#[tokio::test]
async fn a_guard_before_the_site_is_trouble_that_may_pass() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    scene
        .server
        .fail(Fault::new(How::Cloudflare).path("/users/login"));
    let mut ears = scene.listen(&[(room, None)]);
    assert!(ears.trouble().await.is_some());
    let next = ears.passing().await;
    assert!(
        matches!(next, Heard::Trouble { what: None, .. }),
        "{next:?}"
    );
    ears.joined(room).await;
    ears.end().await;
}

#[tokio::test]
async fn dead_cookies_without_a_password_are_trouble() {
    let mut scene = Scene::new().await;
    let room = scene.room("Sandbox");
    scene.settings.password = None;
    scene.settings.cookies = Some(SecretString::from("acct=t=dead&s=dead"));
    let mut ears = scene.listen(&[(room, None)]);
    let what = ears.trouble().await.unwrap();
    assert!(what.contains("cookies") && !what.contains("dead"), "{what}");
    assert_eq!(log_ins(&scene), 0);
    ears.end().await;
}

#[tokio::test]
async fn a_chat_that_cannot_be_reached_is_asked_until_it_can() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    for how in [
        How::Status(502),
        How::Status(500),
        How::HangUp,
        How::Reset,
        How::Cut,
        How::Page,
    ] {
        scene
            .server
            .fail(Fault::new(how.clone()).path("/chats/join/favorite"));
        scene
            .server
            .fail(Fault::new(how.clone()).path("/chats/1/events"));
        scene.server.fail(Fault::new(how.clone()).path("/ws-auth"));
        scene
            .server
            .fail(Fault::new(how).path("/users/login").method("GET"));
    }
    let mut ears = scene.listen(&[(room, None)]);
    let mut heard = ears.passing().await;
    // A page that nobody knows in place of the log-in is trouble; the rest is not.
    while matches!(heard, Heard::Trouble { .. }) {
        heard = ears.passing().await;
    }
    assert!(matches!(heard, Heard::Joined { .. }), "{heard:?}");
    scene.server.say(room, scene.ann, "hello");
    assert_eq!(ears.texts_passing(1).await, ["hello"]);
    ears.end().await;
}

#[tokio::test]
async fn a_session_that_dies_is_renewed_and_nothing_is_lost() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listening(room).await;
    scene.server.say(room, scene.ann, "one");
    assert_eq!(ears.texts(1).await, ["one"]);
    scene.server.expire("boson@example.org");
    scene.server.drop_sockets(super::stand_in::Drop::Reset);
    scene.until(|server| server.sockets() == 0).await;
    scene.server.say(room, scene.ann, "two");
    assert_eq!(ears.texts_passing(1).await, ["two"]);
    assert_eq!(log_ins(&scene), 2);
    scene.server.say(room, scene.ann, "three");
    assert_eq!(ears.texts_passing(1).await, ["three"]);
    ears.end().await;
}

#[tokio::test]
async fn who_says_something_finds_out_that_the_session_is_dead() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let ears = scene.listening(room).await;
    scene.server.expire("boson@example.org");
    scene.move_on(61);
    let saying = Saying::new(id(room), boson::model::Text::line("hello"));
    let mut said = scene.passing(ears.platform.say(&saying)).await;
    for _ in 0..10 {
        if let Err(SayError::Later { rest, .. }) = said {
            scene.move_on(rest.as_secs() as i64);
            said = scene.passing(ears.platform.say(&saying)).await;
        }
    }
    said.unwrap();
    assert_eq!(log_ins(&scene), 2);
    assert_eq!(scene.server.messages(room).len(), 1);
    ears.end().await;
}

#[tokio::test]
async fn a_password_is_tried_three_times_an_hour() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    // Each start is a try; what was tried before the start counts.
    let mut ears = Vec::new();
    for _ in 0..3 {
        scene.server.faults(|faults| faults.captchas = 1);
        let mut next = scene.listen(&[(room, None)]);
        assert!(next.trouble().await.is_some());
        next.end().await;
    }
    let mut last = scene.listen(&[(room, None)]);
    let what = last.trouble().await.unwrap();
    assert!(what.contains("3 times within an hour"), "{what}");
    assert_eq!(log_ins(&scene), 3);
    scene.move_on(3_600);
    assert_eq!(last.trouble().await, None);
    ears.push(last);
    for ears in ears {
        ears.end().await;
    }
}

#[tokio::test]
async fn a_room_that_seems_to_be_gone_may_only_be_closed_to_strangers() {
    for how in [How::Status(404), How::Page] {
        let scene = Scene::new().await;
        let room = scene.room("Sandbox");
        let mut ears = scene.listening(room).await;
        scene.server.expire("boson@example.org");
        scene.move_on(61);
        scene.server.fail(Fault::new(how).path("/ws-auth"));
        scene.server.drop_sockets(super::stand_in::Drop::Reset);
        scene.until(|server| server.sockets() == 0).await;
        scene.server.say(room, scene.ann, "hello");
        assert_eq!(ears.texts_passing(1).await, ["hello"]);
        assert_eq!(log_ins(&scene), 2);
        ears.end().await;
    }
}
