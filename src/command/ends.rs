//! Who may end the bot, which takes it from all rooms: not whoever has made a room of their own and brought it there.

use std::sync::Arc;

use super::{Scene, role};
use crate::model::{Message, Refusal, Role, RoomId, Stop};
use crate::store::rows::RoomRow;
use crate::store::{self, Committed, tables};

/// Who may end the bot from a room. Operators may, always.
#[derive(Clone)]
pub struct StoppedBy {
    /// The least role of anybody else.
    pub least: Role,
    /// The rooms that the config names: their owners count.
    pub named: Arc<dyn Fn(&RoomId) -> bool + Send + Sync>,
}

impl StoppedBy {
    /// The owners of these rooms.
    pub fn owners(named: impl Fn(&RoomId) -> bool + Send + Sync + 'static) -> StoppedBy {
        StoppedBy {
            least: Role::Owner,
            named: Arc::new(named),
        }
    }

    /// Nobody but operators.
    pub fn operators() -> StoppedBy {
        StoppedBy {
            least: Role::Operator,
            named: Arc::new(|_| false),
        }
    }

    /// Whether somebody with this role may end it: an owner counts in a room in which whoever runs it wants it, and one
    /// who answers for the whole platform counts everywhere. `row` reads what is written down of the room.
    ///
    /// # Errors
    /// When `row` cannot be read.
    pub fn may(
        &self,
        message: &Message,
        role: Role,
        row: impl FnOnce(&RoomId) -> Result<Option<RoomRow>, store::Error>,
    ) -> Result<bool, store::Error> {
        if role >= Role::Operator || role < self.least || message.everywhere {
            return Ok(role >= self.least);
        }
        Ok(self.is_home(&message.room, row(&message.room)?.as_ref()))
    }

    /// Whether whoever runs the bot wants it in a room, of which this is written down.
    pub fn is_home(&self, room: &RoomId, row: Option<&RoomRow>) -> bool {
        row.is_some_and(|row| row.home) || (self.named)(room)
    }

    /// The same by what was committed, for whoever cannot wait for the loop.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn may_now(
        &self,
        rows: &Committed,
        message: &Message,
        role: Role,
    ) -> Result<bool, store::Error> {
        self.may(message, role, |room| rows.get(&tables::ROOMS, room))
    }
}

/// Why somebody with the role for it may not end the bot from here all the same.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn refused(scene: &Scene<'_>, kind: &str) -> Result<Option<Refusal>, store::Error> {
    if !is_end(kind) {
        return Ok(None);
    }
    let row = |room: &RoomId| scene.store.get(&tables::ROOMS, room);
    if scene.bot.stopped_by.may(scene.message, scene.role, row)? {
        return Ok(None);
    }
    let ask = role::whom_to_ask(scene, Role::Operator);
    let refusal = Refusal::new(format!(
        "`{kind}` takes me from all rooms, and owners of this one may not do that."
    ));
    Ok(Some(refusal.hint(format!(
        "`mute` silences me here, `leave` sends me away; for `{kind}` {ask}"
    ))))
}

/// Whether a command of this name ends the bot.
pub(super) fn is_end(kind: &str) -> bool {
    Stop::ALL.iter().any(|stop| stop.name() == kind)
}
