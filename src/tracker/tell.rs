//! What is due for a tracker or source apart from looking: telling what was gathered, forgetting.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Trackers, Trouble, announce, hold, job, unworded};
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
        let waiting = match unworded::is_unworded(store, &live.tracker)? {
            true => Vec::new(),
            false => store.scan(&tables::WAITING, &id, TOLD_AT_ONCE)?,
        };
        let all = waiting.len() < TOLD_AT_ONCE;
        if !waiting.is_empty() {
            let reports: Vec<u64> = waiting.iter().map(|((_, report), _)| *report).collect();
            let items: Vec<Item> = waiting.into_iter().map(|(_, item)| item).collect();
            let found = announce::Found {
                reports: &reports,
                items: &items,
                // Who does not gather has something waiting only because somebody changed something.
                asked: !live.gathers(),
            };
            if announce::say(store, live, &self.limits, &self.rooms, &found, now)? {
                for report in reports {
                    store.delete(&tables::WAITING, &(id, report));
                }
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

    /// Gathers what a tracker's source brought for other trackers since it came to rest, as if it had never rested; it
    /// is told at once, or at the tracker's own time.
    pub fn catch_up(
        &mut self,
        store: &mut Store,
        id: TrackerId,
        now: DateTime<Utc>,
    ) -> Result<(), Trouble> {
        let Some(live) = self.live.get_mut(&id) else {
            return Ok(());
        };
        let Some(number) = live.tracker.rested_after else {
            return Ok(());
        };
        if live.tracker.stage != Stage::Armed {
            return Ok(());
        }
        let missed = items::after(store, live.tracker.source, number, CAUGHT_UP)?;
        if announce::gather(store, live, &missed, now)? > 0 && !live.gathers() {
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
        store.delete(&tables::THREADS, &id);
        hold::forget(store, id)?;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{ItemId, Person, PersonId, Recipe, Tracker};
    use crate::source::Look;
    use crate::tracker::{Limits, RoomManners};
    use crate::when;

    fn trackers(store: &Store) -> Trackers {
        let manners = |_: &RoomId| RoomManners {
            zone: chrono_tz::UTC,
            order: when::Order::default(),
            longest: 1_000,
            threads: false,
        };
        let manners = Arc::new(manners);
        let (shared, readers) = Default::default();
        Trackers::load(store, Limits::default(), manners, shared, readers).unwrap()
    }

    fn tracker(id: u64, recipe: &Recipe, source: SourceId, at: DateTime<Utc>) -> Tracker {
        Tracker {
            id: TrackerId(id),
            name: format!("t{id}").parse().unwrap(),
            home: RoomId::new("test", "room"),
            room: RoomId::new("test", "room"),
            by: Person {
                id: PersonId("1".into()),
                name: "ann".into(),
            },
            at,
            source,
            recipe: recipe.clone(),
            paused: false,
            stage: Stage::Armed,
            rested_after: None,
            kept: 0,
            broad: false,
        }
    }

    fn item(id: &str, look: DateTime<Utc>) -> Item {
        Item {
            id: ItemId(id.into()),
            revision: 1,
            title: id.into(),
            body: String::new(),
            author: None,
            url: None,
            at: look,
            seen: look,
            tags: Vec::new(),
            facts: Default::default(),
        }
    }

    #[test]
    fn a_look_that_was_under_way_when_a_tracker_came_to_rest_is_caught_up_as_well() {
        let second = |n: i64| DateTime::from_timestamp(1_800_000_000 + n, 0).unwrap();
        let mut store = Store::memory();
        let mut trackers = trackers(&store);
        let recipe = r#"{"source": {"kind": "feed", "url": "https://example.org/feed"}}"#;
        let recipe: Recipe = serde_json::from_str(recipe).unwrap();
        let source = trackers.source_of(&mut store, &recipe).unwrap();
        let (rests, works) = (TrackerId(1), TrackerId(2));
        for id in [rests, works] {
            let tracker = tracker(id.0, &recipe, source, second(0));
            trackers
                .set(&mut store, id, Some(tracker), second(0))
                .unwrap();
        }
        let looked = |ids: &[&str], begun| {
            let items = ids.iter().map(|id| item(id, begun)).collect();
            Ok(Look {
                items: Some(items),
                ..Look::default()
            })
        };
        let first = looked(&["said"], second(1));
        trackers
            .looked(&mut store, source, first, second(2))
            .unwrap();
        let pauses = |paused, trackers: &Trackers| Tracker {
            paused,
            ..trackers.get(rests).unwrap().clone()
        };
        // The second look begins at 3, the pause is at 4, what the look brought is there at 5.
        let paused = pauses(true, &trackers);
        trackers
            .set(&mut store, rests, Some(paused), second(4))
            .unwrap();
        let second_look = looked(&["missed", "said"], second(3));
        trackers
            .looked(&mut store, source, second_look, second(5))
            .unwrap();
        let goes_on = pauses(false, &trackers);
        trackers
            .set(&mut store, rests, Some(goes_on), second(6))
            .unwrap();
        trackers.catch_up(&mut store, rests, second(6)).unwrap();
        let waiting = store.scan(&tables::WAITING, &rests, 10).unwrap();
        let titles: Vec<String> = waiting.into_iter().map(|(_, item)| item.title).collect();
        assert_eq!(titles, ["missed"]);
    }
}
