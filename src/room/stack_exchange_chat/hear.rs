//! Hears one room: what the socket and the history tell becomes what the bot hears, each message once and in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use tokio::sync::mpsc;

use super::connect::Order;
use super::door::Session;
use super::event::{Event, kind};
use super::history::{self, PAGE, Past, Span};
use super::join;
use super::known::{Known, News};
use super::pause::pause;
use super::people::People;
use super::wrong::Wrong;
use super::{Chat, address, content, page};
use crate::model::{Heard, Message, MessageId, Person, PersonId, Role, RoomId};

/// How many messages are read back to see what is different about them.
pub(super) const LAST: usize = 100;
/// How many pages of the history are read for what was missed, [`PAGE`] messages each.
const PAGES: usize = 20;
/// How long the account stays out of a room that has sent it away, by how often that has happened.
const MUTES: [Duration; 3] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
];
/// How many answers to the bot are remembered until the message itself comes.
const CALLS: usize = 100;
/// The longest message, in bytes; what is behind that is not heard.
const LONGEST: usize = 64 << 10;

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
    chat: Arc<Chat>,
    room: u64,
    id: RoomId,
    heard: mpsc::Sender<Heard>,
    orders: mpsc::Sender<Order>,
    known: Known,
    people: People,
    /// Messages of which the chat has said that they answer the bot.
    calls: VecDeque<i64>,
    /// How often the room has sent the account away.
    kicks: usize,
}

/// Why a room is heard no more.
enum End {
    /// Nobody listens any more, or the room was left.
    Unheard,
    /// It is gone, or does not let the account in.
    Gone,
    /// It has sent the account away for a while.
    Kicked,
}

impl Ear {
    pub fn new(
        chat: Arc<Chat>,
        room: u64,
        heard: mpsc::Sender<Heard>,
        orders: mpsc::Sender<Order>,
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
            tracing::warn!(room = %self.id, "the room is lost");
            self.chat.inside().remove(&self.room);
            if self.tell(Heard::Left(self.id.clone())).await.is_err() {
                return;
            }
            end = match end {
                End::Kicked => match self.come_back(&mut line).await {
                    Ok(()) => self.hear(&mut line).await,
                    Err(end) => end,
                },
                End::Gone | End::Unheard => {
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
                let (name, past) = self.enter(&[]).await?;
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
        let until = self.chat.clock.now() + MUTES[first];
        self.chat.clock.until(until).await;
        let (name, past) = self.enter(&MUTES[first + 1..]).await?;
        self.people.forget_all();
        self.joined(name, &past).await?;
        // What waited is older than the account's return, and may tell of its being sent away; what was said is read
        // back.
        while line.try_recv().is_ok() {}
        let past = self.look_back().await?;
        self.catch_up(past).await
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
                    self.chat.clock.until(self.chat.clock.now() + *rest).await;
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
        let last = Some(MessageId(last.unwrap_or_default().to_string()));
        self.tell(Heard::Joined { room, name, last }).await
    }

    async fn hear(&mut self, line: &mut mpsc::Receiver<Incoming>) -> End {
        while let Some(incoming) = line.recv().await {
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
        End::Unheard
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
    async fn rest(&self, wrong: &Wrong, failures: &mut u32) {
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
        let pause = pause(*failures, &(now, self.room)).max(asked);
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
        }
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

    async fn news(&mut self, news: Vec<News>) -> Result<(), End> {
        let said = news.iter().filter_map(|news| match news {
            News::Said(event) | News::Edited(event) => event.user_id,
            News::Deleted(_) | News::Starred { .. } => None,
        });
        self.meet(said.collect()).await;
        for news in news {
            self.one(news).await?;
        }
        Ok(())
    }

    /// What happened at once.
    async fn events(&mut self, mut events: Vec<Event>) -> Result<(), End> {
        events.retain(|event| event.id.is_none_or(|id| self.known.is_new(id)));
        let me = self.chat.door.me().map(|me| me.id);
        for event in &events {
            match (event.event_type, event.message_id) {
                (kind::REPLIED, Some(message)) => {
                    self.calls.push_back(message);
                    if self.calls.len() > CALLS {
                        self.calls.pop_front();
                    }
                }
                (kind::ACCESS_CHANGED, _) => match event.target_user_id {
                    Some(person) => self.people.forget(person),
                    None => self.people.forget_all(),
                },
                (kind::RENAMED, _) => self.people.forget(event.renamed().unwrap_or_default()),
                _ => {}
            }
        }
        let speaks = |event: &&Event| {
            [kind::POSTED, kind::EDITED, kind::RENAMED].contains(&event.event_type)
        };
        let met = events.iter().filter(speaks);
        let met = met.filter_map(|event| event.renamed().or(event.user_id));
        self.meet(met.collect()).await;
        let kicked = was_kicked(&events, me);
        for event in events {
            self.event(event, me).await?;
        }
        match kicked {
            true => Err(End::Kicked),
            false => Ok(()),
        }
    }

    async fn meet(&mut self, mut people: Vec<i64>) {
        let me = self.chat.door.me().map(|me| me.id);
        people.retain(|id| *id > 0 && Some(*id) != me);
        let now = self.chat.clock.now();
        self.people
            .meet(&self.chat.door, self.room, &people, now)
            .await;
    }

    async fn event(&mut self, event: Event, me: Option<i64>) -> Result<(), End> {
        let room = self.id.clone();
        let own = event.user_id == me;
        let message = event.message_id.map(|id| MessageId(id.to_string()));
        match (event.event_type, message) {
            (kind::POSTED | kind::EDITED | kind::DELETED | kind::STARRED, _) => {
                match self.known.live(event) {
                    Some(news) => self.one(news).await,
                    None => Ok(()),
                }
            }
            (kind::ENTERED, _) if !own => match person(&event) {
                Some(person) => self.tell(Heard::Came { room, person }).await,
                None => Ok(()),
            },
            (kind::LEFT, _) if !own => match person(&event) {
                Some(person) => self.tell(Heard::Went { room, person }).await,
                None => Ok(()),
            },
            (kind::MOVED_OUT | kind::MOVED_IN, Some(message)) => {
                let away = event.event_type == kind::MOVED_OUT;
                let moved = Heard::Moved {
                    room,
                    message,
                    away,
                };
                self.tell(moved).await
            }
            (kind::RENAMED, _) => self.renamed(&event).await,
            _ => Ok(()),
        }
    }

    /// Each of the rooms tells it; one is heard.
    async fn renamed(&mut self, event: &Event) -> Result<(), End> {
        let Some(id) = event.renamed() else {
            return Ok(());
        };
        let told = event
            .user_name
            .as_deref()
            .filter(|_| event.user_id == Some(id));
        let Some(name) = self.people.name(id).or(told).map(page::tidy) else {
            return Ok(());
        };
        if self.chat.door.me().is_some_and(|me| me.id == id) {
            self.chat.door.renamed(name);
            return Ok(());
        }
        if !self.chat.is_new_name(id, &name) {
            return Ok(());
        }
        let person = Person {
            id: PersonId(id.to_string()),
            name,
        };
        let platform = self.id.platform.clone();
        self.tell(Heard::Renamed { platform, person }).await
    }

    async fn one(&mut self, news: News) -> Result<(), End> {
        let room = self.id.clone();
        let heard = match news {
            News::Said(event) => self.message(&event).await.map(Heard::Said),
            News::Edited(event) => self.message(&event).await.map(Heard::Edited),
            News::Deleted(message) => Some(Heard::Deleted {
                room,
                message: MessageId(message.to_string()),
            }),
            News::Starred {
                message,
                stars,
                pins,
            } => Some(Heard::Starred {
                room,
                message: MessageId(message.to_string()),
                stars,
                pins,
            }),
        };
        match heard {
            Some(heard) => self.tell(heard).await,
            None => Ok(()),
        }
    }

    /// What somebody said; none when it was the bot, a feed or the chat itself.
    async fn message(&mut self, event: &Event) -> Option<Message> {
        let (id, user) = (event.message_id?, event.user_id?);
        let me = self.chat.door.me()?;
        if user <= 0 || user == me.id {
            return None;
        }
        let mut content = content::read(event.content.as_deref()?);
        if content.moved {
            return None;
        }
        if content.partial
            && let Some(whole) = self.whole(id).await
        {
            content = whole;
        }
        let parent = event.parent_id.filter(|_| event.show_parent);
        let own = |parent: i64| self.chat.recent.has(self.room, parent);
        let reply_to_bot = self.calls.contains(&id)
            || parent.is_some_and(|parent| own(parent) || event.target_user_id == Some(me.id));
        let mut text = content.text.as_str();
        text = &text[..text.floor_char_boundary(LONGEST)];
        if reply_to_bot {
            text = address::answer(text, &me.name);
        }
        let seconds = event.time_stamp.unwrap_or_default();
        Some(Message {
            id: MessageId(id.to_string()),
            room: self.id.clone(),
            person: person(event)?,
            text: address::to_bot(text, &me.name, &self.chat.settings.bot),
            at: DateTime::from_timestamp(seconds, 0).unwrap_or_else(|| self.chat.clock.now()),
            direct: false,
            reply_to_bot,
            reply_to: parent.map(|parent| MessageId(parent.to_string())),
            role: match user {
                1.. => self.people.role(user),
                _ => Role::Guest,
            },
        })
    }

    /// A message of which the socket told only the beginning.
    async fn whole(&self, message: i64) -> Option<content::Content> {
        let path = format!("/messages/{}/{message}", self.room);
        for failures in 0..3 {
            match self.chat.door.get(&path).await {
                Ok(reply) => return Some(content::read(&reply.text())),
                Err(Wrong::Missing) => return None,
                Err(wrong) => self.rest(&wrong, &mut { failures }).await,
            }
        }
        None
    }

    async fn tell(&self, heard: Heard) -> Result<(), End> {
        self.heard.send(heard).await.map_err(|_| End::Unheard)
    }
}

/// The account has been sent away: it left, and its access changed, at once.
pub(super) fn was_kicked(events: &[Event], me: Option<i64>) -> bool {
    let of_me = |wanted: u32, who: fn(&Event) -> Option<i64>| {
        me.is_some()
            && events
                .iter()
                .any(|event| event.event_type == wanted && who(event) == me)
    };
    of_me(kind::LEFT, |event| event.target_user_id.or(event.user_id))
        && of_me(kind::ACCESS_CHANGED, |event| event.target_user_id)
}

/// Who did it.
pub(super) fn person(event: &Event) -> Option<Person> {
    let id = event.user_id?;
    let name = page::tidy(event.user_name.as_deref().unwrap_or_default());
    Some(Person {
        id: PersonId(id.to_string()),
        name: if name.is_empty() {
            id.to_string()
        } else {
            name
        },
    })
}
