//! From what was typed to a message: its length, what it replies to, whom it calls, who is told.

use super::chat::{Chat, Replies};
use super::events::{Draft, To, kind};
use super::markup::Rendered;
use super::messages::Message;
use super::refused::Refused;

/// A text on its way to a message.
pub struct Read {
    pub source: String,
    pub rendered: Rendered,
    pub parent: Option<i64>,
    pub show_parent: bool,
    pub target: Option<i64>,
    /// Who is called by name.
    pub called: Vec<i64>,
}

impl Chat {
    /// The text without the space around it, when it is not too long.
    pub(super) fn measured(&self, text: &str) -> Result<String, Refused> {
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
    pub(super) fn read(&self, room: i64, user: i64, text: &str, parent: Option<i64>) -> Read {
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
        // A name before them would end code and boxes.
        let code = rest.lines().all(|line| line.starts_with("    "));
        let takes_name = !code && self.onebox(rest).is_none();
        let typed = match target {
            Some(target) if self.rules.replies == Replies::Old && takes_name => {
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
    pub(super) fn told(&self, message: &mut Message, called: &[i64]) -> Vec<Draft> {
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
pub fn trimmed(text: &str) -> String {
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
