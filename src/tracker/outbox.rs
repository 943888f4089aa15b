//! What is said once it is committed, in order, one message of a room at a time; and which message said what.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{dropped, hold, kept, queue, threads};
use crate::meter;
use crate::model::{MessageId, Outgoing, PersonId, ReportId, RoomId, Text, TrackerId};
use crate::store::rows::SaidRow;
use crate::store::{self, Store, tables};

/// From this number on stand reports and notices: answers come before them, however many wait.
pub(super) const REPORTS: u64 = 1 << 62;
/// Among how many texts one is looked for that is to be taken back, or is known not to be said.
const WITHDRAWABLE: usize = 200;
/// How many messages of a room are kept in mind for those who answer them.
const ANSWERABLE: u64 = 5_000;

/// Queues a notice for a room; it is said after the next commit and leaves the store once the platform has it.
pub fn enqueue(
    store: &mut Store,
    room: &RoomId,
    text: Text,
    now: DateTime<Utc>,
) -> Result<(), store::Error> {
    queue(store, Outgoing::new(room.clone(), text, now)).map(|_| ())
}

/// Takes answers to a message back that nobody has begun to say; `saying` are the numbers of those that somebody has.
pub fn withdraw(
    store: &mut Store,
    room: &RoomId,
    message: &MessageId,
    saying: &[u64],
) -> Result<(), store::Error> {
    for (number, outgoing) in waiting(store, room, WITHDRAWABLE)? {
        let answers = outgoing.answers.is_some_and(|(to, _)| to == *message);
        if answers && outgoing.attempts == 0 && !saying.contains(&number) {
            store.delete(&tables::OUTBOX, &(room.clone(), number));
        }
    }
    Ok(())
}

/// Queues an answer. Where `most` wait already, the oldest that nobody has begun to say goes; gives whether one went.
/// `saying` are the numbers of those that somebody has begun.
///
/// # Errors
/// When the store cannot be read.
pub fn enqueue_answer(
    store: &mut Store,
    answer: Outgoing,
    most: usize,
    saying: &[u64],
) -> Result<bool, store::Error> {
    let room = answer.room.clone();
    let mut goes = None;
    if store.count(&tables::OUTBOX, &room)? >= most {
        // Reports stand behind them.
        let waiting = waiting(store, &room, most)?;
        let is_full = waiting
            .last()
            .is_some_and(|(number, _)| waiting.len() == most && !is_report(*number));
        let can = |(number, outgoing): &(u64, Outgoing)| {
            outgoing.answers.is_some() && !saying.contains(number)
        };
        goes = waiting.into_iter().filter(|_| is_full).find(can);
    }
    if let Some((number, _)) = &goes {
        store.delete(&tables::OUTBOX, &(room, *number));
    }
    queue(store, answer)?;
    Ok(goes.is_some())
}

/// Queues a notice that is said before all reports.
pub fn enqueue_first(
    store: &mut Store,
    room: &RoomId,
    text: Text,
    now: DateTime<Utc>,
) -> Result<(), store::Error> {
    let key = (room.clone(), store.next_id()?);
    store.put(
        &tables::OUTBOX,
        &key,
        &Outgoing::new(room.clone(), text, now),
    );
    Ok(())
}

/// Takes back all that waits for a room and that nobody has begun to say; `saying` are the numbers of what somebody has.
pub fn empty(store: &mut Store, room: &RoomId, saying: &[u64]) -> Result<(), store::Error> {
    let mut reports = 0;
    for (number, _) in waiting(store, room, usize::MAX)? {
        if !saying.contains(&number) {
            store.delete(&tables::OUTBOX, &(room.clone(), number));
            reports += u64::from(is_report(number));
        }
    }
    reports += kept::kept(store, room, None)? as u64;
    meter::dropped("left", reports);
    store.delete_all(&tables::HELD, room)?;
    store.delete_all(&tables::KEPT, room)?;
    // There is nothing left to decide about; who muted the room is still of the same mind.
    for (tracker, mut holds) in dropped::under(store, room, None)? {
        holds.retain(|hold| !hold.asks());
        hold::set_holds(store, room, tracker, holds)?;
    }
    Ok(())
}

/// How many messages wait for a room that are no answers, what is kept among them.
pub fn waiting_reports(store: &Store, room: &RoomId) -> Result<usize, store::Error> {
    let all = waiting(store, room, usize::MAX)?;
    let reports = all.iter().filter(|(number, _)| is_report(*number));
    Ok(reports.count() + kept::kept(store, room, None)?)
}

/// How much room folding makes at a time, so that it is done seldom: a tenth of what may wait.
const ROOM: usize = 10;

/// Makes room where more reports wait than may, or are kept: the oldest messages of the tracker with the most of them become
/// one, which `line` words from how many there were; where each has one alone, the oldest of all of them. What is being
/// said, answers, and what begins a thread stay. Gives how many went; there may still be too many.
pub fn fold(
    store: &mut Store,
    room: &RoomId,
    most: usize,
    saying: &[u64],
    line: impl Fn(Option<TrackerId>, u64) -> Text,
) -> Result<usize, store::Error> {
    let all = store.count(&tables::OUTBOX, room)? + kept::kept(store, room, None)?;
    if all <= most {
        return Ok(0);
    }
    let can = |(number, outgoing): &(u64, Outgoing)| {
        is_report(*number) && !saying.contains(number) && !outgoing.day.is_some_and(|day| day.opens)
    };
    let mut foldable: Vec<(bool, u64, Outgoing)> = Vec::with_capacity(all);
    let outbox = waiting(store, room, usize::MAX)?;
    // Answers have a bound of their own.
    let is_answer = |(number, _): &&(u64, Outgoing)| !is_report(*number);
    let over = (all - outbox.iter().filter(is_answer).count()).saturating_sub(most);
    if over == 0 {
        return Ok(0);
    }
    for (held, entries) in [(false, outbox), (true, kept::all(store, room)?)] {
        let entries = entries.into_iter().filter(can);
        foldable.extend(entries.map(|(number, outgoing)| (held, number, outgoing)));
    }
    foldable.sort_by_key(|(_, number, _)| *number);
    let mut counts: BTreeMap<Option<TrackerId>, usize> = BTreeMap::new();
    for (_, _, outgoing) in &foldable {
        *counts.entry(outgoing.tracker).or_default() += 1;
    }
    let Some((most_talkative, has)) = counts.into_iter().max_by_key(|(_, count)| *count) else {
        return Ok(0);
    };
    let alone = has < 2;
    let whose = most_talkative.filter(|_| !alone);
    // One takes the place of all that go.
    let go = over + most.div_ceil(ROOM) + 1;
    let its: Vec<&(bool, u64, Outgoing)> = foldable
        .iter()
        .filter(|(_, _, outgoing)| alone || outgoing.tracker == most_talkative)
        .take(go)
        .collect();
    let [first, .., last] = its.as_slice() else {
        return Ok(0);
    };
    let were = its
        .iter()
        .map(|(_, _, outgoing)| outgoing.folded.max(1))
        .sum();
    let folded = Outgoing {
        tracker: whose,
        folded: were,
        day: last.2.day.filter(|_| !alone),
        ..Outgoing::new(room.clone(), line(whose, were), first.2.at)
    };
    let mut held = Vec::new();
    for (is_held, number, outgoing) in &its {
        match is_held {
            true => held.push((kept::whose(outgoing), *number)),
            false => store.delete(&tables::OUTBOX, &(room.clone(), *number)),
        }
    }
    kept::remove(store, room, &held)?;
    match last.0 {
        _ if alone => hold::place(store, last.1, folded)?,
        true => kept::put(store, room, &[(last.1, folded)])?,
        false => {
            store.put(&tables::OUTBOX, &(room.clone(), last.1), &folded);
        }
    }
    meter::dropped("folded", its.len() as u64 - 1);
    Ok(its.len())
}

/// What stands under this number is a report or a notice, which holds keep back.
pub fn is_report(number: u64) -> bool {
    number >= REPORTS
}

/// Takes back all answers that wait for a room.
pub fn forget_answers(store: &mut Store, room: &RoomId) -> Result<(), store::Error> {
    for (number, outgoing) in waiting(store, room, usize::MAX)? {
        if outgoing.answers.is_some() {
            store.delete(&tables::OUTBOX, &(room.clone(), number));
        }
    }
    Ok(())
}

/// The oldest texts that a room still has to hear, at most so many.
pub fn waiting(
    store: &Store,
    room: &RoomId,
    most: usize,
) -> Result<Vec<(u64, Outgoing)>, store::Error> {
    let rows = store.scan(&tables::OUTBOX, room, most)?;
    Ok(rows
        .into_iter()
        .map(|((_, id), outgoing)| (id, outgoing))
        .collect())
}

/// Takes an entry out, wherever it stands by now.
pub(super) fn take(
    store: &mut Store,
    room: &RoomId,
    id: u64,
) -> Result<Option<Outgoing>, store::Error> {
    let key = (room.clone(), id);
    if let Some(outgoing) = store.get(&tables::OUTBOX, &key)? {
        store.delete(&tables::OUTBOX, &key);
        return Ok(Some(outgoing));
    }
    if !is_report(id) {
        return Ok(None);
    }
    // Somebody may have held or dropped it while it was being said.
    if let Some(outgoing) = kept::find(store, room, id)? {
        kept::remove(store, room, &[(kept::whose(&outgoing), id)])?;
        return Ok(Some(outgoing));
    }
    dropped::take(store, room, id)
}

/// So many more of a text's messages were said, and the rest is said later; a report is found by each of them.
///
/// # Errors
/// When the store cannot be read.
pub fn begun(
    store: &mut Store,
    room: &RoomId,
    id: u64,
    messages: &[MessageId],
) -> Result<(), store::Error> {
    let mut says = None;
    rewrite(store, room, id, |outgoing| {
        says = outgoing
            .tracker
            .map(|whose| (whose, outgoing.reports.clone()));
        Outgoing {
            said: outgoing.said + messages.len(),
            ..outgoing
        }
    })?;
    if let Some((tracker, reports)) = says.filter(|(_, reports)| !reports.is_empty()) {
        for message in messages {
            note(store, room, message.clone(), tracker, reports.clone())?;
        }
    }
    Ok(())
}

/// A text was tried in vain, and so many of its messages were said; gives how often it was tried.
///
/// # Errors
/// When the store cannot be read.
pub fn tried(store: &mut Store, room: &RoomId, id: u64, said: usize) -> Result<u32, store::Error> {
    rewrite(store, room, id, |outgoing| Outgoing {
        attempts: outgoing.attempts + 1,
        said: outgoing.said + said,
        ..outgoing
    })
}

/// The same of texts that were tried in one message with the first of them: they are looked for before they are said
/// again.
///
/// # Errors
/// When the store cannot be read.
pub fn tried_with(
    store: &mut Store,
    room: &RoomId,
    first: u64,
    others: &[u64],
) -> Result<(), store::Error> {
    for number in others {
        rewrite(store, room, *number, |outgoing| Outgoing {
            attempts: outgoing.attempts.max(1),
            with: Some(first),
            ..outgoing
        })?;
    }
    Ok(())
}

/// The same of those that are held while they are being said in one message with the first of them.
///
/// # Errors
/// When the store cannot be read.
pub fn held_with(
    store: &mut Store,
    room: &RoomId,
    first: u64,
    others: &[u64],
) -> Result<(), store::Error> {
    for number in others {
        let there = store.get(&tables::OUTBOX, &(room.clone(), *number))?;
        let held = match there {
            Some(_) => None,
            None => kept::find(store, room, *number)?,
        };
        if held.is_some_and(|outgoing| outgoing.with != Some(first)) {
            tried_with(store, room, first, &[*number])?;
        }
    }
    Ok(())
}

/// A text was said anew that had been tried in vain: those that were tried in one message with it were not said either.
///
/// # Errors
/// When the store cannot be read.
pub fn untried_with(store: &mut Store, room: &RoomId, first: u64) -> Result<(), store::Error> {
    for (number, outgoing) in waiting(store, room, WITHDRAWABLE)? {
        if outgoing.with == Some(first) {
            let fresh = Outgoing {
                attempts: 0,
                with: None,
                ..outgoing
            };
            store.put(&tables::OUTBOX, &(room.clone(), number), &fresh);
        }
    }
    Ok(())
}

/// Writes an entry anew, wherever it stands by now; gives how often it was tried.
fn rewrite(
    store: &mut Store,
    room: &RoomId,
    id: u64,
    again: impl FnOnce(Outgoing) -> Outgoing,
) -> Result<u32, store::Error> {
    let key = (room.clone(), id);
    if let Some(outgoing) = store.get(&tables::OUTBOX, &key)? {
        let outgoing = again(outgoing);
        store.put(&tables::OUTBOX, &key, &outgoing);
        return Ok(outgoing.attempts);
    }
    let Some(outgoing) = kept::find(store, room, id)? else {
        return Ok(1);
    };
    let outgoing = again(outgoing);
    kept::rewrite(store, room, id, &outgoing);
    Ok(outgoing.attempts)
}

/// Takes a text out: the platform has said it as this message, or never will. Gives what it answers.
pub fn said(
    store: &mut Store,
    room: &RoomId,
    id: u64,
    message: Option<MessageId>,
) -> Result<Option<(MessageId, PersonId)>, store::Error> {
    let Some(outgoing) = take(store, room, id)? else {
        return Ok(None);
    };
    if let Some(message) = &message
        && let Some(day) = outgoing.day.filter(|day| day.opens)
    {
        threads::begin(store, room, &day, message.clone())?;
    }
    if let Some(message) = message
        && let Some(tracker) = outgoing.tracker
        && !outgoing.reports.is_empty()
    {
        note(store, room, message, tracker, outgoing.reports)?;
    }
    Ok(outgoing.answers)
}

/// Keeps in mind which reports a message said, and forgets a message of long ago.
fn note(
    store: &mut Store,
    room: &RoomId,
    message: MessageId,
    tracker: TrackerId,
    reports: Vec<ReportId>,
) -> Result<(), store::Error> {
    let key = (room.clone(), message);
    if let Some(mut row) = store.get(&tables::SAID, &key)? {
        row.also.push((tracker, reports));
        store.put(&tables::SAID, &key, &row);
        return Ok(());
    }
    let row = SaidRow {
        tracker,
        reports,
        also: Vec::new(),
    };
    let message = &key.1;
    // They are numbered without gaps, so that the one to forget is known without looking for it.
    let last = store.last_key(&tables::SAID_ORDER, room)?;
    let number = last.map_or(1, |(_, number)| number + 1);
    store.put(&tables::SAID_ORDER, &(room.clone(), number), message);
    store.put(&tables::SAID, &key, &row);
    if number > ANSWERABLE {
        let old = (room.clone(), number - ANSWERABLE);
        if let Some(message) = store.get(&tables::SAID_ORDER, &old)? {
            store.delete(&tables::SAID, &(room.clone(), message));
            store.delete(&tables::SAID_ORDER, &old);
        }
    }
    Ok(())
}

/// What a message of ours reported, while that is kept in mind.
pub fn reported(
    store: &Store,
    room: &RoomId,
    message: &MessageId,
) -> Result<Option<SaidRow>, store::Error> {
    store.get(&tables::SAID, &(room.clone(), message.clone()))
}

/// What was reported last in a room.
pub fn reported_last(store: &Store, room: &RoomId) -> Result<Option<SaidRow>, store::Error> {
    match store.scan_back(&tables::SAID_ORDER, room, 1)?.pop() {
        Some((_, message)) => reported(store, room, &message),
        None => Ok(None),
    }
}
