//! Keeps items by words or a pattern in a text beside title and body, such as what an edit is said to be for.

use super::fold::{Words, beginning, composed};
use super::folded::Folded;
use super::phrase::Phrase;
use super::said::Said;
use super::{Filter, regexes, spelling};
use crate::model::facts::{ALL, Known};
use crate::model::text::cut;
use crate::model::{Fact, Refusal, Verdict};

/// The running filter. Few items have such texts, and they are short: nothing of it is looked up.
pub(super) struct Told {
    /// Its place in the vocabulary.
    fact: usize,
    sought: Sought,
}

enum Sought {
    /// As they were typed.
    Words(Box<str>),
    Pattern(Box<str>),
}

impl Told {
    /// Looks for words next to each other.
    ///
    /// # Errors
    /// When there is nothing to look for.
    pub fn has(fact: usize, words: &str) -> Result<Told, Refusal> {
        let words = spelling::one_line(words);
        Phrase::check(&words)?;
        Ok(Told {
            fact,
            sought: Sought::Words(words.into()),
        })
    }

    /// Looks for a pattern that was read without mistake.
    pub fn like(fact: usize, pattern: &str) -> Told {
        Told {
            fact,
            sought: Sought::Pattern(pattern.into()),
        }
    }

    fn known(&self) -> &'static Known {
        &ALL[self.fact]
    }

    /// What is looked for, as a query spells it.
    fn term(&self) -> String {
        match &self.sought {
            Sought::Words(words) => spelling::words(words),
            Sought::Pattern(pattern) => spelling::regex(pattern),
        }
    }

    fn text<'a>(&self, item: &Folded<'a>) -> Option<&'a str> {
        match item.item.facts.get(self.known().name)? {
            Fact::Text(text) => Some(beginning(text)),
            Fact::Number(_) | Fact::Words(_) | Fact::Time(_) | Fact::Yes(_) => None,
        }
    }
}

impl Filter for Told {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let name = self.known().name;
        let term = cut(&self.term(), 60).replace('`', "'");
        if self.text(item).is_none() {
            return Verdict::Unsure(format!("its {name} is not known"));
        }
        match (self.holds(item), &self.sought) {
            (Some(true), Sought::Words(_)) => Verdict::Keep(format!("its {name} has `{term}`")),
            (Some(false), Sought::Words(_)) => Verdict::Drop(format!("its {name} has no `{term}`")),
            (Some(true), Sought::Pattern(_)) => {
                Verdict::Keep(format!("its {name} matches `{term}`"))
            }
            (Some(false), Sought::Pattern(_)) => {
                Verdict::Drop(format!("its {name} does not match `{term}`"))
            }
            (None, _) => Verdict::Unsure(format!("the pattern `{term}` is too large")),
        }
    }

    fn holds(&self, item: &Folded<'_>) -> Option<bool> {
        let text = self.text(item)?;
        match &self.sought {
            Sought::Words(words) => Some(Phrase::of(words).is_in(&Words::of(text))),
            Sought::Pattern(pattern) => {
                Some(regexes::program(pattern)?.find(&composed(text)).is_some())
            }
        }
    }

    fn weight(&self) -> u32 {
        match self.sought {
            Sought::Words(_) => 1,
            Sought::Pattern(_) => 16,
        }
    }

    fn reader(&self) -> Option<&'static str> {
        self.known().reader()
    }

    fn spelling(&self) -> String {
        format!("{}:{}", self.known().name, self.term())
    }

    fn value(&self) -> String {
        match &self.sought {
            Sought::Words(text) | Sought::Pattern(text) => text.to_string(),
        }
    }

    fn said(&self) -> Said {
        let shown = cut(&self.term(), 60);
        match self.sought {
            Sought::Words(_) => {
                let words = shown.trim_matches('"').replace('\\', "");
                let shown = match shown.starts_with('"') {
                    true => format!("“{words}”"),
                    false => shown,
                };
                Said::of_fact(self.known().said, &shown)
            }
            Sought::Pattern(_) => {
                Said::of_fact(self.known().said, &format!("a match of {shown}")).alone()
            }
        }
    }
}
