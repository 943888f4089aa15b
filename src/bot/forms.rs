//! Forms that people fill in: what is answered in them becomes a command like any other.

use chrono::{DateTime, Utc};

use super::obey::Failed;
use super::pace::Turn;
use super::speak::{Answer, Asker};
use super::works::Asked;
use super::{Bot, Event, Outbound, What, guarded};
use crate::command::form;
use crate::model::{Filled, Form, Message, MessageId, Refusal, RoomId, Taken, Text};
use crate::room::Spoken;
use crate::when;

/// What is told about a form once all is committed.
pub(super) struct Told {
    room: RoomId,
    filled: MessageId,
    taken: Taken,
}

impl Bot {
    /// Somebody filled in a form.
    pub(super) fn filled(&mut self, filled: Filled, now: DateTime<Utc>, out: &mut Outbound) {
        let (room, id) = (filled.room.clone(), filled.id.clone());
        let field = filled.answers.first().map(|(name, _)| name.clone());
        let mark = self.store.mark();
        let taken = guarded(|| Ok(self.take_form(filled, now, out))).unwrap_or_else(|trouble| {
            self.store.rewind(mark);
            self.reload();
            let text = self.fault(&trouble, "a form").plain();
            Taken::Mistakes(vec![(field.unwrap_or_default(), text)])
        });
        let told = Told {
            room,
            filled: id,
            taken,
        };
        out.forms.push(told);
    }

    fn take_form(&mut self, filled: Filled, now: DateTime<Utc>, out: &mut Outbound) -> Taken {
        let first = |filled: &Filled| {
            let first = filled.answers.first();
            first.map_or(String::new(), |(name, _)| name.clone())
        };
        let message = message(&filled);
        // Who hands in a form of a room does not bring the bot back into it.
        if !self.rooms.contains_key(&message.room) {
            let words = "I am not in this room any more.".into();
            return Taken::Mistakes(vec![(first(&filled), words)]);
        }
        let known = match self.meet(&message, false, now) {
            Ok(()) => self.rooms.get_mut(&message.room),
            Err(trouble) => {
                tracing::error!(%trouble, "a person cannot be written down");
                None
            }
        };
        let met = known.is_some_and(|room| room.people.contains_key(&message.person.id));
        if !met {
            let words = "I am not in this room any more.".into();
            return Taken::Mistakes(vec![(first(&filled), words)]);
        }
        // Drawing it anew is no command.
        let turn = match filled.done {
            true => {
                let person = &message.person.id;
                self.paces.take(&message.room, person, self.pace, now)
            }
            false => Turn::Yours,
        };
        if turn != Turn::Yours {
            let wait = match turn {
                Turn::Wait(wait) => when::say_duration(wait),
                Turn::Yours | Turn::Ignored => "a little".into(),
            };
            let words = format!("That is faster than I take commands: wait {wait}.");
            return Taken::Mistakes(vec![(first(&filled), words)]);
        }
        let role = self.role(&message);
        let read = self.in_scene(&message, "", role, now, |_, scene| {
            let again = form::again(scene, &filled.form, &filled.answers)?;
            let line = form::line(scene, &filled.form, &filled.answers)?;
            Ok::<(Form, String), Refusal>((again, line))
        });
        let (again, line) = match read {
            Ok((again, _)) if !filled.done => return Taken::Again(again),
            Ok(read) => read,
            Err(refusal) => {
                let words = Text::from(refusal).plain().replace('`', "");
                return Taken::Mistakes(vec![(first(&filled), words)]);
            }
        };
        let mark = self.store.mark();
        let reply = match self.obey(&message, &line, role, now) {
            Ok(reply) => reply,
            Err(Failed::Mistake(refusal)) => {
                return Taken::Mistakes(vec![form::mistaken(&again, &refusal)]);
            }
            Err(Failed::Fault(text)) => {
                return Taken::Mistakes(vec![(first(&filled), text.plain())]);
            }
        };
        if self.store.mark() != mark {
            self.note_room(&message.room);
        }
        let asked = Asked {
            answer: Answer {
                asker: Asker::of(&message),
                room: message.room,
                text: Text::new(),
                replaces: Vec::new(),
                since: None,
                permit: None,
            },
            line,
            who: message.person.name,
            private: false,
        };
        self.give(reply, asked, now, out);
        Taken::Done
    }

    /// Says what became of a form; never waits.
    pub(super) fn tell_form(&mut self, told: Told) {
        let Some(platform) = self.platforms.get(&told.room.platform).cloned() else {
            return;
        };
        self.speaking += 1;
        let sender = self.sender.clone();
        tokio::spawn(async move {
            platform.taken(&told.filled, told.taken).await;
            let told_now = Ok(Spoken::now(MessageId(String::new())));
            // Nobody listens any more when the bot has ended.
            let _ = sender
                .send(Event::Said(told.room, What::Nothing, told_now))
                .await;
        });
    }
}

/// The message that a form stands for.
fn message(filled: &Filled) -> Message {
    Message {
        id: filled.id.clone(),
        room: filled.room.clone(),
        person: filled.person.clone(),
        text: String::new(),
        at: filled.at,
        direct: false,
        reply_to_bot: false,
        reply_to: None,
        role: filled.role,
        thread: filled.thread.clone(),
        // What is done with it is told in the room, and no other form comes of it.
        private: false,
        mentions: Vec::new(),
    }
}
