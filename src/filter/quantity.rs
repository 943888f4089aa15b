//! Reads numbers, lengths of time and dates behind a sign or with two dots between them.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::age::{self, Bound};
use super::mistake::Mistake;
use super::range::Range;
use crate::model::Refusal;
use crate::model::facts::{Known, Sort};
use crate::model::text::cut;
use crate::when::{self, Reading};

/// Beyond this, numbers are not exact any more.
const LARGEST: f64 = 1e15;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Plain,
    /// A length of time, in seconds.
    Span,
    /// How long before the item was seen a time was, in seconds.
    Age,
    /// Seconds since 1970.
    Moment,
}

/// The sign at the beginning, in one of its spellings, and what comes behind it.
pub(super) fn sign(typed: &str) -> (&'static str, &str) {
    let text = typed.trim_start();
    let signs = [
        ("<=", "<="),
        ("=<", "<="),
        ("≤", "<="),
        (">=", ">="),
        ("=>", ">="),
        ("≥", ">="),
        ("!=", "!="),
        ("<>", "!="),
        ("≠", "!="),
        ("==", "="),
        ("<", "<"),
        (">", ">"),
        ("=", "="),
    ];
    for (typed, sign) in signs {
        if let Some(rest) = text.strip_prefix(typed) {
            return (sign, rest.trim_start());
        }
    }
    ("", text)
}

/// Reads the values of one fact.
pub(super) struct Reader<'a> {
    pub known: &'static Known,
    pub reading: &'a Reading,
}

impl Reader<'_> {
    fn hint(&self) -> String {
        format!("for instance `{}`", self.known.example)
    }

    /// There is nothing where a value should stand.
    pub fn missing(&self, at: usize, sign: &str) -> Mistake {
        let what = match self.known.sort {
            Sort::Time => "a time",
            Sort::Span => "a length of time",
            _ => "a number",
        };
        Mistake::new(
            at,
            format!("I expected {what} after `{}:{sign}`.", self.known.name),
        )
        .hint(self.hint())
    }

    /// What a sign and the text behind it mean, or `a..b` where there is no sign.
    pub fn range(&self, sign: &str, text: &str, at: usize) -> Result<(Measure, Range), Mistake> {
        let make: fn(f64) -> Range = match sign {
            "<" => Range::Under,
            "<=" => Range::UpTo,
            ">" => Range::Over,
            ">=" => Range::From,
            "!=" if self.known.sort == Sort::Time => {
                return Err(Mistake::new(
                    0,
                    format!("`{}` cannot be compared with `!=`.", self.known.name),
                )
                .hint(format!(
                    "a `-` before it means not: `-{}`",
                    self.known.example
                )));
            }
            _ => return self.without_sign(text, at),
        };
        if let Some(dots) = dots(text) {
            return Err(Mistake::new(
                at + dots.0,
                format!("A range stands alone, without `{sign}`."),
            )
            .hint(format!(
                "for instance `{}:{}`",
                self.known.name,
                cut(text.trim(), 40)
            )));
        }
        let (measure, n, ago) = self.quantity(text, at)?;
        // "after 7 days ago" is less than 7 days old.
        let range = match make(n) {
            Range::Under(n) if ago => Range::Over(n),
            Range::UpTo(n) if ago => Range::From(n),
            Range::Over(n) if ago => Range::Under(n),
            Range::From(n) if ago => Range::UpTo(n),
            range => range,
        };
        Ok((measure, range))
    }

    fn without_sign(&self, text: &str, at: usize) -> Result<(Measure, Range), Mistake> {
        let Some((first, second)) = dots(text) else {
            let (measure, n, _) = self.quantity(text, at)?;
            return match measure {
                Measure::Plain => Ok((measure, Range::Exactly(n))),
                // To the second, nothing is ever so long.
                Measure::Span => {
                    let long = age::short(seconds(n));
                    let shown = cut(text.trim(), 40).replace('`', "'");
                    Err(
                        Mistake::new(at, format!("I expected `<` or `>` before `{shown}`."))
                            .hint(format!("`>{long}` is longer than that, `<{long}` shorter")),
                    )
                }
                Measure::Moment => match self.end_of_day(n).filter(|_| is_day(text)) {
                    Some(end) => Ok((measure, Range::Between(n, end))),
                    None => Err(self.needs_sign(at)),
                },
                Measure::Age => Err(self.needs_sign(at)),
            };
        };
        let (from, to) = (&text[..first], &text[second..]);
        let to_at = at + second;
        match (from.trim(), to.trim()) {
            ("", "") => Err(self.missing(at + first, "")),
            (_, "") => {
                let (measure, n, _) = self.quantity(from, at)?;
                Ok((measure, Range::From(n)))
            }
            ("", _) => {
                let (measure, n, _) = self.quantity(to, to_at)?;
                Ok((measure, Range::UpTo(self.whole_day(measure, n, to))))
            }
            _ => {
                let (measure, low, _) = self.quantity(from, at)?;
                let (other, high, _) = self.quantity(to, to_at)?;
                if measure != other {
                    return Err(Mistake::new(
                        to_at,
                        "A range has two dates or two lengths of time.",
                    )
                    .hint(self.hint()));
                }
                let high = self.whole_day(measure, high, to);
                if low > high {
                    let (from, to) = (from.trim(), to.trim());
                    return Err(Mistake::new(
                        at,
                        format!(
                            "`{}` cannot be both at least {} and at most {}.",
                            self.known.name,
                            cut(from, 40),
                            cut(to, 40)
                        ),
                    )
                    .hint(format!(
                        "did you mean `{}..{}`?",
                        cut(to, 40),
                        cut(from, 40)
                    )));
                }
                Ok((measure, Range::Between(low, high)))
            }
        }
    }

    fn needs_sign(&self, at: usize) -> Mistake {
        let name = self.known.name;
        Mistake::new(at, format!("I expected `<` or `>` after `{name}:`.")).hint(format!(
            "`{name}:<7d` is less than 7 days ago, `{name}:>7d` more; `{name}:2026-01-31` is that day"
        ))
    }

    /// A number or a time; whether it was said with "ago".
    fn quantity(&self, text: &str, at: usize) -> Result<(Measure, f64, bool), Mistake> {
        let at = at + text.len() - text.trim_start().len();
        let text = text.trim();
        if text.is_empty() {
            return Err(self.missing(at, ""));
        }
        let refused = |refusal: Refusal| {
            let mistake = Mistake::from_refusal(at, refusal);
            match mistake.hint {
                Some(_) => mistake,
                None => mistake.hint(self.hint()),
            }
        };
        if matches!(self.known.sort, Sort::Span | Sort::Time)
            && text.len() < 4
            && text.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(
                Mistake::new(at, format!("`{text}` has no unit.")).hint(format!(
                    "for instance `{text}d` for days, `{text}h`, `{text}m`"
                )),
            );
        }
        if self.known.sort == Sort::Time
            && text.len() == 4
            && (text.starts_with("19") || text.starts_with("20"))
            && text.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(Mistake::new(at, format!("`{text}` says no day."))
                .hint(format!("did you mean `{text}-01-01`?")));
        }
        match self.known.sort {
            Sort::Span => {
                let length = when::duration(text).map_err(refused)?;
                Ok((Measure::Span, length.as_millis() as f64 / 1_000.0, false))
            }
            Sort::Time => {
                match Bound::read(self.known.example, text, self.reading).map_err(refused)? {
                    Bound::Ago(length) => {
                        let ago = text.to_ascii_lowercase().ends_with(" ago");
                        Ok((Measure::Age, length.as_millis() as f64 / 1_000.0, ago))
                    }
                    Bound::At(moment) => Ok((Measure::Moment, moment.timestamp() as f64, false)),
                }
            }
            Sort::Text | Sort::Names | Sort::Number | Sort::YesNo => number(text)
                .map(|n| (Measure::Plain, n, false))
                .ok_or_else(|| {
                    let shown = cut(text, 40).replace('`', "'");
                    let what = match self.known.unit {
                        "" => format!("`{shown}` is no number."),
                        unit => format!("`{shown}` is no number of {unit}."),
                    };
                    let plain = text.replace(',', "");
                    let ranged = text.replace(['–', '—', '−'], "-").replacen('-', "..", 1);
                    let mistake = Mistake::new(at, what);
                    if number(&plain).is_some() {
                        mistake.hint(format!("did you mean `{plain}`?"))
                    } else if ranged.split("..").all(|n| number(n).is_some()) {
                        mistake.hint(format!("did you mean `{}:{ranged}`?", self.known.name))
                    } else {
                        mistake.hint(self.hint())
                    }
                }),
        }
    }

    /// The last second of the day whose first moment this is.
    fn end_of_day(&self, n: f64) -> Option<f64> {
        let zone = self.reading.zone;
        let local = moment(n).with_timezone(&zone);
        if local.time() != NaiveTime::MIN {
            return None;
        }
        let next = local.date_naive().succ_opt()?;
        let end = when::moment(&next.format("%Y-%m-%d").to_string(), self.reading).ok()?;
        Some((end - TimeDelta::seconds(1)).timestamp() as f64)
    }

    /// A range of days goes to the end of its last one.
    fn whole_day(&self, measure: Measure, n: f64, text: &str) -> f64 {
        match measure {
            Measure::Moment if !is_exact(text) => self.end_of_day(n).unwrap_or(n),
            _ => n,
        }
    }
}

/// A time as it is written down, not a day.
fn is_exact(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text.trim()).is_ok()
}

/// A time that may mean a whole day: `yesterday`, but not `this week`.
fn is_day(text: &str) -> bool {
    let lower = text.to_lowercase();
    !is_exact(text)
        && !["week", "month", "year"]
            .iter()
            .any(|long| lower.contains(long))
}

/// Where `..` stands, in one of the forms that telephones make of it.
fn dots(text: &str) -> Option<(usize, usize)> {
    ["...", "..", "…"]
        .iter()
        .filter_map(|dots| text.find(dots).map(|at| (at, at + dots.len())))
        .min_by_key(|(at, end)| (*at, std::cmp::Reverse(*end)))
}

/// `200`, `-3`, `0.5`, `10k`, `2m`.
fn number(text: &str) -> Option<f64> {
    let text = text.trim().replace(['–', '—', '−'], "-");
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let (digits, times) = match digits.as_bytes().last()? {
        b'k' | b'K' => (&digits[..digits.len() - 1], 1e3),
        b'm' | b'M' => (&digits[..digits.len() - 1], 1e6),
        _ => (digits, 1.0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) || digits.len() > 30 {
        return None;
    }
    let n = digits.parse::<f64>().ok()? * times;
    let n = if text.starts_with('-') { -n } else { n };
    // Zero has one form only.
    (n.abs() <= LARGEST).then_some(n + 0.0)
}

pub(super) fn seconds(n: f64) -> std::time::Duration {
    std::time::Duration::from_millis((n * 1_000.0).round().max(0.0) as u64)
}

pub(super) fn moment(n: f64) -> DateTime<Utc> {
    DateTime::from_timestamp(n as i64, 0).unwrap_or_default()
}
