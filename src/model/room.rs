//! Where people talk.

use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::dialogue::{Answering, Unfinished};

/// A room of one platform: a channel, a group, a direct conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoomId {
    /// The platform's name in `config.toml`, for instance `terminal`.
    pub platform: CompactString,
    /// The platform's own name or number for the room.
    pub room: CompactString,
}

/// What a room has chosen for itself; what it has not is as the operator set it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// What a command may begin with instead of the bot's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// A zone by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// `day-month` or `month-day`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Hours of each day in which reports wait: `22:00 to 07:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<String>,
    /// Whether what a command lacks is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<Unfinished>,
    /// How questions are answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answering>,
}

impl RoomId {
    pub fn new(platform: impl Into<CompactString>, room: impl Into<CompactString>) -> RoomId {
        RoomId {
            platform: platform.into(),
            room: room.into(),
        }
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.platform, self.room)
    }
}
