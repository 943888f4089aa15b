//! Addresses that stand alone and are shown as what they lead to: images, messages.

use chrono::DateTime;

use super::answer::escape;
use super::chat::Chat;
use super::links;

const IMAGES: [&str; 5] = [".jpg", ".jpeg", ".png", ".gif", ".bmp"];

impl Chat {
    /// The box of a text that is one address and nothing else.
    pub fn onebox(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let forced = text.strip_prefix('!');
        let address = forced.unwrap_or(text);
        if links::address(address) != Some(address) {
            return None;
        }
        let path = address.split(['?', '#']).next().unwrap_or(address);
        let path = path.to_ascii_lowercase();
        if forced.is_some() || IMAGES.iter().any(|end| path.ends_with(end)) {
            let address = escape(&links::relative(address));
            return Some(format!(
                "<div class=\"onebox ob-image\"><a rel=\"nofollow noopener noreferrer\" href=\"{address}\">\
                 <img src=\"{address}\" class=\"user-image\" alt=\"user image\" /></a></div>"
            ));
        }
        self.message_box(address)
    }

    fn message_box(&self, address: &str) -> Option<String> {
        let (_, rest) = address.split_once("://")?;
        let (host, path) = rest.split_once('/')?;
        if !self.known_as.iter().any(|known| known == host) {
            return None;
        }
        let path = path.strip_prefix("transcript/")?;
        let id = match path.strip_prefix("message/") {
            Some(id) => id.split(['#', '?', '/']).next()?,
            None => path.split_once("?m=")?.1.split(['#', '&']).next()?,
        };
        let message = self.messages.get(&id.parse().ok()?)?;
        let room = self.rooms.get(&message.room)?;
        if message.deleted.is_some() || !room.shows(None, false) {
            return None;
        }
        let at = DateTime::from_timestamp(message.at, 0)?;
        let id = message.id;
        Some(format!(
            "<div class=\"onebox ob-message\"><a rel=\"noopener noreferrer\" class=\"roomname\" \
             href=\"/transcript/message/{id}#{id}\"><span title=\"{}\">{}</span></a>, by \
             <span class=\"user-name\">{}</span><br><div class=\"quote\">{}</div></div>",
            at.format("%Y-%m-%d %H:%M:%SZ"),
            at.format("%b %-d, %Y %-H:%M"),
            escape(self.name(message.user)),
            message.rendered.shown
        ))
    }
}
