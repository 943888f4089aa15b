//! The manual: pages written in Markdown, shown in a room or as real man pages.

mod read;
mod roff;
mod usage;

pub use usage::{between, usage, with_usage};

use crate::model::Text;
use crate::model::text::{Block, Span};

/// One page of the manual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The first heading: what one types after `man`.
    pub name: String,
    /// The first paragraph: one sentence.
    pub summary: String,
    pub body: Vec<Piece>,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// `level` is 2 for the parts of a page, more for parts of these.
    Heading {
        level: u8,
        words: Vec<Span>,
    },
    Paragraph(Vec<Span>),
    /// One entry of a list; `number` where the list counts, `depth` 0 for a list that is in no other.
    Entry {
        depth: usize,
        number: Option<u64>,
        words: Vec<Span>,
    },
    /// Rows of cells; the first is the head.
    Table(Vec<Vec<String>>),
    /// Lines that stay as they are.
    Pre(String),
    /// How the command is typed: the same, and the first thing one looks for.
    Usage(String),
}

impl Piece {
    /// The piece as a room shows it.
    fn block(&self) -> Block {
        match self {
            Piece::Heading { words, .. } => Block::Line(vec![Span::Bold(plain(words))]),
            Piece::Paragraph(words) => Block::Line(words.clone()),
            Piece::Entry {
                depth,
                number,
                words,
            } => {
                let mut words = words.clone();
                if *depth > 0 {
                    words.insert(0, Span::Words("  ".repeat(*depth)));
                }
                match number {
                    None => Block::Entry(words),
                    Some(number) => {
                        words.insert(0, Span::Words(format!("{number}. ")));
                        Block::Line(words)
                    }
                }
            }
            Piece::Table(rows) => Block::Pre(aligned(rows)),
            Piece::Pre(lines) | Piece::Usage(lines) => Block::Pre(lines.clone()),
        }
    }
}

/// Reads a page. Whatever the text is, there is a page; what it lacks is empty.
pub fn parse(markdown: &str) -> Page {
    read::page(markdown)
}

impl Page {
    /// The page for a room.
    pub fn text(&self) -> Text {
        let mut blocks = vec![Block::Line(vec![
            Span::Bold(self.name.clone()),
            Span::Words(format!(": {}", self.summary)),
        ])];
        blocks.extend(self.body.iter().enumerate().flat_map(|(n, piece)| {
            // Entries of a list stand close together, everything else apart.
            let close = matches!(piece, Piece::Entry { .. })
                && n > 0
                && matches!(self.body[n - 1], Piece::Entry { .. });
            let gap = (!close).then(|| Block::Line(Vec::new()));
            gap.into_iter().chain([piece.block()])
        }));
        Text(blocks)
    }

    /// The page as a man page of `section`; `date` as `2026-03-01`. It is called `boson-NAME`.
    pub fn roff(&self, section: u8, date: &str) -> String {
        roff::page(self, section, date)
    }
}

/// The words of spans without their markup.
fn plain(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Words(words) | Span::Bold(words) | Span::Marked(words) | Span::Code(words) => {
                words.clone()
            }
            Span::Link { words, .. } | Span::Author { name: words, .. } => words.clone(),
            Span::Url(words) | Span::Tag(words) | Span::Mention(words) => words.clone(),
        })
        .collect()
}

/// Rows with every column as wide as its widest cell, two spaces between them.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|n| {
            let cells = rows.iter().filter_map(|row| row.get(n));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}", width = *width))
            .collect();
        line.join("  ").trim_end().to_string()
    });
    lines.collect::<Vec<_>>().join("\n")
}
