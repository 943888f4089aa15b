//! The bell: a web socket on which Stack Exchange says where something has just happened.
//!
//! It is a hint to look, never where items come from: it may be silent, dead or wrong, and nothing is lost. The socket
//! is not documented; what is known of it comes from programs that use it (SmokeDetector, FireAlarm).

mod chime;
mod waiting;

pub use chime::{Chime, read};

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc::Sender;

use crate::clock::Clock;
use crate::http::{Http, HttpError, Socket, pause};
use waiting::Waiting;

/// The channel on which every question of every site is named.
pub const EVERYWHERE: &str = "155-questions-active";
/// Where the socket is used from: it does not talk to those who come from nowhere.
const ORIGIN: &str = "https://stackexchange.com";
/// The longest pause after the socket broke.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A socket that lived so long was a good one: the next pause is the first again.
const GOOD: TimeDelta = TimeDelta::seconds(60);

/// Where to listen, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `wss://…`
    pub url: String,
    /// What is listened for: [`EVERYWHERE`], or `SITE-questions-active` with the number of a site.
    pub channels: Vec<String>,
    /// Silence of this length means that the socket is dead: every tenth dies without a word.
    pub quiet: Duration,
}

impl Settings {
    /// Every question of every site, which is never quiet for two minutes.
    pub fn everywhere(url: impl Into<String>) -> Settings {
        Settings {
            url: url.into(),
            channels: vec![EVERYWHERE.into()],
            quiet: Duration::from_secs(120),
        }
    }
}

/// What the bell tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ring {
    /// It can be heard: until it is down, what happens is told.
    Up,
    /// It cannot be heard; plain words that stand after "because" say why. Told once, until it is up again.
    Down { why: String },
    /// Something happened to a question: it was asked, answered, edited, closed or brought up again.
    Activity {
        /// What the API calls the site (`beer`), or its host where it does not say.
        site: String,
        question: u64,
    },
}

/// Listens for as long as somebody takes the rings. A socket that breaks or falls silent is replaced, after a pause
/// that doubles; who takes rings slowly gets fewer of them, each for many, and never keeps the socket waiting.
pub async fn listen(http: Http, clock: Clock, settings: Settings, rings: Sender<Ring>) {
    let mut bell = Bell {
        http,
        clock,
        settings,
        rings,
        waiting: Waiting::default(),
    };
    let mut failures = 0;
    loop {
        let began = bell.clock.now();
        let Err(end) = bell.ring().await;
        let (why, rest) = match end {
            End::Unheard => return,
            End::Broken(why) => (why, None),
            End::Failed(error) => (error.to_string(), error.retry_after()),
        };
        let now = bell.clock.now();
        if bell.waiting.is_up() && now - began >= GOOD {
            failures = 0;
        }
        let pause = pause(failures, LONGEST_PAUSE, &(now, &bell.settings.url))
            .max(rest.unwrap_or_default());
        tracing::debug!(
            why,
            seconds = pause.as_secs(),
            "the web socket is tried again"
        );
        bell.waiting.down(why);
        failures = failures.saturating_add(1);
        if bell.rest(now + pause).await.is_err() {
            return;
        }
    }
}

struct Bell {
    http: Http,
    clock: Clock,
    settings: Settings,
    rings: Sender<Ring>,
    waiting: Waiting,
}

/// Why it rings no more.
enum End {
    /// Nobody takes the rings any more.
    Unheard,
    Broken(String),
    Failed(HttpError),
}

impl From<HttpError> for End {
    fn from(error: HttpError) -> End {
        End::Failed(error)
    }
}

/// What never ends well.
enum Never {}

impl Bell {
    /// One socket from its opening to its end.
    async fn ring(&mut self) -> Result<Never, End> {
        let mut socket = tokio::select! {
            () = self.rings.closed() => return Err(End::Unheard),
            socket = self.http.socket(&self.settings.url, &[("Origin", ORIGIN)]) => socket?,
        };
        for channel in &self.settings.channels {
            socket.say(channel).await?;
        }
        loop {
            let silent = self.clock.now() + self.settings.quiet;
            let text = self.next(&mut socket, silent).await?;
            // Whatever it says, it lives.
            self.waiting.up();
            match read(&text) {
                Chime::Heartbeat => socket.say(&text).await?,
                Chime::Active { site, question } => self.waiting.activity(site, question),
                Chime::Other => {}
            }
        }
    }

    /// The next text, while what waits is handed out.
    async fn next(&mut self, socket: &mut Socket, silent: DateTime<Utc>) -> Result<String, End> {
        loop {
            tokio::select! {
                biased;
                permit = self.rings.reserve(), if self.waiting.any() => match permit {
                    Ok(permit) => self.waiting.hand_out(permit),
                    Err(_) => return Err(End::Unheard),
                },
                text = socket.next() => return match text {
                    Some(text) => Ok(text?),
                    None => Err(End::Broken("the host has ended it".into())),
                },
                () = self.clock.until(silent) => {
                    let seconds = self.settings.quiet.as_secs();
                    return Err(End::Broken(format!("it was silent for {seconds} seconds")));
                }
                () = self.rings.closed() => return Err(End::Unheard),
            }
        }
    }

    /// Waits, while what waits is handed out.
    async fn rest(&mut self, until: DateTime<Utc>) -> Result<(), End> {
        loop {
            tokio::select! {
                biased;
                permit = self.rings.reserve(), if self.waiting.any() => match permit {
                    Ok(permit) => self.waiting.hand_out(permit),
                    Err(_) => return Err(End::Unheard),
                },
                () = self.clock.until(until) => return Ok(()),
                () = self.rings.closed() => return Err(End::Unheard),
            }
        }
    }
}
