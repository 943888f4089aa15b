//! Ranges of numbers, to be found by the number that an item has: exactly those that hold it, in time that grows with
//! their count and not with that of all ranges.
//!
//! Numbers are taken as whole ones that sort the same. A range belongs to the node that is named by the bits its ends
//! have in common; every number lies in one node for each count of such bits, and a node's ranges all hold its middle.
//! So of a number left of the middle only the beginnings have to be compared, and right of it only the ends.

use std::collections::{BTreeSet, HashMap};

#[derive(Default)]
pub struct Ranges {
    nodes: HashMap<(u32, u64), Node>,
    /// How many nodes there are for each count of bits below the common ones.
    levels: Vec<u32>,
}

/// The ranges of a node, from left to right by their beginnings and by their ends.
#[derive(Default)]
struct Node {
    begins: BTreeSet<(u64, u32)>,
    ends: BTreeSet<(u64, u32)>,
}

/// A whole number that sorts as the number does; the two zeros are one.
fn whole(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}

/// The node of a range: how many bits are not common to both ends, and those that are.
fn node(from: u64, to: u64) -> (u32, u64) {
    let level = 64 - (from ^ to).leading_zeros();
    (level, common(from, level))
}

fn common(number: u64, level: u32) -> u64 {
    number.checked_shr(level).unwrap_or(0)
}

impl Ranges {
    /// Files a range; one that holds nothing is never found.
    pub fn insert(&mut self, from: f64, to: f64, predicate: u32) {
        if from.is_nan() || to.is_nan() || from > to {
            return;
        }
        let (from, to) = (whole(from), whole(to));
        let name = node(from, to);
        let levels = &mut self.levels;
        levels.resize(65, 0);
        let node = self.nodes.entry(name).or_insert_with(|| {
            levels[name.0 as usize] += 1;
            Node::default()
        });
        node.begins.insert((from, predicate));
        node.ends.insert((to, predicate));
    }

    pub fn remove(&mut self, from: f64, to: f64, predicate: u32) {
        if from.is_nan() || to.is_nan() || from > to {
            return;
        }
        let (from, to) = (whole(from), whole(to));
        let name = node(from, to);
        if let Some(node) = self.nodes.get_mut(&name) {
            node.begins.remove(&(from, predicate));
            node.ends.remove(&(to, predicate));
            if node.begins.is_empty() {
                self.nodes.remove(&name);
                self.levels[name.0 as usize] -= 1;
            }
        }
    }

    /// All ranges that hold a number.
    pub fn holding(&self, number: f64, mut found: impl FnMut(u32)) {
        if number.is_nan() {
            return;
        }
        let number = whole(number);
        for (level, nodes) in (0..).zip(&self.levels) {
            if *nodes == 0 {
                continue;
            }
            let Some(node) = self.nodes.get(&(level, common(number, level))) else {
                continue;
            };
            let right = level == 0 || number >> (level - 1) & 1 == 1;
            if right {
                let behind = node.ends.range((number, 0)..);
                behind.for_each(|(_, predicate)| found(*predicate));
            } else {
                let before = node.begins.range(..=(number, u32::MAX));
                before.for_each(|(_, predicate)| found(*predicate));
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Heap bytes, about.
    pub fn bytes(&self) -> usize {
        let ranges: usize = self.nodes.values().map(|node| node.begins.len()).sum();
        // A leaf of a B-tree is two thirds full.
        ranges * 2 * 24 + self.nodes.capacity() * (size_of::<Node>() + 17) + self.levels.len() * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![
            (-20i32..20).prop_map(f64::from),
            (-20i32..20).prop_map(|n| f64::from(n).next_up()),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
            Just(-0.0),
            any::<f64>(),
        ]
    }

    proptest! {
        #[test]
        fn exactly_those_that_hold_a_number_are_found(
            ranges in prop::collection::vec((number(), number()), 0..40),
            gone in prop::collection::vec(any::<bool>(), 40),
            numbers in prop::collection::vec(number(), 10),
        ) {
            let mut index = Ranges::default();
            for (n, (from, to)) in (0..).zip(&ranges) {
                index.insert(*from, *to, n);
            }
            for (n, (from, to)) in ranges.iter().enumerate().filter(|(n, _)| gone[*n]) {
                index.remove(*from, *to, n as u32);
            }
            for number in numbers {
                let mut found = Vec::new();
                index.holding(number, |n| found.push(n as usize));
                found.sort_unstable();
                let expected: Vec<usize> = (0..ranges.len())
                    .filter(|n| !gone[*n] && ranges[*n].0 <= number && number <= ranges[*n].1)
                    .collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
