//! Putting another text in the place of an own message.

use serde_json::json;

use super::message::Message;
use super::queue::{Passed, What};
use super::tries::Tries;
use super::wrong::Wrong;
use super::{Workspace, hook};
use crate::model::{MessageId, RoomId, Text};
use crate::room::SayError;

/// The same in answer to a click on that message: what only one person sees is changed through the address of the click.
///
/// # Errors
/// When Slack does not take it.
pub(super) async fn edit_clicked(
    workspace: &Workspace,
    room: &RoomId,
    message: &MessageId,
    click: &MessageId,
    text: &Text,
) -> Result<(), SayError> {
    if !hook::is_unnamed(message) {
        return edit(workspace, room, message, text).await;
    }
    let channel = workspace.channel(room)?;
    let new = Message::of(workspace, text)?;
    let turn = match workspace.queue.turn(channel, Some(&message.0)).await {
        Ok(turn) => turn,
        Err(Passed::Later(error)) => return Err(error),
        Err(Passed::Replaced) => return Ok(()),
    };
    let body = new.instead(json!({"replace_original": true}));
    match hook::answer(workspace, &turn, click, body).await {
        Some(_) => Ok(()),
        None => Err(SayError::Never {
            what: "the click is too long ago".into(),
        }),
    }
}

/// Puts another text in the place of an own message; where it stands and what it answers stays.
///
/// # Errors
/// When Slack does not take it.
pub(super) async fn edit(
    workspace: &Workspace,
    room: &RoomId,
    message: &MessageId,
    text: &Text,
) -> Result<(), SayError> {
    let channel = workspace.channel(room)?;
    if hook::is_unnamed(message) {
        return Err(SayError::Never {
            what: "what only one person sees cannot be changed".into(),
        });
    }
    let mut new = Message::of(workspace, text)?;
    let turn = match workspace.queue.turn(channel, Some(&message.0)).await {
        Ok(turn) => turn,
        Err(Passed::Later(error)) => return Err(error),
        Err(Passed::Replaced) => return Ok(()),
    };
    let mut tries = Tries::new(workspace, channel, What::Edit, false);
    loop {
        let arguments = new.instead(json!({"channel": channel, "ts": message.0}));
        let slot = turn.ready(What::Edit).await;
        let done = workspace.api.write(What::Edit.method(), &arguments).await;
        drop(slot);
        match done {
            Ok(_) => {
                turn.sent(What::Edit);
                return Ok(());
            }
            Err(wrong) if new.plainer(&wrong) => {}
            Err(Wrong::Gone { .. }) => {
                return Err(SayError::Never {
                    what: "the channel is archived".into(),
                });
            }
            // Whatever became of it, it can be done again.
            Err(wrong) => tries.again(&wrong).await?,
        }
    }
}
