//! How far a feed has been read, and where it is now.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Pace;
use crate::http::Page;
use crate::model::Item;
use crate::source::Look;

/// How often a permanent redirect must be seen in a row before it is believed.
const BELIEVED: u32 = 3;

/// What one look leaves for the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Where to look instead of the address that was given, after it moved for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The feed that the page at that address names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed_url: Option<String>,
    /// The hash of what was read last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Where permanent redirects lead, and how often in a row they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moving: Option<(String, u32)>,
    pub pace: Pace,
}

impl Cursor {
    /// A cursor that this program did not write, or an older one, is one that has read nothing.
    pub fn read(value: &serde_json::Value) -> Cursor {
        serde_json::from_value(value.clone()).unwrap_or_default()
    }

    /// Forgets which feed the page named, and everything known of that feed.
    pub fn forget(&mut self) {
        *self = Cursor {
            url: self.url.take(),
            ..Cursor::default()
        };
    }

    /// Remembers a page that was given whole.
    pub fn keep(&mut self, page: &Page, notes: &mut Vec<String>) {
        self.etag = page.etag.clone();
        self.last_modified = page.last_modified.clone();
        self.moved(page, notes);
    }

    /// Remembers a page that did not change: it may name new validators and need not.
    pub fn renew(&mut self, page: &Page, notes: &mut Vec<String>) {
        self.etag = page.etag.clone().or(self.etag.take());
        self.last_modified = page.last_modified.clone().or(self.last_modified.take());
        self.moved(page, notes);
    }

    /// Counts permanent redirects; a broken proxy for an hour is no move.
    fn moved(&mut self, page: &Page, notes: &mut Vec<String>) {
        let times = match (&page.moved, &self.moving) {
            (None, _) => {
                self.moving = None;
                return;
            }
            (Some(to), Some((old, times))) if to == old => times + 1,
            (Some(_), _) => 1,
        };
        let Some(to) = page.moved.clone() else {
            return;
        };
        if times < BELIEVED {
            self.moving = Some((to, times));
            return;
        }
        self.moving = None;
        notes.push(format!(
            "the feed has moved for good, from now on it is read at {to}"
        ));
        match self.feed_url {
            Some(_) => self.feed_url = Some(to),
            None => self.url = Some(to),
        }
    }

    /// What a look gave, with this cursor for the next one.
    pub fn look(
        &self,
        items: Option<Vec<Item>>,
        title: Option<String>,
        notes: &[String],
        fresh: Option<Duration>,
        now: DateTime<Utc>,
    ) -> Look {
        Look {
            items,
            cursor: serde_json::to_value(self).unwrap_or_default(),
            title,
            note: (!notes.is_empty()).then(|| notes.join("; ")),
            rest: self.pace.rest(fresh, now),
            ..Look::default()
        }
    }
}
