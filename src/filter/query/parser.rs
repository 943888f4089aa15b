//! Reads a query from left to right, by recursive descent.

use std::sync::Arc;

use super::super::contains::Has;
use super::super::matches::Like;
use super::super::mistake::Mistake;
use super::super::need::TextField as Field;
use super::super::tree::Tree;
use super::cursor::{Cursor, is_name};
use super::field::is_known;
use crate::model::text::cut;
use crate::when::Reading;

/// The longest query, in characters.
pub(in crate::filter) const LONGEST: usize = 2_000;

/// The most terms.
const TERMS: usize = 200;

/// The deepest nesting of parentheses.
const DEEPEST: usize = 50;

pub(super) fn parse(query: &str, reading: &Reading, source: Option<&str>) -> Result<Tree, Mistake> {
    if let Some((at, _)) = query.char_indices().nth(LONGEST) {
        return Err(Mistake::new(
            at,
            format!("A query has {LONGEST} characters at most."),
        ));
    }
    let mut parser = Parser {
        text: Cursor { query, at: 0 },
        terms: 0,
        depth: 0,
        reading,
        source,
    };
    let tree = parser.any(0)?;
    match parser.text.peek() {
        None => Ok(tree),
        Some(_) => Err(parser
            .text
            .mistake("This parenthesis closes nothing.")
            .hint("remove it, or put it between quotes to look for it")),
    }
}

pub(super) struct Parser<'a> {
    pub text: Cursor<'a>,
    terms: usize,
    /// How many parentheses are open.
    depth: usize,
    pub reading: &'a Reading,
    /// The kind of the source whose items are meant, where that is known.
    pub source: Option<&'a str>,
}

impl<'a> Parser<'a> {
    /// Sides of `or`.
    fn any(&mut self, depth: usize) -> Result<Tree, Mistake> {
        let mut sides = vec![self.all(depth)?];
        while self.text.takes_or() {
            sides.push(self.all(depth)?);
        }
        Ok(Tree::any(sides))
    }

    /// Terms side by side, with or without `and`.
    fn all(&mut self, depth: usize) -> Result<Tree, Mistake> {
        let mut parts = Vec::new();
        loop {
            self.text.skip_space();
            if self.text.is_over() {
                break;
            }
            if let Some(end) = self.text.sees_and() {
                let and = self.text.at;
                if parts.is_empty() {
                    return Err(Mistake::new(and, "There is nothing before this `and`.")
                        .hint("put it between quotes to look for the word"));
                }
                self.text.at = end;
                self.text.skip_space();
                if self.text.is_over() || self.text.sees_and().is_some() {
                    return Err(Mistake::new(and, "There is nothing behind this `and`.")
                        .hint("put it between quotes to look for the word"));
                }
            }
            parts.push(self.part(depth)?);
        }
        if !parts.is_empty() {
            return Ok(Tree::all(parts));
        }
        if self.text.sees_or().is_some() {
            return Err(self
                .text
                .mistake("There is nothing before this `or`.")
                .hint("put it between quotes to look for the word"));
        }
        Err(if self.text.query.trim().is_empty() {
            self.text
                .mistake("The query is empty.")
                .hint("for instance `where rust tag:async -beginner`")
        } else if self.text.peek().is_none() {
            self.text
                .mistake("The query ends where something to look for should stand.")
                .hint("for instance `rust or go`")
        } else {
            self.text
                .mistake("There is nothing between these parentheses.")
                .hint("for instance `(rust or go)`")
        })
    }

    /// One term or a whole query between parentheses, or what must not hold.
    fn part(&mut self, depth: usize) -> Result<Tree, Mistake> {
        let not = self.negations()?;
        self.text.skip_space();
        let at = self.text.at;
        if depth > DEEPEST {
            return Err(
                Mistake::new(at, format!("The query is nested more than {DEEPEST} deep."))
                    .hint("leave out parentheses that are not needed"),
            );
        }
        self.depth = depth;
        let tree = self.positive(at)?;
        Ok(if not { Tree::not(tree) } else { tree })
    }

    /// Takes what stands before a part and means not; twice is not at all.
    fn negations(&mut self) -> Result<bool, Mistake> {
        let mut not = false;
        loop {
            let at = self.text.at;
            if let Some(sign) = self.text.peek().filter(|c| is_dash(*c) || *c == '!') {
                self.text.take();
                // Telephones make one long dash of two, and chats two of a long one: it means no more than one.
                while is_dash(sign) && self.text.peek().is_some_and(is_dash) {
                    self.text.take();
                }
                if self
                    .text
                    .peek()
                    .is_none_or(|c| c.is_whitespace() || c == ')')
                {
                    return Err(Mistake::new(
                        at,
                        format!("There is nothing behind this `{sign}`."),
                    )
                    .hint("write it close to what must not be there: `-beginner`"));
                }
            } else if self.text.takes_word("not") {
                self.text.skip_space();
                if self.text.is_over() {
                    return Err(Mistake::new(at, "There is nothing behind this `not`.")
                        .hint("put it between quotes to look for the word"));
                }
            } else {
                return Ok(not);
            }
            not = !not;
        }
    }

    fn positive(&mut self, at: usize) -> Result<Tree, Mistake> {
        if self.text.takes('(') {
            let inner = self.any(self.depth + 1)?;
            if !self.text.takes(')') {
                return Err(Mistake::new(at, "This parenthesis is never closed.")
                    .hint("add `)` where it should end"));
            }
            return Ok(inner);
        }
        self.count_terms(at, 1)?;
        self.term()
    }

    /// Whether one pair of parentheses more would be too many.
    pub(super) fn is_deepest(&self) -> bool {
        self.depth >= DEEPEST
    }

    /// Counts terms, which must not be too many.
    pub(super) fn count_terms(&mut self, at: usize, n: usize) -> Result<(), Mistake> {
        self.terms += n;
        if self.terms > TERMS {
            return Err(
                Mistake::new(at, format!("A query has {TERMS} terms at most."))
                    .hint("a list is one term: `tag:rust,go`"),
            );
        }
        Ok(())
    }

    fn term(&mut self) -> Result<Tree, Mistake> {
        let at = self.text.at;
        if self.text.opens_quote() {
            let words = self.text.quoted()?;
            return has(at, Field::Either, &words);
        }
        if self.text.peek() == Some('/') {
            return self.pattern(Field::Either);
        }
        let name = self.text.take_while_word();
        if self.text.peek() == Some(':') && self.text.is_field(name) {
            self.text.at += 1;
            return self.named(at, name, None);
        }
        let end = self.text.at;
        // `score : 5`, but not `rust : the language`.
        let rest = self.text.query[end..].trim_start();
        if rest.starts_with(':') && rest.len() < self.text.query.len() - end && is_known(name) {
            self.text.at = self.text.query.len() - rest.len() + 1;
            return self.named(at, name, None);
        }
        if let Some(sign) = self.text.takes_sign() {
            if !is_name(name) {
                return Err(
                    Mistake::new(end.max(at), "There is no name before this sign.").hint(
                        "for instance `length < 200`; put signs between quotes to look for them",
                    ),
                );
            }
            return self.named(at, name, Some(sign));
        }
        // A colon that belongs to the word: a link, a time, `std::vec`.
        while self.text.peek() == Some(':') {
            self.text.at += 1;
            self.text.take_while_word();
        }
        has(at, Field::Either, &self.text.query[at..self.text.at])
    }

    /// `/pattern/`, with an `i` behind it or not: letters of any case are equal anyway.
    pub(super) fn pattern(&mut self, field: Field) -> Result<Tree, Mistake> {
        let (like, _) = self.like(field)?;
        Ok(Tree::Leaf(Arc::new(like)))
    }

    /// A pattern that was read without mistake, and its text.
    pub(super) fn like(&mut self, field: Field) -> Result<(Like, String), Mistake> {
        let at = self.text.at;
        self.text.at += 1;
        let mut pattern = String::new();
        // Where slashes lost their backslash, in bytes of the pattern.
        let mut shortened = Vec::new();
        loop {
            match self.text.take() {
                None => {
                    return Err(Mistake::new(at, "This pattern has no `/` at its end.")
                        .hint("for instance `/rust(c|up)?/`; put a slash between quotes to look for it"));
                }
                Some('/') => break,
                Some('\\') => match self.text.take() {
                    Some('/') => {
                        shortened.push(pattern.len());
                        pattern.push('/');
                    }
                    escaped => {
                        pattern.push('\\');
                        pattern.extend(escaped);
                    }
                },
                Some(c) => pattern.push(c),
            }
        }
        let flags_at = self.text.at;
        let flags = self.text.bare();
        if !flags.chars().all(|c| c == 'i') {
            return Err(Mistake::new(
                flags_at,
                format!("A pattern cannot be followed by `{}`.", cut(flags, 40)),
            )
            .hint("only `i` can; put text with slashes between quotes to look for it"));
        }
        let in_query = |offset: usize| {
            at + 1 + offset + shortened.iter().filter(|place| **place < offset).count()
        };
        Ok((like(field, &pattern, in_query)?, pattern))
    }
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '−')
}

pub(super) fn has(at: usize, field: Field, words: &str) -> Result<Tree, Mistake> {
    let has = Has::read(field, words).map_err(|refusal| Mistake::from_refusal(at, refusal))?;
    Ok(Tree::Leaf(Arc::new(has)))
}

pub(super) fn like(
    field: Field,
    pattern: &str,
    in_query: impl Fn(usize) -> usize,
) -> Result<Like, Mistake> {
    Like::read(field, pattern).map_err(|mistake| Mistake {
        at: in_query(mistake.at),
        ..mistake
    })
}
