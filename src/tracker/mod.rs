//! Recipes at work: building them, changing them, deciding what is due next.
//!
//! Everything here writes to the store's pending changes only; the loop commits. What is held in memory can
//! be made again from the store at any time ([`Trackers::load`]).

mod about;
mod announce;
mod breaker;
mod broken;
mod changed;
mod dropped;
mod expiry;
mod hold;
mod kept;
mod live;
mod names;
mod opened;
mod outbox;
mod read;
mod ring;
mod settled;
mod sift;
mod tell;
mod threads;
mod trial;
mod unworded;
mod watched;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::fact::Readers;
use crate::model::{Job, Refusal, RoomId, SourceId, Task, Tracker, TrackerId};
use crate::printer::{self, Printers};
use crate::source::{self, Shared};
use crate::store::{self, Store, tables};
use crate::when::{self, Reading};

pub use announce::REPORTS_PAGE;
pub use breaker::Breaker;
pub use dropped::{Dropped, bring_back, bury, can_come_back};
pub use expiry::expire;
pub use hold::{
    count_holds, end_hold, hold_room, holds, is_stopped, queue, set_holds, take_over_mutes,
};
pub use kept::kept;
use live::Live;
use names::Names;
pub use opened::{Page, Waits, note, page_of_waiting, say_waiting, waiting as held};
pub use outbox::{
    begun, empty, enqueue, enqueue_answer, enqueue_first, fold, forget_answers, held_with,
    is_report, reported, reported_last, said, tried, tried_with, untried_with, waiting,
    waiting_reports, withdraw,
};
pub use sift::{Order, THERE};
pub use threads::begun_by;
pub use trial::{Tally, Trial, say_rate, say_share};
use watched::Watched;

/// A mistake of a person, or a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Refusal(#[from] Refusal),
    #[error("the store: {0}")]
    Store(#[from] store::Error),
    /// All went well, and nothing of it shall stay: the answer of a dry run.
    #[error("a dry run")]
    DryRun(crate::model::Text),
}

/// What a room is like for those who read and say times in it, and how long a message may be.
#[derive(Clone, Debug)]
pub struct RoomManners {
    pub zone: chrono_tz::Tz,
    pub order: when::Order,
    pub longest: usize,
    /// Reports can stand in a thread.
    pub threads: bool,
}

/// Answers what a room is like.
pub type Rooms = Arc<dyn Fn(&RoomId) -> RoomManners + Send + Sync>;

/// What the operator allows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The shortest interval that is accepted.
    pub least_every: Duration,
    /// The interval of trackers that name none.
    pub every: Duration,
    /// How many trackers one room may have.
    pub per_room: usize,
    /// How many items of one look are said one by one; more become a list.
    pub burst: usize,
    /// How many messages may wait for one room; beyond that the oldest of the most talkative tracker are folded into one.
    pub waiting: usize,
    /// How many items of a source are kept for `test`, `explain` and estimates.
    pub remembered: usize,
    /// Items a day from which on a source is busy.
    pub busy: u64,
    /// The share of a busy source that a tracker may report without an owner's leave, from 0 to 1.
    pub share: f64,
    /// How many messages in what time are usual; what goes beyond is held.
    pub breaker: Breaker,
}

/// Those of `config.toml`.
impl Default for Limits {
    fn default() -> Limits {
        Limits {
            least_every: Duration::from_secs(60),
            every: Duration::from_secs(600),
            per_room: 10_000,
            burst: 20,
            remembered: 10_000,
            waiting: 1_000,
            busy: 1_000,
            share: 0.01,
            breaker: Breaker::default(),
        }
    }
}

/// All trackers, ready to work.
pub struct Trackers {
    live: HashMap<TrackerId, Live>,
    names: HashMap<RoomId, Names>,
    sources: HashMap<SourceId, Watched>,
    limits: Limits,
    rooms: Rooms,
    shared: Shared,
    readers: Readers,
    printers: Printers,
    /// What was changed since [`Trackers::begin`], as it was before.
    before: Vec<(TrackerId, Option<Tracker>)>,
}

impl Trackers {
    /// Makes everything from the store.
    ///
    /// # Errors
    /// When the store cannot be read. A tracker whose recipe is no longer understood is left out and logged.
    pub fn load(
        store: &Store,
        limits: Limits,
        rooms: Rooms,
        shared: Shared,
        readers: Readers,
    ) -> Result<Trackers, store::Error> {
        let mut trackers = Trackers {
            live: HashMap::new(),
            names: HashMap::new(),
            sources: HashMap::new(),
            limits,
            rooms,
            shared,
            readers,
            printers: Arc::new(printer::build),
            before: Vec::new(),
        };
        for (id, tracker) in store.scan(&tables::TRACKERS, &(), usize::MAX)? {
            let source = tracker.source;
            if !trackers.sources.contains_key(&source) {
                let Some(row) = store.get(&tables::SOURCES, &source)? else {
                    tracing::error!(tracker = %id, %source, "a tracker's source is not in the store");
                    continue;
                };
                match source::build(&row.part) {
                    Ok(poll) => trackers.watch(source, poll.into(), row),
                    Err(refusal) => {
                        tracing::error!(tracker = %id, %source, why = %refusal, "a stored source is not understood");
                        continue;
                    }
                }
            }
            match Live::build(tracker, &trackers.rooms, &trackers.printers) {
                Ok(live) => trackers.insert(live),
                Err(refusal) => {
                    tracing::error!(tracker = %id, why = %refusal, "a stored tracker is not understood");
                }
            }
        }
        Ok(trackers)
    }

    /// Has all trackers print with these from now on; one that they cannot make keeps its printer.
    pub fn print_with(&mut self, printers: Printers) {
        for live in self.live.values_mut() {
            if let Ok(printer) = printers(&live.tracker.recipe.printer) {
                live.printer = printer;
            }
        }
        self.printers = printers;
    }

    /// Who makes printers.
    pub fn printers(&self) -> &Printers {
        &self.printers
    }

    /// From here on changes can be taken back.
    pub fn begin(&mut self) {
        self.before.clear();
    }

    /// The tracker that was changed last since [`Trackers::begin`], if it is there.
    pub fn touched(&self) -> Option<&Tracker> {
        self.before.last().and_then(|(id, _)| self.get(*id))
    }

    /// Takes back in memory what was changed since [`Trackers::begin`]; the store must have been rewound.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rewind(&mut self, store: &Store) -> Result<(), Trouble> {
        while let Some((id, before)) = self.before.pop() {
            self.remove(id);
            if let Some(tracker) = before {
                self.load_source(store, tracker.source)?;
                self.insert(Live::build(tracker, &self.rooms, &self.printers)?);
            }
        }
        self.sources
            .retain(|_, watched| !watched.watchers.is_empty());
        Ok(())
    }

    /// What sources share.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// What can be looked up about items.
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How people of `room` read and say times.
    pub fn reading(&self, room: &RoomId, now: DateTime<Utc>) -> Reading {
        let manners = (self.rooms)(room);
        Reading {
            now,
            zone: manners.zone,
            order: manners.order,
        }
    }

    pub fn get(&self, id: TrackerId) -> Option<&Tracker> {
        self.live.get(&id).map(|live| &live.tracker)
    }

    /// The trackers of a room by name.
    pub fn of_room(&self, room: &RoomId) -> impl Iterator<Item = &Tracker> {
        self.names
            .get(room)
            .into_iter()
            .flat_map(Names::iter)
            .filter_map(|(_, id)| self.get(id))
    }

    /// The trackers of a room by name, at most so many, after the first `before`.
    pub fn some_of_room(&self, room: &RoomId, before: usize, most: usize) -> Vec<&Tracker> {
        let names = self.names.get(room).into_iter().flat_map(Names::iter);
        // Names are counted off before their trackers are looked up.
        names
            .skip(before)
            .take(most)
            .filter_map(|(_, id)| self.get(id))
            .collect()
    }

    /// The trackers that report in a room, wherever they were started.
    pub fn reporting_in(&self, room: &RoomId) -> impl Iterator<Item = &Tracker> {
        self.live
            .values()
            .map(|live| &live.tracker)
            .filter(move |tracker| tracker.room == *room)
    }

    pub fn count_in(&self, room: &RoomId) -> usize {
        self.names.get(room).map_or(0, Names::len)
    }

    pub fn count(&self) -> usize {
        self.live.len()
    }

    pub fn count_sources(&self) -> usize {
        self.sources.len()
    }

    /// Whether reports can stand in a thread of this room.
    pub fn has_threads(&self, room: &RoomId) -> bool {
        (self.rooms)(room).threads
    }

    fn watchers(&self, source: SourceId) -> impl Iterator<Item = &Live> {
        self.sources
            .get(&source)
            .into_iter()
            .flat_map(|watched| &watched.watchers)
            .filter_map(|id| self.live.get(id))
    }

    /// The interval of the most eager tracker at work; `None` when all pause.
    fn interval(&self, source: SourceId) -> Option<Duration> {
        self.sources.get(&source)?.interval()
    }

    /// Whether a tracker at work waits for a first look, or for the first after a pause.
    fn awaits(&self, source: SourceId) -> bool {
        self.sources
            .get(&source)
            .is_some_and(|watched| !watched.unarmed().is_empty())
    }
}

pub(crate) fn job(task: Task, due: DateTime<Utc>) -> Job {
    Job {
        key: task.key(),
        due,
        attempts: 0,
        task,
    }
}
