//! What keeps or drops an item: one file a kind, listed in `ALL`; the query language over them.
//!
//! Invariant: a filter knows an item and its facts and nothing else: no store, clock, web or room.

use crate::model::{Item, Verdict};

/// A filter, ready to decide.
pub trait Filter: Send + Sync {
    /// Keeps, drops or is unsure, with the reason.
    fn check(&self, item: &Item) -> Verdict;

    /// The filter in its canonical spelling, as a query's term: `length:10..200`.
    fn spelling(&self) -> String;
}
