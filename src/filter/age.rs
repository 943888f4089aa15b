//! How old an item may be: counted back from the moment it was seen, or from a fixed date.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};

use super::folded::Folded;
use crate::model::Refusal;
use crate::model::text::cut;
use crate::when::{self, Reading};

/// What lies between new and old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// This long before the item was seen.
    Ago(Duration),
    At(DateTime<Utc>),
}

impl Bound {
    /// Reads `7 days`, `90m`, `last monday`, `2026-01-31`. Dates are fixed now, so that they mean the same for ever.
    ///
    /// # Errors
    /// When it is neither a duration nor a date that is past; `name` is the filter's, for the hint.
    pub fn read(name: &str, typed: &str, reading: &Reading) -> Result<Bound, Refusal> {
        let text = typed.trim();
        let example = format!("for instance `{name} \"7 days\"` or `{name} 2026-01-31`");
        if text.is_empty() {
            return Err(Refusal::new("The time is missing.").hint(example));
        }
        if text.chars().count() > 64 {
            return Err(Refusal::new(format!(
                "`{}` is no time I can read.",
                cut(text, 40).replace('`', "'")
            ))
            .hint(example));
        }
        // "7 days ago" still moves with the items.
        let length = text
            .len()
            .checked_sub(4)
            .filter(|at| text.is_char_boundary(*at) && text[*at..].eq_ignore_ascii_case(" ago"));
        if let Ok(duration) = when::duration(&text[..length.unwrap_or(text.len())]) {
            return Ok(Bound::Ago(duration));
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            // "7 of what?" says more than that it is no date.
            when::duration(text)?;
        }
        // What this file writes itself.
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return Ok(Bound::At(moment.with_timezone(&Utc)));
        }
        when::moment_before(text, reading)
            .map(Bound::At)
            .map_err(|refusal| match refusal.hint {
                Some(_) => refusal,
                None => refusal.hint(example),
            })
    }

    /// Whether an item lies on the new side, and how that is said: "it is 3 hours old", "less than 7 days".
    pub fn is_newer(&self, item: &Folded<'_>) -> (bool, String, String) {
        let item = item.item;
        match *self {
            Bound::Ago(limit) => {
                let age = (item.seen - item.at).to_std().unwrap_or_default();
                let newer = age < limit;
                let side = if newer { "less than" } else { "not less than" };
                (
                    newer,
                    format!("it is {} old", about(age)),
                    format!("{side} {}", exactly(limit)),
                )
            }
            Bound::At(moment) => {
                let newer = item.at > moment;
                let side = if newer { "after" } else { "not after" };
                (
                    newer,
                    format!("it is from {}", date(item.at)),
                    format!("{side} {}", date(moment)),
                )
            }
        }
    }

    /// As it can be read again at any time.
    pub fn written(&self) -> String {
        match *self {
            Bound::Ago(duration) => exactly(duration),
            Bound::At(moment) => moment.to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }
}

fn date(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// In the largest unit that needs no fraction.
fn exactly(duration: Duration) -> String {
    if duration.subsec_millis() > 0 {
        return format!("{} milliseconds", duration.as_millis());
    }
    let seconds = duration.as_secs();
    let (n, unit) = [(86_400, "day"), (3_600, "hour"), (60, "minute")]
        .into_iter()
        .find(|(size, _)| seconds > 0 && seconds.is_multiple_of(*size))
        .map_or((seconds, "second"), |(size, unit)| (seconds / size, unit));
    count(n, unit)
}

/// In the largest unit that fits.
fn about(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (n, unit) = [(86_400, "day"), (3_600, "hour"), (60, "minute")]
        .into_iter()
        .find(|(size, _)| seconds >= *size)
        .map_or((seconds, "second"), |(size, unit)| (seconds / size, unit));
    count(n, unit)
}

fn count(n: u64, unit: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_they_are_read() {
        for (seconds, exact, rough) in [
            (604_800, "7 days", "7 days"),
            (129_600, "36 hours", "1 day"),
            (5_400, "90 minutes", "1 hour"),
            (1, "1 second", "1 second"),
            (0, "0 seconds", "0 seconds"),
        ] {
            assert_eq!(exactly(Duration::from_secs(seconds)), exact);
            assert_eq!(about(Duration::from_secs(seconds)), rough);
        }
    }
}
