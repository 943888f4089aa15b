//! What can go wrong with the store.

use std::io;
use std::path::{Path, PathBuf};

use super::FORMAT;

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
    /// A copy was called off before it was whole.
    #[error("the copy was called off")]
    CalledOff,
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

impl Error {
    pub(super) fn file(path: &Path, source: io::Error) -> Error {
        Error::File {
            path: path.into(),
            source,
        }
    }
}

/// Why a store cannot be opened. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another store of this one, has the folder.
    #[error(
        "another boson is at work in {}: stop it first, or give this one a folder of its own with `--data`",
        dir.display()
    )]
    Busy { dir: PathBuf },
    /// The folder is not there and cannot be made.
    #[error(
        "nothing can be kept in {} ({source}): give boson another folder with `--data`, or `store` in config.toml",
        dir.display()
    )]
    Folder { dir: PathBuf, source: io::Error },
    /// It opens, but something that was stored is not there.
    #[error(
        "the store has lost something: {why}; restore it with `boson restore {}`, or accept the loss with `--accept-loss`",
        shown(backup)
    )]
    Shrunken {
        why: String,
        /// The newest one there is.
        backup: Option<PathBuf>,
    },
    /// It does not open.
    #[error(
        "store damaged, restore with `boson restore {}` ({why})",
        shown(backup)
    )]
    Damaged {
        why: String,
        /// The newest one there is.
        backup: Option<PathBuf>,
    },
    /// A newer Boson wrote it.
    #[error(
        "the store is of version {found}, this boson knows versions up to {FORMAT}: use a newer boson"
    )]
    Version { found: u64 },
    #[error(transparent)]
    Store(#[from] Error),
}

fn shown(backup: &Option<PathBuf>) -> String {
    match backup {
        Some(path) => path.display().to_string(),
        None => "FILE".into(),
    }
}

/// Why a backup cannot be restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The folder holds a store that opens.
    #[error("{} holds a store already: move it away first, or restore into another folder", dir.display())]
    Occupied { dir: PathBuf },
    /// The file is not what was written. Nothing was restored.
    #[error("the backup is damaged: {why}")]
    Damaged { why: String },
    /// Another Boson wrote the file.
    #[error("the backup is of version {found}, this boson reads version {FORMAT} only")]
    Version { found: u64 },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] Error),
}
