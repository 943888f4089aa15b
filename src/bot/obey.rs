//! A line that is meant for the bot: run whole, or not at all.

use std::time::Instant;

use chrono::{DateTime, Utc};

use super::errands::Cause;
use super::speak::Answer;
use super::works::Asked;
use super::{Bot, Outbound, errands, measures, said_at_panic, standing};
use crate::command::{self, Grammar, Scene, Seen, Work, role};
use crate::meter::Outcome;
use crate::model::{Errand, Message, Person, Refusal, Role, RoomId, Text};
use crate::tracker::{self, Trouble};

/// The longest message that is read, in bytes.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// What becomes of a line.
pub(super) enum Reply {
    /// Says the text; `only` to whoever typed the line.
    Now {
        text: Text,
        only: bool,
    },
    Later(Work),
    /// Says the text, if there is one, and then does the errand.
    Errand(Text, Errand),
}

impl Reply {
    /// Says this to everybody.
    pub(super) fn to_all(text: Text) -> Reply {
        Reply::Now { text, only: false }
    }
}

/// Why a line was not done; it changed nothing.
pub(super) enum Failed {
    Mistake(Refusal),
    /// A fault of ours, as people hear of it.
    Fault(Text),
}

impl From<Failed> for Text {
    fn from(failed: Failed) -> Text {
        match failed {
            Failed::Mistake(refusal) => refusal.into(),
            Failed::Fault(text) => text,
        }
    }
}

impl Bot {
    /// Runs a line; whatever goes wrong in it changes nothing and is told.
    pub(super) fn answer_to(
        &mut self,
        message: &Message,
        line: &str,
        role: Role,
        now: DateTime<Utc>,
    ) -> Reply {
        match self.obey(message, line, role, now) {
            Ok(reply) => reply,
            Err(failed) => {
                let room = self.rooms.get(&message.room);
                let only = room.is_some_and(|room| room.manners.private_mistakes);
                Reply::Now {
                    text: failed.into(),
                    only: only || message.private,
                }
            }
        }
    }

    /// What becomes of a command, or what is said because it was not done.
    pub(super) fn obey(
        &mut self,
        message: &Message,
        line: &str,
        role: Role,
        now: DateTime<Utc>,
    ) -> Result<Reply, Failed> {
        let (begun, before) = (Instant::now(), self.store.mark());
        let mut kind = None;
        let reply = self.run_line(message, line, role, now, &mut kind);
        let outcome = match &reply {
            Ok(_) => Outcome::Done,
            Err(Failed::Mistake(_)) => Outcome::Refused,
            Err(Failed::Fault(_)) => Outcome::Failed,
        };
        self.measures.command(kind, outcome);
        let (room, person, command) = (&message.room, message.person.id.0.as_str(), kind);
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        // What only asks is logged by whoever looks for something: it may come thousands of times a second.
        match self.store.mark() == before {
            true => {
                tracing::debug!(%room, person, command, outcome = outcome.name(), ms, "a command")
            }
            false => {
                tracing::info!(%room, person, command, outcome = outcome.name(), ms, "a command")
            }
        }
        reply
    }

    /// The same; says by the way which command it is.
    fn run_line(
        &mut self,
        message: &Message,
        line: &str,
        role: Role,
        now: DateTime<Utc>,
        kind: &mut Option<&'static str>,
    ) -> Result<Reply, Failed> {
        // The whole message: a platform may have cut it at its end.
        let length = message.text.len();
        if length > LONGEST_MESSAGE {
            return Err(Failed::Mistake(
                Refusal::new(format!(
                    "That message has {} KiB; I read {} at most.",
                    length.div_ceil(1024),
                    LONGEST_MESSAGE / 1024
                ))
                .hint("say it in fewer words"),
            ));
        }
        // A form is no answer to a question: it has a line of its own.
        let is_form = message.text.is_empty();
        let mark = self.store.mark();
        self.trackers.begin();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.in_scene(message, line, role, now, |grammar, scene| {
                let answer = command::answer(grammar, scene);
                *kind = scene.kind;
                let asked = (scene.asked, scene.settled.take());
                (
                    answer,
                    scene.work.take(),
                    scene.errand.take(),
                    (scene.aside, asked),
                )
            })
        }));
        if let Ok((Ok(_), .., (_, (asked, settled)))) = &outcome {
            if *asked != self.is_asked(&message.room, &message.person.id) && !is_form {
                self.set_asked(&message.room, &message.person.id, *asked);
            }
            if let Some(settled) = settled {
                self.settle_question(message, settled);
            }
        }
        let later = |text, work, only| match work {
            Some(work) => Reply::Later(work),
            None => Reply::Now { text, only },
        };
        // Whoever is asked may have answered with a secret.
        let logged = match self.is_asked(&message.room, &message.person.id) {
            true => "said in the middle of a dialogue",
            false => line,
        };
        let (trouble, work) = match outcome {
            Ok((Ok(text), _, Some(errand), _)) => return Ok(Reply::Errand(text, errand)),
            Ok((Ok(text), work, None, (aside, _))) => {
                // What was asked in private is everybody's business once it changes something for them.
                let changes = self.store.mark() != mark;
                return Ok(later(text, work, aside || message.private && !changes));
            }
            Ok((Err(trouble), work, ..)) => (trouble, work),
            Err(panic) => {
                self.store.rewind(mark);
                self.reload();
                return Err(Failed::Fault(
                    self.fault(&said_at_panic(panic.as_ref()), logged),
                ));
            }
        };
        self.store.rewind(mark);
        if let Err(worse) = self.trackers.rewind(&self.store) {
            tracing::error!(trouble = %worse, "a refused command could not be taken back in memory");
            self.reload();
        }
        match trouble {
            Trouble::DryRun(text) => Ok(later(text, work, message.private)),
            Trouble::Refusal(refusal) => Err(Failed::Mistake(refusal)),
            Trouble::Store(error) => Err(Failed::Fault(self.fault(&error.to_string(), logged))),
        }
    }

    /// The role of whoever sent a message: what the platform says, or the config, or a grant; the highest.
    pub(super) fn role(&self, message: &Message) -> Role {
        let owners = (self.room_setup)(&message.room).owners;
        let outside = match owners.contains(&message.person.id) {
            true => message.role.max(Role::Owner),
            false => message.role,
        };
        let role = role::of(&self.store, &message.room, &message.person.id, outside);
        role.unwrap_or_else(|error| {
            tracing::error!(room = %message.room, %error, "roles cannot be read");
            outside
        })
    }

    /// Shows a command, or what is like one, all that it may know and touch.
    pub(super) fn in_scene<T>(
        &mut self,
        message: &Message,
        line: &str,
        role: Role,
        now: DateTime<Utc>,
        run: impl FnOnce(&mut Grammar, &mut Scene<'_>) -> T,
    ) -> T {
        let asked = !message.text.is_empty() && self.is_asked(&message.room, &message.person.id);
        let (rooms, setup) = (&self.rooms, &self.room_setup);
        let platforms = &self.platforms;
        let people = |id: &RoomId| {
            let named = setup(id).owners.into_iter().map(|id| {
                let name = id.0.clone();
                Person { id, name }
            });
            let known = platforms.get(id.platform.as_str());
            let known = known.map_or(Vec::new(), |platform| platform.owners(id));
            let owners = named.chain(known).map(|person| Seen {
                person,
                role: Role::Owner,
                at: now,
            });
            let spoke = rooms.get(id).into_iter().flat_map(|room| &room.people);
            let spoke = spoke.map(|(id, known)| {
                let (id, name) = (id.clone(), known.name.clone());
                Seen {
                    person: Person { id, name },
                    role: known.role,
                    at: known.seen,
                }
            });
            spoke.chain(owners).collect()
        };
        let owned_by = || match platforms.get(message.room.platform.as_str()) {
            Some(platform) => platform.owned_by(&message.room),
            None => "an owner of this room".into(),
        };
        let unfinished = || setup(&message.room).unfinished;
        let mut scene = Scene {
            standing: command::Standing {
                looking: self.looks.len(),
                hurried: self.clock.is_real(),
                ..standing(&self.rooms, &self.platforms, message)
            },
            people: &people,
            owned_by: &owned_by,
            store: &mut self.store,
            secrets: &mut self.secrets,
            trackers: &mut self.trackers,
            message,
            role,
            now,
            bot: &self.me,
            line,
            work: None,
            errand: None,
            aside: false,
            kind: None,
            asked,
            unfinished: &unfinished,
            corrects: self.corrects || message.at < self.me.started,
            settled: None,
            begins: None,
        };
        run(&mut self.grammar, &mut scene)
    }

    /// Lets a reply out, or what it waits for; `asked` has everything of its answer but the text.
    pub(super) fn give(
        &mut self,
        reply: Reply,
        mut asked: Asked,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) {
        match reply {
            Reply::Now { text, only } => {
                asked.answer.text = text;
                asked.answer.asker.only = only;
                out.answers.push(asked.answer);
            }
            Reply::Later(work) => {
                asked.answer.asker.only = asked.private;
                out.works.push((asked, work));
            }
            Reply::Errand(text, errand) => {
                let room = asked.answer.room.clone();
                if let Errand::Stop(stop) = errand {
                    let stopped = errands::stopped(&asked, stop, now);
                    if let Err(error) = self.note_stopped(stopped) {
                        tracing::error!(%room, %error, "the outbox cannot be read");
                    }
                }
                if errand == Errand::Leave {
                    self.note_left(&room, now);
                    let saying = self.rooms.get(&room);
                    let saying = saying.map_or(&[][..], |room| &room.saying);
                    let dropped = tracker::empty(&mut self.store, &room, saying);
                    if let Err(error) = dropped {
                        tracing::error!(%room, %error, "the outbox cannot be read");
                    }
                }
                if !text.is_empty() {
                    let then = Answer {
                        room,
                        asker: asked.answer.asker.clone(),
                        text: Text::new(),
                        replaces: Vec::new(),
                        since: None,
                        permit: None,
                    };
                    let first = std::mem::replace(&mut asked.answer, then);
                    out.answers.push(Answer { text, ..first });
                }
                asked.answer.asker.only = asked.private;
                out.errands.push((Cause::Asked(Box::new(asked)), errand));
            }
        }
    }

    /// What people hear of a fault: a reference that stands in the log, nothing internal.
    pub(super) fn fault(&mut self, why: &str, line: &str) -> Text {
        let reference = self.reference();
        tracing::error!(reference, why, "a command failed");
        tracing::debug!(reference, line, "the command that failed");
        Text::line("Something went wrong on my side, and nothing was changed.").hint(format!(
            "tell the operator the reference `{reference}`; it stands in the log"
        ))
    }

    /// Under which a fault stands in the log; a new one each time.
    pub(super) fn reference(&mut self) -> String {
        self.faults += 1;
        measures::fault();
        let began = self.me.started.timestamp() & 0xffff;
        let reference = format!("{began:04x}-{}", self.faults);
        self.me.last_fault = Some((reference.clone(), self.clock.now()));
        reference
    }
}
