//! One message for each edit: who changed what, and what they say it is for.

use super::line::line;
use super::news::{News, capital, words};
use super::{Printer, PrinterKind};
use crate::model::text::Span;
use crate::model::{Fact, Item, Text, TrackerName};
use crate::registry;

/// Say each edit with what it is said to be for and whether it was approved.
#[derive(clap::Args)]
pub struct Edits {}

pub const KIND: PrinterKind = PrinterKind {
    name: "edits",
    declare: || registry::declare::<Edits>("edits"),
    page: include_str!("../../man/as-edits.md"),
    build: || Box::new(Edits {}),
};

impl Printer for Edits {
    fn print(&self, tracker: &TrackerName, items: &[Item]) -> Vec<Text> {
        items.iter().map(|item| said(tracker, item)).collect()
    }

    fn gathers(&self) -> bool {
        false
    }

    fn sources(&self) -> &'static [&'static str] {
        &["edits", "revisions"]
    }
}

/// `[name] Suggested edit on beer.stackexchange.com by ann, “spelling”: Title`
fn said(tracker: &TrackerName, item: &Item) -> Text {
    let Some(news) = News::of(item).filter(News::is_edit) else {
        return line(tracker, item);
    };
    let happened = |name| matches!(item.facts.get(name), Some(Fact::Time(_) | Fact::Yes(true)));
    let state = match (happened("approved"), happened("rejected")) {
        (true, _) => " (approved)",
        (_, true) => " (rejected)",
        (false, false) => "",
    };
    let what = capital(&news.what());
    let mut spans = vec![words(format!("[{tracker}] {what} on {}{state}", news.site))];
    spans.extend(news.by(" by "));
    let comment = match news.comment() {
        Some(comment) => format!(", “{comment}”: "),
        None => ", without a comment: ".into(),
    };
    spans.push(words(comment));
    spans.extend(news.subject());
    if let Some(kind) = news.kind_of_post() {
        spans.push(words(format!(" ({kind})")));
    }
    for tag in &item.tags {
        spans.push(words(" ".into()));
        spans.push(Span::Tag(tag.clone()));
    }
    Text::new().spans(spans)
}
