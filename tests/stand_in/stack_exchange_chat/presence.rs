//! Coming, going, and being thrown out.

use serde_json::Value;

use super::chat::Chat;
use super::events::{To, kind};
use super::rooms::{Access, Mute, Present};

/// Minutes of the first, second and each later kick.
const KICKS: [i64; 3] = [1, 5, 30];

impl Chat {
    /// A user shows up in a room: the others are told when this is new. False when the user may not be there.
    pub fn enter(&mut self, room: i64, user: i64) -> bool {
        let now = self.now();
        if self.visible(room, Some(user)).is_none() || self.muted(room, user).is_some() {
            return false;
        }
        if let Some(account) = self.accounts.get_mut(&user) {
            account.last_seen = Some(now);
        }
        let since = self.log.last();
        let Some(its) = self.rooms.get_mut(&room) else {
            return false;
        };
        its.visited.insert(user, now);
        if let Some(present) = its.present.get_mut(&user) {
            present.seen = now;
            return true;
        }
        let present = Present {
            since,
            seen: now,
            sockets: 0,
        };
        its.present.insert(user, present);
        let draft = self.draft(kind::ENTERED, room, Some(user), To::Room);
        self.publish(vec![draft.set("target_user_id", user)]);
        true
    }

    /// A user goes; the others are told.
    pub fn leave(&mut self, room: i64, user: i64) {
        let Some(its) = self.rooms.get_mut(&room) else {
            return;
        };
        if its.present.remove(&user).is_none() {
            return;
        }
        let draft = self.draft(kind::LEFT, room, Some(user), To::Room);
        self.publish(vec![draft.set("target_user_id", user)]);
    }

    /// Seconds until which a user who was kicked may not come back.
    pub fn muted(&self, room: i64, user: i64) -> Option<i64> {
        let mute = self.rooms.get(&room)?.muted.get(&user)?;
        (self.now() < mute.until).then_some(mute.until)
    }

    /// A sign of life: a socket that is open, a question for news.
    pub fn alive(&mut self, user: i64, rooms: &[i64]) {
        let now = self.now();
        for room in rooms {
            let Some(its) = self.rooms.get_mut(room) else {
                continue;
            };
            if let Some(present) = its.present.get_mut(&user) {
                present.seen = now;
                its.visited.insert(user, now);
            }
        }
    }

    /// Those without a sign of life fade from their rooms.
    pub fn fade(&mut self) {
        let old = self.now() - self.rules.fade;
        let mut gone = Vec::new();
        for room in self.rooms.values() {
            for (user, present) in &room.present {
                if present.seen < old {
                    gone.push((room.id, *user));
                }
            }
        }
        for (room, user) in gone {
            self.leave(room, user);
        }
    }

    /// Throws a user out for a while: 1, 5, then 30 minutes. Gives the minutes.
    pub fn kick(&mut self, room: i64, user: i64, by: i64) -> i64 {
        let now = self.now();
        let Some(its) = self.rooms.get_mut(&room) else {
            return 0;
        };
        its.present.remove(&user);
        let times = its.muted.get(&user).map_or(0, |mute| mute.times);
        let minutes = KICKS[times.min(KICKS.len() - 1)];
        let mute = Mute {
            until: now + minutes * 60,
            times: times + 1,
        };
        its.muted.insert(user, mute);
        let to = To::RoomAnd(user);
        let left = self.draft(kind::LEFT, room, Some(user), to);
        let access = self.draft(kind::ACCESS, room, Some(by), to);
        self.publish(vec![
            left.set("target_user_id", user),
            access
                .set("target_user_id", user)
                .set("content", "Access now read-only"),
        ]);
        minutes
    }

    /// Lists a user as `access`, or takes the user off the list.
    pub fn grant(&mut self, room: i64, user: i64, access: Option<Access>, by: i64) {
        let Some(its) = self.rooms.get_mut(&room) else {
            return;
        };
        match access {
            Some(access) => its.access.insert(user, access),
            None => its.access.remove(&user),
        };
        its.asked.retain(|asked| *asked != user);
        let name = access.map_or("default", Access::name);
        let draft = self.draft(kind::ACCESS, room, Some(by), To::RoomAnd(user));
        self.publish(vec![
            draft
                .set("target_user_id", user)
                .set("content", format!("Access now {name}")),
        ]);
    }

    /// Asks a user into a room.
    pub fn invite(&mut self, room: i64, user: i64, by: i64) {
        let Some(its) = self.rooms.get(&room) else {
            return;
        };
        let content = format!(
            "<a href=\"/users/{by}/{}\">{}</a> has invited you to join <a href=\"/rooms/{room}/{}\">{}</a>",
            super::accounts::slug(self.name(by)),
            super::answer::escape(self.name(by)),
            its.slug(),
            super::answer::escape(&its.name),
        );
        if let Some(account) = self.accounts.get_mut(&user) {
            account.invited.push(room);
        }
        let draft = self.draft(kind::INVITED, room, Some(by), To::One(user));
        self.publish(vec![
            draft.set("target_user_id", user).set("content", content),
        ]);
    }

    /// Nobody speaks in a room for some seconds.
    pub fn time_out(&mut self, room: i64, seconds: i64, reason: &str, by: Option<i64>) {
        let until = self.now() + seconds;
        if let Some(its) = self.rooms.get_mut(&room) {
            its.timeout = Some((until, reason.into()));
        }
        let draft = self.draft(kind::TIME_BREAK, room, by, To::Room);
        let content = super::answer::escape(reason);
        self.publish(vec![draft.set("content", content)]);
    }

    /// The rest of a room's timeout, in seconds, and its reason.
    pub fn timeout(&self, room: i64) -> Option<(i64, &str)> {
        let (until, reason) = self.rooms.get(&room)?.timeout.as_ref()?;
        let left = until - self.now();
        (left > 0).then_some((left, reason))
    }

    /// Those in a room, as the page of the room has them.
    pub fn present(&self, room: i64) -> Value {
        let users = self.rooms.get(&room).map(|room| room.present.keys());
        let all = users.into_iter().flatten().map(|user| {
            let account = &self.accounts[user];
            serde_json::json!({
                "id": user,
                "name": account.name,
                "email_hash": hash(*user),
                "reputation": account.reputation,
                "is_moderator": account.moderator,
                "is_owner": self.owns(*user, room),
                "last_post": account.last_post,
            })
        });
        all.collect()
    }
}

/// What stands for an e-mail.
pub fn hash(user: i64) -> String {
    super::logins::opaque(&format!("gravatar {user}"))[..32].to_string()
}
