//! Moving messages to another room, such as the trash.

use super::answer::escape;
use super::chat::Chat;
use super::events::{Draft, To, kind};
use super::refused::Refused;

impl Chat {
    /// Moves messages of `from` to `to`; gives how many there were. An owner of the source room may.
    ///
    /// # Errors
    /// For all others, and when one of the rooms is not there.
    pub fn move_posts(
        &mut self,
        from: i64,
        to: i64,
        ids: &[i64],
        by: i64,
    ) -> Result<usize, Refused> {
        for room in [from, to] {
            self.visible(room, Some(by)).ok_or(Refused::NotFound)?;
        }
        if !self.owns(by, from) {
            return Err(Refused::Owners);
        }
        let mut ids: Vec<i64> = ids
            .iter()
            .copied()
            .filter(|id| self.messages.get(id).is_some_and(|its| its.room == from))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() || from == to {
            return Ok(0);
        }
        let mut drafts = Vec::new();
        for id in &ids {
            let draft = self.draft(kind::MOVED_OUT, from, Some(by), To::Room);
            drafts.push(draft.set("message_id", *id));
            if let Some(message) = self.messages.get_mut(id) {
                message.room = to;
                message.moved = true;
            }
        }
        for id in &ids {
            let draft = self.about(kind::MOVED_IN, &self.messages[id]);
            drafts.push(Draft {
                to: To::Room,
                ..draft
            });
        }
        if let Some(room) = self.rooms.get_mut(&from) {
            room.messages.retain(|id| !ids.contains(id));
        }
        if let Some(room) = self.rooms.get_mut(&to) {
            room.messages.extend(&ids);
            room.messages.sort_unstable();
        }
        self.publish(drafts);
        let s = if ids.len() == 1 { "" } else { "s" };
        let count = format!("{} message{s}", ids.len());
        let link = |chat: &Chat, id: i64| {
            let room = &chat.rooms[&id];
            let (slug, name) = (room.slug(), escape(&room.name));
            format!("<a href=\"//{}/rooms/{id}/{slug}\">{name}</a>", chat.host)
        };
        let first = ids[0];
        let host = &self.host;
        let out = format!(
            "&rarr; <i><a href=\"//{host}/transcript/message/{first}#{first}\">{count}</a> moved to {}</i>",
            link(self, to)
        );
        let into = format!("&larr; <i>{count} moved from {}</i>", link(self, from));
        self.say_html(from, by, out);
        self.say_html(to, by, into);
        Ok(ids.len())
    }
}
