//! Reads and says times: the one place that knows what `tomorrow at 9` or `every weekday at 17:30` means.
//!
//! | to read | for instance | gives |
//! | --- | --- | --- |
//! | [`duration`] | `1h30m` | how long |
//! | [`moment`], [`moment_before`] | `friday at 20:00` | a point in time, in a room's zone and day order |
//! | [`every`] | `every weekday at 17:30` | a schedule, which knows what comes next |
//! | [`hours`] | `22:00 to 7:00` | hours of each day |
//! | [`zone`] | `berlin` | a time zone |
//!
//! Invariant: nothing here asks what time it is; *now* comes in a [`Reading`].
//! Whatever the text, it is read in time proportional to its length and no text makes it panic.

mod date;
mod days;
mod duration;
mod english;
mod every;
mod hour;
mod hours;
mod moment;
mod next;
mod said;
mod say;
mod schedule;
mod token;
mod zone;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::Refusal;
use crate::model::text::cut;

pub use days::{DayOfMonth, Days};
pub use duration::{LONGEST, duration, say_duration};
pub use every::Every;
pub use hours::{Hours, hours};
pub use moment::{moment, moment_before};
pub use say::{day, say, say_day, say_moment, say_short};
pub use schedule::{begins_days, every, is_schedule};
pub use zone::zone;

/// What a time is read and said against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub now: DateTime<Utc>,
    /// The room's zone.
    pub zone: chrono_tz::Tz,
    /// The room's order of day and month.
    pub order: Order,
}

/// Whether `3/4` is in April or in March.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    #[default]
    #[serde(alias = "uk")]
    DayMonth,
    #[serde(alias = "us")]
    MonthDay,
}

impl FromStr for Order {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Order, Refusal> {
        match text.trim().to_lowercase().as_str() {
            "day-month" | "uk" => Ok(Order::DayMonth),
            "month-day" | "us" => Ok(Order::MonthDay),
            _ => Err(
                Refusal::new(format!("`{}` is no order of day and month.", shown(text)))
                    .hint("it can be `day-month` or `month-day`"),
            ),
        }
    }
}

impl std::fmt::Display for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Order::DayMonth => "day-month",
            Order::MonthDay => "month-day",
        })
    }
}

/// Why a text was not read.
enum Trouble {
    /// It is nothing the grammar knows.
    Unclear,
    /// It is known and wrong all the same.
    Refused(Refusal),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        Trouble::Refused(refusal)
    }
}

/// Reads `text` with `read`; a text that is not understood is refused with the nearest that is, or else with `examples`.
fn understand<T>(
    text: &str,
    what: &str,
    examples: &str,
    read: impl Fn(&str) -> Result<T, Trouble>,
) -> Result<T, Refusal> {
    match read(text) {
        Ok(time) => Ok(time),
        Err(Trouble::Refused(refusal)) => Err(refusal),
        Err(Trouble::Unclear) => {
            let refusal = Refusal::new(format!("`{}` is no {what} I understand.", shown(text)));
            Err(
                match token::corrected(text).filter(|text| read(text).is_ok()) {
                    Some(text) => refusal.hint(format!("did you mean `{text}`?")),
                    None => refusal.hint(format!("for instance {examples}")),
                },
            )
        }
    }
}

/// A text as a refusal repeats it.
fn shown(text: &str) -> String {
    cut(text.trim(), 40).replace('`', "'")
}
