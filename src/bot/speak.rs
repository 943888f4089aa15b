//! What leaves the loop for rooms: answers at once, reports one at a time from the outbox.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::hear::Known;
use super::{Bot, Event, Outbound, What};
use crate::model::{Job, MessageId, PersonId, RoomId, Task, Text};
use crate::room::{self, Manners, Platform, SayError};
use crate::store::{agenda, rows::RoomRow, tables};
use crate::tracker::{self, Trouble};

/// The most answers that wait for one room; beyond that they are dropped and counted.
const WAITING_ANSWERS: usize = 2_048;
/// The most messages of one answer; what is longer is cut.
const PIECES: usize = 20;
/// The longest time between two tries of a text that a platform does not take now.
const LONGEST_REST: TimeDelta = TimeDelta::minutes(10);

/// A room the bot is in.
pub(super) struct Room {
    voice: mpsc::Sender<Saying>,
    /// Its platform's.
    pub(super) manners: Manners,
    /// The entry of the outbox that is being said; the next goes out when it is committed as said.
    pub(super) saying: bool,
    /// The platform asked for rest; a job wakes the outbox again.
    pub(super) rests: bool,
    pub(super) people: HashMap<PersonId, Known>,
    /// Answers that found no place since the room was last told.
    dropped: u64,
}

/// An answer that may go out after the commit.
pub(super) struct Answer {
    pub room: RoomId,
    pub person: PersonId,
    pub to: MessageId,
    pub text: Text,
    /// The earlier answers to the same message, which this one replaces where the platform can.
    pub replaces: Vec<MessageId>,
    pub permit: Option<OwnedSemaphorePermit>,
}

/// Something to say, on its way to a platform.
struct Saying {
    what: What,
    text: Text,
    replaces: Option<MessageId>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Bot {
    /// Makes a room known: from then on it can be spoken into. What its outbox holds goes out after the next commit.
    pub(super) fn enter(&mut self, room: &RoomId, now: DateTime<Utc>) -> Result<(), Trouble> {
        if self.rooms.contains_key(room) {
            return Ok(());
        }
        let Some(platform) = self.platforms.get(&room.platform) else {
            return Ok(());
        };
        let (voice, sayings) = mpsc::channel(WAITING_ANSWERS);
        tokio::spawn(speak(
            platform.clone(),
            room.clone(),
            sayings,
            self.sender.clone(),
        ));
        self.rooms.insert(
            room.clone(),
            Room {
                voice,
                manners: platform.manners(),
                saying: false,
                rests: false,
                people: HashMap::new(),
                dropped: 0,
            },
        );
        self.me.rooms.insert(room.clone());
        if self.store.get(&tables::ROOMS, room)?.is_none() {
            self.store
                .put(&tables::ROOMS, room, &RoomRow { joined: now });
        }
        Ok(())
    }

    /// Sends an answer on its way; never waits.
    pub(super) fn answer(&mut self, answer: Answer) {
        let Some(room) = self.rooms.get_mut(&answer.room) else {
            return;
        };
        let longest = room.manners.longest.get();
        let mut replaces = answer.replaces.into_iter();
        let mut pieces = crate::room::split::split(&answer.text, longest);
        if pieces.len() > PIECES {
            pieces.truncate(PIECES);
            pieces.push(Text::line("… and more, which is too long for this room."));
        }
        if std::mem::take(&mut room.dropped) > 0 {
            tracing::warn!(room = %answer.room, "answers were dropped because the room is too slow");
            pieces.push(Text::line(
                "Some answers before were dropped: this room was asked faster than it can hear.",
            ));
        }
        let mut permit = answer.permit;
        for text in pieces {
            let saying = Saying {
                what: What::Answer(answer.to.clone(), answer.person.clone()),
                text,
                replaces: replaces.next(),
                _permit: permit.take(),
            };
            match room.voice.try_send(saying) {
                Ok(()) => self.speaking += 1,
                Err(_) => room.dropped += 1,
            }
        }
    }

    /// Sends the oldest entry of a room's outbox on its way, unless one is already.
    pub(super) fn pump(&mut self, id: &RoomId) {
        let Some(room) = self
            .rooms
            .get_mut(id)
            .filter(|room| !room.saying && !room.rests)
        else {
            return;
        };
        match tracker::first(&self.store, id) {
            Ok(Some((number, outgoing))) => {
                let saying = Saying {
                    what: What::Outgoing(number),
                    text: outgoing.text,
                    replaces: None,
                    _permit: None,
                };
                if room.voice.try_send(saying).is_ok() {
                    room.saying = true;
                    self.speaking += 1;
                } else {
                    room.rests = true;
                    let due = self.clock.now() + TimeDelta::seconds(1);
                    self.wake(id.clone(), due, 0);
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(room = %id, %error, "the outbox cannot be read"),
        }
    }

    /// A platform said something, or could not.
    pub(super) fn said(
        &mut self,
        id: RoomId,
        what: What,
        outcome: Result<MessageId, SayError>,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) {
        self.speaking = self.speaking.saturating_sub(1);
        let Some(room) = self.rooms.get_mut(&id) else {
            return;
        };
        match (what, outcome) {
            (What::Answer(to, person), Ok(message)) => {
                if let Some(known) = room.people.get_mut(&person) {
                    known.answered(&to, message);
                }
            }
            (What::Answer(..), Err(error)) => {
                tracing::warn!(room = %id, %error, "an answer could not be said")
            }
            (What::Outgoing(number), Ok(message)) => self.leave(id, number, Some(message), out),
            (What::Outgoing(number), Err(SayError::Never { what })) => {
                tracing::error!(room = %id, why = what, "a report cannot be said and is dropped");
                self.leave(id, number, None, out);
            }
            (What::Outgoing(number), Err(SayError::Later { what, rest })) => {
                room.saying = false;
                room.rests = true;
                let key = (id.clone(), number);
                let attempts = match self.store.get(&tables::OUTBOX, &key) {
                    Ok(Some(mut outgoing)) => {
                        outgoing.attempts += 1;
                        self.store.put(&tables::OUTBOX, &key, &outgoing);
                        outgoing.attempts
                    }
                    Ok(None) => 1,
                    Err(error) => {
                        tracing::error!(room = %id, %error, "the outbox cannot be read");
                        1
                    }
                };
                tracing::warn!(room = %id, why = what, attempts, "a report has to wait");
                let rest = rest.max(Duration::from_secs(1 << attempts.min(10)));
                let rest =
                    TimeDelta::from_std(rest).map_or(LONGEST_REST, |rest| rest.min(LONGEST_REST));
                self.wake(id, now + rest, attempts);
            }
        }
    }

    /// An entry of the outbox was said as this message, or never will be: the next may go.
    fn leave(&mut self, id: RoomId, number: u64, message: Option<MessageId>, out: &mut Outbound) {
        if let Some(room) = self.rooms.get_mut(&id) {
            room.saying = false;
        }
        if let Err(error) = tracker::said(&mut self.store, &id, number, message) {
            tracing::error!(room = %id, %error, "the outbox cannot be read");
        }
        out.rooms.insert(id);
    }

    /// Puts a resting room's outbox on the agenda.
    fn wake(&mut self, room: RoomId, due: DateTime<Utc>, attempts: u32) {
        let task = Task::Say(room);
        let job = Job {
            key: task.key(),
            due,
            attempts,
            task,
        };
        if let Err(error) = agenda::put(&mut self.store, &job) {
            tracing::error!(%error, "the agenda cannot be written");
        }
    }
}

/// Says what a room gets, one after the other, until the loop is gone.
async fn speak(
    platform: Arc<dyn Platform>,
    room: RoomId,
    mut sayings: mpsc::Receiver<Saying>,
    said: mpsc::Sender<Event>,
) {
    while let Some(saying) = sayings.recv().await {
        let outcome = match &saying.replaces {
            Some(message) => match platform.edit(&room, message, &saying.text).await {
                Ok(()) => Ok(message.clone()),
                // Too old to be changed, or the platform cannot: say it anew.
                Err(_) => say(&*platform, &room, &saying).await,
            },
            None => say(&*platform, &room, &saying).await,
        };
        if said
            .send(Event::Said(room.clone(), saying.what, outcome))
            .await
            .is_err()
        {
            return;
        }
    }
}

async fn say(
    platform: &dyn Platform,
    room: &RoomId,
    saying: &Saying,
) -> Result<MessageId, SayError> {
    let saying = room::Saying::new(room.clone(), saying.text.clone());
    Ok(platform.say(&saying).await?.message)
}
