//! What the loop counts, and the figures that it gives to whoever watches it.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use super::Bot;
use crate::command;
use crate::meter::{Counter, Histogram, Meter, Outcome, meter};
use crate::model::{SourceId, Why};
use crate::source::{Look, LookError};
use crate::store::tables;
use crate::tracker;
use crate::watch::Pulse;

/// What is counted for what nobody knows.
const UNKNOWN: &str = "unknown";

/// Counters that are looked for once, and not for each message.
#[derive(Default)]
pub(super) struct Measures {
    pub pulse: Pulse,
    heard: HashMap<String, Counter>,
    commands: HashMap<&'static str, [Counter; Outcome::ALL.len()]>,
    /// Platforms of which nothing was heard yet.
    awaited: HashSet<String>,
}

impl Measures {
    /// Something was heard of a platform.
    pub fn heard_of(&mut self, platform: &str) {
        if !self.awaited.is_empty() && self.awaited.remove(platform) {
            self.pulse.heard_of(platform);
        }
    }

    /// A message was heard.
    pub fn message(&mut self, platform: &str) {
        let Some(meter) = meter() else { return };
        if let Some(counter) = self.heard.get(platform) {
            return counter.inc();
        }
        let counter = meter.heard.with_label_values(&[platform]);
        counter.inc();
        self.heard.insert(platform.into(), counter);
    }

    /// A command has ended so.
    pub fn command(&mut self, kind: Option<&'static str>, outcome: Outcome) {
        let Some(meter) = meter() else { return };
        let kind = kind.unwrap_or(UNKNOWN);
        let counters = self.commands.entry(kind).or_insert_with(|| {
            Outcome::ALL.map(|outcome| meter.commands.with_label_values(&[kind, outcome.name()]))
        });
        counters[outcome as usize].inc();
    }
}

/// When this began, if anybody wants to know how long it takes.
pub(super) fn stopwatch() -> Option<Instant> {
    meter().map(|_| Instant::now())
}

/// How long it took, into one of these histograms.
pub(super) fn took(begun: Option<Instant>, histogram: impl Fn(&Meter) -> &Histogram) {
    if let (Some(begun), Some(meter)) = (begun, meter()) {
        histogram(meter).observe(begun.elapsed().as_secs_f64());
    }
}

/// A command went wrong on the bot's side.
pub(super) fn fault() {
    if let Some(meter) = meter() {
        meter.faults.inc();
    }
}

/// A report was said, or never will be because its platform does not take it.
pub(super) fn reported(said: bool) {
    match said {
        true => {
            if let Some(meter) = meter() {
                meter.reports_said.inc();
            }
        }
        false => crate::meter::dropped("refused", 1),
    }
}

/// How long a look took, and how it ended.
pub(super) fn looked(source: SourceId, took: Duration, outcome: &Result<Look, LookError>) {
    let ms = took.as_secs_f64() * 1e3;
    let outcome = match outcome {
        Ok(look) => {
            let items = look.items.as_ref().map_or(0, Vec::len);
            tracing::debug!(%source, outcome = "done", items, ms, "a look");
            "done"
        }
        Err(error) if error.waits => {
            tracing::debug!(%source, outcome = "waits", ms, "a look");
            "waits"
        }
        Err(error) => {
            tracing::info!(%source, outcome = "failed", why = error.what, ms, "a look");
            "failed"
        }
    };
    if let Some(meter) = meter() {
        let look = meter.look.with_label_values(&[outcome]);
        look.observe(took.as_secs_f64());
    }
}

impl Bot {
    /// How the loop can be watched.
    pub fn pulse(&self) -> Pulse {
        self.measures.pulse.clone()
    }

    /// It begins to hear: from here on it says of which platforms it has heard.
    pub(super) fn awaits(&mut self) {
        let far = self.platforms.iter();
        let far = far.filter(|(_, platform)| !platform.manners().local);
        self.measures.awaited = far.map(|(name, _)| name.clone()).collect();
        self.measures
            .pulse
            .listens(self.measures.awaited.iter().cloned());
    }

    /// A turn has ended: whoever asked sees what came of it.
    pub(super) fn turned(&mut self, begun: Instant) {
        let pulse = &self.measures.pulse;
        pulse.counts(self.rooms.len(), self.trackers.count());
        if let Some(meter) = meter() {
            meter.turn.observe(begun.elapsed().as_secs_f64());
        }
        if pulse.ends()
            && let Some(meter) = meter()
        {
            self.figures(meter);
        }
        self.measures.pulse.shown();
    }

    fn figures(&self, meter: &Meter) {
        let rows = |counted: Result<usize, _>| match counted {
            Ok(rows) => rows as i64,
            Err(error) => {
                let error: crate::store::Error = error;
                tracing::error!(%error, "the store cannot be counted");
                -1
            }
        };
        meter.started.set(self.me.started.timestamp() as f64);
        meter
            .outbox
            .set(rows(self.store.count(&tables::OUTBOX, &())));
        meter
            .agenda
            .set(rows(self.store.count(&tables::AGENDA, &())));
        meter.events.set(self.events.len() as i64);
        meter.looks.set(self.looks.len() as i64);
        meter.works.set(self.works.len() as i64);
        meter.errands.set(self.errands.len() as i64);
        meter.rooms.set(self.rooms.len() as i64);
        meter.trackers.set(self.trackers.count() as i64);
        meter.sources.set(self.trackers.count_sources() as i64);
        let (broken, _) = self.trackers.broken();
        meter.sources_broken.set(broken as i64);
        match tracker::count_holds(&self.store) {
            Ok(holds) => {
                for kind in Why::KINDS {
                    let held = holds.get(kind).copied().unwrap_or_default();
                    meter.holds.with_label_values(&[kind]).set(held as i64);
                }
            }
            Err(error) => tracing::error!(%error, "the holds cannot be read"),
        }
        meter.held.set(rows(self.store.count(&tables::HELD, &())));
        for platform in self.platforms.keys() {
            let up = !self.me.troubles.contains_key(platform);
            let gauge = meter.platform_up.with_label_values(&[platform.as_str()]);
            gauge.set(i64::from(up));
        }
        let quotas = self.trackers.shared().quotas(self.clock.now());
        for quota in quotas.into_iter().filter(|quota| quota.in_use) {
            let world = quota.world.to_lowercase().replace(' ', "-");
            let gauge = meter.quota_left.with_label_values(&[world.as_str()]);
            gauge.set(i64::try_from(quota.left).unwrap_or(i64::MAX));
        }
    }
}

/// Every command is counted from the beginning, so that one that was never typed is 0 and not missing.
pub(super) fn prepare() {
    if let Some(meter) = meter() {
        for kind in command::ALL {
            for outcome in Outcome::ALL {
                meter
                    .commands
                    .with_label_values(&[kind.name, outcome.name()]);
            }
        }
    }
}
