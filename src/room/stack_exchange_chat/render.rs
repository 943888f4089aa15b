//! What the chat gets for a message: a line with markup, lines without, code, or a link that it unfolds.

use super::markup;
use crate::model::Text;
use crate::model::text::{Block, Span, harmless};

/// The longest line, in UTF-16 units.
pub const LINE: usize = 500;
/// The longest message of several lines, in UTF-16 units.
pub const LINES: usize = 10_000;
/// What stands before each line of code.
pub(super) const INDENT: &str = "    ";

/// A message as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub text: String,
    /// There is no markup in it: it has several lines, or it is code. A reply prefix would be words.
    pub plain: bool,
}

/// What is sent for one of the [`pieces`](super::cut::pieces).
pub fn source(text: &Text) -> Source {
    let blocks = trimmed(&text.0);
    match blocks {
        _ if blocks.iter().any(is_code) => Source {
            text: fixed(blocks),
            plain: true,
        },
        [block] => Source {
            text: line(block),
            plain: false,
        },
        _ => Source {
            text: markup::begun(unmarked(text)),
            plain: true,
        },
    }
}

/// The same without markup, as it stands in a message of several lines.
pub(super) fn unmarked(text: &Text) -> String {
    rows(trimmed(&text.0)).join("\n").trim().to_string()
}

/// The length of a text for the chat: UTF-16 units.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// It is shown in letters of one width, whatever stands around it.
pub(super) fn is_code(block: &Block) -> bool {
    match block {
        Block::Pre(lines) => !lines.trim().is_empty(),
        Block::Line(_)
        | Block::Hint(_)
        | Block::Entry(_)
        | Block::OneBox(_)
        | Block::Choices(_) => false,
    }
}

/// Without the gaps at both ends.
pub(super) fn trimmed(blocks: &[Block]) -> &[Block] {
    let seen = |block: &Block| !row(block).trim().is_empty();
    let Some(first) = blocks.iter().position(seen) else {
        return &[];
    };
    let last = blocks.iter().rposition(seen).unwrap_or(first);
    &blocks[first..=last]
}

/// A block with its markup.
pub(super) fn line(block: &Block) -> String {
    match block {
        Block::Line(spans) => markup::line("", spans),
        Block::Hint(spans) => markup::line("hint: ", spans),
        Block::Entry(spans) => markup::line("- ", spans),
        Block::OneBox(url) => match markup::address(url) {
            Some(address) => address,
            None => markup::line("", &[Span::Words(url.clone())]),
        },
        Block::Pre(_) => fixed(std::slice::from_ref(block)),
        Block::Choices(_) => String::new(),
    }
}

/// Blocks without markup, in which only those are called who are meant.
fn rows(blocks: &[Block]) -> Vec<String> {
    let rows = blocks.iter().map(|block| match block {
        Block::Line(spans) => words("", spans),
        Block::Hint(spans) => words("hint: ", spans),
        Block::Entry(spans) => words("- ", spans),
        Block::Pre(_) | Block::OneBox(_) | Block::Choices(_) => markup::uncalled(&row(block)),
    });
    rows.collect()
}

/// Spans without markup.
fn words(begin: &str, spans: &[Span]) -> String {
    let mut row = String::from(begin);
    let mut behind_address = false;
    for span in spans {
        let (words, address) = match span {
            Span::Mention(name) => (markup::call(&harmless(name)), false),
            Span::Link { .. } | Span::Url(_) => (plain(span), true),
            Span::Words(_)
            | Span::Bold(_)
            | Span::Marked(_)
            | Span::Code(_)
            | Span::Tag(_)
            | Span::Author { .. } => (plain(span), false),
        };
        let apart = |c: char| c.is_whitespace() || ".,;:!?".contains(c);
        // What touches an address is taken for its end.
        if behind_address && !words.is_empty() && !words.starts_with(apart) {
            row.push(' ');
        }
        behind_address = address || (behind_address && words.is_empty());
        row.push_str(&words);
    }
    row
}

fn plain(span: &Span) -> String {
    markup::uncalled(&Text::new().spans(vec![span.clone()]).plain())
}

/// A block as it is where there is no markup.
pub(super) fn row(block: &Block) -> String {
    Text(vec![block.clone()]).plain()
}

/// Blocks as code, every line of it indented.
pub(super) fn fixed(blocks: &[Block]) -> String {
    let rows = rows(blocks).join("\n");
    let rows: Vec<&str> = rows.lines().map(str::trim_end).collect();
    let first = rows.iter().position(|row| !row.is_empty());
    let last = rows.iter().rposition(|row| !row.is_empty());
    let (Some(first), Some(last)) = (first, last) else {
        return String::new();
    };
    let rows = rows[first..=last]
        .iter()
        .map(|row| format!("{INDENT}{row}"));
    rows.collect::<Vec<_>>().join("\n")
}
