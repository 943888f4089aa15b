//! Who decided what, when and why; only ever appended to.

use super::rows::Entry;
use super::tables::JOURNAL;
use super::{Error, Store};

/// Appends one entry.
///
/// # Errors
/// When the store cannot be read.
pub fn append(store: &mut Store, entry: Entry) -> Result<(), Error> {
    let number = store.next_id()?;
    store.put(&JOURNAL, &number, &entry);
    Ok(())
}

/// The last `n` entries, the newest first.
///
/// # Errors
/// When the store cannot be read.
pub fn last(store: &Store, n: usize) -> Result<Vec<Entry>, Error> {
    let rows = store.scan_back(&JOURNAL, &(), n)?;
    Ok(rows.into_iter().map(|(_, entry)| entry).collect())
}
