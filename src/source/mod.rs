//! Where items come from: one file a kind, listed in `ALL`.

pub mod feed;
pub mod stack_exchange;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use clap::ArgMatches;
use serde_json::Value;
use tokio::sync::mpsc::Sender;

use crate::clock::Clock;
use crate::http::{Http, HttpError};
use crate::model::{Item, Part, Refusal};
use crate::registry::{self, Kind};
use stack_exchange::Api;

/// Every kind of source, in the order of the manual.
pub const ALL: &[SourceKind] = &[
    feed::KIND,
    stack_exchange::questions::KIND,
    stack_exchange::answers::KIND,
    stack_exchange::comments::KIND,
    stack_exchange::posts::KIND,
    stack_exchange::tags::KIND,
    stack_exchange::edits::KIND,
    stack_exchange::revisions::KIND,
    stack_exchange::badges::KIND,
    stack_exchange::users::KIND,
];

/// What the sources of one world share, whatever the number of trackers; clones share it too.
#[derive(Clone, Default)]
pub struct Shared {
    pub stack_exchange: Arc<Api>,
}

impl Shared {
    /// What must survive a restart, by name, as far as it has changed since this was last asked.
    pub fn changes(&self) -> Vec<(&'static str, Value)> {
        self.stack_exchange.changes()
    }

    /// Something that has a bell is watched: it is worth while to listen, also before the first look.
    pub fn watched(&self) {
        self.stack_exchange.watch();
    }

    /// Nobody wants the source of this key any more, or not for now: what is set aside for its looks is free.
    pub fn left(&self, key: &str) {
        self.stack_exchange.forget(key);
    }

    /// Listens to what worlds say by themselves, for as long as somebody takes the rings.
    pub async fn listen(&self, http: &Http, clock: &Clock, rings: Sender<Ring>) {
        self.stack_exchange.listen(http, clock, rings).await;
    }

    /// Takes what a world says by itself.
    pub fn rang(&self, ring: &Ring) {
        self.stack_exchange.rang(ring);
    }

    /// What is said of the requests of each world that counts them, after the world's name. In use is what was asked
    /// anything.
    pub fn quotas(&self, now: DateTime<Utc>) -> Vec<Quota> {
        let budget = self.stack_exchange.budget();
        vec![Quota {
            world: "Stack Exchange",
            in_use: budget.in_use(),
            left: budget.left(now),
            said: budget.say(now),
            bell: match self.stack_exchange.settings().websocket {
                None if budget.standing(now).rung == 0 => None,
                _ => budget.say_bell(now),
            },
        }]
    }

    /// Takes up what survived.
    pub fn recall(&self, name: &str, value: &Value) {
        self.stack_exchange.recall(name, value);
    }
}

/// How a world that counts requests stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    pub world: &'static str,
    /// Something of it was asked.
    pub in_use: bool,
    /// Requests left before its day ends.
    pub left: u64,
    /// `2,340 of 10,000 requests left, enough until midnight UTC`
    pub said: String,
    /// `3 of 4 sources are asked as soon as …`; none where there is nothing to say.
    pub bell: Option<String>,
}

/// What a look may use, and what is known when it begins.
pub struct Asking<'a> {
    pub http: &'a Http,
    pub shared: &'a Shared,
    /// What the last look left, empty (`null`) at first.
    pub cursor: &'a Value,
    pub now: DateTime<Utc>,
    /// How often the most eager tracker wants it looked at.
    pub every: Duration,
}

/// A source's declaration and how to build it from its arguments.
pub type SourceKind = Kind<fn(&ArgMatches) -> Result<Box<dyn Poll>, Refusal>>;

/// Builds the source that a recipe names.
///
/// # Errors
/// When there is no such kind, or it does not take these arguments.
pub fn build(part: &Part) -> Result<Box<dyn Poll>, Refusal> {
    let kind = registry::find(ALL, &part.kind, "source")?;
    let matches = registry::with_declared(kind, |declared| registry::read(declared, &part.args))?;
    (kind.build)(&matches)
}

/// A source that is asked from time to time.
#[async_trait]
pub trait Poll: Send + Sync {
    /// What people call it in a sentence: `example.org`.
    fn name(&self) -> String;

    /// The same for every part that means the same source: trackers that share it share the fetch.
    fn key(&self) -> String;

    /// Whose patience its looks use: those of one line, usually a host, wait for each other.
    fn line(&self) -> String;

    /// What trackers of it are called when nobody names them: `feed`.
    fn short(&self) -> String;

    /// The part that is stored for one that somebody typed: names are looked up, spellings made one.
    ///
    /// # Errors
    /// When it names something that does not exist.
    fn settled(&self, part: Part, _: &Shared) -> Result<Part, Refusal> {
        Ok(part)
    }

    /// The bell that rings when there may be something new: sources with the same one are rung together.
    fn bell(&self) -> Option<String> {
        None
    }

    /// Whether it looks when its bell rings for the thing of this number, and how long it waits before, so that several
    /// rings are one look. To say so is to promise a look.
    fn heeds(&self, _id: u64, _: &Shared, _now: DateTime<Utc>) -> Option<Duration> {
        None
    }

    /// How long it best waits from one look to the next as things stand, where that is not what its trackers say.
    fn pace(&self, _: &Shared, _now: DateTime<Utc>) -> Option<Duration> {
        None
    }

    /// Asks once. Waits no longer than the time-outs of [`Http`].
    async fn look(&self, asking: &Asking<'_>) -> Result<Look, LookError>;
}

/// What a world says by itself. It is only a hint that looking may be worth while: nothing is lost when it is not
/// heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ring {
    /// Something happened to the thing of this number, where this bell hangs.
    Activity { bell: String, id: u64 },
    /// From now on the bells of this world are heard.
    Up(&'static str),
    /// They are no longer heard.
    Down(&'static str),
}

/// What a source gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// What it has now, newest first; `None` when nothing changed since the cursor.
    pub items: Option<Vec<Item>>,
    /// These are only what came since the cursor, not all that is there.
    pub only_new: bool,
    /// How far it has been read.
    pub cursor: Value,
    /// What it calls itself.
    pub title: Option<String>,
    /// Something the room should know once, for instance which feed a page led to.
    pub note: Option<String>,
    /// It asks not to be looked at sooner than this.
    pub rest: Option<Duration>,
    /// When it is best looked at next; otherwise its trackers say.
    pub next: Option<Duration>,
}

/// Why a look gave nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct LookError {
    /// Plain words that stand after "because": `example.org does not answer`. They are shown for long, so they name no
    /// time to wait; that is said of `rest`.
    pub what: String,
    /// It asks not to be looked at sooner than this.
    pub rest: Option<Duration>,
    /// It is gone for good; looking again is no use.
    pub gone: bool,
    /// Nothing is wrong: it only has to wait for its rest.
    pub waits: bool,
    pub extent: Extent,
}

/// What cannot be read when a look gave nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// This source, as far as is known.
    #[default]
    Source,
    /// Everything in its line.
    Line,
    /// The same, and it was not even asked, because others just found that out; they know more of why.
    Unasked,
}

impl From<HttpError> for LookError {
    fn from(error: HttpError) -> LookError {
        LookError {
            what: match &error {
                HttpError::Later { host, .. } => format!("{host} wants to be left alone"),
                HttpError::Resting { host, .. } => format!("{host} failed several times in a row"),
                other => other.to_string(),
            },
            rest: error
                .retry_after()
                .map(|rest| rest.min(Duration::from_secs(24 * 3600))),
            gone: error.is_gone(),
            waits: false,
            extent: match &error {
                HttpError::Resting { .. } => Extent::Unasked,
                error if error.is_of_host() => Extent::Line,
                _ => Extent::Source,
            },
        }
    }
}
