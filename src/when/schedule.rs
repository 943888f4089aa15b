//! Reads schedules.

use chrono::NaiveTime;

use super::date::{ordinal, weekday_named};
use super::days::{DayOfMonth, Days, days_named};
use super::duration::{Span, lone_number, span, unit};
use super::every::Every;
use super::hour::{Part, hour};
use super::token::{Tokens, lower};
use super::{Trouble, understand};
use crate::model::Refusal;

/// Reads a schedule, with or without `every`. A day without a time means its first moment, 0:00.
///
/// # Errors
/// When it is no schedule, has no unit, or comes round too seldom.
pub fn every(text: &str) -> Result<Every, Refusal> {
    understand(
        text,
        "time",
        "`every 5 minutes` or `every day at 9:00`",
        read,
    )
}

/// Whether [`every`] reads `text`; cheaper where it does not.
pub fn is_schedule(text: &str) -> bool {
    read(text).is_ok()
}

/// Whether `text` begins with a day as schedules name them: `weekdays at 17:30`, `monday`, `the 1st`.
pub fn begins_days(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let first = words
        .next()
        .filter(|word| !word.eq_ignore_ascii_case("the"));
    let Some(word) = first.or_else(|| words.next()).and_then(lower) else {
        return false;
    };
    let mut tokens = Tokens::of(&word);
    let days = match first {
        Some(_) => days(&mut tokens).is_some() || ordinal(&mut tokens, false).is_some(),
        None => tokens.word(&["last"]) || ordinal(&mut tokens, false).is_some(),
    };
    days && tokens.is_done()
}

fn read(text: &str) -> Result<Every, Trouble> {
    let lower = lower(text).ok_or(Trouble::Unclear)?;
    let mut tokens = Tokens::of(&lower);
    if !tokens.word(&["every", "each"]) {
        tokens.word(&["on"]);
    }
    if let Some(digits) = lone_number(&mut tokens) {
        return Err(Refusal::new(format!("`{digits}` has no unit."))
            .hint(format!("did you mean `every {digits} seconds`?"))
            .into());
    }
    let found = match tokens.attempt(|tokens| interval(tokens, text)) {
        Some(found) => Some(found?),
        None => tokens.attempt(month).or_else(|| tokens.attempt(clock)),
    };
    found.filter(|_| tokens.is_done()).ok_or(Trouble::Unclear)
}

/// Takes `5 minutes`, `hour`, `daily`, if that is all there is.
fn interval(tokens: &mut Tokens<'_>, text: &str) -> Option<Result<Every, Trouble>> {
    let days = tokens.known(|word| match word {
        "hourly" => Some("hour"),
        "daily" => Some("day"),
        "weekly" => Some("week"),
        "monthly" => Some("month"),
        "yearly" | "annually" => Some("year"),
        _ => None,
    });
    let span = match days {
        Some(word) => unit(&mut Tokens::of(word))?,
        None if tokens.word(&["other"]) => {
            let one = unit(tokens)?;
            Span {
                months: one.months * 2,
                days: one.days * 2,
                clock: one.clock * 2,
            }
        }
        None => unit(tokens).or_else(|| span(tokens))?,
    };
    tokens.is_done().then_some(())?;
    if span.months > 0 {
        return Some(Err(Refusal::new("That does not say on which day.")
            .hint("did you mean `on the 1st of every month at 9:00`?")
            .into()));
    }
    Some(match span.bounded(text) {
        Ok(interval) if interval.is_zero() => Err(Refusal::new("Every 0 seconds is no schedule.")
            .hint("for instance `every 5 minutes`")
            .into()),
        Ok(interval) => Ok(Every::Interval(interval)),
        Err(refusal) => Err(refusal.into()),
    })
}

/// Takes `the 1st of every month at 9:00` and `month on the 1st`.
fn month(tokens: &mut Tokens<'_>) -> Option<Every> {
    let before = at(tokens);
    let first = tokens.word(&["month", "monthly"]);
    tokens.word(&["on"]);
    let the = tokens.word(&["the"]);
    let day = if tokens.words(&["last", "day"]) {
        31
    } else {
        let day = ordinal(tokens, first && the)?;
        tokens.word(&["day"]);
        day
    };
    if !first {
        tokens.word(&["of"]);
        tokens.word(&["every", "each", "the", "a"]);
        tokens.word(&["month"]).then_some(())?;
    } else if tokens.word(&["of"]) {
        tokens.word(&["the"]);
        tokens.word(&["month"]).then_some(())?;
    }
    let at = times(before.or_else(|| at(tokens)));
    Some(Every::Month {
        day: DayOfMonth::new(day)?,
        at,
    })
}

/// Takes `day at 9:00 and 17:30`, `monday and thursday at 8am`, `at noon on weekends`, `morning`.
fn clock(tokens: &mut Tokens<'_>) -> Option<Every> {
    let before = at(tokens);
    let weekly = before.is_none() && tokens.word(&["week", "weekly"]);
    tokens.word(&["on", "every", "each"]);
    let first = days(tokens);
    if weekly && first.is_none() {
        return None;
    }
    let at = before.or_else(|| at(tokens));
    // `day at 9 on weekdays` names days twice, and means the second.
    let second = match first {
        Some(Days::ALL) | None if tokens.word(&["on"]) => Some(days(tokens)?),
        Some(_) | None => None,
    };
    if first.is_none() && second.is_none() && at.is_none() {
        return None;
    }
    Some(Every::Clock {
        days: second.or(first).unwrap_or(Days::ALL),
        at: times(at),
    })
}

/// Takes a list of days.
fn days(tokens: &mut Tokens<'_>) -> Option<Days> {
    let mut all: Option<Days> = None;
    loop {
        let next = tokens.attempt(|tokens| {
            if all.is_some() {
                tokens.and();
                tokens.word(&["on", "every"]);
            }
            let range = tokens.attempt(|tokens| {
                let first = tokens.known(weekday_named)?;
                (tokens.word(&["to", "through", "until", "till"])
                    || tokens.sign('-')
                    || tokens.sign('–'))
                .then_some(())?;
                Some(Days::range(first, tokens.known(weekday_named)?))
            });
            range.or_else(|| {
                if tokens.words(&["working", "day"]) || tokens.words(&["working", "days"]) {
                    return Some(Days::WEEKDAYS);
                }
                tokens.known(days_named)
            })
        });
        match next {
            Some(next) => all = Some(all.map_or(next, |all| all.and(next))),
            None => return all,
        }
    }
}

/// Takes a list of times of day.
fn at(tokens: &mut Tokens<'_>) -> Option<Vec<NaiveTime>> {
    let mut all = Vec::new();
    loop {
        let next = tokens.attempt(|tokens| {
            if !all.is_empty() {
                tokens.and();
            }
            let at = tokens.word(&["at"]) || tokens.sign('@');
            let bare = at || !all.is_empty();
            tokens.words(&["in", "the"]);
            match tokens.known(Part::named) {
                Some(part) => Some(part.time()),
                None => hour(tokens, bare).map(|hour| hour.time),
            }
        });
        match next {
            Some(time) => all.push(time),
            None => return (!all.is_empty()).then_some(all),
        }
    }
}

/// Times as a schedule keeps them.
fn times(at: Option<Vec<NaiveTime>>) -> Vec<NaiveTime> {
    let mut at = at.unwrap_or_else(|| vec![NaiveTime::MIN]);
    at.sort_unstable();
    at.dedup();
    at
}
