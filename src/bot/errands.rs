//! What is done on platforms beside the loop because somebody asked for it: entering rooms, taking messages away.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;

use super::works::Asked;
use super::{Bot, Event, Outbound, stop};
use crate::command::{backup, held, join, role, trash};
use crate::model::text::cut;
use crate::model::{Errand, Person, Role, RoomId, Stop, Stopped, Text, Trashed};
use crate::room::SayError;
use crate::source::{self, Asking, Look, LookError};
use crate::store::rows::{Entry, RoomRow};
use crate::store::{self, Backup, RestoreError, journal, tables};
use crate::tracker::{self, Trouble};

/// The most errands under way.
const UNDER_WAY: usize = 64;

/// What came of an errand.
#[derive(Debug)]
pub enum Done {
    /// The bot is in this room already, and its owners may end it from now on.
    Trusted(RoomId),
    /// A room was entered and is called so, or not.
    Joined(RoomId, Result<String, SayError>),
    Trashed(Result<Trashed, SayError>),
    /// What a source has, for the dialogue of this number.
    Sampled(u64, Result<Look, LookError>),
    /// A form is shown, or not.
    Asked(Result<(), SayError>),
    /// The store is copied; it is still to be seen whether the copy is good.
    Copied(Backup),
    /// It is good, under this name; or what went wrong.
    BackedUp(String, Result<Backup, RestoreError>),
}

/// On whose behalf an errand is run.
pub(super) enum Cause {
    /// They wait for the answer.
    Asked(Box<Asked>),
    /// They want the bot in a room, and nobody waits.
    Invited(Person),
}

/// Errands under way.
#[derive(Default)]
pub(super) struct Errands {
    under_way: HashMap<u64, Cause>,
    pub(super) last: u64,
    /// Somebody waits for a backup.
    pub(super) backs_up: bool,
}

impl Errands {
    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.under_way.len()
    }
}

/// Who ends the bot.
pub(super) fn stopped(asked: &Asked, stop: Stop, now: DateTime<Utc>) -> Stopped {
    let asker = &asked.answer.asker;
    Stopped {
        stop,
        by: Person {
            id: asker.person.clone(),
            name: asked.who.clone(),
        },
        room: asked.answer.room.clone(),
        message: asker.message.clone(),
        thread: asker.thread.clone(),
        words: cut(&asked.line, 500),
        at: now,
        said: None,
        unfinished: 0,
        waiting: None,
    }
}

impl Bot {
    /// Begins an errand; what cannot even begin is answered at once.
    pub(super) fn run_errand(&mut self, cause: Cause, errand: Errand) {
        let text = match self.begin_errand(&cause, errand) {
            Ok(Some(begun)) => {
                self.errands.last += 1;
                let number = self.errands.last;
                self.errands.under_way.insert(number, cause);
                let sender = self.sender.clone();
                tokio::spawn(async move {
                    let done = begun.await;
                    // Nobody listens any more when the bot has ended.
                    let _ = sender.send(Event::Done(number, done)).await;
                });
                return;
            }
            Ok(None) => return,
            Err(text) => text,
        };
        if let Cause::Asked(asked) = cause {
            let answer = asked.answer;
            self.answer(super::speak::Answer { text, ..answer });
        }
    }

    fn begin_errand(
        &mut self,
        cause: &Cause,
        errand: Errand,
    ) -> Result<Option<futures_util::future::BoxFuture<'static, Done>>, Text> {
        let takes_long = !matches!(errand, Errand::Stop(_) | Errand::Leave);
        if takes_long && self.errands.under_way.len() >= UNDER_WAY {
            return Err(
                Text::line("Too much is being done for others at the moment.")
                    .hint("ask again in a minute"),
            );
        }
        let here = match cause {
            Cause::Asked(asked) => Some(asked.answer.room.clone()),
            Cause::Invited(_) => None,
        };
        match errand {
            Errand::Join(typed) => {
                let room = self
                    .room_meant(here.as_ref(), &typed)
                    .ok_or_else(|| Text::from(join::unknown(&typed)))?;
                if self.rooms.contains_key(&room) {
                    if self.is_wanted_by_operator(cause, &room) && !self.is_home(&room) {
                        return Ok(Some(Box::pin(async move { Done::Trusted(room) })));
                    }
                    return Err(join::already(&room).into());
                }
                let Some(platform) = self.platforms.get(room.platform.as_str()).cloned() else {
                    return Err(join::unknown(&typed).into());
                };
                Ok(Some(Box::pin(async move {
                    let joined = platform.join(&room).await;
                    Done::Joined(room, joined)
                })))
            }
            Errand::Leave => {
                // The farewell may still wait to be said.
                if let Some(here) = here {
                    if let Some(room) = self.rooms.get_mut(&here) {
                        room.leaving = true;
                    }
                    self.pump(&here);
                }
                Ok(None)
            }
            Errand::Stop(stop) => {
                let Cause::Asked(asked) = cause else {
                    return Ok(None);
                };
                let stopped = stopped(asked, stop, self.clock.now());
                let Some(platform) = self.platforms.get(stopped.room.platform.as_str()).cloned()
                else {
                    return Ok(None);
                };
                stop::end(&self.stopper, platform, stopped);
                Ok(None)
            }
            Errand::BackUp => self.begin_backup().map(Some),
            Errand::Ask(form) => {
                let Cause::Asked(asked) = cause else {
                    return Ok(None);
                };
                let here = asked.answer.room.clone();
                let of = asked.answer.asker.message.clone();
                let Some(platform) = self.platforms.get(here.platform.as_str()).cloned() else {
                    return Ok(None);
                };
                Ok(Some(Box::pin(async move {
                    Done::Asked(platform.ask(&here, &of, &form).await)
                })))
            }
            Errand::Sample(id, part) => {
                let poll = source::build(&part).map_err(Text::from)?;
                let (http, now) = (self.http.clone(), self.clock.now());
                let shared = self.trackers.shared().clone();
                let every = self.trackers.limits().every;
                Ok(Some(Box::pin(async move {
                    let asking = Asking {
                        http: &http,
                        shared: &shared,
                        cursor: &serde_json::Value::Null,
                        now,
                        every,
                    };
                    let look = std::panic::AssertUnwindSafe(poll.look(&asking));
                    let outcome = look.catch_unwind().await.unwrap_or_else(|_| {
                        Err(LookError {
                            what: "reading it went wrong on my side".into(),
                            ..LookError::default()
                        })
                    });
                    Done::Sampled(id, outcome)
                })))
            }
            Errand::Trash(which) => {
                let Some((here, platform)) = here.and_then(|here| {
                    let platform = self.platforms.get(here.platform.as_str()).cloned()?;
                    Some((here, platform))
                }) else {
                    return Ok(None);
                };
                Ok(Some(Box::pin(async move {
                    Done::Trashed(platform.trash(&here, &which).await)
                })))
            }
        }
    }

    /// The room that somebody means: one of the platform that they name, of theirs, or of any other.
    fn room_meant(&self, here: Option<&RoomId>, typed: &str) -> Option<RoomId> {
        if let Some((platform, room)) = typed.split_once('/')
            && let Some(platform) = self.platforms.get(platform)
        {
            return platform.room(room);
        }
        let near = here.and_then(|here| self.platforms.get(here.platform.as_str()));
        let mut others: Vec<_> = self.platforms.values().collect();
        others.sort_by(|a, b| a.name().cmp(b.name()));
        let mut all = near.into_iter().chain(others);
        all.find_map(|platform| platform.room(typed))
    }

    /// An errand has ended.
    pub(super) fn errand_done(
        &mut self,
        number: u64,
        done: Done,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) {
        let Some(cause) = self.errands.under_way.remove(&number) else {
            return;
        };
        if let Err(error) = self.write_down(&cause, &done, now) {
            tracing::error!(%error, "the journal cannot be written");
        }
        let text = match done {
            Done::Copied(copied) => {
                if let Cause::Asked(asked) = &cause {
                    out.answers
                        .push(asked.answer_beside(backup::copied(&copied)));
                }
                self.errands.under_way.insert(number, cause);
                return;
            }
            Done::BackedUp(name, outcome) => self.backed_up(&name, outcome),
            Done::Trusted(room) => {
                self.note_home(&room);
                join::trusted(&room)
            }
            Done::Joined(room, Ok(name)) => match self.arrive(&room, &name, &cause, now) {
                Ok(text) => {
                    out.rooms.insert(room);
                    text
                }
                Err(trouble) => self.fault(&trouble.to_string(), "join"),
            },
            Done::Joined(room, Err(SayError::Never { what } | SayError::Later { what, .. })) => {
                tracing::info!(%room, why = what, "a room could not be entered");
                join::shut(&room, &what).into()
            }
            Done::Sampled(id, outcome) => {
                let text = self.sampled(&cause, id, outcome, now);
                if text.is_empty() {
                    return;
                }
                text
            }
            // They see it.
            Done::Asked(Ok(())) => return,
            Done::Asked(Err(SayError::Never { what } | SayError::Later { what, .. })) => {
                tracing::warn!(why = what, "a form could not be shown");
                Text::line(format!(
                    "I cannot show you a form: {}.",
                    what.replace('`', "'")
                ))
                .hint("`help` shows what you can type instead")
            }
            Done::Trashed(Ok(trashed)) => trash::trashed(&trashed),
            Done::Trashed(Err(SayError::Never { what } | SayError::Later { what, .. })) => {
                trash::failed(&what).into()
            }
        };
        if let Cause::Asked(asked) = cause {
            let answer = asked.answer;
            self.note_done(&answer.room);
            out.answers.push(super::speak::Answer { text, ..answer });
        }
    }

    /// Writes into the journal what somebody had done.
    fn write_down(
        &mut self,
        cause: &Cause,
        done: &Done,
        now: DateTime<Utc>,
    ) -> Result<(), store::Error> {
        let what = match done {
            Done::Trusted(room) => format!("join {room}, whose owners may end me"),
            Done::Joined(room, Ok(_)) => format!("join {room}"),
            Done::Trashed(Ok(_)) => "trash".into(),
            Done::BackedUp(name, Ok(_)) => format!("backup {name}"),
            Done::Joined(_, Err(_))
            | Done::Trashed(Err(_))
            | Done::BackedUp(_, Err(_))
            | Done::Sampled(..)
            | Done::Asked(_)
            | Done::Copied(_) => return Ok(()),
        };
        let (who, room, words) = match (cause, done) {
            (Cause::Asked(asked), _) => {
                let who = Person {
                    id: asked.answer.asker.person.clone(),
                    name: asked.who.clone(),
                };
                (who, asked.answer.room.clone(), cut(&asked.line, 500))
            }
            (Cause::Invited(person), Done::Joined(room, _)) => {
                (person.clone(), room.clone(), String::new())
            }
            (Cause::Invited(_), _) => return Ok(()),
        };
        let entry = Entry {
            at: now,
            who,
            room,
            words,
            what,
            also: Vec::new(),
        };
        journal::append(&mut self.store, entry)
    }

    /// Whoever runs the bot wants it in this room.
    fn is_wanted_by_operator(&self, cause: &Cause, room: &RoomId) -> bool {
        let (place, person) = match cause {
            Cause::Asked(asked) => (&asked.answer.room, &asked.answer.asker.person),
            Cause::Invited(person) => (room, &person.id),
        };
        let known = self.rooms.get(place);
        let known = known.and_then(|room| room.people.get(person));
        let outside = known.map_or(Role::Guest, |known| known.role);
        let role = role::of(&self.store, place, person, outside);
        let role = role.unwrap_or_else(|error| {
            tracing::error!(room = %place, %error, "roles cannot be read");
            Role::Guest
        });
        role >= Role::Operator
    }

    /// Something was done beside the loop for somebody in a room: it is not to be done again when the room is read anew,
    /// unless something else is still under way there.
    pub(super) fn note_done(&mut self, room: &RoomId) {
        let here = |cause: &Cause| match cause {
            Cause::Asked(asked) => asked.answer.room == *room,
            Cause::Invited(_) => false,
        };
        if !self.errands.under_way.values().any(here) && !self.works.is_in(room) {
            self.note_room(room);
        }
    }

    /// A room was entered because somebody wanted it.
    fn arrive(
        &mut self,
        room: &RoomId,
        name: &str,
        cause: &Cause,
        now: DateTime<Utc>,
    ) -> Result<Text, Trouble> {
        self.lost.remove(room);
        let row = RoomRow {
            name: (!name.is_empty()).then(|| name.to_string()),
            home: self.is_wanted_by_operator(cause, room),
            ..RoomRow::new(now)
        };
        self.store.put(&tables::ROOMS, room, &row);
        // What was to be answered before it left is of no use to anybody.
        tracker::forget_answers(&mut self.store, room)?;
        self.enter(room, now)?;
        let who = match cause {
            Cause::Asked(asked) => asked.who.as_str(),
            Cause::Invited(person) => person.name.as_str(),
        };
        // A mute of before is still somebody's wish: it is said, and keeps this from nobody.
        let held = held::of_room(&self.store, room, &self.trackers.reading(room, now))?;
        tracker::enqueue_first(&mut self.store, room, join::hello(who, held), now)?;
        let paused = self.trackers.reporting_in(room);
        let paused = paused.filter(|tracker| tracker.paused).count();
        Ok(join::joined(room, name, paused))
    }
}
