//! Numbers, words and signs of a text about time.

/// Longer texts are not read at all, in bytes.
const LONGEST: usize = 200;

/// One piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// ASCII digits.
    Number(&'a str),
    Word(&'a str),
    Sign(char),
}

/// A text's pieces and how far they have been read. Commas are spaces.
pub struct Tokens<'a> {
    all: Vec<Token<'a>>,
    pub at: usize,
}

/// `text` as [`Tokens::of`] wants it; `None` when it is too long to be about time.
pub fn lower(text: &str) -> Option<String> {
    (text.len() <= LONGEST).then(|| text.to_lowercase())
}

impl<'a> Tokens<'a> {
    /// Cuts a lower-case text.
    pub fn of(text: &'a str) -> Tokens<'a> {
        let mut all = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let run = |fits: fn(char) -> bool| rest.find(|c| !fits(c)).unwrap_or(rest.len());
            let length = if c.is_ascii_digit() {
                let end = run(|c| c.is_ascii_digit());
                all.push(Token::Number(&rest[..end]));
                end
            } else if c.is_alphabetic() {
                let end = run(char::is_alphabetic);
                all.push(Token::Word(&rest[..end]));
                end
            } else {
                if !c.is_whitespace() && c != ',' {
                    all.push(Token::Sign(c));
                }
                c.len_utf8()
            };
            rest = &rest[length..];
        }
        Tokens { all, at: 0 }
    }

    pub fn is_done(&self) -> bool {
        self.at == self.all.len()
    }

    pub fn peek(&self) -> Option<Token<'a>> {
        self.all.get(self.at).copied()
    }

    /// The next piece if it is a word, not yet taken.
    pub fn peek_word(&self) -> Option<&'a str> {
        match self.peek() {
            Some(Token::Word(word)) => Some(word),
            Some(Token::Number(_) | Token::Sign(_)) | None => None,
        }
    }

    /// Takes the next word if it is one of `words`.
    pub fn word(&mut self, words: &[&str]) -> bool {
        let is_one = self.peek_word().is_some_and(|word| words.contains(&word));
        self.at += usize::from(is_one);
        is_one
    }

    /// Takes the next words if they are `words`, one after the other.
    pub fn words(&mut self, words: &[&str]) -> bool {
        let start = self.at;
        let all = words.iter().all(|word| self.word(&[word]));
        if !all {
            self.at = start;
        }
        all
    }

    /// Takes the next word if `known` knows it.
    pub fn known<T>(&mut self, known: impl Fn(&str) -> Option<T>) -> Option<T> {
        let found = known(self.peek_word()?)?;
        self.at += 1;
        Some(found)
    }

    pub fn sign(&mut self, sign: char) -> bool {
        let is_it = self.peek() == Some(Token::Sign(sign));
        self.at += usize::from(is_it);
        is_it
    }

    /// Takes the next number if it has between `least` and `most` digits (at most nine).
    pub fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        match self.peek() {
            Some(Token::Number(digits)) if (least..=most.min(9)).contains(&digits.len()) => {
                self.at += 1;
                digits.parse().ok()
            }
            Some(Token::Number(_) | Token::Word(_) | Token::Sign(_)) | None => None,
        }
    }

    /// Takes the next number as its digits.
    pub fn digits(&mut self) -> Option<&'a str> {
        match self.peek() {
            Some(Token::Number(digits)) => {
                self.at += 1;
                Some(digits)
            }
            Some(Token::Word(_) | Token::Sign(_)) | None => None,
        }
    }

    /// Takes an `and`, however it is written.
    pub fn and(&mut self) -> bool {
        self.word(&["and"]) || self.sign('&')
    }

    /// Reads with `read`, and takes nothing where that finds nothing.
    pub fn attempt<T>(&mut self, read: impl FnOnce(&mut Tokens<'a>) -> Option<T>) -> Option<T> {
        let start = self.at;
        let found = read(self);
        if found.is_none() {
            self.at = start;
        }
        found
    }
}

/// Words that texts about time are made of, for finding slips.
const VOCABULARY: &[&str] = &[
    "every",
    "each",
    "second",
    "seconds",
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "hourly",
    "daily",
    "weekly",
    "weekday",
    "weekdays",
    "weekend",
    "weekends",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mondays",
    "tuesdays",
    "wednesdays",
    "thursdays",
    "fridays",
    "saturdays",
    "sundays",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
    "noon",
    "midnight",
    "morning",
    "afternoon",
    "evening",
    "next",
    "last",
    "this",
    "half",
    "ago",
    "and",
    "in",
    "at",
    "on",
    "of",
    "the",
    "an",
    "now",
];

/// The text with its slips mended; `None` where there are none that can be.
pub fn corrected(text: &str) -> Option<String> {
    let text = lower(text)?;
    let mut corrected = String::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let other = rest.find(char::is_alphabetic).unwrap_or(rest.len());
        corrected.push_str(&rest[..other]);
        rest = &rest[other..];
        let end = rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest.len());
        let word = &rest[..end];
        corrected.push_str(match nearest(word) {
            Some(near) => near,
            None => word,
        });
        rest = &rest[end..];
    }
    (corrected != text).then(|| corrected.trim().to_string())
}

fn nearest(word: &str) -> Option<&'static str> {
    if word.len() < 4 || VOCABULARY.contains(&word) {
        return None;
    }
    VOCABULARY
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), *candidate))
        .filter(|(likeness, _)| *likeness >= 0.88)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
