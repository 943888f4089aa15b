//! What keeps reports from being said: of a whole room, or of one tracker in it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Person;

/// Something that keeps reports from being said. They are kept and counted until it ends, or until somebody decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub why: Why,
    pub at: DateTime<Utc>,
    /// What is new is said all the same; only what waited when it began, or until then, still does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flows: bool,
    /// How often it was looked in vain whether it can end by itself.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// How much of what it kept has gone again, because there was no room for it.
    #[serde(default, skip_serializing_if = "is_none")]
    pub gone: u64,
}

fn is_none(n: &u64) -> bool {
    *n == 0
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Why reports are held. Of each kind a room, or a tracker in it, has one at the most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// Somebody muted the room.
    Muted(Mute),
    /// It waited when somebody ended the process at once.
    Killed { by: Person },
    /// The hours in which the room wants none; until then.
    Quiet { until: DateTime<Utc> },
    /// More messages in a short time than is usual.
    Burst { messages: usize },
    /// The same text again and again.
    Repeats { text: String },
    /// They cannot be put into words; why not, in words that stand after "because".
    Printer { why: String },
}

/// Silence in a room: reports wait, or are dropped; commands are answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// What is found meanwhile is dropped.
    #[serde(default)]
    pub drop: bool,
    pub by: Person,
    pub at: DateTime<Utc>,
    /// How many messages were dropped.
    #[serde(default)]
    pub dropped: u64,
}

impl Hold {
    /// One that begins now and lets nothing through.
    pub fn new(why: Why, at: DateTime<Utc>) -> Hold {
        Hold {
            why,
            at,
            flows: false,
            tries: 0,
            gone: 0,
        }
    }

    /// One that keeps what waits already, and lets through what comes from now on.
    pub fn of_what_waits(why: Why, at: DateTime<Utc>) -> Hold {
        Hold {
            flows: true,
            ..Hold::new(why, at)
        }
    }

    /// When it ends by itself, where that is known.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        match &self.why {
            Why::Muted(mute) => mute.until,
            Why::Quiet { until } => Some(*until),
            Why::Killed { .. } | Why::Burst { .. } | Why::Repeats { .. } | Why::Printer { .. } => {
                None
            }
        }
    }

    /// It is there because something went wrong, and looks by itself whether that is over.
    pub fn is_breaker(&self) -> bool {
        match &self.why {
            Why::Burst { .. } | Why::Repeats { .. } | Why::Printer { .. } => true,
            Why::Muted(_) | Why::Killed { .. } | Why::Quiet { .. } => false,
        }
    }

    /// It waits for somebody who decides what becomes of what is kept; the others are somebody's wish and end by it.
    pub fn asks(&self) -> bool {
        self.is_breaker() || matches!(self.why, Why::Killed { .. })
    }
}

impl Why {
    /// What [`Why::kind`] can be.
    pub const KINDS: [&'static str; 6] =
        ["muted", "killed", "quiet", "burst", "repeats", "printer"];

    /// Its kind in one word, which is stored and counted.
    pub fn kind(&self) -> &'static str {
        match self {
            Why::Muted(_) => "muted",
            Why::Killed { .. } => "killed",
            Why::Quiet { .. } => "quiet",
            Why::Burst { .. } => "burst",
            Why::Repeats { .. } => "repeats",
            Why::Printer { .. } => "printer",
        }
    }
}
