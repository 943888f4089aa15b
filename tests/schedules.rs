//! What times and schedules in words mean, and how they are said back.

use std::time::Duration;

use boson::when::{
    Days, Every, Order, Reading, duration, every, moment, moment_before, say, say_duration,
    say_short, zone,
};
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

/// A Wednesday.
const NOW: &str = "2026-11-18T10:30:00Z";

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("the table holds times")
}

fn reading(now: &str, zone: Tz, order: Order) -> Reading {
    Reading {
        now: utc(now),
        zone,
        order,
    }
}

fn plain() -> Reading {
    reading(NOW, Tz::UTC, Order::DayMonth)
}

fn seconds(text: &str) -> Option<u64> {
    duration(text).ok().map(|length| length.as_secs())
}

#[test]
fn durations_are_read() {
    for (text, expected) in [
        ("5 minutes", 300),
        ("5m", 300),
        ("5 MINUTES", 300),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("an hour", 3600),
        ("half an hour", 1800),
        ("half hour", 1800),
        ("an hour and a half", 5400),
        ("1.5 hours", 5400),
        ("2 days and 3 hours", 2 * 86400 + 3 * 3600),
        ("2 days, 3 hours", 2 * 86400 + 3 * 3600),
        ("twelve hours", 43200),
        ("a week", 7 * 86400),
        ("a fortnight", 14 * 86400),
        ("1 month", 30 * 86400),
        ("1 year", 365 * 86400),
        ("ten years", 3650 * 86400),
        ("0 seconds", 0),
        ("90s", 90),
    ] {
        assert_eq!(seconds(text), Some(expected), "{text}");
    }
    assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
    for text in [
        "",
        "90",
        "minutes",
        "5 frob",
        "-5 minutes",
        "5 minutes ago",
        "11 years",
        "in 5 minutes",
        "999999999 years",
        "99999999999999999999 s",
        "5 minutes and",
        "1.2345 hours",
        "é",
        "５ minutes",
    ] {
        assert!(duration(text).is_err(), "{text}");
    }
}

#[test]
fn durations_are_said() {
    for (length, expected) in [
        (0, "0 seconds"),
        (1, "1 second"),
        (300, "5 minutes"),
        (5400, "1 hour 30 minutes"),
        (2 * 86400, "2 days"),
        (86400 + 60, "1 day 1 minute"),
        (90061, "1 day 1 hour"),
        (30 * 86400, "30 days"),
    ] {
        assert_eq!(say_duration(Duration::from_secs(length)), expected);
    }
    assert_eq!(say_duration(Duration::from_millis(1500)), "1 second");
    assert_eq!(say_duration(Duration::from_millis(250)), "250 milliseconds");
}

#[test]
fn moments_to_come() {
    for (text, expected) in [
        ("now", "2026-11-18T10:30:00Z"),
        ("in 5 minutes", "2026-11-18T10:35:00Z"),
        ("5 minutes", "2026-11-18T10:35:00Z"),
        ("in an hour", "2026-11-18T11:30:00Z"),
        ("2 hours from now", "2026-11-18T12:30:00Z"),
        ("3 days later", "2026-11-21T10:30:00Z"),
        ("in 1h30m", "2026-11-18T12:00:00Z"),
        ("in 2 days and 3 hours", "2026-11-20T13:30:00Z"),
        ("in a month", "2026-12-18T10:30:00Z"),
        ("in half a year", "2027-05-18T10:30:00Z"),
        ("in 1.5 years", "2028-05-18T10:30:00Z"),
        ("an hour ago", "2026-11-18T09:30:00Z"),
        ("7 days ago", "2026-11-11T10:30:00Z"),
        ("a year ago", "2025-11-18T10:30:00Z"),
        ("today", "2026-11-18T00:00:00Z"),
        ("today at 18:00", "2026-11-18T18:00:00Z"),
        ("today 18:00", "2026-11-18T18:00:00Z"),
        ("18:00 today", "2026-11-18T18:00:00Z"),
        ("today at 9", "2026-11-18T09:00:00Z"),
        ("today at midnight", "2026-11-19T00:00:00Z"),
        ("tomorrow", "2026-11-19T00:00:00Z"),
        ("tomorrow 9am", "2026-11-19T09:00:00Z"),
        ("tomorrow at 9", "2026-11-19T09:00:00Z"),
        ("Tomorrow at 9 PM", "2026-11-19T21:00:00Z"),
        ("tomorrow at 9.30 p.m.", "2026-11-19T21:30:00Z"),
        ("tomorrow at noon", "2026-11-19T12:00:00Z"),
        ("tomorrow at midnight", "2026-11-19T00:00:00Z"),
        ("tomorrow morning", "2026-11-19T09:00:00Z"),
        ("tomorrow morning at 8", "2026-11-19T08:00:00Z"),
        ("tomorrow evening at 8", "2026-11-19T20:00:00Z"),
        ("at 8 in the evening", "2026-11-18T20:00:00Z"),
        ("9 o'clock tomorrow", "2026-11-19T09:00:00Z"),
        ("the day after tomorrow at 12am", "2026-11-20T00:00:00Z"),
        ("yesterday", "2026-11-17T00:00:00Z"),
        ("yesterday at 17:30", "2026-11-17T17:30:00Z"),
        ("tonight", "2026-11-18T20:00:00Z"),
        ("tonight at 9", "2026-11-18T21:00:00Z"),
        ("tonight at 23:30", "2026-11-18T23:30:00Z"),
        ("tonight at midnight", "2026-11-19T00:00:00Z"),
        ("tonight at 1", "2026-11-19T01:00:00Z"),
        ("this evening", "2026-11-18T18:00:00Z"),
        ("noon", "2026-11-18T12:00:00Z"),
        ("midnight", "2026-11-19T00:00:00Z"),
        ("at 17:30", "2026-11-18T17:30:00Z"),
        ("at 10:30", "2026-11-19T10:30:00Z"),
        ("at 9", "2026-11-19T09:00:00Z"),
        ("5pm", "2026-11-18T17:00:00Z"),
        ("12pm", "2026-11-18T12:00:00Z"),
        ("wednesday", "2026-11-25T00:00:00Z"),
        ("this wednesday", "2026-11-25T00:00:00Z"),
        ("next wednesday", "2026-11-25T00:00:00Z"),
        ("last wednesday", "2026-11-11T00:00:00Z"),
        ("wednesday at 20:00", "2026-11-18T20:00:00Z"),
        ("wednesday at 9", "2026-11-25T09:00:00Z"),
        ("friday", "2026-11-20T00:00:00Z"),
        ("on friday", "2026-11-20T00:00:00Z"),
        ("this friday", "2026-11-20T00:00:00Z"),
        ("next friday", "2026-11-27T00:00:00Z"),
        ("fri 8pm", "2026-11-20T20:00:00Z"),
        ("friday at 20:00", "2026-11-20T20:00:00Z"),
        ("8pm on friday", "2026-11-20T20:00:00Z"),
        ("friday night at 2", "2026-11-21T02:00:00Z"),
        ("last monday", "2026-11-16T00:00:00Z"),
        ("last monday at 9", "2026-11-16T09:00:00Z"),
        ("next monday", "2026-11-23T00:00:00Z"),
        ("next week", "2026-11-25T10:30:00Z"),
        ("next week at 9", "2026-11-25T09:00:00Z"),
        ("last week", "2026-11-11T10:30:00Z"),
        ("this week", "2026-11-16T00:00:00Z"),
        ("next month", "2026-12-18T10:30:00Z"),
        ("last month", "2026-10-18T10:30:00Z"),
        ("this month", "2026-11-01T00:00:00Z"),
        ("next year", "2027-11-18T10:30:00Z"),
        ("last year", "2025-11-18T10:30:00Z"),
        ("this year", "2026-01-01T00:00:00Z"),
        ("1 april", "2027-04-01T00:00:00Z"),
        ("1st april", "2027-04-01T00:00:00Z"),
        ("the 1st of april", "2027-04-01T00:00:00Z"),
        ("1st april 2027", "2027-04-01T00:00:00Z"),
        ("april 1", "2027-04-01T00:00:00Z"),
        ("April 1st, 2028", "2028-04-01T00:00:00Z"),
        ("april", "2027-04-01T00:00:00Z"),
        ("april 2028 at 9:00", "2028-04-01T09:00:00Z"),
        ("april 9:00", "2027-04-01T09:00:00Z"),
        ("1 december at 5pm", "2026-12-01T17:00:00Z"),
        ("18 november", "2027-11-18T00:00:00Z"),
        ("18 november at 11:00", "2026-11-18T11:00:00Z"),
        ("29 february", "2028-02-29T00:00:00Z"),
        ("the 20th", "2026-11-20T00:00:00Z"),
        ("the 1st at noon", "2026-12-01T12:00:00Z"),
        ("on the 31st", "2026-12-31T00:00:00Z"),
        ("3.4.2027", "2027-04-03T00:00:00Z"),
        (
            "saturday 21 november 2026, 09:00 UTC",
            "2026-11-21T09:00:00Z",
        ),
        ("next 4 july", "2027-07-04T00:00:00Z"),
        ("last december", "2025-12-01T00:00:00Z"),
        ("2027-04-01", "2027-04-01T00:00:00Z"),
        ("2027/04/01", "2027-04-01T00:00:00Z"),
        ("2027-04-01 09:00", "2027-04-01T09:00:00Z"),
        ("2027-04-01 at 9am", "2027-04-01T09:00:00Z"),
        ("2027-04-01T09:00:30", "2027-04-01T09:00:30Z"),
        ("2027-04-01T09:00:30.250Z", "2027-04-01T09:00:30.250Z"),
        ("2027-04-01T09:00+02:00", "2027-04-01T07:00:00Z"),
        ("2027-04-01T09:00:00-0530", "2027-04-01T14:30:00Z"),
        ("2027-04-01 09:00 +02", "2027-04-01T07:00:00Z"),
    ] {
        assert_eq!(moment(text, &plain()), Ok(utc(expected)), "{text}");
    }
}

#[test]
fn moments_that_are_over() {
    for (text, expected) in [
        ("7 days", "2026-11-11T10:30:00Z"),
        ("7d", "2026-11-11T10:30:00Z"),
        ("in 7 days", "2026-11-25T10:30:00Z"),
        ("wednesday", "2026-11-11T00:00:00Z"),
        ("wednesday at 9", "2026-11-18T09:00:00Z"),
        ("wednesday at 20:00", "2026-11-11T20:00:00Z"),
        ("friday", "2026-11-13T00:00:00Z"),
        ("monday", "2026-11-16T00:00:00Z"),
        ("last monday", "2026-11-16T00:00:00Z"),
        ("1 april", "2026-04-01T00:00:00Z"),
        ("1 december", "2025-12-01T00:00:00Z"),
        ("18 november", "2026-11-18T00:00:00Z"),
        ("29 february", "2024-02-29T00:00:00Z"),
        ("the 20th", "2026-10-20T00:00:00Z"),
        ("17:30", "2026-11-17T17:30:00Z"),
        ("10:30", "2026-11-18T10:30:00Z"),
        ("midnight", "2026-11-18T00:00:00Z"),
        ("yesterday", "2026-11-17T00:00:00Z"),
        ("2026-11-01", "2026-11-01T00:00:00Z"),
    ] {
        assert_eq!(moment_before(text, &plain()), Ok(utc(expected)), "{text}");
    }
}

#[test]
fn day_and_month_stand_in_the_rooms_order() {
    let uk = plain();
    let us = reading(NOW, Tz::UTC, Order::MonthDay);
    for (text, uk_date, us_date) in [
        ("3/4/2027", "2027-04-03", "2027-03-04"),
        ("3/4", "2027-04-03", "2027-03-04"),
        ("3/4/27", "2027-04-03", "2027-03-04"),
        ("3-4-2027", "2027-04-03", "2027-03-04"),
        ("25/12/2026", "2026-12-25", "2026-12-25"),
        ("12/25/2026", "2026-12-25", "2026-12-25"),
        ("3.4.2027", "2027-04-03", "2027-04-03"),
    ] {
        for (reading, date) in [(&uk, uk_date), (&us, us_date)] {
            let expected = utc(&format!("{date}T00:00:00Z"));
            assert_eq!(moment(text, reading), Ok(expected), "{text}");
        }
    }
    assert_eq!("uk".parse(), Ok(Order::DayMonth));
    assert_eq!("month-day".parse(), Ok(Order::MonthDay));
    assert!("us-uk".parse::<Order>().is_err());
}

#[test]
fn moments_are_in_the_rooms_zone() {
    for (now, zone, text, expected) in [
        (
            NOW,
            Tz::Europe__Berlin,
            "today at 18:00",
            "2026-11-18T17:00:00Z",
        ),
        (
            NOW,
            Tz::America__New_York,
            "today at 18:00",
            "2026-11-18T23:00:00Z",
        ),
        // Still the 17th in New York.
        (
            "2026-11-18T03:00:00Z",
            Tz::America__New_York,
            "today",
            "2026-11-17T05:00:00Z",
        ),
        // Clocks go forward on 28 March 2027 from 2:00 to 3:00.
        (
            NOW,
            Tz::Europe__Berlin,
            "28 march 2027 at 1:30",
            "2027-03-28T00:30:00Z",
        ),
        (
            NOW,
            Tz::Europe__Berlin,
            "28 march 2027 at 2:30",
            "2027-03-28T01:00:00Z",
        ),
        (
            NOW,
            Tz::Europe__Berlin,
            "28 march 2027 at 3:00",
            "2027-03-28T01:00:00Z",
        ),
        // Back on 31 October 2027 from 3:00 to 2:00.
        (
            NOW,
            Tz::Europe__Berlin,
            "31 october 2027 at 2:30",
            "2027-10-31T00:30:00Z",
        ),
        // Forward on 14 March 2027, back on 7 November 2027.
        (
            NOW,
            Tz::America__New_York,
            "14 march 2027 at 2:15",
            "2027-03-14T07:00:00Z",
        ),
        (
            NOW,
            Tz::America__New_York,
            "7 november 2027 at 1:30",
            "2027-11-07T05:30:00Z",
        ),
        // A day is the same time tomorrow, 24 hours are 24 hours.
        (
            "2027-03-27T11:00:00Z",
            Tz::Europe__Berlin,
            "in 1 day",
            "2027-03-28T10:00:00Z",
        ),
        (
            "2027-03-27T11:00:00Z",
            Tz::Europe__Berlin,
            "in 24 hours",
            "2027-03-28T11:00:00Z",
        ),
        // In the hour that is shown twice, the second time.
        (
            "2027-10-31T01:30:00Z",
            Tz::Europe__Berlin,
            "in 5 minutes",
            "2027-10-31T01:35:00Z",
        ),
        // Apia left out the whole of 30 December 2011.
        (
            "2011-12-28T00:00:00Z",
            Tz::Pacific__Apia,
            "30 december 2011 at 9:00",
            "2011-12-30T10:00:00Z",
        ),
    ] {
        let reading = reading(now, zone, Order::DayMonth);
        assert_eq!(
            moment(text, &reading),
            Ok(utc(expected)),
            "{text} in {zone}"
        );
    }
}

#[test]
fn what_is_no_time_is_refused_with_a_hint() {
    for (text, what, hint) in [
        (
            "frobday",
            "`frobday` is no time I understand.",
            "for instance `in 2 hours`, `tomorrow at 9:00` or `1 April`",
        ),
        (
            "wensday at 9",
            "`wensday at 9` is no time I understand.",
            "did you mean `wednesday at 9`?",
        ),
        (
            "31 april",
            "There is no such day in the calendar.",
            "for instance `1 April 2027` or `2027-04-01`",
        ),
        (
            "sunday 21 november 2026",
            "21 November 2026 is a Saturday.",
            "leave out the weekday: `21 November 2026`",
        ),
        (
            "90",
            "`90` has no unit.",
            "did you mean `90 minutes` or `90 days`?",
        ),
        (
            "in 11 years",
            "That is too far away.",
            "ten years is the farthest",
        ),
    ] {
        let refusal = moment(text, &plain()).expect_err(text);
        assert_eq!(
            (refusal.what.as_str(), refusal.hint.as_deref()),
            (what, Some(hint))
        );
    }
    for text in [
        "",
        "at",
        "on",
        "the",
        "25:00",
        "13pm",
        "0am",
        "9",
        "tomorrow at frob",
        "tomorrow 9",
        "1é",
        "w0Z",
        "9:5",
        "9:60",
        "in",
        "in friday",
        "friday monday",
        "9:00 10:00",
        "2027-13-01",
        "2027-02-30",
        "next",
        "next frob",
        "this this evening",
        "2027-04-01T25:00",
        "2027-04-01T09:00+99:00",
        "monkey",
        "a",
        "0 april",
        "the 32nd",
        "tomorrow tomorrow",
        "9999999999999",
        "& & &",
        "in the",
        "at at 9",
    ] {
        assert!(
            moment(text, &plain()).is_err(),
            "{text}: {:?}",
            moment(text, &plain())
        );
        assert!(moment_before(text, &plain()).is_err(), "{text}");
    }
    assert!(moment(&"in 5 minutes ".repeat(50), &plain()).is_err());
}

#[test]
fn schedules_are_read_and_said() {
    for (text, said) in [
        ("5 minutes", "every 5 minutes"),
        ("every 5 minutes", "every 5 minutes"),
        ("Every 5 Minutes", "every 5 minutes"),
        ("each 5m", "every 5 minutes"),
        ("60 seconds", "every minute"),
        ("minute", "every minute"),
        ("hour", "every hour"),
        ("every hour", "every hour"),
        ("hourly", "every hour"),
        ("every 2 hours", "every 2 hours"),
        ("every other hour", "every 2 hours"),
        ("every 90 minutes", "every 1 hour 30 minutes"),
        ("half an hour", "every 30 minutes"),
        (
            "1 day 1 hour 1 minute 1 second",
            "every 1 day 1 hour 1 minute 1 second",
        ),
        ("1.5 seconds", "every 1 second 500 milliseconds"),
        ("daily", "every day"),
        ("every day", "every day"),
        ("24 hours", "every day"),
        ("weekly", "every week"),
        ("every 7 days", "every week"),
        ("every 2 weeks", "every 14 days"),
        ("every day at 9", "every day at 9:00"),
        ("day at 9", "every day at 9:00"),
        ("daily at 9am", "every day at 9:00"),
        ("at 9", "every day at 9:00"),
        ("every day at 9:00 and 17:30", "every day at 9:00 and 17:30"),
        (
            "every day at 17:30, 9 and 12",
            "every day at 9:00, 12:00 and 17:30",
        ),
        ("every day at 9 and at 9:00", "every day at 9:00"),
        ("every day 17:30", "every day at 17:30"),
        ("every morning", "every day at 9:00"),
        ("every morning and evening", "every day at 9:00 and 18:00"),
        ("every day at noon", "every day at 12:00"),
        ("every midnight", "every day at 0:00"),
        ("every day at 9:00:30", "every day at 9:00:30"),
        ("weekdays at 17:30", "every weekday at 17:30"),
        ("on weekdays at 17:30", "every weekday at 17:30"),
        ("every weekday at 17:30", "every weekday at 17:30"),
        ("at 17:30 on weekdays", "every weekday at 17:30"),
        ("every day at 17:30 on weekdays", "every weekday at 17:30"),
        ("every working day at 9", "every weekday at 9:00"),
        ("monday to friday at 9", "every weekday at 9:00"),
        ("mon-fri at 9", "every weekday at 9:00"),
        (
            "friday to monday at 9",
            "every monday, friday, saturday and sunday at 9:00",
        ),
        (
            "every monday and thursday at 8am",
            "every monday and thursday at 8:00",
        ),
        (
            "thursdays, mondays at 8",
            "every monday and thursday at 8:00",
        ),
        ("weekends at noon", "every weekend at 12:00"),
        (
            "every weekday and saturday at 9",
            "every monday, tuesday, wednesday, thursday, friday and saturday at 9:00",
        ),
        ("every monday", "every monday at 0:00"),
        ("every week on monday at 9", "every monday at 9:00"),
        ("weekly on monday at 9", "every monday at 9:00"),
        (
            "on the 1st of every month at 9:00",
            "on the 1st of every month at 9:00",
        ),
        (
            "the 22nd of the month at noon",
            "on the 22nd of every month at 12:00",
        ),
        (
            "every month on the 15th at 9",
            "on the 15th of every month at 9:00",
        ),
        (
            "every month on the 3rd",
            "on the 3rd of every month at 0:00",
        ),
        (
            "the last day of the month at 18:00",
            "on the last day of every month at 18:00",
        ),
        (
            "on the 31st of every month at 9",
            "on the last day of every month at 9:00",
        ),
    ] {
        let read = every(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
        assert_eq!(read.to_string(), said, "{text}");
        assert_eq!(said.parse(), Ok(read), "{said}");
    }
}

#[test]
fn what_is_no_schedule_is_refused_with_a_hint() {
    for (text, what, hint) in [
        (
            "frobday",
            "`frobday` is no time I understand.",
            "for instance `every 5 minutes` or `every day at 9:00`",
        ),
        (
            "180",
            "`180` has no unit.",
            "did you mean `every 180 seconds`?",
        ),
        (
            "every 180",
            "`180` has no unit.",
            "did you mean `every 180 seconds`?",
        ),
        (
            "every wensday at 9",
            "`every wensday at 9` is no time I understand.",
            "did you mean `every wednesday at 9`?",
        ),
        (
            "5 minuets",
            "`5 minuets` is no time I understand.",
            "did you mean `5 minutes`?",
        ),
        (
            "every month",
            "That does not say on which day.",
            "did you mean `on the 1st of every month at 9:00`?",
        ),
        (
            "0 minutes",
            "Every 0 seconds is no schedule.",
            "for instance `every 5 minutes`",
        ),
    ] {
        let refusal = every(text).expect_err(text);
        assert_eq!(
            (refusal.what.as_str(), refusal.hint.as_deref()),
            (what, Some(hint))
        );
    }
    for text in [
        "",
        "every",
        "on",
        "every every",
        "every at",
        "every on",
        "every week on",
        "monday at 8 and tuesday at 9",
        "every 5",
        "every 2 days at 9",
        "every day at 25:00",
        "every day at",
        "5 minutes ago",
        "in 5 minutes",
        "every day at 9 pm am",
        "11 years",
        "every -5 minutes",
        "é",
        "every day on",
        "the 1st",
        "the 32nd of every month",
    ] {
        assert!(every(text).is_err(), "{text}: {:?}", every(text));
    }
}

#[test]
fn schedules_come_round_by_the_rooms_clock() {
    for (text, zone, after, turns) in [
        (
            "every 5 minutes",
            Tz::UTC,
            NOW,
            &["2026-11-18T10:35:00Z"][..],
        ),
        (
            "every day at 10:30",
            Tz::UTC,
            NOW,
            &["2026-11-19T10:30:00Z"],
        ),
        (
            "every day at 9:00 and 17:30",
            Tz::UTC,
            NOW,
            &["2026-11-18T17:30:00Z", "2026-11-19T09:00:00Z"],
        ),
        (
            "weekdays at 17:30",
            Tz::UTC,
            "2026-11-20T17:30:00Z",
            &["2026-11-23T17:30:00Z"],
        ),
        (
            "mondays at 9",
            Tz::America__New_York,
            NOW,
            &["2026-11-23T14:00:00Z", "2026-11-30T14:00:00Z"],
        ),
        // Berlin skips 2:30 on 28 March 2027, and shows it twice on 31 October.
        (
            "every day at 2:30",
            Tz::Europe__Berlin,
            "2027-03-26T12:00:00Z",
            &[
                "2027-03-27T01:30:00Z",
                "2027-03-28T01:00:00Z",
                "2027-03-29T00:30:00Z",
            ],
        ),
        (
            "every day at 2:15, 2:45 and 3:00",
            Tz::Europe__Berlin,
            "2027-03-27T12:00:00Z",
            &["2027-03-28T01:00:00Z", "2027-03-29T00:15:00Z"],
        ),
        (
            "every day at 2:30",
            Tz::Europe__Berlin,
            "2027-10-30T12:00:00Z",
            &["2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"],
        ),
        (
            "every day at 1:30",
            Tz::America__New_York,
            "2027-11-06T12:00:00Z",
            &["2027-11-07T05:30:00Z", "2027-11-08T06:30:00Z"],
        ),
        // Between the two showings of 2:30 the next is tomorrow's.
        (
            "every day at 2:30",
            Tz::Europe__Berlin,
            "2027-10-31T01:00:00Z",
            &["2027-11-01T01:30:00Z"],
        ),
        // Havana and Beirut change their clocks at midnight.
        (
            "every day at 0:00",
            Tz::America__Havana,
            "2027-03-13T12:00:00Z",
            &["2027-03-14T05:00:00Z", "2027-03-15T04:00:00Z"],
        ),
        (
            "fridays at 9",
            Tz::Pacific__Apia,
            "2011-12-28T00:00:00Z",
            &["2011-12-30T10:00:00Z", "2012-01-05T19:00:00Z"],
        ),
        (
            "the 31st of every month at 9",
            Tz::UTC,
            "2027-01-31T09:00:00Z",
            &["2027-02-28T09:00:00Z", "2027-03-31T09:00:00Z"],
        ),
        (
            "the 1st of every month at 9",
            Tz::UTC,
            NOW,
            &["2026-12-01T09:00:00Z", "2027-01-01T09:00:00Z"],
        ),
        (
            "the 30th of every month at 9",
            Tz::UTC,
            "2028-02-01T00:00:00Z",
            &["2028-02-29T09:00:00Z"],
        ),
    ] {
        let schedule = every(text).expect(text);
        let mut after = utc(after);
        for turn in turns {
            after = schedule.next(after, zone);
            assert_eq!(after, utc(turn), "{text} in {zone}");
        }
    }
    assert_eq!(
        every("daily at 9").map(|every| every.next(DateTime::<Utc>::MAX_UTC, Tz::UTC)),
        Ok(DateTime::<Utc>::MAX_UTC)
    );
}

#[test]
fn the_shortest_wait_is_known() {
    for (text, shortest) in [
        ("every 5 minutes", 300),
        ("every day at 9", 86400),
        ("every day at 9 and 10", 3600),
        ("every day at 23:30 and 0:15", 45 * 60),
        ("mondays at 9", 7 * 86400),
        ("weekends at 9", 86400),
        ("mondays and thursdays at 9", 3 * 86400),
        ("the 1st of every month at 9", 28 * 86400),
    ] {
        let schedule = every(text).expect(text);
        assert_eq!(schedule.shortest(), Duration::from_secs(shortest), "{text}");
        assert_eq!(schedule.is_clock(), !matches!(schedule, Every::Interval(_)));
    }
}

#[test]
fn times_are_said_in_the_rooms_zone_and_order() {
    let uk = reading("2026-11-21T06:00:00Z", Tz::UTC, Order::DayMonth);
    let us = reading(
        "2026-11-21T06:00:00Z",
        Tz::America__New_York,
        Order::MonthDay,
    );
    let nowhere = reading(
        "2026-11-21T06:00:00Z",
        Tz::America__Sao_Paulo,
        Order::DayMonth,
    );
    for (reading, at, long, short) in [
        (
            &uk,
            "2026-11-21T09:00:00Z",
            "Saturday 21 November 2026, 09:00 UTC (in 3 hours)",
            "today 09:00",
        ),
        (
            &uk,
            "2026-11-21T06:00:00Z",
            "Saturday 21 November 2026, 06:00 UTC (now)",
            "today 06:00",
        ),
        (
            &uk,
            "2026-11-20T05:30:00Z",
            "Friday 20 November 2026, 05:30 UTC (1 day 30 minutes ago)",
            "yesterday 05:30",
        ),
        (
            &uk,
            "2026-11-22T06:00:00Z",
            "Sunday 22 November 2026, 06:00 UTC (in 1 day)",
            "tomorrow 06:00",
        ),
        (
            &uk,
            "2026-12-01T06:00:00Z",
            "Tuesday 1 December 2026, 06:00 UTC (in 10 days)",
            "1 Dec 06:00",
        ),
        (
            &uk,
            "2027-07-01T06:00:00Z",
            "Thursday 1 July 2027, 06:00 UTC (in 222 days)",
            "1 Jul 2027 06:00",
        ),
        (
            &us,
            "2026-12-01T06:00:00Z",
            "Tuesday December 1 2026, 01:00 EST (in 10 days)",
            "Dec 1 01:00",
        ),
        (
            &us,
            "2027-07-01T06:00:00Z",
            "Thursday July 1 2027, 02:00 EDT (in 222 days)",
            "Jul 1 2027 02:00",
        ),
        (
            &nowhere,
            "2026-11-21T09:00:00Z",
            "Saturday 21 November 2026, 06:00 UTC-03 (in 3 hours)",
            "today 06:00",
        ),
    ] {
        assert_eq!(say(utc(at), reading), long);
        assert_eq!(say_short(utc(at), reading), short);
    }
    for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert!(!say(at, &us).is_empty() && !say_short(at, &us).is_empty());
    }
}

#[test]
fn zones_are_found_by_name() {
    for (text, expected) in [
        ("Europe/Berlin", Tz::Europe__Berlin),
        ("europe/berlin", Tz::Europe__Berlin),
        ("berlin", Tz::Europe__Berlin),
        (" New York ", Tz::America__New_York),
        ("america/new york", Tz::America__New_York),
        ("utc", Tz::UTC),
        ("cet", Tz::CET),
        ("utc+2", Tz::Etc__GMTMinus2),
        ("GMT-03:00", Tz::Etc__GMTPlus3),
    ] {
        assert_eq!(zone(text), Ok(expected), "{text}");
    }
    let hint = |text: &str| {
        zone(text)
            .expect_err(text)
            .hint
            .expect("there is always a hint")
    };
    assert_eq!(hint("berln"), "did you mean `Europe/Berlin`?");
    assert_eq!(hint("Europe/Berlim"), "did you mean `Europe/Berlin`?");
    assert_eq!(
        hint("zzz"),
        "for instance `Europe/Berlin`, `America/New_York` or `UTC`"
    );
    for text in ["", "utc+99", "utc+", "gmt-é", "é", "/"] {
        assert!(zone(text).is_err(), "{text}");
    }
}

#[test]
fn schedules_are_stored_as_words() {
    let schedule = every("mondays at 9").expect("a schedule");
    let stored = serde_json::to_string(&schedule).expect("a string");
    assert_eq!(stored, "\"every monday at 9:00\"");
    assert_eq!(
        serde_json::from_str::<Every>(&stored).expect("the same"),
        schedule
    );
    assert!(serde_json::from_str::<Every>("\"frobday\"").is_err());
}

const ZONES: [Tz; 6] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::Asia__Kathmandu,
    Tz::America__Havana,
];

fn time_words() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "every",
        "each",
        "on",
        "at",
        "in",
        "the",
        "of",
        "and",
        "a",
        "an",
        "half",
        "ago",
        "next",
        "last",
        "this",
        "day",
        "days",
        "week",
        "month",
        "year",
        "hour",
        "minutes",
        "second",
        "other",
        "monday",
        "fri",
        "weekdays",
        "weekend",
        "april",
        "feb",
        "december",
        "today",
        "tomorrow",
        "yesterday",
        "tonight",
        "noon",
        "midnight",
        "morning",
        "evening",
        "1",
        "2",
        "9",
        "15",
        "29",
        "31",
        "1st",
        "31st",
        "9:00",
        "17:30",
        "5pm",
        "12am",
        "2027",
        "2027-04-01",
        "3/4",
        "3/4/27",
        "3.4.2027",
        "t",
        "z",
        "utc",
        "+02:00",
        "1h30m",
        "from",
        "now",
        "-",
        "to",
        ":",
        ".",
        "/",
        "é",
        "999999999",
        "1.5",
        "before",
        "after",
        "o'clock",
        "past",
    ]);
    prop::collection::vec(words, 0..8).prop_map(|words| words.join(" "))
}

fn all_days() -> impl Strategy<Value = Days> {
    prop::collection::vec(0..7_usize, 1..7).prop_map(|days| {
        let week: Vec<_> = Days::ALL.iter().collect();
        days.into_iter()
            .map(|day| Days::one(week[day]))
            .reduce(Days::and)
            .expect("at least one")
    })
}

fn times() -> impl Strategy<Value = Vec<chrono::NaiveTime>> {
    prop::collection::btree_set(0..1440_u32, 1..5).prop_map(|minutes| {
        minutes
            .into_iter()
            .filter_map(|minute| chrono::NaiveTime::from_hms_opt(minute / 60, minute % 60, 0))
            .collect()
    })
}

fn schedules() -> impl Strategy<Value = Every> {
    prop_oneof![
        (1..315_360_000_u64).prop_map(|seconds| Every::Interval(Duration::from_secs(seconds))),
        (all_days(), times()).prop_map(|(days, at)| Every::Clock { days, at }),
        (1..=31_u32, times()).prop_map(|(day, at)| Every::Month {
            day: boson::when::DayOfMonth::new(day).expect("a day"),
            at,
        }),
    ]
}

/// Times between 1990 and 2060, a third of them near a change of clocks.
fn some_time() -> impl Strategy<Value = DateTime<Utc>> {
    prop_oneof![
        2 => 631_152_000..2_840_140_800_i64,
        1 => (0..200_000_i64).prop_map(|after| utc("2027-03-27T00:00:00Z").timestamp() + after),
    ]
    .prop_filter_map("a time", |seconds| DateTime::from_timestamp(seconds, 0))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in prop_oneof![any::<String>(), time_words()], at in some_time(), zone in prop::sample::select(ZONES.to_vec())) {
        let reading = Reading { now: at, zone, order: Order::MonthDay };
        let _ = duration(&text);
        let _ = boson::when::zone(&text);
        for at in [moment(&text, &reading), moment_before(&text, &reading)].into_iter().flatten() {
            prop_assert!(!say(at, &reading).is_empty());
        }
        if let Ok(schedule) = every(&text) {
            let said = schedule.to_string();
            prop_assert_eq!(every(&said), Ok(schedule), "{}", said);
        }
    }

    #[test]
    fn schedules_survive_being_said(schedule in schedules()) {
        prop_assert_eq!(schedule.to_string().parse(), Ok(schedule));
    }

    #[test]
    fn turns_only_go_forward_and_keep_their_promise(schedule in schedules(), start in some_time(), zone in prop::sample::select(ZONES.to_vec())) {
        let mut after = start;
        for _ in 0..6 {
            let next = schedule.next(after, zone);
            prop_assert!(next > after);
            let local = next.with_timezone(&zone);
            match &schedule {
                Every::Interval(interval) => prop_assert_eq!((next - after).to_std(), Ok(*interval)),
                Every::Clock { days, at } => {
                    prop_assert!(days.contains(local.weekday()));
                    prop_assert!(at.contains(&local.time()) || follows_a_gap(next, zone), "{}", local);
                    prop_assert!(next - after <= TimeDelta::days(8));
                }
                Every::Month { day, at } => {
                    prop_assert!(local.day() == day.number() || local.day() >= 28);
                    prop_assert!(at.contains(&local.time()) || follows_a_gap(next, zone), "{}", local);
                    prop_assert!(next - after <= TimeDelta::days(32));
                }
            }
            after = next;
        }
    }

    #[test]
    fn two_units_survive_being_said(unit in 0..3_usize, large in 1..24_u64, small in 0..24_u64) {
        let (first, second) = [(86400, 3600), (3600, 60), (60, 1)][unit];
        let length = Duration::from_secs(large * first + small * second);
        prop_assert_eq!(duration(&say_duration(length)), Ok(length));
    }

    #[test]
    fn what_is_said_can_be_read(at in some_time(), now in some_time()) {
        for order in [Order::DayMonth, Order::MonthDay] {
            let reading = Reading { now, zone: Tz::UTC, order };
            let said = say(at, &reading);
            let bare = said.split(" (").next().expect("a beginning");
            prop_assert_eq!(moment(bare, &reading), Ok(at.with_second(0).expect("a minute")), "{}", bare);
        }
    }
}

/// Whether the clocks of `zone` were put forward to show `at`.
fn follows_a_gap(at: DateTime<Utc>, zone: Tz) -> bool {
    let before = (at - TimeDelta::seconds(1))
        .with_timezone(&zone)
        .naive_local();
    at.with_timezone(&zone).naive_local() - before > TimeDelta::seconds(1)
}
