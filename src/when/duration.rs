//! How long something takes: `5 minutes`, `1h30m`, `half an hour`.

use std::time::Duration;

use super::token::{Token, Tokens, lower};
use super::{Trouble, shown, understand};
use crate::model::Refusal;

/// The longest duration: ten years of 365 days.
pub const LONGEST: Duration = Duration::from_secs(3650 * DAY);

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Reads a length of time. A month is 30 days and a year 365.
///
/// # Errors
/// When it is no length of time, has no unit, or is longer than [`LONGEST`].
pub fn duration(text: &str) -> Result<Duration, Refusal> {
    understand(
        text,
        "length of time",
        "`5 minutes`, `1 hour 30 minutes` or `2 days`",
        |text| {
            let lower = lower(text).ok_or(Trouble::Unclear)?;
            let mut tokens = Tokens::of(&lower);
            if let Some(digits) = lone_number(&mut tokens) {
                return Err(Refusal::new(format!("`{digits}` has no unit."))
                    .hint(format!(
                        "did you mean `{digits} seconds` or `{digits} minutes`?"
                    ))
                    .into());
            }
            let span = span(&mut tokens)
                .filter(|_| tokens.is_done())
                .ok_or(Trouble::Unclear)?;
            Ok(span.bounded(text)?)
        },
    )
}

/// Says a length of time in its two largest units: `2 days`, `1 hour 30 minutes`, `250 milliseconds`.
pub fn say_duration(d: Duration) -> String {
    say_units(d, 2)
}

/// Says a length of time exactly, down to milliseconds.
pub(super) fn say_exactly(d: Duration) -> String {
    say_units(d, usize::MAX)
}

/// The number if the text is nothing but a number, short enough to repeat.
pub(super) fn lone_number<'a>(tokens: &mut Tokens<'a>) -> Option<&'a str> {
    tokens.attempt(|tokens| {
        let digits = tokens.digits()?;
        (tokens.is_done() && digits.len() <= 9).then_some(digits)
    })
}

/// A length of time in people's units, of which months and days are not always equally long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub months: u32,
    pub days: u32,
    pub clock: Duration,
}

impl Span {
    /// As a fixed length of time.
    pub fn bounded(self, text: &str) -> Result<Duration, Refusal> {
        let months = u64::from(self.months);
        let days = months / 12 * 365 + months % 12 * 30 + u64::from(self.days);
        Some(
            self.clock
                .saturating_add(Duration::from_secs(days.saturating_mul(DAY))),
        )
        .filter(|length| *length <= LONGEST)
        .ok_or_else(|| {
            Refusal::new(format!("`{}` is too long a time.", shown(text)))
                .hint("ten years is the longest")
        })
    }
}

/// Takes `2 days and 3 hours`, `1h30m`, `an hour and a half`.
pub(super) fn span(tokens: &mut Tokens<'_>) -> Option<Span> {
    let mut whole = Span::default();
    let mut unit = tokens.attempt(|tokens| term(tokens, &mut whole))?;
    loop {
        let next = tokens.attempt(|tokens| {
            tokens.and();
            if tokens.words(&["a", "half"]) {
                add(&mut whole, 0, "5", unit)?;
                return Some(unit);
            }
            term(tokens, &mut whole)
        });
        match next {
            Some(next) => unit = next,
            None => return Some(whole),
        }
    }
}

/// Takes a unit's name.
pub(super) fn unit(tokens: &mut Tokens<'_>) -> Option<Span> {
    let unit = tokens.known(unit_named)?;
    let mut one = Span::default();
    add(&mut one, 1, "", unit)?;
    Some(one)
}

#[derive(Clone, Copy)]
enum Unit {
    Milliseconds(u64),
    Days(u64),
    Months(u64),
}

fn unit_named(word: &str) -> Option<Unit> {
    Some(match word {
        "ms" | "msec" | "millisecond" | "milliseconds" => Unit::Milliseconds(1),
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Milliseconds(1000),
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Milliseconds(1000 * MINUTE),
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Milliseconds(1000 * HOUR),
        "d" | "day" | "days" => Unit::Days(1),
        "w" | "wk" | "wks" | "week" | "weeks" => Unit::Days(7),
        "fortnight" | "fortnights" => Unit::Days(14),
        "mo" | "month" | "months" => Unit::Months(1),
        "y" | "yr" | "yrs" | "year" | "years" => Unit::Months(12),
        _ => return None,
    })
}

fn term(tokens: &mut Tokens<'_>, whole: &mut Span) -> Option<Unit> {
    let (count, fraction) = count(tokens)?;
    let unit = tokens.known(unit_named)?;
    add(whole, count, fraction, unit)?;
    Some(unit)
}

/// Takes how many: whole ones, and the digits after the point.
fn count<'a>(tokens: &mut Tokens<'a>) -> Option<(u64, &'a str)> {
    if let Some(Token::Number(_)) = tokens.peek() {
        let whole = u64::from(tokens.number(1, 9)?);
        let fraction = if tokens.sign('.') {
            tokens.digits()?
        } else {
            ""
        };
        return Some((whole, fraction));
    }
    if tokens.word(&["half"]) {
        tokens.word(&["a", "an"]);
        return Some((0, "5"));
    }
    tokens.known(number_named).map(|count| (count, ""))
}

fn number_named(word: &str) -> Option<u64> {
    const NAMES: [&str; 12] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    if matches!(word, "a" | "an") {
        return Some(1);
    }
    (1..)
        .zip(NAMES)
        .find(|(_, name)| *name == word)
        .map(|(number, _)| number)
}

/// Adds `count` units and a decimal fraction of one; `None` where that is too much, or no whole number of milliseconds or months.
fn add(whole: &mut Span, count: u64, fraction: &str, unit: Unit) -> Option<()> {
    let parts = 10_u64.pow(
        u32::try_from(fraction.len())
            .ok()
            .filter(|digits| *digits <= 3)?,
    );
    let fraction: u64 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let exactly = |length: u64| {
        let part = length * fraction;
        part.is_multiple_of(parts)
            .then(|| count * length + part / parts)
    };
    match unit {
        Unit::Milliseconds(length) => {
            whole.clock += Duration::from_millis(exactly(length)?);
        }
        Unit::Days(length) if fraction == 0 => {
            let days = u32::try_from(count * length).ok()?;
            whole.days = whole.days.checked_add(days)?;
        }
        Unit::Days(length) => {
            whole.clock += Duration::from_millis(exactly(length * DAY * 1000)?);
        }
        Unit::Months(length) => {
            let months = u32::try_from(exactly(length)?).ok()?;
            whole.months = whole.months.checked_add(months)?;
        }
    }
    Some(())
}

fn say_units(d: Duration, most: usize) -> String {
    let seconds = d.as_secs();
    let milliseconds = if seconds == 0 || most > 2 {
        u64::from(d.subsec_millis())
    } else {
        0
    };
    let parts: Vec<String> = [
        (seconds / DAY, "day"),
        (seconds % DAY / HOUR, "hour"),
        (seconds % HOUR / MINUTE, "minute"),
        (seconds % MINUTE, "second"),
        (milliseconds, "millisecond"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .take(most)
    .map(|(count, unit)| format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
    .collect();
    if parts.is_empty() {
        "0 seconds".into()
    } else {
        parts.join(" ")
    }
}
