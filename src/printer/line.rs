//! One message for each item, in one line.

use super::headline::with_link;
use super::{Printer, PrinterKind};
use crate::model::{Item, Text, TrackerName};
use crate::registry;

/// Say each item in one line: title, author, link.
#[derive(clap::Args)]
pub struct Line {}

pub const KIND: PrinterKind = PrinterKind {
    name: "line",
    declare: || registry::declare::<Line>("line"),
    page: include_str!("../../man/line.md"),
    build: || Box::new(Line {}),
};

impl Printer for Line {
    fn print(&self, tracker: &TrackerName, items: &[Item]) -> Vec<Text> {
        items.iter().map(|item| line(tracker, item)).collect()
    }

    fn gathers(&self) -> bool {
        false
    }
}

/// `[name] Title, by author https://example.org/1`
pub(super) fn line(tracker: &TrackerName, item: &Item) -> Text {
    Text::new().spans(with_link(&format!("[{tracker}] "), item))
}
