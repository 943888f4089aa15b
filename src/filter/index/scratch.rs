//! What is known of an item while its trackers are found.

use hashbrown::HashSet;
use smallvec::SmallVec;

/// What the matching of an item writes on; kept from item to item, so that nothing is allocated.
#[derive(Default)]
pub struct Scratch {
    /// For each predicate the number of the item it was last asked about, and what came of it.
    states: Vec<u32>,
    item: u32,
    /// Trackers that can be found in several ways, and were.
    found: HashSet<u32>,
    /// Predicates that were found by facts, and whether that is enough for them to hold.
    pub(super) facts: Vec<(u32, bool)>,
    /// The sites of the item that trackers name.
    pub(super) sites: SmallVec<[u32; 4]>,
}

/// Whether a predicate holds for the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Unknown,
    Known(Option<bool>),
}

/// The lowest bits: what is known, whether its trackers were found, how often it was tried. The rest is the item.
const KNOWN: u32 = 0b11;
const DONE: u32 = 0b100;
const TRIED: u32 = 0b1000;
const BITS: u32 = 8;

impl Scratch {
    /// Begins with another item.
    pub(super) fn begin(&mut self, predicates: usize) {
        self.found.clear();
        self.item += 1;
        if self.item >> (32 - BITS) != 0 {
            self.states.clear();
            self.item = 1;
        }
        if self.states.len() < predicates {
            self.states.resize(predicates, 0);
        }
    }

    fn get(&self, predicate: u32) -> u32 {
        let state = self.states[predicate as usize];
        if state >> BITS == self.item {
            state
        } else {
            self.item << BITS
        }
    }

    pub(super) fn state(&self, predicate: u32) -> State {
        match self.get(predicate) & KNOWN {
            1 => State::Known(Some(true)),
            2 => State::Known(Some(false)),
            3 => State::Known(None),
            _ => State::Unknown,
        }
    }

    pub(super) fn know(&mut self, predicate: u32, holds: Option<bool>) {
        let known = match holds {
            Some(true) => 1,
            Some(false) => 2,
            None => 3,
        };
        self.states[predicate as usize] = self.get(predicate) & !KNOWN | known;
    }

    /// Whether nothing more is to be found out: its trackers were found, or it does not hold.
    pub(super) fn is_done(&self, predicate: u32) -> bool {
        let state = self.get(predicate);
        state & DONE != 0 || state & KNOWN > 1
    }

    pub(super) fn done(&mut self, predicate: u32) {
        self.states[predicate as usize] = self.get(predicate) | DONE;
    }

    /// Counts a try; returns how many there were, this one included.
    pub(super) fn tried(&mut self, predicate: u32) -> u32 {
        let state = self.get(predicate);
        let tries = (state & 0xff) / TRIED + 1;
        if tries * TRIED <= 0xff - TRIED {
            self.states[predicate as usize] = state + TRIED;
        }
        tries
    }

    /// Whether a tracker is found for the first time.
    pub(super) fn first(&mut self, tracker: u32) -> bool {
        self.found.insert(tracker)
    }
}
