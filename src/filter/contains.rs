//! Keeps items that have some words next to each other.

use std::sync::Arc;

use super::fold::fold;
use super::folded::Folded;
use super::phrase::Phrase;
use super::tree::Tree;
use super::{Filter, FilterKind, Here, Hit, Needs, Place, TextField, place, spelling};
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

fn build(value: &str, _: &Reading) -> Result<Tree, Refusal> {
    let has = Has::read(TextField::Either, value)?;
    Ok(Tree::Leaf(Arc::new(has)))
}

/// The running filter. It keeps what was typed, and no more.
pub(super) struct Has {
    field: TextField,
    typed: Box<str>,
}

impl Has {
    pub fn read(field: TextField, words: &str) -> Result<Has, Refusal> {
        let words = spelling::one_line(words);
        Phrase::check(&words)?;
        Ok(Has {
            field,
            typed: words.into(),
        })
    }

    fn phrase(&self) -> Phrase {
        Phrase::of(&self.typed)
    }
}

impl Filter for Has {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let words = cut(&self.typed, 60).replace('`', "'");
        let phrase = self.phrase();
        for (field, name) in TextField::EACH {
            if self.field.covers(field) && phrase.is_in(item.words(field)) {
                return Verdict::Keep(format!("it has `{words}` in the {name}"));
            }
        }
        Verdict::Drop(match self.field {
            TextField::Either => format!("neither its title nor its body has `{words}`"),
            TextField::Title => format!("its title has no `{words}`"),
            TextField::Body => format!("its body has no `{words}`"),
        })
    }

    fn holds(&self, item: &Folded<'_>) -> Option<bool> {
        let phrase = self.phrase();
        Some(
            TextField::EACH
                .iter()
                .any(|(field, _)| self.field.covers(*field) && phrase.is_in(item.words(*field))),
        )
    }

    fn weight(&self) -> u32 {
        1
    }

    fn needs(&self) -> Needs {
        self.phrase().needs(self.field)
    }

    fn holds_at(&self, item: &Folded<'_>, hit: Hit) -> Here {
        let holds = match hit {
            Hit::Word { text, at } => {
                self.field.covers(text) && self.phrase().is_around(item.words(text), at)
            }
            Hit::Piece { text, at, .. } => {
                self.field.covers(text) && self.phrase().is_piece_at(item.words(text), at)
            }
            Hit::Fact => return Here::Decided(self.holds(item)),
        };
        if holds { Here::Yes } else { Here::No }
    }

    fn places(&self, item: &Folded<'_>) -> Vec<Place> {
        let phrase = self.phrase();
        let mut places = Vec::new();
        for (field, _) in TextField::EACH {
            if self.field.covers(field) {
                let words = item.words(field);
                let found = phrase.places(words, place::MOST);
                places.extend(place::of(item.item, field, &words.text, found, fold));
            }
        }
        places
    }

    fn spelling(&self) -> String {
        format!("{}{}", self.field.prefix(), spelling::words(&self.typed))
    }

    fn value(&self) -> String {
        self.typed.to_string()
    }
}
