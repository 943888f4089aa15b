//! Rooms that the bot comes into and loses, and what is known of them.

use chrono::{DateTime, Utc};
use compact_str::CompactString;

use super::errands::Cause;
use super::{Bot, Outbound};
use crate::command::mute;
use crate::model::text::cut;
use crate::model::{Errand, Hold, MessageId, Person, Role, RoomId, Text, TrackerId, Why};
use crate::store::{rows::PersonRow, tables};
use crate::tracker::{self, Trackers, Trouble};

impl Bot {
    /// The bot was sent away from a room, or it is gone; the platform may bring it back, and the next start tries to.
    pub(super) fn lost(&mut self, room: &RoomId, now: DateTime<Utc>, out: &mut Outbound) {
        tracing::info!(%room, "the room is left");
        // Who leaves the room on this machine comes back to it.
        let local = self.rooms.get(room).is_none_or(|room| room.manners.local);
        if local {
            return;
        }
        self.rooms.remove(room);
        self.me.rooms.remove(room);
        self.lost.insert(room.clone());
        let text = Text::line(format!(
            "I am no longer in `{room}`, and did not leave it myself."
        ))
        .hint(format!("`join {room}` takes me back, where I may"));
        self.tell_operators(&text, now, out);
    }

    /// The bot is in a room, which is called so.
    pub(super) fn seated(
        &mut self,
        room: &RoomId,
        name: &str,
        last: Option<MessageId>,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) {
        if self.has_left(room) {
            return;
        }
        if let Err(trouble) = self.enter(room, now) {
            tracing::error!(%room, %trouble, "a room cannot be written down");
            return;
        }
        self.lost.remove(room);
        tracing::info!(%room, name, "in the room");
        let name = (!name.is_empty()).then(|| cut(name, 200));
        match self.store.get(&tables::ROOMS, room) {
            Ok(Some(mut row)) if row.name != name => {
                row.name = name;
                self.store.put(&tables::ROOMS, room, &row);
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%room, %error, "a room cannot be read"),
        }
        if let Some(known) = self.rooms.get_mut(room)
            && known.heard.is_none()
        {
            // What is said there while nobody listens is read back from here.
            known.heard = last;
            known.noted = false;
            self.note_room(room);
        }
        if let Some(known) = self.rooms.get_mut(room) {
            // What could not be said because nobody was there yet is said now.
            known.rests = false;
        }
        out.rooms.insert(room.clone());
    }

    /// A mute has lasted as long as it was to last, or another hold that has an end.
    pub(super) fn unmute(
        &mut self,
        room: &RoomId,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) -> Result<(), Trouble> {
        let holds = tracker::holds(&self.store, room, None)?;
        let over = |hold: &Hold| hold.until().is_some_and(|until| until <= now);
        let (ended, stay): (Vec<Hold>, Vec<Hold>) = holds.into_iter().partition(over);
        let held = tracker::held(&self.store, room, None)?;
        tracker::set_holds(&mut self.store, room, None, stay)?;
        for hold in ended {
            if let Why::Muted(muted) = hold.why {
                let still = tracker::held(&self.store, room, None)?;
                let text = mute::ended(held - still.min(held), still, muted.dropped);
                tracker::note(&mut self.store, room, "end of a mute".into(), now)?;
                tracker::enqueue_first(&mut self.store, room, text, now)?;
            }
        }
        out.rooms.insert(room.clone());
        Ok(())
    }

    /// Takes out of outboxes what is too old to be said.
    pub(super) fn expire_outboxes(&mut self, out: &Outbound, now: DateTime<Utc>) {
        for id in &out.rooms {
            let Some(platform) = self.platforms.get(id.platform.as_str()) else {
                continue;
            };
            let Some(room) = self.rooms.get_mut(id) else {
                continue;
            };
            let trackers = &self.trackers;
            let line = |tracker, count| expired(trackers, tracker, count);
            let most = room.most(&**platform);
            let (saying, notice) = (&room.saying, room.expired);
            match tracker::expire(&mut self.store, id, most, saying, notice, line, now) {
                Ok(None) => {}
                Ok(notice) => room.expired = notice,
                Err(error) => tracing::error!(room = %id, %error, "the outbox cannot be read"),
            }
        }
    }

    /// Makes room where more waits for a room than may.
    pub(super) fn fold_outboxes(&mut self, out: &Outbound) {
        let most = self.trackers.limits().waiting;
        for id in &out.rooms {
            let saying = self.rooms.get(id);
            let saying = saying.map_or(&[][..], |room| &room.saying);
            let trackers = &self.trackers;
            let line = |tracker, count| folded(trackers, tracker, count);
            loop {
                match tracker::fold(&mut self.store, id, most, saying, line) {
                    Ok(0) => break,
                    Ok(folded) => tracing::warn!(room = %id, folded, "too much waits for a room"),
                    Err(error) => {
                        tracing::error!(room = %id, %error, "the outbox cannot be read");
                        break;
                    }
                }
            }
        }
    }

    /// Somebody wants the bot in a room.
    pub(super) fn invited(
        &mut self,
        room: RoomId,
        name: &str,
        by: Person,
        there: bool,
        out: &mut Outbound,
    ) {
        let platform = self.platforms.get(room.platform.as_str());
        let welcome = platform.is_some_and(|platform| platform.manners().invitations);
        tracing::info!(%room, name, by = by.id.0.as_str(), welcome, "an invitation");
        // Who takes it by the hand wants it back, whoever sent it away.
        if welcome && !self.rooms.contains_key(&room) && (there || !self.has_left(&room)) {
            let errand = Errand::Join(room.to_string());
            out.errands.push((Cause::Invited(by), errand));
        }
    }

    /// A platform cannot be used, or can be used again: whoever runs the bot hears of it.
    pub(super) fn trouble(
        &mut self,
        platform: &str,
        what: Option<String>,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) {
        let text = match &what {
            Some(why) => {
                tracing::error!(platform, why, "a platform cannot be used");
                Text::line(format!(
                    "I cannot use `{platform}`: {}.",
                    why.replace('`', "'")
                ))
                .hint("I keep trying slowly; `boson check` looks over the settings")
            }
            None => {
                tracing::info!(platform, "a platform can be used again");
                Text::line(format!("I can use `{platform}` again."))
            }
        };
        self.measures.pulse.trouble(platform, what.as_deref());
        let known = match what {
            Some(why) => self.me.troubles.insert(platform.into(), why.clone()) == Some(why),
            None => self.me.troubles.remove(platform).is_none(),
        };
        if !known {
            self.tell_operators(&text, now, out);
        }
    }

    /// Says something in the rooms on this machine, where its operator sits.
    fn tell_operators(&mut self, text: &Text, now: DateTime<Utc>, out: &mut Outbound) {
        let local = self.rooms.iter().filter(|(_, room)| room.manners.local);
        let local: Vec<RoomId> = local.map(|(id, _)| id.clone()).collect();
        for room in local {
            match tracker::enqueue(&mut self.store, &room, text.clone(), now) {
                Ok(()) => {
                    out.rooms.insert(room);
                }
                Err(error) => tracing::error!(%room, %error, "the outbox cannot be written"),
            }
        }
    }

    /// Somebody goes by another name.
    pub(super) fn renamed(
        &mut self,
        platform: &str,
        person: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), Trouble> {
        for (id, room) in &mut self.rooms {
            if id.platform == platform
                && let Some(known) = room.people.get_mut(&person.id)
            {
                known.name.clone_from(&person.name);
            }
        }
        let key = (CompactString::from(platform), person.id.clone());
        // Who never spoke is not known, and need not be.
        if self.store.get(&tables::PEOPLE, &key)?.is_some() {
            let row = PersonRow {
                name: person.name.clone(),
                seen_at: now,
            };
            self.store.put(&tables::PEOPLE, &key, &row);
        }
        Ok(())
    }

    /// Whether owners of this room may end the bot.
    pub(super) fn is_home(&self, room: &RoomId) -> bool {
        let stopped_by = &self.me.stopped_by;
        let row = self.store.get(&tables::ROOMS, room);
        let row = row.unwrap_or_else(|error| {
            tracing::error!(%room, %error, "a room cannot be read");
            None
        });
        stopped_by.least >= Role::Operator || stopped_by.is_home(room, row.as_ref())
    }

    /// Writes down that whoever runs the bot wants it in a room.
    pub(super) fn note_home(&mut self, room: &RoomId) {
        match self.store.get(&tables::ROOMS, room) {
            Ok(Some(mut row)) => {
                row.home = true;
                self.store.put(&tables::ROOMS, room, &row);
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%room, %error, "a room cannot be read"),
        }
    }

    /// Somebody sent the bot away from this room.
    pub(super) fn has_left(&self, room: &RoomId) -> bool {
        match self.store.get(&tables::ROOMS, room) {
            Ok(row) => row.is_some_and(|row| row.left.is_some()),
            Err(error) => {
                tracing::error!(%room, %error, "a room cannot be read");
                false
            }
        }
    }

    /// Writes down that the bot is no longer in a room.
    pub(super) fn note_left(&mut self, room: &RoomId, now: DateTime<Utc>) {
        match self.store.get(&tables::ROOMS, room) {
            Ok(Some(mut row)) => {
                row.left = Some(now);
                self.store.put(&tables::ROOMS, room, &row);
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%room, %error, "a room cannot be read"),
        }
    }

    /// Writes down how far a room was heard.
    pub(super) fn note_room(&mut self, id: &RoomId) {
        let Some(room) = self.rooms.get_mut(id).filter(|room| !room.noted) else {
            return;
        };
        // What comes from this machine is not read again.
        if room.manners.local {
            room.noted = true;
            return;
        }
        match self.store.get(&tables::ROOMS, id) {
            Ok(Some(mut row)) => {
                row.heard = room.heard.clone();
                row.heard_at = room.heard_at;
                room.noted = true;
                self.store.put(&tables::ROOMS, id, &row);
            }
            Ok(None) => {}
            Err(error) => tracing::error!(room = %id, %error, "a room cannot be read"),
        }
    }

    /// The same for every room in which something was heard since.
    pub(super) fn note_heard(&mut self) {
        let rooms = self.rooms.iter().filter(|(_, room)| !room.noted);
        let rooms: Vec<RoomId> = rooms.map(|(id, _)| id.clone()).collect();
        for room in rooms {
            self.note_room(&room);
        }
    }
}

/// What stands for messages that there was no room for.
fn folded(trackers: &Trackers, tracker: Option<TrackerId>, count: u64) -> Text {
    let name = tracker.and_then(|id| trackers.get(id));
    match name.map(|tracker| &tracker.name) {
        Some(name) => Text::line(format!(
            "[{name}] and {count} more, which there was no room for: `show {name} --reports 20`"
        )),
        None => Text::line(format!(
            "And {count} more messages, which there was no room for."
        )),
    }
}

/// What stands for messages that were too old to be said.
fn expired(trackers: &Trackers, tracker: Option<TrackerId>, count: u64) -> Text {
    let name = tracker.and_then(|id| trackers.get(id));
    let of = name.map_or(String::new(), |tracker| format!(" of `{}`", tracker.name));
    let text = match count {
        1 => Text::line(format!("1 message{of} was too old to be said.")),
        many => Text::line(format!("{many} messages{of} were too old to be said.")),
    };
    match name {
        Some(tracker) => text.hint(format!(
            "`show {} --reports 20` shows what it found all the same",
            tracker.name
        )),
        None => text,
    }
}
