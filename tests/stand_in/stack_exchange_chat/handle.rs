//! What a test does to a running chat, and what it looks at.

use super::chat::Chat;
use super::faults::{Fault, Faults};
use super::server::{Held, RequestLog, StackExchangeChat};
use super::socket::{Drop as Dropped, Order};

/// A message as a test looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageView {
    pub id: i64,
    pub user: i64,
    pub source: String,
    pub html: String,
    pub edits: usize,
    pub deleted: bool,
    pub parent: Option<i64>,
    pub at: i64,
}

impl StackExchangeChat {
    /// `http://127.0.0.1:9002`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The only chat, or the first of three.
    pub fn chat(&self) -> Held<'_> {
        self.shared.hold(0)
    }

    /// One of three chats, by its host.
    ///
    /// # Panics
    /// When there is no such chat here.
    pub fn chat_of(&self, host: &str) -> Held<'_> {
        let at = self
            .shared
            .world()
            .chats
            .iter()
            .position(|chat| chat.host == host);
        self.shared.hold(at.expect("one of the hosts"))
    }

    pub fn account(&self, email: &str, password: &str, name: &str) -> i64 {
        self.chat().account(email, password, name)
    }

    pub fn room(&self, name: &str, owner: i64) -> i64 {
        self.chat().room(name, owner)
    }

    /// Says something as a person, without throttle; gives the id of the message.
    pub fn say(&self, room: i64, user: i64, text: &str) -> i64 {
        self.chat().say(room, user, text)
    }

    /// Edits as the author, whenever that is; a `:id ` at the beginning makes it a reply.
    pub fn edit(&self, message: i64, text: &str) {
        let mut chat = self.chat();
        let user = chat.messages[&message].user;
        chat.change(message, user, text, None);
    }

    /// Deletes as the author, whenever that is.
    pub fn delete(&self, message: i64) {
        let mut chat = self.chat();
        let user = chat.messages[&message].user;
        chat.delete(message, user);
    }

    /// Gives or takes back a star.
    ///
    /// # Panics
    /// When this user may not.
    pub fn star(&self, message: i64, user: i64) {
        let done = self.chat().star(message, user);
        done.expect("a star for the message of somebody else");
    }

    /// Asks a user into a room, as an owner of it.
    pub fn invite(&self, room: i64, user: i64) {
        let mut chat = self.chat();
        let by = chat.rooms[&room].owners().next().unwrap_or(-1);
        chat.invite(room, user, by);
    }

    /// Throws a user out, as an owner of the room; gives for how many minutes.
    pub fn kick(&self, room: i64, user: i64) -> i64 {
        let mut chat = self.chat();
        let owners = chat.rooms[&room].owners().find(|owner| *owner != user);
        chat.kick(room, user, owners.unwrap_or(-1))
    }

    /// All messages that are in a room or were deleted there, oldest first.
    pub fn messages(&self, room: i64) -> Vec<MessageView> {
        self.chat().views(room)
    }

    /// Changes what goes wrong.
    pub fn faults<T>(&self, change: impl FnOnce(&mut Faults) -> T) -> T {
        let result = change(&mut self.shared.world().faults);
        self.shared.tell();
        result
    }

    /// Lets requests fail.
    pub fn fail(&self, fault: Fault) {
        self.faults(|faults| faults.requests.push(fault));
    }

    /// Ends or silences all web sockets; gives how many there were.
    pub fn drop_sockets(&self, how: Dropped) -> usize {
        self.shared.world().order(&Order::End(how), None)
    }

    /// The same only for those of one user.
    pub fn drop_sockets_of(&self, user: i64, how: Dropped) -> usize {
        self.shared.world().order(&Order::End(how), Some(user))
    }

    /// Sends a text to all web sockets, whatever it is.
    pub fn send(&self, text: &str) -> usize {
        self.shared.world().order(&Order::Send(text.into()), None)
    }

    /// Ends the sessions of somebody: the cookies are good for nothing any more.
    pub fn expire(&self, email: &str) {
        self.shared.world().logins.expire(email);
    }

    /// How many web sockets are open.
    pub fn sockets(&self) -> usize {
        self.shared.world().sockets.len()
    }

    /// Waits until something changed since `seen`; gives what to say next time.
    pub async fn news(&self, seen: u64) -> u64 {
        let mut changed = self.shared.changed.subscribe();
        let now = changed.wait_for(|now| *now != seen).await;
        now.map_or(seen, |now| *now)
    }

    /// What was asked for, in the order in which it was answered.
    pub fn requests(&self) -> Vec<RequestLog> {
        self.shared.world().requests.clone()
    }
}

impl Chat {
    fn views(&self, room: i64) -> Vec<MessageView> {
        let all = self.rooms[&room].messages.iter();
        let all = all.map(|id| &self.messages[id]);
        all.map(|message| MessageView {
            id: message.id,
            user: message.user,
            source: message.source.clone(),
            html: message.rendered.full.clone(),
            edits: message.edits,
            deleted: message.deleted.is_some(),
            parent: message.parent,
            at: message.at,
        })
        .collect()
    }
}
