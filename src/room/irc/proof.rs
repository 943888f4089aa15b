//! Who somebody is whom no channel shows: the server is asked before something private is said to them.

use chrono::{DateTime, TimeDelta, Utc};
use compact_str::CompactString;

use super::Wish;
use super::direct::Marks;
use super::line::{Line, Out, Source};
use super::say::LONG_REST;
use super::session::{Session, Stage};
use crate::room::SayError;

/// How long the server may take to say who somebody is.
const PATIENCE: TimeDelta = TimeDelta::seconds(30);
/// How much somebody may say until the server has said who they are.
const HELD: usize = 20;

/// The server was asked about a nick.
#[derive(Debug)]
pub(super) struct Asked {
    at: DateTime<Utc>,
    found: Option<(Source, Option<CompactString>)>,
    /// What they said meanwhile.
    lines: Vec<Line>,
}

/// Where something is said.
pub(super) enum Target {
    /// In this lane, under this name.
    There(CompactString, CompactString),
    /// To whoever has this nick, if it is still them.
    Unproven(CompactString),
    /// Not now, and why.
    Nowhere(&'static str),
}

impl Session {
    /// Where something for a room is sent.
    pub(super) fn target(&mut self, room: &str, now: DateTime<Utc>) -> Target {
        let lower = self.lower(room);
        if self.link.support.is_channel(room) {
            return match self.seats.0.get(&lower) {
                Some(seat) if !seat.lost => Target::There(lower, seat.name.clone()),
                Some(_) | None => Target::Nowhere("I am not in the channel"),
            };
        }
        let Some(direct) = self.directs.recall(room) else {
            return Target::Nowhere("nobody is known by that name");
        };
        let nick = direct.nick.clone();
        let known = self.link.crowd.get(&nick);
        let name = known.map_or_else(|| nick.clone(), |known| known.nick.clone());
        let seen = known.filter(|known| known.host.is_some() && self.link.crowd.is_seen(&nick));
        if let Some(marks) = seen.map(super::crowd::Known::marks) {
            if direct.is_with(&marks) {
                return Target::There(nick, name);
            }
            // Some servers tell accounts only when they are asked.
            if !direct.is_of_account() || marks.account.is_some() {
                return Target::Nowhere("somebody else has their nick now");
            }
        } else if direct.is_proven(now) {
            return Target::There(nick, name);
        }
        Target::Unproven(nick)
    }

    /// What is known of whoever has a nick.
    pub(super) fn marks(&self, key: &str) -> Marks {
        let known = self.link.crowd.get(key);
        known.map(super::crowd::Known::marks).unwrap_or_default()
    }

    /// Whoever says this in private may be somebody with whom there is a conversation: it is heard once that is known.
    pub(super) fn is_held(&mut self, line: &Line, now: DateTime<Utc>) -> bool {
        let key = self.lower(line.nick());
        let tells = self.link.caps.has("account-tag") || self.link.crowd.is_seen(&key);
        if tells || self.directs.known(&key, &self.marks(&key)).is_some() {
            return false;
        }
        let may_be = |direct: &super::direct::Direct| direct.is_of_account();
        if !self.directs.all().any(may_be) {
            return false;
        }
        let asked = self.ask_who(&key, now);
        if asked.lines.len() < HELD {
            asked.lines.push(line.clone());
        }
        true
    }

    fn ask_who(&mut self, nick: &str, now: DateTime<Utc>) -> &mut Asked {
        let queue = &mut self.queue;
        self.link.who.entry(nick.into()).or_insert_with(|| {
            queue.control.push_back(Out::new("WHOIS").word(nick));
            Asked {
                at: now,
                found: None,
                lines: Vec::new(),
            }
        })
    }

    /// Asks about those to whom something private is to be said.
    pub(super) fn find(&mut self, now: DateTime<Utc>) {
        let late = |asked: &Asked| asked.at + PATIENCE <= now;
        let who = self.link.who.iter();
        let silent: Vec<CompactString> = who
            .filter(|(_, asked)| late(asked))
            .map(|(nick, _)| nick.clone())
            .collect();
        for nick in silent {
            self.found(&nick, now);
        }
        for wish in std::mem::take(&mut self.privates) {
            self.speak(wish, now);
        }
    }

    /// The server has said who somebody is, or that nobody is there, or nothing at all.
    fn found(&mut self, nick: &str, now: DateTime<Utc>) {
        let Some(asked) = self.link.who.remove(nick) else {
            return;
        };
        let there = asked.found.is_some();
        if let Some((source, account)) = asked.found {
            self.link.crowd.met(nick, &source).account = account;
            let marks = self.marks(nick);
            if let Some(room) = self.directs.known(nick, &marks) {
                let direct = self.directs.get_mut(&room);
                if let Some(direct) = direct.filter(|direct| direct.nick == nick) {
                    direct.prove(&marks, now);
                }
            }
        }
        for line in asked.lines {
            self.said(&line, false, now);
        }
        for wish in std::mem::take(&mut self.privates) {
            match self.target(&wish.saying().room.room, now) {
                Target::Unproven(its) if its == nick => {
                    let what = match there {
                        true => "somebody else has their nick now",
                        false => "they are not there",
                    };
                    // Whoever waited may have gone away.
                    let _ = wish.done.send(Err(SayError::Later {
                        what: what.into(),
                        rest: LONG_REST,
                    }));
                }
                Target::Unproven(_) => self.privates.push(wish),
                Target::There(..) | Target::Nowhere(_) => self.speak(wish, now),
            }
        }
    }

    /// A private message waits until it is known who has this nick.
    pub(super) fn wait_for(&mut self, nick: &str, wish: Wish, now: DateTime<Utc>) {
        self.privates.push(wish);
        if self.link.stage == Stage::Ready {
            self.ask_who(nick, now);
        }
    }

    /// What the server says about somebody.
    pub(super) fn who(&mut self, line: &Line, now: DateTime<Utc>) {
        let nick = self.lower(line.param(1));
        let Some(asked) = self.link.who.get_mut(&nick) else {
            return;
        };
        match line.command.as_str() {
            "311" => {
                let source = Source {
                    nick: line.param(1).into(),
                    user: Some(line.param(2).into()),
                    host: Some(line.param(3).into()),
                };
                asked.found.get_or_insert((source, None));
            }
            "330" => {
                if let Some((_, account)) = &mut asked.found {
                    *account = Some(line.param(2).into());
                }
            }
            _ => self.found(&nick, now),
        }
    }

    /// When somebody is asked about no longer.
    pub(super) fn finds(&self) -> Option<DateTime<Utc>> {
        let asked = self.link.who.values().map(|asked| asked.at + PATIENCE);
        asked.min()
    }
}
