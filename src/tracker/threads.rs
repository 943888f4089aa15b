//! A tracker's thread of the day: a line with its name and the day begins it, its reports stand in it.

use chrono::{DateTime, Utc};

use super::{Live, Rooms, queue};
use crate::model::text::Span;
use crate::model::{Day, MessageId, Outgoing, RoomId, Text};
use crate::store::rows::ThreadRow;
use crate::store::{self, Store, tables};
use crate::when::{self, Reading};

/// The day in whose thread a tracker's reports stand now, which is begun if it is not; none for a tracker without
/// threads, and in rooms that have none.
pub(super) fn today(
    store: &mut Store,
    live: &Live,
    rooms: &Rooms,
    now: DateTime<Utc>,
) -> Result<Option<Day>, store::Error> {
    let tracker = &live.tracker;
    let manners = rooms(&tracker.room);
    if !tracker.recipe.thread || !manners.threads {
        return Ok(None);
    }
    let reading = Reading {
        now,
        zone: manners.zone,
        order: manners.order,
    };
    let day = Day {
        tracker: tracker.id,
        date: when::day(now, &reading),
        opens: false,
    };
    let known = store.get(&tables::THREADS, &tracker.id)?;
    if known.is_none_or(|row| row.date != day.date || row.room != tracker.room) {
        let text = Text::new().spans(vec![
            Span::Bold(tracker.name.to_string()),
            Span::Words(format!(", {}", when::say_day(now, &reading))),
        ]);
        let opens = Outgoing {
            tracker: Some(tracker.id),
            day: Some(Day { opens: true, ..day }),
            ..Outgoing::new(tracker.room.clone(), text, now)
        };
        queue(store, opens)?;
        let row = ThreadRow {
            room: tracker.room.clone(),
            date: day.date,
            message: None,
        };
        store.put(&tables::THREADS, &tracker.id, &row);
    }
    Ok(Some(day))
}

/// The message that began the thread of this day in this room, if it was said.
pub fn begun_by(
    store: &Store,
    room: &RoomId,
    day: &Day,
) -> Result<Option<MessageId>, store::Error> {
    let row = store.get(&tables::THREADS, &day.tracker)?;
    let same = row.filter(|row| row.date == day.date && row.room == *room);
    Ok(same.and_then(|row| row.message))
}

/// The thread of this day was begun with this message.
pub(super) fn begin(
    store: &mut Store,
    room: &RoomId,
    day: &Day,
    message: MessageId,
) -> Result<(), store::Error> {
    if let Some(mut row) = store.get(&tables::THREADS, &day.tracker)?
        && row.date == day.date
        && row.room == *room
    {
        row.message = Some(message);
        store.put(&tables::THREADS, &day.tracker, &row);
    }
    Ok(())
}

/// What was to begin a thread is not said: the next report of that day begins another.
pub(super) fn forget(store: &mut Store, outgoing: &Outgoing) -> Result<(), store::Error> {
    if let Some(day) = outgoing.day.filter(|day| day.opens)
        && let Some(row) = store.get(&tables::THREADS, &day.tracker)?
        && row.date == day.date
        && row.room == outgoing.room
    {
        store.delete(&tables::THREADS, &day.tracker);
    }
    Ok(())
}
