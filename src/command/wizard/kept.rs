//! Dialogues as they are kept: by whom and where, until when.

use chrono::{DateTime, TimeDelta, Utc};

use super::asks::Place;
use crate::command::Scene;
use crate::model::{Job, PersonId, RoomId, Task};
use crate::store::rows::DialogueRow;
use crate::store::{self, Store, agenda, tables};
use crate::tracker::Trouble;

/// When somebody is reminded of a question.
const REMINDS_AFTER: TimeDelta = TimeDelta::minutes(30);
/// When a dialogue ends by itself.
pub const ENDS_AFTER: TimeDelta = TimeDelta::days(1);

/// When one ends that began by itself: whoever says nothing to it has thought better of it.
const LIGHT_ENDS_AFTER: TimeDelta = TimeDelta::minutes(5);

/// The dialogue that is kept here, unless it has ended by itself.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn open_at(
    scene: &Scene<'_>,
    place: &Place,
) -> Result<Option<DialogueRow>, store::Error> {
    let row = scene.store.get(&tables::DIALOGUES, place)?;
    Ok(row.filter(|row| scene.now < row.ends))
}

/// Where a dialogue of whoever speaks is kept.
pub fn place(scene: &Scene<'_>) -> Place {
    (scene.room().clone(), scene.message.person.id.clone())
}

/// Writes a dialogue down, and when somebody is reminded of it.
pub(super) fn keep(
    scene: &mut Scene<'_>,
    place: &Place,
    mut row: DialogueRow,
) -> Result<(), Trouble> {
    scene.asked = true;
    // Who asked in private is asked in private.
    scene.aside |= scene.message.private;
    row.reminded = false;
    let (reminds, ends) = match row.light {
        true => (LIGHT_ENDS_AFTER, LIGHT_ENDS_AFTER),
        false => (REMINDS_AFTER, ENDS_AFTER),
    };
    row.ends = scene.now + ends;
    plan(scene.store, place, scene.now + reminds)?;
    scene.store.put(&tables::DIALOGUES, place, &row);
    Ok(())
}

/// Plans when a dialogue is looked after.
///
/// # Errors
/// When the store cannot be read.
pub fn plan(
    store: &mut Store,
    (room, person): &(RoomId, PersonId),
    due: DateTime<Utc>,
) -> Result<(), store::Error> {
    let task = Task::Remind(room.clone(), person.clone());
    let job = Job {
        key: task.key(),
        due,
        attempts: 0,
        task,
    };
    agenda::put(store, &job)
}

/// Forgets a dialogue.
///
/// # Errors
/// When the store cannot be read.
pub fn forget(store: &mut Store, place: &(RoomId, PersonId)) -> Result<(), store::Error> {
    store.delete(&tables::DIALOGUES, place);
    store.delete(&tables::SAMPLES, place);
    let task = Task::Remind(place.0.clone(), place.1.clone());
    agenda::remove(store, &task.key())
}
