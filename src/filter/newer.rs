//! Keeps items that are not too old.

use std::sync::Arc;

use super::age::Bound;
use super::amount::Amount;
use super::folded::Folded;
use super::range::Range;
use super::said::Said;
use super::tree::Tree;
use super::{Filter, FilterKind, Needs};
use crate::model::facts;
use crate::model::{Refusal, Verdict};
use crate::registry;
use crate::when::Reading;

/// Keep items published less than this long ago, or after this date.
#[derive(clap::Args)]
pub struct Newer {
    #[arg(long, value_name = "TIME")]
    pub newer: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "newer",
    declare: || registry::declare::<Newer>("newer"),
    page: include_str!("../../man/newer.md"),
    build,
};

fn build(value: &str, reading: &Reading) -> Result<Tree, Refusal> {
    build_as("newer", value, reading, Range::Under, Range::Over)
}

/// A comparison of `created` under a name of its own.
pub(super) fn build_as(
    name: &'static str,
    value: &str,
    reading: &Reading,
    ago: fn(f64) -> Range,
    at: fn(f64) -> Range,
) -> Result<Tree, Refusal> {
    let bound = Bound::read(&format!("{name}:7d"), value, reading)?;
    let created = facts::find("created").expect("the vocabulary has it");
    let amount = Amount::of_time(created, bound, ago, at);
    Ok(Tree::Leaf(Arc::new(Created { name, amount })))
}

struct Created {
    name: &'static str,
    amount: Amount,
}

impl Filter for Created {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        self.amount.check(item)
    }

    fn holds(&self, item: &Folded<'_>) -> Option<bool> {
        self.amount.holds(item)
    }

    fn needs(&self) -> Needs {
        self.amount.needs()
    }

    fn reader(&self) -> Option<&'static str> {
        self.amount.reader()
    }

    fn spelling(&self) -> String {
        format!("{}:{}", self.name, self.value())
    }

    fn value(&self) -> String {
        self.amount.limit()
    }

    fn said(&self) -> Said {
        self.amount.said()
    }
}
