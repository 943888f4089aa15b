//! One chat: its people, rooms, messages and what happened, apart from the wire.

use std::collections::BTreeMap;

use boson::clock::Clock;
use serde_json::{Map, Value};

use super::accounts::Account;
use super::events::{Draft, Log, To, kind};
use super::messages::Message;
use super::rooms::{Access, Room};
use super::throttle::{Pace, Throttle};

/// How replies look in the content of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replies {
    /// `@Name text`, until September 2025.
    Old,
    /// `text`.
    New,
}

/// What may be different from chat to chat, and what nobody knows for sure.
#[derive(Clone, Debug)]
pub struct Rules {
    pub pace: Pace,
    pub replies: Replies,
    /// Seconds in which one's own message can be edited and deleted.
    pub window: i64,
    /// Characters in one line, counted in UTF-16 units.
    pub line: usize,
    /// Characters in several lines.
    pub lines: usize,
    /// Longer contents are cut to about so many characters in events.
    pub partial: usize,
    /// Stars a day.
    pub stars: usize,
    /// Who has less may not talk.
    pub reputation: i64,
    /// Seconds without a socket or a question after which a user is no longer there.
    pub fade: i64,
    /// Days for which somebody who was in a room can be pinged.
    pub pingable: i64,
    /// Whether an edit needs a `Referer`.
    pub referer: bool,
    /// Whether an old `l` also brings what happened in the user's other rooms.
    pub replay_all: bool,
    /// What comes before the number of the first event; at least 1.
    pub first_event: i64,
    /// So many of the last events can be asked for again; a socket that wants older ones gets `reset`.
    pub kept: usize,
    /// So many events a socket without `l` begins with.
    pub backlog: usize,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            pace: Pace::Off,
            replies: Replies::New,
            window: 120,
            line: 500,
            lines: 10_000,
            partial: 597,
            stars: 20,
            reputation: 1,
            fade: 90,
            pingable: 14,
            referer: false,
            replay_all: false,
            first_event: 1_000,
            kept: 100_000,
            backlog: 100,
        }
    }
}

/// The state of one chat.
pub struct Chat {
    /// `chat.stackexchange.com`.
    pub host: String,
    /// Hosts, with ports, under which links lead to this chat.
    pub known_as: Vec<String>,
    pub clock: Clock,
    pub rules: Rules,
    pub accounts: BTreeMap<i64, Account>,
    pub rooms: BTreeMap<i64, Room>,
    pub messages: BTreeMap<i64, Message>,
    pub log: Log,
    pub throttle: Throttle,
    pub(super) next_account: i64,
    pub(super) next_room: i64,
    pub(super) next_message: i64,
}

impl Chat {
    /// An empty chat; `offset` moves all its numbers, so that those of two chats mean different things.
    pub fn new(host: &str, rules: Rules, clock: Clock, offset: i64) -> Chat {
        Chat {
            host: host.into(),
            known_as: vec![host.into()],
            clock,
            accounts: BTreeMap::new(),
            rooms: BTreeMap::new(),
            messages: BTreeMap::new(),
            log: Log::new(rules.first_event.max(1) + offset, rules.kept),
            throttle: Throttle::new(rules.pace),
            rules,
            next_account: 101 + offset,
            next_room: 1,
            next_message: 5_001 + offset,
        }
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }

    /// The site whose chat this is: `stackexchange.com`.
    pub fn site(&self) -> &str {
        self.host.strip_prefix("chat.").unwrap_or(&self.host)
    }

    /// A new user who can log in.
    pub fn account(&mut self, email: &str, password: &str, name: &str) -> i64 {
        let id = self.next_account;
        self.next_account += 1;
        self.register(id, email, password, name);
        id
    }

    /// A user with a negative id, who posts feeds and never logs in.
    pub fn feed(&mut self, name: &str) -> i64 {
        let lowest = self.accounts.keys().next().copied().unwrap_or(0);
        // -1 is Community.
        let id = lowest.min(-1) - 1;
        self.register(id, "", "", name);
        id
    }

    fn register(&mut self, id: i64, email: &str, password: &str, name: &str) {
        let account = Account {
            id,
            name: name.into(),
            email: email.into(),
            password: password.into(),
            reputation: 101,
            moderator: false,
            blocked: None,
            last_seen: None,
            last_post: None,
            stars: BTreeMap::new(),
            invited: Vec::new(),
        };
        self.accounts.insert(id, account);
    }

    /// A new public room.
    pub fn room(&mut self, name: &str, owner: i64) -> i64 {
        let id = self.next_room;
        self.next_room += 1;
        let mut room = Room::new(id, name);
        room.access.insert(owner, Access::Owner);
        self.rooms.insert(id, room);
        id
    }

    /// The user with this e-mail.
    pub fn by_email(&self, email: &str) -> Option<&Account> {
        let mut all = self.accounts.values();
        all.find(|account| !email.is_empty() && account.email.eq_ignore_ascii_case(email))
    }

    pub fn name(&self, user: i64) -> &str {
        let account = self.accounts.get(&user);
        account.map_or("", |account| account.name.as_str())
    }

    pub fn moderator(&self, user: Option<i64>) -> bool {
        let account = user.and_then(|user| self.accounts.get(&user));
        account.is_some_and(|account| account.moderator)
    }

    /// Whether a user has the rights of an owner in a room.
    pub fn owns(&self, user: i64, room: i64) -> bool {
        let access = self.rooms.get(&room).map(|room| room.access.get(&user));
        self.moderator(Some(user)) || access.flatten() == Some(&Access::Owner)
    }

    /// A room that this user may see.
    pub fn visible(&self, room: i64, user: Option<i64>) -> Option<&Room> {
        let room = self.rooms.get(&room)?;
        room.shows(user, self.moderator(user)).then_some(room)
    }

    /// Tells what happened at once.
    pub(super) fn publish(&mut self, drafts: Vec<Draft>) {
        self.log.add(self.clock.now(), drafts);
    }

    /// An event of any kind to everybody in a room, with any members besides the usual ones.
    pub fn announce(&mut self, room: i64, kind: i64, members: Map<String, Value>) {
        let mut draft = self.draft(0, room, None, To::Room);
        draft.body.extend(members);
        self.publish(vec![draft.set("event_type", kind)]);
    }

    /// An event of now about a room, with the user whose doing it is.
    pub(super) fn draft(&self, kind: u8, room: i64, user: Option<i64>, to: To) -> Draft {
        self.draft_at(kind, self.now(), room, user, to)
    }

    pub(super) fn draft_at(
        &self,
        kind: u8,
        at: i64,
        room: i64,
        user: Option<i64>,
        to: To,
    ) -> Draft {
        let name = self.rooms.get(&room).map_or("", |room| room.name.as_str());
        let draft = Draft::new(kind, at, room, to)
            .set("room_id", room)
            .set("room_name", name);
        match user {
            Some(user) => draft.set("user_id", user).set("user_name", self.name(user)),
            None => draft,
        }
    }

    /// Gives a user another name; everybody who shares a room is told.
    pub fn rename(&mut self, user: i64, name: &str) {
        if let Some(account) = self.accounts.get_mut(&user) {
            account.name = name.into();
        }
        let rooms: Vec<i64> = self.rooms_of(user);
        let drafts = rooms.into_iter().map(|room| {
            self.draft(kind::USER_RENAMED, room, Some(user), To::Room)
                .set("target_user_id", user)
        });
        let drafts = drafts.collect();
        self.publish(drafts);
    }

    /// Gives a room another name, description and tags; those in it are told.
    pub fn rename_room(
        &mut self,
        room: i64,
        by: Option<i64>,
        name: &str,
        about: &str,
        tags: &[String],
    ) {
        let Some(its) = self.rooms.get_mut(&room) else {
            return;
        };
        its.name = name.into();
        its.description = about.into();
        its.tags = tags.to_vec();
        let content = super::answer::escape(&format!("{name} / {about} / {}", tags.join(" ")));
        let draft = self.draft(kind::RENAMED, room, by, To::Room);
        self.publish(vec![draft.set("content", content)]);
    }

    /// The rooms a user is in now.
    pub fn rooms_of(&self, user: i64) -> Vec<i64> {
        let all = self.rooms.values();
        all.filter(|room| room.present.contains_key(&user))
            .map(|room| room.id)
            .collect()
    }
}
