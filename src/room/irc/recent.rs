//! Messages of a moment ago: whom to name in an answer, and which were the bot's own.

use std::collections::VecDeque;

use compact_str::CompactString;
use hashbrown::{HashMap, HashSet};

use crate::model::MessageId;

/// How many of each are kept in mind.
const MOST: usize = 4_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    /// Who has sent them.
    from: HashMap<MessageId, CompactString>,
    heard: VecDeque<MessageId>,
    own: HashSet<MessageId>,
    spoken: VecDeque<MessageId>,
    /// Messages by the ids that the server gave them, and these by ours.
    ours: HashMap<CompactString, MessageId>,
    theirs: HashMap<MessageId, CompactString>,
}

impl Recent {
    /// Somebody has said something. False when that was heard before.
    pub fn heard(&mut self, id: &MessageId, nick: &str) -> bool {
        if self.from.insert(id.clone(), nick.into()).is_some() {
            return false;
        }
        self.heard.push_back(id.clone());
        if self.heard.len() > MOST
            && let Some(old) = self.heard.pop_front()
        {
            self.from.remove(&old);
        }
        true
    }

    /// The nick of whoever sent a message.
    pub fn sender(&self, id: &MessageId) -> Option<&str> {
        self.from.get(id).map(CompactString::as_str)
    }

    /// The bot has said something.
    pub fn said(&mut self, id: MessageId) {
        if self.own.insert(id.clone()) {
            self.spoken.push_back(id);
        }
        if self.spoken.len() > MOST
            && let Some(old) = self.spoken.pop_front()
        {
            self.own.remove(&old);
        }
    }

    /// The server calls a message so.
    pub fn named(&mut self, id: &MessageId, name: &str) {
        if self.ours.len() > 2 * MOST {
            self.ours.clear();
            self.theirs.clear();
        }
        self.ours.insert(name.into(), id.clone());
        self.theirs.insert(id.clone(), name.into());
    }

    /// Our id for a message that the server calls so.
    pub fn ours(&self, name: &str) -> MessageId {
        let known = self.ours.get(name).cloned();
        known.unwrap_or_else(|| MessageId(name.into()))
    }

    /// What the server calls a message.
    pub fn theirs(&self, id: &MessageId) -> Option<&str> {
        self.theirs.get(id).map(CompactString::as_str)
    }

    pub fn is_own(&self, id: &MessageId) -> bool {
        self.own.contains(id)
    }
}
