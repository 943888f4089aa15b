//! One message for each item: a line, and below it the bare link that the platform unfolds.

use super::headline::above_link;
use super::line::line;
use super::{Printer, PrinterKind};
use crate::model::text::Block;
use crate::model::{Item, Text, TrackerName};
use crate::registry;

/// Say each item in one line, with its link alone below it so that the room shows a preview.
#[derive(clap::Args)]
pub struct OneBox {}

pub const KIND: PrinterKind = PrinterKind {
    name: "one-box",
    declare: || registry::declare::<OneBox>("one-box"),
    page: include_str!("../../man/one-box.md"),
    build: || Box::new(OneBox {}),
};

impl Printer for OneBox {
    fn print(&self, tracker: &TrackerName, items: &[Item]) -> Vec<Text> {
        items
            .iter()
            .map(|item| match &item.url {
                None => line(tracker, item),
                Some(url) => {
                    let mut text = Text::new().spans(above_link(&format!("[{tracker}] "), item));
                    text.0.push(Block::OneBox(url.clone()));
                    text
                }
            })
            .collect()
    }

    fn gathers(&self) -> bool {
        false
    }
}
