//! Taking own messages out of a room's sight: to the room for what is thrown away, or deleted.

use super::event::Event;
use super::history::{self, Span};
use super::tries::{CONFLICT, CONFLICTS};
use super::wrong::{self, Wrong};
use super::{Chat, content, later, place};
use crate::model::RoomId;
use crate::room::{SayError, Trashed, Which};

/// The most messages at once.
const MESSAGES: usize = 100;
/// How much of a room is read back to find the last ones, and in how many steps.
const PAGE: usize = 200;
const PAGES: usize = 5;
/// How often a deletion is tried of which nobody knows what became.
const TRIES: u32 = 3;

/// A message that is to go.
struct Own {
    id: i64,
    /// As people call it.
    name: String,
}

/// Takes them away: moves those it may, deletes the others where it is not too late.
///
/// # Errors
/// When the chat cannot be asked.
pub(super) async fn trash(chat: &Chat, room: &RoomId, which: &Which) -> Result<Trashed, SayError> {
    let number = chat.number(room)?;
    let mut trashed = Trashed::default();
    let own = match which {
        Which::Last(count) => last(chat, number, (*count).min(MESSAGES)).await,
        Which::These(these) => named(chat, number, these, &mut trashed).await,
    };
    let own = own.map_err(|wrong| later(&wrong))?;
    let moved = moved(chat, number, &own).await;
    let (rest, barred) = match moved.map_err(|wrong| later(&wrong))? {
        Some(rest) => (rest, false),
        None => (own.iter().collect(), chat.settings.trash.is_some()),
    };
    trashed.moved = own.len() - rest.len();
    for own in rest {
        match deleted(chat, number, own.id).await {
            Ok(answer) if answer == "ok" => {
                chat.recent.gone(number, own.id);
                trashed.deleted += 1;
            }
            Ok(said) if barred && said.contains("too late") => {
                let what = "it is too late to delete it, and I may not move it";
                trashed.kept.push((own.name.clone(), what.into()));
            }
            Ok(said) => {
                let what = format!("the chat says “{said}”");
                trashed.kept.push((own.name.clone(), what));
            }
            Err(Wrong::Missing) => {
                let what = "the chat knows no such message";
                trashed.kept.push((own.name.clone(), what.into()));
            }
            Err(wrong) => trashed.kept.push((own.name.clone(), wrong.words())),
        }
    }
    Ok(trashed)
}

/// The last own messages in a room, the newest first.
async fn last(chat: &Chat, room: u64, count: usize) -> Result<Vec<Own>, Wrong> {
    let me = chat.door.me().ok_or(Wrong::LoggedOut)?.id;
    let mut found = Vec::new();
    let mut span = Span::Last(PAGE);
    for _ in 0..PAGES {
        let past = history::read(&chat.door, room, span).await?;
        for event in past.events.iter().rev() {
            if let Some(id) = event.message_id
                && is_own(event, me)
                && found.len() < count
            {
                let name = id.to_string();
                found.push(Own { id, name });
            }
        }
        let first = past.events.iter().find_map(|event| event.message_id);
        match first {
            Some(first) if past.events.len() >= PAGE && found.len() < count => {
                span = Span::Before(first, PAGE);
            }
            Some(_) | None => break,
        }
    }
    Ok(found)
}

/// It stands there, and the bot has said it; what the chat says in its name about moved messages stays.
fn is_own(event: &Event, me: i64) -> bool {
    let html = event.content.as_deref();
    event.user_id == Some(me) && html.is_some_and(|html| !content::read(html).moved)
}

/// The own messages among those that somebody named; of all others it is said why they stay.
async fn named(
    chat: &Chat,
    room: u64,
    these: &[String],
    trashed: &mut Trashed,
) -> Result<Vec<Own>, Wrong> {
    let me = chat.door.me().ok_or(Wrong::LoggedOut)?.id;
    let mut found: Vec<Own> = Vec::new();
    for name in these {
        let mut keep = |what: &str| trashed.kept.push((name.clone(), what.into()));
        let Some(id) = place::message(name, &chat.settings.url) else {
            keep("it is no message of this chat");
            continue;
        };
        if found.iter().any(|own| own.id == id) {
            continue;
        }
        if found.len() >= MESSAGES {
            keep("these are too many at once");
            continue;
        }
        match there(chat, room, id).await? {
            None => keep("there is no such message in this room"),
            Some(event) if event.user_id != Some(me) => keep("I have not said it"),
            Some(event) if event.content.is_none() => keep("it is deleted already"),
            Some(_) => found.push(Own {
                id,
                name: name.clone(),
            }),
        }
    }
    Ok(found)
}

/// A message, when it is in this room.
async fn there(chat: &Chat, room: u64, id: i64) -> Result<Option<Event>, Wrong> {
    let past = history::read(&chat.door, room, Span::Before(id + 1, 1)).await?;
    let mut events = past.events.into_iter();
    Ok(events.find(|event| event.message_id == Some(id)))
}

/// Moves messages to the room for what is thrown away; those that are still there. None when that is not possible.
async fn moved<'a>(chat: &Chat, room: u64, own: &'a [Own]) -> Result<Option<Vec<&'a Own>>, Wrong> {
    let Some(to) = chat.settings.trash.filter(|to| *to != room) else {
        return Ok(None);
    };
    if own.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let ids: Vec<String> = own.iter().map(|own| own.id.to_string()).collect();
    let (ids, to) = (ids.join(","), to.to_string());
    let path = format!("/admin/movePosts/{room}");
    let fields = [("ids", ids.as_str()), ("to", to.as_str())];
    let count: Option<usize> = match ask(chat, room, &path, &fields).await {
        Ok(reply) => serde_json::from_slice(&reply.body).ok(),
        Err(Wrong::Barred { .. } | Wrong::Missing | Wrong::Refused { .. }) => return Ok(None),
        Err(Wrong::Unsure { .. } | Wrong::Broken { .. }) => None,
        Err(wrong) => return Err(wrong),
    };
    let mut rest = Vec::new();
    for own in own {
        let gone =
            count == Some(ids.split(',').count()) || there(chat, room, own.id).await?.is_none();
        match gone {
            true => chat.recent.gone(room, own.id),
            false => rest.push(own),
        }
    }
    Ok(Some(rest))
}

/// Deletes a message; what the chat says to it.
async fn deleted(chat: &Chat, room: u64, id: i64) -> Result<String, Wrong> {
    let path = format!("/messages/{id}/delete");
    let mut doubts = 0;
    loop {
        let reply = ask(chat, room, &path, &[]).await;
        match reply.and_then(|reply| wrong::answer(&reply)) {
            // It was the try before.
            Ok(said) if doubts > 0 && said.contains("already been deleted") => {
                return Ok("ok".into());
            }
            Err(Wrong::Throttled { rest: Some(rest) }) => chat.queue.throttled(rest),
            Err(Wrong::Unsure { .. } | Wrong::Broken { .. }) if doubts < TRIES => doubts += 1,
            answer => return answer,
        }
    }
}

/// Asks for something that needs no turn, as soon as the chat wants to be asked at all.
async fn ask(
    chat: &Chat,
    room: u64,
    path: &str,
    fields: &[(&str, &str)],
) -> Result<crate::http::Reply, Wrong> {
    let mut conflicts = 0;
    loop {
        chat.queue.hush().await;
        match chat.door.post_from(room, path, fields).await {
            Err(Wrong::Throttled { rest: Some(rest) }) => chat.queue.throttled(rest),
            Err(Wrong::Throttled { rest: None }) if conflicts < CONFLICTS => {
                conflicts += 1;
                chat.queue.throttled(CONFLICT);
            }
            answer => return answer,
        }
    }
}
