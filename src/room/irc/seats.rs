//! The channels in which the bot is or shall be: into them, out of them, and back again.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use compact_str::CompactString;
use tokio::sync::oneshot;

use super::line::{Line, Out};
use super::session::{Session, Stage};
use super::stamp;
use crate::model::{Heard, MessageId, Person, PersonId, RoomId};
use crate::room::SayError;

/// How long is waited before a channel is tried again that has sent the bot away or does not let it in.
const PAUSES: [TimeDelta; 4] = [
    TimeDelta::seconds(30),
    TimeDelta::minutes(5),
    TimeDelta::minutes(15),
    TimeDelta::hours(1),
];
/// Who was in a channel for so long is welcome there.
const WELCOME: TimeDelta = TimeDelta::hours(1);
/// How long a server may take to let the bot in.
const ASKED: TimeDelta = TimeDelta::seconds(60);
/// How many channels are entered with one line, and how long that may be.
const AT_ONCE: usize = 20;
const LINE: usize = 380;

/// Where the bot stands with a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Out { next: DateTime<Utc> },
    Asked { since: DateTime<Utc> },
    In { since: DateTime<Utc> },
}

/// Who waits to be told what a channel is called, or why it cannot be entered.
pub(super) type Wanted = oneshot::Sender<Result<String, SayError>>;

/// A channel in which the bot is or shall be.
#[derive(Debug)]
pub(super) struct Seat {
    pub name: CompactString,
    pub room: RoomId,
    pub key: Option<String>,
    pub place: Place,
    /// How often it was not let in since it was welcome.
    pub tries: usize,
    /// It was in, or shall come back also when it is not let in at first.
    pub lasting: bool,
    pub wanted: Vec<Wanted>,
    /// The loop knows that it is not there.
    pub lost: bool,
    /// The last message that was heard there.
    pub heard: Option<MessageId>,
    /// What is said while the past is read waits here.
    pub held: Option<Vec<Line>>,
}

/// All channels, by their names in small letters.
#[derive(Debug, Default)]
pub(super) struct Seats(pub(super) BTreeMap<CompactString, Seat>);

impl Seats {
    /// A connection is open: all are tried anew, at once, but for those that have sent the bot away.
    pub fn connected(&mut self, now: DateTime<Utc>) {
        let rests =
            |seat: &Seat| seat.lost && matches!(seat.place, Place::Out { next } if next > now);
        for seat in self.0.values_mut().filter(|seat| !rests(seat)) {
            seat.place = Place::Out { next: now };
        }
    }

    pub fn broken(&mut self, now: DateTime<Utc>) {
        self.connected(now);
        for seat in self.0.values_mut() {
            seat.held = None;
        }
    }

    pub fn may_speak(&self, key: &str) -> bool {
        let seat = self.0.get(key);
        seat.is_some_and(|seat| matches!(seat.place, Place::In { .. }))
    }

    pub fn due(&self) -> Option<DateTime<Utc>> {
        let next = self.0.values().filter_map(|seat| match seat.place {
            Place::Out { next } => Some(next),
            Place::Asked { since } => Some(since + ASKED),
            Place::In { .. } => None,
        });
        next.min()
    }
}

/// The room of a channel; on every server the same, whatever it says about small letters.
pub(super) fn room(platform: &str, channel: &str) -> RoomId {
    RoomId::new(platform, channel.to_ascii_lowercase())
}

impl Session {
    /// The bot shall be in a channel.
    pub(super) fn sit(&mut self, name: &str, key: Option<&str>, now: DateTime<Utc>) -> &mut Seat {
        let lower = self.lower(name);
        let room = room(&self.settings.name, name);
        let seat = self.seats.0.entry(lower).or_insert_with(|| Seat {
            name: name.into(),
            room,
            key: None,
            place: Place::Out { next: now },
            tries: 0,
            lasting: false,
            wanted: Vec::new(),
            lost: false,
            heard: None,
            held: None,
        });
        if let Some(key) = key {
            seat.key = Some(key.into());
        }
        seat
    }

    /// Somebody wants the bot in a channel.
    pub(super) fn join(&mut self, room: &RoomId, done: Wanted, now: DateTime<Utc>) {
        let ready = self.link.stage == Stage::Ready;
        let configured = self.settings.channels.iter();
        let key = configured
            .filter(|channel| channel.name.eq_ignore_ascii_case(&room.room))
            .find_map(|channel| channel.key.clone());
        let seat = self.sit(&room.room, key.as_deref(), now);
        match seat.place {
            Place::In { .. } => {
                // Whoever waited may have gone away.
                let _ = done.send(Ok(seat.name.to_string()));
            }
            Place::Out { .. } | Place::Asked { .. } if ready => {
                seat.wanted.push(done);
                if let Place::Out { next } = &mut seat.place {
                    *next = now;
                }
            }
            Place::Out { .. } | Place::Asked { .. } => {
                let _ = done.send(Err(SayError::Later {
                    what: "I am not connected at the moment".into(),
                    rest: Duration::from_secs(60),
                }));
                if !seat.lasting {
                    let lower = self.lower(&room.room);
                    self.seats.0.remove(&lower);
                }
            }
        }
    }

    /// The bot shall not be in a channel any more.
    pub(super) fn leave(&mut self, room: &RoomId) {
        let lower = self.lower(&room.room);
        let Some(seat) = self.seats.0.remove(&lower) else {
            return;
        };
        self.link.crowd.leave(&lower);
        if matches!(seat.place, Place::In { .. } | Place::Asked { .. }) {
            self.send(&Out::new("PART").word(&seat.name));
        }
        let away = SayError::Never {
            what: "I have left the channel".into(),
        };
        self.queue.refuse(&lower, &away);
    }

    /// Asks the server to let the bot into channels, where that is due.
    pub(super) fn ask_in(&mut self, now: DateTime<Utc>) {
        // It is asked with each line.
        if self.seats.due().is_none_or(|due| due > now) {
            return;
        }
        let late =
            |seat: &Seat| matches!(seat.place, Place::Asked { since } if since + ASKED <= now);
        let silent: Vec<CompactString> = self
            .seats
            .0
            .values()
            .filter(|seat| late(seat))
            .map(|seat| seat.name.clone())
            .collect();
        for name in silent {
            self.shut_out(
                &name,
                "the server does not say whether it lets me in".into(),
                now,
            );
        }
        let mut due: Vec<&mut Seat> = self
            .seats
            .0
            .values_mut()
            .filter(|seat| matches!(seat.place, Place::Out { next } if next <= now))
            .collect();
        // Keys are given in the order of channels.
        due.sort_by_key(|seat| seat.key.is_none());
        let mut rest = due.as_mut_slice();
        while !rest.is_empty() {
            let mut length = 0;
            let fits = |seat: &&mut Seat| {
                length += seat.name.len() + seat.key.as_ref().map_or(0, String::len) + 2;
                length <= LINE
            };
            let count = rest.iter().take(AT_ONCE).take_while({
                let mut fits = fits;
                move |seat| fits(seat)
            });
            let count = count.count().max(1);
            let (these, behind) = rest.split_at_mut(count);
            let names: Vec<&str> = these.iter().map(|seat| seat.name.as_str()).collect();
            let keys: Vec<&str> = these
                .iter()
                .filter_map(|seat| seat.key.as_deref())
                .collect();
            let mut join = Out::new("JOIN").word(&names.join(","));
            if !keys.is_empty() {
                join = join.word(&keys.join(","));
            }
            self.queue.control.push_back(join);
            for seat in these {
                seat.place = Place::Asked { since: now };
            }
            rest = behind;
        }
    }

    /// A channel does not let the bot in. False when nobody wanted to be there.
    pub(super) fn shut_out(&mut self, channel: &str, what: String, now: DateTime<Utc>) -> bool {
        let lower = self.lower(channel);
        let Some(seat) = self.seats.0.get_mut(&lower) else {
            return false;
        };
        if !matches!(seat.place, Place::Asked { .. }) {
            return false;
        }
        tracing::warn!(channel, why = what, "a channel cannot be entered");
        for wanted in seat.wanted.drain(..) {
            // Whoever waited may have gone away.
            let _ = wanted.send(Err(SayError::Never { what: what.clone() }));
        }
        if seat.lasting {
            self.lose(&lower, now);
        } else {
            self.seats.0.remove(&lower);
        }
        let error = SayError::Later {
            what,
            rest: Duration::from_secs(60),
        };
        self.queue.refuse(&lower, &error);
        true
    }

    /// The bot is not in a channel, did not want it so, and comes back after a while.
    fn lose(&mut self, lower: &str, now: DateTime<Utc>) {
        self.link.crowd.leave(lower);
        let Some(seat) = self.seats.0.get_mut(lower) else {
            return;
        };
        if matches!(seat.place, Place::In { since } if now - since >= WELCOME) {
            seat.tries = 0;
        }
        let pause = PAUSES[seat.tries.min(PAUSES.len() - 1)];
        seat.place = Place::Out { next: now + pause };
        seat.tries += 1;
        seat.held = None;
        if !std::mem::replace(&mut seat.lost, true) {
            self.told.push(Heard::Left(seat.room.clone()));
        }
    }

    pub(super) fn joined(&mut self, line: &Line, now: DateTime<Utc>) {
        let (channel, nick) = (line.param(0).to_string(), line.nick().to_string());
        if channel.is_empty() || nick.is_empty() {
            return;
        }
        let lower = self.lower(&channel);
        if self.is_me(&nick) {
            self.entered(&channel, &lower, now);
            return;
        }
        let key = self.lower(&nick);
        self.link.crowd.join(&lower, &key, "");
        if let (3.., Some(source)) = (line.params.len(), &line.source) {
            let account =
                Some(line.param(1)).filter(|account| *account != "*" && !account.is_empty());
            self.link.crowd.met(&key, source).account = account.map(CompactString::from);
        }
        self.tell(&lower, &key, true);
    }

    /// The bot is in a channel.
    fn entered(&mut self, channel: &str, lower: &str, now: DateTime<Utc>) {
        let elsewhere = &mut self.link.elsewhere;
        if let Some(place) = elsewhere.iter().position(|known| known == lower)
            && !self.seats.0.contains_key(lower)
        {
            elsewhere.remove(place);
            self.send(&Out::new("PART").word(channel));
            return;
        }
        let at = now + self.link.skew;
        let before = self.stamps.next(at);
        let accounts = self.link.support.whox && !self.link.caps.has("account-tag");
        let past = self.past().is_some();
        self.link.crowd.leave(lower);
        let seat = self.sit(channel, None, now);
        seat.name = channel.into();
        seat.place = Place::In { since: now };
        seat.lasting = true;
        seat.lost = false;
        let after = seat.heard.clone();
        seat.heard.get_or_insert(before.clone());
        seat.held = (past && after.is_some()).then(Vec::new);
        for wanted in seat.wanted.drain(..) {
            // Whoever waited may have gone away.
            let _ = wanted.send(Ok(channel.into()));
        }
        let room = seat.room.clone();
        self.told.push(Heard::Joined {
            room,
            name: channel.into(),
            last: Some(before),
        });
        if accounts {
            let who = Out::new("WHO").word(channel).word("%tuhna,152");
            self.queue.control.push_back(who);
        }
        if let Some(after) = after {
            self.read_back(lower, after);
        }
    }

    pub(super) fn parted(&mut self, line: &Line, now: DateTime<Utc>) {
        let (lower, key) = (self.lower(line.param(0)), self.lower(line.nick()));
        if self.is_me(line.nick()) {
            // Whoever wanted it so has taken the seat away already.
            return self.sent_away(&lower, line.last(), now);
        }
        self.tell(&lower, &key, false);
        self.link.crowd.part(&lower, &key);
    }

    pub(super) fn kicked(&mut self, line: &Line, now: DateTime<Utc>) {
        let (lower, key) = (self.lower(line.param(0)), self.lower(line.param(1)));
        if self.is_me(line.param(1)) {
            return self.sent_away(&lower, line.last(), now);
        }
        self.tell(&lower, &key, false);
        self.link.crowd.part(&lower, &key);
    }

    fn sent_away(&mut self, lower: &str, why: &str, now: DateTime<Utc>) {
        if !self.seats.0.contains_key(lower) {
            return;
        }
        tracing::warn!(channel = lower, why, "I was sent away");
        self.lose(lower, now);
        let error = SayError::Later {
            what: "I was sent away from the channel".into(),
            rest: Duration::from_secs(60),
        };
        self.queue.refuse(lower, &error);
    }

    pub(super) fn quit(&mut self, line: &Line, now: DateTime<Utc>) {
        let key = self.lower(line.nick());
        self.link.crowd.quit(&key);
        self.directs.gone(&key);
        if key == self.lower(&self.settings.nick) {
            self.take_nick(now);
        }
    }

    pub(super) fn mode(&mut self, line: &Line) {
        let lower = self.lower(line.param(0));
        if !self.link.support.is_channel(line.param(0)) {
            return;
        }
        let mut params = line.params.iter().skip(2);
        let mut added = true;
        for mode in line.param(1).chars() {
            match mode {
                '+' => added = true,
                '-' => added = false,
                mode => {
                    let support = &self.link.support;
                    let param = support
                        .has_param(mode, added)
                        .then(|| params.next())
                        .flatten();
                    let member = support.prefixes.iter().any(|(known, _)| *known == mode);
                    if let Some(nick) = param.filter(|_| member) {
                        let key = support.casing.lower(nick);
                        self.link.crowd.mode(&lower, &key, mode, added);
                    }
                }
            }
        }
    }

    pub(super) fn invited(&mut self, line: &Line) {
        let channel = line.last();
        if !self.is_me(line.param(0)) || !self.link.support.is_channel(channel) {
            return;
        }
        let by = self.person(line.nick());
        self.told.push(Heard::Invited {
            room: room(&self.settings.name, channel),
            name: channel.into(),
            by,
            there: false,
        });
    }

    /// Somebody has logged in or out, or is shown with another host.
    pub(super) fn changed(&mut self, line: &Line) {
        let Some(source) = &line.source else {
            return;
        };
        if line.command == "CHGHOST" && self.is_me(&source.nick) {
            self.link.me.user = Some(line.param(0).into());
            self.link.me.host = Some(line.param(1).into());
            return;
        }
        let key = self.lower(&source.nick);
        let known = self.link.crowd.met(&key, source);
        if line.command == "ACCOUNT" {
            let account = line.param(0);
            known.account = (account != "*" && !account.is_empty()).then(|| account.into());
        } else {
            known.user = Some(line.param(0).into());
            known.host = Some(line.param(1).into());
        }
    }

    /// The server lists who is in a channel.
    pub(super) fn listed(&mut self, line: &Line) {
        if line.command == "353" {
            let lower = self.lower(line.param(2));
            for name in line.last().split_whitespace() {
                let (modes, name) = self.link.support.unsigned(name);
                let source = super::line::Source::read(name);
                let key = self.lower(&source.nick);
                if source.host.is_some() {
                    self.link.crowd.met(&key, &source);
                }
                self.link.crowd.join(&lower, &key, &modes);
            }
            return;
        }
        // 354 is as it was asked for: me, the number, user, host, nick, account.
        let (user, host, nick) = match line.command.as_str() {
            "354" => (line.param(2), line.param(3), line.param(4)),
            _ => (line.param(2), line.param(3), line.param(5)),
        };
        let source = super::line::Source {
            nick: nick.into(),
            user: Some(user.into()),
            host: Some(host.into()),
        };
        let key = self.lower(nick);
        if nick.is_empty() || host.is_empty() || !self.link.crowd.is_seen(&key) {
            return;
        }
        let known = self.link.crowd.met(&key, &source);
        if line.command == "354" {
            let account = line.param(5);
            known.account = (!matches!(account, "0" | "*" | "")).then(|| account.into());
        }
    }

    /// Who somebody is.
    pub(super) fn person(&self, nick: &str) -> Person {
        self.person_of(&self.lower(nick), nick)
    }

    /// The same; `key` is the nick in small letters.
    pub(super) fn person_of(&self, key: &str, nick: &str) -> Person {
        let known = self.link.crowd.get(key);
        let id = known.map_or_else(|| format!("{nick}!*@*").into(), super::crowd::Known::id);
        Person {
            id: PersonId(id),
            name: nick.into(),
        }
    }

    /// Somebody comes or goes.
    fn tell(&mut self, lower: &str, key: &str, came: bool) {
        let Some(room) = self.seats.0.get(lower).map(|seat| seat.room.clone()) else {
            return;
        };
        let nick = self.link.crowd.get(key).map(|known| known.nick.clone());
        let person = self.person(nick.as_deref().unwrap_or(key));
        self.told.push(match came {
            true => Heard::Came { room, person },
            false => Heard::Went { room, person },
        });
    }

    /// When the last message of a channel was said that was heard, as far as its id tells.
    pub(super) fn heard_at(&self, lower: &str) -> Option<DateTime<Utc>> {
        let seat = self.seats.0.get(lower)?;
        stamp::time_in(seat.heard.as_ref()?)
    }
}
