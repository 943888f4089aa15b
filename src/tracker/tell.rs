//! What is due for a tracker or source apart from looking: telling what was gathered, forgetting.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Trackers, Trouble, job, sift};
use crate::model::{Item, RoomId, SourceId, Stage, Task, TrackerId};
use crate::source;
use crate::store::{Store, agenda, items, tables};

/// The most items that one telling takes; what is left waits for the next.
const TOLD_AT_ONCE: usize = 2_000;
/// How many of a source's last items an `undo` looks through for what was missed.
const CAUGHT_UP: usize = 50;

impl Trackers {
    /// Says what a tracker gathered, and plans the next telling.
    pub fn tell(
        &mut self,
        store: &mut Store,
        id: TrackerId,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<RoomId>, Trouble> {
        let mut rooms = BTreeSet::new();
        let task = Task::Tell(id);
        let Some(live) = self.live.get(&id).filter(|live| !live.tracker.paused) else {
            agenda::remove(store, &task.key())?;
            return Ok(rooms);
        };
        let waiting = store.scan(&tables::WAITING, &id, TOLD_AT_ONCE)?;
        let all = waiting.len() < TOLD_AT_ONCE;
        if !waiting.is_empty() {
            let reports: Vec<u64> = waiting.iter().map(|((_, report), _)| *report).collect();
            let items: Vec<Item> = waiting.into_iter().map(|(_, item)| item).collect();
            sift::say(store, live, &self.limits, &self.rooms, &reports, &items)?;
            for report in reports {
                store.delete(&tables::WAITING, &(id, report));
            }
            rooms.insert(live.tracker.room.clone());
        }
        if live.gathers() {
            let zone = (self.rooms)(&live.tracker.home).zone;
            agenda::put(store, &job(task, live.tells(&self.limits).next(now, zone)))?;
        } else if all {
            agenda::remove(store, &task.key())?;
        } else {
            agenda::put(store, &job(task, now))?;
        }
        Ok(rooms)
    }

    /// Gathers what a tracker's source brought after `since` for other trackers, as if it had never rested; it is
    /// told at once, or at the tracker's own time.
    pub fn catch_up(
        &mut self,
        store: &mut Store,
        id: TrackerId,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), Trouble> {
        let Some(live) = self.live.get_mut(&id) else {
            return Ok(());
        };
        if live.tracker.stage != Stage::Armed {
            return Ok(());
        }
        let mut missed = items::last(store, live.tracker.source, CAUGHT_UP)?;
        missed.retain(|item| item.seen > since);
        if sift::gather(store, live, &missed, now)? > 0 && !live.gathers() {
            agenda::put(store, &job(Task::Tell(id), now))?;
        }
        Ok(())
    }

    /// Drops what a stopped tracker had gathered and reported.
    pub fn discard(&mut self, store: &mut Store, id: TrackerId) -> Result<(), Trouble> {
        agenda::remove(store, &Task::Discard(id).key())?;
        if self.live.contains_key(&id) {
            return Ok(());
        }
        store.delete_all(&tables::WAITING, &id)?;
        store.delete_all(&tables::REPORTS, &id)?;
        Ok(())
    }

    /// Drops all that is stored of a source that nobody watches any more.
    pub fn forget(&mut self, store: &mut Store, id: SourceId) -> Result<(), Trouble> {
        agenda::remove(store, &Task::Forget(id).key())?;
        if self.sources.contains_key(&id) {
            return Ok(());
        }
        if let Some(row) = store.get(&tables::SOURCES, &id)?
            && let Ok(poll) = source::build(&row.part)
        {
            store.delete(&tables::SOURCE_KEYS, &poll.key());
        }
        store.delete(&tables::SOURCES, &id);
        store.delete_all(&tables::SEEN, &id)?;
        items::forget(store, id)?;
        Ok(())
    }
}
