//! The bot's own last messages in each room, as the chat tells of them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

/// How many of its own messages are known in each room.
const MOST: usize = 500;

/// One of the bot's own messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Own {
    pub id: i64,
    /// The message that it answers.
    pub parent: Option<i64>,
    /// What the chat made of it; it may be only the beginning.
    pub html: String,
    /// When it was said.
    pub at: DateTime<Utc>,
}

/// The bot's own last messages, of every room.
#[derive(Default)]
pub(super) struct Recent {
    rooms: Mutex<BTreeMap<u64, VecDeque<Own>>>,
    changed: Notify,
}

impl Recent {
    /// A message of the bot stands in a room; or stands there in other words, when it is known.
    pub fn note(&self, room: u64, own: Own) {
        let mut rooms = self.rooms();
        let line = rooms.entry(room).or_default();
        match line.binary_search_by_key(&own.id, |known| known.id) {
            Ok(at) => line[at] = own,
            Err(at) => line.insert(at, own),
        }
        if line.len() > MOST {
            line.pop_front();
        }
        drop(rooms);
        self.changed.notify_waiters();
    }

    /// A message stands there no more, whoever took it away.
    pub fn gone(&self, room: u64, id: i64) {
        if let Some(line) = self.rooms().get_mut(&room) {
            line.retain(|own| own.id != id);
        }
    }

    /// It is one of the bot's messages in a room.
    pub fn has(&self, room: u64, id: i64) -> bool {
        let rooms = self.rooms();
        let line = rooms.get(&room);
        line.is_some_and(|line| line.binary_search_by_key(&id, |own| own.id).is_ok())
    }

    /// The last of the bot's messages in a room.
    pub fn last(&self, room: u64) -> Option<i64> {
        self.rooms().get(&room)?.back().map(|own| own.id)
    }

    /// The bot has left a room.
    pub fn forget(&self, room: u64) {
        self.rooms().remove(&room);
    }

    /// What stands in a room, the oldest first.
    pub fn of(&self, room: u64) -> Vec<Own> {
        let rooms = self.rooms();
        let line = rooms.get(&room).into_iter().flatten();
        line.cloned().collect()
    }

    /// Waits until `find` finds something among what stands in a room.
    pub async fn wait_for<T>(&self, room: u64, find: impl Fn(&Own) -> Option<T>) -> T {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let found = self
                .rooms()
                .get(&room)
                .and_then(|line| line.iter().find_map(&find));
            match found {
                Some(found) => return found,
                None => changed.await,
            }
        }
    }

    fn rooms(&self) -> MutexGuard<'_, BTreeMap<u64, VecDeque<Own>>> {
        self.rooms.lock().expect("nothing panics while it holds it")
    }
}
