//! Hours of each day, from one time to another: `22:00 to 7:00`.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::days::Days;
use super::every::Every;
use super::hour::hour;
use super::token::{Tokens, lower};
use super::{Trouble, understand, zone};
use crate::model::Refusal;

/// Hours of each day. Where the second time is before the first, they go on past midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    from: NaiveTime,
    /// Another time than `from`.
    to: NaiveTime,
}

/// What stands between the two times.
const BETWEEN: [&str; 7] = [" to ", " until ", " till ", " and ", "–", "—", "-"];

/// Reads hours of a day.
///
/// # Errors
/// When they are none, or never end.
pub fn hours(text: &str) -> Result<Hours, Refusal> {
    understand(
        text,
        "hours of a day",
        "`22:00 to 7:00` or `10pm to 7am`",
        read,
    )
}

fn read(text: &str) -> Result<Hours, Trouble> {
    let text = lower(text).ok_or(Trouble::Unclear)?;
    let text = text.trim();
    let text = ["from ", "between "]
        .iter()
        .find_map(|begin| text.strip_prefix(begin))
        .unwrap_or(text);
    let (from, to) = BETWEEN
        .iter()
        .find_map(|between| text.split_once(between))
        .ok_or(Trouble::Unclear)?;
    let time = |text: &str| {
        let mut tokens = Tokens::of(text);
        let hour = hour(&mut tokens, true).filter(|_| tokens.is_done());
        hour.map(|hour| hour.time).ok_or(Trouble::Unclear)
    };
    let (from, to) = (time(from)?, time(to)?);
    match from == to {
        true => Err(Refusal::new("Such hours would never end.")
            .hint("for instance `22:00 to 7:00`; `mute` is for all day")
            .into()),
        false => Ok(Hours { from, to }),
    }
}

impl Hours {
    /// When they are over, if it is in them that `now` lies.
    pub fn end(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let time = zone::local(now, zone).time();
        let inside = match self.from < self.to {
            true => (self.from..self.to).contains(&time),
            false => time >= self.from || time < self.to,
        };
        inside.then(|| at(self.to).next(now, zone))
    }

    /// When they begin next.
    pub fn begin(&self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        at(self.from).next(now, zone)
    }
}

fn at(time: NaiveTime) -> Every {
    Every::Clock {
        days: Days::ALL,
        at: vec![time],
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} to {}",
            self.from.format("%H:%M"),
            self.to.format("%H:%M")
        )
    }
}

impl FromStr for Hours {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Hours, Refusal> {
        hours(text)
    }
}

impl TryFrom<String> for Hours {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Hours, Refusal> {
        hours(&text)
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> String {
        hours.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn hours_are_read_as_people_write_them() {
        for (typed, read) in [
            ("22:00 to 7:00", Some("22:00 to 07:00")),
            ("from 10pm until 7 am", Some("22:00 to 07:00")),
            ("22-7", Some("22:00 to 07:00")),
            ("12:30–13:30", Some("12:30 to 13:30")),
            ("between noon and 1pm", Some("12:00 to 13:00")),
            ("9 to 9", None),
            ("at night", None),
            ("22 to", None),
            ("25 to 7", None),
        ] {
            let hours = hours(typed).ok().map(|hours| hours.to_string());
            assert_eq!(hours.as_deref(), read, "{typed}");
            if let Some(read) = read {
                assert_eq!(
                    hours,
                    super::hours(read).ok().map(|hours| hours.to_string())
                );
            }
        }
    }

    #[test]
    fn they_go_on_past_midnight() {
        let night = hours("22:00 to 7:00").unwrap();
        let berlin = chrono_tz::Europe::Berlin;
        let end = |at: &str| night.end(time(at), berlin);
        assert_eq!(end("2026-11-21T20:59:59Z"), None);
        assert_eq!(
            end("2026-11-21T21:00:00Z"),
            Some(time("2026-11-22T06:00:00Z"))
        );
        assert_eq!(
            end("2026-11-22T05:59:59Z"),
            Some(time("2026-11-22T06:00:00Z"))
        );
        assert_eq!(end("2026-11-22T06:00:00Z"), None);
        assert_eq!(
            night.begin(time("2026-11-22T06:00:00Z"), berlin),
            time("2026-11-22T21:00:00Z")
        );
    }
}
