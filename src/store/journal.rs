//! Who decided what, when and why; only ever appended to.

use std::ops::ControlFlow;

use super::engine::Direction;
use super::rows::Entry;
use super::tables::{JOURNAL, JOURNAL_OF, META};
use super::{Error, Rows, Store};
use crate::model::RoomId;

/// The row of [`META`] with the last entry that is found by its room.
const FOUND: &str = "journal_of";

/// Appends one entry.
///
/// # Errors
/// When the store cannot be read.
pub fn append(store: &mut Store, entry: Entry) -> Result<(), Error> {
    let number = store.next_id()?;
    store.put(&JOURNAL, &number, &entry);
    index(store)
}

/// Lets the entries be found by their rooms that are not yet: an older version wrote none of them down by room.
///
/// # Errors
/// When the store cannot be read.
pub fn index(store: &mut Store) -> Result<(), Error> {
    let name = FOUND.to_string();
    let found = store.get(&META, &name)?.and_then(|found| found.as_u64());
    let found = found.unwrap_or(0);
    let mut new: Vec<(u64, Entry)> = Vec::new();
    store.walk(JOURNAL.tree, &[], Direction::Back, &mut |key, value| {
        let number = JOURNAL.key(key)?;
        if number <= found {
            return Ok(ControlFlow::Break(()));
        }
        new.push((number, JOURNAL.value(value)?));
        Ok(ControlFlow::Continue(()))
    })?;
    let Some((last, _)) = new.first() else {
        return Ok(());
    };
    store.put(&META, &name, &(*last).into());
    for (number, entry) in new {
        for room in [entry.room].into_iter().chain(entry.also) {
            store.put(&JOURNAL_OF, &(room, number), &());
        }
    }
    Ok(())
}

/// The last `n` entries of all rooms, or of one, the newest first.
///
/// # Errors
/// When the store cannot be read.
pub fn last(store: &Store, room: Option<&RoomId>, n: usize) -> Result<Vec<Entry>, Error> {
    let Some(room) = room else {
        let rows = store.scan_back(&JOURNAL, &(), n)?;
        return Ok(rows.into_iter().map(|(_, entry)| entry).collect());
    };
    let numbers = store.scan_back(&JOURNAL_OF, room, n)?;
    let entries = numbers
        .into_iter()
        .map(|((_, number), ())| store.get(&JOURNAL, &number));
    entries.filter_map(Result::transpose).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Person, PersonId};

    fn entry(room: &RoomId, what: &str, also: &[RoomId]) -> Entry {
        Entry {
            at: "2026-11-21T09:00:00Z".parse().unwrap(),
            who: Person {
                id: PersonId("ann".into()),
                name: "Ann".into(),
            },
            room: room.clone(),
            words: String::new(),
            what: what.into(),
            also: also.to_vec(),
        }
    }

    fn of(store: &Store, room: Option<&RoomId>, n: usize) -> Vec<String> {
        let entries = last(store, room, n).unwrap();
        entries.into_iter().map(|entry| entry.what).collect()
    }

    #[test]
    fn a_room_finds_its_own_also_what_an_older_version_wrote() {
        let mut store = Store::memory();
        let (a, b) = (RoomId::new("test", "#a"), RoomId::new("test", "#b"));
        for (n, room) in [&a, &b, &a, &b].into_iter().enumerate() {
            let number = store.next_id().unwrap();
            store.put(&JOURNAL, &number, &entry(room, &format!("old {n}"), &[]));
        }
        index(&mut store).unwrap();
        append(&mut store, entry(&a, "new", &[])).unwrap();
        append(&mut store, entry(&b, "of both", std::slice::from_ref(&a))).unwrap();
        assert_eq!(
            of(&store, Some(&a), 9),
            ["of both", "new", "old 2", "old 0"]
        );
        assert_eq!(of(&store, Some(&b), 9), ["of both", "old 3", "old 1"]);
        assert_eq!(of(&store, Some(&a), 2), ["of both", "new"]);
        assert_eq!(of(&store, None, 3), ["of both", "new", "old 3"]);
        // One that an older version wrote in between.
        let number = store.next_id().unwrap();
        store.put(&JOURNAL, &number, &entry(&b, "between", &[]));
        append(&mut store, entry(&b, "last", &[])).unwrap();
        assert_eq!(of(&store, Some(&b), 3), ["last", "between", "of both"]);
        let before = store.mark();
        index(&mut store).unwrap();
        assert!(store.mark() == before);
    }
}
