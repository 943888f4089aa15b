//! How long it takes to read one line and to answer it, with the store in memory.
//!
//! `cargo bench --bench command`

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use boson::command::{self, Grammar, Scene, Standing};
use boson::fact::Readers;
use boson::model::{Message, Role, RoomId, Text};
use boson::room::memory::Memory;
use boson::source::Shared;
use boson::store::Store;
use boson::tracker::{Limits, RoomManners, Trackers, Trouble};
use boson::when;
use chrono::{DateTime, Utc};
use criterion::{Criterion, criterion_group, criterion_main};

/// Everything that a command may touch.
struct Desk {
    grammar: Grammar,
    store: Store,
    secrets: boson::command::wizard::Secrets,
    trackers: Trackers,
    bot: command::Bot,
    message: Message,
    now: DateTime<Utc>,
}

impl Desk {
    fn new() -> Desk {
        let store = Store::memory();
        let limits = Limits {
            least_every: Duration::from_secs(60),
            every: Duration::from_secs(600),
            per_room: 20_000,
            burst: 20,
            ..Limits::default()
        };
        let manners = |_: &RoomId| RoomManners {
            zone: chrono_tz::UTC,
            order: when::Order::DayMonth,
            longest: 4_000,
            threads: false,
        };
        let trackers = Trackers::load(
            &store,
            limits,
            Arc::new(manners),
            Shared::default(),
            Readers::default(),
        )
        .expect("an empty store");
        let now = "2026-11-21T09:00:00Z".parse().expect("a date");
        let message = Memory::new("bench").1.message("room", "Ann", "", now);
        let message = Message {
            direct: true,
            ..message
        };
        Desk {
            grammar: Grammar::default(),
            store,
            secrets: Default::default(),
            trackers,
            bot: command::Bot {
                name: "boson".into(),
                docs: None,
                code: Default::default(),
                stopped_by: boson::command::ends::StoppedBy::owners(|_| true),
                troubles: Default::default(),
                last_fault: None,
                started: now,
                recipes: boson::recipe::shipped(),
                rooms: [message.room.clone()].into(),
            },
            message,
            now,
        }
    }

    /// One whose room has so many trackers, committed.
    fn with_trackers(count: usize) -> Desk {
        let mut desk = Desk::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        for n in 0..count {
            desk.does(&format!(
                "track feed https://site-{n}.example.org/feed named feed-{n}"
            ));
            runtime.block_on(desk.store.commit()).expect("a commit");
        }
        desk
    }

    fn answer(&mut self, line: &str) -> Result<Text, Trouble> {
        let mut scene = Scene {
            store: &mut self.store,
            secrets: &mut self.secrets,
            trackers: &mut self.trackers,
            message: &self.message,
            role: Role::Member,
            people: &|_| Vec::new(),
            owned_by: &String::new,
            now: self.now,
            bot: &self.bot,
            standing: Standing::default(),
            line,
            work: None,
            errand: None,
            aside: false,
            kind: None,
            asked: false,
            unfinished: &Default::default,
            corrects: false,
            settled: None,
            begins: None,
        };
        command::answer(&mut self.grammar, &mut scene)
    }

    fn does(&mut self, line: &str) {
        if let Err(trouble) = self.answer(line) {
            panic!("{line}: {trouble}");
        }
    }

    /// How long so many answers take; what they changed is taken back, outside of the time.
    fn times(&mut self, line: &str, works: bool, count: u64) -> Duration {
        let mut sum = Duration::ZERO;
        for _ in 0..count {
            let mark = self.store.mark();
            self.trackers.begin();
            let begun = Instant::now();
            let outcome = black_box(self.answer(black_box(line)));
            sum += begun.elapsed();
            assert_eq!(outcome.is_ok(), works, "{line}: {outcome:?}");
            self.store.rewind(mark);
            self.trackers
                .rewind(&self.store)
                .expect("a state that was there before");
        }
        sum
    }
}

fn lines(criterion: &mut Criterion) {
    let mut empty = Desk::new();
    let mut full = Desk::with_trackers(10_000);
    let short = "track feed https://example.org/feed";
    let long = "track feed https://example.org/feed named ex tagged rust,cargo by \"Jon Skeet\" every 5 minutes \
                where length:10..200 -title:/^re:/i";
    let mut group = criterion.benchmark_group("answer");
    group
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(50);
    let mut bench = |name: &str, desk: &mut Desk, line: &str| {
        let works = !name.starts_with("unknown");
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| desk.times(line, works, count));
        });
    };
    bench("alive, under 50 µs", &mut empty, "alive");
    bench("track, under 200 µs", &mut empty, short);
    bench("track with filters, under 200 µs", &mut empty, long);
    bench("help", &mut empty, "help");
    bench("unknown command", &mut empty, "trakc feed");
    bench("list of 10,000 trackers", &mut full, "list");
    bench(
        "track beside 10,000 trackers, under 200 µs",
        &mut full,
        short,
    );
    bench("pause one of 10,000 trackers", &mut full, "pause feed-5000");
    group.finish();
}

criterion_group!(benches, lines);
criterion_main!(benches);
