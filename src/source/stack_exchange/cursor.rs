//! How far a kind of thing has been read on a site.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What one look leaves for the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    /// The newest time that was read, in seconds since 1970; none before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<i64>,
}

impl Cursor {
    /// A cursor that this program did not write, or an older one, is one that has read nothing.
    pub fn read(value: &Value) -> Cursor {
        serde_json::from_value(value.clone()).unwrap_or_default()
    }
}
