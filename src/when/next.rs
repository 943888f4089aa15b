//! When a schedule comes round.

use std::time::Duration;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::days::DayOfMonth;
use super::every::Every;
use super::zone;

const WEEK: u64 = 7 * DAY;
const DAY: u64 = 24 * 60 * 60;
/// The shortest month's last day is as far from the first of the next as this, in days.
const SHORTEST_MONTH: u64 = 28;

impl Every {
    /// The first time after `after`, never `after` itself.
    ///
    /// On a clock schedule, a time that the clocks of `zone` skip comes at the moment they skip it,
    /// and a time they show twice comes once, the first time. An interval counts from `after`.
    pub fn next(&self, after: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        match self {
            Every::Interval(interval) => TimeDelta::from_std(*interval)
                .ok()
                .and_then(|interval| after.checked_add_signed(interval)),
            Every::Clock { days, at } => {
                // One day back: a time that was skipped together with midnight comes a day late.
                let first = zone::local(after, zone).date().pred_opt();
                first
                    .into_iter()
                    .flat_map(|first| first.iter_days().take(10))
                    .filter(|day| days.contains(day.weekday()))
                    .find_map(|day| on(day, at, after, zone))
            }
            Every::Month { day, at } => {
                let month = zone::local(after, zone).date().with_day(1);
                let months = (0..=3).filter_map(|months| {
                    let start = month?.checked_sub_months(Months::new(1))?;
                    start.checked_add_months(Months::new(months))
                });
                months
                    .filter_map(|month| on_day(month, *day))
                    .find_map(|day| on(day, at, after, zone))
            }
        }
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The shortest time between two turns, but for days on which clocks are changed.
    pub fn shortest(&self) -> Duration {
        match self {
            Every::Interval(interval) => *interval,
            Every::Clock { days, at } => {
                let turns: Vec<u64> = days
                    .iter()
                    .flat_map(|day| {
                        let midnight = u64::from(day.num_days_from_monday()) * DAY;
                        at.iter().map(move |time| midnight + seconds(*time))
                    })
                    .collect();
                shortest_gap(&turns, WEEK)
            }
            Every::Month { at, .. } => {
                let turns: Vec<u64> = at.iter().map(|time| seconds(*time)).collect();
                shortest_gap(&turns, SHORTEST_MONTH * DAY)
            }
        }
    }

    /// Whether it goes by the clock, so that its turns depend on the zone.
    pub fn is_clock(&self) -> bool {
        match self {
            Every::Interval(_) => false,
            Every::Clock { .. } | Every::Month { .. } => true,
        }
    }
}

fn on(day: NaiveDate, at: &[NaiveTime], after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    at.iter()
        .map(|time| zone::at(day.and_time(*time), zone))
        .find(|at| *at > after)
}

/// `day` of the month that begins on `first`, or its last where it is shorter.
fn on_day(first: NaiveDate, day: DayOfMonth) -> Option<NaiveDate> {
    (28..=day.number())
        .rev()
        .find_map(|day| first.with_day(day))
        .or_else(|| first.with_day(day.number()))
}

/// The smallest step between `turns`, sorted, in a circle of `round` seconds.
fn shortest_gap(turns: &[u64], round: u64) -> Duration {
    let within = turns.windows(2).map(|pair| pair[1] - pair[0]);
    let around = turns
        .first()
        .zip(turns.last())
        .map(|(first, last)| round + first - last);
    Duration::from_secs(within.chain(around).min().unwrap_or(round))
}

fn seconds(time: NaiveTime) -> u64 {
    (time - NaiveTime::MIN).num_seconds().unsigned_abs()
}
