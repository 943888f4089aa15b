//! What people dropped: it is kept for a day, so that they can take that back.

use chrono::{DateTime, TimeDelta, Utc};

use super::{hold, job, kept, outbox, threads};
use crate::meter;
use crate::model::{Hold, Item, Outgoing, RoomId, Task, TrackerId, Why};
use crate::store::rows::DroppedRow;
use crate::store::{self, Store, agenda, tables};

/// How long what was dropped can be had back.
const KEPT: TimeDelta = TimeDelta::days(1);

/// What was dropped at a time.
pub struct Dropped {
    /// How many messages.
    pub messages: usize,
    /// Under which it can be had back.
    pub number: u64,
    /// The holds that were there for somebody to decide, and have ended by it: of the room, or of trackers in it.
    pub ended: Vec<(Option<TrackerId>, Hold)>,
}

/// Drops what waits for a room, or what one tracker has to say there, and is no answer. Holds that waited for somebody
/// to decide what becomes of it end.
///
/// # Errors
/// When the store cannot be read.
pub fn drop_reports(
    store: &mut Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
    now: DateTime<Utc>,
) -> Result<Dropped, store::Error> {
    let number = store.next_id()?;
    let mut dropped: Vec<(u64, DroppedRow)> = Vec::new();
    let its = |outgoing: &Outgoing| tracker.is_none() || outgoing.tracker == tracker;
    for (entry, outgoing) in super::waiting(store, room, usize::MAX)? {
        if outbox::is_report(entry) && its(&outgoing) {
            store.delete(&tables::OUTBOX, &(room.clone(), entry));
            threads::forget(store, &outgoing)?;
            dropped.push((entry, DroppedRow::Message(Box::new(outgoing))));
        }
    }
    let kept = match tracker {
        Some(tracker) => kept::of(store, room, tracker, usize::MAX)?,
        None => kept::all(store, room)?,
    };
    let gone: Vec<(TrackerId, u64)> = kept
        .iter()
        .map(|(entry, outgoing)| (kept::whose(outgoing), *entry))
        .collect();
    kept::remove(store, room, &gone)?;
    for (entry, outgoing) in kept {
        threads::forget(store, &outgoing)?;
        dropped.push((entry, DroppedRow::Message(Box::new(outgoing))));
    }
    for tracker in unworded(store, room, tracker)? {
        for ((_, report), item) in store.scan(&tables::WAITING, &tracker, usize::MAX)? {
            store.delete(&tables::WAITING, &(tracker, report));
            dropped.push((report, DroppedRow::Item(tracker, Box::new(item))));
        }
    }
    for (entry, row) in &dropped {
        store.put(&tables::DROPPED, &(room.clone(), number, *entry), row);
    }
    meter::dropped("dropped", dropped.len() as u64);
    let mut ended = Vec::new();
    for (whose, holds) in under(store, room, tracker)? {
        let (end, stay): (Vec<Hold>, Vec<Hold>) = holds.into_iter().partition(Hold::asks);
        if !end.is_empty() {
            hold::set_holds(store, room, whose, stay)?;
            ended.extend(end.into_iter().map(|hold| (whose, hold)));
        }
    }
    if !dropped.is_empty() || !ended.is_empty() {
        agenda::put(store, &job(Task::Bury(room.clone(), number), now + KEPT))?;
    }
    Ok(Dropped {
        messages: dropped.len(),
        number,
        ended,
    })
}

/// The trackers whose reports cannot be put into words: of a room, or this one if it is one of them.
pub(super) fn unworded(
    store: &Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
) -> Result<Vec<TrackerId>, store::Error> {
    let is = |hold: &Hold| !hold.flows && matches!(hold.why, Why::Printer { .. });
    let held = under(store, room, tracker)?.into_iter();
    let unworded = held.filter_map(|(whose, holds)| whose.filter(|_| holds.iter().any(is)));
    Ok(unworded.collect())
}

/// What is held, the room or a tracker in it, and by what.
type Held = (Option<TrackerId>, Vec<Hold>);

/// The holds of one tracker in a room; those of the room and of every tracker in it where none is named.
pub(super) fn under(
    store: &Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
) -> Result<Vec<Held>, store::Error> {
    if tracker.is_some() {
        return Ok(vec![(tracker, hold::holds(store, room, tracker)?)]);
    }
    let rows = store.scan(&tables::HOLDS, room, usize::MAX)?;
    let whose = |tracker| Some(tracker).filter(|tracker| *tracker != TrackerId::NONE);
    let held = rows.into_iter();
    Ok(held
        .map(|((_, tracker), holds)| (whose(tracker), holds))
        .collect())
}

/// Brings back what was dropped under a number; it is said in its order, unless something holds it. Gives how much it
/// was.
///
/// # Errors
/// When the store cannot be read.
pub fn bring_back(store: &mut Store, room: &RoomId, number: u64) -> Result<usize, store::Error> {
    let rows = store.scan(&tables::DROPPED, &(room.clone(), number), usize::MAX)?;
    let messages = rows.len();
    for ((_, _, entry), row) in rows {
        match row {
            DroppedRow::Message(outgoing) => {
                // It was counted as dropped: it is in line once more.
                meter::queued(1);
                hold::place(store, entry, *outgoing)?;
            }
            DroppedRow::Item(tracker, item) => wait(store, tracker, entry, &item)?,
        }
    }
    bury(store, room, number)?;
    Ok(messages)
}

/// An item is to be put into words again.
fn wait(
    store: &mut Store,
    tracker: TrackerId,
    report: u64,
    item: &Item,
) -> Result<(), store::Error> {
    store.put(&tables::WAITING, &(tracker, report), item);
    let task = Task::Tell(tracker);
    if agenda::get(store, &task.key())?.is_none() {
        agenda::put(store, &job(task, item.seen))?;
    }
    Ok(())
}

/// Whether what was dropped under a number can still be had back, also where that was nothing and only a hold ended.
///
/// # Errors
/// When the store cannot be read.
pub fn can_come_back(store: &Store, room: &RoomId, number: u64) -> Result<bool, store::Error> {
    let buried = Task::Bury(room.clone(), number);
    Ok(agenda::get(store, &buried.key())?.is_some())
}

/// Forgets what was dropped under a number.
///
/// # Errors
/// When the store cannot be read.
pub fn bury(store: &mut Store, room: &RoomId, number: u64) -> Result<(), store::Error> {
    agenda::remove(store, &Task::Bury(room.clone(), number).key())?;
    store.delete_all(&tables::DROPPED, &(room.clone(), number))
}

/// Takes out what was dropped while it was being said.
pub(super) fn take(
    store: &mut Store,
    room: &RoomId,
    entry: u64,
) -> Result<Option<Outgoing>, store::Error> {
    let rows = store.scan(&tables::DROPPED, room, usize::MAX)?;
    let found = rows
        .into_iter()
        .find(|((_, _, number), _)| *number == entry);
    let Some((key, DroppedRow::Message(outgoing))) = found else {
        return Ok(None);
    };
    store.delete(&tables::DROPPED, &key);
    // It was counted as dropped, and is about to be counted as what became of it.
    meter::queued(1);
    Ok(Some(*outgoing))
}
