//! Keeps items by how long their text is.

use std::fmt;
use std::sync::Arc;

use super::folded::Folded;
use super::{Filter, FilterKind};
use crate::model::text::cut;
use crate::model::{Refusal, Verdict};
use crate::registry;
use crate::when::Reading;

/// Keep items whose text is this long, in characters of the body, or of the title where there is no body.
#[derive(clap::Args)]
pub struct Length {
    #[arg(long, value_name = "RANGE")]
    pub length: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "length",
    declare: || registry::declare::<Length>("length"),
    page: include_str!("../../man/length.md"),
    build,
};

fn build(value: &str, _: &Reading) -> Result<Arc<dyn Filter>, Refusal> {
    Ok(Arc::new(read(value)?))
}

/// The lengths that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    Under(u64),
    UpTo(u64),
    Over(u64),
    From(u64),
    Exactly(u64),
    Other(u64),
    Between(u64, u64),
}

type Make = fn(u64) -> Range;

fn read(typed: &str) -> Result<Range, Refusal> {
    let text: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let number = |digits: &str| -> Result<u64, Refusal> {
        digits
            .parse()
            .ok()
            .filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
            .ok_or_else(|| {
                let what = if digits.is_empty() {
                    "A number is missing in that length.".to_string()
                } else {
                    format!(
                        "`{}` is no number of characters.",
                        cut(digits, 40).replace('`', "'")
                    )
                };
                Refusal::new(what)
                    .hint("for instance `length <200`, `length >10` or `length 10..200`")
            })
    };
    if let Some((from, to)) = text.split_once("..") {
        let to = to.strip_prefix('=').unwrap_or(to);
        return match (from, to) {
            (from, "") => Ok(Range::From(number(from)?)),
            ("", to) => Ok(Range::UpTo(number(to)?)),
            (from, to) => {
                let (from, to) = (number(from)?, number(to)?);
                if from > to {
                    return Err(Refusal::new(format!(
                        "No length is both at least {from} and at most {to}."
                    ))
                    .hint(format!("did you mean `{to}..{from}`?")));
                }
                Ok(Range::Between(from, to))
            }
        };
    }
    let signs: [(&str, Make); 8] = [
        ("<=", Range::UpTo),
        ("≤", Range::UpTo),
        (">=", Range::From),
        ("≥", Range::From),
        ("!=", Range::Other),
        ("<", Range::Under),
        (">", Range::Over),
        ("=", Range::Exactly),
    ];
    for (sign, range) in signs {
        if let Some(digits) = text.strip_prefix(sign) {
            return Ok(range(number(digits)?));
        }
    }
    Ok(Range::Exactly(number(&text)?))
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Range::Under(n) => write!(f, "<{n}"),
            Range::UpTo(n) => write!(f, "<={n}"),
            Range::Over(n) => write!(f, ">{n}"),
            Range::From(n) => write!(f, ">={n}"),
            Range::Exactly(n) => write!(f, "={n}"),
            Range::Other(n) => write!(f, "!={n}"),
            Range::Between(from, to) => write!(f, "{from}..{to}"),
        }
    }
}

impl Filter for Range {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let length = item.length() as u64;
        let (keeps, words) = match *self {
            Range::Under(n) => (length < n, format!("fewer than {n}")),
            Range::UpTo(n) => (length <= n, format!("at most {n}")),
            Range::Over(n) => (length > n, format!("more than {n}")),
            Range::From(n) => (length >= n, format!("at least {n}")),
            Range::Exactly(n) => (length == n, format!("exactly {n}")),
            Range::Other(n) => (length != n, format!("other than {n}")),
            Range::Between(from, to) => (
                (from..=to).contains(&length),
                format!("between {from} and {to}"),
            ),
        };
        let subject = match length {
            1 => "its 1 character is".to_string(),
            n => format!("its {n} characters are"),
        };
        if keeps {
            Verdict::Keep(format!("{subject} {words}"))
        } else {
            Verdict::Drop(format!("{subject} not {words}"))
        }
    }

    fn spelling(&self) -> String {
        format!("length:{self}")
    }

    fn value(&self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_written() {
        for (typed, written) in [
            ("<200", "<200"),
            ("> 10", ">10"),
            ("10..200", "10..200"),
            ("10..", ">=10"),
            ("..20", "<=20"),
            ("=5", "=5"),
            ("5", "=5"),
            ("≥5", ">=5"),
            ("!=0", "!=0"),
        ] {
            let range = read(typed).unwrap();
            assert_eq!(range.to_string(), written);
            assert_eq!(read(written).unwrap(), range);
        }
        for typed in [
            "",
            "<",
            "abc",
            "1..2..3",
            "-5",
            "+5",
            "<99999999999999999999999",
            "200..10",
        ] {
            assert!(read(typed).is_err(), "{typed}");
        }
    }
}
