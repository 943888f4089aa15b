//! Hears one channel: what events and the history tell becomes what the bot hears, each message once and in order.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::mpsc;

use super::connect::Order;
use super::event::Happened;
use super::history;
use super::known::{Known, News};
use super::places::{self, Kind, Place};
use super::wrong::Wrong;
use super::{LONG_REST, LONGEST_PAUSE, REST, Workspace, locked, stamp};
use crate::http::pause;
use crate::model::{Heard, MessageId, RoomId};

/// How long the loop may take to enter a channel into which the bot was taken.
const WELCOME: TimeDelta = TimeDelta::seconds(10);
/// Our clock may be ahead of Slack's by so much.
const CLOCKS: TimeDelta = TimeDelta::seconds(10);
/// How often Slack may refuse what a channel waits for.
const REFUSALS: u32 = 3;

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
    pub(super) workspace: Arc<Workspace>,
    pub(super) channel: String,
    pub(super) room: RoomId,
    pub(super) heard: mpsc::Sender<Heard>,
    pub(super) orders: mpsc::Sender<Order>,
    pub(super) known: Known,
    /// What came while something else was waited for.
    pub(super) waiting: VecDeque<Incoming>,
    /// Threads, and whose message each is about.
    pub(super) threads: VecDeque<(String, Option<String>)>,
    /// What was said since this message could not be read back.
    pub(super) owed: Option<String>,
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
            owed: None,
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
        let (mut failures, mut refusals) = (0, 0);
        loop {
            match places::look(&self.workspace, &self.channel).await {
                Ok(place) if place.member && !place.archived => return Ok(place),
                Ok(_) => return Err(End::Outside),
                Err(Wrong::Scope { needed }) => {
                    tracing::warn!(room = %self.room, needed, "the app may not know what channel this is");
                    return Ok(Place::unknown(&self.channel));
                }
                Err(wrong) if is_hopeless(&wrong, &mut refusals) => {
                    tracing::warn!(room = %self.room, why = wrong.words(), "Slack does not say what channel this is");
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
        // The name of a private one is not for those who are not in it.
        if place.kind == Kind::Public {
            self.workspace.names.learn(&place.name, &self.channel);
        }
        let name = self.title(&place).await;
        locked(&self.workspace.inside).insert(self.channel.clone(), place);
        let last = match self.known.floor() {
            "" => stamp::of(self.workspace.clock.now() - CLOCKS),
            floor => floor.to_string(),
        };
        let last = Some(MessageId(last.into()));
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
                self.news(news, false).await
            }
            Happened::Changed { post, before, .. } => {
                let before = before.unwrap_or_default();
                let news = self.known.hear(post, Some(&before));
                self.news(news, false).await
            }
            Happened::Deleted { ts, .. } => {
                let news = self.known.lose(&ts);
                self.news(news, false).await
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
        if place.kind == Kind::Public {
            self.workspace.names.learn(&name, &self.channel);
        }
        let place = Place { name, ..place };
        let name = self.title(&place).await;
        locked(&self.workspace.inside).insert(self.channel.clone(), place);
        let room = self.room.clone();
        let last = None;
        self.tell(Heard::Joined { room, name, last }).await
    }

    /// `past`: it is read back.
    async fn news(&mut self, news: Option<News>, past: bool) -> Result<(), End> {
        let heard = match news {
            Some(News::Said(post)) => Heard::Said(self.message(post, past).await),
            Some(News::Edited(post)) => Heard::Edited(self.message(post, past).await),
            Some(News::Deleted(ts)) => Heard::Deleted {
                room: self.room.clone(),
                message: MessageId(ts.into()),
            },
            None => return Ok(()),
        };
        self.tell(heard).await
    }

    /// Reads back what was missed since then.
    async fn behind(&mut self, since: &str) -> Result<(), End> {
        let (mut failures, mut refusals) = (0, 0);
        let since = match self.owed.take() {
            Some(owed) if owed.as_str() < since => owed,
            Some(_) | None => since.to_string(),
        };
        loop {
            let turn = self.workspace.reading.acquire().await;
            let floor = self.known.floor().max(&since).to_string();
            let past = history::since(&self.workspace, &self.channel, &floor).await;
            drop(turn);
            match past {
                Ok(past) => {
                    let complete = past.complete.as_deref();
                    for news in self.known.past(past.posts, &past.there, complete) {
                        self.news(Some(news), true).await?;
                    }
                    return Ok(());
                }
                Err(Wrong::Scope { needed }) => {
                    tracing::warn!(room = %self.room, needed, "the app may not read back what was said");
                    return Ok(());
                }
                Err(wrong) if is_hopeless(&wrong, &mut refusals) => {
                    tracing::warn!(room = %self.room, why = wrong.words(), "what was said meanwhile is not read back");
                    if let Wrong::Fatal { .. } = wrong {
                        // With a better token it may be.
                        self.owed = Some(since);
                    }
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
            Wrong::Forbidden { .. } | Wrong::Refused { .. } => REST,
            Wrong::Fatal { .. } | Wrong::Scope { .. } => LONG_REST,
        };
        *failures = failures.saturating_add(1);
        tokio::select! {
            () = self.workspace.clock.until(now + rest) => {}
            () = self.workspace.back.notified() => {}
        }
        Ok(())
    }

    async fn tell(&self, heard: Heard) -> Result<(), End> {
        self.heard.send(heard).await.map_err(|_| End::Unheard)
    }
}

/// Whether Slack has refused something so often that asking on would only keep the channel waiting.
fn is_hopeless(wrong: &Wrong, refusals: &mut u32) -> bool {
    match wrong {
        Wrong::Fatal { .. } | Wrong::Forbidden { .. } | Wrong::Refused { .. } => {
            *refusals += 1;
            *refusals >= REFUSALS
        }
        Wrong::Unreached { .. }
        | Wrong::Unsure { .. }
        | Wrong::Limited { .. }
        | Wrong::Scope { .. }
        | Wrong::Outside
        | Wrong::NotThere { .. }
        | Wrong::Gone { .. } => false,
    }
}
