//! Slack: one workspace, used by one app with tokens of its own.

mod account;
mod api;
mod blocks;
mod came;
mod check;
mod choices;
mod clicked;
mod connect;
pub mod cut;
mod edit;
mod elements;
pub mod event;
mod forms;
pub mod frame;
mod handed;
mod hear;
mod history;
mod hook;
pub mod incoming;
mod join;
mod known;
mod lines;
mod look;
pub mod manifest;
mod me;
mod message;
mod modal;
mod mrkdwn;
mod own;
mod people;
mod places;
mod posted;
mod queue;
mod said;
mod say;
pub mod scopes;
pub mod signature;
mod socket;
mod sockets;
mod stamp;
mod trash;
mod tries;
mod trigger;
mod typed;
mod whisper;
mod wrong;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::{Notify, Semaphore, mpsc};

use super::{
    Finding, Manners, Platform, PlatformKind, SayError, Saying, Seated, Spoken, Trashed, Which,
};
use crate::clock::Clock;
use crate::http::Http;
use crate::model::{Form, Heard, MessageId, Person, RoomId, Taken, Text};
use api::Api;
use connect::Order;
use handed::HandedIn;
use me::Me;
use own::Own;
use people::People;
use places::{Names, Place};
use queue::Queue;
use trigger::Triggers;
use wrong::Wrong;

pub const KIND: PlatformKind = PlatformKind {
    name: "slack",
    only_one: false,
};

/// Which workspace, and as which app.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The platform's name.
    pub name: String,
    /// What people call the bot: whoever mentions the app calls it.
    pub bot: String,
    /// Where the Web API is, without a slash at the end: `https://slack.com/api`.
    pub url: String,
    /// `xoxb-…`
    pub bot_token: SecretString,
    pub way: Way,
    /// Public channels to enter at the start, by their names or ids.
    pub rooms: Vec<String>,
    /// What somebody mistyped is told to them alone.
    pub private_mistakes: bool,
}

/// How events reach the bot.
#[derive(Clone, Debug)]
pub enum Way {
    /// Socket Mode: the bot opens web sockets with the token of the app, `xapp-…`.
    Socket { app_token: SecretString },
    /// Slack posts them to this address, signed.
    Http {
        signing_secret: SecretString,
        listen: SocketAddr,
    },
}

/// The longest message, in characters after escaping.
const LONGEST: usize = 3_900;
/// How long something rests that Slack did not do, where it does not say how long.
const REST: Duration = Duration::from_secs(30);
/// How long something rests that Slack does only when somebody has changed a setting.
const LONG_REST: Duration = Duration::from_secs(300);
/// The longest pause between two tries of the same.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How many channels are read back at the same time.
const READING: usize = 4;

/// One workspace, used by one app.
pub struct Slack(Arc<Workspace>);

/// What its parts share.
struct Workspace {
    settings: Settings,
    clock: Clock,
    api: Api,
    me: Mutex<Option<Me>>,
    people: People,
    /// What channels are called.
    names: Names,
    /// The channels the bot is in, by their ids.
    inside: Mutex<BTreeMap<String, Place>>,
    /// Those it is just entering.
    joining: Mutex<BTreeSet<String>>,
    /// Where channels to be heard are asked for, while somebody listens.
    orders: Mutex<Option<mpsc::Sender<Order>>>,
    reading: Semaphore,
    /// Slack takes the token again.
    back: Notify,
    /// How many private messages there were.
    private: AtomicU64,
    queue: Queue,
    own: Own,
    /// Slash commands and clicks of a moment ago.
    triggers: Triggers,
    /// Forms that were handed in and wait for what becomes of them.
    handed: HandedIn,
}

impl Slack {
    /// Nothing is asked before [`Platform::listen`].
    pub fn open(settings: Settings, http: Http, clock: Clock) -> Slack {
        Slack(Arc::new(Workspace {
            api: Api::new(&settings, http, clock.clone()),
            me: Mutex::default(),
            people: People::default(),
            names: Names::default(),
            inside: Mutex::default(),
            joining: Mutex::default(),
            orders: Mutex::default(),
            reading: Semaphore::new(READING),
            back: Notify::new(),
            private: AtomicU64::new(0),
            queue: Queue::new(clock.clone()),
            own: Own::default(),
            triggers: Triggers::default(),
            handed: HandedIn::default(),
            settings,
            clock,
        }))
    }
}

#[async_trait]
impl Platform for Slack {
    fn name(&self) -> &str {
        &self.0.settings.name
    }

    fn manners(&self) -> Manners {
        Manners {
            edits: true,
            paced: true,
            invitations: true,
            threads: true,
            buttons: true,
            forms: true,
            private_mistakes: self.0.settings.private_mistakes,
            ..Manners::plain(NonZeroUsize::new(LONGEST).expect("it is not zero"))
        }
    }

    async fn listen(&self, rooms: Vec<Seated>, heard: mpsc::Sender<Heard>) -> Result<(), SayError> {
        connect::listen(&self.0, rooms, heard).await
    }

    fn pieces(&self, text: &Text) -> Vec<Text> {
        cut::pieces(text)
    }

    fn owners(&self, _: &RoomId) -> Vec<Person> {
        self.0.people.admins(self.0.clock.now())
    }

    fn owned_by(&self, _: &RoomId) -> String {
        "an admin of this workspace, or whoever made this channel".into()
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

    async fn edit_clicked(
        &self,
        room: &RoomId,
        message: &MessageId,
        click: &MessageId,
        text: &Text,
    ) -> Result<(), SayError> {
        edit::edit_clicked(&self.0, room, message, click, text).await
    }

    fn wait(&self) -> Duration {
        self.0.queue.wait()
    }

    fn room(&self, typed: &str) -> Option<RoomId> {
        self.0.meant(typed)
    }

    async fn join(&self, room: &RoomId) -> Result<String, SayError> {
        join::join(&self.0, room).await
    }

    fn leaves(&self, room: &RoomId) -> bool {
        // Nobody leaves a direct conversation.
        !say::is_direct(&room.room)
    }

    async fn leave(&self, room: &RoomId) -> Result<(), SayError> {
        join::leave(&self.0, room).await
    }

    async fn ask(&self, room: &RoomId, of: &MessageId, form: &Form) -> Result<(), SayError> {
        forms::ask(&self.0, room, of, form).await
    }

    async fn taken(&self, filled: &MessageId, taken: Taken) {
        forms::taken(&self.0, filled, taken).await;
    }

    async fn check(&self) -> Vec<Finding> {
        check::check(&self.0).await
    }

    async fn trash(&self, room: &RoomId, which: &Which) -> Result<Trashed, SayError> {
        trash::trash(&self.0, room, which).await
    }
}

impl Workspace {
    /// Slack's id of a channel.
    ///
    /// # Errors
    /// When it is no room of this workspace.
    fn channel<'a>(&self, room: &'a RoomId) -> Result<&'a str, SayError> {
        match room.platform == self.settings.name {
            true => Ok(&room.room),
            false => Err(SayError::Never {
                what: format!("{room} is no room of {}", self.settings.name),
            }),
        }
    }

    fn orders(&self) -> Option<mpsc::Sender<Order>> {
        locked(&self.orders).clone()
    }

    /// The room with this id.
    fn id(&self, channel: &str) -> RoomId {
        RoomId::new(self.settings.name.as_str(), channel)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics while it holds it")
}

/// What went wrong as an error that trying again may mend.
fn later(wrong: &Wrong) -> SayError {
    let rest = match wrong {
        Wrong::Limited { rest } => *rest,
        Wrong::Unreached { .. } | Wrong::Unsure { .. } => REST,
        Wrong::Fatal { .. }
        | Wrong::Scope { .. }
        | Wrong::Outside
        | Wrong::NotThere { .. }
        | Wrong::Gone { .. }
        | Wrong::Forbidden { .. }
        | Wrong::Refused { .. } => LONG_REST,
    };
    SayError::Later {
        what: wrong.words(),
        rest,
    }
}
