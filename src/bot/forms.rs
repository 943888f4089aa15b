//! Forms that people fill in: what is answered in them becomes a command like any other.

use chrono::{DateTime, Utc};

use super::obey::Failed;
use super::pace::Turn;
use super::speak::{Answer, Asker};
use super::works::Asked;
use super::{Bot, Event, Outbound, What, guarded};
use crate::command::Settled;
use crate::command::form::{in_a_line, mistaken};
use crate::command::wizard::{self, form};
use crate::model::{Filled, Message, MessageId, RoomId, Taken, Text};
use crate::room::Spoken;
use crate::store::tables;
use crate::tracker::Trouble;
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
        self.know(&message, now);
        let role = self.role(&message);
        let (name, answers) = (&filled.form, &filled.answers);
        let read = self.in_scene(&message, "", role, now, |grammar, scene| {
            let again = form::again(grammar, scene, name, answers)?;
            let handed = match filled.done {
                true => Some(wizard::handed(grammar, scene, name, answers)?),
                false => None,
            };
            Ok::<_, Trouble>((again, handed))
        });
        let (again, handed) = match read {
            Ok((again, Some(Ok(handed)))) => (again, handed),
            Ok((again, None)) => return Taken::Again(again),
            Ok((_, Some(Err(mistakes)))) => return Taken::Mistakes(mistakes),
            Err(Trouble::Refusal(refusal)) => {
                return Taken::Mistakes(vec![(first(&filled), in_a_line(&refusal))]);
            }
            Err(trouble @ (Trouble::DryRun(_) | Trouble::Store(_))) => {
                let text = self.fault(&trouble.to_string(), "a form");
                return Taken::Mistakes(vec![(first(&filled), text.plain())]);
            }
        };
        let mark = self.store.mark();
        let place = (message.room.clone(), message.person.id.clone());
        if handed.ends.is_some()
            && let Err(error) = wizard::forget(&mut self.store, &place)
        {
            tracing::error!(room = %message.room, %error, "a dialogue cannot be forgotten");
        }
        let line = handed.line;
        let done_by = Message {
            room: handed.home,
            // An answer is one like any other.
            text: match handed.goes_on {
                true => line.clone(),
                false => String::new(),
            },
            private: handed.goes_on,
            ..message.clone()
        };
        let reply = match self.obey(&done_by, &line, handed.role, now) {
            Ok(reply) => reply,
            Err(failed) => {
                self.store.rewind(mark);
                return Taken::Mistakes(vec![match failed {
                    Failed::Mistake(refusal) => mistaken(&again, &refusal),
                    Failed::Fault(text) => (first(&filled), text.plain()),
                }]);
            }
        };
        if let Some(messages) = handed.ends {
            let asked = self.store.get(&tables::DIALOGUES, &place);
            self.set_asked(&place.0, &place.1, asked.ok().flatten().is_some());
            let answered = "by a form".into();
            self.settle_question(&message, &Settled { messages, answered });
        }
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
            who: message.person.name.clone(),
            private: false,
        };
        self.give(reply, asked, now, out);
        Taken::Done
    }

    /// Says what became of a form; never waits.
    pub(super) fn tell_form(&mut self, told: Told) {
        let Some(platform) = self.platforms.get(told.room.platform.as_str()).cloned() else {
            return;
        };
        self.speaking += 1;
        let sender = self.sender.clone();
        tokio::spawn(async move {
            platform.taken(&told.filled, told.taken).await;
            let told_now = Ok(Spoken::now(MessageId::default()));
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
        everywhere: false,
        past: false,
        mentions: filled.mentions.clone(),
    }
}
