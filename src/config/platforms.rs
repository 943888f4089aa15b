//! Reads the sections of platforms: who the bot is on each, and where it goes there.

use std::collections::BTreeSet;

use toml::de::DeValue;

use super::section::Section;
use super::sections::{address, is_plain, socket_address};
use super::value::{Wrong, choice, duration, flag, path, text, texts, whole};
use super::{
    IrcSection, PlatformSection, Secret, SlackSection, SlackWay, StackExchangeChatSection,
    TerminalSection,
};
use crate::room::irc::{Channel, Flood};
use crate::{registry, room};

impl PlatformSection {
    pub(super) fn read(
        name: &str,
        section: &mut Section,
        once: &mut BTreeSet<String>,
    ) -> PlatformSection {
        if !name.split('.').all(is_plain) {
            section.complain(
                format!(
                    "[{}] has a name with other characters than letters, digits, `-`, `_` and `.`",
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
        if kind == room::slack::KIND.name {
            let section = SlackSection::read(section, once);
            return PlatformSection::Slack(Box::new(section));
        }
        if kind == room::stack_exchange_chat::KIND.name {
            let section = StackExchangeChatSection::read(name, section);
            return PlatformSection::StackExchangeChat(Box::new(section));
        }
        if kind == room::irc::KIND.name {
            let section = IrcSection::read(section);
            return PlatformSection::Irc(Box::new(section));
        }
        PlatformSection::Terminal(TerminalSection {
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
        })
    }
}

impl StackExchangeChatSection {
    fn read(name: &str, section: &mut Section) -> StackExchangeChatSection {
        let secret = |section: &mut Section, key| match section.sets(key) {
            true => section.secret(key),
            false => section.optional(key),
        };
        let known = room::stack_exchange_chat::HOSTS
            .iter()
            .find(|host| host.chat == name);
        let web = |value: &DeValue| address(value, &["https", "http"]);
        let (url, login) = (section.may("url", web), section.may("login", web));
        let url = url.or_else(|| known.map(|host| format!("https://{}", host.chat)));
        if url.is_none() {
            let names = room::stack_exchange_chat::HOSTS
                .iter()
                .map(|host| host.chat);
            section.complain(
                format!(
                    "[{}] is called by none of the chats of Stack Exchange, and has no `url`",
                    section.title()
                ),
                format!("there are {}", registry::list(names)),
            );
        }
        // Who points at a stand-in does not want the password to go to the real site.
        let login = match section.sets("url") {
            true => login.or_else(|| url.clone()),
            false => login.or_else(|| known.map(|host| format!("https://{}", host.login))),
        };
        for (key, address) in [("url", &url), ("login", &login)] {
            if section.sets(key) && address.as_deref().is_some_and(in_clear) {
                section.complain_about(
                    key,
                    format!(
                        "`{key}` in [{}] would send a password in clear",
                        section.title()
                    ),
                    "it begins with https:// unless it is on this machine or in a private network",
                );
            }
        }
        let (email, password) = (section.may("email", text), secret(section, "password"));
        let cookies = secret(section, "cookies");
        let by_password = section.sets("email") && section.sets("password");
        if !by_password && !section.sets("cookies") {
            section.complain(
                format!("[{}] does not say how to log in", section.title()),
                "write `email` and `password`, or `cookies`, below it",
            );
        }
        StackExchangeChatSection {
            url: url.unwrap_or_default(),
            login: login.unwrap_or_default(),
            email,
            password,
            cookies,
            rooms: section.may("rooms", numbers).unwrap_or_default(),
            trash: section.may("trash", whole(1, u64::from(u32::MAX))),
            invitations: section.may("invitations", flag).unwrap_or_default(),
        }
    }
}

impl SlackSection {
    fn read(section: &mut Section, once: &mut BTreeSet<String>) -> SlackSection {
        let secret = |section: &mut Section, key| match section.sets(key) {
            true => section.secret(key),
            false => section.optional(key),
        };
        let url = section.may("url", |value| address(value, &["https", "http"]));
        if url.as_deref().is_some_and(in_clear) {
            section.complain_about(
                "url",
                format!("`url` in [{}] would send a token in clear", section.title()),
                "it begins with https:// unless it is on this machine or in a private network",
            );
        }
        let bot_token = section.secret("bot_token");
        let listen = section.may("listen", socket_address);
        let app_token = secret(section, "app_token");
        let signing_secret = secret(section, "signing_secret");
        let begins = |secret: &Option<Secret>, with: &str| {
            let secret = secret.as_ref();
            secret.is_none_or(|secret| secret.expose().starts_with(with))
        };
        for (key, token, with) in [
            ("bot_token", &bot_token, "xoxb-"),
            ("app_token", &app_token, "xapp-"),
        ] {
            if !begins(token, with) {
                section.complain_about(
                    key,
                    format!(
                        "`{key}` in [{}] does not begin with {with}",
                        section.title()
                    ),
                    "`man slack` shows where each token is found",
                );
            }
        }
        let way = match listen {
            Some(listen) => SlackWay::Http {
                signing_secret,
                listen,
            },
            None => SlackWay::Socket { app_token },
        };
        let (needed, other) = match &way {
            SlackWay::Socket { .. } => ("app_token", "signing_secret"),
            SlackWay::Http { .. } => ("signing_secret", "app_token"),
        };
        if !section.sets(needed) {
            section.complain(
                format!("[{}] does not say how Slack is heard", section.title()),
                "write `app_token` below it, or `listen` and `signing_secret`",
            );
        }
        if section.sets(other) {
            section.complain_about(
                other,
                format!("`{other}` in [{}] is of no use", section.title()),
                "`app_token` stands alone, `signing_secret` beside `listen`",
            );
        }
        // What of an app is fetched or posted once is not there a second time.
        let (key, same) = match &way {
            SlackWay::Socket { app_token } => (
                "app_token",
                app_token.as_ref().map(|token| token.expose().to_string()),
            ),
            SlackWay::Http { listen, .. } => ("listen", Some(listen.to_string())),
        };
        if same.is_some_and(|same| !once.insert(format!("slack {same}"))) {
            section.complain_about(
                key,
                format!(
                    "`{key}` in [{}] is that of another section",
                    section.title()
                ),
                "each workspace has an app of its own: `boson slack manifest` makes one more",
            );
        }
        SlackSection {
            url: url.unwrap_or_else(|| "https://slack.com/api".into()),
            bot_token,
            way,
            rooms: section.may("rooms", texts).unwrap_or_default(),
            private_mistakes: section.may("private_mistakes", flag).unwrap_or_default(),
        }
    }
}

impl IrcSection {
    fn read(section: &mut Section) -> IrcSection {
        let secret = |section: &mut Section, key| match section.sets(key) {
            true => section.secret(key),
            false => section.optional(key),
        };
        let folder = section.folder();
        let server = section.required("server", host).unwrap_or_default();
        let tls = section.may("tls", flag).unwrap_or(true);
        let port = section
            .may("port", whole(1, 65_535))
            .and_then(|port| u16::try_from(port).ok());
        let ca = section.may("ca", path).map(|ca| folder.join(ca));
        if ca.is_some() && !tls {
            section.complain_about(
                "ca",
                format!("`ca` in [{}] is of no use without TLS", section.title()),
                "take `tls = false` away, or `ca`",
            );
        }
        let certificate = section
            .may("certificate", path)
            .map(|file| folder.join(file));
        let key = section.may("key", path).map(|file| folder.join(file));
        if certificate.is_some() && !tls {
            section.complain_about(
                "certificate",
                format!(
                    "`certificate` in [{}] is of no use without TLS",
                    section.title()
                ),
                "take `tls = false` away, or `certificate`",
            );
        }
        if key.is_some() && certificate.is_none() {
            section.complain_about(
                "key",
                format!(
                    "`key` in [{}] is of no use without `certificate`",
                    section.title()
                ),
                "write `certificate = \"irc.crt\"` beside it",
            );
        }
        if certificate.is_some() && section.sets("password") {
            section.complain_about(
                "certificate",
                format!(
                    "`certificate` and `password` in [{}] are two ways to log in",
                    section.title()
                ),
                "take one of them away",
            );
        }
        let password = secret(section, "password");
        let server_password = secret(section, "server_password");
        for key in ["password", "server_password"] {
            if section.sets(key)
                && !tls
                && !server.is_empty()
                && in_clear(&format!("http://{server}"))
            {
                section.complain_about(
                    key,
                    format!("`{key}` in [{}] would be sent in clear", section.title()),
                    "take `tls = false` away; without TLS only servers on this machine or in a private network get it",
                );
            }
        }
        let account = section.may("account", word);
        let login = section.may("login", choice(&[("sasl", false), ("nickserv", true)]));
        for (key, set) in [("account", account.is_some()), ("login", login.is_some())] {
            if set && !section.sets("password") {
                section.complain_about(
                    key,
                    format!(
                        "`{key}` in [{}] is of no use without `password`",
                        section.title()
                    ),
                    "write `password = { env = \"NAME\" }` beside it",
                );
            }
        }
        let usual = Flood::default();
        IrcSection {
            server,
            port: port.unwrap_or(if tls { 6697 } else { 6667 }),
            tls,
            ca,
            certificate,
            key,
            nick: section.may("nick", word),
            user: section.may("user", word),
            realname: section.may("realname", text),
            account,
            password,
            nickserv: login.unwrap_or_default(),
            server_password,
            channels: section.may("channels", irc_channels).unwrap_or_default(),
            invitations: section.may("invitations", flag).unwrap_or_default(),
            flood: Flood {
                burst: section
                    .may("flood_burst", whole(1, 1_000))
                    .map_or(usual.burst, |burst| burst as u32),
                every: section
                    .may("flood_every", duration("1 second", "1 minute"))
                    .unwrap_or(usual.every),
                off: section.may("flood_off", flag).unwrap_or_default(),
            },
        }
    }
}

/// The name or address of a host, without a port.
fn host(value: &DeValue) -> Result<String, Wrong> {
    let text = text(value)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    match is_address || (!text.is_empty() && text.chars().all(plain)) {
        true => Ok(text),
        false => Err(Wrong::new("is no name of a server")
            .hint("for instance \"irc.libera.chat\"; the port is a setting of its own")),
    }
}

/// One word without anything that has a meaning in IRC.
fn word(value: &DeValue) -> Result<String, Wrong> {
    let text = text(value)?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@!:,*?#&".contains(c);
    match !text.is_empty() && text.len() <= 64 && text.chars().all(plain) {
        true => Ok(text),
        false => {
            Err(Wrong::new("is not one word of letters and digits").hint("for instance \"boson\""))
        }
    }
}

/// Channels with their keys.
fn irc_channels(value: &DeValue) -> Result<Vec<Channel>, Wrong> {
    let read = |channel: &String| {
        Channel::read(channel).ok_or_else(|| {
            Wrong::new("has something else than channels in it")
                .hint("for instance [\"#boson\", \"#secret key\"]: behind a space stands the key of a channel that has one")
        })
    };
    texts(value)?.iter().map(read).collect()
}

/// What is sent there can be read on the way.
fn in_clear(address: &str) -> bool {
    let Ok(url) = url::Url::parse(address) else {
        return false;
    };
    let near = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unique_local(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "http" && !near
}

/// Numbers of rooms.
fn numbers(value: &DeValue) -> Result<Vec<u64>, Wrong> {
    let DeValue::Array(numbers) = value else {
        return Err(Wrong::new("is no list of numbers").hint("for instance [1, 54445]"));
    };
    let read = whole(1, u64::from(u32::MAX));
    numbers
        .iter()
        .map(|number| read(number.get_ref()))
        .collect()
}

fn platform_kind(value: &DeValue) -> Result<String, Wrong> {
    let name = text(value)?;
    let names = room::ALL.iter().map(|kind| kind.name);
    match names.clone().find(|kind| kind.eq_ignore_ascii_case(&name)) {
        Some(kind) => Ok(kind.into()),
        None => Err(Wrong::among("is no kind of platform", &name, names)),
    }
}
