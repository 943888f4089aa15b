//! What a filter thinks of an item.

/// A filter's answer, with its reason in words that stand after "because".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Keep(String),
    Drop(String),
    /// The fact it needs is not known.
    Unsure(String),
}

impl Verdict {
    pub fn keeps(&self) -> bool {
        matches!(self, Verdict::Keep(_))
    }

    pub fn reason(&self) -> &str {
        match self {
            Verdict::Keep(reason) | Verdict::Drop(reason) | Verdict::Unsure(reason) => reason,
        }
    }
}
