//! What is done for one room, in order, by a task of its own: a slow room keeps no other waiting.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{Asker, Event, What};
use crate::model::{MessageId, PersonId, RoomId, Text};
use crate::room::{Platform, SayError, Saying, Spoken, Which};

/// What is done for a room, in order.
pub(super) enum Deed {
    /// Says one message, or puts it in the place of an earlier one.
    Answer {
        asker: Asker,
        text: Text,
        /// It is the first message of its answer.
        first: bool,
        replaces: Option<MessageId>,
        since: Option<DateTime<Utc>>,
        _permit: Option<OwnedSemaphorePermit>,
    },
    /// Takes away what an answer said in more messages than the one in its place.
    Remove(Vec<MessageId>),
    /// Says what stands in the outbox under these numbers, in these messages.
    Outgoing {
        numbers: Vec<u64>,
        texts: Vec<Text>,
        place: Place,
        since: Option<DateTime<Utc>>,
    },
    Leave,
}

/// Where in its room something stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// The message that it answers.
    pub answers: Option<MessageId>,
    /// The message to whose answer it belongs.
    pub part_of: Option<MessageId>,
    pub thread: Option<MessageId>,
    /// Whoever alone is to see it.
    pub only: Option<PersonId>,
}

/// A fault of a platform is its own: the room goes on.
async fn guarded<T>(doing: impl Future<Output = Result<T, SayError>>) -> Result<T, SayError> {
    let done = AssertUnwindSafe(doing).catch_unwind().await;
    done.unwrap_or_else(|_| {
        Err(SayError::Never {
            what: "it went wrong on my side".into(),
        })
    })
}

/// Says one message, and how long that took.
async fn say(platform: &dyn Platform, saying: &Saying) -> Result<Spoken, SayError> {
    let begun = Instant::now();
    let outcome = guarded(platform.say(saying)).await;
    let ms = begun.elapsed().as_secs_f64() * 1e3;
    let said = match &outcome {
        Ok(Spoken { before: false, .. }) => "said",
        Ok(Spoken { before: true, .. }) => "said before",
        Err(SayError::Later { .. }) => "later",
        Err(SayError::Never { .. }) => "never",
    };
    let room = &saying.room;
    tracing::debug!(%room, answer = saying.part_of.is_some(), outcome = said, ms, "a message");
    outcome
}

/// Does what is to be done for a room, one after the other, until the loop is gone or the room is left.
pub(super) async fn act(
    platform: Arc<dyn Platform>,
    room: RoomId,
    mut deeds: mpsc::Receiver<Deed>,
    said: mpsc::Sender<Event>,
) {
    let saying = |text: Text, place: Place, since| Saying {
        room: room.clone(),
        text,
        answers: place.answers,
        part_of: place.part_of,
        since,
        thread: place.thread,
        only: place.only,
    };
    let tell = async |what, outcome| {
        let event = Event::Said(room.clone(), what, outcome);
        said.send(event).await.is_ok()
    };
    // An answer has to wait: those behind it do so too, until the outbox is tried again.
    let mut waits = None;
    while let Some(deed) = deeds.recv().await {
        let heard = match deed {
            Deed::Answer {
                asker,
                text,
                first,
                replaces,
                since,
                _permit,
            } => {
                let edited = match replaces {
                    Some(message) => {
                        let edit = guarded(platform.edit(&room, &message, &text)).await;
                        Some(edit.map(|()| Spoken::now(message)))
                    }
                    None => None,
                };
                let place = Place {
                    answers: first.then(|| asker.message.clone()),
                    part_of: Some(asker.message.clone()),
                    thread: asker.thread.clone(),
                    only: asker.only.then(|| asker.person.clone()),
                };
                let saying = saying(text, place, since);
                let outcome = match (edited, &waits) {
                    (Some(Ok(spoken)), _) => Ok(spoken),
                    // Whether it was changed can be looked at later.
                    (Some(Err(later @ SayError::Later { .. })), _) => Err(later),
                    // Too old to be changed, or the platform cannot: say it anew.
                    (Some(Err(SayError::Never { .. })) | None, Some(later)) => {
                        Err(SayError::clone(later))
                    }
                    (Some(Err(SayError::Never { .. })) | None, None) => {
                        say(&*platform, &saying).await
                    }
                };
                if let Err(later @ SayError::Later { .. }) = &outcome
                    && !platform.manners().local
                {
                    waits = Some(later.clone());
                }
                let what = match outcome {
                    Ok(_) => What::Answer(asker),
                    Err(_) => What::Unsaid(asker, saying.text),
                };
                tell(what, outcome).await
            }
            Deed::Remove(messages) => {
                let these = messages.into_iter().map(|message| message.0.clone());
                let which = Which::These(these.collect());
                let outcome = guarded(platform.trash(&room, &which)).await;
                let outcome = outcome.map(|_| Spoken::now(MessageId(String::new())));
                tell(What::Nothing, outcome).await
            }
            Deed::Outgoing {
                numbers,
                texts,
                place,
                since,
            } => {
                waits = None;
                let all = texts.len();
                let mut done = Vec::new();
                let mut trouble = None;
                for text in texts {
                    let mut place = place.clone();
                    place.answers.take_if(|_| !done.is_empty());
                    match say(&*platform, &saying(text, place, since)).await {
                        Ok(spoken) => done.push(spoken),
                        Err(error) => {
                            trouble = Some(error);
                            break;
                        }
                    }
                }
                let before = done.iter().all(|spoken| spoken.before);
                let messages: Vec<MessageId> =
                    done.into_iter().map(|spoken| spoken.message).collect();
                let said = messages.len();
                let outcome = match trouble {
                    Some(error) => Err(error),
                    None => Ok(Spoken {
                        message: MessageId(String::new()),
                        before,
                    }),
                };
                let what = match numbers.as_slice() {
                    [number] if said > 0 && said < all => What::Begun(*number, said),
                    _ => What::Outgoing(numbers, messages),
                };
                tell(what, outcome).await
            }
            Deed::Leave => {
                let outcome = guarded(platform.leave(&room)).await;
                let outcome = outcome.map(|()| Spoken::now(MessageId(String::new())));
                tell(What::Nothing, outcome).await;
                return;
            }
        };
        if !heard {
            return;
        }
    }
}
