//! `show`: one tracker in full.

use clap::ArgMatches;

use super::may::{self, Deed};
use super::{Act, CommandKind, Scene, change, held, meant};
use crate::model::text::{Block, Span, cut};
use crate::model::{Role, Text};
use crate::registry::{self, Kind, declare};
use crate::store::tables;
use crate::tracker::{self, Page, REPORTS_PAGE, Trouble};
use crate::when;

/// Shows one tracker: what it does, how it stands, what it said last.
#[derive(clap::Args)]
struct Show {
    /// The tracker's name; `--waiting` can be without one.
    #[arg(value_name = "TRACKER", required_unless_present = "waiting")]
    tracker: Option<String>,
    /// What waits to be said instead, of the tracker or of the whole room, the oldest first.
    #[arg(long, conflicts_with = "reports")]
    waiting: bool,
    /// How many of its last reports, at most 100.
    #[arg(long, value_name = "N", default_value = "3", value_parser = registry::whole(0, REPORTS_PAGE as u32))]
    reports: u32,
    /// Which of them, counted back from the newest: 2 are those before the last N. Of what waits, which twenty.
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
    if matches.get_flag("waiting") {
        return waiting(matches, scene);
    }
    let name = registry::word(matches, "tracker");
    let tracker = &meant::shown(scene, name)?;
    let (id, name) = (tracker.id, meant::called(scene, tracker));
    let reading = scene.reading();
    let mut text = Text::line(format!(
        "`{name}` tracks {}, {}, {}.",
        scene.trackers.source_name(id),
        scene.trackers.schedule(id),
        change::place(scene, tracker)
    ));
    // An address may hold what is only for those who typed it, in their room.
    let whole = !meant::is_guest(scene, tracker) || may::may(scene, Deed::Change(tracker));
    for (arg, values) in tracker.recipe.source.args.iter().filter(|_| whole) {
        text = text.spans(vec![Span::Words(format!("{arg}: {}", values.join(", ")))]);
    }
    text = text.join(change::parts(scene, tracker));
    let place = match meant::is_guest(scene, tracker) {
        true => " in another room",
        false => "",
    };
    text = text.spans(vec![
        Span::Words("started by ".into()),
        Span::Bold(tracker.by.name.to_string()),
        Span::Words(format!("{place}, {}", when::say(tracker.at, &reading))),
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
    let held = tracker::held(scene.store, &tracker.room, Some(id))?;
    let waiting = scene.store.count(&tables::WAITING, &id)?;
    if waiting > 0 && held == 0 {
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
        let title = cut(&report.title, 100);
        let mut spans = vec![Span::Words(format!(
            "{} {title}",
            when::say_short(report.at, &reading)
        ))];
        if let Some(url) = report.url {
            spans.push(Span::Words(" ".into()));
            spans.push(Span::Url(url));
        }
        text.0.push(Block::Entry(spans));
    }
    if held == 0 || tracker.paused {
        return Ok(text);
    }
    Ok(text.hint(format!(
        "`resume {name}` says what waits, `drop {name}` throws it away, `show {name} --waiting` shows it"
    )))
}

/// How much of what waits one answer shows.
const PAGE: usize = 20;
/// The longest text that is shown of what waits, in characters.
const LONGEST: usize = 150;

/// What waits to be said of a tracker, or in the whole room.
fn waiting(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let tracker = match matches.get_one::<String>("tracker") {
        Some(name) => Some(meant::shown(scene, name)?),
        None => None,
    };
    let (room, whose) = match &tracker {
        Some(tracker) => (tracker.room.clone(), Some(tracker.id)),
        None => (scene.room().clone(), None),
    };
    let page = matches.get_one::<u32>("page").copied().unwrap_or(1) as usize;
    let Page {
        all,
        page,
        pages,
        shown,
    } = tracker::page_of_waiting(scene.store, &room, whose, page, PAGE)?;
    let name = tracker
        .as_ref()
        .map(|tracker| meant::called(scene, tracker));
    if all == 0 {
        return Ok(Text::line(match &name {
            Some(name) => format!("Nothing of `{name}` waits."),
            None => "Nothing waits to be said in this room.".into(),
        }));
    }
    let of = name
        .as_deref()
        .map_or(String::new(), |name| format!(" of `{name}`"));
    let count = match all {
        1 => format!("1 message{of} waits"),
        many => format!("{many} messages{of} wait"),
    };
    let mut text = Text::line(match pages {
        1 => format!("{count}:"),
        _ => format!("{count}, page {page} of {pages}:"),
    });
    let reading = scene.reading();
    for waits in shown {
        let words = waits.text.replace('\n', " ");
        text.0.push(Block::Entry(vec![Span::Words(format!(
            "{} {}",
            when::say_short(waits.at, &reading),
            cut(&words, LONGEST)
        ))]));
    }
    let of = name
        .clone()
        .map_or(String::new(), |name| format!(" {name}"));
    if page < pages {
        let next = format!("show{of} --waiting --page {}", page + 1);
        return Ok(text
            .hint(format!("`{next}` shows the next"))
            .choices([("Next page", next)]));
    }
    let drop = format!("`drop{of}` throws away what waits");
    let held_here = !tracker::holds(scene.store, &room, None)?.is_empty();
    let says = match (&tracker, held_here) {
        (Some(tracker), _) if held::is_held(scene, tracker)? => Some(format!("resume{of}")),
        (Some(_) | None, true) => Some("resume".into()),
        (Some(_), false) => None,
        (None, false) => held::names(scene)?
            .first()
            .map(|first| format!("resume {first}")),
    };
    Ok(text.hint(match says {
        Some(resume) => format!("`{resume}` says what is held, {drop}"),
        None => drop,
    }))
}
