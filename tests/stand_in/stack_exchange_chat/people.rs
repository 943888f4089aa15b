//! What is told about users and rooms as JSON.

use serde_json::{Value, json};

use super::accounts::Account;
use super::answer::{Answer, TEXT, escape, json as text};
use super::asked::Asked;
use super::chat::Chat;
use super::presence::hash;
use super::refused::Refused;
use super::routes::Done;

/// `POST /user/info`.
pub fn users(chat: &Chat, asked: &Asked<'_>) -> Answer {
    let room = asked.number("roomId");
    let ids = asked.list("ids");
    let all = ids.iter().filter_map(|id| chat.accounts.get(id));
    let all = all.map(|account| {
        let owner = room.is_some_and(|room| {
            chat.rooms
                .get(&room)
                .is_some_and(|its| its.owners().any(|owner| owner == account.id))
        });
        json!({
            "id": account.id,
            "name": account.name,
            "email_hash": hash(account.id),
            "reputation": account.reputation,
            "is_moderator": account.moderator,
            "is_owner": owner.then_some(true),
            "last_post": account.last_post,
            "last_seen": account.last_seen,
        })
    });
    Answer::json(&json!({"users": all.collect::<Vec<Value>>()}))
}

/// `GET /users/thumbs/<id>`.
pub fn thumbs(chat: &Chat, id: i64, asked: &Asked<'_>) -> Done {
    let account = chat.accounts.get(&id).ok_or(Refused::NotFound)?;
    let rooms = chat.rooms_of(id).into_iter();
    let rooms = rooms.filter_map(|room| chat.visible(room, asked.visitor.user));
    let rooms = rooms.map(|room| json!({"id": room.id, "name": room.name, "last_post": null}));
    Ok(Answer::json(&json!({
        "id": id,
        "name": account.name,
        "reputation": account.reputation,
        "is_moderator": account.moderator,
        "is_registered": !account.email.is_empty(),
        "email_hash": hash(id),
        "user_message": null,
        "usage": null,
        "last_seen": account.last_seen,
        "last_post": account.last_post,
        "site": {"caption": chat.site(), "icon": ""},
        "host": chat.site(),
        "profileUrl": format!("//{}/users/{id}", chat.site()),
        "rooms": rooms.collect::<Vec<Value>>(),
        "invite_targets": [],
        "may_pairoff": false,
        "issues": 0,
    })))
}

/// `GET /users/search`: an object a line.
pub fn search(chat: &Chat, asked: &Asked<'_>) -> Answer {
    let wanted = asked.field("q").unwrap_or_default().to_lowercase();
    let most = asked.number("limit").unwrap_or(50).clamp(0, 100) as usize;
    let fits = |account: &&Account| account.name.to_lowercase().contains(&wanted);
    let all = chat.accounts.values().filter(fits).take(most);
    let lines = all.map(|account| {
        let line = json!({"id": account.id, "dn": account.name, "hash": hash(account.id)});
        text(&line) + "\n"
    });
    Answer::new(200, TEXT, lines.collect::<String>())
}

/// `GET /users/current`: the way to one's profile.
pub fn current(chat: &Chat, asked: &Asked<'_>) -> Answer {
    match asked.visitor.user.and_then(|user| chat.accounts.get(&user)) {
        Some(account) => Answer::found(format!("/users/{}/{}", account.id, account.slug())),
        None => Answer::found("/users/login"),
    }
}

/// `GET /rooms/pingable/<room>`; strangers can ping nobody.
pub fn pingable(chat: &Chat, room: i64, asked: &Asked<'_>) -> Done {
    let user = asked.visitor.user;
    let its = chat.visible(room, user).ok_or(Refused::NotFound)?;
    let mut all = Vec::new();
    if user.is_some() {
        all = chat.pingable(room);
    }
    let all = all.into_iter().map(|user| {
        let account = &chat.accounts[&user];
        json!([
            user,
            account.name,
            its.visited.get(&user),
            account.last_post
        ])
    });
    Ok(Answer::json(&all.collect()))
}

/// `GET /rooms/thumbs/<id>`.
pub fn room(chat: &Chat, room: i64, asked: &Asked<'_>) -> Done {
    let its = chat
        .visible(room, asked.visitor.user)
        .ok_or(Refused::NotFound)?;
    let tags = its.tags.iter().map(|tag| {
        let tag = escape(tag);
        format!("<a rel=\"noopener noreferrer\" class=\"tag\" href=\"/?tab=all&amp;tags={tag}\">{tag}</a>")
    });
    Ok(Answer::json(&json!({
        "id": room,
        "name": its.name,
        "description": escape(&its.description),
        "isFavorite": false,
        "usage": null,
        "tags": tags.collect::<Vec<_>>().join(" "),
    })))
}
