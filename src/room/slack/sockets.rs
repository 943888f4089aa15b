//! The web sockets of the app: two of them, begun at different times, each with a successor before it ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::connect::Told;
use super::frame::Reason;
use super::socket::{self, Ends, Teller};
use super::wrong::Wrong;
use super::{LONG_REST, LONGEST_PAUSE, Workspace};
use crate::http::pause;
use crate::meter;

/// So much later than the first socket the second one is opened: then they do not end together.
const STAGGER: TimeDelta = TimeDelta::seconds(60);
/// How long Slack may count a socket that broke off.
const COUNTED: TimeDelta = TimeDelta::minutes(5);
/// How long the app waits when it has too many sockets.
const CROWDED: Duration = Duration::from_secs(30);

struct Wire {
    /// It was welcomed.
    live: bool,
    /// It will end soon.
    leaving: bool,
    close: Option<oneshot::Sender<()>>,
}

/// What a change of the sockets means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    /// Events arrive, and may have been missed before.
    Back,
    /// Events may have been missed, and still are if no other socket is open.
    Broken,
    /// The app may have no socket until somebody does something. Words that stand after "because".
    Shut(String),
}

pub(super) struct Sockets {
    workspace: Arc<Workspace>,
    told: mpsc::Sender<(u64, Told)>,
    tasks: JoinSet<()>,
    wires: BTreeMap<u64, Wire>,
    /// All sockets end when it is gone.
    going: watch::Sender<()>,
    number: u64,
    failures: u32,
    /// When a socket may be opened.
    next: DateTime<Utc>,
    /// When the second may be.
    second: Option<DateTime<Utc>>,
    /// When sockets broke off of late.
    broken: Vec<DateTime<Utc>>,
    /// Another process uses the same app, and the log says so.
    warned: bool,
}

impl Sockets {
    pub fn new(workspace: Arc<Workspace>, told: mpsc::Sender<(u64, Told)>) -> Sockets {
        Sockets {
            next: workspace.clock.now(),
            workspace,
            told,
            tasks: JoinSet::new(),
            wires: BTreeMap::new(),
            going: watch::Sender::new(()),
            number: 0,
            failures: 0,
            second: None,
            broken: Vec::new(),
            warned: false,
        }
    }

    /// A socket is open through which events arrive.
    pub fn is_live(&self) -> bool {
        self.wires.values().any(|wire| wire.live)
    }

    /// Opens a socket if one is due.
    pub fn open(&mut self) {
        let now = self.workspace.clock.now();
        // Those that ended.
        while self.tasks.try_join_next().is_some() {}
        if !self.wants_one(now) || now < self.next {
            return;
        }
        self.number += 1;
        let teller = Teller {
            number: self.number,
            to: self.told.clone(),
        };
        let (close, closed) = oneshot::channel();
        let ends = Ends {
            close: closed,
            all: self.going.subscribe(),
        };
        let wire = Wire {
            live: false,
            leaving: false,
            close: Some(close),
        };
        self.wires.insert(self.number, wire);
        self.tasks
            .spawn(socket::listen(self.workspace.clone(), teller, ends));
    }

    /// When one is due.
    pub fn due(&self) -> Option<DateTime<Utc>> {
        let now = self.workspace.clock.now();
        if self.wants_one(now) {
            return Some(self.next);
        }
        self.second.filter(|second| *second > now)
    }

    /// One is opened at a time; those that will end soon do not count.
    fn wants_one(&self, now: DateTime<Utc>) -> bool {
        let stays = self.wires.values().filter(|wire| !wire.leaving);
        let (live, opening): (Vec<&Wire>, Vec<&Wire>) = stays.partition(|wire| wire.live);
        let second = self.second.is_some_and(|second| second <= now);
        opening.is_empty() && live.len() < if second { 2 } else { 1 }
    }

    /// A socket was welcomed; Slack counts so many of the app.
    pub fn hello(&mut self, number: u64, connections: u64) -> Change {
        let now = self.workspace.clock.now();
        let before = self.is_live();
        let Some(wire) = self.wires.get_mut(&number) else {
            return Change::Nothing;
        };
        wire.live = true;
        self.failures = 0;
        self.second.get_or_insert(now + STAGGER);
        self.broken.retain(|at| now - *at < COUNTED);
        let ours = self.wires.len() + self.broken.len();
        if connections > ours as u64 && !self.warned {
            self.warned = true;
            tracing::warn!(
                platform = self.workspace.settings.name,
                connections,
                "another process uses the same Slack app: each hears only some of what is said"
            );
        }
        // What is closed counts no more: nobody is told of its end.
        for (_, mut wire) in self.wires.extract_if(.., |_, wire| wire.leaving) {
            wire.close();
        }
        match before {
            true => Change::Nothing,
            false => {
                meter::connected(&self.workspace.settings.name);
                Change::Back
            }
        }
    }

    /// A socket will end.
    pub fn leaving(&mut self, number: u64, reason: Reason) -> Change {
        let now = self.workspace.clock.now();
        let Some(wire) = self.wires.get_mut(&number) else {
            return Change::Nothing;
        };
        wire.leaving = true;
        match reason {
            Reason::Renewed => {
                self.next = self.next.min(now);
                Change::Nothing
            }
            Reason::TooMany => {
                self.next = now + CROWDED.max(self.pause(now));
                Change::Nothing
            }
            Reason::Off => {
                self.next = now + LONG_REST;
                Change::Shut("Socket Mode is switched off for the app; it can be switched on in the app's settings".into())
            }
        }
    }

    /// A socket has ended, or was never opened.
    pub fn ended(&mut self, number: u64, how: &Result<(), Wrong>) -> Change {
        let now = self.workspace.clock.now();
        let Some(wire) = self.wires.remove(&number) else {
            return Change::Nothing;
        };
        if !self.is_live() {
            self.second = None;
        }
        let broken = match wire.live {
            true => Change::Broken,
            false => Change::Nothing,
        };
        let wrong = match how {
            // Another one was opened, or is due.
            Ok(()) if wire.leaving => return broken_unless(self.is_live(), broken),
            Ok(()) => {
                tracing::info!("Slack has closed a socket");
                self.next = now + self.pause(now);
                return broken;
            }
            Err(wrong) => wrong,
        };
        tracing::info!(why = wrong.words(), "a socket has ended");
        if wire.live {
            self.broken.push(now);
        }
        match wrong {
            Wrong::Limited { rest } => self.next = now + *rest,
            Wrong::Unreached { .. } | Wrong::Unsure { .. } => self.next = now + self.pause(now),
            Wrong::Fatal { .. }
            | Wrong::Scope { .. }
            | Wrong::Outside
            | Wrong::NotThere { .. }
            | Wrong::Gone { .. }
            | Wrong::Forbidden { .. }
            | Wrong::Refused { .. } => {
                self.next = now + LONG_REST;
                return Change::Shut(format!("{} (this is about `app_token`)", wrong.words()));
            }
        }
        broken
    }

    fn pause(&mut self, now: DateTime<Utc>) -> Duration {
        let name = &self.workspace.settings.name;
        let pause = pause(self.failures, LONGEST_PAUSE, &(now, name));
        self.failures = self.failures.saturating_add(1);
        pause
    }

    /// Something is different on the side of the operator: waiting is over.
    pub fn hurry(&mut self) {
        self.next = self.workspace.clock.now();
    }

    /// Ends all of them in order.
    pub async fn end(mut self) {
        drop(self.going);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// What ends in order has lost nothing while another one is open.
fn broken_unless(live: bool, change: Change) -> Change {
    match live {
        true => Change::Nothing,
        false => change,
    }
}

impl Wire {
    fn close(&mut self) {
        if let Some(close) = self.close.take() {
            // It may have ended by itself.
            let _ = close.send(());
        }
    }
}
