//! What leaves the loop for rooms: answers at once, reports one at a time from the outbox.

use hashbrown::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::deeds::{Deed, Piece, Place, act};
use super::hear::Known;
use super::{Bot, Outbound, What, guarded, measures};
use crate::command::choices;
use crate::model::{Job, Message, MessageId, Outgoing, PersonId, RoomId, Task, Text};
use crate::room::{Manners, Platform, SayError, Spoken};
use crate::store::{Store, agenda, rows::RoomRow, tables};
use crate::tracker::{self, Trouble};

/// The most answers that wait for one room; beyond that they are dropped and counted.
const WAITING_ANSWERS: usize = 2_048;
/// The most answers in the outbox of one room; the oldest go when there are more.
const ANSWERS: usize = 200;
/// Follows the first answer after one was dropped.
const DROPPED: &str =
    "Some answers before were dropped: this room was asked faster than it can hear.";
/// The most messages of one text; what is longer is cut.
const PIECES: usize = 20;
/// The longest time between two tries of a text that a platform does not take now.
const LONGEST_REST: TimeDelta = TimeDelta::minutes(10);
/// When all that waits for a room would take longer than this one by one, it is said together.
const ONE_BY_ONE: Duration = Duration::from_secs(20);
/// For how long an answer may have been tried before it was put aside.
const TRIED: TimeDelta = TimeDelta::minutes(10);
/// The most texts that are said together.
const TOGETHER: usize = 50;

/// A room the bot is in.
pub(super) struct Room {
    voice: mpsc::Sender<Deed>,
    /// Its platform's.
    pub(super) manners: Manners,
    /// What of the outbox is being said; the next goes out when it is committed as said.
    pub(super) saying: Vec<u64>,
    /// The platform asked for rest; a job wakes the outbox again.
    pub(super) rests: bool,
    /// What waits may have been said already, by the process before this one or in a try that ended nobody knows how.
    unsure: bool,
    /// Answers wait in the outbox: those that come now wait behind them.
    behind: bool,
    /// It is left as soon as nothing waits for it any more.
    pub(super) leaving: bool,
    pub(super) people: HashMap<PersonId, Known>,
    /// The last message that was heard.
    pub(super) heard: Option<MessageId>,
    /// When it was said.
    pub(super) heard_at: Option<DateTime<Utc>>,
    /// It stands in the store.
    pub(super) noted: bool,
    /// Answers that found no place since the room was last told.
    dropped: u64,
    /// The last notice that told of reports which were too old to be said.
    pub(super) expired: Option<u64>,
}

/// Who waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    pub person: PersonId,
    /// The message with which they asked.
    pub message: MessageId,
    /// The thread in which they asked.
    pub thread: Option<MessageId>,
    /// Nobody else is to see the answer, where the platform can do that.
    pub only: bool,
    /// When the loop took the message, where that is counted.
    pub heard: Option<Instant>,
}

impl Asker {
    /// Whoever sent this message; the answer is for everybody.
    pub(super) fn of(message: &Message) -> Asker {
        Asker {
            person: message.person.id.clone(),
            message: message.id.clone(),
            thread: message.thread.clone(),
            only: false,
            heard: None,
        }
    }
}

/// An answer that may go out after the commit.
pub(super) struct Answer {
    pub room: RoomId,
    pub asker: Asker,
    pub text: Text,
    /// The earlier answers to the same message, which this one replaces where the platform can.
    pub replaces: Vec<MessageId>,
    /// It may have been given before, but not before then.
    pub since: Option<DateTime<Utc>>,
    pub permit: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// Has something done there; false where too much waits for that.
    pub(super) fn is_told(&mut self, deed: Deed) -> bool {
        self.voice.try_send(deed).is_ok()
    }

    /// How many entries of its outbox are looked at together.
    pub(super) fn most(&self, platform: &dyn Platform) -> usize {
        match platform.wait().is_zero() || self.unsure {
            true => 1,
            false => TOGETHER,
        }
    }
}

impl Bot {
    /// Makes a room known: from then on it can be spoken into. What its outbox holds goes out after the next commit.
    pub(super) fn enter(&mut self, room: &RoomId, now: DateTime<Utc>) -> Result<(), Trouble> {
        if self.rooms.contains_key(room) {
            return Ok(());
        }
        let Some(platform) = self.platforms.get(room.platform.as_str()) else {
            return Ok(());
        };
        let (voice, deeds) = mpsc::channel(WAITING_ANSWERS);
        let acting = act(platform.clone(), room.clone(), deeds, self.sender.clone());
        let voice_of_room = self.stopper.voice();
        tokio::spawn(async move {
            tokio::select! {
                biased;
                // Whatever is being said, nothing more of it goes out.
                () = voice_of_room.killed() => {}
                () = acting => {}
            }
        });
        let row = self.store.get(&tables::ROOMS, room)?;
        self.rooms.insert(
            room.clone(),
            Room {
                voice,
                manners: platform.manners(),
                saying: Vec::new(),
                rests: false,
                unsure: row.is_some(),
                behind: false,
                leaving: false,
                people: HashMap::new(),
                heard: row.as_ref().and_then(|row| row.heard.clone()),
                heard_at: row.as_ref().and_then(|row| row.heard_at),
                noted: true,
                dropped: 0,
                expired: None,
            },
        );
        self.me.rooms.insert(room.clone());
        let there = row.is_some_and(|row| row.left.is_none());
        if !there {
            self.store.put(&tables::ROOMS, room, &RoomRow::new(now));
        }
        Ok(())
    }

    /// Puts answers into the outbox that wait behind earlier ones, or in line for a platform that lets few through.
    pub(super) fn line_up(&mut self, out: &mut Outbound, now: DateTime<Utc>) {
        for answer in &mut out.answers {
            let room = self.rooms.get(&answer.room);
            let text = std::mem::take(&mut answer.text);
            if !room.is_some_and(|room| room.manners.buttons) {
                answer.text = text.without_choices();
                continue;
            }
            let of = &answer.asker.message;
            let offered = guarded(|| Ok(choices::offered(&mut self.grammar, text.clone(), of)));
            answer.text = offered.unwrap_or_else(|trouble| {
                tracing::error!(trouble, "no buttons");
                text.without_choices()
            });
        }
        let waits = |answer: &Answer| {
            let room = self.rooms.get(&answer.room);
            room.is_some_and(|room| {
                room.behind || (room.manners.paced && answer.replaces.is_empty())
            })
        };
        let (wait, go): (Vec<Answer>, Vec<Answer>) = std::mem::take(&mut out.answers)
            .into_iter()
            .partition(waits);
        out.answers = go;
        for answer in wait {
            let since = answer.since.unwrap_or(now);
            self.put_aside(&answer.room, answer.asker, answer.text, since);
            out.rooms.insert(answer.room);
        }
    }

    fn put_aside(&mut self, room: &RoomId, asker: Asker, mut text: Text, since: DateTime<Utc>) {
        let mut saying = Vec::new();
        if let Some(known) = self.rooms.get_mut(room) {
            saying.clone_from(&known.saying);
            if known.dropped == 1 {
                // It is told once until the room has heard all.
                known.dropped += 1;
                text = text.and(DROPPED);
            }
        }
        let outgoing = Outgoing {
            answers: Some((asker.message, asker.person)),
            thread: asker.thread,
            only: asker.only,
            ..Outgoing::new(room.clone(), text, since)
        };
        match tracker::enqueue_answer(&mut self.store, outgoing, ANSWERS, &saying) {
            Ok(went) => {
                if let Some(known) = self.rooms.get_mut(room).filter(|_| went) {
                    known.dropped += 1;
                }
            }
            Err(error) => tracing::error!(%room, %error, "the outbox cannot be written"),
        }
    }

    /// Sends an answer on its way; never waits.
    pub(super) fn answer(&mut self, answer: Answer) {
        let Some(platform) = self.platforms.get(answer.room.platform.as_str()) else {
            return;
        };
        let Some(room) = self.rooms.get_mut(&answer.room) else {
            return;
        };
        let mut replaces = answer.replaces.into_iter();
        let mut pieces = pieces(&**platform, &answer.text);
        if std::mem::take(&mut room.dropped) > 0 {
            tracing::warn!(room = %answer.room, "answers were dropped because the room is too slow");
            pieces.push(Text::line(DROPPED));
        }
        let mut permit = answer.permit;
        for (n, text) in pieces.into_iter().enumerate() {
            let deed = Deed::Answer(Piece {
                asker: answer.asker.clone(),
                text,
                first: n == 0,
                replaces: replaces.next(),
                since: answer.since,
                _permit: permit.take(),
            });
            match room.voice.try_send(deed) {
                Ok(()) => self.speaking += 1,
                Err(_) => room.dropped += 1,
            }
        }
        let rest: Vec<MessageId> = replaces.collect();
        if !rest.is_empty() && room.voice.try_send(Deed::Remove(rest)).is_ok() {
            self.speaking += 1;
        }
    }

    /// Leaves a room; never waits.
    fn go(&mut self, id: &RoomId) {
        if let Some(room) = self.rooms.remove(id) {
            self.me.rooms.remove(id);
            // Whoever talks there faster than it hears is left all the same, when the channel is read to its end.
            if room.voice.try_send(Deed::Leave).is_ok() {
                self.speaking += 1;
            }
        }
    }

    /// Sends the oldest entries of a room's outbox on their way, unless some are already.
    pub(super) fn pump(&mut self, id: &RoomId) {
        let Some(platform) = self.platforms.get(id.platform.as_str()) else {
            return;
        };
        let Some(room) = self
            .rooms
            .get_mut(id)
            .filter(|room| room.saying.is_empty() && !room.rests)
        else {
            return;
        };
        let wait = platform.wait();
        let most = room.most(&**platform);
        let waiting = match tracker::waiting(&self.store, id, most) {
            Ok(waiting) => waiting,
            Err(error) => {
                tracing::error!(room = %id, %error, "the outbox cannot be read");
                return;
            }
        };
        // Who ends says what was asked for, and nothing else.
        let ends = self.stopper.is_stopping();
        let waiting = waiting
            .into_iter()
            .take_while(|(number, _)| !ends || !tracker::is_report(*number));
        let waiting: Vec<(u64, Outgoing)> = match room.manners.buttons {
            true => waiting.collect(),
            false => waiting.map(without_choices).collect(),
        };
        let Some((_, first)) = waiting.first() else {
            // What comes now was not tried before.
            room.unsure &= self.stopper.is_stopping();
            room.behind = false;
            if room.manners.paced {
                room.dropped = 0;
            }
            if room.leaving {
                self.go(id);
            }
            return;
        };
        let since = (room.unsure || first.attempts > 0).then_some(first.at);
        let place = place(&self.store, first);
        // Of a long report to a slow room one message at a time: whoever says something there is not to wait for all of it.
        let gives_way = room.manners.paced
            && first.day.is_none()
            && waiting
                .first()
                .is_some_and(|(number, _)| tracker::is_report(*number));
        let (numbers, mut texts) = together(&**platform, waiting, wait);
        let more = gives_way && texts.len() > 1;
        if more {
            texts.truncate(1);
        }
        let saying = numbers.clone();
        let deed = Deed::Outgoing {
            numbers,
            texts,
            more,
            place,
            since,
        };
        if room.voice.try_send(deed).is_ok() {
            room.saying = saying;
            self.speaking += 1;
        } else {
            room.rests = true;
            let due = self.clock.now() + TimeDelta::seconds(1);
            self.wake(id.clone(), due, 0);
        }
    }

    /// A platform said something, or could not.
    pub(super) fn said(
        &mut self,
        id: RoomId,
        what: What,
        outcome: Result<Spoken, SayError>,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) {
        // It comes beside the word about what was said.
        let what = match (what, outcome) {
            (What::Shown(text), Ok(spoken)) => return self.shown.note(id, spoken.message, text),
            other => other,
        };
        self.speaking = self.speaking.saturating_sub(1);
        match what {
            (What::Answer(asker), Ok(spoken)) => {
                measures::took(asker.heard, |meter| &meter.answer);
                self.note_asked(&id, &asker.person, &spoken.message);
                let room = self.rooms.get_mut(&id);
                if let Some(known) = room.and_then(|room| room.people.get_mut(&asker.person)) {
                    known.answered(&asker.message, spoken.message);
                }
            }
            (What::Unsaid(asker, text), Err(SayError::Later { what, rest })) => {
                tracing::warn!(room = %id, why = what, "an answer has to wait");
                self.answer_later(&id, asker, text, rest, now);
            }
            (What::Answer(..) | What::Unsaid(..), outcome) => {
                let why = outcome.err().map(|error| error.to_string());
                tracing::warn!(room = %id, why, "an answer could not be said")
            }
            (What::Nothing | What::Shown(_), Ok(_)) => {}
            (What::Nothing | What::Shown(_), Err(error)) => {
                tracing::info!(room = %id, %error, "something could not be done there")
            }
            (What::Outgoing(numbers, messages), Ok(spoken)) => {
                if let Some(room) = self.rooms.get_mut(&id) {
                    let was = room.unsure;
                    room.unsure &= spoken.before;
                    if was
                        && !room.unsure
                        && let Some(first) = numbers.first()
                        && let Err(error) = tracker::untried_with(&mut self.store, &id, *first)
                    {
                        tracing::error!(room = %id, %error, "the outbox cannot be read");
                    }
                }
                self.leave(id, &numbers, &messages, out)
            }
            (What::Outgoing(numbers, _), Err(SayError::Never { what })) => {
                tracing::error!(room = %id, why = what, "a text cannot be said and is dropped");
                self.leave(id, &numbers, &[], out);
            }
            (What::Outgoing(numbers, _), Err(SayError::Later { what, rest })) => {
                self.later(id, &numbers, 0, &what, rest, now)
            }
            (What::Begun(number, messages), Ok(spoken)) => {
                if let Some(room) = self.rooms.get_mut(&id) {
                    room.saying.clear();
                    room.unsure &= spoken.before;
                }
                if let Err(error) = tracker::begun(&mut self.store, &id, number, &messages) {
                    tracing::error!(room = %id, %error, "the outbox cannot be read");
                }
                // What was asked meanwhile is answered before the rest of it.
                out.rooms.insert(id);
            }
            (What::Begun(number, messages), Err(SayError::Later { what, rest })) => {
                self.later(id, &[number], messages.len(), &what, rest, now)
            }
            (What::Begun(number, _), Err(SayError::Never { what })) => {
                tracing::error!(room = %id, why = what, "the rest of a text cannot be said and is dropped");
                self.leave(id, &[number], &[], out);
            }
        }
    }

    /// An answer waits in the outbox until the platform takes it. Whoever sits at this machine sees that it takes nothing,
    /// and does not wait.
    fn answer_later(
        &mut self,
        id: &RoomId,
        asker: Asker,
        text: Text,
        rest: Duration,
        now: DateTime<Utc>,
    ) {
        let Some(room) = self.rooms.get_mut(id).filter(|room| !room.manners.local) else {
            return;
        };
        // It may have been said all the same, and so is looked for first.
        room.unsure = true;
        room.behind = true;
        let rests = std::mem::replace(&mut room.rests, true);
        self.put_aside(id, asker, text, now - TRIED);
        if !rests {
            let rest = TimeDelta::from_std(rest.max(Duration::from_secs(1)));
            let rest = rest.map_or(LONGEST_REST, |rest| rest.min(LONGEST_REST));
            self.wake(id.clone(), now + rest, 0);
        }
    }

    /// Entries of the outbox have to wait; so many messages of the first were said.
    fn later(
        &mut self,
        id: RoomId,
        numbers: &[u64],
        said: usize,
        why: &str,
        rest: Duration,
        now: DateTime<Utc>,
    ) {
        if let Some(room) = self.rooms.get_mut(&id) {
            room.saying.clear();
            room.rests = true;
            room.unsure = true;
        }
        let mut attempts = 1;
        if let Some((first, others)) = numbers.split_first() {
            let tried = tracker::tried(&mut self.store, &id, *first, said);
            let tried = tried.and_then(|tried| {
                tracker::tried_with(&mut self.store, &id, *first, others).map(|()| tried)
            });
            match tried {
                Ok(tried) => attempts = tried,
                Err(error) => tracing::error!(room = %id, %error, "the outbox cannot be read"),
            }
        }
        tracing::warn!(room = %id, why, attempts, "what is to be said has to wait");
        let rest = rest.max(Duration::from_secs(1 << attempts.min(10)));
        let rest = TimeDelta::from_std(rest).map_or(LONGEST_REST, |rest| rest.min(LONGEST_REST));
        self.wake(id, now + rest, attempts);
    }

    /// Entries of the outbox were said in these messages, or never will be: the next may go.
    fn leave(&mut self, id: RoomId, numbers: &[u64], messages: &[MessageId], out: &mut Outbound) {
        if let Some(room) = self.rooms.get_mut(&id) {
            room.saying.clear();
        }
        for number in numbers {
            if tracker::is_report(*number) {
                measures::reported(!messages.is_empty());
            }
            // Reports are found by the first of their messages.
            let first = messages.first().cloned();
            match tracker::said(&mut self.store, &id, *number, first) {
                Ok(Some((to, person))) => {
                    for message in messages {
                        self.note_asked(&id, &person, message);
                    }
                    let room = self.rooms.get_mut(&id);
                    if let Some(known) = room.and_then(|room| room.people.get_mut(&person)) {
                        for message in messages {
                            known.answered(&to, message.clone());
                        }
                    }
                }
                Ok(None) => {}
                Err(error) => tracing::error!(room = %id, %error, "the outbox cannot be read"),
            }
        }
        out.rooms.insert(id);
    }

    /// What is being said in one message, and was held meanwhile, is looked for before it is said: should the process end
    /// now, nobody knows whether it has arrived.
    pub(super) fn mark_held(&mut self, out: &Outbound) {
        for id in &out.rooms {
            let saying = self.rooms.get(id).map(|room| room.saying.as_slice());
            let Some([first, others @ ..]) = saying.filter(|saying| saying.len() > 1) else {
                continue;
            };
            if let Err(error) = tracker::held_with(&mut self.store, id, *first, others) {
                tracing::error!(room = %id, %error, "the outbox cannot be read");
            }
        }
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

/// An entry of the outbox for a room without buttons.
fn without_choices((number, outgoing): (u64, Outgoing)) -> (u64, Outgoing) {
    let text = outgoing.text.without_choices();
    (number, Outgoing { text, ..outgoing })
}

/// Where in its room an entry of the outbox stands.
fn place(store: &Store, outgoing: &Outgoing) -> Place {
    let (answers, person) = outgoing.answers.clone().unzip();
    let day = outgoing.day.filter(|day| !day.opens);
    // Where the thread could not be begun, its reports stand in the room.
    let of_day = day.and_then(|day| {
        tracker::begun_by(store, &outgoing.room, &day)
            .ok()
            .flatten()
    });
    Place {
        part_of: answers.clone(),
        answers,
        thread: outgoing.thread.clone().or(of_day),
        only: person.filter(|_| outgoing.only),
    }
}

/// The messages that a text becomes, and no more than a room bears.
fn pieces(platform: &dyn Platform, text: &Text) -> Vec<Text> {
    let mut pieces = platform.pieces(text);
    if pieces.len() > PIECES {
        pieces.truncate(PIECES);
        pieces.push(Text::line("… and more, which is too long for this room."));
    }
    pieces
}

/// What of these texts is said next: the first alone, or, where one message after the other would take too long, as many
/// as fit into one. Gives their numbers, and the messages that are still to be said.
fn together(
    platform: &dyn Platform,
    waiting: Vec<(u64, Outgoing)>,
    wait: Duration,
) -> (Vec<u64>, Vec<Text>) {
    let hurry = wait.saturating_mul(waiting.len() as u32) > ONE_BY_ONE;
    let mut numbers = Vec::new();
    let mut texts: Vec<Text> = Vec::new();
    let mut stands = (None, None);
    for (number, outgoing) in waiting {
        if numbers.is_empty() {
            numbers.push(number);
            texts = pieces(platform, &outgoing.text);
            if hurry && outgoing.said == 0 && texts.len() > 1 {
                let together = pieces(platform, &outgoing.text.flat());
                // Of several messages the number counts that were said: they must always be the same.
                if together.len() == 1 {
                    texts = together;
                }
            }
            texts.drain(..outgoing.said.min(texts.len()));
            // An answer shows what it answers only by itself.
            let opens = outgoing.day.is_some_and(|day| day.opens);
            let alone = outgoing.attempts > 0 || outgoing.answers.is_some() || opens;
            if !hurry || texts.len() != 1 || alone {
                break;
            }
            stands = (outgoing.thread, outgoing.day);
            continue;
        }
        if outgoing.answers.is_some() || (outgoing.thread, outgoing.day) != stands {
            break;
        }
        let joined = texts[0].clone().join(outgoing.text.flat());
        let mut pieces = platform.pieces(&joined);
        match pieces.pop() {
            Some(one) if pieces.is_empty() => {
                numbers.push(number);
                texts[0] = one;
            }
            Some(_) | None => break,
        }
    }
    (numbers, texts)
}
