//! Dialogues as they are kept: by whom and where, until when.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::asks::Place;
use crate::command::Scene;
use crate::model::dialogue::Answering;
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

/// How long what was said to nobody can be an answer.
const PLAIN_FOR: TimeDelta = TimeDelta::minutes(10);

/// Until when what was said to nobody can be an answer in this dialogue.
pub fn plain_until(row: &DialogueRow) -> DateTime<Utc> {
    let asked = row.ends
        - match row.light {
            true => LIGHT_ENDS_AFTER,
            false => ENDS_AFTER,
        };
    asked + PLAIN_FOR
}

/// The dialogue that is kept here, unless it has ended by itself.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn open_at(
    scene: &Scene<'_>,
    place: &Place,
) -> Result<Option<DialogueRow>, store::Error> {
    let row = scene.store.get(&tables::DIALOGUES, place)?;
    let mut row = row.filter(|row| scene.now < row.ends);
    if let Some(row) = &mut row {
        row.state.secrets = scene.secrets.of(place, row.id);
    }
    Ok(row)
}

/// Answers that are written nowhere, by where they were given: they end with the process.
#[derive(Default)]
pub struct Secrets(HashMap<Place, (u64, Vec<(String, String)>)>);

impl Secrets {
    /// Those of a dialogue.
    fn of(&self, place: &Place, id: u64) -> Vec<(String, String)> {
        let kept = self.0.get(place).filter(|(known, _)| *known == id);
        kept.map_or(Vec::new(), |(_, secrets)| secrets.clone())
    }

    fn keep(&mut self, place: &Place, row: &DialogueRow) {
        match row.state.secrets.is_empty() {
            true => self.0.remove(place),
            false => {
                let secrets = row.state.secrets.clone();
                self.0.insert(place.clone(), (row.id, secrets))
            }
        };
    }

    /// Those of a dialogue that has ended.
    pub fn forget(&mut self, place: &Place) {
        self.0.remove(place);
    }
}

/// Ends a dialogue; gives what it interrupted.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn end(
    scene: &mut Scene<'_>,
    place: &Place,
    row: &DialogueRow,
) -> Result<Option<Box<DialogueRow>>, store::Error> {
    scene.asked = false;
    scene.secrets.forget(place);
    match &row.under {
        // What it has seen of its source is kept for it.
        Some(_) => {
            scene.store.delete(&tables::DIALOGUES, place);
            Ok(row.under.clone())
        }
        None => forget(scene.store, place).map(|()| None),
    }
}

/// Where a dialogue of whoever speaks is kept.
pub fn place(scene: &Scene<'_>) -> Place {
    (scene.room().clone(), scene.message.person.id.clone())
}

/// Whether questions can be answered plainly in the room of whoever speaks.
pub fn is_plain(scene: &Scene<'_>) -> bool {
    let chosen = scene.store.get(&tables::CHOSEN, scene.room());
    let answers = chosen.ok().flatten().and_then(|chosen| chosen.answers);
    answers.unwrap_or_default() == Answering::Plain
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
    (row.reminded, row.repeated) = (false, false);
    scene.secrets.keep(place, &row);
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
