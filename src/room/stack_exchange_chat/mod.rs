//! The chats of Stack Exchange: rooms on three hosts, each a platform of its own.
//!
//! Nothing of it is documented; what is known comes from programs that use it, and from the site's own script.

mod address;
mod connect;
pub mod content;
pub mod cut;
mod door;
mod edit;
mod event;
pub mod frame;
mod happened;
mod hear;
mod history;
mod jar;
mod join;
mod known;
mod lines;
mod login;
mod look;
mod markup;
mod page;
mod people;
mod place;
mod posted;
mod queue;
mod recent;
pub mod render;
mod say;
mod session;
mod socket;
mod trash;
mod tries;
mod wrong;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use secrecy::SecretString;
use tokio::sync::{Semaphore, mpsc};

use super::{Manners, Platform, PlatformKind, SayError, Saying, Seated, Spoken, Trashed, Which};
use crate::clock::Clock;
use crate::http::Http;
use crate::model::{Heard, MessageId, RoomId, Text};
use connect::Order;
use door::Door;
use event::{Event, kind};
use posted::Posted;
use queue::Queue;
use recent::{Own, Recent};
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
/// The longest pause between two tries of the same.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long something rests that the chat did not do, where it does not say how long.
const REST: Duration = Duration::from_secs(30);
/// How many rooms are read back at the same time.
const READING: usize = 4;
/// How many names that people have taken are kept in mind.
const NAMES: usize = 1_000;

/// One chat, used by one account.
pub struct StackExchangeChat(Arc<Chat>);

/// What its parts share.
struct Chat {
    settings: Settings,
    clock: Clock,
    door: Door,
    recent: Recent,
    queue: Queue,
    posted: Posted,
    /// Where rooms to be heard are asked for, while somebody listens.
    orders: Mutex<Option<mpsc::Sender<Order>>>,
    /// The rooms the account is in, with their names.
    inside: Mutex<BTreeMap<u64, String>>,
    /// Names that people have taken of late.
    names: Mutex<BTreeMap<i64, String>>,
    reading: Semaphore,
}

impl StackExchangeChat {
    /// Nothing is asked before [`Platform::listen`].
    pub fn open(settings: Settings, http: Http, clock: Clock) -> StackExchangeChat {
        StackExchangeChat(Arc::new(Chat {
            door: Door::new(&settings, http, clock.clone()),
            recent: Recent::default(),
            queue: Queue::new(clock.clone()),
            posted: Posted::default(),
            orders: Mutex::default(),
            inside: Mutex::default(),
            names: Mutex::default(),
            reading: Semaphore::new(READING),
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
            edits: true,
            paced: true,
            invitations: self.0.settings.invitations,
            ..Manners::plain(NonZeroUsize::new(LONGEST).expect("it is not zero"))
        }
    }

    async fn listen(&self, rooms: Vec<Seated>, heard: mpsc::Sender<Heard>) -> Result<(), SayError> {
        connect::listen(&self.0, rooms, heard).await;
        Ok(())
    }

    fn pieces(&self, text: &Text) -> Vec<Text> {
        cut::pieces(text)
    }

    fn owned_by(&self, _: &RoomId) -> String {
        "an owner of this room: its page in a browser names them".into()
    }

    async fn say(&self, saying: &Saying) -> Result<Spoken, SayError> {
        say::say(&self.0, saying).await
    }

    async fn last_word(&self, saying: &Saying) -> Result<Spoken, SayError> {
        say::last_word(&self.0, saying).await
    }

    async fn edit(&self, room: &RoomId, message: &MessageId, text: &Text) -> Result<(), SayError> {
        edit::edit(&self.0, room, message, text).await
    }

    fn wait(&self) -> Duration {
        self.0.queue.wait()
    }

    fn room(&self, typed: &str) -> Option<RoomId> {
        let settings = &self.0.settings;
        let room = place::room(typed, &settings.url, &settings.name)?;
        Some(self.0.id(room))
    }

    async fn join(&self, room: &RoomId) -> Result<String, SayError> {
        join::join(&self.0, room).await
    }

    async fn leave(&self, room: &RoomId) -> Result<(), SayError> {
        join::leave(&self.0, room).await
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

    /// The room with this number.
    fn id(&self, room: u64) -> RoomId {
        RoomId::new(self.settings.name.as_str(), room.to_string())
    }

    /// Somebody listens and takes orders, or nobody does.
    fn listens(&self, orders: Option<mpsc::Sender<Order>>) {
        *locked(&self.orders) = orders;
    }

    fn orders(&self) -> Option<mpsc::Sender<Order>> {
        locked(&self.orders).clone()
    }

    fn inside(&self) -> MutexGuard<'_, BTreeMap<u64, String>> {
        locked(&self.inside)
    }

    /// Somebody has taken a name; whether that is not known yet.
    fn is_new_name(&self, person: i64, name: &str) -> bool {
        let mut names = locked(&self.names);
        let new = names.insert(person, name.into()).as_deref() != Some(name);
        if names.len() > NAMES {
            names.retain(|known, _| *known == person);
        }
        new
    }

    /// Keeps what the chat tells about the bot's own messages.
    fn note(&self, room: u64, event: &Event) {
        let Some(id) = event.message_id else {
            return;
        };
        let own = self
            .door
            .me()
            .is_some_and(|me| Some(me.id) == event.user_id);
        match (event.event_type, &event.content) {
            (kind::POSTED | kind::EDITED | kind::MOVED_IN, Some(html)) if own => {
                let at = DateTime::from_timestamp(event.time_stamp.unwrap_or_default(), 0);
                let own = Own {
                    id,
                    parent: event.parent_id.filter(|_| event.show_parent),
                    html: html.clone(),
                    at: at.unwrap_or_else(|| self.clock.now()),
                };
                self.recent.note(room, own);
            }
            (kind::DELETED | kind::MOVED_OUT, _) | (kind::POSTED, None) => {
                self.recent.gone(room, id);
            }
            _ => {}
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics while it holds it")
}

/// What went wrong as an error that trying again may mend.
fn later(wrong: &Wrong) -> SayError {
    let rest = match wrong {
        Wrong::Closed { rest, .. } | Wrong::Throttled { rest: Some(rest) } => *rest,
        Wrong::Unreached { .. }
        | Wrong::Unsure { .. }
        | Wrong::Broken { .. }
        | Wrong::Throttled { rest: None }
        | Wrong::Barred { .. }
        | Wrong::Missing
        | Wrong::TooLong
        | Wrong::Human
        | Wrong::LoggedOut
        | Wrong::Refused { .. } => REST,
    };
    SayError::Later {
        what: wrong.words(),
        rest,
    }
}
