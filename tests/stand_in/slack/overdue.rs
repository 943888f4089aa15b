//! What nobody took in time: tried again, given up, and when an app is told too much or answers too little.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::apps::Hears;
use super::delivery::{After, Envelope, Stage};
use super::limits::Rates;
use super::state::Slack;

/// Hours after which an event is not delivered any more.
const STALE_HOURS: i64 = 2;
/// How often an event is delivered again.
const RETRIES: u32 = 3;
/// Seconds that an app has for a command, a click or a modal.
pub const PATIENCE: i64 = 3;
/// Events within an hour from which on failures are looked at, and how many of a hundred may fail.
const ENOUGH: usize = 1000;
const MOST_FAILED: usize = 95;

impl Slack {
    /// A try failed: an event comes again, anything else does not.
    pub fn failed(&mut self, id: u64, reason: &str, again: bool) {
        let now = self.clock.now();
        let Some(its) = self.deliveries.get_mut(&id).filter(|its| !its.settled()) else {
            return;
        };
        let http = matches!(self.apps[&its.app].hears, Hears::Http { .. });
        if its.kind != Envelope::Events || its.attempt >= RETRIES || !again {
            its.stage = Stage::Failed(reason.into());
            let (app, kind, payload) = (its.app.clone(), its.kind, its.payload.clone());
            self.open.remove(&id);
            self.outcome(&app, kind, false);
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
        let (app, kind) = (its.app.clone(), its.kind);
        self.outcome(&app, kind, false);
    }

    /// Looks for what nobody acknowledged in time; `live` says whether an app has a socket. Says whether anything changed.
    pub fn pass(&mut self, live: impl Fn(&str) -> bool) -> bool {
        let posted = self.post_due();
        let now = self.clock.now();
        let mut late = Vec::new();
        for its in self.unsettled() {
            let http = matches!(self.apps[&its.app].hears, Hears::Http { .. });
            let event = its.kind == Envelope::Events;
            match its.stage {
                Stage::Sent(at) if now - at >= self.patience(its.kind) && !http => {
                    let why = if event {
                        "timeout"
                    } else {
                        "operation_timeout"
                    };
                    late.push((its.id, why));
                }
                Stage::Waiting(_) if !http && !live(&its.app) => {
                    if !event {
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
            self.failed(id, reason, reason != "stale");
        }
        changed
    }

    /// How long an acknowledgement may take.
    fn patience(&self, kind: Envelope) -> TimeDelta {
        TimeDelta::seconds(match kind {
            Envelope::Events => self.rules.redeliver,
            Envelope::Commands | Envelope::Interactive => PATIENCE,
        })
    }

    /// When the next thing happens by itself.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        let now = self.clock.now();
        let all = self.unsettled().filter_map(|its| match its.stage {
            Stage::Waiting(due) => Some(due),
            Stage::Sent(at) => Some(at + self.patience(its.kind)),
            Stage::Acked(..) | Stage::Failed(_) => None,
        });
        let posts = self.scheduled.values();
        let posts = posts.filter_map(|its| DateTime::from_timestamp(its.at, 0));
        all.chain(posts).filter(|due| *due > now).min()
    }

    /// Whether one more event is told; beyond the limit the app hears once a minute that it is told too much.
    pub fn room_for_event(&mut self, app: &str, team: &str) -> bool {
        let (now, most) = (self.clock.now(), self.rules.most_events);
        if self.rules.rates == Rates::Off {
            return true;
        }
        if self.limits.event(&format!("{team} {app}"), most, now) {
            return true;
        }
        let minute = self.now().div_euclid(60) * 60;
        if self.told_too_much.insert((app.into(), team.into(), minute)) {
            let payload = json!({
                "type": "app_rate_limited", "token": "ignore", "team_id": team, "api_app_id": app,
                "minute_rate_limited": minute,
            });
            self.deliver(app, Envelope::Events, payload, false, After::Nothing);
        }
        false
    }

    /// Counts how deliveries by HTTP end: an app that fails nearly always hears no more events.
    pub fn outcome(&mut self, app: &str, kind: Envelope, good: bool) {
        let now = self.clock.now();
        let Some(app) = self.apps.get_mut(app) else {
            return;
        };
        if kind != Envelope::Events || app.hears == Hears::Socket {
            return;
        }
        app.outcomes.push_back((now, good));
        let old = |at: &(DateTime<Utc>, bool)| now - at.0 >= TimeDelta::hours(1);
        while app.outcomes.front().is_some_and(old) {
            app.outcomes.pop_front();
        }
        if good {
            return;
        }
        let failed = app.outcomes.iter().filter(|its| !its.1).count();
        app.off |= app.outcomes.len() >= ENOUGH && failed * 100 > app.outcomes.len() * MOST_FAILED;
    }
}
