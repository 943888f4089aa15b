//! Circuit breakers: a tracker, or a room, of which more comes than is usual is held until somebody decides.
//!
//! What is counted are messages, and only those that nobody asked for: not a backlog, nor what waited and is let go on.
//! A tracker's own breaker opens before its room's, which is for what no single tracker is to blame for.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::hold;
use crate::model::{Hold, ItemId, RoomId, Text, Tracker, TrackerId, Why, text::cut};
use crate::store::rows::LatelyRow;
use crate::store::{self, Store, tables};

/// How much is usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// How many messages of one tracker are borne in that time; 0 for any number, also of the same.
    pub burst: usize,
    /// How many of all trackers of a room together; 0 for any number.
    pub room_burst: usize,
    pub within: Duration,
}

/// Those of `config.toml`.
impl Default for Breaker {
    fn default() -> Breaker {
        Breaker {
            burst: 20,
            room_burst: 20,
            within: Duration::from_secs(300),
        }
    }
}

/// A message that a tracker is about to say.
pub(super) struct Part<'a> {
    pub text: Text,
    /// What it says happened to something of before, and may happen to it again: then the same words say another thing.
    pub event: Option<&'a ItemId>,
}

/// How often a tracker may say the same within [`SAME_WITHIN`] before it is held.
const SAME: usize = 3;
/// How long a text is kept in mind, in seconds.
const SAME_WITHIN: i64 = 3_600;
/// At least so many texts of a tracker are kept in mind.
const TEXTS: usize = 100;
/// The least burst after somebody let it go on, and the part of the usual one that it otherwise is.
const CAREFUL: (usize, usize) = (2, 4);
/// How long it takes until it is first looked whether a hold can end by itself; twice as long each time after.
const FIRST_TRY: TimeDelta = TimeDelta::hours(1);
/// The longest time from one such look to the next.
const LONGEST_TRY: TimeDelta = TimeDelta::days(1);
/// The longest text that is repeated in a notice, in characters.
const SHOWN: usize = 80;

impl Breaker {
    fn within(&self) -> TimeDelta {
        TimeDelta::from_std(self.within).unwrap_or(TimeDelta::MAX)
    }

    /// What is borne now of a room, or of a tracker.
    fn most(&self, whose: Option<TrackerId>, careful: bool) -> usize {
        let usual = match whose {
            Some(_) => self.burst,
            None => self.room_burst,
        };
        match careful {
            true => (usual / CAREFUL.1).max(CAREFUL.0).min(usual),
            false => usual,
        }
    }
}

/// When it is looked whether a hold can end by itself.
pub(super) fn next_try(hold: &Hold) -> DateTime<Utc> {
    // The n-th look comes after 1 + 2 + 4 + … hours, and then once a day.
    let mut due = hold.at;
    for n in 0..=hold.tries {
        due += (FIRST_TRY * (1 << n.min(5))).min(LONGEST_TRY);
    }
    due
}

/// What opens when a tracker says these messages: its own breaker or its room's; nothing when all is as usual.
/// Counts them.
pub(super) fn count(
    store: &mut Store,
    usual: &Breaker,
    tracker: &Tracker,
    texts: &[Part<'_>],
    now: DateTime<Utc>,
) -> Result<Option<(Option<TrackerId>, Why)>, store::Error> {
    let (room, id) = (&tracker.room, tracker.id);
    let was_held = hold::is_stopped(store, room, Some(id))?;
    let why = match usual.burst {
        0 => None,
        _ => count_own(store, usual, tracker, texts, now)?,
    };
    // What is held is not heard by the room.
    if was_held || why.is_some() {
        return Ok(why.filter(|_| !was_held).map(|why| (Some(id), why)));
    }
    if usual.room_burst == 0 {
        return Ok(None);
    }
    let key = (room.clone(), TrackerId::NONE);
    let mut lately = store.get(&tables::LATELY, &key)?.unwrap_or_default();
    let careful = is_careful(&lately, now);
    let most = usual.most(None, careful);
    let since = (now - usual.within()).timestamp();
    lately.said.retain(|(at, _)| *at > since);
    let second = now.timestamp();
    lately.said.extend(texts.iter().map(|_| (second, id.0)));
    let messages = lately.said.len();
    let opens = messages > most && !hold::is_stopped(store, room, None)?;
    let its = lately.said.iter().filter(|(_, whose)| *whose == id.0);
    let its = its.count();
    // Who says more than all others together is to blame alone.
    let blamed = opens && its * 2 > messages && its > 1;
    if blamed {
        lately.said.retain(|(_, whose)| *whose != id.0);
    }
    let over = lately.said.len().saturating_sub(most + 1);
    lately.said.drain(..over);
    store.put(&tables::LATELY, &key, &lately);
    Ok(match (opens, blamed) {
        (true, true) => Some((Some(id), Why::Burst { messages: its })),
        (true, false) => Some((None, Why::Burst { messages })),
        (false, _) => None,
    })
}

/// The same for the tracker alone.
fn count_own(
    store: &mut Store,
    usual: &Breaker,
    tracker: &Tracker,
    texts: &[Part<'_>],
    now: DateTime<Utc>,
) -> Result<Option<Why>, store::Error> {
    let key = (tracker.room.clone(), tracker.id);
    let mut lately = store.get(&tables::LATELY, &key)?.unwrap_or_default();
    let most = usual.most(Some(tracker.id), is_careful(&lately, now));
    let second = now.timestamp();
    let since = (now - usual.within()).timestamp();
    let longest_ago = since.min(second - SAME_WITHIN);
    lately.said.retain(|(at, _)| *at > longest_ago);
    let mut again = None;
    for part in texts {
        let mark = mark(part);
        lately.said.push((second, mark));
        let same = |(at, other): &&(i64, u64)| *other == mark && *at > second - SAME_WITHIN;
        if again.is_none() && lately.said.iter().filter(same).count() >= SAME {
            again = Some(&part.text);
        }
    }
    let messages = lately.said.iter().filter(|(at, _)| *at > since).count();
    let over = lately.said.len().saturating_sub(TEXTS.max(most + 1));
    lately.said.drain(..over);
    store.put(&tables::LATELY, &key, &lately);
    if let Some(text) = again {
        let text = cut(&text.plain().replace('`', "'").replace('\n', " "), SHOWN);
        return Ok(Some(Why::Repeats { text }));
    }
    Ok((messages > most).then_some(Why::Burst { messages }))
}

fn is_careful(lately: &LatelyRow, now: DateTime<Utc>) -> bool {
    lately.careful_until.is_some_and(|until| now < until)
}

/// Stands for a text however its words are spaced.
fn mark(part: &Part<'_>) -> u64 {
    let mut hash = DefaultHasher::new();
    part.event.hash(&mut hash);
    for word in part.text.plain().split_whitespace() {
        word.hash(&mut hash);
    }
    // Short enough to be written down a hundred times; three that are the same by accident are not to be expected.
    hash.finish() >> 32
}

/// Somebody lets a room, or a tracker in it, go on: what was before is forgiven, and for a while less is borne.
pub(super) fn forgive(
    store: &mut Store,
    usual: &Breaker,
    room: &RoomId,
    whose: Option<TrackerId>,
    now: DateTime<Utc>,
) {
    let lately = LatelyRow {
        said: Vec::new(),
        careful_until: Some(now + usual.within()),
    };
    let key = (room.clone(), whose.unwrap_or(TrackerId::NONE));
    store.put(&tables::LATELY, &key, &lately);
}

/// Whether no more comes of what is held, by a room or a tracker there, than is usual.
pub(super) fn is_calm(
    store: &Store,
    usual: &Breaker,
    room: &RoomId,
    whose: Option<TrackerId>,
    now: DateTime<Utc>,
) -> Result<bool, store::Error> {
    let key = (room.clone(), whose.unwrap_or(TrackerId::NONE));
    let lately = store.get(&tables::LATELY, &key)?.unwrap_or_default();
    let since = (now - usual.within()).timestamp();
    let messages = lately.said.iter().filter(|(at, _)| *at > since).count();
    let most = usual.most(whose, true);
    // What is not counted any more cannot go on.
    Ok(most == 0 || messages <= most)
}
