//! The only door to the web: time-outs, size limits, no private addresses unless allowed, manners towards hosts.
//!
//! Invariant: no other module names `reqwest`, and nothing here trusts what a host says.

mod address;
mod error;
mod fresh;
mod line;
mod page;
mod stage;
mod wire;

pub use error::HttpError;
pub use page::{Page, Request};
pub use stage::{Stage, Staged};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

use crate::clock::Clock;
use line::Lines;
use page::Answer;
use wire::Wire;

/// How the door behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether addresses of this machine and of private networks may be asked.
    pub allow_private: bool,
    /// How long a whole request may take, redirects and body included; waiting for its turn is not counted.
    pub timeout: Duration,
    /// The largest page, in bytes after decompression.
    pub largest: usize,
    /// How many requests one host gets at a time.
    pub per_host: usize,
    /// How many redirects are followed.
    pub redirects: usize,
    /// What the bot calls itself.
    pub agent: String,
    /// Names and passwords by host, with `:port` if it is not the usual one. They go to that host only, and in the clear only where private addresses are
    /// allowed.
    pub logins: BTreeMap<String, Login>,
}

/// A name and password for one host.
#[derive(Clone, Debug)]
pub struct Login {
    pub user: String,
    pub password: SecretString,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            allow_private: false,
            timeout: Duration::from_secs(30),
            largest: 10 << 20,
            per_host: 2,
            redirects: 5,
            agent: concat!(
                "boson/",
                env!("CARGO_PKG_VERSION"),
                " (chat bot; reads feeds)"
            )
            .into(),
            logins: BTreeMap::new(),
        }
    }
}

/// Reads an address that somebody typed, without asking for it: `http` or `https`, with a host, without a name and
/// password, at most 2,000 bytes. The fragment is dropped.
///
/// # Errors
/// When it is no such address.
pub fn web_address(text: &str) -> Result<Url, HttpError> {
    address::parse(text)
}

/// The door; clones share it.
#[derive(Clone)]
pub struct Http(Arc<Door>);

struct Door {
    settings: Settings,
    clock: Clock,
    lines: Lines,
    way: Way,
}

/// Where requests go.
enum Way {
    Wire(Wire),
    Stage(Stage),
}

impl Http {
    /// A door to the real web. A machine without root certificates still gets one, for plain `http` only.
    ///
    /// # Errors
    /// When the client cannot be set up, for instance because `agent` is no header text.
    pub fn new(settings: Settings, clock: Clock) -> Result<Http, HttpError> {
        let wire = Wire::new(&settings)?;
        Ok(Http::through(settings, clock, Way::Wire(wire)))
    }

    /// A door to nothing but the pages put on the returned stage: no network, no waiting.
    pub fn staged(clock: Clock) -> (Http, Stage) {
        let stage = Stage::default();
        let http = Http::through(Settings::default(), clock, Way::Stage(stage.clone()));
        (http, stage)
    }

    /// What time it is at this door.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    fn through(settings: Settings, clock: Clock, way: Way) -> Http {
        let lines = Lines::new(settings.per_host);
        Http(Arc::new(Door {
            settings,
            clock,
            lines,
            way,
        }))
    }

    /// Asks for a page, follows redirects, reads the body to its end.
    ///
    /// Waits for its turn in the host's line and then no longer than `timeout`. A host that asked to be left alone,
    /// or failed several times in a row, is not asked: the error says how long its rest still lasts.
    ///
    /// # Errors
    /// Whatever keeps the page from being read, in words for people.
    pub async fn get(&self, request: Request) -> Result<Page, HttpError> {
        let door = &*self.0;
        let first = address::parse(&request.url)?;
        let mut url = first.clone();
        let mut left = door.settings.timeout;
        let mut hops = 0;
        let mut permanent = true;
        loop {
            let (answer, took) = door.ask(&request, &url, left).await?;
            left = left.saturating_sub(took);
            let Some(to) = answer.redirect() else {
                let moved = (hops > 0 && permanent).then(|| url.to_string());
                return Page::from_answer(answer, &url, moved, door.clock.now());
            };
            hops += 1;
            if hops > door.settings.redirects {
                return Err(HttpError::TooManyRedirects {
                    host: address::shown(&first),
                    most: door.settings.redirects,
                });
            }
            permanent &= matches!(answer.status, 301 | 308);
            url = address::follow(&url, to)?;
        }
    }
}

impl Door {
    /// One hop: waits for a turn, asks, tells the host's line how it went. Also says how long the asking took.
    async fn ask(
        &self,
        request: &Request,
        url: &Url,
        left: Duration,
    ) -> Result<(Answer, Duration), HttpError> {
        let host = address::shown(url);
        // Addresses behind names are checked when the name is looked up.
        if !self.settings.allow_private
            && address::literal(url).is_some_and(|ip| !address::is_public(ip))
        {
            return Err(HttpError::Private { host });
        }
        let turn = self.lines.turn(&host, &self.clock).await?;
        let started = tokio::time::Instant::now();
        let asked = async {
            match &self.way {
                Way::Wire(wire) => wire.get(request, url, &self.settings).await,
                Way::Stage(stage) => stage.get(request, url, &self.settings),
            }
        };
        let result = match tokio::time::timeout(left, asked).await {
            Ok(result) => result,
            Err(_) => Err(HttpError::NoAnswer {
                host,
                waited: self.settings.timeout,
            }),
        };
        let result = turn.tell(result, &self.clock);
        result.map(|answer| (answer, started.elapsed()))
    }
}
