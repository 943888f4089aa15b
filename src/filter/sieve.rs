//! All filters of a recipe and its query, ready to decide.

use std::collections::BTreeSet;

use super::folded::Folded;
use super::tree::{Tree, joined};
use super::{ALL, asked, query};
use crate::model::text::cut;
use crate::model::{Args, Item, Recipe, Refusal, Unsure, Verdict};
use crate::registry;
use crate::when::Reading;

/// The most filters beside the query.
const MOST: usize = 50;

/// What decides for a tracker. It keeps no compiled patterns and no texts but those that were typed:
/// some hundred bytes.
pub struct Sieve {
    /// Nothing where everything is kept.
    tree: Option<Tree>,
    /// The names of the filters that were flags: as many of the tree's parts, from the first, are theirs; or of its
    /// first part, where one of them is enough.
    flags: Box<[&'static str]>,
    any: bool,
    unsure: Unsure,
}

impl Sieve {
    /// Builds filters that must all hold, and a query. Relative dates are fixed by `reading`.
    ///
    /// # Errors
    /// When there is no such filter, or a value or the query makes no sense.
    pub fn build(filters: &Args, query: Option<&str>, reading: &Reading) -> Result<Sieve, Refusal> {
        let query = query
            .map(|query| query::parse(query, reading))
            .transpose()?;
        Sieve::joined(filters, query, reading, false, Unsure::Drop)
    }

    /// Builds the filters of a recipe and its query, as they were stored.
    ///
    /// # Errors
    /// When there is no such filter, or a value or the query makes no sense.
    pub fn of(recipe: &Recipe, reading: &Reading) -> Result<Sieve, Refusal> {
        let query = recipe.query.as_deref();
        let query = query
            .map(|query| query::parse(query, reading))
            .transpose()?;
        Sieve::joined(&recipe.filter, query, reading, recipe.any, recipe.unsure)
    }

    /// The same for a recipe that somebody writes now.
    ///
    /// # Errors
    /// Also where a filter or the query asks for a fact that the recipe's source does not give.
    pub fn build_new(recipe: &Recipe, reading: &Reading) -> Result<Sieve, Refusal> {
        let source = recipe.source.kind.as_str();
        let query = recipe.query.as_deref();
        let query = query
            .map(|query| query::parse_for(source, query, reading))
            .transpose()?;
        for name in recipe.filter.keys() {
            asked::is_given(registry::find(ALL, name, "filter")?.name, source)?;
        }
        let sieve = Sieve::joined(&recipe.filter, query, reading, recipe.any, recipe.unsure)?;
        // It is stored in its canonical spelling, which may be longer, and must be read again.
        let written = sieve.canonical().1.unwrap_or_default().chars().count();
        if written > query::LONGEST {
            return Err(Refusal::new(format!(
                "Written out, the query has {written} characters; {} are the most.",
                query::LONGEST
            ))
            .hint("lists are short: `tag:rust,go`; two trackers can share the work"));
        }
        Ok(sieve)
    }

    fn joined(
        filters: &Args,
        query: Option<Tree>,
        reading: &Reading,
        any: bool,
        unsure: Unsure,
    ) -> Result<Sieve, Refusal> {
        for name in filters.keys() {
            registry::find(ALL, name, "filter")?;
        }
        let (mut parts, mut flags) = (Vec::new(), Vec::new());
        for kind in ALL {
            let named = filters
                .iter()
                .filter(|(name, _)| kind.name.eq_ignore_ascii_case(name));
            for value in named.flat_map(|(_, values)| values) {
                parts.push((kind.build)(value, reading)?);
                flags.push(kind.name);
            }
        }
        if flags.len() > MOST {
            return Err(
                Refusal::new(format!("A tracker has {MOST} filters at most."))
                    .hint("`where` takes more: `where rust or go`"),
            );
        }
        // Of one filter, one and all are the same.
        let any = any && flags.len() > 1;
        if any {
            parts = vec![Tree::any(parts)];
        }
        parts.extend(query);
        Ok(Sieve {
            tree: (!parts.is_empty()).then(|| Tree::all(parts)),
            flags: flags.into(),
            any,
            unsure,
        })
    }

    /// One of several filters is enough.
    pub fn takes_any(&self) -> bool {
        self.any
    }

    /// Keeps items of which cannot be told whether it should.
    pub fn keeps_unsure(&self) -> bool {
        self.unsure == Unsure::Keep
    }

    /// What must hold of an item; nothing where everything is kept.
    pub fn tree(&self) -> Option<&Tree> {
        self.tree.as_ref()
    }

    /// Keeps an item when its filters and the query do. What cannot be told drops it, unless such items are kept.
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
                        let spelling = cut(&part.as_part(), 80).replace('`', "'");
                        Some(format!(
                            "I cannot tell whether `{spelling}` holds: {reason}"
                        ))
                    });
                }
            }
        }
        match unsure {
            Some(reason) if self.keeps_unsure() => Verdict::Keep(reason),
            Some(reason) => Verdict::Drop(reason),
            None if kept.is_empty() => Verdict::Keep("there is no filter".into()),
            None => Verdict::Keep(joined(&kept)),
        }
    }

    /// Whether it keeps an item, without the reason; `None` when that cannot be told.
    pub fn holds(&self, item: &Folded<'_>) -> Option<bool> {
        self.tree
            .as_ref()
            .map_or(Some(true), |tree| tree.holds(item))
    }

    /// Whether it keeps an item, also where that cannot be told.
    pub fn wants(&self, item: &Folded<'_>) -> bool {
        self.holds(item).unwrap_or(self.keeps_unsure())
    }

    /// What each filter and each part of the query says by itself.
    pub fn explain(&self, item: &Item) -> Vec<(String, Verdict)> {
        let item = Folded::new(item);
        self.parts()
            .iter()
            .map(|part| (part.as_part(), part.check(&item)))
            .collect()
    }

    /// What is stored: values that mean the same at any later time.
    pub fn canonical(&self) -> (Args, Option<String>) {
        let (mut args, parts) = (Args::new(), self.parts());
        let (flagged, asked) = match parts {
            [Tree::Any(flagged), asked @ ..] if self.any => (flagged.as_slice(), asked),
            parts => parts.split_at(self.flags.len()),
        };
        for (name, part) in self.flags.iter().zip(flagged) {
            args.entry((*name).to_string())
                .or_default()
                .push(part.value());
        }
        let query = match asked {
            [] => None,
            [only] => Some(only.spelling()),
            many => Some(spelled(many)),
        };
        (args, query)
    }

    /// All of it as one query, for confirmations: `tag:rust length:<200`; empty when everything is kept.
    pub fn words(&self) -> String {
        match self.parts() {
            [only] => only.spelling(),
            parts => spelled(parts),
        }
    }

    /// What it keeps, for people: "items tagged rust with under 200 characters".
    pub fn in_words(&self) -> String {
        self.tree
            .as_ref()
            .map_or_else(|| "everything".into(), Tree::in_words)
    }

    /// Whether its query is understood at a glance: a single condition, or words only.
    pub fn is_plain(&self) -> bool {
        self.parts().len() < 2
            && !self
                .parts()
                .iter()
                .any(|part| matches!(part, Tree::Any(_) | Tree::Not(_)))
            || self.parts().iter().all(Tree::is_words)
    }

    /// The readers that look up what its filters compare.
    pub fn readers(&self) -> BTreeSet<&'static str> {
        let mut readers = BTreeSet::new();
        if let Some(tree) = &self.tree {
            tree.add_readers(&mut readers);
        }
        readers
    }

    /// Something that must be there can be looked up, so that it need not be asked about each item.
    pub fn can_be_looked_up(&self) -> bool {
        !self.keeps_unsure() && self.tree.as_ref().is_some_and(Tree::can_be_looked_up)
    }

    /// The flags' filters, then what stands side by side in the query.
    pub(super) fn parts(&self) -> &[Tree] {
        match &self.tree {
            None => &[],
            Some(Tree::All(parts)) => parts,
            Some(tree @ (Tree::Any(_) | Tree::Not(_) | Tree::Leaf(_))) => {
                std::slice::from_ref(tree)
            }
        }
    }
}

fn spelled(parts: &[Tree]) -> String {
    let parts: Vec<String> = parts.iter().map(Tree::as_part).collect();
    parts.join(" ")
}
