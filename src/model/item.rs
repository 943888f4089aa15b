//! What sources give.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::text::cut;

/// An item's id within its source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemId(pub String);

/// One thing a source gave: a post, an entry, a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub id: ItemId,
    /// Changes when the item is edited at its source; a hash of what is said of it.
    pub revision: u64,
    /// One line of plain text.
    pub title: String,
    /// Plain text, lines kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was published; when the source does not say, when it was first seen.
    pub at: DateTime<Utc>,
    /// When the look that brought it took place: the *now* of its filters.
    pub seen: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What else is known about it, by the names of `man facts`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Fact>,
}

/// How much of a body stands for a missing title, in characters.
const BEGINNING: usize = 80;

impl Item {
    /// What it is called in one line of at most `longest` characters: its title, or the beginning of its body; empty
    /// where it has neither.
    pub fn called(&self, longest: usize) -> String {
        let title = one_line(&self.title, longest);
        match title.is_empty() {
            false => title,
            true => one_line(&self.body, BEGINNING.min(longest)),
        }
    }
}

/// The beginning of a text in one line, with single spaces.
pub fn one_line(text: &str, longest: usize) -> String {
    // Reads no more of a text of megabytes than can be shown.
    let beginning: String = text.trim_start().chars().take(20 * longest).collect();
    let words: Vec<&str> = beginning.split_whitespace().collect();
    cut(&words.join(" "), longest)
}

/// Something known about an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fact {
    Number(f64),
    Text(String),
    Words(Vec<String>),
    Time(DateTime<Utc>),
    Yes(bool),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Number(n) => write!(f, "{n}"),
            Fact::Text(text) => f.write_str(text),
            Fact::Words(words) => f.write_str(&words.join(", ")),
            Fact::Time(at) => write!(f, "{}", at.format("%Y-%m-%d %H:%M UTC")),
            Fact::Yes(yes) => f.write_str(if *yes { "yes" } else { "no" }),
        }
    }
}
