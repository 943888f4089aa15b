//! How fast a user may speak: over all rooms of a chat, posts and edits alike.

use std::collections::{BTreeMap, VecDeque};

/// The rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// As fast as anybody likes.
    Off,
    /// So many seconds between two.
    Fixed(f64),
    /// The gap grows with the number of recent messages, as people measured it.
    Real,
}

/// Messages younger than this are recent, in milliseconds.
const RECENT: i64 = 60_000;

/// Who spoke when, in milliseconds.
#[derive(Debug)]
pub struct Throttle {
    pub pace: Pace,
    spoke: BTreeMap<i64, VecDeque<i64>>,
}

impl Throttle {
    pub fn new(pace: Pace) -> Throttle {
        Throttle {
            pace,
            spoke: BTreeMap::new(),
        }
    }

    /// Whether a user may speak at `now`; otherwise it says how many whole seconds are left to wait.
    ///
    /// # Errors
    /// The seconds, at least 1.
    pub fn ask(&mut self, user: i64, now: i64) -> Result<(), i64> {
        let spoke = self.spoke.entry(user).or_default();
        while spoke.front().is_some_and(|at| now - at > RECENT) {
            spoke.pop_front();
        }
        let gap = match self.pace {
            Pace::Off => 0.0,
            Pace::Fixed(seconds) => seconds,
            // The first two go through at once.
            Pace::Real if spoke.len() < 2 => 0.0,
            Pace::Real => 4.82 * (spoke.len() as f64).ln() - 1.88,
        };
        let gap = (gap * 1000.0).ceil() as i64;
        let left = spoke.back().map_or(0, |last| last + gap - now);
        if left > 0 {
            return Err((left + 999) / 1000);
        }
        Ok(())
    }

    /// A user spoke at `now`.
    pub fn spoke(&mut self, user: i64, now: i64) {
        self.spoke.entry(user).or_default().push_back(now);
    }
}

/// The sentence that goes with a 409.
pub fn sentence(seconds: i64) -> String {
    let s = if seconds == 1 { "" } else { "s" };
    format!("You can perform this action again in {seconds} second{s}.")
}
