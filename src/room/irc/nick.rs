//! The bot's own nick: another one while it is taken, and back as soon as it is free.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;

use super::Way;
use super::line::{Line, Out};
use super::session::{Session, Stage};
use super::wrong::End;
use crate::model::{Heard, Person, PersonId};

/// How often it is looked whether the nick is free.
const AGAIN: TimeDelta = TimeDelta::seconds(60);
/// How often another nick is tried at the start.
const TRIES: usize = 8;

/// How the nick is won back.
#[derive(Clone, Debug, Default)]
pub(super) struct Regain {
    next: Option<DateTime<Utc>>,
    /// The services were asked for it.
    asked: bool,
    /// How many nicks were taken at the start.
    taken: usize,
}

impl Regain {
    pub fn due(&self) -> Option<DateTime<Utc>> {
        self.next
    }
}

impl Session {
    /// A nick is not to be had. False when the line is about something else.
    pub(super) fn nick_taken(&mut self, line: &Line, now: DateTime<Utc>) -> bool {
        let nick = line.param(1);
        if self.link.support.is_channel(nick) {
            return false;
        }
        if self.link.stage != Stage::Greeting {
            self.link.regain.next = Some(now + AGAIN);
            return true;
        }
        if line.command == "432" {
            let what = format!(
                "the server takes nobody who is called {}",
                super::wrong::quoted(nick)
            );
            self.link.end = Some(End::Fatal(what));
            return true;
        }
        self.link.regain.taken += 1;
        let taken = self.link.regain.taken;
        if taken > TRIES {
            let what = "the nick is taken, and so are those like it";
            self.link.end = Some(End::Rest(what.into()));
            return true;
        }
        // Servers cut what is too long, and then it is still the one that is taken.
        let cut: String = self.settings.nick.chars().take(8).collect();
        let other = match taken {
            1..=3 => format!("{}{}", self.settings.nick, "_".repeat(taken)),
            _ => format!("{cut}{taken}"),
        };
        self.send(&Out::new("NICK").word(&other));
        self.link.me.nick = other.into();
        true
    }

    /// Wins the nick back when that is due.
    pub(super) fn regain(&mut self, now: DateTime<Utc>) {
        let nick = self.settings.nick.clone();
        if self.is_me(&nick) {
            self.link.regain.next = None;
            return;
        }
        let next = *self.link.regain.next.get_or_insert(now);
        if next > now {
            return;
        }
        self.link.regain.next = Some(now + AGAIN);
        if !std::mem::replace(&mut self.link.regain.asked, true) {
            tracing::warn!(nick, now = self.link.me.nick.as_str(), "the nick is taken");
            if self.link.support.monitor {
                let watch = Out::new("MONITOR").word("+").word(&nick);
                self.queue.control.push_back(watch);
            }
            if let Some(login) = self.settings.login.clone() {
                let words = match login.way {
                    Way::Sasl => format!("REGAIN {nick}"),
                    Way::NickServ => format!("REGAIN {nick} {}", login.password.expose_secret()),
                };
                let ask = Out::new("PRIVMSG").word("NickServ").text(&words);
                self.queue.control.push_back(ask);
            }
        }
        let ask = Out::new("ISON").word(&nick);
        self.queue.control.push_back(ask);
    }

    /// The server says who is there, or gone.
    pub(super) fn watched(&mut self, line: &Line, now: DateTime<Utc>) {
        let nick = self.lower(&self.settings.nick);
        let names = line.last().split([' ', ',']);
        let named = names
            .map(|name| self.lower(name.split('!').next().unwrap_or(name)))
            .any(|name| name == nick);
        let free = match line.command.as_str() {
            "303" => !named,
            "731" => named,
            _ => false,
        };
        if free {
            self.take_nick(now);
        }
    }

    /// The nick is free.
    pub(super) fn take_nick(&mut self, now: DateTime<Utc>) {
        let nick = self.settings.nick.clone();
        if !self.is_me(&nick) && self.link.stage == Stage::Ready {
            self.send(&Out::new("NICK").word(&nick));
            self.queue.count(2, now);
        }
    }

    /// Somebody has taken another nick.
    pub(super) fn renamed(&mut self, line: &Line, now: DateTime<Utc>) {
        let (before, after) = (line.nick().to_string(), line.param(0).to_string());
        if before.is_empty() || after.is_empty() {
            return;
        }
        let (old, new) = (self.lower(&before), self.lower(&after));
        if self.is_me(&before) {
            self.link.crowd.rename(&old, &new, &after);
            self.link.me.nick = after.into();
            return;
        }
        self.link.crowd.rename(&old, &new, &after);
        if old != new {
            self.directs.rename(&old, &new);
        }
        if let Some(known) = self.link.crowd.get(&new) {
            let person = Person {
                id: PersonId(known.id()),
                name: after.into(),
            };
            self.told.push(Heard::Renamed {
                platform: self.settings.name.clone(),
                person,
            });
        }
        if old == self.lower(&self.settings.nick) {
            self.take_nick(now);
        }
    }
}
