//! What a room calls its trackers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{TrackerId, TrackerName};

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
