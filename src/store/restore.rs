//! Making a store from a backup, or nothing at all.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::backup::{Backup, head, hex};
use super::engine::{Bytes, Tree};
use super::migrate::unused;
use super::open::{Options, database, examine, lock};
use super::table::JSON;
use super::{Error, FORMAT, OpenError, RestoreError, Store};

/// How many rows are committed at a time.
const CHUNK: u64 = 1_000;

/// Makes a store in `dir` from a backup, after the whole file was checked. A store there that does not open, or
/// that has lost something, is moved into a folder `damaged` beside it; one that opens is left alone.
///
/// # Errors
/// When the file is cut, changed or of another version, when the folder holds a store that opens, when it is in use.
pub async fn restore(file: &Path, dir: &Path) -> Result<Backup, RestoreError> {
    let mut lines = Lines::open(file)?;
    while lines.row()?.is_some() {}
    let _lock = lock(dir)?;
    let ruined = is_ruined(dir).await?;
    let building = dir.join("restoring");
    if building.exists() {
        fs::remove_dir_all(&building).map_err(|error| Error::file(&building, error))?;
    }
    let backup = build(file, &building).await?;
    if ruined {
        let aside = unused(dir, "damaged");
        fs::create_dir_all(&aside).map_err(|error| Error::file(&aside, error))?;
        shift(dir, &aside)?;
    }
    shift(&building, dir)?;
    fs::remove_dir_all(&building).map_err(|error| Error::file(&building, error))?;
    Ok(backup)
}

/// Whether a backup gives back what it was made of: it is restored into the folder `scratch`, which is emptied before and
/// removed behind it, and what stands there is backed up once more.
///
/// # Errors
/// When the file is cut, changed or of another version, or when what was restored is something else.
pub async fn verify(file: &Path, scratch: &Path) -> Result<Backup, RestoreError> {
    let empty = || match fs::remove_dir_all(scratch) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::file(scratch, error)),
        Ok(()) | Err(_) => Ok(()),
    };
    // A process that was killed over it left its folder.
    empty()?;
    let verified = restored_and_compared(file, scratch).await;
    // The first error is the one to tell.
    match verified {
        Ok(backup) => empty().map(|()| backup).map_err(RestoreError::from),
        Err(error) => {
            drop(empty());
            Err(error)
        }
    }
}

async fn restored_and_compared(file: &Path, scratch: &Path) -> Result<Backup, RestoreError> {
    let backup = restore(file, scratch).await?;
    let store = Store::open(scratch, Options::default()).await?;
    let again = scratch.join("again.ndjson");
    let copied = store.backup(&again).await;
    store.close().await?;
    copied?;
    let (wanted, found) = (sums(file)?, sums(&again)?);
    let other = wanted
        .iter()
        .zip(&found)
        .find(|(wanted, found)| wanted != found);
    match other {
        None if wanted.len() == found.len() => Ok(backup),
        Some(((tree, rows, _), (_, others, _))) => Err(RestoreError::Damaged {
            why: format!("of {tree} {others} rows come back, and not the {rows} that were written"),
        }),
        None => Err(RestoreError::Damaged {
            why: "not all of its parts come back".into(),
        }),
    }
}

/// The name, the rows and the hash of each part of a backup, but not of the file.
fn sums(file: &Path) -> Result<Vec<(&'static str, u64, String)>, RestoreError> {
    let mut lines = Lines::open(file)?;
    while lines.row()?.is_some() {}
    Ok(lines.sums)
}

/// Whether a folder holds a store that cannot be used; one that can is an error.
async fn is_ruined(dir: &Path) -> Result<bool, RestoreError> {
    if !PARTS.iter().any(|part| dir.join(part).exists()) {
        return Ok(false);
    }
    match examine(dir, &Options::default()).await {
        Ok(examined) => {
            let fresh = examined.is_fresh();
            examined.close().await?;
            if fresh {
                Ok(true)
            } else {
                Err(RestoreError::Occupied { dir: dir.into() })
            }
        }
        Err(OpenError::Damaged { .. } | OpenError::Shrunken { .. }) => Ok(true),
        Err(
            error @ (OpenError::Busy { .. }
            | OpenError::Folder { .. }
            | OpenError::Version { .. }
            | OpenError::Store(_)),
        ) => Err(error.into()),
    }
}

/// What a store consists of. The manifest comes last: what is half moved has none, and does not open.
const PARTS: [&str; 3] = ["sled", "sequence", "manifest.json"];

fn shift(from: &Path, to: &Path) -> Result<(), Error> {
    debug_assert_eq!(database(from), from.join(PARTS[0]));
    for part in PARTS {
        let path = from.join(part);
        if path.exists() {
            fs::rename(&path, to.join(part)).map_err(|error| Error::file(&path, error))?;
        }
    }
    for folder in [from, to] {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| Error::file(folder, error))?;
    }
    Ok(())
}

/// Makes a store with the rows of a backup.
async fn build(file: &Path, dir: &Path) -> Result<Backup, RestoreError> {
    let mut lines = Lines::open(file)?;
    let mut store = Store::open(dir, Options::default()).await?;
    // A new epoch: this is not how the store went on.
    store.ledger.epoch = lines.head.epoch + 1;
    store.ledger.sequence = lines.head.sequence;
    let mut pending = 0;
    while let Some((tree, key, value)) = lines.row()? {
        store.overlay.set(tree, key, Some(value));
        pending += 1;
        if pending == CHUNK {
            store.commit().await?;
            pending = 0;
        }
    }
    store.close().await?;
    Ok(lines.read)
}

/// The first line.
#[derive(Deserialize)]
struct Head {
    boson: String,
    version: u64,
    #[serde(default)]
    epoch: u64,
    #[serde(default)]
    sequence: u64,
}

/// A line that ends a tree, or the file.
#[derive(Deserialize)]
struct End {
    end: String,
    rows: u64,
    sha256: String,
}

/// A backup that is being read.
struct Lines {
    from: BufReader<File>,
    path: std::path::PathBuf,
    head: Head,
    number: u64,
    /// The trees still to come, the next one last.
    trees: Vec<Tree>,
    tree: Sum,
    all: Sha256,
    read: Backup,
    /// What was read of each tree so far.
    sums: Vec<(&'static str, u64, String)>,
}

#[derive(Default)]
struct Sum {
    rows: u64,
    hash: Sha256,
}

type Row = (Tree, Bytes, Bytes);

impl Lines {
    fn open(path: &Path) -> Result<Lines, RestoreError> {
        let file = File::open(path).map_err(|error| Error::file(path, error))?;
        let mut lines = Lines {
            from: BufReader::new(file),
            path: path.into(),
            head: Head {
                boson: String::new(),
                version: FORMAT,
                epoch: 0,
                sequence: 0,
            },
            number: 0,
            trees: Tree::ALL
                .into_iter()
                .filter(|tree| tree.is_backed_up())
                .rev()
                .collect(),
            tree: Sum::default(),
            all: Sha256::new(),
            read: Backup::default(),
            sums: Vec::new(),
        };
        let first = lines.line()?;
        lines.head = serde_json::from_slice(&first)
            .map_err(|_| lines.damaged("it does not begin like a backup"))?;
        if lines.head.boson != "backup" {
            return Err(lines.damaged("it does not begin like a backup"));
        }
        if lines.head.version != FORMAT {
            return Err(RestoreError::Version {
                found: lines.head.version,
            });
        }
        lines.all.update(&first);
        Ok(lines)
    }

    /// The next row; `None` after the last, once everything was as it was written.
    fn row(&mut self) -> Result<Option<Row>, RestoreError> {
        loop {
            let line = self.line()?;
            if let Some(tree) = self.trees.last().copied() {
                if let Some(row) = parse(tree, &line) {
                    self.tree.rows += 1;
                    self.tree.hash.update(&line);
                    self.all.update(&line);
                    self.read.rows += 1;
                    return Ok(Some(row));
                }
                let sum = std::mem::take(&mut self.tree);
                let read = (tree.name(), sum.rows, hex(&sum.hash.clone().finalize()));
                self.end(&line, tree.name(), sum)?;
                self.sums.push(read);
                self.all.update(&line);
                self.trees.pop();
            } else {
                let sum = Sum {
                    rows: self.read.rows,
                    hash: self.all.clone(),
                };
                self.end(&line, "backup", sum)?;
                let rest = self.from.fill_buf();
                let rest = rest.map_err(|error| Error::file(&self.path, error))?;
                return if rest.is_empty() {
                    Ok(None)
                } else {
                    Err(self.damaged("something follows its end"))
                };
            }
        }
    }

    fn end(&self, line: &[u8], name: &str, sum: Sum) -> Result<(), RestoreError> {
        let end: End = serde_json::from_slice(line)
            .map_err(|_| self.damaged("this is neither a row nor the end of one of its parts"))?;
        if end.end != name {
            return Err(self.damaged(&format!("{name} should end here")));
        }
        if end.rows != sum.rows || end.sha256 != hex(&sum.hash.finalize()) {
            return Err(self.damaged(&format!("{name} is not what was written")));
        }
        Ok(())
    }

    fn line(&mut self) -> Result<Vec<u8>, RestoreError> {
        let mut line = Vec::new();
        let read = self.from.read_until(b'\n', &mut line);
        read.map_err(|error| Error::file(&self.path, error))?;
        self.number += 1;
        self.read.bytes += line.len() as u64;
        if line.ends_with(b"\n") {
            Ok(line)
        } else {
            Err(self.damaged("it is cut off here"))
        }
    }

    fn damaged(&self, why: &str) -> RestoreError {
        RestoreError::Damaged {
            why: format!("line {}: {why}", self.number),
        }
    }
}

/// Reads a line as a row of a tree.
fn parse(tree: Tree, line: &[u8]) -> Option<Row> {
    let rest = line.strip_prefix(head(tree, "").strip_suffix(r#"","value":"#)?.as_bytes())?;
    let quote = rest.iter().position(|byte| *byte == b'"')?;
    let (digits, rest) = rest.split_at(quote);
    let json = rest.strip_prefix(br#"","value":"#)?.strip_suffix(b"}\n")?;
    let mut key = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let &[high, low] = pair else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        key.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
    }
    let mut value = Vec::with_capacity(1 + json.len());
    value.push(JSON);
    value.extend_from_slice(json);
    Some((tree, key.into(), value.into()))
}
