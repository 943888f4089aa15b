//! What platforms hear: who said it, is it meant for the bot, what is answered.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use compact_str::CompactString;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::late::was_before;
use super::obey::Reply;
use super::pace::Turn;
use super::speak::Answer;
use super::stop::{Line, is_again};
use super::works::Asked;
use super::{Asker, Bot, Outbound, QUEUE, measures};
use crate::command::{self, addressed, halt};
use crate::model::text::cut;
use crate::model::{Errand, Heard, Message, MessageId, PersonId, Role, Text};
use crate::room::Seated;
use crate::store::{rows::PersonRow, tables};
use crate::tracker::{self, Trouble};
use crate::when;

/// How long a message may be corrected.
const CORRECTED_WITHIN: TimeDelta = TimeDelta::minutes(2);
/// The most people of a room that are kept in mind.
const PEOPLE: usize = 10_000;

/// What the loop keeps in mind of a person in a room.
pub(super) struct Known {
    pub name: CompactString,
    /// What the platform said of them last, and when.
    pub role: Role,
    pub seen: DateTime<Utc>,
    /// Their last command, or else their last message.
    last: MessageId,
    at: DateTime<Utc>,
    /// What they said last behind that command, which was none.
    aside: Option<(MessageId, DateTime<Utc>)>,
    /// The beginning of the command in it, and whether that is all of it.
    line: Option<(String, bool)>,
    /// What was said in answer to it.
    answers: VecDeque<MessageId>,
}

/// The most characters of a command that are kept in mind.
const KEPT_LINE: usize = 200;

fn beginning(line: &str) -> (String, bool) {
    let line = line.trim();
    let end = line.char_indices().nth(KEPT_LINE).map(|(at, _)| at);
    (line[..end.unwrap_or(line.len())].into(), end.is_none())
}

impl Known {
    /// Nothing is known of their last message yet.
    fn begin(&mut self, message: &MessageId, at: DateTime<Utc>) {
        self.last = message.clone();
        self.at = at;
        self.aside = None;
        self.line = None;
        self.answers.clear();
    }

    /// The last message says this command still.
    fn says_the_same(&self, line: Option<&str>) -> bool {
        match (&self.line, line) {
            (Some((said, true)), Some(line)) => said == line.trim(),
            (None, None) => true,
            (Some(_), _) | (None, Some(_)) => false,
        }
    }

    /// The last message was an `undo`.
    fn undid(&self) -> bool {
        let line = self.line.as_ref().map_or("", |(line, _)| line.as_str());
        line.split_whitespace()
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("undo"))
    }

    /// Something was said in answer to a message of theirs.
    pub(super) fn answered(&mut self, to: &MessageId, message: MessageId) {
        if self.last == *to && !self.answers.contains(&message) {
            self.answers.push_back(message);
        }
    }
}

impl Bot {
    /// Begins to hear every platform.
    pub(super) fn listen(&mut self) {
        let mut seated: HashMap<CompactString, Vec<Seated>> = HashMap::new();
        for (room, known) in &self.rooms {
            let seat = Seated {
                room: room.clone(),
                heard: known.heard.clone(),
            };
            seated.entry(room.platform.clone()).or_default().push(seat);
        }
        for platform in self.platforms.values() {
            let (heard, waiting) = mpsc::channel(QUEUE);
            let ears = platform.clone();
            let name = platform.name().to_string();
            let seated = seated.remove(name.as_str()).unwrap_or_default();
            let line = Line {
                platform: platform.clone(),
                called: self.me.name.clone(),
                room_setup: self.room_setup.clone(),
                stopped_by: self.me.stopped_by.clone(),
                granted: self.store.committed(),
                stopper: self.stopper.clone(),
                asking: self.asking.clone(),
                clock: self.clock.clone(),
                started: self.me.started,
                obeyed: self.obeyed.clone(),
                events: self.sender.clone(),
            };
            self.ears.spawn(async move {
                if let Err(error) = ears.listen(seated, heard).await {
                    tracing::error!(platform = name, %error, "a platform can no longer be heard");
                }
            });
            self.lines.spawn(line.run(waiting));
        }
    }

    pub(super) fn heard(
        &mut self,
        heard: Heard,
        permit: Option<OwnedSemaphorePermit>,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) {
        match &heard {
            Heard::Said(message) => {
                self.measures.heard_of(&message.room.platform);
                self.measures.message(&message.room.platform);
            }
            Heard::Joined { room, .. } => self.measures.heard_of(&room.platform),
            Heard::Edited(_)
            | Heard::Deleted { .. }
            | Heard::Renamed { .. }
            | Heard::Left(_)
            | Heard::Invited { .. }
            | Heard::Filled(_)
            | Heard::Trouble { .. }
            | Heard::Starred { .. }
            | Heard::Moved { .. }
            | Heard::Came { .. }
            | Heard::Went { .. }
            | Heard::Ended(_) => {}
        }
        match heard {
            Heard::Said(message) => self.message(message, false, permit, now, out),
            Heard::Edited(message) => self.message(message, true, permit, now, out),
            Heard::Deleted { room, message } => {
                // Nobody waits for what comes of it any more.
                self.works.call_off(&room, &message);
            }
            Heard::Renamed { platform, person } => {
                if let Err(trouble) = self.renamed(&platform, &person, now) {
                    tracing::error!(%trouble, "a person's new name cannot be written down");
                }
            }
            Heard::Joined { room, name, last } => self.seated(&room, &name, last, now, out),
            Heard::Left(room) => self.lost(&room, now, out),
            Heard::Invited {
                room,
                name,
                by,
                there,
            } => self.invited(room, &name, by, there, out),
            Heard::Filled(filled) => self.filled(filled, now, out),
            Heard::Trouble { platform, what } => self.trouble(&platform, what, now, out),
            Heard::Went { room, person } => {
                // Whether they may come back is not known.
                let room = self.rooms.get_mut(&room);
                if let Some(known) = room.and_then(|room| room.people.get_mut(&person.id)) {
                    known.seen = DateTime::UNIX_EPOCH;
                }
            }
            // Of no use to anybody so far.
            Heard::Starred { .. } | Heard::Moved { .. } | Heard::Came { .. } => {}
            Heard::Ended(platform) => {
                tracing::info!(platform, "the platform has ended");
                self.listening = self.listening.saturating_sub(1);
                if self.listening == 0 {
                    self.ends = Some(now + self.linger);
                }
            }
        }
    }

    fn message(
        &mut self,
        message: Message,
        edited: bool,
        permit: Option<OwnedSemaphorePermit>,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) {
        let begun = measures::stopwatch();
        if !self.rooms.contains_key(&message.room) {
            // What nobody sees brings the bot back into no room.
            if self.has_left(&message.room) || message.private && self.lost.contains(&message.room)
            {
                return;
            }
            out.rooms.insert(message.room.clone());
        }
        if let Err(trouble) = self.meet(&message, edited, now) {
            tracing::error!(%trouble, "a person cannot be written down");
            return;
        }
        let setup = (self.room_setup)(&message.room);
        let replies = self.answers_question(&message, now);
        let here = self.rooms.get_mut(&message.room);
        let Some(room) = here.filter(|room| !room.leaving) else {
            return;
        };
        let others = room.people.values().map(|known| known.name.as_str());
        let line = addressed::addressed(&message, &self.me.name, setup.prefix.as_deref(), others);
        let line = line.or_else(|| replies.then_some(message.text.trim()));
        let Some(known) = room.people.get_mut(&message.person.id) else {
            return;
        };
        let obeyed = self.obeyed.as_ref().zip(line.and_then(halt::meant));
        // Messages of this machine are counted anew by each process.
        let again = obeyed.is_some_and(|(obeyed, stop)| is_again(&message, stop, obeyed));
        if again && !room.manners.local {
            return;
        }
        // Who ended the process before this one has had what they wanted.
        let before = was_before(&message, self.me.started)
            && line.is_some_and(|line| halt::meant(line).is_some());
        let time = self.times.entry(message.room.platform.clone()).or_default();
        let late = !room.manners.local && (time.is_late(&message, &self.clock) || before);
        let mut replaces = Vec::new();
        if edited {
            // What was none may be a command now.
            let aside = known
                .aside
                .take_if(|(id, _)| line.is_some() && *id == message.id);
            if let Some((_, at)) = aside {
                known.begin(&message.id, at);
            }
            let in_time = now - known.at <= CORRECTED_WITHIN;
            // Platforms also tell of an edit when they unfold a link: what says the same as before is none.
            if known.last != message.id || !in_time || known.says_the_same(line) {
                return;
            }
        } else {
            match (message.private, line.is_none() && known.line.is_some()) {
                // It cannot be corrected, and what was said before it still can.
                (true, _) => {}
                // People go on talking before they see what they mistyped.
                (false, true) => known.aside = Some((message.id.clone(), now)),
                (false, false) => known.begin(&message.id, now),
            }
            // What only the bot has seen is not read back, and what was delivered late is no news.
            if !message.private && room.heard_at.is_none_or(|at| at <= message.at) {
                room.heard = Some(message.id.clone());
                room.heard_at = Some(message.at);
                room.noted = false;
            }
        }
        if line.is_some() || edited {
            let turn = match room.manners.local {
                true => Turn::Yours,
                false => {
                    let person = &message.person.id;
                    self.paces.take(&message.room, person, self.pace, now)
                }
            };
            let answer = |text| Answer {
                room: message.room.clone(),
                asker: Asker::of(&message),
                text,
                replaces: Vec::new(),
                since: None,
                permit: None,
            };
            match turn {
                Turn::Yours => {}
                Turn::Ignored => return,
                Turn::Wait(wait) => {
                    let text = Text::line(format!(
                        "That is faster than I take commands from one person; what you type in the next {} is not read.",
                        when::say_duration(wait)
                    ));
                    let text = text.hint("wait a little, then go on more slowly");
                    out.answers.push(answer(text));
                    return;
                }
            }
            if edited && known.undid() {
                let text = Text::line("An `undo` that was done cannot be corrected.");
                let text = text.hint("say the other command in a new message");
                out.answers.push(answer(text));
                return;
            }
            if !message.private {
                known.line = line.map(beginning);
            }
        }
        if edited {
            replaces.extend(known.answers.drain(..));
            self.works.call_off(&message.room, &message.id);
            let saying = self.rooms.get(&message.room);
            let saying = saying.map_or(&[][..], |room| &room.saying);
            let withdrawn = tracker::withdraw(&mut self.store, &message.room, &message.id, saying);
            if let Err(error) = withdrawn {
                tracing::error!(room = %message.room, %error, "the outbox cannot be read");
            }
            out.works.retain(|(asked, _)| {
                asked.answer.room != message.room || asked.answer.asker.message != message.id
            });
            let role = self.role(&message);
            if let Err(trouble) = self.take_back(&message, role, now) {
                tracing::warn!(%trouble, "a corrected message's first effect stays");
                // What its new form says would come on top of it.
                if let Trouble::Refusal(refusal) = trouble {
                    out.answers.push(Answer {
                        room: message.room.clone(),
                        asker: Asker::of(&message),
                        text: refusal.into(),
                        replaces: Vec::new(),
                        since: None,
                        permit,
                    });
                    return;
                }
            }
        }
        let line = line.map(str::to_string);
        let reply = match &line {
            Some(line) if late => Reply::to_all(too_late(line, now - message.at)),
            Some(line) => {
                let role = self.role(&message);
                let mark = self.store.mark();
                self.know(&message, now);
                self.corrects = edited;
                let reply = self.answer_to(&message, line, role, now);
                self.corrects = false;
                self.show_pressed(&message, &reply);
                let room = self.rooms.get(&message.room);
                let paced = room.is_some_and(|room| room.manners.paced);
                // What is worked out or done beside the loop is done again when the process ends before it.
                let beside = match &reply {
                    Reply::Later(_) => true,
                    Reply::Errand(_, errand) => !matches!(errand, Errand::Leave | Errand::Stop(_)),
                    Reply::Now { .. } => false,
                };
                if (paced && !beside) || self.store.mark() != mark {
                    // What is done, and what its answer waits for, is not to be done again when the room is read anew.
                    self.note_room(&message.room);
                }
                if self.store.mark() != mark {
                    out.rooms.insert(message.room.clone());
                }
                reply
            }
            // What was answered stands there still, and is no longer true.
            None if !replaces.is_empty() => {
                Reply::to_all(Text::line("(You have taken that back.)"))
            }
            None => return,
        };
        // What was read back after a start may have been answered before it.
        let since = (message.at < self.me.started).then_some(message.at);
        let asked = Asked {
            answer: Answer {
                since,
                asker: Asker {
                    heard: begun,
                    ..Asker::of(&message)
                },
                room: message.room,
                text: Text::new(),
                replaces,
                permit,
            },
            line: line.unwrap_or_default(),
            who: message.person.name,
            private: message.private,
        };
        self.give(reply, asked, now, out);
    }

    /// Keeps in mind who spoke, and writes it down when it is news.
    pub(super) fn meet(
        &mut self,
        message: &Message,
        edited: bool,
        now: DateTime<Utc>,
    ) -> Result<(), Trouble> {
        self.enter(&message.room, now)?;
        let Some(room) = self.rooms.get_mut(&message.room) else {
            return Ok(());
        };
        let id = &message.person.id;
        match room.people.get_mut(id) {
            Some(known) => {
                (known.role, known.seen) = (message.role, now);
                if known.name == message.person.name {
                    return Ok(());
                }
                known.name = message.person.name.clone();
            }
            None => {
                if room.people.len() >= PEOPLE {
                    // Whoever was silent the longest is met anew when they speak again.
                    let oldest = room
                        .people
                        .iter()
                        .min_by_key(|(_, known)| known.at)
                        .map(|(id, _)| id.clone());
                    room.people.retain(|id, _| Some(id) != oldest.as_ref());
                }
                let last = if edited {
                    MessageId::default()
                } else {
                    message.id.clone()
                };
                room.people.insert(
                    id.clone(),
                    Known {
                        name: message.person.name.clone(),
                        role: message.role,
                        seen: now,
                        last,
                        at: now,
                        aside: None,
                        line: None,
                        answers: VecDeque::new(),
                    },
                );
            }
        }
        let key: (CompactString, PersonId) = (message.room.platform.clone(), id.clone());
        let name = &message.person.name;
        if self
            .store
            .get(&tables::PEOPLE, &key)?
            .is_none_or(|row| row.name != *name)
        {
            let row = PersonRow {
                name: name.clone(),
                seen_at: now,
            };
            self.store.put(&tables::PEOPLE, &key, &row);
        }
        Ok(())
    }

    /// Takes back what the first form of a corrected message changed.
    fn take_back(
        &mut self,
        message: &Message,
        role: Role,
        now: DateTime<Utc>,
    ) -> Result<(), Trouble> {
        let mark = self.store.mark();
        self.trackers.begin();
        command::revert_message(&mut self.store, &mut self.trackers, (message, role), now).inspect_err(|_| {
            self.store.rewind(mark);
            if let Err(worse) = self.trackers.rewind(&self.store) {
                tracing::error!(trouble = %worse, "a correction could not be taken back in memory");
            }
        })
    }
}

/// What is said to a command that was typed so long ago.
fn too_late(line: &str, ago: TimeDelta) -> Text {
    let ago = when::say_duration(ago.to_std().unwrap_or_default());
    let line = cut(&line.replace('`', "'"), 60);
    Text::line(format!(
        "I hear `{line}` only now, {ago} after it was typed, and have not done it."
    ))
    .hint("type it again if it still matters")
}
