//! Posting, editing and deleting.

use std::collections::{BTreeMap, BTreeSet};

use super::chat::{Chat, Replies};
use super::events::{Draft, To, kind};
use super::markup::Rendered;
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

/// A text on its way to a message.
struct Read {
    source: String,
    rendered: Rendered,
    parent: Option<i64>,
    show_parent: bool,
    target: Option<i64>,
    /// Who is called by name.
    called: Vec<i64>,
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

    /// The text without the space around it, when it is not too long.
    fn measured(&self, text: &str) -> Result<String, Refused> {
        let lines = text.trim_end().contains('\n');
        let most = if lines {
            self.rules.lines
        } else {
            self.rules.line
        };
        let text = trimmed(text);
        if text.trim().is_empty() {
            return Err(Refused::Empty);
        }
        if text.encode_utf16().count() > most {
            return Err(Refused::TooLong);
        }
        Ok(text)
    }

    /// Finds out what a text replies to, whom it calls, and what it looks like.
    fn read(&self, room: i64, user: i64, text: &str, parent: Option<i64>) -> Read {
        let here = |id: &i64| {
            let message = self.messages.get(id);
            message.is_some_and(|message| message.room == room)
        };
        let (parent, rest) = match (parent.filter(here), prefix(text)) {
            (Some(parent), _) => (Some(parent), text),
            (None, Some((parent, rest))) if here(&parent) => (Some(parent), rest),
            (None, _) => (None, text),
        };
        let target = parent.map(|parent| self.messages[&parent].user);
        let called = self.mentioned(room, user, rest);
        let typed = match target {
            Some(target) if self.rules.replies == Replies::Old && self.onebox(rest).is_none() => {
                let account = self.accounts.get(&target);
                let handle = account.map(|account| account.handle()).unwrap_or_default();
                self.render(&format!("@{handle} {rest}"))
            }
            _ => self.render(rest),
        };
        let source = match parent {
            Some(parent) => format!(":{parent} {rest}"),
            None => rest.to_string(),
        };
        // A single ping leads to the last message of who is pinged.
        let last = match (&parent, called.as_slice()) {
            (None, [one]) => {
                let all = self.rooms[&room].messages.iter().rev();
                let mut all = all.map(|id| &self.messages[id]);
                let found = all.find(|message| message.user == *one && message.deleted.is_none());
                found.map(|message| message.id)
            }
            _ => None,
        };
        Read {
            source,
            rendered: typed,
            show_parent: parent.is_some(),
            parent: parent.or(last),
            target: target.or(last.and(called.first().copied())),
            called,
        }
    }

    /// 18 to the author of the parent, 8 to those who are called; each only once for a message.
    fn told(&self, message: &mut Message, called: &[i64]) -> Vec<Draft> {
        let mut drafts = Vec::new();
        let replied = message.target.filter(|_| message.show_parent);
        if let Some(target) = replied
            && message.told.insert(target)
        {
            let draft = self.about(kind::REPLIED, message);
            drafts.push(Draft {
                to: To::One(target),
                ..draft.set("target_user_id", target)
            });
        }
        for target in called {
            if Some(*target) == replied || !message.told.insert(*target) {
                continue;
            }
            let draft = self.about(kind::MENTIONED, message);
            drafts.push(Draft {
                to: To::One(*target),
                ..draft.set("target_user_id", *target)
            });
        }
        drafts
    }

    /// An event about a message with everything that is known of it; its time is that of the message.
    pub(super) fn about(&self, kind: u8, message: &Message) -> Draft {
        let user = (kind != kind::STARRED).then_some(message.user);
        let old = self.rules.replies == Replies::Old;
        self.draft_at(kind, message.at, message.room, user, To::Room)
            .set("message_id", message.id)
            .set("content", message.rendered.shown.as_str())
            .maybe("message_edits", message.edits)
            .maybe("message_stars", message.stars.len())
            .maybe("message_owner_stars", message.pins.len())
            .maybe("parent_id", message.parent)
            .maybe("show_parent", message.show_parent)
            .maybe("moved", message.moved)
            .maybe("target_user_id", message.target.filter(|_| old))
    }
}

/// `:12 text` as 12 and the text.
fn prefix(text: &str) -> Option<(i64, &str)> {
    let rest = text.strip_prefix(':')?;
    let (number, rest) = rest.split_once(char::is_whitespace)?;
    let rest = rest.trim();
    (!rest.is_empty()).then_some((number.parse().ok()?, rest))
}

/// Without the space around it, but for the four spaces of code.
fn trimmed(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_end();
    let shown = text.trim_start_matches('\n');
    let code = shown.lines().all(|line| line.starts_with("    "));
    match (code, text.contains('\n')) {
        (true, _) => shown.to_string(),
        // One line behind a line break stays a text of several lines.
        (false, true) if !text.trim_start().contains('\n') => format!("\n{}", text.trim_start()),
        (false, _) => text.trim_start().to_string(),
    }
}
