//! Posting, editing, deleting and starring, as requests.

use serde_json::json;

use super::answer::Answer;
use super::asked::Asked;
use super::chat::Chat;
use super::messages::Posted;
use super::refused::Refused;
use super::routes::Done;

/// `POST /chats/<room>/messages/new`.
pub fn post(chat: &mut Chat, room: i64, asked: &Asked<'_>) -> Done {
    let user = asked.user()?;
    let text = asked.field("text").ok_or(Refused::Missing)?;
    let posted = chat.post(room, user, text, asked.number("parentId"))?;
    let value = match posted {
        Posted::Said { id, at } => json!({"id": id, "time": at}),
        Posted::Again => json!({"id": null, "time": null}),
    };
    Ok(Answer::json(&value))
}

/// `POST /messages/<id>`.
pub fn edit(chat: &mut Chat, id: i64, asked: &Asked<'_>) -> Done {
    let user = asked.user()?;
    let text = asked.field("text").ok_or(Refused::Missing)?;
    if chat.rules.referer && asked.request.header("referer").is_none() {
        return Ok(said("You cannot write or edit messages in this room"));
    }
    chat.edit(id, user, text, asked.number("parentId"))?;
    Ok(said("ok"))
}

/// `POST /messages/<id>/<action>`.
pub fn act(chat: &mut Chat, id: i64, action: &str, asked: &Asked<'_>) -> Done {
    let user = asked.user()?;
    match action {
        "delete" => chat.remove(id, user)?,
        "undelete" => chat.restore(id, user)?,
        "star" => chat.star(id, user)?,
        "owner-star" => chat.pin(id, user, None)?,
        "unowner-star" => chat.pin(id, user, Some(false))?,
        "unstar" => chat.unstar(id, user)?,
        // Nobody looks at flags here.
        "flag" | "unflag" | "mod" => chat.readable(id, user)?,
        _ => return Err(Refused::NotFound),
    }
    Ok(said("ok"))
}

fn said(text: &str) -> Answer {
    Answer::json(&json!(text))
}
