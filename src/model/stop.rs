//! How somebody in a room ends the bot.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{MessageId, Person, RoomId};

/// How the bot is ended, in rising force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// What is begun is finished, and the same program starts anew.
    Reboot,
    /// What is begun is finished; it stays down until a person starts it.
    Shutdown,
    /// At once, ahead of all that waits; reports are held back when it starts again.
    Kill,
}

impl Stop {
    /// Every way, in rising force.
    pub const ALL: [Stop; 3] = [Stop::Reboot, Stop::Shutdown, Stop::Kill];

    /// The command that asks for it.
    pub fn name(self) -> &'static str {
        match self {
            Stop::Reboot => "reboot",
            Stop::Shutdown => "shutdown",
            Stop::Kill => "kill",
        }
    }
}

/// Who ended the bot, as the next start must know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    pub stop: Stop,
    pub by: Person,
    pub room: RoomId,
    /// The message that asked for it; it is not to be obeyed again when the room is read anew.
    pub message: MessageId,
    /// The thread in which it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<MessageId>,
    /// As it was typed.
    pub words: String,
    pub at: DateTime<Utc>,
    /// When the platform says that the message was said; `None` where the loop itself has heard it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<DateTime<Utc>>,
    /// How much of what was asked before it was not finished in time.
    #[serde(default)]
    pub unfinished: usize,
    /// How many reports waited in all rooms; none where nobody could count them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<usize>,
}
