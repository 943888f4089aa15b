//! The transcript of a room, and finding something in all of them.

use chrono::DateTime;

use super::answer::{Answer, escape};
use super::asked::Asked;
use super::chat::Chat;
use super::history::{person, seen, stars, time};
use super::messages::Message;
use super::pages::page;
use super::refused::Refused;
use super::routes::Done;

/// So many messages before and after another one are on its page.
const AROUND: usize = 20;

/// Messages of one room on a page, one of them perhaps in light.
fn transcript(
    chat: &Chat,
    room: i64,
    messages: &[&Message],
    light: Option<i64>,
    asked: &Asked<'_>,
) -> Answer {
    let its = &chat.rooms[&room];
    let mut body = String::new();
    for together in messages.chunk_by(|one, next| one.user == next.user) {
        let Some(first) = together.first() else {
            continue;
        };
        let (user, mut lines) = (first.user, String::new());
        for message in together {
            lines.push_str(&line(message, room, light, asked));
        }
        body.push_str(&format!(
            "<div class=\"monologue user-{user}\"><div class=\"signature\">{}</div>\
             <div class=\"messages\"><div class=\"timestamp\">{}</div>{lines}</div></div>",
            person(chat, user),
            time(first.at)
        ));
    }
    let body = format!(
        "<main class=\"narrow\"><h1><span class=\"room-name\"><a href=\"/rooms/{room}/{}\">{}</a></span></h1>\
         <div id=\"transcript\">{body}</div></main>",
        its.slug(),
        escape(&its.name)
    );
    Answer::html(page(
        chat,
        &format!("{} - transcript", its.name),
        asked,
        &body,
    ))
}

fn line(message: &Message, room: i64, light: Option<i64>, asked: &Asked<'_>) -> String {
    let id = message.id;
    let reply = match message.parent.filter(|_| message.show_parent) {
        Some(parent) => format!(
            "<a class=\"reply-info\" title=\"This is a reply to an earlier message\" \
             href=\"/transcript/message/{parent}#{parent}\">&#8617;</a>"
        ),
        None => String::new(),
    };
    let edits = match message.edits {
        0 => "",
        _ => "<span class=\"edits\" title=\"edited\">&#9998;</span>",
    };
    format!(
        "<div class=\"message{}\" id=\"message-{id}\"><a class=\"action-link\" name=\"{id}\" \
         href=\"/transcript/{room}?m={id}#{id}\" title=\"permalink\"></a>{reply}<div class=\"content\">{}</div>{edits}\
         <span class=\"flash\">{}</span></div>",
        if light == Some(id) { " highlight" } else { "" },
        message.rendered.full,
        stars(message, asked.visitor.user)
    )
}

/// The messages of a room that everybody may see.
fn said(chat: &Chat, room: i64) -> Vec<&Message> {
    let all = chat.rooms[&room].messages.iter();
    all.map(|id| &chat.messages[id])
        .filter(|message| message.deleted.is_none())
        .collect()
}

/// `GET /transcript/message/<id>`.
pub fn around(chat: &Chat, id: i64, asked: &Asked<'_>) -> Done {
    let room = seen(chat, id, asked)?.room;
    let all = said(chat, room);
    let at = all.partition_point(|message| message.id < id);
    let (from, to) = (at.saturating_sub(AROUND), all.len().min(at + AROUND + 1));
    Ok(transcript(chat, room, &all[from..to], Some(id), asked))
}

/// `GET /transcript/<room>/<year>/<month>/<day>/<from>-<to>`, or with `m` the page of a message.
pub fn day(chat: &Chat, room: i64, day: &[&str], asked: &Asked<'_>) -> Done {
    chat.visible(room, asked.visitor.user)
        .ok_or(Refused::NotFound)?;
    if let Some(id) = asked.number("m") {
        return around(chat, id, asked);
    }
    let all = said(chat, room);
    let (from, to) = match day {
        // The last day on which something was said.
        [] => {
            let last = all.last().map_or(chat.now(), |last| last.at);
            let midnight = last - last.rem_euclid(86_400);
            (midnight, midnight + 86_400)
        }
        [year, month, day, hours @ ..] => {
            let date = format!("{year}-{month:0>2}-{day:0>2}T00:00:00Z");
            let date: DateTime<chrono::Utc> = date.parse().map_err(|_| Refused::NotFound)?;
            let midnight = date.timestamp();
            match hours {
                [] => (midnight, midnight + 86_400),
                [hours] => {
                    let (from, to) = hours.split_once('-').ok_or(Refused::NotFound)?;
                    let hour = |text: &str| text.parse::<i64>().map_err(|_| Refused::NotFound);
                    (midnight + hour(from)? * 3_600, midnight + hour(to)? * 3_600)
                }
                _ => return Err(Refused::NotFound),
            }
        }
        _ => return Err(Refused::NotFound),
    };
    let day: Vec<&Message> = all
        .into_iter()
        .filter(|message| (from..to).contains(&message.at))
        .collect();
    Ok(transcript(chat, room, &day, None, asked))
}

/// `GET /search`: all words, in any order.
pub fn search(chat: &Chat, asked: &Asked<'_>) -> Answer {
    let wanted = asked.field("q").unwrap_or_default().to_lowercase();
    let words: Vec<&str> = wanted.split_whitespace().collect();
    let (room, user) = (asked.number("Room"), asked.number("User"));
    let visitor = asked.visitor.user;
    let mut found: Vec<&Message> = chat
        .messages
        .values()
        .filter(|message| message.deleted.is_none() && !words.is_empty())
        .filter(|message| room.is_none_or(|room| message.room == room))
        .filter(|message| user.is_none_or(|user| message.user == user))
        .filter(|message| chat.visible(message.room, visitor).is_some())
        .filter(|message| {
            let text = message.source.to_lowercase();
            words.iter().all(|word| text.contains(word))
        })
        .collect();
    match asked.field("sort") {
        Some("stars") => found.sort_by_key(|message| std::cmp::Reverse(message.stars.len())),
        _ => found.reverse(),
    }
    let size = asked.number("pagesize").unwrap_or(50).clamp(1, 100) as usize;
    let skipped = (asked.number("page").unwrap_or(1).max(1) as usize - 1) * size;
    let count = found.len();
    let lines = found.iter().skip(skipped).take(size).map(|message| {
        let (user, room) = (message.user, message.room);
        format!(
            "<div class=\"monologue user-{user}\"><div class=\"signature\">{}</div><div class=\"messages\">\
             <div class=\"timestamp\">{}</div>{}</div></div>",
            person(chat, user),
            time(message.at),
            line(message, room, None, asked)
        )
    });
    let lines: String = lines.collect();
    let body = format!(
        "<main class=\"narrow\" id=\"content\"><h1>Search</h1><p>{count} message{} found</p>{lines}</main>",
        if count == 1 { "" } else { "s" }
    );
    Answer::html(page(chat, "Search", asked, &body))
}
