//! Reads a query from left to right, by recursive descent.

use std::sync::Arc;

use super::super::contains::Has;
use super::super::matches::Like;
use super::super::mistake::Mistake;
use super::super::need::TextField as Field;
use super::super::tree::Tree;
use super::super::{ALL, Filter, FilterKind, names};
use super::cursor::{Cursor, is_name, is_quote};
use crate::model::text::cut;
use crate::registry;
use crate::when::Reading;

/// The longest query, in characters.
const LONGEST: usize = 2_000;

/// The most terms.
const TERMS: usize = 200;

/// The deepest nesting of parentheses and negations.
const DEEPEST: usize = 50;

/// What can stand before a colon beside the names of filters.
const TEXTS: [(&str, Field); 2] = [("title", Field::Title), ("body", Field::Body)];

pub(super) fn parse(query: &str, reading: &Reading) -> Result<Tree, Mistake> {
    if let Some((at, _)) = query.char_indices().nth(LONGEST) {
        return Err(Mistake::new(
            at,
            format!("A query has {LONGEST} characters at most."),
        ));
    }
    let mut parser = Parser {
        text: Cursor { query, at: 0 },
        terms: 0,
        reading,
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

struct Parser<'a> {
    text: Cursor<'a>,
    terms: usize,
    reading: &'a Reading,
}

impl<'a> Parser<'a> {
    /// Sides of `or`.
    fn any(&mut self, depth: usize) -> Result<Tree, Mistake> {
        let mut sides = vec![self.all(depth)?];
        while self.text.takes_word("or") {
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
            if self.text.sees_word("and").is_some() {
                let and = self.text.at;
                if parts.is_empty() {
                    return Err(Mistake::new(and, "There is nothing before this `and`.")
                        .hint("put it between quotes to look for the word"));
                }
                self.text.takes_word("and");
                self.text.skip_space();
                if self.text.is_over() || self.text.sees_word("and").is_some() {
                    return Err(Mistake::new(and, "There is nothing behind this `and`.")
                        .hint("put it between quotes to look for the word"));
                }
            }
            parts.push(self.part(depth)?);
        }
        if !parts.is_empty() {
            return Ok(Tree::all(parts));
        }
        if self.text.sees_word("or").is_some() {
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

    /// One term, or a whole query between parentheses, or what must not hold.
    fn part(&mut self, depth: usize) -> Result<Tree, Mistake> {
        let at = self.text.at;
        if depth > DEEPEST {
            return Err(
                Mistake::new(at, format!("The query is nested more than {DEEPEST} deep."))
                    .hint("leave out parentheses that are not needed"),
            );
        }
        if let Some(sign) = self
            .text
            .peek()
            .filter(|c| matches!(c, '-' | '–' | '—' | '−' | '!'))
        {
            let behind = self.text.query[at + sign.len_utf8()..].chars().next();
            if behind.is_none_or(|c| c.is_whitespace() || c == ')') {
                return Err(
                    Mistake::new(at, format!("There is nothing behind this `{sign}`."))
                        .hint("write it close to what must not be there: `-beginner`"),
                );
            }
            self.text.at += sign.len_utf8();
            return Ok(Tree::Not(Box::new(self.part(depth + 1)?)));
        }
        if self.text.takes_word("not") {
            self.text.skip_space();
            if self.text.is_over() {
                return Err(Mistake::new(at, "There is nothing behind this `not`.")
                    .hint("put it between quotes to look for the word"));
            }
            return Ok(Tree::Not(Box::new(self.part(depth + 1)?)));
        }
        if self.text.takes('(') {
            let inner = self.any(depth + 1)?;
            if !self.text.takes(')') {
                return Err(Mistake::new(at, "This parenthesis is never closed.")
                    .hint("add `)` where it should end"));
            }
            return Ok(inner);
        }
        self.terms += 1;
        if self.terms > TERMS {
            return Err(
                Mistake::new(at, format!("A query has {TERMS} terms at most."))
                    .hint("a list is one term: `tag:rust,go`"),
            );
        }
        self.term()
    }

    fn term(&mut self) -> Result<Tree, Mistake> {
        let at = self.text.at;
        match self.text.peek() {
            Some(quote) if is_quote(quote) => {
                let words = self.text.quoted()?;
                return has(at, Field::Either, &words);
            }
            Some('/') => return self.pattern(Field::Either),
            Some(_) | None => {}
        }
        let name = self.text.take_while_word();
        if self.text.peek() == Some(':') && self.text.is_field(name) {
            self.text.at += 1;
            return self.named(at, name, None);
        }
        let end = self.text.at;
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

    /// What stands behind `name:` or `name <`.
    fn named(
        &mut self,
        name_at: usize,
        name: &str,
        sign: Option<&'static str>,
    ) -> Result<Tree, Mistake> {
        let known = name.to_lowercase();
        let text = TEXTS
            .iter()
            .find(|(text, _)| *text == known)
            .map(|(_, field)| *field);
        let kind = ALL.iter().find(|kind| kind.name == known);
        if text.is_none() && kind.is_none() {
            return Err(unknown(name_at, name));
        }
        let not = sign == Some("!=") && known != "length";
        let sign = sign.filter(|sign| known == "length" || !matches!(*sign, "=" | "!="));
        if let Some(sign) = sign.filter(|_| known != "length") {
            return Err(Mistake::new(
                name_at,
                format!("`{known}` cannot be compared with `{sign}`."),
            )
            .hint(example(&known)));
        }
        self.text.skip_space();
        let tree = match (text, kind) {
            (Some(field), _) => self.sought(field, &known)?,
            (None, Some(kind)) if matches!(kind.name, "contains" | "matches") => {
                self.sought_by(kind)?
            }
            (None, Some(kind)) => {
                let at = self.text.at;
                let value = self.value(kind.name, sign.unwrap_or_default())?;
                let built = (kind.build)(&value, self.reading);
                Tree::Leaf(built.map_err(|refusal| Mistake::from_refusal(at, refusal))?)
            }
            (None, None) => unreachable!("refused above"),
        };
        Ok(if not { Tree::Not(Box::new(tree)) } else { tree })
    }

    /// A word, a phrase or a pattern that is looked for in one field.
    fn sought(&mut self, field: Field, name: &str) -> Result<Tree, Mistake> {
        let at = self.text.at;
        match self.text.peek() {
            Some('/') => self.pattern(field),
            Some('(') => Err(self
                .text
                .mistake(format!("`{name}:` takes one thing to look for."))
                .hint(format!("for instance `({name}:rust or {name}:go)`"))),
            Some(quote) if is_quote(quote) => {
                let words = self.text.quoted()?;
                has(at, field, &words)
            }
            Some(_) | None => {
                let word = self.text.bare();
                if word.is_empty() {
                    return Err(self
                        .text
                        .mistake(format!("There is nothing behind `{name}:`."))
                        .hint(example(name)));
                }
                has(at, field, word)
            }
        }
    }

    /// `contains:` and `matches:` say what words and patterns say without them.
    fn sought_by(&mut self, kind: &FilterKind) -> Result<Tree, Mistake> {
        if kind.name == "contains" || self.text.peek() == Some('/') {
            return self.sought(Field::Either, kind.name);
        }
        let at = self.text.at;
        let pattern = self.value(kind.name, "")?;
        like(Field::Either, &pattern, |_| at)
    }

    /// `/pattern/`, with an `i` behind it or not: letters of any case are equal anyway.
    fn pattern(&mut self, field: Field) -> Result<Tree, Mistake> {
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
        like(field, &pattern, in_query)
    }

    /// The value of a named filter: bare, between quotes, or both; of some kinds in several words.
    fn value(&mut self, name: &str, sign: &str) -> Result<String, Mistake> {
        let mut value = sign.to_string();
        let mut quoted = false;
        loop {
            match self.text.peek() {
                Some(quote) if is_quote(quote) => {
                    value.push_str(&self.text.quoted()?);
                    quoted = true;
                }
                Some(c) if !c.is_whitespace() && !matches!(c, '(' | ')') => {
                    value.push(c);
                    self.text.at += c.len_utf8();
                }
                Some(_) | None => {
                    let rest = self.text.query[self.text.at..].trim_start();
                    let goes_on = match name {
                        // `tag:rust, go`
                        "tag" => value.ends_with(',') || rest.starts_with(','),
                        // `length:< 200`
                        "length" => value.ends_with(['<', '>', '=', '≤', '≥']),
                        // `newer:7 days`
                        "newer" | "older" => {
                            value.bytes().all(|b| b.is_ascii_digit())
                                && rest.starts_with(char::is_alphabetic)
                                && !["or", "and", "not"]
                                    .contains(&rest.split_whitespace().next().unwrap_or_default())
                        }
                        _ => false,
                    };
                    if value.is_empty()
                        || !goes_on
                        || self.text.peek().is_none_or(|c| !c.is_whitespace())
                        || rest.is_empty()
                    {
                        break;
                    }
                    self.text.skip_space();
                    if matches!(name, "newer" | "older") {
                        value.push(' ');
                    }
                }
            }
        }
        if !quoted
            && value
                .trim_matches(['<', '>', '=', '!', '≤', '≥'])
                .trim()
                .is_empty()
        {
            let shown = if sign.is_empty() {
                format!("{name}:{value}")
            } else {
                format!("{name} {value}")
            };
            let what = if name == "length" {
                "a number"
            } else {
                "something"
            };
            return Err(self
                .text
                .mistake(format!("I expected {what} after `{shown}`."))
                .hint(example(name)));
        }
        Ok(value)
    }
}

fn has(at: usize, field: Field, words: &str) -> Result<Tree, Mistake> {
    let has = Has::read(field, words).map_err(|refusal| Mistake::from_refusal(at, refusal))?;
    Ok(Tree::Leaf(Arc::new(has)))
}

fn like(field: Field, pattern: &str, in_query: impl Fn(usize) -> usize) -> Result<Tree, Mistake> {
    let like = Like::read(field, pattern).map_err(|mistake| Mistake {
        at: in_query(mistake.at),
        ..mistake
    })?;
    Ok(Tree::Leaf(Arc::new(like) as Arc<dyn Filter>))
}

fn unknown(at: usize, name: &str) -> Mistake {
    let all = || names().chain(TEXTS.iter().map(|(name, _)| *name));
    let mistake = Mistake::new(
        at,
        format!("There is nothing called `{}` to ask for.", cut(name, 40)),
    );
    match registry::nearest(name, all()) {
        Some(near) => mistake.hint(format!(
            "did you mean `{near}`? put text with a sign in it between quotes to look for it"
        )),
        None => mistake.hint(format!(
            "there are {}; put text with a sign in it between quotes to look for it",
            registry::list(all())
        )),
    }
}

fn example(name: &str) -> String {
    let example = match name {
        "length" => "length:<200",
        "tag" => "tag:rust,go",
        "author" => "author:\"Jon Skeet\"",
        "newer" => "newer:7d",
        "older" => "older:\"2 hours\"",
        "matches" => "matches:/rust(c|up)?/",
        _ => return format!("for instance `{name}:rust`"),
    };
    format!("for instance `{example}`")
}
