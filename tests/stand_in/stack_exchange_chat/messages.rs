//! Posting, editing and deleting.

use std::collections::{BTreeMap, BTreeSet};

use super::chat::Chat;
use super::events::{To, kind};
use super::markup::Rendered;
use super::reading::{Read, trimmed};
use super::refused::Refused;

/// A message with all its versions.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: i64,
    pub room: i64,
    pub user: i64,
    /// Unix seconds.
    pub at: i64,
    /// As typed, with `:id ` before it when it is a reply.
    pub source: String,
    pub rendered: Rendered,
    pub edits: usize,
    /// Who deleted it.
    pub deleted: Option<i64>,
    pub parent: Option<i64>,
    /// An explicit reply; otherwise the parent is merely the last message of who was pinged.
    pub show_parent: bool,
    /// Whose message the parent is.
    pub target: Option<i64>,
    pub moved: bool,
    pub stars: BTreeSet<i64>,
    /// Who pinned it, and when.
    pub pins: BTreeMap<i64, i64>,
    /// Who was told of it by 8 or 18.
    pub told: BTreeSet<i64>,
    /// Older and present versions, oldest first.
    pub versions: Vec<Version>,
}

#[derive(Clone, Debug)]
pub struct Version {
    pub at: i64,
    pub user: i64,
    pub source: String,
    pub html: String,
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    Said {
        id: i64,
        at: i64,
    },
    /// The same text as this user's last one here: not posted.
    Again,
}

impl Chat {
    /// Posts as the site does it, with every check in its order.
    ///
    /// # Errors
    /// Why it was not posted.
    pub fn post(
        &mut self,
        room: i64,
        user: i64,
        text: &str,
        parent: Option<i64>,
    ) -> Result<Posted, Refused> {
        self.may_write(room, user)?;
        let text = self.measured(text)?;
        let now = self.clock.now().timestamp_millis();
        self.throttle.ask(user, now).map_err(Refused::Throttled)?;
        let read = self.read(room, user, &text, parent);
        let all = self.rooms[&room].messages.iter().rev();
        let last = all
            .map(|id| &self.messages[id])
            .find(|message| message.user == user);
        if last.is_some_and(|last| last.deleted.is_none() && last.source == read.source) {
            return Ok(Posted::Again);
        }
        self.throttle.spoke(user, now);
        Ok(self.put(room, user, read))
    }

    /// Says something as a person, without any check.
    pub fn say(&mut self, room: i64, user: i64, text: &str) -> i64 {
        let read = self.read(room, user, &trimmed(text), None);
        match self.put(room, user, read) {
            Posted::Said { id, .. } => id,
            Posted::Again => unreachable!("nobody looked whether it was said before"),
        }
    }

    /// A line of the chat's own, as HTML: moved messages.
    pub(super) fn say_html(&mut self, room: i64, user: i64, html: String) -> i64 {
        let read = Read {
            source: html.clone(),
            rendered: Rendered::whole(html),
            parent: None,
            show_parent: false,
            target: None,
            called: Vec::new(),
        };
        match self.put(room, user, read) {
            Posted::Said { id, .. } => id,
            Posted::Again => unreachable!("nobody looked whether it was said before"),
        }
    }

    fn put(&mut self, room: i64, user: i64, read: Read) -> Posted {
        let (id, at) = (self.next_message, self.now());
        self.next_message += 1;
        let mut message = Message {
            id,
            room,
            user,
            at,
            source: read.source.clone(),
            edits: 0,
            deleted: None,
            parent: read.parent,
            show_parent: read.show_parent,
            target: read.target,
            moved: false,
            stars: BTreeSet::new(),
            pins: BTreeMap::new(),
            told: BTreeSet::new(),
            versions: vec![Version {
                at,
                user,
                source: read.source,
                html: read.rendered.full.clone(),
            }],
            rendered: read.rendered,
        };
        let mut drafts = self.told(&mut message, &read.called);
        drafts.push(self.about(kind::POSTED, &message));
        self.messages.insert(id, message);
        if let Some(its) = self.rooms.get_mut(&room) {
            its.messages.push(id);
            its.visited.insert(user, at);
        }
        if let Some(account) = self.accounts.get_mut(&user) {
            account.last_post = Some(at);
            account.last_seen = Some(at);
        }
        self.publish(drafts);
        Posted::Said { id, at }
    }

    /// Edits as the site does it.
    ///
    /// # Errors
    /// Why nothing changed.
    pub fn edit(
        &mut self,
        id: i64,
        user: i64,
        text: &str,
        parent: Option<i64>,
    ) -> Result<(), Refused> {
        let message = self.messages.get(&id).ok_or(Refused::NeverWas)?;
        let (room, moderator) = (message.room, self.moderator(Some(user)));
        if message.deleted.is_some() {
            return Err(Refused::EditDeleted);
        }
        if message.user != user && !moderator {
            return Err(Refused::EditOthers);
        }
        if self.now() - message.at > self.rules.window && !moderator {
            return Err(Refused::EditLate);
        }
        self.may_write(room, user)?;
        let text = self.measured(text)?;
        let now = self.clock.now().timestamp_millis();
        self.throttle.ask(user, now).map_err(Refused::Throttled)?;
        self.throttle.spoke(user, now);
        self.change(id, user, &text, parent);
        Ok(())
    }

    /// Edits without any check but that the message is there.
    pub fn change(&mut self, id: i64, by: i64, text: &str, parent: Option<i64>) {
        let Some(mut message) = self.messages.get(&id).cloned() else {
            return;
        };
        let read = self.read(message.room, message.user, &trimmed(text), parent);
        message.edits += 1;
        message.versions.push(Version {
            at: self.now(),
            user: by,
            source: read.source.clone(),
            html: read.rendered.full.clone(),
        });
        message.source = read.source;
        message.rendered = read.rendered;
        message.parent = read.parent;
        message.show_parent = read.show_parent;
        message.target = read.target;
        let mut drafts = self.told(&mut message, &read.called);
        drafts.push(self.about(kind::EDITED, &message));
        self.messages.insert(id, message);
        self.publish(drafts);
    }

    /// Deletes as the site does it.
    ///
    /// # Errors
    /// Why it is still there.
    pub fn remove(&mut self, id: i64, user: i64) -> Result<(), Refused> {
        let message = self.messages.get(&id).ok_or(Refused::NeverWas)?;
        let moderator = self.moderator(Some(user));
        if message.deleted.is_some() {
            return Err(Refused::Deleted);
        }
        if message.user != user && !moderator {
            return Err(Refused::DeleteOthers);
        }
        if self.now() - message.at > self.rules.window && !moderator {
            return Err(Refused::DeleteLate);
        }
        self.delete(id, user);
        Ok(())
    }

    /// Deletes without any check but that the message is there.
    pub fn delete(&mut self, id: i64, by: i64) {
        let Some(message) = self.messages.get_mut(&id) else {
            return;
        };
        if message.deleted.replace(by).is_some() {
            return;
        }
        let message = message.clone();
        let (room, at) = (message.room, message.at);
        let other = (message.user != by).then_some(message.user);
        let draft = self
            .draft_at(kind::DELETED, at, room, Some(by), To::Room)
            .set("message_id", id)
            .maybe("message_edits", message.edits)
            .maybe("target_user_id", other);
        self.publish(vec![draft]);
    }

    /// Brings a deleted message back, for moderators.
    ///
    /// # Errors
    /// For all others.
    pub fn restore(&mut self, id: i64, user: i64) -> Result<(), Refused> {
        let moderator = self.moderator(Some(user));
        let message = self.messages.get_mut(&id).ok_or(Refused::NeverWas)?;
        if !moderator {
            return Err(Refused::Owners);
        }
        // Nobody knows the number of its event.
        message.deleted = None;
        Ok(())
    }

    /// Whether a user may say something in a room now.
    ///
    /// # Errors
    /// Why not.
    pub fn may_write(&self, room: i64, user: i64) -> Result<(), Refused> {
        let (now, moderator) = (self.now(), self.moderator(Some(user)));
        let account = self.accounts.get(&user).ok_or(Refused::Permission)?;
        if let Some(until) = account.blocked.filter(|until| now < *until) {
            return Err(Refused::Blocked { until, now });
        }
        let its = self.visible(room, Some(user)).ok_or(Refused::NotFound)?;
        if !its.takes(user, moderator, now) {
            return Err(Refused::Permission);
        }
        if account.reputation < self.rules.reputation && !moderator {
            return Err(Refused::Reputation(self.rules.reputation));
        }
        if let Some((left, _)) = self.timeout(room) {
            return Err(Refused::Timeout(left));
        }
        if its.frozen {
            return Err(Refused::Frozen);
        }
        Ok(())
    }
}
