//! What the socket brings, handed to the rooms: none waits for another.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::sync::{Notify, mpsc};
use tokio::task::{AbortHandle, JoinSet};

use super::connect::Order;
use super::event::{Event, kind};
use super::frame::Frame;
use super::happened::{person, was_kicked};
use super::hear::{Ear, Incoming, Start};
use super::known::Known;
use super::{Chat, page};
use crate::model::Heard;

/// How much may wait for one room; what does not fit is read back later.
const LINE: usize = 256;

/// The rooms that are heard.
pub(super) struct Lines {
    chat: Arc<Chat>,
    heard: mpsc::Sender<Heard>,
    orders: mpsc::Sender<Order>,
    /// What hears them.
    pub ears: JoinSet<()>,
    lines: BTreeMap<u64, Line>,
    /// Invitations that were told.
    invitations: Known,
}

/// One room, as the socket sees it.
struct Line {
    to: mpsc::Sender<Incoming>,
    task: AbortHandle,
    /// Calls back who waits outside.
    wake: Arc<Notify>,
    /// The account is in it, as far as is known.
    inside: bool,
    /// The last event that was told of it.
    t: Option<i64>,
    /// Something did not fit.
    missed: bool,
}

impl Lines {
    pub fn new(chat: Arc<Chat>, heard: mpsc::Sender<Heard>, orders: mpsc::Sender<Order>) -> Lines {
        Lines {
            chat,
            heard,
            orders,
            ears: JoinSet::new(),
            lines: BTreeMap::new(),
            invitations: Known::default(),
        }
    }

    /// Begins to hear a room. Where that has begun already, who waits outside goes in now.
    pub fn begin(&mut self, room: u64, start: Start) {
        if let Some(line) = self.lines.get(&room) {
            line.wake.notify_one();
            return;
        }
        let wake = Arc::new(Notify::new());
        let (to, line) = mpsc::channel(LINE);
        let ear = Ear::new(
            self.chat.clone(),
            room,
            self.heard.clone(),
            self.orders.clone(),
            wake.clone(),
        );
        // What was said between the entering and now is told to nobody.
        let entered = matches!(start, Start::Inside { .. });
        let orders = self.orders.clone();
        let hears = AssertUnwindSafe(ear.run(start, line)).catch_unwind();
        let task = self.ears.spawn(async move {
            if hears.await.is_err() {
                tracing::error!(room, "hearing a room went wrong on my side");
                // Nobody listens any more when it has ended.
                let _ = orders.send(Order::Fallen(room)).await;
            }
        });
        let mut line = Line {
            to,
            task,
            wake,
            inside: false,
            t: None,
            missed: false,
        };
        if entered {
            line.push(Incoming::Behind);
        }
        self.lines.insert(room, line);
    }

    /// Hears a room no more.
    pub fn end(&mut self, room: u64) {
        if let Some(line) = self.lines.remove(&room) {
            line.task.abort();
        }
    }

    /// The account is in a room of which all is known up to the event `time`.
    pub fn entered(&mut self, room: u64, time: i64) {
        if let Some(line) = self.lines.get_mut(&room) {
            line.inside = true;
            line.t = line.t.max(Some(time).filter(|time| *time > 0));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn is_inside(&self, room: u64) -> bool {
        self.lines.get(&room).is_some_and(|line| line.inside)
    }

    /// The rooms the account is in, each with the last event that was told of it.
    pub fn inside(&self) -> impl Iterator<Item = (u64, Option<i64>)> {
        let inside = self.lines.iter().filter(|(_, line)| line.inside);
        inside.map(|(room, line)| (*room, line.t))
    }

    /// The room says that there is no socket for it: it looks whether it is still there.
    pub fn doubt(&mut self, room: u64) {
        if let Some(line) = self.lines.get_mut(&room) {
            line.inside = false;
            line.push(Incoming::Behind);
        }
    }

    /// Every room looks back for what it has missed.
    pub fn behind(&mut self) {
        for line in self.lines.values_mut() {
            line.push(Incoming::Behind);
        }
    }

    /// Hands out what happened.
    pub fn frame(&mut self, frame: Frame) {
        if frame.reset {
            self.behind();
        }
        let me = self.chat.door.me().map(|me| me.id);
        for part in frame.rooms {
            let invites = |event: &Event| event.event_type == kind::INVITATION;
            let (invitations, events) = part.events.into_iter().partition::<Vec<_>, _>(invites);
            for event in invitations {
                self.invited(&event, me);
            }
            let Some(line) = self.lines.get_mut(&part.room) else {
                continue;
            };
            line.t = line.t.max(part.t);
            if part.reset {
                line.push(Incoming::Behind);
            }
            // What concerns the account is told in all of its rooms.
            let its = |event: &Event| event.room_id.is_none_or(|room| room == part.room);
            let events: Vec<Event> = events.into_iter().filter(its).collect();
            for event in &events {
                self.chat.note(part.room, event);
            }
            if was_kicked(&events, me) {
                line.inside = false;
            }
            if line.catch_up() && !events.is_empty() {
                line.push(Incoming::Events(events));
            }
        }
    }

    fn invited(&mut self, event: &Event, me: Option<i64>) {
        let (Some(room), Some(by)) = (event.room_id, person(event)) else {
            return;
        };
        let mine = event.target_user_id.is_none() || event.target_user_id == me;
        if !mine || !event.id.is_none_or(|id| self.invitations.is_new(id)) {
            return;
        }
        let name = event.room_name.as_deref().map(page::tidy);
        let invited = Heard::Invited {
            there: false,
            room: self.chat.id(room),
            name: name.unwrap_or_else(|| format!("room {room}")),
            by,
        };
        // Whoever invites a bot that is overrun may do so again.
        if let Err(error) = self.heard.try_send(invited) {
            tracing::warn!(%error, "an invitation was not heard");
        }
    }
}

impl Line {
    /// Hands something to the room; where it does not fit, the room reads it back later.
    fn push(&mut self, incoming: Incoming) {
        if self.catch_up() && self.to.try_send(incoming).is_err() {
            self.missed = true;
        }
    }

    /// Tells the room that it has missed something, if it has; whether it knows now.
    fn catch_up(&mut self) -> bool {
        if self.missed && self.to.try_send(Incoming::Behind).is_ok() {
            self.missed = false;
        }
        !self.missed
    }
}
