//! A bot as it is usually set up.

use std::sync::Arc;
use std::time::Duration;

use boson::bot::{Pace, RoomSetup, Setup};
use boson::clock::Clock;
use boson::command::ends::StoppedBy;
use boson::fact::Readers;
use boson::http::{self, Http};
use boson::model::RoomId;
use boson::room::Platform;
use boson::source::Shared;
use boson::store::Store;
use boson::tracker::{Limits, RoomManners};
use boson::when::Order;

/// A bot in these rooms.
pub fn usual(
    platforms: Vec<Arc<dyn Platform>>,
    rooms: Vec<RoomId>,
    store: Store,
    clock: &Clock,
) -> Setup {
    let settings = http::Settings {
        allow_private: true,
        ..http::Settings::default()
    };
    let longest = platforms.iter().map(|platform| platform.manners().longest);
    let longest = longest.min().map_or(usize::MAX, |longest| longest.get());
    Setup {
        name: "boson".into(),
        docs: None,
        code: None,
        stopped_by: StoppedBy::owners(|_| true),
        store,
        clock: clock.clone(),
        http: Http::new(settings, clock.clone()).unwrap(),
        shared: Shared::default(),
        readers: Readers::default(),
        platforms,
        rooms,
        manners: Arc::new(move |_: &RoomId| RoomManners {
            zone: chrono_tz::UTC,
            order: Order::DayMonth,
            longest,
            threads: false,
        }),
        room_setup: Arc::new(|_| RoomSetup::default()),
        limits: Limits::default(),
        pace: Pace {
            commands: 10_000,
            within: Duration::from_secs(1),
        },
        recipes: boson::recipe::shipped(),
        linger: Duration::ZERO,
        folder: None,
    }
}
