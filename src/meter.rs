//! What the program counts while it runs, for whoever watches it from outside.
//!
//! Nothing is counted until [`begin`]: before that each place that could count costs a look at a flag. No label has a
//! room, a person or what somebody typed in it: those would grow without end, and are nobody's business.
//!
//! Names, units and the text that comes of it are those of Prometheus:
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use prometheus::core::Collector;
use prometheus::{
    Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};
pub use prometheus::{Histogram, IntCounter as Counter};

/// What the text of [`Meter::text`] is.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

static ON: AtomicBool = AtomicBool::new(false);
static METER: LazyLock<Meter> = LazyLock::new(Meter::new);

/// From here on everything counts.
pub fn begin() {
    ON.store(true, Ordering::Relaxed);
}

/// From here on nothing counts any more; what was counted stays.
pub fn end() {
    ON.store(false, Ordering::Relaxed);
}

/// What counts, if anybody wants to know.
pub fn meter() -> Option<&'static Meter> {
    ON.load(Ordering::Relaxed).then(|| &*METER)
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// It was refused, and changed nothing.
    Refused,
    /// A fault of ours.
    Failed,
}

impl Outcome {
    /// Every outcome, each at the place of its number.
    pub const ALL: [Outcome; 3] = [Outcome::Done, Outcome::Refused, Outcome::Failed];

    pub fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        }
    }
}

/// Everything that is counted.
pub struct Meter {
    registry: Registry,
    /// By platform.
    pub heard: IntCounterVec,
    /// By command and outcome.
    pub commands: IntCounterVec,
    /// In seconds.
    pub answer: Histogram,
    pub turn: Histogram,
    pub commit: Histogram,
    /// By outcome.
    pub look: HistogramVec,
    pub items_new: Counter,
    pub items_kept: Counter,
    pub reports_queued: Counter,
    pub reports_said: Counter,
    /// By why.
    pub reports_dropped: IntCounterVec,
    pub faults: Counter,
    /// By level.
    pub logged: IntCounterVec,
    /// By platform.
    pub connections: IntCounterVec,
    pub platform_up: IntGaugeVec,
    pub outbox: IntGauge,
    pub held: IntGauge,
    pub agenda: IntGauge,
    pub events: IntGauge,
    pub looks: IntGauge,
    pub works: IntGauge,
    pub errands: IntGauge,
    pub rooms: IntGauge,
    pub trackers: IntGauge,
    pub sources: IntGauge,
    pub sources_broken: IntGauge,
    /// By why.
    pub holds: IntGaugeVec,
    /// By world.
    pub quota_left: IntGaugeVec,
    pub silent: Gauge,
    pub started: Gauge,
}

/// Limits of the parts of a histogram, in seconds: what the loop does.
const SHORT: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];
/// What others do.
const LONG: [f64; 12] = [
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

/// Registers something under its name.
struct Desk(Registry);

/// Every name is written once, in this file.
const RIGHT: &str = "the names of this file are right, and there is none twice";

impl Desk {
    fn add<C: Collector + Clone + 'static>(&self, made: prometheus::Result<C>) -> C {
        let made = made.expect(RIGHT);
        self.0.register(Box::new(made.clone())).expect(RIGHT);
        made
    }

    fn counter(&self, name: &str, help: &str) -> Counter {
        self.add(Counter::new(name, help))
    }

    fn counters(&self, name: &str, label: &[&str], help: &str) -> IntCounterVec {
        self.add(IntCounterVec::new(Opts::new(name, help), label))
    }

    fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.add(IntGauge::new(name, help))
    }

    fn gauges(&self, name: &str, label: &[&str], help: &str) -> IntGaugeVec {
        self.add(IntGaugeVec::new(Opts::new(name, help), label))
    }

    fn histogram(&self, name: &str, limits: &[f64], help: &str) -> Histogram {
        let opts = HistogramOpts::new(name, help).buckets(limits.to_vec());
        self.add(Histogram::with_opts(opts))
    }
}

impl Meter {
    fn new() -> Meter {
        let desk = Desk(Registry::new());
        let build: GaugeVec = desk.add(GaugeVec::new(
            Opts::new("boson_build_info", "Which version this is; always 1."),
            &["version"],
        ));
        build
            .with_label_values(&[env!("CARGO_PKG_VERSION")])
            .set(1.0);
        let look = HistogramOpts::new(
            "boson_look_seconds",
            "How long looks at sources took, by outcome.",
        );
        let look = look.buckets(LONG.to_vec());
        Meter {
            heard: desk.counters(
                "boson_messages_heard_total",
                &["platform"],
                "Messages that platforms heard.",
            ),
            commands: desk.counters(
                "boson_commands_total",
                &["command", "outcome"],
                "Commands by kind and outcome.",
            ),
            answer: desk.histogram(
                "boson_answer_seconds",
                &SHORT,
                "From when the loop took a message to when the platform had the answer.",
            ),
            turn: desk.histogram(
                "boson_turn_seconds",
                &SHORT,
                "How long turns of the loop took.",
            ),
            commit: desk.histogram(
                "boson_commit_seconds",
                &SHORT,
                "How long it took until changes were on the disk.",
            ),
            look: desk.add(HistogramVec::new(look, &["outcome"])),
            items_new: desk.counter(
                "boson_items_seen_total",
                "Items that sources gave for the first time.",
            ),
            items_kept: desk.counter(
                "boson_items_kept_total",
                "Items that trackers kept; once for each tracker.",
            ),
            reports_queued: desk.counter(
                "boson_reports_queued_total",
                "Reports and notices that were put in line for a room.",
            ),
            reports_said: desk.counter(
                "boson_reports_said_total",
                "Reports and notices that a platform took.",
            ),
            reports_dropped: desk.counters(
                "boson_reports_dropped_total",
                &["why"],
                "Reports and notices that will not be said, by why.",
            ),
            faults: desk.counter(
                "boson_faults_total",
                "Commands that went wrong on the bot's side.",
            ),
            logged: desk.counters(
                "boson_log_lines_total",
                &["level"],
                "Lines of the log that are warnings or errors.",
            ),
            connections: desk.counters(
                "boson_platform_connections_total",
                &["platform"],
                "How often a platform was connected to; all but the first are again.",
            ),
            platform_up: desk.gauges(
                "boson_platform_up",
                &["platform"],
                "Whether a platform can be used.",
            ),
            outbox: desk.gauge(
                "boson_outbox_messages",
                "Messages that wait to be said, in all rooms.",
            ),
            held: desk.gauge(
                "boson_held_messages",
                "Messages that are kept from being said, in all rooms.",
            ),
            agenda: desk.gauge("boson_agenda_jobs", "Jobs that are due at some time."),
            events: desk.gauge(
                "boson_events_waiting",
                "Events that wait for the loop's next turn.",
            ),
            looks: desk.gauge(
                "boson_looks_waiting",
                "Looks at sources that are under way or in line.",
            ),
            works: desk.gauge(
                "boson_works_waiting",
                "Answers that are worked out beside the loop, or wait for it.",
            ),
            errands: desk.gauge(
                "boson_errands_under_way",
                "What is done on platforms because somebody asked for it.",
            ),
            rooms: desk.gauge("boson_rooms", "Rooms the bot is in."),
            trackers: desk.gauge("boson_trackers", "Trackers there are."),
            sources: desk.gauge("boson_sources", "Sources that are watched."),
            sources_broken: desk.gauge(
                "boson_sources_broken",
                "Sources that cannot be read at present.",
            ),
            holds: desk.gauges("boson_holds", &["why"], "What keeps reports back, by why."),
            quota_left: desk.gauges(
                "boson_quota_left",
                &["world"],
                "Requests that a world of sources allows before its day ends.",
            ),
            silent: desk.add(Gauge::new(
                "boson_loop_silent_seconds",
                "How long the loop has given no sign of life to those who asked for one.",
            )),
            started: desk.add(Gauge::new(
                "process_start_time_seconds",
                "When the process began, in seconds since 1970.",
            )),
            registry: desk.0,
        }
    }

    /// Everything, as Prometheus reads it.
    pub fn text(&self) -> String {
        let encoded = TextEncoder::new().encode_to_string(&self.registry.gather());
        encoded.unwrap_or_else(|error| {
            tracing::error!(%error, "what was counted cannot be written");
            String::new()
        })
    }
}

/// So many reports or notices were put in line.
pub fn queued(reports: u64) {
    if let Some(meter) = meter() {
        meter.reports_queued.inc_by(reports);
    }
}

/// So many reports or notices will not be said.
pub fn dropped(why: &'static str, reports: u64) {
    if let Some(meter) = meter().filter(|_| reports > 0) {
        let counted = meter.reports_dropped.with_label_values(&[why]);
        counted.inc_by(reports);
    }
}

/// A platform is connected to, for the first time or again.
pub fn connected(platform: &str) {
    if let Some(meter) = meter() {
        meter.connections.with_label_values(&[platform]).inc();
    }
}

/// Whether a platform was connected to since the process began.
pub fn was_connected(platform: &str) -> bool {
    let count = |meter: &Meter| meter.connections.with_label_values(&[platform]).get();
    meter().is_some_and(|meter| count(meter) > 0)
}

/// The log has one more warning or error.
pub fn logged(level: &'static str) {
    if let Some(meter) = meter() {
        meter.logged.with_label_values(&[level]).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_a_name_a_help_and_a_type() {
        let meter = Meter::new();
        meter.look.with_label_values(&["done"]).observe(0.3);
        meter.heard.with_label_values(&["a \"b\"\n"]).inc();
        let text = meter.text();
        let named = |what: &str| {
            let lines = text.lines().filter_map(|line| line.strip_prefix(what));
            let names = lines.filter_map(|line| line.split(' ').next());
            names.map(String::from).collect::<Vec<_>>()
        };
        assert_eq!(named("# HELP "), named("# TYPE "));
        assert!(text.contains("boson_messages_heard_total{platform=\"a \\\"b\\\"\\n\"} 1\n"));
        assert!(text.contains("boson_look_seconds_bucket{outcome=\"done\",le=\"0.5\"} 1\n"));
        assert!(text.contains("boson_look_seconds_bucket{outcome=\"done\",le=\"0.25\"} 0\n"));
    }
}
