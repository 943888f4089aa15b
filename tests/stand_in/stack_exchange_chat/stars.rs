//! Stars and pins.

use super::chat::Chat;
use super::events::kind;
use super::refused::Refused;

impl Chat {
    /// Gives or takes back a user's star.
    ///
    /// # Errors
    /// For one's own message, and when the day's stars are spent.
    pub fn star(&mut self, id: i64, user: i64) -> Result<(), Refused> {
        let day = self.now() / 86_400;
        let most = self.rules.stars;
        self.readable(id, user)?;
        let message = self.messages.get_mut(&id).ok_or(Refused::NeverWas)?;
        if message.user == user {
            return Err(Refused::StarOwn);
        }
        let account = self.accounts.get_mut(&user).ok_or(Refused::Permission)?;
        let spent = account.stars.entry(day).or_default();
        if message.stars.remove(&user) {
            *spent = spent.saturating_sub(1);
        } else if *spent >= most {
            return Err(Refused::StarsSpent);
        } else {
            *spent += 1;
            message.stars.insert(user);
        }
        self.starred(id, user);
        Ok(())
    }

    /// Pins a message, takes a pin away, or does what was not done before (`None`).
    ///
    /// # Errors
    /// For those who do not own the room.
    pub fn pin(&mut self, id: i64, user: i64, pinned: Option<bool>) -> Result<(), Refused> {
        self.readable(id, user)?;
        let now = self.now();
        let room = self.messages[&id].room;
        if !self.owns(user, room) {
            return Err(Refused::PinOthers);
        }
        let message = self.messages.get_mut(&id).ok_or(Refused::NeverWas)?;
        let pinned = pinned.unwrap_or(message.pins.is_empty());
        if pinned {
            message.pins.insert(user, now);
        } else {
            message.pins.clear();
        }
        self.starred(id, user);
        Ok(())
    }

    /// Takes all stars and pins away.
    ///
    /// # Errors
    /// For those who do not own the room.
    pub fn unstar(&mut self, id: i64, user: i64) -> Result<(), Refused> {
        self.readable(id, user)?;
        if !self.owns(user, self.messages[&id].room) {
            return Err(Refused::PinOthers);
        }
        let message = self.messages.get_mut(&id).ok_or(Refused::NeverWas)?;
        message.stars.clear();
        message.pins.clear();
        self.starred(id, user);
        Ok(())
    }

    /// Whether a message is there for a user.
    pub(super) fn readable(&self, id: i64, user: i64) -> Result<(), Refused> {
        let message = self.messages.get(&id).ok_or(Refused::NeverWas)?;
        let room = self.visible(message.room, Some(user));
        match (room, message.deleted) {
            (Some(_), None) => Ok(()),
            (None, _) => Err(Refused::NotFound),
            (Some(_), Some(_)) => Err(Refused::Deleted),
        }
    }

    fn starred(&mut self, id: i64, user: i64) {
        let message = &self.messages[&id];
        let mut draft = self.about(kind::STARRED, message);
        let own = [
            ("message_starred", message.stars.contains(&user)),
            ("message_owner_starred", message.pins.contains_key(&user)),
        ];
        let own = own.into_iter().filter(|(_, is)| *is);
        let own = own.map(|(name, is)| (name.to_string(), is.into()));
        draft.own = Some((user, own.collect()));
        self.publish(vec![draft]);
    }

    /// The starred messages of a room: pinned ones first, then by stars, then the newest.
    pub fn stars(&self, room: i64) -> Vec<i64> {
        let all = self.rooms.get(&room).map(|room| room.messages.as_slice());
        let all = all.unwrap_or_default().iter().map(|id| &self.messages[id]);
        let mut all: Vec<_> = all
            .filter(|message| message.deleted.is_none())
            .filter(|message| !message.stars.is_empty() || !message.pins.is_empty())
            .collect();
        all.sort_by_key(|message| {
            let (pinned, stars) = (!message.pins.is_empty(), message.stars.len());
            std::cmp::Reverse((pinned, stars, message.id))
        });
        all.into_iter().map(|message| message.id).collect()
    }
}
