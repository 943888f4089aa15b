//! The past, where the server or a bouncer gives it: what was said while the bot was away, and whether it has said
//! something itself.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use compact_str::CompactString;

use super::line::{Line, Out};
use super::session::Session;
use super::stamp;
use crate::model::MessageId;
use crate::room::Spoken;

/// How long the past may take to come.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);
/// How many times the past of one channel is asked for in a row.
const PAGES: u32 = 20;
/// How many lines of the past are taken at once.
const LINES: usize = 2_000;
/// How far clocks may differ.
const DRIFT: TimeDelta = TimeDelta::seconds(2);

/// Lines that belong together.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    kind: String,
    lines: Vec<Line>,
}

/// How the past is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Past {
    /// CHATHISTORY, so many lines at once.
    Chat(usize),
    /// A module of ZNC.
    Playback,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    /// To hear what was said behind this message.
    Back { after: MessageId, pages: u32 },
    /// To see whether the first message that waits was said since then.
    Look { since: DateTime<Utc> },
}

#[derive(Clone, Debug)]
struct Question {
    lane: CompactString,
    name: CompactString,
    why: Why,
}

/// A question that was asked.
#[derive(Clone, Debug)]
struct Asked {
    question: Question,
    /// The server comes to this behind the last line.
    word: String,
    at: DateTime<Utc>,
    lines: Vec<Line>,
}

/// What is asked about the past, one thing at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    waiting: VecDeque<Question>,
    now: Option<Asked>,
}

impl Reading {
    pub fn due(&self) -> Option<DateTime<Utc>> {
        self.now.as_ref().map(|asked| asked.at + PATIENCE)
    }
}

impl Session {
    pub(super) fn past(&self) -> Option<Past> {
        let caps = &self.link.caps;
        let chat = caps.has("draft/chathistory") || caps.has("chathistory");
        if chat && caps.has("batch") && caps.has("server-time") {
            return Some(Past::Chat(self.link.support.history.unwrap_or(50)));
        }
        let playback = caps.has("znc.in/playback") && caps.has("server-time") && caps.has("batch");
        playback.then_some(Past::Playback)
    }

    /// Reads what was said in a channel behind a message.
    pub(super) fn read_back(&mut self, lane: &str, after: MessageId) {
        let Some(seat) = self.seats.0.get(lane).filter(|seat| seat.held.is_some()) else {
            return;
        };
        let question = Question {
            lane: lane.into(),
            name: seat.name.clone(),
            why: Why::Back { after, pages: 0 },
        };
        self.link.reading.waiting.push_back(question);
    }

    /// The same for private conversations.
    pub(super) fn read_directs(&mut self) {
        if !matches!(self.past(), Some(Past::Chat(_))) {
            return;
        }
        for direct in self.directs.all() {
            if let Some(after) = direct.heard.clone() {
                self.link.reading.waiting.push_back(Question {
                    lane: direct.nick.clone(),
                    name: direct.nick.clone(),
                    why: Why::Back { after, pages: 0 },
                });
            }
        }
    }

    /// Looks whether what is in doubt was said, and asks the next question.
    pub(super) fn look(&mut self, now: DateTime<Utc>) {
        let past = self.past();
        let mut doubts = Vec::new();
        for (lane, job) in self.queue.jobs() {
            let is_there = !self.link.support.is_channel(lane) || self.seats.may_speak(lane);
            if let Some(since) = job.doubt.filter(|_| !job.looking && is_there) {
                doubts.push((lane.clone(), job.to.clone(), since));
            }
        }
        for (lane, name, since) in doubts {
            let Some(job) = self.queue.job_mut(&lane) else {
                continue;
            };
            if past.is_none() {
                // Better said twice than never.
                job.doubt = None;
                continue;
            }
            job.looking = true;
            self.link.reading.waiting.push_back(Question {
                lane,
                name,
                why: Why::Look { since },
            });
        }
        let late = self.link.reading.due().is_some_and(|due| due <= now);
        if late {
            tracing::warn!("the server does not give the past");
            self.read_now(now);
        }
        if let Some(past) = past.filter(|_| self.link.reading.now.is_none()) {
            self.ask_past(past, now);
        }
    }

    fn ask_past(&mut self, past: Past, now: DateTime<Utc>) {
        let Some(question) = self.link.reading.waiting.pop_front() else {
            return;
        };
        let since = match &question.why {
            Why::Back { after, .. } => stamp::time_in(after),
            Why::Look { since } => Some(*since + self.link.skew - DRIFT),
        };
        let by_id = self.link.support.history_by_id;
        let out = match (past, &question.why, since) {
            (Past::Chat(most), _, Some(since)) => {
                let since = format!("timestamp={}", stamp::written(since));
                Some(after(&question.name, &since, most))
            }
            (Past::Chat(most), Why::Back { after: id, .. }, None) if by_id => {
                Some(after(&question.name, &format!("msgid={}", id.0), most))
            }
            (Past::Playback, _, Some(since)) => {
                let millis = since.timestamp_millis();
                let words = format!(
                    "PLAY {} {}.{:03}",
                    question.name,
                    millis / 1_000,
                    millis % 1_000
                );
                Some(Out::new("PRIVMSG").word("*playback").text(&words))
            }
            (Past::Chat(_) | Past::Playback, _, None) => None,
        };
        self.asked += 1;
        let word = format!("past-{}", self.asked);
        let asked = Asked {
            question,
            word: word.clone(),
            at: now,
            lines: Vec::new(),
        };
        self.link.reading.now = Some(asked);
        match out {
            Some(out) => {
                self.send(&out);
                self.send(&Out::new("PING").text(&word));
                self.queue.count(3, now);
            }
            None => self.read_now(now),
        }
    }

    /// Takes lines that belong together. False when the line shall be taken as it is.
    pub(super) fn batched(&mut self, line: &Line, now: DateTime<Utc>) -> bool {
        if line.command == "BATCH" {
            let name = line.param(0);
            if let Some(name) = name.strip_prefix('+') {
                let batch = Batch {
                    kind: line.param(1).to_ascii_lowercase(),
                    lines: Vec::new(),
                };
                if self.link.batches.len() < 100 {
                    self.link.batches.insert(name.into(), batch);
                }
            } else if let Some(batch) = name
                .strip_prefix('-')
                .and_then(|name| self.link.batches.remove(name))
            {
                self.whole(batch, now);
            }
            return true;
        }
        let batch = line
            .tag("batch")
            .and_then(|name| self.link.batches.get_mut(name));
        match batch.filter(|batch| batch.is_past()) {
            Some(batch) => {
                if batch.lines.len() < LINES {
                    batch.lines.push(line.clone());
                }
                true
            }
            None => false,
        }
    }

    /// A batch is complete. What was not asked for is not heard: some send the past unasked when one comes.
    fn whole(&mut self, batch: Batch, _now: DateTime<Utc>) {
        if let Some(asked) = &mut self.link.reading.now
            && batch.is_past()
        {
            asked.lines.extend(batch.lines);
        }
    }

    /// The server has come to this word.
    pub(super) fn read_until(&mut self, word: &str, now: DateTime<Utc>) {
        let asked = self.link.reading.now.as_ref();
        if asked.is_some_and(|asked| asked.word == word) {
            self.read_now(now);
        }
    }

    /// All of the past has come that was asked for.
    fn read_now(&mut self, now: DateTime<Utc>) {
        let Some(asked) = self.link.reading.now.take() else {
            return;
        };
        let Asked {
            question, lines, ..
        } = asked;
        match question.why {
            Why::Look { since } => self.looked(&question.lane, since, &lines, now),
            Why::Back { pages, .. } => self.read(&question, pages, lines, now),
        }
    }

    fn read(&mut self, question: &Question, pages: u32, lines: Vec<Line>, now: DateTime<Utc>) {
        let full = match self.past() {
            Some(Past::Chat(most)) => lines.len() >= most,
            Some(Past::Playback) | None => false,
        };
        let mut last = None;
        for line in &lines {
            last = Some(self.stamps.of(line, now).0);
            if self.is_past(line) && !self.is_own(line) {
                self.learn(line);
                self.said(line, true, now);
            }
        }
        if let Some(after) = last.filter(|_| full && pages < PAGES) {
            let why = Why::Back {
                after,
                pages: pages + 1,
            };
            let question = Question {
                why,
                ..question.clone()
            };
            self.link.reading.waiting.push_front(question);
            return;
        }
        let seat = self.seats.0.get_mut(question.lane.as_str());
        let held = seat.and_then(|seat| seat.held.take()).unwrap_or_default();
        // What came meanwhile may stand in the past, too.
        let same = |a: &Line, b: &Line| match (a.tag("msgid"), b.tag("msgid")) {
            (Some(a), Some(b)) => a == b,
            _ => a.tag("time") == b.tag("time") && a.nick() == b.nick() && a.last() == b.last(),
        };
        for line in held {
            if !lines.iter().any(|known| same(known, &line)) {
                self.said(&line, false, now);
            }
        }
    }

    /// The past shows what of a message was said since it was tried.
    fn looked(&mut self, lane: &str, since: DateTime<Utc>, lines: &[Line], now: DateTime<Utc>) {
        let own: Vec<&Line> = lines
            .iter()
            .filter(|line| {
                self.is_past(line) && self.is_own(line) && self.lower(line.param(0)) == lane
            })
            .filter(|line| {
                let known = stamp::named(line).map(|name| self.recent.ours(name));
                known.is_none_or(|id| !self.recent.is_own(&id))
            })
            .collect();
        let Some(job) = self.queue.job_mut(lane).filter(|job| job.looking) else {
            return;
        };
        let mut id = None;
        for line in own {
            if job.taken < job.rows.len() && line.last() == job.rows[job.taken] {
                job.taken += 1;
                id.get_or_insert(line);
            }
        }
        tracing::info!(to = lane, %since, said = job.taken, of = job.rows.len(), "looked whether it was said");
        job.sent = job.taken;
        job.looking = false;
        job.doubt = None;
        let whole = job.taken == job.rows.len();
        let id = id.map(|line| self.stamps.of(line, now).0);
        if let Some(id) = &id {
            self.recent.said(id.clone());
        }
        if let Some(job) = self.queue.job_mut(lane)
            && job.id.is_none()
        {
            job.id = id;
        }
        if whole {
            let job = self.queue.job(lane);
            let message = job.and_then(|job| job.id.clone()).unwrap_or_default();
            let spoken = Spoken {
                message,
                before: true,
            };
            self.queue.finish(lane, Ok(spoken));
        }
    }

    fn is_past(&self, line: &Line) -> bool {
        line.command == "PRIVMSG"
            && line
                .source
                .as_ref()
                .is_some_and(|source| source.user.is_some())
    }

    /// Whether the bot has said it, under the nick it has now or an earlier one.
    fn is_own(&self, line: &Line) -> bool {
        let nick = self.lower(line.nick());
        let account = self
            .settings
            .login
            .as_ref()
            .map(|login| login.account.as_str());
        let by_account = account.is_some() && line.tag("account") == account;
        let usual = self.lower(&self.settings.nick);
        let like = nick
            .strip_prefix(usual.as_str())
            .is_some_and(|rest| rest.bytes().all(|byte| byte == b'_'));
        self.is_me(&nick) || by_account || like
    }
}

impl Batch {
    fn is_past(&self) -> bool {
        self.kind == "chathistory"
            || self.kind.ends_with("/chathistory")
            || self.kind.ends_with("/playback")
            || self.kind == "playback"
    }
}

fn after(name: &str, since: &str, most: usize) -> Out {
    let out = Out::new("CHATHISTORY").word("AFTER").word(name);
    out.word(since).word(&most.to_string())
}
