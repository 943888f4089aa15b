//! How commands change trackers: whole states, with what was before kept for `undo` and in the journal.

use std::collections::BTreeSet;

use crate::model::text::Span;
use crate::model::{
    Hold, Message, Mute, Person, PersonId, Refusal, Role, RoomId, Stage, Task, Text, Tracker,
    TrackerId, Unsure, Why,
};
pub use crate::store::rows::Also;
use crate::store::rows::{Change, Entry, Step};
use crate::store::{self, Store, agenda, journal, tables};
use crate::tracker::{self, Trackers, Trouble};

use super::Scene;
use super::may::{self, Deed};
use chrono::{DateTime, TimeDelta, Utc};

/// How long every change can be undone; after that one that cannot be does not stand in the way of those before it.
const KEPT: TimeDelta = TimeDelta::days(1);
/// How many changes of one person in one room are remembered for longer.
const REMEMBERED: u64 = 20;
/// How many are forgotten with each new one, at most.
const FORGOTTEN: usize = 4;

/// The tracker `name` of this room, if the person may change it.
///
/// # Errors
/// When there is none, or it belongs to somebody else.
pub fn own(scene: &Scene<'_>, name: &str) -> Result<Tracker, Refusal> {
    let tracker = scene.trackers.named(scene.room(), name)?;
    may::check(scene, Deed::Change(tracker))?;
    Ok(tracker.clone())
}

/// Puts trackers into new states, and remembers how to go back. `what` names it for `undo`: `` stop `x` ``.
pub fn make(
    scene: &mut Scene<'_>,
    what: String,
    states: Vec<(TrackerId, Option<Tracker>)>,
) -> Result<(), Trouble> {
    let steps = set(scene, states)?;
    remember(scene, what, steps, Vec::new())
}

/// Puts trackers into new states, for [`remember`].
pub fn set(
    scene: &mut Scene<'_>,
    states: Vec<(TrackerId, Option<Tracker>)>,
) -> Result<Vec<Step>, Trouble> {
    let mut steps = Vec::with_capacity(states.len());
    for (id, after) in states {
        let before = scene
            .trackers
            .set(scene.store, id, after.clone(), scene.now)?;
        steps.push(Step { id, before, after });
    }
    Ok(steps)
}

/// Does something beside trackers, and remembers how to go back. `what` names it for `undo`.
pub fn make_also(scene: &mut Scene<'_>, what: String, also: Vec<Also>) -> Result<(), Trouble> {
    for step in &also {
        put(scene.store, step, false)?;
    }
    remember(scene, what, Vec::new(), also)
}

/// Brings about what a step did, or what was before it.
fn put(store: &mut Store, step: &Also, back: bool) -> Result<(), store::Error> {
    match step {
        Also::Role {
            room,
            person,
            before,
            after,
        } => {
            let key = (room.clone(), person.id.clone());
            match if back { before } else { after } {
                Some(row) => {
                    store.put(&tables::ROLES, &key, row);
                }
                None => store.delete(&tables::ROLES, &key),
            }
        }
        Also::Mute {
            room,
            before,
            after,
        } => set_mute(store, room, if back { before } else { after }.clone())?,
        Also::Room {
            room,
            before,
            after,
        } => {
            store.put(&tables::CHOSEN, room, if back { before } else { after });
            // The loop takes it up in the same turn.
            let task = Task::Settle(room.clone());
            agenda::put(store, &tracker::job(task, DateTime::UNIX_EPOCH))?;
        }
        // Whoever remembers these has done them.
        Also::Release { .. } | Also::Drop { .. } if !back => {}
        Also::Release {
            room,
            tracker,
            before,
        } => {
            for hold in before {
                hold_again(store, room, *tracker, hold)?;
            }
        }
        Also::Drop {
            room,
            number,
            before,
            ..
        } => {
            for (tracker, hold) in before {
                hold_again(store, room, *tracker, hold)?;
            }
            tracker::bring_back(store, room, *number)?;
        }
    }
    Ok(())
}

/// Holds what was held before, unless there is such a hold again.
fn hold_again(
    store: &mut Store,
    room: &RoomId,
    tracker: Option<TrackerId>,
    hold: &Hold,
) -> Result<(), store::Error> {
    let mut holds = tracker::holds(store, room, tracker)?;
    if holds
        .iter()
        .all(|other| other.why.kind() != hold.why.kind())
    {
        holds.push(hold.clone());
        tracker::set_holds(store, room, tracker, holds)?;
    }
    Ok(())
}

/// The mute of a room.
pub fn mute(store: &Store, room: &RoomId) -> Result<Option<Mute>, store::Error> {
    let holds = tracker::holds(store, room, None)?.into_iter();
    let mut mutes = holds.filter_map(|hold| match hold.why {
        Why::Muted(mute) => Some(mute),
        Why::Killed { .. }
        | Why::Quiet { .. }
        | Why::Burst { .. }
        | Why::Repeats { .. }
        | Why::Printer { .. } => None,
    });
    Ok(mutes.next())
}

/// Mutes a room or not.
fn set_mute(store: &mut Store, room: &RoomId, muted: Option<Mute>) -> Result<(), store::Error> {
    match muted {
        Some(mute) => {
            let at = mute.at;
            tracker::hold_room(store, room, Hold::new(Why::Muted(mute), at))
        }
        None => tracker::end_hold(store, room, None, "muted"),
    }
}

/// Keeps in mind how to take back what was done, and writes it down.
pub fn remember(
    scene: &mut Scene<'_>,
    what: String,
    steps: Vec<Step>,
    also: Vec<Also>,
) -> Result<(), Trouble> {
    let key = (scene.room().clone(), scene.message.person.id.clone());
    let last = scene.store.last_key(&tables::UNDO, &key)?;
    let number = last.map_or(1, |(_, _, number)| number + 1);
    let change = Change {
        at: scene.now,
        what,
        message: scene.message.id.clone(),
        steps,
        also,
    };
    let nth = (key.0.clone(), key.1.clone(), number);
    scene.store.put(&tables::UNDO, &nth, &change);
    if number > REMEMBERED {
        for _ in 0..FORGOTTEN {
            let oldest = scene.store.scan(&tables::UNDO, &key, 1)?.pop();
            let is_over =
                |nth: u64, old: &Change| nth + REMEMBERED <= number && scene.now - old.at >= KEPT;
            let Some((nth, _)) = oldest.filter(|(nth, old)| is_over(nth.2, old)) else {
                break;
            };
            scene.store.delete(&tables::UNDO, &nth);
        }
    }
    let what = change.what.clone();
    write_down(
        scene.store,
        scene.message,
        scene.line,
        (what, &change),
        scene.now,
    )
}

fn write_down(
    store: &mut Store,
    message: &Message,
    line: &str,
    (what, change): (String, &Change),
    at: DateTime<Utc>,
) -> Result<(), Trouble> {
    let entry = Entry {
        at,
        who: message.person.clone(),
        room: message.room.clone(),
        words: crate::model::text::cut(super::claim::without_code(line), 500),
        what,
        also: concerned(change)
            .filter(|room| *room != message.room && !room.room.is_empty())
            .collect(),
    };
    journal::append(store, entry)?;
    Ok(())
}

/// The rooms in which a change is noticed: where trackers were started and where they report.
fn concerned(change: &Change) -> impl Iterator<Item = RoomId> {
    let states = change.steps.iter();
    let states = states.flat_map(|step| [&step.before, &step.after]);
    let rooms = states
        .flatten()
        .flat_map(|tracker| [&tracker.home, &tracker.room]);
    let also = change.also.iter().map(|step| match step {
        Also::Role { room, .. }
        | Also::Mute { room, .. }
        | Also::Room { room, .. }
        | Also::Release { room, .. }
        | Also::Drop { room, .. } => room,
    });
    let rooms: BTreeSet<RoomId> = rooms.chain(also).cloned().collect();
    rooms.into_iter()
}

/// A change that was taken back, or that cannot be any more.
pub enum Reverted {
    Done(Change),
    /// It is more than a day old and forgotten, so that the changes before it can be taken back.
    Impossible(Refusal),
}

/// Takes the last change back that a person made in this room, and says what it was: whoever asks, or another one.
///
/// # Errors
/// When there is none, it is nothing that whoever asks may take back, or something is in its way.
pub fn revert(scene: &mut Scene<'_>, by: Option<&Person>) -> Result<Reverted, Trouble> {
    let me = &scene.message.person.id;
    let by = by.filter(|by| by.id != *me);
    let whose = by.map_or(me, |by| &by.id);
    if by.is_some() {
        may::check(scene, Deed::TakeBackOfOthers)?;
    }
    let key = (scene.room().clone(), whose.clone());
    let Some(last) = scene.store.scan_back(&tables::UNDO, &key, 1)?.pop() else {
        let whose = by.map_or("yours".into(), super::grant::shown);
        return Err(Refusal::new(format!(
            "There is no change of {whose} in this room to undo."
        ))
        .hint(match by {
            Some(_) => "`journal` shows who changed what here",
            None => "`list` shows what is tracked here",
        })
        .into());
    };
    checked(scene, last)
}

/// Takes the change back that was made with a message, for whoever made it or an owner of the room.
///
/// # Errors
/// When it is forgotten, was taken back before, is somebody else's, or something is in its way.
pub fn revert_of(scene: &mut Scene<'_>, of: &str) -> Result<Reverted, Trouble> {
    let all = scene.store.scan(&tables::UNDO, scene.room(), usize::MAX)?;
    let found = all
        .into_iter()
        .rev()
        .find(|(_, change)| change.message.0 == of);
    let Some(found) = found else {
        return Err(
            Refusal::new("That was taken back already, or is too long ago.")
                .hint("`list` shows what is tracked here")
                .into(),
        );
    };
    if found.0.1 != scene.message.person.id {
        may::check(scene, Deed::TakeBackOfOthers)?;
    }
    checked(scene, found)
}

/// Takes a change back, if whoever asks could still make it.
fn checked(scene: &mut Scene<'_>, found: Remembered) -> Result<Reverted, Trouble> {
    let needed = may::to_take_back(&found.1, &scene.message.person.id);
    may::check(scene, Deed::TakeBack(needed, &found.1.what))?;
    let by = (scene.message, scene.line);
    take_back(scene.store, scene.trackers, found, by, scene.now)
}

/// A change under its key.
type Remembered = ((RoomId, PersonId, u64), Change);

/// Takes a change back.
fn take_back(
    store: &mut Store,
    trackers: &mut Trackers,
    (at, change): Remembered,
    (message, line): (&Message, &str),
    now: DateTime<Utc>,
) -> Result<Reverted, Trouble> {
    store.delete(&tables::UNDO, &at);
    for step in &change.also {
        if let Some(refusal) = changed_since(store, &change, step, now)? {
            return Err(refusal.into());
        }
    }
    for step in &change.steps {
        if let Some(refusal) = obstacle(store, trackers, &change, step)? {
            // Within a day whoever is in the way can still make way.
            if now - change.at < KEPT {
                return Err(refusal.into());
            }
            return Ok(Reverted::Impossible(refusal));
        }
    }
    for step in &change.also {
        put(store, step, true)?;
    }
    for step in change.steps.iter().rev() {
        let present = trackers.get(step.id).cloned();
        let rested = present.as_ref().is_none_or(|present| present.paused);
        trackers.set(store, step.id, back(step.before.clone(), present), now)?;
        // It never rested, as far as anybody is concerned: what came meanwhile is said.
        if rested && step.before.as_ref().is_some_and(|before| !before.paused) {
            trackers.catch_up(store, step.id, now)?;
        }
    }
    let what = format!("undo of {}", change.what);
    write_down(store, message, line, (what, &change), now)?;
    Ok(Reverted::Done(change))
}

/// Why what a change did beside trackers cannot be taken back.
fn changed_since(
    store: &Store,
    change: &Change,
    step: &Also,
    now: DateTime<Utc>,
) -> Result<Option<Refusal>, Trouble> {
    match step {
        Also::Role {
            room,
            person,
            after,
            ..
        } => {
            let present = store.get(&tables::ROLES, &(room.clone(), person.id.clone()))?;
            Ok((present != *after).then(|| {
                Refusal::new(format!(
                    "I cannot take that back ({}): that role was changed since.",
                    change.what
                ))
                .hint("`privileges` shows who may do what here")
            }))
        }
        Also::Mute { room, after, .. } => {
            // How much was dropped is no change of anybody's.
            let by = |muted: &Option<Mute>| muted.as_ref().map(|muted| (muted.at, muted.until));
            let present = mute(store, room)?;
            Ok((by(&present) != by(after)).then(|| {
                Refusal::new(format!(
                    "I cannot take that back ({}): that is over.",
                    change.what
                ))
                .hint("`status` shows how this room stands")
            }))
        }
        Also::Room { room, after, .. } => {
            let present = store.get(&tables::CHOSEN, room)?.unwrap_or_default();
            Ok((present != *after).then(|| {
                Refusal::new(format!(
                    "I cannot take that back ({}): it was changed since.",
                    change.what
                ))
                .hint("`room` shows how this room is set")
            }))
        }
        // What was said meanwhile was said.
        Also::Release { before, .. } => {
            let is_over = |hold: &Hold| hold.until().is_some_and(|until| until <= now);
            let over = !before.is_empty() && before.iter().all(is_over);
            Ok(over.then(|| {
                Refusal::new(format!(
                    "I cannot take that back ({}): it would have ended by now.",
                    change.what
                ))
                .hint("`mute` begins anew")
            }))
        }
        Also::Drop { room, number, .. } => {
            let gone = !tracker::can_come_back(store, room, *number)?;
            Ok(gone.then(|| {
                Refusal::new(format!(
                    "I cannot take that back ({}): it is too long ago.",
                    change.what
                ))
                .hint("`show NAME --reports 20` shows what a tracker has found all the same")
            }))
        }
    }
}

/// Why a tracker cannot be put back into the state it had before.
fn obstacle(
    store: &Store,
    trackers: &Trackers,
    change: &Change,
    step: &Step,
) -> Result<Option<Refusal>, Trouble> {
    let refusal =
        |why: String| Refusal::new(format!("I cannot take that back ({}): {why}.", change.what));
    let present = trackers.get(step.id);
    if !same(present, step.after.as_ref()) {
        let either = step.before.as_ref().or(step.after.as_ref());
        let name = either.map_or("it", |tracker| tracker.name.as_str());
        return Ok(Some(match present {
            Some(present) => refusal(format!("`{name}` was changed since"))
                .hint(format!("`show {}` shows how it stands", present.name)),
            None => refusal(format!("`{name}` was stopped since"))
                .hint("`list` shows what is tracked here"),
        }));
    }
    let Some(before) = &step.before else {
        return Ok(None);
    };
    if let Ok(other) = trackers.named(&before.home, before.name.as_str())
        && other.id != step.id
    {
        let why = format!("another tracker is called `{}` now", before.name);
        return Ok(Some(
            refusal(why).hint(format!("`rename {} NEW` first, then `undo`", before.name)),
        ));
    }
    if store.get(&tables::SOURCES, &before.source)?.is_none() {
        let source = source_line(before);
        return Ok(Some(
            refusal("it is too long ago".into())
                .hint(format!("`track {source} named {}`", before.name)),
        ));
    }
    Ok(None)
}

/// A tracker's source as it is typed.
fn source_line(tracker: &Tracker) -> String {
    let part = &tracker.recipe.source;
    let args: Vec<&str> = part.args.values().flatten().map(String::as_str).collect();
    format!("{} {}", part.kind, args.join(" "))
}

/// Takes back what an earlier form of this message changed, if it was the person's last change.
pub fn revert_message(
    store: &mut Store,
    trackers: &mut Trackers,
    (message, role): (&Message, Role),
    now: DateTime<Utc>,
) -> Result<(), Trouble> {
    let key = (message.room.clone(), message.person.id.clone());
    let last = store.scan_back(&tables::UNDO, &key, 1)?.pop();
    let Some(last) = last.filter(|(_, change)| change.message == message.id) else {
        return Ok(());
    };
    let needed = may::to_take_back(&last.1, &message.person.id);
    may::check_role(role, Deed::TakeBack(needed, &last.1.what))?;
    match take_back(store, trackers, last, (message, "(corrected)"), now)? {
        Reverted::Done(_) => Ok(()),
        Reverted::Impossible(refusal) => Err(refusal.into()),
    }
}

/// The state before, but with what happened meanwhile: a tracker does not forget what it has said, nor that it has
/// begun. One that began again would take what is new by now for old, and say its backlog twice.
fn back(before: Option<Tracker>, present: Option<Tracker>) -> Option<Tracker> {
    match (before, present) {
        (Some(before), Some(present)) => Some(Tracker {
            kept: present.kept,
            stage: stage(&before, &present),
            rested_after: present.rested_after,
            ..before
        }),
        (before, _) => before,
    }
}

/// A resume that is taken back before the look it waited for has changed nothing.
fn stage(before: &Tracker, present: &Tracker) -> Stage {
    let resumed = before.paused && !present.paused;
    let waits = matches!(present.stage, Stage::Resumed(_));
    if resumed && waits && before.stage != Stage::Fresh {
        return before.stage;
    }
    present.stage
}

/// The same to a person: figures that change by themselves do not count.
fn same(a: Option<&Tracker>, b: Option<&Tracker>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            a.name == b.name && a.room == b.room && a.recipe == b.recipe && a.paused == b.paused
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Where a tracker reports, as the people of this room say it.
pub fn place(scene: &Scene<'_>, tracker: &Tracker) -> String {
    if tracker.room == *scene.room() {
        "in this room".into()
    } else {
        format!("in `{}`", tracker.room)
    }
}

/// A tracker's filters and printer; what the filters mean in words, where that helps.
pub fn parts(scene: &Scene<'_>, tracker: &Tracker) -> Text {
    let keep = scene.trackers.keeps(tracker.id);
    let keep = if keep.is_empty() {
        "everything".into()
    } else {
        keep
    };
    let words = |words: String| vec![Span::Words(words)];
    let printer = &tracker.recipe.printer;
    let broad = if tracker.broad { "   broad: yes" } else { "" };
    let unsure = match tracker.recipe.unsure {
        Unsure::Drop => "",
        Unsure::Keep => "   unsure: keep",
    };
    let thread = match tracker.recipe.thread {
        true => "   thread: one a day",
        false => "",
    };
    let expires = match &tracker.recipe.expires {
        Some(after) => format!("   expires: after {after}"),
        None => String::new(),
    };
    let text = Text::new().spans(words(format!(
        "keep: {keep}   as: {printer}{thread}{expires}{unsure}{broad}"
    )));
    match scene.trackers.keeps_in_words(tracker.id) {
        Some(said) => text.spans(words(format!("in words: {said}"))),
        None => text,
    }
}
