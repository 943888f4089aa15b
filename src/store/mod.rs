//! What must not be forgotten: typed tables over an ordered database, with savepoints and group commit.
//!
//! The loop writes into an overlay and reads through it; [`Store::commit`] makes all of it durable in one atomic
//! batch. Nothing reaches the engine before, so whoever sees a reply after the commit can rely on it.
//!
//! Invariant: only this folder names the database.

pub mod agenda;
mod backup;
mod cache;
mod commit;
mod committed;
pub mod engine;
mod error;
pub mod items;
pub mod journal;
mod key;
mod ledger;
mod manifest;
pub mod memory;
pub mod migrate;
mod open;
mod overlay;
mod quiet;
mod restore;
pub mod rows;
pub mod sled;
mod space;
mod table;
pub mod tables;

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use backup::{Backup, KEEP, backup_path, kept_path, newest_backup, prune_backups};
pub use committed::{Committed, Rows};
pub use engine::Tree;
pub use error::{Error, OpenError, RestoreError};
pub use key::Key;
pub use manifest::replace;
pub use open::{Options, is_there, private};
pub use overlay::Mark;
pub use restore::{restore, verify};
pub use table::{Table, Value};

use cache::Cache;
use engine::{Bytes, Direction, Engine};
use ledger::{Ledger, NEXT_ID, VERSION};
use memory::Memory;
use open::Folder;
use overlay::{Look, Overlay};
use table::key_bytes;

/// Today's format.
pub const FORMAT: u64 = 1;

/// Everything Boson remembers; owned by the one loop.
pub struct Store {
    /// Shared with backups that are being written.
    engine: Arc<Box<dyn Engine>>,
    overlay: Overlay,
    /// What the engine holds.
    ledger: Ledger,
    /// The ledger's row as the engine has it.
    stored: Option<Bytes>,
    /// What the engine holds if it has one of the batches that were tried since the last commit.
    tried: Vec<Ledger>,
    /// Rows of the engine that were read or written lately.
    cache: Mutex<Cache>,
    /// What lies beside the engine on disk; `None` in memory.
    folder: Option<Folder>,
}

impl Store {
    /// A store that forgets everything when it is dropped.
    pub fn memory() -> Store {
        let engine: Box<dyn Engine> = Box::new(Memory::default());
        let mut store = Store {
            engine: Arc::new(engine),
            overlay: Overlay::default(),
            ledger: Ledger::new(),
            stored: None,
            tried: Vec::new(),
            cache: Mutex::default(),
            folder: None,
        };
        store.stamp();
        store
    }

    /// Writes today's version.
    fn stamp(&mut self) {
        self.put(&tables::META, &VERSION.into(), &FORMAT.into());
    }

    /// The row under a key, with what is pending.
    ///
    /// # Errors
    /// When the engine or the row cannot be read.
    pub fn get<K: Key, V: Value>(&self, table: &Table<K, V>, key: &K) -> Result<Option<V>, Error> {
        let key = key_bytes(key);
        match self.overlay.get(table.tree, &key) {
            Some(None) => Ok(None),
            Some(Some(value)) => table.value(value).map(Some),
            None => match self.stored_row(table.tree, &key)? {
                Some(value) => table.value(&value).map(Some),
                None => Ok(None),
            },
        }
    }

    /// The row as the engine has it.
    fn stored_row(&self, tree: Tree, key: &[u8]) -> Result<Option<Bytes>, Error> {
        // A batch that was tried and not acknowledged may come through at any time: then only the engine knows.
        if !self.tried.is_empty() {
            return self.engine.get(tree, key);
        }
        let mut cache = self.cache();
        if let Some(known) = cache.get(tree, key) {
            return Ok(known);
        }
        let value = self.engine.get(tree, key)?;
        cache.note(tree, key.into(), value.clone());
        Ok(value)
    }

    /// Writes a row, in the place of one under the same key. Returns how many bytes its value has.
    pub fn put<K: Key, V: Value>(&mut self, table: &Table<K, V>, key: &K, value: &V) -> usize {
        let value = table.bytes(value);
        let length = value.len();
        self.overlay
            .set(table.tree, key_bytes(key).into(), Some(value));
        length
    }

    /// Ends a row; nothing happens when there is none.
    pub fn delete<K: Key, V: Value>(&mut self, table: &Table<K, V>, key: &K) {
        self.overlay.set(table.tree, key_bytes(key).into(), None);
    }

    /// Ends all rows whose keys begin with `prefix`; none of them is read.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub fn delete_all<K: Key, V: Value>(
        &mut self,
        table: &Table<K, V>,
        prefix: &impl Key,
    ) -> Result<(), Error> {
        let mut keys: Vec<Bytes> = Vec::new();
        self.walk(
            table.tree,
            &key_bytes(prefix),
            Direction::Forward,
            &mut |key, _| {
                keys.push(key.into());
                Ok(ControlFlow::Continue(()))
            },
        )?;
        for key in keys {
            self.overlay.set(table.tree, key, None);
        }
        Ok(())
    }

    /// The rows whose keys begin with `prefix` (`&()` for all), in order, at most `limit`.
    ///
    /// # Errors
    /// When the engine or a row cannot be read.
    pub fn scan<K: Key, V: Value>(
        &self,
        table: &Table<K, V>,
        prefix: &impl Key,
        limit: usize,
    ) -> Result<Vec<(K, V)>, Error> {
        self.rows(table, prefix, limit, Direction::Forward)
    }

    /// The same rows from the last one backwards.
    ///
    /// # Errors
    /// When the engine or a row cannot be read.
    pub fn scan_back<K: Key, V: Value>(
        &self,
        table: &Table<K, V>,
        prefix: &impl Key,
        limit: usize,
    ) -> Result<Vec<(K, V)>, Error> {
        self.rows(table, prefix, limit, Direction::Back)
    }

    /// The keys that begin with `prefix`, in order; their rows are not understood.
    ///
    /// # Errors
    /// When the engine or a key cannot be read.
    pub fn keys<K: Key, V: Value>(
        &self,
        table: &Table<K, V>,
        prefix: &impl Key,
    ) -> Result<Vec<K>, Error> {
        let mut keys = Vec::new();
        self.walk(
            table.tree,
            &key_bytes(prefix),
            Direction::Forward,
            &mut |key, _| {
                keys.push(table.key(key)?);
                Ok(ControlFlow::Continue(()))
            },
        )?;
        Ok(keys)
    }

    /// The last key that begins with `prefix`; its row is not read.
    ///
    /// # Errors
    /// When the engine or the key cannot be read.
    pub fn last_key<K: Key, V: Value>(
        &self,
        table: &Table<K, V>,
        prefix: &impl Key,
    ) -> Result<Option<K>, Error> {
        let mut last = None;
        self.walk(
            table.tree,
            &key_bytes(prefix),
            Direction::Back,
            &mut |key, _| {
                last = Some(table.key(key)?);
                Ok(ControlFlow::Break(()))
            },
        )?;
        Ok(last)
    }

    /// How many rows have keys that begin with `prefix`; quick for a whole table.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub fn count<K: Key, V: Value>(
        &self,
        table: &Table<K, V>,
        prefix: &impl Key,
    ) -> Result<usize, Error> {
        let prefix = key_bytes(prefix);
        if prefix.is_empty() {
            return self.count_all(table.tree);
        }
        let mut rows = 0;
        self.walk(table.tree, &prefix, Direction::Forward, &mut |_, _| {
            rows += 1;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    /// A number that was never given before, from 1. It counts as given once something is committed with it.
    ///
    /// # Errors
    /// When the engine cannot be read.
    pub fn next_id(&mut self) -> Result<u64, Error> {
        let name = NEXT_ID.to_string();
        let stored = self.get(&tables::META, &name)?;
        let id = stored.and_then(|id| id.as_u64()).unwrap_or(1);
        self.put(&tables::META, &name, &(id + 1).into());
        Ok(id)
    }

    /// Where the writes stand, for [`Store::rewind`].
    pub fn mark(&self) -> Mark {
        self.overlay.mark()
    }

    /// Drops what was written since the mark; what was committed meanwhile stays.
    pub fn rewind(&mut self, mark: Mark) {
        self.overlay.rewind(mark);
    }

    /// Something was written since the last commit.
    pub fn has_pending(&self) -> bool {
        !self.overlay.is_empty()
    }

    /// How often the engine has made the disk hold what was written, since it was opened.
    pub fn syncs(&self) -> u64 {
        self.engine.syncs()
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        // It is as good as it was, whatever panicked beside it.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count_all(&self, tree: Tree) -> Result<usize, Error> {
        let mut rows = self.ledger.rows(tree);
        if tree == Tree::Meta && self.stored.is_some() {
            rows += 1;
        }
        for (key, value) in self.overlay.rows(tree) {
            match (self.engine.get(tree, key)?.is_some(), value.is_some()) {
                (false, true) => rows += 1,
                (true, false) => rows -= 1,
                (false, false) | (true, true) => {}
            }
        }
        Ok(usize::try_from(rows).expect("rows are counted in memory sizes"))
    }

    fn rows<K: Key, V: Value>(
        &self,
        table: &Table<K, V>,
        prefix: &impl Key,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<(K, V)>, Error> {
        let mut rows = Vec::new();
        self.walk(
            table.tree,
            &key_bytes(prefix),
            direction,
            &mut |key, value| {
                if rows.len() == limit {
                    return Ok(ControlFlow::Break(()));
                }
                rows.push((table.key(key)?, table.value(value)?));
                Ok(ControlFlow::Continue(()))
            },
        )?;
        Ok(rows)
    }

    /// What is committed by then, for work beside the loop.
    pub fn committed(&self) -> Committed {
        Committed::of(self.engine.clone())
    }
}

impl Rows for Store {
    fn walk(
        &self,
        tree: Tree,
        prefix: &[u8],
        direction: Direction,
        visit: &mut Look<'_>,
    ) -> Result<(), Error> {
        self.overlay.walk(
            self.engine.as_ref().as_ref(),
            tree,
            prefix,
            direction,
            visit,
        )
    }
}
