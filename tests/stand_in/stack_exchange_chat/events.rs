//! What happened in a chat: one numbered log for all its rooms, from which every socket is fed.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// Kinds of events, by the numbers of the protocol.
pub mod kind {
    pub const POSTED: u8 = 1;
    pub const EDITED: u8 = 2;
    pub const ENTERED: u8 = 3;
    pub const LEFT: u8 = 4;
    pub const RENAMED: u8 = 5;
    pub const STARRED: u8 = 6;
    pub const MENTIONED: u8 = 8;
    pub const DELETED: u8 = 10;
    pub const ACCESS: u8 = 15;
    pub const INVITED: u8 = 17;
    pub const REPLIED: u8 = 18;
    pub const MOVED_OUT: u8 = 19;
    pub const MOVED_IN: u8 = 20;
    pub const TIME_BREAK: u8 = 21;
    pub const USER_RENAMED: u8 = 34;
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Everybody in the room.
    Room,
    /// Everybody in the room, and one who has just been thrown out of it.
    RoomAnd(i64),
    /// One user, under the key of each room this user is in.
    One(i64),
}

/// One event, as it is sent.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: i64,
    /// The first event of what happened at once; they share a frame.
    pub first: i64,
    /// When it happened, whatever its time stamp says.
    pub at: DateTime<Utc>,
    pub room: i64,
    pub to: To,
    pub body: Map<String, Value>,
    /// Members that only this user sees.
    pub own: Option<(i64, Map<String, Value>)>,
}

/// An event before it has a number.
#[derive(Clone, Debug)]
pub struct Draft {
    pub room: i64,
    pub to: To,
    pub body: Map<String, Value>,
    pub own: Option<(i64, Map<String, Value>)>,
}

impl Draft {
    pub fn new(kind: u8, at: i64, room: i64, to: To) -> Draft {
        let mut body = Map::new();
        body.insert("event_type".into(), kind.into());
        body.insert("time_stamp".into(), at.into());
        Draft {
            room,
            to,
            body,
            own: None,
        }
    }

    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Draft {
        self.body.insert(name.into(), value.into());
        self
    }

    /// Only when there is something to say: absent means null, 0 or false.
    pub fn maybe(self, name: &str, value: impl Into<Value>) -> Draft {
        let value = value.into();
        match value {
            Value::Null | Value::Bool(false) => self,
            _ if value == json!(0) => self,
            _ => self.set(name, value),
        }
    }
}

/// The log. Numbers have no gaps.
#[derive(Debug)]
pub struct Log {
    start: i64,
    events: Vec<Event>,
    /// So many of the last events can be asked for again.
    pub kept: usize,
}

impl Log {
    pub fn new(start: i64, kept: usize) -> Log {
        Log {
            start,
            events: Vec::new(),
            kept,
        }
    }

    /// The number of the last event; that before the first when nothing happened yet, and never 0.
    pub fn last(&self) -> i64 {
        self.start + self.events.len() as i64
    }

    /// Takes what happened at once.
    pub fn add(&mut self, at: DateTime<Utc>, drafts: Vec<Draft>) {
        let first = self.last() + 1;
        for draft in drafts {
            let id = self.last() + 1;
            let mut body = draft.body;
            body.insert("id".into(), id.into());
            self.events.push(Event {
                id,
                first,
                at,
                room: draft.room,
                to: draft.to,
                body,
                own: draft.own,
            });
        }
    }

    /// All after the event `id`, oldest first.
    pub fn after(&self, id: i64) -> &[Event] {
        let skipped = (id - self.start).clamp(0, self.events.len() as i64);
        &self.events[skipped as usize..]
    }

    /// Whether all after the event `id` can still be told.
    pub fn reaches(&self, id: i64) -> bool {
        self.last() - id <= self.kept as i64
    }
}
