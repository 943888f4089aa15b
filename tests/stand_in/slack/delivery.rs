//! What goes to apps, until it is acknowledged or given up.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

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
    /// Its payload has what can be chosen in an external select.
    Suggested {
        user: String,
        action: String,
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

/// What is over is kept for those who look; beyond so many the older half goes.
const KEPT: usize = 10_000;

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
        self.queue(Delivery {
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
        });
        id
    }

    fn queue(&mut self, delivery: Delivery) {
        self.open.insert(delivery.id);
        self.deliveries.insert(delivery.id, delivery);
        if self.deliveries.len() > KEPT {
            let half = self.deliveries.keys().nth(KEPT / 2).copied().unwrap_or(0);
            self.deliveries
                .retain(|id, its| *id > half || !its.settled());
            let kept = &self.deliveries;
            self.envelopes.retain(|_, id| kept.contains_key(id));
        }
    }

    /// Drops all that is under way.
    pub fn forget(&mut self) {
        self.deliveries.clear();
        self.envelopes.clear();
        self.open.clear();
    }

    /// What nobody acknowledged yet, oldest first.
    pub fn unsettled(&self) -> impl Iterator<Item = &Delivery> {
        self.open.iter().filter_map(|id| self.deliveries.get(id))
    }

    /// What is due for an app now, oldest first.
    pub fn due(&self, app: &str) -> Vec<u64> {
        let now = self.clock.now();
        let all = self.unsettled().filter(|its| its.app == app);
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
            its.envelopes.push(name.clone());
            its.stage = Stage::Sent(now);
            its.socket = socket;
            self.envelopes.insert(name, id);
        }
    }

    /// Takes an acknowledgement; false when its envelope is unknown or too late.
    pub fn acked(&mut self, envelope: &str, payload: Option<Value>) -> bool {
        let Some(id) = self.envelopes.get(envelope).copied() else {
            return false;
        };
        let its = self.deliveries.get(&id);
        let last = its.and_then(|its| its.envelopes.last());
        last.is_some_and(|its| its == envelope) && self.settle(id, payload)
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
        let its = its.clone();
        self.open.remove(&id);
        if its.kind == Envelope::Events && its.attempt == 0 && self.twice > 0 {
            self.twice -= 1;
            let again = Delivery {
                id: self.count(),
                attempt: 1,
                reason: "timeout".into(),
                stage: Stage::Waiting(now),
                envelopes: Vec::new(),
                ..its.clone()
            };
            self.queue(again);
        }
        self.outcome(&its.app, its.kind, true);
        let after = its.after;
        match after {
            After::Nothing => {}
            After::Answer { hook } => self.answered(&hook, payload.as_ref()),
            After::Submitted { view } => self.submitted(&view, payload.as_ref()),
            After::Suggested { user, action } => {
                self.suggested(&user, &action, payload.as_ref());
            }
        }
        true
    }
}
