//! The one loop: all that happens is an [`Event`]; it owns all state of the process.
//!
//! It takes what is waiting, applies it, commits once, and only then lets answers out and starts what is to
//! be started. Nothing acknowledged can be lost, and a thousand changes cost one flush.

mod asked_again;
mod back;
mod backups;
mod chosen;
mod close;
mod deeds;
mod dialogues;
mod errands;
mod forms;
mod hear;
mod last_word;
mod late;
mod looks;
mod measures;
mod obey;
mod pace;
mod rooms;
mod shown;
mod speak;
mod stop;
mod works;

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use compact_str::CompactString;
use futures_util::FutureExt;
use hashbrown::{HashMap, HashSet};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::command::code::Code;
use crate::command::ends::StoppedBy;
use crate::command::{self, Grammar, Patience, Standing, Work, wizard};
use crate::fact::Readers;
use crate::http::Http;
use crate::model::dialogue::{Answering, Unfinished};
use crate::model::{
    Errand, Heard, Job, Message, MessageId, PersonId, RoomId, SourceId, Stop, Stopped, Task, Text,
};
use crate::printer::Printers;
use crate::room::{Platform, SayError, Spoken};
use crate::source::{Asking, Look, LookError, Ring, Shared};
use crate::store::{self, Mark, Store, agenda};
use crate::tracker::{self, Limits, Order, Rooms, Trackers, Trouble};
use crate::watch::Stage;

pub use back::{note_unwritten, stopped};
use backups::Copying;
use chosen::Wishes;
pub use errands::Done;
use errands::{Cause, Errands};
use late::PlatformTime;
use looks::Looks;
use measures::Measures;
pub use pace::Pace;
use pace::Paces;
pub use speak::Asker;
use speak::{Answer, Room};
pub use stop::{Ending, Stopper};
use works::{Asked, Begun, Works};

/// All that can happen.
pub enum Event {
    /// A platform heard something. The permit is given back when it is answered.
    Heard(Heard, Option<OwnedSemaphorePermit>),
    /// A look came back.
    Looked(SourceId, Result<Look, LookError>),
    /// These readers have been asked about what a look brought.
    Read(SourceId, Box<Look>, Vec<&'static str>),
    /// A world of sources says by itself that something happened, or whether it can be heard.
    Rang(Ring),
    /// The work of this number has ended: what is to be said, or what went wrong.
    Worked(u64, Result<Text, String>),
    /// The errand of this number has ended.
    Done(u64, Done),
    /// A platform said something, or could not.
    Said(RoomId, What, Result<Spoken, SayError>),
}

/// What was to be said.
#[derive(Debug)]
pub enum What {
    /// The entries of the outbox with these numbers, in these messages.
    Outgoing(Vec<u64>, Vec<MessageId>),
    /// These messages of the entry of the outbox with this number, and not the rest.
    Begun(u64, Vec<MessageId>),
    /// A piece of the answer to them.
    Answer(Asker),
    /// A piece of the answer to them, which could not be said.
    Unsaid(Asker, Text),
    /// A message with this text, which has buttons: it may be changed once they are pressed.
    Shown(Text),
    /// Nothing: something else was done there.
    Nothing,
}

/// What one room is like, from the config.
#[derive(Clone, Debug, Default)]
pub struct RoomSetup {
    /// Typed before a command instead of a mention.
    pub prefix: Option<String>,
    /// Ids of people who own the room beside those whom the platform names.
    pub owners: Vec<PersonId>,
    /// Whether what a command lacks is asked for.
    pub unfinished: Unfinished,
    /// How questions are answered.
    pub answers: Answering,
}

/// What a bot is made of.
pub struct Setup {
    pub name: String,
    /// Where the documentation is, if it is on the web.
    pub docs: Option<String>,
    /// Makes whoever types it the operator, once.
    pub code: Option<String>,
    /// Who may end it from a room.
    pub stopped_by: StoppedBy,
    pub store: Store,
    pub clock: Clock,
    pub http: Http,
    /// What sources share.
    pub shared: Shared,
    /// What can be looked up about items.
    pub readers: Readers,
    pub platforms: Vec<Arc<dyn Platform>>,
    /// The rooms that are there from the start.
    pub rooms: Vec<RoomId>,
    /// How rooms read and say times.
    pub manners: Rooms,
    /// How rooms call the bot, and who owns them.
    pub room_setup: Arc<dyn Fn(&RoomId) -> RoomSetup + Send + Sync>,
    pub limits: Limits,
    pub pace: Pace,
    pub recipes: Vec<crate::recipe::Written>,
    /// When every platform has ended: end too, this long after all is said.
    pub linger: Duration,
    /// The store's folder, which gets the hourly backups; none for a store in memory.
    pub folder: Option<std::path::PathBuf>,
}

/// The bot.
pub struct Bot {
    store: Store,
    trackers: Trackers,
    grammar: Grammar,
    me: command::Bot,
    clock: Clock,
    http: Http,
    platforms: HashMap<String, Arc<dyn Platform>>,
    rooms: HashMap<RoomId, Room>,
    room_setup: Arc<dyn Fn(&RoomId) -> RoomSetup + Send + Sync>,
    manners: Rooms,
    pace: Pace,
    paces: Paces,
    events: mpsc::Receiver<Event>,
    sender: mpsc::Sender<Event>,
    /// Looks under way and in line.
    looks: Looks,
    /// Answers that are worked out beside the loop.
    works: Works,
    /// What is done on platforms because somebody asked for it.
    errands: Errands,
    /// Texts that platforms are saying.
    speaking: usize,
    /// What time it is on each platform.
    times: HashMap<CompactString, PlatformTime>,
    /// Rooms that the bot was put out of.
    lost: HashSet<RoomId>,
    /// Who is in the middle of a dialogue, and where.
    asking: dialogues::Asking,
    /// Messages with buttons.
    shown: shown::Shown,
    /// What was answered and is written nowhere.
    secrets: wizard::Secrets,
    /// What rooms have chosen for themselves.
    wishes: Wishes,
    /// What is read at the moment is the correction of a message.
    corrects: bool,
    /// Platforms that can still be heard.
    listening: usize,
    /// What hears them, and what brings it here.
    ears: JoinSet<()>,
    lines: JoinSet<mpsc::Receiver<Heard>>,
    /// Who ended the process before this one, which is not done again.
    obeyed: Option<Stopped>,
    linger: Duration,
    ends: Option<DateTime<Utc>>,
    stopper: Stopper,
    folder: Option<std::path::PathBuf>,
    checkpoint: DateTime<Utc>,
    /// What is due could not be done: it waits until then.
    work_rests: Option<DateTime<Utc>>,
    /// Why the store takes nothing any more.
    broken: Option<store::Error>,
    faults: u64,
    /// The store as of the last commit.
    clean: Mark,
    measures: Measures,
    copying: Option<Copying>,
}

/// What a turn lets out once it is committed.
#[derive(Default)]
struct Outbound {
    answers: Vec<Answer>,
    rooms: HashSet<RoomId>,
    orders: Vec<Order>,
    works: Vec<(Asked, Work)>,
    errands: Vec<(Cause, Errand)>,
    forms: Vec<forms::Told>,
    /// The store is to be copied.
    copy: bool,
}

/// The most events of one turn, so of one commit.
const TURN: usize = 512;
/// The most events that wait; platforms wait when it is full.
const QUEUE: usize = 4_096;
/// The most messages of a local platform that are not yet answered.
const UNANSWERED: usize = 1_024;
/// How long due work that failed waits before it is tried again.
const WORK_RESTS: TimeDelta = TimeDelta::seconds(10);
/// How often the store's manifest is written while it changes.
const CHECKPOINT: TimeDelta = TimeDelta::minutes(1);
/// How long a work beside the loop may take before it has to do with what it has.
const LONGEST_WORK: Duration = Duration::from_secs(10);
impl Bot {
    /// Builds the bot from its store; nothing is heard or said before [`Bot::run`] or [`Bot::settle`].
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn new(setup: Setup) -> Result<Bot, Trouble> {
        let (sender, events) = mpsc::channel(QUEUE);
        let now = setup.clock.now();
        let known: HashSet<String> = setup
            .platforms
            .iter()
            .map(|platform| platform.name().to_string())
            .collect();
        let mut setup = setup;
        let clean = setup.store.mark();
        tracker::take_over_mutes(&mut setup.store)?;
        for (name, value) in setup.store.scan(&store::tables::SHARED, &(), usize::MAX)? {
            setup.shared.recall(&name, &value);
        }
        let wishes = Wishes::load(&setup.store)?;
        let manners = wishes.over_manners(setup.manners);
        let trackers = Trackers::load(
            &setup.store,
            setup.limits,
            manners.clone(),
            setup.shared,
            setup.readers,
        )?;
        let mut bot = Bot {
            store: setup.store,
            trackers,
            grammar: Grammar::default(),
            me: command::Bot {
                name: setup.name,
                docs: setup.docs,
                code: setup.code.as_deref().map(Code::new).unwrap_or_default(),
                stopped_by: setup.stopped_by,
                troubles: BTreeMap::new(),
                last_fault: None,
                started: now,
                recipes: setup.recipes,
                rooms: Default::default(),
            },
            clock: setup.clock,
            http: setup.http,
            listening: setup.platforms.len(),
            ears: JoinSet::new(),
            lines: JoinSet::new(),
            obeyed: None,
            platforms: setup
                .platforms
                .into_iter()
                .map(|platform| (platform.name().to_string(), platform))
                .collect(),
            rooms: HashMap::new(),
            room_setup: wishes.over_setup(setup.room_setup),
            manners,
            wishes,
            pace: setup.pace,
            paces: Paces::default(),
            events,
            sender,
            looks: Looks::default(),
            works: Works::default(),
            errands: Errands::default(),
            speaking: 0,
            times: HashMap::new(),
            lost: HashSet::new(),
            asking: dialogues::Asking::default(),
            shown: shown::Shown::default(),
            secrets: wizard::Secrets::default(),
            corrects: false,
            linger: setup.linger,
            ends: None,
            stopper: Stopper::new(),
            folder: setup.folder,
            checkpoint: now,
            work_rests: None,
            broken: None,
            faults: 0,
            clean,
            measures: Measures::default(),
            copying: None,
        };
        let asked = bot.store.scan(&store::tables::DIALOGUES, &(), usize::MAX)?;
        let asked = asked.into_iter().map(|(place, _)| place).collect();
        bot.asking = Arc::new(RwLock::new(asked));
        let stored = bot.store.scan(&store::tables::ROOMS, &(), usize::MAX)?;
        let left: HashSet<RoomId> = stored
            .iter()
            .filter(|(_, row)| row.left.is_some())
            .map(|(room, _)| room.clone())
            .collect();
        let stored = stored.into_iter().map(|(room, _)| room);
        // Whoever sent it away does not want it back only because it starts anew.
        for room in stored.chain(setup.rooms) {
            if left.contains(&room) {
                tracing::warn!(%room, "not entered: I was told to leave it; `join` it from another room");
            } else if known.contains(room.platform.as_str()) {
                bot.enter(&room, now)?;
            }
        }
        bot.trackers.resume_looks(&mut bot.store, now)?;
        bot.come_back(now)?;
        bot.ask_again(now)?;
        if bot.folder.is_some() && agenda::get(&bot.store, &Task::Backup.key())?.is_none() {
            bot.plan_backup(now)?;
        }
        bot.store.commit().await?;
        bot.forget_unwritten();
        for room in bot.me.rooms.clone() {
            bot.pump(&room);
        }
        Ok(bot)
    }

    /// Where events are sent; for tests.
    pub fn sender(&self) -> mpsc::Sender<Event> {
        self.sender.clone()
    }

    /// Has all trackers print with these; for tests.
    pub fn print_with(&mut self, printers: Printers) {
        self.trackers.print_with(printers);
    }

    /// What ends it from outside.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Nothing new is begun any more.
    fn stopping(&self) -> bool {
        self.stopper.is_stopping()
    }

    /// Nothing that was heard is taken any more: what is not begun is not acknowledged, so nobody relies on it.
    fn deaf(&self) -> bool {
        self.stopping() && !matches!(self.stopper.asked(), Some(Stop::Reboot | Stop::Shutdown))
    }

    /// Lets worlds of sources say by themselves that something happened, until the bot is dropped.
    pub fn hang_bells(&self) {
        let (http, clock, events) = (self.http.clone(), self.clock.clone(), self.sender.clone());
        let shared = self.trackers.shared().clone();
        let stopper = self.stopper.clone();
        tokio::spawn(async move {
            let (rings, mut heard) = mpsc::channel(1);
            let telling = async {
                while let Some(ring) = heard.recv().await {
                    if events.send(Event::Rang(ring)).await.is_err() {
                        return;
                    }
                }
            };
            tokio::select! {
                () = shared.listen(&http, &clock, rings) => {}
                () = telling => {}
                () = stopper.stopping() => {}
            }
        });
    }

    /// Runs until the process is told to stop, or until every platform has ended and all is said. Gives what somebody in a
    /// room ended it with.
    ///
    /// # Errors
    /// When the store did not take a change, or cannot be closed in order.
    pub async fn run(mut self) -> Result<Option<Stop>, Trouble> {
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            rooms = self.rooms.len(),
            trackers = self.trackers.count(),
            "begins"
        );
        measures::prepare();
        self.awaits();
        self.listen();
        self.hang_bells();
        let mut events = Vec::with_capacity(TURN);
        // What the last run left to say.
        self.turn(&mut events).await;
        let pulse = self.pulse();
        pulse.reaches(Stage::Running);
        let stopper = self.stopper.clone();
        while !self.stopping() && !self.over() {
            let wake = self.wakes();
            tokio::select! {
                biased;
                () = stopper.stopping() => {}
                _ = self.events.recv_many(&mut events, TURN) => {}
                () = pulse.wanted() => {}
                () = async { match wake { Some(due) => self.clock.until(due).await, None => std::future::pending().await } } => {}
            }
            self.turn(&mut events).await;
        }
        self.close().await?;
        Ok(stopper.asked())
    }

    /// Works until nothing is under way and nothing is due: for a stopped clock.
    pub async fn settle(&mut self) {
        let mut events = Vec::new();
        loop {
            while events.len() < TURN
                && let Ok(event) = self.events.try_recv()
            {
                events.push(event);
            }
            self.stopper.last_words().await;
            if self.deaf() {
                return;
            }
            let busy = self.speaking > 0
                || !self.looks.is_empty()
                || !self.works.is_empty()
                || !self.errands.is_empty();
            let due = self.wakes().is_some_and(|due| due <= self.clock.now());
            if events.is_empty() && !due {
                if !busy {
                    return;
                }
                events.extend(self.events.recv().await);
            }
            self.turn(&mut events).await;
        }
    }

    /// When the next job is due; none is any more while it ends.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        if self.stopping() {
            return None;
        }
        agenda::next(&self.store).ok().flatten()
    }

    /// Ends at once and hands the store out, for a bot that takes its place; what was not committed is gone.
    pub fn into_store(mut self) -> Store {
        self.store.rewind(self.clean);
        self.store
    }

    /// Applies events and what is due, commits once, lets out what follows from it.
    async fn turn(&mut self, events: &mut Vec<Event>) {
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
    fn take(&mut self, event: Event, now: DateTime<Utc>, out: &mut Outbound) {
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
    fn release(&mut self, out: Outbound) {
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
    fn reload(&mut self) {
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

    fn wakes(&self) -> Option<DateTime<Utc>> {
        let due = match self.work_rests {
            Some(until) => Some(until),
            None => self.next_due(),
        };
        // Once that time is past, only what is still under way is waited for.
        let ends = self
            .ends
            .filter(|ends| *ends > self.clock.now() || self.idle());
        match (due, ends) {
            (Some(due), Some(ends)) => Some(due.min(ends)),
            (due, ends) => due.or(ends),
        }
    }

    /// Every platform has ended, the time to linger is over, and nothing is under way.
    fn over(&self) -> bool {
        self.ends.is_some_and(|ends| ends <= self.clock.now()) && self.idle()
    }

    /// Nothing is under way, and nothing is due.
    fn idle(&self) -> bool {
        self.speaking == 0
            && self.looks.is_empty()
            && self.works.is_empty()
            && self.errands.is_empty()
            && self.events.is_empty()
            && self.next_due().is_none_or(|due| due > self.clock.now())
    }
}

/// Runs something that must not take the loop down; a panic becomes its message.
fn guarded<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, String> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(trouble)) => Err(trouble.to_string()),
        Err(panic) => Err(said_at_panic(panic.as_ref())),
    }
}

/// The words of a panic.
fn said_at_panic(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panic: {}", words.unwrap_or_else(|| "without words".into()))
}

/// Figures for whoever sent this message.
fn standing(
    rooms: &HashMap<RoomId, Room>,
    platforms: &HashMap<String, Arc<dyn Platform>>,
    message: &Message,
) -> Standing {
    let room = rooms.get(&message.room);
    let platform = platforms.get(message.room.platform.as_str());
    let leaves = platform.is_some_and(|platform| platform.leaves(&message.room));
    Standing {
        rooms: rooms.len(),
        leaves: leaves && room.is_some_and(|room| !room.manners.local),
        forms: message.private && room.is_some_and(|room| room.manners.forms),
        ..Standing::default()
    }
}
