//! Says times back: in full where something was understood, short in lists.

use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::{Order, Reading, say_duration, zone};

/// A time in full, with its distance: `Saturday 21 November 2026, 09:00 UTC (in 3 hours)`.
pub fn say(at: DateTime<Utc>, reading: &Reading) -> String {
    format!("{} ({})", say_moment(at, reading), distance(at, reading))
}

/// A time in full, for what is read later: `Saturday 21 November 2026, 09:00 UTC`.
pub fn say_moment(at: DateTime<Utc>, reading: &Reading) -> String {
    let local = zone::local(at, reading.zone);
    format!(
        "{}, {} {}",
        say_day(at, reading),
        local.format("%H:%M"),
        offset(at, reading)
    )
}

/// The day of a time, as its people count days.
pub fn day(at: DateTime<Utc>, reading: &Reading) -> NaiveDate {
    zone::local(at, reading.zone).date()
}

/// A day in full: `Saturday 21 November 2026`.
pub fn say_day(at: DateTime<Utc>, reading: &Reading) -> String {
    let pattern = match reading.order {
        Order::DayMonth => "%A %-d %B %Y",
        Order::MonthDay => "%A %B %-d %Y",
    };
    day(at, reading).format(pattern).to_string()
}

/// A time for lists: `today 09:00`, `21 Nov 09:00`, with the year where that is another one.
pub fn say_short(at: DateTime<Utc>, reading: &Reading) -> String {
    let local = zone::local(at, reading.zone);
    let today = zone::local(reading.now, reading.zone).date();
    format!(
        "{} {}",
        short_day(local.date(), today, reading.order),
        local.format("%H:%M")
    )
}

fn short_day(day: NaiveDate, today: NaiveDate, order: Order) -> String {
    if day == today {
        return "today".into();
    }
    if Some(day) == today.succ_opt() {
        return "tomorrow".into();
    }
    if Some(day) == today.pred_opt() {
        return "yesterday".into();
    }
    let same_year = day.year() == today.year();
    let pattern = match (order, same_year) {
        (Order::DayMonth, true) => "%-d %b",
        (Order::DayMonth, false) => "%-d %b %Y",
        (Order::MonthDay, true) => "%b %-d",
        (Order::MonthDay, false) => "%b %-d %Y",
    };
    day.format(pattern).to_string()
}

/// What the zone calls its time: `UTC`, `CEST`, or `UTC+03` where it has no name for it.
fn offset(at: DateTime<Utc>, reading: &Reading) -> String {
    let at = zone::within(at).with_timezone(&reading.zone);
    let name = at.format("%Z").to_string();
    if name.starts_with(['+', '-']) {
        format!("UTC{name}")
    } else {
        name
    }
}

fn distance(at: DateTime<Utc>, reading: &Reading) -> String {
    let ahead = (at - reading.now).to_std();
    let back = (reading.now - at).to_std();
    let is_far = |distance: &Duration| distance.as_secs() > 0;
    match (ahead.ok().filter(is_far), back.ok().filter(is_far)) {
        (Some(ahead), _) => format!("in {}", say_duration(ahead)),
        (None, Some(back)) => format!("{} ago", say_duration(back)),
        (None, None) => "now".into(),
    }
}
