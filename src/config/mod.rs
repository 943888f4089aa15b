//! What is set in `config.toml`: the repository's file is the defaults, the user's is laid over it.
//!
//! Invariant: outside this folder and `main` nothing reads the environment.

mod environment;
mod file;
mod manual;
mod platforms;
mod reader;
mod secret;
mod section;
mod sections;
mod value;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::Tz;

pub use environment::{login_name, wants_colours, wants_editing};
pub use manual::{Part, Setting, settings, table};
pub use secret::Secret;

use file::Closed;
use reader::Reader;

use crate::model::dialogue::Unfinished;
use crate::model::{Mistake, Role, RoomId};
use crate::room::irc::{Channel, Flood};
use crate::when::Order;

/// The repository's `config.toml`: every setting with its default and a comment.
pub const DEFAULTS: &str = include_str!("../../config.toml");

/// Every setting, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// What people call the bot.
    pub name: String,
    /// The least role of whoever may end it from a room.
    pub stopped_by: Role,
    /// Where the documentation is on the web.
    pub docs: Option<String>,
    /// The store's folder.
    pub folder: PathBuf,
    /// A folder with further recipes.
    pub recipes: Option<PathBuf>,
    pub log: Log,
    pub watch: Watch,
    pub http: HttpSection,
    pub source: Sources,
    pub fact: Facts,
    pub times: Times,
    pub trackers: Limits,
    pub pace: Pace,
    /// Whether what a command lacks is asked for.
    pub unfinished: Unfinished,
    /// By the platform's name.
    pub platform: BTreeMap<String, PlatformSection>,
    /// By `platform/room`.
    pub room: BTreeMap<String, RoomSection>,
}

/// What is logged and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    pub level: tracing::Level,
    pub format: Format,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Human,
    Json,
}

/// Where others see how the process is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// None: nobody sees it.
    pub listen: Option<SocketAddr>,
}

/// The limits of the door to the web.
#[derive(Clone, Debug)]
pub struct HttpSection {
    /// Private, loopback and link-local addresses may be asked.
    pub allow_private: bool,
    /// For one whole answer.
    pub timeout: Duration,
    /// The largest answer after it is unpacked, in MiB.
    pub largest_mib: u64,
    /// Requests under way to one host at the same time.
    pub per_host: usize,
    /// By host, in small letters.
    pub login: BTreeMap<String, Login>,
}

/// A name and a password for one host.
#[derive(Clone, Debug)]
pub struct Login {
    pub user: String,
    pub password: Secret,
}

/// What worlds of sources need to be asked.
#[derive(Clone, Debug)]
pub struct Sources {
    pub stack_exchange: StackExchange,
}

/// Where is asked what sources do not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The classifier that gives texts a heat.
    pub heat: Option<String>,
    /// The list of burned tags, without a slash at the end.
    pub burned: Option<String>,
}

/// How the API of Stack Exchange is asked.
#[derive(Clone, Debug)]
pub struct StackExchange {
    /// Without a slash at the end.
    pub url: String,
    /// None: only asking finds out what is new.
    pub websocket: Option<String>,
    pub channels: Vec<String>,
    pub key: Option<Secret>,
    pub token: Option<Secret>,
    /// How old an answer may be for a second reader.
    pub max_age: Duration,
}

/// How times are read and written where a room does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    pub zone: Tz,
    pub order: Order,
}

/// The limits of trackers.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// The shortest time between two looks.
    pub least_every: Duration,
    /// The time between two looks when nobody says; never shorter than `least_every`.
    pub every: Duration,
    /// Trackers in one room.
    pub per_room: usize,
    /// Items of one look that are said one by one; more become a list.
    pub burst: usize,
    /// Items of a source that are kept for `test`, `explain` and estimates.
    pub remembered: usize,
    /// Messages that wait for one room before the oldest are folded.
    pub waiting: usize,
    /// Items a day from which on a source is busy.
    pub busy: u64,
    /// The share of a busy source that a tracker may report without an owner's leave, from 0 to 1.
    pub share: f64,
    pub breaker: Breaker,
}

/// How many messages are usual; what goes beyond is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// Messages of one tracker.
    pub burst: usize,
    /// Messages of all trackers of a room together.
    pub room_burst: usize,
    /// The time in which they are counted.
    pub within: Duration,
}

/// How many commands one person may give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    pub commands: u32,
    pub within: Duration,
}

/// One place to listen and speak in, of a kind in [`crate::room::ALL`].
#[derive(Clone, Debug)]
pub enum PlatformSection {
    Terminal(TerminalSection),
    StackExchangeChat(Box<StackExchangeChatSection>),
    Slack(Box<SlackSection>),
    Irc(Box<IrcSection>),
}

/// The room in which the program was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalSection {
    pub room: String,
    /// Every line is meant for the bot.
    pub direct: bool,
    /// The login name when it is not set.
    pub person: Option<String>,
}

/// One of the chats of Stack Exchange.
#[derive(Clone, Debug)]
pub struct StackExchangeChatSection {
    /// Where the chat is, without a slash at the end.
    pub url: String,
    /// The site whose account is used, without a slash at the end.
    pub login: String,
    pub email: Option<String>,
    pub password: Option<Secret>,
    /// Cookies of a browser that is logged in, as it sends them.
    pub cookies: Option<Secret>,
    /// The numbers of the rooms in which it begins.
    pub rooms: Vec<u64>,
    /// The number of the room that takes what is thrown away.
    pub trash: Option<u64>,
    /// Who is invited goes there.
    pub invitations: bool,
}

/// A workspace of Slack.
#[derive(Clone, Debug)]
pub struct SlackSection {
    /// Where the Web API is, without a slash at the end.
    pub url: String,
    pub bot_token: Option<Secret>,
    pub way: SlackWay,
    /// Public channels by their names or ids.
    pub rooms: Vec<String>,
    /// What somebody mistyped is told to them alone.
    pub private_mistakes: bool,
}

/// How what is said in Slack reaches Boson.
#[derive(Clone, Debug)]
pub enum SlackWay {
    Socket {
        app_token: Option<Secret>,
    },
    Http {
        signing_secret: Option<Secret>,
        listen: SocketAddr,
    },
}

/// A network of IRC.
#[derive(Clone, Debug)]
pub struct IrcSection {
    /// The name or address of a server.
    pub server: String,
    pub port: u16,
    /// What is said there is encrypted.
    pub tls: bool,
    /// A file with the certificates of those who vouch for the server.
    pub ca: Option<PathBuf>,
    /// A certificate that shows the server who Boson is, and the key to it; where that is not set, both are in one file.
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub nick: Option<String>,
    pub user: Option<String>,
    pub realname: Option<String>,
    /// The name of its account with the services; that of its nick when it is not set.
    pub account: Option<String>,
    pub password: Option<Secret>,
    /// The password is said to NickServ, and not by SASL.
    pub nickserv: bool,
    /// What the server itself wants to hear.
    pub server_password: Option<Secret>,
    /// Channels in which it begins.
    pub channels: Vec<Channel>,
    /// Who is invited goes there.
    pub invitations: bool,
    pub flood: Flood,
}

/// What is different in one room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomSection {
    pub prefix: Option<String>,
    pub zone: Option<Tz>,
    pub order: Option<Order>,
    /// The platform's ids of people.
    pub owners: Vec<String>,
    pub unfinished: Option<Unfinished>,
}

/// Reads the config file at `path`; without a path `config.toml` in the current folder if there is one, or else the
/// defaults alone.
///
/// # Errors
/// Every mistake of the file, in the order of its lines.
pub fn load(path: Option<&Path>) -> Result<Config, Vec<Mistake>> {
    let (config, mistakes) = read(path);
    match mistakes.is_empty() {
        true => Ok(config),
        false => Err(mistakes),
    }
}

/// The same for who wants to go on looking for mistakes: where the file has one, the default is in its place.
pub fn read(path: Option<&Path>) -> (Config, Vec<Mistake>) {
    let (path, must_exist) = match path {
        Some(path) => (path, true),
        None => (Path::new("config.toml"), false),
    };
    let name = path.display().to_string();
    let (text, closed) = match file::open(path) {
        Ok(text) => (text, None),
        Err(Closed::Missing) if !must_exist => (String::new(), None),
        Err(closed) => (String::new(), Some(closed.mistake(name.clone()))),
    };
    let (config, mistakes) = understand(&text, &name, path.parent());
    (config, closed.into_iter().chain(mistakes).collect())
}

/// Every mistake of a config file with this text, in the order of its lines; `file` is what it is called, and the
/// folder in it is where the secrets' files are looked for.
pub fn check(text: &str, file: &str) -> Vec<Mistake> {
    understand(text, file, Path::new(file).parent()).1
}

impl Config {
    /// The zone of a room's times.
    pub fn zone_of(&self, room: &RoomId) -> Tz {
        self.section_of(room)
            .and_then(|section| section.zone)
            .unwrap_or(self.times.zone)
    }

    /// The order of day and month in a room's dates.
    pub fn order_of(&self, room: &RoomId) -> Order {
        self.section_of(room)
            .and_then(|section| section.order)
            .unwrap_or(self.times.order)
    }

    /// What is different in a room.
    pub fn section_of(&self, room: &RoomId) -> Option<&RoomSection> {
        self.room.get(&room.to_string())
    }
}

fn understand(text: &str, file: &str, folder: Option<&Path>) -> (Config, Vec<Mistake>) {
    let reader = Reader::new(text, file, folder.unwrap_or(Path::new("")));
    let config = reader.read(Config::read);
    (config, reader.mistakes())
}
