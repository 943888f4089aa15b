//! What can go wrong with the store.

use std::path::PathBuf;

/// Why something could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database failed: {0}")]
    Engine(String),
    /// A condition of a batch does not hold, or someone else wrote to the store. Nothing was applied.
    #[error("the rows changed meanwhile")]
    Conflict,
    /// The row is there and is not what its table holds.
    #[error("a row of {tree} cannot be read: {why}")]
    Unreadable { tree: &'static str, why: String },
    #[error("the database is closed")]
    Closed,
    #[error("{}: {source}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
}
