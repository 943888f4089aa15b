//! How old an item may be: counted back from the moment it was seen, or from a fixed date.

use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc};

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
    /// When it is neither a duration nor a date that is past; `example` is shown in the hint.
    pub fn read(example: &str, typed: &str, reading: &Reading) -> Result<Bound, Refusal> {
        let text = typed.trim();
        let example = format!("for instance `{example}`");
        if text.is_empty() {
            return Err(Refusal::new("The time is missing.").hint(example));
        }
        let unread = || {
            Refusal::new(format!(
                "`{}` is no time I can read.",
                cut(text, 40).replace('`', "'")
            ))
            .hint(example.as_str())
        };
        if text.chars().count() > 64 {
            return Err(unread());
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
        // What is written in `written` forms.
        let moment = match DateTime::parse_from_rfc3339(text) {
            Ok(moment) => moment.with_timezone(&Utc),
            Err(_) => when::moment_before(text, reading).map_err(|refusal| match refusal.hint {
                Some(_) => refusal,
                None => refusal.hint(example.as_str()),
            })?,
        };
        // Other years cannot be written such that they are read again.
        if !(1..=9_998).contains(&moment.year()) {
            return Err(unread());
        }
        Ok(Bound::At(moment))
    }
}

/// A date, with its time of day where it is not its first moment.
pub(super) fn day(moment: DateTime<Utc>) -> String {
    match moment.time() == NaiveTime::MIN {
        true => moment.format("%Y-%m-%d").to_string(),
        false => date(moment),
    }
}

/// "on 2026-01-31", "from 2026-01-01 to 2026-01-31": whole days are said without their times.
pub(super) fn days(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let behind = to + TimeDelta::seconds(1);
    match (
        from.time() == NaiveTime::MIN,
        behind.time() == NaiveTime::MIN,
    ) {
        (true, true) if from.date_naive() == to.date_naive() => format!("on {}", day(from)),
        (true, true) => format!("from {} to {}", day(from), to.format("%Y-%m-%d")),
        _ => format!("from {} to {}", date(from), date(to)),
    }
}

/// A date and its time of day.
pub(super) fn date(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// As it is read again: `7d`, `36h`, `250ms`.
pub(super) fn short(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let units = [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "m"),
        (1_000, "s"),
    ];
    match units
        .into_iter()
        .find(|(size, _)| milliseconds > 0 && milliseconds.is_multiple_of(*size))
    {
        Some((size, unit)) => format!("{}{unit}", milliseconds / size),
        None if milliseconds == 0 => "0s".into(),
        None => format!("{milliseconds}ms"),
    }
}

/// In the largest unit that needs no fraction.
pub(super) fn exactly(duration: Duration) -> String {
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
pub(super) fn about(duration: Duration) -> String {
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
        for (seconds, brief, exact, rough) in [
            (604_800, "7d", "7 days", "7 days"),
            (129_600, "36h", "36 hours", "1 day"),
            (5_400, "90m", "90 minutes", "1 hour"),
            (1, "1s", "1 second", "1 second"),
            (0, "0s", "0 seconds", "0 seconds"),
        ] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(short(duration), brief);
            assert_eq!(when::duration(brief).unwrap(), duration);
            assert_eq!(exactly(duration), exact);
            assert_eq!(about(duration), rough);
        }
    }
}
