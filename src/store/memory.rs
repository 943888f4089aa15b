//! The engine of transcripts and benches: it forgets everything when it is dropped.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use super::Error;
use super::engine::{Batch, Bytes, Direction, Engine, Read, Tree, Visit};

type Rows = BTreeMap<Bytes, Bytes>;

/// Trees in memory.
#[derive(Default)]
pub struct Memory {
    trees: RwLock<[Rows; Tree::ALL.len()]>,
    commits: AtomicU64,
}

const UNPOISONED: &str = "nothing panics while it changes the trees";

impl Read for Memory {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Bytes>, Error> {
        let trees = self.trees.read().expect(UNPOISONED);
        Ok(trees[usize::from(tree.number())].get(key).cloned())
    }

    fn scan(
        &self,
        tree: Tree,
        prefix: &[u8],
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        let trees = self.trees.read().expect(UNPOISONED);
        let rows = trees[usize::from(tree.number())]
            .range::<[u8], _>((Bound::Included(prefix), end(prefix).as_bound()));
        let mut show = |(key, value): (&Bytes, &Bytes)| visit(key, value);
        let _stopped: ControlFlow<()> = match direction {
            Direction::Forward => rows.into_iter().try_for_each(&mut show),
            Direction::Back => rows.rev().try_for_each(&mut show),
        };
        Ok(())
    }
}

#[async_trait]
impl Engine for Memory {
    async fn commit(&self, batch: Batch) -> Result<(), Error> {
        let mut trees = self.trees.write().expect(UNPOISONED);
        for condition in &batch.conditions {
            if trees[usize::from(condition.tree.number())].get(&condition.key)
                != condition.expected.as_ref()
            {
                return Err(Error::Conflict);
            }
        }
        for write in batch.writes {
            let rows = &mut trees[usize::from(write.tree.number())];
            match write.value {
                Some(value) => rows.insert(write.key, value),
                None => rows.remove(&write.key),
            };
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn syncs(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    async fn close(self: Box<Self>) -> Result<(), Error> {
        Ok(())
    }
}

/// Where the keys that begin with a prefix end.
pub(super) enum End {
    Before(Vec<u8>),
    Never,
}

impl End {
    pub(super) fn as_bound(&self) -> Bound<&[u8]> {
        match self {
            End::Before(key) => Bound::Excluded(key),
            End::Never => Bound::Unbounded,
        }
    }
}

/// The first key after all that begin with `prefix`.
pub(super) fn end(prefix: &[u8]) -> End {
    let mut key = prefix.to_vec();
    while let Some(last) = key.pop() {
        if last < u8::MAX {
            key.push(last + 1);
            return End::Before(key);
        }
    }
    End::Never
}
