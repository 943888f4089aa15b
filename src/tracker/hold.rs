//! Holds: what keeps reports of a room, or of one tracker in it, from being said; how they begin, and how they end.
//!
//! Invariant: nothing that is held stands in the outbox, so who speaks need not know of holds. What was being said when
//! a hold began is an exception for as long as that takes: `outbox.rs` finds it in both places.

use super::kept::{self, Entry};
use super::outbox::{REPORTS, is_report};
use super::{job, threads};
use crate::meter;
use crate::model::{Hold, Outgoing, RoomId, Task, TrackerId, Why};
use crate::store::{self, Store, agenda, tables};

/// What holds a room's reports, or those of one tracker in it.
///
/// # Errors
/// When the store cannot be read.
pub fn holds(
    store: &Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
) -> Result<Vec<Hold>, store::Error> {
    let key = (room.clone(), tracker.unwrap_or(TrackerId::NONE));
    Ok(store.get(&tables::HOLDS, &key)?.unwrap_or_default())
}

/// Whether something new that a room has to hear, or that a tracker has to say there, is kept.
///
/// # Errors
/// When the store cannot be read.
pub fn is_stopped(
    store: &Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
) -> Result<bool, store::Error> {
    let holds = holds(store, room, tracker)?;
    Ok(holds.iter().any(|hold| !hold.flows))
}

/// Begins to hold a room's reports; what waits there is kept from now on. One of the same kind is replaced.
///
/// # Errors
/// When the store cannot be read.
pub fn hold_room(store: &mut Store, room: &RoomId, hold: Hold) -> Result<(), store::Error> {
    hold_it(store, room, None, hold)
}

/// The same for a room's reports, or for those of one tracker in it.
pub(super) fn hold_it(
    store: &mut Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
    hold: Hold,
) -> Result<(), store::Error> {
    let mut all = holds(store, room, tracker)?;
    all.retain(|other| other.why.kind() != hold.why.kind());
    all.push(hold);
    set_holds(store, room, tracker, all)
}

/// Ends the hold of one kind, a mute for instance; what is kept stays so if there is another.
///
/// # Errors
/// When the store cannot be read.
pub fn end_hold(
    store: &mut Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
    kind: &str,
) -> Result<(), store::Error> {
    let mut all = holds(store, room, tracker)?;
    all.retain(|hold| hold.why.kind() != kind);
    set_holds(store, room, tracker, all)
}

/// Ends every hold of a room, or of a tracker there, and lets what was kept be said. What is held for another reason
/// stays: a tracker's when the room is released, all of a room that is muted when a tracker is. Gives what it was.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn release(
    store: &mut Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
) -> Result<Vec<Hold>, store::Error> {
    let before = holds(store, room, tracker)?;
    set_holds(store, room, tracker, Vec::new())?;
    if before.is_empty() {
        put_back(store, room, tracker)?;
    }
    Ok(before)
}

/// Puts a room, or a tracker in it, under these holds and no others. The only way in which holds change.
///
/// # Errors
/// When the store cannot be read.
pub fn set_holds(
    store: &mut Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
    holds: Vec<Hold>,
) -> Result<(), store::Error> {
    let key = (room.clone(), tracker.unwrap_or(TrackerId::NONE));
    let before = store.get(&tables::HOLDS, &key)?.unwrap_or_default();
    match holds.is_empty() {
        true => store.delete(&tables::HOLDS, &key),
        false => {
            store.put(&tables::HOLDS, &key, &holds);
        }
    }
    plan(store, room, tracker, &holds)?;
    let begins = |hold: &Hold| {
        let mut same = before
            .iter()
            .filter(|old| old.why.kind() == hold.why.kind());
        same.all(|old| old.flows && !hold.flows)
    };
    if holds.iter().any(begins) {
        take_out(store, room, tracker)?;
    } else if holds.is_empty() && !before.is_empty() {
        put_back(store, room, tracker)?;
    }
    // What it could not put into words is tried again.
    let unworded = |hold: &&Hold| !hold.flows && matches!(hold.why, Why::Printer { .. });
    if let Some(tracker) = tracker
        && let Some(hold) = before.iter().find(unworded)
        && !holds.iter().any(|hold| unworded(&hold))
    {
        agenda::put(store, &job(Task::Tell(tracker), hold.at))?;
    }
    Ok(())
}

/// Puts on the agenda when holds end by themselves, and when it is looked whether one can.
fn plan(
    store: &mut Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
    holds: &[Hold],
) -> Result<(), store::Error> {
    if tracker.is_none() {
        let task = Task::Unmute(room.clone());
        match holds.iter().filter_map(Hold::until).min() {
            Some(due) => agenda::put(store, &job(task, due))?,
            None => agenda::remove(store, &task.key())?,
        }
    }
    let task = Task::Try(room.clone(), tracker);
    let tried = |hold: &&Hold| hold.is_breaker() && !hold.flows;
    match holds
        .iter()
        .filter(tried)
        .map(super::breaker::next_try)
        .min()
    {
        Some(due) => agenda::put(store, &job(task, due))?,
        None => agenda::remove(store, &task.key())?,
    }
    Ok(())
}

/// Takes what waits for a room, or of one tracker there, out of the outbox.
fn take_out(
    store: &mut Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
) -> Result<(), store::Error> {
    let all = super::waiting(store, room, usize::MAX)?;
    let mut reports: Vec<Entry> = all
        .into_iter()
        .filter(|(number, _)| is_report(*number))
        .collect();
    // Nobody knows whether the first has been said, should the process end now: it is looked for before it is said.
    if let Some((_, first)) = reports.first_mut() {
        first.attempts = first.attempts.max(1);
    }
    reports.retain(|(_, outgoing)| tracker.is_none() || outgoing.tracker == tracker);
    for (number, _) in &reports {
        store.delete(&tables::OUTBOX, &(room.clone(), *number));
    }
    kept::put(store, room, &reports)
}

/// Puts what was kept of a room, or of one tracker there, into the outbox, as far as nothing else holds it.
fn put_back(
    store: &mut Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
) -> Result<(), store::Error> {
    let whose: Vec<TrackerId> = match tracker {
        Some(_) if is_stopped(store, room, None)? => return Ok(()),
        Some(tracker) => vec![tracker],
        None => kept::by_tracker(store, room)?
            .into_iter()
            .map(|(tracker, _)| tracker)
            .collect(),
    };
    for one in whose {
        if tracker.is_none() && one != TrackerId::NONE && !holds(store, room, Some(one))?.is_empty()
        {
            continue;
        }
        let entries = kept::of(store, room, one, usize::MAX)?;
        let numbers: Vec<(TrackerId, u64)> =
            entries.iter().map(|(number, _)| (one, *number)).collect();
        kept::remove(store, room, &numbers)?;
        for (number, outgoing) in entries {
            store.put(&tables::OUTBOX, &(room.clone(), number), &outgoing);
        }
    }
    Ok(())
}

/// Queues what is to be said; it is said after the next commit, unless something holds it. Gives its number.
///
/// # Errors
/// When the store cannot be read.
pub fn queue(store: &mut Store, outgoing: Outgoing) -> Result<u64, store::Error> {
    let id = store.next_id()?;
    let room = outgoing.room.clone();
    if outgoing.answers.is_some() {
        store.put(&tables::OUTBOX, &(room, id), &outgoing);
        return Ok(id);
    }
    meter::queued(1);
    place(store, REPORTS | id, outgoing)?;
    Ok(REPORTS | id)
}

/// Puts a report or a notice where it belongs now: into the outbox, to what is kept, or nowhere.
pub(super) fn place(
    store: &mut Store,
    number: u64,
    outgoing: Outgoing,
) -> Result<(), store::Error> {
    let room = outgoing.room.clone();
    let mut of_room = holds(store, &room, None)?;
    let mut drops = false;
    for hold in &mut of_room {
        if let Why::Muted(mute) = &mut hold.why
            && mute.drop
        {
            mute.dropped += outgoing.folded.max(1);
            drops = true;
        }
    }
    if drops {
        meter::dropped("dropped", 1);
        threads::forget(store, &outgoing)?;
        store.put(&tables::HOLDS, &(room, TrackerId::NONE), &of_room);
        return Ok(());
    }
    let stops = of_room.iter().any(|hold| !hold.flows);
    let stopped = match outgoing.tracker {
        _ if stops => true,
        Some(tracker) => is_stopped(store, &room, Some(tracker))?,
        None => false,
    };
    match stopped {
        true => kept::put(store, &room, &[(number, outgoing)])?,
        false => {
            store.put(&tables::OUTBOX, &(room, number), &outgoing);
        }
    }
    Ok(())
}

/// An older version wrote a mute into the room's own row.
///
/// # Errors
/// When the store cannot be read.
pub fn take_over_mutes(store: &mut Store) -> Result<(), store::Error> {
    for (room, mut row) in store.scan(&tables::ROOMS, &(), usize::MAX)? {
        if let Some(mute) = row.muted.take() {
            store.put(&tables::ROOMS, &room, &row);
            let at = mute.at;
            hold_room(store, &room, Hold::new(Why::Muted(mute), at))?;
        }
    }
    Ok(())
}

/// How many holds of each kind there are, for those who watch the process.
///
/// # Errors
/// When the store cannot be read.
pub fn count_holds(
    store: &Store,
) -> Result<std::collections::BTreeMap<&'static str, usize>, store::Error> {
    let mut counts = std::collections::BTreeMap::new();
    for (_, holds) in store.scan(&tables::HOLDS, &(), usize::MAX)? {
        for hold in holds {
            *counts.entry(hold.why.kind()).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Lets the oldest that is kept of a room, or of a tracker there, be said, and what begins its thread; nothing of those
/// that rest.
pub(super) fn let_one_go(
    store: &mut Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
    rests: impl Fn(TrackerId) -> bool,
) -> Result<(), store::Error> {
    loop {
        let whose = match tracker {
            Some(tracker) => vec![tracker],
            None => kept::by_tracker(store, room)?
                .into_iter()
                .map(|(tracker, _)| tracker)
                .collect(),
        };
        let mut oldest: Option<Entry> = None;
        for one in whose {
            let held_alone = tracker.is_none()
                && one != TrackerId::NONE
                && !holds(store, room, Some(one))?.is_empty();
            if held_alone || rests(one) {
                continue;
            }
            let first = kept::of(store, room, one, 1)?.pop();
            if let Some(first) = first
                && oldest.as_ref().is_none_or(|(number, _)| first.0 < *number)
            {
                oldest = Some(first);
            }
        }
        let Some((number, outgoing)) = oldest else {
            return Ok(());
        };
        kept::remove(store, room, &[(kept::whose(&outgoing), number)])?;
        store.put(&tables::OUTBOX, &(room.clone(), number), &outgoing);
        if !outgoing.day.is_some_and(|day| day.opens) {
            return Ok(());
        }
    }
}

/// Forgets what was held of a tracker that is no more.
pub(super) fn forget(store: &mut Store, tracker: TrackerId) -> Result<(), store::Error> {
    // Where it is held at all it stands here, and holds are few.
    let rows = store.scan(&tables::HOLDS, &(), usize::MAX)?;
    let its = rows.into_iter().filter(|((_, id), _)| *id == tracker);
    for ((room, _), _) in its {
        let key = (room.clone(), tracker);
        meter::dropped("stopped", kept::kept(store, &room, Some(tracker))? as u64);
        store.delete(&tables::HOLDS, &key);
        store.delete_all(&tables::HELD, &key)?;
        store.delete(&tables::KEPT, &key);
        store.delete(&tables::LATELY, &key);
        agenda::remove(store, &Task::Try(room, Some(tracker)).key())?;
    }
    Ok(())
}

/// A tracker speaks in another room from now on: what held it, and what was kept, comes along.
pub(super) fn follow(
    store: &mut Store,
    tracker: TrackerId,
    from: &RoomId,
    to: &RoomId,
) -> Result<(), store::Error> {
    let all = holds(store, from, Some(tracker))?;
    if all.is_empty() {
        return Ok(());
    }
    let entries = kept::of(store, from, tracker, usize::MAX)?;
    let numbers: Vec<(TrackerId, u64)> = entries
        .iter()
        .map(|(number, _)| (tracker, *number))
        .collect();
    kept::remove(store, from, &numbers)?;
    set_holds(store, from, Some(tracker), Vec::new())?;
    let there = |(number, outgoing): Entry| {
        let outgoing = Outgoing {
            room: to.clone(),
            // There it cannot have been said.
            attempts: 0,
            ..outgoing
        };
        (number, outgoing)
    };
    let entries: Vec<Entry> = entries.into_iter().map(there).collect();
    kept::put(store, to, &entries)?;
    set_holds(store, to, Some(tracker), all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Mute, Person, PersonId, Text};
    use crate::store::rows::RoomRow;
    use chrono::{DateTime, TimeDelta, Utc};

    fn begin() -> DateTime<Utc> {
        "2026-11-21T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_mute_of_an_older_version_holds_what_waits() {
        let mut store = Store::memory();
        let room = RoomId::new("test", "room");
        let waits = Outgoing::new(room.clone(), Text::line("news"), begin());
        queue(&mut store, waits).unwrap();
        let row = RoomRow {
            muted: Some(Mute {
                until: Some(begin() + TimeDelta::hours(2)),
                drop: false,
                by: Person {
                    id: PersonId("1".into()),
                    name: "eve".into(),
                },
                at: begin(),
                dropped: 0,
            }),
            ..RoomRow::new(begin())
        };
        store.put(&tables::ROOMS, &room, &row);
        for _ in 0..2 {
            take_over_mutes(&mut store).unwrap();
            assert!(is_stopped(&store, &room, None).unwrap());
            assert_eq!(kept::kept(&store, &room, None).unwrap(), 1);
            assert_eq!(super::super::waiting(&store, &room, 9).unwrap(), []);
        }
        let job = agenda::get(&store, &Task::Unmute(room.clone()).key()).unwrap();
        assert_eq!(job.unwrap().due, begin() + TimeDelta::hours(2));
        end_hold(&mut store, &room, None, "muted").unwrap();
        assert_eq!(super::super::waiting(&store, &room, 9).unwrap().len(), 1);
    }

    #[test]
    fn it_is_tried_after_one_hour_then_two_and_in_the_end_once_a_day() {
        let room = RoomId::new("test", "room");
        let mut hold = Hold::new(Why::Burst { messages: 21 }, begin());
        let mut before = begin();
        let mut hours = Vec::new();
        for _ in 0..7 {
            let mut store = Store::memory();
            set_holds(&mut store, &room, None, vec![hold.clone()]).unwrap();
            let job = agenda::get(&store, &Task::Try(room.clone(), None).key()).unwrap();
            let due = job.unwrap().due;
            hours.push((due - before).num_hours());
            before = due;
            hold.tries += 1;
        }
        assert_eq!(hours, [1, 2, 4, 8, 16, 24, 24]);
    }
}
