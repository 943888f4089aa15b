//! What keeps or drops an item: one file a kind, listed in `ALL`; the query language over them.
//!
//! Invariant: a filter knows an item and its facts and nothing else: no store, clock, web or room.

mod age;
mod amount;
mod asked;
pub mod author;
pub mod contains;
mod facts;
mod fold;
mod folded;
mod glob;
mod index;
pub mod length;
mod mark;
pub mod matches;
mod mistake;
mod named;
mod need;
pub mod newer;
pub mod older;
mod phrase;
mod place;
mod quantity;
pub mod query;
mod range;
mod regexes;
mod said;
mod sieve;
mod spelling;
pub mod tag;
mod told;
mod tree;
mod why;

pub use facts::{Value, values};
pub use folded::Folded;
pub use index::{Burden, Index, Scratch};
pub use need::{Here, Hit, Key, Needs, TextField};
pub use place::{Place, Where};
pub use said::Said;
pub use sieve::Sieve;

use clap::Command;

use crate::model::{Refusal, Verdict};
use crate::registry::Kind;
use crate::when::Reading;

/// Every kind of filter, in the order of the manual.
pub const ALL: &[FilterKind] = &[
    contains::KIND,
    matches::KIND,
    length::KIND,
    author::KIND,
    tag::KIND,
    newer::KIND,
    older::KIND,
    asked::CREATED,
    asked::SITE,
    asked::USER,
    asked::REPUTATION,
    asked::SCORE,
    asked::POST,
    asked::POST_INACTIVE,
    asked::ANSWERED,
    asked::ACCEPTED,
    asked::CLOSED,
    asked::CLOSE_VOTES,
    asked::BURNED_TAG,
    asked::HEAT,
];

/// A filter's declaration and how to build it from the value behind its flag.
pub type FilterKind = Kind<fn(&str, &Reading) -> Result<query::Tree, Refusal>>;

/// A filter, ready to decide.
pub trait Filter: Send + Sync {
    /// Keeps, drops or is unsure, with a reason that stands after "because".
    fn check(&self, item: &Folded<'_>) -> Verdict;

    /// The same without the reason: true where it keeps, false where it drops, `None` where it is unsure.
    fn holds(&self, item: &Folded<'_>) -> Option<bool> {
        match self.check(item) {
            Verdict::Keep(_) => Some(true),
            Verdict::Drop(_) => Some(false),
            Verdict::Unsure(_) => None,
        }
    }

    /// What an item must have for the filter to keep it, if that can be looked up.
    fn needs(&self) -> Needs {
        Needs::anything()
    }

    /// Whether it holds because of what the index found at one place.
    fn holds_at(&self, item: &Folded<'_>, _: Hit) -> Here {
        Here::Decided(self.holds(item))
    }

    /// How long it takes at the worst to ask about one item, in tens of microseconds: about one for each way through a
    /// text of 20,000 characters.
    fn weight(&self) -> u32 {
        0
    }

    /// The reader that looks up what it compares, where the source itself does not say it.
    fn reader(&self) -> Option<&'static str> {
        None
    }

    /// Where in an item that it keeps it found what it looks for; none for what is found nowhere.
    fn places(&self, _: &Folded<'_>) -> Vec<Place> {
        Vec::new()
    }

    /// The filter in its canonical spelling, as a query's term: `length:10..200`.
    fn spelling(&self) -> String;

    /// What it says of the items it keeps; words and patterns are said as they are spelled.
    fn said(&self) -> Said {
        Said::of_text(&self.spelling())
    }

    /// What stands behind its flag, such that it means the same at any later time: `10..200`.
    fn value(&self) -> String;
}

/// The flags' names, in the order of the manual.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|kind| kind.name)
}

/// Adds every filter's flag to a command, but for those that the command has for itself; each may be given several
/// times.
pub fn augment(command: Command) -> Command {
    ALL.iter().fold(command, |command, kind| {
        let declared = (kind.declare)();
        let own = |arg: &clap::Arg| {
            let mut own = command.get_arguments();
            own.any(|own| own.get_id() == arg.get_id())
        };
        let args: Vec<clap::Arg> = declared
            .get_arguments()
            .filter(|arg| !own(arg))
            .map(|arg| arg.clone().help(kind.about()).help_heading("Filters"))
            .collect();
        command.args(args)
    })
}
