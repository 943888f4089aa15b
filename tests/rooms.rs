//! What every platform must keep, whatever it is made of: a whole bot in its rooms, and people who talk to it while
//! connections break, the platform slows it down, and it is started anew.

#[path = "rooms/asked.rs"]
mod asked;
#[path = "stand_in/daemon.rs"]
mod daemon;
#[path = "rooms/ear.rs"]
mod ear;
#[path = "rooms/ending.rs"]
mod ending;
#[path = "rooms/ends.rs"]
mod ends;
#[path = "rooms/house.rs"]
mod house;
#[path = "rooms/irc.rs"]
mod irc;
#[path = "rooms/irc_killed.rs"]
mod irc_killed;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in/irc.rs"]
mod irc_server;
#[path = "rooms/joined.rs"]
mod joined;
#[path = "rooms/killed.rs"]
mod killed;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "crash/life.rs"]
mod life;
#[path = "rooms/memory.rs"]
mod memory;
#[path = "stand_in/ngircd.rs"]
mod ngircd;
#[path = "rooms/program.rs"]
mod program;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "rooms/run.rs"]
mod run;
#[path = "rooms/setup.rs"]
mod setup;
#[path = "stand_in/slack.rs"]
mod slack;
#[path = "rooms/stack_exchange.rs"]
mod stack_exchange;
#[path = "stand_in/stack_exchange_chat.rs"]
mod stack_exchange_chat;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in/web.rs"]
mod web;
#[path = "rooms/workspace.rs"]
mod workspace;

use std::sync::Arc;
use std::time::Duration;

use boson::bot::Bot;
use boson::clock::Clock;
use boson::model::{Heard, RoomId};
use boson::room::Manners;
use boson::room::memory::Memory;
use boson::store::Store;
use house::{House, Line};
use memory::InMemory;
use run::{Run, Time};
use stack_exchange::Chat;
use workspace::Workspace;

/// The same test on every platform.
macro_rules! on_every_platform {
    ($($name:ident)*) => {
        mod in_memory {
            $(#[tokio::test] async fn $name() { super::$name(&super::InMemory::new()).await; })*
        }
        mod on_irc {
            $(#[tokio::test] async fn $name() {
                let time = super::Time::passes();
                if let Some(house) = super::irc::Real::new(time).await {
                    super::$name(&house).await;
                }
            })*
        }
        mod on_irc_with_a_past {
            $(#[tokio::test] async fn $name() {
                let time = super::Time::passes();
                super::$name(&super::irc::WithPast::new(time).await).await;
            })*
        }
        mod on_stack_exchange {
            $(#[tokio::test] async fn $name() {
                let time = super::Time::passes();
                super::$name(&super::Chat::new(time).await).await;
            })*
        }
        mod on_slack {
            $(#[tokio::test] async fn $name() {
                let time = super::Time::passes();
                super::$name(&super::Workspace::new(time).await).await;
            })*
        }
    };
}

on_every_platform! {
    every_command_is_answered_once_and_in_order
    an_answer_says_what_it_answers
    who_corrects_a_command_has_one_answer
    a_long_answer_is_whole
    an_old_command_is_not_heard_again_after_a_start
    what_was_said_during_a_start_is_heard
    a_platform_that_takes_its_time_loses_nothing
    nothing_is_lost_when_the_connection_breaks
    nothing_is_lost_when_saying_fails
    owners_are_owners
    in_and_out_of_rooms
    own_messages_are_taken_away
    what_was_left_unsaid_is_said_by_the_next
}

/// Whoever runs the bot sits at its machine, and hears what is wrong elsewhere.
#[tokio::test]
async fn the_operator_hears_of_a_platform_that_cannot_be_used() {
    let clock = Clock::stopped("2026-11-21T09:00:00Z".parse().unwrap());
    let manners = Manners {
        local: true,
        ..Manners::plain(std::num::NonZeroUsize::MAX)
    };
    let (near, here) = Memory::with("terminal", manners);
    let (far, there) = Memory::new("elsewhere");
    let setup = setup::usual(
        vec![Arc::new(near), Arc::new(far)],
        vec![
            RoomId::new("terminal", "home"),
            RoomId::new("elsewhere", "#room"),
        ],
        Store::memory(),
        &clock,
    );
    let bot = Bot::new(setup).await.unwrap();
    let stopper = bot.stopper();
    let running = tokio::spawn(bot.run());
    let trouble = |what: Option<&str>| Heard::Trouble {
        platform: "elsewhere".into(),
        what: what.map(String::from),
    };
    let ask = |text: &str| Heard::Said(here.message("home", "Ann", text, clock.now()));
    there.hear(trouble(Some("its password is wrong"))).await;
    // Told once, however often it happens.
    there.hear(trouble(Some("its password is wrong"))).await;
    let said = here.wait(1).await;
    assert_eq!(
        said[0].text.plain(),
        "I cannot use `elsewhere`: its password is wrong.
\
         hint: I keep trying slowly; `boson check` looks over the settings"
    );
    here.hear(ask("@boson status")).await;
    let status = here.wait(1).await[0].text.plain();
    assert!(
        status.contains("`elsewhere` cannot be used: its password is wrong."),
        "{status}"
    );
    there.hear(trouble(None)).await;
    assert_eq!(
        here.wait(1).await[0].text.plain(),
        "I can use `elsewhere` again."
    );
    there
        .hear(Heard::Left(RoomId::new("elsewhere", "#room")))
        .await;
    assert_eq!(
        here.wait(1).await[0].text.plain(),
        "I am no longer in `elsewhere/#room`, and did not leave it myself.
\
         hint: `join elsewhere/#room` takes me back, where I may"
    );
    here.hear(ask("@boson leave")).await;
    assert!(
        here.wait(1).await[0]
            .text
            .plain()
            .contains("`leave` is for")
    );
    stopper.stop();
    running.await.unwrap().unwrap();
    assert_eq!((here.take(), there.take()), (vec![], vec![]));
}

/// Four seconds a message, ten rooms, twelve new entries for each at once: one by one that would take eight minutes.
#[tokio::test]
async fn what_waits_for_a_slow_chat_is_said_together() {
    const ROOMS: usize = 10;
    let house = Chat::new(Time::passes()).await;
    let web = web::Web::start().await;
    let feed = |count: usize| {
        let items: String = (0..count)
            .map(|n| format!("<item><guid>{n}</guid><title>Entry number {n}.</title><link>http://e.org/{n}</link></item>"))
            .collect();
        let feed =
            format!("<rss version=\"2.0\"><channel><title>Many</title>{items}</channel></rss>");
        web.page("/feed", &["content-type: text/xml"], feed);
    };
    feed(1);
    let run = Run::start(&house, ROOMS).await;
    for room in 0..ROOMS {
        let url = web.url("/feed");
        house
            .say(
                room,
                ANN,
                &format!("@boson track feed {url} every 1 minute"),
            )
            .await;
    }
    for room in 0..ROOMS {
        run.said(&house, room, 2).await;
    }
    house.throttle(4.0);
    feed(13);
    let all = |said: &[Line]| {
        let said = texts(&said[2..]).join("\n");
        (1..13).all(|n| said.matches(&format!("Entry number {n}.")).count() == 1)
    };
    run.until(&house, 0, |said| said.len() > 2).await;
    let began = house.time().clock.now();
    for room in 0..ROOMS {
        let said = run
            .until(&house, room, |said| said.len() > 2 && all(said))
            .await;
        assert!(said.len() <= 5, "{said:#?}");
        // Each of them can be asked about.
        house.reply(room, ANN, &said[2].id, "why").await;
    }
    let took = (house.time().clock.now() - began).num_seconds();
    println!("all is said after {took} seconds");
    assert!(took < 150, "{took} seconds");
    for room in 0..ROOMS {
        let why = |said: &[Line]| {
            said.iter()
                .any(|line| line.text.contains("reported “Entry"))
        };
        run.until(&house, room, why).await;
    }
    run.stop().await;
}

const ANN: usize = 0;
const BOB: usize = 1;

/// The texts of these lines.
fn texts(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| line.text.clone()).collect()
}

fn numbered(room: usize, numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|n| format!("room {room} number {n}")).collect()
}

async fn ask(house: &dyn House, room: usize, numbers: std::ops::Range<usize>) {
    for text in numbered(room, numbers) {
        house.say(room, BOB, &format!("@boson echo {text}")).await;
    }
}

async fn every_command_is_answered_once_and_in_order(house: &dyn House) {
    let run = Run::start(house, 8).await;
    for n in 0..10 {
        for room in 0..8 {
            ask(house, room, n..n + 1).await;
            house.say(room, ANN, "nothing for the bot").await;
        }
    }
    for room in 0..8 {
        let said = run.said(house, room, 10).await;
        assert_eq!(texts(&said), numbered(room, 0..10));
    }
    run.stop().await;
    for room in 0..8 {
        assert_eq!(house.said(room).len(), 10);
    }
}

async fn an_answer_says_what_it_answers(house: &dyn House) {
    let run = Run::start(house, 1).await;
    let first = house.say(0, ANN, "@boson echo one").await;
    let second = house.say(0, BOB, "@boson echo two").await;
    let said = run.said(house, 0, 2).await;
    let answers: Vec<_> = said.iter().map(|line| line.answers.clone()).collect();
    assert_eq!(answers, [Some(first), Some(second)]);
    // Who answers the bot need not call it.
    house.reply(0, ANN, &said[0].id, "echo three").await;
    let said = run.said(house, 0, 3).await;
    assert_eq!(said[2].text, "three");
    run.stop().await;
}

async fn who_corrects_a_command_has_one_answer(house: &dyn House) {
    if !house.edits() {
        return;
    }
    let run = Run::start(house, 1).await;
    let typed = house.say(0, ANN, "@boson echo one").await;
    run.said(house, 0, 1).await;
    house.edit(0, &typed, "@boson echo two").await;
    let said = run
        .until(house, 0, |said| said.iter().any(|line| line.text == "two"))
        .await;
    assert_eq!(
        (texts(&said), said[0].answers.clone()),
        (vec!["two".to_string()], Some(typed))
    );
    run.stop().await;
}

async fn a_long_answer_is_whole(house: &dyn House) {
    let run = Run::start(house, 1).await;
    let most = (house.types() / "word999 ".len()).min(600);
    let words: Vec<String> = (0..most).map(|n| format!("word{n}")).collect();
    house
        .say(0, ANN, &format!("@boson echo {}\nend", words.join(" ")))
        .await;
    let whole = |said: &[Line]| {
        let said = texts(said).join(" ");
        said.split_whitespace()
            .map(String::from)
            .collect::<Vec<_>>()
    };
    let said = run.until(house, 0, |said| whole(said).len() >= most).await;
    assert_eq!(whole(&said)[..most], words);
    assert!(said.iter().all(|line| house.fits(&line.text)), "{said:?}");
    run.stop().await;
}

async fn an_old_command_is_not_heard_again_after_a_start(house: &dyn House) {
    let run = Run::start(house, 2).await;
    ask(house, 0, 0..3).await;
    run.said(house, 0, 3).await;
    let run = run.again(house).await;
    ask(house, 0, 3..5).await;
    ask(house, 1, 0..1).await;
    assert_eq!(texts(&run.said(house, 0, 5).await), numbered(0, 0..5));
    run.said(house, 1, 1).await;
    let run = run.again(house).await;
    run.passes(Duration::from_secs(30)).await;
    run.stop().await;
    assert_eq!((house.said(0).len(), house.said(1).len()), (5, 1));
}

async fn what_was_said_during_a_start_is_heard(house: &dyn House) {
    if !house.reads_back() {
        return;
    }
    let run = Run::start(house, 2).await;
    ask(house, 0, 0..1).await;
    run.said(house, 0, 1).await;
    let stopped = run.stop().await;
    ask(house, 0, 1..4).await;
    let run = stopped.start(house).await;
    ask(house, 0, 4..5).await;
    assert_eq!(texts(&run.said(house, 0, 5).await), numbered(0, 0..5));
    run.stop().await;
}

async fn a_platform_that_takes_its_time_loses_nothing(house: &dyn House) {
    house.slow();
    let run = Run::start(house, 4).await;
    for room in 0..4 {
        ask(house, room, 0..5).await;
    }
    for room in 0..4 {
        assert_eq!(texts(&run.said(house, room, 5).await), numbered(room, 0..5));
    }
    run.stop().await;
}

async fn nothing_is_lost_when_the_connection_breaks(house: &dyn House) {
    let run = Run::start(house, 3).await;
    let mut n = 0;
    for way in 0..house.breaks() {
        // While nothing happens, while people talk, and while the bot does.
        house.snap(way);
        for _ in 0..3 {
            for room in 0..3 {
                ask(house, room, n..n + 1).await;
            }
            n += 1;
            house.snap(way);
            run.passes(Duration::from_millis(300)).await;
        }
        for room in 0..3 {
            let said = run.said(house, room, n).await;
            assert_eq!(texts(&said), numbered(room, 0..n), "way {way}");
        }
    }
    run.passes(Duration::from_secs(60)).await;
    run.stop().await;
    for room in 0..3 {
        assert_eq!(house.said(room).len(), n);
    }
}

async fn nothing_is_lost_when_saying_fails(house: &dyn House) {
    let run = Run::start(house, 2).await;
    let mut n = 0;
    for way in 0..house.failures() {
        for room in 0..2 {
            house.fail(way);
            ask(house, room, n..n + 2).await;
        }
        n += 2;
        for room in 0..2 {
            let said = run.said(house, room, n).await;
            assert_eq!(texts(&said), numbered(room, 0..n), "way {way}");
        }
    }
    run.passes(Duration::from_secs(60)).await;
    run.stop().await;
    for room in 0..2 {
        assert_eq!(house.said(room).len(), n);
    }
}

async fn owners_are_owners(house: &dyn House) {
    let run = Run::start(house, 1).await;
    house.say(0, ANN, "@boson whoami").await;
    house.say(0, BOB, "@boson whoami").await;
    let said = texts(&run.said(house, 0, 2).await);
    assert!(said[0].contains("an owner of this room"), "{said:?}");
    assert!(said[1].contains("a member of this room"), "{said:?}");
    run.stop().await;
}

async fn in_and_out_of_rooms(house: &dyn House) {
    let run = Run::start(house, 1).await;
    let RoomId { platform, room } = house.room(5);
    house
        .say(0, ANN, &format!("@boson join {platform}/{room}"))
        .await;
    let said = texts(&run.said(house, 0, 1).await);
    assert!(said[0].contains("now"), "{said:?}");
    run.said(house, 5, 1).await;
    ask(house, 5, 0..1).await;
    run.said(house, 5, 2).await;
    house.say(5, ANN, "@boson leave").await;
    let said = texts(&run.said(house, 5, 3).await);
    assert!(said[2].contains("I leave this room"), "{said:?}");
    run.passes(Duration::from_secs(5)).await;
    ask(house, 5, 1..2).await;
    // Nor does it come back by itself.
    let run = run.again(house).await;
    ask(house, 5, 2..3).await;
    ask(house, 0, 0..1).await;
    run.said(house, 0, 2).await;
    run.passes(Duration::from_secs(30)).await;
    run.stop().await;
    assert_eq!(house.said(5).len(), 3);
}

async fn own_messages_are_taken_away(house: &dyn House) {
    if !house.edits() {
        return;
    }
    let run = Run::start(house, 1).await;
    ask(house, 0, 0..3).await;
    run.said(house, 0, 3).await;
    house.say(0, ANN, "@boson trash 2").await;
    let said = run
        .until(house, 0, |said| {
            said.len() == 2 && said[1].text.contains("deleted")
        })
        .await;
    assert_eq!(said[0].text, numbered(0, 0..1)[0]);
    run.stop().await;
}

async fn what_was_left_unsaid_is_said_by_the_next(house: &dyn House) {
    let run = Run::start(house, 2).await;
    house.close(true).await;
    for room in 0..2 {
        ask(house, room, 0..3).await;
    }
    run.passes(Duration::from_secs(60)).await;
    let stopped = run.stop().await;
    house.close(false).await;
    let run = stopped.start(house).await;
    for room in 0..2 {
        assert_eq!(texts(&run.said(house, room, 3).await), numbered(room, 0..3));
    }
    run.passes(Duration::from_secs(60)).await;
    run.stop().await;
    for room in 0..2 {
        assert_eq!(house.said(room).len(), 3);
    }
}
