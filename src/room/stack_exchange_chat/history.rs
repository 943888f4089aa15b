//! What was said in a room before, read back.

use serde::Deserialize;

use super::door::Door;
use super::event::Event;
use super::wrong::Wrong;

/// The most messages that the chat gives at once.
pub(super) const PAGE: usize = 500;

/// Which messages of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// The last so many.
    Last(usize),
    /// Those behind this one, at most [`PAGE`].
    After(i64),
    /// So many before this one.
    Before(i64, usize),
}

/// What was said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Past {
    /// Messages as they are now, the oldest first. They have no `id`; what was deleted has no `content`.
    pub events: Vec<Event>,
    /// The number of the last event of the whole chat.
    pub time: i64,
    /// What time it is there, Unix seconds.
    pub sync: i64,
}

/// Reads back what was said in a room. Whoever asks enters the room.
///
/// # Errors
/// When the chat does not give it.
pub(super) async fn read(door: &Door, room: u64, span: Span) -> Result<Past, Wrong> {
    let (count, place) = match span {
        Span::Last(count) => (count, None),
        Span::After(id) => (PAGE, Some(("after", id))),
        Span::Before(id, count) => (count, Some(("before", id))),
    };
    let count = count.min(PAGE).to_string();
    let mut fields = vec![("since", "0"), ("mode", "Messages"), ("msgCount", &count)];
    let place = place.map(|(key, id)| (key, id.to_string()));
    if let Some((key, id)) = &place {
        fields.push((key, id));
    }
    let reply = door.post(&format!("/chats/{room}/events"), &fields).await?;
    serde_json::from_slice(&reply.body).map_err(|_| Wrong::Unsure {
        what: "the chat answered with something else than what was said".into(),
    })
}
