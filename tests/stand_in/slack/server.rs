//! A running Slack: on a socket of this machine.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard};

use boson::clock::Clock;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::apps::Hears;
use super::faults::{Fault, Faults, Wire};
use super::listen;
use super::outward;
use super::socket::Order;
use super::state::{Rules, Slack};

/// What a stand-in begins with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// 0 takes any that is free.
    pub port: u16,
    pub rules: Rules,
}

/// A running stand-in; it stops when it is dropped.
pub struct SlackServer {
    pub(super) shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

/// What all connections share.
pub struct Shared {
    world: Mutex<World>,
    pub clock: Clock,
    pub address: SocketAddr,
    /// Counts what may have changed something.
    pub changed: watch::Sender<u64>,
}

/// All state, under one lock.
pub struct World {
    pub slack: Slack,
    pub faults: Faults,
    pub sockets: BTreeMap<u64, OpenSocket>,
    pub requests: Vec<RequestLog>,
    pub opened: u64,
    turn: u64,
}

/// A web socket that is open.
pub struct OpenSocket {
    pub app: String,
    /// Frames that go out now.
    pub outbox: VecDeque<String>,
    pub orders: mpsc::UnboundedSender<Order>,
    /// It was told that it will end.
    pub ending: bool,
}

/// A request that was answered, or not.
#[derive(Clone, Debug)]
pub struct RequestLog {
    pub path: String,
    /// 0 when there was no answer.
    pub status: u16,
    /// The arguments, without the token.
    pub args: Value,
    /// Unix milliseconds.
    pub at: i64,
}

/// The state while nobody else has it; the wire looks for news when it is given back.
pub struct Held<'a> {
    world: MutexGuard<'a, World>,
    shared: &'a Shared,
}

impl SlackServer {
    /// Begins to listen on 127.0.0.1.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn bind(settings: Settings, clock: Clock) -> std::io::Result<SlackServer> {
        let listener = TcpListener::bind(("127.0.0.1", settings.port)).await?;
        let address = listener.local_addr()?;
        let slack = Slack::new(clock.clone(), settings.rules, format!("http://{address}"));
        let world = World {
            slack,
            faults: Faults::default(),
            sockets: BTreeMap::new(),
            requests: Vec::new(),
            opened: 0,
            turn: 0,
        };
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            clock,
            address,
            changed: watch::Sender::new(0),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(listen::listen(listener, shared.clone()));
        tasks.spawn(beat(shared.clone()));
        Ok(SlackServer { shared, tasks })
    }

    /// Begins to listen on 127.0.0.1.
    ///
    /// # Panics
    /// When the port is taken.
    pub async fn start(settings: Settings, clock: Clock) -> SlackServer {
        let bound = SlackServer::bind(settings, clock).await;
        bound.expect("the port is free")
    }

    /// Without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// The base of the Web API, with a slash at the end.
    pub fn api(&self) -> String {
        format!("{}/api/", self.url())
    }

    /// Where programs act as people and make things go wrong.
    pub fn inject_url(&self) -> String {
        format!("{}/_test/inject", self.url())
    }

    pub fn slack(&self) -> Held<'_> {
        self.shared.hold()
    }

    pub fn fail(&self, fault: Fault) {
        self.shared.world().faults.requests.push(fault);
    }

    /// Changes what is wrong with deliveries and sockets.
    pub fn wire(&self, change: impl FnOnce(&mut Wire)) {
        let mut world = self.shared.world();
        change(&mut world.faults.wire);
        let wire = world.faults.wire.clone();
        world.slack.late = wire.late;
        world.slack.twice = wire.twice;
        drop(world);
        self.shared.tell();
    }

    /// Tells the sockets of an app to do something; gives how many.
    pub fn order(&self, app: &str, order: &Order) -> usize {
        self.shared.world().order(app, order)
    }

    /// How many sockets an app has.
    pub fn sockets(&self, app: &str) -> usize {
        self.shared.world().live(app).len()
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<RequestLog> {
        self.shared.world().requests.clone()
    }

    /// Resolves when `true` was found; the state is looked at after each change.
    pub async fn wait(&self, mut found: impl FnMut(&Slack) -> bool) {
        let mut changed = self.shared.changed.subscribe();
        loop {
            if found(&self.shared.world().slack) {
                return;
            }
            if changed.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Shared {
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("nobody panics with it")
    }

    pub fn hold(&self) -> Held<'_> {
        Held {
            world: self.world(),
            shared: self,
        }
    }

    /// The wire looks for news.
    pub fn tell(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}

impl World {
    /// The sockets of an app.
    pub fn live(&self, app: &str) -> Vec<u64> {
        let all = self.sockets.iter().filter(|(_, socket)| socket.app == app);
        all.map(|(number, _)| *number).collect()
    }

    /// Hands what is due to one socket each, in turn; those that end get nothing while there is another.
    pub fn pump(&mut self) -> bool {
        let live: Vec<String> = self
            .sockets
            .values()
            .map(|socket| socket.app.clone())
            .collect();
        let mut moved = self.slack.pass(|app| live.iter().any(|its| its == app));
        let apps: Vec<String> = self.slack.apps.keys().cloned().collect();
        for app in apps {
            if self.slack.apps[&app].hears != Hears::Socket {
                continue;
            }
            let all = self.live(&app);
            let fresh: Vec<u64> = all
                .iter()
                .copied()
                .filter(|its| !self.sockets[its].ending)
                .collect();
            let takers = if fresh.is_empty() { all } else { fresh };
            if takers.is_empty() {
                continue;
            }
            for id in self.slack.due(&app) {
                self.turn += 1;
                let number = takers[(self.turn as usize) % takers.len()];
                self.slack.sent(id, Some(number));
                let frame = self.slack.deliveries[&id].frame().to_string();
                if let Some(socket) = self.sockets.get_mut(&number) {
                    socket.outbox.push_back(frame);
                }
                moved = true;
            }
        }
        moved
    }

    pub fn order(&mut self, app: &str, order: &Order) -> usize {
        let all = self.sockets.values_mut().filter(|socket| socket.app == app);
        let mut told = 0;
        for socket in all {
            if let Order::Disconnect(_) = order {
                socket.ending = true;
            }
            // Who has just gone hears nothing.
            told += usize::from(socket.orders.send(order.clone()).is_ok());
        }
        told
    }
}

/// Moves what is due, whenever something changed and when its time has come.
async fn beat(shared: Arc<Shared>) {
    let mut changed = shared.changed.subscribe();
    loop {
        let (moved, next) = {
            let mut world = shared.world();
            let moved = world.pump();
            (moved, world.slack.next_due())
        };
        outward::send_due(&shared);
        changed.borrow_and_update();
        if moved {
            shared.tell();
        }
        let soon = shared.clock.now() + chrono::TimeDelta::hours(1);
        tokio::select! {
            news = changed.changed() => {
                if news.is_err() {
                    return;
                }
            }
            () = shared.clock.until(next.unwrap_or(soon)) => {}
        }
    }
}

impl Deref for Held<'_> {
    type Target = Slack;

    fn deref(&self) -> &Slack {
        &self.world.slack
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Slack {
        &mut self.world.slack
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.shared.tell();
    }
}
