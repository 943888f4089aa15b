//! Private conversations: each is with one person, whatever their nick is, and with nobody who has that nick after them.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use compact_str::CompactString;

use crate::model::MessageId;

/// How many are kept in mind.
const MOST: usize = 10_000;
/// For how long somebody whom no channel shows is taken for who they were: nobody tells when they go.
const PROVEN: TimeDelta = TimeDelta::seconds(60);

/// What the server says about somebody: their account, and the name of their user with their host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub account: Option<CompactString>,
    pub mask: Option<String>,
}

/// A private conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Direct {
    /// Whose it is: an account, or a user with a host.
    pub id: String,
    /// The nick they have now, in small letters.
    pub nick: CompactString,
    /// The user and the host under which they were seen.
    mask: Option<String>,
    /// When the server last showed that they have that nick.
    proven: Option<DateTime<Utc>>,
    pub heard: Option<MessageId>,
}

impl Direct {
    /// Whether whoever has these marks is the person of this conversation.
    pub fn is_with(&self, marks: &Marks) -> bool {
        let account = marks.account.as_deref();
        let mask = marks.mask.as_deref();
        account == Some(&*self.id)
            || mask == Some(&*self.id)
            || (mask.is_some() && mask == self.mask.as_deref())
    }

    /// They were seen under their nick.
    pub fn prove(&mut self, marks: &Marks, now: DateTime<Utc>) {
        self.mask.clone_from(&marks.mask);
        self.proven = Some(now);
    }

    pub fn is_proven(&self, now: DateTime<Utc>) -> bool {
        self.proven.is_some_and(|at| now - at < PROVEN)
    }

    /// It belongs to an account, and not to a user and a host.
    pub fn is_of_account(&self) -> bool {
        !self.id.contains('@')
    }
}

/// Conversations by their rooms.
#[derive(Clone, Debug, Default)]
pub(super) struct Directs(HashMap<String, Direct>);

impl Directs {
    /// The room of a conversation that begins: the nick, and behind it who has it.
    fn room(nick: &str, id: &str) -> String {
        format!("{nick}!{id}")
    }

    /// A conversation of an earlier time; none when that is the room of none.
    pub fn recall(&mut self, room: &str) -> Option<&mut Direct> {
        if !self.0.contains_key(room) {
            let (nick, id) = room.split_once('!')?;
            let direct = Direct {
                id: id.into(),
                nick: nick.into(),
                ..Direct::default()
            };
            self.make_room();
            self.0.insert(room.into(), direct);
        }
        self.0.get_mut(room)
    }

    /// The conversation with whoever has this nick and these marks, and its room; it begins when there is none.
    pub fn with(&mut self, nick: &str, id: &str, marks: &Marks) -> (String, &mut Direct) {
        let room = self.known(nick, marks).unwrap_or_else(|| {
            self.make_room();
            let room = Directs::room(nick, id);
            let direct = Direct {
                id: id.into(),
                ..Direct::default()
            };
            self.0.entry(room.clone()).or_insert(direct);
            room
        });
        let direct = self.0.entry(room.clone()).or_default();
        direct.nick = nick.into();
        (room, direct)
    }

    /// The room of whoever has this nick and these marks. An account is followed to any nick; who has none must have the
    /// nick, too: many may share a host.
    pub fn known(&self, nick: &str, marks: &Marks) -> Option<String> {
        let fits = |direct: &&Direct| direct.nick == nick && direct.is_with(marks);
        let account = marks.account.as_deref();
        let owns = |direct: &&Direct| direct.is_of_account() && account == Some(&*direct.id);
        let mut all = self.0.iter();
        let found = all.find(|(_, direct)| fits(direct));
        let found = found.or_else(|| self.0.iter().find(|(_, direct)| owns(direct)));
        found.map(|(room, _)| room.clone())
    }

    /// Somebody has another nick now, and takes the conversation along.
    pub fn rename(&mut self, before: &str, after: &str) {
        // Whoever had that nick has it no longer, and is not seen under another.
        for direct in self.0.values_mut() {
            if direct.nick == after {
                direct.proven = None;
            }
        }
        for direct in self.0.values_mut() {
            if direct.nick == before && direct.proven.is_some() {
                direct.nick = after.into();
            }
        }
    }

    /// Somebody is gone, and nobody knows who has their nick from now on.
    pub fn gone(&mut self, nick: &str) {
        for direct in self.0.values_mut().filter(|direct| direct.nick == nick) {
            direct.proven = None;
        }
    }

    /// Nobody is known any more by what an earlier connection showed.
    pub fn broken(&mut self) {
        for direct in self.0.values_mut() {
            direct.proven = None;
        }
    }

    pub fn all(&self) -> impl Iterator<Item = &Direct> {
        self.0.values()
    }

    pub fn get_mut(&mut self, room: &str) -> Option<&mut Direct> {
        self.0.get_mut(room)
    }

    fn make_room(&mut self) {
        if self.0.len() >= MOST {
            self.0.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(account: Option<&str>, mask: &str) -> Marks {
        Marks {
            account: account.map(CompactString::from),
            mask: Some(mask.into()),
        }
    }

    #[test]
    fn a_conversation_follows_its_person_and_not_the_nick() {
        let mut directs = Directs::default();
        let now = DateTime::UNIX_EPOCH;
        let ann = marks(None, "~a@host");
        let (room, direct) = directs.with("ann", "~a@host", &ann);
        assert_eq!(room, "ann!~a@host");
        direct.prove(&ann, now);
        directs.rename("ann", "away");
        assert_eq!(directs.with("away", "~a@host", &ann).0, room);
        // Somebody else takes the nick and speaks.
        let other = marks(None, "~m@elsewhere");
        assert_eq!(
            directs.with("ann", "~m@elsewhere", &other).0,
            "ann!~m@elsewhere"
        );
        assert_eq!(directs.with("away", "~a@host", &ann).0, room);
        // Of two at the same host each has a room.
        assert_eq!(directs.with("bob", "~a@host", &ann).0, "bob!~a@host");
    }

    #[test]
    fn an_account_is_known_again_under_any_nick() {
        let mut directs = Directs::default();
        assert!(directs.recall("ann").is_none());
        assert!(directs.recall("ann!ann").unwrap().is_of_account());
        let ann = marks(Some("ann"), "~a@new-host");
        assert_eq!(directs.with("away", "ann", &ann).0, "ann!ann");
        let other = marks(None, "~m@elsewhere");
        assert_eq!(directs.known("away", &other), None);
        assert_eq!(directs.known("ann", &other), None);
    }
}
