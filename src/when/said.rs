//! A day and a time of day as they were said together, and the moment they mean.

use chrono::{
    DateTime, Datelike, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc,
    Weekday,
};

use super::date::{Day, Today, day};
use super::hour::{Hour, Part, hour};
use super::moment::Way;
use super::token::Tokens;
use super::{Reading, Trouble, zone};
use crate::model::Refusal;

/// A day, a time of day and what stands beside them, in whatever order they were said.
#[derive(Default)]
pub struct Said {
    day: Option<Day>,
    hour: Option<Hour>,
    part: Option<Part>,
    offset: Option<FixedOffset>,
}

impl Said {
    /// Takes all of `tokens`.
    pub fn read(tokens: &mut Tokens<'_>, reading: &Reading) -> Result<Said, Trouble> {
        let today = Today {
            now: zone::local(reading.now, reading.zone),
            order: reading.order,
        };
        let mut said = Said::default();
        while !tokens.is_done() {
            if !said.piece(tokens, today)? {
                return Err(Trouble::Unclear);
            }
        }
        if said.day.is_none() && said.hour.is_none() && said.part.is_none() {
            return Err(Trouble::Unclear);
        }
        Ok(said)
    }

    /// Takes one more piece; false where nothing fits.
    fn piece(&mut self, tokens: &mut Tokens<'_>, today: Today) -> Result<bool, Trouble> {
        if self.part.is_none() && self.take_part(tokens, today.now.date()) {
            return Ok(true);
        }
        tokens.word(&["on"]);
        let weekday = match self.day {
            None => None,
            Some(Day::Weekday(weekday)) => Some(weekday),
            Some(Day::On(_) | Day::Same(_) | Day::Yearly { .. } | Day::Monthly { .. }) => {
                return Ok(self.take_hour(tokens));
            }
        };
        let Some(day) = day(tokens, today)? else {
            return Ok(self.take_hour(tokens));
        };
        // `saturday 21 november`: the weekday is checked, not obeyed.
        self.day = Some(match weekday {
            Some(weekday) => agreed(weekday, day)?,
            None => day,
        });
        Ok(true)
    }

    /// Takes `tonight`, `this evening`, `in the morning`, `night`.
    fn take_part(&mut self, tokens: &mut Tokens<'_>, today: NaiveDate) -> bool {
        let part = tokens.attempt(|tokens| {
            if tokens.word(&["tonight"]) {
                return Some((true, Part::Night));
            }
            let this = tokens.word(&["this"]);
            if !this {
                tokens.words(&["in", "the"]);
            }
            let part = tokens.known(Part::named)?;
            (!this || self.day.is_none()).then_some((this, part))
        });
        let Some((this, part)) = part else {
            return false;
        };
        self.part = Some(part);
        if this {
            self.day = Some(Day::On(today));
        }
        true
    }

    fn take_hour(&mut self, tokens: &mut Tokens<'_>) -> bool {
        if self.hour.is_some() {
            return false;
        }
        let at = tokens.word(&["at", "t"]) || tokens.sign('@');
        self.hour = hour(tokens, at);
        if self.hour.is_some() {
            self.offset = tokens.attempt(offset);
        }
        self.hour.is_some()
    }

    /// The moment that is meant: of several, the next or the latest.
    pub fn moment(self, reading: &Reading, way: Way) -> Result<DateTime<Utc>, Trouble> {
        let never = || {
            Trouble::from(
                Refusal::new("There is no such day in the calendar.")
                    .hint("for instance `1 April 2027`"),
            )
        };
        let now = zone::local(reading.now, reading.zone);
        let today = now.date();
        let time = self.time();
        let at = |day: NaiveDate| {
            let local = self.on(day, time.unwrap_or(NaiveTime::MIN), today)?;
            Some(match self.offset {
                Some(offset) => {
                    (local - TimeDelta::seconds(i64::from(offset.local_minus_utc()))).and_utc()
                }
                None => zone::at(local, reading.zone),
            })
        };
        let fits = |at: &DateTime<Utc>| match way {
            Way::Ahead => *at > reading.now,
            Way::Back => *at <= reading.now,
        };
        let found = match self.day {
            Some(Day::On(day)) => at(day),
            Some(Day::Same(local)) => match time {
                Some(_) => at(local.date()),
                None => Some(zone::at(local, reading.zone)),
            },
            Some(Day::Weekday(weekday)) => (0..=8)
                .filter_map(|distance| neighbour(today, distance, way))
                .filter(|day| day.weekday() == weekday && (time.is_some() || *day != today))
                .filter_map(at)
                .find(fits),
            Some(Day::Yearly { month, day }) => (-1..=9)
                .filter_map(|distance| {
                    let years = match way {
                        Way::Ahead => distance,
                        Way::Back => -distance,
                    };
                    NaiveDate::from_ymd_opt(today.year() + years, month, day)
                })
                .filter_map(at)
                .find(fits),
            Some(Day::Monthly { day }) => {
                let first = today.with_day(1).ok_or_else(never)?;
                (0..=13)
                    .filter_map(|distance| {
                        let months = Months::new(distance);
                        match way {
                            Way::Ahead => first.checked_add_months(months),
                            Way::Back => first.checked_sub_months(months),
                        }
                    })
                    .filter_map(|month| month.with_day(day))
                    .filter_map(at)
                    .find(fits)
            }
            None => [-1, 0, 1, 2]
                .into_iter()
                .filter_map(|distance| neighbour(today, distance, way))
                .filter_map(at)
                .find(fits),
        };
        found.ok_or_else(never)
    }

    /// The time of day, with `at 9` in the evening being 21:00.
    fn time(&self) -> Option<NaiveTime> {
        let part = self.part;
        let Some(hour) = self.hour else {
            return part.map(Part::time);
        };
        let late = part.is_some_and(Part::is_late) && !hour.half;
        let early = TimeDelta::hours(if part == Some(Part::Night) { 5 } else { 1 });
        let since = hour.time - NaiveTime::MIN;
        Some(if late && since >= early && since < TimeDelta::hours(12) {
            hour.time + TimeDelta::hours(12)
        } else {
            hour.time
        })
    }

    /// `time` on `day`; tonight's small hours and today's midnight are on the next.
    fn on(&self, day: NaiveDate, time: NaiveTime, today: NaiveDate) -> Option<NaiveDateTime> {
        let is_today = self.day == Some(Day::On(today)) && day == today;
        let night = self.part == Some(Part::Night)
            && self.hour.is_some()
            && time < NaiveTime::from_hms_opt(5, 0, 0)?;
        let midnight =
            self.part.is_none() && is_today && self.hour.is_some_and(|hour| hour.midnight);
        let day = if night || midnight {
            day.succ_opt()?
        } else {
            day
        };
        Some(day.and_time(time))
    }
}

/// The day `distance` days further along `way`.
fn neighbour(today: NaiveDate, distance: i64, way: Way) -> Option<NaiveDate> {
    today.checked_add_signed(match way {
        Way::Ahead => TimeDelta::days(distance),
        Way::Back => TimeDelta::days(-distance),
    })
}

fn agreed(weekday: Weekday, day: Day) -> Result<Day, Trouble> {
    match day {
        Day::On(date) if date.weekday() != weekday => Err(Refusal::new(format!(
            "{} is a {}.",
            date.format("%-d %B %Y"),
            date.format("%A")
        ))
        .hint(format!(
            "leave out the weekday: `{}`",
            date.format("%-d %B %Y")
        ))
        .into()),
        Day::On(_) | Day::Yearly { .. } | Day::Monthly { .. } => Ok(day),
        Day::Same(_) | Day::Weekday(_) => Err(Trouble::Unclear),
    }
}

/// Takes `z`, `utc` or `+02:00`.
fn offset(tokens: &mut Tokens<'_>) -> Option<FixedOffset> {
    if tokens.word(&["z", "utc", "gmt"]) {
        return FixedOffset::east_opt(0);
    }
    let east = tokens.sign('+');
    if !east && !tokens.sign('-') && !tokens.sign('−') {
        return None;
    }
    let (hours, minutes) = match tokens.digits()? {
        digits if digits.len() == 4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        digits if digits.len() <= 2 => {
            let minutes = if tokens.sign(':') {
                tokens.number(2, 2)?
            } else {
                0
            };
            (digits.parse::<u32>().ok()?, minutes)
        }
        _ => return None,
    };
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    (minutes < 60).then_some(())?;
    FixedOffset::east_opt(if east { seconds } else { -seconds })
}
