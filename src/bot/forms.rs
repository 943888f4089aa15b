//! Forms that people fill in: what is answered in them becomes a command like any other.

use chrono::{DateTime, Utc};

use super::{Bot, Outbound};
use crate::model::{Filled, Taken};

impl Bot {
    /// Somebody filled in a form.
    pub(super) fn filled(&mut self, filled: Filled, _now: DateTime<Utc>, _out: &mut Outbound) {
        let Some(platform) = self.platforms.get(&filled.room.platform).cloned() else {
            return;
        };
        tokio::spawn(async move { platform.taken(&filled.id, Taken::Done).await });
    }
}
