//! `/_test/…`: what a test does to the chat, for programs that cannot call it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::answer::{Answer, JSON};
use super::asked::Asked;
use super::chat::Replies;
use super::faults::{Fault, How};
use super::rooms::{Access, Kind};
use super::server::{Shared, World};
use super::socket::{Drop, Order};
use super::throttle::Pace;

/// What came of it; an error is a sentence.
type Result = std::result::Result<Value, String>;

/// Does what is asked, when that is allowed here.
pub fn answer(world: &mut World, shared: &Shared, asked: &Asked<'_>) -> Answer {
    let Some(token) = &shared.settings.control else {
        return Answer::not_found();
    };
    let given = asked.request.header("x-test-token").unwrap_or_default();
    if !token.is_empty() && given != token {
        return Answer::not_found();
    }
    match control(world, shared, asked) {
        Ok(value) => Answer::json(&value),
        Err(text) => Answer::new(400, JSON, json!({"error": text}).to_string()),
    }
}

fn control(world: &mut World, shared: &Shared, asked: &Asked<'_>) -> Result {
    let what = asked.parts.get(1).copied().unwrap_or_default();
    if let Some(done) = wrong(world, asked, what)? {
        return Ok(done);
    }
    let text = |name: &str| {
        let field = asked.field(name);
        field.ok_or_else(|| format!("`{name}` is missing"))
    };
    let number = |name: &str| {
        let field = asked.number(name);
        field.ok_or_else(|| format!("`{name}` is missing or no number"))
    };
    let at = asked.chat;
    match what {
        "user" => {
            let chat = &mut world.chats[at];
            let id = match asked.yes("feed") {
                true => chat.feed(text("name")?),
                false => chat.account(text("email")?, text("password")?, text("name")?),
            };
            if let Some(account) = chat.accounts.get_mut(&id) {
                account.moderator = asked.yes("moderator");
                account.reputation = asked.number("reputation").unwrap_or(account.reputation);
            }
            Ok(json!({"id": id}))
        }
        "room" => {
            let chat = &mut world.chats[at];
            let owner = known(
                chat.accounts.contains_key(&number("owner")?),
                "owner",
                asked,
            )?;
            let id = chat.room(text("name")?, owner);
            if let Some(room) = chat.rooms.get_mut(&id) {
                room.description = asked.field("description").unwrap_or_default().into();
                room.kind = match asked.field("kind") {
                    Some("gallery") => Kind::Gallery,
                    Some("private") => Kind::Private,
                    _ => Kind::Public,
                };
            }
            Ok(json!({"id": id}))
        }
        "advance" => {
            let now = shared.clock.now() + TimeDelta::seconds(number("seconds")?);
            shared.clock.advance_to(now);
            Ok(json!({"now": shared.clock.now().timestamp()}))
        }
        "expire" => {
            world.logins.expire(text("email")?);
            Ok(json!("ok"))
        }
        "state" => Ok(state(world)),
        _ => act(world, asked, what),
    }
}

/// What people and owners do.
fn act(world: &mut World, asked: &Asked<'_>, what: &str) -> Result {
    let chat = &mut world.chats[asked.chat];
    let text = asked.field("text").unwrap_or_default();
    let message = asked.number("message").unwrap_or(0);
    let (user, room) = (
        asked.number("user").unwrap_or(0),
        asked.number("room").unwrap_or(0),
    );
    let of_message = ["edit", "delete", "star", "pin"].contains(&what);
    let of_user = [
        "say", "star", "pin", "enter", "leave", "kick", "invite", "access", "block", "rename",
    ];
    let of_room = [
        "say",
        "enter",
        "leave",
        "kick",
        "invite",
        "access",
        "freeze",
        "timeout",
        "event",
        "rename-room",
    ];
    if of_message && !chat.messages.contains_key(&message) {
        return Err("no such `message`".into());
    }
    if of_user.contains(&what) && !chat.accounts.contains_key(&user) {
        return Err("no such `user`".into());
    }
    if of_room.contains(&what) && !chat.rooms.contains_key(&room) {
        return Err("no such `room`".into());
    }
    let owner = chat.rooms.get(&room).and_then(|room| room.owners().next());
    let owner = owner.unwrap_or(-1);
    match what {
        "say" => return Ok(json!({"id": chat.say(room, user, text)})),
        "edit" => {
            let by = chat.messages[&message].user;
            chat.change(message, by, text, None);
        }
        "delete" => {
            let by = asked.number("user").unwrap_or(chat.messages[&message].user);
            chat.delete(message, by);
        }
        "star" => chat
            .star(message, user)
            .map_err(|refused| format!("{refused:?}"))?,
        "pin" => chat
            .pin(message, user, None)
            .map_err(|refused| format!("{refused:?}"))?,
        "move" => {
            let to = asked.number("to").unwrap_or(0);
            let ids = asked.list("ids");
            let moved = chat.move_posts(room, to, &ids, user);
            return moved
                .map(|count| json!(count))
                .map_err(|refused| format!("{refused:?}"));
        }
        "enter" => {
            chat.enter(room, user);
        }
        "leave" => chat.leave(room, user),
        "kick" => {
            chat.kick(room, user, owner);
        }
        "invite" => chat.invite(room, user, owner),
        "access" => {
            let access = Access::named(asked.field("access").unwrap_or_default());
            chat.grant(room, user, access, owner);
        }
        "block" => {
            let until = chat.now() + asked.number("seconds").unwrap_or(0);
            if let Some(account) = chat.accounts.get_mut(&user) {
                account.blocked = Some(until);
            }
        }
        "freeze" => {
            if let Some(room) = chat.rooms.get_mut(&room) {
                room.frozen = asked.field("freeze") != Some("false");
            }
        }
        "timeout" => {
            let seconds = asked.number("seconds").unwrap_or(60);
            chat.time_out(room, seconds, text, Some(owner));
        }
        "rename" => chat.rename(user, asked.field("name").unwrap_or_default()),
        "event" => {
            let body = serde_json::from_str(text).map_err(|_| "`text` is no object")?;
            chat.announce(room, asked.number("kind").unwrap_or(0), body);
        }
        "rename-room" => {
            let name = asked.field("name").unwrap_or_default();
            chat.rename_room(room, Some(owner), name, text, &[]);
        }
        "replies" => {
            chat.rules.replies = match asked.field("style") {
                Some("old") => Replies::Old,
                _ => Replies::New,
            };
        }
        "throttle" => {
            chat.throttle.pace = match asked.field("pace") {
                Some("off") => Pace::Off,
                Some("real") => Pace::Real,
                Some(seconds) => Pace::Fixed(seconds.parse().map_err(|_| "no such `pace`")?),
                None => return Err("`pace` is missing".into()),
            };
        }
        _ => return Err(format!("there is no `{what}`")),
    }
    Ok(json!("ok"))
}

/// What goes wrong from now on; none when `what` is something else.
fn wrong(
    world: &mut World,
    asked: &Asked<'_>,
    what: &str,
) -> std::result::Result<Option<Value>, String> {
    let times = asked.number("times").unwrap_or(1).max(0) as usize;
    let on = asked.field("on") != Some("false");
    let faults = &mut world.faults;
    match what {
        "fail" => {
            let how = match asked.field("how").unwrap_or_default() {
                "throttled" => How::Throttled(asked.number("seconds").unwrap_or(1)),
                "conflict" => How::Conflict,
                "page" => How::Page,
                "cloudflare" => How::Cloudflare,
                "cut" => How::Cut,
                "hang-up" => How::HangUp,
                "reset" => How::Reset,
                "silence" => How::Silence,
                status => How::Status(
                    status
                        .parse()
                        .map_err(|_| format!("`how` is no `{status}`"))?,
                ),
            };
            faults.requests.push(Fault {
                how,
                times: times.max(1),
                path: asked.field("path").map(String::from),
                method: asked.field("method").map(String::from),
                after: asked.yes("after"),
                skip: asked.number("skip").unwrap_or(0).max(0) as usize,
            });
        }
        "captcha" => {
            faults.captchas = times;
            faults.captcha_moves = asked.yes("moves");
        }
        "drop" => {
            let how = match asked.field("how") {
                None | Some("close") => Drop::Close,
                Some("reset") => Drop::Reset,
                Some("silence") => Drop::Silence,
                Some(how) => return Err(format!("`how` is no `{how}`")),
            };
            let count = world.order(&Order::End(how), asked.number("user"));
            return Ok(Some(json!({"sockets": count})));
        }
        "late" => faults.frames.late = asked.number("seconds").unwrap_or(0),
        "twice" => faults.frames.twice = on,
        "still" => faults.frames.still = on,
        "forgetful" => faults.frames.forgetful = on,
        "reset" => faults.frames.reset = times,
        "mute" => faults.frames.mute = times,
        "send" => {
            let text = asked.field("text").unwrap_or_default();
            let count = world.order(&Order::Send(text.into()), None);
            return Ok(Some(json!({"sockets": count})));
        }
        "no-tokens" => faults.frames.no_tokens = times,
        "no-upgrades" => faults.frames.no_upgrades = times,
        "well" => *faults = Default::default(),
        _ => return Ok(None),
    }
    Ok(Some(json!("ok")))
}

fn known(known: bool, name: &str, asked: &Asked<'_>) -> std::result::Result<i64, String> {
    let id = asked.number(name).filter(|_| known);
    id.ok_or_else(|| format!("no such `{name}`"))
}

/// What there is, for a test to look at.
fn state(world: &World) -> Value {
    let chats = world.chats.iter().map(|chat| {
        let messages = chat.messages.values().map(|message| {
            json!({
                "id": message.id, "room": message.room, "user": message.user, "source": message.source,
                "html": message.rendered.full, "edits": message.edits, "deleted": message.deleted.is_some(),
                "parent": message.parent, "at": message.at,
            })
        });
        let rooms = chat.rooms.values().map(|room| {
            let present: Vec<&i64> = room.present.keys().collect();
            json!({"id": room.id, "name": room.name, "present": present})
        });
        json!({
            "host": chat.host, "events": chat.log.last(),
            "rooms": rooms.collect::<Vec<_>>(), "messages": messages.collect::<Vec<_>>(),
        })
    });
    json!({
        "sockets": world.sockets.len(),
        "requests": world.requests.len(),
        "chats": chats.collect::<Vec<_>>(),
    })
}
