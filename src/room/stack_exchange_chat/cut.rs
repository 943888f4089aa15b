//! Cuts a text into the messages that the chat takes.

use super::markup::{self, uncalled_units};
use super::render::{INDENT, LINE, LINES, fixed, is_code, line, row, source, trimmed, units};
use crate::model::Text;
use crate::model::text::{Block, Span};
use crate::room::split;

/// As many messages of one line are said for one line; a longer one becomes a message of several lines.
const PARTS: usize = 3;
/// What may be put before a line so that it does not begin as it did.
const BEGUN: usize = 1;

/// The messages that a text becomes; each is sent as [`source`] writes it and keeps to the chat's limits.
pub fn pieces(text: &Text) -> Vec<Text> {
    if text.0.iter().any(is_code) && !text.0.iter().any(has_link) {
        return codes(&text.0);
    }
    let mut done = Vec::new();
    for run in text
        .0
        .chunk_by(|a, b| kind(a) == kind(b) && kind(a) != Kind::Card)
    {
        match kind(&run[0]) {
            Kind::Prose => done.extend(prose(run)),
            Kind::Code => done.extend(codes(run)),
            Kind::Card => done.push(Text(run.to_vec())),
        }
    }
    done
}

/// What can stand in one message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Prose,
    Code,
    Card,
}

fn kind(block: &Block) -> Kind {
    match block {
        Block::Pre(_) if is_code(block) => Kind::Code,
        Block::OneBox(url) if markup::address(url).is_some() => Kind::Card,
        Block::Pre(_)
        | Block::OneBox(_)
        | Block::Line(_)
        | Block::Hint(_)
        | Block::Entry(_)
        | Block::Choices(_) => Kind::Prose,
    }
}

/// In code it could not be followed.
fn has_link(block: &Block) -> bool {
    match block {
        Block::Line(spans) | Block::Hint(spans) | Block::Entry(spans) => {
            let mut spans = spans.iter();
            spans.any(|span| matches!(span, Span::Link { .. } | Span::Url(_)))
        }
        Block::OneBox(_) => true,
        Block::Pre(_) | Block::Choices(_) => false,
    }
}

/// Blocks without code and cards.
fn prose(blocks: &[Block]) -> Vec<Text> {
    match trimmed(blocks) {
        [] => Vec::new(),
        [block] => alone(block),
        blocks => lines(blocks),
    }
}

/// One line: as it is, as a few lines, or without markup where that is not enough.
fn alone(block: &Block) -> Vec<Text> {
    if units(&line(block)) <= LINE {
        return vec![Text(vec![block.clone()])];
    }
    parts(block).unwrap_or_else(|| lines(std::slice::from_ref(block)))
}

/// Lines without markup in as few messages as possible.
fn lines(blocks: &[Block]) -> Vec<Text> {
    let longest = LINE - BEGUN;
    let cut: Vec<Block> = blocks
        .iter()
        .flat_map(|block| match uncalled_units(&row(block)) <= longest {
            true => vec![block.clone()],
            false => split::lines(block, longest, uncalled_units),
        })
        .collect();
    let messages = split::gather(cut, LINES - BEGUN, uncalled_units);
    let fits = |text: Text| match trimmed(&text.0) {
        // One line by itself has markup, and with it it may be longer.
        [block] if units(&line(block)) > LINE => {
            parts(&unmarked(block)).unwrap_or_else(|| codes(&[Block::Pre(row(block))]))
        }
        blocks => vec![Text(blocks.to_vec())],
    };
    messages.into_iter().flat_map(fits).collect()
}

/// A line with nothing but words and addresses.
fn unmarked(block: &Block) -> Block {
    let (begin, spans) = match block {
        Block::Line(spans) => ("", spans),
        Block::Hint(spans) => ("hint: ", spans),
        Block::Entry(spans) => ("- ", spans),
        Block::Pre(_) | Block::OneBox(_) | Block::Choices(_) => return block.clone(),
    };
    let mut all = vec![Span::Words(begin.into())];
    for span in spans {
        match span {
            Span::Words(_) | Span::Url(_) | Span::Mention(_) => all.push(span.clone()),
            Span::Link { words, url } => {
                all.push(Span::Words(format!("{words} ")));
                all.push(Span::Url(url.clone()));
            }
            Span::Bold(_)
            | Span::Marked(_)
            | Span::Code(_)
            | Span::Tag(_)
            | Span::Author { .. } => {
                all.push(Span::Words(row(&Block::Line(vec![span.clone()]))));
            }
        }
    }
    Block::Line(all)
}

/// The measure of a line of code.
fn indented(text: &str) -> usize {
    uncalled_units(text) + INDENT.len()
}

/// Code, or a table with the lines around it.
fn codes(blocks: &[Block]) -> Vec<Text> {
    let longest = LINE - INDENT.len();
    let whole = fixed(blocks);
    if units(&whole) <= LINES && whole.lines().all(|line| units(line) <= LINE) {
        return match whole.is_empty() {
            true => Vec::new(),
            false => vec![Text(blocks.to_vec())],
        };
    }
    let mut rows = Vec::new();
    for row in blocks
        .iter()
        .flat_map(|block| row(block).lines().map(String::from).collect::<Vec<_>>())
    {
        if uncalled_units(&row) <= longest {
            rows.push(Block::Pre(row));
            continue;
        }
        let row = Block::Line(vec![Span::Words(row)]);
        let cut = split::lines(&row, longest, uncalled_units);
        rows.extend(cut.iter().map(|part| Block::Pre(self::row(part))));
    }
    split::gather(rows, LINES, indented)
}

/// One line cut at words into a few, each with its markup; none where that is not enough.
fn parts(block: &Block) -> Option<Vec<Text>> {
    let spans = match block {
        Block::Line(spans) | Block::Hint(spans) | Block::Entry(spans) => spans.clone(),
        Block::OneBox(url) => vec![Span::Words(url.clone())],
        Block::Pre(_) | Block::Choices(_) => return None,
    };
    let with = |spans: Vec<Span>, first: bool| match block {
        Block::Hint(_) if first => Block::Hint(spans),
        Block::Entry(_) if first => Block::Entry(spans),
        Block::Line(_)
        | Block::Hint(_)
        | Block::Entry(_)
        | Block::Pre(_)
        | Block::OneBox(_)
        | Block::Choices(_) => Block::Line(spans),
    };
    let mut done: Vec<Block> = Vec::new();
    let mut open: Vec<Span> = Vec::new();
    for group in groups(&spans) {
        let mut longer = open.clone();
        for span in &group {
            match (longer.last_mut(), span) {
                (Some(Span::Words(before)), Span::Words(words)) => before.push_str(words),
                (Some(_) | None, _) => longer.push(span.clone()),
            }
        }
        if units(&line(&with(longer.clone(), done.is_empty()))) <= LINE {
            open = longer;
            continue;
        }
        if open.is_empty() || done.len() + 1 == PARTS {
            return None;
        }
        done.push(with(std::mem::take(&mut open), done.is_empty()));
        if units(&line(&with(group.clone(), false))) > LINE {
            return None;
        }
        open = group;
    }
    done.push(with(open, done.is_empty()));
    let texts = done.into_iter().map(|block| Text(vec![block]));
    Some(texts.filter(|text| !source(text).text.is_empty()).collect())
}

/// What goes to the next line together, with the space before it.
fn groups(spans: &[Span]) -> Vec<Vec<Span>> {
    let mut groups: Vec<Vec<Span>> = Vec::new();
    let mut add = |span: Span, apart: bool| match groups.last_mut() {
        Some(group) if !apart => group.push(span),
        Some(_) | None => groups.push(vec![span]),
    };
    for span in spans {
        let Span::Words(words) = span else {
            add(span.clone(), false);
            continue;
        };
        let mut rest = words.as_str();
        while !rest.is_empty() {
            let word = rest.trim_start();
            let begin = rest.len() - word.len();
            let end = begin + word.find(char::is_whitespace).unwrap_or(word.len());
            // Space without a word belongs to what follows.
            add(Span::Words(rest[..end].into()), begin > 0);
            rest = &rest[end..];
        }
    }
    groups
}
