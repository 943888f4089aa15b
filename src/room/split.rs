//! Cuts a text that is too long for one message: between blocks, then between lines, then between words.

use crate::model::Text;
use crate::model::text::{Block, Span, harmless};

/// How long a text is for a platform: what its characters take, one by one.
pub(super) type Measure = fn(&str) -> usize;

/// Texts that each render to at most `longest` characters and together say the same, in the same order.
///
/// Links, addresses and code stay whole. Only what has no border to cut at and is longer than a whole message loses
/// its end, which then reads `…`. A text that shows nothing gives no messages.
pub fn split(text: &Text, longest: usize) -> Vec<Text> {
    let longest = longest.max(1);
    // Nearly all texts are short: then there is nothing to cut, and they are rendered once only.
    let plain = text.plain();
    if plain.len() <= longest || plain.chars().count() <= longest {
        return match plain.trim().is_empty() {
            true => Vec::new(),
            false => vec![text.clone()],
        };
    }
    let mut messages = Messages::new(longest);
    for block in &text.0 {
        let length = width(block, characters);
        if length <= longest {
            messages.add(block.clone(), length);
            continue;
        }
        messages.close();
        for piece in lines(block, longest, characters) {
            let length = width(&piece, characters);
            messages.add(piece, length);
        }
    }
    messages.close();
    messages.done
}

/// A block as blocks that each render to at most `longest`, by a platform's own measure.
pub(super) fn lines(block: &Block, longest: usize, measure: Measure) -> Vec<Block> {
    match block {
        Block::Line(spans) => cut_line(spans, Block::Line, 0, longest, measure),
        Block::Hint(spans) => cut_line(spans, Block::Hint, "hint: ".len(), longest, measure),
        Block::Entry(spans) => cut_line(spans, Block::Entry, "- ".len(), longest, measure),
        Block::Pre(lines) => cut_pre(lines, longest, measure),
        Block::OneBox(url) => {
            let url = cut_to(&harmless(url), longest, measure);
            vec![Block::Line(vec![Span::Words(url)])]
        }
        Block::Choices(_) => Vec::new(),
    }
}

/// Blocks, none longer than `longest`, as few messages that are no longer either.
pub(super) fn gather(blocks: Vec<Block>, longest: usize, measure: Measure) -> Vec<Text> {
    let mut messages = Messages::new(longest);
    for block in blocks {
        let length = width(&block, measure);
        messages.add(block, length);
    }
    messages.close();
    messages.done
}

/// The measure of most platforms.
fn characters(text: &str) -> usize {
    text.chars().count()
}

/// The messages so far; the last one still open.
struct Messages {
    longest: usize,
    done: Vec<Text>,
    open: Text,
    length: usize,
}

impl Messages {
    fn new(longest: usize) -> Messages {
        Messages {
            longest,
            done: Vec::new(),
            open: Text::new(),
            length: 0,
        }
    }

    fn add(&mut self, block: Block, length: usize) {
        // Blocks are one line end apart.
        if !self.open.is_empty() && self.length + 1 + length > self.longest {
            self.close();
        }
        if self.open.is_empty() {
            // A message does not begin with the empty line that stood between two blocks.
            if length == 0 && !self.done.is_empty() {
                return;
            }
            self.length = length;
        } else {
            self.length += 1 + length;
        }
        self.open.0.push(block);
    }

    fn close(&mut self) {
        let mut message = std::mem::take(&mut self.open);
        self.length = 0;
        // A gap between two blocks is none at the end of a message.
        let gap = |block: &Block| matches!(block, Block::Line(spans) if spans.is_empty());
        while message.0.last().is_some_and(gap) {
            message.0.pop();
        }
        // What shows nothing cannot be said.
        if !message.plain().trim().is_empty() {
            self.done.push(message);
        }
    }
}

/// What a block takes when it is rendered.
fn width(block: &Block, measure: Measure) -> usize {
    // Through the one renderer there is, so that the two cannot disagree.
    measure(&Text(vec![block.clone()]).plain())
}

/// What a line is made of: a word, or a span that stays whole.
struct Piece {
    /// The space before it; none where it clings to the piece before.
    space: String,
    span: Span,
    width: usize,
}

/// The lines that one line is cut into; the last one still open.
struct Lines {
    longest: usize,
    measure: Measure,
    done: Vec<Block>,
    open: Vec<Span>,
    block: fn(Vec<Span>) -> Block,
    /// The characters that `block` is rendered with before the open line.
    prefix: usize,
    length: usize,
}

fn cut_line(
    spans: &[Span],
    block: fn(Vec<Span>) -> Block,
    prefix: usize,
    longest: usize,
    measure: Measure,
) -> Vec<Block> {
    // Where a prefix would take half of the message there is none.
    let (block, prefix) = match prefix * 2 < longest {
        true => (block, prefix),
        false => (Block::Line as fn(Vec<Span>) -> Block, 0),
    };
    let mut lines = Lines {
        longest,
        measure,
        done: Vec::new(),
        open: Vec::new(),
        block,
        prefix,
        length: 0,
    };
    let mut rest = pieces(spans, measure).into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut group = vec![first];
        while let Some(next) = rest.next_if(|piece| piece.space.is_empty()) {
            group.push(next);
        }
        // What clings together goes to the next line together.
        let space = measure(&group[0].space);
        let width: usize = group.iter().map(|piece| piece.width).sum();
        if !lines.fits(space + width) {
            lines.end_line();
        }
        for piece in group {
            lines.put(piece);
        }
    }
    lines.end_line();
    lines.done
}

impl Lines {
    fn fits(&self, width: usize) -> bool {
        self.length + width <= self.longest - self.prefix
    }

    fn end_line(&mut self) {
        if self.open.is_empty() {
            return;
        }
        self.done.push((self.block)(std::mem::take(&mut self.open)));
        // The rest of a hint is no second hint.
        self.block = Block::Line;
        self.prefix = 0;
        self.length = 0;
    }

    fn put(&mut self, piece: Piece) {
        let mut space = piece.space;
        if !self.fits((self.measure)(&space) + piece.width) {
            self.end_line();
            space.clear();
        }
        let begins = self.open.is_empty() && !self.done.is_empty();
        if !begins && !space.is_empty() {
            self.length += (self.measure)(&space);
            self.push(match (self.open.last(), &piece.span) {
                (Some(Span::Bold(_)), Span::Bold(_)) => Span::Bold(space),
                _ => Span::Words(space),
            });
        }
        let room = self.longest - self.prefix - self.length;
        let (span, width) = match piece.width > room {
            true => shortened(piece.span, room, self.measure),
            false => (piece.span, piece.width),
        };
        self.length += width;
        self.push(span);
    }

    /// Adds a span, as a part of the one before where both are words.
    fn push(&mut self, span: Span) {
        match (self.open.last_mut(), span) {
            (Some(Span::Words(before)), Span::Words(words))
            | (Some(Span::Bold(before)), Span::Bold(words)) => before.push_str(&words),
            (_, span) => self.open.push(span),
        }
    }
}

/// The pieces of a line, rendered harmlessly once, so that their widths stay true.
fn pieces(spans: &[Span], measure: Measure) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut space = String::new();
    for span in spans {
        let (words, as_span): (&str, fn(String) -> Span) = match span {
            Span::Words(words) => (words, Span::Words),
            Span::Bold(words) => (words, Span::Bold),
            Span::Marked(_)
            | Span::Code(_)
            | Span::Link { .. }
            | Span::Url(_)
            | Span::Tag(_)
            | Span::Author { .. }
            | Span::Mention(_) => {
                pieces.push(Piece {
                    space: std::mem::take(&mut space),
                    span: span.clone(),
                    width: span_width(span, measure),
                });
                continue;
            }
        };
        let words = harmless(words);
        let mut rest = &*words;
        while !rest.is_empty() {
            let word = rest.trim_start();
            space.push_str(&rest[..rest.len() - word.len()]);
            let end = word.find(char::is_whitespace).unwrap_or(word.len());
            if end > 0 {
                pieces.push(Piece {
                    space: std::mem::take(&mut space),
                    span: as_span(word[..end].into()),
                    width: measure(&word[..end]),
                });
            }
            rest = &word[end..];
        }
    }
    pieces
}

fn span_width(span: &Span, measure: Measure) -> usize {
    width(&Block::Line(vec![span.clone()]), measure)
}

/// A span that is longer than a whole message, cut to `room`, with its new width.
fn shortened(span: Span, room: usize, measure: Measure) -> (Span, usize) {
    let cut = |words: &str, room| cut_to(words, room, measure);
    let span = match span {
        Span::Words(words) => Span::Words(cut(&words, room)),
        Span::Bold(words) => Span::Bold(cut(&words, room)),
        Span::Marked(words) if room > 5 => Span::Marked(cut(&harmless(&words), room - 4)),
        Span::Code(code) if room > 3 => Span::Code(cut(&harmless(&code), room - 2)),
        Span::Tag(tag) if room > 3 => Span::Tag(cut(&harmless(&tag), room - 2)),
        Span::Link { words, url } => {
            let address = measure(&harmless(&url));
            if address + 2 < room {
                let words = cut(&harmless(&words), room - address - 1);
                Span::Link { words, url }
            } else if address <= room {
                Span::Url(url)
            } else {
                Span::Words(cut(&harmless(&words), room))
            }
        }
        // Half an address leads elsewhere, half a name is somebody else: better plain words.
        Span::Url(words)
        | Span::Marked(words)
        | Span::Code(words)
        | Span::Tag(words)
        | Span::Author { name: words, .. }
        | Span::Mention(words) => Span::Words(cut(&harmless(&words), room)),
    };
    let width = span_width(&span, measure);
    (span, width)
}

/// What ends before `longest` says so.
fn cut_to(text: &str, longest: usize, measure: Measure) -> String {
    if measure(text) <= longest {
        return text.into();
    }
    let mut end = 0;
    let mut length = measure("…");
    for (at, c) in text.char_indices() {
        length += measure(c.encode_utf8(&mut [0; 4]));
        if length > longest {
            break;
        }
        end = at + c.len_utf8();
    }
    format!("{}…", text[..end].trim_end())
}

fn cut_pre(lines: &str, longest: usize, measure: Measure) -> Vec<Block> {
    let mut done = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut length = 0;
    for line in lines.lines() {
        let line = harmless(line);
        let width = measure(&line);
        let parts = match width > longest {
            true => {
                let words = [Span::Words(line.into_owned())];
                cut_line(&words, Block::Line, 0, longest, measure)
                    .into_iter()
                    .map(|part| Text(vec![part]).plain())
                    .collect()
            }
            false => vec![line.into_owned()],
        };
        for part in parts {
            let width = measure(&part);
            if !open.is_empty() && length + 1 + width > longest {
                done.push(Block::Pre(std::mem::take(&mut open).join("\n")));
            }
            length = match open.is_empty() {
                true => width,
                false => length + 1 + width,
            };
            open.push(part);
        }
    }
    if !open.is_empty() {
        done.push(Block::Pre(open.join("\n")));
    }
    done
}
