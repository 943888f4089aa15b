//! Whatever breaks: nothing is lost, nothing comes twice, and each room keeps its order.

use boson::model::Heard;
use boson::room::Platform;

use super::scene::{Ears, Scene, id, listen};
use super::stand_in::{Drop, Fault, How, Rules, Settings};

/// These messages and no others.
async fn hears(ears: &mut Ears, expected: &[&str]) {
    assert_eq!(ears.texts_passing(expected.len()).await, expected);
}

#[tokio::test]
async fn a_socket_that_ends_is_replaced() {
    for how in [Drop::Close, Drop::Reset] {
        let scene = Scene::new().await;
        let room = scene.room("Sandbox");
        let mut ears = scene.listening(room).await;
        scene.server.say(room, scene.ann, "one");
        assert_eq!(ears.texts(1).await, ["one"]);
        for round in 0..3 {
            let (two, three) = (format!("two {round}"), format!("three {round}"));
            assert!(scene.server.drop_sockets(how) > 0);
            scene.until(|server| server.sockets() == 0).await;
            scene.server.say(room, scene.ann, &two);
            scene.server.say(room, scene.ann, &three);
            hears(&mut ears, &[&two, &three]).await;
            scene.opening().await;
        }
        scene.server.say(room, scene.ann, "end");
        hears(&mut ears, &["end"]).await;
        ears.end().await;
    }
}

#[tokio::test]
async fn a_socket_that_falls_silent_is_replaced() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listening(room).await;
    scene.server.drop_sockets(Drop::Silence);
    scene.server.say(room, scene.ann, "one");
    scene.server.say(room, scene.ann, "two");
    scene.move_on(61);
    hears(&mut ears, &["one", "two"]).await;
    scene.server.say(room, scene.ann, "three");
    hears(&mut ears, &["three"]).await;
    ears.end().await;
}

#[tokio::test]
async fn a_server_that_forgets_or_resets_is_asked_for_what_was_said() {
    for reset in [false, true] {
        let scene = Scene::new().await;
        let room = scene.room("Sandbox");
        let mut ears = scene.listening(room).await;
        scene.server.faults(|faults| {
            faults.frames.forgetful = !reset;
            faults.frames.reset = usize::from(reset);
        });
        scene.server.drop_sockets(Drop::Reset);
        scene.until(|server| server.sockets() == 0).await;
        scene.server.say(room, scene.ann, "one");
        scene.server.say(room, scene.ann, "two");
        hears(&mut ears, &["one", "two"]).await;
        scene.server.say(room, scene.ann, "three");
        hears(&mut ears, &["three"]).await;
        ears.end().await;
    }
}

#[tokio::test]
async fn frames_that_come_twice_are_heard_once() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listening(room).await;
    scene.server.faults(|faults| faults.frames.twice = true);
    let one = scene.server.say(room, scene.ann, "one");
    scene.server.edit(one, "one!");
    scene.server.delete(one);
    scene.server.say(room, scene.ann, "two");
    assert_eq!(ears.texts(1).await, ["one"]);
    assert_eq!(ears.edited().await.text, "one!");
    assert!(matches!(ears.next().await, Heard::Deleted { .. }));
    assert_eq!(ears.texts(1).await, ["two"]);
    ears.end().await;
}

#[tokio::test]
async fn edits_deletions_and_stars_that_were_missed_are_heard() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let old = scene.server.say(room, scene.ann, "old");
    let mut ears = scene.listening(room).await;
    let [edited, deleted, starred] =
        ["edited", "deleted", "starred"].map(|text| scene.server.say(room, scene.ann, text));
    assert_eq!(ears.texts(3).await, ["edited", "deleted", "starred"]);
    scene.server.drop_sockets(Drop::Reset);
    scene.until(|server| server.sockets() == 0).await;
    scene.server.edit(edited, "edited!");
    scene.server.delete(deleted);
    scene.server.star(starred, scene.ben);
    scene.server.edit(old, "old!");
    let new = scene.server.say(room, scene.ann, "new");
    scene.server.edit(new, "new!");
    let gone = scene.server.say(room, scene.ann, "gone");
    scene.server.delete(gone);
    let mut heard = Vec::new();
    while heard.len() < 5 {
        heard.push(match ears.passing().await {
            Heard::Said(message) => format!("said {}", message.text),
            Heard::Edited(message) => format!("edited {}", message.text),
            Heard::Deleted { message, .. } => format!("deleted {}", message.0),
            Heard::Starred {
                message,
                stars,
                pins,
                ..
            } => {
                format!("starred {} {stars} {pins}", message.0)
            }
            other => panic!("{other:?}"),
        });
    }
    heard.sort();
    let mut expected = vec![
        format!("deleted {deleted}"),
        "edited edited!".into(),
        "edited old!".into(),
        "said new!".into(),
        format!("starred {starred} 1 0"),
    ];
    expected.sort();
    assert_eq!(heard, expected);
    scene.server.say(room, scene.ann, "end");
    hears(&mut ears, &["end"]).await;
    ears.end().await;
}

#[tokio::test]
async fn much_that_was_missed_is_read_back() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listening(room).await;
    scene.server.faults(|faults| faults.frames.forgetful = true);
    scene.server.drop_sockets(Drop::Reset);
    scene.until(|server| server.sockets() == 0).await;
    let expected: Vec<String> = (0..1_234).map(|n| format!("message {n}")).collect();
    for text in &expected {
        scene.server.say(room, scene.ann, text);
    }
    assert_eq!(ears.texts_passing(expected.len()).await, expected);
    scene.server.say(room, scene.ann, "end");
    hears(&mut ears, &["end"]).await;
    ears.end().await;
}

#[tokio::test]
async fn what_was_said_between_two_starts_is_heard() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listening(room).await;
    let last = scene.server.say(room, scene.ann, "one");
    assert_eq!(ears.texts(1).await, ["one"]);
    ears.end().await;
    for n in 0..150 {
        scene.server.say(room, scene.ann, &format!("meanwhile {n}"));
    }
    let mut ears = scene.listen(&[(room, Some(last))]);
    ears.joined(room).await;
    let expected: Vec<String> = (0..150).map(|n| format!("meanwhile {n}")).collect();
    assert_eq!(ears.texts(150).await, expected);
    scene.open().await;
    scene.server.say(room, scene.ann, "end");
    hears(&mut ears, &["end"]).await;
    ears.end().await;
    // Who has never heard anything there begins with what is new.
    let mut ears = scene.listening(room).await;
    scene.server.say(room, scene.ann, "new");
    hears(&mut ears, &["new"]).await;
    ears.end().await;
}

#[tokio::test]
async fn two_rooms_share_a_socket_and_each_keeps_its_order() {
    let scene = Scene::new().await;
    let rooms = [scene.room("One"), scene.room("Two")];
    let mut ears = scene.listen(&[(rooms[0], None), (rooms[1], None)]);
    for _ in rooms {
        assert!(matches!(ears.next().await, Heard::Joined { .. }));
    }
    scene.open().await;
    let mut said = 0;
    for how in [Drop::Close, Drop::Reset, Drop::Silence] {
        for n in 0..20 {
            if n == 10 {
                scene.server.drop_sockets(how);
            }
            for room in rooms {
                scene
                    .server
                    .say(room, scene.ann, &format!("{room}: {}", said + n));
            }
        }
        if how == Drop::Silence {
            scene.move_on(61);
        }
        let mut heard = [Vec::new(), Vec::new()];
        for text in ears.texts_passing(40).await {
            heard[usize::from(text.starts_with("2: "))].push(text);
        }
        for (room, heard) in rooms.iter().zip(heard) {
            let expected: Vec<String> = (0..20).map(|n| format!("{room}: {}", said + n)).collect();
            assert_eq!(heard, expected);
        }
        said += 20;
        scene.opening().await;
    }
    ears.end().await;
}

#[tokio::test]
async fn the_same_number_on_two_hosts_is_two_rooms() {
    let (here, there) = (Scene::new().await, Scene::new().await);
    let (one, two) = (here.room("Here"), there.room("There"));
    assert_eq!(one, two);
    let mut ears = here.listening(one).await;
    let mut settings = there.settings.clone();
    settings.name = "other.example.org".into();
    let seated = boson::room::Seated {
        room: boson::model::RoomId::new("other.example.org", two.to_string()),
        heard: None,
    };
    let mut others = listen(&settings, &there.clock, vec![seated]);
    assert!(matches!(others.next().await, Heard::Joined { .. }));
    there.open().await;
    for n in 0..10 {
        here.server.say(one, here.ann, &format!("here {n}"));
        there.server.say(two, there.ann, &format!("there {n}"));
    }
    for n in 0..10 {
        let (a, b) = (ears.said().await, others.said().await);
        assert_eq!(
            (a.text, b.text),
            (format!("here {n}"), format!("there {n}"))
        );
        assert_eq!(a.room, id(one));
        assert_eq!(b.room.platform, "other.example.org");
    }
    assert!(ears.platform.leave(&others_room(two)).await.is_err());
    ears.end().await;
    others.end().await;
}

fn others_room(room: i64) -> boson::model::RoomId {
    boson::model::RoomId::new("other.example.org", room.to_string())
}

#[tokio::test]
async fn an_old_socket_is_replaced_before_it_is_closed() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listening(room).await;
    let mut opened = 0;
    // Every message is a sign of life.
    for n in 0..300 {
        scene.move_on(30);
        scene.server.say(room, scene.ann, &format!("message {n}"));
        assert_eq!(ears.texts(1).await, [format!("message {n}")]);
        opened = opened.max(scene.server.sockets());
    }
    scene.until(|server| server.sockets() == 1).await;
    assert_eq!(scene.asked("/ws-auth"), 2, "{opened}");
    ears.end().await;
}

#[tokio::test]
async fn without_a_socket_news_is_asked_for() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    scene
        .server
        .faults(|faults| faults.frames.no_upgrades = usize::MAX);
    let mut ears = scene.listen(&[(room, None)]);
    ears.joined(room).await;
    for n in 0..10 {
        let text = format!("message {n}");
        scene.server.say(room, scene.ann, &text);
        hears(&mut ears, &[&text]).await;
    }
    let all = scene.server.requests();
    assert!(
        all.iter()
            .filter(|request| request.path == "/events")
            .count()
            >= 10
    );
    scene.server.faults(|faults| faults.frames.no_upgrades = 0);
    // Time passes until the socket is tried again.
    scene.opening().await;
    scene.server.say(room, scene.ann, "end");
    hears(&mut ears, &["end"]).await;
    ears.end().await;
}

#[tokio::test]
async fn frames_that_are_too_large_do_not_stop_it() {
    let rules = Rules {
        partial: 20_000,
        ..Rules::default()
    };
    let scene = Scene::with(Settings {
        rules,
        ..Settings::default()
    })
    .await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listening(room).await;
    scene.server.drop_sockets(Drop::Reset);
    scene.until(|server| server.sockets() == 0).await;
    let long = "word \n".repeat(1_600);
    for _ in 0..150 {
        scene.server.say(room, scene.ann, &long);
    }
    let texts = ears.texts_passing(150).await;
    assert!(texts.iter().all(|text| text.len() > 9_000));
    scene.server.say(room, scene.ann, "end");
    hears(&mut ears, &["end"]).await;
    ears.end().await;
}

#[tokio::test]
async fn trouble_with_the_history_only_takes_time() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listening(room).await;
    for how in [
        How::Status(502),
        How::Conflict,
        How::Cut,
        How::HangUp,
        How::Page,
        How::Throttled(3),
    ] {
        scene
            .server
            .fail(Fault::new(how.clone()).path("/chats/1/events"));
        scene.server.fail(Fault::new(how).path("/ws-auth"));
    }
    scene.server.faults(|faults| faults.frames.forgetful = true);
    scene.server.drop_sockets(Drop::Reset);
    scene.until(|server| server.sockets() == 0).await;
    for n in 0..120 {
        scene.server.say(room, scene.ann, &format!("message {n}"));
    }
    let expected: Vec<String> = (0..120).map(|n| format!("message {n}")).collect();
    assert_eq!(ears.texts_passing(120).await, expected);
    ears.end().await;
}

#[tokio::test]
async fn who_hears_slowly_loses_nothing() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listening(room).await;
    // More than the channel and the room's line hold together.
    let expected: Vec<String> = (0..5_000).map(|n| format!("message {n}")).collect();
    for (n, text) in expected.iter().enumerate() {
        scene.server.say(room, scene.ann, text);
        if n % 50 == 0 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(ears.texts_passing(expected.len()).await, expected);
    ears.end().await;
}
