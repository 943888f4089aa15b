//! Circuit breakers: a tracker, or a room, of which more comes than is usual is held until somebody decides.
//!
//! What is counted are messages, long ones more than once, and only those that nobody asked for: not a backlog, nor what
//! waited and is let go on.
//! A tracker's own breaker opens before its room's, which is for what no single tracker is to blame for.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::hold;
use crate::model::text::{Block, cut};
use crate::model::{Hold, ItemId, RoomId, Text, Tracker, TrackerId, Why};
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

/// So many lines of a message count as one: some platforms say each of them by itself, and no room overlooks a page of them.
const LINES: usize = 10;
/// How often a tracker may say the same within [`SAME_WITHIN`] before it is held.
const SAME: usize = 3;
/// How long a text is kept in mind, in seconds.
const SAME_WITHIN: u32 = 3_600;
/// So many texts of a tracker are kept in mind.
const TEXTS: usize = 64;
/// Into how many slices the time is cut in which messages are counted.
const SLICES: i64 = 20;
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

    /// Counts so many messages, and forgets those that are too old. However many there are, a row holds no more than some
    /// numbers for each that says them.
    fn add(&self, lately: &mut LatelyRow, whose: TrackerId, messages: usize, now: DateTime<Utc>) {
        let since = (now - self.within()).timestamp();
        lately.counts.retain(|(at, ..)| *at > since);
        let slice = (self.within().num_seconds() / SLICES).max(1);
        let slice = now.timestamp().div_euclid(slice) * slice;
        let its = lately.counts.iter_mut().rev();
        let mut its = its.take_while(|(at, ..)| *at == slice);
        let messages = u32::try_from(messages).unwrap_or(u32::MAX);
        match its.find(|(_, other, _)| *other == whose.0) {
            Some((.., counted)) => *counted = counted.saturating_add(messages),
            None if messages > 0 => lately.counts.push((slice, whose.0, messages)),
            None => {}
        }
    }

    /// How many messages were counted that are not too old: of one tracker, or all.
    fn counted(&self, lately: &LatelyRow, whose: Option<TrackerId>, now: DateTime<Utc>) -> usize {
        let since = (now - self.within()).timestamp();
        let its = lately
            .counts
            .iter()
            .filter(|(at, other, _)| *at > since && whose.is_none_or(|whose| whose.0 == *other));
        its.map(|(.., messages)| *messages as usize).sum()
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
    usual.add(&mut lately, id, weight(texts), now);
    let messages = usual.counted(&lately, None, now);
    let opens = messages > most && !hold::is_stopped(store, room, None)?;
    let its = usual.counted(&lately, Some(id), now);
    // Who says more than all others together is to blame alone.
    let blamed = opens && its * 2 > messages && its > 1;
    if blamed {
        lately.counts.retain(|(_, whose, _)| *whose != id.0);
    }
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
    usual.add(&mut lately, tracker.id, weight(texts), now);
    let messages = usual.counted(&lately, None, now);
    let marks = &mut lately.texts.0;
    // Until 2106.
    let second = u32::try_from(now.timestamp()).unwrap_or_default();
    marks.retain(|(at, _)| at.saturating_add(SAME_WITHIN) > second);
    let mut again = None;
    for part in texts {
        let mark = mark(part);
        marks.push((second, mark));
        let same = marks.iter().filter(|(_, other)| *other == mark);
        if again.is_none() && same.count() >= SAME {
            again = Some(&part.text);
        }
    }
    let over = marks.len().saturating_sub(TEXTS);
    marks.drain(..over);
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

/// For how many messages these count.
fn weight(texts: &[Part<'_>]) -> usize {
    let lines = |block: &Block| match block {
        Block::Line(_) | Block::Hint(_) | Block::Entry(_) | Block::OneBox(_) => 1,
        Block::Pre(lines) => lines.lines().count(),
        Block::Choices(_) => 0,
    };
    let of = |part: &Part<'_>| {
        let lines: usize = part.text.0.iter().map(lines).sum();
        lines.div_ceil(LINES).max(1)
    };
    texts.iter().map(of).sum()
}

/// Stands for a text however its words are spaced.
fn mark(part: &Part<'_>) -> u32 {
    let mut hash = DefaultHasher::new();
    part.event.hash(&mut hash);
    for word in part.text.plain().split_whitespace() {
        word.hash(&mut hash);
    }
    // Short enough to be written down many times; three that are the same by accident are not to be expected.
    (hash.finish() >> 32) as u32
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
        careful_until: Some(now + usual.within()),
        ..LatelyRow::default()
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
    let messages = usual.counted(&lately, None, now);
    let most = usual.most(whose, true);
    // What is not counted any more cannot go on.
    Ok(most == 0 || messages <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stays_short_however_much_is_borne() {
        let usual = Breaker {
            burst: 100_000,
            room_burst: 100_000,
            ..Breaker::default()
        };
        let start: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().unwrap();
        let at = |second: u64| start + TimeDelta::seconds(second as i64);
        let mut lately = LatelyRow::default();
        for second in 0..600 {
            usual.add(&mut lately, TrackerId(1 + second % 3), 100, at(second));
        }
        assert!(lately.counts.len() <= 3 * (SLICES as usize + 1));
        assert_eq!(usual.counted(&lately, None, at(599)), 30_000);
        assert_eq!(usual.counted(&lately, Some(TrackerId(2)), at(599)), 10_000);
        assert_eq!(usual.counted(&lately, None, at(599 + 300)), 0);
        lately.texts.0 = (0..64).map(|n| (u32::MAX - n, n)).collect();
        let row = serde_json::to_string(&lately).unwrap();
        assert!(row.len() < 3_000, "{row}");
        let read: LatelyRow = serde_json::from_str(&row).unwrap();
        assert_eq!(read, lately);
    }

    #[test]
    fn ten_lines_count_as_a_message() {
        let of = |lines: usize| {
            let text = (0..lines).fold(Text::new(), |text, n| text.entry(format!("{n}")));
            Part { text, event: None }
        };
        let pre = |lines: &str| Part {
            text: Text::new().pre(lines),
            event: None,
        };
        for (parts, counted) in [
            (vec![of(1)], 1),
            (vec![of(10)], 1),
            (vec![of(11)], 2),
            (vec![of(40), of(40), of(20)], 10),
            (vec![of(0)], 1),
            (
                vec![pre("a long line, and another\nas long as the first")],
                1,
            ),
            (vec![pre(&"line\n".repeat(25))], 3),
            (Vec::new(), 0),
        ] {
            assert_eq!(weight(&parts), counted);
        }
    }
}
