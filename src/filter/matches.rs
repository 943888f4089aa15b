//! Keeps items that a pattern matches.
//!
//! Patterns are run by an engine whose time grows with the length of the text only, whatever the pattern.

use std::sync::Arc;

use regex_syntax::ast::ErrorKind;

use super::fold::composed;
use super::folded::Folded;
use super::mistake::Mistake;
use super::need::TextField as Field;
use super::regexes::{self, Try};
use super::tree::Tree;
use super::{Filter, FilterKind, Here, Hit, Needs, Place, place, spelling};
use crate::model::text::cut;
use crate::model::{Refusal, Verdict};
use crate::registry;
use crate::when::Reading;

/// The longest pattern, in characters.
const LONGEST: usize = 1_000;

/// Keep items whose title or body matches this regular expression.
#[derive(clap::Args)]
pub struct Matches {
    #[arg(long, value_name = "PATTERN")]
    pub matches: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "matches",
    declare: || registry::declare::<Matches>("matches"),
    page: include_str!("../../man/matches.md"),
    build,
};

fn build(value: &str, _: &Reading) -> Result<Tree, Refusal> {
    match Like::read(Field::Either, value) {
        Ok(like) => Ok(Tree::Leaf(Arc::new(like))),
        Err(mistake) => Err(mistake.shown_in(value)),
    }
}

/// The running filter.
pub(super) struct Like {
    field: Field,
    pattern: Box<str>,
}

impl Like {
    /// Reads a pattern: letters of any case are equal unless it says `(?-i)`; `^` and `$` stand for the ends of a line.
    ///
    /// # Errors
    /// When it is no pattern, or one that cannot be run in linear time and bounded memory; with the place.
    pub fn read(field: Field, pattern: &str) -> Result<Like, Mistake> {
        if pattern.trim().is_empty() {
            return Err(
                Mistake::new(0, "The pattern is empty.").hint("for instance `/rust(c|up)?/`")
            );
        }
        if let Some((at, _)) = pattern.char_indices().nth(LONGEST) {
            return Err(
                Mistake::new(at, format!("A pattern has {LONGEST} characters at most."))
                    .hint("several short ones do the same: `/one/ or /two/`"),
            );
        }
        regexes::parse(pattern).map_err(|error| mistake(&error))?;
        if !regexes::fits(pattern) {
            return Err(Mistake::new(0, "That pattern becomes too large.").hint(
                "smaller numbers between `{` and `}` help, or `[a-z]` in the place of `\\w`",
            ));
        }
        Ok(Like {
            field,
            pattern: pattern.into(),
        })
    }
}

impl Filter for Like {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let shown = cut(&spelling::regex(&self.pattern), 60).replace('`', "'");
        let Some(program) = regexes::program(&self.pattern) else {
            return Verdict::Unsure(format!("the pattern `{shown}` is too large"));
        };
        for (field, name) in Field::EACH {
            let text = item.plain(field);
            if self.field.covers(field)
                && let Some(place) = program.find(&text.text)
            {
                let words = cut(text.text[place].trim(), 40).replace('`', "'");
                return Verdict::Keep(match words.as_str() {
                    "" => format!("its {name} matches `{shown}`"),
                    words => format!("`{words}` in its {name} matches `{shown}`"),
                });
            }
        }
        Verdict::Drop(match self.field {
            Field::Either => format!("neither its title nor its body matches `{shown}`"),
            Field::Title => format!("its title does not match `{shown}`"),
            Field::Body => format!("its body does not match `{shown}`"),
        })
    }

    fn holds(&self, item: &Folded<'_>) -> Option<bool> {
        let program = regexes::program(&self.pattern)?;
        for (field, _) in Field::EACH {
            if self.field.covers(field) && program.is_in(item.plain(field))? {
                return Some(true);
            }
        }
        Some(false)
    }

    fn weight(&self) -> u32 {
        // Where words end is hard to see beyond ASCII.
        match self.pattern.contains("\\b") || self.pattern.contains("\\B") {
            true => 64,
            false => 16,
        }
    }

    fn needs(&self) -> Needs {
        regexes::needs(&self.pattern, self.field)
    }

    fn holds_at(&self, item: &Folded<'_>, hit: Hit) -> Here {
        let Hit::Piece { text, at, before } = hit else {
            return Here::Decided(self.holds(item));
        };
        if !self.field.covers(text) {
            return Here::No;
        }
        let tried = match regexes::program(&self.pattern) {
            Some(program) if item.small_is_in_place(text) => {
                program.is_at(item.plain(text), at, before)
            }
            Some(_) => Try::TooMuch,
            None => return Here::Decided(None),
        };
        match tried {
            Try::Matches => Here::Yes,
            Try::NotHere => Here::No,
            Try::TooMuch => Here::Decided(self.holds(item)),
        }
    }

    fn places(&self, item: &Folded<'_>) -> Vec<Place> {
        let Some(program) = regexes::program(&self.pattern) else {
            return Vec::new();
        };
        let mut places = Vec::new();
        for (field, _) in Field::EACH {
            if self.field.covers(field) {
                let text = &item.plain(field).text;
                let found = program.find(text).map(|found| (found.start, found.end));
                let compose = |text: &str| composed(text).into_owned();
                places.extend(place::of(item.item, field, text, found, compose));
            }
        }
        places
    }

    fn spelling(&self) -> String {
        format!("{}{}", self.field.prefix(), spelling::regex(&self.pattern))
    }

    fn value(&self) -> String {
        self.pattern.to_string()
    }
}

fn mistake(error: &regex_syntax::Error) -> Mistake {
    match error {
        regex_syntax::Error::Parse(error) => {
            let (what, hint) = parse_mistake(error.kind());
            Mistake::new(error.span().start.offset, what).hint(hint)
        }
        regex_syntax::Error::Translate(error) => Mistake::new(
            error.span().start.offset,
            "I know no such class of characters.",
        )
        .hint("for instance `\\p{Greek}`, `\\p{Lu}` for capitals, `\\d` for digits"),
        _ => Mistake::new(0, "I cannot read that pattern.")
            .hint("`man matches` shows what patterns can say"),
    }
}

/// What happened and what to write instead, for each mistake the parser knows.
fn parse_mistake(kind: &ErrorKind) -> (&'static str, &'static str) {
    match kind {
        ErrorKind::UnsupportedLookAround => (
            "A pattern cannot look ahead or behind.",
            "say it as two: `/foo/ -/foobar/` keeps what has the one and not the other",
        ),
        ErrorKind::UnsupportedBackreference => (
            "A pattern cannot refer back to one of its groups.",
            "write the words out: `/(the the|and and)/`",
        ),
        ErrorKind::GroupUnclosed => (
            "This parenthesis is never closed.",
            "add `)`, or write `\\(` for the character itself",
        ),
        ErrorKind::GroupUnopened => (
            "This parenthesis closes nothing.",
            "remove it, or write `\\)` for the character itself",
        ),
        ErrorKind::ClassUnclosed => (
            "This bracket is never closed.",
            "add `]`, or write `\\[` for the character itself",
        ),
        ErrorKind::ClassRangeInvalid => (
            "This range runs backwards.",
            "write the smaller character first: `[a-z]`",
        ),
        ErrorKind::RepetitionMissing => (
            "There is nothing here to repeat.",
            "write what repeats before it, or `\\*`, `\\+`, `\\?` for the character itself; `.*` stands for anything",
        ),
        ErrorKind::RepetitionCountInvalid => (
            "This counts down.",
            "write the smaller number first: `{2,5}`",
        ),
        ErrorKind::RepetitionCountUnclosed
        | ErrorKind::RepetitionCountDecimalEmpty
        | ErrorKind::DecimalEmpty
        | ErrorKind::DecimalInvalid => (
            "I expected a number here.",
            "for instance `{3}` or `{2,5}`; `\\{` is the character itself",
        ),
        ErrorKind::EscapeUnexpectedEof => (
            "The pattern ends after a backslash.",
            "write `\\\\` for the character itself",
        ),
        ErrorKind::EscapeUnrecognized => (
            "This escape means nothing.",
            "leave the backslash out, or see `man matches`",
        ),
        ErrorKind::NestLimitExceeded(_) => (
            "The pattern is nested too deeply.",
            "50 levels are the limit",
        ),
        ErrorKind::FlagUnrecognized
        | ErrorKind::FlagDanglingNegation
        | ErrorKind::FlagDuplicate { .. }
        | ErrorKind::FlagRepeatedNegation { .. }
        | ErrorKind::FlagUnexpectedEof => (
            "I know no such switch.",
            "for instance `(?-i)`: letters count as they are written",
        ),
        _ => (
            "I cannot read the pattern here.",
            "`man matches` shows what patterns can say",
        ),
    }
}
