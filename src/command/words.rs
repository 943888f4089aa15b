//! Cuts a chat line into words, quotes and all.
//!
//! | typed | read |
//! | --- | --- |
//! | `"two words"`, `'two words'`, `“two words”`, `„two words“`, `«two words»` | one word |
//! | `it's`, `it’s`, `5"` | itself: a quote opens at the beginning of a word only, or after the `=` of `--flag=` |
//! | `\"`, `\'`, `\ `, `\\` | that quote, space or backslash; any other backslash is itself, so `\bfoo\d+` stays whole |
//! | `—flag`, `–flag` | `--flag`, as telephones write it |
//! | no-break and other spaces, line ends | the space between words |
//! | zero-width and control characters | nothing |
//! | `&amp;`, `&#39;` | what they stand for, decoded once |
//! | `"never closed` | the rest of the line, and [`Line::unclosed`] says so |
//!
//! Nothing is a comment, and no line is a mistake.

use std::ops::Range;

use crate::model::text::in_quotes;

/// A chat line and its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The line with entities decoded, spaces plain, and quotes and dashes that mean something in ASCII.
    pub text: String,
    pub words: Vec<Word>,
    /// The byte of `text` where a quote stands that nothing closes.
    pub unclosed: Option<usize>,
}

/// One word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Without its quotes and escapes.
    pub text: String,
    /// Where it stands in [`Line::text`], quotes and escapes included.
    pub span: Range<usize>,
    /// It begins with a quote: it is never a connecting word.
    pub quoted: bool,
}

/// Cuts `raw` into words; takes time in proportion to its length.
pub fn split(raw: &str) -> Line {
    plain(raw).unwrap_or_else(|| cut(raw))
}

/// The same for a line in which spaces stand between words and nothing else means anything, as in most.
fn plain(raw: &str) -> Option<Line> {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !b"&\\\"'".contains(&byte);
    if !raw.bytes().all(is_plain) {
        return None;
    }
    let mut at = 0;
    let words = raw.split(' ').filter_map(|text| {
        let span = at..at + text.len();
        at = span.end + 1;
        let word = || Word {
            text: text.into(),
            span,
            quoted: false,
        };
        (!text.is_empty()).then(word)
    });
    Some(Line {
        words: words.collect(),
        text: raw.into(),
        unclosed: None,
    })
}

fn cut(raw: &str) -> Line {
    let clean = clean(&html_escape::decode_html_entities(raw));
    let ends = Ends {
        plain: clean.rfind('"').unwrap_or(0),
        typographic: clean.rfind(is_typographic).unwrap_or(0),
    };
    let mut cutter = Cutter::default();
    let mut before = ' ';
    let mut chars = clean.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\'
            && let Some((_, escaped)) = chars.next_if(|(_, after)| is_escaped(*after))
        {
            cutter.escaped(escaped);
            before = escaped;
            continue;
        }
        let after = chars.peek().map_or(' ', |(_, after)| *after);
        match cutter.quote {
            Some(quote) if quote.ends(c, at, before, after, &ends) => cutter.close(quote),
            Some(_) => cutter.letter(c),
            None if c.is_whitespace() => cutter.space(c),
            None => match Quote::opened_by(c) {
                Some(quote) if cutter.may_open() => cutter.open(quote),
                Some(Quote::Double { .. }) => cutter.letter('"'),
                _ if cutter.word.is_none() && is_long_dash(c) && after.is_alphabetic() => {
                    cutter.letter('-');
                    cutter.letter('-');
                }
                _ => cutter.letter(c),
            },
        }
        before = c;
    }
    cutter.end()
}

/// A word as it is typed so that it is read as one: in quotes unless it is plain. What cannot be seen is left out.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@%,+?=#~".contains(c);
    let connects = super::sentence::CONNECTORS
        .iter()
        .any(|connector| connector.word == word);
    if !word.is_empty() && word.chars().all(plain) && !connects && !word.starts_with('-') {
        return word.into();
    }
    in_quotes(&clean(word))
}

/// What opened a quotation, and so what can close it.
#[derive(Clone, Copy)]
enum Quote {
    Single,
    Double { typographic: bool },
}

/// Where the last double quote of each sort stands in the line.
struct Ends {
    plain: usize,
    typographic: usize,
}

impl Quote {
    fn opened_by(c: char) -> Option<Quote> {
        match c {
            '"' => Some(Quote::Double { typographic: false }),
            _ if is_typographic(c) => Some(Quote::Double { typographic: true }),
            _ if is_single(c) => Some(Quote::Single),
            _ => None,
        }
    }

    /// Whether `c`, which stands at byte `at` between `before` and `after`, closes the quotation.
    ///
    /// Double quotes of the other sort close it only where none of its own sort follows:
    /// `"she said “hi”"` keeps its inner quotes and `“hi"` is closed all the same.
    fn ends(self, c: char, at: usize, before: char, after: char, ends: &Ends) -> bool {
        match self {
            // `'don't'` is one word.
            Quote::Single => is_single(c) && !(before.is_alphanumeric() && after.is_alphanumeric()),
            Quote::Double { typographic: false } => {
                c == '"' || is_typographic(c) && ends.plain < at
            }
            Quote::Double { typographic: true } => {
                is_typographic(c) || c == '"' && ends.typographic < at
            }
        }
    }

    fn plain(self) -> char {
        match self {
            Quote::Single => '\'',
            Quote::Double { .. } => '"',
        }
    }
}

/// The line so far, and the word that is being read.
#[derive(Default)]
struct Cutter {
    line: Line,
    word: Option<Word>,
    quote: Option<Quote>,
    opened: usize,
}

impl Cutter {
    fn word(&mut self) -> &mut Word {
        let start = self.line.text.len();
        self.word.get_or_insert_with(|| Word {
            text: String::new(),
            span: start..start,
            quoted: false,
        })
    }

    fn letter(&mut self, c: char) {
        self.word().text.push(c);
        self.line.text.push(c);
    }

    fn escaped(&mut self, c: char) {
        self.word().text.push(c);
        self.line.text.push('\\');
        self.line.text.push(c);
    }

    fn space(&mut self, c: char) {
        self.finish();
        self.line.text.push(c);
    }

    fn may_open(&self) -> bool {
        match &self.word {
            None => true,
            Some(word) => {
                !word.quoted
                    && word.text.starts_with("--")
                    && word.text.find('=') == Some(word.text.len() - 1)
            }
        }
    }

    fn open(&mut self, quote: Quote) {
        let first = self.word.is_none();
        let word = self.word();
        word.quoted |= first;
        self.opened = self.line.text.len();
        self.line.text.push(quote.plain());
        self.quote = Some(quote);
    }

    fn close(&mut self, quote: Quote) {
        self.line.text.push(quote.plain());
        self.quote = None;
    }

    fn finish(&mut self) {
        if let Some(mut word) = self.word.take() {
            word.span.end = self.line.text.len();
            self.line.words.push(word);
        }
    }

    fn end(mut self) -> Line {
        self.finish();
        self.line.unclosed = self.quote.map(|_| self.opened);
        self.line
    }
}

/// The line without what cannot be seen, and with plain spaces.
fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        match c {
            '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => clean.push('\n'),
            '\r' if after == '\n' => {}
            _ if c.is_whitespace() => clean.push(' '),
            // Inside emoji and some scripts these two are letters as good as any.
            '\u{200c}' | '\u{200d}' if is_joined(before) && is_joined(after) => clean.push(c),
            _ if c.is_control() || is_invisible(c) => {}
            _ => clean.push(c),
        }
        before = c;
    }
    clean
}

fn is_joined(c: char) -> bool {
    !c.is_ascii() && !c.is_whitespace() && !c.is_control() && !is_invisible(c)
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn is_escaped(c: char) -> bool {
    matches!(c, ' ' | '\\' | '"') || is_typographic(c) || is_single(c)
}

fn is_typographic(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟' | '«' | '»')
}

fn is_single(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’' | '‚' | '‛')
}

fn is_long_dash(c: char) -> bool {
    matches!(c, '—' | '–')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_plain_line_is_cut_as_any_other(raw in "[ -~é\t]{0,4}[ a-z=–-]{0,40}[ -~]{0,4}") {
            if let Some(line) = plain(&raw) {
                prop_assert_eq!(line, cut(&raw));
            }
        }
    }
}
