//! One turn of the loop: what came is applied, what is due is done, all of it is committed once, and only then it goes out.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use hashbrown::HashSet;

use super::errands::Cause;
use super::speak::Answer;
use super::works::{Asked, Begun};
use super::{Bot, Event, TURN, forms, guarded, measures, said_at_panic};
use crate::command::{Patience, Work};
use crate::model::{Errand, Job, RoomId, SourceId, Task, Text};
use crate::source::{Asking, Look, LookError};
use crate::store::{self, agenda};
use crate::tracker::{self, Order, Trackers, Trouble};

/// What a turn lets out once it is committed.
#[derive(Default)]
pub(super) struct Outbound {
    pub answers: Vec<Answer>,
    pub rooms: HashSet<RoomId>,
    pub orders: Vec<Order>,
    pub works: Vec<(Asked, Work)>,
    pub errands: Vec<(Cause, Errand)>,
    pub forms: Vec<forms::Told>,
    /// The store is to be copied.
    pub copy: bool,
}

/// How long due work that failed waits before it is tried again.
const WORK_RESTS: TimeDelta = TimeDelta::seconds(10);
/// How often the store's manifest is written while it changes.
const CHECKPOINT: TimeDelta = TimeDelta::minutes(1);
/// How long a work beside the loop may take before it has to do with what it has.
const LONGEST_WORK: Duration = Duration::from_secs(10);
impl Bot {
    /// Applies events and what is due, commits once, lets out what follows from it.
    pub(super) async fn turn(&mut self, events: &mut Vec<Event>) {
        let begun = self.measures.pulse.begins();
        self.take_turn(events).await;
        self.turned(begun);
    }

    async fn take_turn(&mut self, events: &mut Vec<Event>) {
        let now = self.clock.now();
        let mut out = Outbound::default();
        for event in events.drain(..) {
            if matches!(event, Event::Said(..) | Event::Worked(..)) || !self.deaf() {
                self.take(event, now, &mut out);
            }
        }
        if self.work_rests.is_none_or(|until| until <= now) {
            self.work_rests = None;
            let mark = self.store.mark();
            if let Err(trouble) = self.work(now, &mut out).await {
                tracing::error!(%trouble, "what is due could not be done");
                self.store.rewind(mark);
                out.orders.clear();
                self.work_rests = Some(now + WORK_RESTS);
            }
        }
        self.line_up(&mut out, now);
        self.expire_outboxes(&out, now);
        self.fold_outboxes(&out);
        self.mark_held(&out);
        if now - self.checkpoint >= CHECKPOINT {
            self.note_heard();
        }
        let begun = measures::stopwatch().filter(|_| self.store.has_pending());
        let committed = self.commit().await;
        measures::took(begun, |meter| &meter.commit);
        match committed {
            Ok(()) => {
                self.clean = self.store.mark();
                self.release(out);
            }
            Err(error) => return self.give_up(out, error),
        }
        if now - self.checkpoint >= CHECKPOINT {
            self.checkpoint = now;
            if let Err(error) = self.store.checkpoint().await {
                tracing::error!(%error, "the store's manifest could not be written");
            }
        }
    }

    /// Takes one event. Whatever it is, a fault in it is its own: nothing of it stays.
    pub(super) fn take(&mut self, event: Event, now: DateTime<Utc>, out: &mut Outbound) {
        match event {
            Event::Heard(heard, permit) => self.heard(heard, permit, now, out),
            Event::Looked(source, Ok(look)) => self.came(source, look, Vec::new(), now, out),
            Event::Looked(source, Err(error)) => self.looked(source, Err(error), now, out),
            Event::Read(source, look, asked) => self.came(source, *look, asked, now, out),
            Event::Rang(ring) => {
                let mark = self.store.mark();
                if let Err(trouble) = guarded(|| self.trackers.rang(&mut self.store, &ring, now)) {
                    // It was a hint only.
                    self.store.rewind(mark);
                    tracing::error!(?ring, trouble, "a bell could not be heard");
                }
            }
            Event::Worked(number, outcome) => {
                if let Some(asked) = self.works.done(number) {
                    let text = outcome.unwrap_or_else(|why| self.fault(&why, &asked.line));
                    self.note_done(&asked.answer.room);
                    out.answers.push(Answer {
                        text,
                        ..asked.answer
                    });
                }
            }
            Event::Done(number, done) => self.errand_done(number, done, now, out),
            Event::Said(room, what, outcome) => self.said(room, what, outcome, now, out),
        }
    }

    /// Takes what a look brought, or first looks up what its trackers want to know of it.
    fn came(
        &mut self,
        source: SourceId,
        mut look: Look,
        mut asked: Vec<&'static str>,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) {
        let unread = guarded(|| Ok(self.trackers.unread(&self.store, source, &look, &asked)?));
        let (reader, which) = match unread {
            Ok(Some(unread)) => unread,
            Ok(None) => return self.looked(source, Ok(look), now, out),
            Err(trouble) => {
                tracing::error!(%source, trouble, "nothing can be looked up");
                return self.looked(source, Ok(look), now, out);
            }
        };
        self.looks.looks_up(source);
        let (http, sender) = (self.http.clone(), self.sender.clone());
        let readers = self.trackers.readers().clone();
        tokio::spawn(async move {
            let items = look.items.as_deref_mut().unwrap_or_default();
            let reading = std::panic::AssertUnwindSafe(readers.read(reader, &http, items, &which));
            if let Err(panic) = reading.catch_unwind().await {
                tracing::error!(
                    reader,
                    why = said_at_panic(panic.as_ref()),
                    "a look-up went wrong"
                );
            }
            asked.push(reader);
            // Nobody listens any more when the bot has ended.
            let _ = sender
                .send(Event::Read(source, Box::new(look), asked))
                .await;
        });
    }

    fn looked(
        &mut self,
        source: SourceId,
        outcome: Result<Look, LookError>,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) {
        self.looks.done(source);
        let mark = self.store.mark();
        let looked = guarded(|| self.trackers.looked(&mut self.store, source, outcome, now));
        match looked {
            Ok(rooms) => out.rooms.extend(rooms),
            Err(trouble) => {
                self.store.rewind(mark);
                tracing::error!(%source, trouble, "a look could not be taken in");
                self.reload();
            }
        }
        for (name, value) in self.trackers.shared().changes() {
            let name = name.to_string();
            self.store.put(&store::tables::SHARED, &name, &value);
        }
    }

    /// Does what is due.
    async fn work(&mut self, now: DateTime<Utc>, out: &mut Outbound) -> Result<(), Trouble> {
        if self.stopping() {
            return Ok(());
        }
        for job in agenda::due(&self.store, now, TURN)? {
            if matches!(job.task, Task::Backup) {
                self.plan_backup(now)?;
                out.copy = true;
                continue;
            }
            let mark = self.store.mark();
            if let Err(trouble) = guarded(|| self.perform(&job, now, out)) {
                // The others are not to wait for one that fails.
                self.store.rewind(mark);
                let attempts = job.attempts + 1;
                tracing::error!(
                    job = job.key.0,
                    attempts,
                    trouble,
                    "a job could not be done"
                );
                let due = now + WORK_RESTS * (1 << attempts.min(8));
                let later = Job {
                    due,
                    attempts,
                    ..job
                };
                agenda::put(&mut self.store, &later)?;
                self.reload();
            }
        }
        Ok(())
    }

    /// Does one job; it takes itself off the agenda or puts itself on anew.
    fn perform(
        &mut self,
        job: &Job,
        now: DateTime<Utc>,
        out: &mut Outbound,
    ) -> Result<(), Trouble> {
        match &job.task {
            Task::Look(source) => {
                let order = self.trackers.begin_look(&mut self.store, *source, now)?;
                out.orders
                    .extend(order.filter(|order| !self.looks.contains(order.source)));
            }
            Task::Tell(tracker) => {
                let rooms = self.trackers.tell(&mut self.store, *tracker, now)?;
                out.rooms.extend(rooms);
            }
            Task::Forget(source) => self.trackers.forget(&mut self.store, *source)?,
            Task::Discard(tracker) => self.trackers.discard(&mut self.store, *tracker)?,
            Task::Say(room) => {
                agenda::remove(&mut self.store, &job.key)?;
                if let Some(room) = self.rooms.get_mut(room) {
                    room.rests = false;
                }
                out.rooms.insert(room.clone());
            }
            Task::Unmute(room) => self.unmute(room, now, out)?,
            Task::Try(room, whose) => {
                self.trackers.try_hold(&mut self.store, room, *whose, now)?;
                out.rooms.insert(room.clone());
            }
            Task::Bury(room, number) => tracker::bury(&mut self.store, room, *number)?,
            Task::Settle(room) => self.settle_room(room, now, out)?,
            Task::Remind(room, person) => self.remind(room, person, now, out)?,
            // What is committed with it is in the copy.
            Task::Backup => {}
        }
        Ok(())
    }

    /// What was committed may go out.
    pub(super) fn release(&mut self, out: Outbound) {
        for answer in out.answers {
            self.answer(answer);
        }
        for room in out.rooms {
            self.pump(&room);
        }
        for order in out.orders {
            self.looks.add(order);
        }
        for told in out.forms {
            self.tell_form(told);
        }
        self.let_out_changes();
        if out.copy {
            self.back_up(self.clock.now());
        }
        for (cause, errand) in out.errands {
            self.run_errand(cause, errand);
        }
        for (asked, work) in out.works {
            if let Some(asked) = self.works.add(asked, work) {
                self.answer(Answer {
                    text: Text::line("Too many people ask me such things at the moment.")
                        .hint("ask again in a minute"),
                    ..asked.answer
                });
            }
        }
        while let Some(begun) = self.works.start() {
            self.begin(begun);
        }
        while let Some(order) = self.looks.start() {
            let (http, sender, now) = (self.http.clone(), self.sender.clone(), self.clock.now());
            let shared = self.trackers.shared().clone();
            tokio::spawn(async move {
                let asking = Asking {
                    http: &http,
                    shared: &shared,
                    cursor: &order.cursor,
                    now,
                    every: order.every,
                };
                let begun = Instant::now();
                let look = std::panic::AssertUnwindSafe(order.poll.look(&asking));
                let outcome = look.catch_unwind().await.unwrap_or_else(|panic| {
                    tracing::error!(source = %order.source, why = said_at_panic(panic.as_ref()), "a look went wrong");
                    Err(LookError {
                        what: "reading it went wrong on my side".into(),
                        ..LookError::default()
                    })
                });
                measures::looked(order.source, begun.elapsed(), &outcome);
                // Nobody listens any more when the bot has ended.
                let _ = sender.send(Event::Looked(order.source, outcome)).await;
            });
        }
    }

    /// Begins a work on a thread of its own, over what is committed by now.
    fn begin(&self, begun: Begun) {
        let Begun { number, work, stop } = begun;
        let (rows, sender) = (self.store.committed(), self.sender.clone());
        tokio::spawn(async move {
            let work = tokio::task::spawn_blocking(move || {
                work.run(&rows, &Patience::new(LONGEST_WORK, stop))
            });
            let outcome = match work.await {
                Ok(Ok(text)) | Ok(Err(Trouble::DryRun(text))) => Ok(text),
                Ok(Err(Trouble::Refusal(refusal))) => Ok(refusal.into()),
                Ok(Err(Trouble::Store(error))) => Err(error.to_string()),
                Err(error) => Err(match error.try_into_panic() {
                    Ok(panic) => said_at_panic(panic.as_ref()),
                    Err(error) => error.to_string(),
                }),
            };
            // Nobody listens any more when the bot has ended.
            let _ = sender.send(Event::Worked(number, outcome)).await;
        });
    }

    /// The store did not take the turn. Whether the disk has it can only be known by opening it again, so the
    /// loop ends: those who asked are told, nothing else goes out, and the next start knows.
    fn give_up(&mut self, out: Outbound, error: store::Error) {
        tracing::error!(%error, "the store did not take a change");
        let errands = out
            .errands
            .into_iter()
            .filter_map(|(cause, _)| match cause {
                Cause::Asked(asked) => Some(asked.answer),
                Cause::Invited(_) => None,
            });
        let asked = out.works.into_iter().map(|(asked, _)| asked.answer);
        let asked = asked.chain(errands);
        for mut answer in out.answers.into_iter().chain(asked) {
            answer.text =
                Text::line("I could not write that down, so I stop until somebody looks after me.")
                    .hint("tell the operator; look with `list` whether it was done when I am back");
            self.answer(answer);
        }
        self.broken = Some(error);
        self.measures.pulse.breaks();
        self.stopper.stop();
    }

    /// Makes the trackers anew from the store, after something went wrong half-way.
    pub(super) fn reload(&mut self) {
        match Trackers::load(
            &self.store,
            self.trackers.limits().clone(),
            self.manners.clone(),
            self.trackers.shared().clone(),
            self.trackers.readers().clone(),
        ) {
            Ok(mut trackers) => {
                trackers.print_with(self.trackers.printers().clone());
                self.trackers = trackers;
            }
            Err(error) => tracing::error!(%error, "the trackers cannot be read again"),
        }
    }
}
