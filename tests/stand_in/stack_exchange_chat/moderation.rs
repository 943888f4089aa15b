//! What owners and moderators do, as requests.

use serde_json::json;

use super::answer::Answer;
use super::asked::Asked;
use super::chat::Chat;
use super::refused::Refused;
use super::rooms::{Access, Kind};
use super::routes::Done;

/// `POST /users/invite`.
pub fn invite(chat: &mut Chat, asked: &Asked<'_>) -> Done {
    let by = asked.user()?;
    let user = asked.number("UserId").ok_or(Refused::Missing)?;
    let room = asked.number("RoomId").ok_or(Refused::Missing)?;
    chat.visible(room, Some(by)).ok_or(Refused::NotFound)?;
    chat.accounts.get(&user).ok_or(Refused::NotFound)?;
    chat.invite(room, user, by);
    Ok(Answer::json(&json!("ok")))
}

/// `POST /rooms/<action>`.
pub fn rooms(chat: &mut Chat, action: &str, asked: &Asked<'_>) -> Done {
    let user = asked.user()?;
    match action {
        "save" => save(chat, user, asked),
        "favorite" => Ok(Answer::json(&json!("ok"))),
        "requestaccess" => {
            let room = asked.number("roomId").ok_or(Refused::Missing)?;
            let its = chat.rooms.get_mut(&room).ok_or(Refused::NotFound)?;
            if !its.asked.contains(&user) {
                its.asked.push(user);
            }
            Ok(Answer::json(&json!("ok")))
        }
        _ => Err(Refused::NotFound),
    }
}

/// A new room, or with `roomId` new words for an old one.
fn save(chat: &mut Chat, user: i64, asked: &Asked<'_>) -> Done {
    let name = asked.field("name").unwrap_or_default().trim();
    if name.is_empty() {
        return Err(Refused::Missing);
    }
    let about = asked.field("description").unwrap_or_default();
    let tags = asked.field("tags").unwrap_or_default().split_whitespace();
    let tags: Vec<String> = tags.map(String::from).collect();
    let id = match asked.number("roomId") {
        Some(id) if chat.owns(user, id) => {
            chat.rename_room(id, Some(user), name, about, &tags);
            id
        }
        Some(_) => return Err(Refused::Owners),
        None => {
            let id = chat.room(name, user);
            if let Some(room) = chat.rooms.get_mut(&id) {
                room.description = about.into();
                room.tags = tags;
                if asked.field("defaultAccess") == Some("read-only") {
                    room.kind = Kind::Gallery;
                }
            }
            id
        }
    };
    let slug = chat.rooms[&id].slug();
    Ok(Answer::found(format!("/rooms/info/{id}/{slug}")))
}

/// `POST /rooms/<action>/<room>`.
pub fn room(chat: &mut Chat, action: &str, room: i64, asked: &Asked<'_>) -> Done {
    let by = asked.user()?;
    chat.visible(room, Some(by)).ok_or(Refused::NotFound)?;
    let moderator = chat.moderator(Some(by));
    if !chat.owns(by, room) {
        return Err(Refused::Owners);
    }
    match action {
        "setuseraccess" => {
            let user = asked.number("aclUserId").ok_or(Refused::Missing)?;
            let access = asked.field("userAccess").ok_or(Refused::Missing)?;
            if Access::named(access).is_none() && access != "remove" {
                return Err(Refused::Missing);
            }
            chat.accounts.get(&user).ok_or(Refused::NotFound)?;
            chat.grant(room, user, Access::named(access), by);
            Ok(Answer::json(&json!("ok")))
        }
        "kickmute" | "kickuser" => {
            let user = asked.number("userId").ok_or(Refused::Missing)?;
            chat.accounts.get(&user).ok_or(Refused::NotFound)?;
            let minutes = chat.kick(room, user, by);
            let name = chat.name(user);
            let message = format!(
                "The user {name} has been kicked and cannot return for {minutes} minute{}.",
                if minutes == 1 { "" } else { "s" }
            );
            Ok(Answer::json(&json!({"message": message})))
        }
        "timeout" => {
            let seconds = asked.number("duration").unwrap_or(0);
            if seconds < 5 {
                return Err(Refused::Missing);
            }
            let reason = asked.field("reason").unwrap_or_default();
            chat.time_out(room, seconds, reason, Some(by));
            Ok(Answer::text(200, "Timeout applied"))
        }
        "setfrozen" | "setdeleted" if !moderator => Err(Refused::Owners),
        "setfrozen" => {
            let frozen = asked.yes("freeze");
            if let Some(room) = chat.rooms.get_mut(&room) {
                room.frozen = frozen;
            }
            Ok(Answer::json(&json!("ok")))
        }
        "setdeleted" => {
            let deleted = asked.yes("delete");
            if let Some(room) = chat.rooms.get_mut(&room) {
                room.deleted = deleted;
            }
            Ok(Answer::json(&json!("ok")))
        }
        _ => Err(Refused::NotFound),
    }
}

/// `POST /admin/movePosts/<room>`: how many were moved.
pub fn move_posts(chat: &mut Chat, from: i64, asked: &Asked<'_>) -> Done {
    let by = asked.user()?;
    let to = asked.number("to").ok_or(Refused::Missing)?;
    let moved = chat.move_posts(from, to, &asked.list("ids"), by)?;
    Ok(Answer::json(&json!(moved)))
}
