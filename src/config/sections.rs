//! Reads each section of the file: which settings it has, and what they may be.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use toml::de::DeValue;

use super::section::Section;
use super::value::{self, Wrong, choice, duration, flag, path, share, text, texts, whole, zone};
use super::{
    Breaker, Config, Facts, Format, HttpSection, Limits, Log, Login, Order, Pace, PlatformSection,
    RoomSection, Sources, StackExchange, Times, Watch,
};
use crate::model::Role;
use crate::model::dialogue::Unfinished;
use crate::registry;

impl Config {
    pub(super) fn read(top: &mut Section) -> Config {
        let mut once: BTreeSet<String> = BTreeSet::new();
        let platform = top.each("platform", |name, section| {
            PlatformSection::read(name, section, &mut once)
        });
        let names: Vec<String> = platform.keys().cloned().collect();
        let folder = top.folder();
        Config {
            name: top.must("name", bot_name),
            stopped_by: top.must(
                "stopped_by",
                choice(&[("owners", Role::Owner), ("operators", Role::Operator)]),
            ),
            docs: top.may("docs", |value| address(value, &["https", "http"])),
            folder: folder.join(top.must("store", path)),
            recipes: top.may("recipes", path).map(|recipes| folder.join(recipes)),
            log: top.section("log", Log::read),
            watch: top.section("watch", Watch::read),
            http: top.section("http", HttpSection::read),
            source: top.section("source", Sources::read),
            fact: top.section("fact", Facts::read),
            times: top.section("times", Times::read),
            trackers: top.section("trackers", Limits::read),
            pace: top.section("pace", Pace::read),
            unfinished: top.section("dialogues", |section| {
                section.must("unfinished", choice(UNFINISHED))
            }),
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

impl Watch {
    fn read(section: &mut Section) -> Watch {
        let listen = section.may("listen", socket_address);
        let public = section.must("public", flag);
        // It has no password and no certificate.
        if let Some(listen) = listen.filter(|listen| !listen.ip().is_loopback() && !public) {
            section.complain_about(
                "listen",
                format!("`listen` in [watch] lets other machines see {listen}"),
                "write an address of this machine alone, such as 127.0.0.1:9464, or `public = true` beside it",
            );
        }
        Watch { listen }
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

impl Sources {
    fn read(section: &mut Section) -> Sources {
        Sources {
            stack_exchange: section.section("stackexchange", StackExchange::read),
        }
    }
}

impl Facts {
    fn read(section: &mut Section) -> Facts {
        let web = &["https", "http"];
        Facts {
            heat: section.section("heat", |section| {
                section.may("url", |value| {
                    // A slash at its end is part of the address of what takes texts.
                    address(value, web).and_then(|_| text(value))
                })
            }),
            burned: section.section("burned", |section| {
                section.may("url", |value| address(value, web))
            }),
        }
    }
}

impl StackExchange {
    fn read(section: &mut Section) -> StackExchange {
        let secret = |section: &mut Section, key| match section.sets(key) {
            true => section.secret(key),
            false => section.optional(key),
        };
        let (key, token) = (secret(section, "key"), secret(section, "token"));
        if token.is_some() && key.is_none() {
            section.complain_about(
                "token",
                "`token` in [source.stackexchange] is of no use without `key`".into(),
                "write `key = { env = \"NAME\" }` beside it",
            );
        }
        StackExchange {
            url: section.must("url", |value| address(value, &["https", "http"])),
            websocket: section
                .may("websocket", |value| match text(value)?.as_str() {
                    "none" => Ok(None),
                    _ => address(value, &["wss", "ws"]).map(Some),
                })
                .flatten(),
            channels: section.must("channels", channels),
            key,
            token,
            max_age: section.must("max_age", duration("1 second", "1 hour")),
        }
    }
}

/// Channels of the web socket: `155-questions-active` and the like.
fn channels(value: &DeValue) -> Result<Vec<String>, Wrong> {
    let all = texts(value)?;
    let fits = |channel: &String| {
        let (site, rest) = channel.split_once('-').unwrap_or_default();
        site.parse::<u32>().is_ok() && rest == "questions-active"
    };
    match all.iter().all(fits) && !all.is_empty() {
        true => Ok(all),
        false => Err(
            Wrong::new("has something else than `NUMBER-questions-active` in it")
                .hint("[\"155-questions-active\"] is every site"),
        ),
    }
}

/// An address without a slash at its end.
pub(super) fn address(value: &DeValue, schemes: &[&str]) -> Result<String, Wrong> {
    let text = text(value)?;
    let fits = url::Url::parse(&text)
        .is_ok_and(|url| schemes.contains(&url.scheme()) && url.host_str().is_some());
    match fits {
        true => Ok(text.trim_end_matches('/').to_string()),
        false => Err(Wrong::new("is no such address")
            .hint(format!("it begins with {}://", schemes.join(":// or ")))),
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
            remembered: section.must("remembered", whole(50, 100_000)) as usize,
            waiting: section.must("waiting", whole(10, 100_000)) as usize,
            busy: section.must("busy", whole(1, 1_000_000_000)),
            share: section.must("share", share),
            breaker: section.section("breaker", Breaker::read),
        }
    }
}

impl Breaker {
    fn read(section: &mut Section) -> Breaker {
        Breaker {
            burst: section.must("burst", whole(0, 1_000)) as usize,
            room_burst: section.must("room_burst", whole(0, 1_000)) as usize,
            within: section.must("within", duration("1 second", "1 day")),
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

/// An address of a machine with a port: `127.0.0.1:8085`.
pub(super) fn socket_address(value: &DeValue) -> Result<SocketAddr, Wrong> {
    text(value)?.parse().map_err(|_| {
        Wrong::new("is no address with a port").hint("for instance \"127.0.0.1:8085\"")
    })
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
            unfinished: section.may("unfinished", choice(UNFINISHED)),
        }
    }
}

const ORDERS: &[(&str, Order)] = &[
    ("day-month", Order::DayMonth),
    ("month-day", Order::MonthDay),
];

const UNFINISHED: &[(&str, Unfinished)] = &[
    ("direct", Unfinished::Direct),
    ("always", Unfinished::Always),
    ("never", Unfinished::Never),
];

fn bot_name(value: &DeValue) -> Result<String, Wrong> {
    let name = text(value)?;
    match is_plain(&name) && (3..=40).contains(&name.chars().count()) {
        true => Ok(name),
        false => Err(Wrong::new("is not 3 to 40 letters, digits, `-` and `_`")
            .hint("for instance \"boson\"")),
    }
}

/// Can stand in a room's name without quotes.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}
