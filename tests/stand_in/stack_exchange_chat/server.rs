//! A running chat: on a socket of this machine.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard};

use boson::clock::Clock;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::chat::{Chat, Rules};
use super::faults::Faults;
use super::listen;
use super::logins::Logins;
use super::socket::{Order, Ticket};

/// What a stand-in begins with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// 0 takes any that is free.
    pub port: u16,
    pub rules: Rules,
    /// Seconds between heartbeats of a socket; 0 stands for 15.
    pub beat: i64,
    /// Three chats with numbers of their own, told apart by the `Host` header; otherwise one, whatever the header says.
    pub hosts: bool,
    /// Lets `/_test/…` do what the handle does; a text that is not empty must come along as `x-test-token`.
    pub control: Option<String>,
    /// A captcha for who tries to log in more often than that within five minutes.
    pub captcha_after: Option<usize>,
    /// Shows the accounts with their passwords on the log-in page, for people who try it out.
    pub open_house: bool,
}

/// Hosts of the three chats; the first is the only one unless [`Settings::hosts`] says otherwise.
pub const HOSTS: [&str; 3] = [
    "chat.stackexchange.com",
    "chat.stackoverflow.com",
    "chat.meta.stackexchange.com",
];

/// A running stand-in; it stops when it is dropped.
pub struct StackExchangeChat {
    pub(super) url: String,
    pub(super) shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

/// What all connections share.
pub struct Shared {
    world: Mutex<World>,
    pub settings: Settings,
    pub clock: Clock,
    pub address: SocketAddr,
    /// Counts what may have changed something.
    pub changed: watch::Sender<u64>,
}

/// All state, under one lock.
pub struct World {
    pub chats: Vec<Chat>,
    pub logins: Logins,
    pub faults: Faults,
    pub requests: Vec<RequestLog>,
    /// Tickets for web sockets, by token.
    pub tickets: HashMap<String, Ticket>,
    pub sockets: BTreeMap<u64, OpenSocket>,
    pub opened: u64,
}

/// A web socket that is open.
pub struct OpenSocket {
    pub chat: usize,
    pub room: i64,
    pub user: Option<i64>,
    pub orders: mpsc::UnboundedSender<Order>,
}

/// A request that was answered, or not.
#[derive(Clone, Debug)]
pub struct RequestLog {
    pub method: String,
    /// Without the query, as sent.
    pub path: String,
    pub query: String,
    /// 0 when there was no answer.
    pub status: u16,
    /// The fields of the form, without passwords.
    pub form: Vec<(String, String)>,
    /// Unix seconds.
    pub at: i64,
}

/// The state of one chat while nobody else has it; sockets look for news when it is given back.
pub struct Held<'a> {
    world: MutexGuard<'a, World>,
    at: usize,
    shared: &'a Shared,
}

impl StackExchangeChat {
    /// Begins to listen on 127.0.0.1.
    ///
    /// # Panics
    /// When the port is taken; see [`StackExchangeChat::bind`].
    pub async fn start(settings: Settings, clock: Clock) -> StackExchangeChat {
        let bound = StackExchangeChat::bind(settings, clock).await;
        bound.expect("the port is free")
    }

    /// Begins to listen on 127.0.0.1.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn bind(mut settings: Settings, clock: Clock) -> std::io::Result<StackExchangeChat> {
        let listener = TcpListener::bind(("127.0.0.1", settings.port)).await?;
        let address = listener.local_addr()?;
        if settings.beat == 0 {
            settings.beat = 15;
        }
        let hosts = if settings.hosts {
            &HOSTS[..]
        } else {
            &HOSTS[..1]
        };
        let chats = hosts.iter().zip(0..).map(|(host, at)| {
            let (rules, clock) = (settings.rules.clone(), clock.clone());
            let mut chat = Chat::new(host, rules, clock, at * 1_000_000);
            if !settings.hosts {
                chat.known_as.push(address.to_string());
                chat.known_as.push(format!("localhost:{}", address.port()));
            }
            chat
        });
        let world = World {
            chats: chats.collect(),
            logins: Logins::new(settings.captcha_after),
            faults: Faults::default(),
            requests: Vec::new(),
            tickets: HashMap::new(),
            sockets: BTreeMap::new(),
            opened: 0,
        };
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            settings,
            clock,
            address,
            changed: watch::Sender::new(0),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(listen::listen(listener, shared.clone()));
        tasks.spawn(listen::fade(shared.clone()));
        Ok(StackExchangeChat {
            url: format!("http://{address}"),
            shared,
            tasks,
        })
    }
}

impl Shared {
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("nobody panics with it")
    }

    pub fn hold(&self, at: usize) -> Held<'_> {
        Held {
            world: self.world(),
            at,
            shared: self,
        }
    }

    /// Sockets look for news.
    pub fn tell(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}

impl World {
    /// Tells web sockets to do something; gives how many.
    pub fn order(&mut self, order: &Order, user: Option<i64>) -> usize {
        let all = self.sockets.values();
        let all = all.filter(|socket| user.is_none() || socket.user == user);
        // Who has just gone hears nothing.
        all.filter(|socket| socket.orders.send(order.clone()).is_ok())
            .count()
    }
}

impl Deref for Held<'_> {
    type Target = Chat;

    fn deref(&self) -> &Chat {
        &self.world.chats[self.at]
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Chat {
        &mut self.world.chats[self.at]
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.shared.tell();
    }
}
