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
}

impl Refusal {
    pub fn new(what: impl Into<String>) -> Refusal {
        Refusal {
            what: what.into(),
            hint: None,
            about: None,
        }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Refusal {
        self.hint = Some(hint.into());
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
