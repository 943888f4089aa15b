//! Points in time: `in 5 minutes`, `tomorrow at 9`, `1 april`, `2027-04-01T09:00Z`.

use chrono::{DateTime, Days, Months, TimeDelta, Utc};

use super::duration::{Span, lone_number, span};
use super::said::Said;
use super::token::{Tokens, lower};
use super::{Reading, Trouble, understand, zone};
use crate::model::Refusal;

/// Reads a point in time; of several that fit, the next one to come.
///
/// - A day without a time is its first moment, `tonight` 20:00, `morning` 9:00, `afternoon` 15:00, `evening` 18:00.
/// - A weekday alone is never today: `wednesday`, said on a Wednesday, is a week ahead. With a time that is still
///   to come, `wednesday at 20:00`, it is today.
/// - `next friday` is the Friday of the next week, which begins on Monday; `last friday` the latest before today.
/// - `next week`, `last month` are now, a week later or a month earlier; `this week` is its first moment.
/// - `2 days` is the same time of day two days ahead; hours and less are counted exactly.
/// - A time the clocks skip is the moment they skip it; a time they show twice is the first.
///
/// The answer may lie in the past (`yesterday`, `today at 9`): whoever needs a future one checks.
///
/// # Errors
/// When it is no point in time, or one that does not exist.
pub fn moment(text: &str, reading: &Reading) -> Result<DateTime<Utc>, Refusal> {
    understand(
        text,
        "time",
        "`in 2 hours`, `tomorrow at 9:00` or `1 April`",
        |text| read(text, reading, Way::Ahead),
    )
}

/// Reads a point in time as a filter means it; of several that fit, the latest that is over:
/// `friday` is the one before today, `1 april` the last one, `17:30` and `7 days` are ago.
///
/// # Errors
/// As for [`moment`].
pub fn moment_before(text: &str, reading: &Reading) -> Result<DateTime<Utc>, Refusal> {
    understand(text, "time", "`7 days`, `yesterday` or `1 April`", |text| {
        read(text, reading, Way::Back)
    })
}

/// Which of several times that fit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Ahead,
    Back,
}

fn read(text: &str, reading: &Reading, way: Way) -> Result<DateTime<Utc>, Trouble> {
    let lower = lower(text).ok_or(Trouble::Unclear)?;
    let mut tokens = Tokens::of(&lower);
    if let Some(digits) = lone_number(&mut tokens) {
        return Err(Refusal::new(format!("`{digits}` has no unit."))
            .hint(format!(
                "did you mean `{digits} minutes` or `{digits} days`?"
            ))
            .into());
    }
    if matches!(lower.trim(), "now" | "right now") {
        return Ok(reading.now);
    }
    if let Some((span, way)) = tokens.attempt(|tokens| distance(tokens, way)) {
        return shift(span, reading, way);
    }
    let said = Said::read(&mut tokens, reading)?;
    said.moment(reading, way)
}

/// Takes `in 5 minutes`, `an hour ago`, `2 days`, if that is all there is.
fn distance(tokens: &mut Tokens<'_>, way: Way) -> Option<(Span, Way)> {
    let ahead = tokens.word(&["in", "after"]);
    let span = span(tokens)?;
    let way = if ahead || tokens.words(&["from", "now"]) || tokens.word(&["later", "hence"]) {
        Way::Ahead
    } else if tokens.word(&["ago"]) || tokens.word(&["earlier"]) {
        Way::Back
    } else {
        way
    };
    tokens.is_done().then_some((span, way))
}

fn shift(span: Span, reading: &Reading, way: Way) -> Result<DateTime<Utc>, Trouble> {
    let far =
        || Trouble::from(Refusal::new("That is too far away.").hint("ten years is the farthest"));
    span.bounded("").map_err(|_| far())?;
    let clock = TimeDelta::from_std(span.clock).map_err(|_| far())?;
    let (months, days) = (Months::new(span.months), Days::new(u64::from(span.days)));
    let start = zone::local(reading.now, reading.zone);
    let day = match way {
        Way::Ahead => start
            .checked_add_months(months)
            .and_then(|day| day.checked_add_days(days)),
        Way::Back => start
            .checked_sub_months(months)
            .and_then(|day| day.checked_sub_days(days)),
    }
    .ok_or_else(far)?;
    // Within one day it is the clock that counts, also where it shows a time twice.
    let day = if day == start {
        reading.now
    } else {
        zone::at(day, reading.zone)
    };
    match way {
        Way::Ahead => day.checked_add_signed(clock),
        Way::Back => day.checked_sub_signed(clock),
    }
    .ok_or_else(far)
}
