//! What this process has said in the workspace, as far as it matters for what is said next.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, TimeDelta, Utc};

use super::locked;

/// How many messages are kept in mind.
const MESSAGES: usize = 2_000;
/// How many channels are kept in mind.
const CHANNELS: usize = 2_000;
/// How many texts are kept of which nobody knows whether they were said.
const DOUBTS: usize = 200;
/// For how long; later the same text is another message.
const DOUBTED: TimeDelta = TimeDelta::minutes(30);

/// What was said.
#[derive(Default)]
pub(super) struct Own(Mutex<State>);

#[derive(Default)]
struct State {
    messages: VecDeque<Message>,
    channels: BTreeMap<String, Channel>,
    doubts: VecDeque<Doubt>,
    /// What Slack's clock is ahead of our own.
    ahead: Option<TimeDelta>,
}

/// A message that was said, or a part of one that was found to say something.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Message {
    channel: String,
    ts: String,
    thread: Option<String>,
    /// Which part of it says what was to be said.
    part: Range<usize>,
}

#[derive(Clone, Default)]
struct Channel {
    last: String,
    /// Since when the channel has refused what was said before it took something again.
    refuses: Option<DateTime<Utc>>,
}

struct Doubt {
    channel: String,
    thread: Option<String>,
    text: String,
    begun: Begun,
    at: DateTime<Utc>,
}

/// When a message was sent for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// Behind this message of our own.
    After(String),
    /// Not before then, by our own clock.
    Since(DateTime<Utc>),
}

impl Own {
    /// Slack has taken a message.
    pub fn note(&self, channel: &str, ts: &str, thread: Option<&str>, now: DateTime<Utc>) {
        let mut state = self.state();
        if let Some(at) = time(ts) {
            state.ahead = Some(at - now);
        }
        state.keep(Message {
            channel: channel.into(),
            ts: ts.into(),
            thread: thread.map(String::from),
            part: 0..usize::MAX,
        });
        let channel = state.channel(channel);
        if *ts > *channel.last {
            channel.last = ts.into();
        }
        channel.refuses = None;
    }

    /// A part of a message was found to say something that was to be said.
    pub fn found(&self, channel: &str, ts: &str, thread: Option<&str>, part: Range<usize>) {
        self.state().keep(Message {
            channel: channel.into(),
            ts: ts.into(),
            thread: thread.map(String::from),
            part,
        });
    }

    /// That part of a message says something else that was to be said.
    pub fn is_another(&self, channel: &str, ts: &str, part: &Range<usize>) -> bool {
        let state = self.state();
        let mut known = state.messages.iter();
        known.any(|known| {
            known.ts == ts
                && known.channel == channel
                && known.part.start < part.end
                && part.start < known.part.end
        })
    }

    /// The messages in a channel's threads, and the threads in which they stand.
    pub fn in_threads(&self, channel: &str) -> Vec<(String, String)> {
        let state = self.state();
        let there = state
            .messages
            .iter()
            .filter(|known| known.channel == channel);
        there
            .filter_map(|known| Some((known.ts.clone(), known.thread.clone()?)))
            .collect()
    }

    /// The last message in a channel.
    pub fn last(&self, channel: &str) -> Option<String> {
        let state = self.state();
        let last = &state.channels.get(channel)?.last;
        (!last.is_empty()).then(|| last.clone())
    }

    /// What Slack's clock is ahead of our own, where it is known.
    pub fn ahead(&self) -> Option<TimeDelta> {
        self.state().ahead
    }

    /// A channel refuses what is said; since when it does.
    pub fn refused(&self, channel: &str, now: DateTime<Utc>) -> DateTime<Utc> {
        let mut state = self.state();
        *state.channel(channel).refuses.get_or_insert(now)
    }

    /// Nobody knows whether this was said.
    pub fn doubt(
        &self,
        channel: &str,
        thread: Option<&str>,
        text: &str,
        begun: Begun,
        at: DateTime<Utc>,
    ) {
        let doubts = &mut self.state().doubts;
        doubts.push_back(Doubt {
            channel: channel.into(),
            thread: thread.map(String::from),
            text: text.into(),
            begun,
            at,
        });
        if doubts.len() > DOUBTS {
            doubts.pop_front();
        }
    }

    /// Since when nobody knows whether this was said; whoever asks finds out.
    pub fn doubted(
        &self,
        channel: &str,
        thread: Option<&str>,
        text: &str,
        now: DateTime<Utc>,
    ) -> Option<Begun> {
        let doubts = &mut self.state().doubts;
        doubts.retain(|doubt| now - doubt.at < DOUBTED);
        let same = |doubt: &Doubt| {
            doubt.channel == channel && doubt.thread.as_deref() == thread && doubt.text == text
        };
        let at = doubts.iter().position(same)?;
        doubts.remove(at).map(|doubt| doubt.begun)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.0)
    }
}

impl State {
    fn keep(&mut self, message: Message) {
        self.messages.push_back(message);
        if self.messages.len() > MESSAGES {
            self.messages.pop_front();
        }
    }

    fn channel(&mut self, channel: &str) -> &mut Channel {
        if self.channels.len() >= CHANNELS && !self.channels.contains_key(channel) {
            self.channels.pop_first();
        }
        self.channels.entry(channel.into()).or_default()
    }
}

/// The time that Slack gives a message.
pub(super) fn time(ts: &str) -> Option<DateTime<Utc>> {
    let (seconds, micros) = ts.split_once('.')?;
    if micros.len() != 6 || !ts.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let micros: u32 = micros.parse().ok()?;
    DateTime::from_timestamp(seconds.parse().ok()?, micros * 1_000)
}

/// A time as messages say it.
pub(super) fn ts(at: DateTime<Utc>) -> String {
    format!(
        "{}.{:06}",
        at.timestamp().max(0),
        at.timestamp_subsec_micros()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_both_ways() {
        let at = time("1732000000.000100").unwrap();
        assert_eq!(at.timestamp_micros(), 1_732_000_000_000_100);
        assert_eq!(ts(at), "1732000000.000100");
        for no in [
            "",
            "1732000000",
            "x.000001",
            "1.y",
            "1.",
            "-.é",
            "1732000000.000100-0",
        ] {
            assert!(time(no).is_none(), "{no}");
        }
    }

    #[test]
    fn a_part_of_a_message_is_found_once() {
        let own = Own::default();
        own.found("C1", "1.0", None, 0..10);
        assert!(own.is_another("C1", "1.0", &(5..7)));
        assert!(!own.is_another("C1", "1.0", &(10..12)));
        assert!(!own.is_another("C2", "1.0", &(5..7)));
        own.note("C1", "2.0", Some("1.0"), DateTime::UNIX_EPOCH);
        assert!(own.is_another("C1", "2.0", &(5..7)));
        assert_eq!(own.in_threads("C1"), [("2.0".into(), "1.0".into())]);
        assert_eq!(own.last("C1").as_deref(), Some("2.0"));
    }

    #[test]
    fn a_doubt_is_asked_about_once() {
        let (own, now) = (Own::default(), DateTime::UNIX_EPOCH);
        own.doubt("C1", None, "a", Begun::Since(now), now);
        assert_eq!(own.doubted("C1", Some("1.0"), "a", now), None);
        let begun = own.doubted("C1", None, "a", now);
        assert_eq!(begun, Some(Begun::Since(now)));
        assert_eq!(own.doubted("C1", None, "a", now), None);
        own.doubt("C1", None, "a", Begun::Since(now), now);
        assert_eq!(own.doubted("C1", None, "a", now + DOUBTED), None);
    }
}
