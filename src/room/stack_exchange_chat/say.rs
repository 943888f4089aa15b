//! Saying something in a room.

use serde::Deserialize;

use super::wrong::Wrong;
use super::{Chat, later};
use crate::model::{MessageId, RoomId, Text};
use crate::room::{SayError, Saying, Spoken};

/// What the chat answers to a message.
#[derive(Deserialize)]
struct Posted {
    id: Option<i64>,
}

/// Says one message.
///
/// # Errors
/// When the chat does not take it.
pub(super) async fn say(chat: &Chat, saying: &Saying) -> Result<Spoken, SayError> {
    let room = chat.number(&saying.room)?;
    let text = saying.text.plain();
    let path = format!("/chats/{room}/messages/new");
    let reply = chat.door.post(&path, &[("text", &text)]).await;
    let reply = reply.map_err(|wrong| later(&wrong))?;
    let posted = serde_json::from_slice::<Posted>(&reply.body).ok();
    let id = posted.and_then(|posted| posted.id).ok_or_else(|| {
        later(&Wrong::Unsure {
            what: "the chat did not say what became of the message".into(),
        })
    })?;
    Ok(Spoken::now(MessageId(id.to_string())))
}

/// Puts another text in the place of an own message.
///
/// # Errors
/// When the chat does not take it.
pub(super) async fn edit(
    chat: &Chat,
    room: &RoomId,
    message: &MessageId,
    text: &Text,
) -> Result<(), SayError> {
    let room = chat.number(room)?;
    let path = format!("/messages/{}", message.0);
    let text = text.plain();
    let reply = chat.door.post_from(room, &path, &[("text", &text)]).await;
    let reply = reply.map_err(|wrong| later(&wrong))?;
    match serde_json::from_slice::<String>(&reply.body) {
        Ok(done) if done == "ok" => Ok(()),
        Ok(what) => Err(SayError::Never { what }),
        Err(_) => Err(SayError::Never {
            what: "the chat did not say what became of the message".into(),
        }),
    }
}
