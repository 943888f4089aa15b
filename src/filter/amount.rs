//! Keeps items by a number: a count, a length of time, an age, or a date as seconds since 1970.

use std::sync::Arc;

use chrono::{DateTime, NaiveTime, SecondsFormat, TimeDelta, Utc};

use super::age::{self, Bound};
use super::facts::Has;
use super::folded::Folded;
use super::mistake::Mistake;
use super::said::Said;
use super::{Filter, Key, Needs};
use crate::model::facts::{ALL, Known, Sort};
use crate::model::text::cut;
use crate::model::{Refusal, Verdict};
use crate::when::{self, Reading};

/// The most numbers in a list.
const MOST: usize = 50;

/// Beyond this, numbers are not exact any more.
const LARGEST: f64 = 1e15;

/// The running filter: the number lies in one of these ranges, or, where it says `not`, in none.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Amount {
    /// Its place in the vocabulary.
    fact: usize,
    measure: Measure,
    not: bool,
    ranges: Box<[Range]>,
}

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

/// Which numbers are meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Range {
    Under(f64),
    UpTo(f64),
    Over(f64),
    From(f64),
    Exactly(f64),
    Between(f64, f64),
}

/// A flag's value, where no query is shown.
pub(super) fn build(
    name: &str,
    value: &str,
    reading: &Reading,
) -> Result<Arc<dyn Filter>, Refusal> {
    let fact = crate::model::facts::find(name).expect("filters have the names of facts");
    Ok(Arc::new(
        Amount::read(fact, value, reading).map_err(Mistake::without_place)?,
    ))
}

impl Amount {
    /// Reads `<200`, `10..200`, `0,1`, `!=5`, `<7d`, `>"last monday"` without the quotes.
    ///
    /// # Errors
    /// What is no number or time, with its place in `typed`.
    pub fn read(fact: usize, typed: &str, reading: &Reading) -> Result<Amount, Mistake> {
        let known = &ALL[fact];
        let (sign, rest) = sign(typed);
        let at = typed.len() - rest.len();
        let reader = Reader { known, reading };
        if rest.is_empty() {
            return Err(reader.missing(at, sign));
        }
        let mut measure = None;
        let mut ranges = Vec::new();
        let list = match (sign, known.sort) {
            ("" | "=" | "!=", Sort::Number | Sort::Span) => true,
            _ => false,
        };
        if !list {
            let (found, range) = reader.range(sign, rest, at)?;
            (measure, ranges) = (Some(found), vec![range]);
        } else {
            let mut at = at;
            for (n, piece) in rest.split(',').enumerate() {
                // `10,000` is no list of ten and nothing.
                let is_digits = piece.bytes().all(|byte| byte.is_ascii_digit());
                if n > 0 && piece.len() == 3 && piece.starts_with('0') && is_digits {
                    return Err(Mistake::new(at, "A number is written without commas.")
                        .hint(format!("did you mean `{}`?", rest.replace(',', ""))));
                }
                let (found, range) = reader.range("", piece, at)?;
                at += piece.len() + 1;
                measure = Some(found);
                ranges.push(range);
            }
        }
        if ranges.len() > MOST {
            return Err(
                Mistake::new(0, format!("A list has {MOST} numbers at most."))
                    .hint(format!("a range takes more: `{}:1..{MOST}`", known.name)),
            );
        }
        Ok(Amount {
            fact,
            measure: measure.unwrap_or(Measure::Plain),
            not: sign == "!=",
            ranges: ranges.into(),
        })
    }

    /// One range of a fact that is a time.
    pub fn of_time(
        fact: usize,
        bound: Bound,
        ago: fn(f64) -> Range,
        at: fn(f64) -> Range,
    ) -> Amount {
        let (measure, range) = match bound {
            Bound::Ago(length) => (Measure::Age, ago(length.as_millis() as f64 / 1_000.0)),
            Bound::At(moment) => (Measure::Moment, at(moment.timestamp() as f64)),
        };
        Amount {
            fact,
            measure,
            not: false,
            ranges: Box::new([range]),
        }
    }

    /// The one limit of a comparison, as it can be read again.
    pub fn limit(&self) -> String {
        match self.ranges[0] {
            Range::Under(n)
            | Range::UpTo(n)
            | Range::Over(n)
            | Range::From(n)
            | Range::Exactly(n) => self.written(n),
            Range::Between(from, to) => format!("{}..{}", self.written(from), self.written(to)),
        }
    }

    fn known(&self) -> &'static Known {
        &ALL[self.fact]
    }

    fn contains(&self, n: f64) -> bool {
        self.ranges.iter().any(|range| range.contains(n)) != self.not
    }

    /// As it is read again.
    fn written(&self, n: f64) -> String {
        match self.measure {
            Measure::Plain => n.to_string(),
            Measure::Span | Measure::Age => age::short(seconds(n)),
            Measure::Moment => moment(n).to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }

    /// For people.
    fn shown(&self, n: f64) -> String {
        match self.measure {
            Measure::Plain => n.to_string(),
            Measure::Span | Measure::Age => age::exactly(seconds(n)),
            Measure::Moment => age::date(moment(n)),
        }
    }

    /// "fewer than 200", "at most 200" …: what stands behind "its 12 characters are".
    fn side(&self) -> String {
        let said: Vec<String> = self
            .ranges
            .iter()
            .take(4)
            .map(|range| {
                let words = range.words(match self.measure {
                    Measure::Plain if self.known().unit.is_empty() => PLAIN,
                    Measure::Plain => COUNTED,
                    Measure::Span | Measure::Age => PLAIN,
                    Measure::Moment => DATED,
                });
                match *range {
                    Range::Between(from, to) => {
                        format!("between {} and {}", self.shown(from), self.shown(to))
                    }
                    Range::Under(n)
                    | Range::UpTo(n)
                    | Range::Over(n)
                    | Range::From(n)
                    | Range::Exactly(n) => format!("{words} {}", self.shown(n)),
                }
            })
            .collect();
        let more = if self.ranges.len() > 4 { " …" } else { "" };
        let side = said.join(" or ");
        format!("{}{more}", side.replace(" or exactly ", " or "))
    }

    /// What the item has, as the beginning of a reason.
    fn subject(&self, n: f64) -> String {
        let known = self.known();
        let done = known.said.trim_end_matches(" {}");
        match self.measure {
            Measure::Plain if known.unit.is_empty() => format!("its {} is {n},", known.name),
            Measure::Plain if n == 1.0 => {
                format!("its 1 {} is", known.unit.trim_end_matches('s'))
            }
            Measure::Plain => format!("its {n} {} are", known.unit),
            Measure::Span => format!("its `{}` is {},", known.name, age::about(seconds(n))),
            Measure::Age if known.name == "created" => {
                format!("it is {} old,", age::about(seconds(n)))
            }
            Measure::Age => format!("it was {done} {} ago,", age::about(seconds(n))),
            Measure::Moment if known.name == "created" => {
                format!("it is from {},", age::date(moment(n)))
            }
            Measure::Moment => format!("it was {done} {},", age::date(moment(n))),
        }
    }
}

type Words = [&'static str; 5];

const PLAIN: Words = ["less than", "at most", "more than", "at least", "exactly"];
const COUNTED: Words = ["fewer than", "at most", "more than", "at least", "exactly"];
const DATED: Words = ["before", "not after", "after", "not before", "at"];
const SHORT: Words = ["under", "at most", "over", "at least", "exactly"];

impl Range {
    pub fn contains(self, n: f64) -> bool {
        let (from, to) = self.closed();
        from <= n && n <= to
    }

    /// The same numbers with both ends included.
    fn closed(self) -> (f64, f64) {
        match self {
            Range::Under(n) => (f64::NEG_INFINITY, n.next_down()),
            Range::UpTo(n) => (f64::NEG_INFINITY, n),
            Range::Over(n) => (n.next_up(), f64::INFINITY),
            Range::From(n) => (n, f64::INFINITY),
            Range::Exactly(n) => (n, n),
            Range::Between(from, to) => (from, to),
        }
    }

    fn words(self, words: Words) -> &'static str {
        match self {
            Range::Under(_) => words[0],
            Range::UpTo(_) => words[1],
            Range::Over(_) => words[2],
            Range::From(_) => words[3],
            Range::Exactly(_) => words[4],
            Range::Between(..) => "",
        }
    }
}

impl Filter for Amount {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let known = self.known();
        let done = known.said.trim_end_matches(" {}");
        let n = match (item.facts().get(self.fact), self.measure) {
            (Has::Never, _) if self.not => return Verdict::Keep(format!("it was never {done}")),
            (Has::Never, _) => return Verdict::Drop(format!("it was never {done}")),
            (Has::Number(n), _) => *n,
            (Has::Time { age, .. }, Measure::Age) => *age,
            (Has::Time { at, .. }, _) => *at,
            (Has::Unknown | Has::Names(_), _) => {
                return Verdict::Unsure(match known.sort {
                    Sort::Time => format!("nobody says when it was {done}"),
                    _ if !known.unit.is_empty() => {
                        format!("nobody says how many {} it has", known.unit)
                    }
                    _ => format!("its {} is not known", known.name),
                });
            }
        };
        let (subject, side) = (self.subject(n), self.side());
        let not = format!("not {side}");
        let not = not.replacen("not not ", "", 1);
        match (self.contains(n), self.not) {
            (true, false) => Verdict::Keep(format!("{subject} {side}")),
            (false, true) => Verdict::Drop(format!("{subject} {side}")),
            (true, true) => Verdict::Keep(format!("{subject} {not}")),
            (false, false) => Verdict::Drop(format!("{subject} {not}")),
        }
    }

    fn holds(&self, item: &Folded<'_>) -> Option<bool> {
        match (item.facts().get(self.fact), self.measure) {
            (Has::Unknown | Has::Names(_), _) => None,
            (Has::Never, _) => Some(self.not),
            (Has::Number(n), _) => Some(self.contains(*n)),
            (Has::Time { age, .. }, Measure::Age) => Some(self.contains(*age)),
            (Has::Time { at, .. }, _) => Some(self.contains(*at)),
        }
    }

    fn needs(&self) -> Needs {
        if self.not {
            return Needs::anything();
        }
        let known = self.known();
        let fact = match self.measure {
            Measure::Age => known.age,
            Measure::Plain | Measure::Span | Measure::Moment => known.name,
        };
        Needs::exactly(
            self.ranges
                .iter()
                .map(|range| {
                    let (from, to) = range.closed();
                    Key::Range { fact, from, to }
                })
                .collect(),
        )
    }

    fn spelling(&self) -> String {
        format!("{}:{}", self.known().name, self.value())
    }

    fn value(&self) -> String {
        let ranges: Vec<String> = self
            .ranges
            .iter()
            .map(|range| match *range {
                Range::Under(n) => format!("<{}", self.written(n)),
                Range::UpTo(n) => format!("<={}", self.written(n)),
                Range::Over(n) => format!(">{}", self.written(n)),
                Range::From(n) => format!(">={}", self.written(n)),
                Range::Exactly(n) => self.written(n),
                Range::Between(from, to) => {
                    format!("{}..{}", self.written(from), self.written(to))
                }
            })
            .collect();
        let not = if self.not { "!=" } else { "" };
        format!("{not}{}", ranges.join(","))
    }

    fn said(&self) -> Said {
        let known = self.known();
        let one = |range: &Range| -> String {
            let n = match *range {
                Range::Between(from, to) => {
                    if self.measure == Measure::Moment {
                        return age::days(moment(from), moment(to));
                    }
                    let (from, to) = (self.shown(from), self.shown(to));
                    return match self.measure {
                        Measure::Plain => format!("{from} to {to}"),
                        Measure::Span => format!("{from} to {to}"),
                        Measure::Age => format!("between {from} and {to} ago"),
                        Measure::Moment => format!("between {from} and {to}"),
                    };
                }
                Range::Under(n)
                | Range::UpTo(n)
                | Range::Over(n)
                | Range::From(n)
                | Range::Exactly(n) => n,
            };
            let shown = match self.measure {
                Measure::Moment => age::day(moment(n)),
                Measure::Plain | Measure::Span | Measure::Age => self.shown(n),
            };
            match self.measure {
                Measure::Plain => format!("{} {shown}", range.words(SHORT)),
                Measure::Span => format!("{} {shown}", range.words(PLAIN)),
                Measure::Age => format!("{} {shown} ago", range.words(PLAIN)),
                Measure::Moment => format!("{} {shown}", range.words(DATED)),
            }
        };
        let ranges: Vec<String> = self.ranges.iter().map(one).collect();
        let not = if self.not { "other than " } else { "" };
        let mut value = format!("{not}{}", ranges.join(" or "));
        if self.not || self.ranges.len() > 1 {
            value = value.replace("exactly ", "");
        }
        let said = Said::of_fact(known.said, &value);
        match (self.not || self.ranges.len() > 1, known.unit, &*self.ranges) {
            // "with exactly 1 answer"
            (false, unit, [range]) if !unit.is_empty() && range.ends_with_one() => {
                said.replaced(unit, unit.trim_end_matches('s'))
            }
            (true, ..) => said.alone(),
            _ => said,
        }
    }
}

impl Range {
    fn ends_with_one(self) -> bool {
        match self {
            Range::Under(n)
            | Range::UpTo(n)
            | Range::Over(n)
            | Range::From(n)
            | Range::Exactly(n) => n == 1.0,
            Range::Between(_, to) => to == 1.0,
        }
    }
}

/// The sign at the beginning, in one of its spellings, and what comes behind it.
pub(super) fn sign(typed: &str) -> (&'static str, &str) {
    let text = typed.trim();
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

struct Reader<'a> {
    known: &'static Known,
    reading: &'a Reading,
}

impl Reader<'_> {
    fn hint(&self) -> String {
        format!("for instance `{}`", self.known.example)
    }

    fn missing(&self, at: usize, sign: &str) -> Mistake {
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
    fn range(&self, sign: &str, text: &str, at: usize) -> Result<(Measure, Range), Mistake> {
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
                Measure::Plain | Measure::Span => Ok((measure, Range::Exactly(n))),
                Measure::Moment => match self.end_of_day(n).filter(|_| !is_exact(text)) {
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
                            "No {} is both at least {} and at most {}.",
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
    let digits = text.strip_prefix('-').unwrap_or(&text);
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

fn seconds(n: f64) -> std::time::Duration {
    std::time::Duration::from_millis((n * 1_000.0).round().max(0.0) as u64)
}

fn moment(n: f64) -> DateTime<Utc> {
    DateTime::from_timestamp(n as i64, 0).unwrap_or_default()
}
