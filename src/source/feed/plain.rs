//! HTML as plain text: paragraphs, list bullets, code and links survive.

use url::Url;

use crate::html::{Lexer, Token, attribute};
use crate::model::text::cut;

/// The longest address that is kept, in bytes.
pub(super) const LONGEST_URL: usize = 2000;

/// How deep lists and quotes are shown.
const DEEPEST: usize = 8;

/// The text of some HTML, at most `longest` characters. Relative links are resolved against `at`.
///
/// Text without any tag keeps its line breaks: it was not written as HTML.
pub(in crate::source) fn plain(html: &str, at: Option<&Url>, longest: usize) -> String {
    let mut paper = Paper {
        at,
        keep_lines: !Lexer::new(html).any(|token| !matches!(token, Token::Words(_))),
        ..Paper::default()
    };
    for token in Lexer::new(html) {
        match token {
            Token::Words(words) => paper.words(&words),
            Token::Open { name, attributes } => paper.open(&name, attributes),
            Token::Close { name } => paper.close(&name),
        }
        // A margin, since links are written when they end.
        if paper.length > longest + LONGEST_URL {
            break;
        }
    }
    while !paper.links.is_empty() {
        paper.close("a");
    }
    cut(paper.text.trim_matches('\n').trim_end(), longest)
}

/// The same on one line.
pub(super) fn line(html: &str, longest: usize) -> String {
    let mut text = String::new();
    let mut length = 0;
    for token in Lexer::new(html) {
        match token {
            Token::Words(words) => {
                length += words.len();
                text.push_str(&words);
            }
            Token::Open { name, .. } | Token::Close { name } => {
                if !is_inline(&name) {
                    text.push(' ');
                }
            }
        }
        // Four bytes make a character at most; white space may still fall away.
        if length > longest * 64 {
            break;
        }
    }
    one_line(&text, longest)
}

/// Any text on one line, without control characters.
pub(super) fn one_line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        length += word.chars().count() + 1;
        if length > longest + 1 {
            break;
        }
    }
    cut(&line, longest)
}

/// Plain text that was plain already: lines kept, other control characters gone.
pub(super) fn lines(text: &str, longest: usize) -> String {
    let text = text.replace("\r\n", "\n");
    let clean: String = text
        .trim()
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .take(longest + 1)
        .collect();
    cut(&clean, longest)
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "noscript"
            | "a"
            | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
    )
}

/// Where the text is written.
#[derive(Default)]
struct Paper<'a> {
    at: Option<&'a Url>,
    keep_lines: bool,
    text: String,
    /// In characters.
    length: usize,
    /// Line breaks that are written before the next word.
    breaks: usize,
    space: bool,
    /// A bullet that waits for its first word.
    bullet: Option<String>,
    /// Open lists: how many entries a numbered one has had.
    lists: Vec<Option<usize>>,
    quotes: usize,
    pre: usize,
    /// Open back-ticks.
    codes: usize,
    /// Open links: where they lead, and where their words begin.
    links: Vec<(Option<String>, usize)>,
}

impl Paper<'_> {
    fn words(&mut self, words: &str) {
        for c in words.chars() {
            let blank = c.is_whitespace();
            if c == '\n' && (self.pre > 0 || self.keep_lines) {
                if !self.text.is_empty() {
                    self.breaks = (self.breaks + 1).min(2);
                }
                self.space = false;
            } else if blank && self.pre > 0 {
                self.put(' ');
            } else if blank {
                self.space = true;
            } else if !c.is_control() && c != '\u{ad}' {
                self.put(c);
            }
        }
    }

    fn put(&mut self, c: char) {
        if self.breaks > 0 || self.text.is_empty() {
            if !self.text.is_empty() {
                for _ in 0..self.breaks {
                    self.push('\n');
                }
            }
            self.breaks = 0;
            self.space = false;
            let bullet = self.bullet.take();
            for _ in 0..self.quotes.min(DEEPEST) {
                self.push_str("> ");
            }
            // A bullet stands where the text of the list around it begins.
            let depth = self.lists.len().min(DEEPEST);
            for _ in 0..depth.saturating_sub(usize::from(bullet.is_some())) {
                self.push_str("  ");
            }
            if let Some(bullet) = bullet {
                self.push_str(&bullet);
            }
            if self.pre > 0 {
                self.push_str("    ");
            }
        } else if self.space {
            self.push(' ');
        }
        self.space = false;
        self.push(c);
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
        self.length += 1;
    }

    fn push_str(&mut self, words: &str) {
        self.text.push_str(words);
        self.length += words.chars().count();
    }

    fn break_line(&mut self) {
        self.breaks = self.breaks.max(1);
    }

    fn break_paragraph(&mut self) {
        self.breaks = if self.lists.is_empty() {
            2
        } else {
            self.breaks.max(1)
        };
    }

    fn open(&mut self, name: &str, attributes: &str) {
        match name {
            "br" => self.breaks = (self.breaks + 1).min(2),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "table" | "hr" | "dl" | "figure" => {
                self.break_paragraph();
            }
            "ul" | "ol" | "menu" | "dir" => {
                self.break_paragraph();
                self.lists.push((name == "ol").then_some(0));
            }
            "li" => {
                self.break_line();
                self.bullet = Some(match self.lists.last_mut() {
                    Some(Some(count)) => {
                        *count += 1;
                        format!("{count}. ")
                    }
                    Some(None) | None => "- ".into(),
                });
            }
            "blockquote" => {
                self.break_paragraph();
                self.quotes += 1;
            }
            "pre" => {
                self.break_paragraph();
                self.pre += 1;
            }
            "code" | "kbd" | "samp" | "tt" if self.pre == 0 => {
                self.put('`');
                self.codes += 1;
            }
            "a" => {
                let to = attribute(attributes, "href").and_then(|href| link(&href, self.at));
                self.links.push((to, self.text.len()));
                // Nobody nests links so deep; the oldest are forgotten.
                if self.links.len() > 64 {
                    self.links.remove(0);
                }
            }
            "img" => {
                if let Some(words) = attribute(attributes, "alt") {
                    self.words(&words);
                }
            }
            "td" | "th" => self.space = true,
            _ if is_inline(name) => {}
            _ => self.break_line(),
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "table" | "dl" | "figure" => {
                self.break_paragraph();
            }
            "ul" | "ol" | "menu" | "dir" => {
                self.lists.pop();
                self.bullet = None;
                self.break_paragraph();
            }
            "blockquote" => {
                self.quotes = self.quotes.saturating_sub(1);
                self.break_paragraph();
            }
            "pre" => {
                self.pre = self.pre.saturating_sub(1);
                self.break_paragraph();
            }
            "code" | "kbd" | "samp" | "tt" if self.codes > 0 && self.pre == 0 => {
                self.codes -= 1;
                let space = std::mem::take(&mut self.space);
                self.breaks = 0;
                self.push('`');
                self.space = space;
            }
            "a" => {
                let Some((Some(to), from)) = self.links.pop() else {
                    return;
                };
                let words = self.text.get(from..).unwrap_or_default().trim();
                let words = words.trim_start_matches("- ");
                let bare = |url: &str| {
                    url.trim_start_matches("mailto:")
                        .trim_start_matches("https://")
                        .trim_start_matches("http://")
                        .trim_end_matches('/')
                        .to_string()
                };
                if words.is_empty() {
                    self.words(&to);
                } else if bare(words) != bare(&to) {
                    self.push_str(&format!(" ({to})"));
                }
            }
            "td" | "th" => self.space = true,
            _ if is_inline(name) || name == "br" => {}
            _ => self.break_line(),
        }
    }
}

/// Where a link leads, if that is something people can open and not just another place of the same page.
pub(super) fn link(href: &str, at: Option<&Url>) -> Option<String> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') || href.len() > LONGEST_URL {
        return None;
    }
    let url = match at {
        Some(at) => at.join(href).ok()?,
        None => Url::parse(href).ok()?,
    };
    let opens = matches!(url.scheme(), "http" | "https" | "mailto");
    let whole = String::from(url);
    (opens && whole.len() <= LONGEST_URL).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        let at = Url::parse("https://example.org/a/b").unwrap();
        plain(html, Some(&at), 1000)
    }

    #[test]
    fn html_becomes_text() {
        for (html, expected) in [
            ("<p>one\n two</p><p>three</p>", "one two\n\nthree"),
            ("one<br>two<br/><br/><br/>three", "one\ntwo\n\nthree"),
            ("one\ntwo &amp; three", "one\ntwo & three"),
            (
                "<ul><li>one<li>two<ul><li>inner</ul></ul>after",
                "- one\n- two\n  - inner\n\nafter",
            ),
            ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
            (
                "<pre>fn a() {\n    b\n}</pre>c",
                "    fn a() {\n        b\n    }\n\nc",
            ),
            ("use <code>a  b</code>.", "use `a b`."),
            (
                "<a href='/x?a=1&amp;b'>here</a>.",
                "here (https://example.org/x?a=1&b).",
            ),
            (
                "<a href='https://example.org/x'>example.org/x</a>",
                "example.org/x",
            ),
            (
                "<a href='javascript:alert(1)'>here</a> <a href='#x'>there</a>",
                "here there",
            ),
            (
                "<a href='mailto:ann@example.org'>ann@example.org</a>",
                "ann@example.org",
            ),
            (
                "<a href='c.png'><img src='d.png'></a>",
                "https://example.org/a/c.png",
            ),
            ("<img alt='a cat'>", "a cat"),
            ("a<script>b</script><style>c</style>d", "ad"),
            ("<blockquote><p>said</p></blockquote>so", "> said\n\nso"),
            (
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
                "a b\nc",
            ),
            ("<b>bold</b> and <i>not</i>\u{7}\u{0}", "bold and not"),
            ("  &nbsp; ", ""),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(
            line("a <b>b</b>\n<p>c</p>d &lt;e&gt; Vec<T>", 100),
            "a b c d <e> Vec<T>"
        );
        assert_eq!(line(&"x ".repeat(1 << 20), 9), "x x x x…");
        assert_eq!(one_line("a\u{0}\u{1b}b", 9), "a b");
    }

    #[test]
    fn hostile_html_takes_no_long() {
        for html in [
            "<div>".repeat(100_000),
            "<b><i><a href=x>".repeat(10_000),
            "<ul><li>".repeat(20_000),
            "<blockquote>x".repeat(100_000),
            "<".repeat(1 << 18),
            "<a ".repeat(100_000),
            "<!--".repeat(300_000),
            "<script>".repeat(100_000),
            "&".repeat(1 << 20),
            "&#".repeat(1 << 20),
            format!("<a {}>", "x ".repeat(500_000)),
        ] {
            assert!(text(&html).chars().count() <= 1000);
            line(&html, 300);
        }
    }
}
