//! The gate to chrono-english, which knows `next 4 july` and `last december`.
//!
//! It panics on letters beyond ASCII, prints to standard error on some dates and leaves out what it does not understand.
//! So it sees nothing but `next` or `last`, a month we know and at most a day, and only the date it answers is used.

use std::panic::catch_unwind;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_english::{Dialect, parse_date_string};

use super::Order;
use super::date::month_named;
use super::token::{Token, Tokens};

/// The longest text that goes through, in bytes.
const LONGEST: usize = 64;

/// Takes a date after `next` or `last`.
pub fn date(tokens: &mut Tokens<'_>, now: NaiveDateTime, order: Order) -> Option<NaiveDate> {
    tokens.attempt(|tokens| {
        let mut words: Vec<String> = Vec::new();
        words.push(tokens.known(|word| match word {
            "next" => Some("next".to_string()),
            "last" | "past" => Some("last".to_string()),
            _ => None,
        })?);
        let day = tokens.number(1, 2);
        words.extend(day.map(|day| day.to_string()));
        if day.is_some() {
            tokens.word(&["st", "nd", "rd", "th"]);
            tokens.word(&["of"]);
        }
        let Some(Token::Word(month)) = tokens.peek() else {
            return None;
        };
        month_named(month)?;
        tokens.at += 1;
        words.push(month.into());
        if day.is_none() {
            let day = tokens.number(1, 2);
            words.extend(day.map(|day| day.to_string()));
            if day.is_some() {
                tokens.word(&["st", "nd", "rd", "th"]);
            }
        }
        ask(&words.join(" "), now, order)
    })
}

fn ask(text: &str, now: NaiveDateTime, order: Order) -> Option<NaiveDate> {
    if !text.is_ascii() || text.len() > LONGEST {
        return None;
    }
    let dialect = match order {
        Order::DayMonth => Dialect::Uk,
        Order::MonthDay => Dialect::Us,
    };
    // In UTC no time is skipped: which date it is does not hang on the zone.
    catch_unwind(|| parse_date_string(text, now.and_utc(), dialect))
        .ok()?
        .ok()
        .map(|at| at.date_naive())
}
