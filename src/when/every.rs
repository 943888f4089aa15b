//! Schedules: `every 5 minutes`, `every weekday at 17:30`, `on the 1st of every month at 9:00`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use super::days::{DayOfMonth, Days};
use super::duration::say_exactly;
use super::schedule::every;
use crate::model::Refusal;

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Every {
    /// Longer than nothing, at most [`super::LONGEST`].
    Interval(Duration),
    /// On these weekdays at these times of day: sorted, each once, at least one.
    Clock { days: Days, at: Vec<NaiveTime> },
    /// On one day of every month, at such times.
    Month { day: DayOfMonth, at: Vec<NaiveTime> },
}

impl FromStr for Every {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Every, Refusal> {
        every(text)
    }
}

impl TryFrom<String> for Every {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Every, Refusal> {
        every(&text)
    }
}

impl From<Every> for String {
    fn from(every: Every) -> String {
        every.to_string()
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Every::Interval(interval) => {
                let words = say_exactly(*interval);
                match words.strip_prefix("1 ").filter(|unit| !unit.contains(' ')) {
                    Some(unit) => write!(f, "every {unit}"),
                    None if *interval == Duration::from_secs(7 * 24 * 3600) => {
                        f.write_str("every week")
                    }
                    None => write!(f, "every {words}"),
                }
            }
            Every::Clock { days, at } => write!(f, "every {days} at {}", said(at)),
            Every::Month { day, at } => write!(f, "on the {day} of every month at {}", said(at)),
        }
    }
}

fn said(at: &[NaiveTime]) -> String {
    listed(
        at.iter()
            .map(|time| {
                let pattern = match (time.nanosecond(), time.second()) {
                    (0, 0) => "%-H:%M",
                    (0, _) => "%-H:%M:%S",
                    _ => "%-H:%M:%S%.f",
                };
                time.format(pattern).to_string()
            })
            .collect(),
    )
}

/// `a, b and c`.
pub(super) fn listed(mut words: Vec<String>) -> String {
    match words.pop() {
        None => String::new(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} and {last}", words.join(", ")),
    }
}
