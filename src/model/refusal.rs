//! Why the bot did not do something, and what to do instead.

use std::fmt;

/// A mistake told to the person who made it: one line of what did not happen, one hint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// A whole sentence.
    pub what: String,
    /// What to type or do instead, without the word `hint`.
    pub hint: Option<String>,
    /// The argument that is the mistake, by its name in recipes, where one alone is: a form shows it there.
    pub about: Option<String>,
    /// A word that was typed and is not known, with those that it may be a slip of, the likeliest first.
    pub slip: Option<Box<(String, Vec<String>)>>,
    /// Nothing is wrong: all stays as it is.
    pub idle: bool,
}

impl Refusal {
    pub fn new(what: impl Into<String>) -> Refusal {
        Refusal {
            what: what.into(),
            hint: None,
            about: None,
            slip: None,
            idle: false,
        }
    }

    /// Says that it asked for what is so already.
    pub fn idle(mut self) -> Refusal {
        self.idle = true;
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Refusal {
        self.hint = Some(hint.into());
        self
    }

    /// Says what a word that was typed may be a slip of.
    pub fn slip<'a>(mut self, typed: &str, near: impl IntoIterator<Item = &'a str>) -> Refusal {
        let near: Vec<String> = near.into_iter().map(String::from).collect();
        self.slip = (!near.is_empty()).then(|| Box::new((typed.into(), near)));
        self
    }

    /// Says which argument is the mistake, unless somebody nearer to it has.
    pub fn about(mut self, name: &str) -> Refusal {
        self.about.get_or_insert_with(|| name.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}
