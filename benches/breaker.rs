//! What breakers and holds cost: a report that is counted, a room of which much is held, a busy room beside others.
//!
//! `cargo bench --bench breaker`
//!
//! Each figure is a ratio to the same without breakers or holds, measured in turn in the same run.

mod people;
#[allow(dead_code, reason = "other benches need more of it")]
mod rig;

use std::sync::Arc;
use std::time::{Duration, Instant};

use boson::bot::Bot;
use boson::clock::Clock;
use boson::fact::Readers;
use boson::http::Http;
use boson::model::{
    Heard, Hold, Item, ItemId, Outgoing, Person, PersonId, Recipe, RoomId, Stage, Text, Tracker,
    TrackerId, Why,
};
use boson::room::Manners;
use boson::room::memory::Memory;
use boson::source::{Look, Shared};
use boson::store::Store;
use boson::tracker::{self, Breaker, Limits, RoomManners, Trackers};
use boson::when;
use chrono::{DateTime, TimeDelta, Utc};

/// The messages that one room holds.
const HELD: usize = 10_000;
/// The rooms beside a busy one.
const OTHERS: usize = 1_000;
/// Items of one look.
const ITEMS: usize = 3;

fn main() {
    let (looks, talks, held, others, rounds) = match rig::measures() {
        true => (300, 3_000, HELD, OTHERS, 5),
        false => (5, 20, 50, 10, 1),
    };
    let runtime = rig::runtime();
    counted(&runtime, looks, rounds);
    let (mut free, mut full, mut beside) = <(rig::Rounds, rig::Rounds, rig::Rounds)>::default();
    for _ in 0..rounds {
        free.push(runtime.block_on(talk(0, 0, talks)));
        full.push(runtime.block_on(talk(held, 0, talks)));
        beside.push(runtime.block_on(talk(held, others, talks)));
    }
    println!("a report said in a free room: {}", free.words("µs"));
    println!("with {held} held there: {}", full.words("µs"));
    println!("with {others} other rooms besides: {}", beside.words("µs"));
    told(
        "what is said beside what is held",
        full.median() / free.median(),
        1.25,
    );
    told(
        "and beside other rooms",
        beside.median() / free.median(),
        1.5,
    );
}

fn told(what: &str, ratio: f64, most: f64) {
    let (measured, target) = (format!("{ratio:.2} times"), format!("at most {most}"));
    rig::tell(what, &measured, &target, ratio <= most);
}

/// Queues reports with and without breakers.
fn counted(runtime: &tokio::runtime::Runtime, looks: usize, rounds: usize) {
    // A look a minute stays below it: nothing is held, and both do the same.
    let usual = Breaker::default();
    let none = Breaker {
        burst: 0,
        room_burst: 0,
        ..usual.clone()
    };
    let (mut without, mut with) = <(rig::Rounds, rig::Rounds)>::default();
    for _ in 0..rounds {
        without.push(runtime.block_on(look(&none, looks)));
        with.push(runtime.block_on(look(&usual, looks)));
    }
    println!("a report queued, not counted: {}", without.words("µs"));
    println!("a report queued and counted: {}", with.words("µs"));
    told(
        "a report that is counted",
        with.median() / without.median(),
        1.3,
    );
}

/// Microseconds that a report takes from the look that found it to the store.
async fn look(breaker: &Breaker, looks: usize) -> f64 {
    let mut store = Store::memory();
    let mut trackers = trackers(&store, breaker);
    let start = begin();
    let recipe = r#"{"source": {"kind": "feed", "url": "https://example.org/feed"}}"#;
    let recipe: Recipe = serde_json::from_str(recipe).expect("a recipe");
    let source = trackers
        .source_of(&mut store, &recipe)
        .expect("a store in memory");
    let id = TrackerId(store.next_id().expect("a store in memory"));
    let tracker = Tracker {
        id,
        name: "all".parse().expect("a name"),
        home: room(0),
        room: room(0),
        by: person(),
        at: start,
        source,
        recipe,
        paused: false,
        stage: Stage::Armed,
        rested_after: None,
        kept: 0,
        broad: false,
    };
    trackers
        .set(&mut store, id, Some(tracker), start)
        .expect("a tracker");
    let mut spent = Duration::ZERO;
    for n in 0..looks {
        // Every minute, so that what is counted lies in the last five.
        let now = start + TimeDelta::minutes(n as i64);
        let items = (0..ITEMS).map(|m| item(n * ITEMS + m, now)).collect();
        let look = Look {
            items: Some(items),
            ..Look::default()
        };
        let begun = Instant::now();
        trackers
            .looked(&mut store, source, Ok(look), now)
            .expect("a look that is taken in");
        spent += begun.elapsed();
        // Somebody says it.
        for (number, _) in tracker::waiting(&store, &room(0), usize::MAX).expect("an outbox") {
            tracker::said(&mut store, &room(0), number, None).expect("an outbox");
        }
        store.commit().await.expect("a store in memory");
    }
    spent.as_secs_f64() * 1e6 / (looks * ITEMS) as f64
}

/// Microseconds from one report that is said to the next, in a room of which one tracker's reports are held.
async fn talk(held: usize, others: usize, talks: usize) -> f64 {
    let mut store = Store::memory();
    let now = Clock::Real.now();
    let busy = TrackerId(u64::MAX >> 8);
    for n in 0..=others {
        let room = room(n);
        let row = boson::store::rows::RoomRow::new(now);
        store.put(&boson::store::tables::ROOMS, &room, &row);
    }
    let here = room(0);
    for n in 0..held {
        queue(&mut store, &here, Some(busy), n, now);
    }
    if held > 0 {
        let holds = vec![Hold::new(Why::Burst { messages: held }, now)];
        tracker::set_holds(&mut store, &here, Some(busy), holds).expect("a store in memory");
    }
    for n in 0..talks {
        queue(&mut store, &here, Some(TrackerId(7)), n, now);
    }
    for n in 1..=others {
        queue(&mut store, &room(n), Some(TrackerId(8)), n, now);
    }
    store.commit().await.expect("a store in memory");
    let (http, _stage) = Http::staged(Clock::Real);
    let manners = Manners {
        local: true,
        ..Manners::plain(std::num::NonZeroUsize::MAX)
    };
    let (memory, handle) = Memory::with("bench", manners);
    let mut setup = rig::setup(Arc::new(memory), Vec::new(), store, http);
    setup.limits.waiting = 10 * HELD;
    let bot = Bot::new(setup).await.expect("a bot over a sound store");
    let stop = bot.stopper();
    let people = async move {
        let begun = Instant::now();
        let mut said = 0;
        while said < talks {
            let spoken = handle.wait(1).await;
            said += spoken.iter().filter(|said| said.room == here).count();
        }
        let each = begun.elapsed().as_secs_f64() * 1e6 / talks as f64;
        // An answer comes all the same.
        let message = handle.message("room0", "ann", "@boson alive", Clock::Real.now());
        assert!(
            handle.hear(Heard::Said(message)).await,
            "the loop has ended"
        );
        handle.wait(1).await;
        stop.stop();
        each
    };
    people::run(bot, people).await
}

fn queue(
    store: &mut Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
    n: usize,
    at: DateTime<Utc>,
) {
    let text = Text::line(format!("[news] Entry {n} https://example.org/{n}"));
    let outgoing = Outgoing {
        tracker,
        ..Outgoing::new(room.clone(), text, at)
    };
    tracker::queue(store, outgoing).expect("a store in memory");
}

fn trackers(store: &Store, breaker: &Breaker) -> Trackers {
    let limits = Limits {
        breaker: breaker.clone(),
        ..Limits::default()
    };
    let manners = |_: &RoomId| RoomManners {
        zone: chrono_tz::UTC,
        order: when::Order::DayMonth,
        longest: 1_000,
        threads: false,
    };
    let (shared, readers) = (Shared::default(), Readers::default());
    Trackers::load(store, limits, Arc::new(manners), shared, readers).expect("an empty store")
}

fn begin() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().expect("a time")
}

fn room(n: usize) -> RoomId {
    RoomId::new("bench", format!("room{n}"))
}

fn person() -> Person {
    Person {
        id: PersonId("1".into()),
        name: "ann".into(),
    }
}

fn item(n: usize, now: DateTime<Utc>) -> Item {
    Item {
        id: ItemId(n.to_string()),
        revision: 1,
        title: format!("Entry {n}, of which nobody has heard before"),
        body: "Some words about it.".repeat(10),
        author: None,
        url: Some(format!("https://example.org/{n}")),
        at: now,
        seen: now,
        tags: Vec::new(),
        facts: Default::default(),
    }
}
