//! All filters of a recipe and its query, ready to decide.

use std::sync::Arc;

use super::folded::Folded;
use super::tree::{Tree, joined};
use super::{ALL, Filter, query};
use crate::model::text::cut;
use crate::model::{Args, Item, Refusal, Verdict};
use crate::registry;
use crate::when::Reading;

/// The most filters beside the query.
const MOST: usize = 50;

/// What decides for a tracker. It keeps no compiled patterns and no texts but those that were typed:
/// some hundred bytes.
pub struct Sieve {
    filters: Vec<(&'static str, Arc<dyn Filter>)>,
    query: Option<Tree>,
}

impl Sieve {
    /// Builds the filters that a recipe names, and its query. Relative dates are fixed by `reading`.
    ///
    /// # Errors
    /// When there is no such filter, or a value or the query makes no sense.
    pub fn build(filters: &Args, query: Option<&str>, reading: &Reading) -> Result<Sieve, Refusal> {
        for name in filters.keys() {
            registry::find(ALL, name, "filter")?;
        }
        let mut built = Vec::new();
        for kind in ALL {
            let named = filters
                .iter()
                .filter(|(name, _)| kind.name.eq_ignore_ascii_case(name));
            for value in named.flat_map(|(_, values)| values) {
                built.push((kind.name, (kind.build)(value, reading)?));
            }
        }
        if built.len() > MOST {
            return Err(
                Refusal::new(format!("A tracker has {MOST} filters at most."))
                    .hint("`where` takes more: `where rust or go`"),
            );
        }
        built.shrink_to_fit();
        let query = query
            .map(|query| query::parse(query, reading))
            .transpose()?;
        Ok(Sieve {
            filters: built,
            query,
        })
    }

    /// Keeps an item when every filter and the query do. What cannot be told drops it.
    pub fn check(&self, item: &Item) -> Verdict {
        self.check_folded(&Folded::new(item))
    }

    /// The same for an item that many trackers look at.
    pub fn check_folded(&self, item: &Folded<'_>) -> Verdict {
        let (mut kept, mut unsure) = (Vec::new(), None);
        for part in self.parts() {
            match part.check(item) {
                Verdict::Keep(reason) => kept.push(reason),
                Verdict::Drop(reason) => return Verdict::Drop(reason),
                Verdict::Unsure(reason) => {
                    unsure = unsure.or_else(|| {
                        let spelling = cut(&part.spelling(), 80).replace('`', "'");
                        Some(format!(
                            "I cannot tell whether `{spelling}` holds: {reason}"
                        ))
                    });
                }
            }
        }
        match unsure {
            Some(reason) => Verdict::Drop(reason),
            None if kept.is_empty() => Verdict::Keep("there is no filter".into()),
            None => Verdict::Keep(joined(&kept)),
        }
    }

    /// What each filter and each part of the query says by itself.
    pub fn explain(&self, item: &Item) -> Vec<(String, Verdict)> {
        let item = Folded::new(item);
        self.parts()
            .map(|part| (part.spelling(), part.check(&item)))
            .collect()
    }

    /// What is stored: values that mean the same at any later time.
    pub fn canonical(&self) -> (Args, Option<String>) {
        let mut args = Args::new();
        for (name, filter) in &self.filters {
            args.entry((*name).to_string())
                .or_default()
                .push(filter.value());
        }
        (args, self.query.as_ref().map(Tree::spelling))
    }

    /// All of it as one query, for confirmations: `tag:rust length:<200`; empty when everything is kept.
    pub fn words(&self) -> String {
        match (self.filters.as_slice(), &self.query) {
            ([], Some(query)) => query.spelling(),
            _ => self
                .parts()
                .map(|part| part.spelling())
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    /// Something that must be there can be looked up, so that it need not be asked about each item.
    pub fn can_be_looked_up(&self) -> bool {
        self.parts().any(|part| match part {
            Part::Filter(filter) => !filter.needs().choices.is_empty(),
            Part::Tree(tree) => tree.can_be_looked_up(),
        })
    }

    /// Filters, then what stands side by side in the query.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let query: &[Tree] = match &self.query {
            None => &[],
            Some(Tree::All(parts)) => parts,
            Some(tree @ (Tree::Any(_) | Tree::Not(_) | Tree::Leaf(_))) => {
                std::slice::from_ref(tree)
            }
        };
        let filters = self
            .filters
            .iter()
            .map(|(_, filter)| Part::Filter(&**filter));
        filters.chain(query.iter().map(Part::Tree))
    }
}

/// One of the things that must all hold.
pub(super) enum Part<'a> {
    Filter(&'a dyn Filter),
    Tree(&'a Tree),
}

impl Part<'_> {
    pub(super) fn check(&self, item: &Folded<'_>) -> Verdict {
        match self {
            Part::Filter(filter) => filter.check(item),
            Part::Tree(tree) => tree.check(item),
        }
    }

    pub(super) fn spelling(&self) -> String {
        match self {
            Part::Filter(filter) => filter.spelling(),
            Part::Tree(tree) => tree.as_part(),
        }
    }
}
