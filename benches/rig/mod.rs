//! What the long benches share: a bot over some store and one room, and how figures are told.

use std::sync::Arc;
use std::time::Duration;

use boson::bot::{Bot, Pace, RoomSetup, Setup};
use boson::clock::Clock;
use boson::fact::Readers;
use boson::http::Http;
use boson::model::RoomId;
use boson::room::memory::{Handle, Memory};
use boson::room::{Manners, Platform};
use boson::source::Shared;
use boson::store::Store;
use boson::tracker::{Limits, RoomManners};
use boson::when;

/// A bot as `config.toml` makes it, whose only platform is the memory room; nobody there is slowed down.
pub async fn bot(platform: &str, store: Store, http: Http) -> (Bot, Handle) {
    let manners = Manners {
        local: true,
        ..Manners::plain(std::num::NonZeroUsize::MAX)
    };
    let (memory, handle) = Memory::with(platform, manners);
    let setup = setup(Arc::new(memory), Vec::new(), store, http);
    let bot = Bot::new(setup).await.expect("a bot over a sound store");
    (bot, handle)
}

/// What a bot is made of that has one platform and these rooms.
pub fn setup(platform: Arc<dyn Platform>, rooms: Vec<RoomId>, store: Store, http: Http) -> Setup {
    Setup {
        name: "boson".into(),
        docs: None,
        code: None,
        stopped_by: boson::command::ends::StoppedBy::owners(|_| true),
        store,
        clock: Clock::Real,
        http,
        shared: Shared::default(),
        readers: Readers::default(),
        platforms: vec![platform],
        rooms,
        manners: Arc::new(|_: &RoomId| RoomManners {
            zone: chrono_tz::UTC,
            order: when::Order::DayMonth,
            longest: usize::MAX,
            threads: false,
        }),
        room_setup: Arc::new(|_| RoomSetup::default()),
        limits: Limits {
            least_every: Duration::from_secs(60),
            every: Duration::from_secs(600),
            per_room: 10_000,
            burst: 20,
            ..Limits::default()
        },
        pace: Pace {
            commands: 20,
            within: Duration::from_secs(10),
        },
        recipes: boson::recipe::shipped(),
        linger: Duration::ZERO,
        folder: None,
    }
}

/// The program's own runtime.
pub fn runtime() -> tokio::runtime::Runtime {
    boson::start::runtime().expect("a runtime")
}

/// Whether to measure: `cargo bench` says so, all others only want to see that it works.
pub fn measures() -> bool {
    std::env::args().any(|arg| arg == "--bench")
}

/// What several rounds gave.
#[derive(Default)]
pub struct Rounds(Vec<f64>);

impl Rounds {
    pub fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }

    /// The median with the lowest and the highest.
    pub fn words(&self, unit: &str) -> String {
        let lowest = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = self.0.iter().copied().fold(0.0, f64::max);
        format!(
            "{} {unit} ({} to {}, {} rounds)",
            short(self.median()),
            short(lowest),
            short(highest),
            self.0.len()
        )
    }
}

/// Prints one figure and whether it is good enough.
pub fn tell(what: &str, measured: &str, target: &str, met: bool) {
    let outcome = if met { "met" } else { "MISSED" };
    println!("{what}: {measured}; target {target}: {outcome}");
}

fn short(figure: f64) -> String {
    if figure >= 100.0 {
        format!("{figure:.0}")
    } else {
        format!("{figure:.2}")
    }
}
