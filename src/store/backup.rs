//! Backups that people can read: one line of JSON a row, with counts and hashes that show whether a file is whole.
//!
//! ```text
//! {"boson":"backup","version":1,"epoch":0,"sequence":17}
//! {"tree":"meta","key":"6e…","value":1}
//! {"end":"meta","rows":1,"sha256":"…"}
//! …
//! {"end":"backup","rows":9,"sha256":"…"}
//! ```
//!
//! Items in pages, and which message said which report, are not in it: `Tree::is_backed_up`.
//!
//! A tree's hash is over the lines of its rows, the last one over all lines before it.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::engine::{Direction, Engine, Tree};
use super::ledger::Ledger;
use super::manifest::replace;
use super::table::JSON;
use super::{Error, FORMAT, Store};

/// How many hourly backups are kept.
pub const KEEP: usize = 24;

/// What a backup file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backup {
    pub rows: u64,
    /// The file's length.
    pub bytes: u64,
}

impl Store {
    /// Writes what is committed into one file, but for what can be done without; in the place of an older one only when it is whole.
    ///
    /// # Errors
    /// When the store cannot be read or the file not be written.
    pub async fn backup(&self, to: &Path) -> Result<Backup, Error> {
        self.copy(to, || false).await
    }

    /// The same beside the loop: it has begun when this returns. Until it has ended nothing may be committed, or the copy is
    /// of two moments. Once it is `called_off`, which is asked before each row, it ends and there is no copy.
    ///
    /// # Errors
    /// When the store cannot be read, the file not be written, or the copy was called off.
    pub fn copy(
        &self,
        to: &Path,
        called_off: impl Fn() -> bool + Send + 'static,
    ) -> impl Future<Output = Result<Backup, Error>> + Send + 'static {
        let (engine, ledger, path) = (self.engine.clone(), self.ledger.clone(), to.to_path_buf());
        let written = spawn_blocking(move || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
            }
            let mut backup = Ok(Backup::default());
            let replaced = replace(&path, |file| {
                let mut lines = Lines::new(BufWriter::new(file));
                backup = write(&engine, &ledger, &mut lines, &called_off);
                match &backup {
                    Ok(_) => lines.to.flush(),
                    // The file must not take the place of an older backup.
                    Err(error) => Err(io::Error::other(error.to_string())),
                }
            });
            match (backup, replaced) {
                (Err(Error::CalledOff), _) => Err(Error::CalledOff),
                (_, Err(error)) => Err(Error::file(&path, error)),
                (backup, Ok(())) => backup,
            }
        });
        async { written.await.map_err(|_| Error::Closed)? }
    }
}

/// The path of the backup made at `at` in a data folder; later ones have greater names.
pub fn backup_path(dir: &Path, at: DateTime<Utc>) -> PathBuf {
    dir.join("backups")
        .join(at.format("boson-%Y%m%dT%H%M%SZ.ndjson").to_string())
}

/// The path of a backup that somebody asked for at `at`; nobody but a person removes it.
pub fn kept_path(dir: &Path, at: DateTime<Utc>) -> PathBuf {
    dir.join("backups")
        .join(at.format("kept-%Y%m%dT%H%M%SZ.ndjson").to_string())
}

/// The newest backup in a data folder.
pub fn newest_backup(dir: &Path) -> Option<PathBuf> {
    let all = [backups(dir, "boson-"), backups(dir, "kept-")].concat();
    let made = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.split_once('-').map(|(_, at)| at.to_string())
    };
    all.into_iter().max_by_key(made)
}

/// Removes all but the newest [`KEEP`] hourly backups of a data folder. Blocks, shortly.
///
/// # Errors
/// When a file cannot be removed.
pub fn prune_backups(dir: &Path) -> Result<(), Error> {
    let backups = backups(dir, "boson-");
    for old in &backups[..backups.len().saturating_sub(KEEP)] {
        fs::remove_file(old).map_err(|error| Error::file(old, error))?;
    }
    Ok(())
}

/// The backups of a data folder whose names begin so, the newest last.
fn backups(dir: &Path, begin: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir.join("backups")) else {
        return Vec::new();
    };
    let mut backups: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(begin) && name.ends_with("Z.ndjson")
        })
        .collect();
    backups.sort();
    backups
}

/// Lines on their way into a file.
struct Lines<W> {
    to: W,
    all: Sha256,
    bytes: u64,
}

impl<W: Write> Lines<W> {
    fn new(to: W) -> Lines<W> {
        Lines {
            to,
            all: Sha256::new(),
            bytes: 0,
        }
    }

    fn put(&mut self, line: &[u8]) -> io::Result<()> {
        self.all.update(line);
        self.bytes += line.len() as u64;
        self.to.write_all(line)
    }
}

fn write(
    engine: &Arc<Box<dyn Engine>>,
    ledger: &Ledger,
    lines: &mut Lines<impl Write>,
    called_off: &impl Fn() -> bool,
) -> Result<Backup, Error> {
    let failed = |error: io::Error| Error::Engine(format!("cannot write the backup: {error}"));
    let (epoch, sequence) = ledger.age();
    let head = json!({"boson": "backup", "version": FORMAT, "epoch": epoch, "sequence": sequence});
    lines.put(format!("{head}\n").as_bytes()).map_err(failed)?;
    let own = Ledger::key();
    let mut all = 0;
    for tree in Tree::ALL.into_iter().filter(|tree| tree.is_backed_up()) {
        let (mut rows, mut hash) = (0u64, Sha256::new());
        let mut outcome = Ok(());
        engine.scan(tree, &[], Direction::Forward, &mut |key, value| {
            // The ledger is made anew when the rows are restored.
            if tree == Tree::Meta && key == own.as_ref() {
                return ControlFlow::Continue(());
            }
            if called_off() {
                outcome = Err(Error::CalledOff);
                return ControlFlow::Break(());
            }
            outcome = row(tree, key, value).and_then(|line| {
                rows += 1;
                hash.update(&line);
                lines.put(&line).map_err(failed)
            });
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        outcome?;
        all += rows;
        let end = json!({"end": tree.name(), "rows": rows, "sha256": hex(&hash.finalize())});
        lines.put(format!("{end}\n").as_bytes()).map_err(failed)?;
    }
    let end = json!({"end": "backup", "rows": all, "sha256": hex(&lines.all.clone().finalize())});
    lines.put(format!("{end}\n").as_bytes()).map_err(failed)?;
    Ok(Backup {
        rows: all,
        bytes: lines.bytes,
    })
}

/// One row as a line. Its value stands in it byte for byte, so that what is restored is what was stored.
fn row(tree: Tree, key: &[u8], value: &[u8]) -> Result<Vec<u8>, Error> {
    let Some((&JSON, value)) = value.split_first() else {
        return Err(Error::Unreadable {
            tree: tree.name(),
            why: "its format is not known".into(),
        });
    };
    let mut line = head(tree, &hex(key)).into_bytes();
    line.extend_from_slice(value);
    line.extend_from_slice(b"}\n");
    Ok(line)
}

/// What stands before the value of a row.
pub(super) fn head(tree: Tree, key: &str) -> String {
    format!(r#"{{"tree":"{}","key":"{key}","value":"#, tree.name())
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(
        String::with_capacity(bytes.len() * 2),
        |mut digits, byte| {
            write!(digits, "{byte:02x}").expect("a String takes every character");
            digits
        },
    )
}
