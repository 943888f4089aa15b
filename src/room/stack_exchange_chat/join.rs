//! Entering and leaving a room because somebody asks for it.

use serde::Deserialize;

use super::connect::Order;
use super::hear::{LAST, Start};
use super::history::{self, Past, Span};
use super::wrong::Wrong;
use super::{Chat, later, page};
use crate::model::RoomId;
use crate::room::SayError;

#[derive(Deserialize)]
struct Card {
    name: String,
}

/// Enters a room: what it is called, and what was said there last.
///
/// # Errors
/// When it does not let the account in, or the chat cannot be asked.
pub(super) async fn enter(chat: &Chat, room: u64) -> Result<(String, Past), Wrong> {
    let turn = chat.reading.acquire().await;
    let past = history::read(&chat.door, room, Span::Last(LAST)).await;
    drop(turn);
    let past = past?;
    let card = chat.door.get(&format!("/rooms/thumbs/{room}")).await;
    let card = card.ok();
    let card = card.and_then(|reply| serde_json::from_slice::<Card>(&reply.body).ok());
    let name = card
        .map(|card| page::tidy(&card.name))
        .filter(|name| !name.is_empty());
    Ok((name.unwrap_or_else(|| format!("room {room}")), past))
}

/// Enters a room and begins to hear it; returns what it is called.
///
/// # Errors
/// When it does not let the account in, or nobody listens.
pub(super) async fn join(chat: &Chat, room: &RoomId) -> Result<String, SayError> {
    let number = chat.number(room)?;
    if let Some(name) = chat.inside().get(&number) {
        return Ok(name.clone());
    }
    let orders = chat.orders().ok_or_else(|| later(&Wrong::LoggedOut))?;
    let (name, past) = match enter(chat, number).await {
        Ok(entered) => entered,
        Err(Wrong::Missing | Wrong::Barred { .. }) => {
            return Err(SayError::Never {
                what: "there is no such room, or it does not let me in".into(),
            });
        }
        Err(wrong) => return Err(later(&wrong)),
    };
    let start = Start::Inside {
        name: name.clone(),
        past,
    };
    let order = Order::Begin {
        room: number,
        start: Box::new(start),
    };
    orders
        .send(order)
        .await
        .map_err(|_| later(&Wrong::LoggedOut))?;
    Ok(name)
}

/// Leaves a room: nothing of it is heard any more.
///
/// # Errors
/// When the chat cannot be asked; the room is heard no more all the same.
pub(super) async fn leave(chat: &Chat, room: &RoomId) -> Result<(), SayError> {
    let number = chat.number(room)?;
    if let Some(orders) = chat.orders() {
        // Nobody listens any more: then it is heard no more.
        let _ = orders.send(Order::End(number)).await;
    }
    chat.inside().remove(&number);
    chat.recent.forget(number);
    let path = format!("/chats/leave/{number}");
    match chat.door.post(&path, &[("quiet", "true")]).await {
        Ok(_) | Err(Wrong::Missing) => Ok(()),
        Err(wrong) => Err(later(&wrong)),
    }
}
