//! Making what was written durable.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::cache::Cache;
use super::engine::{Batch, Condition, Tree, Write};
use super::ledger::Ledger;
use super::manifest::Manifest;
use super::open::Folder;
use super::{Error, Store};

impl Store {
    /// Makes everything written since the last commit durable, as one atomic batch. Does nothing when nothing was.
    ///
    /// # Errors
    /// When the engine fails; the writes are still pending, so that it can be tried again.
    pub async fn commit(&mut self) -> Result<(), Error> {
        if !self.has_pending() {
            return Ok(());
        }
        if !self.tried.is_empty() {
            self.find_out()?;
            // What was tried may be there, also what was taken back since.
            *self.cache() = Cache::default();
        }
        let mut ledger = self.ledger.clone();
        let mut batch = Batch {
            // Whoever else wrote to this store wrote a ledger too: better to fail than to mix.
            conditions: vec![Condition {
                tree: Tree::Meta,
                key: Ledger::key(),
                expected: self.stored.clone(),
            }],
            writes: Vec::new(),
        };
        for write in self.overlay.writes() {
            let before = self.stored_row(write.tree, &write.key)?;
            // A row that was taken away and put back as it was costs the disk nothing.
            if before == write.value {
                continue;
            }
            ledger.apply(&write, before.as_ref());
            batch.writes.push(write);
        }
        ledger.sequence += 1;
        let row = ledger.row();
        batch.writes.push(Write {
            tree: Tree::Meta,
            key: Ledger::key(),
            value: Some(row.clone()),
        });
        // Noted before: whoever waits for this may stop waiting.
        if self.tried.last() != Some(&ledger) {
            self.tried.push(ledger.clone());
        }
        self.engine.commit(batch).await?;
        self.ledger = ledger;
        self.stored = Some(row);
        self.tried.clear();
        for Write { tree, key, value } in self.overlay.writes() {
            self.cache().note(tree, key, value);
        }
        self.overlay.committed();
        if let Some(folder) = &self.folder {
            folder.witness.note(&self.ledger);
        }
        Ok(())
    }

    /// Writes down beside the database what it holds, so that a loss is noticed at the next start.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn checkpoint(&mut self) -> Result<(), Error> {
        let Some(folder) = &mut self.folder else {
            return Ok(());
        };
        if folder.vouched.as_ref() == Some(&self.ledger) {
            return Ok(());
        }
        let (manifest, dir) = (Manifest::of(&self.ledger), folder.dir.clone());
        let written = spawn_blocking(move || manifest.write(&dir));
        written.await.map_err(|_| Error::Closed)??;
        folder.vouched = Some(self.ledger.clone());
        Ok(())
    }

    /// Commits, writes the checkpoint and lets go of the folder: it can be opened again at once.
    ///
    /// # Errors
    /// When the last writes cannot be made durable; the folder is free all the same.
    pub async fn close(mut self) -> Result<(), Error> {
        let committed = self.commit().await;
        let checked = self.checkpoint().await;
        let Store { engine, folder, .. } = self;
        // Only a backup that nobody waits for any more can still read; it lets go when it is done.
        if let Some(engine) = Arc::into_inner(engine) {
            engine.close().await?;
        }
        if let Some(Folder { lock, .. }) = folder {
            drop(lock);
        }
        committed.and(checked)
    }

    /// A batch whose commit failed, or that nobody waited for, may be in the engine all the same. Writing its rows
    /// again is harmless, but they must not be counted twice: go on from its ledger if that is what is there.
    fn find_out(&mut self) -> Result<(), Error> {
        let stored = self.engine.get(Tree::Meta, &Ledger::key())?;
        if stored == self.stored {
            return Ok(());
        }
        let ours = |ledger: &&Ledger| stored.as_ref() == Some(&ledger.row());
        let Some(ledger) = self.tried.iter().find(ours) else {
            return Err(Error::Conflict);
        };
        self.ledger = ledger.clone();
        self.stored = stored;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::store::engine::{Bytes, Direction, Engine, Read, Visit};
    use crate::store::memory::Memory;
    use crate::store::tables::META;

    /// Fails when it is told to: before it applies a batch, or after.
    #[derive(Default)]
    struct Flaky {
        memory: Memory,
        fails: Arc<AtomicU8>,
    }

    const BEFORE: u8 = 1;
    const AFTER: u8 = 2;

    impl Read for Flaky {
        fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Bytes>, Error> {
            self.memory.get(tree, key)
        }

        fn scan(
            &self,
            tree: Tree,
            prefix: &[u8],
            direction: Direction,
            visit: &mut Visit<'_>,
        ) -> Result<(), Error> {
            self.memory.scan(tree, prefix, direction, visit)
        }
    }

    #[async_trait]
    impl Engine for Flaky {
        async fn commit(&self, batch: Batch) -> Result<(), Error> {
            let fails = self.fails.swap(0, Ordering::Relaxed);
            if fails == BEFORE {
                return Err(Error::Engine("before".into()));
            }
            self.memory.commit(batch).await?;
            if fails == AFTER {
                return Err(Error::Engine("after".into()));
            }
            Ok(())
        }

        fn syncs(&self) -> u64 {
            self.memory.syncs()
        }

        async fn close(self: Box<Self>) -> Result<(), Error> {
            Ok(())
        }
    }

    fn flaky() -> (Store, Arc<AtomicU8>) {
        let engine = Flaky::default();
        let fails = engine.fails.clone();
        let engine: Box<dyn Engine> = Box::new(engine);
        let mut store = Store::memory();
        store.engine = Arc::new(engine);
        (store, fails)
    }

    fn put(store: &mut Store, key: &str, n: u64) {
        store.put(&META, &key.into(), &n.into());
    }

    fn is_sound(store: &Store) {
        let counted = Ledger::counted(store.engine.as_ref().as_ref()).unwrap();
        assert_eq!(store.ledger.difference(&counted), None);
        let stored = Ledger::stored(store.engine.as_ref().as_ref()).unwrap();
        assert_eq!(stored.as_ref(), Some(&store.ledger));
    }

    #[tokio::test]
    async fn what_could_not_be_committed_is_pending_and_can_be_tried_again() {
        for moment in [BEFORE, AFTER] {
            let (mut store, fails) = flaky();
            for n in 0..3 {
                put(&mut store, "a", n);
                put(&mut store, &format!("new {n}"), n);
                fails.store(moment, Ordering::Relaxed);
                store.commit().await.unwrap_err();
                assert!(store.has_pending());
                put(&mut store, "b", n);
                store.delete(&META, &"new 0".into());
                store.commit().await.unwrap();
                assert!(!store.has_pending());
                is_sound(&store);
                assert_eq!(store.get(&META, &"a".into()).unwrap(), Some(n.into()));
                assert_eq!(store.get(&META, &"b".into()).unwrap(), Some(n.into()));
            }
        }
    }

    #[tokio::test]
    async fn a_row_that_came_through_after_all_is_read_though_it_was_taken_back() {
        let (mut store, fails) = flaky();
        put(&mut store, "a", 1);
        store.commit().await.unwrap();
        assert_eq!(store.get(&META, &"a".into()).unwrap(), Some(1.into()));
        let mark = store.mark();
        put(&mut store, "a", 2);
        fails.store(AFTER, Ordering::Relaxed);
        store.commit().await.unwrap_err();
        store.rewind(mark);
        put(&mut store, "b", 1);
        store.commit().await.unwrap();
        assert_eq!(store.get(&META, &"a".into()).unwrap(), Some(2.into()));
        is_sound(&store);
    }

    #[tokio::test]
    async fn someone_else_at_the_same_store_is_noticed() {
        let (mut store, _) = flaky();
        put(&mut store, "a", 1);
        store.commit().await.unwrap();
        let mut other = Store::memory();
        other.engine = store.engine.clone();
        other.ledger = store.ledger.clone();
        other.stored = store.stored.clone();
        put(&mut other, "a", 2);
        other.commit().await.unwrap();
        put(&mut store, "b", 3);
        assert!(matches!(store.commit().await, Err(Error::Conflict)));
        assert!(store.has_pending());
        is_sound(&other);
    }
}
