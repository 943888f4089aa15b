//! What is due later.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{PersonId, RoomId, SourceId, TrackerId};

/// Names a job: a second job under the same key replaces the first, so doing it twice is harmless.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobKey(pub String);

/// One entry of the agenda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub key: JobKey,
    pub due: DateTime<Utc>,
    /// How often it was tried since it last went well.
    pub attempts: u32,
    pub task: Task,
}

/// All that can be due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Fetch a source for all its trackers.
    Look(SourceId),
    /// Say what a tracker gathered.
    Tell(TrackerId),
    /// Try once more to say what a room's outbox holds.
    Say(RoomId),
    /// A mute of a room ends, or another hold that has an end.
    Unmute(RoomId),
    /// See whether what keeps reports of a room, or of one tracker in it, can end by itself.
    Try(RoomId, Option<TrackerId>),
    /// Drop for good what somebody dropped in a room, under this number, a day ago.
    Bury(RoomId, u64),
    /// Remind somebody of a dialogue, or end it.
    Remind(RoomId, PersonId),
    /// Drop a source that nobody watched for a day.
    Forget(SourceId),
    /// Drop what a tracker gathered that was stopped a day ago.
    Discard(TrackerId),
    /// Copy the store to its backup folder.
    Backup,
}

impl Task {
    /// The key under which this task stands on the agenda.
    pub fn key(&self) -> JobKey {
        JobKey(match self {
            Task::Look(source) => format!("look {source}"),
            Task::Tell(tracker) => format!("tell {tracker}"),
            Task::Say(room) => format!("say {room}"),
            Task::Unmute(room) => format!("unmute {room}"),
            Task::Try(room, None) => format!("try {room}"),
            Task::Try(room, Some(tracker)) => format!("try {tracker} in {room}"),
            Task::Bury(room, number) => format!("bury {number} in {room}"),
            Task::Remind(room, person) => format!("remind {room} {}", person.0),
            Task::Forget(source) => format!("forget {source}"),
            Task::Discard(tracker) => format!("discard {tracker}"),
            Task::Backup => "backup".into(),
        })
    }
}
