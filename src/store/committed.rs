//! Reading what is committed without the loop: for work that takes long.

use std::sync::Arc;

use super::Error;
use super::engine::{Direction, Engine, Tree};
use super::key::Key;
use super::overlay::{Look, Overlay};
use super::table::{Table, Value, key_bytes};

/// Rows that can be visited, with or without what is pending.
pub trait Rows {
    /// Visits the rows whose keys begin with `prefix`, in order or against it, until the visitor breaks.
    ///
    /// # Errors
    /// When the engine cannot be read, or the visitor fails.
    fn walk(
        &self,
        tree: Tree,
        prefix: &[u8],
        direction: Direction,
        visit: &mut Look<'_>,
    ) -> Result<(), Error>;
}

/// What the engine holds while it is read; the loop may go on writing. The store closes only after this is dropped.
pub struct Committed {
    engine: Arc<Box<dyn Engine>>,
    nothing: Overlay,
}

impl Committed {
    pub(super) fn of(engine: Arc<Box<dyn Engine>>) -> Committed {
        Committed {
            engine,
            nothing: Overlay::default(),
        }
    }

    /// The row under a key.
    ///
    /// # Errors
    /// When the engine or the row cannot be read.
    pub fn get<K: Key, V: Value>(&self, table: &Table<K, V>, key: &K) -> Result<Option<V>, Error> {
        let row = self.engine.get(table.tree, &key_bytes(key))?;
        row.map(|row| table.value(&row)).transpose()
    }
}

impl Rows for Committed {
    fn walk(
        &self,
        tree: Tree,
        prefix: &[u8],
        direction: Direction,
        visit: &mut Look<'_>,
    ) -> Result<(), Error> {
        self.nothing.walk(
            self.engine.as_ref().as_ref(),
            tree,
            prefix,
            direction,
            visit,
        )
    }
}
