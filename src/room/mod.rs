//! Chat platforms: hearing, saying, manners. One file a kind.

pub mod memory;
mod paint;
pub mod pipe;
pub mod split;
pub mod terminal;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::model::{Heard, Message, MessageId, Person, Role, RoomId, Text};

/// A chat system the bot is on.
#[async_trait]
pub trait Platform: Send + Sync + 'static {
    /// Its name in `config.toml` and in every [`RoomId`] of it.
    fn name(&self) -> &str;

    /// Its limits.
    fn manners(&self) -> Manners;

    /// Hears until the platform ends or `heard` closes; waits when `heard` is full.
    async fn listen(&self, heard: mpsc::Sender<Heard>) -> Result<(), SayError>;

    /// Says one message and returns its id once the platform has it.
    async fn say(&self, room: &RoomId, text: &Text) -> Result<MessageId, SayError>;

    /// Puts a new text in the place of one of its own messages.
    async fn edit(&self, room: &RoomId, message: &MessageId, text: &Text) -> Result<(), SayError>;
}

/// A platform's limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manners {
    /// The longest message in characters; longer texts are split between blocks.
    pub longest: NonZeroUsize,
    /// Own messages can be replaced.
    pub edits: bool,
    /// Messages come from this machine only: nobody can flood it but its owner, so nobody is slowed down.
    pub local: bool,
}

/// Why something could not be said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SayError {
    /// Trying again later may help; at least this long.
    #[error("not now: {what}")]
    Later { what: String, rest: Duration },
    /// Trying again is no use.
    #[error("refused: {what}")]
    Never { what: String },
}

/// A kind of platform that `config.toml` can name.
pub struct PlatformKind {
    /// What stands after `kind =`.
    pub name: &'static str,
    /// There can be only one of it in a process.
    pub only_one: bool,
    pub open: fn(Opening) -> Box<dyn Platform>,
}

/// Every kind of platform.
pub const ALL: &[PlatformKind] = &[terminal::KIND];

/// What a platform is opened with.
pub struct Opening {
    /// What the bot is called.
    pub bot: String,
    pub seat: Seat,
    pub clock: Clock,
    /// Where it may keep files of its own; it exists.
    pub folder: PathBuf,
    /// Colours are welcome where there is a terminal.
    pub colours: bool,
    /// The terminal, if there is one, can move its cursor.
    pub editing: bool,
}

/// Where the one person of a platform on this machine sits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub room: RoomId,
    pub person: Person,
    pub role: Role,
    /// The bot need not be called by name.
    pub direct: bool,
}

impl Seat {
    fn message(&self, id: MessageId, text: String, at: DateTime<Utc>) -> Message {
        Message {
            id,
            room: self.room.clone(),
            person: self.person.clone(),
            text,
            at,
            direct: self.direct,
            reply_to_bot: false,
            reply_to: None,
            role: self.role,
        }
    }
}
