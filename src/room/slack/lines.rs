//! What happens in a workspace, handed to the channels: none waits for another.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use super::connect::Order;
use super::event::Happened;
use super::hear::{Ear, Incoming, Start};
use super::places::Place;
use super::{Workspace, locked, stamp};
use crate::model::Heard;

/// How much may wait for one channel; what does not fit is read back later.
const LINE: usize = 256;
/// What was said so long before something was noticed to be missing may be missing too.
const MARGIN: TimeDelta = TimeDelta::minutes(3);

/// The channels that are heard.
pub(super) struct Lines {
    workspace: Arc<Workspace>,
    heard: mpsc::Sender<Heard>,
    orders: mpsc::Sender<Order>,
    /// What hears them.
    pub ears: JoinSet<()>,
    lines: BTreeMap<String, Line>,
    /// Channels in which the bot was before, and up to where they were heard; until Slack has said in which it is.
    seated: Option<BTreeMap<String, Option<String>>>,
    /// Nothing was missed up to then.
    since: DateTime<Utc>,
    /// Something was missed since.
    missing: bool,
    /// The channels that were heard then read it back.
    looking: bool,
}

struct Line {
    to: mpsc::Sender<Incoming>,
    task: AbortHandle,
    /// Since when something did not fit, as the name of a message.
    missed: Option<String>,
}

impl Lines {
    pub fn new(
        workspace: Arc<Workspace>,
        heard: mpsc::Sender<Heard>,
        orders: mpsc::Sender<Order>,
        seated: BTreeMap<String, Option<String>>,
    ) -> Lines {
        Lines {
            since: workspace.clock.now(),
            missing: false,
            looking: false,
            workspace,
            heard,
            orders,
            ears: JoinSet::new(),
            lines: BTreeMap::new(),
            seated: Some(seated),
        }
    }

    /// Begins to hear a channel, unless that has begun already.
    pub fn begin(&mut self, channel: &str, start: Start) {
        if self.lines.contains_key(channel) {
            return;
        }
        let (to, line) = mpsc::channel(LINE);
        let ear = Ear::new(
            self.workspace.clone(),
            channel,
            self.heard.clone(),
            self.orders.clone(),
        );
        let (orders, fallen) = (self.orders.clone(), channel.to_string());
        let hears = AssertUnwindSafe(ear.run(start, line)).catch_unwind();
        let task = self.ears.spawn(async move {
            if hears.await.is_err() {
                tracing::error!(channel = fallen, "hearing a channel went wrong on my side");
                // Nobody listens any more when it has ended.
                let _ = orders.send(Order::Fallen(fallen)).await;
            }
        });
        let line = Line {
            to,
            task,
            missed: None,
        };
        self.lines.insert(channel.into(), line);
    }

    /// Hears a channel no more.
    pub fn end(&mut self, channel: &str) {
        if let Some(line) = self.lines.remove(channel) {
            line.task.abort();
        }
    }

    /// What hears a channel has fallen over something that was said there: it is heard anew, from now on.
    pub fn fallen(&mut self, channel: &str) {
        self.end(channel);
        let floor = stamp::of(self.workspace.clock.now());
        self.begin(channel, unknown(floor, false));
    }

    /// An invitation is welcome.
    pub fn go(&mut self, channel: &str) {
        let now = self.workspace.clock.now();
        if let Some(line) = self.lines.get_mut(channel) {
            line.push(Incoming::Go, now);
        }
    }

    /// From now on, and a little before, something may be missed.
    pub fn gap(&mut self) {
        if !self.missing {
            self.missing = true;
            self.since = self.workspace.clock.now() - MARGIN;
        }
    }

    /// What was missed is read back before what comes from now on.
    pub fn look_back(&mut self) {
        if !std::mem::take(&mut self.missing) {
            return;
        }
        self.looking = true;
        let (now, since) = (self.workspace.clock.now(), stamp::of(self.since));
        for line in self.lines.values_mut() {
            line.push(Incoming::Behind(since.clone()), now);
        }
    }

    /// These are the conversations the bot is in. `behind`: what was said in them of late may have been missed.
    pub fn are(&mut self, places: Vec<Place>, behind: bool) {
        let now = self.workspace.clock.now();
        let since = stamp::of(self.since);
        // They have been told already.
        let told = std::mem::take(&mut self.looking);
        let seated = self.seated.take();
        let first = seated.is_some();
        let mut seated = seated.unwrap_or_default();
        let mut lost: Vec<String> = self.lines.keys().cloned().collect();
        for place in places {
            lost.retain(|channel| *channel != place.id);
            let before = seated.remove(&place.id);
            match self.lines.get_mut(&place.id) {
                Some(line) => {
                    let renamed = Happened::Renamed {
                        channel: place.id,
                        name: place.name,
                    };
                    line.push(Incoming::Happened(Box::new(renamed)), now);
                    if behind && !told {
                        line.push(Incoming::Behind(since.clone()), now);
                    }
                }
                None => {
                    let before = before.flatten();
                    let start = Start::Here {
                        behind: before.is_some() || !first,
                        // Whatever Slack still has for a channel where nothing was heard yet is news.
                        floor: before.unwrap_or_else(|| match first {
                            true => String::new(),
                            false => since.clone(),
                        }),
                        place: place.clone(),
                    };
                    self.begin(&place.id, start);
                }
            }
        }
        // What was begun while the list was read may not be in it, and ends by itself when the bot is not there.
        for channel in lost {
            if let Some(line) = self.lines.get_mut(&channel) {
                line.push(Incoming::Behind(since.clone()), now);
            }
        }
        for (channel, before) in seated {
            let start = Start::Unknown {
                floor: before.unwrap_or_else(|| since.clone()),
                behind: true,
                seated: true,
            };
            self.begin(&channel, start);
        }
    }

    /// Channels for which something did not fit look back when they can; whether some cannot yet.
    pub fn catch_up(&mut self) -> bool {
        let waiting = self
            .lines
            .values_mut()
            .filter_map(|line| (!line.catch_up()).then_some(()));
        waiting.count() > 0
    }

    /// Hands out what happened. `me` is the app's own user.
    pub fn happened(&mut self, me: &str, happened: Happened) {
        match happened {
            // What the bot says comes back; mostly it is marked as a program's.
            Happened::Said { ref post, .. } | Happened::Changed { ref post, .. }
                if post.user == me => {}
            Happened::Said {
                ref channel,
                ref post,
            } => {
                let before = self.floor(channel, &post.ts);
                self.begin_unknown(&channel.clone(), before);
                self.push(&channel.clone(), happened);
            }
            Happened::Came {
                channel,
                user,
                inviter,
                ts,
            } if user == me => self.taken_in(&channel, inviter, ts),
            Happened::Went { channel, user } if user == me => {
                self.push(&channel.clone(), Happened::Lost { channel });
            }
            Happened::Reopened { channel } => {
                let floor = stamp::of(self.workspace.clock.now());
                self.begin_unknown(&channel, (floor, false));
            }
            Happened::Created { channel, name } => self.workspace.names.learn(&name, &channel),
            Happened::Replaced { old, new } => {
                self.push(&old.clone(), Happened::Lost { channel: old });
                let floor = stamp::of(self.workspace.clock.now());
                self.begin_unknown(&new, (floor, true));
            }
            Happened::Changed { ref channel, .. }
            | Happened::Deleted { ref channel, .. }
            | Happened::Came { ref channel, .. }
            | Happened::Went { ref channel, .. }
            | Happened::Lost { ref channel }
            | Happened::Renamed { ref channel, .. } => self.push(&channel.clone(), happened),
            Happened::Person(_)
            | Happened::Revoked { .. }
            | Happened::Uninstalled
            | Happened::Nothing => {}
        }
    }

    /// Up to where a channel was heard of which nothing is known but this message, and whether more may have been said.
    fn floor(&self, channel: &str, ts: &str) -> (String, bool) {
        let seated = self.seated.as_ref().and_then(|seated| seated.get(channel));
        match seated.cloned().flatten() {
            Some(heard) => (heard, true),
            None => (stamp::before(ts), false),
        }
    }

    fn begin_unknown(&mut self, channel: &str, (floor, behind): (String, bool)) {
        if !self.lines.contains_key(channel) {
            self.begin(channel, unknown(floor, behind));
        }
    }

    /// The bot is in a channel now.
    fn taken_in(&mut self, channel: &str, inviter: Option<String>, ts: Option<String>) {
        let asked = locked(&self.workspace.joining).contains(channel);
        if asked || self.lines.contains_key(channel) {
            return;
        }
        let floor = ts.unwrap_or_else(|| stamp::of(self.workspace.clock.now()));
        let start = match inviter {
            Some(by) => Start::Invited {
                by,
                floor,
                behind: false,
            },
            None => unknown(floor, false),
        };
        self.begin(channel, start);
    }

    fn push(&mut self, channel: &str, happened: Happened) {
        if let Some(line) = self.lines.get_mut(channel) {
            line.push(
                Incoming::Happened(Box::new(happened)),
                self.workspace.clock.now(),
            );
        }
    }
}

fn unknown(floor: String, behind: bool) -> Start {
    Start::Unknown {
        floor,
        behind,
        seated: false,
    }
}

impl Line {
    /// Hands something to the channel; where it does not fit, the channel reads it back later.
    fn push(&mut self, incoming: Incoming, now: DateTime<Utc>) {
        if !self.catch_up() || self.to.try_send(incoming).is_err() {
            self.missed.get_or_insert_with(|| stamp::of(now - MARGIN));
        }
    }

    /// Tells the channel that it has missed something, if it has; whether it knows now.
    fn catch_up(&mut self) -> bool {
        if let Some(since) = &self.missed
            && self.to.try_send(Incoming::Behind(since.clone())).is_ok()
        {
            self.missed = None;
        }
        self.missed.is_none()
    }
}
