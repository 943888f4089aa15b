//! Every table there is, with what one of its rows says.

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use serde_json::Value;

use crate::model::{
    Chosen, Hold, Item, ItemId, Job, JobKey, MessageId, Outgoing, PersonId, Report, RoomId,
    SourceId, Tracker, TrackerId, TrackerName,
};

use super::engine::Tree;
use super::items::Page;
use super::rows::{
    Change, DialogueRow, DroppedRow, Entry, LatelyRow, PersonRow, RoleRow, RoomRow, SaidRow,
    SeenRow, SourceRow, ThreadRow,
};
use super::table::Table;

/// Something about the store as a whole, under a name; the store's own names are in `ledger.rs`.
pub const META: Table<String, Value> = Table::new(Tree::Meta);
/// A tracker.
pub const TRACKERS: Table<TrackerId, Tracker> = Table::new(Tree::Trackers);
/// What a tracker is called in its home room.
pub const NAMES: Table<(RoomId, TrackerName), TrackerId> = Table::new(Tree::Names);
/// A source that trackers share, and how far it has been read.
pub const SOURCES: Table<SourceId, SourceRow> = Table::new(Tree::Sources);
/// Which source has this key (`Poll::key`).
pub const SOURCE_KEYS: Table<String, SourceId> = Table::new(Tree::SourceKeys);
/// An item that a source gave before, in the revision it had last.
pub const SEEN: Table<(SourceId, ItemId), SeenRow> = Table::new(Tree::Seen);
/// What a source gave last, the newest under the highest number; written by `items.rs` only.
pub const ITEMS: Table<(SourceId, u64), Item> = Table::new(Tree::Items);
/// What a source gave before that, under the number of the page's last item; written by `items.rs` only.
pub const PAGES: Table<(SourceId, u64), Page> = Table::packed(Tree::Pages);
/// An item that a tracker gathered and has not said yet, in the order it came.
pub const WAITING: Table<(TrackerId, u64), Item> = Table::new(Tree::Waiting);
/// Something that still has to be said in a room, in the order it was decided.
pub const OUTBOX: Table<(RoomId, u64), Outgoing> = Table::new(Tree::Outbox);
/// What keeps reports of a room, under `TrackerId::NONE`, or of one tracker in it, from being said; written by
/// `tracker/hold.rs` only.
pub const HOLDS: Table<(RoomId, TrackerId), Vec<Hold>> = Table::new(Tree::Holds);
/// What a hold has taken out of [`OUTBOX`], by whose report it is, under the number that it has there; written by
/// `tracker/kept.rs` only.
pub const HELD: Table<(RoomId, TrackerId, u64), Outgoing> = Table::new(Tree::Held);
/// How many rows of [`HELD`] are of a tracker; written together with them.
pub const KEPT: Table<(RoomId, TrackerId), u64> = Table::new(Tree::Kept);
/// What was said lately in a room, under `TrackerId::NONE`, or by one tracker in it; written by `tracker/breaker.rs`
/// only.
pub const LATELY: Table<(RoomId, TrackerId), LatelyRow> = Table::new(Tree::Lately);
/// What somebody dropped in a room, under the number of that, as long as it can be undone.
pub const DROPPED: Table<(RoomId, u64, u64), DroppedRow> = Table::new(Tree::Dropped);
/// Which reports a message of ours said, for those who answer it.
pub const SAID: Table<(RoomId, MessageId), SaidRow> = Table::new(Tree::Said);
/// The messages in [`SAID`], the last one under the highest number.
pub const SAID_ORDER: Table<(RoomId, u64), MessageId> = Table::new(Tree::SaidOrder);
/// What a tracker announced, under its `ReportId`.
pub const REPORTS: Table<(TrackerId, u64), Report> = Table::new(Tree::Reports);
/// A job, by when it is due; written by `agenda.rs` only.
pub const AGENDA: Table<(DateTime<Utc>, JobKey), Job> = Table::new(Tree::Agenda);
/// When the job of this key is due; written by `agenda.rs` only.
pub const JOBS: Table<JobKey, DateTime<Utc>> = Table::new(Tree::Jobs);
/// A change that a person can take back in a room, the last one under the highest number.
pub const UNDO: Table<(RoomId, PersonId, u64), Change> = Table::new(Tree::Undo);
/// Who decided what; written by `journal.rs` only, and only ever appended to.
pub const JOURNAL: Table<u64, Entry> = Table::new(Tree::Journal);
/// Which entries of [`JOURNAL`] are about a room; written by `journal.rs` only.
pub const JOURNAL_OF: Table<(RoomId, u64), ()> = Table::new(Tree::JournalOf);
/// Someone who talked to the bot, by the platform they did it on.
pub const PEOPLE: Table<(CompactString, PersonId), PersonRow> = Table::new(Tree::People);
/// A role that somebody was granted in a room; in the room without a name, on the whole platform.
pub const ROLES: Table<(RoomId, PersonId), RoleRow> = Table::new(Tree::Roles);
/// A room the bot is in.
pub const ROOMS: Table<RoomId, RoomRow> = Table::new(Tree::Rooms);
/// The thread that a tracker's reports of a day stand in.
pub const THREADS: Table<TrackerId, ThreadRow> = Table::new(Tree::Threads);
/// A dialogue that somebody is in, by where they answer.
pub const DIALOGUES: Table<(RoomId, PersonId), DialogueRow> = Table::new(Tree::Dialogues);
/// What a room has chosen for itself.
pub const CHOSEN: Table<RoomId, Chosen> = Table::new(Tree::Chosen);
/// What a source has at present that a dialogue is about.
pub const SAMPLES: Table<(RoomId, PersonId), Vec<Item>> = Table::packed(Tree::Samples);
/// What the sources of one world share and must not forget, by the world's name.
pub const SHARED: Table<String, Value> = Table::new(Tree::Shared);
