//! One connection as a plain state: lines of the server go in, lines for it and what was heard come out.
//!
//! What outlives a connection is here, too: the channels, what waits to be said, who talks in private.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use compact_str::CompactString;
use tokio::sync::oneshot;

use super::Settings;
use super::capable::Caps;
use super::crowd::Crowd;
use super::direct::Directs;
use super::history::{Batch, Reading};
use super::line::{Line, Out, Source};
use super::nick::Regain;
use super::queue::Queue;
use super::recent::Recent;
use super::seats::Seats;
use super::stamp::{self, Stamps};
use super::support::Support;
use super::wrong::{self, End};
use super::{Wish, proof};
use crate::model::Heard;
use crate::room::{SayError, Spoken};

/// After so much silence the server is asked whether it is there; after as much again it is not.
pub(super) const SILENCE: TimeDelta = TimeDelta::seconds(60);
/// How long logging in may take.
const LOGGING_IN: TimeDelta = TimeDelta::seconds(90);
/// How long an echo may take before the server is asked.
const ECHO: TimeDelta = TimeDelta::seconds(10);
/// How long the server rests that says it was too much.
const TOO_MUCH: TimeDelta = TimeDelta::seconds(10);

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nobody is logged in.
    Greeting,
    /// The server has said welcome.
    Welcome,
    /// It has said all that it says by itself.
    Ready,
}

/// A bot on a network.
pub struct Session {
    pub(super) settings: Arc<Settings>,
    pub(super) seats: Seats,
    pub(super) queue: Queue,
    pub(super) directs: Directs,
    /// Private messages, until it is known who has the nick.
    pub(super) privates: Vec<Wish>,
    pub(super) recent: Recent,
    pub(super) stamps: Stamps,
    /// What was heard.
    pub(super) told: Vec<Heard>,
    pub(super) link: Link,
    /// Questions that were asked, over all connections.
    pub(super) asked: u64,
}

/// What belongs to one connection.
pub(super) struct Link {
    pub stage: Stage,
    pub began: DateTime<Utc>,
    /// What leaves at once.
    pub out: String,
    pub support: Support,
    pub crowd: Crowd,
    pub caps: Caps,
    /// What others see of the bot.
    pub me: Source,
    pub regain: Regain,
    pub batches: HashMap<String, Batch>,
    /// Channels to which the bot is sent on, and does not want to go.
    pub elsewhere: Vec<CompactString>,
    pub reading: Reading,
    /// About whom the server was asked, by their nicks in small letters.
    pub who: BTreeMap<CompactString, proof::Asked>,
    /// When the last line came.
    pub sign: DateTime<Utc>,
    /// The server was asked for a sign: with which word, when, and up to which line it has then all that was sent.
    pub ping: Option<(String, DateTime<Utc>, u64)>,
    /// How far the server's clock is ahead.
    pub skew: TimeDelta,
    /// How many more questions of clients are answered, and until when that counts.
    pub civil: (u32, DateTime<Utc>),
    /// The word behind the last word of the bot, and whoever waits until the server has it.
    pub last_word: Option<(&'static str, oneshot::Sender<Result<Spoken, SayError>>)>,
    pub end: Option<End>,
}

impl Link {
    pub fn new(nick: &str, now: DateTime<Utc>) -> Link {
        Link {
            stage: Stage::Greeting,
            began: now,
            out: String::new(),
            support: Support::default(),
            crowd: Crowd::default(),
            caps: Caps::default(),
            me: Source {
                nick: nick.into(),
                ..Source::default()
            },
            regain: Regain::default(),
            batches: HashMap::new(),
            elsewhere: Vec::new(),
            reading: Reading::default(),
            who: BTreeMap::new(),
            sign: now,
            ping: None,
            skew: TimeDelta::zero(),
            civil: (0, now),
            last_word: None,
            end: None,
        }
    }
}

impl Session {
    pub fn new(settings: Arc<Settings>, now: DateTime<Utc>) -> Session {
        Session {
            seats: Seats::default(),
            queue: Queue::new(settings.flood),
            directs: Directs::default(),
            privates: Vec::new(),
            recent: Recent::default(),
            stamps: Stamps::default(),
            told: Vec::new(),
            link: Link::new(&settings.nick, now),
            asked: 0,
            settings,
        }
    }

    /// A connection is open.
    pub fn begin(&mut self, now: DateTime<Utc>) {
        self.link = Link::new(&self.settings.nick, now);
        self.seats.connected(now);
        self.greet();
    }

    /// The connection is gone: what was not shown to have arrived is in doubt.
    pub fn broken(&mut self, now: DateTime<Utc>) {
        self.queue.broken();
        // Who has their nick on the next connection is another question.
        let support = self.link.support.clone();
        let later = SayError::Later {
            what: "the connection broke".into(),
            rest: Duration::from_secs(1),
        };
        self.queue
            .refuse_where(|lane| !support.is_channel(lane), &later);
        self.directs.broken();
        self.link = Link::new(&self.settings.nick, now);
        self.seats.broken(now);
    }

    /// Nothing that waits can be said.
    pub fn refuse_all(&mut self, error: &SayError) {
        self.queue.refuse_where(|_| true, error);
        for wish in self.privates.drain(..) {
            // Whoever waited may have gone away.
            let _ = wish.done.send(Err(error.clone()));
        }
    }

    /// Takes what came, without the end of the line.
    pub fn take(&mut self, bytes: &[u8], now: DateTime<Utc>) {
        self.link.sign = now;
        if let Some(line) = Line::read(bytes) {
            self.line(&line, now);
        }
    }

    /// What the server is to be sent, with the ends of lines.
    pub fn leaves(&mut self) -> String {
        std::mem::take(&mut self.link.out)
    }

    /// Sends a line ahead of all others.
    pub(super) fn send(&mut self, out: &Out) {
        self.link.out.push_str(out.as_str());
        self.link.out.push_str("\r\n");
    }

    /// Whether a name is the bot's own.
    pub(super) fn is_me(&self, nick: &str) -> bool {
        let casing = self.link.support.casing;
        casing.is_same(nick, &self.link.me.nick)
    }

    pub(super) fn lower(&self, name: &str) -> CompactString {
        self.link.support.casing.lower(name)
    }

    pub(super) fn line(&mut self, line: &Line, now: DateTime<Utc>) {
        if let Some(at) = stamp::said_at(line).filter(|_| line.tag("batch").is_none()) {
            self.link.skew = at - now;
        }
        if self.batched(line, now) {
            return;
        }
        self.known(line);
        match line.command.as_str() {
            "PING" => {
                let pong = Out::new("PONG").text(line.last());
                self.send(&pong);
            }
            "PONG" => self.ponged(line.last(), now),
            "ERROR" => {
                self.link.end = Some(wrong::farewell(line.last()));
            }
            "CAP" => self.cap(line),
            "AUTHENTICATE" => self.authenticate(line.param(0)),
            "900" => self.link.caps.logged_in = true,
            "903" | "907" => self.is_logged_in(),
            "902" | "904" | "905" | "906" | "908" => self.not_logged_in(line),
            "001" => self.welcome(line, now),
            "005" => {
                self.link.support.take(line);
                self.stamps.own = !self.link.support.history_by_id;
            }
            "376" | "422" => self.ready(now),
            "432" | "433" | "436" | "437" if self.nick_taken(line, now) => {}
            "464" | "465" | "463" | "466" if self.link.stage == Stage::Greeting => {
                let what = match line.command.as_str() {
                    "464" => "the server does not take its password".into(),
                    _ => format!(
                        "the server does not let me in: {}",
                        wrong::quoted(line.last())
                    ),
                };
                self.link.end = Some(End::Fatal(what));
            }
            "396" => {
                self.link.me.host =
                    Some(line.param(1).rsplit('@').next().unwrap_or_default().into())
            }
            "NICK" => self.renamed(line, now),
            "JOIN" => self.joined(line, now),
            "PART" => self.parted(line, now),
            "KICK" => self.kicked(line, now),
            "QUIT" => self.quit(line, now),
            "MODE" => self.mode(line),
            "INVITE" => self.invited(line),
            "ACCOUNT" | "CHGHOST" => self.changed(line),
            "352" | "353" | "354" => self.listed(line),
            "PRIVMSG" | "NOTICE" => self.message(line, now),
            "ACK" | "FAIL" => self.answered(line, now),
            "311" | "318" | "330" => self.who(line, now),
            "401" | "402" => {
                self.who(line, now);
                self.refused(line, now);
            }
            "303" | "730" | "731" => self.watched(line, now),
            _ => self.refused(line, now),
        }
    }

    /// Learns from a line who it comes from.
    fn known(&mut self, line: &Line) {
        let Some(source) = &line.source else {
            return;
        };
        if source.host.is_none() {
            return;
        }
        if self.is_me(&source.nick) {
            self.link.me.user.clone_from(&source.user);
            self.link.me.host.clone_from(&source.host);
        }
        if line.command != "QUIT" {
            let key = self.lower(&source.nick);
            let account = line.tag("account").map(CompactString::from);
            let tags = self.link.caps.has("account-tag");
            let known = self.link.crowd.met(&key, source);
            // Where the server tells accounts, no account is told, too.
            if account.is_some() || (tags && line.command == "PRIVMSG") {
                known.account = account;
            }
        }
    }

    /// Something was not done: lets in, takes, knows.
    fn refused(&mut self, line: &Line, now: DateTime<Utc>) {
        if self.link.stage == Stage::Greeting {
            return;
        }
        if line.command == "470" && self.link.elsewhere.len() < 100 {
            let lower = self.lower(line.param(2));
            self.link.elsewhere.push(lower);
        }
        if let Some(what) = wrong::shut(line)
            && self.shut_out(line.param(1), what, now)
        {
            return;
        }
        self.unsaid(line, now);
    }

    /// What is to be said to somebody is not taken.
    fn unsaid(&mut self, line: &Line, now: DateTime<Utc>) {
        let Some(error) = wrong::unsaid(line) else {
            return;
        };
        if matches!(line.command.as_str(), "439" | "263") {
            self.queue.hush(TOO_MUCH, now);
        }
        let named = self.lower(line.param(1));
        let labelled = self.labelled(line);
        let mut sent = self.queue.sent.iter();
        let lane = labelled.or_else(|| {
            let sent = sent.find(|sent| sent.lane == named);
            sent.map(|sent| sent.lane.clone())
        });
        if let Some(lane) = lane {
            tracing::info!(
                to = lane.as_str(),
                code = line.command.as_str(),
                "the server refuses a message"
            );
            // Where it shows each line that it has, the first of which it has shown nothing is the one.
            match self.link.caps.has("echo-message") {
                true => self.queue.finish(&lane, Err(error)),
                false => self.queue.refuse_sent(&lane, &error),
            }
        }
    }

    /// Whose line it was that this one answers by its label.
    pub(super) fn labelled(&self, line: &Line) -> Option<CompactString> {
        let number: u64 = line.tag("label")?.parse().ok()?;
        let mut sent = self.queue.sent.iter();
        let sent = sent.find(|sent| sent.number == number)?;
        Some(sent.lane.clone())
    }

    fn answered(&mut self, line: &Line, now: DateTime<Utc>) {
        if line.command == "FAIL" {
            tracing::info!(
                of = line.param(0),
                code = line.param(1),
                why = line.last(),
                "the server refuses"
            );
            if let Some(lane) = self.labelled(line) {
                let error = crate::room::SayError::Later {
                    what: format!(
                        "the server does not take it: {}",
                        wrong::quoted(line.last())
                    ),
                    rest: Duration::from_secs(60),
                };
                self.queue.finish(&lane, Err(error));
            }
            return;
        }
        if let Some(lane) = self.labelled(line) {
            self.arrived(&lane, None, now);
        }
    }

    /// The server has shown that it has the first line that was sent to somebody.
    pub(super) fn arrived(&mut self, lane: &str, line: Option<&Line>, now: DateTime<Utc>) {
        let sent = &mut self.queue.sent;
        let Some(place) = sent.iter().position(|sent| sent.lane == lane) else {
            return;
        };
        sent.remove(place);
        let id = match line {
            Some(line) => self.stamps.of(line, now).0,
            None => self.stamps.next(now + self.link.skew),
        };
        if let Some(name) = line.and_then(stamp::named) {
            self.recent.named(&id, name);
        }
        self.recent.said(id.clone());
        self.queue.taken(lane, Some(id));
    }

    /// The server has answered a question: it has all that was sent before.
    fn ponged(&mut self, word: &str, now: DateTime<Utc>) {
        self.read_until(word, now);
        if let Some((_, done)) = self.link.last_word.take_if(|(last, _)| *last == word) {
            // Whoever waited may have gone away.
            let _ = done.send(Ok(Spoken::now(self.stamps.next(now))));
        }
        let Some((asked, _, number)) = &self.link.ping else {
            return;
        };
        if asked != word {
            return;
        }
        let number = *number;
        self.link.ping = None;
        while let Some(sent) = self.queue.sent.front().filter(|sent| sent.number <= number) {
            let lane = sent.lane.clone();
            self.arrived(&lane, None, now);
        }
    }

    /// Asks the server for a sign, which shows that it has all that was sent before.
    fn ping(&mut self, now: DateTime<Utc>) {
        self.asked += 1;
        let word = format!("boson-{}", self.asked);
        self.send(&Out::new("PING").text(&word));
        self.link.ping = Some((word, now, self.asked));
        self.queue.count(1, now);
    }

    /// Does what is due, and sends what may leave.
    pub fn pump(&mut self, now: DateTime<Utc>) {
        if self.link.stage != Stage::Ready {
            if now - self.link.began >= LOGGING_IN {
                let what = "logging in takes too long".into();
                self.link.end.get_or_insert(End::Gone(what));
            }
            return;
        }
        self.ask_in(now);
        self.find(now);
        self.regain(now);
        self.look(now);
        self.say(now);
        let first = self.queue.sent.front();
        let echoes = self.link.caps.has("echo-message");
        let unsure = first.is_some_and(|sent| !echoes || sent.at + ECHO <= now);
        match &self.link.ping {
            Some((_, at, _)) if *at + SILENCE <= now && self.link.sign + SILENCE <= now => {
                let what = "the server does not answer any more".into();
                self.link.end.get_or_insert(End::Gone(what));
            }
            Some(_) => {}
            None if unsure || self.link.sign + SILENCE <= now => self.ping(now),
            None => {}
        }
    }

    /// Sends lines for as long as the flood allows.
    fn say(&mut self, now: DateTime<Utc>) {
        while self.queue.may(now).is_none() {
            if let Some(out) = self.queue.control.pop_front() {
                self.send(&out);
                self.queue.count(2, now);
                continue;
            }
            let (seats, support) = (&self.seats, &self.link.support);
            let is_open = |lane: &str, job: &super::queue::Job| {
                job.doubt.is_none() && (!support.is_channel(lane) || seats.may_speak(lane))
            };
            let Some(lane) = self.queue.turn(is_open) else {
                return;
            };
            self.say_row(&lane, now);
            self.queue.count(2, now);
        }
    }

    /// Sends the next line of a message.
    fn say_row(&mut self, lane: &str, now: DateTime<Utc>) {
        let longest = self.longest(lane);
        let (tags, labels) = (
            self.link.caps.has("message-tags"),
            self.link.caps.has("labeled-response"),
        );
        let Some(job) = self.queue.next_mut(lane) else {
            return;
        };
        // The bot may have a longer name by now.
        if job.rows[job.sent].len() > longest {
            let row = std::mem::take(&mut job.rows[job.sent]);
            let text = crate::model::Text::new().pre(row.replace('\u{2}', ""));
            job.rows
                .splice(job.sent..=job.sent, super::render::rows(&text, longest));
        }
        let mut out = Out::new("PRIVMSG").word(&job.to).text(&job.rows[job.sent]);
        if let Some(reply) = job.reply.as_ref().filter(|_| tags && job.sent == 0) {
            out = out.tagged("+draft/reply", reply);
        }
        job.sent += 1;
        job.began.get_or_insert(now);
        self.asked += 1;
        let number = self.asked;
        if labels {
            out = out.tagged("label", &number.to_string());
        }
        self.send(&out);
        self.queue.sent.push_back(super::queue::Sent {
            lane: lane.into(),
            number,
            at: now,
        });
    }

    /// How many bytes a line of a message may have, so that it is whole when others read it.
    pub(super) fn longest(&self, to: &str) -> usize {
        /// What a name of the bot may take, where the server has not shown it yet.
        const HOST: usize = 63;
        const USER: usize = 11;
        const SPARE: usize = 10;
        let me = &self.link.me;
        let host = me.host.as_ref().map_or(HOST, CompactString::len);
        let user = me.user.as_ref().map_or(USER, CompactString::len);
        let name = 1 + me.nick.len() + 1 + user + 1 + host;
        let taken = name + " PRIVMSG ".len() + to.len() + " :\r\n".len() + SPARE;
        self.link.support.line.saturating_sub(taken).max(64)
    }

    /// When something is to be done, if nothing comes before.
    pub fn due(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        if self.link.stage != Stage::Ready {
            return self.link.began + LOGGING_IN;
        }
        let first = self.queue.sent.front();
        let silence = match &self.link.ping {
            Some((_, at, _)) => (*at).max(self.link.sign) + SILENCE,
            None => self.link.sign + SILENCE,
        };
        let echo = first.filter(|_| self.link.ping.is_none());
        let all = [
            Some(silence),
            echo.map(|sent| sent.at + ECHO),
            self.queue.may(now),
            self.seats.due(),
            self.link.regain.due(),
            self.link.reading.due(),
            self.finds(),
        ];
        all.into_iter().flatten().min().unwrap_or(silence)
    }
}
