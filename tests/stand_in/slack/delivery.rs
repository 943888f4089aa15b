//! What goes to apps, until it is acknowledged or given up.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::apps::Hears;
use super::state::Slack;

/// The kinds of envelopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    Events,
    Commands,
    Interactive,
}

impl Envelope {
    pub fn name(self) -> &'static str {
        match self {
            Envelope::Events => "events_api",
            Envelope::Commands => "slash_commands",
            Envelope::Interactive => "interactive",
        }
    }
}

/// What an acknowledgement brings about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    Nothing,
    /// Its payload is an answer, as if sent to this response URL.
    Answer {
        hook: String,
    },
    /// Its payload says what becomes of this view.
    Submitted {
        view: String,
    },
}

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    Waiting(DateTime<Utc>),
    Sent(DateTime<Utc>),
    /// After so many milliseconds, with this payload.
    Acked(i64, Option<Value>),
    /// Nobody acknowledged it in time, or there was nobody.
    Failed(String),
}

/// Something for an app.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub id: u64,
    pub app: String,
    pub kind: Envelope,
    pub payload: Value,
    pub accepts: bool,
    /// The envelopes it went in; the last one counts.
    pub envelopes: Vec<String>,
    pub attempt: u32,
    pub reason: String,
    pub made: DateTime<Utc>,
    pub stage: Stage,
    pub after: After,
    pub socket: Option<u64>,
}

/// Hours after which an event is not delivered any more.
const STALE_HOURS: i64 = 2;
/// What is over is kept for those who look; beyond so many the older half goes.
const KEPT: usize = 10_000;
/// How often an event is delivered again.
const RETRIES: u32 = 3;

impl Delivery {
    /// The frame of a socket.
    pub fn frame(&self) -> Value {
        json!({
            "envelope_id": self.envelopes.last(), "type": self.kind.name(), "payload": self.payload,
            "accepts_response_payload": self.accepts, "retry_attempt": self.attempt, "retry_reason": self.reason,
        })
    }

    pub fn settled(&self) -> bool {
        match self.stage {
            Stage::Acked(..) | Stage::Failed(_) => true,
            Stage::Waiting(_) | Stage::Sent(_) => false,
        }
    }
}

impl Slack {
    /// Puts something on the way; gives its number.
    pub fn deliver(
        &mut self,
        app: &str,
        kind: Envelope,
        payload: Value,
        accepts: bool,
        after: After,
    ) -> u64 {
        let (id, made) = (self.count(), self.clock.now());
        let late = match kind {
            Envelope::Events => self.late,
            Envelope::Commands | Envelope::Interactive => 0,
        };
        let delivery = Delivery {
            id,
            app: app.into(),
            kind,
            payload,
            accepts,
            envelopes: Vec::new(),
            attempt: 0,
            reason: String::new(),
            made,
            stage: Stage::Waiting(made + TimeDelta::seconds(late)),
            after,
            socket: None,
        };
        self.deliveries.insert(id, delivery);
        if self.deliveries.len() > KEPT {
            let half = self.deliveries.keys().nth(KEPT / 2).copied().unwrap_or(0);
            self.deliveries
                .retain(|id, its| *id > half || !its.settled());
        }
        id
    }

    /// What is due for an app now, oldest first.
    pub fn due(&self, app: &str) -> Vec<u64> {
        let now = self.clock.now();
        let all = self.deliveries.values().filter(|its| its.app == app);
        all.filter(|its| matches!(its.stage, Stage::Waiting(due) if due <= now))
            .map(|its| its.id)
            .collect()
    }

    /// Marks something as sent in a new envelope.
    pub fn sent(&mut self, id: u64, socket: Option<u64>) {
        let opaque = self.opaque("envelope");
        let name = format!(
            "{}-{}-4{}-8{}-{}",
            &opaque[..8],
            &opaque[8..12],
            &opaque[12..15],
            &opaque[15..18],
            &opaque[12..24]
        );
        let now = self.clock.now();
        if let Some(its) = self.deliveries.get_mut(&id) {
            its.envelopes.push(name);
            its.stage = Stage::Sent(now);
            its.socket = socket;
        }
    }

    /// Takes an acknowledgement; false when its envelope is unknown or too late.
    pub fn acked(&mut self, envelope: &str, payload: Option<Value>) -> bool {
        let all = self.deliveries.values();
        let found = all.filter(|its| its.envelopes.last().is_some_and(|its| its == envelope));
        let Some(id) = found.map(|its| its.id).next() else {
            return false;
        };
        self.settle(id, payload)
    }

    /// Something was acknowledged with that payload.
    pub fn settle(&mut self, id: u64, payload: Option<Value>) -> bool {
        let now = self.clock.now();
        let Some(its) = self.deliveries.get_mut(&id) else {
            return false;
        };
        let Stage::Sent(at) = its.stage else {
            return false;
        };
        let payload = payload.filter(|_| its.accepts || its.kind != Envelope::Events);
        its.stage = Stage::Acked((now - at).num_milliseconds(), payload.clone());
        let (after, kind) = (its.after.clone(), its.kind);
        if kind == Envelope::Events && its.attempt == 0 && self.twice > 0 {
            self.twice -= 1;
            let mut again = its.clone();
            again.id = self.count();
            again.attempt = 1;
            again.reason = "timeout".into();
            again.stage = Stage::Waiting(now);
            again.envelopes.clear();
            self.deliveries.insert(again.id, again);
        }
        match after {
            After::Nothing => {}
            After::Answer { hook } => self.answered(&hook, payload.as_ref()),
            After::Submitted { view } => self.submitted(&view, payload.as_ref()),
        }
        true
    }

    /// A try failed: an event comes again, anything else does not.
    pub fn failed(&mut self, id: u64, reason: &str, again: bool) {
        let now = self.clock.now();
        let Some(its) = self.deliveries.get_mut(&id) else {
            return;
        };
        let http = matches!(self.apps[&its.app].hears, Hears::Http { .. });
        if its.kind != Envelope::Events || its.attempt >= RETRIES || !again {
            its.stage = Stage::Failed(reason.into());
            let (kind, payload) = (its.kind, its.payload.clone());
            if kind != Envelope::Events {
                self.person_sees_failure(&payload, reason);
            }
            return;
        }
        // By HTTP: at once, after a minute, after five. A socket has had its time already.
        let wait = match its.attempt {
            1 if http => 60,
            2 if http => 300,
            _ => 0,
        };
        its.attempt += 1;
        its.reason = reason.into();
        its.stage = Stage::Waiting(now + TimeDelta::seconds(wait));
    }

    /// Looks for what nobody acknowledged in time; `live` says whether an app has a socket. Says whether anything changed.
    pub fn pass(&mut self, live: impl Fn(&str) -> bool) -> bool {
        let posted = self.post_due();
        let now = self.clock.now();
        let limit = TimeDelta::seconds(self.rules.redeliver);
        let mut late = Vec::new();
        for its in self.deliveries.values() {
            let http = matches!(self.apps[&its.app].hears, Hears::Http { .. });
            match its.stage {
                Stage::Sent(at) if now - at >= limit && !http => late.push((its.id, "timeout")),
                Stage::Waiting(_) if !http && !live(&its.app) => {
                    if its.kind != Envelope::Events {
                        late.push((its.id, "dispatch_failed"));
                    } else if now - its.made > TimeDelta::hours(STALE_HOURS) {
                        late.push((its.id, "stale"));
                    }
                }
                Stage::Sent(_) | Stage::Waiting(_) | Stage::Acked(..) | Stage::Failed(_) => {}
            }
        }
        let changed = posted || !late.is_empty();
        for (id, reason) in late {
            let reason = match self.deliveries[&id].kind {
                Envelope::Commands | Envelope::Interactive if reason == "timeout" => {
                    "operation_timeout"
                }
                Envelope::Events | Envelope::Commands | Envelope::Interactive => reason,
            };
            self.failed(id, reason, reason != "stale");
        }
        changed
    }

    /// When the next thing happens by itself.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        let limit = TimeDelta::seconds(self.rules.redeliver);
        let now = self.clock.now();
        let all = self.deliveries.values().filter_map(|its| match its.stage {
            Stage::Waiting(due) => Some(due),
            Stage::Sent(at) => Some(at + limit),
            Stage::Acked(..) | Stage::Failed(_) => None,
        });
        let posts = self.scheduled.values();
        let posts = posts.filter_map(|its| DateTime::from_timestamp(its.at, 0));
        all.chain(posts).filter(|due| *due > now).min()
    }
}
