//! Sources that cannot be read: why, since when, and which rooms are told.
//!
//! Where one host gives no answer, all its sources fail. A room hears of one of them, that it fails and that it works
//! again; the others are shown by `list` and `status`, and are told of when they fail for longer than that one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Trackers, Trouble, enqueue};
use crate::model::{RoomId, SourceId, Text, TrackerId};
use crate::registry;
use crate::source::{Extent, LookError};
use crate::store::Store;
use crate::store::rows::{Broken, SourceRow};
use crate::when;

/// A rest of which the room is told at once.
const LONG: Duration = Duration::from_secs(2 * 3600);
/// Failures in a row before the room is told; the first may be a hiccup. A first look is told at once.
const PATIENCE: u32 = 2;
/// The longest time between two looks at what fails.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);
/// The most trackers that one notice names.
const NAMED: usize = 5;

impl Trackers {
    /// How many sources cannot be read, and the one that broke last, by the name it gives itself.
    pub fn broken(&self) -> (usize, Option<(String, &Broken)>) {
        let all = self.sources.values();
        let broken = all.filter_map(|watched| Some((watched, watched.broken.as_ref()?)));
        let broken: Vec<_> = broken.collect();
        let last = broken.iter().max_by_key(|(_, broken)| broken.since);
        let last = last.map(|(watched, broken)| (watched.poll.name(), *broken));
        (broken.len(), last)
    }

    /// A look gave nothing: says how long the source is left alone.
    pub(super) fn failed(
        &mut self,
        store: &mut Store,
        source: SourceId,
        row: &mut SourceRow,
        error: LookError,
        now: DateTime<Utc>,
        rooms: &mut BTreeSet<RoomId>,
    ) -> Result<Option<Duration>, Trouble> {
        row.gone = error.gone;
        let mut broken = row.broken.take().unwrap_or_else(|| Broken {
            since: now,
            why: String::new(),
            said: false,
            failures: 0,
            line: false,
            spared: BTreeSet::new(),
        });
        broken.failures += 1;
        self.understand(source, &mut broken, &error);
        // Doubling from 5 minutes to a day; the very first retry comes soon.
        let wait = match broken.failures {
            1 => Duration::from_secs(60).max(self.limits.least_every),
            n => Duration::from_secs(300 << (n - 2).min(9)).min(LONGEST_WAIT),
        };
        let long = error.rest.is_some_and(|rest| rest >= LONG);
        let never_worked = row.looks == 0;
        if broken.said || never_worked || error.gone || long || broken.failures >= PATIENCE {
            let told = self.rooms_to_tell(source, &mut broken);
            let rest = error.rest.filter(|_| error.extent == Extent::Line);
            let rest = rest.map(|rest| format!(" for {}", when::say_duration(rest)));
            let why = format!("{}{}", broken.why, rest.unwrap_or_default());
            let gone = error.gone;
            self.tell_rooms(
                store,
                source,
                rooms,
                now,
                |room| told.contains(room),
                |names| {
                    let text = Text::line(format!("{names} cannot be read: {why}."));
                    if gone {
                        text.and("It says it is gone for good, so I no longer look.")
                            .hint(format!(
                                "`stop {}` ends it",
                                names.split('`').nth(1).unwrap_or_default()
                            ))
                    } else {
                        text.and("I keep trying, and say so when it works again.")
                    }
                },
            )?;
        }
        if let Some(watched) = self.sources.get_mut(&source) {
            watched.broken = Some(broken.clone()).filter(|_| !error.gone);
        }
        row.broken = Some(broken);
        Ok(Some(wait.max(error.rest.unwrap_or_default())))
    }

    /// A look went well: says so where it was said that the source is broken.
    pub(super) fn recovered(
        &mut self,
        store: &mut Store,
        source: SourceId,
        row: &mut SourceRow,
        now: DateTime<Utc>,
        rooms: &mut BTreeSet<RoomId>,
    ) -> Result<(), Trouble> {
        row.gone = false;
        let Some(broken) = row.broken.take() else {
            return Ok(());
        };
        if let Some(watched) = self.sources.get_mut(&source) {
            watched.broken = None;
        }
        if !broken.said {
            return Ok(());
        }
        let lasted = (now - broken.since).to_std().unwrap_or_default();
        self.tell_rooms(
            store,
            source,
            rooms,
            now,
            |room| !broken.spared.contains(room),
            |names| {
                Text::line(format!(
                    "{names} can be read again, after {}.",
                    when::say_duration(lasted)
                ))
            },
        )
    }

    /// Notes why it fails. One that was not even asked fails for what is known of it, or of others in its line.
    fn understand(&self, source: SourceId, broken: &mut Broken, error: &LookError) {
        match error.extent {
            Extent::Source | Extent::Line => broken.why = error.what.clone(),
            Extent::Unasked if !broken.why.is_empty() && broken.why != error.what => return,
            Extent::Unasked => {
                let mut others = self.broken_with(source).map(|(_, other)| &other.why);
                let cause = others.find(|why| **why != error.what);
                broken.why = cause.unwrap_or(&error.what).clone();
            }
        }
        broken.line = error.extent != Extent::Source;
    }

    /// The rooms that are to hear of it now, those that watch it and have heard nothing of it or its line; they are
    /// taken for told.
    fn rooms_to_tell(&self, source: SourceId, broken: &mut Broken) -> BTreeSet<RoomId> {
        let heard: BTreeSet<&RoomId> = match broken.line {
            true => self
                .broken_with(source)
                .filter(|(_, other)| other.said)
                .flat_map(|(other, theirs)| {
                    let rooms = self.rooms_at_work(other);
                    rooms.filter(|room| !theirs.spared.contains(*room))
                })
                .collect(),
            false => BTreeSet::new(),
        };
        let mut told = BTreeSet::new();
        let before = broken.said;
        for room in self.rooms_at_work(source) {
            if before && !broken.spared.contains(room) || told.contains(room) {
                continue;
            }
            if heard.contains(room) {
                broken.spared.insert(room.clone());
            } else {
                broken.spared.remove(room);
                broken.said = true;
                told.insert(room.clone());
            }
        }
        told
    }

    /// Why other sources of the same line as a tracker's cannot be read, where its room has been told.
    pub fn trouble_beside(&self, id: TrackerId) -> Option<&str> {
        let tracker = self.get(id)?;
        let mut others = self.broken_with(tracker.source);
        let (_, broken) = others.find(|(other, broken)| {
            let mut rooms = self.rooms_at_work(*other);
            broken.said
                && !broken.spared.contains(&tracker.room)
                && rooms.any(|room| *room == tracker.room)
        })?;
        Some(&broken.why)
    }

    /// The sources of the same line that fail because the line does.
    fn broken_with(&self, source: SourceId) -> impl Iterator<Item = (SourceId, &Broken)> {
        let line = self.sources.get(&source).map(|watched| watched.poll.line());
        let others = self.sources.iter().filter(move |(id, _)| **id != source);
        others.filter_map(move |(id, watched)| {
            let broken = watched.broken.as_ref().filter(|broken| broken.line)?;
            (Some(watched.poll.line()) == line).then_some((*id, broken))
        })
    }

    /// The rooms of a source's trackers that are not paused, some of them more than once.
    fn rooms_at_work(&self, source: SourceId) -> impl Iterator<Item = &RoomId> {
        let at_work = self.watchers(source).filter(|live| !live.tracker.paused);
        at_work.map(|live| &live.tracker.room)
    }

    /// Says something once in each room that watches a source, with the names its trackers have there.
    pub(super) fn tell_rooms(
        &self,
        store: &mut Store,
        source: SourceId,
        rooms: &mut BTreeSet<RoomId>,
        now: DateTime<Utc>,
        which: impl Fn(&RoomId) -> bool,
        text: impl Fn(&str) -> Text,
    ) -> Result<(), Trouble> {
        let mut names: BTreeMap<&RoomId, Vec<&str>> = BTreeMap::new();
        for live in self.watchers(source).filter(|live| !live.tracker.paused) {
            names
                .entry(&live.tracker.room)
                .or_default()
                .push(live.tracker.name.as_str());
        }
        for (room, names) in names.into_iter().filter(|(room, _)| which(room)) {
            let shown = registry::list(names.iter().take(NAMED).copied());
            let shown = match names.len().saturating_sub(NAMED) {
                0 => shown,
                more => format!("{shown} (and {more} more)"),
            };
            enqueue(store, room, text(&shown), now)?;
            rooms.insert(room.clone());
        }
        Ok(())
    }
}
