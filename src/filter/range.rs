//! Which numbers are meant, and how that is said: under 50, at most 50, from 10 to 200.

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

/// How the signs `<`, `<=`, `>`, `>=` and `=` are said.
pub(super) type Words = [&'static str; 5];

pub(super) const PLAIN: Words = ["less than", "at most", "more than", "at least", "exactly"];
pub(super) const COUNTED: Words = ["fewer than", "at most", "more than", "at least", "exactly"];
pub(super) const DATED: Words = ["before", "not after", "after", "not before", "at"];
pub(super) const DAYS: Words = ["before", "before", "since", "since", "at"];
pub(super) const SHORT: Words = ["under", "at most", "over", "at least", "exactly"];

impl Range {
    /// Whether the number is meant.
    pub fn contains(self, n: f64) -> bool {
        let (from, to) = self.closed();
        from <= n && n <= to
    }

    /// The same numbers with both ends included.
    pub fn closed(self) -> (f64, f64) {
        match self {
            Range::Under(n) => (f64::NEG_INFINITY, n.next_down()),
            Range::UpTo(n) => (f64::NEG_INFINITY, n),
            Range::Over(n) => (n.next_up(), f64::INFINITY),
            Range::From(n) => (n, f64::INFINITY),
            Range::Exactly(n) => (n, n),
            Range::Between(from, to) => (from, to),
        }
    }

    /// The words for its sign.
    pub fn words(self, words: Words) -> &'static str {
        match self {
            Range::Under(_) => words[0],
            Range::UpTo(_) => words[1],
            Range::Over(_) => words[2],
            Range::From(_) => words[3],
            Range::Exactly(_) => words[4],
            Range::Between(..) => "",
        }
    }

    /// Whether what is counted stands in the singular.
    pub fn ends_with_one(self) -> bool {
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
