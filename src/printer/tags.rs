//! One message for all new tags of a look.

use super::headline::entries;
use super::line::line;
use super::news::{News, words};
use super::{Printer, PrinterKind};
use crate::model::{Item, Text, TrackerName};
use crate::registry;

/// Say all new tags of a look in one line.
#[derive(clap::Args)]
pub struct Tags {}

pub const KIND: PrinterKind = PrinterKind {
    name: "tags",
    declare: || registry::declare::<Tags>("tags"),
    page: include_str!("../../man/as-tags.md"),
    build: || Box::new(Tags {}),
};

impl Printer for Tags {
    fn print(&self, tracker: &TrackerName, items: &[Item]) -> Vec<Text> {
        let news: Option<Vec<News<'_>>> = items.iter().map(News::of).collect();
        let tags = news.filter(|news| news.iter().all(|news| news.is_tag()));
        match (items, tags.as_deref()) {
            ([], _) => Vec::new(),
            (_, Some(tags)) => said(tracker, tags),
            // What is no tag is said as a list says it.
            ([one], None) => vec![line(tracker, one)],
            (many, None) => vec![entries(
                &format!("[{tracker}] "),
                &format!("{} new", many.len()),
                many.iter(),
            )],
        }
    }

    fn gathers(&self) -> bool {
        false
    }

    fn sources(&self) -> &'static [&'static str] {
        &["tags"]
    }
}

/// A line for each site.
fn said(tracker: &TrackerName, tags: &[News<'_>]) -> Vec<Text> {
    let of_one_site = tags.chunk_by(|one, other| one.site == other.site);
    of_one_site
        .map(|tags| {
            let plural = if tags.len() == 1 { "" } else { "s" };
            let site = tags[0].site;
            let mut spans = vec![words(format!("[{tracker}] New tag{plural} on {site}:"))];
            for tag in tags {
                spans.push(words(" ".into()));
                spans.extend(tag.subject());
            }
            Text::new().spans(spans)
        })
        .collect::<Vec<Text>>()
}
