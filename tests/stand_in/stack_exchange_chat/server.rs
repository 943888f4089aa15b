//! A running chat: on a socket of this machine, with a handle for tests.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard};

use boson::clock::Clock;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::chat::{Chat, Rules};
use super::faults::{Fault, Faults};
use super::listen;
use super::logins::Logins;
use super::socket::{Drop as Dropped, Ticket};

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
    url: String,
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
    pub orders: mpsc::UnboundedSender<Dropped>,
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

/// A message as a test looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageView {
    pub id: i64,
    pub user: i64,
    pub source: String,
    pub html: String,
    pub edits: usize,
    pub deleted: bool,
    pub parent: Option<i64>,
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

    /// `http://127.0.0.1:9002`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The only chat, or the first of three.
    pub fn chat(&self) -> Held<'_> {
        self.shared.hold(0)
    }

    /// One of three chats, by its host.
    ///
    /// # Panics
    /// When there is no such chat here.
    pub fn chat_of(&self, host: &str) -> Held<'_> {
        let at = self
            .shared
            .world()
            .chats
            .iter()
            .position(|chat| chat.host == host);
        self.shared.hold(at.expect("one of the hosts"))
    }

    pub fn account(&self, email: &str, password: &str, name: &str) -> i64 {
        self.chat().account(email, password, name)
    }

    pub fn room(&self, name: &str, owner: i64) -> i64 {
        self.chat().room(name, owner)
    }

    /// Says something as a person, without throttle; gives the id of the message.
    pub fn say(&self, room: i64, user: i64, text: &str) -> i64 {
        self.chat().say(room, user, text)
    }

    /// Edits as the author, whenever that is; a `:id ` at the beginning makes it a reply.
    pub fn edit(&self, message: i64, text: &str) {
        let mut chat = self.chat();
        let user = chat.messages[&message].user;
        chat.change(message, user, text, None);
    }

    /// Deletes as the author, whenever that is.
    pub fn delete(&self, message: i64) {
        let mut chat = self.chat();
        let user = chat.messages[&message].user;
        chat.delete(message, user);
    }

    /// Gives or takes back a star.
    ///
    /// # Panics
    /// When this user may not.
    pub fn star(&self, message: i64, user: i64) {
        let done = self.chat().star(message, user);
        done.expect("a star for the message of somebody else");
    }

    /// Asks a user into a room, as an owner of it.
    pub fn invite(&self, room: i64, user: i64) {
        let mut chat = self.chat();
        let by = chat.rooms[&room].owners().next().unwrap_or(-1);
        chat.invite(room, user, by);
    }

    /// Throws a user out, as an owner of the room; gives for how many minutes.
    pub fn kick(&self, room: i64, user: i64) -> i64 {
        let mut chat = self.chat();
        let owners = chat.rooms[&room].owners().find(|owner| *owner != user);
        chat.kick(room, user, owners.unwrap_or(-1))
    }

    /// All messages that are in a room or were deleted there, oldest first.
    pub fn messages(&self, room: i64) -> Vec<MessageView> {
        self.chat().views(room)
    }

    /// Changes what goes wrong.
    pub fn faults<T>(&self, change: impl FnOnce(&mut Faults) -> T) -> T {
        let result = change(&mut self.shared.world().faults);
        self.shared.tell();
        result
    }

    /// Lets requests fail.
    pub fn fail(&self, fault: Fault) {
        self.faults(|faults| faults.requests.push(fault));
    }

    /// Ends or silences all web sockets; gives how many there were.
    pub fn drop_sockets(&self, how: Dropped) -> usize {
        self.shared.world().order(how, None)
    }

    /// The same only for those of one user.
    pub fn drop_sockets_of(&self, user: i64, how: Dropped) -> usize {
        self.shared.world().order(how, Some(user))
    }

    /// Ends the sessions of somebody: the cookies are good for nothing any more.
    pub fn expire(&self, email: &str) {
        self.shared.world().logins.expire(email);
    }

    /// How many web sockets are open.
    pub fn sockets(&self) -> usize {
        self.shared.world().sockets.len()
    }

    /// Waits until something changed since `seen`; gives what to say next time.
    pub async fn news(&self, seen: u64) -> u64 {
        let mut changed = self.shared.changed.subscribe();
        let now = changed.wait_for(|now| *now != seen).await;
        now.map_or(seen, |now| *now)
    }

    /// What was asked for, in the order in which it was answered.
    pub fn requests(&self) -> Vec<RequestLog> {
        self.shared.world().requests.clone()
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
    /// Tells web sockets to end; gives how many.
    pub fn order(&mut self, how: Dropped, user: Option<i64>) -> usize {
        let all = self.sockets.values();
        let all = all.filter(|socket| user.is_none() || socket.user == user);
        // Who has just gone hears nothing.
        all.filter(|socket| socket.orders.send(how).is_ok()).count()
    }
}

impl Chat {
    fn views(&self, room: i64) -> Vec<MessageView> {
        let all = self.rooms[&room].messages.iter();
        let all = all.map(|id| &self.messages[id]);
        all.map(|message| MessageView {
            id: message.id,
            user: message.user,
            source: message.source.clone(),
            html: message.rendered.full.clone(),
            edits: message.edits,
            deleted: message.deleted.is_some(),
            parent: message.parent,
            at: message.at,
        })
        .collect()
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
