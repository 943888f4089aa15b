//! From a config to a bot: hands each part its section.

mod platforms;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::bot::{self, Bot, Pace, RoomSetup, Setup};
use crate::clock::Clock;
use crate::command::ends::StoppedBy;
use crate::command::role;
use crate::config::{Config, PlatformSection, Secret};
use crate::fact::{self, Readers};
use crate::http::{self, Http, HttpError, Inbox};
use crate::meter;
use crate::model::{Mistake, Person, PersonId, Role, RoomId, Stop};
use crate::recipe::{self, Written};
use crate::registry;
use crate::room::{Manners, Platform};
use crate::source::Shared;
use crate::source::stack_exchange::{self, Api};
use crate::store::rows::{Entry, RoleRow};
use crate::store::{OpenError, Options, Store, journal, tables};
use crate::tracker::{self, Limits, RoomManners, Trouble};
use crate::watch;

pub use platforms::{look, platforms, seat};

/// Why Boson cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{}", lines(.0))]
    Config(Vec<Mistake>),
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error("the door to the web cannot be opened: {0}")]
    Http(#[from] HttpError),
    #[error(transparent)]
    Trouble(#[from] Trouble),
    #[error("this machine gives no random numbers")]
    Random,
    #[error("{0}")]
    Nobody(String),
    #[error("who watches cannot be answered at {0}: {1}; `listen` in [watch] says where")]
    Watch(SocketAddr, String),
    #[error("{0}")]
    Down(String),
}

impl StartError {
    /// What the process ends with: 0 when somebody shut it down from a room and it stays down, 2 for mistakes in files, 3 for a store that needs a person, 4 for a folder
    /// that another Boson uses, 1 for all else. A supervisor must not try 2 and 3 again.
    pub fn exit_code(&self) -> u8 {
        match self {
            StartError::Down(_) => 0,
            StartError::Config(_) | StartError::Nobody(_) => 2,
            StartError::Store(
                OpenError::Shrunken { .. } | OpenError::Damaged { .. } | OpenError::Version { .. },
            ) => 3,
            StartError::Store(OpenError::Busy { .. }) => 4,
            StartError::Store(OpenError::Store(_) | OpenError::Folder { .. })
            | StartError::Http(_)
            | StartError::Trouble(_)
            | StartError::Watch(..)
            | StartError::Random => 1,
        }
    }
}

fn lines(mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// How somebody wants it to start.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Although the store has lost something.
    pub accept_loss: bool,
    /// Although somebody shut it down from a room.
    pub up: bool,
}

/// A bot over the store in `config.folder`, in the rooms of these platforms.
///
/// # Errors
/// When the store does not open, or a recipe has mistakes.
pub async fn bot(
    config: &Config,
    http: Http,
    platforms: Vec<Arc<dyn Platform>>,
    rooms: Vec<RoomId>,
    linger: Duration,
    how: How,
) -> Result<Bot, StartError> {
    let recipes = recipes(config.recipes.as_deref()).map_err(StartError::Config)?;
    let options = Options {
        accept_loss: how.accept_loss,
        ..Options::default()
    };
    if config.watch.listen.is_some() {
        meter::begin();
    }
    let mut store = Store::open(&config.folder, options).await?;
    let stopped = bot::stopped(&store, Some(&config.folder)).map_err(Trouble::from)?;
    if let Some(stopped) = stopped.filter(|stopped| stopped.stop == Stop::Shutdown && !how.up) {
        store.close().await.map_err(Trouble::from)?;
        return Err(StartError::Down(format!(
            "{} shut me down from {}, {}; start me with `boson --up`",
            stopped.by.name,
            stopped.room,
            stopped.at.format("%Y-%m-%d %H:%M:%S UTC")
        )));
    }
    journal::index(&mut store).map_err(Trouble::from)?;
    let code = code(&store, &platforms)?;
    let clock = Clock::Real;
    let known: HashMap<String, Manners> = platforms
        .iter()
        .map(|platform| (platform.name().to_string(), platform.manners()))
        .collect();
    let shared = Arc::new(config.clone());
    let manners = {
        let config = shared.clone();
        move |room: &RoomId| {
            let platform = known.get(room.platform.as_str());
            RoomManners {
                zone: config.zone_of(room),
                order: config.order_of(room),
                longest: platform.map_or(usize::MAX, |manners| manners.longest.get()),
                threads: platform.is_some_and(|manners| manners.threads),
            }
        }
    };
    let room_setup = move |room: &RoomId| {
        let section = shared.section_of(room);
        RoomSetup {
            prefix: section.and_then(|section| section.prefix.clone()),
            owners: section
                .map(|section| {
                    section
                        .owners
                        .iter()
                        .map(|id| PersonId(id.into()))
                        .collect()
                })
                .unwrap_or_default(),
            unfinished: section
                .and_then(|section| section.unfinished)
                .unwrap_or(shared.unfinished),
            // A room says it by itself.
            answers: Default::default(),
        }
    };
    let stopped_by = stopped_by(config, &platforms, &rooms);
    let shared_by_sources = shared_by_sources(config);
    let setup = Setup {
        name: config.name.clone(),
        docs: config.docs.clone(),
        code,
        stopped_by,
        store,
        clock,
        http,
        readers: Readers::new(
            &shared_by_sources,
            &fact::Settings {
                heat: config.fact.heat.clone(),
                burned: config.fact.burned.clone(),
            },
        ),
        shared: shared_by_sources,
        platforms,
        rooms,
        manners: Arc::new(manners),
        room_setup: Arc::new(room_setup),
        limits: Limits {
            least_every: config.trackers.least_every,
            every: config.trackers.every,
            per_room: config.trackers.per_room,
            burst: config.trackers.burst,
            remembered: config.trackers.remembered,
            waiting: config.trackers.waiting,
            busy: config.trackers.busy,
            share: config.trackers.share,
            breaker: tracker::Breaker {
                burst: config.trackers.breaker.burst,
                room_burst: config.trackers.breaker.room_burst,
                within: config.trackers.breaker.within,
            },
        },
        pace: Pace {
            commands: config.pace.commands,
            within: config.pace.within,
        },
        recipes,
        linger,
        folder: Some(config.folder.clone()),
    };
    Ok(Bot::new(setup).await?)
}

/// Who may end the bot from a room: with `owners`, those of rooms that the config names.
fn stopped_by(config: &Config, platforms: &[Arc<dyn Platform>], rooms: &[RoomId]) -> StoppedBy {
    let mut named: HashSet<RoomId> = rooms.iter().cloned().collect();
    named.extend(config.room.keys().filter_map(|room| {
        let (platform, room) = room.split_once('/')?;
        Some(RoomId::new(platform, room))
    }));
    // Channels are called by names there, which are known only when the workspace has told them.
    let called =
        platforms
            .iter()
            .filter_map(|platform| match config.platform.get(platform.name())? {
                PlatformSection::Slack(section) => Some((platform.clone(), section.rooms.clone())),
                PlatformSection::Terminal(_)
                | PlatformSection::Irc(_)
                | PlatformSection::StackExchangeChat(_) => None,
            });
    let called: Vec<_> = called.collect();
    let is_called = move |room: &RoomId| {
        let its = called
            .iter()
            .filter(|(platform, _)| platform.name() == room.platform);
        its.flat_map(|(platform, names)| names.iter().map(move |name| platform.room(name)))
            .any(|known| known.as_ref() == Some(room))
    };
    StoppedBy {
        least: config.stopped_by,
        named: Arc::new(move |room| named.contains(room) || is_called(room)),
    }
}

/// Answers those who watch over a bot, until it is dropped; nothing where the config lets nobody.
///
/// # Errors
/// When the address cannot be taken.
pub async fn watched(
    config: &Config,
    bot: &Bot,
) -> Result<Option<impl Future<Output = ()> + Send + 'static>, StartError> {
    let Some(listen) = config.watch.listen else {
        return Ok(None);
    };
    let failed = |error| match error {
        HttpError::Setup { why } => StartError::Watch(listen, why),
        other => StartError::Watch(listen, other.to_string()),
    };
    let inbox = Inbox::open(listen).await.map_err(failed)?;
    let address = inbox.address().map_err(failed)?;
    tracing::info!(%address, "who watches is answered");
    Ok(Some(watch::serve(inbox, bot.pulse())))
}

/// The code with which somebody becomes the operator, where nobody is and the bot is in rooms of others; it is told to
/// whoever reads the log.
fn code(store: &Store, platforms: &[Arc<dyn Platform>]) -> Result<Option<String>, StartError> {
    let alone = platforms.iter().all(|platform| platform.manners().local);
    let roles = store
        .scan(&tables::ROLES, &(), usize::MAX)
        .map_err(Trouble::from)?;
    if alone || roles.iter().any(|(_, row)| row.role == Role::Operator) {
        return Ok(None);
    }
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|_| StartError::Random)?;
    let letters = b"abcdefghjkmnpqrstuvwxyz23456789";
    let code = bytes.map(|byte| char::from(letters[usize::from(byte) % letters.len()]));
    let code: String = [&code[..4], &['-'], &code[4..]].concat().iter().collect();
    tracing::warn!("nobody runs me yet: whoever types `claim {code}` in a room is my operator");
    Ok(Some(code))
}

/// Makes somebody the operator, on the platform of a room.
///
/// # Errors
/// When the store cannot be written, or nobody is called so there.
pub async fn make_operator(
    config: &Config,
    room: &str,
    person: &str,
    accept_loss: bool,
) -> Result<Person, StartError> {
    let platform = room.split('/').next().unwrap_or_default();
    if !config.platform.contains_key(platform) {
        let known = registry::list(config.platform.keys().map(String::as_str));
        return Err(StartError::Nobody(format!(
            "`{room}` is in no platform of the config; there are {known}"
        )));
    }
    let options = Options {
        accept_loss,
        ..Options::default()
    };
    let mut store = Store::open(&config.folder, options).await?;
    let name = |name: &str| name.replace(' ', "").to_lowercase();
    let wanted = name(person.trim_start_matches('@'));
    let people = store
        .scan(&tables::PEOPLE, &platform.to_string(), usize::MAX)
        .map_err(Trouble::from)?;
    let called = people
        .into_iter()
        .map(|((_, id), row)| Person { id, name: row.name })
        .filter(|known| known.id.0 == person || name(&known.name) == wanted);
    let called: Vec<Person> = called.collect();
    let person = match called.as_slice() {
        [one] => one.clone(),
        // Somebody who has not spoken yet can be known only by their id.
        [] => Person {
            id: PersonId(person.into()),
            name: person.into(),
        },
        [one, other, ..] => {
            let failed = StartError::Nobody(format!(
                "several people are called {person}: write the id, such as {} or {}",
                one.id.0, other.id.0
            ));
            store.close().await.map_err(Trouble::from)?;
            return Err(failed);
        }
    };
    let row = RoleRow {
        role: Role::Operator,
        name: person.name.clone(),
        by: None,
        at: Clock::Real.now(),
    };
    let key = (role::everywhere(platform), person.id.clone());
    store.put(&tables::ROLES, &key, &row);
    let entry = Entry {
        at: row.at,
        who: Person {
            id: PersonId::default(),
            name: "whoever runs me".into(),
        },
        room: RoomId::new(
            platform,
            room.strip_prefix(platform)
                .unwrap_or_default()
                .trim_start_matches('/'),
        ),
        words: String::new(),
        what: format!("operator {}", person.name),
        also: Vec::new(),
    };
    journal::append(&mut store, entry).map_err(Trouble::from)?;
    store.commit().await.map_err(Trouble::from)?;
    store.close().await.map_err(Trouble::from)?;
    Ok(person)
}

/// The door to the web.
///
/// # Errors
/// When it cannot be set up.
pub fn door(config: &Config) -> Result<Http, StartError> {
    let section = &config.http;
    let settings = http::Settings {
        allow_private: section.allow_private,
        timeout: section.timeout,
        largest: (section.largest_mib as usize).saturating_mul(1024 * 1024),
        per_host: section.per_host,
        spacing: spacing(config),
        logins: section
            .login
            .iter()
            .map(|(host, login)| {
                let login = http::Login {
                    user: login.user.clone(),
                    password: login.password.expose().into(),
                };
                (host.clone(), login)
            })
            .collect(),
        ..http::Settings::default()
    };
    Ok(Http::new(settings, Clock::Real)?)
}

/// Threads for a bot: the one that waits for its loop has the loop alone, what it hears and says is done on another. On two
/// cores each has its own, and nothing moves between them but what was heard and what is to be said.
///
/// # Errors
/// When the system gives no threads.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    /// Machines with more cores have more to read and to encrypt at once, but not that much.
    const MOST: usize = 4;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads((cores - 1).clamp(1, MOST))
        .enable_all()
        .build()
}

/// Stack Exchange bans addresses that ask more than 30 times a second.
fn spacing(config: &Config) -> BTreeMap<String, Duration> {
    let host = http::host(&config.source.stack_exchange.url);
    host.into_iter()
        .map(|host| (host, Duration::from_millis(50)))
        .collect()
}

fn exposed(secret: &Option<Secret>) -> Option<SecretString> {
    secret.as_ref().map(|secret| secret.expose().into())
}

/// What the sources of each world share.
fn shared_by_sources(config: &Config) -> Shared {
    let section = &config.source.stack_exchange;
    Shared {
        stack_exchange: Arc::new(Api::new(stack_exchange::Settings {
            url: section.url.clone(),
            websocket: section.websocket.clone(),
            key: exposed(&section.key),
            token: exposed(&section.token),
            channels: section.channels.clone(),
            max_age: section.max_age,
        })),
    }
}

/// The recipes of the program and those of the operator's folder; one of the operator's takes the place of one
/// of the program's with the same name.
///
/// # Errors
/// Every mistake in the operator's recipes.
pub fn recipes(folder: Option<&Path>) -> Result<Vec<Written>, Vec<Mistake>> {
    let mut all = recipe::shipped();
    if let Some(folder) = folder {
        for own in recipe::folder(folder)? {
            all.retain(|written| written.name != own.name);
            all.push(own);
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(all)
}
