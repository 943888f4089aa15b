//! Keeps items that have some words next to each other.

use std::sync::Arc;

use super::folded::{Folded, Words, fold};
use super::phrase::Phrase;
use super::{Filter, FilterKind, Key, Needs, Place, TextField, Where, place, spelling};
use crate::model::text::cut;
use crate::model::{Refusal, Verdict};
use crate::registry;
use crate::when::Reading;

/// Keep items that have these words next to each other in the title or the body.
#[derive(clap::Args)]
pub struct Contains {
    #[arg(long, value_name = "WORDS")]
    pub contains: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "contains",
    declare: || registry::declare::<Contains>("contains"),
    page: include_str!("../../man/contains.md"),
    build,
};

/// Which text of an item is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Either,
    Title,
    Body,
}

impl Field {
    /// What stands before a query's term.
    pub fn prefix(self) -> &'static str {
        match self {
            Field::Either => "",
            Field::Title => "title:",
            Field::Body => "body:",
        }
    }
}

fn build(value: &str, _: &Reading) -> Result<Arc<dyn Filter>, Refusal> {
    Ok(Arc::new(Has::read(Field::Either, value)?))
}

/// The running filter.
pub(super) struct Has {
    field: Field,
    typed: Box<str>,
    phrase: Phrase,
}

impl Has {
    pub fn read(field: Field, words: &str) -> Result<Has, Refusal> {
        let words = spelling::one_line(words);
        Ok(Has {
            field,
            phrase: Phrase::read(&words)?,
            typed: words.into(),
        })
    }
}

impl Filter for Has {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let words = cut(&self.typed, 60).replace('`', "'");
        let looked = |field| self.field == Field::Either || self.field == field;
        if looked(Field::Title) && self.phrase.is_in(item.title()) {
            return Verdict::Keep(format!("it has `{words}` in the title"));
        }
        if looked(Field::Body) && self.phrase.is_in(item.body()) {
            return Verdict::Keep(format!("it has `{words}` in the body"));
        }
        Verdict::Drop(match self.field {
            Field::Either => format!("neither its title nor its body has `{words}`"),
            Field::Title => format!("its title has no `{words}`"),
            Field::Body => format!("its body has no `{words}`"),
        })
    }

    fn places(&self, item: &Folded<'_>) -> Vec<Place> {
        let mut places = Vec::new();
        let mut look = |text, own: &str, words: &Words| {
            for folded in self.phrase.places(words, place::MOST) {
                let own = place::own(own, &words.text, folded, fold);
                places.extend(own.map(|(from, to)| Place { text, from, to }));
            }
        };
        if self.field != Field::Body {
            look(Where::Title, &item.item.title, item.title());
        }
        if self.field != Field::Title {
            look(Where::Body, &item.item.body, item.body());
        }
        places
    }

    fn needs(&self) -> Needs {
        let words = Words::of(&self.typed);
        let longest = (0..words.count())
            .map(|n| words.place(n))
            .map(|(from, to)| &words.text[from..to])
            .max_by_key(|word| word.len());
        let text = match self.field {
            Field::Either => TextField::Either,
            Field::Title => TextField::Title,
            Field::Body => TextField::Body,
        };
        let choices = longest.map(|word| {
            vec![Key::Piece {
                text,
                piece: word.into(),
            }]
        });
        Needs {
            choices: choices.into_iter().collect(),
            enough: false,
        }
    }

    fn spelling(&self) -> String {
        format!("{}{}", self.field.prefix(), spelling::words(&self.typed))
    }

    fn value(&self) -> String {
        self.typed.to_string()
    }
}
