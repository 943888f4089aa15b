//! What is said once it is committed, in order, one message of a room at a time.

use crate::model::{Outgoing, ReportId, RoomId, Text};
use crate::store::{self, Store, tables};

/// Queues a text for a room; it is said after the next commit and leaves the store once the platform has it.
pub fn enqueue(
    store: &mut Store,
    room: &RoomId,
    text: Text,
    reports: Vec<ReportId>,
) -> Result<(), store::Error> {
    let id = store.next_id()?;
    let outgoing = Outgoing {
        room: room.clone(),
        text,
        reports,
        attempts: 0,
    };
    store.put(&tables::OUTBOX, &(room.clone(), id), &outgoing);
    Ok(())
}

/// The oldest text that a room still has to hear.
pub fn first(store: &Store, room: &RoomId) -> Result<Option<(u64, Outgoing)>, store::Error> {
    Ok(store
        .scan(&tables::OUTBOX, room, 1)?
        .pop()
        .map(|((_, id), outgoing)| (id, outgoing)))
}

/// Takes a text out: the platform has said it, or never will.
pub fn said(store: &mut Store, room: &RoomId, id: u64) {
    store.delete(&tables::OUTBOX, &(room.clone(), id));
}
