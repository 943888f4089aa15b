//! A running Slack: on a socket of this machine.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard};

use boson::clock::Clock;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::control;
use super::faults::{Fault, Wire};
use super::listen;
use super::outward;
use super::socket::Order;
use super::state::{Rules, Slack};
use super::world::{RequestLog, World};

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
        let world = World::new(slack);
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
        world.wired();
        drop(world);
        self.shared.tell();
    }

    /// Tells the sockets of an app to do something; gives how many.
    pub fn order(&self, app: &str, order: &Order) -> usize {
        self.shared.world().order(app, order, u64::MAX)
    }

    /// Does what a program could want of the control endpoint, such as `{"type": "say", …}`; waits for acknowledgements.
    ///
    /// # Errors
    /// What is missing or wrong, as the endpoint answers it.
    pub async fn try_act(&self, wish: &Value) -> Result<Value, Value> {
        let done = control::done(&self.shared, wish).await;
        done.map_err(|refused| refused.json())
    }

    /// The same.
    ///
    /// # Panics
    /// When something is missing or wrong.
    pub async fn act(&self, wish: Value) -> Value {
        let done = self.try_act(&wish).await;
        done.unwrap_or_else(|refused| panic!("{wish}: {refused}"))
    }

    /// How many sockets an app has.
    pub fn sockets(&self, app: &str) -> usize {
        self.shared.world().live(app).len()
    }

    /// Resolves when an app has so many sockets.
    pub async fn wait_for_sockets(&self, app: &str, count: usize) {
        let mut changed = self.shared.changed.subscribe();
        while self.sockets(app) != count && changed.changed().await.is_ok() {}
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

/// Moves what is due, whenever something changed and when its time has come.
async fn beat(shared: Arc<Shared>) {
    let mut changed = shared.changed.subscribe();
    loop {
        // What changes from here on is looked at in the next turn.
        changed.borrow_and_update();
        let (moved, next) = {
            let mut world = shared.world();
            let moved = world.pump();
            (moved, world.slack.next_due())
        };
        outward::send_due(&shared);
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
