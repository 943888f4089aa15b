//! Time zones: by name, and what their clocks do when they change.

use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::shown;
use crate::model::Refusal;

/// No zone's name is longer, in bytes.
const LONGEST: usize = 40;

/// The zone called `text`: in any case, with spaces for `_`, by its city alone (`berlin`), or as `utc+2`.
///
/// # Errors
/// When there is none; the hint has the nearest.
pub fn zone(text: &str) -> Result<Tz, Refusal> {
    let wanted = text.trim().to_lowercase().replace(' ', "_");
    let is_wanted = |name: &str| name.eq_ignore_ascii_case(&wanted);
    let zones = || TZ_VARIANTS.iter().copied();
    zones()
        .find(|zone| is_wanted(zone.name()))
        .or_else(|| zones().find(|zone| is_wanted(city(zone.name()))))
        .or_else(|| fixed(&wanted))
        .ok_or_else(|| {
            let refusal = Refusal::new(format!("There is no time zone `{}`.", shown(text)));
            match nearest(&wanted) {
                Some(near) => refusal.hint(format!("did you mean `{near}`?")),
                None => refusal.hint("for instance `Europe/Berlin`, `America/New_York` or `UTC`"),
            }
        })
}

/// What the clocks of `zone` show at `at`.
pub(super) fn local(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    within(at).with_timezone(&zone).naive_local()
}

/// `at`, or the nearest time that every zone can say.
pub(super) fn within(at: DateTime<Utc>) -> DateTime<Utc> {
    let margin = TimeDelta::days(800);
    at.clamp(
        DateTime::<Utc>::MIN_UTC + margin,
        DateTime::<Utc>::MAX_UTC - margin,
    )
}

/// When the clocks of `zone` show `local`: the first time where they show it twice;
/// where they never do, because they are put forward over it, the moment they are.
pub(super) fn at(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    if !(-200_000..=200_000).contains(&local.year()) {
        return local.and_utc();
    }
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => at.with_timezone(&Utc),
        LocalResult::Ambiguous(first, _) => first.with_timezone(&Utc),
        LocalResult::None => after_gap(local, zone),
    }
}

/// The moment the clocks of `zone` jump over `local`, found by halving the two days around it.
fn after_gap(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let around = Days::new(2);
    let mut before = (local - around).and_utc().timestamp();
    let mut after = (local + around).and_utc().timestamp();
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        let shown =
            DateTime::from_timestamp(middle, 0).map(|at| at.with_timezone(&zone).naive_local());
        if shown.is_some_and(|shown| shown > local) {
            after = middle;
        } else {
            before = middle;
        }
    }
    DateTime::from_timestamp(after, 0).unwrap_or(local.and_utc())
}

fn city(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// `utc+2` and the like. The names of these zones have the sign the wrong way round.
fn fixed(wanted: &str) -> Option<Tz> {
    let hours = wanted
        .strip_prefix("utc")
        .or_else(|| wanted.strip_prefix("gmt"))?;
    let hours = hours.strip_suffix(":00").unwrap_or(hours);
    let (sign, number) = match hours.split_at_checked(1)? {
        ("+", number) => ('-', number),
        ("-" | "−", number) => ('+', number),
        _ => return None,
    };
    let number: u8 = number.parse().ok()?;
    let name = if number == 0 {
        "Etc/GMT".into()
    } else {
        format!("Etc/GMT{sign}{number}")
    };
    name.parse().ok()
}

fn nearest(wanted: &str) -> Option<&'static str> {
    if !(3..=LONGEST).contains(&wanted.len()) {
        return None;
    }
    TZ_VARIANTS
        .iter()
        .map(|zone| {
            let name = zone.name().to_lowercase();
            let likeness =
                strsim::jaro_winkler(wanted, &name).max(strsim::jaro_winkler(wanted, city(&name)));
            (likeness, zone.name())
        })
        .filter(|(likeness, _)| *likeness >= 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
