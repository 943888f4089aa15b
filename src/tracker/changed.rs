//! How trackers change, and what is due because of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::watched::Watched;
use super::{Live, Trackers, Trouble, hold, job};
use crate::filter::Burden;
use crate::model::{Recipe, Refusal, RoomId, SourceId, Stage, Task, Tracker, TrackerId};
use crate::source::{self, Poll};
use crate::store::rows::SourceRow;
use crate::store::{self, Store, agenda, items, tables};
use crate::when::Every;

/// How long a stopped tracker's source and gathered items are remembered, so that an `undo` loses nothing.
const FORGET_AFTER: TimeDelta = TimeDelta::days(1);

impl Trackers {
    /// The id of the source that this part means; a new one where nobody watches it yet.
    pub fn source_of(&mut self, store: &mut Store, recipe: &Recipe) -> Result<SourceId, Trouble> {
        let poll = source::build(&recipe.source)?;
        let key = poll.key();
        if let Some(id) = store.get(&tables::SOURCE_KEYS, &key)? {
            return Ok(id);
        }
        let id = SourceId(store.next_id()?);
        store.put(&tables::SOURCE_KEYS, &key, &id);
        store.put(
            &tables::SOURCES,
            &id,
            &SourceRow::new(recipe.source.clone()),
        );
        Ok(id)
    }

    /// Puts a tracker into the state `to`; `None` takes it away. The only way in which trackers change:
    /// starting, stopping, editing and undoing are this with different states. Returns the state before, which
    /// knows after which item it came to rest if it does.
    ///
    /// # Errors
    /// When the recipe is not understood; then nothing has changed.
    pub fn set(
        &mut self,
        store: &mut Store,
        id: TrackerId,
        to: Option<Tracker>,
        now: DateTime<Utc>,
    ) -> Result<Option<Tracker>, Trouble> {
        let mut next = match to {
            Some(tracker) => Some(Live::build(tracker, &self.rooms, &self.printers)?),
            None => None,
        };
        if let Some(live) = &next {
            self.load_source(store, live.tracker.source)?;
            self.bears(live)?;
        }
        let mut touched = BTreeSet::new();
        let mut old = self.remove(id);
        let called = |tracker: &Tracker| (tracker.home.clone(), tracker.name.clone());
        let schedule = |tracker: &Tracker| (tracker.recipe.every.clone(), tracker.paused);
        let (name, before) = (old.as_ref().map(called), old.as_ref().map(schedule));
        let new_name = next.as_ref().map(|live| called(&live.tracker));
        if name != new_name {
            if let Some(name) = &name {
                store.delete(&tables::NAMES, name);
            }
            if let Some(name) = &new_name {
                store.put(&tables::NAMES, name, &id);
            }
        }
        touched.extend(old.as_ref().map(|old| old.source));
        self.before.push((id, old.clone()));
        let rests = next.as_ref().is_none_or(|live| live.tracker.paused);
        let worked = |old: &&mut Tracker| !old.paused && old.stage == Stage::Armed;
        if let Some(old) = old.as_mut().filter(worked).filter(|_| rests) {
            // Not the time of day: a look may be under way that began before, and counts as missed all the same.
            old.rested_after = Some(items::last_number(store, old.source)?);
            if let Some(live) = &mut next {
                live.tracker.rested_after = old.rested_after;
            }
        }
        if let Some(old) = &old {
            let moved = next.as_ref().filter(|live| live.tracker.room != old.room);
            if let Some(live) = moved {
                hold::follow(store, id, &old.room, &live.tracker.room)?;
            }
            if moved.is_some() || next.is_none() {
                store.delete(&tables::LATELY, &(old.room.clone(), id));
            }
            let printer = |tracker: &Tracker| tracker.recipe.printer.clone();
            if let Some(live) = &next
                && printer(&live.tracker) != printer(old)
            {
                hold::end_hold(store, &live.tracker.room, Some(id), "printer")?;
            }
        }
        match next {
            Some(live) => {
                let tracker = &live.tracker;
                touched.insert(tracker.source);
                store.put(&tables::TRACKERS, &id, tracker);
                agenda::remove(store, &Task::Discard(id).key())?;
                let tell = Task::Tell(id);
                if tracker.paused {
                    agenda::remove(store, &tell.key())?;
                } else if live.gathers() {
                    // Another name or filter does not put off what is due; another schedule does.
                    let planned = agenda::get(store, &tell.key())?;
                    let keeps = planned.is_some() && before == Some(schedule(tracker));
                    let zone = (self.rooms)(&tracker.home).zone;
                    if !keeps {
                        agenda::put(store, &job(tell, live.tells(&self.limits).next(now, zone)))?;
                    }
                } else if store.last_key(&tables::WAITING, &id)?.is_some() {
                    // It gathered before it was changed; that is said now.
                    agenda::put(store, &job(tell, now))?;
                } else {
                    agenda::remove(store, &tell.key())?;
                }
                self.insert(live);
            }
            None => {
                store.delete(&tables::TRACKERS, &id);
                agenda::remove(store, &Task::Tell(id).key())?;
                agenda::put(store, &job(Task::Discard(id), now + FORGET_AFTER))?;
            }
        }
        for source in touched {
            self.plan(store, source, now)?;
        }
        Ok(old)
    }

    /// # Errors
    /// When its source's items could no longer be read fast enough.
    fn bears(&self, live: &Live) -> Result<(), Refusal> {
        let tracker = &live.tracker;
        let here = |old: &&Live| !old.tracker.paused && old.tracker.source == tracker.source;
        let old = self.live.get(&tracker.id).filter(here);
        let same = |old: &Live| {
            let (old, new) = (&old.tracker.recipe, &tracker.recipe);
            (&old.query, &old.filter) == (&new.query, &new.filter)
        };
        if tracker.paused || old.is_some_and(same) {
            return Ok(());
        }
        if !Burden::bears_alone(&live.sieve) {
            return Err(
                Refusal::new("That is more than 20 patterns for one tracker.")
                    .hint("write several as one, `/one|two|three/`, or words without slashes"),
            );
        }
        let watched = self.sources.get(&tracker.source);
        let old = old.map(|old| &old.sieve);
        if watched.is_none_or(|watched| watched.bears(&live.sieve, old)) {
            return Ok(());
        }
        Err(Refusal::new(
            "Too much is looked for already in every item of that source, and this would be one more such thing.",
        )
        .hint("add something rare that must be there, for instance a long word, `tag:NAME` or `author:NAME`; a pattern needs some letters in a row"))
    }

    pub(super) fn insert(&mut self, live: Live) {
        let tracker = &live.tracker;
        self.names
            .entry(tracker.home.clone())
            .or_default()
            .insert(tracker.name.clone(), tracker.id);
        if let Some(watched) = self.sources.get_mut(&tracker.source) {
            watched.add(&live, live.looks(&self.limits), &self.live);
        }
        self.live.insert(tracker.id, live);
    }

    pub(super) fn remove(&mut self, id: TrackerId) -> Option<Tracker> {
        let live = self.live.remove(&id)?;
        let tracker = &live.tracker;
        if let Some(names) = self.names.get_mut(&tracker.home) {
            names.remove(&tracker.name);
        }
        if let Some(watched) = self.sources.get_mut(&tracker.source) {
            watched.remove(&live, live.looks(&self.limits));
        }
        Some(live.tracker)
    }

    pub(super) fn watch(&mut self, id: SourceId, poll: Arc<dyn Poll>, row: SourceRow) {
        self.sources.entry(id).or_insert_with(|| {
            let mut watched = Watched::new(poll);
            watched.recall(row);
            watched
        });
    }

    pub(super) fn load_source(&mut self, store: &Store, id: SourceId) -> Result<(), Trouble> {
        if !self.sources.contains_key(&id) {
            let row = store.get(&tables::SOURCES, &id)?.ok_or_else(|| {
                Refusal::new("What this tracker watched is no longer known.").hint("track it anew")
            })?;
            self.watch(id, source::build(&row.part)?.into(), row);
        }
        Ok(())
    }

    /// Sees to it that a source is looked at as often as the most eager of its trackers wants, and not at all
    /// when nobody does.
    pub(super) fn plan(
        &mut self,
        store: &mut Store,
        source: SourceId,
        now: DateTime<Utc>,
    ) -> Result<(), Trouble> {
        let look = Task::Look(source);
        let forget = Task::Forget(source);
        let watchers = self
            .sources
            .get(&source)
            .map_or(0, |watched| watched.watchers.len());
        if watchers == 0 {
            if let Some(watched) = self.sources.remove(&source) {
                self.shared.left(&watched.poll.key());
            }
            agenda::remove(store, &look.key())?;
            agenda::put(store, &job(forget, now + FORGET_AFTER))?;
            return Ok(());
        }
        agenda::remove(store, &forget.key())?;
        let Some(interval) = self.interval(source) else {
            if let Some(watched) = self.sources.get(&source) {
                self.shared.left(&watched.poll.key());
            }
            agenda::remove(store, &look.key())?;
            return Ok(());
        };
        let unarmed = self.awaits(source);
        let at_the_latest = if unarmed { now } else { now + interval };
        let planned = agenda::get(store, &look.key())?;
        let row = store.get(&tables::SOURCES, &source)?;
        // It is looked at once more only for somebody who asks for it anew.
        if !unarmed && row.as_ref().is_some_and(|row| row.gone) {
            agenda::remove(store, &look.key())?;
            return Ok(());
        }
        // A source that failed or asked for rest keeps its time: a new tracker must not hurry it.
        let resting = row
            .and_then(|row| row.rest_until)
            .filter(|until| *until > now);
        let due = resting.map_or(at_the_latest, |until| at_the_latest.max(until));
        if planned.is_none_or(|job| job.due > due) {
            agenda::put(store, &job(look, due))?;
        }
        Ok(())
    }

    /// Plans anew what is said at times of day: the room of these trackers has another zone now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn replan(
        &self,
        store: &mut Store,
        home: &RoomId,
        now: DateTime<Utc>,
    ) -> Result<(), store::Error> {
        let zone = (self.rooms)(home).zone;
        for tracker in self.of_room(home).filter(|tracker| !tracker.paused) {
            let live = self.live.get(&tracker.id);
            let clock = |live: &&Live| live.every.as_ref().is_some_and(Every::is_clock);
            if let Some(live) = live.filter(|live| live.gathers()).filter(clock) {
                let due = live.tells(&self.limits).next(now, zone);
                agenda::put(store, &job(Task::Tell(tracker.id), due))?;
            }
        }
        Ok(())
    }
}
