//! What cannot be put into words: it waits, and not without end.

use chrono::{DateTime, Utc};

use super::{dropped, enqueue_first, hold};
use crate::meter;
use crate::model::{Hold, Text, Tracker, Why};
use crate::store::{self, Store, tables};

/// Whether a tracker's reports wait because they cannot be put into words.
pub(super) fn is_unworded(store: &Store, tracker: &Tracker) -> Result<bool, store::Error> {
    let unworded = dropped::unworded(store, &tracker.room, Some(tracker.id))?;
    Ok(!unworded.is_empty())
}

/// Of what cannot be put into words, no more waits than would of messages; `show NAME --reports` has it all the same. The
/// room hears of it when it begins.
pub(super) fn bound(
    store: &mut Store,
    tracker: &Tracker,
    most: usize,
    now: DateTime<Utc>,
) -> Result<(), store::Error> {
    let id = tracker.id;
    let over = store.count(&tables::WAITING, &id)?.saturating_sub(most);
    if over == 0 {
        return Ok(());
    }
    no_room(store, tracker, most, over as u64, now)?;
    for (key, _) in store.scan(&tables::WAITING, &id, over)? {
        store.delete(&tables::WAITING, &key);
    }
    meter::dropped("unworded", over as u64);
    Ok(())
}

/// So many more items of a tracker cannot be put into words than may wait: the oldest go, and the first time that is said.
fn no_room(
    store: &mut Store,
    tracker: &Tracker,
    most: usize,
    over: u64,
    now: DateTime<Utc>,
) -> Result<(), store::Error> {
    let (room, whose) = (&tracker.room, Some(tracker.id));
    let mut holds = hold::holds(store, room, whose)?;
    let its = |hold: &&mut Hold| !hold.flows && matches!(hold.why, Why::Printer { .. });
    let Some(hold) = holds.iter_mut().find(its) else {
        return Ok(());
    };
    let begins = hold.gone == 0;
    hold.gone += over;
    hold::set_holds(store, room, whose, holds)?;
    if !begins {
        return Ok(());
    }
    let name = &tracker.name;
    let text = Text::line(format!(
        "What `{name}` finds still cannot be put into words, and more than {most} of it may not wait: the oldest is dropped from now on."
    ));
    let text = text.hint(format!(
        "`show {name} --reports 20` has it all the same, `edit {name} as list` says it in another way"
    ));
    enqueue_first(store, room, text, now)
}
