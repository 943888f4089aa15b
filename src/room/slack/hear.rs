//! Hears one channel: what events and the history tell becomes what the bot hears, each message once and in order.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc;

use super::connect::Order;
use super::event::{Happened, Post};
use super::history;
use super::incoming::{self, Names};
use super::known::{Known, News};
use super::places::{self, Kind, Place};
use super::wrong::Wrong;
use super::{LONG_REST, LONGEST_PAUSE, Workspace, locked};
use crate::http::pause;
use crate::model::{Heard, Message, MessageId, RoomId};

/// How long the loop may take to enter a channel into which the bot was taken.
const WELCOME: TimeDelta = TimeDelta::seconds(10);
/// Our clock may be ahead of Slack's by so much.
const CLOCKS: TimeDelta = TimeDelta::seconds(10);
/// How many threads are known by whose message they are about.
const THREADS: usize = 200;

/// What comes for a channel.
pub(super) enum Incoming {
    Happened(Box<Happened>),
    /// Something may have been missed since then, which is given as the name of a message.
    Behind(String),
    /// The bot welcomes the invitation.
    Go,
}

/// How hearing begins. `floor` is the message up to which it was heard before; empty where nothing was.
pub(super) enum Start {
    /// The bot is in the channel.
    Here {
        place: Place,
        floor: String,
        /// Something may have been said since.
        behind: bool,
    },
    /// Nothing is known of the channel but its id.
    Unknown {
        floor: String,
        /// Something may have been said since.
        behind: bool,
        /// The bot was in it before.
        seated: bool,
    },
    /// Somebody has taken the bot there.
    Invited {
        by: String,
        floor: String,
        /// Something may have been said since.
        behind: bool,
    },
}

/// Why a channel is heard no more.
enum End {
    /// Nobody listens any more.
    Unheard,
    /// The bot is not in it any more.
    Lost,
    /// It never was.
    Outside,
}

/// What hears one channel.
pub(super) struct Ear {
    workspace: Arc<Workspace>,
    channel: String,
    room: RoomId,
    heard: mpsc::Sender<Heard>,
    orders: mpsc::Sender<Order>,
    known: Known,
    /// What came while something else was waited for.
    waiting: VecDeque<Incoming>,
    /// Threads, and whose message each is about.
    threads: VecDeque<(String, Option<String>)>,
}

impl Ear {
    pub fn new(
        workspace: Arc<Workspace>,
        channel: &str,
        heard: mpsc::Sender<Heard>,
        orders: mpsc::Sender<Order>,
    ) -> Ear {
        Ear {
            room: workspace.id(channel),
            workspace,
            channel: channel.into(),
            heard,
            orders,
            known: Known::default(),
            waiting: VecDeque::new(),
            threads: VecDeque::new(),
        }
    }

    /// Hears the channel until it is left or lost.
    pub async fn run(mut self, start: Start, mut line: mpsc::Receiver<Incoming>) {
        let end = match self.begin(start, &mut line).await {
            Ok(()) => self.hear(&mut line).await,
            Err(end) => end,
        };
        let left = match end {
            End::Unheard => return,
            End::Lost => true,
            End::Outside => false,
        };
        locked(&self.workspace.inside).remove(&self.channel);
        if left {
            let _ = self.heard.send(Heard::Left(self.room.clone())).await;
        }
        let _ = self.orders.send(Order::Gone(self.channel)).await;
    }

    async fn begin(
        &mut self,
        start: Start,
        line: &mut mpsc::Receiver<Incoming>,
    ) -> Result<(), End> {
        let (place, behind) = match start {
            Start::Here {
                place,
                floor,
                behind,
            } => {
                self.known = Known::up_to(floor);
                (place, behind)
            }
            Start::Unknown {
                floor,
                behind,
                seated,
            } => {
                self.known = Known::up_to(floor);
                let place = self.look().await.map_err(|end| match end {
                    // Nobody is sent away from a direct conversation.
                    End::Outside if seated && !self.channel.starts_with('D') => End::Lost,
                    End::Outside | End::Lost | End::Unheard => end,
                })?;
                (place, behind)
            }
            Start::Invited { by, floor, behind } => {
                self.known = Known::up_to(floor);
                let place = self.look().await?;
                self.invited(place.clone(), &by, line).await?;
                (place, behind)
            }
        };
        self.joined(place).await?;
        match behind {
            true => self.behind("").await,
            false => Ok(()),
        }
    }

    /// What the channel is, however long it takes to learn that.
    async fn look(&self) -> Result<Place, End> {
        let mut failures = 0;
        loop {
            match places::look(&self.workspace, &self.channel).await {
                Ok(place) if place.member && !place.archived => return Ok(place),
                Ok(_) => return Err(End::Outside),
                Err(Wrong::Scope { needed }) => {
                    tracing::warn!(room = %self.room, needed, "the app may not know what channel this is");
                    return Ok(Place::unknown(&self.channel));
                }
                Err(wrong) => self
                    .rest(&wrong, &mut failures)
                    .await
                    .map_err(|_| End::Outside)?,
            }
        }
    }

    async fn invited(
        &mut self,
        place: Place,
        by: &str,
        line: &mut mpsc::Receiver<Incoming>,
    ) -> Result<(), End> {
        let by = self.workspace.meet(by, None).await.person;
        let name = self.title(&place).await;
        locked(&self.workspace.inside).insert(self.channel.clone(), place);
        let room = self.room.clone();
        let there = true;
        self.tell(Heard::Invited {
            room,
            name,
            by,
            there,
        })
        .await?;
        let until = self.workspace.clock.now() + WELCOME;
        loop {
            tokio::select! {
                incoming = line.recv() => match incoming.ok_or(End::Unheard)? {
                    Incoming::Go => return Ok(()),
                    other => self.waiting.push_back(other),
                },
                () = self.workspace.clock.until(until) => return Ok(()),
            }
        }
    }

    /// What people call the channel.
    async fn title(&self, place: &Place) -> String {
        match (place.kind, &place.user) {
            (Kind::Direct, Some(user)) => {
                format!("@{}", self.workspace.meet(user, None).await.person.name)
            }
            (Kind::Direct, None) => "a direct conversation".into(),
            (Kind::Group, _) => "a group".into(),
            (Kind::Public | Kind::Private, _) if place.name.is_empty() => self.channel.clone(),
            (Kind::Public | Kind::Private, _) => format!("#{}", place.name),
        }
    }

    async fn joined(&mut self, place: Place) -> Result<(), End> {
        if matches!(place.kind, Kind::Public | Kind::Private) {
            self.workspace.names.learn(&place.name, &self.channel);
        }
        let name = self.title(&place).await;
        locked(&self.workspace.inside).insert(self.channel.clone(), place);
        let last = match self.known.floor() {
            "" => ts(self.workspace.clock.now() - CLOCKS),
            floor => floor.to_string(),
        };
        let last = Some(MessageId(last));
        let room = self.room.clone();
        self.tell(Heard::Joined { room, name, last }).await
    }

    async fn hear(&mut self, line: &mut mpsc::Receiver<Incoming>) -> End {
        loop {
            let incoming = match self.waiting.pop_front() {
                Some(incoming) => Some(incoming),
                None => line.recv().await,
            };
            let done = match incoming {
                Some(Incoming::Happened(happened)) => self.happened(*happened).await,
                Some(Incoming::Behind(since)) => self.behind(&since).await,
                Some(Incoming::Go) => Ok(()),
                None => Err(End::Unheard),
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    async fn happened(&mut self, happened: Happened) -> Result<(), End> {
        let room = self.room.clone();
        match happened {
            Happened::Said { post, .. } => {
                let news = self.known.hear(post, None);
                self.news(news).await
            }
            Happened::Changed { post, before, .. } => {
                let before = before.unwrap_or_default();
                let news = self.known.hear(post, Some(&before));
                self.news(news).await
            }
            Happened::Deleted { ts, .. } => {
                let news = self.known.lose(&ts);
                self.news(news).await
            }
            Happened::Came { user, .. } => {
                let person = self.workspace.meet(&user, None).await.person;
                self.tell(Heard::Came { room, person }).await
            }
            Happened::Went { user, .. } => {
                let person = self.workspace.meet(&user, None).await.person;
                self.tell(Heard::Went { room, person }).await
            }
            Happened::Lost { .. } => Err(End::Lost),
            Happened::Renamed { name, .. } => self.called(&name).await,
            Happened::Reopened { .. }
            | Happened::Created { .. }
            | Happened::Replaced { .. }
            | Happened::Person(_)
            | Happened::Revoked { .. }
            | Happened::Uninstalled
            | Happened::Nothing => Ok(()),
        }
    }

    async fn called(&mut self, name: &str) -> Result<(), End> {
        let name = places::tidy(name);
        let place = locked(&self.workspace.inside).get(&self.channel).cloned();
        let Some(place) = place.filter(|place| place.name != name) else {
            return Ok(());
        };
        self.workspace.names.forget(&place.name, &self.channel);
        self.workspace.names.learn(&name, &self.channel);
        let place = Place { name, ..place };
        let name = self.title(&place).await;
        locked(&self.workspace.inside).insert(self.channel.clone(), place);
        let room = self.room.clone();
        let last = None;
        self.tell(Heard::Joined { room, name, last }).await
    }

    async fn news(&mut self, news: Option<News>) -> Result<(), End> {
        let heard = match news {
            Some(News::Said(post)) => Heard::Said(self.message(post).await),
            Some(News::Edited(post)) => Heard::Edited(self.message(post).await),
            Some(News::Deleted(ts)) => Heard::Deleted {
                room: self.room.clone(),
                message: MessageId(ts),
            },
            None => return Ok(()),
        };
        self.tell(heard).await
    }

    /// Reads back what was missed since then.
    async fn behind(&mut self, since: &str) -> Result<(), End> {
        let mut failures = 0;
        loop {
            let turn = self.workspace.reading.acquire().await;
            let floor = self.known.floor().max(since).to_string();
            let past = history::since(&self.workspace, &self.channel, &floor).await;
            drop(turn);
            match past {
                Ok(past) => {
                    let complete = past.complete.as_deref();
                    for news in self.known.past(past.posts, &past.there, complete) {
                        self.news(Some(news)).await?;
                    }
                    return Ok(());
                }
                Err(Wrong::Scope { needed }) => {
                    tracing::warn!(room = %self.room, needed, "the app may not read back what was said");
                    return Ok(());
                }
                Err(wrong) => self
                    .rest(&wrong, &mut failures)
                    .await
                    .map_err(|_| End::Lost)?,
            }
        }
    }

    /// Waits before something is tried again.
    ///
    /// # Errors
    /// When that would be of no use: the bot is not in the channel.
    async fn rest(&self, wrong: &Wrong, failures: &mut u32) -> Result<(), ()> {
        tracing::debug!(room = %self.room, why = wrong.words(), "Slack is asked again");
        let now = self.workspace.clock.now();
        let rest = match wrong {
            Wrong::Outside | Wrong::NotThere { .. } | Wrong::Gone { .. } => return Err(()),
            Wrong::Limited { rest } => *rest,
            Wrong::Unreached { .. } | Wrong::Unsure { .. } => {
                pause(*failures, LONGEST_PAUSE, &(now, &self.channel))
            }
            Wrong::Fatal { .. }
            | Wrong::Scope { .. }
            | Wrong::Forbidden { .. }
            | Wrong::Refused { .. } => LONG_REST,
        };
        *failures = failures.saturating_add(1);
        tokio::select! {
            () = self.workspace.clock.until(now + rest) => {}
            () = self.workspace.back.notified() => {}
        }
        Ok(())
    }

    async fn message(&mut self, post: Post) -> Message {
        let place = locked(&self.workspace.inside).get(&self.channel).cloned();
        let met = self.workspace.meet(&post.user, post.team.as_deref()).await;
        let creator = place.as_ref().and_then(|place| place.creator.as_deref());
        let role = met.role(creator);
        let text = self.workspace.words(&post.text).await;
        let reply_to_bot = match &post.thread {
            Some(thread) => self.is_ours(thread.clone(), post.parent.clone()).await,
            None => false,
        };
        Message {
            at: at(&post.ts).unwrap_or_else(|| self.workspace.clock.now()),
            id: MessageId(post.ts),
            room: self.room.clone(),
            person: met.person,
            text,
            direct: place.is_some_and(|place| place.kind == Kind::Direct),
            reply_to_bot,
            reply_to: post.thread.clone().map(MessageId),
            role,
            thread: post.thread.map(MessageId),
            private: false,
        }
    }

    /// Whether a thread is about a message of the bot. `parent` is whose it is, where Slack says so.
    async fn is_ours(&mut self, thread: String, parent: Option<String>) -> bool {
        let Ok(me) = self.workspace.me().await else {
            return false;
        };
        if let Some(parent) = parent {
            return parent == me.user;
        }
        if let Some((_, author)) = self.threads.iter().find(|(known, _)| *known == thread) {
            return author.as_ref() == Some(&me.user);
        }
        match history::author(&self.workspace, &self.channel, &thread).await {
            Ok(author) => {
                let ours = author.as_ref() == Some(&me.user);
                self.threads.push_back((thread, author));
                if self.threads.len() > THREADS {
                    self.threads.pop_front();
                }
                ours
            }
            Err(_) => false,
        }
    }

    async fn tell(&self, heard: Heard) -> Result<(), End> {
        self.heard.send(heard).await.map_err(|_| End::Unheard)
    }
}

/// When a message was said, by its name.
pub(super) fn at(ts: &str) -> Option<DateTime<Utc>> {
    let (seconds, micros) = ts.split_once('.')?;
    let micros: i64 = micros.parse().ok()?;
    let seconds: i64 = seconds.parse().ok()?;
    DateTime::from_timestamp_micros(seconds.checked_mul(1_000_000)?.checked_add(micros)?)
}

/// The name that a message of this time would have.
pub(super) fn ts(at: DateTime<Utc>) -> String {
    let micros = at.timestamp_micros().max(0);
    format!("{:010}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

impl Workspace {
    /// What people typed, with names in the place of ids.
    pub(super) async fn words(&self, text: &str) -> String {
        let mentioned = incoming::mentioned(text);
        let mut names = Names::default();
        let me = locked(&self.me).as_ref().map(|me| me.user.clone());
        for person in mentioned.people {
            let name = match me.as_ref() == Some(&person) {
                true => self.settings.bot.clone(),
                false => self.meet(&person, None).await.person.name,
            };
            names.people.insert(person, name);
        }
        for (channel, name) in mentioned.channels {
            match name {
                Some(name) => self.names.learn(&name, &channel),
                None => names
                    .channels
                    .extend(self.called(&channel).map(|name| (channel, name))),
            }
        }
        incoming::words(text, &names)
    }
}

impl Place {
    /// A conversation that Slack does not tell about; its id says a little.
    fn unknown(channel: &str) -> Place {
        Place {
            id: channel.into(),
            name: String::new(),
            kind: match channel.starts_with('D') {
                true => Kind::Direct,
                false => Kind::Public,
            },
            creator: None,
            member: true,
            archived: false,
            user: None,
        }
    }
}
