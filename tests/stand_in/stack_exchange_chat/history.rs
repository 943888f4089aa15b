//! One message on its pages: as it is, as it was, with its stars.

use chrono::DateTime;

use super::accounts::slug;
use super::answer::{Answer, HTML, TEXT, escape, numbered};
use super::asked::Asked;
use super::chat::Chat;
use super::messages::Message;
use super::pages::page;
use super::refused::Refused;
use super::routes::Done;

/// A message that this visitor may see.
pub fn seen<'a>(chat: &'a Chat, id: i64, asked: &Asked<'_>) -> Result<&'a Message, Refused> {
    let message = chat.messages.get(&id).ok_or(Refused::NotFound)?;
    let user = asked.visitor.user;
    chat.visible(message.room, user).ok_or(Refused::NotFound)?;
    let owner = user.is_some_and(|user| chat.owns(user, message.room));
    if message.deleted.is_some() && !owner {
        return Err(Refused::NotFound);
    }
    Ok(message)
}

/// `GET /message/<id>`: the content, or with `plain=true` what was typed.
pub fn message(chat: &Chat, id: i64, asked: &Asked<'_>) -> Done {
    let message = seen(chat, id, asked)?;
    Ok(match asked.yes("plain") {
        true => Answer::new(200, TEXT, message.source.as_str()),
        false => Answer::new(200, HTML, message.rendered.full.as_str()),
    })
}

/// `GET /messages/<room>/<id>`: what is partial in events, whole.
pub fn full(chat: &Chat, room: i64, id: i64, asked: &Asked<'_>) -> Done {
    let message = seen(chat, id, asked)?;
    if message.room != room {
        return Err(Refused::NotFound);
    }
    Ok(Answer::new(200, HTML, message.rendered.full.as_str()))
}

/// `GET /messages/<id>/history`: the message as it is, then each version, the newest first.
pub fn history(chat: &Chat, id: i64, asked: &Asked<'_>) -> Done {
    let message = seen(chat, id, asked)?;
    let (room, user) = (message.room, message.user);
    let monologue = |user: i64, inside: &str| {
        format!(
            "<div class=\"monologue user-{user}\"><div class=\"signature\">{}</div>\
             <div class=\"messages\">{inside}</div></div>",
            person(chat, user)
        )
    };
    let link = format!(
        "<a class=\"action-link\" name=\"{id}\" href=\"/transcript/{room}?m={id}#{id}\"></a>"
    );
    let mut body = monologue(
        user,
        &format!(
            "<div class=\"timestamp\">{}</div><div class=\"message\" id=\"message-{id}\">{link}\
             <div class=\"content\">{}</div><span class=\"flash\">{}</span></div>",
            time(message.at),
            message.rendered.full,
            stars(message, asked.visitor.user)
        ),
    );
    for (number, version) in message.versions.iter().enumerate().rev() {
        let word = if number == 0 { "said:" } else { "edited:" };
        let old = format!(
            "<div class=\"timestamp\">{}</div><div class=\"message\">{link}<b>{word}</b> \
             <span class=\"message-source\">{}</span><div class=\"content\">{}</div></div>",
            time(version.at),
            escape(&version.source),
            version.html
        );
        body.push_str(&monologue(version.user, &old));
    }
    for (by, at) in &message.pins {
        body.push_str(&format!(
            "<p><span class=\"stars owner-star\"><span class=\"img\"></span></span> pinned by \
             <a href=\"/users/{by}/{}\">{}</a> {}</p>",
            slug(chat.name(*by)),
            escape(chat.name(*by)),
            time(*at)
        ));
    }
    let body = numbered(&format!(
        "<main class=\"narrow\" id=\"content\">{body}</main>"
    ));
    Ok(Answer::html(page(chat, "Message history", asked, &body)))
}

/// `GET /chats/stars/<room>`.
pub fn stars_of(chat: &Chat, room: i64, asked: &Asked<'_>) -> Done {
    chat.visible(room, asked.visitor.user)
        .ok_or(Refused::NotFound)?;
    let most = match asked.number("count") {
        None | Some(0) => usize::MAX,
        Some(count) => count.max(0) as usize,
    };
    let all = chat.stars(room).into_iter().take(most);
    let lines = all.map(|id| {
        let message = &chat.messages[&id];
        format!(
            "<li id=\"summary_{id}\"{}>{} {} - <a href=\"/users/{}/{}\">{}</a> \
             <a class=\"permalink\" href=\"/transcript/message/{id}#{id}\">{}</a></li>",
            if message.pins.is_empty() {
                ""
            } else {
                " class=\"owner-star\""
            },
            stars(message, asked.visitor.user),
            message.rendered.shown,
            message.user,
            slug(chat.name(message.user)),
            escape(chat.name(message.user)),
            time(message.at)
        )
    });
    let lines: String = lines.collect();
    Ok(Answer::html(format!(
        "<ul id=\"starred-post-list\" class=\"collapsible\">{lines}</ul>"
    )))
}

/// A user's name as a link.
pub fn person(chat: &Chat, user: i64) -> String {
    let name = chat.name(user);
    let (slug, name) = (slug(name), escape(name));
    format!(
        "<div class=\"username\"><a href=\"/users/{user}/{slug}\" title=\"{name}\">{name}</a></div>"
    )
}

/// A time as pages have it.
pub fn time(at: i64) -> String {
    DateTime::from_timestamp(at, 0)
        .map(|at| at.format("%b %-d, %Y %-H:%M").to_string())
        .unwrap_or_default()
}

/// The stars of a message, empty when it has none.
pub fn stars(message: &Message, user: Option<i64>) -> String {
    if message.stars.is_empty() && message.pins.is_empty() {
        return String::new();
    }
    let own = user.is_some_and(|user| message.stars.contains(&user));
    let times = match message.stars.len() {
        0 => String::new(),
        count => count.to_string(),
    };
    format!(
        "<span class=\"stars{}{} vote-count-container\"><span class=\"img vote\">&#9733;</span>\
         <span class=\"times\">{times}</span></span>",
        if own { " user-star" } else { "" },
        if message.pins.is_empty() {
            ""
        } else {
            " owner-star"
        },
    )
}
