//! Recipes at work: building them, changing them, deciding what is due next.
//!
//! Everything here writes to the store's pending changes only; the loop commits. What is held in memory can
//! be made again from the store at any time ([`Trackers::load`]).

mod breaker;
mod broken;
mod dropped;
mod expiry;
mod hold;
mod kept;
mod names;
mod opened;
mod outbox;
mod read;
mod ring;
mod sift;
mod tell;
mod threads;
mod trial;
mod unworded;
mod watched;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::fact::Readers;
use crate::filter::{Burden, Sieve};
use crate::model::{
    Job, Recipe, Refusal, RoomId, SourceId, Stage, Task, Tracker, TrackerId, TrackerName,
};
use crate::printer::{self, Printer, Printers};
use crate::registry;
use crate::source::{self, Poll, Shared};
use crate::store::rows::SourceRow;
use crate::store::{self, Store, agenda, items, tables};
use crate::when::{self, Every, Reading};

pub use breaker::Breaker;
pub use dropped::{Dropped, bring_back, bury, can_come_back};
pub use expiry::expire;
pub use hold::{
    count_holds, end_hold, hold_room, holds, is_stopped, queue, set_holds, take_over_mutes,
};
pub use kept::kept;
use names::Names;
pub use opened::{Page, Waits, note, page_of_waiting, say_waiting, waiting as held};
pub use outbox::{
    begun, empty, enqueue, enqueue_answer, enqueue_first, fold, forget_answers, held_with,
    is_report, reported, reported_last, said, tried, tried_with, untried_with, waiting,
    waiting_reports, withdraw,
};
pub use sift::{Order, REPORTS_PAGE, THERE};
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

/// A tracker with its parts built.
struct Live {
    tracker: Tracker,
    sieve: Sieve,
    printer: Box<dyn Printer>,
    every: Option<Every>,
    /// After this long nobody wants to hear a report any more.
    expires: Option<TimeDelta>,
}

impl Live {
    fn build(tracker: Tracker, rooms: &Rooms, printers: &Printers) -> Result<Live, Refusal> {
        let manners = rooms(&tracker.home);
        let reading = Reading {
            now: tracker.at,
            zone: manners.zone,
            order: manners.order,
        };
        let recipe = &tracker.recipe;
        Ok(Live {
            sieve: Sieve::of(recipe, &reading)?,
            printer: printers(&recipe.printer)?,
            every: recipe.every.as_deref().map(when::every).transpose()?,
            expires: recipe.expires.as_deref().map(expiry::read).transpose()?,
            tracker,
        })
    }

    /// Items wait for the tracker's own time instead of being said when they are seen.
    fn gathers(&self) -> bool {
        self.printer.gathers() || self.every.as_ref().is_some_and(Every::is_clock)
    }

    /// When what was gathered is said.
    fn tells(&self, limits: &Limits) -> Every {
        self.every.clone().unwrap_or(Every::Interval(limits.every))
    }

    /// How often its source must be looked at for it.
    fn looks(&self, limits: &Limits) -> Duration {
        match &self.every {
            Some(every) if !every.is_clock() && self.gathers() => {
                every.shortest().min(limits.every)
            }
            Some(every) if !every.is_clock() => every.shortest(),
            _ => limits.every,
        }
    }
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

    /// The tracker that `room` calls `name`; otherwise a refusal with the nearest name.
    pub fn named(&self, room: &RoomId, name: &str) -> Result<&Tracker, Refusal> {
        let wanted = name.trim_matches('`').to_lowercase();
        let names = self.names.get(room);
        let id = wanted.parse().ok().and_then(|name| names?.get(&name));
        if let Some(tracker) = id.and_then(|id| self.get(id)) {
            return Ok(tracker);
        }
        let refusal = Refusal::new(format!(
            "I track nothing called `{}`.",
            crate::model::text::cut(&wanted.replace('`', "'"), TrackerName::LONGEST)
        ));
        let known = names
            .into_iter()
            .flat_map(Names::iter)
            .map(|(name, _)| name.as_str());
        let near = registry::near(&wanted, known);
        let refusal = refusal.slip(name, near.iter().copied());
        Err(match near.first() {
            Some(near) => refusal.hint(format!("did you mean `{near}`?")),
            None if self.count_in(room) == 0 => {
                refusal.hint("nothing is tracked in this room yet; `man track` shows how to begin")
            }
            None => refusal.hint("`list` shows what is tracked in this room"),
        })
    }

    /// A name for a new tracker: the wish, or the first of `feed-1`, `feed-2` … that is free.
    pub fn name_for(
        &self,
        room: &RoomId,
        wish: Option<TrackerName>,
        short: &str,
    ) -> Result<TrackerName, Refusal> {
        let taken = |name: &TrackerName| {
            self.names
                .get(room)
                .is_some_and(|names| names.get(name).is_some())
        };
        if let Some(wish) = wish {
            if !taken(&wish) {
                return Ok(wish);
            }
            let free = self.numbered(room, wish.as_str())?;
            return Err(
                Refusal::new(format!("This room already has a tracker called `{wish}`."))
                    .hint(format!("choose another name, for instance `{free}`")),
            );
        }
        self.numbered(room, short)
    }

    fn numbered(&self, room: &RoomId, stem: &str) -> Result<TrackerName, Refusal> {
        let stem: String = stem.chars().take(TrackerName::LONGEST - 8).collect();
        let names = self.names.get(room);
        let mut number = names.map_or(1, |names| names.next_number(&stem));
        loop {
            let name: TrackerName = format!("{stem}-{number}").parse()?;
            // Somebody may have chosen one of the numbers that are not counted.
            if names.is_none_or(|names| names.get(&name).is_none()) {
                return Ok(name);
            }
            number += 1;
        }
    }

    /// Checks a recipe and puts it into its canonical spelling: dates that were relative become fixed, times
    /// are said in full.
    ///
    /// # Errors
    /// What of it is not understood, or is more often than the operator allows.
    pub fn settle(&self, mut recipe: Recipe, reading: &Reading) -> Result<Recipe, Refusal> {
        recipe.source = source::build(&recipe.source)?.settled(recipe.source, &self.shared)?;
        recipe.printer = registry::find(printer::ALL, &recipe.printer, "printer")
            .map_err(|refusal| refusal.about("as"))?
            .name
            .to_string();
        if let Some(words) = &recipe.every {
            let every = when::every(words).map_err(|refusal| refusal.about("every"))?;
            if every.shortest() < self.limits.least_every {
                let least = Every::Interval(self.limits.least_every);
                return Err(Refusal::new(format!(
                    "`{}` is too often; the most often here is `{least}`.",
                    Every::Interval(every.shortest())
                ))
                .hint(format!("write `{least}`, or a longer time"))
                .about("every"));
            }
            recipe.every = Some(every.to_string());
        }
        if let Some(words) = &recipe.expires {
            recipe.expires = Some(expiry::settle(words)?);
        }
        recipe.source.kind = registry::find(source::ALL, &recipe.source.kind, "source")?
            .name
            .to_string();
        let where_wrong = |refusal: Refusal| match recipe.query {
            Some(_) => refusal.about("where"),
            None => refusal,
        };
        let sieve = Sieve::build_new(&recipe, reading).map_err(where_wrong)?;
        if let Some(reader) = sieve
            .readers()
            .iter()
            .find(|name| self.readers.is_unset(name))
        {
            return Err(Refusal::new(format!(
                "`{reader}` has to be looked up, and nobody has told me where."
            ))
            .hint(format!(
                "the operator can set it in `config.toml`: `url` under `[fact.{reader}]`"
            )));
        }
        (recipe.filter, recipe.query) = sieve.canonical();
        Ok(recipe)
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

    /// Whether reports can stand in a thread of this room.
    pub fn has_threads(&self, room: &RoomId) -> bool {
        (self.rooms)(room).threads
    }

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

    fn insert(&mut self, live: Live) {
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

    fn remove(&mut self, id: TrackerId) -> Option<Tracker> {
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

    fn watch(&mut self, id: SourceId, poll: Arc<dyn Poll>, row: SourceRow) {
        self.sources.entry(id).or_insert_with(|| {
            let mut watched = Watched::new(poll);
            watched.recall(row);
            watched
        });
    }

    fn load_source(&mut self, store: &Store, id: SourceId) -> Result<(), Trouble> {
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
    fn plan(
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

    /// What a tracker's filters say, in a query's spelling; empty when it keeps everything.
    pub fn keeps(&self, id: TrackerId) -> String {
        self.live
            .get(&id)
            .map(|live| live.sieve.words())
            .unwrap_or_default()
    }

    /// The same in words, where that helps: not for a query of a word or two.
    pub fn keeps_in_words(&self, id: TrackerId) -> Option<String> {
        let sieve = &self.live.get(&id)?.sieve;
        (!sieve.is_plain()).then(|| sieve.in_words())
    }

    /// What people call a tracker's source.
    pub fn source_name(&self, id: TrackerId) -> String {
        self.live
            .get(&id)
            .and_then(|live| self.sources.get(&live.tracker.source))
            .map(|watched| watched.poll.name())
            .unwrap_or_default()
    }

    /// When a tracker speaks or looks, in words.
    pub fn schedule(&self, id: TrackerId) -> String {
        self.live
            .get(&id)
            .map_or_else(String::new, |live| match &live.every {
                Some(every) => every.to_string(),
                None => Every::Interval(self.limits.every).to_string(),
            })
    }

    /// What keeps a tracker from working, in words that stand after its name; nothing when all is well.
    pub fn trouble(&self, store: &Store, id: TrackerId) -> Result<Option<String>, store::Error> {
        let Some(live) = self.live.get(&id) else {
            return Ok(None);
        };
        if live.tracker.paused {
            return Ok(Some("paused".into()));
        }
        if let Some(held) = opened::said_of(store, &live.tracker)? {
            return Ok(Some(held));
        }
        let row = store.get(&tables::SOURCES, &live.tracker.source)?;
        let Some((broken, gone)) = row.and_then(|row| Some((row.broken?, row.gone))) else {
            return Ok(None);
        };
        let look = Task::Look(live.tracker.source);
        // Of one that is gone there is a look once more for each who asks anew.
        let hope = match gone {
            false => "",
            true if agenda::get(store, &look.key())?.is_some() => "; I look once more",
            true => "; I no longer look",
        };
        Ok(Some(format!("cannot be read: {}{hope}", broken.why)))
    }

    /// Whether a tracker's source has said that it will never come back.
    pub fn is_gone(&self, store: &Store, id: TrackerId) -> Result<bool, store::Error> {
        let Some(live) = self.live.get(&id) else {
            return Ok(false);
        };
        let row = store.get(&tables::SOURCES, &live.tracker.source)?;
        Ok(row.is_some_and(|row| row.gone))
    }

    /// When a tracker looks or tells next.
    pub fn next_time(
        &self,
        store: &Store,
        id: TrackerId,
    ) -> Result<Option<DateTime<Utc>>, store::Error> {
        let Some(live) = self.live.get(&id) else {
            return Ok(None);
        };
        let task = if live.gathers() {
            Task::Tell(id)
        } else {
            Task::Look(live.tracker.source)
        };
        Ok(agenda::get(store, &task.key())?.map(|job| job.due))
    }
}

/// How long a stopped tracker's source and gathered items are remembered, so that an `undo` loses nothing.
const FORGET_AFTER: TimeDelta = TimeDelta::days(1);

pub(crate) fn job(task: Task, due: DateTime<Utc>) -> Job {
    Job {
        key: task.key(),
        due,
        attempts: 0,
        task,
    }
}
