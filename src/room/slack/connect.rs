//! Listens to a workspace: who the app is, its web sockets or what Slack posts, and which conversations it is in.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::account::Account;
use super::event;
use super::frame::Reason;
use super::hear::Start;
use super::known;
use super::lines::Lines;
use super::places::{self, Place};
use super::sockets::{Change, Sockets};
use super::wrong::Wrong;
use super::{LONG_REST, LONGEST_PAUSE, Way, Workspace, join, locked, posted};
use crate::http::pause;
use crate::meter;
use crate::model::Heard;
use crate::room::{SayError, Seated};

/// How many orders, and how much of what comes, may wait.
const ORDERS: usize = 256;
const CAME: usize = 1_024;
/// How often the names of channels are learned anew.
const NAMES: TimeDelta = TimeDelta::hours(1);
/// How often a channel is told again that it has missed something.
const BEHIND: TimeDelta = TimeDelta::seconds(1);
/// How long the farewell may take.
const FAREWELL: Duration = Duration::from_secs(3);

/// What channels tell, and those who join and leave them.
pub(super) enum Order {
    /// A channel was entered and shall be heard.
    Begin { channel: String, start: Box<Start> },
    /// An invitation is welcome.
    Go(String),
    /// A channel shall be heard no more.
    End(String),
    /// A channel is not heard any more.
    Gone(String),
    /// What hears it has fallen over something that was said there.
    Fallen(String),
}

/// Something from Slack.
pub(super) enum Inbound {
    Event(Value),
    Command(Value),
    /// A click, or a form; where Slack waits for an answer, this takes it.
    Interaction(Value, Option<oneshot::Sender<Option<Value>>>),
}

/// What is told about sockets under their numbers, and else under 0.
pub(super) enum Told {
    Hello {
        connections: u64,
    },
    Leaving(Reason),
    Came(Inbound),
    Ended(Result<(), Wrong>),
    /// Slack has said who the app is, or not.
    Account(Result<(), Wrong>),
    Places(Vec<Place>),
    /// What Slack posts is taken, or cannot be, and why.
    Taking(Result<(), String>),
}

pub(super) struct Listening {
    pub(super) workspace: Arc<Workspace>,
    pub(super) heard: mpsc::Sender<Heard>,
    pub(super) told: mpsc::Sender<(u64, Told)>,
    /// What asks Slack.
    pub(super) asking: JoinSet<()>,
    /// What reads commands and clicks.
    pub(super) reading: JoinSet<()>,
    /// Who typed or clicked last in a channel, until that is read: what comes next waits for it.
    pub(super) turns: HashMap<(String, String), oneshot::Receiver<()>>,
    pub(super) lines: Lines,
    pub(super) sockets: Option<Sockets>,
    pub(super) account: Account,
    pub(super) failures: u32,
    pub(super) events: known::Told,
    /// What the operator must do, for the account and for the sockets; and what was told of it.
    pub(super) troubles: (Option<String>, Option<String>),
    pub(super) trouble: Option<String>,
    /// The list of conversations is being read, and shall be read again after that.
    pub(super) listing: Option<bool>,
    /// It was read once.
    pub(super) listed: bool,
    /// What Slack posts is taken.
    pub(super) taking: bool,
    /// Something may have been missed since it was asked for.
    pub(super) behind: bool,
    pub(super) names: DateTime<Utc>,
}

/// Listens until nobody does.
///
/// # Errors
/// When the address at which Slack posts cannot be taken.
pub(super) async fn listen(
    workspace: &Arc<Workspace>,
    rooms: Vec<Seated>,
    heard: mpsc::Sender<Heard>,
) -> Result<(), SayError> {
    let (orders, mut ordered) = mpsc::channel(ORDERS);
    let (told, mut tellings) = mpsc::channel(CAME);
    let mut posts = posted::open(workspace, told.clone());
    let mut seated = BTreeMap::new();
    for Seated { room, heard } in rooms {
        // Private messages have longer names.
        let heard = heard.and_then(|heard| heard.0.split('-').next().map(str::to_string));
        let heard = heard.filter(|heard| event::is_ts(heard));
        if let Ok(channel) = workspace.channel(&room) {
            seated.insert(channel.to_string(), heard);
        }
    }
    let sockets = match workspace.settings.way {
        Way::Socket { .. } => Some(Sockets::new(workspace.clone(), told.clone())),
        Way::Http { .. } => None,
    };
    let mut listening = Listening {
        lines: Lines::new(workspace.clone(), heard.clone(), orders.clone(), seated),
        workspace: workspace.clone(),
        heard: heard.clone(),
        told,
        asking: JoinSet::new(),
        reading: JoinSet::new(),
        turns: HashMap::new(),
        sockets,
        account: Account::Bad(workspace.clock.now()),
        failures: 0,
        events: known::Told::default(),
        troubles: (None, None),
        trouble: None,
        listing: None,
        listed: false,
        taking: false,
        behind: false,
        names: workspace.clock.now(),
    };
    let _deaf = Deaf(workspace);
    *locked(&workspace.orders) = Some(orders);
    loop {
        listening.ask_account();
        listening.open();
        listening.learn_names();
        let due = listening.due();
        tokio::select! {
            () = heard.closed() => break,
            () = workspace.api.doubted() => listening.doubt(),
            Some(order) = ordered.recv() => listening.order(order),
            Some((number, told)) = tellings.recv() => listening.told(number, told).await,
            Some(_) = listening.lines.ears.join_next() => {}
            Some(_) = listening.asking.join_next() => {}
            Some(_) = listening.reading.join_next() => {}
            Some(_) = posts.join_next() => {}
            () = workspace.clock.until(due) => {}
        }
    }
    posts.abort_all();
    listening.end().await;
    Ok(())
}

impl Listening {
    fn order(&mut self, order: Order) {
        match order {
            Order::Begin { channel, start } => self.lines.begin(&channel, *start),
            Order::Go(channel) => self.lines.go(&channel),
            Order::End(channel) | Order::Gone(channel) => self.lines.end(&channel),
            Order::Fallen(channel) => self.lines.fallen(&channel),
        }
    }

    fn open(&mut self) {
        if self.is_good()
            && let Some(sockets) = &mut self.sockets
        {
            sockets.open();
        }
    }

    /// Learns what channels are called, beside all else.
    fn learn_names(&mut self) {
        let now = self.workspace.clock.now();
        if !self.listed || now < self.names {
            return;
        }
        self.names = now + NAMES;
        let workspace = self.workspace.clone();
        self.asking.spawn(async move {
            if let Err(wrong) = places::learn_names(&workspace).await {
                tracing::warn!(why = wrong.words(), "the names of channels are not known");
            }
        });
    }

    /// When something is to be done next, if nothing happens before.
    fn due(&mut self) -> DateTime<Utc> {
        let now = self.workspace.clock.now();
        let account = match self.account {
            Account::Bad(next) => Some(next),
            Account::Asked | Account::Good => None,
        };
        let open = self.sockets.as_ref().filter(|_| self.is_good());
        let open = open.and_then(Sockets::due);
        let names = self.listed.then_some(self.names);
        let behind = self.lines.catch_up().then_some(now + BEHIND);
        let all = [account, open, names, behind].into_iter().flatten();
        all.min().unwrap_or(now + NAMES)
    }

    async fn told(&mut self, number: u64, told: Told) {
        match told {
            Told::Account(looked) => self.account(looked).await,
            Told::Places(places) => self.places(places),
            Told::Taking(Ok(())) => {
                meter::connected(&self.workspace.settings.name);
                self.taking = true;
                self.troubles.1 = None;
                self.tell_trouble().await;
                if self.is_good() {
                    self.list(self.listed);
                }
            }
            Told::Taking(Err(why)) => {
                self.taking = false;
                self.changed(Some(Change::Shut(why))).await;
            }
            Told::Came(inbound) => self.came(inbound).await,
            Told::Hello { connections } => {
                let change = self
                    .sockets
                    .as_mut()
                    .map(|all| all.hello(number, connections));
                self.changed(change).await;
            }
            Told::Leaving(reason) => {
                let change = self.sockets.as_mut().map(|all| all.leaving(number, reason));
                self.changed(change).await;
            }
            Told::Ended(how) => {
                let change = self.sockets.as_mut().map(|all| all.ended(number, &how));
                self.changed(change).await;
            }
        }
    }

    async fn changed(&mut self, change: Option<Change>) {
        match change {
            Some(Change::Back) => {
                self.lines.look_back();
                self.troubles.1 = None;
                self.tell_trouble().await;
                self.list(self.listed);
            }
            Some(Change::Broken) => {
                // What one of them has lost Slack sends again through another; otherwise it is read back when the next
                // one opens.
                if !self.sockets.as_ref().is_some_and(Sockets::is_live) {
                    self.lines.gap();
                }
            }
            Some(Change::Shut(why)) => {
                self.troubles.1 = Some(why);
                self.tell_trouble().await;
            }
            Some(Change::Nothing) | None => {}
        }
    }

    /// Asks in which conversations the bot is. `behind`: what was said in them of late may have been missed.
    pub(super) fn list(&mut self, behind: bool) {
        self.behind |= behind;
        if let Some(again) = &mut self.listing {
            *again = true;
            return;
        }
        self.listing = Some(false);
        let (workspace, told) = (self.workspace.clone(), self.told.clone());
        self.asking.spawn(async move {
            let mut failures = 0;
            loop {
                let wrong = match places::mine(&workspace).await {
                    Ok(places) => {
                        let _ = told.send((0, Told::Places(places))).await;
                        return;
                    }
                    Err(wrong) => wrong,
                };
                tracing::warn!(why = wrong.words(), "Slack does not say where the bot is");
                let now = workspace.clock.now();
                let rest = match wrong.may_pass() {
                    true => pause(failures, LONGEST_PAUSE, &(now, &workspace.settings.name)),
                    false => LONG_REST,
                };
                failures = failures.saturating_add(1);
                tokio::select! {
                    () = workspace.clock.until(now + rest) => {}
                    () = workspace.back.notified() => {}
                }
            }
        });
    }

    fn places(&mut self, places: Vec<Place>) {
        let first = !std::mem::replace(&mut self.listed, true);
        let behind = std::mem::take(&mut self.behind);
        self.lines.are(places, behind);
        if self.listing.take() == Some(true) {
            self.list(true);
        }
        if first {
            let workspace = self.workspace.clone();
            self.asking
                .spawn(async move { join::enter_configured(&workspace).await });
        }
    }

    /// Hangs up in order.
    async fn end(mut self) {
        self.lines.ears.abort_all();
        self.asking.abort_all();
        self.reading.abort_all();
        if let Some(sockets) = self.sockets.take()
            && tokio::time::timeout(FAREWELL, sockets.end()).await.is_err()
        {
            tracing::debug!("Slack was left without a farewell");
        }
    }
}

/// However listening ends, nobody can join channels then.
struct Deaf<'a>(&'a Workspace);

impl Drop for Deaf<'_> {
    fn drop(&mut self) {
        *locked(&self.0.orders) = None;
        locked(&self.0.inside).clear();
    }
}
