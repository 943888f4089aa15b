//! A breaker that opens, is let go on by somebody, or tries by itself whether its cause is over: what becomes of what
//! waits, and what is said about it.

use chrono::{DateTime, Utc};

use super::dropped::{self, Dropped};
use super::{Breaker, Trackers, Trouble, announce, breaker, enqueue, enqueue_first, hold, kept};
use crate::model::{Hold, Item, Outgoing, Person, PersonId, RoomId, Text, Tracker, TrackerId, Why};
use crate::store::rows::Entry;
use crate::store::{self, Store, journal, tables};
use crate::when;

/// Holds a room's reports, or those of a tracker in its room, and says so once.
pub(super) fn open(
    store: &mut Store,
    usual: &Breaker,
    room: &RoomId,
    tracker: Option<&Tracker>,
    why: Why,
    now: DateTime<Utc>,
) -> Result<(), store::Error> {
    let whose = tracker.map(|tracker| tracker.id);
    let within = when::say_duration(usual.within);
    let from = match (&why, tracker) {
        (Why::Burst { .. }, None) => from_how_many(store, room)?,
        _ => String::new(),
    };
    let what = what(tracker, &why, &within, &from);
    let silent = hold::is_stopped(store, room, None)?;
    hold::hold_it(store, room, whose, Hold::new(why.clone(), now))?;
    let waits = say_waiting(waiting(store, room, whose)?);
    let text = Text::line(format!(
        "{what}. What is found from now on waits; {waits} already."
    ));
    let text = match (&why, tracker) {
        (Why::Printer { .. }, Some(tracker)) => {
            let name = &tracker.name;
            text.hint(format!(
                "`edit {name} as list` says it in another way, `resume {name}` tries again, `drop {name}` throws it away"
            ))
        }
        _ => choices(text, tracker),
    };
    // Who wants silence hears of it with all the rest.
    match silent {
        true => enqueue(store, room, text, now)?,
        false => enqueue_first(store, room, text, now)?,
    }
    note(store, room, format!("{what}: held back"), now)
}

/// What can be done about what waits.
fn choices(text: Text, tracker: Option<&Tracker>) -> Text {
    let of = tracker.map_or(String::new(), |tracker| format!(" {}", tracker.name));
    let (say, drop) = (format!("resume{of}"), format!("drop{of}"));
    let show = format!("show{of} --waiting");
    text.hint(format!(
        "`{say}` says what waits, `{drop}` throws it away, `{show}` shows it"
    ))
    .choices([("Say it", say), ("Drop it", drop), ("Show it", show)])
}

/// What happened, without a full stop.
fn what(tracker: Option<&Tracker>, why: &Why, within: &str, from: &str) -> String {
    let name = tracker.map_or("this room".into(), |tracker| format!("`{}`", tracker.name));
    match (why, tracker) {
        (Why::Burst { messages }, Some(_)) => {
            format!("Too much at once: {name} had {messages} messages within {within}")
        }
        (Why::Burst { messages }, None) => {
            format!("Too much at once: {messages} messages for this room within {within}{from}")
        }
        (Why::Repeats { text }, _) => {
            format!("{name} says the same again and again, “{text}”")
        }
        (Why::Printer { why }, _) => {
            format!("What {name} finds cannot be put into words: {why}")
        }
        (Why::Muted(_) | Why::Killed { .. } | Why::Quiet { .. }, _) => {
            format!("Reports of {name} are held back")
        }
    }
}

fn from_how_many(store: &Store, room: &RoomId) -> Result<String, store::Error> {
    let key = (room.clone(), TrackerId::NONE);
    let lately = store.get(&tables::LATELY, &key)?.unwrap_or_default();
    let mut whose: Vec<u64> = lately.counts.iter().map(|(_, whose, _)| *whose).collect();
    whose.sort_unstable();
    whose.dedup();
    Ok(match whose.len() {
        ..=1 => String::new(),
        many => format!(", from {many} trackers"),
    })
}

/// `1 message waits`, `3 messages wait`.
pub fn say_waiting(messages: usize) -> String {
    match messages {
        0 => "nothing waits".into(),
        1 => "1 message waits".into(),
        many => format!("{many} messages wait"),
    }
}

/// Why a tracker's reports are held, and how many, in words that stand after its name; nothing when they are not.
pub(super) fn said_of(store: &Store, tracker: &Tracker) -> Result<Option<String>, store::Error> {
    let its = Some(tracker.id);
    let holds = hold::holds(store, &tracker.room, its)?;
    let Some(hold) = holds.first() else {
        return Ok(None);
    };
    let waits = say_waiting(waiting(store, &tracker.room, its)?);
    if hold.flows {
        return Ok(Some(format!("{waits} until somebody decides")));
    }
    let why = match &hold.why {
        Why::Burst { .. } => "it had too much at once",
        Why::Repeats { .. } => "it says the same again and again",
        Why::Printer { why } => why,
        Why::Muted(_) | Why::Killed { .. } | Why::Quiet { .. } => "somebody wished so",
    };
    let gone = match hold.gone {
        0 => String::new(),
        1 => ", and 1 was dropped because there was no room".into(),
        many => format!(", and {many} were dropped because there was no room"),
    };
    Ok(Some(format!("held back because {why}: {waits}{gone}")))
}

/// How much of a room, or of a tracker there, is held: messages, and items that are not put into words yet.
///
/// # Errors
/// When the store cannot be read.
pub fn waiting(
    store: &Store,
    room: &RoomId,
    whose: Option<TrackerId>,
) -> Result<usize, store::Error> {
    let mut waiting = kept::kept(store, room, whose)?;
    for tracker in dropped::unworded(store, room, whose)? {
        waiting += store.count(&tables::WAITING, &tracker)?;
    }
    Ok(waiting)
}

/// Something that waits to be said.
pub struct Waits {
    pub at: DateTime<Utc>,
    /// Without markup; of what is not put into words yet its title.
    pub text: String,
}

/// A part of what waits.
pub struct Page {
    /// How much waits in all.
    pub all: usize,
    /// Which part it is, from 1; the last where so many are not there.
    pub page: usize,
    pub pages: usize,
    pub shown: Vec<Waits>,
}

/// Where something stands that waits.
enum Place {
    Outbox(u64),
    Held(TrackerId, u64),
    Unworded(TrackerId, u64),
}

/// What waits for a room, or of a tracker there, and is no answer: the oldest first, what is not put into words yet
/// last; of all that one page of so many.
///
/// # Errors
/// When the store cannot be read.
pub fn page_of_waiting(
    store: &Store,
    room: &RoomId,
    whose: Option<TrackerId>,
    page: usize,
    size: usize,
) -> Result<Page, store::Error> {
    // Much may wait, and anybody may ask: only what is shown is read, of the rest the numbers.
    let places = places(store, room, whose)?;
    let pages = places.len().div_ceil(size);
    let page = page.clamp(1, pages.max(1));
    let mut shown = Vec::new();
    for place in places.iter().skip((page - 1) * size).take(size) {
        shown.extend(waits_at(store, room, place)?);
    }
    Ok(Page {
        all: places.len(),
        page,
        pages,
        shown,
    })
}

fn places(
    store: &Store,
    room: &RoomId,
    whose: Option<TrackerId>,
) -> Result<Vec<Place>, store::Error> {
    let mut numbers: Vec<(u64, Option<TrackerId>)> = Vec::new();
    match whose {
        None => {
            let keys = store.keys(&tables::OUTBOX, room)?;
            numbers.extend(keys.into_iter().map(|(_, number)| (number, None)));
            let keys = store.keys(&tables::HELD, room)?;
            numbers.extend(keys.into_iter().map(|(_, one, number)| (number, Some(one))));
        }
        Some(whose) => {
            // Whose they are stands in the entries alone; nothing of what is held is among them.
            let held =
                hold::is_stopped(store, room, None)? || hold::is_stopped(store, room, Some(whose))?;
            if !held {
                let mut entries = super::waiting(store, room, usize::MAX)?;
                entries.retain(|(_, outgoing)| outgoing.tracker == Some(whose));
                numbers.extend(entries.into_iter().map(|(number, _)| (number, None)));
            }
            let keys = store.keys(&tables::HELD, &(room.clone(), whose))?;
            numbers.extend(keys.into_iter().map(|(_, one, number)| (number, Some(one))));
        }
    }
    numbers.retain(|(number, held)| held.is_some() || super::outbox::is_report(*number));
    numbers.sort_unstable();
    let place = |(number, held)| match held {
        Some(one) => Place::Held(one, number),
        None => Place::Outbox(number),
    };
    let mut places: Vec<Place> = numbers.into_iter().map(place).collect();
    for tracker in dropped::unworded(store, room, whose)? {
        let keys = store.keys(&tables::WAITING, &tracker)?;
        places.extend(
            keys.into_iter()
                .map(|(one, report)| Place::Unworded(one, report)),
        );
    }
    Ok(places)
}

fn waits_at(store: &Store, room: &RoomId, place: &Place) -> Result<Option<Waits>, store::Error> {
    let said = |outgoing: Outgoing| Waits {
        at: outgoing.at,
        text: outgoing.text.plain(),
    };
    let called = |item: Item| Waits {
        at: item.seen,
        text: item.called(TITLE),
    };
    Ok(match place {
        Place::Outbox(number) => {
            let key = (room.clone(), *number);
            store.get(&tables::OUTBOX, &key)?.map(said)
        }
        Place::Held(one, number) => {
            let key = (room.clone(), *one, *number);
            store.get(&tables::HELD, &key)?.map(said)
        }
        Place::Unworded(one, report) => {
            let key = (*one, *report);
            store.get(&tables::WAITING, &key)?.map(called)
        }
    })
}

/// The longest title of what is not put into words yet, in characters.
const TITLE: usize = 200;

/// Writes down what was done by nobody.
///
/// # Errors
/// When the journal cannot be written.
pub fn note(
    store: &mut Store,
    room: &RoomId,
    what: String,
    at: DateTime<Utc>,
) -> Result<(), store::Error> {
    let who = Person {
        id: PersonId::default(),
        name: "boson".into(),
    };
    let entry = Entry {
        at,
        who,
        room: room.clone(),
        words: String::new(),
        what,
        also: Vec::new(),
    };
    journal::append(store, entry)
}

impl Trackers {
    /// Lets a room go on, or a tracker there: what waits is said, as far as nothing else holds it, and for a while a
    /// smaller burst opens the breaker again. Gives what held it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn release(
        &self,
        store: &mut Store,
        room: &RoomId,
        whose: Option<TrackerId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Hold>, store::Error> {
        let before = hold::release(store, room, whose)?;
        if before.iter().any(Hold::is_breaker) {
            breaker::forgive(store, &self.limits.breaker, room, whose, now);
        }
        Ok(before)
    }

    /// Drops what waits for a room, or of a tracker there, and lets it go on if it waited for that.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn drop_waiting(
        &self,
        store: &mut Store,
        room: &RoomId,
        whose: Option<TrackerId>,
        now: DateTime<Utc>,
    ) -> Result<Dropped, store::Error> {
        let dropped = dropped::drop_reports(store, room, whose, now)?;
        for (whose, hold) in &dropped.ended {
            if hold.is_breaker() {
                breaker::forgive(store, &self.limits.breaker, room, *whose, now);
            }
        }
        Ok(dropped)
    }

    /// Nobody has decided about a room, or a tracker there: when what held it is over, one report is said to try, and what
    /// is new again, too; the rest waits on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn try_hold(
        &mut self,
        store: &mut Store,
        room: &RoomId,
        whose: Option<TrackerId>,
        now: DateTime<Utc>,
    ) -> Result<(), Trouble> {
        let mut holds = hold::holds(store, room, whose)?;
        let tried = |hold: &Hold| hold.is_breaker() && !hold.flows;
        if !holds.iter().any(tried) {
            return Ok(hold::set_holds(store, room, whose, holds)?);
        }
        let rest = match whose {
            Some(one) => self.rests(one),
            None => {
                let kept = kept::by_tracker(store, room)?;
                !kept.is_empty() && kept.iter().all(|(one, _)| self.rests(*one))
            }
        };
        let elsewhere = whose.is_some() && hold::is_stopped(store, room, None)?;
        let otherwise = holds.iter().any(|hold| !hold.flows && !hold.is_breaker());
        let over = !rest
            && !elsewhere
            && !otherwise
            && breaker::is_calm(store, &self.limits.breaker, room, whose, now)?
            && self.words_again(store, room, whose, now)?;
        if !over {
            for hold in holds.iter_mut().filter(|hold| tried(hold)) {
                hold.tries += 1;
            }
            hold::set_holds(store, room, whose, holds)?;
            return Ok(());
        }
        let worded = holds
            .iter()
            .any(|hold| matches!(hold.why, Why::Printer { .. }));
        let waits = waiting(store, room, whose)?;
        if waits == 0 {
            holds.retain(|hold| !tried(hold));
            hold::set_holds(store, room, whose, holds)?;
            breaker::forgive(store, &self.limits.breaker, room, whose, now);
            return Ok(());
        }
        for hold in holds.iter_mut().filter(|hold| tried(hold)) {
            hold.flows = true;
        }
        hold::set_holds(store, room, whose, holds)?;
        breaker::forgive(store, &self.limits.breaker, room, whose, now);
        hold::let_one_go(store, room, whose, |one| self.rests(one))?;
        let tracker = whose.and_then(|id| self.get(id));
        let name = tracker.map_or("this room".into(), |tracker| format!("`{}`", tracker.name));
        let rest = match waits - 1 {
            0 => "nothing else waits".into(),
            rest => format!("{} until somebody decides", say_waiting(rest)),
        };
        let over = match worded {
            true => "It can be put into words again",
            false => "It is calmer",
        };
        let text = Text::line(format!(
            "{over}: what is new of {name} is said again, and to begin with the oldest of what waited; {rest}."
        ));
        let text = match waits {
            1 => text,
            _ => choices(text, tracker),
        };
        if waits == 1 {
            hold::release(store, room, whose)?;
        }
        enqueue_first(store, room, text, now)?;
        note(store, room, format!("{name} goes on by itself"), now)?;
        Ok(())
    }

    /// Who was stopped or paused says nothing, not even to try; what waits is there when that is taken back.
    fn rests(&self, one: TrackerId) -> bool {
        let tracker = self.get(one);
        one != TrackerId::NONE && tracker.is_none_or(|tracker| tracker.paused)
    }

    /// What a tracker could not put into words is put into words now, and kept; whether that went well.
    fn words_again(
        &self,
        store: &mut Store,
        room: &RoomId,
        whose: Option<TrackerId>,
        now: DateTime<Utc>,
    ) -> Result<bool, Trouble> {
        let whose = match whose {
            Some(whose) => whose,
            None => return Ok(true),
        };
        if dropped::unworded(store, room, Some(whose))?.is_empty() {
            return Ok(true);
        }
        let Some(live) = self.live.get(&whose) else {
            return Ok(false);
        };
        let rows = store.scan(&tables::WAITING, &whose, usize::MAX)?;
        if rows.is_empty() {
            return Ok(true);
        }
        let reports: Vec<u64> = rows.iter().map(|((_, report), _)| *report).collect();
        let items: Vec<Item> = rows.into_iter().map(|(_, item)| item).collect();
        let found = announce::Found {
            reports: &reports,
            items: &items,
            asked: true,
        };
        if !announce::say(store, live, &self.limits, &self.rooms, &found, now)? {
            return Ok(false);
        }
        for report in reports {
            store.delete(&tables::WAITING, &(whose, report));
        }
        Ok(true)
    }
}
