//! A batch of items from a look: what is new, who wants it, when to look again.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::announce::announce;
use super::{Live, Trackers, Trouble, enqueue, job};
use crate::filter::Folded;
use crate::meter;
use crate::model::{Item, Reason, RoomId, SourceId, Stage, Task, Text, Verdict};
use crate::source::{self, Look, LookError, Poll};
use crate::store::rows::{SeenRow, SourceRow};
use crate::store::{Store, agenda, items, tables};

/// How many of a source's last items count as being there, where all that are is not told by a look at it now: as many as
/// stand on the longest page that a source gives.
pub const THERE: usize = 100;
/// Ids of items are kept at least this many times as long as the source itself shows them.
const SEEN_FACTOR: usize = 3;
/// A source may have this many ids beyond that before old ones are dropped.
const SEEN_SLACK: usize = 1_000;
/// A look that has not come back after this long is started again.
const LOOK_GUARD: TimeDelta = TimeDelta::minutes(5);
/// What a look needs.
pub struct Order {
    pub source: SourceId,
    pub poll: Arc<dyn Poll>,
    pub cursor: serde_json::Value,
    /// How often the most eager tracker wants it.
    pub every: Duration,
}

/// What a look brought, and what of it is new.
struct Batch<'a> {
    source: SourceId,
    look: &'a Look,
    /// The oldest first.
    new: Vec<Item>,
    now: DateTime<Utc>,
}

impl Trackers {
    /// Takes up a look that is due: moves its job on, so that a look that never comes back is tried again.
    pub fn begin_look(
        &mut self,
        store: &mut Store,
        source: SourceId,
        now: DateTime<Utc>,
    ) -> Result<Option<Order>, Trouble> {
        let Some(watched) = self.sources.get_mut(&source) else {
            agenda::remove(store, &Task::Look(source).key())?;
            return Ok(None);
        };
        if !std::mem::replace(&mut watched.looking, true) {
            watched.rung = None;
        }
        agenda::put(store, &job(Task::Look(source), now + LOOK_GUARD))?;
        let cursor = store
            .get(&tables::SOURCES, &source)?
            .map(|row| row.cursor)
            .unwrap_or_default();
        Ok(Some(Order {
            source,
            poll: watched.poll.clone(),
            cursor,
            every: watched.interval().unwrap_or(self.limits.every),
        }))
    }

    /// Looks that were under way when the bot stopped are due again at their proper time, not at their guard's.
    pub fn resume_looks(&self, store: &mut Store, now: DateTime<Utc>) -> Result<(), Trouble> {
        for (source, watched) in &self.sources {
            let Some(interval) = self.interval(*source) else {
                continue;
            };
            if watched.bell.is_some() {
                self.shared.watched();
            }
            let Some(row) = store.get(&tables::SOURCES, source)?.filter(|row| !row.gone) else {
                continue;
            };
            let unarmed = self.awaits(*source);
            let slot = match row.last_look {
                Some(last) if !unarmed => self.next_look(&row, interval, last),
                // Somebody waits for a first look: what comes before it would never be said.
                Some(_) | None => now,
            };
            let proper = row.rest_until.map_or(slot, |until| slot.max(until));
            let planned = agenda::get(store, &Task::Look(*source).key())?;
            if planned.is_none_or(|job| job.due > proper) {
                agenda::put(store, &job(Task::Look(*source), proper))?;
            }
        }
        Ok(())
    }

    /// Takes what a look brought. Returns the rooms that have something new to hear.
    pub fn looked(
        &mut self,
        store: &mut Store,
        source: SourceId,
        outcome: Result<Look, LookError>,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<RoomId>, Trouble> {
        let mut rooms = BTreeSet::new();
        if let Some(watched) = self.sources.get_mut(&source) {
            watched.looking = false;
        }
        let Some(mut row) = store.get(&tables::SOURCES, &source)? else {
            return Ok(rooms);
        };
        // All its trackers were stopped or paused while the look was under way. What it brought stays new: an `undo`
        // brings them back as if nobody had looked.
        if self.interval(source).is_none() {
            if let Ok(poll) = source::build(&row.part) {
                self.shared.left(&poll.key());
            }
            return Ok(rooms);
        }
        row.last_look = Some(now);
        let wish = outcome.as_ref().ok().and_then(|look| look.next);
        let rest = match outcome {
            Ok(look) => self.took(store, source, &mut row, look, now, &mut rooms)?,
            Err(error) if error.waits => error.rest,
            Err(error) => self.failed(store, source, &mut row, error, now, &mut rooms)?,
        };
        row.rest_until = rest.map(|rest| now + rest);
        let hiccup = row
            .broken
            .as_ref()
            .is_some_and(|broken| broken.failures == 1);
        let next = match self.interval(source) {
            Some(_) if row.gone => None,
            // Whether it was more than a hiccup is known soon, also of a source that is looked at once a day.
            Some(_) if hiccup => row.rest_until,
            Some(interval) => {
                let rung = self.sources.get(&source).and_then(|watched| watched.rung);
                let wish = rung.or(wish).map(|wish| now + wish);
                let slot = wish.unwrap_or_else(|| self.next_look(&row, interval, now));
                Some(row.rest_until.map_or(slot, |until| slot.max(until)))
            }
            None => None,
        };
        match next {
            Some(due) => agenda::put(store, &job(Task::Look(source), due))?,
            None => agenda::remove(store, &Task::Look(source).key())?,
        }
        store.put(&tables::SOURCES, &source, &row);
        Ok(rooms)
    }

    /// Sources look at slots of their interval, each with a phase of its own: they stay spread out, also
    /// after a restart, and no interval is longer than what was asked for.
    fn next_look(
        &self,
        row: &SourceRow,
        interval: Duration,
        after: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let interval = interval.as_secs().max(1) as i64;
        let mut hash = DefaultHasher::new();
        row.part.hash(&mut hash);
        let phase = (hash.finish() % interval as u64) as i64;
        let at = after.timestamp();
        let slot = at - (at - phase).rem_euclid(interval) + interval;
        let least = TimeDelta::from_std(self.limits.least_every).unwrap_or(TimeDelta::MAX);
        DateTime::from_timestamp(slot, 0)
            .unwrap_or(after)
            .max(after + least)
    }

    fn took(
        &mut self,
        store: &mut Store,
        source: SourceId,
        row: &mut SourceRow,
        look: Look,
        now: DateTime<Utc>,
        rooms: &mut BTreeSet<RoomId>,
    ) -> Result<Option<Duration>, Trouble> {
        row.cursor = look.cursor.clone();
        row.title = look.title.clone().or(row.title.take());
        row.looks += 1;
        self.recovered(store, source, row, now, rooms)?;
        // A first look says it with its greeting.
        let known = self
            .watchers(source)
            .any(|live| live.tracker.stage == Stage::Armed);
        if let Some(note) = look.note.as_deref().filter(|_| known) {
            let note = note.replace('`', "'");
            let text = |names: &str| Text::line(format!("{names}: {note}."));
            self.tell_rooms(store, source, rooms, now, |_| true, text)?;
        }
        let mut new = Vec::new();
        if let Some(items) = &look.items {
            for item in items.iter().rev() {
                let key = (source, item.id.clone());
                match store.get(&tables::SEEN, &key)? {
                    None => new.push(item.clone()),
                    // An edit is a new version of what was said, not something new to say.
                    Some(seen) if seen.revision != item.revision => {}
                    Some(_) => continue,
                }
                let seen = SeenRow {
                    revision: item.revision,
                    look: row.looks,
                };
                store.put(&tables::SEEN, &key, &seen);
            }
            if let Some(meter) = meter::meter() {
                meter.items_new.inc_by(new.len() as u64);
            }
            items::add(store, source, &new, self.limits.remembered)?;
            if !new.is_empty() && (row.looks.is_multiple_of(64) || new.len() > SEEN_SLACK / 10) {
                forget_old(store, source, items)?;
            }
        }
        let batch = Batch {
            source,
            look: &look,
            new,
            now,
        };
        self.sift(store, row, batch, rooms)?;
        Ok(look.rest)
    }

    /// Finds who wants the new items, and reports them. Those that waited for this look are told what is there.
    fn sift(
        &mut self,
        store: &mut Store,
        row: &SourceRow,
        batch: Batch<'_>,
        rooms: &mut BTreeSet<RoomId>,
    ) -> Result<(), Trouble> {
        let Batch {
            source,
            look,
            new,
            now,
        } = batch;
        let Some(watched) = self.sources.get_mut(&source) else {
            return Ok(());
        };
        // Every tracker reads the same words: they are cut once.
        let fresh: Vec<Folded> = new.iter().map(Folded::new).collect();
        let mut wanted = watched.wanted(&fresh, &self.live);
        for id in watched.unarmed() {
            wanted.entry(*id).or_default();
        }
        let begins = watched.unarmed().iter().any(|id| {
            let live = self.live.get(id);
            live.is_some_and(|live| live.tracker.stage == Stage::Fresh)
        });
        let there: Vec<Item> = match &look.items {
            // What it had before is known to the store only, and what is new stands there by now, too.
            Some(_) if begins && look.only_new => items::last(store, source, THERE)?,
            Some(items) if begins => items.iter().rev().cloned().collect(),
            None if begins => items::last(store, source, THERE)?,
            Some(_) | None => Vec::new(),
        };
        let there_folded: Vec<Folded> = there.iter().map(Folded::new).collect();
        for (id, items) in wanted {
            let Some(live) = self.live.get_mut(&id) else {
                continue;
            };
            let stage = std::mem::replace(&mut live.tracker.stage, Stage::Armed);
            if stage != Stage::Armed {
                store.put(&tables::TRACKERS, &id, &live.tracker);
                watched.arm(id);
            }
            let mut kept: Vec<(Item, Because)> = items
                .into_iter()
                .map(|n| (new[n].clone(), reason(live, &fresh[n])))
                .collect();
            match stage {
                Stage::Armed => {}
                Stage::Resumed(since) => kept.retain(|(item, _)| is_later(item, since)),
                Stage::Fresh => {
                    greet(store, live, row, there.len(), look.note.as_deref(), now)?;
                    rooms.insert(live.tracker.room.clone());
                    let backlog = backlog(live, &there, &there_folded);
                    // A source that asked for rest is read long after the tracker began.
                    kept.retain(|(item, _)| {
                        is_later(item, live.tracker.at)
                            && backlog.iter().all(|(said, _)| said.id != item.id)
                    });
                    kept.splice(0..0, backlog);
                }
            }
            if !kept.is_empty() {
                // Who asks for what is there already is not surprised by it.
                let asked = stage == Stage::Fresh;
                announce(store, live, &self.limits, &self.rooms, kept, asked, now)?;
                rooms.insert(live.tracker.room.clone());
            }
        }
        Ok(())
    }
}

/// The last items that a new tracker says of those that are there already; no more are read than that takes.
fn backlog(live: &Live, there: &[Item], folded: &[Folded]) -> Vec<(Item, Because)> {
    let newest_first = there.iter().zip(folded).rev();
    let mut kept: Vec<(Item, Because)> = newest_first
        .filter_map(|(item, folded)| match live.sieve.check_folded(folded) {
            Verdict::Keep(reason) => Some((item.clone(), Because::of(live, folded, reason))),
            Verdict::Drop(_) | Verdict::Unsure(_) => None,
        })
        .take(live.tracker.recipe.backlog as usize)
        .collect();
    kept.reverse();
    kept
}

/// Whether an item is dated after a tracker began, or went on; one that bears no date of its own has that of the look.
fn is_later(item: &Item, since: DateTime<Utc>) -> bool {
    since < item.at && item.at < item.seen
}

/// Why a tracker keeps an item that it wants.
fn reason(live: &Live, item: &Folded) -> Because {
    match live.sieve.check_folded(item) {
        Verdict::Keep(reason) | Verdict::Drop(reason) | Verdict::Unsure(reason) => {
            Because::of(live, item, reason)
        }
    }
}

/// Why a tracker keeps an item: in words, and by predicates.
pub(super) struct Because {
    pub words: String,
    pub reasons: Vec<Reason>,
}

impl Because {
    fn of(live: &Live, item: &Folded, words: String) -> Because {
        Because {
            words,
            reasons: live.sieve.why(item),
        }
    }
}

/// The items that a tracker's filters keep, each with the reason.
pub(super) fn sift(live: &Live, items: &[Item], folded: &[Folded]) -> Vec<(Item, Because)> {
    items
        .iter()
        .zip(folded)
        .filter_map(|(item, folded)| match live.sieve.check_folded(folded) {
            Verdict::Keep(reason) => Some((item.clone(), Because::of(live, folded, reason))),
            Verdict::Drop(_) | Verdict::Unsure(_) => None,
        })
        .collect()
}

/// One line after a tracker's first look: what is being read.
fn greet(
    store: &mut Store,
    live: &Live,
    row: &SourceRow,
    there: usize,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Trouble> {
    let name = &live.tracker.name;
    let title = match &row.title {
        Some(title) => format!(
            "“{}”",
            crate::model::text::cut(&title.replace('`', "'"), 80)
        ),
        None => "its source".into(),
    };
    let there = match there {
        0 => "nothing is there yet".into(),
        1 => "1 item is there already".into(),
        n => format!("{n} items are there already"),
    };
    let mut text = Text::line(format!(
        "`{name}` reads {title}: {there}, new ones will be said here."
    ));
    if let Some(note) = note {
        text = text.and(format!("({})", note.replace('`', "'")));
    }
    enqueue(store, &live.tracker.room, text, now)?;
    Ok(())
}

/// Drops the ids of items that the source has not shown for long.
fn forget_old(store: &mut Store, source: SourceId, items: &[Item]) -> Result<(), Trouble> {
    let rows = store.count(&tables::SEEN, &source)?;
    let keep = items.len() * SEEN_FACTOR + SEEN_SLACK;
    if rows <= keep {
        return Ok(());
    }
    let shown: BTreeSet<_> = items.iter().map(|item| &item.id).collect();
    let mut old: Vec<_> = store
        .scan(&tables::SEEN, &source, usize::MAX)?
        .into_iter()
        .filter(|((_, id), _)| !shown.contains(id))
        .collect();
    old.sort_by_key(|(_, seen)| seen.look);
    for (key, _) in old.into_iter().take(rows - keep) {
        store.delete(&tables::SEEN, &key);
    }
    Ok(())
}
