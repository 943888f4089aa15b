//! The chats of Stack Exchange: rooms on three hosts, each a platform of its own.
//!
//! Nothing of it is documented; what is known comes from programs that use it, and from the site's own script.

pub mod content;
pub mod cut;
mod door;
mod event;
mod history;
mod jar;
mod markup;
mod page;
mod recent;
pub mod render;
mod say;
mod trash;
mod wrong;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::mpsc;

use super::{Manners, Platform, PlatformKind, SayError, Saying, Seated, Spoken, Trashed, Which};
use crate::clock::Clock;
use crate::http::Http;
use crate::model::{Heard, MessageId, RoomId, Text};
use door::Door;
use recent::Recent;
use wrong::Wrong;

pub const KIND: PlatformKind = PlatformKind {
    name: "stack-exchange-chat",
    only_one: false,
};

/// One of the chats.
pub struct Host {
    /// Its host, which is its platform's name.
    pub chat: &'static str,
    /// The site whose accounts it takes.
    pub login: &'static str,
}

/// Every chat that there is; ids of one mean nothing in another.
pub const HOSTS: [Host; 3] = [
    Host {
        chat: "chat.stackexchange.com",
        login: "meta.stackexchange.com",
    },
    Host {
        chat: "chat.stackoverflow.com",
        login: "stackoverflow.com",
    },
    Host {
        chat: "chat.meta.stackexchange.com",
        login: "meta.stackexchange.com",
    },
];

/// Where a chat is, and as whom it is used.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The platform's name.
    pub name: String,
    /// What people call the bot: whoever calls the account by its name there calls the bot.
    pub bot: String,
    /// Where the chat is, without a slash at the end.
    pub url: String,
    /// The site whose account is used, without a slash at the end.
    pub login: String,
    pub email: Option<String>,
    pub password: Option<SecretString>,
    /// Cookies as a browser sends them: `acct=…; prov=…`.
    pub cookies: Option<SecretString>,
    /// The number of the room that takes what is thrown away.
    pub trash: Option<u64>,
    /// Who is invited goes there.
    pub invitations: bool,
    /// Where it may keep files of its own (the cookies as they were last); it exists.
    pub folder: PathBuf,
}

/// The longest message, in characters.
const LONGEST: usize = 10_000;

/// One chat, used by one account.
pub struct StackExchangeChat(Arc<Chat>);

/// What its parts share.
struct Chat {
    settings: Settings,
    clock: Clock,
    door: Door,
    recent: Recent,
}

impl StackExchangeChat {
    /// Nothing is asked before [`Platform::listen`].
    pub fn open(settings: Settings, http: Http, clock: Clock) -> StackExchangeChat {
        StackExchangeChat(Arc::new(Chat {
            door: Door::new(&settings, http, clock.clone()),
            recent: Recent::default(),
            settings,
            clock,
        }))
    }
}

#[async_trait]
impl Platform for StackExchangeChat {
    fn name(&self) -> &str {
        &self.0.settings.name
    }

    fn manners(&self) -> Manners {
        Manners {
            longest: NonZeroUsize::new(LONGEST).expect("it is not zero"),
            edits: true,
            local: false,
            invitations: self.0.settings.invitations,
        }
    }

    async fn listen(&self, rooms: Vec<Seated>, heard: mpsc::Sender<Heard>) -> Result<(), SayError> {
        let _ = rooms;
        heard.closed().await;
        Ok(())
    }

    async fn say(&self, saying: &Saying) -> Result<Spoken, SayError> {
        say::say(&self.0, saying).await
    }

    async fn edit(&self, room: &RoomId, message: &MessageId, text: &Text) -> Result<(), SayError> {
        say::edit(&self.0, room, message, text).await
    }

    async fn trash(&self, room: &RoomId, which: &Which) -> Result<Trashed, SayError> {
        trash::trash(&self.0, room, which).await
    }
}

impl Chat {
    /// The chat's number of a room.
    ///
    /// # Errors
    /// When it is no room of this chat.
    fn number(&self, room: &RoomId) -> Result<u64, SayError> {
        let own = room.platform == self.settings.name;
        own.then(|| room.room.parse().ok())
            .flatten()
            .ok_or_else(|| SayError::Never {
                what: format!("{room} is no room of {}", self.settings.name),
            })
    }
}

/// What went wrong as an error that trying again may mend.
fn later(wrong: &Wrong) -> SayError {
    SayError::Later {
        what: wrong.words(),
        rest: Duration::from_secs(60),
    }
}
