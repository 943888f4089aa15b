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

impl Unfinished {
    pub fn name(self) -> &'static str {
        match self {
            Unfinished::Direct => "direct",
            Unfinished::Always => "always",
            Unfinished::Never => "never",
        }
    }
}

/// How whoever is asked something answers where others read along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answering {
    /// To the bot: by name, or by a reply.
    #[default]
    Addressed,
    /// Also to nobody, for a while, with what can only be an answer.
    Plain,
}

impl Answering {
    pub const ALL: [Answering; 2] = [Answering::Addressed, Answering::Plain];

    pub fn name(self) -> &'static str {
        match self {
            Answering::Addressed => "addressed",
            Answering::Plain => "plain",
        }
    }
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
    /// Answers that stood behind one that was not understood: they are taken once that is mended.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rest: String,
    /// Answers that are nobody's business: they are written nowhere, and asked for again by a process that has not heard them.
    #[serde(skip)]
    pub secrets: Vec<(String, String)>,
}

impl State {
    /// What was answered to a question; nothing where nothing is wanted.
    pub fn answer(&self, name: &str) -> Option<&str> {
        answer(&self.answers, name).or_else(|| answer(&self.secrets, name))
    }

    /// All that was answered, what nobody else may see included.
    pub fn whole(&self) -> Vec<(String, String)> {
        let secrets = self.secrets.iter();
        self.answers.iter().chain(secrets).cloned().collect()
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
            .field("secrets", &self.secrets.len())
            .field("passed", &self.passed)
            .field("at", &self.at)
            .field("wrong", &self.wrong)
            .finish()
    }
}
