//! What people say, as a platform hears it.

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::{Filled, Person, Role, RoomId};

/// A platform's own id for a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub CompactString);

impl From<String> for MessageId {
    fn from(id: String) -> MessageId {
        MessageId(id.into())
    }
}

/// One message of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub room: RoomId,
    pub person: Person,
    pub text: String,
    pub at: DateTime<Utc>,
    /// The room is a conversation between this person and the bot alone.
    pub direct: bool,
    /// The message answers one of the bot's own.
    pub reply_to_bot: bool,
    /// Which message it answers, where the platform says so.
    pub reply_to: Option<MessageId>,
    /// What the platform itself knows of the person's standing in this room.
    pub role: Role,
    /// They answer for the whole platform, as an admin of a workspace does: their role is not that of this room alone.
    #[serde(default)]
    pub everywhere: bool,
    /// The thread in which it stands, by the message that the thread is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<MessageId>,
    /// Nobody else in the room has seen it, and it is meant for the bot: a slash command, a button.
    #[serde(default)]
    pub private: bool,
    /// It was said while the platform was not heard, and is read back.
    #[serde(default)]
    pub past: bool,
    /// The people whom the text mentions, where the platform says who they are: other people may bear the same names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Person>,
}

/// What a platform tells the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Someone said something.
    Said(Message),
    /// Someone corrected what they had said: same id, new text.
    Edited(Message),
    /// A message was taken away, by whomever.
    Deleted { room: RoomId, message: MessageId },
    /// How many people have marked a message as remarkable, and how many have fixed it at the top of the room.
    Starred {
        room: RoomId,
        message: MessageId,
        stars: u32,
        pins: u32,
    },
    /// A message was moved to another room, or has come from one.
    Moved {
        room: RoomId,
        message: MessageId,
        away: bool,
    },
    /// Someone came into the room.
    Came { room: RoomId, person: Person },
    /// Someone left the room.
    Went { room: RoomId, person: Person },
    /// Someone of this platform goes by another name now.
    Renamed { platform: String, person: Person },
    /// The bot is in this room, which is called so.
    Joined {
        room: RoomId,
        name: String,
        /// The last message that was there before, as far as the platform can tell: what comes behind it is heard.
        last: Option<MessageId>,
    },
    /// The bot is no longer in this room, and did not want it so: it was sent away, or the room is gone.
    Left(RoomId),
    /// Someone wants the bot in a room, which is called so.
    Invited {
        room: RoomId,
        name: String,
        by: Person,
        /// They have taken it there already.
        there: bool,
    },
    /// Someone filled in a form.
    Filled(Filled),
    /// The platform of this name cannot be used until the operator does something, or it can be used again. Plain words
    /// that stand after "because".
    Trouble {
        platform: String,
        what: Option<String>,
    },
    /// The platform of this name has ended; nothing more is heard of it.
    Ended(String),
}
