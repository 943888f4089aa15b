//! A dialogue as it stands: what somebody has answered so far.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Answers by the names of their questions.
pub type Answers = [(String, String)];

/// Whether what a command lacks is asked for, instead of only being refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unfinished {
    /// Where nobody else reads along: to others the questions would be noise.
    #[default]
    Direct,
    Always,
    Never,
}

/// How far somebody has come in a dialogue.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// What it is about: its questions are found under this name.
    pub name: String,
    /// In the order in which they were first given; an empty answer says that nothing is wanted there.
    pub answers: Vec<(String, String)>,
    /// The questions that are done with: answered, or left out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub passed: BTreeSet<String>,
    /// The question that waits for its answer; without one, all is repeated and waits for a `yes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// How many answers in a row were not understood.
    #[serde(default)]
    pub wrong: u32,
}

impl State {
    /// What was answered to a question; nothing where nothing is wanted.
    pub fn answer(&self, name: &str) -> Option<&str> {
        answer(&self.answers, name)
    }
}

/// What was answered to the question of this name; nothing where nothing is wanted.
pub fn answer<'a>(answers: &'a Answers, name: &str) -> Option<&'a str> {
    let found = answers.iter().find(|(known, _)| known == name);
    found
        .map(|(_, answer)| answer.trim())
        .filter(|answer| !answer.is_empty())
}

/// Answers may be secrets: a log has their questions' names only.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answered: Vec<&str> = self.answers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("State")
            .field("name", &self.name)
            .field("answered", &answered)
            .field("passed", &self.passed)
            .field("at", &self.at)
            .field("wrong", &self.wrong)
            .finish()
    }
}
