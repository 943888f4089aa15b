//! Taking own messages out of a channel.

use super::Workspace;
use crate::model::RoomId;
use crate::room::{SayError, Trashed, Which};

/// Takes own messages out of a channel.
///
/// # Errors
/// When Slack cannot be asked.
pub(super) async fn trash(
    workspace: &Workspace,
    room: &RoomId,
    _which: &Which,
) -> Result<Trashed, SayError> {
    let channel = workspace.channel(room)?;
    Err(SayError::Never {
        what: format!("what is said in {channel} stays"),
    })
}
