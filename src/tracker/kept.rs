//! What is kept from being said: entries of the outbox that a hold has taken out of it, and how many they are.
//!
//! They stand beside the outbox, so that nobody who looks for the next thing to say has to walk over them; under their
//! own numbers, so that their order is the same when they come back.

use std::collections::BTreeMap;

use crate::model::{Outgoing, RoomId, TrackerId};
use crate::store::{self, Store, tables};

/// An entry of the outbox with its number.
pub(super) type Entry = (u64, Outgoing);

/// The tracker in keys whose reports an entry says.
pub(super) fn whose(outgoing: &Outgoing) -> TrackerId {
    outgoing.tracker.unwrap_or(TrackerId::NONE)
}

/// Keeps entries that stand nowhere else.
pub(super) fn put(store: &mut Store, room: &RoomId, entries: &[Entry]) -> Result<(), store::Error> {
    let mut more: BTreeMap<TrackerId, u64> = BTreeMap::new();
    for (number, outgoing) in entries {
        let tracker = whose(outgoing);
        store.put(&tables::HELD, &(room.clone(), tracker, *number), outgoing);
        *more.entry(tracker).or_default() += 1;
    }
    for (tracker, more) in more {
        count(store, room, tracker, |kept| kept + more)?;
    }
    Ok(())
}

/// Puts another entry into the place of one that is kept.
pub(super) fn rewrite(store: &mut Store, room: &RoomId, number: u64, outgoing: &Outgoing) {
    let key = (room.clone(), whose(outgoing), number);
    store.put(&tables::HELD, &key, outgoing);
}

/// Keeps these no longer.
pub(super) fn remove(
    store: &mut Store,
    room: &RoomId,
    entries: &[(TrackerId, u64)],
) -> Result<(), store::Error> {
    let mut fewer: BTreeMap<TrackerId, u64> = BTreeMap::new();
    for (tracker, number) in entries {
        store.delete(&tables::HELD, &(room.clone(), *tracker, *number));
        *fewer.entry(*tracker).or_default() += 1;
    }
    for (tracker, fewer) in fewer {
        count(store, room, tracker, |kept| kept.saturating_sub(fewer))?;
    }
    Ok(())
}

fn count(
    store: &mut Store,
    room: &RoomId,
    tracker: TrackerId,
    change: impl Fn(u64) -> u64,
) -> Result<(), store::Error> {
    let key = (room.clone(), tracker);
    let kept = store.get(&tables::KEPT, &key)?.unwrap_or_default();
    match change(kept) {
        0 => store.delete(&tables::KEPT, &key),
        now => {
            store.put(&tables::KEPT, &key, &now);
        }
    }
    Ok(())
}

/// What is kept of a tracker, or of nobody, the oldest first, at most so many.
pub(super) fn of(
    store: &Store,
    room: &RoomId,
    tracker: TrackerId,
    most: usize,
) -> Result<Vec<Entry>, store::Error> {
    let rows = store.scan(&tables::HELD, &(room.clone(), tracker), most)?;
    let entry = |((_, _, number), outgoing)| (number, outgoing);
    Ok(rows.into_iter().map(entry).collect())
}

/// All that is kept in a room, the oldest first.
pub(super) fn all(store: &Store, room: &RoomId) -> Result<Vec<Entry>, store::Error> {
    let rows = store.scan(&tables::HELD, room, usize::MAX)?;
    let entry = |((_, _, number), outgoing)| (number, outgoing);
    let mut entries: Vec<Entry> = rows.into_iter().map(entry).collect();
    entries.sort_by_key(|(number, _)| *number);
    Ok(entries)
}

/// The entry of this number that is kept in a room, whosever it is. Walks over what is kept: only for what was being
/// said when it was taken out.
pub(super) fn find(
    store: &Store,
    room: &RoomId,
    number: u64,
) -> Result<Option<Outgoing>, store::Error> {
    for (tracker, _) in by_tracker(store, room)? {
        let found = store.get(&tables::HELD, &(room.clone(), tracker, number))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Whose entries are kept in a room, and how many of each; the order is that of the trackers' ids.
pub(super) fn by_tracker(
    store: &Store,
    room: &RoomId,
) -> Result<Vec<(TrackerId, usize)>, store::Error> {
    let rows = store.scan(&tables::KEPT, room, usize::MAX)?;
    let kept = |((_, tracker), kept): ((RoomId, TrackerId), u64)| (tracker, kept as usize);
    Ok(rows.into_iter().map(kept).collect())
}

/// How many messages of a room, or of one tracker in it, are kept; no message is read for it.
///
/// # Errors
/// When the store cannot be read.
pub fn kept(
    store: &Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
) -> Result<usize, store::Error> {
    match tracker {
        Some(tracker) => {
            let kept = store.get(&tables::KEPT, &(room.clone(), tracker))?;
            Ok(kept.unwrap_or_default() as usize)
        }
        None => Ok(by_tracker(store, room)?.iter().map(|(_, kept)| kept).sum()),
    }
}
