//! The day: `today`, `next friday`, `1st april 2027`, `3/4`.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, Weekday};

use super::token::{Token, Tokens};
use super::{Order, Trouble, english};
use crate::model::Refusal;

/// A day as it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    On(NaiveDate),
    /// The same time on another day: `next week`.
    Same(NaiveDateTime),
    /// A weekday, alone: `friday`.
    Weekday(Weekday),
    /// A date without its year: `1 april`.
    Yearly {
        month: u32,
        day: u32,
    },
    /// A date without its month: `the 15th`.
    Monthly {
        day: u32,
    },
}

/// What `day` reads against.
#[derive(Clone, Copy)]
pub struct Today {
    /// The room's clock.
    pub now: NaiveDateTime,
    pub order: Order,
}

/// Takes a day, if there is one.
pub fn day(tokens: &mut Tokens<'_>, today: Today) -> Result<Option<Day>, Trouble> {
    let found = tokens
        .attempt(|tokens| relative(tokens, today.now.date()))
        .or_else(|| tokens.attempt(|tokens| shifted(tokens, today.now)))
        .or_else(|| english::date(tokens, today.now, today.order).map(Day::On));
    match found {
        Some(day) => Ok(Some(day)),
        None => calendar(tokens, today.order),
    }
}

/// The month a word names.
pub fn month_named(word: &str) -> Option<u32> {
    Some(match word {
        "january" | "jan" => 1,
        "february" | "feb" => 2,
        "march" | "mar" => 3,
        "april" | "apr" => 4,
        "may" => 5,
        "june" | "jun" => 6,
        "july" | "jul" => 7,
        "august" | "aug" => 8,
        "september" | "sep" | "sept" => 9,
        "october" | "oct" => 10,
        "november" | "nov" => 11,
        "december" | "dec" => 12,
        _ => return None,
    })
}

/// The weekday a word names, in the singular or plural.
pub fn weekday_named(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mondays" | "mon" => Weekday::Mon,
        "tuesday" | "tuesdays" | "tue" | "tues" => Weekday::Tue,
        "wednesday" | "wednesdays" | "wed" | "weds" => Weekday::Wed,
        "thursday" | "thursdays" | "thu" | "thur" | "thurs" => Weekday::Thu,
        "friday" | "fridays" | "fri" => Weekday::Fri,
        "saturday" | "saturdays" | "sat" => Weekday::Sat,
        "sunday" | "sundays" | "sun" => Weekday::Sun,
        _ => return None,
    })
}

/// Takes `1st`, or `1` where `bare`: the number of a day in its month.
pub fn ordinal(tokens: &mut Tokens<'_>, bare: bool) -> Option<u32> {
    tokens.attempt(|tokens| {
        let day = tokens.number(1, 2).filter(|day| (1..=31).contains(day))?;
        (tokens.word(&["st", "nd", "rd", "th"]) || bare).then_some(day)
    })
}

fn relative(tokens: &mut Tokens<'_>, today: NaiveDate) -> Option<Day> {
    let days = |days: i64| {
        let day = if days < 0 {
            today.checked_sub_days(Days::new(days.unsigned_abs()))
        } else {
            today.checked_add_days(Days::new(days.unsigned_abs()))
        };
        day.map(Day::On)
    };
    if tokens.word(&["today"]) {
        return days(0);
    }
    if tokens.word(&["tomorrow", "tmrw"]) {
        return days(1);
    }
    if tokens.word(&["yesterday"]) {
        return days(-1);
    }
    tokens.word(&["the"]);
    if tokens.words(&["day", "after", "tomorrow"]) {
        return days(2);
    }
    if tokens.words(&["day", "before", "yesterday"]) {
        return days(-2);
    }
    None
}

#[derive(Clone, Copy)]
enum Shift {
    This,
    Next,
    Last,
}

/// Takes `friday`, `next friday`, `last week`, `this month`.
fn shifted(tokens: &mut Tokens<'_>, now: NaiveDateTime) -> Option<Day> {
    let today = now.date();
    let shift = tokens.known(|word| match word {
        "this" | "coming" => Some(Shift::This),
        "next" => Some(Shift::Next),
        "last" | "past" | "previous" => Some(Shift::Last),
        _ => None,
    });
    let weekday = |word: &str| match word {
        "weekend" => Some(Weekday::Sat),
        _ => weekday_named(word),
    };
    if let Some(weekday) = tokens.known(weekday) {
        return match shift {
            None | Some(Shift::This) => Some(Day::Weekday(weekday)),
            Some(Shift::Next) => monday(today)?
                .checked_add_days(Days::new(7 + u64::from(weekday.num_days_from_monday())))
                .map(Day::On),
            Some(Shift::Last) => today
                .checked_sub_days(Days::new(days_between(weekday, today.weekday())))
                .map(Day::On),
        };
    }
    let shift = shift?;
    if tokens.word(&["week"]) {
        return match shift {
            Shift::This => monday(today).map(Day::On),
            Shift::Next => now.checked_add_days(Days::new(7)).map(Day::Same),
            Shift::Last => now.checked_sub_days(Days::new(7)).map(Day::Same),
        };
    }
    let months = if tokens.word(&["month"]) {
        1
    } else if tokens.word(&["year"]) {
        12
    } else {
        return None;
    };
    match shift {
        Shift::This => {
            let month = if months == 1 { today.month() } else { 1 };
            NaiveDate::from_ymd_opt(today.year(), month, 1).map(Day::On)
        }
        Shift::Next => now.checked_add_months(Months::new(months)).map(Day::Same),
        Shift::Last => now.checked_sub_months(Months::new(months)).map(Day::Same),
    }
}

/// From one weekday forward to the next such other: 1 to 7.
pub fn days_between(from: Weekday, to: Weekday) -> u64 {
    match u64::from(to.days_since(from)) {
        0 => 7,
        days => days,
    }
}

fn monday(today: NaiveDate) -> Option<NaiveDate> {
    today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))
}

/// Takes a date of the calendar.
fn calendar(tokens: &mut Tokens<'_>, order: Order) -> Result<Option<Day>, Trouble> {
    if let Some(numbers) = tokens.attempt(numbers) {
        let (year, month, day) = numbers.in_order(order);
        return dated(year, month, day).map(Some);
    }
    let named = tokens.attempt(|tokens| {
        tokens.word(&["the"]);
        let day = ordinal(tokens, true)?;
        tokens.word(&["of"]);
        Some((Some(day), tokens.known(month_named)?))
    });
    let named = named.or_else(|| {
        tokens.attempt(|tokens| {
            let month = tokens.known(month_named)?;
            tokens.word(&["the"]);
            let day = tokens.attempt(|tokens| {
                let day = ordinal(tokens, true)?;
                // `april 9:00` has a time, not a day.
                (!matches!(
                    tokens.peek(),
                    Some(Token::Sign(':' | '.')) | Some(Token::Word("am" | "pm"))
                ))
                .then_some(day)
            });
            Some((day, month))
        })
    });
    if let Some((day, month)) = named {
        return dated(tokens.number(4, 4), month, day.unwrap_or(1)).map(Some);
    }
    Ok(tokens.attempt(|tokens| {
        tokens.word(&["the"]);
        ordinal(tokens, false).map(|day| Day::Monthly { day })
    }))
}

/// A date in numbers, in the order it was written.
enum Numbers {
    YearFirst(u32, u32, u32),
    /// Years come last, if at all.
    Slashes(u32, u32, Option<u32>),
    Points(u32, u32, Option<u32>),
}

impl Numbers {
    /// Year, month, day.
    fn in_order(self, order: Order) -> (Option<u32>, u32, u32) {
        match self {
            Numbers::YearFirst(year, month, day) => (Some(year), month, day),
            Numbers::Points(day, month, year) => (year, month, day),
            Numbers::Slashes(first, second, year) => {
                let day_first = match order {
                    Order::DayMonth => second <= 12,
                    Order::MonthDay => first > 12,
                };
                if day_first {
                    (year, second, first)
                } else {
                    (year, first, second)
                }
            }
        }
    }
}

fn numbers(tokens: &mut Tokens<'_>) -> Option<Numbers> {
    if let Some(year) = tokens.number(4, 4) {
        let sign = separator(tokens)?;
        let month = tokens.number(1, 2)?;
        tokens.sign(sign).then_some(())?;
        return Some(Numbers::YearFirst(year, month, tokens.number(1, 2)?));
    }
    let first = tokens.number(1, 2)?;
    let sign = separator(tokens)?;
    let second = tokens.number(1, 2)?;
    let more = tokens.sign(sign);
    let year = if more {
        tokens
            .number(4, 4)
            .or_else(|| tokens.number(2, 2).map(|year| 2000 + year))
    } else {
        None
    };
    match sign {
        // `3.4` alone may be anything.
        '.' if more => Some(Numbers::Points(first, second, year)),
        '-' if year.is_some() => Some(Numbers::Slashes(first, second, year)),
        '/' if more == year.is_some() => Some(Numbers::Slashes(first, second, year)),
        _ => None,
    }
}

fn separator(tokens: &mut Tokens<'_>) -> Option<char> {
    ['-', '/', '.'].into_iter().find(|sign| tokens.sign(*sign))
}

/// A date that exists.
fn dated(year: Option<u32>, month: u32, day: u32) -> Result<Day, Trouble> {
    // A year with a 29 February stands in where none was said.
    let known = year.unwrap_or(2000);
    let date = i32::try_from(known)
        .ok()
        .and_then(|known| NaiveDate::from_ymd_opt(known, month, day));
    match (date, year) {
        (Some(_), None) => Ok(Day::Yearly { month, day }),
        (Some(date), Some(_)) => Ok(Day::On(date)),
        (None, _) => Err(Refusal::new("There is no such day in the calendar.")
            .hint("for instance `1 April 2027` or `2027-04-01`")
            .into()),
    }
}
