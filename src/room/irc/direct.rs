//! Private conversations: which room belongs to whom, also after they have taken another nick.

use std::collections::HashMap;

use crate::model::MessageId;

/// How many are kept in mind.
const MOST: usize = 10_000;

/// A private conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Direct {
    /// The name of its room: the nick under which it began.
    pub room: String,
    /// Whoever speaks there, where that is known.
    pub person: Option<String>,
    pub heard: Option<MessageId>,
}

/// Conversations by the nicks of whoever has them now, in small letters.
#[derive(Clone, Debug, Default)]
pub(super) struct Directs(HashMap<String, Direct>);

impl Directs {
    /// The conversation with this nick; it begins when there is none.
    pub fn with(&mut self, nick: &str) -> &mut Direct {
        if self.0.len() >= MOST && !self.0.contains_key(nick) {
            self.0.clear();
        }
        if !self.0.contains_key(nick) {
            // Whoever had begun under that nick has another by now: it is theirs no longer.
            self.0.retain(|_, direct| direct.room != nick);
        }
        self.0.entry(nick.into()).or_insert_with(|| Direct {
            room: nick.into(),
            ..Direct::default()
        })
    }

    /// Somebody has another nick now, and takes the conversation along.
    pub fn rename(&mut self, before: &str, after: &str) {
        if let Some(direct) = self.0.remove(before) {
            self.0.insert(after.into(), direct);
        }
    }

    /// The nick behind a room now, and whose conversation it was.
    pub fn nick(&self, room: &str) -> (String, Option<&Direct>) {
        let mut all = self.0.iter();
        match all.find(|(_, direct)| direct.room == room) {
            Some((nick, direct)) => (nick.clone(), Some(direct)),
            None => (room.into(), None),
        }
    }

    pub fn all(&self) -> impl Iterator<Item = (&String, &Direct)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_follows_its_nick() {
        let mut directs = Directs::default();
        directs.with("ann").person = Some("~a@host".into());
        directs.rename("ann", "away");
        assert_eq!(directs.nick("ann").0, "away");
        assert_eq!(directs.with("away").room, "ann");
        // Somebody else takes the nick and speaks.
        assert_eq!(directs.with("ann").person, None);
        assert_eq!(directs.nick("ann").0, "ann");
        assert_eq!(directs.with("away").room, "away");
    }
}
