//! Expiry: a report that nobody wants to hear any more is not said, and one line says how many they were.

use chrono::{DateTime, TimeDelta, Utc};

use super::{outbox, queue, waiting};
use crate::meter;
use crate::model::{Outgoing, Refusal, RoomId, Text, TrackerId};
use crate::store::{self, Store, tables};
use crate::when;

/// How long after it was found a report expires.
pub(super) fn read(words: &str) -> Result<TimeDelta, Refusal> {
    let length = when::duration(words)?;
    TimeDelta::from_std(length).map_err(|_| Refusal::new("That is too long.").about("expires"))
}

/// The same in its canonical spelling.
pub(super) fn settle(words: &str) -> Result<String, Refusal> {
    let words = words.trim();
    let words = words.strip_prefix("after ").unwrap_or(words);
    let length = when::duration(words).map_err(|refusal| refusal.about("expires"))?;
    if length < LEAST {
        return Err(Refusal::new(format!(
            "`{}` is too short: by then little can be said.",
            when::say_duration(length)
        ))
        .hint("write `1 minute`, or a longer time")
        .about("expires"));
    }
    Ok(when::say_duration(length))
}

/// The shortest time after which reports expire.
const LEAST: std::time::Duration = std::time::Duration::from_secs(60);

/// How many entries are looked at together once one has expired.
const CHUNK: usize = 500;

/// Takes out what has expired of the next `most` that a room would hear, and what stands behind it. `notice` is the number
/// of the last that told of this: while it waits it tells of these, too. `line` words it from whose they were, if they
/// were one tracker's, and how many. Gives the number of the notice if something has expired.
///
/// # Errors
/// When the store cannot be read.
pub fn expire(
    store: &mut Store,
    room: &RoomId,
    most: usize,
    saying: &[u64],
    notice: Option<u64>,
    line: impl Fn(Option<TrackerId>, u64) -> Text,
    now: DateTime<Utc>,
) -> Result<Option<u64>, store::Error> {
    let mut old: Vec<Outgoing> = Vec::new();
    let mut most = most;
    loop {
        let next = waiting(store, room, most)?;
        let before = old.len();
        for (number, outgoing) in next {
            if is_expired(&outgoing, now) && !saying.contains(&number) {
                store.delete(&tables::OUTBOX, &(room.clone(), number));
                old.push(outgoing);
            }
        }
        if old.len() == before {
            break;
        }
        most = CHUNK;
    }
    let Some(first) = old.first() else {
        return Ok(None);
    };
    meter::dropped("expired", old.len() as u64);
    let mut whose = first.tracker;
    if old.iter().any(|outgoing| outgoing.tracker != whose) {
        whose = None;
    }
    let mut count: u64 = old.iter().map(|outgoing| outgoing.folded.max(1)).sum();
    if let Some(number) = notice.filter(|number| !saying.contains(number))
        && let Some(told) = outbox::take(store, room, number)?
    {
        count += told.folded;
        whose = whose.filter(|_| told.tracker == whose);
    }
    let notice = Outgoing {
        tracker: whose,
        folded: count,
        ..Outgoing::new(room.clone(), line(whose, count), now)
    };
    queue(store, notice).map(Some)
}

fn is_expired(outgoing: &Outgoing, now: DateTime<Utc>) -> bool {
    // Of what is half said the rest is said, too.
    outgoing.expires.is_some_and(|at| at <= now) && outgoing.said == 0
}
