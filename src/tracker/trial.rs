//! A tracker tried on what is kept of its source: how much it would report, and what.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use super::{Live, Trackers};
use crate::filter::Folded;
use crate::model::{Item, Passage, Refusal, SourceId, Text, TrackerId, TrackerName, Verdict};
use crate::store::{self, Rows, items};

/// How many of the kept items a tally names.
const NAMED: usize = 5;
/// From fewer items than that nobody can tell how many come in a day.
const FEWEST: usize = 5;

/// A tracker's filters and printer apart from it, for work beside the loop.
pub struct Trial(Live);

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many items were looked at.
    pub looked: usize,
    /// How many of them it keeps.
    pub kept: usize,
    /// The last five of those, the oldest first.
    pub last: Vec<Item>,
    /// How many items its source gives a day, where that can be told.
    pub daily: Option<f64>,
    /// More items are there than were looked at.
    pub stopped: bool,
}

impl Trackers {
    /// A copy of a tracker to try.
    ///
    /// # Errors
    /// When there is none of that number any more.
    pub fn trial(&self, id: TrackerId) -> Result<Trial, Refusal> {
        let tracker = self.get(id).cloned();
        let tracker = tracker.ok_or_else(|| Refusal::new("That tracker is no more."))?;
        Ok(Trial(Live::build(tracker, &self.rooms, &self.printers)?))
    }
}

impl Trial {
    pub fn name(&self) -> &TrackerName {
        &self.0.tracker.name
    }

    pub fn source(&self) -> SourceId {
        self.0.tracker.source
    }

    /// It has no filters.
    pub fn keeps_everything(&self) -> bool {
        self.0.sieve.words().is_empty()
    }

    /// Something that must be there can be looked up, so that it need not be asked about each item.
    pub fn can_be_looked_up(&self) -> bool {
        self.0.sieve.can_be_looked_up()
    }

    /// What it would say of these items, the oldest first.
    pub fn print(&self, items: &[Item]) -> Vec<Text> {
        match items {
            [] => Vec::new(),
            items => self.0.printer.print(self.name(), items),
        }
    }

    /// Each filter's own verdict about an item, by its spelling, with what it found.
    pub fn explain(&self, item: &Item) -> Vec<(String, Verdict, Vec<Passage>)> {
        self.0.sieve.show(&Folded::new(item))
    }

    /// The first predicate for which it drops an item; `None` where it keeps it.
    pub fn first_failed(&self, item: &Item) -> Option<(String, Verdict)> {
        self.0.sieve.first_failed(&Folded::new(item))
    }

    /// Tries it on these items, the newest last.
    pub fn tally_of(&self, items: &[Item], now: DateTime<Utc>) -> Tally {
        let wanted = |item: &&Item| self.0.sieve.wants(&Folded::new(item));
        let kept: Vec<&Item> = items.iter().filter(wanted).collect();
        Tally {
            looked: items.len(),
            kept: kept.len(),
            last: kept[kept.len().saturating_sub(NAMED)..]
                .iter()
                .map(|item| (*item).clone())
                .collect(),
            daily: daily(items.iter().map(|item| item.at.min(now)).collect(), now),
            stopped: false,
        }
    }

    /// Tries it on what is kept of its source, the newest first: on `most` items, or until `enough` says so.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tally(
        &self,
        rows: &impl Rows,
        now: DateTime<Utc>,
        most: usize,
        mut enough: impl FnMut(&Item) -> bool,
    ) -> Result<Tally, store::Error> {
        let mut tally = Tally::default();
        let mut times = Vec::new();
        items::newest_first(rows, self.source(), &mut |item| {
            if tally.looked == most || enough(&item) {
                tally.stopped = true;
                return ControlFlow::Break(());
            }
            tally.looked += 1;
            times.push(item.at.min(now));
            if self.0.sieve.wants(&Folded::new(&item)) {
                tally.kept += 1;
                if tally.last.len() < NAMED {
                    tally.last.push(item);
                }
            }
            ControlFlow::Continue(())
        })?;
        tally.last.reverse();
        tally.daily = daily(times, now);
        Ok(tally)
    }
}

impl Tally {
    /// The part of the items that it keeps, from 0 to 1.
    pub fn share(&self) -> f64 {
        match self.looked {
            0 => 0.0,
            looked => self.kept as f64 / looked as f64,
        }
    }

    /// `3 of the last 300 items (1 %)`, as it stands after "would keep".
    pub fn count(&self) -> String {
        match (self.kept, self.looked) {
            (0, 1) => "nothing: its source has given 1 item".into(),
            (1, 1) => "the 1 item that its source has given".into(),
            (0, all) => format!("none of the last {all} items"),
            (kept, all) if kept == all => format!("all of the last {all} items"),
            (kept, all) => format!(
                "{kept} of the last {all} items ({})",
                say_share(self.share())
            ),
        }
    }

    /// How many items it keeps a day, where that can be told.
    pub fn reports_daily(&self) -> Option<f64> {
        self.daily
            .map(|daily| daily * self.share())
            .filter(|daily| *daily > 0.0)
    }

    /// `3 of the last 300 items (1 %), about 12 a day`.
    pub fn expected(&self) -> String {
        match self.rate() {
            Some(rate) => format!("{}, {rate}", self.count()),
            None => self.count(),
        }
    }

    /// `about 12 a day`; nothing where that cannot be told.
    pub fn rate(&self) -> Option<String> {
        self.reports_daily().map(say_rate)
    }
}

/// Items a day, from the times of the newest ones. Their oldest quarter is not asked: a source may show something
/// very old among them, and what its first look brought need not bear dates.
fn daily(mut times: Vec<DateTime<Utc>>, now: DateTime<Utc>) -> Option<f64> {
    times.sort_unstable();
    let newest = times.last()?;
    let quarter = &times[..=times.len() / 4];
    let from = quarter.iter().rev().find(|at| *at < newest)?;
    let later = times.iter().filter(|at| *at > from).count();
    if later < FEWEST {
        return None;
    }
    let minutes = (now - *from).num_minutes().max(1);
    Some(later as f64 * 1_440.0 / minutes as f64)
}

/// `about 12 a day`, `about 3 a month`: the unit in which it is at least one.
pub fn say_rate(daily: f64) -> String {
    let units = [
        ("day", 1.0),
        ("week", 7.0),
        ("month", 30.4),
        ("year", 365.0),
    ];
    let unit = units.iter().find(|(_, days)| daily * days >= 0.95);
    match unit {
        None => "less than one a year".into(),
        Some((unit, days)) => format!("about {} a {unit}", rounded(daily * days)),
    }
}

/// A share in percent, with one digit behind the point where it is small.
pub fn say_share(share: f64) -> String {
    match share * 100.0 {
        percent if percent < 0.1 => "less than 0.1 %".into(),
        percent if percent < 9.95 => format!("{} %", (percent * 10.0).round() / 10.0),
        percent => format!("{} %", percent.round().min(99.0)),
    }
}

/// A count with two digits that mean something.
fn rounded(count: f64) -> u64 {
    let mut unit = 1.0;
    while count / unit >= 99.5 {
        unit *= 10.0;
    }
    ((count / unit).round() * unit) as u64
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-21T09:00:00Z".parse().unwrap()
    }

    fn ago(minutes: &[i64]) -> Vec<DateTime<Utc>> {
        minutes
            .iter()
            .map(|minutes| now() - TimeDelta::minutes(*minutes))
            .collect()
    }

    #[test]
    fn a_rate_comes_from_the_newest_items() {
        let every_ten: Vec<i64> = (0..100).map(|n| n * 10).collect();
        let daily_of = |minutes: &[i64]| daily(ago(minutes), now());
        assert_eq!(daily_of(&every_ten).map(f64::round), Some(144.0));
        // A very old one among them changes little.
        let mut pinned = every_ten.clone();
        pinned.push(10_000_000);
        assert!((140.0..150.0).contains(&daily_of(&pinned).unwrap()));
        // What the first look brought has no dates of its own.
        let mut begun = vec![1_440; 500];
        begun.extend([700; 6]);
        begun.extend([100; 6]);
        assert_eq!(daily_of(&begun), Some(12.0));
        assert_eq!(daily_of(&[5; 9]), None, "one look tells nothing");
        assert_eq!(daily_of(&[]), None);
    }

    #[test]
    fn rates_are_said_in_a_unit_people_count_in() {
        for (daily, said) in [
            (12_345.0, "about 12000 a day"),
            (987.0, "about 990 a day"),
            (12.4, "about 12 a day"),
            (0.97, "about 1 a day"),
            (0.5, "about 4 a week"),
            (0.05, "about 2 a month"),
            (0.01, "about 4 a year"),
            (0.001, "less than one a year"),
        ] {
            assert_eq!(say_rate(daily), said);
        }
    }
}
