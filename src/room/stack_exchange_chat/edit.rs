//! Putting another text in the place of an own message.

use chrono::{DateTime, TimeDelta, Utc};

use super::look::unanswered;
use super::queue::Passed;
use super::say::{borrowed, fields, sendable};
use super::tries::Tries;
use super::wrong::Wrong;
use super::{Chat, later, wrong};
use crate::model::{MessageId, RoomId, Text};
use crate::room::SayError;

/// An own message can be changed for two minutes; a little less, since our clock is not the chat's.
const WINDOW: TimeDelta = TimeDelta::seconds(115);

/// What has to be known of a message before it is changed.
struct Old {
    /// The message that it answers.
    parent: Option<i64>,
    at: Option<DateTime<Utc>>,
}

/// Puts another text in the place of an own message; what it answers stays.
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
    let source = sendable(text)?;
    let id: i64 = message.0.parse().map_err(|_| SayError::Never {
        what: format!("{} is no message of {}", message.0, chat.settings.name),
    })?;
    let old = old(chat, room, id).await?;
    old.can_be_changed(chat)?;
    let turn = match chat.queue.turn(room, Some(id)).await {
        Ok(turn) => turn,
        Err(Passed::Later(error)) => return Err(error),
        Err(Passed::Replaced) => return Ok(()),
    };
    let fields = fields(source.text, source.plain, old.parent);
    let mut tries = Tries::default();
    loop {
        turn.ready().await;
        old.can_be_changed(chat)?;
        let path = format!("/messages/{id}");
        let reply = chat.door.post_from(room, &path, &borrowed(&fields)).await;
        let answer = reply.and_then(|reply| wrong::answer(&reply));
        match answer.as_deref() {
            Ok("ok") => {
                turn.said();
                return Ok(());
            }
            Ok(said) => {
                return Err(SayError::Never {
                    what: format!("the chat says “{said}”"),
                });
            }
            Err(Wrong::Missing) => {
                return Err(SayError::Never {
                    what: "the chat knows no such message".into(),
                });
            }
            // Whatever became of it, it can be done again.
            Err(wrong) => tries.again(chat, room, wrong).await?,
        }
    }
}

async fn old(chat: &Chat, room: u64, id: i64) -> Result<Old, SayError> {
    if let Some(message) = chat.posted.of(id) {
        return Ok(Old {
            parent: message.parent,
            at: Some(message.at),
        });
    }
    let own = chat.recent.of(room);
    if let Some(own) = own.into_iter().find(|own| own.id == id) {
        return Ok(Old {
            parent: own.parent,
            at: Some(own.at),
        });
    }
    match chat.door.get(&format!("/message/{id}?plain=true")).await {
        Ok(reply) => Ok(Old {
            parent: unanswered(&reply.text()).0,
            at: None,
        }),
        Err(Wrong::Missing) => Err(SayError::Never {
            what: "the chat knows no such message".into(),
        }),
        Err(wrong) => Err(later(&wrong)),
    }
}

impl Old {
    fn can_be_changed(&self, chat: &Chat) -> Result<(), SayError> {
        match self.at.is_some_and(|at| chat.clock.now() - at > WINDOW) {
            true => Err(SayError::Never {
                what: "a message can be changed for two minutes only".into(),
            }),
            false => Ok(()),
        }
    }
}
