//! Hears one room: what the socket and the history tell becomes what the bot hears, each message once and in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};

use super::Chat;
use super::LONGEST_PAUSE;
use super::connect::Order;
use super::door::Session;
use super::event::Event;
use super::history::{self, PAGE, Past, Span};
use super::join;
use super::known::Known;
use super::people::People;
use super::wrong::Wrong;
use crate::http::pause;
use crate::model::{Heard, MessageId, RoomId};

/// How many messages are read back to see what is different about them.
pub(super) const LAST: usize = 100;
/// How many pages of the history are read for what was missed, [`PAGE`] messages each.
const PAGES: usize = 20;
/// A room that is not there when the bot begins is looked for once more after so long.
const DOUBT: Duration = Duration::from_secs(60);
/// After so much silence a room is asked what was said there.
const QUIET: Duration = Duration::from_secs(600);
/// How long the account stays out of a room that it is out of without having been sent away.
const OUT: Duration = Duration::from_secs(5);
/// How long the account stays out of a room that has sent it away, by how often that has happened.
const MUTES: [Duration; 3] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
];

/// What the socket brings for a room.
pub(super) enum Incoming {
    Events(Vec<Event>),
    /// Something may have been missed.
    Behind,
}

/// How hearing begins.
pub(super) enum Start {
    /// The room is not entered yet; up to this message it was heard before.
    Outside { heard: Option<i64> },
    /// Somebody has entered it just now, and read back what was said before.
    Inside { name: String, past: Past },
}

/// What hears one room.
pub(super) struct Ear {
    pub(super) chat: Arc<Chat>,
    pub(super) room: u64,
    pub(super) id: RoomId,
    heard: mpsc::Sender<Heard>,
    orders: mpsc::Sender<Order>,
    pub(super) known: Known,
    pub(super) people: People,
    /// Messages of which the chat has said that they answer the bot.
    pub(super) calls: VecDeque<i64>,
    /// How often the room has sent the account away.
    kicks: usize,
    /// Somebody wants the account back in the room.
    wake: Arc<Notify>,
}

/// Why a room is heard no more.
pub(super) enum End {
    /// Nobody listens any more, or the room was left.
    Unheard,
    /// It is gone, or does not let the account in.
    Gone,
    /// It has sent the account away for a while.
    Kicked,
    /// The account is out of it, and nobody sent it away: somebody else uses the account, or the chat lost count.
    Out,
}

impl Ear {
    pub fn new(
        chat: Arc<Chat>,
        room: u64,
        heard: mpsc::Sender<Heard>,
        orders: mpsc::Sender<Order>,
        wake: Arc<Notify>,
    ) -> Ear {
        Ear {
            id: chat.id(room),
            chat,
            room,
            heard,
            orders,
            known: Known::default(),
            people: People::default(),
            calls: VecDeque::new(),
            kicks: 0,
            wake,
        }
    }

    /// Hears the room until it is left or lost.
    pub async fn run(mut self, start: Start, mut line: mpsc::Receiver<Incoming>) {
        let mut end = match self.begin(start).await {
            Ok(()) => self.hear(&mut line).await,
            Err(end) => end,
        };
        loop {
            if matches!(end, End::Unheard) {
                return;
            }
            if matches!(end, End::Out) {
                tracing::info!(room = %self.id, "out of the room, and back again");
                self.chat.clock.until(self.chat.clock.now() + OUT).await;
                end = match self.go_back(&mut line, &MUTES).await {
                    Ok(()) => self.hear(&mut line).await,
                    Err(end) => end,
                };
                continue;
            }
            let kicked = matches!(end, End::Kicked);
            tracing::warn!(room = %self.id, kicked, "the room is lost");
            self.chat.inside().remove(&self.room);
            if self.tell(Heard::Left(self.id.clone())).await.is_err() {
                return;
            }
            end = match end {
                End::Kicked => match self.come_back(&mut line).await {
                    Ok(()) => self.hear(&mut line).await,
                    Err(end) => end,
                },
                End::Gone | End::Unheard | End::Out => {
                    let _ = self.orders.send(Order::Gone(self.room)).await;
                    return;
                }
            };
        }
    }

    async fn begin(&mut self, start: Start) -> Result<(), End> {
        match start {
            Start::Inside { name, past } => {
                self.known.before(&past.events);
                self.joined(name, &past).await
            }
            Start::Outside { heard } => {
                let (name, past) = self.enter(&[DOUBT]).await?;
                match heard {
                    Some(heard) => {
                        self.known = Known::up_to(heard);
                        self.joined(name, &past).await?;
                        self.catch_up(past).await
                    }
                    None => {
                        self.known.before(&past.events);
                        self.joined(name, &past).await
                    }
                }
            }
        }
    }

    /// Waits until the room may be entered again, and hears what was said meanwhile.
    async fn come_back(&mut self, line: &mut mpsc::Receiver<Incoming>) -> Result<(), End> {
        let first = self.kicks.min(MUTES.len() - 1);
        self.kicks += 1;
        self.stay_out(MUTES[first]).await;
        self.go_back(line, &MUTES[first + 1..]).await
    }

    /// Enters the room again, and hears what was said meanwhile.
    async fn go_back(
        &mut self,
        line: &mut mpsc::Receiver<Incoming>,
        again: &[Duration],
    ) -> Result<(), End> {
        let (name, past) = self.enter(again).await?;
        self.people.forget_all();
        self.joined(name, &past).await?;
        // What waited is older than the account's return, and may tell of its being sent away; what was said is read
        // back.
        while line.try_recv().is_ok() {}
        let past = self.look_back().await?;
        self.catch_up(past).await
    }

    async fn stay_out(&self, time: Duration) {
        let until = self.chat.clock.now() + time;
        tokio::select! {
            () = self.chat.clock.until(until) => {}
            () = self.wake.notified() => {}
        }
    }

    /// Enters the room, however long it takes; where it is refused, again after each of these times.
    async fn enter(&mut self, again: &[Duration]) -> Result<(String, Past), End> {
        let mut again = again.iter();
        let mut failures = 0;
        loop {
            match join::enter(&self.chat, self.room).await {
                Ok(entered) => return Ok(entered),
                Err(Wrong::Missing | Wrong::Barred { .. }) => {
                    let rest = again.next().ok_or(End::Gone)?;
                    self.stay_out(*rest).await;
                }
                Err(wrong) => self.rest(&wrong, &mut failures).await,
            }
        }
    }

    async fn joined(&mut self, name: String, past: &Past) -> Result<(), End> {
        self.chat.inside().insert(self.room, name.clone());
        let room = self.room;
        for event in &past.events {
            self.chat.note(room, event);
        }
        let time = past.time;
        let order = Order::Entered { room, time };
        self.orders.send(order).await.map_err(|_| End::Unheard)?;
        let room = self.id.clone();
        let last = past
            .events
            .iter()
            .filter_map(|event| event.message_id)
            .max();
        // All numbers are higher where nothing was ever said.
        let last = Some(MessageId(last.unwrap_or_default().to_string().into()));
        self.tell(Heard::Joined { room, name, last }).await
    }

    async fn hear(&mut self, line: &mut mpsc::Receiver<Incoming>) -> End {
        loop {
            // Who is out of a room is told nothing of it; asking for what was said enters it again.
            let quiet = self.chat.clock.now() + QUIET;
            let incoming = tokio::select! {
                biased;
                incoming = line.recv() => match incoming {
                    Some(incoming) => incoming,
                    None => return End::Unheard,
                },
                () = self.chat.clock.until(quiet) => Incoming::Behind,
            };
            let done = match incoming {
                Incoming::Events(events) => self.events(events).await,
                Incoming::Behind => match self.look_back().await {
                    Ok(past) => self.catch_up(past).await,
                    Err(end) => Err(end),
                },
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    /// The last messages of the room, however long it takes.
    async fn look_back(&mut self) -> Result<Past, End> {
        let mut failures = 0;
        loop {
            match self.read(Span::Last(LAST)).await {
                Ok(past) => {
                    let (room, time) = (self.room, past.time);
                    let order = Order::Entered { room, time };
                    self.orders.send(order).await.map_err(|_| End::Unheard)?;
                    return Ok(past);
                }
                // That it was sent away may have been missed too.
                Err(Wrong::Missing | Wrong::Barred { .. }) => return Err(End::Kicked),
                Err(wrong) => self.rest(&wrong, &mut failures).await,
            }
        }
    }

    async fn read(&self, span: Span) -> Result<Past, Wrong> {
        let turn = self.chat.reading.acquire().await;
        let past = history::read(&self.chat.door, self.room, span).await;
        drop(turn);
        let past = past?;
        for event in &past.events {
            self.chat.note(self.room, event);
        }
        Ok(past)
    }

    /// Waits before something is tried again.
    pub(super) async fn rest(&self, wrong: &Wrong, failures: &mut u32) {
        tracing::debug!(room = %self.id, why = wrong.words(), "the chat is asked again");
        if *wrong == Wrong::LoggedOut {
            let mut session = self.chat.door.session();
            // It cannot be closed: the door holds the other end.
            let _ = session.wait_for(|now| *now != Session::Out).await;
            return;
        }
        let asked = match wrong {
            Wrong::Closed { rest, .. } | Wrong::Throttled { rest: Some(rest) } => *rest,
            _ => Duration::ZERO,
        };
        let now = self.chat.clock.now();
        let pause = pause(*failures, LONGEST_PAUSE, &(now, self.room)).max(asked);
        *failures = failures.saturating_add(1);
        self.chat.clock.until(now + pause).await;
    }

    /// Hears what the history tells, with what was said before it and behind what was heard last.
    async fn catch_up(&mut self, past: Past) -> Result<(), End> {
        let messages = || past.events.iter().filter_map(|event| event.message_id);
        let first = messages().min();
        let whole = past.events.len() < LAST;
        if !whole && first.is_some_and(|first| first > self.known.last()) {
            self.catch_up_by_page().await?;
            // What was said while pages were read is no message that has vanished.
            return self.settle().await;
        }
        self.compare(past).await
    }

    async fn settle(&mut self) -> Result<(), End> {
        let past = self.look_back().await?;
        self.compare(past).await
    }

    async fn compare(&mut self, past: Past) -> Result<(), End> {
        let first = past
            .events
            .iter()
            .filter_map(|event| event.message_id)
            .min();
        let whole = past.events.len() < LAST;
        let complete = match (whole, first) {
            (true, _) => Some(i64::MIN),
            (false, first) => first,
        };
        let news = self.known.past(&past.events, complete);
        self.news(news).await
    }

    async fn catch_up_by_page(&mut self) -> Result<(), End> {
        let mut failures = 0;
        let mut pages = 0;
        while pages < PAGES {
            let last = self.known.last();
            let past = match self.read(Span::After(last)).await {
                Ok(past) => past,
                Err(Wrong::Missing | Wrong::Barred { .. }) => return Err(End::Kicked),
                Err(wrong) => {
                    self.rest(&wrong, &mut failures).await;
                    continue;
                }
            };
            pages += 1;
            let news = self.known.past(&past.events, None);
            self.news(news).await?;
            if past.events.len() < PAGE || self.known.last() == last {
                return Ok(());
            }
        }
        tracing::warn!(room = %self.id, "more was said there than can be read back");
        Ok(())
    }

    pub(super) async fn tell(&self, heard: Heard) -> Result<(), End> {
        self.heard.send(heard).await.map_err(|_| End::Unheard)
    }
}
