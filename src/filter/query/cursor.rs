//! A query and how far it has been read: single characters, words, quotes, signs.

use super::super::mistake::Mistake;
use super::super::quantity::sign;

/// A place in a query.
pub(super) struct Cursor<'a> {
    pub query: &'a str,
    /// How far it has been read, in bytes.
    pub at: usize,
}

impl<'a> Cursor<'a> {
    /// Whether a quotation begins here. A single quote begins one only where another ends it.
    pub fn opens_quote(&self) -> bool {
        match self.peek() {
            Some(c) if is_quote(c) => true,
            Some(c) if is_single(c) => self.end_of_single().is_some(),
            Some(_) | None => false,
        }
    }

    /// Where the single quote stands that ends the quotation here: close behind a word, with none behind it.
    fn end_of_single(&self) -> Option<usize> {
        let mut before = None;
        let mut letters = self.query[self.at..].char_indices().peekable();
        while let Some((at, c)) = letters.next() {
            let after = letters.peek().map(|(_, c)| *c);
            if at > 0
                && is_single(c)
                && before.is_some_and(|c: char| !c.is_whitespace())
                && after.is_none_or(|c| c.is_whitespace() || matches!(c, ')' | ','))
            {
                return Some(self.at + at);
            }
            if at > 0 && is_quote(c) {
                return None;
            }
            before = (at > 0).then_some(c);
        }
        None
    }

    /// What stands between quotes; a backslash keeps the sign behind it.
    pub fn quoted(&mut self) -> Result<String, Mistake> {
        let at = self.at;
        if let Some(end) = self
            .end_of_single()
            .filter(|_| self.peek().is_some_and(is_single))
        {
            let words = &self.query[at + self.peek().map_or(1, char::len_utf8)..end];
            self.at = end + self.query[end..].chars().next().map_or(1, char::len_utf8);
            return Ok(words.into());
        }
        self.take();
        let mut words = String::new();
        loop {
            match self.take() {
                None => {
                    return Err(Mistake::new(at, "This quote is never closed.")
                        .hint("add `\"` where the phrase ends"));
                }
                Some('\\') => match self.take() {
                    Some(c) if is_quote(c) || c == '\\' => words.push(c),
                    other => {
                        words.push('\\');
                        words.extend(other);
                    }
                },
                Some(c) if is_quote(c) => return Ok(words),
                Some(c) => words.push(c),
            }
        }
    }

    /// Letters up to a space, a parenthesis, a quote, a colon or a comparison.
    pub fn take_while_word(&mut self) -> &'a str {
        let from = self.at;
        while let Some(c) = self.peek() {
            let unequal = c == '!' && self.query[self.at..].starts_with("!=");
            if c.is_whitespace()
                || is_quote(c)
                || unequal
                || matches!(c, '(' | ')' | ':' | '<' | '>' | '=' | '≤' | '≥' | '≠')
            {
                break;
            }
            self.at += c.len_utf8();
        }
        &self.query[from..self.at]
    }

    /// One name of a list: letters up to a space, a parenthesis, a quote or a comma.
    pub fn name(&mut self) -> &'a str {
        let bare = self.bare();
        let name = bare.split(',').next().unwrap_or(bare);
        self.at -= bare.len() - name.len();
        name
    }

    /// Letters up to a space, a parenthesis or a quote.
    pub fn bare(&mut self) -> &'a str {
        let from = self.at;
        while let Some(c) = self
            .peek()
            .filter(|c| !c.is_whitespace() && !is_quote(*c) && !matches!(c, '(' | ')'))
        {
            self.at += c.len_utf8();
        }
        &self.query[from..self.at]
    }

    /// Before a colon: is it a field's name, or the beginning of a word with a colon in it?
    pub fn is_field(&self, name: &str) -> bool {
        let behind = &self.query[self.at + 1..];
        is_name(name) && !behind.starts_with(':') && !behind.starts_with("//")
    }

    /// A comparison, with spaces around it or not.
    pub fn takes_sign(&mut self) -> Option<&'static str> {
        let rest = self.query[self.at..].trim_start();
        let (sign, behind) = sign(rest);
        if sign.is_empty() {
            return None;
        }
        self.at = self.query.len() - behind.len();
        Some(sign)
    }

    /// Where the word ends, if it stands here as a word of its own.
    pub fn sees_word(&self, word: &str) -> Option<usize> {
        let here = self.query[self.at..].get(..word.len())?;
        let end = self.at + word.len();
        let behind = self.query[end..].chars().next();
        let alone =
            behind.is_none_or(|c| c.is_whitespace() || is_quote(c) || matches!(c, '(' | ')'));
        (alone && here.eq_ignore_ascii_case(word)).then_some(end)
    }

    pub fn takes_or(&mut self) -> bool {
        self.skip_space();
        let end = self.sees_or();
        self.at = end.unwrap_or(self.at);
        end.is_some()
    }

    /// Takes ` ago`, and nothing where something else stands.
    pub fn takes_ago(&mut self) {
        let before = self.at;
        if !self.takes_word("ago") {
            self.at = before;
        }
    }

    pub fn takes_word(&mut self, word: &str) -> bool {
        self.skip_space();
        match self.sees_word(word) {
            Some(end) => {
                self.at = end;
                true
            }
            None => false,
        }
    }

    pub fn takes(&mut self, sign: char) -> bool {
        self.skip_space();
        let here = self.peek() == Some(sign);
        if here {
            self.at += sign.len_utf8();
        }
        here
    }

    /// Nothing more stands side by side here.
    pub fn is_over(&self) -> bool {
        matches!(self.peek(), None | Some(')')) || self.sees_or().is_some()
    }

    /// `or`, or what those write who program.
    pub fn sees_or(&self) -> Option<usize> {
        ["or", "||", "|"]
            .iter()
            .find_map(|word| self.sees_word(word))
    }

    pub fn sees_and(&self) -> Option<usize> {
        ["and", "&&", "&"]
            .iter()
            .find_map(|word| self.sees_word(word))
    }

    pub fn skip_space(&mut self) {
        self.at = self.query.len() - self.query[self.at..].trim_start().len();
    }

    pub fn peek(&self) -> Option<char> {
        self.query[self.at..].chars().next()
    }

    pub fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// A mistake at this place.
    pub fn mistake(&self, what: impl Into<String>) -> Mistake {
        Mistake::new(self.at, what)
    }
}

/// Whether it can stand before a colon.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

pub(super) fn is_single(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’' | '‚' | '‛')
}
