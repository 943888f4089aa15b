//! Chat platforms: hearing, saying, manners. One file a kind.

pub mod irc;
pub mod memory;
mod paint;
pub mod pipe;
pub mod slack;
pub mod split;
pub mod stack_exchange_chat;
pub mod terminal;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use crate::model::{Form, Heard, Message, MessageId, Person, PersonId, Role, RoomId, Taken, Text};
pub use crate::model::{Trashed, Which};

/// A chat system the bot is on.
#[async_trait]
pub trait Platform: Send + Sync + 'static {
    /// Its name in `config.toml` and in every [`RoomId`] of it.
    fn name(&self) -> &str;

    /// Its limits.
    fn manners(&self) -> Manners;

    /// Hears until the platform ends or `heard` closes; waits when `heard` is full. The bot is in `rooms` from the
    /// start: what was said there behind the message that was heard last comes first, as far as the platform can read
    /// it back.
    async fn listen(&self, rooms: Vec<Seated>, heard: mpsc::Sender<Heard>) -> Result<(), SayError>;

    /// The messages that a text becomes: each can be said by itself, all together say the same.
    fn pieces(&self, text: &Text) -> Vec<Text> {
        split::split(text, self.manners().longest.get())
    }

    /// Says one message and returns its id once the platform has it.
    async fn say(&self, saying: &Saying) -> Result<Spoken, SayError>;

    /// Says one message at once, past all that waits to be said and past its own pace, and tries it only once: the bot
    /// ends, and this is its last word.
    async fn last_word(&self, saying: &Saying) -> Result<Spoken, SayError> {
        self.say(saying).await
    }

    /// How many messages for one room it takes together, before it has said the first of them.
    fn at_once(&self) -> usize {
        1
    }

    /// Says messages in one room, in this order; what came of each stands in the same order. What cannot be said now keeps
    /// those behind it waiting.
    async fn say_all(&self, sayings: &Arc<[Saying]>) -> Vec<Result<Spoken, SayError>> {
        let mut outcomes = Vec::with_capacity(sayings.len());
        for saying in &**sayings {
            outcomes.push(match outcomes.last() {
                Some(Err(later @ SayError::Later { .. })) => Err(SayError::clone(later)),
                Some(_) | None => self.say(saying).await,
            });
        }
        outcomes
    }

    /// Puts a new text in the place of one of its own messages.
    async fn edit(&self, room: &RoomId, message: &MessageId, text: &Text) -> Result<(), SayError>;

    /// The same in answer to a `click` on that message: without one, some cannot change what only one person sees.
    async fn edit_clicked(
        &self,
        room: &RoomId,
        message: &MessageId,
        _click: &MessageId,
        text: &Text,
    ) -> Result<(), SayError> {
        self.edit(room, message, text).await
    }

    /// Some of those who own a room, as far as it is known without asking: there may be others.
    fn owners(&self, _room: &RoomId) -> Vec<Person> {
        Vec::new()
    }

    /// Who owns a room, for whoever looks for one of them: words that stand after "ask".
    fn owned_by(&self, _room: &RoomId) -> String {
        "an owner of this room".into()
    }

    /// How long a message would take from now on until it is said: what waits before it, and the platform's own pace.
    fn wait(&self) -> Duration {
        Duration::ZERO
    }

    /// The room of this platform that somebody means by a number, a name or a link; none when it cannot be one.
    fn room(&self, _typed: &str) -> Option<RoomId> {
        None
    }

    /// Enters a room, and returns what it is called.
    async fn join(&self, _room: &RoomId) -> Result<String, SayError> {
        Err(SayError::Never {
            what: format!("there is only one room in {}", self.name()),
        })
    }

    /// Whether this room can be left.
    fn leaves(&self, _room: &RoomId) -> bool {
        true
    }

    /// Leaves a room for good: not even [`Heard::Left`] is heard of it any more.
    async fn leave(&self, _room: &RoomId) -> Result<(), SayError> {
        Err(SayError::Never {
            what: format!("there is only one room in {}", self.name()),
        })
    }

    /// Shows a form to whoever sent this message, which must be a private one of a moment ago. What they fill in is heard
    /// as [`Heard::Filled`].
    async fn ask(&self, _room: &RoomId, _of: &MessageId, _form: &Form) -> Result<(), SayError> {
        Err(SayError::Never {
            what: format!("there are no forms in {}", self.name()),
        })
    }

    /// Says what becomes of a form that was filled in: exactly once for each [`Heard::Filled`], within two seconds where
    /// the person is not to see that it takes long.
    async fn taken(&self, _filled: &MessageId, _taken: Taken) {}

    /// Looks whether it can be used: what is fine, and what is not.
    async fn check(&self) -> Vec<Finding> {
        Vec::new()
    }

    /// Takes own messages out of a room's sight.
    async fn trash(&self, _room: &RoomId, _which: &Which) -> Result<Trashed, SayError> {
        Err(SayError::Never {
            what: format!("what is said in {} stays", self.name()),
        })
    }
}

/// A room in which the bot is when it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seated {
    pub room: RoomId,
    /// The last message that was heard there, if one was.
    pub heard: Option<MessageId>,
}

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    pub room: RoomId,
    /// One of the platform's own pieces.
    pub text: Text,
    /// The message that it answers.
    pub answers: Option<MessageId>,
    /// The message to whose answer it belongs: only the first message of an answer says what it answers.
    pub part_of: Option<MessageId>,
    /// It may have been said before, but not before then: the platform looks for it first where it can.
    pub since: Option<DateTime<Utc>>,
    /// The thread in which it stands, where the platform has threads.
    pub thread: Option<MessageId>,
    /// Only this person is to see it, where the platform can do that.
    pub only: Option<PersonId>,
}

/// What was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    pub message: MessageId,
    /// It had been said before, and was not said again.
    pub before: bool,
}

impl Saying {
    /// Says a text in a room, as an answer to nothing.
    pub fn new(room: RoomId, text: Text) -> Saying {
        Saying {
            room,
            text,
            answers: None,
            part_of: None,
            since: None,
            thread: None,
            only: None,
        }
    }
}

impl Spoken {
    /// It was said just now.
    pub fn now(message: MessageId) -> Spoken {
        Spoken {
            message,
            before: false,
        }
    }
}

/// A platform's limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manners {
    /// The longest message in characters; longer texts are split between blocks.
    pub longest: NonZeroUsize,
    /// Own messages can be replaced.
    pub edits: bool,
    /// It lets few messages through: what is to be said may wait for long, and is kept in the store meanwhile.
    pub paced: bool,
    /// Messages come from this machine only: nobody can flood it but its owner, so nobody is slowed down.
    pub local: bool,
    /// Who is invited to a room goes there.
    pub invitations: bool,
    /// Answers can stand in a thread of their own.
    pub threads: bool,
    /// It shows [`Block::Choices`] as buttons; where it does not, they are left out.
    ///
    /// [`Block::Choices`]: crate::model::text::Block::Choices
    pub buttons: bool,
    /// Whoever sends a private message can be shown a form.
    pub forms: bool,
    /// What somebody mistyped is told to them alone.
    pub private_mistakes: bool,
}

impl Manners {
    /// Messages of at most so many characters, and nothing else.
    pub fn plain(longest: NonZeroUsize) -> Manners {
        Manners {
            longest,
            edits: false,
            paced: false,
            local: false,
            invitations: false,
            threads: false,
            buttons: false,
            forms: false,
            private_mistakes: false,
        }
    }
}

/// What looking at a platform found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is as it should be.
    Fine(String),
    /// It works, but something is missing, and what to do about it.
    Lacking { what: String, hint: String },
    /// It cannot be used, and what to do about it.
    Broken { what: String, hint: String },
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
}

/// Every kind of platform.
pub const ALL: &[PlatformKind] = &[
    terminal::KIND,
    stack_exchange_chat::KIND,
    slack::KIND,
    irc::KIND,
];

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
            thread: None,
            private: false,
            everywhere: false,
            past: false,
            mentions: Vec::new(),
        }
    }
}
