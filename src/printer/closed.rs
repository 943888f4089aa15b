//! One message for each question that is closed, or that people want to close: why, when, by how many votes.

use super::line::line;
use super::news::{News, first, number, words};
use super::{Printer, PrinterKind};
use crate::model::{Fact, Item, Text, TrackerName, facts};
use crate::registry;

/// Say each question with why and when it was closed, and how many voted for it.
#[derive(clap::Args)]
pub struct Closed {}

pub const KIND: PrinterKind = PrinterKind {
    name: "closed",
    declare: || registry::declare::<Closed>("closed"),
    page: include_str!("../../man/as-closed.md"),
    build: || Box::new(Closed {}),
};

impl Printer for Closed {
    fn print(&self, tracker: &TrackerName, items: &[Item]) -> Vec<Text> {
        items.iter().map(|item| said(tracker, item)).collect()
    }

    fn gathers(&self) -> bool {
        false
    }

    fn sources(&self) -> &'static [&'static str] {
        facts::find("closed").map_or(&[], |closed| facts::ALL[closed].from)
    }
}

/// `[name] Closed on beer.stackexchange.com as Duplicate, 2026-11-21 09:00 UTC, with 3 votes: Title by ann`
fn said(tracker: &TrackerName, item: &Item) -> Text {
    let votes = number(item, "close-votes").filter(|votes| *votes > 0.0);
    let votes = votes.map(|votes| match votes == 1.0 {
        true => "1 close vote".to_string(),
        false => format!("{votes} close votes"),
    });
    let Some(news) = News::of(item) else {
        return line(tracker, item);
    };
    let site = news.site;
    let state = match (item.facts.get("closed"), votes) {
        (Some(Fact::Time(at)), votes) => {
            let reason = item.facts.get("closed-reason").and_then(first);
            let reason = reason.map_or_else(String::new, |reason| format!(" as “{reason}”"));
            let votes = votes.map_or_else(String::new, |votes| format!(", with {votes}"));
            let at = at.format("%Y-%m-%d %H:%M UTC");
            format!("Closed on {site}{reason}, {at}{votes}")
        }
        (_, Some(votes)) => format!("With {votes} on {site}"),
        _ => return line(tracker, item),
    };
    let mut spans = vec![words(format!("[{tracker}] {state}: "))];
    spans.extend(news.brief());
    Text::new().spans(spans)
}
