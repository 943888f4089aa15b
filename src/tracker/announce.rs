//! What was kept of a look becomes reports: written down, put into words and queued, or gathered for later.

use chrono::{DateTime, Utc};

use super::sift::{Because, sift};
use super::{Live, Trouble, breaker, opened, queue, threads, unworded};
use crate::filter::Folded;
use crate::meter;
use crate::model::{Fact, Item, Outgoing, Report, ReportId, Text, Why};
use crate::printer;
use crate::store::{Store, tables};

/// At least so many reports of a tracker are kept, and at the most twice as many.
const REPORTS_KEPT: u64 = 10_000;

/// The longest title that is written down of what was found, in characters.
const TITLE: usize = 500;

/// The most items that one list or digest names.
const NAMED: usize = 100;

/// How many reports `show` gives at the most.
pub const REPORTS_PAGE: usize = 100;

/// Reports what was kept: says it, or lets it wait for the tracker's own time.
pub(super) fn announce(
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
