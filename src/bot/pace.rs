//! How fast one person may type commands, so that nobody slows down the others.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use chrono::{DateTime, Utc};
use compact_str::CompactString;

use crate::model::{PersonId, RoomId};

/// So many commands within so much time; both more than zero.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub commands: u32,
    pub within: Duration,
}

/// What one person has left: fills up evenly, and is full after [`Pace::within`].
#[derive(Clone, Debug)]
struct Bucket {
    left: f64,
    at: DateTime<Utc>,
    /// The rooms in which they have been told that they are too fast.
    told: BTreeSet<String>,
}

/// What becomes of a command.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    Yours,
    /// Too fast, and to be told so: wait this long.
    Wait(Duration),
    /// Too fast, and told already.
    Ignored,
}

impl Bucket {
    fn full(pace: Pace, now: DateTime<Utc>) -> Bucket {
        Bucket {
            left: f64::from(pace.commands),
            at: now,
            told: BTreeSet::new(),
        }
    }

    /// Takes one command out.
    fn take(&mut self, room: &str, pace: Pace, now: DateTime<Utc>) -> Turn {
        let most = f64::from(pace.commands);
        let passed = (now - self.at).to_std().unwrap_or_default().as_secs_f64();
        self.left = (self.left + passed * most / pace.within.as_secs_f64()).min(most);
        self.at = now;
        if self.left >= 1.0 {
            self.left -= 1.0;
            // Told again only after a real pause, not at each command that just fits.
            if self.left >= most / 2.0 {
                self.told.clear();
            }
            return Turn::Yours;
        }
        if !self.told.insert(room.into()) {
            return Turn::Ignored;
        }
        let wait = (most / 2.0).max(1.0) * pace.within.as_secs_f64() / most;
        Turn::Wait(Duration::from_secs(wait.ceil() as u64))
    }
}

/// The most people who are counted at a time.
const PEOPLE: usize = 10_000;

/// What everybody has left, by platform: who types in many rooms is one person.
#[derive(Default)]
pub struct Paces(HashMap<CompactString, HashMap<PersonId, Bucket>>);

impl Paces {
    /// Whether a person may give a command in a room now.
    pub fn take(
        &mut self,
        room: &RoomId,
        person: &PersonId,
        pace: Pace,
        now: DateTime<Utc>,
    ) -> Turn {
        let platform = &room.platform;
        if !self.0.contains_key(platform) {
            self.0.insert(platform.clone(), HashMap::new());
        }
        let Some(people) = self.0.get_mut(platform) else {
            return Turn::Yours;
        };
        if let Some(bucket) = people.get_mut(person) {
            return bucket.take(&room.room, pace, now);
        }
        if people.len() >= PEOPLE {
            // Whoever was silent for so long has all of it left again.
            people.retain(|_, bucket| {
                let silent = (now - bucket.at).to_std().unwrap_or_default();
                silent < pace.within
            });
        }
        let mut bucket = Bucket::full(pace, now);
        let turn = bucket.take(&room.room, pace, now);
        people.insert(person.clone(), bucket);
        turn
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn who_types_in_many_rooms_is_one_person() {
        let pace = Pace {
            commands: 2,
            within: Duration::from_secs(8),
        };
        let (ann, bob) = (PersonId("ann".into()), PersonId("bob".into()));
        let mut paces = Paces::default();
        let start = DateTime::UNIX_EPOCH;
        let (one, two) = (RoomId::new("slack", "1"), RoomId::new("slack", "2"));
        let mut turn = |room: &RoomId, person: &PersonId| paces.take(room, person, pace, start);
        assert_eq!(turn(&one, &ann), Turn::Yours);
        assert_eq!(turn(&two, &ann), Turn::Yours);
        assert!(matches!(turn(&one, &ann), Turn::Wait(_)));
        assert!(
            matches!(turn(&two, &ann), Turn::Wait(_)),
            "nobody told her here"
        );
        assert_eq!(turn(&one, &ann), Turn::Ignored);
        assert_eq!(turn(&one, &bob), Turn::Yours);
        assert_eq!(turn(&RoomId::new("chat", "1"), &ann), Turn::Yours);
        for n in 0..2 * PEOPLE {
            turn(&one, &PersonId(n.to_string().into()));
        }
        let later = start + TimeDelta::seconds(9);
        assert_eq!(paces.take(&one, &ann, pace, later), Turn::Yours);
    }

    #[test]
    fn one_explanation_then_silence_then_again() {
        let pace = Pace {
            commands: 4,
            within: Duration::from_secs(8),
        };
        let start = DateTime::UNIX_EPOCH;
        let mut bucket = Bucket::full(pace, start);
        for _ in 0..4 {
            assert_eq!(bucket.take("room", pace, start), Turn::Yours);
        }
        assert_eq!(
            bucket.take("room", pace, start),
            Turn::Wait(Duration::from_secs(4))
        );
        assert_eq!(bucket.take("room", pace, start), Turn::Ignored);
        let later = start + TimeDelta::seconds(2);
        assert_eq!(bucket.take("room", pace, later), Turn::Yours);
        assert_eq!(bucket.take("room", pace, later), Turn::Ignored);
        assert_eq!(
            bucket.take("room", pace, later + TimeDelta::seconds(8)),
            Turn::Yours
        );
    }
}
