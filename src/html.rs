//! HTML, cut into tags and words in time that grows with its length only.
//!
//! A tree of the page would be more exact, but its building can be made slow on purpose, and all that is wanted
//! here is text.

use std::borrow::Cow;

/// A piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Entities are decoded.
    Words(Cow<'a, str>),
    /// The name is in lower case.
    Open {
        name: String,
        attributes: &'a str,
    },
    Close {
        name: String,
    },
}

/// Elements whose content is no text.
const HIDDEN: [&str; 13] = [
    "script", "style", "template", "noscript", "head", "svg", "math", "iframe", "object", "video",
    "audio", "select", "textarea",
];

/// Elements of HTML that are not in [`HIDDEN`], sorted; what looks like any other tag is text, for instance `Vec<T>`.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "a", "abbr", "acronym", "address", "article", "aside", "b", "base", "basefont", "bdi", "bdo", "big",
    "blockquote", "body", "br", "button", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "dfn", "dialog", "dir", "div", "dl", "dt", "em", "embed", "fieldset", "figcaption", "figure", "font",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "i", "img", "input",
    "ins", "kbd", "label", "legend", "li", "link", "main", "map", "mark", "menu", "meta", "nav", "ol", "optgroup",
    "option", "p", "param", "picture", "pre", "progress", "q", "rp", "rt", "ruby", "s", "samp", "section", "small",
    "source", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
    "time", "title", "tr", "track", "tt", "u", "ul", "var", "wbr",
];

/// The tokens of a text.
pub struct Lexer<'a> {
    rest: &'a str,
    /// Hands out what is hidden as well: discovery reads the head of a page.
    whole: bool,
}

impl<'a> Lexer<'a> {
    /// Leaves out scripts, styles and everything else that is not meant to be read.
    pub fn new(html: &'a str) -> Lexer<'a> {
        Lexer {
            rest: html,
            whole: false,
        }
    }

    /// Leaves out what stands in scripts, styles and templates only.
    pub fn whole(html: &'a str) -> Lexer<'a> {
        Lexer {
            rest: html,
            whole: true,
        }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    /// Passes over everything up to the end tag of `name`, or to the end of the text.
    fn skip_to_close(&mut self, name: &str) {
        let mut from = 0;
        while let Some(at) = self.rest[from..].find("</") {
            let begin = from + at + 2;
            let end = begin + name.len();
            if self
                .rest
                .get(begin..end)
                .is_some_and(|found| found.eq_ignore_ascii_case(name))
            {
                let close = self.rest[end..].find('>');
                self.take(close.map_or(self.rest.len(), |close| end + close + 1));
                return;
            }
            from = begin;
        }
        self.rest = "";
    }

    fn tag(&mut self) -> Option<Token<'a>> {
        let close = self.rest[1..].starts_with('/');
        let begin = if close { 2 } else { 1 };
        if !self.rest[begin..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let name: String = self.rest[begin..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':'))
            .take(20)
            .collect::<String>()
            .to_ascii_lowercase();
        let hidden = HIDDEN.contains(&name.as_str());
        let known =
            hidden || name.contains(['-', ':']) || KNOWN.binary_search(&name.as_str()).is_ok();
        if !known {
            return None;
        }
        let from = begin + name.len();
        // `<a@example.org>` is no link.
        if !self.rest[from..].starts_with(|c: char| c.is_whitespace() || matches!(c, '/' | '>')) {
            return None;
        }
        let end = from + tag_end(&self.rest[from..])?;
        let attributes = self.rest[from..end].trim_end_matches('/');
        let alone = self.rest[..end].ends_with('/');
        self.take(end + 1);
        if close {
            return Some(Token::Close { name });
        }
        let skipped = if self.whole {
            matches!(name.as_str(), "script" | "style" | "template")
        } else {
            hidden
        };
        if skipped && !alone {
            self.skip_to_close(&name);
        }
        Some(Token::Open { name, attributes })
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while !self.rest.is_empty() {
            if self.rest.starts_with("<!--") {
                let end = self.rest.find("-->").map_or(self.rest.len(), |at| at + 3);
                self.take(end);
                continue;
            }
            if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
                let end = self.rest.find('>').map_or(self.rest.len(), |at| at + 1);
                self.take(end);
                continue;
            }
            if self.rest.starts_with('<')
                && let Some(token) = self.tag()
            {
                return Some(token);
            }
            // A `<` that begins nothing belongs to the words.
            let first = self.rest.chars().next().map_or(0, char::len_utf8);
            let end = self.rest[first..]
                .find('<')
                .map_or(self.rest.len(), |at| at + first);
            let words = self.take(end);
            return Some(Token::Words(html_escape::decode_html_entities(words)));
        }
        None
    }
}

/// Where the tag ends; quotes may hide a `>`. Text that runs into the next tag, or to the end, is none.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut after_equals = false;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return Some(at),
            (None, b'<') => return None,
            (None, b'"' | b'\'') if after_equals => quote = Some(byte),
            (None, _) => {}
        }
        if !byte.is_ascii_whitespace() {
            after_equals = byte == b'=';
        }
    }
    None
}

/// The value of an attribute, decoded.
pub fn attribute(attributes: &str, wanted: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, c)| c.is_whitespace() || matches!(c, '=' | '/'))
            .map_or(rest.len(), |(at, _)| at);
        let (name, after) = rest.split_at(end);
        let (value, after) = match after.trim_start().strip_prefix('=') {
            None => ("", after),
            Some(after) => {
                let after = after.trim_start();
                match after.chars().next() {
                    Some(quote @ ('"' | '\'')) => {
                        let inner = &after[1..];
                        let end = inner.find(quote).unwrap_or(inner.len());
                        (&inner[..end], inner.get(end + 1..).unwrap_or(""))
                    }
                    _ => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
                }
            }
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(html_escape::decode_html_entities(value).into_owned());
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(html: &str) -> String {
        Lexer::new(html)
            .map(|token| match token {
                Token::Words(words) => words.into_owned(),
                Token::Open { name, .. } => format!("[{name}]"),
                Token::Close { name } => format!("[/{name}]"),
            })
            .collect()
    }

    #[test]
    fn tags_and_what_only_looks_like_them() {
        for (html, expected) in [
            ("a <B>b</B> c", "a [b]b[/b] c"),
            ("1 < 2 && 3 > 2", "1 < 2 && 3 > 2"),
            ("a Vec<T> of <é>", "a Vec<T> of <é>"),
            ("x<!-- <b> -->y<!doctype html>z", "xyz"),
            ("<script>var a = '<b>';</SCRIPT >x", "[script]x"),
            ("<script>never closed", "[script]"),
            ("<a title='>' href=x>y", "[a]y"),
            ("<a title=\"never closed>y", "<a title=\"never closed>y"),
            ("&lt;b&gt; &amp;amp; &eacute;&#233;", "<b> &amp; éé"),
            ("<a@example.org> é<", "<a@example.org> é<"),
            ("<", "<"),
            ("</", "</"),
            ("<é", "<é"),
        ] {
            assert_eq!(shape(html), expected, "{html}");
        }
    }

    #[test]
    fn known_elements_are_sorted() {
        assert!(KNOWN.is_sorted());
    }

    #[test]
    fn attributes_in_any_dress() {
        let text = " HREF = 'a&amp;b' rel=x/y title=\"c d\" hidden/";
        assert_eq!(attribute(text, "href").as_deref(), Some("a&b"));
        assert_eq!(attribute(text, "rel").as_deref(), Some("x/y"));
        assert_eq!(attribute(text, "title").as_deref(), Some("c d"));
        assert_eq!(attribute(text, "hidden").as_deref(), Some(""));
        assert_eq!(attribute(text, "id"), None);
        assert_eq!(attribute("= = =", "id"), None);
    }
}
