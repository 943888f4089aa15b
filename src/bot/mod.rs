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
mod setup;
mod shown;
mod speak;
mod stop;
mod turn;
mod works;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use hashbrown::{HashMap, HashSet};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::command::{self, Grammar, Standing, wizard};
use crate::http::Http;
use crate::model::{Heard, Message, MessageId, RoomId, SourceId, Stop, Stopped, Text};
use crate::printer::Printers;
use crate::room::{Platform, SayError, Spoken};
use crate::source::{Look, LookError, Ring};
use crate::store::{self, Mark, Store, agenda};
use crate::tracker::{Rooms, Trackers, Trouble};
use crate::watch::Stage;

pub use back::{note_unwritten, stopped};
use backups::Copying;
use chosen::Wishes;
pub use errands::Done;
use errands::Errands;
use late::PlatformTime;
use looks::Looks;
use measures::Measures;
pub use pace::Pace;
use pace::Paces;
pub use setup::{RoomSetup, Setup};
pub use speak::Asker;
use speak::Room;
pub use stop::{Ending, Stopper};
use turn::Outbound;
use works::Works;

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

/// The most events of one turn, so of one commit.
const TURN: usize = 512;
/// The most events that wait; platforms wait when it is full.
const QUEUE: usize = 4_096;
/// The most messages of a local platform that are not yet answered.
const UNANSWERED: usize = 1_024;
impl Bot {
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
