//! A bot on real sockets with a stopped clock, and the stand-in that it asks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use boson::bot::{Bot, Event, Pace, Setup};
use boson::clock::Clock;
use boson::fact::{self, Readers};
use boson::http::{Http, Settings};
use boson::model::{Heard, Item, Part, Role, RoomId};
use boson::room::memory::{Handle, Memory};
use boson::source::stack_exchange::{self as source, Api};
use boson::source::{Asking, Shared, build};
use boson::store::Store;
use boson::tracker::{Breaker, Limits};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;

use super::setup;
use super::stack_exchange::{Network, Site, StackExchange};

/// Chance that can be thrown again: xorshift.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
}

/// What is watched: the kind and the site.
pub type Source = (&'static str, &'static str);

pub const SOURCES: [Source; 6] = [
    ("questions", "beer"),
    ("answers", "beer"),
    ("posts", "beer"),
    ("questions", "coffee"),
    ("answers", "coffee"),
    ("posts", "coffee"),
];

/// All posts of the repository, the texts about tags too.
async fn server(clock: &Clock) -> StackExchange {
    let sites = ["beer", "coffee"].map(|site| {
        let posts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/posts");
        Site::all_posts(site, posts.join(site).join("Posts.xml"))
    });
    StackExchange::start(Network::new(sites.into()), clock.clone(), 0)
        .await
        .unwrap()
}

fn shared(server: &StackExchange) -> Shared {
    Shared {
        stack_exchange: Arc::new(Api::new(source::Settings {
            url: server.url.clone(),
            websocket: Some(server.websocket.clone()),
            key: Some("key".into()),
            token: None,
            max_age: Duration::from_secs(60),
            ..source::Settings::default()
        })),
    }
}

fn door(clock: &Clock) -> Http {
    let settings = Settings {
        allow_private: true,
        ..Settings::default()
    };
    Http::new(settings, clock.clone()).unwrap()
}

/// What each source gives between two times when nothing goes wrong, read in one go.
pub async fn everything(begin: DateTime<Utc>, end: DateTime<Utc>) -> BTreeMap<Source, Vec<Item>> {
    let clock = Clock::stopped(begin);
    let server = server(&clock).await;
    // The clock stands still: all of this is one second.
    server.change(|network, _| network.limits.per_second = u32::MAX);
    let (http, shared) = (door(&clock), shared(&server));
    let (mut cursors, mut known) = (BTreeMap::new(), BTreeSet::new());
    let mut all: BTreeMap<Source, Vec<Item>> = BTreeMap::new();
    // The first time there is nothing; then all there is, until there is nothing new.
    for round in 0.. {
        let before = known.len();
        for source in SOURCES {
            let part = Part {
                kind: source.0.into(),
                args: [("site".to_string(), vec![source.1.to_string()])].into(),
            };
            let cursor = cursors.entry(source).or_default();
            let asking = Asking {
                http: &http,
                shared: &shared,
                cursor,
                now: clock.now(),
                every: Duration::from_secs(3_600),
            };
            let look = match build(&part).unwrap().look(&asking).await {
                Ok(look) => look,
                // All is asked within one second here, which is too much.
                Err(error) => {
                    assert!(error.waits, "{error}");
                    continue;
                }
            };
            *cursor = look.cursor;
            let new = look.items.into_iter().flatten();
            let new = new.filter(|item| known.insert((source, item.id.clone())));
            all.entry(source).or_default().extend(new);
        }
        if round > 0 && known.len() == before {
            break;
        }
        clock.advance_to(end.max(clock.now() + TimeDelta::minutes(10)));
    }
    all
}

/// The bot and what is around it.
pub struct World {
    pub clock: Clock,
    pub server: StackExchange,
    bot: Option<Bot>,
    room: Handle,
}

impl World {
    pub async fn new(begin: DateTime<Utc>) -> World {
        let clock = Clock::stopped(begin);
        let mut world = World {
            server: server(&clock).await,
            clock,
            bot: None,
            room: Memory::new("test").1,
        };
        // What the web socket tells is not in lists at once, and things do not come in order.
        world.server.change(|network, _| network.lag = 120);
        world.start(Store::memory()).await;
        world
    }

    async fn start(&mut self, store: Store) {
        let (platform, room) = Memory::new("test");
        self.room = room;
        let shared = shared(&self.server);
        let rooms = vec![RoomId::new("test", "#test")];
        let setup = setup::usual(vec![Arc::new(platform)], rooms, store, &self.clock);
        let setup = Setup {
            readers: Readers::new(&shared, &fact::Settings::default()),
            shared,
            limits: Limits {
                // Each item is a line of its own.
                burst: 1_000_000,
                breaker: Breaker {
                    burst: 0,
                    room_burst: 0,
                    ..Breaker::default()
                },
                ..Limits::default()
            },
            pace: Pace {
                commands: 100_000,
                within: Duration::from_secs(1),
            },
            ..setup
        };
        let bot = Bot::new(setup).await.unwrap();
        bot.hang_bells();
        self.bot = Some(bot);
    }

    fn bot(&mut self) -> &mut Bot {
        self.bot.as_mut().expect("it is there between restarts")
    }

    pub async fn says(&mut self, text: &str) {
        let mut message = self.room.message("#test", "ann", text, self.clock.now());
        message.role = Role::Owner;
        let sender = self.bot().sender();
        sender
            .send(Event::Heard(Heard::Said(message), None))
            .await
            .ok();
        self.settle().await;
    }

    pub async fn settle(&mut self) {
        self.bot().settle().await;
    }

    pub fn next_due(&mut self) -> Option<DateTime<Utc>> {
        self.bot().next_due()
    }

    /// What came over the web socket is heard, and looked into.
    pub async fn let_the_socket_speak(&mut self) {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        self.settle().await;
    }

    /// The process ends when it has just begun to ask, and another takes up the same store.
    pub async fn restart_within_a_look(&mut self) {
        {
            let settling = self.bot().settle();
            tokio::pin!(settling);
            settling.now_or_never();
        }
        let store = self.bot.take().expect("it is there").into_store();
        self.start(store).await;
    }

    /// What was said since the last time.
    pub fn heard(&mut self) -> Vec<String> {
        let spoken = self.room.take();
        let lines = spoken.iter().map(|spoken| spoken.text.plain());
        lines
            .flat_map(|text| text.lines().map(String::from).collect::<Vec<_>>())
            .collect()
    }
}
