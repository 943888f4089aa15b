//! The manual: every page of `man/`, by chapter.

use crate::registry::Kind;
use crate::{command, filter, man, printer, source};

/// A page before it is read.
pub struct Entry {
    pub name: &'static str,
    markdown: &'static str,
    /// The declaration that the page's usage is made from; topics have none.
    pub declare: Option<fn() -> clap::Command>,
}

impl Entry {
    /// The page with its usage filled in.
    pub fn read(&self) -> man::Page {
        man::parse(&self.markdown())
    }

    /// The page's Markdown with its usage filled in.
    pub fn markdown(&self) -> String {
        match self.declare {
            Some(declare) => man::with_usage(self.markdown, &man::usage(&declare())),
            None => self.markdown.to_string(),
        }
    }
}

/// Pages that belong to no kind.
const TOPICS: &[(&str, &str)] = &[
    ("boson", include_str!("../man/boson.md")),
    ("words", include_str!("../man/words.md")),
    ("times", include_str!("../man/times.md")),
    ("query", include_str!("../man/query.md")),
    ("recipe", include_str!("../man/recipe.md")),
    ("config", include_str!("../man/config.md")),
    ("terminal", include_str!("../man/terminal.md")),
];

/// The chapters in the order of the manual, with their pages.
pub fn chapters() -> Vec<(&'static str, Vec<Entry>)> {
    vec![
        ("Topics", TOPICS.iter().map(|(name, markdown)| Entry { name, markdown, declare: None }).collect()),
        ("Commands", entries(command::ALL)),
        ("Sources", entries(source::ALL)),
        ("Filters", entries(filter::ALL)),
        ("Printers", entries(printer::ALL)),
    ]
}

/// All pages.
pub fn pages() -> Vec<Entry> {
    chapters().into_iter().flat_map(|(_, pages)| pages).collect()
}

fn entries<B>(kinds: &'static [Kind<B>]) -> Vec<Entry> {
    kinds
        .iter()
        .map(|kind| Entry {
            name: kind.name,
            markdown: kind.page,
            declare: Some(kind.declare),
        })
        .collect()
}
