//! A whole bot over a store on the disk, which can end and begin again.

use std::time::Duration;

use boson::bot::{Bot, Stopper};
use boson::clock::Clock;
use boson::store::{Options, Store};
use chrono::TimeDelta;
use tokio::task::JoinHandle;

use super::house::{House, Line};
use super::setup;

/// For how long, in real time, something may not happen before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much time passes in the test with each step of real time.
const STEP: (Duration, TimeDelta) = (Duration::from_millis(1), TimeDelta::milliseconds(40));

/// A clock that goes faster than the real one, for as long as somebody holds it. Nothing depends on how fast.
pub struct Time {
    pub clock: Clock,
    hand: JoinHandle<()>,
}

impl Time {
    /// It goes by itself.
    pub fn passes() -> Time {
        Time::at(STEP.1)
    }

    /// It goes faster.
    pub fn hurries() -> Time {
        Time::at(STEP.1 * 4)
    }

    /// It goes so slowly that what has to be done within seconds is done.
    pub fn strolls() -> Time {
        Time::at(STEP.1 / 8)
    }

    fn at(step: TimeDelta) -> Time {
        let clock = Clock::stopped("2026-11-21T09:00:00Z".parse().unwrap());
        let moved = clock.clone();
        let hand = tokio::spawn(async move {
            loop {
                tokio::time::sleep(STEP.0).await;
                moved.advance_to(moved.now() + step);
            }
        });
        Time { clock, hand }
    }

    /// A little later.
    pub async fn tick(&self) {
        tokio::time::sleep(STEP.0).await;
    }
}

impl Drop for Time {
    fn drop(&mut self) {
        self.hand.abort();
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
        house.take_in(self.rooms);
        let clock = house.time().clock.clone();
        let store = Store::open(self.folder.path(), Options::default())
            .await
            .unwrap();
        let rooms = (0..self.rooms).map(|n| house.room(n)).collect();
        let setup = setup::usual(vec![house.platform()], rooms, store, &clock);
        let bot = Bot::new(setup).await.unwrap();
        let stopper = bot.stopper();
        let task = tokio::spawn(async move {
            bot.run().await.unwrap();
        });
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
