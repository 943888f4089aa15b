//! Keeps items by what they are or have: `is:answered`, `has:code`.

use super::facts::MARK;
use super::folded::Folded;
use super::said::Said;
use super::{Filter, Key, Needs};
use crate::model::Verdict;
use crate::model::facts::{MARKS, Mark, Test};

/// The running filter, by the mark's place in the vocabulary.
pub(super) struct Marked(pub usize);

impl Marked {
    fn mark(&self) -> &'static Mark {
        &MARKS[self.0]
    }
}

impl Filter for Marked {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let mark = self.mark();
        let (verb, what) = (mark.verb, mark.said.1);
        match (item.facts().mark(self.0), mark.test) {
            (None, _) => Verdict::Unsure(format!("nobody says whether it {verb} {}", mark.name)),
            (Some(true), Test::Type(_)) => Verdict::Keep(format!("its type is `{}`", mark.name)),
            (Some(false), Test::Type(_)) => {
                Verdict::Drop(format!("its type is not `{}`", mark.name))
            }
            (Some(true), _) => Verdict::Keep(format!("it {verb} {what}")),
            (Some(false), _) if verb == "is" => Verdict::Drop(format!("it is not {what}")),
            (Some(false), _) => Verdict::Drop(format!("it does not have {what}")),
        }
    }

    fn holds(&self, item: &Folded<'_>) -> Option<bool> {
        item.facts().mark(self.0)
    }

    fn needs(&self) -> Needs {
        Needs::exactly(vec![Key::Name {
            fact: MARK,
            value: self.mark().key.into(),
        }])
    }

    fn reader(&self) -> Option<&'static str> {
        self.mark().reader()
    }

    fn spelling(&self) -> String {
        self.mark().key.into()
    }

    fn value(&self) -> String {
        "yes".into()
    }

    fn said(&self) -> Said {
        let mark = self.mark();
        let said = Said::new(mark.said.0, mark.said.1);
        match mark.test {
            Test::Type(_) => said.noun(&format!("{}s", mark.name)),
            _ if mark.said.0.is_empty() => said.front(),
            _ => said,
        }
    }
}
