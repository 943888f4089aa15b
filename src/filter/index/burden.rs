//! How much is looked for in every item of a source, whatever the item is.

use std::collections::BTreeMap;

use super::super::Sieve;
use super::super::need::Key;
use super::super::tree::Tree;
use super::plan;
use super::rarity::Seen;

/// What all filters may weigh together that are asked about every item of a source, each counted once: no item takes
/// more than some milliseconds, whatever people look for in it.
const MOST: u32 = 320;
/// What is found in more than one item of so many is found often.
const OFTEN: f64 = 1.0 / 20.0;

/// The filters that are asked about every item, or nearly: those of trackers of which nothing can be looked up, or
/// nothing that is rare.
#[derive(Default)]
pub struct Burden {
    /// By their spelling: what each weighs, and how many trackers have it.
    asked: BTreeMap<String, (u32, usize)>,
    /// What they weigh together.
    weight: u32,
}

impl Burden {
    /// Whether items can be read fast enough with such a tracker, too, in the place of an `old` one. What others ask
    /// already weighs nothing more.
    pub fn bears(&self, sieve: &Sieve, old: Option<&Sieve>) -> bool {
        let more: u32 = asked(sieve)
            .iter()
            .filter(|(filter, _)| !self.asked.contains_key(*filter))
            .map(|(_, weight)| weight)
            .sum();
        let only_old = |filter: &String| matches!(self.asked.get(filter), Some((_, 1)));
        let less: u32 = old.map_or(0, |old| {
            let gone = asked(old)
                .into_iter()
                .filter(|(filter, _)| only_old(filter));
            gone.map(|(_, weight)| weight).sum()
        });
        more == 0 || self.weight + more <= MOST + less
    }

    /// Whether one tracker alone asks no more of an item than a source bears, also of one that has its rarest word.
    pub fn bears_alone(sieve: &Sieve) -> bool {
        let mut all = BTreeMap::new();
        for part in sieve.parts() {
            weigh(part, &mut all);
        }
        // Words cost next to nothing, and a query has few enough of them.
        all.values().filter(|weight| **weight > 1).sum::<u32>() <= MOST
    }

    pub fn add(&mut self, sieve: &Sieve) {
        for (filter, weight) in asked(sieve) {
            let (_, trackers) = self.asked.entry(filter).or_insert_with(|| {
                self.weight += weight;
                (weight, 0)
            });
            *trackers += 1;
        }
    }

    /// Takes away what was added for a sieve that says the same.
    pub fn remove(&mut self, sieve: &Sieve) {
        for (filter, weight) in asked(sieve) {
            if let Some((_, trackers)) = self.asked.get_mut(&filter) {
                *trackers -= 1;
                if *trackers == 0 {
                    self.asked.remove(&filter);
                    self.weight -= weight;
                }
            }
        }
    }
}

/// The filters of a sieve that are asked all the time, however rare what it keeps is, and what they weigh.
fn asked(sieve: &Sieve) -> BTreeMap<String, u32> {
    let mut asked = BTreeMap::new();
    // What was seen of a source says less than what can be made to appear in it.
    let seen = Seen::default();
    let expects = |key: &Key| seen.expects(key, |_| 0);
    if plan::expected(sieve, &expects).is_none_or(|found| found > OFTEN) {
        sieve
            .parts()
            .iter()
            .for_each(|part| weigh(part, &mut asked));
    }
    asked
}

fn weigh(tree: &Tree, asked: &mut BTreeMap<String, u32>) {
    match tree {
        Tree::Leaf(filter) => {
            let weight = filter.weight();
            if weight > 0 {
                asked.insert(filter.spelling(), weight);
            }
        }
        Tree::Not(inner) => weigh(inner, asked),
        Tree::All(parts) | Tree::Any(parts) => parts.iter().for_each(|part| weigh(part, asked)),
    }
}
