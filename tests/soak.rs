//! A long conversation in many rooms while everything goes wrong: all that was said is heard once, all that was asked is
//! answered once; in order, where the platform has one.
//!
//! `BOSON_TEST_SOAK=10` makes it ten times as long, `BOSON_TEST_SEED` another one.

#[allow(dead_code, reason = "other tests need more of it")]
#[path = "rooms/house.rs"]
mod house;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "rooms/run.rs"]
mod run;
#[path = "rooms/setup.rs"]
mod setup;
#[path = "stand_in/slack.rs"]
mod slack;
#[path = "soak/slack.rs"]
mod slack_trouble;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "rooms/stack_exchange.rs"]
mod stack_exchange;
#[path = "stand_in/stack_exchange_chat.rs"]
mod stack_exchange_chat;
#[path = "soak/stack_exchange.rs"]
mod stack_exchange_trouble;
#[path = "rooms/tap.rs"]
mod tap;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "rooms/workspace.rs"]
mod workspace;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use boson::model::MessageId;
use chrono::{DateTime, Utc};
use house::House;
use run::{Run, Time};
use stack_exchange::Chat;
use tap::Tapped;
use workspace::Workspace;

const ROOMS: usize = 50;
/// One message in so many asks for something.
const ASKS: usize = 10;
/// One message in so many is corrected, or taken away, soon after it was said.
const CORRECTED: usize = 40;
const DELETED: usize = 60;
/// Something goes wrong once in so many messages.
const FAULTS: usize = 40;
/// Messages of people in a second of the test's clock.
const PACE: usize = 4;
const BOB: usize = 1;

/// A house in which everything can go wrong.
trait Trouble: House {
    /// What is said there has an order that everybody sees.
    const IN_ORDER: bool;
    /// How many messages people write.
    const MESSAGES: usize;

    /// One of all that can go wrong, and what that is called.
    fn go_wrong(&self, dice: &mut Dice, tally: &mut Tally) -> &'static str;

    /// Somebody takes a message away.
    fn delete(&self, room: usize, message: &MessageId);
}

/// How often it goes wrong, in which way.
struct Tally {
    counts: BTreeMap<&'static str, usize>,
    /// When the session died last.
    died: DateTime<Utc>,
}

/// What a room must come to.
#[derive(Default)]
struct Book {
    /// The last form of each message, in the order in which they were said; none when it was taken away.
    said: Vec<(MessageId, Option<String>)>,
    /// What was asked, and what the answer is.
    asked: Vec<(MessageId, String)>,
}

/// Numbers that come again with the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

#[allow(clippy::disallowed_methods, reason = "a test is asked from outside")]
fn from_environment(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(value) => value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no number")),
        Err(_) => otherwise,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_conversation_on_stack_exchange() {
    let chat = Chat::new(Time::hurries()).await;
    a_long_conversation_while_everything_goes_wrong(chat).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_conversation_in_slack() {
    let rules = slack::Rules {
        rates: slack::Rates::Real,
        ..slack::Rules::default()
    };
    let workspace = Workspace::with(Time::hurries(), rules).await;
    a_long_conversation_while_everything_goes_wrong(workspace).await;
}

async fn a_long_conversation_while_everything_goes_wrong<H: Trouble>(house: H) {
    let began = Instant::now();
    let times = from_environment("BOSON_TEST_SOAK", 1) as usize;
    let seed = from_environment("BOSON_TEST_SEED", 7);
    println!("BOSON_TEST_SEED={seed}");
    let mut dice = Dice(seed);
    let house = Tapped::new(house);
    let run = Run::start(&house, ROOMS).await;
    let mut tally = Tally {
        counts: BTreeMap::new(),
        died: house.time().clock.now(),
    };
    let mut books: Vec<Book> = (0..ROOMS).map(|_| Book::default()).collect();
    for n in 0..H::MESSAGES * times {
        let room = dice.below(ROOMS);
        let book = &mut books[room];
        if dice.one_in(ASKS) {
            let words = format!("room {room} number {}", book.asked.len());
            let text = format!("@boson echo {words}");
            let id = house.say(room, BOB, &text).await;
            book.said.push((id.clone(), Some(text)));
            book.asked.push((id, words));
        } else {
            let text = format!(
                "message {n} of nobody & everybody, <{}>",
                "x".repeat(dice.below(40))
            );
            let id = house.say(room, BOB, &text).await;
            let mut last = Some(text);
            if dice.one_in(CORRECTED) {
                let text = format!("message {n}, corrected");
                house.edit(room, &id, &text).await;
                last = Some(text);
            } else if dice.one_in(DELETED) {
                house.chat.delete(room, &id);
                last = None;
            }
            book.said.push((id, last));
        }
        if dice.one_in(FAULTS) {
            let name = house.chat.go_wrong(&mut dice, &mut tally);
            *tally.counts.entry(name).or_default() += 1;
        }
        if n % PACE == 0 {
            run.passes(Duration::from_secs(1)).await;
        }
        if began.elapsed().as_secs() > 3600 {
            panic!("an hour, and only {n} messages");
        }
    }
    let talked = began.elapsed();
    let mut answered = 0;
    for (room, book) in books.iter().enumerate() {
        let said = run.said(&house, room, book.asked.len()).await;
        let mut answers: Vec<_> = said
            .into_iter()
            .map(|line| (line.answers.expect("it answers something"), line.text))
            .collect();
        if !H::IN_ORDER {
            // What was asked later is answered later, once both were heard.
            answers.sort();
        }
        assert_eq!(answers, book.asked, "in room {room}");
        answered += answers.len();
    }
    // Whatever would come twice comes by then.
    run.passes(Duration::from_secs(180)).await;
    run.stop().await;
    for (room, book) in books.iter().enumerate() {
        assert_eq!(house.said(room).len(), book.asked.len(), "in room {room}");
        house.tap.check(&house.room(room), &book.said, H::IN_ORDER);
    }
    println!(
        "{} messages heard and {answered} said in {ROOMS} rooms in {:.0} s ({:.0} s of talking); {:?}",
        H::MESSAGES * times,
        began.elapsed().as_secs_f64(),
        talked.as_secs_f64(),
        tally.counts
    );
}
