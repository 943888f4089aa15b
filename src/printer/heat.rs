//! One message for each text that sounds angry, with how angry the classifier finds it.

use super::line::line;
use super::news::{News, number, words};
use super::{Printer, PrinterKind};
use crate::model::{Item, Text, TrackerName, facts};
use crate::registry;

/// Say each item with how angry it sounds: score, text, author.
#[derive(clap::Args)]
pub struct Heat {}

pub const KIND: PrinterKind = PrinterKind {
    name: "heat",
    declare: || registry::declare::<Heat>("heat"),
    page: include_str!("../../man/as-heat.md"),
    build: || Box::new(Heat {}),
};

impl Printer for Heat {
    fn print(&self, tracker: &TrackerName, items: &[Item]) -> Vec<Text> {
        items.iter().map(|item| said(tracker, item)).collect()
    }

    fn gathers(&self) -> bool {
        false
    }

    fn sources(&self) -> &'static [&'static str] {
        facts::find("heat").map_or(&[], |heat| facts::ALL[heat].from)
    }
}

/// `[name] Heat 6, new comment on beer.stackexchange.com: …`
fn said(tracker: &TrackerName, item: &Item) -> Text {
    let (Some(heat), Some(news)) = (number(item, "heat"), News::of(item)) else {
        return line(tracker, item);
    };
    let details = item.facts.get("heat-details").map(ToString::to_string);
    let details = details.filter(|details| !details.is_empty());
    let details = details.map_or_else(String::new, |details| format!(" ({details})"));
    let mut spans = vec![words(format!(
        "[{tracker}] Heat {heat}{details}, {} on {}: ",
        news.what(),
        news.site
    ))];
    spans.extend(news.brief());
    Text::new().spans(spans)
}
