//! Forms as modal views: shown, read, and answered.

use serde_json::Value;

use super::Workspace;
use crate::model::{Form, MessageId, RoomId, Taken};
use crate::room::SayError;

/// What stands in a view that somebody handed in or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// The channel in which the form was asked for.
    pub channel: String,
    /// The thread in which it was asked for.
    pub thread: Option<String>,
    /// The form's name.
    pub form: String,
    /// The answers by their fields' names.
    pub answers: Vec<(String, String)>,
}

/// Reads a view as Slack sends it; none when it is no form of ours.
pub(super) fn read(_view: &Value) -> Option<Read> {
    None
}

/// Shows a form to whoever sent this message.
///
/// # Errors
/// When Slack does not show it.
pub(super) async fn ask(
    workspace: &Workspace,
    _room: &RoomId,
    _of: &MessageId,
    _form: &Form,
) -> Result<(), SayError> {
    Err(SayError::Never {
        what: format!("there are no forms in {}", workspace.settings.name),
    })
}

/// Says what becomes of a form that was handed in or changed.
pub(super) async fn taken(workspace: &Workspace, filled: &MessageId, _taken: Taken) {
    if let Some(answer) = workspace
        .handed
        .take(filled)
        .and_then(|handed| handed.answer)
    {
        // Slack has stopped waiting.
        let _ = answer.send(None);
    }
}
