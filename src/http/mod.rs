//! The only door to the web: time-outs, size limits, no private addresses unless allowed, manners towards hosts.
//!
//! Invariant: no other module names `reqwest` or `tokio_tungstenite`, and nothing here trusts what a host says.

mod address;
mod error;
mod fresh;
mod identity;
mod inbox;
mod line;
mod page;
mod pause;
mod socket;
mod stage;
mod stream;
mod wire;

pub use error::HttpError;
pub use identity::Identity;
pub use inbox::{Answered, Inbox, Posted};
pub use page::{Body, Call, Page, Reply, Request};
pub use pause::pause;
pub use socket::{Sign, Socket};
pub use stage::{Player, Stage, Staged};
pub use stream::{Cipher, Server, Stream, why as stream_trouble};

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
    /// The least time from one request to the next, by host, with `:port` if it is not the usual one. In memory
    /// nobody waits.
    pub spacing: BTreeMap<String, Duration>,
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
            spacing: BTreeMap::new(),
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

/// The host of an address as people know it, with its port if that is not the usual one: what settings by host name.
///
/// # Errors
/// When it is no address of the web.
pub fn host(url: &str) -> Result<String, HttpError> {
    Ok(address::shown(&address::parse(url)?))
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
        let spacing = match &way {
            Way::Wire(_) => settings.spacing.clone(),
            Way::Stage(_) => BTreeMap::new(),
        };
        let lines = Lines::new(settings.per_host, spacing);
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
        let mut left = door.longest(&request);
        let mut hops = 0;
        let mut permanent = true;
        loop {
            let (answer, took) = door.ask(&request, None, &url, left).await?;
            left = left.saturating_sub(took);
            let Some(to) = answer.redirect() else {
                let moved = (hops > 0 && permanent).then(|| url.to_string());
                return Page::from_answer(answer, &request, &url, moved, door.clock.now());
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

    /// Sends something (POST) and reads the answer to its end, with the same limits and manners as [`Http::get`]. A
    /// redirect is an error: what was meant for one host is not given to another.
    ///
    /// # Errors
    /// Whatever keeps the answer from being read, in words for people.
    pub async fn post(&self, request: Request, body: Body) -> Result<Page, HttpError> {
        let door = &*self.0;
        let url = address::parse(&request.url)?;
        let left = door.longest(&request);
        let (answer, _) = door.ask(&request, Some(&body), &url, left).await?;
        if answer.redirect().is_some() {
            return Err(HttpError::NotSentOn {
                host: address::shown(&url),
            });
        }
        Page::from_answer(answer, &request, &url, None, door.clock.now())
    }

    /// Asks once and gives back what the host says, with the same limits as [`Http::get`] but without the manners: a
    /// client that calls so has its own. In memory nobody answers: each call is refused.
    ///
    /// # Errors
    /// When no answer comes, in words for people.
    pub async fn call(&self, call: &Call) -> Result<Reply, HttpError> {
        let door = &*self.0;
        let url = address::parse(&call.url)?;
        door.may_be_asked(&url)?;
        let host = address::shown(&url);
        let asked = async {
            match &door.way {
                Way::Wire(wire) => wire.call(call, &url, &door.settings).await,
                Way::Stage(_) => Err(HttpError::Refused { host: host.clone() }),
            }
        };
        let timeout = door.settings.timeout;
        match tokio::time::timeout(timeout, asked).await {
            Ok(reply) => reply,
            Err(_) => Err(HttpError::NoAnswer {
                host: host.clone(),
                waited: timeout,
            }),
        }
    }

    /// Opens a web socket (`ws`, `wss`) under the same rules as [`Http::get`]; redirects are not followed.
    /// `headers` are sent along, for instance `("Origin", "https://example.org")`. In memory there are no sockets:
    /// each is refused.
    ///
    /// # Errors
    /// Whatever keeps it from being opened, in words for people.
    pub async fn socket(&self, url: &str, headers: &[(&str, &str)]) -> Result<Socket, HttpError> {
        let door = &*self.0;
        let url = address::parse_socket(url)?;
        let host = address::shown(&url);
        door.may_be_asked(&url)?;
        let turn = door.lines.turn(&host, &door.clock).await?;
        let opened = async {
            match &door.way {
                Way::Wire(wire) => socket::open(&url, headers, wire, &door.settings).await,
                Way::Stage(_) => Err(HttpError::Refused { host: host.clone() }),
            }
        };
        let opened = match tokio::time::timeout(door.settings.timeout, opened).await {
            Ok(opened) => opened,
            Err(_) => Err(HttpError::NoAnswer {
                host: host.clone(),
                waited: door.settings.timeout,
            }),
        };
        let (answer, socket) = match opened {
            Ok((answer, socket)) => (Ok(answer), socket),
            Err(error) => (Err(error), None),
        };
        let status = turn.tell(answer, &door.clock)?.status;
        socket.ok_or(HttpError::Status { host, status })
    }

    /// Opens a bare connection to a server that the operator has named, also on this machine or in a private network.
    ///
    /// # Errors
    /// Whatever keeps it from being opened, in words for people.
    pub async fn stream(&self, server: &Server) -> Result<Stream, HttpError> {
        let door = &*self.0;
        match &door.way {
            Way::Wire(_) => stream::open(server, door.settings.timeout).await,
            Way::Stage(_) => Err(HttpError::Refused {
                host: server.host.clone(),
            }),
        }
    }
}

impl Door {
    /// How long a request may take in all.
    fn longest(&self, request: &Request) -> Duration {
        let timeout = self.settings.timeout;
        request.within.map_or(timeout, |within| within.min(timeout))
    }

    /// Addresses behind names are checked when the name is looked up.
    fn may_be_asked(&self, url: &Url) -> Result<(), HttpError> {
        let private = address::literal(url).is_some_and(|ip| !address::is_public(ip));
        match private && !self.settings.allow_private {
            true => Err(HttpError::Private {
                host: address::shown(url),
            }),
            false => Ok(()),
        }
    }

    /// One hop: waits for a turn, asks, tells the host's line how it went. Also says how long the asking took.
    async fn ask(
        &self,
        request: &Request,
        body: Option<&Body>,
        url: &Url,
        left: Duration,
    ) -> Result<(Answer, Duration), HttpError> {
        let host = address::shown(url);
        self.may_be_asked(url)?;
        let turn = self.lines.turn(&host, &self.clock).await?;
        let started = tokio::time::Instant::now();
        let asked = async {
            match &self.way {
                Way::Wire(wire) => wire.ask(request, body, url, &self.settings).await,
                Way::Stage(stage) => stage.ask(request, body, url, &self.settings),
            }
        };
        let result = match tokio::time::timeout(left, asked).await {
            Ok(result) => result,
            Err(_) => Err(HttpError::NoAnswer {
                host,
                waited: self.longest(request),
            }),
        };
        let result = turn.tell(result, &self.clock);
        result.map(|answer| (answer, started.elapsed()))
    }
}
