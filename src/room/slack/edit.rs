//! Putting another text in the place of an own message.

use super::{Workspace, later};
use crate::model::{MessageId, RoomId, Text};
use crate::room::SayError;

/// Puts another text in the place of an own message.
///
/// # Errors
/// When Slack does not take it.
pub(super) async fn edit(
    workspace: &Workspace,
    room: &RoomId,
    message: &MessageId,
    text: &Text,
) -> Result<(), SayError> {
    let arguments = serde_json::json!({
        "channel": workspace.channel(room)?,
        "ts": message.0,
        "text": text.to_string(),
    });
    let done = workspace.api.write("chat.update", &arguments).await;
    done.map(drop).map_err(|wrong| later(&wrong))
}
