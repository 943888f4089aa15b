//! What rows hold that is nobody's word but the store's.

use std::borrow::Cow;
use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::model::dialogue::State;
use crate::model::{
    Chosen, Hold, Item, MessageId, Mute, Outgoing, Part, Person, ReportId, Role, RoomId, Tracker,
    TrackerId,
};

/// A source and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceRow {
    /// What it was built from.
    pub part: Part,
    /// How far it has been read; `null` before the first look.
    #[serde(default)]
    pub cursor: serde_json::Value,
    /// What it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How many looks went well.
    #[serde(default)]
    pub looks: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_look: Option<DateTime<Utc>>,
    /// It asked not to be looked at before, or failed and is left alone until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest_until: Option<DateTime<Utc>>,
    /// Since when looks fail, while they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
    /// It said that it will never come back; nobody looks any more.
    #[serde(default)]
    pub gone: bool,
}

impl SourceRow {
    /// A source that was never looked at.
    pub fn new(part: Part) -> SourceRow {
        SourceRow {
            part,
            cursor: serde_json::Value::Null,
            title: None,
            looks: 0,
            last_look: None,
            rest_until: None,
            broken: None,
            gone: false,
        }
    }
}

/// A source that cannot be read at present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    pub since: DateTime<Utc>,
    /// Plain words that stand after "because".
    pub why: String,
    /// Its rooms have been told.
    pub said: bool,
    /// How many looks failed in a row.
    pub failures: u32,
    /// Not only this source fails, but all that is asked there.
    #[serde(default)]
    pub line: bool,
    /// Rooms that have not been told, because they have been told of another source that fails with it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub spared: BTreeSet<RoomId>,
}

/// An item that a source gave before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRow {
    /// The revision it had last.
    pub revision: u64,
    /// The number of the look that saw it last.
    pub look: u64,
}

/// What a message of ours reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidRow {
    pub tracker: TrackerId,
    /// The oldest first; at least one.
    pub reports: Vec<ReportId>,
    /// What it reported of other trackers, and where it says more of the same one behind them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<(TrackerId, Vec<ReportId>)>,
}

impl SaidRow {
    /// Every report in it, the first of the message first.
    pub fn all(&self) -> Vec<(TrackerId, ReportId)> {
        let first = self.reports.iter().map(|report| (self.tracker, *report));
        let also = self
            .also
            .iter()
            .flat_map(|(tracker, reports)| reports.iter().map(|report| (*tracker, *report)));
        first.chain(also).collect()
    }
}

/// The last thread of a day that a tracker began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadRow {
    pub room: RoomId,
    /// As the room counts its days.
    pub date: NaiveDate,
    /// What it began with; none until the platform has said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
}

/// What was said lately in a room, or by one tracker in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatelyRow {
    /// How many messages, by when the slice of time began in which they were said, in seconds since 1970, and by whose they
    /// were. The oldest first.
    #[serde(default)]
    pub counts: Vec<(i64, u64, u32)>,
    /// What was said last, in a row of one tracker.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub texts: Marks,
    /// Until then less is borne: somebody has just let it go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub careful_until: Option<DateTime<Utc>>,
}

/// Texts, each as when it was said, in seconds since 1970, and a mark that stands for it; the oldest first. Packed in rows: they
/// are read and written with each report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(pub Vec<(u32, u32)>);

impl Marks {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Marks {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(8 * self.0.len());
        for (at, mark) in &self.0 {
            bytes.extend_from_slice(&at.to_be_bytes());
            bytes.extend_from_slice(&mark.to_be_bytes());
        }
        serializer.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Marks {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Marks, D::Error> {
        let packed = Cow::<str>::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(packed.as_bytes());
        let bytes = bytes.map_err(serde::de::Error::custom)?;
        let number = |four: &[u8]| four.iter().fold(0, |all, byte| all << 8 | u32::from(*byte));
        let marks = bytes
            .chunks_exact(8)
            .map(|pair| (number(&pair[..4]), number(&pair[4..])));
        Ok(Marks(marks.collect()))
    }
}

/// Something that was to be said and was dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DroppedRow {
    /// A message.
    Message(Box<Outgoing>),
    /// An item that a tracker had not put into words yet.
    Item(TrackerId, Box<Item>),
}

/// A role that somebody was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRow {
    pub role: Role,
    /// What they were called then.
    pub name: CompactString,
    /// Who granted it; nobody in a room where it was done at the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Person>,
    pub at: DateTime<Utc>,
}

fn least() -> Role {
    Role::Guest
}

/// A dialogue that somebody is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialogueRow {
    /// Tells it from others of the same person.
    pub id: u64,
    pub state: State,
    /// How it stood before their last answer, which they may correct.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<State>,
    /// The room in which it has its effect.
    pub home: RoomId,
    /// Their role there when it began.
    #[serde(default = "least")]
    pub role: Role,
    pub who: Person,
    /// Their last message that belonged to it.
    pub heard: MessageId,
    /// The messages with which the question that waits was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<MessageId>,
    /// The source (`Poll::key`) that was looked at for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<String>,
    /// The question that waits, as a reminder names it.
    pub waits_for: String,
    /// The thread in which it was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<MessageId>,
    /// The thread began with one of its questions.
    #[serde(default)]
    pub own_thread: bool,
    /// Nobody else reads along where they answer.
    #[serde(default)]
    pub direct: bool,
    /// It began by itself: whoever types a command instead of an answer has ended it.
    #[serde(default)]
    pub light: bool,
    /// They were reminded of it.
    #[serde(default)]
    pub reminded: bool,
    /// Its question was asked once more after a restart, and nothing was answered since.
    #[serde(default)]
    pub repeated: bool,
    /// What it interrupted, and what goes on when it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<Box<DialogueRow>>,
    /// When it ends by itself.
    pub ends: DateTime<Utc>,
}

/// What a change did beside trackers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Also {
    /// Somebody has another role in this room.
    Role {
        room: RoomId,
        person: Person,
        before: Option<RoleRow>,
        after: Option<RoleRow>,
    },
    /// A room is muted, or no longer.
    Mute {
        room: RoomId,
        before: Option<Mute>,
        after: Option<Mute>,
    },
    /// A room has chosen otherwise for itself.
    Room {
        room: RoomId,
        before: Chosen,
        after: Chosen,
    },
    /// Reports of a room, or of one tracker in it, are no longer held.
    Release {
        room: RoomId,
        tracker: Option<TrackerId>,
        /// What held them.
        before: Vec<Hold>,
    },
    /// What waited was dropped; it stands in `DROPPED` under this number.
    Drop {
        room: RoomId,
        tracker: Option<TrackerId>,
        number: u64,
        /// What held it, or what one tracker had to say, and no longer does.
        before: Vec<(Option<TrackerId>, Hold)>,
    },
}

/// What `undo` needs to take a change back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub at: DateTime<Utc>,
    /// What was done, in words that stand after "your".
    pub what: String,
    /// The message that asked for it.
    pub message: MessageId,
    pub steps: Vec<Step>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Also>,
}

/// One tracker's part in a change; `None` where it did not exist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub id: TrackerId,
    pub before: Option<Tracker>,
    pub after: Option<Tracker>,
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub at: DateTime<Utc>,
    pub who: Person,
    pub room: RoomId,
    /// What they typed.
    pub words: String,
    /// What came of it.
    pub what: String,
    /// Other rooms in which it is noticed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RoomId>,
}

/// Someone who talked to the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// The name they went by last.
    pub name: CompactString,
    pub seen_at: DateTime<Utc>,
}

/// A room the bot is in, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomRow {
    pub joined: DateTime<Utc>,
    /// What it is called, where that is not its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The last message that was heard there, or one before it: commands in messages up to it are done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<MessageId>,
    /// When it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<DateTime<Utc>>,
    /// The bot is not there any more since then, and does not go back by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<DateTime<Utc>>,
    /// Whoever runs the bot has brought it there: owners of the room may end it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub home: bool,
    /// An older version's way to say that it is muted; [`crate::store::tables::HOLDS`] says it today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<Mute>,
}

impl RoomRow {
    /// A room that was just entered.
    pub fn new(joined: DateTime<Utc>) -> RoomRow {
        RoomRow {
            joined,
            name: None,
            heard: None,
            heard_at: None,
            left: None,
            home: false,
            muted: None,
        }
    }
}
