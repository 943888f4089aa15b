//! A whole bot over a store on the disk, which can end and begin again.

use std::sync::Arc;
use std::time::Duration;

use boson::bot::{Bot, Pace, RoomSetup, Setup, Stopper};
use boson::clock::Clock;
use boson::fact::Readers;
use boson::http::{self, Http};
use boson::model::RoomId;
use boson::source::Shared;
use boson::store::{Options, Store};
use boson::tracker::{Limits, RoomManners};
use boson::when::Order;
use chrono::TimeDelta;
use tokio::task::JoinHandle;

use super::house::{House, Line};

/// For how long, in real time, something may not happen before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much time passes in the test with each step of real time.
const STEP: (Duration, TimeDelta) = (Duration::from_millis(1), TimeDelta::milliseconds(40));

/// A clock that goes faster than the real one, for as long as somebody holds it. Nothing depends on how fast.
pub struct Time {
    pub clock: Clock,
    hand: Option<JoinHandle<()>>,
}

impl Time {
    /// It goes by itself.
    pub fn passes() -> Time {
        let mut time = Time::stands();
        let clock = time.clock.clone();
        time.hand = Some(tokio::spawn(async move {
            loop {
                tokio::time::sleep(STEP.0).await;
                clock.advance_to(clock.now() + STEP.1);
            }
        }));
        time
    }

    /// Only those who wait move it.
    pub fn stands() -> Time {
        let clock = Clock::stopped("2026-11-21T09:00:00Z".parse().unwrap());
        Time { clock, hand: None }
    }

    /// Lets so much time pass.
    pub async fn pass(&self, time: Duration) {
        let until = self.clock.now() + TimeDelta::from_std(time).unwrap();
        while self.clock.now() < until {
            self.tick().await;
        }
    }

    /// A little later.
    pub async fn tick(&self) {
        tokio::time::sleep(STEP.0).await;
        if self.hand.is_none() {
            self.clock.advance_to(self.clock.now() + STEP.1);
        }
    }
}

impl Drop for Time {
    fn drop(&mut self) {
        if let Some(hand) = &self.hand {
            hand.abort();
        }
    }
}

/// A bot that runs.
pub struct Run {
    stopper: Stopper,
    task: JoinHandle<()>,
    clock: Clock,
    stopped: Stopped,
}

/// A bot that has ended, and what it leaves behind.
pub struct Stopped {
    folder: tempfile::TempDir,
    rooms: usize,
}

impl Run {
    /// In the first rooms of a house.
    pub async fn start(house: &dyn House, rooms: usize) -> Run {
        let folder = tempfile::tempdir().unwrap();
        Stopped { folder, rooms }.start(house).await
    }

    /// Ends in order.
    pub async fn stop(self) -> Stopped {
        self.stopper.stop();
        let end = tokio::time::timeout(PATIENCE, self.task).await;
        end.expect("it ends").unwrap();
        self.stopped
    }

    /// Ends in order and begins again.
    pub async fn again(self, house: &dyn House) -> Run {
        self.stop().await.start(house).await
    }

    pub async fn passes(&self, time: Duration) {
        let until = self.clock.now() + TimeDelta::from_std(time).unwrap();
        while self.clock.now() < until {
            tokio::time::sleep(STEP.0).await;
            if self.task.is_finished() {
                panic!("the bot has ended");
            }
        }
    }

    /// What the bot has said in a room once that is so many messages; never more.
    pub async fn said(&self, house: &dyn House, room: usize, count: usize) -> Vec<Line> {
        let said = self.until(house, room, |said| said.len() >= count).await;
        assert_eq!(said.len(), count, "in room {room}: {said:#?}");
        said
    }

    pub async fn until(
        &self,
        house: &dyn House,
        room: usize,
        enough: impl Fn(&[Line]) -> bool,
    ) -> Vec<Line> {
        let waits = async {
            loop {
                let said = house.said(room);
                if enough(&said) {
                    return said;
                }
                house.time().tick().await;
            }
        };
        match tokio::time::timeout(PATIENCE, waits).await {
            Ok(said) => said,
            Err(_) => panic!("in room {room} only: {:#?}", house.said(room)),
        }
    }
}

impl Stopped {
    pub async fn start(self, house: &dyn House) -> Run {
        let clock = house.time().clock.clone();
        let store = Store::open(self.folder.path(), Options::default())
            .await
            .unwrap();
        let settings = http::Settings {
            allow_private: true,
            ..http::Settings::default()
        };
        let platform = house.platform();
        let longest = platform.manners().longest.get();
        let setup = Setup {
            name: "boson".into(),
            docs: None,
            store,
            clock: clock.clone(),
            http: Http::new(settings, clock.clone()).unwrap(),
            shared: Shared::default(),
            readers: Readers::default(),
            platforms: vec![platform],
            rooms: (0..self.rooms).map(|n| house.room(n)).collect(),
            manners: Arc::new(move |_: &RoomId| RoomManners {
                zone: chrono_tz::UTC,
                order: Order::DayMonth,
                longest,
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
        };
        let bot = Bot::new(setup).await.unwrap();
        let stopper = bot.stopper();
        let task = tokio::spawn(async move { bot.run().await.unwrap() });
        let waits = house.waits_for_the_bot(self.rooms);
        tokio::time::timeout(PATIENCE, waits)
            .await
            .expect("it comes into its rooms");
        Run {
            stopper,
            task,
            clock,
            stopped: self,
        }
    }
}
