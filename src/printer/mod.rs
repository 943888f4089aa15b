//! What items look like in a room: one file a kind, listed in `ALL`.
//!
//! Invariant: a printer knows items and the tracker's name and nothing else: no store, clock, web or room.

pub mod closed;
pub mod digest;
pub mod edits;
mod headline;
pub mod heat;
pub mod line;
pub mod list;
mod news;
pub mod one_box;
pub mod tags;

use std::sync::Arc;

use crate::model::{Item, Refusal, Text, TrackerName};
use crate::registry::{self, Kind};

/// Every kind of printer, in the order of the manual.
pub const ALL: &[PrinterKind] = &[
    line::KIND,
    one_box::KIND,
    list::KIND,
    digest::KIND,
    tags::KIND,
    heat::KIND,
    closed::KIND,
    edits::KIND,
];

/// A printer's declaration and how to make one.
pub type PrinterKind = Kind<fn() -> Box<dyn Printer>>;

/// Turns items into texts.
pub trait Printer: Send + Sync {
    /// The messages that say these items; none for none. Items are in the order in which they are said.
    fn print(&self, tracker: &TrackerName, items: &[Item]) -> Vec<Text>;

    /// Items wait for the tracker's own schedule and are said together.
    fn gathers(&self) -> bool;

    /// The kinds of sources whose items it has words of its own for; none stands for every source.
    fn sources(&self) -> &'static [&'static str] {
        &[]
    }
}

/// Who makes printers by their names: [`build`], or a test whose printers go wrong.
pub type Printers = Arc<dyn Fn(&str) -> Result<Box<dyn Printer>, Refusal> + Send + Sync>;

/// Makes the printer that a recipe names.
///
/// # Errors
/// When there is no such kind; the hint has the nearest.
pub fn build(name: &str) -> Result<Box<dyn Printer>, Refusal> {
    Ok((registry::find(ALL, name, "printer")?.build)())
}
