//! IRC: one network, through one of its servers or a bouncer.
//!
//! The protocol is read here and not by the `irc` crate, which keeps time by a clock of its own, knows neither the past of
//! channels nor lines that belong together, and brings a second provider of TLS.

mod capable;
pub mod colour;
mod connect;
mod crowd;
mod direct;
mod hear;
mod history;
pub mod line;
mod nick;
mod proof;
mod queue;
mod recent;
pub mod render;
mod say;
mod scram;
mod seats;
pub mod session;
mod stamp;
mod support;
mod wrong;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::{mpsc, oneshot};

use super::{Finding, Manners, Platform, PlatformKind, SayError, Saying, Seated, Spoken};
use crate::clock::Clock;
use crate::http::{Http, Server};
use crate::model::{Heard, MessageId, RoomId, Text};
pub use queue::Flood;

pub const KIND: PlatformKind = PlatformKind {
    name: "irc",
    only_one: false,
};

/// Which network, and as whom.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The platform's name.
    pub name: String,
    /// What people call the bot.
    pub bot: String,
    pub server: Server,
    pub nick: String,
    pub user: String,
    pub realname: String,
    /// What the server itself wants to hear.
    pub server_password: Option<SecretString>,
    pub login: Option<Login>,
    /// The channels in which it begins.
    pub channels: Vec<Channel>,
    pub flood: Flood,
    /// Who is invited goes there.
    pub invitations: bool,
}

/// An account of the network's services.
#[derive(Clone, Debug)]
pub struct Login {
    pub account: String,
    pub password: SecretString,
    pub way: Way,
    /// What nobody else knows: with it the password need not be shown (SASL SCRAM).
    pub seed: Option<[u8; 32]>,
}

/// How an account is logged in to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Before anything else (SASL SCRAM, or else PLAIN).
    Sasl,
    /// With a message to NickServ.
    NickServ,
}

/// A channel, and its key where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    pub name: String,
    pub key: Option<String>,
}

impl Channel {
    /// Reads `#channel` or `#channel key`; none when it is neither.
    pub fn read(text: &str) -> Option<Channel> {
        let mut words = text.split_whitespace();
        let name = words.next().filter(|name| is_channel(name, "#&!+"))?;
        let key = words.next().map(String::from);
        let fits = words.next().is_none() && key.as_ref().is_none_or(|key| !key.contains(','));
        fits.then(|| Channel {
            name: name.into(),
            key,
        })
    }
}

/// The longest message, in characters: a few lines.
const LONGEST: usize = 1_500;

/// How many messages for a channel may be on their way.
const AT_ONCE: usize = 64;

/// One network.
pub struct Irc(Arc<Network>);

/// What its parts share.
struct Network {
    settings: Arc<Settings>,
    http: Http,
    clock: Clock,
    /// Where orders are given, while somebody listens.
    orders: Mutex<Option<mpsc::Sender<Order>>>,
    view: Mutex<View>,
}

/// What is seen from outside.
struct View {
    wait: Duration,
    /// What the name of a channel may begin with.
    channels: String,
}

/// What the connection shall do.
enum Order {
    /// All of them for one room.
    Say(Vec<Wish>),
    /// The same past all that waits.
    LastWord(Vec<Wish>),
    Join {
        room: RoomId,
        done: seats::Wanted,
    },
    Leave {
        room: RoomId,
        done: oneshot::Sender<()>,
    },
}

/// A message to say, and whoever waits to hear what came of it.
struct Wish {
    /// Those that were given together, and which of them it is.
    sayings: Arc<[Saying]>,
    which: usize,
    done: oneshot::Sender<Result<Spoken, SayError>>,
}

impl Irc {
    /// Nothing is connected before [`Platform::listen`].
    pub fn open(settings: Settings, http: Http, clock: Clock) -> Irc {
        if settings.flood.off {
            tracing::warn!(
                network = settings.name,
                "lines leave as fast as they come: flood control is off"
            );
        }
        Irc(Arc::new(Network {
            settings: Arc::new(settings),
            http,
            clock,
            orders: Mutex::default(),
            view: Mutex::new(View {
                wait: Duration::ZERO,
                channels: "#&!+".into(),
            }),
        }))
    }
}

/// The rooms of these channels.
pub fn rooms(platform: &str, channels: &[Channel]) -> Vec<RoomId> {
    let rooms = channels.iter();
    rooms
        .map(|channel| seats::room(platform, &channel.name))
        .collect()
}

#[async_trait]
impl Platform for Irc {
    fn name(&self) -> &str {
        &self.0.settings.name
    }

    fn manners(&self) -> Manners {
        Manners {
            paced: !self.0.settings.flood.off,
            invitations: self.0.settings.invitations,
            ..Manners::plain(NonZeroUsize::new(LONGEST).expect("it is not zero"))
        }
    }

    async fn listen(&self, rooms: Vec<Seated>, heard: mpsc::Sender<Heard>) -> Result<(), SayError> {
        connect::listen(&self.0, rooms, heard).await;
        Ok(())
    }

    fn pieces(&self, text: &Text) -> Vec<Text> {
        render::pieces(text)
    }

    fn owned_by(&self, room: &RoomId) -> String {
        let channels = locked(&self.0.view).channels.clone();
        match is_channel(&room.room, &channels) {
            true => format!("a channel operator of {}", room.room),
            false => "an owner of this room".into(),
        }
    }

    /// As PRIVMSG: clients show a NOTICE somewhere else, where nobody looks.
    async fn say(&self, saying: &Saying) -> Result<Spoken, SayError> {
        let sayings = Arc::from([saying.clone()]);
        let mut outcomes = say::give(&self.0, &sayings, Order::Say).await;
        outcomes.pop().unwrap_or_else(|| Err(say::deaf()))
    }

    async fn last_word(&self, saying: &Saying) -> Result<Spoken, SayError> {
        let sayings = Arc::from([saying.clone()]);
        let mut outcomes = say::give(&self.0, &sayings, Order::LastWord).await;
        outcomes.pop().unwrap_or_else(|| Err(say::deaf()))
    }

    /// Where lines leave as they come; elsewhere the store keeps what waits.
    fn at_once(&self) -> usize {
        match self.0.settings.flood.off {
            true => AT_ONCE,
            false => 1,
        }
    }

    async fn say_all(&self, sayings: &Arc<[Saying]>) -> Vec<Result<Spoken, SayError>> {
        say::give(&self.0, sayings, Order::Say).await
    }

    async fn edit(&self, _: &RoomId, _: &MessageId, _: &Text) -> Result<(), SayError> {
        Err(SayError::Never {
            what: "what was said on IRC stays as it is".into(),
        })
    }

    fn wait(&self) -> Duration {
        locked(&self.0.view).wait
    }

    fn room(&self, typed: &str) -> Option<RoomId> {
        let channels = locked(&self.0.view).channels.clone();
        is_channel(typed, &channels).then(|| seats::room(&self.0.settings.name, typed))
    }

    async fn join(&self, room: &RoomId) -> Result<String, SayError> {
        self.0.own(room)?;
        let (done, joined) = oneshot::channel();
        let room = room.clone();
        self.0.order(Order::Join { room, done }).await?;
        joined.await.unwrap_or_else(|_| Err(say::deaf()))
    }

    async fn leave(&self, room: &RoomId) -> Result<(), SayError> {
        self.0.own(room)?;
        let (done, left) = oneshot::channel();
        let room = room.clone();
        self.0.order(Order::Leave { room, done }).await?;
        left.await.map_err(|_| say::deaf())
    }

    async fn check(&self) -> Vec<Finding> {
        let host = &self.0.settings.server.host;
        vec![match connect::attempt(&self.0).await {
            Ok(nick) if nick.eq_ignore_ascii_case(&self.0.settings.nick) => {
                Finding::Fine(format!("{host} lets me in as {nick}"))
            }
            Ok(nick) => Finding::Lacking {
                what: format!("{host} lets me in, but my nick is taken, and I was {nick}"),
                hint: "that is as it should be while I run".into(),
            },
            Err(what) => Finding::Broken {
                what,
                hint: "`man irc` has the way there, step by step".into(),
            },
        }]
    }
}

impl Network {
    /// # Errors
    /// When it is no room of this network.
    fn own(&self, room: &RoomId) -> Result<(), SayError> {
        match room.platform == self.settings.name {
            true => Ok(()),
            false => Err(SayError::Never {
                what: format!("{room} is no room of {}", self.settings.name),
            }),
        }
    }

    fn orders(&self) -> Option<mpsc::Sender<Order>> {
        locked(&self.orders).clone()
    }

    async fn order(&self, order: Order) -> Result<(), SayError> {
        let orders = self.orders().ok_or_else(say::deaf)?;
        orders.send(order).await.map_err(|_| say::deaf())
    }
}

/// Whether that can be the name of a channel.
fn is_channel(name: &str, begins: &str) -> bool {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && c != ',';
    name.starts_with(|c| begins.contains(c))
        && (2..=64).contains(&name.len())
        && name.chars().all(plain)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics while it holds it")
}
