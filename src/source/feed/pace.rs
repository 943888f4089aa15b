//! How often a feed wants to be read.

use std::time::Duration;

use chrono::{DateTime, Datelike, Timelike, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// The longest a feed can make us wait.
pub(super) const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What a feed says about how often it is worth reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// How long what it says stays true, in seconds: `ttl`, or the syndication module's update period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// Hours of the day (UTC) in which nobody should ask.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_hours: Vec<u32>,
    /// Days of the week on which nobody should ask.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_days: Vec<Weekday>,
}

impl Pace {
    /// How long to wait after a look at `now`, if the page itself asks for `fresh`; a day at most.
    pub fn rest(&self, fresh: Option<Duration>, now: DateTime<Utc>) -> Option<Duration> {
        let own = self.every.map(Duration::from_secs);
        let rest = own.max(fresh).unwrap_or_default().min(LONGEST);
        let mut next = now + rest;
        while next < now + LONGEST && self.skips(next) {
            let into_hour = i64::from(next.minute() * 60 + next.second());
            next += chrono::TimeDelta::seconds(3600 - into_hour);
        }
        let rest = (next - now).to_std().unwrap_or_default().min(LONGEST);
        (!rest.is_zero()).then_some(rest)
    }

    fn skips(&self, at: DateTime<Utc>) -> bool {
        self.skip_hours.contains(&at.hour()) || self.skip_days.contains(&at.weekday())
    }

    /// Takes the word of one small element of a feed: `ttl`, `hour`, `day`, `updatePeriod`.
    pub(super) fn hear(&mut self, element: &str, text: &str) {
        let text = text.trim();
        match element {
            "ttl" => {
                let minutes: Option<u64> = text.parse().ok();
                self.at_least(minutes.map(|minutes| minutes.saturating_mul(60)));
            }
            "hour" => {
                let hour: Option<u32> = text.parse().ok();
                // 24 is midnight in some versions of the format.
                let hour = hour.filter(|hour| *hour <= 24).map(|hour| hour % 24);
                self.skip_hours
                    .extend(hour.filter(|hour| !self.skip_hours.contains(hour)));
            }
            "day" => {
                let day: Option<Weekday> = text.parse().ok();
                self.skip_days
                    .extend(day.filter(|day| !self.skip_days.contains(day)));
            }
            _ => {}
        }
    }

    /// The syndication module: so often in a period.
    pub(super) fn period(&mut self, period: &str, frequency: Option<&str>) {
        let seconds: u64 = match period.trim() {
            "hourly" => 3600,
            "daily" => 86_400,
            "weekly" => 7 * 86_400,
            "monthly" => 30 * 86_400,
            "yearly" => 365 * 86_400,
            _ => return,
        };
        let frequency = frequency
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(1u64);
        self.at_least(Some(seconds / frequency.max(1)));
    }

    fn at_least(&mut self, seconds: Option<u64>) {
        self.every = self.every.max(seconds.filter(|seconds| *seconds > 0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_can_ask_for_rest() {
        // A Thursday.
        let now: DateTime<Utc> = "2026-01-01T22:30:00Z".parse().unwrap();
        let minutes = |n: u64| Some(Duration::from_secs(n * 60));
        let mut pace = Pace::default();
        assert_eq!(pace.rest(None, now), None);
        assert_eq!(pace.rest(minutes(5), now), minutes(5));
        pace.hear("ttl", " 60 ");
        assert_eq!(pace.rest(minutes(5), now), minutes(60));
        pace.hear("hour", "23");
        assert_eq!(pace.rest(None, now), minutes(90));
        pace.hear("day", "Friday");
        assert_eq!(pace.rest(None, now), minutes(24 * 60));
        pace.hear("ttl", "99999999999999999999");
        pace.hear("hour", "x");
        pace.period("yearly", Some("0"));
        assert_eq!(pace.rest(None, now), minutes(24 * 60));
    }

    #[test]
    fn the_syndication_module() {
        let mut pace = Pace::default();
        pace.period("hourly", Some(" 2 "));
        assert_eq!(pace.every, Some(1800));
    }
}
