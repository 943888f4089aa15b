//! A recipe at work in a room.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Person, Recipe, Refusal, RoomId};

/// Numbers trackers; never used again after a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrackerId(pub u64);

impl TrackerId {
    /// Stands in keys where there is no tracker: none has this number.
    pub const NONE: TrackerId = TrackerId(0);
}

impl fmt::Display for TrackerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Numbers sources; trackers whose source part is the same share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceId(pub u64);

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A tracker's name in its room: 1 to 40 lower-case letters, digits, `-`, `_` and `.`, beginning with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrackerName(String);

impl TrackerName {
    /// The longest name, in characters.
    pub const LONGEST: usize = 40;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TrackerName {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<TrackerName, Refusal> {
        let name = text.to_lowercase();
        let fits = name.chars().count() <= TrackerName::LONGEST
            && name.chars().next().is_some_and(char::is_alphanumeric)
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if fits {
            return Ok(TrackerName(name));
        }
        let mut nearest: String = name
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { '-' })
            .take(TrackerName::LONGEST)
            .collect();
        nearest = nearest.trim_matches('-').to_string();
        let refusal = Refusal::new(format!(
            "A tracker's name has letters, digits, `-`, `_` and `.` only, {} at most, and no sign at its beginning.",
            TrackerName::LONGEST
        ));
        Err(if nearest.is_empty() {
            refusal.hint("for instance `news`")
        } else {
            refusal.hint(format!("for instance `{nearest}`"))
        })
    }
}

impl TryFrom<String> for TrackerName {
    type Error = Refusal;

    fn try_from(text: String) -> Result<TrackerName, Refusal> {
        text.parse()
    }
}

impl From<TrackerName> for String {
    fn from(name: TrackerName) -> String {
        name.0
    }
}

impl fmt::Display for TrackerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far a tracker has come with what its source had before it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Its first look is still to come; what is there then is old, but for the backlog.
    Fresh,
    /// It was paused until then; what the next look finds is old, unless it is dated later.
    Resumed(DateTime<Utc>),
    /// What is new is said.
    Armed,
}

/// A recipe at work: who started it, where it reports, how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tracker {
    pub id: TrackerId,
    pub name: TrackerName,
    /// The room it belongs to, where its name means something.
    pub home: RoomId,
    /// Where it reports.
    pub room: RoomId,
    pub by: Person,
    pub at: DateTime<Utc>,
    pub source: SourceId,
    pub recipe: Recipe,
    pub paused: bool,
    pub stage: Stage,
    /// The number of the last item its source had given when it came to rest, the last time it was armed until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rested_after: Option<u64>,
    /// How many items it has kept so far.
    pub kept: u64,
    /// An owner has allowed it to report much of a busy source.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub broad: bool,
}
