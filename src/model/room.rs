//! Where people talk.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A room of one platform: a channel, a group, a direct conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoomId {
    /// The platform's name in `config.toml`, for instance `terminal`.
    pub platform: String,
    /// The platform's own name or number for the room.
    pub room: String,
}

impl RoomId {
    pub fn new(platform: impl Into<String>, room: impl Into<String>) -> RoomId {
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
