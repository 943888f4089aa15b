//! `show`: one tracker in full.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, change};
use crate::model::text::Span;
use crate::model::{Role, Text};
use crate::registry::{self, Kind, declare};
use crate::store::tables;
use crate::tracker::{REPORTS_PAGE, Trouble};
use crate::when;

/// Shows one tracker: what it does, how it stands, what it said last.
#[derive(clap::Args)]
struct Show {
    /// The tracker's name.
    #[arg(value_name = "TRACKER")]
    tracker: String,
    /// How many of its last reports, at most 100.
    #[arg(long, value_name = "N", default_value = "3", value_parser = registry::whole(0, REPORTS_PAGE as u32))]
    reports: u32,
    /// Which of them, counted back from the newest: 2 are those before the last N.
    #[arg(long, value_name = "P", default_value = "1", value_parser = registry::whole(1, 100))]
    page: u32,
}

pub const KIND: CommandKind = Kind {
    name: "show",
    declare: || declare::<Show>("show"),
    page: include_str!("../../man/show.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let name = registry::word(matches, "tracker");
    let tracker = scene.trackers.named(scene.room(), name)?;
    let id = tracker.id;
    let reading = scene.reading();
    let mut text = Text::line(format!(
        "`{}` tracks {}, {}, {}.",
        tracker.name,
        scene.trackers.source_name(id),
        scene.trackers.schedule(id),
        change::place(scene, tracker)
    ));
    for (arg, values) in &tracker.recipe.source.args {
        text = text.spans(vec![Span::Words(format!("{arg}: {}", values.join(", ")))]);
    }
    text = text.join(change::parts(scene, tracker));
    text = text.spans(vec![
        Span::Words("started by ".into()),
        Span::Bold(tracker.by.name.clone()),
        Span::Words(format!(", {}", when::say(tracker.at, &reading))),
    ]);
    let source = scene.store.get(&tables::SOURCES, &tracker.source)?;
    if let Some(trouble) = scene.trackers.trouble(scene.store, id)? {
        text = text.and(trouble.replace('`', "'"));
    }
    if let Some(last) = source.and_then(|row| row.last_look) {
        text = text.and(format!("last look: {}", when::say(last, &reading)));
    }
    if let Some(next) = scene.trackers.next_time(scene.store, id)? {
        text = text.and(format!("next: {}", when::say(next, &reading)));
    }
    let waiting = scene.store.count(&tables::WAITING, &id)?;
    if waiting > 0 {
        text = text.and(format!("{waiting} gathered, to be said then"));
    }
    text = text.and(match tracker.kept {
        0 => "nothing found yet".into(),
        1 => "1 item found so far".into(),
        n => format!("{n} items found so far"),
    });
    let number = |name: &str| matches.get_one::<u32>(name).copied().unwrap_or(1) as usize;
    let (last, page) = (number("reports"), number("page"));
    let reports = scene
        .store
        .scan_back(&tables::REPORTS, &id, last.saturating_mul(page))?;
    for (_, report) in reports.into_iter().skip(last.saturating_mul(page - 1)) {
        let title = crate::model::text::cut(&report.title, 100);
        let mut spans = vec![Span::Words(format!(
            "{} {title}",
            when::say_short(report.at, &reading)
        ))];
        if let Some(url) = report.url {
            spans.push(Span::Words(" ".into()));
            spans.push(Span::Url(url));
        }
        text.0.push(crate::model::text::Block::Entry(spans));
    }
    Ok(text)
}
