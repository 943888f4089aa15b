//! What lies beside the database and vouches for it.
//!
//! - `manifest.json`: the whole ledger, written each minute and at shutdown.
//! - `sequence`: the number of the last acknowledged commit, written in place after each. It is not synced: a loss of
//!   power may leave an old number, never one that is too high, since the commit was on disk before it.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ledger::{Ledger, hash};
use super::{Error, FORMAT};

/// What `manifest.json` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub format: u64,
    /// Empty in one of a format that is not ours.
    #[serde(default)]
    pub ledger: Ledger,
}

/// What was found beside the database.
pub(super) enum Found {
    Nothing,
    Manifest(Manifest),
    /// It is there and cannot be read.
    Garbled(String),
}

impl Found {
    /// The age of the ledger it vouches for.
    pub(super) fn age(&self) -> Option<(u64, u64)> {
        match self {
            Found::Nothing | Found::Garbled(_) => None,
            Found::Manifest(manifest) => Some(manifest.ledger.age()),
        }
    }
}

impl Manifest {
    pub(super) fn of(ledger: &Ledger) -> Manifest {
        Manifest {
            format: FORMAT,
            ledger: ledger.clone(),
        }
    }

    pub(super) fn read(dir: &Path) -> Result<Found, Error> {
        let path = path(dir);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(Error::file(&path, error)),
        };
        Ok(match serde_json::from_slice::<Manifest>(&text) {
            Ok(mut manifest) => {
                manifest.ledger.fill();
                Found::Manifest(manifest)
            }
            Err(error) => Found::Garbled(error.to_string()),
        })
    }

    /// Writes it in the place of the last one: after a crash one of the two is there. Blocks.
    pub(super) fn write(&self, dir: &Path) -> Result<(), Error> {
        let path = path(dir);
        let text = serde_json::to_vec(self).expect("a manifest has text keys only");
        replace(&path, |file| file.write_all(&text)).map_err(|error| Error::file(&path, error))
    }
}

fn path(dir: &Path) -> PathBuf {
    dir.join("manifest.json")
}

/// Writes a file beside `path`, syncs it and renames it over `path`: after a crash one of the two is there. Blocks.
///
/// # Errors
/// When it cannot be written; what stood there stays.
pub fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    // Always the same name, so that being killed now and then does not fill the folder.
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let written = File::create(&new).and_then(|mut file| {
        write(&mut file)?;
        file.sync_all()
    });
    if let Err(error) = written {
        // What is half written takes up space, perhaps the last there was; the first error is the one to tell.
        drop(fs::remove_file(&new));
        return Err(error);
    }
    fs::rename(&new, path)?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        Some(_) | None => File::open(".")?.sync_all(),
    }
}

/// The file `sequence`.
pub(super) struct Witness {
    file: File,
}

/// Epoch, sequence and a check, eight bytes each.
const WITNESS: usize = 24;

impl Witness {
    pub(super) fn open(dir: &Path) -> Result<Witness, Error> {
        let path = dir.join("sequence");
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| Error::file(&path, error))?;
        Ok(Witness { file })
    }

    /// Epoch and sequence of the last acknowledged commit; `None` when it does not say.
    pub(super) fn last(dir: &Path) -> Option<(u64, u64)> {
        let mut bytes = [0; WITNESS];
        let mut file = File::open(dir.join("sequence")).ok()?;
        file.read_exact(&mut bytes).ok()?;
        let (said, check) = bytes.split_at(16);
        if check != hash(said, &[]).to_le_bytes() {
            return None;
        }
        let (numbers, _) = said.as_chunks::<8>();
        Some((
            u64::from_le_bytes(numbers[0]),
            u64::from_le_bytes(numbers[1]),
        ))
    }

    /// Notes an acknowledged commit. That this fails is no reason to fail the commit: it is on disk.
    pub(super) fn note(&self, ledger: &Ledger) {
        let mut bytes = Vec::with_capacity(WITNESS);
        bytes.extend_from_slice(&ledger.epoch.to_le_bytes());
        bytes.extend_from_slice(&ledger.sequence.to_le_bytes());
        bytes.extend_from_slice(&hash(&bytes, &[]).to_le_bytes());
        let mut file = &self.file;
        if let Err(error) = file.rewind().and_then(|()| file.write_all(&bytes)) {
            tracing::warn!(%error, "cannot note the last commit beside the store");
        }
    }
}
