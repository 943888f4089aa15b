//! What the store ought to hold: a row in `META` that every commit writes together with its rows.
//!
//! sled opens a damaged file without a word and with rows missing, or with old ones. The ledger has, for each tree,
//! how many rows there are and the sum of their hashes; opening counts and adds up again and compares.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::Error;
use super::engine::{Bytes, Direction, Read, Tree, Write};
use super::table::{key_bytes, read, value_bytes};

/// The row of `META` with the format's version.
pub(super) const VERSION: &str = "version";
/// The row of `META` with the next number that `Store::next_id` gives.
pub(super) const NEXT_ID: &str = "next id";
/// The row of `META` with the ledger; the only row that it does not count.
const LEDGER: &str = "ledger";

/// What the store holds after a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ledger {
    /// Goes up when people accepted a loss or restored a backup: sequences of two epochs do not compare.
    pub epoch: u64,
    /// The number of the commit.
    pub sequence: u64,
    /// By the numbers of the trees.
    pub trees: Vec<Sum>,
}

/// What one tree holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sum {
    pub rows: u64,
    /// The hashes of all rows, added up: the order of the commits does not matter.
    pub hash: u64,
}

impl Ledger {
    /// An empty store's.
    pub(super) fn new() -> Ledger {
        Ledger::continued((0, 0), vec![Sum::default(); Tree::ALL.len()])
    }

    /// One that goes on from what was counted.
    pub(super) fn continued((epoch, sequence): (u64, u64), trees: Vec<Sum>) -> Ledger {
        Ledger {
            epoch,
            sequence,
            trees,
        }
    }

    /// The ledger as it was committed last; `None` in a store that never was.
    pub(super) fn stored(engine: &dyn Read) -> Result<Option<Ledger>, Error> {
        let Some(bytes) = engine.get(Tree::Meta, &Ledger::key())? else {
            return Ok(None);
        };
        let mut ledger: Ledger = read(Tree::Meta, &bytes)?;
        ledger.fill();
        Ok(Some(ledger))
    }

    /// Counts and adds up what is there, by reading all of it.
    pub(super) fn counted(engine: &dyn Read) -> Result<Vec<Sum>, Error> {
        let ledger = Ledger::key();
        let mut sums = Vec::with_capacity(Tree::ALL.len());
        for tree in Tree::ALL {
            let mut sum = Sum::default();
            engine.scan(tree, &[], Direction::Forward, &mut |key, value| {
                if tree != Tree::Meta || key != ledger.as_ref() {
                    sum.add(key, value);
                }
                ControlFlow::Continue(())
            })?;
            sums.push(sum);
        }
        Ok(sums)
    }

    /// How what was counted differs from it, in words.
    pub(super) fn difference(&self, counted: &[Sum]) -> Option<String> {
        for (tree, (had, has)) in Tree::ALL.into_iter().zip(self.trees.iter().zip(counted)) {
            let name = tree.name();
            if had.rows != has.rows {
                return Some(format!(
                    "{name} has {} rows, there were {}",
                    has.rows, had.rows
                ));
            }
            if had.hash != has.hash {
                return Some(format!("rows of {name} are not the ones that were stored"));
            }
        }
        None
    }

    /// A ledger of a version with fewer trees: the new ones were empty.
    pub(super) fn fill(&mut self) {
        if self.trees.len() < Tree::ALL.len() {
            self.trees.resize(Tree::ALL.len(), Sum::default());
        }
    }

    /// Takes a write into account; `before` is the row as the engine has it.
    pub(super) fn apply(&mut self, write: &Write, before: Option<&Bytes>) {
        let sum = &mut self.trees[usize::from(write.tree.number())];
        if let Some(before) = before {
            sum.remove(&write.key, before);
        }
        if let Some(value) = &write.value {
            sum.add(&write.key, value);
        }
    }

    /// Where it stands in time: of two ledgers of a store the one with the greater age came later.
    pub(super) fn age(&self) -> (u64, u64) {
        (self.epoch, self.sequence)
    }

    /// How many rows a tree has; its own row is not among them.
    pub(super) fn rows(&self, tree: Tree) -> u64 {
        self.trees[usize::from(tree.number())].rows
    }

    /// The key of its row in `META`.
    pub(super) fn key() -> Bytes {
        key_bytes(&LEDGER.to_string()).into()
    }

    /// Its row in `META`.
    pub(super) fn row(&self) -> Bytes {
        value_bytes(self)
    }
}

impl Sum {
    fn add(&mut self, key: &[u8], value: &[u8]) {
        self.rows += 1;
        self.hash = self.hash.wrapping_add(hash(key, value));
    }

    fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.rows = self.rows.wrapping_sub(1);
        self.hash = self.hash.wrapping_sub(hash(key, value));
    }
}

/// A row's hash: 64 bits against accidents, not against forgers. It is on disk: never change it.
pub(super) fn hash(key: &[u8], value: &[u8]) -> u64 {
    let mut state = stir(0x9e37_79b9_7f4a_7c15, key.len() as u64);
    for bytes in [key, value] {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            state = stir(state, u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        state = stir(state, u64::from_le_bytes(last));
    }
    stir(state, value.len() as u64)
}

fn stir(state: u64, word: u64) -> u64 {
    let mixed = (state ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
    (mixed ^ (mixed >> 32))
        .wrapping_mul(0xc4ce_b9fe_1a85_ec53)
        .rotate_left(29)
}
