//! sled 0.34.7 as an engine, used so that what it acknowledged stays.
//!
//! - All trees share sled's one default tree, behind one byte with the tree's number. A batch over one sled tree is
//!   as atomic as a transaction over several (both write a manifest into the log, and recovery cuts the log before
//!   a batch that is not whole), and it takes no lock per tree, builds no map per tree and never has to run again.
//! - One task writes. It takes the batches that wait, applies them as one, and acknowledges after
//!   `flush` **and** `sync_data`: sled's flush alone is no fsync and promises nothing across a loss of power.
//! - sled's own flusher stays on, slowly, because it is the only one that calls its garbage collection; without it
//!   the file only grows. Nobody's acknowledgement depends on it.
//! - A write that the disk has no room for leaves a log that sled takes for damaged, so room is taken before
//!   (`space.rs`).
//! - sled puts pages above 128 KiB into files of their own and never syncs those, so this does.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use sled::Db;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};

use super::Error;
use super::engine::{Batch, Bytes, Direction, Engine, Read, Tree, Visit};
use super::space::Space;

/// How many batches become durable together at most.
const GROUP: usize = 256;

/// How often sled cleans up after itself, in milliseconds.
const CLEAN_EVERY: u64 = 5_000;

/// A sled database.
pub struct Sled {
    rows: sled::Tree,
    requests: mpsc::Sender<Request>,
    writer: JoinHandle<Result<(), Error>>,
    syncs: Arc<AtomicU64>,
}

struct Request {
    batch: Batch,
    done: oneshot::Sender<Result<(), Error>>,
}

/// What the writer task owns.
struct Writer {
    db: Db,
    /// An own handle of the file that sled writes.
    file: File,
    space: Space,
    blobs: PathBuf,
    synced_blobs: HashSet<OsString>,
    syncs: Arc<AtomicU64>,
    /// Why nothing can be written any more. A disk that failed to sync once may say yes the next time and still
    /// have lost what it was given.
    broken: Option<String>,
}

/// An opened database that nobody writes to yet.
pub(super) struct Opened {
    writer: Writer,
}

impl Opened {
    /// Opens the database in `folder`, or makes one. Blocks; panics where sled does, on some damaged files.
    pub(super) fn open(folder: &Path, cache_bytes: u64) -> Result<Opened, sled::Error> {
        Space::before_opening(&folder.join("db"))?;
        let db = sled::Config::new()
            .path(folder)
            .cache_capacity(cache_bytes)
            .flush_every_ms(Some(CLEAN_EVERY))
            .open()?;
        // Through this handle nothing is written; but syncing one open for reading only is refused on some systems.
        let file = File::options()
            .read(true)
            .write(true)
            .open(folder.join("db"))?;
        File::open(folder)?.sync_all()?;
        let space = Space::of(file.try_clone()?);
        Ok(Opened {
            writer: Writer {
                db,
                file,
                space,
                blobs: folder.join("blobs"),
                synced_blobs: HashSet::new(),
                syncs: Arc::default(),
                broken: None,
            },
        })
    }

    /// What it holds, for the checks at the start.
    pub(super) fn reader(&self) -> Reader<'_> {
        Reader(&self.writer.db)
    }

    /// Lets go of the database. Blocks until its files are free.
    pub(super) fn close(self) -> Result<(), Error> {
        self.writer.close()
    }

    /// Starts the task that writes.
    pub(super) fn start(self) -> Sled {
        let (requests, waiting) = mpsc::channel(GROUP);
        Sled {
            rows: sled::Tree::clone(&self.writer.db),
            syncs: self.writer.syncs.clone(),
            writer: tokio::spawn(self.writer.run(waiting)),
            requests,
        }
    }
}

/// Reading alone.
pub(super) struct Reader<'a>(&'a sled::Tree);

impl Read for Reader<'_> {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Bytes>, Error> {
        let value = self.0.get(address(tree, key))?;
        Ok(value.map(|value| Bytes::from(value.as_ref())))
    }

    fn scan(
        &self,
        tree: Tree,
        prefix: &[u8],
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        let mut rows = self.0.scan_prefix(address(tree, prefix));
        loop {
            let row = match direction {
                Direction::Forward => rows.next(),
                Direction::Back => rows.next_back(),
            };
            let Some(row) = row else { return Ok(()) };
            let (key, value) = row?;
            if let ControlFlow::Break(()) = visit(&key[1..], &value) {
                return Ok(());
            }
        }
    }
}

impl Sled {
    /// Opens the database in a folder, or makes one; no checks, those are the store's. Blocks.
    ///
    /// # Errors
    /// When sled cannot open it.
    pub fn open(folder: &Path, cache_bytes: u64) -> Result<Sled, Error> {
        Ok(Opened::open(folder, cache_bytes)?.start())
    }
}

impl Read for Sled {
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Bytes>, Error> {
        Reader(&self.rows).get(tree, key)
    }

    fn scan(
        &self,
        tree: Tree,
        prefix: &[u8],
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        Reader(&self.rows).scan(tree, prefix, direction, visit)
    }
}

#[async_trait]
impl Engine for Sled {
    async fn commit(&self, batch: Batch) -> Result<(), Error> {
        let (done, outcome) = oneshot::channel();
        let request = Request { batch, done };
        self.requests
            .send(request)
            .await
            .map_err(|_| Error::Closed)?;
        outcome.await.map_err(|_| Error::Closed)?
    }

    fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    async fn close(self: Box<Self>) -> Result<(), Error> {
        let Sled {
            rows,
            requests,
            writer,
            syncs: _,
        } = *self;
        drop(rows);
        drop(requests);
        writer.await.map_err(|_| Error::Closed)?
    }
}

impl Writer {
    /// Writes until nobody can ask for it any more, then lets go of the database.
    async fn run(self, mut waiting: mpsc::Receiver<Request>) -> Result<(), Error> {
        let mut writer = self;
        let mut group = Vec::with_capacity(GROUP);
        while waiting.recv_many(&mut group, GROUP).await > 0 {
            let requests = std::mem::take(&mut group);
            // A panic in here drops the requests: whoever waits learns that the database is closed.
            writer = spawn_blocking(move || {
                writer.write(requests);
                writer
            })
            .await
            .map_err(|_| Error::Closed)?;
        }
        spawn_blocking(move || writer.close())
            .await
            .map_err(|_| Error::Closed)?
    }

    /// Applies a group, makes it durable and says so to each.
    fn write(&mut self, requests: Vec<Request>) {
        // In order: of several writes of a row the last one counts.
        let mut writes: Vec<(Vec<u8>, Option<Bytes>)> = Vec::new();
        let mut accepted = Vec::with_capacity(requests.len());
        for Request { batch, done } in requests {
            match self.holds(&batch, &writes) {
                Ok(true) => {
                    let batch = batch.writes.into_iter();
                    writes
                        .extend(batch.map(|write| (address(write.tree, &write.key), write.value)));
                    accepted.push(done);
                }
                // Whoever asked may be gone; then nobody needs to know.
                Ok(false) => drop(done.send(Err(Error::Conflict))),
                Err(error) => drop(done.send(Err(error))),
            }
        }
        if self.broken.is_none()
            && let Err(error) = self.apply(writes)
        {
            self.broken = Some(error.to_string());
        }
        for done in accepted {
            let outcome = match &self.broken {
                None => Ok(()),
                Some(why) => Err(Error::Engine(why.clone())),
            };
            drop(done.send(outcome));
        }
    }

    /// Whether a batch's conditions hold once the batches before it in the group are applied.
    fn holds(&self, batch: &Batch, earlier: &[(Vec<u8>, Option<Bytes>)]) -> Result<bool, Error> {
        for condition in &batch.conditions {
            let address = address(condition.tree, &condition.key);
            let holds = match earlier.iter().rev().find(|(row, _)| *row == address) {
                Some((_, value)) => *value == condition.expected,
                None => self.db.get(&address)?.as_deref() == condition.expected.as_deref(),
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn apply(&mut self, writes: Vec<(Vec<u8>, Option<Bytes>)>) -> Result<(), Error> {
        if writes.is_empty() {
            return Ok(());
        }
        let values = writes.iter().map(|(address, value)| {
            let value = value.as_ref().map_or(0, |value| value.len());
            address.len() + value
        });
        self.space
            .make(values)
            .map_err(|error| Error::Engine(format!("there is no room on the disk: {error}")))?;
        let mut batch = sled::Batch::default();
        for (address, value) in writes {
            match value {
                Some(value) => batch.insert(address, value.as_ref()),
                None => batch.remove(address),
            }
        }
        self.db.apply_batch(batch)?;
        self.db.flush()?;
        self.sync()
            .map_err(|error| Error::Engine(format!("cannot sync to disk: {error}")))
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut blobs = HashSet::new();
        for entry in std::fs::read_dir(&self.blobs)? {
            let entry = entry?;
            if !self.synced_blobs.contains(&entry.file_name()) {
                match File::open(entry.path()) {
                    Ok(blob) => blob.sync_data()?,
                    // sled removed it meanwhile, so that nothing refers to it.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                }
            }
            blobs.insert(entry.file_name());
        }
        if !blobs.is_subset(&self.synced_blobs) {
            File::open(&self.blobs)?.sync_all()?;
        }
        self.synced_blobs = blobs;
        self.file.sync_data()?;
        self.syncs.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn close(self) -> Result<(), Error> {
        let Writer { db, file, .. } = self;
        drop(db);
        // sled's threads may hold the file a moment longer. Its lock is ours once they are gone.
        let freed = file.lock();
        freed.map_err(|error| Error::Engine(format!("cannot let go of the database: {error}")))
    }
}

/// A row's key in sled's tree.
fn address(tree: Tree, key: &[u8]) -> Vec<u8> {
    let mut address = Vec::with_capacity(1 + key.len());
    address.push(tree.number());
    address.extend_from_slice(key);
    address
}

impl From<sled::Error> for Error {
    fn from(error: sled::Error) -> Error {
        Error::Engine(error.to_string())
    }
}
