//! Listens to the chat: one socket for all rooms, which is opened again whenever it breaks, or questions where there is
//! none; hands what comes to the rooms.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::Chat;
use super::LONGEST_PAUSE;
use super::door::{Session, save};
use super::frame::{self, Frame};
use super::hear::Start;
use super::lines::Lines;
use super::session;
use super::socket::{self, Told};
use super::wrong::Wrong;
use crate::http::pause;
use crate::meter;
use crate::model::Heard;
use crate::room::Seated;

/// A socket is replaced by a new one after so long: old ones fall silent.
const FRESH: TimeDelta = TimeDelta::hours(2);
/// How long the old one is still heard beside the new one.
const BOTH: TimeDelta = TimeDelta::seconds(10);
/// A socket that lived so long was a good one.
const GOOD: TimeDelta = TimeDelta::seconds(60);
/// After so many sockets in a row that could not be opened, or broke at once, news is asked for.
const ASK_AFTER: u32 = 5;
/// How often it is asked for: while there is some, and when there was none for long.
const ASK_OFTEN: TimeDelta = TimeDelta::seconds(2);
const ASK_SELDOM: TimeDelta = TimeDelta::seconds(15);
/// How many orders and frames may wait.
const ORDERS: usize = 256;
const FRAMES: usize = 64;
/// How long the farewell may take.
const FAREWELL: Duration = Duration::from_secs(3);

/// What rooms tell, and those who join and leave them.
pub(super) enum Order {
    /// A room was entered and shall be heard.
    Begin { room: u64, start: Box<Start> },
    /// A room shall be heard no more.
    End(u64),
    /// The account is in a room, whose history tells all up to an event.
    Entered { room: u64, time: i64 },
    /// A room is lost for good.
    Gone(u64),
    /// What hears it has fallen over something that was said there: it is heard anew, from now on.
    Fallen(u64),
}

/// A socket that is open or being opened.
struct Wire {
    number: u64,
    room: u64,
    since: DateTime<Utc>,
    close: oneshot::Sender<()>,
}

struct Listening {
    chat: Arc<Chat>,
    told: mpsc::Sender<(u64, Told)>,
    /// What talks with the chat.
    wires: JoinSet<()>,
    lines: Lines,
    current: Option<Wire>,
    opening: Option<Wire>,
    /// The one before, and until when it is heard.
    last: Option<(Wire, DateTime<Utc>)>,
    number: u64,
    failures: u32,
    /// When a socket may be opened.
    next: DateTime<Utc>,
    asking: Option<Asking>,
}

/// News is asked for, since there is no socket.
struct Asking {
    /// A question is under way.
    asked: bool,
    next: DateTime<Utc>,
    every: TimeDelta,
}

/// Listens until nobody does.
pub(super) async fn listen(chat: &Arc<Chat>, rooms: Vec<Seated>, heard: mpsc::Sender<Heard>) {
    let (orders, mut ordered) = mpsc::channel(ORDERS);
    let (told, mut tellings) = mpsc::channel(FRAMES);
    let mut listening = Listening {
        chat: chat.clone(),
        told,
        wires: JoinSet::new(),
        lines: Lines::new(chat.clone(), heard.clone(), orders.clone()),
        current: None,
        opening: None,
        last: None,
        number: 0,
        failures: 0,
        next: chat.clock.now(),
        asking: None,
    };
    let _deaf = Deaf(chat);
    chat.listens(Some(orders));
    for seated in rooms {
        match chat.number(&seated.room) {
            Ok(room) => {
                let heard = seated.heard.and_then(|heard| heard.0.parse().ok());
                listening.lines.begin(room, Start::Outside { heard });
            }
            Err(error) => {
                tracing::warn!(%error, "a room cannot be entered");
                let _ = heard.send(Heard::Left(seated.room)).await;
            }
        }
    }
    let mut keeping = std::pin::pin!(session::keep(chat, &heard));
    let mut session = chat.door.session();
    loop {
        listening.open();
        listening.ask();
        let due = listening.due();
        tokio::select! {
            () = heard.closed() => break,
            () = &mut keeping => break,
            changed = session.changed() => {
                if changed.is_ok() && *session.borrow_and_update() != Session::Out {
                    listening.renew();
                }
            }
            Some(order) = ordered.recv() => listening.order(order),
            Some((number, told)) = tellings.recv() => listening.told(number, told),
            Some(_) = listening.lines.ears.join_next() => {}
            Some(_) = listening.wires.join_next() => {}
            () = chat.clock.until(due) => {}
        }
    }
    listening.end().await;
}

impl Listening {
    fn order(&mut self, order: Order) {
        match order {
            Order::Begin { room, start } => self.lines.begin(room, *start),
            Order::End(room) => self.lines.end(room),
            Order::Entered { room, time } => self.lines.entered(room, time),
            Order::Gone(room) => self.lines.end(room),
            Order::Fallen(room) => {
                self.lines.end(room);
                self.lines.begin(room, Start::Outside { heard: None });
            }
        }
    }

    /// The account is logged in anew: the old socket may be none of its own.
    fn renew(&mut self) {
        if let Some(current) = &mut self.current {
            current.since = DateTime::UNIX_EPOCH;
        }
        self.next = self.chat.clock.now();
    }

    /// The socket must be replaced, or there is none.
    fn wants_socket(&self, now: DateTime<Utc>) -> bool {
        self.opening.is_none()
            && self.lines.inside().next().is_some()
            && self.chat.door.is_in()
            && self
                .current
                .as_ref()
                .is_none_or(|wire| !self.lines.is_inside(wire.room) || now - wire.since >= FRESH)
    }

    /// Opens a socket if one is due; the one that is there stays until the new one is open.
    fn open(&mut self) {
        let now = self.chat.clock.now();
        if let Some((_, until)) = &self.last
            && *until <= now
            && let Some((wire, _)) = self.last.take()
        {
            // It may have ended by itself.
            let _ = wire.close.send(());
        }
        if self.lines.is_empty()
            && let Some(wire) = self.current.take()
        {
            let _ = wire.close.send(());
        }
        let Some((room, since)) = self.lines.inside().next() else {
            return;
        };
        if !self.wants_socket(now) || now < self.next {
            return;
        }
        self.number += 1;
        let (number, told) = (self.number, self.told.clone());
        let (close, closed) = oneshot::channel();
        self.opening = Some(Wire {
            number,
            room,
            since: now,
            close,
        });
        let chat = self.chat.clone();
        self.wires.spawn(async move {
            socket::listen(&chat, room, since, number, told, closed).await;
        });
    }

    /// Asks for news if that is due.
    fn ask(&mut self) {
        let now = self.chat.clock.now();
        let Some(asking) = &mut self.asking else {
            return;
        };
        if asking.asked || asking.next > now || !self.chat.door.is_in() {
            return;
        }
        let inside = self.lines.inside();
        let fields: Vec<(String, String)> = inside
            .map(|(room, t)| (format!("r{room}"), t.unwrap_or_default().to_string()))
            .collect();
        if fields.is_empty() {
            asking.next = now + asking.every;
            return;
        }
        asking.asked = true;
        let (chat, told) = (self.chat.clone(), self.told.clone());
        self.wires.spawn(async move {
            let fields: Vec<(&str, &str)> = fields
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect();
            let reply = chat.door.post("/events", &fields).await;
            let news = reply.map(|reply| frame::read(&reply.body));
            // Nobody listens any more.
            let _ = told.send((0, Told::News(news))).await;
        });
    }

    /// When something is to be done next, if nothing happens before.
    fn due(&self) -> DateTime<Utc> {
        let now = self.chat.clock.now();
        let open = self.wants_socket(now).then_some(self.next);
        let replace = self.current.as_ref().filter(|_| self.opening.is_none());
        let replace = replace.map(|wire| (wire.since + FRESH).max(now + TimeDelta::seconds(1)));
        let close = self.last.as_ref().map(|(_, until)| *until);
        let asking = self.asking.as_ref().filter(|asking| !asking.asked);
        let ask = asking.map(|asking| asking.next.max(now + TimeDelta::seconds(1)));
        let all = [open, replace, close, ask].into_iter().flatten();
        all.min().unwrap_or(now + FRESH)
    }

    fn told(&mut self, number: u64, told: Told) {
        match told {
            Told::Open => self.opened(number),
            Told::Frame(frame) => self.lines.frame(frame),
            Told::News(news) => self.news(news),
            Told::Ended { why, room_gone } => self.ended(number, &why, room_gone),
        }
    }

    fn opened(&mut self, number: u64) {
        let Some(wire) = self.opening.take_if(|wire| wire.number == number) else {
            return;
        };
        tracing::info!(chat = self.chat.settings.name, "the socket is open");
        let until = self.chat.clock.now() + BOTH;
        match self.current.replace(wire) {
            Some(old) => self.last = Some((old, until)),
            None => meter::connected(&self.chat.settings.name),
        }
        self.asking = None;
        // Not every room is told what happened since `l`, and not every server heeds it.
        self.lines.behind();
    }

    fn ended(&mut self, number: u64, why: &str, room_gone: bool) {
        let now = self.chat.clock.now();
        if self
            .last
            .take_if(|(wire, _)| wire.number == number)
            .is_some()
        {
            return;
        }
        let current = self.current.take_if(|wire| wire.number == number);
        let Some(wire) = current.or_else(|| self.opening.take_if(|wire| wire.number == number))
        else {
            return;
        };
        if room_gone {
            self.lines.doubt(wire.room);
        }
        if now - wire.since >= GOOD {
            self.failures = 0;
        }
        let pause = pause(
            self.failures,
            LONGEST_PAUSE,
            &(now, &self.chat.settings.name),
        );
        self.failures = self.failures.saturating_add(1);
        self.next = now + pause;
        tracing::info!(chat = self.chat.settings.name, why, "the socket has ended");
        if self.failures >= ASK_AFTER && self.asking.is_none() && self.current.is_none() {
            tracing::warn!(
                chat = self.chat.settings.name,
                why,
                "there is no socket: news is asked for"
            );
            self.asking = Some(Asking {
                asked: false,
                next: now,
                every: ASK_OFTEN,
            });
            self.lines.behind();
        }
    }

    fn news(&mut self, news: Result<Frame, Wrong>) {
        let now = self.chat.clock.now();
        let any =
            matches!(&news, Ok(frame) if frame.rooms.iter().any(|part| !part.events.is_empty()));
        if let Some(asking) = &mut self.asking {
            asking.asked = false;
            asking.every = match (&news, any) {
                (Ok(_), true) => ASK_OFTEN,
                (Ok(_), false) => (asking.every + TimeDelta::seconds(1)).min(ASK_SELDOM),
                (Err(_), _) => ASK_SELDOM,
            };
            asking.next = now + asking.every;
        }
        match news {
            Ok(frame) => self.lines.frame(frame),
            Err(wrong) => tracing::debug!(why = wrong.words(), "there is no news"),
        }
    }

    /// Leaves all rooms in order.
    async fn end(mut self) {
        self.lines.ears.abort_all();
        let last = self.last.take().map(|(wire, _)| wire);
        let wires = [self.current.take(), self.opening.take(), last];
        for wire in wires.into_iter().flatten() {
            // It may have ended by itself.
            let _ = wire.close.send(());
        }
        let farewell = async {
            if self.chat.door.is_in() {
                let left = self
                    .chat
                    .door
                    .post("/chats/leave/all", &[("quiet", "true")]);
                if let Err(wrong) = left.await {
                    tracing::debug!(why = wrong.words(), "the rooms were not left");
                }
            }
            while self.wires.join_next().await.is_some() {}
        };
        if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
            tracing::debug!(
                chat = self.chat.settings.name,
                "the chat was left without a farewell"
            );
        }
        save(&self.chat.door.jar());
    }
}

/// However listening ends, nobody can join rooms then.
struct Deaf<'a>(&'a Chat);

impl Drop for Deaf<'_> {
    fn drop(&mut self) {
        self.0.listens(None);
        self.0.inside().clear();
    }
}
