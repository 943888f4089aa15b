//! What people say, as a platform hears it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Person, RoomId};

/// A platform's own id for a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub String);

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
    pub role: super::Role,
}

/// What a platform tells the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Someone said something.
    Said(Message),
    /// Someone corrected what they had said: same id, new text.
    Edited(Message),
    /// The bot is no longer in this room.
    Left(RoomId),
    /// The platform of this name has ended; nothing more is heard of it.
    Ended(String),
}
