//! What the store asks of a database: ordered bytes in named trees, and one atomic, durable batch.
//!
//! Deliberately narrow: typed tables, savepoints, counts, agenda and journal are written once, above it.

use std::ops::ControlFlow;
use std::sync::Arc;

use async_trait::async_trait;

use super::Error;

/// A key or a value; shared, because a batch is kept until its commit is known to have gone well.
pub type Bytes = Arc<[u8]>;

/// Everything the store keeps is in one of these.
///
/// The number is written into every key on disk: never change one, never give one away twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Tree {
    Meta = 0,
    Trackers = 1,
    Names = 2,
    Sources = 3,
    SourceKeys = 4,
    Seen = 5,
    Items = 6,
    Waiting = 7,
    Outbox = 8,
    Reports = 9,
    Agenda = 10,
    Jobs = 11,
    Undo = 12,
    Journal = 13,
    People = 14,
    Rooms = 15,
    Pages = 16,
    Said = 17,
    SaidOrder = 18,
    Shared = 19,
    Threads = 20,
    Roles = 21,
    Holds = 22,
    Held = 23,
    Kept = 24,
    Lately = 25,
    Dropped = 26,
    Dialogues = 27,
    Samples = 28,
    Chosen = 29,
    JournalOf = 30,
}

impl Tree {
    /// Every tree; its place here is its number.
    pub const ALL: [Tree; 31] = [
        Tree::Meta,
        Tree::Trackers,
        Tree::Names,
        Tree::Sources,
        Tree::SourceKeys,
        Tree::Seen,
        Tree::Items,
        Tree::Waiting,
        Tree::Outbox,
        Tree::Reports,
        Tree::Agenda,
        Tree::Jobs,
        Tree::Undo,
        Tree::Journal,
        Tree::People,
        Tree::Rooms,
        Tree::Pages,
        Tree::Said,
        Tree::SaidOrder,
        Tree::Shared,
        Tree::Threads,
        Tree::Roles,
        Tree::Holds,
        Tree::Held,
        Tree::Kept,
        Tree::Lately,
        Tree::Dropped,
        Tree::Dialogues,
        Tree::Samples,
        Tree::Chosen,
        Tree::JournalOf,
    ];

    /// Its name in backups and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Tree::Meta => "meta",
            Tree::Trackers => "trackers",
            Tree::Names => "names",
            Tree::Sources => "sources",
            Tree::SourceKeys => "source_keys",
            Tree::Seen => "seen",
            Tree::Items => "items",
            Tree::Waiting => "waiting",
            Tree::Outbox => "outbox",
            Tree::Reports => "reports",
            Tree::Agenda => "agenda",
            Tree::Jobs => "jobs",
            Tree::Undo => "undo",
            Tree::Journal => "journal",
            Tree::People => "people",
            Tree::Rooms => "rooms",
            Tree::Pages => "pages",
            Tree::Said => "said",
            Tree::SaidOrder => "said_order",
            Tree::Shared => "shared",
            Tree::Threads => "threads",
            Tree::Roles => "roles",
            Tree::Holds => "holds",
            Tree::Held => "held",
            Tree::Kept => "kept",
            Tree::Lately => "lately",
            Tree::Dropped => "dropped",
            Tree::Dialogues => "dialogues",
            Tree::Samples => "samples",
            Tree::Chosen => "chosen",
            Tree::JournalOf => "journal_of",
        }
    }

    /// The tree of that name, if there is one.
    pub fn named(name: &str) -> Option<Tree> {
        Tree::ALL.into_iter().find(|tree| tree.name() == name)
    }

    /// Its rows stand in backups. The others are many and can be done without: they come again by themselves.
    pub const fn is_backed_up(self) -> bool {
        !matches!(
            self,
            Tree::Pages
                | Tree::Said
                | Tree::SaidOrder
                | Tree::Threads
                | Tree::Lately
                | Tree::Samples
        )
    }

    /// Its number: the first byte of its keys where all trees share one.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The tree of that number, if there is one.
    pub fn numbered(number: u8) -> Option<Tree> {
        Tree::ALL.get(usize::from(number)).copied()
    }
}

/// One row's new value, or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    pub tree: Tree,
    pub key: Bytes,
    /// `None` deletes the row.
    pub value: Option<Bytes>,
}

/// What must be true of a row for the batch to be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub tree: Tree,
    pub key: Bytes,
    /// The row's value before the batch; `None` when there must be no row.
    pub expected: Option<Bytes>,
}

/// Writes that reach the disk together or not at all, and only if all conditions hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub conditions: Vec<Condition>,
    /// In order: of two writes to one row the later one counts.
    pub writes: Vec<Write>,
}

/// From which end a scan begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Back,
}

/// Called with the key and value of each row of a scan, until it breaks.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// Rows that can be read.
pub trait Read {
    /// The value of one row.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Bytes>, Error>;

    /// Visits the rows whose keys begin with `prefix`, in the order of their bytes or against it.
    /// The visitor must not commit.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn scan(
        &self,
        tree: Tree,
        prefix: &[u8],
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error>;
}

/// A database under the store.
#[async_trait]
pub trait Engine: Read + Send + Sync {
    /// Applies a batch; when it returns, the batch is on disk.
    ///
    /// # Errors
    /// [`Error::Conflict`] when a condition does not hold; nothing was applied then. After any other error the
    /// batch may or may not have been applied, but never in part.
    async fn commit(&self, batch: Batch) -> Result<(), Error>;

    /// How often it has made the disk hold what was written, since it was opened.
    fn syncs(&self) -> u64;

    /// Lets go of the database; once it returns another process can open it.
    ///
    /// # Errors
    /// When the last writes could not be finished.
    async fn close(self: Box<Self>) -> Result<(), Error>;
}
