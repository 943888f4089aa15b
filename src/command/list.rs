//! `list`: the trackers of a room.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, held, meant};
use crate::model::{Role, Text, Tracker};
use crate::registry::{self, Kind, declare};
use crate::tracker::Trouble;

/// How many trackers one answer names.
const PAGE: usize = 20;

/// Lists the trackers of this room.
#[derive(clap::Args)]
struct List {
    /// Only those with this word in their name or source.
    #[arg(value_name = "WORD")]
    word: Option<String>,
    /// Which twenty of them, from 1.
    #[arg(long, value_name = "N", default_value = "1", value_parser = registry::whole(1, 100_000))]
    page: u32,
}

pub const KIND: CommandKind = Kind {
    name: "list",
    declare: || declare::<List>("list"),
    page: include_str!("../../man/list.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let word = matches
        .get_one::<String>("word")
        .map(|word| word.to_lowercase());
    let is_meant = |tracker: &&Tracker| {
        word.as_ref().is_none_or(|word| {
            let source = scene.trackers.source_name(tracker.id).to_lowercase();
            tracker.name.as_str().contains(word.as_str()) || source.contains(word.as_str())
        })
    };
    let found: Option<Vec<&Tracker>> = word.is_some().then(|| {
        let all = scene.trackers.of_room(scene.room());
        all.filter(is_meant).collect()
    });
    let count = match &found {
        Some(found) => found.len(),
        None => scene.trackers.count_in(scene.room()),
    };
    let guests: Vec<&Tracker> = meant::guests(scene).into_iter().filter(is_meant).collect();
    if count == 0 && guests.is_empty() {
        return Ok(match word {
            Some(word) => Text::line(format!(
                "No tracker of this room has “{}” in its name or source.",
                crate::model::text::cut(&word, 40)
            ))
            .hint("`list` shows all"),
            None => Text::line("Nothing is tracked in this room yet.").hint(
                "`track feed ADDRESS` starts a tracker, `recipes` shows some that others wrote",
            ),
        });
    }
    let page = matches.get_one::<u32>("page").copied().unwrap_or(1) as usize;
    let guests_count = guests.len();
    let pages = (count + guests_count).div_ceil(PAGE);
    let page = page.min(pages);
    let before = (page - 1) * PAGE;
    let shown = match found {
        Some(found) => found.into_iter().skip(before).take(PAGE).collect(),
        None => scene.trackers.some_of_room(scene.room(), before, PAGE),
    };
    let left = PAGE - shown.len();
    let guests = guests
        .into_iter()
        .skip(before.saturating_sub(count))
        .take(left);
    let mut text = Text::line(match (count + guests_count, pages) {
        (1, _) => "1 tracker:".into(),
        (n, 1) => format!("{n} trackers:"),
        (n, pages) => format!("{n} trackers, page {page} of {pages}:"),
    });
    for tracker in shown.into_iter().chain(guests) {
        let id = tracker.id;
        let name = meant::called(scene, tracker);
        let mut line = format!(
            "`{name}` {}, {}",
            scene.trackers.source_name(id),
            scene.trackers.schedule(id)
        );
        let keeps = scene.trackers.keeps(id);
        if !keeps.is_empty() {
            line = format!(
                "{line}, keep: {}",
                crate::model::text::cut(&keeps.replace('`', "'"), 80)
            );
        }
        if meant::is_guest(scene, tracker) {
            line = format!("{line}, started in another room");
        } else if tracker.room != *scene.room() {
            line = format!("{line}, reports in `{}`", tracker.room);
        }
        if let Some(trouble) = scene.trackers.trouble(scene.store, id)? {
            line = format!("{line}; {}", trouble.replace('`', "'"));
        }
        let rest = if tracker.paused { "resume" } else { "pause" };
        text = text.entry(line).choices([
            (
                if tracker.paused { "Resume" } else { "Pause" },
                format!("{rest} {name}"),
            ),
            ("Stop", format!("stop {name}")),
            ("Show", format!("show {name}")),
        ]);
    }
    text = text.join(held::lines(scene)?);
    if page < pages {
        let next = format!("list --page {}", page + 1);
        return Ok(text
            .hint(format!("`{next}` shows the next"))
            .choices([("Next page", next)]));
    }
    Ok(text)
}
