//! The days schedules name: sets of weekdays, days of the month.

use std::fmt;

use chrono::Weekday;

use super::date::weekday_named;
use super::every::listed;

/// A set of weekdays, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Days(u8);

/// The number of a day in its month; in shorter months it is the last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DayOfMonth(u32);

const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

impl Days {
    pub const ALL: Days = Days(0b111_1111);
    /// Monday to Friday.
    pub const WEEKDAYS: Days = Days(0b001_1111);
    pub const WEEKEND: Days = Days(0b110_0000);

    /// The set of one day.
    pub fn one(day: Weekday) -> Days {
        Days(1 << day.num_days_from_monday())
    }

    /// `first` to `last`, around the end of the week if need be.
    pub fn range(first: Weekday, last: Weekday) -> Days {
        let mut days = Days::one(first);
        let mut day = first;
        while day != last {
            day = day.succ();
            days = days.and(Days::one(day));
        }
        days
    }

    /// The days of both.
    pub fn and(self, other: Days) -> Days {
        Days(self.0 | other.0)
    }

    pub fn contains(self, day: Weekday) -> bool {
        self.0 & Days::one(day).0 != 0
    }

    /// From Monday on.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        WEEK.into_iter().filter(move |day| self.contains(*day))
    }
}

impl DayOfMonth {
    /// `None` where no month has such a day.
    pub fn new(day: u32) -> Option<DayOfMonth> {
        (1..=31).contains(&day).then_some(DayOfMonth(day))
    }

    /// 1 to 31.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Days::ALL => f.write_str("day"),
            Days::WEEKDAYS => f.write_str("weekday"),
            Days::WEEKEND => f.write_str("weekend"),
            days => {
                let names = days.iter().map(|day| match day {
                    Weekday::Mon => "monday",
                    Weekday::Tue => "tuesday",
                    Weekday::Wed => "wednesday",
                    Weekday::Thu => "thursday",
                    Weekday::Fri => "friday",
                    Weekday::Sat => "saturday",
                    Weekday::Sun => "sunday",
                });
                f.write_str(&listed(names.map(String::from).collect()))
            }
        }
    }
}

impl fmt::Display for DayOfMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ending = match self.0 {
            // In most months that is what it comes to.
            31 => return f.write_str("last day"),
            1 | 21 => "st",
            2 | 22 => "nd",
            3 | 23 => "rd",
            _ => "th",
        };
        write!(f, "{}{ending}", self.0)
    }
}

/// The days a word names, in the singular or plural.
pub(super) fn days_named(word: &str) -> Option<Days> {
    match word {
        "day" | "days" | "daily" => Some(Days::ALL),
        "weekday" | "weekdays" | "workday" | "workdays" => Some(Days::WEEKDAYS),
        "weekend" | "weekends" => Some(Days::WEEKEND),
        _ => weekday_named(word).map(Days::one),
    }
}
