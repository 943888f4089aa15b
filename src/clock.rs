//! What time it is: the machine's, or one that a test moves by hand.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

/// The only place that asks the machine for the time.
#[derive(Clone)]
pub enum Clock {
    Real,
    /// Stands still until it is moved.
    Virtual(Arc<Virtual>),
}

/// A clock that stands still until it is moved.
pub struct Virtual {
    now: Mutex<DateTime<Utc>>,
    moved: Notify,
}

/// A moment of this process: from it one can tell how much time has passed, and not what time it was.
#[derive(Clone, Copy, Debug)]
pub struct Moment(Stood);

#[derive(Clone, Copy, Debug)]
enum Stood {
    Real(Instant),
    At(DateTime<Utc>),
}

impl Clock {
    /// A clock that stands at `now`.
    pub fn stopped(now: DateTime<Utc>) -> Clock {
        Clock::Virtual(Arc::new(Virtual {
            now: Mutex::new(now),
            moved: Notify::new(),
        }))
    }

    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[allow(clippy::disallowed_methods)]
            Clock::Real => Utc::now(),
            Clock::Virtual(clock) => *clock
                .now
                .lock()
                .expect("nothing panics while it holds the time"),
        }
    }

    /// Remembers this moment, to ask [`Clock::since`] later.
    pub fn mark(&self) -> Moment {
        match self {
            Clock::Real => Moment(Stood::Real(Instant::now())),
            Clock::Virtual(_) => Moment(Stood::At(self.now())),
        }
    }

    /// How much time has passed since then, however the machine's clock was set meanwhile.
    pub fn since(&self, moment: Moment) -> TimeDelta {
        match moment.0 {
            Stood::Real(then) => TimeDelta::from_std(then.elapsed()).unwrap_or(TimeDelta::MAX),
            Stood::At(then) => self.now() - then,
        }
    }

    /// Whether it is the machine's: to one that stands still it does not matter how long something takes.
    pub fn is_real(&self) -> bool {
        matches!(self, Clock::Real)
    }

    /// Moves a stopped clock forward to `to`; never back, and never the real one.
    pub fn advance_to(&self, to: DateTime<Utc>) {
        if let Clock::Virtual(clock) = self {
            let mut now = clock
                .now
                .lock()
                .expect("nothing panics while it holds the time");
            *now = to.max(*now);
            drop(now);
            clock.moved.notify_waiters();
        }
    }

    /// Waits until `due`; at once when that is past.
    pub async fn until(&self, due: DateTime<Utc>) {
        match self {
            // The machine's clock can be set: look again at least once a minute.
            Clock::Real => loop {
                match (due - self.now()).to_std() {
                    Ok(left) if !left.is_zero() => {
                        tokio::time::sleep(left.min(Duration::from_secs(60))).await;
                    }
                    _ => return,
                }
            },
            Clock::Virtual(clock) => loop {
                let moved = clock.moved.notified();
                if self.now() >= due {
                    return;
                }
                moved.await;
            },
        }
    }
}
