//! From the sections of platforms to the platforms.

use std::sync::Arc;

use super::exposed;
use crate::clock::Clock;
use crate::command;
use crate::config::{
    self, Config, IrcSection, PlatformSection, Secret, SlackSection, SlackWay,
    StackExchangeChatSection, TerminalSection,
};
use crate::http::{self, Http};
use crate::model::{Person, PersonId, Role, RoomId};
use crate::room::{Finding, Platform, Seat, irc, slack, stack_exchange_chat, terminal};

/// Every platform of the config, and the rooms in which the bot is from the start.
pub fn platforms(config: &Config, http: &Http) -> (Vec<Arc<dyn Platform>>, Vec<RoomId>) {
    let (mut platforms, mut rooms) = (Vec::new(), Vec::new());
    for (name, section) in &config.platform {
        let platform: Arc<dyn Platform> = match section {
            PlatformSection::Terminal(section) => {
                let seat = seat(config, name, section);
                rooms.push(seat.room.clone());
                Arc::from(terminal::open(terminal::Opening {
                    bot: config.name.clone(),
                    seat,
                    clock: Clock::Real,
                    folder: config.folder.clone(),
                    keeps: command::may_be_kept,
                    colours: config::wants_colours(),
                    editing: config::wants_editing(),
                }))
            }
            PlatformSection::Slack(section) => {
                let settings = workspace(config, name, section);
                Arc::new(slack::Slack::open(settings, http.clone(), Clock::Real))
            }
            PlatformSection::Irc(section) => {
                rooms.extend(irc::rooms(name, &section.channels));
                let settings = network(config, name, section);
                Arc::new(irc::Irc::open(settings, http.clone(), Clock::Real))
            }
            PlatformSection::StackExchangeChat(section) => {
                let its = section.rooms.iter();
                rooms.extend(its.map(|room| RoomId::new(name.as_str(), room.to_string())));
                let settings = chat(config, name, section);
                let http = http.clone();
                Arc::new(stack_exchange_chat::StackExchangeChat::open(
                    settings,
                    http,
                    Clock::Real,
                ))
            }
        };
        platforms.push(platform);
    }
    (platforms, rooms)
}

/// Where a chat of Stack Exchange is, and as whom it is used.
fn chat(
    config: &Config,
    name: &str,
    section: &StackExchangeChatSection,
) -> stack_exchange_chat::Settings {
    stack_exchange_chat::Settings {
        name: name.into(),
        bot: config.name.clone(),
        url: section.url.clone(),
        login: section.login.clone(),
        email: section.email.clone(),
        password: exposed(&section.password),
        cookies: exposed(&section.cookies),
        trash: section.trash,
        invitations: section.invitations,
        folder: config.folder.clone(),
    }
}

/// Which workspace of Slack, and as which app.
fn workspace(config: &Config, name: &str, section: &SlackSection) -> slack::Settings {
    let secret = |secret: &Option<Secret>| exposed(secret).unwrap_or_default();
    slack::Settings {
        name: name.into(),
        bot: config.name.clone(),
        url: section.url.clone(),
        bot_token: secret(&section.bot_token),
        way: match &section.way {
            SlackWay::Socket { app_token } => slack::Way::Socket {
                app_token: secret(app_token),
            },
            SlackWay::Http {
                signing_secret,
                listen,
            } => slack::Way::Http {
                signing_secret: secret(signing_secret),
                listen: *listen,
            },
        },
        rooms: section.rooms.clone(),
        private_mistakes: section.private_mistakes,
    }
}

/// Which network of IRC, and as whom.
fn network(config: &Config, name: &str, section: &IrcSection) -> irc::Settings {
    let nick = section.nick.clone().unwrap_or_else(|| config.name.clone());
    let account = section.account.clone().unwrap_or_else(|| nick.clone());
    irc::Settings {
        name: name.into(),
        bot: config.name.clone(),
        server: http::Server {
            host: section.server.clone(),
            port: section.port,
            cipher: match (section.tls, &section.ca) {
                (false, _) => http::Cipher::None,
                (true, None) => http::Cipher::Tls,
                (true, Some(ca)) => http::Cipher::TlsOf(ca.clone()),
            },
            identity: section.certificate.as_ref().map(|certificate| {
                let key = section.key.as_ref().unwrap_or(certificate);
                http::Identity {
                    certificate: certificate.clone(),
                    key: key.clone(),
                }
            }),
        },
        user: section.user.clone().unwrap_or_else(|| nick.clone()),
        realname: section
            .realname
            .clone()
            .unwrap_or_else(|| "Boson, a bot".into()),
        nick,
        server_password: exposed(&section.server_password),
        login: exposed(&section.password).map(|password| irc::Login {
            account,
            password,
            way: match section.nickserv {
                true => irc::Way::NickServ,
                false => irc::Way::Sasl,
            },
            seed: seed(),
        }),
        channels: section.channels.clone(),
        flood: section.flood,
        invitations: section.invitations,
    }
}

/// What nobody else knows; none where this machine gives no random numbers.
fn seed() -> Option<[u8; 32]> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).ok().map(|()| seed)
}

/// What the platforms of the config that are on the web find when they look whether they can be used, by their names.
pub async fn look(config: &Config, http: &Http) -> Vec<(String, Finding)> {
    let mut found = Vec::new();
    for (name, section) in &config.platform {
        match section {
            // There is nothing to look at before somebody logs in.
            PlatformSection::Terminal(_) | PlatformSection::StackExchangeChat(_) => {}
            PlatformSection::Slack(section) => {
                let settings = workspace(config, name, section);
                let slack = slack::Slack::open(settings, http.clone(), Clock::Real);
                let its = slack.check().await.into_iter();
                found.extend(its.map(|finding| (name.clone(), finding)));
            }
            PlatformSection::Irc(section) => {
                let settings = network(config, name, section);
                let irc = irc::Irc::open(settings, http.clone(), Clock::Real);
                let its = irc.check().await.into_iter();
                found.extend(its.map(|finding| (name.clone(), finding)));
            }
        }
    }
    found
}

/// Where the person at this machine sits.
pub fn seat(config: &Config, platform: &str, section: &TerminalSection) -> Seat {
    let name = section
        .person
        .clone()
        .or_else(config::login_name)
        .filter(|name| *name != config.name)
        .unwrap_or_else(|| "you".into());
    Seat {
        room: RoomId::new(platform, section.room.as_str()),
        person: Person {
            id: PersonId(name.to_lowercase().into()),
            name: name.into(),
        },
        role: Role::Operator,
        direct: section.direct,
    }
}
