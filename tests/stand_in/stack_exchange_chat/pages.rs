//! The pages of rooms and people, with what clients look for in them.

use serde_json::json;

use super::answer::{Answer, HTML, escape, json as text};
use super::asked::Asked;
use super::chat::Chat;
use super::refused::Refused;
use super::rooms::{Access, Kind, Room};
use super::routes::Done;
use super::server::{Shared, World};

const STYLE: &str = include_str!("talk.css");
const SCRIPT: &str = include_str!("talk.js");

/// A page; `top` stands above it, `foot` below.
pub fn layout(title: &str, top: &str, body: &str, foot: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"data:,\"><title>{}</title><style>{STYLE}</style></head>\n<body>{top}\n{body}\n{foot}</body></html>",
        escape(title)
    )
}

/// A page of the chat: who is logged in above it, the key of its forms below.
pub fn page(chat: &Chat, title: &str, asked: &Asked<'_>, body: &str) -> String {
    let links = match asked.visitor.user.map(|user| &chat.accounts[&user]) {
        Some(account) => format!(
            "<a class=\"my-profile\" href=\"/users/{}/{}\" title=\"{2}; reputation {3}\">{2}</a>\
             <a href=\"/users/logout\">log out</a>",
            account.id,
            account.slug(),
            escape(&account.name),
            account.reputation
        ),
        None => {
            let back = escape(asked.path);
            format!("<a href=\"/users/login?returnurl={back}\">log in</a>")
        }
    };
    let top = format!(
        "<header class=\"topbar\"><a class=\"home\" href=\"/\">{}</a>\
         <span class=\"topbar-menu-links\">{links}</span></header>",
        escape(chat.site())
    );
    let key = &asked.visitor.fkey;
    let foot = format!("<input id=\"fkey\" name=\"fkey\" type=\"hidden\" value=\"{key}\">");
    layout(title, &top, body, &foot)
}

/// The list of rooms.
pub fn home(world: &mut World, shared: &Shared, asked: &Asked<'_>) -> Answer {
    let chat = &world.chats[asked.chat];
    let mut cards = String::new();
    for room in chat.rooms.values() {
        if chat.visible(room.id, asked.visitor.user).is_none() {
            continue;
        }
        cards.push_str(&format!(
            "<li class=\"roomcard\" id=\"room-{0}\"><a class=\"room-name\" href=\"/rooms/{0}/{1}\">{2}</a>\
             <p>{3}</p><small>{4}, {5} here, {6} messages</small></li>",
            room.id,
            room.slug(),
            escape(&room.name),
            escape(&room.description),
            kind(room),
            room.present.len(),
            room.messages.len(),
        ));
    }
    let doors = match (asked.visitor.user, shared.settings.open_house) {
        (None, true) => "<p><a class=\"button\" href=\"/users/login\">Log in to talk</a></p>",
        _ => "",
    };
    let body = format!(
        "<main class=\"narrow\"><h1>Rooms</h1>{doors}<ul class=\"rooms\">{cards}</ul></main>"
    );
    Answer::html(page(chat, "Rooms", asked, &body))
}

fn kind(room: &Room) -> &'static str {
    match (room.frozen, room.kind) {
        (true, _) => "frozen",
        (false, Kind::Public) => "public",
        (false, Kind::Gallery) => "gallery",
        (false, Kind::Private) => "private",
    }
}

/// `GET /rooms/<id>`: enters the room.
pub fn room(chat: &mut Chat, id: i64, asked: &Asked<'_>) -> Done {
    let user = asked.visitor.user;
    let its = chat.rooms.get(&id).ok_or(Refused::NotFound)?;
    let hidden = its.deleted && !chat.moderator(user);
    if hidden {
        return Err(Refused::NotFound);
    }
    if chat.visible(id, user).is_none() {
        let body = format!(
            "<main class=\"narrow\"><h2>Private Room</h2><form action=\"/rooms/requestaccess\" method=\"post\">\
             <input type=\"hidden\" name=\"fkey\" value=\"{}\"><input type=\"hidden\" name=\"roomId\" value=\"{id}\">\
             <button>request access</button></form></main>",
            asked.visitor.fkey
        );
        return Ok(Answer::html(page(chat, "Private Room", asked, &body)));
    }
    let inside = user.is_some_and(|user| chat.enter(id, user));
    let its = &chat.rooms[&id];
    let writes = user.filter(|user| {
        inside && !its.frozen && its.takes(*user, chat.moderator(Some(*user)), chat.now())
    });
    let writing = match (writes, user) {
        (Some(_), _) => {
            "<div id=\"replying\" hidden></div>\
             <form id=\"say\"><textarea id=\"input\" rows=\"1\" maxlength=\"10000\" aria-label=\"message\" \
             placeholder=\"Say something\"></textarea><button id=\"sayit-button\">send</button></form>"
                .to_string()
        }
        (None, Some(_)) => String::from("<p class=\"quiet\">You cannot talk here.</p>"),
        (None, None) => format!(
            "<p class=\"quiet\"><a class=\"button\" href=\"/users/login?returnurl=/rooms/{id}\">log in</a> to talk</p>"
        ),
    };
    let active = match user {
        Some(user) => format!(
            "<div id=\"active-user\" class=\"user-{user}\" hidden>{}</div>",
            escape(chat.name(user))
        ),
        None => String::new(),
    };
    let mine = user.is_some_and(|user| chat.owns(user, id));
    let setup = json!({
        "room": id, "user": user, "owner": mine, "window": chat.rules.window,
        "moderator": chat.moderator(user),
    });
    let body = format!(
        "<main class=\"talk\"><div class=\"head\"><h1 id=\"roomname\">{}</h1><p id=\"roomdesc\">{}</p>\
         <nav><a href=\"/rooms/info/{id}/{}\">room</a> <a href=\"/transcript/{id}\">transcript</a></nav>\
         <div id=\"present-users\"></div></div>{active}\
         <div class=\"js-present\" data-users=\"{}\"></div>\
         <div id=\"chat\" aria-live=\"polite\" data-setup=\"{}\"></div>\
         <div id=\"told\" role=\"status\"></div>{writing}</main><script>{SCRIPT}</script>",
        escape(&its.name),
        escape(&its.description),
        its.slug(),
        escape(&text(&chat.present(id))),
        escape(&text(&setup)),
    );
    let title = format!("{} - Chat", its.name);
    Ok(Answer::html(page(chat, &title, asked, &body)))
}

/// `GET /rooms/info/<id>`.
pub fn about_room(chat: &Chat, id: i64, asked: &Asked<'_>) -> Done {
    let its = chat
        .visible(id, asked.visitor.user)
        .ok_or(Refused::NotFound)?;
    let tags = its.tags.iter().map(|tag| {
        let tag = escape(tag);
        format!(
            "<a class=\"tag\" href=\"//{}/questions/tagged/{tag}\">{tag}</a> ",
            chat.site()
        )
    });
    let section = |access: Access| {
        let all = its.access.iter().filter(|(_, its)| **its == access);
        all.map(|(user, _)| card(chat, *user, "access-user"))
            .collect::<String>()
    };
    let owners = its.owners().map(|user| card(chat, user, "owner-user"));
    let present = its.present.keys().map(|user| card(chat, *user, "user"));
    let sign = match its.kind {
        Kind::Public => "",
        Kind::Gallery => "<span class=\"sprite sprite-sec-gallery\" title=\"gallery room\"></span>",
        Kind::Private => "<span class=\"sprite sprite-sec-private\" title=\"private room\"></span>",
    };
    let body = format!(
        "<main class=\"narrow\" id=\"content\"><div class=\"roomcard-xxl{}\"><h1>{sign}{}</h1>\
         <img src=\"data:,\" alt=\"\" width=\"0\" title=\"{host}\"><p>{}</p><div class=\"tags\">{}</div>\
         <p class=\"quiet\"><span class=\"room-message-count-xxl\" title=\"messages\">{}</span> messages, \
         <span class=\"room-user-count-xxl\" title=\"users\">{}</span> users here</p></div>\
         <p><a class=\"button\" href=\"/rooms/{id}/{}\">enter</a></p>\
         <h2>Owners</h2><div id=\"room-ownercards\">{}</div><h2>Here now</h2><div id=\"room-usercards\">{}</div>\
         <h2>Access</h2><div id=\"access-section-owner\">{}</div><div id=\"access-section-read-write\">{}</div>\
         <div id=\"access-section-read-only\">{}</div></main>",
        if its.frozen { " frozen" } else { "" },
        escape(&its.name),
        escape(&its.description),
        tags.collect::<String>(),
        its.messages.len(),
        its.present.len(),
        its.slug(),
        owners.collect::<String>(),
        present.collect::<String>(),
        section(Access::Owner),
        section(Access::ReadWrite),
        section(Access::ReadOnly),
        host = escape(chat.site()),
    );
    let title = format!("{} - info", its.name);
    Ok(Answer::html(page(chat, &title, asked, &body)))
}

fn card(chat: &Chat, user: i64, kind: &str) -> String {
    let Some(account) = chat.accounts.get(&user) else {
        return String::new();
    };
    let name = escape(&account.name);
    format!(
        "<div class=\"usercard\" id=\"{kind}-{user}\"><div class=\"user-header\" title=\"{name}\">\
         <a class=\"username\" href=\"/users/{user}/{}\">{name}</a></div></div>",
        account.slug()
    )
}

/// `GET /users/<id>`.
pub fn user(chat: &Chat, id: i64, asked: &Asked<'_>) -> Done {
    let account = chat.accounts.get(&id).ok_or(Refused::NotFound)?;
    let said = chat.messages.values().filter(|message| message.user == id);
    let now = chat.now();
    let ago = |at: Option<i64>| match at.map(|at| now - at) {
        None => String::from("n/a"),
        Some(..=59) => String::from("just now"),
        Some(seconds @ 60..=3_599) => format!("{}m ago", seconds / 60),
        Some(seconds @ 3_600..=86_399) => format!("{}h ago", seconds / 3_600),
        Some(seconds) => format!("{}d ago", seconds / 86_400),
    };
    let sign = if account.moderator { " ♦" } else { "" };
    let cells = [
        ("reputation", account.reputation.to_string()),
        ("last message", ago(account.last_post)),
        ("last seen", ago(account.last_seen)),
        ("parent site", escape(chat.site())),
    ];
    let cells = cells.map(|(name, value)| {
        format!("<tr><td class=\"user-keycell\">{name}</td><td class=\"user-valuecell\">{value}</td></tr>")
    });
    let body = format!(
        "<main class=\"narrow\" id=\"content\"><div class=\"usercard-xxl\"><h1>{name}</h1>\
         <div class=\"user-status\">{name}{sign}</div>\
         <p class=\"quiet\"><span class=\"user-message-count-xxl\" title=\"messages\">{}</span> messages, \
         in <span class=\"user-room-count-xxl\" title=\"rooms\">{}</span> rooms</p>\
         <span class=\"reputation-score\" title=\"{}\">{}</span><table>{}</table></div></main>",
        said.count(),
        chat.rooms_of(id).len(),
        account.reputation,
        account.reputation,
        cells.concat(),
        name = escape(&account.name),
    );
    Ok(Answer::new(
        200,
        HTML,
        page(chat, &account.name, asked, &body),
    ))
}
