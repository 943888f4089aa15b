//! Times in words: a stand-in until the real reader of times is merged.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};

use crate::model::Refusal;

/// Which of day and month stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    DayMonth,
    MonthDay,
}

/// What words about time mean here and now.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    pub now: DateTime<Utc>,
    pub zone: chrono_tz::Tz,
    pub order: Order,
}

/// Reads `7 days`, `7d`, `90 minutes`.
///
/// # Errors
/// When it is none of these.
pub fn duration(text: &str) -> Result<std::time::Duration, Refusal> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim() {
        "s" | "second" | "seconds" => 1,
        "m" | "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 604_800,
        "year" | "years" => 31_536_000,
        _ => 0,
    };
    match number.parse::<u32>() {
        Ok(number) if unit > 0 => Ok(std::time::Duration::from_secs(u64::from(number) * unit)),
        Ok(_) | Err(_) => Err(Refusal::new(format!("`{text}` is no duration."))),
    }
}

/// Reads a date before now: `2026-11-16`, `yesterday`.
///
/// # Errors
/// When it is no date.
pub fn moment_before(text: &str, reading: &Reading) -> Result<DateTime<Utc>, Refusal> {
    let day = match text.trim() {
        "yesterday" => reading.now.with_timezone(&reading.zone).date_naive().pred_opt(),
        date => NaiveDate::parse_from_str(date, "%Y-%m-%d").ok(),
    };
    day.and_then(|day| day.and_hms_opt(0, 0, 0))
        .and_then(|at| reading.zone.from_local_datetime(&at).earliest())
        .map(|at| at.with_timezone(&Utc))
        .ok_or_else(|| Refusal::new(format!("`{text}` is no date.")))
}

/// Reads `every 5 minutes`.
///
/// # Errors
/// When it is no schedule.
pub fn every(text: &str) -> Result<(), Refusal> {
    let text = text.trim();
    match text.strip_prefix("every ") {
        Some(rest) if rest.contains(' ') => Ok(()),
        Some(_) | None => Err(Refusal::new(format!("`{text}` is no schedule."))),
    }
}
