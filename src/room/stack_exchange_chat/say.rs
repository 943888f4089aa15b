//! Saying something in a room, once and not twice.

use std::time::Duration;

use compact_str::ToCompactString;
use serde_json::Value;

use super::content::JOINER;
use super::look::{self, Sent};
use super::posted::{Begun, Message};
use super::queue::{Passed, Turn};
use super::render::{self, LINE, LINES, Source, units};
use super::tries::{self, Tries};
use super::wrong::Wrong;
use super::{Chat, later};
use crate::model::{MessageId, Text};
use crate::room::{SayError, Saying, Spoken};

/// When nobody knows whether a message was said, it is looked for after each of these times.
const LOOKS: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(3),
    Duration::from_secs(4),
];
/// Where it could not be looked until then, after these as well.
const MORE_LOOKS: [Duration; 3] = [
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(30),
];
/// How often a message is sent when it was found each time that it was not said.
const TRIES: u32 = 3;

/// What the chat says to a new message.
enum Answer {
    Said(i64),
    /// It is the same as the one before, and was not posted.
    Same,
}

/// What is done next.
enum Next {
    Done(i64),
    Again,
}

/// A message on its way.
struct Sending<'a> {
    chat: &'a Chat,
    room: u64,
    /// As it is sent; where it had to differ from the message before, also as it was meant.
    source: Source,
    meant: String,
    /// The same without markup.
    rows: String,
    parent: Option<i64>,
    turn: Turn,
    begun: Begun,
    tries: Tries,
    /// How often it was sent and may have been said.
    doubts: u32,
    /// It was the same as the one before, and is no longer.
    varied: bool,
}

/// Says one message.
///
/// # Errors
/// When the chat does not take it, now or ever.
pub(super) async fn say(chat: &Chat, saying: &Saying) -> Result<Spoken, SayError> {
    let room = chat.number(&saying.room)?;
    let source = sendable(&saying.text)?;
    let rows = render::unmarked(&saying.text);
    let parent = saying.answers.as_ref().and_then(|id| id.0.parse().ok());
    let doubted = chat
        .posted
        .doubted(room, &source.text, parent, chat.clock.now());
    if let Some(begun) = doubted.or(saying.since.map(Begun::Since)) {
        let sent = Sent {
            source: &source,
            rows: &rows,
            parent,
        };
        match look(chat, room, &sent, begun).await {
            Ok(Some(id)) => {
                return Ok(Spoken {
                    message: MessageId(id.to_compact_string()),
                    before: true,
                });
            }
            Ok(None) => {}
            Err(wrong) => {
                if let Some(begun) = doubted {
                    let now = chat.clock.now();
                    chat.posted.doubt(room, &source.text, parent, begun, now);
                }
                return Err(later(&wrong));
            }
        }
    }
    let turn = match chat.queue.turn(room, None).await {
        Ok(turn) => turn,
        Err(Passed::Later(error)) => return Err(error),
        // Only edits are.
        Err(Passed::Replaced) => return Err(later(&Wrong::Throttled { rest: None })),
    };
    let begun = match chat.recent.last(room).max(chat.posted.last(room)) {
        Some(id) => Begun::After(id),
        None => Begun::Since(chat.clock.now()),
    };
    let sending = Sending {
        chat,
        room,
        meant: source.text.clone(),
        source,
        rows,
        parent,
        turn,
        begun,
        tries: Tries::default(),
        doubts: 0,
        varied: false,
    };
    sending.send().await
}

/// Posts one message past the queue, once.
///
/// # Errors
/// When the chat does not take it at once.
pub(super) async fn last_word(chat: &Chat, saying: &Saying) -> Result<Spoken, SayError> {
    let room = chat.number(&saying.room)?;
    let source = sendable(&saying.text)?;
    let parent = saying.answers.as_ref().and_then(|id| id.0.parse().ok());
    match post(chat, room, &source, parent).await {
        Ok(Answer::Said(id)) => Ok(Spoken::now(MessageId(id.to_compact_string()))),
        Ok(Answer::Same) => Err(SayError::Never {
            what: "the chat takes it for the message before".into(),
        }),
        Err(wrong) => Err(later(&wrong)),
    }
}

async fn post(
    chat: &Chat,
    room: u64,
    source: &Source,
    parent: Option<i64>,
) -> Result<Answer, Wrong> {
    let fields = fields(source.text.clone(), source.plain, parent);
    let path = format!("/chats/{room}/messages/new");
    let reply = chat.door.post(&path, &borrowed(&fields)).await?;
    let posted: Option<Value> = serde_json::from_slice(&reply.body).ok();
    match posted.as_ref().and_then(|posted| posted.get("id")) {
        Some(Value::Null) => Ok(Answer::Same),
        Some(Value::Number(id)) if id.as_i64().is_some() => {
            Ok(Answer::Said(id.as_i64().unwrap_or_default()))
        }
        Some(_) | None => Err(Wrong::Unsure {
            what: "the chat did not say what became of the message".into(),
        }),
    }
}

/// What is sent for a text.
///
/// # Errors
/// When the chat takes nothing so long, or there is nothing to see in it.
pub(super) fn sendable(text: &Text) -> Result<Source, SayError> {
    let source = render::source(text);
    let longest = match source.text.contains('\n') {
        true => LINES,
        false => LINE,
    };
    let what = match units(&source.text) {
        0 => "there is nothing to see in it".into(),
        length if length > longest => {
            format!("it is too long for the chat ({length} characters, of {longest} at most)")
        }
        _ => return Ok(source),
    };
    Err(SayError::Never { what })
}

/// The fields of a form with a text that answers `parent`.
pub(super) fn fields(
    text: String,
    plain: bool,
    parent: Option<i64>,
) -> Vec<(&'static str, String)> {
    let Some(parent) = parent else {
        return vec![("text", text)];
    };
    let answer = format!(":{parent} {text}");
    match !plain && units(&answer) <= LINE {
        true => vec![("text", answer)],
        false => vec![("text", text), ("parentId", parent.to_string())],
    }
}

/// The same for the door.
pub(super) fn borrowed<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    let all = fields.iter();
    all.map(|(name, value)| (*name, value.as_str())).collect()
}

/// Another text that looks the same.
fn varied(text: &str) -> String {
    // A link that stands alone is unfolded only when nothing else is with it.
    if text.starts_with("http") && !text.contains(char::is_whitespace) {
        return format!("{text}#");
    }
    match text.contains('\n') || units(text) < LINE {
        true => format!("{text}{JOINER}"),
        // There is no place for more.
        false => text.replacen(' ', "\u{a0}", 1),
    }
}

/// Looks once; where the account is not logged in, when it is again.
async fn look(chat: &Chat, room: u64, sent: &Sent<'_>, begun: Begun) -> Result<Option<i64>, Wrong> {
    match look::look(chat, room, sent, begun).await {
        Err(Wrong::LoggedOut) if tries::logged_in(chat).await => {
            look::look(chat, room, sent, begun).await
        }
        looked => looked,
    }
}

impl Sending<'_> {
    async fn send(mut self) -> Result<Spoken, SayError> {
        loop {
            self.turn.ready().await;
            let next = match self.post().await {
                Ok(Answer::Said(id)) => Next::Done(id),
                Ok(Answer::Same) => self.same().await?,
                Err(wrong @ (Wrong::Unsure { .. } | Wrong::Broken { .. })) => {
                    self.doubt(&wrong).await?
                }
                Err(wrong) => {
                    self.tries.again(self.chat, self.room, &wrong).await?;
                    Next::Again
                }
            };
            if let Next::Done(id) = next {
                self.turn.said();
                let message = Message {
                    id,
                    parent: self.parent,
                    at: self.chat.clock.now(),
                };
                self.chat.posted.note(self.room, message);
                return Ok(Spoken::now(MessageId(id.to_compact_string())));
            }
        }
    }

    async fn post(&self) -> Result<Answer, Wrong> {
        post(self.chat, self.room, &self.source, self.parent).await
    }

    /// The chat takes it for the message before. That may be this very one.
    async fn same(&mut self) -> Result<Next, SayError> {
        if self.doubts > 0
            && let Some(id) = self.find().await?
        {
            return Ok(Next::Done(id));
        }
        if std::mem::replace(&mut self.varied, true) {
            return Err(SayError::Never {
                what: "the chat takes it for the message before".into(),
            });
        }
        self.source.text = varied(&self.source.text);
        Ok(Next::Again)
    }

    /// It may have been said: looks for it, and sends it again only when it was not.
    async fn doubt(&mut self, wrong: &Wrong) -> Result<Next, SayError> {
        self.turn.said();
        self.doubts += 1;
        match self.find().await? {
            Some(id) => Ok(Next::Done(id)),
            None if self.doubts < TRIES => Ok(Next::Again),
            None => Err(later(wrong)),
        }
    }

    /// Looks for it for some seconds; none when it was not said.
    async fn find(&self) -> Result<Option<i64>, SayError> {
        let mut looked = None;
        for pause in LOOKS {
            looked = Some(self.find_after(pause).await);
            if let Some(Ok(Some(id))) = looked {
                return Ok(Some(id));
            }
        }
        for pause in MORE_LOOKS {
            if let Some(Ok(found)) = looked {
                return Ok(found);
            }
            looked = Some(self.find_after(pause).await);
        }
        match looked {
            Some(Ok(found)) => Ok(found),
            Some(Err(wrong)) => {
                let (text, now) = (&self.meant, self.chat.clock.now());
                let posted = &self.chat.posted;
                posted.doubt(self.room, text, self.parent, self.begun, now);
                Err(later(&wrong))
            }
            None => Ok(None),
        }
    }

    async fn find_after(&self, pause: Duration) -> Result<Option<i64>, Wrong> {
        let (clock, recent) = (&self.chat.clock, &self.chat.recent);
        let last = recent.last(self.room);
        tokio::select! {
            () = clock.until(clock.now() + pause) => {}
            // The chat tells of it by itself.
            () = recent.wait_for(self.room, |own| (Some(own.id) > last).then_some(())) => {}
        }
        let sent = Sent {
            source: &self.source,
            rows: &self.rows,
            parent: self.parent,
        };
        look(self.chat, self.room, &sent, self.begun).await
    }
}
