//! A batch of items from a look: what is new, who wants it, when to look again.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Live, Trackers, Trouble, breaker, enqueue, job, opened, queue, threads, unworded};
use crate::filter::Folded;
use crate::meter;
use crate::model::{
    Fact, Item, Outgoing, Reason, Report, ReportId, RoomId, SourceId, Stage, Task, Text, Verdict,
    Why,
};
use crate::printer;
use crate::source::{self, Look, LookError, Poll};
use crate::store::rows::{SeenRow, SourceRow};
use crate::store::{Store, agenda, items, tables};

/// At least so many reports of a tracker are kept, and at the most twice as many.
const REPORTS_KEPT: u64 = 10_000;
/// The longest title that is written down of what was found, in characters.
const TITLE: usize = 500;
/// The most items that one list or digest names.
const NAMED: usize = 100;
/// How many reports `show` gives at the most.
pub const REPORTS_PAGE: usize = 100;
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
struct Because {
    words: String,
    reasons: Vec<Reason>,
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
fn sift(live: &Live, items: &[Item], folded: &[Folded]) -> Vec<(Item, Because)> {
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

/// Reports what was kept: says it, or lets it wait for the tracker's own time.
fn announce(
    store: &mut Store,
    live: &mut Live,
    limits: &super::Limits,
    rooms: &super::Rooms,
    kept: Vec<(Item, Because)>,
    asked: bool,
    now: DateTime<Utc>,
) -> Result<(), Trouble> {
    if let Some(meter) = meter::meter() {
        meter.items_kept.inc_by(kept.len() as u64);
    }
    let (reports, items) = report(store, live, kept, now)?;
    // What it gathered before it was changed is due now, and comes first.
    let gathered = !store
        .scan(&tables::WAITING, &live.tracker.id, 1)?
        .is_empty();
    let found = Found {
        reports: &reports,
        items: &items,
        asked,
    };
    if live.gathers() || gathered || !say(store, live, limits, rooms, &found, now)? {
        wait(store, live, &reports, &items);
        if unworded::is_unworded(store, &live.tracker)? {
            unworded::bound(store, &live.tracker, limits.waiting, now)?;
        }
    }
    Ok(())
}

/// Lets what a tracker keeps of these items wait to be told; returns how many that are.
pub(super) fn gather(
    store: &mut Store,
    live: &mut Live,
    items: &[Item],
    now: DateTime<Utc>,
) -> Result<usize, Trouble> {
    let folded: Vec<Folded> = items.iter().map(Folded::new).collect();
    let kept = sift(live, items, &folded);
    let count = kept.len();
    if count > 0 {
        let (reports, items) = report(store, live, kept, now)?;
        wait(store, live, &reports, &items);
    }
    Ok(count)
}

/// Writes down that a tracker found these items, and why it keeps them.
fn report(
    store: &mut Store,
    live: &mut Live,
    kept: Vec<(Item, Because)>,
    now: DateTime<Utc>,
) -> Result<(Vec<ReportId>, Vec<Item>), Trouble> {
    let mut reports = Vec::with_capacity(kept.len());
    let mut items = Vec::with_capacity(kept.len());
    for (item, because) in kept {
        let id = store.next_id()?;
        let report = Report {
            id,
            tracker: live.tracker.id,
            source: live.tracker.source,
            item: item.id.clone(),
            title: item.called(TITLE),
            url: item.url.clone(),
            at: now,
            because: because.words,
            why: because.reasons,
        };
        store.put(&tables::REPORTS, &(live.tracker.id, id), &report);
        reports.push(id);
        items.push(item);
    }
    let before = live.tracker.kept / REPORTS_KEPT;
    live.tracker.kept += items.len() as u64;
    if live.tracker.kept / REPORTS_KEPT > before {
        let rows = store.count(&tables::REPORTS, &live.tracker.id)?;
        let old = rows.saturating_sub(REPORTS_KEPT as usize);
        for (key, _) in store.scan(&tables::REPORTS, &live.tracker.id, old)? {
            store.delete(&tables::REPORTS, &key);
        }
    }
    store.put(&tables::TRACKERS, &live.tracker.id, &live.tracker);
    Ok((reports, items))
}

fn wait(store: &mut Store, live: &Live, reports: &[ReportId], items: &[Item]) {
    for (id, item) in reports.iter().zip(items) {
        store.put(&tables::WAITING, &(live.tracker.id, *id), item);
    }
}

/// What a tracker has to say.
pub(super) struct Found<'a> {
    pub reports: &'a [ReportId],
    /// The item of each report, the oldest first.
    pub items: &'a [Item],
    /// Somebody asked for it now: it is no burst, however much it is.
    pub asked: bool,
}

/// Prints items and queues the texts, each no longer than the room's platform takes. Whether they could be put into
/// words; when not, nothing was queued, and the tracker is held.
pub(super) fn say(
    store: &mut Store,
    live: &Live,
    limits: &super::Limits,
    rooms: &super::Rooms,
    found: &Found<'_>,
    now: DateTime<Utc>,
) -> Result<bool, Trouble> {
    let tracker = &live.tracker;
    let (room, id) = (&tracker.room, tracker.id);
    let printed = match print(live, limits, found.items) {
        Ok(printed) => printed,
        Err(why) => {
            if !unworded::is_unworded(store, tracker)? {
                // It is no message yet, so it does not wait where messages do.
                wait(store, live, found.reports, found.items);
                let why = Why::Printer { why };
                opened::open(store, &limits.breaker, room, Some(tracker), why, now)?;
            }
            return Ok(false);
        }
    };
    let Printed {
        texts,
        one_each,
        older,
    } = printed;
    let longest = rooms(room).longest;
    let day = match texts.is_empty() {
        true => None,
        false => threads::today(store, live, rooms, now)?,
    };
    let mut parts = Vec::with_capacity(texts.len());
    let mut says = Vec::with_capacity(texts.len());
    let happened = |n: usize| {
        let item = found.items.get(older + n).filter(|_| one_each)?;
        is_event(item).then_some(&item.id)
    };
    for (n, text) in texts.iter().enumerate() {
        let pieces = crate::room::split::split(text, longest);
        for (piece, part) in pieces.into_iter().enumerate() {
            says.push(match (one_each, n, piece) {
                (true, 0, 0) => found.reports[..=older].to_vec(),
                (true, n, 0) => vec![found.reports[older + n]],
                (false, 0, 0) => found.reports.to_vec(),
                _ => Vec::new(),
            });
            parts.push(breaker::Part {
                text: part,
                event: happened(n),
            });
        }
    }
    let opens = match found.asked {
        true => None,
        false => breaker::count(store, &limits.breaker, tracker, &parts, now)?,
    };
    let texts: Vec<Text> = parts.into_iter().map(|part| part.text).collect();
    for (text, reports) in texts.into_iter().zip(says) {
        let outgoing = Outgoing {
            day,
            tracker: Some(id),
            reports,
            expires: live.expires.map(|after| now + after),
            ..Outgoing::new(room.clone(), text, now)
        };
        queue(store, outgoing)?;
    }
    if let Some((whose, why)) = opens {
        let whose = whose.map(|_| tracker);
        opened::open(store, &limits.breaker, room, whose, why, now)?;
    }
    Ok(true)
}

/// Whether an item is about something that happened to what has been there for longer: that may well happen again.
fn is_event(item: &Item) -> bool {
    matches!(item.facts.get("created"), Some(Fact::Time(created)) if *created != item.at)
}

/// Items in words.
struct Printed {
    texts: Vec<Text>,
    /// Each text says one item.
    one_each: bool,
    /// So many of the oldest are not named.
    older: usize,
}

/// Prints items, the oldest first. More than the room should get one by one become a list; of more than a list should
/// hold the newest are named. When the printer goes wrong: why, in words that stand after "because".
fn print(live: &Live, limits: &super::Limits, items: &[Item]) -> Result<Printed, String> {
    let name = &live.tracker.name;
    let printer = &live.tracker.recipe.printer;
    let older = items.len().saturating_sub(NAMED.max(limits.burst));
    let items = &items[older..];
    let printing = || {
        let texts = live.printer.print(name, items);
        let one_each = texts.len() == items.len();
        match one_each && items.len() > limits.burst {
            true => printer::build("list").map(|list| (list.print(name, items), false)),
            false => Ok((texts, one_each)),
        }
    };
    // A fault of a printer is its own.
    let printed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(printing));
    let wrong = || format!("`{printer}` went wrong on my side");
    let (mut texts, one_each) = match printed {
        Ok(Ok(printed)) => printed,
        Ok(Err(refusal)) => {
            tracing::error!(tracker = %live.tracker.id, printer, why = %refusal, "a printer failed");
            return Err(wrong());
        }
        Err(_) => {
            tracing::error!(tracker = %live.tracker.id, printer, "a printer panicked");
            return Err(wrong());
        }
    };
    if texts.is_empty() && !items.is_empty() {
        return Err(format!("`{printer}` says nothing about it"));
    }
    if older > 0
        && let Some(last) = texts.last_mut()
    {
        let text = std::mem::take(last);
        let page = items.len() / REPORTS_PAGE + 1;
        *last = text.and(format!(
            "and {older} older: `show {name} --reports {REPORTS_PAGE} --page {page}`"
        ));
    }
    Ok(Printed {
        texts,
        one_each,
        older,
    })
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
