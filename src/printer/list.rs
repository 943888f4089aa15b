//! One message for all items of a look.

use super::headline::entries;
use super::line::line;
use super::{Printer, PrinterKind};
use crate::model::{Item, Text, TrackerName};
use crate::registry;

/// Say all new items of a look in one message.
#[derive(clap::Args)]
pub struct List {}

pub const KIND: PrinterKind = PrinterKind {
    name: "list",
    declare: || registry::declare::<List>("list"),
    page: include_str!("../../man/as-list.md"),
    build: || Box::new(List {}),
};

impl Printer for List {
    fn print(&self, tracker: &TrackerName, items: &[Item]) -> Vec<Text> {
        match items {
            [] => Vec::new(),
            [one] => vec![line(tracker, one)],
            many => vec![entries(
                &format!("[{tracker}] "),
                &format!("{} new", many.len()),
                many.iter(),
            )],
        }
    }

    fn gathers(&self) -> bool {
        false
    }
}
