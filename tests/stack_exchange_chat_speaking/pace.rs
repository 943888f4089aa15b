//! How fast messages follow each other.

use std::time::Duration;

use boson::model::Text;
use boson::room::{Platform, Saying};
use futures_util::future::join_all;

use crate::scene::id;
use crate::stand_in::{Fault, How, Pace};
use crate::talk::Talk;

/// Says so many messages in each room at once, each room its own one after the other.
async fn flood(talk: &Talk, count: usize) {
    let speak = |room: i64| async move {
        for n in 0..count {
            let saying = Saying::new(id(room), Text::line(format!("{room}: {n}")));
            talk.bot.say(&saying).await.unwrap();
        }
    };
    let all = join_all(talk.rooms.iter().map(|room| speak(*room)));
    talk.passing(10_000, all).await;
}

fn assert_complete(talk: &Talk, count: usize) {
    for room in &talk.rooms {
        let own = talk.own_in(*room);
        let said: Vec<&str> = own.iter().map(|own| own.source.as_str()).collect();
        let expected: Vec<String> = (0..count).map(|n| format!("{room}: {n}")).collect();
        assert_eq!(said, expected);
    }
}

#[tokio::test]
async fn a_strict_chat_gets_everything_in_order_and_all_rooms_their_turns() {
    for pace in [Pace::Off, Pace::Fixed(3.0), Pace::Real] {
        let talk = Talk::new(3).await;
        talk.scene.server.chat().throttle.pace = pace;
        flood(&talk, 6).await;
        assert_complete(&talk, 6);
        // No room is more than one message ahead of another.
        let chat = talk.scene.server.chat();
        let mut counts = [0_usize; 3];
        for message in chat.messages.values() {
            counts[talk
                .rooms
                .iter()
                .position(|room| *room == message.room)
                .unwrap()] += 1;
            let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
            assert!(most - least <= 1, "{pace:?}: {counts:?}");
        }
    }
}

#[tokio::test]
async fn a_conflict_without_a_time_is_tried_again() {
    let talk = Talk::new(1).await;
    let fault = || Fault::new(How::Conflict).path("/messages/new");
    talk.scene.server.fail(fault().times(5));
    talk.line("one").await.unwrap();
    talk.scene.server.fail(fault().times(7));
    let error = talk.line("two").await.unwrap_err();
    assert_eq!(error.to_string(), "not now: the chat wants fewer messages");
    assert_eq!(talk.sources(), ["one"]);
}

#[tokio::test]
async fn the_chat_is_waited_for_however_often_it_says_so() {
    let talk = Talk::new(1).await;
    let fault = Fault::new(How::Throttled(4)).path("/messages/new");
    talk.scene.server.fail(fault.times(12));
    let begun = talk.scene.clock.now();
    talk.line("one").await.unwrap();
    assert!(talk.scene.clock.now() - begun >= chrono::TimeDelta::seconds(12 * 4 + 3));
    assert!(talk.bot.wait() >= Duration::from_secs(4));
}
