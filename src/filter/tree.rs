//! What must hold of an item, as one tree whose leaves are filters.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Filter;
use super::folded::Folded;
use crate::model::Verdict;

/// How many reasons are said at once.
const SAID: usize = 4;

/// A condition over filters. Neither `All` nor `Any` has fewer than two parts, nor a part of its own shape; no `Not` has a
/// `Not`.
pub enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    Leaf(Arc<dyn Filter>),
}

impl Tree {
    /// All of these; there is at least one.
    pub(super) fn all(parts: Vec<Tree>) -> Tree {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Tree::All(inner) => flat.extend(inner),
                part @ (Tree::Any(_) | Tree::Not(_) | Tree::Leaf(_)) => flat.push(part),
            }
        }
        if flat.len() == 1 {
            flat.remove(0)
        } else {
            Tree::All(flat)
        }
    }

    /// Any of these; there is at least one.
    pub(super) fn any(parts: Vec<Tree>) -> Tree {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Tree::Any(inner) => flat.extend(inner),
                part @ (Tree::All(_) | Tree::Not(_) | Tree::Leaf(_)) => flat.push(part),
            }
        }
        if flat.len() == 1 {
            flat.remove(0)
        } else {
            Tree::Any(flat)
        }
    }

    /// The opposite.
    pub(super) fn not(tree: Tree) -> Tree {
        match tree {
            Tree::Not(inner) => *inner,
            Tree::All(_) | Tree::Any(_) | Tree::Leaf(_) => Tree::Not(Box::new(tree)),
        }
    }

    /// Whether it holds; `None` when that is not known.
    pub fn holds(&self, item: &Folded<'_>) -> Option<bool> {
        match self {
            Tree::Leaf(filter) => filter.holds(item),
            Tree::Not(inner) => inner.holds(item).map(|holds| !holds),
            Tree::All(parts) => all_hold(by_weight(parts).map(|part| part.holds(item))),
            Tree::Any(parts) => any_holds(by_weight(parts).map(|part| part.holds(item))),
        }
    }

    /// Adds the readers that look up what its filters compare.
    pub(super) fn add_readers(&self, readers: &mut BTreeSet<&'static str>) {
        match self {
            Tree::Leaf(filter) => readers.extend(filter.reader()),
            Tree::Not(inner) => inner.add_readers(readers),
            Tree::All(parts) | Tree::Any(parts) => {
                parts.iter().for_each(|part| part.add_readers(readers));
            }
        }
    }

    /// Whether there is a pattern in it, which takes longer than all else.
    fn is_heavy(&self) -> bool {
        match self {
            Tree::Leaf(filter) => filter.weight() > 1,
            Tree::Not(inner) => inner.is_heavy(),
            Tree::All(parts) | Tree::Any(parts) => parts.iter().any(Tree::is_heavy),
        }
    }

    /// Keeps, drops or is unsure. Unsure is neither: its opposite is unsure too.
    pub fn check(&self, item: &Folded<'_>) -> Verdict {
        match self {
            Tree::Leaf(filter) => filter.check(item),
            Tree::Not(inner) => match inner.check(item) {
                Verdict::Keep(reason) => Verdict::Drop(reason),
                Verdict::Drop(reason) => Verdict::Keep(reason),
                Verdict::Unsure(reason) => Verdict::Unsure(reason),
            },
            Tree::All(parts) => all_of(parts.iter().map(|part| part.check(item))),
            Tree::Any(parts) => {
                let (mut dropped, mut unsure) = (Vec::new(), None);
                for part in parts {
                    match part.check(item) {
                        Verdict::Keep(reason) => return Verdict::Keep(reason),
                        Verdict::Drop(reason) => dropped.push(reason),
                        Verdict::Unsure(reason) => unsure = unsure.or(Some(reason)),
                    }
                }
                unsure.map_or_else(|| Verdict::Drop(joined(&dropped)), Verdict::Unsure)
            }
        }
    }

    /// Something that must be there can be looked up.
    pub fn can_be_looked_up(&self) -> bool {
        match self {
            Tree::Leaf(filter) => !filter.needs().choices.is_empty(),
            Tree::Not(_) => false,
            Tree::All(parts) => parts.iter().any(Tree::can_be_looked_up),
            Tree::Any(parts) => parts.iter().all(Tree::can_be_looked_up),
        }
    }

    /// The canonical query: parsed again it is the same tree.
    pub fn spelling(&self) -> String {
        match self {
            Tree::Leaf(filter) => filter.spelling(),
            Tree::Not(inner) => format!("-{}", inner.enclosed()),
            Tree::All(parts) => parts
                .iter()
                .map(Tree::as_part)
                .collect::<Vec<_>>()
                .join(" "),
            Tree::Any(parts) => parts
                .iter()
                .map(Tree::spelling)
                .collect::<Vec<_>>()
                .join(" or "),
        }
    }

    /// What stands behind the flag that this was: `no` where something must not be.
    pub(super) fn value(&self) -> String {
        match self {
            Tree::Leaf(filter) => filter.value(),
            Tree::Not(_) => "no".into(),
            Tree::All(_) | Tree::Any(_) => self.spelling(),
        }
    }

    /// As a part of `All`.
    pub(super) fn as_part(&self) -> String {
        match self {
            Tree::Any(_) => format!("({})", self.spelling()),
            Tree::All(_) | Tree::Not(_) | Tree::Leaf(_) => self.spelling(),
        }
    }

    fn enclosed(&self) -> String {
        match self {
            Tree::All(_) | Tree::Any(_) | Tree::Not(_) => format!("({})", self.spelling()),
            Tree::Leaf(_) => self.spelling(),
        }
    }
}

/// Whether all hold: one that does not decides, one that cannot be told leaves it open. No more are asked than that takes.
pub(super) fn all_hold(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    any_holds(parts.map(|holds| holds.map(|holds| !holds))).map(|fails| !fails)
}

/// Whether any holds: one that does decides.
pub(super) fn any_holds(mut parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut open = false;
    let decided = parts.any(|holds| {
        open |= holds.is_none();
        holds == Some(true)
    });
    (decided || !open).then_some(decided)
}

/// What is asked fast comes first: it often decides.
fn by_weight(parts: &[Tree]) -> impl Iterator<Item = &Tree> {
    let light = parts.iter().filter(|part| !part.is_heavy());
    light.chain(parts.iter().filter(|part| part.is_heavy()))
}

/// Keeps with all reasons, drops with the first, is unsure when nothing drops and something is unsure.
pub(super) fn all_of(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let (mut kept, mut unsure) = (Vec::new(), None);
    for verdict in verdicts {
        match verdict {
            Verdict::Keep(reason) => kept.push(reason),
            Verdict::Drop(reason) => return Verdict::Drop(reason),
            Verdict::Unsure(reason) => unsure = unsure.or(Some(reason)),
        }
    }
    unsure.map_or_else(|| Verdict::Keep(joined(&kept)), Verdict::Unsure)
}

/// `a, b and c`; of many only the first ones and how many more.
pub(super) fn joined(reasons: &[String]) -> String {
    match reasons {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] if reasons.len() <= SAID => format!("{} and {last}", rest.join(", ")),
        many => format!(
            "{} and {} more reasons",
            many[..SAID - 1].join(", "),
            many.len() - SAID + 1
        ),
    }
}
