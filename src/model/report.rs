//! What a tracker said.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ItemId, RoomId, SourceId, Text, TrackerId};

/// Numbers reports in the order they were made.
pub type ReportId = u64;

/// An item that a tracker announced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub id: ReportId,
    pub tracker: TrackerId,
    pub source: SourceId,
    pub item: ItemId,
    pub title: String,
    pub url: Option<String>,
    pub at: DateTime<Utc>,
    /// Why the filters kept it.
    pub because: String,
}

/// Something that still has to be said; it leaves the store when the platform has said it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    pub room: RoomId,
    pub text: Text,
    /// The reports it says; none for a notice.
    pub reports: Vec<ReportId>,
    pub attempts: u32,
}
