//! How often a method may be called.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

/// Whether calls are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rates {
    Off,
    /// By tier and minute; posts by channel and second.
    Real,
}

/// The tier of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    One,
    Two,
    Three,
    Four,
    /// One post a second in a channel, and several hundred a minute in all.
    Post,
    /// Several hundred a minute.
    Special,
}

impl Tier {
    /// Calls within a minute.
    fn most(self) -> usize {
        match self {
            Tier::One => 1,
            Tier::Two => 20,
            Tier::Three => 50,
            Tier::Four => 100,
            Tier::Post | Tier::Special => 300,
        }
    }
}

/// Posts at once in a channel.
const BURST: usize = 3;

/// When what was called.
#[derive(Default)]
pub struct Limits {
    calls: BTreeMap<String, VecDeque<DateTime<Utc>>>,
}

impl Limits {
    /// Counts a call of `key` (method, workspace and app).
    ///
    /// # Errors
    /// Too early by so many whole seconds.
    pub fn call(
        &mut self,
        key: &str,
        tier: Tier,
        channel: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), i64> {
        self.count(key, tier.most(), TimeDelta::minutes(1), now)?;
        if let (Tier::Post, Some(channel)) = (tier, channel) {
            let window = TimeDelta::seconds(BURST as i64);
            self.count(&format!("{key} {channel}"), BURST, window, now)?;
        }
        Ok(())
    }

    /// Counts an event for `key` (workspace and app); false when there were `most` within an hour.
    pub fn event(&mut self, key: &str, most: usize, now: DateTime<Utc>) -> bool {
        let key = format!("event {key}");
        self.count(&key, most, TimeDelta::hours(1), now).is_ok()
    }

    /// Counts what comes into a channel without the Web API: by a response URL or a webhook.
    ///
    /// # Errors
    /// Too early by so many whole seconds.
    pub fn beside(&mut self, key: &str, now: DateTime<Utc>) -> Result<(), i64> {
        self.count(key, BURST, TimeDelta::seconds(BURST as i64), now)
    }

    fn count(
        &mut self,
        key: &str,
        most: usize,
        window: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<(), i64> {
        let calls = self.calls.entry(key.into()).or_default();
        while calls.front().is_some_and(|at| now - *at >= window) {
            calls.pop_front();
        }
        if let Some(first) = calls.front().filter(|_| calls.len() >= most) {
            let left = (*first + window - now).num_milliseconds();
            return Err((left + 999).div_euclid(1000).max(1));
        }
        calls.push_back(now);
        Ok(())
    }
}
