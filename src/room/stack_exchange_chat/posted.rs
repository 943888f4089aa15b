//! What this process has said in the chat, as far as it matters for what is said next.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, TimeDelta, Utc};

/// How many messages are kept in mind: those that can still be changed, and many more.
const MESSAGES: usize = 500;
/// How many rooms are kept in mind.
const ROOMS: usize = 1_000;
/// How many texts are kept of which nobody knows whether they were said.
const DOUBTS: usize = 100;
/// For how long; later the same text is another message.
const DOUBTED: TimeDelta = TimeDelta::minutes(30);

/// What was said.
#[derive(Default)]
pub(super) struct Posted(Mutex<State>);

#[derive(Default)]
struct State {
    messages: VecDeque<Message>,
    rooms: BTreeMap<u64, Place>,
    doubts: VecDeque<Doubt>,
}

/// A message that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub id: i64,
    /// The message that it answers.
    pub parent: Option<i64>,
    /// By our own clock.
    pub at: DateTime<Utc>,
}

#[derive(Clone, Copy, Default)]
struct Place {
    last: i64,
    /// Since when the room has refused what was said before it took something again.
    refuses: Option<DateTime<Utc>>,
}

struct Doubt {
    room: u64,
    text: String,
    parent: Option<i64>,
    begun: Begun,
    at: DateTime<Utc>,
}

/// When a message was sent for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// Behind this message of our own.
    After(i64),
    /// Not before then, by our own clock.
    Since(DateTime<Utc>),
}

impl Posted {
    /// The chat has taken a message.
    pub fn note(&self, room: u64, message: Message) {
        let state = &mut *self.state();
        let last = message.id;
        state.messages.retain(|known| known.id != last);
        state.messages.push_back(message);
        if state.messages.len() > MESSAGES {
            state.messages.pop_front();
        }
        if state.rooms.len() >= ROOMS && !state.rooms.contains_key(&room) {
            state.rooms.pop_first();
        }
        let place = state.rooms.entry(room).or_default();
        place.last = place.last.max(last);
        place.refuses = None;
    }

    /// One of the messages.
    pub fn of(&self, id: i64) -> Option<Message> {
        let state = self.state();
        state.messages.iter().find(|known| known.id == id).cloned()
    }

    /// The last message in a room.
    pub fn last(&self, room: u64) -> Option<i64> {
        let place = self.state().rooms.get(&room).map(|place| place.last);
        place.filter(|last| *last > 0)
    }

    /// A room refuses what is said; since when it does.
    pub fn refused(&self, room: u64, now: DateTime<Utc>) -> DateTime<Utc> {
        let state = &mut *self.state();
        if state.rooms.len() >= ROOMS && !state.rooms.contains_key(&room) {
            state.rooms.pop_first();
        }
        let place = state.rooms.entry(room).or_default();
        *place.refuses.get_or_insert(now)
    }

    /// Nobody knows whether this was said, as an answer to `parent`.
    pub fn doubt(
        &self,
        room: u64,
        text: &str,
        parent: Option<i64>,
        begun: Begun,
        at: DateTime<Utc>,
    ) {
        let doubts = &mut self.state().doubts;
        doubts.push_back(Doubt {
            room,
            text: text.into(),
            parent,
            begun,
            at,
        });
        if doubts.len() > DOUBTS {
            doubts.pop_front();
        }
    }

    /// Since when nobody knows whether this was said; whoever asks finds out.
    pub fn doubted(
        &self,
        room: u64,
        text: &str,
        parent: Option<i64>,
        now: DateTime<Utc>,
    ) -> Option<Begun> {
        let doubts = &mut self.state().doubts;
        doubts.retain(|doubt| now - doubt.at < DOUBTED);
        let same =
            |doubt: &Doubt| doubt.room == room && doubt.text == text && doubt.parent == parent;
        let at = doubts.iter().position(same)?;
        doubts.remove(at).map(|doubt| doubt.begun)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds it")
    }
}
