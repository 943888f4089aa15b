//! `why`: why something was reported.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, passage};
use crate::model::text::{Block, Span, cut};
use crate::model::{Refusal, Report, ReportId, Role, Text, TrackerId};
use crate::registry::{Kind, declare};
use crate::store::tables;
use crate::tracker::{self, Trouble};
use crate::when;

/// How many reports of one message are explained.
const SHOWN: usize = 3;

/// Says why something was reported.
#[derive(clap::Args)]
struct Why {
    /// The tracker whose last report is meant; without it the report that you answer, or the last one in this room.
    #[arg(value_name = "TRACKER")]
    tracker: Option<String>,
}

pub const KIND: CommandKind = Kind {
    name: "why",
    declare: || declare::<Why>("why"),
    page: include_str!("../../man/why.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let reports = match matches.get_one::<String>("tracker") {
        Some(name) => last_of(scene, name)?,
        None => meant(scene)?,
    };
    let mut text = Text::new();
    let newest = &reports[reports.len().saturating_sub(SHOWN)..];
    for (tracker, id) in newest {
        let report = scene.store.get(&tables::REPORTS, &(*tracker, *id))?;
        text = text.join(match report {
            Some(report) => explained(scene, *tracker, &report),
            None => Text::line("What was reported there is forgotten by now."),
        });
    }
    let more = reports.len() - newest.len();
    if more > 0 {
        text = text.and(format!("and {more} more in the same message"));
    }
    Ok(text)
}

/// The last report of the tracker of this name.
fn last_of(scene: &Scene<'_>, name: &str) -> Result<Vec<(TrackerId, ReportId)>, Trouble> {
    let tracker = scene.trackers.named(scene.room(), name)?;
    match scene.store.last_key(&tables::REPORTS, &tracker.id)? {
        Some(last) => Ok(vec![last]),
        None => Err(
            Refusal::new(format!("`{}` has reported nothing yet.", tracker.name))
                .hint(format!(
                    "`test {}` shows what it would report",
                    tracker.name
                ))
                .into(),
        ),
    }
}

/// The reports of the message that is answered, or of the last one here.
fn meant(scene: &Scene<'_>) -> Result<Vec<(TrackerId, ReportId)>, Trouble> {
    let room = scene.room();
    let (row, refusal) = match &scene.message.reply_to {
        Some(message) => (
            tracker::reported(scene.store, room, message)?,
            Refusal::new("That message is no report that I remember.")
                .hint("answer a report with `why`, or name its tracker: `why NAME`"),
        ),
        None => (
            tracker::reported_last(scene.store, room)?,
            Refusal::new("Nothing was reported in this room yet.")
                .hint("`list` shows what is tracked here, `test NAME` what it would report"),
        ),
    };
    match row {
        Some(row) => Ok(row.all()),
        None => Err(refusal.into()),
    }
}

fn explained(scene: &Scene<'_>, tracker: TrackerId, report: &Report) -> Text {
    let mut first = match scene.trackers.get(tracker) {
        Some(tracker) => vec![Span::Code(tracker.name.to_string())],
        None => vec![Span::Words("A tracker that is stopped".into())],
    };
    first.push(Span::Words(format!(
        " reported “{}”, {}",
        cut(&report.title, 100),
        when::say_short(report.at, &scene.reading())
    )));
    if let Some(url) = &report.url {
        first.push(Span::Words(": ".into()));
        first.push(Span::Url(url.clone()));
    }
    let mut text = Text::new().spans(first);
    for reason in &report.why {
        let mut entry = vec![Span::Code(reason.predicate.replace('`', "'"))];
        entry.extend(passage::shown(&reason.passages, &reason.because));
        text.0.push(Block::Entry(entry));
    }
    match report.why.is_empty() {
        // One of a version that kept no more, or a tracker without filters.
        true => text.and(format!("Because {}.", report.because)),
        false => text,
    }
}
