//! Messages of a moment ago: whom to name in an answer, and which were the bot's own.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::model::MessageId;

/// How many of each are kept in mind.
const MOST: usize = 4_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    /// Who has sent them.
    from: HashMap<MessageId, String>,
    heard: VecDeque<MessageId>,
    own: HashSet<MessageId>,
    spoken: VecDeque<MessageId>,
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
        self.from.get(id).map(String::as_str)
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

    pub fn is_own(&self, id: &MessageId) -> bool {
        self.own.contains(id)
    }
}
