//! What a room calls its trackers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Trackers;
use crate::model::{Refusal, RoomId, Tracker, TrackerId, TrackerName};
use crate::registry;

/// The names of one room, in their order.
#[derive(Default)]
pub(super) struct Names {
    trackers: BTreeMap<TrackerName, TrackerId>,
    /// The numbers of names such as `feed-1`, by what stands before them.
    numbers: HashMap<String, BTreeSet<u32>>,
}

impl Names {
    pub(super) fn insert(&mut self, name: TrackerName, tracker: TrackerId) {
        if let Some((stem, number)) = numbered(&name) {
            self.numbers.entry(stem.into()).or_default().insert(number);
        }
        self.trackers.insert(name, tracker);
    }

    pub(super) fn remove(&mut self, name: &TrackerName) {
        if let Some((stem, number)) = numbered(name)
            && let Some(numbers) = self.numbers.get_mut(stem)
        {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.numbers.remove(stem);
            }
        }
        self.trackers.remove(name);
    }

    pub(super) fn get(&self, name: &TrackerName) -> Option<TrackerId> {
        self.trackers.get(name).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&TrackerName, TrackerId)> {
        self.trackers.iter().map(|(name, id)| (name, *id))
    }

    pub(super) fn len(&self) -> usize {
        self.trackers.len()
    }

    /// One more than the highest number in use behind `stem`: a name does not come back while people remember it.
    pub(super) fn next_number(&self, stem: &str) -> u64 {
        let highest = self.numbers.get(stem).and_then(BTreeSet::last);
        highest.map_or(1, |highest| u64::from(*highest) + 1)
    }
}

impl Trackers {
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
}

/// What stands before a name's number, and the number, if it is written as we write it: `feed-01` and numbers that
/// nobody counts to are names like any other.
fn numbered(name: &TrackerName) -> Option<(&str, u32)> {
    let (stem, number) = name.as_str().rsplit_once('-')?;
    let counted = number.len() <= 6 && !number.starts_with('0');
    Some((stem, number.parse().ok().filter(|_| counted)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_number_is_behind_the_highest_in_use() {
        let name = |text: &str| text.parse::<TrackerName>().unwrap();
        let mut names = Names::default();
        assert_eq!(names.next_number("feed"), 1);
        for (n, text) in ["feed-1", "feed-10", "feed-9", "news", "feed-x"]
            .into_iter()
            .enumerate()
        {
            names.insert(name(text), TrackerId(n as u64));
        }
        assert_eq!(names.next_number("feed"), 11);
        names.remove(&name("feed-10"));
        assert_eq!(names.next_number("feed"), 10);
        for (n, text) in ["feed-09", "feed-4294967295"].into_iter().enumerate() {
            names.insert(name(text), TrackerId(n as u64));
        }
        names.remove(&name("feed-09"));
        assert_eq!(names.next_number("feed"), 10);
        names.remove(&name("feed-4294967295"));
        assert_eq!(
            (names.len(), names.get(&name("news"))),
            (4, Some(TrackerId(3)))
        );
    }
}
