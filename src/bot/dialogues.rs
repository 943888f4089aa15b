//! Dialogues as the loop sees them: who is in one, which messages ask, when somebody is reminded.

use hashbrown::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};

use super::errands::Cause;
use super::{Bot, Outbound, guarded};
use crate::command::wizard;
use crate::model::dialogue::Answering;
use crate::model::text::{Block, Span};
use crate::model::{Message, MessageId, Outgoing, Person, PersonId, Role, RoomId, Text};
use crate::source::{Look, LookError};
use crate::store::rows::{DialogueRow, PersonRow};
use crate::store::tables;
use crate::tracker::{self, Trouble};
use crate::when;

/// How many messages of one question are kept in mind.
const ASKED: usize = 8;

/// Who is asked something, and where; the lines from the platforms know it too.
pub(super) type Asking = Arc<RwLock<HashSet<(RoomId, PersonId)>>>;

/// Whether somebody is asked something there.
pub(super) fn is_asked(asking: &Asking, room: &RoomId, person: &PersonId) -> bool {
    let asking = asking.read().unwrap_or_else(PoisonError::into_inner);
    !asking.is_empty() && asking.contains(&(room.clone(), person.clone()))
}

impl Bot {
    /// Whether somebody is in the middle of a dialogue in this room.
    pub(super) fn is_asked(&self, room: &RoomId, person: &PersonId) -> bool {
        // Most of the time nobody is, and each command asks.
        is_asked(&self.asking, room, person)
    }

    pub(super) fn set_asked(&mut self, room: &RoomId, person: &PersonId, asked: bool) {
        let place = (room.clone(), person.clone());
        let mut asking = self.asking.write().unwrap_or_else(PoisonError::into_inner);
        match asked {
            true => asking.insert(place),
            false => asking.remove(&place),
        };
    }

    /// Whether a message answers the question that its person is asked, though it does not call the bot.
    pub(super) fn answers_question(&mut self, message: &Message, now: DateTime<Utc>) -> bool {
        let (room, person) = (&message.room, &message.person.id);
        if !self.is_asked(room, person) {
            return false;
        }
        let place = (room.clone(), person.clone());
        let row = match self.store.get(&tables::DIALOGUES, &place) {
            Ok(Some(row)) => row,
            Ok(None) => return false,
            Err(error) => {
                tracing::error!(%room, %error, "a dialogue cannot be read");
                return false;
            }
        };
        let thread = message.thread.as_ref();
        let in_its_thread = thread.is_some() && row.thread.as_ref() == thread;
        let calls = message.text.trim_start().starts_with('@');
        let to = message.reply_to.as_ref();
        // Where the platform does not say which of its messages is answered, it is the last.
        if message.reply_to_bot && to.is_none_or(|to| row.asked.contains(to)) {
            return true;
        }
        // What is said to somebody else there is none.
        if in_its_thread && row.own_thread {
            return !calls;
        }
        let answers = (self.room_setup)(room).answers;
        let plain = answers == Answering::Plain
            && now < wizard::plain_until(&row)
            && row.thread.as_ref() == thread
            && to.is_none_or(|to| Some(to) == thread);
        if !(plain || in_its_thread) {
            return false;
        }
        let role = self.role(message);
        let mark = self.store.mark();
        let line = message.text.trim();
        let fits = guarded(|| {
            self.in_scene(message, line, role, now, |grammar, scene| {
                wizard::fits(grammar, scene)
            })
        });
        fits.unwrap_or_else(|trouble| {
            self.store.rewind(mark);
            self.reload();
            tracing::error!(%room, trouble, "a question cannot be read");
            false
        })
    }

    /// Whoever was named is known by that from then on.
    pub(super) fn know(&mut self, message: &Message, now: DateTime<Utc>) {
        for person in &message.mentions {
            let key = (message.room.platform.clone(), person.id.clone());
            match self.store.get(&tables::PEOPLE, &key) {
                Ok(None) => {
                    let name = person.name.clone();
                    let row = PersonRow { name, seen_at: now };
                    self.store.put(&tables::PEOPLE, &key, &row);
                }
                Ok(Some(_)) => {}
                Err(error) => tracing::error!(%error, "a person cannot be read"),
            }
        }
    }

    /// A message was said in answer to one of somebody who is in the middle of a dialogue: it may ask something.
    pub(super) fn note_asked(&mut self, room: &RoomId, person: &PersonId, message: &MessageId) {
        if !self.is_asked(room, person) {
            return;
        }
        let place = (room.clone(), person.clone());
        match self.store.get(&tables::DIALOGUES, &place) {
            // The answer to a command in between ends in the question, too.
            Ok(Some(mut row)) => {
                row.asked.push(message.clone());
                let more = row.asked.len().saturating_sub(ASKED);
                row.asked.drain(..more);
                self.store.put(&tables::DIALOGUES, &place, &row);
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%room, %error, "a dialogue cannot be read"),
        }
    }

    /// A question was not answered for long: reminds of it once, and then ends the dialogue.
    pub(super) fn remind(
        &mut self,
        room: &RoomId,
        person: &PersonId,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) -> Result<(), Trouble> {
        let place = (room.clone(), person.clone());
        let row = self.store.get(&tables::DIALOGUES, &place)?;
        // Where the bot is no longer, nobody is reminded.
        let here = self.rooms.contains_key(room);
        let goes_on = |row: &DialogueRow| here && !row.reminded && now < row.ends;
        let Some(mut row) = row.clone().filter(goes_on) else {
            for message in row.iter().flat_map(|row| &row.asked) {
                let line = vec![Span::Words("→ nobody answered in time".into())];
                self.end_question(room, message, line, None);
            }
            wizard::forget(&mut self.store, &place)?;
            self.secrets.forget(&place);
            self.set_asked(room, person, false);
            return Ok(());
        };
        let reading = self.trackers.reading(room, now);
        let at = match row.direct {
            true => String::new(),
            false => format!("@{} ", self.me.name),
        };
        let mut text = Text(vec![Block::Line(vec![
            Span::Mention(row.who.name.to_string()),
            Span::Words(format!(
                ", I still wait for your answer: “{}” I forget it {}.",
                row.waits_for,
                when::say(row.ends, &reading)
            )),
        ])]);
        text = text.hint(format!(
            "`{at}wizard` asks again, `{at}cancel` ends it at once"
        ));
        // It can be answered like the question itself.
        let outgoing = Outgoing {
            answers: Some((row.heard.clone(), person.clone())),
            thread: row.thread.clone(),
            ..Outgoing::new(room.clone(), text, now)
        };
        tracker::queue(&mut self.store, outgoing)?;
        out.rooms.insert(room.clone());
        row.reminded = true;
        wizard::plan(&mut self.store, &place, row.ends)?;
        self.store.put(&tables::DIALOGUES, &place, &row);
        Ok(())
    }

    /// A look for a dialogue has come back: what is said then.
    pub(super) fn sampled(
        &mut self,
        cause: &Cause,
        id: u64,
        outcome: Result<Look, LookError>,
        now: DateTime<Utc>,
    ) -> Text {
        let Cause::Asked(asked) = cause else {
            return Text::new();
        };
        let (room, asker) = (asked.answer.room.clone(), asked.answer.asker.clone());
        let direct = self
            .store
            .get(&tables::DIALOGUES, &(room.clone(), asker.person.clone()));
        let direct = direct.ok().flatten().is_some_and(|row| row.direct);
        let known = self.rooms.get(&room);
        let known = known.and_then(|room| room.people.get(&asker.person));
        let message = Message {
            id: asker.message,
            room,
            person: Person {
                id: asker.person,
                name: asked.who.clone(),
            },
            text: String::new(),
            at: now,
            direct,
            reply_to_bot: false,
            reply_to: None,
            role: known.map_or(Role::Member, |known| known.role),
            thread: asker.thread,
            private: asked.private,
            everywhere: false,
            past: false,
            mentions: Vec::new(),
        };
        let role = self.role(&message);
        let mark = self.store.mark();
        let text = guarded(|| {
            self.in_scene(&message, "", role, now, |grammar, scene| {
                wizard::sampled(grammar, scene, id, outcome)
            })
        });
        text.unwrap_or_else(|trouble| {
            self.store.rewind(mark);
            self.reload();
            self.fault(&trouble, "a look for a dialogue")
        })
    }
}
