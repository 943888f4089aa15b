//! Lengths of time, zones and orders as `config.toml` writes them.
//!
//! SWAP: everything here is what `crate::when` does; once that is there this file is `pub use crate::when::{…}`.

use std::time::Duration;

use chrono_tz::Tz;

use crate::model::Refusal;
use crate::model::text::cut;

/// What 1/2/2030 means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    DayMonth,
    MonthDay,
}

/// Reads `30 seconds`, `1 minute`, `6 hours`, `2 days`.
///
/// # Errors
/// When it is anything else.
pub fn duration(text: &str) -> Result<Duration, Refusal> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let seconds = match words.as_slice() {
        [count, unit] => {
            let unit = match unit.strip_suffix('s').unwrap_or(unit) {
                "second" => Some(1),
                "minute" => Some(60),
                "hour" => Some(60 * 60),
                "day" => Some(24 * 60 * 60),
                "week" => Some(7 * 24 * 60 * 60),
                _ => None,
            };
            let count = count.parse::<u64>().ok();
            unit.zip(count)
                .and_then(|(unit, count)| count.checked_mul(unit))
        }
        _ => None,
    };
    seconds.map(Duration::from_secs).ok_or_else(|| {
        Refusal::new(format!("`{}` is no length of time.", cut(text, 40)))
            .hint("for instance \"30 seconds\" or \"6 hours\"")
    })
}

/// Reads `UTC`, `Europe/Zurich`.
///
/// # Errors
/// When there is no such zone.
pub fn zone(text: &str) -> Result<Tz, Refusal> {
    let found = chrono_tz::TZ_VARIANTS
        .iter()
        .find(|zone| zone.name().eq_ignore_ascii_case(text.trim()));
    found.copied().ok_or_else(|| {
        let refusal = Refusal::new(format!("There is no time zone `{}`.", cut(text, 40)));
        let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        match crate::registry::nearest(text, names) {
            Some(near) => refusal.hint(format!("did you mean \"{near}\"?")),
            None => refusal.hint("for instance \"Europe/Zurich\" or \"UTC\""),
        }
    })
}
