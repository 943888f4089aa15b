//! Where items come from: one file a kind, listed in `ALL`.

pub mod feed;
pub mod stack_exchange;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use clap::ArgMatches;

use crate::http::Http;
use crate::model::{Item, Part, Refusal};
use crate::registry::{self, Kind};

/// Every kind of source, in the order of the manual.
pub const ALL: &[SourceKind] = &[feed::KIND];

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
    fn short(&self) -> &'static str;

    /// Asks once. `cursor` is what the last look left, empty (`null`) at first; `now` is the time of the look.
    /// Waits no longer than the time-outs of [`Http`].
    async fn look(
        &self,
        http: &Http,
        cursor: &serde_json::Value,
        now: DateTime<Utc>,
    ) -> Result<Look, LookError>;
}

/// What a source gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// What it has now, newest first; `None` when nothing changed since the cursor.
    pub items: Option<Vec<Item>>,
    /// How far it has been read.
    pub cursor: serde_json::Value,
    /// What it calls itself.
    pub title: Option<String>,
    /// Something the room should know once, for instance which feed a page led to.
    pub note: Option<String>,
    /// It asks not to be looked at sooner than this.
    pub rest: Option<Duration>,
}

/// Why a look gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct LookError {
    /// Plain words that stand after "because": `example.org does not answer`.
    pub what: String,
    /// It asks not to be looked at sooner than this.
    pub rest: Option<Duration>,
    /// It is gone for good; looking again is no use.
    pub gone: bool,
}
