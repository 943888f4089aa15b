//! Keeps items by a number: a count, a length of time, an age, or a date as seconds since 1970.

use std::sync::Arc;

use chrono::SecondsFormat;

use super::age::{self, Bound};
use super::facts::Has;
use super::folded::Folded;
use super::mistake::Mistake;
use super::quantity::{Measure, Reader, moment, seconds, sign};
use super::range::{COUNTED, DATED, DAYS, PLAIN, Range, SHORT};
use super::said::Said;
use super::tree::Tree;
use super::{Filter, Key, Needs};
use crate::model::facts::{ALL, Known, Sort};
use crate::model::{Refusal, Verdict};
use crate::when::Reading;

/// The most numbers in a list.
const MOST: usize = 50;

/// The running filter: the number lies in one of these ranges, or, where it says `not`, in none.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Amount {
    /// Its place in the vocabulary.
    fact: usize,
    measure: Measure,
    not: bool,
    ranges: Box<[Range]>,
}

/// A flag's value, where no query is shown.
pub(super) fn build(name: &str, value: &str, reading: &Reading) -> Result<Tree, Refusal> {
    let fact = crate::model::facts::find(name).expect("filters have the names of facts");
    let amount = Amount::read(fact, value, reading).map_err(Mistake::without_place)?;
    Ok(Tree::Leaf(Arc::new(amount)))
}

impl Amount {
    /// Reads `<200`, `10..200`, `0,1`, `!=5`, `<7d`, `>"last monday"` without the quotes.
    ///
    /// # Errors
    /// What is no number or time, with its place in `typed`.
    pub fn read(fact: usize, typed: &str, reading: &Reading) -> Result<Amount, Mistake> {
        let known = &ALL[fact];
        let typed = typed.trim_end();
        let (sign, rest) = sign(typed);
        let at = typed.len() - rest.len();
        let reader = Reader { known, reading };
        if rest.is_empty() {
            return Err(reader.missing(at, sign));
        }
        let mut measure = None;
        let mut ranges = Vec::new();
        let may_list = matches!(sign, "" | "=" | "!=") && known.sort != Sort::Time;
        if !may_list {
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

    fn reader(&self) -> Option<&'static str> {
        self.known().reader()
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
            if n == 0.0 && !known.unit.is_empty() && matches!(range, Range::Exactly(_)) {
                return match self.ranges.len() {
                    1 if !self.not => "no".into(),
                    _ => "0".into(),
                };
            }
            let shown = match self.measure {
                Measure::Moment => age::day(moment(n)),
                Measure::Plain | Measure::Span | Measure::Age => self.shown(n),
            };
            match self.measure {
                Measure::Plain => format!("{} {shown}", range.words(SHORT)),
                Measure::Span => format!("{} {shown}", range.words(PLAIN)),
                Measure::Age => format!("{} {shown} ago", range.words(PLAIN)),
                // A day stands for its first moment.
                Measure::Moment if shown == age::date(moment(n)) => {
                    format!("{} {shown}", range.words(DATED))
                }
                Measure::Moment => format!("{} {shown}", range.words(DAYS)),
            }
        };
        let ranges: Vec<String> = self.ranges.iter().map(one).collect();
        let not = if self.not { "other than " } else { "" };
        let mut value = format!("{not}{}", ranges.join(" or "));
        if self.not || self.ranges.len() > 1 {
            value = value.replace("exactly ", "");
        }
        // "a score of 5", but "a score other than 5"
        if self.measure == Measure::Plain && known.said.ends_with("{}") && !self.not {
            value.insert_str(0, "of ");
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
