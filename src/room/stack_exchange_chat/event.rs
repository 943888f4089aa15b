//! What the chat says happened, as it writes it: everything may be missing but the kind.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The number of each kind of event that means something to us.
pub mod kind {
    pub const POSTED: u32 = 1;
    pub const EDITED: u32 = 2;
    pub const ENTERED: u32 = 3;
    pub const LEFT: u32 = 4;
    pub const STARRED: u32 = 6;
    pub const DELETED: u32 = 10;
    pub const ACCESS_CHANGED: u32 = 15;
    pub const INVITATION: u32 = 17;
    pub const REPLIED: u32 = 18;
    pub const MOVED_OUT: u32 = 19;
    pub const MOVED_IN: u32 = 20;
    pub const RENAMED: u32 = 34;
}

/// One event; what is absent, or of another type than expected, is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Event {
    #[serde(deserialize_with = "lenient")]
    pub event_type: u32,
    /// Of the event; messages read back have none.
    #[serde(deserialize_with = "lenient")]
    pub id: Option<i64>,
    /// Unix seconds. Of edits, stars and deletions: when the message was said.
    #[serde(deserialize_with = "lenient")]
    pub time_stamp: Option<i64>,
    #[serde(deserialize_with = "lenient")]
    pub room_id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub room_name: Option<String>,
    /// Negative for feeds.
    #[serde(deserialize_with = "lenient")]
    pub user_id: Option<i64>,
    #[serde(deserialize_with = "lenient")]
    pub user_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub target_user_id: Option<i64>,
    #[serde(deserialize_with = "lenient")]
    pub message_id: Option<i64>,
    /// HTML.
    #[serde(deserialize_with = "lenient")]
    pub content: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub message_edits: u32,
    #[serde(deserialize_with = "lenient")]
    pub message_stars: u32,
    #[serde(deserialize_with = "lenient")]
    pub message_owner_stars: u32,
    #[serde(deserialize_with = "lenient")]
    pub parent_id: Option<i64>,
    /// The parent is what it answers, and not just the last message of somebody who is mentioned.
    #[serde(deserialize_with = "lenient")]
    pub show_parent: bool,
    #[serde(deserialize_with = "lenient")]
    pub moved: bool,
}

impl Event {
    /// Who goes by another name now, where it tells that.
    pub(super) fn renamed(&self) -> Option<i64> {
        let whose = self.target_user_id.or(self.user_id);
        whose.filter(|_| self.event_type == kind::RENAMED)
    }
}

/// A value of another type than expected counts as absent.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + serde::de::DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(T::deserialize(value).unwrap_or_default())
}
