//! One message for everything that came since the last one, on the tracker's own schedule.

use super::headline::entries;
use super::{Printer, PrinterKind};
use crate::model::{Item, Text, TrackerName};
use crate::registry;

/// Gather items and say them together, as often as the tracker's `every` says.
#[derive(clap::Args)]
pub struct Digest {}

pub const KIND: PrinterKind = PrinterKind {
    name: "digest",
    declare: || registry::declare::<Digest>("digest"),
    page: include_str!("../../man/digest.md"),
    build: || Box::new(Digest {}),
};

impl Printer for Digest {
    fn print(&self, tracker: &TrackerName, items: &[Item]) -> Vec<Text> {
        let heading = match items.len() {
            0 => return Vec::new(),
            1 => "1 item".to_string(),
            n => format!("{n} items"),
        };
        let mut oldest_first: Vec<&Item> = items.iter().collect();
        oldest_first.sort_by_key(|item| item.at);
        vec![entries(
            &format!("[{tracker}] "),
            &heading,
            oldest_first.into_iter(),
        )]
    }

    fn gathers(&self) -> bool {
        true
    }
}
