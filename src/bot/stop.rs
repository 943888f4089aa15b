//! Ending the bot: by whoever runs it, or by somebody in a room, past all that waits.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

use super::dialogues::{Asking, is_asked};
use super::last_word::LastWord;
use super::late::{PlatformTime, was_before};
use super::{Event, RoomSetup};
use crate::clock::Clock;
use crate::command::ends::StoppedBy;
use crate::command::{addressed, halt, role};
use crate::model::text::cut;
use crate::model::{Heard, Message, Role, RoomId, Stop, Stopped};
use crate::room::Platform;
use crate::store::Committed;

/// The most messages of a platform that wait for the loop, and the most bytes of them, before the platform waits too.
const BACKLOG: usize = 65_536;
const BACKLOG_BYTES: usize = 32 << 20;
/// Whoever asks for the same again within that time has not seen yet that it is done.
const BREATH: TimeDelta = TimeDelta::seconds(10);
/// Why the bot ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Whoever runs it says so, or it cannot go on.
    Told,
    /// Somebody in a room says so.
    Asked(Box<Stopped>),
}

impl Ending {
    /// The stronger one is done: who ends the process from outside does not want it to start anew.
    fn force(&self) -> u8 {
        match self.stop() {
            Some(Stop::Reboot) => 1,
            None => 2,
            Some(Stop::Shutdown) => 3,
            Some(Stop::Kill) => 4,
        }
    }

    /// What has been asked for, if a room asks.
    pub fn stop(&self) -> Option<Stop> {
        match self {
            Ending::Told => None,
            Ending::Asked(stopped) => Some(stopped.stop),
        }
    }
}

/// Ends a bot, past everything that waits.
#[derive(Clone)]
pub struct Stopper(Arc<Ends>);

struct Ends {
    ending: watch::Sender<Option<Ending>>,
    /// How many last words are being said.
    saying: watch::Sender<usize>,
    /// How many rooms have somebody who may be speaking into them.
    voices: watch::Sender<usize>,
}

impl Stopper {
    pub(super) fn new() -> Stopper {
        Stopper(Arc::new(Ends {
            ending: watch::Sender::new(None),
            saying: watch::Sender::new(0),
            voices: watch::Sender::new(0),
        }))
    }

    /// Ends it in order.
    pub fn stop(&self) {
        self.end(Ending::Told);
    }

    /// Ends it as somebody in a room wants; nothing happens when it ends as forcefully already.
    pub(super) fn ask(&self, stopped: Stopped) -> bool {
        self.end(Ending::Asked(Box::new(stopped)))
    }

    fn end(&self, wanted: Ending) -> bool {
        self.0.ending.send_if_modified(|ending| {
            let stronger = ending
                .as_ref()
                .is_none_or(|ending| ending.force() < wanted.force());
            if stronger {
                *ending = Some(wanted);
            }
            stronger
        })
    }

    /// Why it ends, if it does.
    pub fn ending(&self) -> Option<Ending> {
        self.0.ending.borrow().clone()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.0.ending.borrow().is_some()
    }

    /// What a room has asked for.
    pub(super) fn asked(&self) -> Option<Stop> {
        self.0.ending.borrow().as_ref().and_then(Ending::stop)
    }

    /// Waits until it ends.
    pub async fn stopping(&self) {
        // The sender lives as long as this.
        let _ = self.0.ending.subscribe().wait_for(Option::is_some).await;
    }

    /// Waits until it is killed from a room.
    pub async fn killed(&self) {
        let killed =
            |ending: &Option<Ending>| ending.as_ref().and_then(Ending::stop) == Some(Stop::Kill);
        let _ = self.0.ending.subscribe().wait_for(killed).await;
    }

    /// Waits until the last words are said.
    pub(super) async fn last_words(&self) {
        let _ = self
            .0
            .saying
            .subscribe()
            .wait_for(|saying| *saying == 0)
            .await;
    }

    /// Somebody speaks into a room from now on, until this is dropped or the bot is killed.
    pub(super) fn voice(&self) -> Voice {
        self.0.voices.send_modify(|voices| *voices += 1);
        Voice(self.clone())
    }

    /// Waits until nobody speaks any more who was cut short by a kill.
    pub(super) async fn silent(&self) {
        let _ = self
            .0
            .voices
            .subscribe()
            .wait_for(|voices| *voices == 0)
            .await;
    }

    /// One more last word is being said, or one less.
    pub(super) fn says(&self, more: bool) {
        self.0.saying.send_modify(|saying| match more {
            true => *saying += 1,
            false => *saying -= 1,
        });
    }
}

/// Somebody speaks into a room.
pub(super) struct Voice(Stopper);

impl Voice {
    /// Waits until whoever it is must be silent at once.
    pub async fn killed(&self) {
        self.0.killed().await;
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.0.0.voices.send_modify(|voices| *voices -= 1);
    }
}

/// What somebody asks for with this message.
pub(super) fn stopped(message: &Message, line: &str, stop: Stop, now: DateTime<Utc>) -> Stopped {
    Stopped {
        stop,
        by: message.person.clone(),
        room: message.room.clone(),
        message: message.id.clone(),
        thread: message.thread.clone(),
        words: cut(line, 500),
        at: now,
        said: Some(message.at),
        unfinished: 0,
        waiting: None,
    }
}

/// The line from one platform to the loop. It always takes what is heard, and so knows who ends the bot however much waits.
pub(super) struct Line {
    pub platform: Arc<dyn Platform>,
    pub called: String,
    pub room_setup: Arc<dyn Fn(&RoomId) -> RoomSetup + Send + Sync>,
    pub stopped_by: StoppedBy,
    /// Where roles that were granted can be read, whatever the loop does.
    pub granted: Committed,
    pub stopper: Stopper,
    /// An answer to a question is no cry.
    pub asking: Asking,
    pub clock: Clock,
    pub started: DateTime<Utc>,
    /// Who ended the process before this one.
    pub obeyed: Option<Stopped>,
    pub events: mpsc::Sender<Event>,
}

impl Line {
    /// Brings what is heard to the loop until the platform has ended; while the bot ends, until all that was heard is there.
    /// Gives the platform's channel back: as long as somebody holds it, the platform stays where it is.
    pub async fn run(self, mut heard: mpsc::Receiver<Heard>) -> mpsc::Receiver<Heard> {
        match self.platform.manners().local {
            true => self.one_by_one(&mut heard).await,
            false => self.all_at_once(&mut heard).await,
        }
        heard
    }

    /// Nobody on this machine floods anybody: a script that is faster than its room waits for it, and what it says is done
    /// in order.
    async fn one_by_one(&self, heard: &mut mpsc::Receiver<Heard>) {
        let unanswered = Arc::new(Semaphore::new(super::UNANSWERED));
        loop {
            let next = tokio::select! {
                biased;
                next = heard.recv() => next,
                () = self.stopper.stopping() => return,
            };
            let Some(next) = next else {
                return self.ended().await;
            };
            let permit = unanswered.clone().acquire_owned().await.ok();
            if !self.bring(next, permit).await {
                return;
            }
        }
    }

    async fn all_at_once(&self, heard: &mut mpsc::Receiver<Heard>) {
        let mut waiting: VecDeque<Heard> = VecDeque::new();
        let mut came = Vec::with_capacity(super::TURN);
        let mut bytes = 0;
        let mut time = PlatformTime::default();
        let mut open = true;
        let mut stopping = std::pin::pin!(self.stopper.stopping());
        while open || !waiting.is_empty() {
            let full = waiting.len() >= BACKLOG || bytes >= BACKLOG_BYTES;
            tokio::select! {
                count = heard.recv_many(&mut came, super::TURN), if open && !full => {
                    open = count > 0;
                    for next in came.drain(..) {
                        if !self.ends(&next, &mut time) {
                            bytes += weight(&next);
                            waiting.push_back(next);
                        }
                    }
                }
                place = self.events.reserve(), if !waiting.is_empty() => {
                    let Ok(place) = place else { return };
                    if let Some(next) = waiting.pop_front() {
                        bytes -= weight(&next);
                        place.send(Event::Heard(next, None));
                    }
                }
                // What is heard from now on is read anew by the next start.
                () = &mut stopping, if open => {
                    while let Ok(next) = heard.try_recv() {
                        if !self.ends(&next, &mut time) {
                            waiting.push_back(next);
                        }
                    }
                    for next in waiting {
                        if !self.bring(next, None).await {
                            return;
                        }
                    }
                    return;
                }
            }
            // As much as there is room for, without waiting.
            while !waiting.is_empty()
                && let Ok(place) = self.events.try_reserve()
                && let Some(next) = waiting.pop_front()
            {
                bytes -= weight(&next);
                place.send(Event::Heard(next, None));
            }
        }
        self.ended().await;
    }

    async fn bring(&self, heard: Heard, permit: Option<OwnedSemaphorePermit>) -> bool {
        self.events.send(Event::Heard(heard, permit)).await.is_ok()
    }

    async fn ended(&self) {
        let platform = self.platform.name().to_string();
        // Nobody listens any more when the bot has ended.
        let _ = self
            .events
            .send(Event::Heard(Heard::Ended(platform), None))
            .await;
    }

    /// Ends the bot where somebody says so who may; all else goes its way through the loop, which tells those who may not.
    fn ends(&self, heard: &Heard, time: &mut PlatformTime) -> bool {
        let (Heard::Said(message) | Heard::Edited(message)) = heard else {
            return false;
        };
        let Some(stopped) = self.asks(message, time) else {
            return false;
        };
        end(&self.stopper, self.platform.clone(), stopped);
        true
    }

    /// What a message ends the bot with, if whoever sent it may do that.
    fn asks(&self, message: &Message, time: &mut PlatformTime) -> Option<Stopped> {
        let late = time.is_late(message, &self.clock);
        let setup = (self.room_setup)(&message.room);
        // A short form of the name may be meant for somebody else.
        let others = std::iter::once(self.called.as_str());
        let line = addressed::addressed(message, &self.called, setup.prefix.as_deref(), others)?;
        let stop = match is_asked(&self.asking, &message.room, &message.person.id) {
            true => halt::unmistakable(line)?,
            false => halt::meant(line)?,
        };
        let now = self.clock.now();
        let again = self
            .obeyed
            .as_ref()
            .is_some_and(|obeyed| is_again(message, stop, obeyed));
        if again || late || was_before(message, self.started) {
            return None;
        }
        let outside = match setup.owners.contains(&message.person.id) {
            true => message.role.max(Role::Owner),
            false => message.role,
        };
        let role = role::granted(&self.granted, &message.room, &message.person.id, outside);
        let role = role.unwrap_or_else(|error| {
            tracing::error!(%error, "roles cannot be read");
            outside
        });
        let may = self.stopped_by.may_now(&self.granted, message, role);
        let may = may.unwrap_or_else(|error| {
            tracing::error!(%error, "rooms cannot be read");
            false
        });
        may.then(|| stopped(message, line, stop, now))
    }
}

/// Ends the bot, and says so in the room from where that is wanted.
pub(super) fn end(stopper: &Stopper, platform: Arc<dyn Platform>, stopped: Stopped) {
    if !stopper.ask(stopped.clone()) {
        return;
    }
    tracing::warn!(
        stop = stopped.stop.name(),
        room = %stopped.room,
        by = stopped.by.id.0.as_str(),
        "ended from a room"
    );
    let saying = LastWord::begin(stopper);
    tokio::spawn(async move {
        if let Err(error) = saying.say(&*platform, &stopped).await {
            tracing::warn!(room = %stopped.room, %error, "the last word could not be said");
        }
    });
}

/// It is what the process before this one has obeyed, or was said in the same breath and is only read back: what is heard
/// as it is said is meant for this process.
pub(super) fn is_again(message: &Message, stop: Stop, obeyed: &Stopped) -> bool {
    let breath = obeyed.said.is_some_and(|said| message.at <= said + BREATH);
    let same = message.past && breath && stop == obeyed.stop;
    message.room == obeyed.room && (message.id == obeyed.message || same)
}

/// About how much memory something takes that waits.
fn weight(heard: &Heard) -> usize {
    match heard {
        Heard::Said(message) | Heard::Edited(message) => 200 + message.text.len(),
        _ => 200,
    }
}
