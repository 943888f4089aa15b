//! What was written since the last commit, and the way back to each point in between.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use super::Error;
use super::engine::{Bytes, Direction, Read, Tree, Write};
use super::memory::end;

/// Called with the key and value of each row of a walk, until it breaks or fails.
pub type Look<'a> = dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, Error> + 'a;

/// A point to which what was written can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How many commits there were: what was committed cannot be taken back.
    commits: u64,
    undo: usize,
}

/// Pending writes over what an engine holds.
#[derive(Default)]
pub(super) struct Overlay {
    trees: [BTreeMap<Bytes, Option<Bytes>>; Tree::ALL.len()],
    undo: Vec<Undo>,
    commits: u64,
}

/// How a row stood in the overlay before a write; `None` when it was not in it.
struct Undo {
    tree: Tree,
    key: Bytes,
    before: Option<Option<Bytes>>,
}

impl Overlay {
    pub(super) fn is_empty(&self) -> bool {
        self.trees.iter().all(BTreeMap::is_empty)
    }

    /// The pending state of a row: `None` when nothing is pending, `Some(None)` when its end is.
    pub(super) fn get(&self, tree: Tree, key: &[u8]) -> Option<&Option<Bytes>> {
        self.rows(tree).get(key)
    }

    pub(super) fn rows(&self, tree: Tree) -> &BTreeMap<Bytes, Option<Bytes>> {
        &self.trees[usize::from(tree.number())]
    }

    pub(super) fn set(&mut self, tree: Tree, key: Bytes, value: Option<Bytes>) {
        let before = self.trees[usize::from(tree.number())].insert(key.clone(), value);
        self.undo.push(Undo { tree, key, before });
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            commits: self.commits,
            undo: self.undo.len(),
        }
    }

    pub(super) fn rewind(&mut self, mark: Mark) {
        let keep = if mark.commits == self.commits {
            mark.undo
        } else {
            0
        };
        while self.undo.len() > keep {
            let Some(Undo { tree, key, before }) = self.undo.pop() else {
                return;
            };
            let rows = &mut self.trees[usize::from(tree.number())];
            match before {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
    }

    /// Every pending write, tree by tree in the order of keys.
    pub(super) fn writes(&self) -> impl Iterator<Item = Write> + '_ {
        Tree::ALL.into_iter().flat_map(|tree| {
            self.rows(tree).iter().map(move |(key, value)| Write {
                tree,
                key: key.clone(),
                value: value.clone(),
            })
        })
    }

    /// Forgets the writes: they are committed.
    pub(super) fn committed(&mut self) {
        self.trees.iter_mut().for_each(BTreeMap::clear);
        self.undo.clear();
        self.commits += 1;
    }

    /// Visits the rows of a tree as they will be after the commit.
    pub(super) fn walk(
        &self,
        engine: &dyn Read,
        tree: Tree,
        prefix: &[u8],
        direction: Direction,
        visit: &mut Look<'_>,
    ) -> Result<(), Error> {
        let end = end(prefix);
        let range = self
            .rows(tree)
            .range::<[u8], _>((Bound::Included(prefix), end.as_bound()));
        let mut pending: Box<dyn Iterator<Item = (&Bytes, &Option<Bytes>)>> = match direction {
            Direction::Forward => Box::new(range),
            Direction::Back => Box::new(range.rev()),
        };
        let mut next = pending.next();
        let mut outcome = Ok(ControlFlow::Continue(()));
        engine.scan(tree, prefix, direction, &mut |key, value| {
            // First what is pending before this row; a pending write of the row itself takes its place.
            while let Some((ours, written)) = next {
                let order = match direction {
                    Direction::Forward => ours.as_ref().cmp(key),
                    Direction::Back => key.cmp(ours.as_ref()),
                };
                if order.is_gt() {
                    break;
                }
                next = pending.next();
                if let Some(written) = written {
                    outcome = visit(ours, written);
                    if !matches!(outcome, Ok(ControlFlow::Continue(()))) {
                        return ControlFlow::Break(());
                    }
                }
                if order.is_eq() {
                    return ControlFlow::Continue(());
                }
            }
            outcome = visit(key, value);
            match outcome {
                Ok(flow) => flow,
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        while let (Some((ours, written)), Ok(ControlFlow::Continue(()))) = (next, &outcome) {
            next = pending.next();
            if let Some(written) = written {
                outcome = visit(ours, written);
            }
        }
        outcome.map(|_| ())
    }
}
