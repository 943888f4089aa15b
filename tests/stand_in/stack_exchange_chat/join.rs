//! Joining a room, reading what was said, leaving; tickets for web sockets, and asking without one.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::asked::Asked;
use super::chat::Chat;
use super::events::{Draft, To, kind};
use super::frames::Listener;
use super::messages::Message;
use super::refused::Refused;
use super::routes::Done;
use super::server::{Shared, World};
use super::socket::Ticket;

/// A ticket is good for so many seconds.
const TICKET: i64 = 120;
/// Without a message for so many seconds, the history has a break.
const BREAK: i64 = 3_600;

/// Enters a room and gives its last messages.
pub fn events(chat: &mut Chat, room: i64, asked: &Asked<'_>) -> Done {
    asked.key()?;
    let user = asked.visitor.user;
    chat.visible(room, user).ok_or(Refused::NotFound)?;
    if let Some(user) = user
        && !chat.enter(room, user)
    {
        return Err(Refused::Permission);
    }
    let most = asked.number("msgCount").unwrap_or(100).clamp(0, 500) as usize;
    let all = chat.rooms[&room].messages.iter();
    let all: Vec<&Message> = all.map(|id| &chat.messages[id]).collect();
    let (before, after) = (asked.number("before"), asked.number("after"));
    let fits = |message: &&&Message| {
        before.is_none_or(|before| message.id < before)
            && after.is_none_or(|after| message.id > after)
    };
    let fitting: Vec<&Message> = all.iter().filter(fits).copied().collect();
    let shown = match after {
        Some(_) => &fitting[..most.min(fitting.len())],
        None => &fitting[fitting.len().saturating_sub(most)..],
    };
    let mut events = Vec::new();
    let mut last: Option<i64> = None;
    for message in shown {
        if last.is_some_and(|last| message.at - last >= BREAK) {
            let draft = Draft::new(kind::TIME_BREAK, message.at, room, To::Room);
            events.push(Value::Object(draft.set("room_id", room).body));
        }
        last = Some(message.at);
        events.push(told(chat, message));
    }
    Ok(Answer::json(&json!({
        "events": events, "time": chat.log.last(), "sync": chat.now(), "ms": 1,
    })))
}

/// A message as the history has it: no event, so without an id.
fn told(chat: &Chat, message: &Message) -> Value {
    let mut body = chat.about(kind::POSTED, message).body;
    body.remove("room_name");
    if message.deleted.is_some() {
        body.remove("content");
    }
    Value::Object(body)
}

/// The message before another one, and whether there are more in between.
pub fn last(chat: &Chat, room: i64, asked: &Asked<'_>) -> Done {
    asked.key()?;
    let its = chat
        .visible(room, asked.visitor.user)
        .ok_or(Refused::NotFound)?;
    let before = asked.number("beforeId").unwrap_or(i64::MAX);
    let found = its.messages.iter().rev().find(|id| **id < before);
    Ok(Answer::json(&json!({"msgid": found, "gap": false})))
}

/// The address of a web socket, for one connection.
pub fn ticket(world: &mut World, shared: &Shared, asked: &Asked<'_>) -> Done {
    asked.key()?;
    let room = asked.number("roomid").ok_or(Refused::Missing)?;
    let (chat, user) = (asked.chat, asked.visitor.user);
    world.chats[chat]
        .visible(room, user)
        .ok_or(Refused::NotFound)?;
    if let Some(user) = user
        && world.chats[chat].muted(room, user).is_some()
    {
        return Err(Refused::Permission);
    }
    if world.faults.frames.no_tokens > 0 {
        world.faults.frames.no_tokens -= 1;
        return Ok(Answer::new(500, super::answer::HTML, "<h1>Oops!</h1>"));
    }
    let token = world.logins.next("ticket")[..32].to_string();
    let ticket = Ticket {
        chat,
        room,
        user,
        until: asked.now + TICKET,
    };
    world.tickets.insert(token.clone(), ticket);
    let host = match asked.request.header("host") {
        // A real name leads elsewhere.
        Some(host) if asked.domain.is_empty() => host.to_string(),
        _ => shared.address.to_string(),
    };
    let url = format!("ws://{host}/events/{room}/{token}");
    Ok(Answer::json(&json!({"url": url})))
}

/// What happened, for those without a web socket.
pub fn poll(chat: &mut Chat, asked: &Asked<'_>) -> Done {
    asked.key()?;
    let user = asked.visitor.user;
    let mut all = Map::new();
    for (room, since) in asked.numbered("r") {
        if chat.visible(room, user).is_none() {
            continue;
        }
        if let Some(user) = user {
            chat.alive(user, &[room]);
        }
        let listener = Listener { user, room };
        all.insert(format!("r{room}"), listener.since(chat, since));
    }
    Ok(Answer::json(&Value::Object(all)))
}

/// Leaves one room, or all.
pub fn leave(chat: &mut Chat, room: &str, asked: &Asked<'_>) -> Done {
    let user = asked.user()?;
    if asked.field("quiet") == Some("false") {
        return Ok(Answer::new(500, super::answer::HTML, "<h1>Oops!</h1>"));
    }
    let rooms = match room {
        "all" => chat.rooms_of(user),
        room => vec![room.parse().map_err(|_| Refused::NotFound)?],
    };
    for room in rooms {
        chat.leave(room, user);
    }
    Ok(Answer::json(&"ok".into()))
}
