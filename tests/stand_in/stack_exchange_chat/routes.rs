//! Which request does what.

use super::answer::Answer;
use super::asked::Asked;
use super::refused::Refused;
use super::server::{RequestLog, Shared, World};
use super::{control, history, join, login, moderation, pages, people, talk, transcript};

/// What a request does and what it gets.
pub type Done = Result<Answer, Refused>;

/// Does what is asked.
pub fn answer(world: &mut World, shared: &Shared, asked: &Asked<'_>) -> Answer {
    let post = asked.request.method == "POST";
    if asked.parts.first() == Some(&"_test") {
        return control::answer(world, shared, asked);
    }
    // Another content type finds nothing.
    let done = match (post, asked.typed()) {
        (true, true) => posted(world, shared, asked),
        (true, false) => Err(Refused::NotFound),
        (false, _) => got(world, shared, asked),
    };
    let answer = done.unwrap_or_else(|refused| refused.answer(asked.path));
    asked.marked(answer)
}

fn number(part: &str) -> Result<i64, Refused> {
    part.parse().map_err(|_| Refused::NotFound)
}

fn got(world: &mut World, shared: &Shared, asked: &Asked<'_>) -> Done {
    let chat = asked.chat;
    match asked.parts.as_slice() {
        [] => Ok(pages::home(world, shared, asked)),
        ["rooms"] => Ok(pages::home(world, shared, asked)),
        ["chats", "join", "favorite"] => Ok(pages::home(world, shared, asked)),
        ["users", "login"] => Ok(login::form(world, shared, asked)),
        ["users", "logout"] => Ok(login::leaving(asked)),
        ["users", "current"] => Ok(people::current(&world.chats[chat], asked)),
        ["users", "search"] => Ok(people::search(&world.chats[chat], asked)),
        ["users", "thumbs", id] => people::thumbs(&world.chats[chat], number(id)?, asked),
        ["users", id] | ["users", id, _] => pages::user(&world.chats[chat], number(id)?, asked),
        ["rooms", "info", id] | ["rooms", "info", id, _] => {
            pages::about_room(&world.chats[chat], number(id)?, asked)
        }
        ["rooms", "pingable", id] => people::pingable(&world.chats[chat], number(id)?, asked),
        ["rooms", "thumbs", id] => people::room(&world.chats[chat], number(id)?, asked),
        ["rooms", id] | ["rooms", id, _] => pages::room(&mut world.chats[chat], number(id)?, asked),
        ["chats", "stars", id] => history::stars_of(&world.chats[chat], number(id)?, asked),
        ["message", id] => history::message(&world.chats[chat], number(id)?, asked),
        ["messages", id, "history"] => history::history(&world.chats[chat], number(id)?, asked),
        ["messages", room, id] => {
            history::full(&world.chats[chat], number(room)?, number(id)?, asked)
        }
        ["transcript", "message", id] => transcript::around(&world.chats[chat], number(id)?, asked),
        ["transcript", room, day @ ..] => {
            transcript::day(&world.chats[chat], number(room)?, day, asked)
        }
        ["search"] => Ok(transcript::search(&world.chats[chat], asked)),
        ["error"] => Ok(Answer::new(
            500,
            super::answer::HTML,
            "<!DOCTYPE html><html><head><title>Oops! Something Bad Happened!</title></head><body></body></html>",
        )),
        _ => Err(Refused::NotFound),
    }
}

fn posted(world: &mut World, shared: &Shared, asked: &Asked<'_>) -> Done {
    let chat = asked.chat;
    match asked.parts.as_slice() {
        ["users", "login"] => Ok(login::log_in(world, shared, asked)),
        ["users", "login-or-signup", "validation", "track"] => Ok(login::track(world, asked)),
        ["users", "logout"] => login::log_out(world, asked),
        ["ws-auth"] => join::ticket(world, shared, asked),
        ["events"] => join::poll(&mut world.chats[chat], asked),
        ["chats", "leave", room] => join::leave(&mut world.chats[chat], room, asked),
        ["chats", "join", "favorite"] => asked.user().map(|_| Answer::json(&"ok".into())),
        ["chats", room, "events"] => join::events(&mut world.chats[chat], number(room)?, asked),
        ["chats", room, "lastMessage"] => join::last(&world.chats[chat], number(room)?, asked),
        ["chats", room, "messages", "new"] => {
            talk::post(&mut world.chats[chat], number(room)?, asked)
        }
        ["messages", "ack"] => asked.user().map(|_| Answer::json(&"ok".into())),
        ["messages", id] => talk::edit(&mut world.chats[chat], number(id)?, asked),
        ["messages", id, action] => talk::act(&mut world.chats[chat], number(id)?, action, asked),
        ["user", "info"] => Ok(people::users(&world.chats[chat], asked)),
        ["users", "invite"] => moderation::invite(&mut world.chats[chat], asked),
        ["rooms", action] => moderation::rooms(&mut world.chats[chat], action, asked),
        ["rooms", action, room] => {
            moderation::room(&mut world.chats[chat], action, number(room)?, asked)
        }
        ["admin", "movePosts", room] => {
            moderation::move_posts(&mut world.chats[chat], number(room)?, asked)
        }
        _ => Err(Refused::NotFound),
    }
}

/// A line of the log.
pub fn logged(asked: &Asked<'_>, status: u16) -> RequestLog {
    let query = asked.request.target.split_once('?');
    RequestLog {
        method: asked.request.method.clone(),
        path: asked.path.into(),
        query: query.map_or(String::new(), |(_, query)| query.into()),
        status,
        form: asked.log(),
        at: asked.now,
    }
}
