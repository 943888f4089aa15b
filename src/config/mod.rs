//! What is set in `config.toml`: the repository's file is the defaults, the user's is laid over it.
//!
//! Invariant: outside this folder and `main` nothing reads the environment.

mod environment;
mod file;
mod manual;
mod reader;
mod secret;
mod section;
mod sections;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::Tz;

pub use environment::{login_name, wants_colours, wants_editing};
pub use manual::{Part, Setting, settings, table};
pub use secret::Secret;

use file::Closed;
use reader::Reader;

use crate::model::RoomId;
<<<<<<< HEAD
use crate::when::Order;
use crate::{registry, room};
use reader::{Reader, Section};
use value::{Wrong, choice, duration, flag, path, text, texts, whole, zone};
=======
>>>>>>> room

/// The repository's `config.toml`: every setting with its default and a comment.
pub const DEFAULTS: &str = include_str!("../../config.toml");

/// Every setting, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// What people call the bot.
    pub name: String,
    /// The store's folder.
    pub folder: PathBuf,
    /// A folder with further recipes.
    pub recipes: Option<PathBuf>,
    pub log: Log,
    pub http: HttpSection,
    pub times: Times,
    pub trackers: Limits,
    pub pace: Pace,
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

/// How times are read and written where a room does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    pub zone: Tz,
    pub order: Order,
}

/// The limits of trackers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The shortest time between two looks.
    pub least_every: Duration,
    /// The time between two looks when nobody says; never shorter than `least_every`.
    pub every: Duration,
    /// Trackers in one room.
    pub per_room: usize,
    /// Items of one look that are said one by one; more become a list.
    pub burst: usize,
}

/// How many commands one person may give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    pub commands: u32,
    pub within: Duration,
}

/// One place to listen and speak in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformSection {
    /// One of [`crate::room::ALL`].
    pub kind: String,
    pub room: String,
    /// Every line is meant for the bot.
    pub direct: bool,
    /// The login name when it is not set.
    pub person: Option<String>,
}

/// What is different in one room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomSection {
    pub prefix: Option<String>,
    pub zone: Option<Tz>,
    pub order: Option<Order>,
    /// The platform's ids of people.
    pub owners: Vec<String>,
}

/// One mistake in a config file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub file: String,
    /// From 1; 0 when the mistake is the whole file's.
    pub line: usize,
    /// From 1, in characters; 0 when the mistake is the whole file's.
    pub column: usize,
    pub what: String,
    /// What to write or do instead.
    pub hint: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}", self.what)?;
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistake {}

/// Reads the config file at `path`; without a path `config.toml` in the current folder if there is one, or else the
/// defaults alone.
///
/// # Errors
/// Every mistake of the file, in the order of its lines.
pub fn load(path: Option<&Path>) -> Result<Config, Vec<Mistake>> {
    let (path, must_exist) = match path {
        Some(path) => (path, true),
        None => (Path::new("config.toml"), false),
    };
    let name = path.display().to_string();
    let text = match file::open(path) {
        Ok(text) => text,
        Err(Closed::Missing) if !must_exist => String::new(),
        Err(closed) => return Err(vec![closed.mistake(name)]),
    };
    let (config, mistakes) = understand(&text, &name, path.parent());
    match mistakes.is_empty() {
        true => Ok(config),
        false => Err(mistakes),
    }
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
<<<<<<< HEAD

impl Config {
    fn read(top: &mut Section) -> Config {
        let mut once: BTreeSet<String> = BTreeSet::new();
        let platform = top.each("platform", |name, section| {
            PlatformSection::read(name, section, &mut once)
        });
        let names: Vec<String> = platform.keys().cloned().collect();
        let folder = top.folder();
        Config {
            name: top.must("name", bot_name),
            folder: folder.join(top.must("store", path)),
            recipes: top.may("recipes", path).map(|recipes| folder.join(recipes)),
            log: top.section("log", Log::read),
            http: top.section("http", HttpSection::read),
            times: top.section("times", Times::read),
            trackers: top.section("trackers", Limits::read),
            pace: top.section("pace", Pace::read),
            platform,
            room: top.each("room", |name, section| {
                RoomSection::read(name, section, &names)
            }),
        }
    }
}

impl Log {
    fn read(section: &mut Section) -> Log {
        use tracing::Level;
        Log {
            level: section.must(
                "level",
                choice(&[
                    ("error", Level::ERROR),
                    ("warn", Level::WARN),
                    ("info", Level::INFO),
                    ("debug", Level::DEBUG),
                    ("trace", Level::TRACE),
                ]),
            ),
            format: section.must(
                "format",
                choice(&[("human", Format::Human), ("json", Format::Json)]),
            ),
        }
    }
}

impl HttpSection {
    fn read(section: &mut Section) -> HttpSection {
        HttpSection {
            allow_private: section.must("allow_private", flag),
            timeout: section.must("timeout", duration("1 second", "10 minutes")),
            largest_mib: section.must("largest_mib", whole(1, 1024)),
            per_host: section.must("per_host", whole(1, 100)) as usize,
            login: section
                .each("login", Login::read)
                .into_iter()
                .filter_map(|(host, login)| Some((host.to_lowercase(), login?)))
                .collect(),
        }
    }
}

impl Login {
    fn read(host: &str, section: &mut Section) -> Option<Login> {
        if host.is_empty()
            || !host
                .chars()
                .all(|c| c.is_alphanumeric() || ".-:[]".contains(c))
        {
            section.complain(
                format!("[{}] is not called by a host's name", section.title()),
                "for instance [http.login.\"feeds.example.org\"]",
            );
        }
        let user = section.required("user", text);
        let password = section.secret("password");
        Some(Login {
            user: user?,
            password: password?,
        })
    }
}

impl Times {
    fn read(section: &mut Section) -> Times {
        Times {
            zone: section.must("zone", zone),
            order: section.must("order", choice(ORDERS)),
        }
    }
}

impl Limits {
    fn read(section: &mut Section) -> Limits {
        let least_every = section.must("least_every", duration("1 second", "1 day"));
        let every = section.must("every", duration("1 second", "30 days"));
        if every < least_every && section.sets("every") {
            section.complain_about(
                "every",
                "`every` in [trackers] is shorter than `least_every`".into(),
                "make `every` longer or `least_every` shorter",
            );
        }
        Limits {
            least_every,
            // Who raises the bound alone has said enough.
            every: every.max(least_every),
            per_room: section.must("per_room", whole(1, 1_000_000)) as usize,
            burst: section.must("burst", whole(1, 1_000)) as usize,
        }
    }
}

impl Pace {
    fn read(section: &mut Section) -> Pace {
        Pace {
            commands: section.must("commands", whole(1, 1_000_000)) as u32,
            within: section.must("within", duration("1 second", "1 hour")),
        }
    }
}

impl PlatformSection {
    fn read(name: &str, section: &mut Section, once: &mut BTreeSet<String>) -> PlatformSection {
        if !is_plain(name) {
            section.complain(
                format!(
                    "[{}] has a name with other characters than letters, digits, `-` and `_`",
                    section.title()
                ),
                "for instance [platform.terminal]",
            );
        }
        let kind = section.must("kind", platform_kind);
        let only_one = room::ALL.iter().any(|one| one.name == kind && one.only_one);
        if only_one && !once.insert(kind.clone()) {
            section.complain(
                format!("[{}] is the second of kind \"{kind}\"", section.title()),
                "there can be only one: take one of them away",
            );
        }
        PlatformSection {
            kind,
            room: section.must("room", |value| {
                let room = text(value)?;
                match is_plain(&room) {
                    true => Ok(room),
                    false => Err(Wrong::new(
                        "has other characters than letters, digits, `-` and `_`",
                    )),
                }
            }),
            direct: section.must("direct", flag),
            person: section.may("person", text),
        }
    }
}

impl RoomSection {
    fn read(name: &str, section: &mut Section, platforms: &[String]) -> RoomSection {
        let platforms = platforms.iter().map(String::as_str);
        match name.split_once('/') {
            Some((platform, room)) if !room.is_empty() => {
                if !platforms.clone().any(|known| known == platform) {
                    section.complain(
                        format!("[{}] is in no platform of this file", section.title()),
                        match registry::nearest(platform, platforms.clone()) {
                            Some(near) => {
                                format!("did you mean [room.\"{near}/{}\"]?", value::show(room))
                            }
                            None => format!("there are {}", registry::list(platforms)),
                        },
                    );
                }
            }
            Some(_) | None => section.complain(
                format!("[{}] does not say platform and room", section.title()),
                "for instance [room.\"terminal/home\"]",
            ),
        }
        RoomSection {
            prefix: section.may("prefix", |value| {
                let prefix = text(value)?;
                let fits = prefix.chars().count() <= 8
                    && !prefix.chars().any(|c| c.is_whitespace() || c.is_control());
                match fits {
                    true => Ok(prefix),
                    false => Err(
                        Wrong::new("is longer than 8 characters or has a space in it")
                            .hint("for instance \"!\""),
                    ),
                }
            }),
            zone: section.may("zone", zone),
            order: section.may("order", choice(ORDERS)),
            owners: section.may("owners", texts).unwrap_or_default(),
        }
    }
}

const ORDERS: &[(&str, Order)] = &[
    ("day-month", Order::DayMonth),
    ("month-day", Order::MonthDay),
];

fn bot_name(value: &DeValue) -> Result<String, Wrong> {
    let name = text(value)?;
    match is_plain(&name) && (3..=40).contains(&name.chars().count()) {
        true => Ok(name),
        false => Err(Wrong::new("is not 3 to 40 letters, digits, `-` and `_`")
            .hint("for instance \"boson\"")),
    }
}

fn platform_kind(value: &DeValue) -> Result<String, Wrong> {
    let name = text(value)?;
    let names = room::ALL.iter().map(|kind| kind.name);
    match names.clone().find(|kind| kind.eq_ignore_ascii_case(&name)) {
        Some(kind) => Ok(kind.into()),
        None => Err(Wrong::among("is no kind of platform", &name, names)),
    }
}

/// Can stand in a room's name without quotes.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

/// Why there is no text of a file.
enum Closed {
    Missing,
    Unreadable(std::io::Error),
    TooLarge,
    NoText { line: usize, column: usize },
}

fn open(path: &Path) -> Result<String, Closed> {
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Closed::Missing,
        _ => Closed::Unreadable(error),
    })?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(Closed::Unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Closed::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| {
        let (text, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let text = String::from_utf8_lossy(text);
        Closed::NoText {
            line: text.matches('\n').count() + 1,
            column: text
                .rsplit('\n')
                .next()
                .map_or(0, |line| line.chars().count())
                + 1,
        }
    })
}

impl Closed {
    fn mistake(self, file: String) -> Mistake {
        let whole = |what: String, hint: Option<&str>| Mistake {
            file: file.clone(),
            line: 0,
            column: 0,
            what,
            hint: hint.map(String::from),
        };
        match self {
            Closed::Missing => whole("there is no such file".into(), None),
            Closed::Unreadable(error) => whole(format!("it cannot be read: {error}"), None),
            Closed::TooLarge => whole("it is larger than a MiB".into(), None),
            Closed::NoText { line, column } => Mistake {
                line,
                column,
                ..whole(
                    "this is no UTF-8 text".into(),
                    Some("save the file as UTF-8"),
                )
            },
        }
    }
}
=======
>>>>>>> room
