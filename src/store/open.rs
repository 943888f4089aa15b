//! Opening a store: nothing is taken for whole because it opens.
//!
//! sled may panic on a damaged file, or open it with rows missing, with old rows, or empty. So everything is read
//! and added up once, and compared with the ledger in the store and with the two files that vouch for it.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::backup::newest_backup;
use super::engine::{Bytes, Engine, Read, Tree};
use super::ledger::{Ledger, Sum, VERSION};
use super::manifest::{Found, Manifest, Witness};
use super::sled::Opened;
use super::table::{key_bytes, read};
use super::{Error, FORMAT, OpenError, Store, migrate, quiet};

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// Start with what is there, even if something was lost.
    pub accept_loss: bool,
    /// How much of the database is kept in memory, in bytes.
    pub cache_bytes: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            accept_loss: false,
            cache_bytes: 16 << 20,
        }
    }
}

/// What a store has beside its engine.
pub(super) struct Folder {
    pub dir: PathBuf,
    pub witness: Witness,
    /// What `manifest.json` vouches for.
    pub vouched: Option<Ledger>,
    /// Held as long as the store is open.
    pub lock: File,
}

/// Where the database lies in a data folder.
pub(super) fn database(dir: &Path) -> PathBuf {
    dir.join("sled")
}

/// Whether there is a store in this data folder, in whatever state.
pub fn is_there(dir: &Path) -> bool {
    database(dir).exists()
}

/// Makes a folder, if it is not there, that nobody else on this machine looks into: what is said in private rooms is
/// kept in it.
pub fn private(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Takes a data folder for this process.
pub(super) fn lock(dir: &Path) -> Result<File, OpenError> {
    private(dir).map_err(|error| OpenError::Folder {
        dir: dir.into(),
        source: error,
    })?;
    let path = dir.join("lock");
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| Error::file(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Busy { dir: dir.into() }),
        Err(TryLockError::Error(error)) => Err(Error::file(&path, error).into()),
    }
}

impl Store {
    /// Opens the store in a folder, or makes one there. Reads all of it once.
    ///
    /// # Errors
    /// When another process has it, when it is damaged or lacks something, when a newer Boson wrote it.
    pub async fn open(dir: &Path, options: Options) -> Result<Store, OpenError> {
        let lock = lock(dir)?;
        let mut examined = examine(dir, &options).await?;
        if let State::Stored(version) = examined.state
            && version < FORMAT
        {
            let copy = examined.copy(dir).await?;
            tracing::info!(copy = %copy.display(), "the store is of version {version}; this is how it was");
            examined = examine(dir, &options).await?;
        }
        let Examined {
            opened,
            state,
            ledger,
            row,
        } = examined;
        let engine: Box<dyn Engine> = Box::new(opened.start());
        let mut store = Store {
            engine: Arc::new(engine),
            overlay: super::Overlay::default(),
            ledger,
            stored: row,
            tried: Vec::new(),
            cache: std::sync::Mutex::default(),
            folder: Some(Folder {
                dir: dir.into(),
                witness: Witness::open(dir)?,
                vouched: None,
                lock,
            }),
        };
        match state {
            State::Fresh => store.stamp(),
            State::Stored(FORMAT) => {}
            State::Stored(older) => migrate::run(&mut store, older)?,
            State::Lossy(why) => {
                tracing::warn!(%why, "the store has lost something, and that is accepted");
                store.stamp();
            }
        }
        store.commit().await?;
        store.checkpoint().await?;
        Ok(store)
    }
}

/// A database that opened, and what was found in it.
pub(super) struct Examined {
    opened: Opened,
    state: State,
    /// What the store goes on from.
    ledger: Ledger,
    /// The ledger's row as it is.
    row: Option<Bytes>,
}

enum State {
    Fresh,
    /// Everything is there, in this version.
    Stored(u64),
    /// Something is missing, and people accepted that.
    Lossy(String),
}

impl Examined {
    /// Closes the database again.
    pub(super) async fn close(self) -> Result<(), Error> {
        spawn_blocking(move || self.opened.close())
            .await
            .map_err(|_| Error::Closed)?
    }

    /// Whether there is nothing in it.
    pub(super) fn is_fresh(&self) -> bool {
        matches!(self.state, State::Fresh)
    }

    /// Closes the database and copies it.
    async fn copy(self, dir: &Path) -> Result<PathBuf, Error> {
        self.close().await?;
        let dir = dir.to_path_buf();
        spawn_blocking(move || migrate::copy(&dir))
            .await
            .map_err(|_| Error::Closed)?
    }
}

/// What the database itself says.
struct Contents {
    version: Option<u64>,
    row: Option<Bytes>,
    ledger: Result<Option<Ledger>, Error>,
    sums: Vec<Sum>,
}

/// Opens the database of a folder that is locked, and reads all of it.
pub(super) async fn examine(dir: &Path, options: &Options) -> Result<Examined, OpenError> {
    let (dir, options) = (dir.to_path_buf(), options.clone());
    spawn_blocking(move || examine_now(&dir, &options))
        .await
        .map_err(|_| Error::Closed)?
}

fn examine_now(dir: &Path, options: &Options) -> Result<Examined, OpenError> {
    let manifest = Manifest::read(dir)?;
    if let Found::Manifest(manifest) = &manifest
        && manifest.format > FORMAT
    {
        return Err(OpenError::Version {
            found: manifest.format,
        });
    }
    let noted = Witness::last(dir);
    let shrunken = |why| OpenError::Shrunken {
        why,
        backup: newest_backup(dir),
    };
    let promised = noted.is_some() || !matches!(manifest, Found::Nothing);
    if promised && !options.accept_loss && !database(dir).join("db").exists() {
        return Err(shrunken("its database is gone".into()));
    }
    let opened = match open_database(dir, options) {
        // Nothing was ever acknowledged from it: whoever began it was killed before its first commit.
        Err(OpenError::Damaged { why, backup: None }) if !promised => {
            let aside = set_aside(dir)?;
            tracing::info!(why, aside = %aside.display(), "a store that was never begun is begun anew");
            open_database(dir, options)?
        }
        opened => opened?,
    };
    let damaged = |why| OpenError::Damaged {
        why,
        backup: newest_backup(dir),
    };
    let contents = match quiet::catch(AssertUnwindSafe(|| contents(&opened.reader()))) {
        Ok(Ok(contents)) => contents,
        Ok(Err(error)) => {
            abandon(opened);
            return Err(damaged(error.to_string()));
        }
        Err(panic) => {
            abandon(opened);
            return Err(damaged(panic));
        }
    };
    if let Some(version) = contents.version
        && version > FORMAT
    {
        opened.close()?;
        return Err(OpenError::Version { found: version });
    }
    let state = match loss(&contents, &manifest, noted) {
        None => contents.state(),
        Some(why) if options.accept_loss => State::Lossy(why),
        Some(why) => {
            opened.close()?;
            return Err(shrunken(why));
        }
    };
    let ledger = match (&state, contents.ledger) {
        (State::Lossy(_), stored) => {
            let stored = stored.ok().flatten().map(|ledger| ledger.age());
            let vouched = manifest.age();
            let (epoch, sequence) = stored.max(vouched).max(noted).unwrap_or_default();
            // A new epoch: it must not look older than what vouched for what is lost.
            Ledger::continued((epoch + 1, sequence), contents.sums)
        }
        (State::Stored(_), Ok(Some(stored))) => stored,
        (State::Stored(_) | State::Fresh, _) => Ledger::continued((0, 0), contents.sums),
    };
    Ok(Examined {
        opened,
        state,
        ledger,
        row: contents.row,
    })
}

fn open_database(dir: &Path, options: &Options) -> Result<Opened, OpenError> {
    quiet::catch(|| Opened::open(&database(dir), options.cache_bytes))
        .map_err(|why| OpenError::Damaged {
            why,
            backup: newest_backup(dir),
        })?
        .map_err(|error| refused(dir, &error))
}

/// Moves the database out of the way, to a name that is free; nothing is thrown away.
fn set_aside(dir: &Path) -> Result<PathBuf, Error> {
    let from = database(dir);
    let mut aside = (1..).map(|n| dir.join(format!("sled.unbegun-{n}")));
    let to = aside
        .find(|path| !path.exists())
        .expect("numbers do not end");
    fs::rename(&from, &to).map_err(|error| Error::file(&from, error))?;
    Ok(to)
}

fn contents(reader: &impl Read) -> Result<Contents, Error> {
    let version = reader.get(Tree::Meta, &key_bytes(&VERSION.to_string()))?;
    Ok(Contents {
        // A version that cannot be read is none: the ledger knows that there was one.
        version: version.and_then(|bytes| read(Tree::Meta, &bytes).ok()),
        row: reader.get(Tree::Meta, &Ledger::key())?,
        ledger: Ledger::stored(reader),
        sums: Ledger::counted(reader)?,
    })
}

impl Contents {
    fn is_empty(&self) -> bool {
        self.row.is_none() && self.sums.iter().all(|sum| sum.rows == 0)
    }

    fn state(&self) -> State {
        match self.version {
            None if self.is_empty() => State::Fresh,
            // Before version 1 there was neither a version nor a ledger.
            None => State::Stored(0),
            Some(version) => State::Stored(version),
        }
    }
}

/// What is missing, if anything is, in words that stand after "lost something".
fn loss(contents: &Contents, manifest: &Found, noted: Option<(u64, u64)>) -> Option<String> {
    let vouched = match manifest {
        Found::Garbled(why) => return Some(format!("manifest.json cannot be read: {why}")),
        Found::Nothing => None,
        Found::Manifest(manifest) => Some(&manifest.ledger),
    };
    if contents.is_empty() {
        return (vouched.is_some() || noted.is_some()).then(|| "it is empty".into());
    }
    let ledger = match &contents.ledger {
        Ok(Some(ledger)) => ledger,
        Ok(None) if contents.version.is_none() && vouched.is_none() && noted.is_none() => {
            return None;
        }
        Ok(None) => return Some("its ledger is gone".into()),
        Err(error) => return Some(error.to_string()),
    };
    if contents.version.is_none() {
        return Some("its version is gone".into());
    }
    if let Some(difference) = ledger.difference(&contents.sums) {
        return Some(difference);
    }
    let newest = vouched.map(Ledger::age).max(noted);
    if newest > Some(ledger.age()) {
        let ((_, had), (_, has)) = (newest.unwrap_or_default(), ledger.age());
        return Some(format!("it ends with change {has}, there were {had}"));
    }
    match vouched {
        // The first manifest follows the first commit.
        None if ledger.age() > (0, 1) => Some("its manifest.json is gone".into()),
        Some(vouched) if vouched.age() == ledger.age() => vouched.difference(&contents.sums),
        None | Some(_) => None,
    }
}

/// Drops a database that panicked or failed, whatever that does. Nobody waits for its files: a thread that died
/// may hold them for good.
fn abandon(opened: Opened) {
    if let Err(panic) = quiet::catch(AssertUnwindSafe(|| drop(opened))) {
        tracing::debug!(panic, "closing a damaged store");
    }
}

/// Why sled did not open a database.
fn refused(dir: &Path, error: &sled::Error) -> OpenError {
    if let sled::Error::Io(io) = error {
        match io.kind() {
            // sled's own lock, which an older store of this process may hold while it is dropped.
            ErrorKind::WouldBlock => return OpenError::Busy { dir: dir.into() },
            ErrorKind::Other if io.to_string().contains("could not acquire lock") => {
                return OpenError::Busy { dir: dir.into() };
            }
            ErrorKind::PermissionDenied
            | ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::ReadOnlyFilesystem => {
                return Error::Engine(error.to_string()).into();
            }
            _ => {}
        }
    }
    OpenError::Damaged {
        why: error.to_string(),
        backup: newest_backup(dir),
    }
}
