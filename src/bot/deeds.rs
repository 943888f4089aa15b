//! What is done for one room, in order, by a task of its own: a slow room keeps no other waiting.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{Asker, Event, What};
use crate::model::text::Block;
use crate::model::{MessageId, PersonId, RoomId, Text};
use crate::room::{Platform, SayError, Saying, Spoken, Which};

/// What is done for a room, in order.
pub(super) enum Deed {
    /// Says one message, or puts it in the place of an earlier one.
    Answer(Piece),
    /// Puts another text in the place of a message with buttons, because of a `click` where one did it.
    Change {
        message: MessageId,
        text: Text,
        click: Option<MessageId>,
    },
    /// Takes away what an answer said in more messages than the one in its place.
    Remove(Vec<MessageId>),
    /// Says what stands in the outbox under these numbers, in these messages.
    Outgoing {
        numbers: Vec<u64>,
        texts: Vec<Text>,
        /// They are not all of it: the rest comes later.
        more: bool,
        place: Place,
        since: Option<DateTime<Utc>>,
    },
    Leave,
}

/// A message of an answer.
pub(super) struct Piece {
    pub asker: Asker,
    pub text: Text,
    /// It is the first message of its answer.
    pub first: bool,
    pub replaces: Option<MessageId>,
    pub since: Option<DateTime<Utc>>,
    pub _permit: Option<OwnedSemaphorePermit>,
}

impl Piece {
    fn place(&self) -> Place {
        let asker = &self.asker;
        Place {
            answers: self.first.then(|| asker.message.clone()),
            part_of: Some(asker.message.clone()),
            thread: asker.thread.clone(),
            only: asker.only.then(|| asker.person.clone()),
        }
    }
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
    done.unwrap_or_else(|_| Err(fault()))
}

/// Says messages together, and what came of each.
async fn say_all(
    platform: &dyn Platform,
    sayings: &Arc<[Saying]>,
) -> Vec<Result<Spoken, SayError>> {
    let begun = Instant::now();
    let done = AssertUnwindSafe(platform.say_all(sayings)).catch_unwind();
    let mut outcomes = done.await.unwrap_or_default();
    outcomes.resize_with(sayings.len(), || Err(fault()));
    for (saying, outcome) in sayings.iter().zip(&outcomes) {
        note(saying, outcome, begun);
    }
    outcomes
}

fn fault() -> SayError {
    SayError::Never {
        what: "it went wrong on my side".into(),
    }
}

/// Says one message, and how long that took.
async fn say(platform: &dyn Platform, saying: &Saying) -> Result<Spoken, SayError> {
    let begun = Instant::now();
    let outcome = guarded(platform.say(saying)).await;
    note(saying, &outcome, begun);
    outcome
}

fn note(saying: &Saying, outcome: &Result<Spoken, SayError>, begun: Instant) {
    let ms = begun.elapsed().as_secs_f64() * 1e3;
    let said = match outcome {
        Ok(Spoken { before: false, .. }) => "said",
        Ok(Spoken { before: true, .. }) => "said before",
        Err(SayError::Later { .. }) => "later",
        Err(SayError::Never { .. }) => "never",
    };
    let room = &saying.room;
    tracing::debug!(%room, answer = saying.part_of.is_some(), outcome = said, ms, "a message");
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
    let manners = platform.manners();
    // What has buttons can be changed.
    let show = async |text: Option<Text>, outcome: &Result<Spoken, SayError>| {
        let (Some(text), Ok(spoken)) = (text, outcome) else {
            return true;
        };
        tell(What::Shown(text), Ok(spoken.clone())).await
    };
    let shows = |text: &Text| {
        let has = manners.buttons
            && text
                .0
                .iter()
                .any(|block| matches!(block, Block::Choices(_)));
        has.then(|| text.clone())
    };
    // An answer has to wait: those behind it do so too, until the outbox is tried again.
    let mut waits = None;
    let most = platform.at_once().max(1);
    let (mut came, mut next) = (Vec::with_capacity(most), VecDeque::with_capacity(most));
    loop {
        if next.is_empty() {
            deeds.recv_many(&mut came, most).await;
            next.extend(came.drain(..));
        }
        let Some(deed) = next.pop_front() else {
            return;
        };
        let heard = match deed {
            Deed::Answer(mut piece) => {
                let edited = match piece.replaces.take() {
                    Some(message) => {
                        let edit = guarded(platform.edit(&room, &message, &piece.text)).await;
                        Some(edit.map(|()| Spoken::now(message)))
                    }
                    None => None,
                };
                let edits = edited.is_some();
                let mut pieces = vec![piece];
                let mut texts = Vec::new();
                if edits {
                    texts.push(shows(&pieces[0].text));
                }
                let outcomes = match (edited, &waits) {
                    (Some(Ok(spoken)), _) => vec![Ok(spoken)],
                    // Whether it was changed can be looked at later.
                    (Some(Err(later @ SayError::Later { .. })), _) => vec![Err(later)],
                    // Too old to be changed, or the platform cannot: say it anew.
                    (Some(Err(SayError::Never { .. })) | None, Some(later)) => {
                        vec![Err(SayError::clone(later))]
                    }
                    (Some(Err(SayError::Never { .. })) | None, None) => {
                        // Those behind it go along: alone, each would wait for the platform's word about the one before.
                        pieces.extend(std::iter::from_fn(|| new_answer(&mut next)));
                        let sayings = pieces.iter_mut().map(|piece| {
                            let text = std::mem::take(&mut piece.text);
                            saying(text, piece.place(), piece.since)
                        });
                        let sayings: Arc<[Saying]> = sayings.collect();
                        texts = sayings.iter().map(|saying| shows(&saying.text)).collect();
                        let outcomes = say_all(&*platform, &sayings).await;
                        for (n, outcome) in outcomes.iter().enumerate() {
                            if outcome.is_err() {
                                pieces[n].text = sayings[n].text.clone();
                            }
                        }
                        outcomes
                    }
                };
                let mut heard = true;
                for (text, outcome) in texts.into_iter().zip(&outcomes) {
                    heard &= show(text, outcome).await;
                }
                for (piece, outcome) in pieces.into_iter().zip(outcomes) {
                    if let Err(later @ SayError::Later { .. }) = &outcome
                        && !platform.manners().local
                    {
                        waits = Some(later.clone());
                    }
                    let what = match outcome {
                        Ok(_) => What::Answer(piece.asker),
                        Err(_) => What::Unsaid(piece.asker, piece.text),
                    };
                    heard &= tell(what, outcome).await;
                }
                heard
            }
            Deed::Change {
                message,
                text,
                click,
            } => {
                let changed = match &click {
                    Some(click) => {
                        let change = platform.edit_clicked(&room, &message, click, &text);
                        guarded(change).await
                    }
                    None => guarded(platform.edit(&room, &message, &text)).await,
                };
                let heard = show(shows(&text), &Ok(Spoken::now(message))).await;
                let nothing = changed.map(|()| Spoken::now(MessageId::default()));
                heard && tell(What::Nothing, nothing).await
            }
            Deed::Remove(messages) => {
                let these = messages.into_iter().map(|message| message.0.to_string());
                let which = Which::These(these.collect());
                let outcome = guarded(platform.trash(&room, &which)).await;
                let outcome = outcome.map(|_| Spoken::now(MessageId::default()));
                tell(What::Nothing, outcome).await
            }
            Deed::Outgoing {
                numbers,
                texts,
                more,
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
                    let shown = shows(&text);
                    let outcome = say(&*platform, &saying(text, place, since)).await;
                    if !show(shown, &outcome).await {
                        return;
                    }
                    match outcome {
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
                        message: MessageId::default(),
                        before,
                    }),
                };
                let what = match numbers.as_slice() {
                    [number] if said > 0 && (said < all || more) => What::Begun(*number, messages),
                    _ => What::Outgoing(numbers, messages),
                };
                tell(what, outcome).await
            }
            Deed::Leave => {
                let outcome = guarded(platform.leave(&room)).await;
                let outcome = outcome.map(|()| Spoken::now(MessageId::default()));
                tell(What::Nothing, outcome).await;
                return;
            }
        };
        if !heard {
            return;
        }
    }
}

/// The answer that comes next, when it takes the place of no other.
fn new_answer(next: &mut VecDeque<Deed>) -> Option<Piece> {
    let is_new = |deed: &mut Deed| matches!(deed, Deed::Answer(piece) if piece.replaces.is_none());
    match next.pop_front_if(is_new)? {
        Deed::Answer(piece) => Some(piece),
        Deed::Change { .. } | Deed::Remove(_) | Deed::Outgoing { .. } | Deed::Leave => None,
    }
}
