//! The manual: every page of `man/`, by chapter.

use super::vocabulary;
use crate::registry::Kind;
use crate::{filter, man, printer, source};

/// A page before it is read.
pub struct Entry {
    pub name: &'static str,
    markdown: &'static str,
    /// The declaration that the page's usage is made from; topics have none.
    pub declare: Option<fn() -> clap::Command>,
    chapter: Chapter,
}

/// The parts of the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chapter {
    Topics,
    Commands,
    Sources,
    Filters,
    Printers,
}

impl Chapter {
    pub fn name(self) -> &'static str {
        match self {
            Chapter::Topics => "Topics",
            Chapter::Commands => "Commands",
            Chapter::Sources => "Sources",
            Chapter::Filters => "Filters",
            Chapter::Printers => "Printers",
        }
    }
}

impl Entry {
    /// The page with its usage filled in.
    pub fn read(&self) -> man::Page {
        man::parse(&self.markdown())
    }

    /// The section of man(1) it belongs to: programs and commands 1, all else 7.
    pub fn section(&self) -> u8 {
        match self.chapter {
            Chapter::Commands => 1,
            Chapter::Topics if self.name == "boson" => 1,
            Chapter::Topics | Chapter::Sources | Chapter::Filters | Chapter::Printers => 7,
        }
    }

    /// The page's Markdown with its usage filled in, and with the vocabulary of facts.
    pub fn markdown(&self) -> String {
        match self.declare {
            Some(declare) => man::with_usage(self.markdown, &self.usage(declare())),
            None if self.name == "facts" => {
                let page = man::between(self.markdown, "facts", &vocabulary::facts());
                man::between(&page, "marks", &vocabulary::marks())
            }
            None => self.markdown.to_string(),
        }
    }

    /// How it is typed: what is no command by itself is shown as a part of one.
    fn usage(&self, declared: clap::Command) -> String {
        match self.chapter {
            Chapter::Topics | Chapter::Commands => man::usage(&declared),
            Chapter::Sources => {
                let name = format!("track {}", declared.get_name());
                man::usage(&declared.name(name))
            }
            Chapter::Filters => {
                let about = declared.get_about().cloned().unwrap_or_default();
                let whole = clap::Command::new("track …");
                let arguments = declared.get_arguments().cloned();
                man::usage(&whole.args(arguments.map(|arg| arg.help(about.clone()))))
            }
            Chapter::Printers => {
                let name = declared.get_name();
                format!("track … as {name}\ntrack … --as {name}")
            }
        }
    }
}

/// Pages that belong to no kind.
const TOPICS: &[(&str, &str)] = &[
    ("boson", include_str!("../../man/boson.md")),
    ("words", include_str!("../../man/words.md")),
    ("times", include_str!("../../man/times.md")),
    ("query", include_str!("../../man/query.md")),
    ("facts", include_str!("../../man/facts.md")),
    ("breakers", include_str!("../../man/breakers.md")),
    ("recipe", include_str!("../../man/recipe.md")),
    ("config", include_str!("../../man/config.md")),
    ("watch", include_str!("../../man/watch.md")),
    ("terminal", include_str!("../../man/terminal.md")),
    (
        "stack-exchange-chat",
        include_str!("../../man/stack-exchange-chat.md"),
    ),
    ("slack", include_str!("../../man/slack.md")),
    ("irc", include_str!("../../man/irc.md")),
];

/// The chapters in the order of the manual, with their pages.
pub fn chapters() -> Vec<(Chapter, Vec<Entry>)> {
    let topics = TOPICS
        .iter()
        .map(|(name, markdown)| Entry {
            name,
            markdown,
            declare: None,
            chapter: Chapter::Topics,
        })
        .collect();
    vec![
        (Chapter::Topics, topics),
        (Chapter::Commands, entries(super::ALL, Chapter::Commands)),
        (Chapter::Sources, entries(source::ALL, Chapter::Sources)),
        (Chapter::Filters, entries(filter::ALL, Chapter::Filters)),
        (Chapter::Printers, entries(printer::ALL, Chapter::Printers)),
    ]
}

/// All pages.
pub fn pages() -> Vec<Entry> {
    chapters()
        .into_iter()
        .flat_map(|(_, pages)| pages)
        .collect()
}

/// A page is called what its heading says: a command and a printer can both be called `list`, their pages cannot.
fn entries<B>(kinds: &'static [Kind<B>], chapter: Chapter) -> Vec<Entry> {
    kinds
        .iter()
        .map(|kind| Entry {
            name: heading(kind.page).unwrap_or(kind.name),
            markdown: kind.page,
            declare: Some(kind.declare),
            chapter,
        })
        .collect()
}

fn heading(markdown: &str) -> Option<&str> {
    Some(markdown.lines().next()?.strip_prefix("# ")?.trim())
}
