//! What people say, as the loop hears it.

use chrono::{DateTime, TimeDelta, Utc};
use compact_str::CompactString;

use super::colour;
use super::line::{Line, Out};
use super::session::Session;
use super::stamp;
use crate::model::{Heard, Message, Role, RoomId};

/// How many questions of clients are answered in how much time.
const CIVIL: u32 = 3;
const CIVIL_TIME: TimeDelta = TimeDelta::seconds(30);
/// The longest word that is sent back to whoever measures the time.
const ECHOED: usize = 100;

impl Session {
    /// Somebody has said something, or the server sends back what the bot has said.
    pub(super) fn message(&mut self, line: &Line, now: DateTime<Utc>) {
        let nick = line.nick();
        // Servers have no user, and bots that answer notices talk to each other for ever.
        let from_server = line
            .source
            .as_ref()
            .is_none_or(|source| source.user.is_none());
        if line.command == "PRIVMSG" && self.is_me(nick) {
            let lane = self
                .labelled(line)
                .unwrap_or_else(|| self.lower(line.param(0)));
            self.arrived(&lane, Some(line), now);
            return;
        }
        if line.command == "NOTICE" || from_server || nick.is_empty() {
            return;
        }
        if self.link.support.is_channel(line.param(0)) {
            let lower = self.lower(line.param(0));
            if let Some(seat) = self.seats.0.get_mut(&lower)
                && let Some(held) = &mut seat.held
            {
                held.push(line.clone());
                return;
            }
            // Some send the past unasked when one comes.
            if let Some(at) = stamp::said_at(line)
                && at < self.link.began + self.link.skew
                && self.heard_at(&lower).is_none_or(|heard| at <= heard)
            {
                return;
            }
        }
        let private = !self.link.support.is_channel(line.param(0));
        if private && self.is_held(line, now) {
            return;
        }
        self.said(line, false, now);
    }

    /// A message of now, or of the past.
    pub(super) fn said(&mut self, line: &Line, past: bool, now: DateTime<Utc>) {
        let (target, nick) = (line.param(0), line.nick());
        let Some(text) = self.plain(line, past, now) else {
            return;
        };
        let key = self.lower(nick);
        let person = self.person_of(&key, nick);
        let (id, at) = self.stamps.of(line, now);
        let direct = !self.link.support.is_channel(target);
        let (room, role) = if direct {
            if !self.is_me(target) && !past {
                return;
            }
            let marks = self.marks(&key);
            let (room, direct) = self.directs.with(&key, &person.id.0, &marks);
            direct.heard = Some(id.clone());
            if !past {
                direct.prove(&marks, now);
            }
            let room = RoomId::new(self.settings.name.as_str(), room);
            (room, Role::Member)
        } else {
            let lower = self.lower(target);
            let role = self.link.crowd.role(&lower, &key, &self.link.support);
            let Some(seat) = self.seats.0.get_mut(&lower) else {
                return;
            };
            seat.heard = Some(id.clone());
            // Whoever has left since was in the channel when they spoke.
            let role = if past { role.max(Role::Member) } else { role };
            (seat.room.clone(), role)
        };
        let reply_to = line.tag("+draft/reply").or_else(|| line.tag("+reply"));
        let reply_to = reply_to.map(|name| self.recent.ours(name));
        if let Some(name) = stamp::named(line) {
            self.recent.named(&id, name);
        }
        if !self.recent.heard(&id, nick) {
            return;
        }
        self.told.push(Heard::Said(Message {
            reply_to_bot: reply_to.as_ref().is_some_and(|id| self.recent.is_own(id)),
            reply_to,
            id,
            room,
            person,
            text,
            at: at - self.link.skew,
            direct,
            role,
            thread: None,
            private: false,
            // Servers do not tell channels who runs the network.
            everywhere: false,
            past,
            mentions: Vec::new(),
        }));
    }

    /// The words of a message, with the bot called by its name; none when it has none.
    fn plain(&mut self, line: &Line, past: bool, now: DateTime<Utc>) -> Option<String> {
        let said = line.last();
        if let Some(question) = said.strip_prefix('\u{1}') {
            if !past && self.is_me(line.param(0)) {
                self.civil(line.nick(), question.trim_end_matches('\u{1}'), now);
            }
            return None;
        }
        let text = colour::bare(said);
        Some(called(&text, &self.link.me.nick, &self.settings.bot).unwrap_or(text))
    }

    /// Answers what clients ask each other.
    fn civil(&mut self, nick: &str, question: &str, now: DateTime<Utc>) {
        let (word, rest) = question.split_once(' ').unwrap_or((question, ""));
        let answer = match word.to_ascii_uppercase().as_str() {
            "VERSION" => concat!("VERSION Boson ", env!("CARGO_PKG_VERSION")).to_string(),
            "PING" => format!("PING {}", rest.chars().take(ECHOED).collect::<String>()),
            _ => return,
        };
        let (left, until) = &mut self.link.civil;
        if *until <= now {
            (*left, *until) = (CIVIL, now + CIVIL_TIME);
        }
        if *left == 0 {
            return;
        }
        *left -= 1;
        let answer = Out::new("NOTICE")
            .word(nick)
            .text(&format!("\u{1}{answer}\u{1}"));
        self.queue.control.push_back(answer);
    }
}

/// `nick: command` is how people here call somebody: the same as the loop knows it.
fn called(text: &str, nick: &str, bot: &str) -> Option<String> {
    let begin = text.trim_start();
    for name in [nick, bot] {
        let Some((its, rest)) = begin.split_at_checked(name.len()) else {
            continue;
        };
        let rest = rest.strip_prefix([':', ',']);
        if let Some(rest) = rest.filter(|_| its.eq_ignore_ascii_case(name)) {
            return Some(format!("@{bot} {}", rest.trim_start()));
        }
    }
    // The nick may be another than the name that the loop knows.
    let behind = begin.strip_prefix('@')?;
    let (its, rest) = behind.split_at_checked(nick.len())?;
    let ends = rest.starts_with(|c: char| c.is_whitespace() || c == ':' || c == ',');
    let whole = its.eq_ignore_ascii_case(nick) && (rest.is_empty() || ends);
    whole.then(|| format!("@{bot} {}", rest.trim_start_matches([':', ',', ' '])))
}

impl Session {
    /// Who somebody was when they spoke, for what was said before the bot knew them.
    pub(super) fn learn(&mut self, line: &Line) {
        if let Some(source) = line.source.as_ref().filter(|source| source.host.is_some()) {
            let key = self.lower(&source.nick);
            let account = line.tag("account").map(CompactString::from);
            let present = self.link.crowd.is_seen(&key);
            let known = self.link.crowd.get(&key);
            let same =
                known.is_some_and(|known| known.host == source.host && known.user == source.user);
            if !present || same {
                let known = self.link.crowd.met(&key, source);
                if account.is_some() {
                    known.account = account;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::called;

    #[test]
    fn the_bot_is_called_as_people_call_each_other() {
        for (text, heard) in [
            ("boson_: alive", Some("@boson alive")),
            ("Boson, alive", Some("@boson alive")),
            ("@boson_ alive", Some("@boson alive")),
            ("@boson_: alive", Some("@boson alive")),
            ("@boson alive", None),
            ("boson alive", None),
            ("bosonic: alive", None),
            ("é: x", None),
            ("@bos alive", None),
        ] {
            assert_eq!(called(text, "boson_", "boson").as_deref(), heard, "{text}");
        }
    }
}
