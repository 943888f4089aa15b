//! Forms that were handed in, or changed, until somebody says what becomes of them.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::oneshot;

use super::locked;
use crate::model::MessageId;

/// How many are kept in mind.
const MOST: usize = 256;

/// A form that was handed in, or changed.
pub(super) struct Handed {
    /// When it came.
    pub at: DateTime<Utc>,
    /// Slack's id of the view, and which state of it people saw.
    pub view: String,
    pub hash: Option<String>,
    /// What the view was opened with, as it came back.
    pub private_metadata: String,
    /// Where and by whom.
    pub channel: String,
    pub user: String,
    /// Takes Slack's answer (`response_action…`, or nothing to close the form) while Slack waits for it; sending fails
    /// when it came too late. None where the form was only changed.
    pub answer: Option<oneshot::Sender<Option<Value>>>,
}

/// All of them by the ids under which they are heard.
#[derive(Default)]
pub(super) struct HandedIn(Mutex<HashMap<MessageId, Handed>>);

impl HandedIn {
    /// Keeps it in mind until it is taken.
    pub fn note(&self, id: MessageId, handed: Handed) {
        let mut all = locked(&self.0);
        if all.len() >= MOST {
            let oldest = all.iter().min_by_key(|(_, handed)| handed.at);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                all.remove(&oldest);
            }
        }
        all.insert(id, handed);
    }

    /// Whoever says what becomes of it takes it.
    pub fn take(&self, id: &MessageId) -> Option<Handed> {
        locked(&self.0).remove(id)
    }
}
