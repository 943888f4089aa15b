//! `test`: what a tracker would say of what its source gave last.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::{Role, Text};
use crate::registry::{self, Kind, declare};
use crate::store::items;
use crate::tracker::Trouble;

/// How many of the texts are shown.
const SHOWN: usize = 5;

/// Runs a tracker over what its source gave last and shows what it would say.
#[derive(clap::Args)]
struct Test {
    /// The tracker's name.
    #[arg(value_name = "TRACKER")]
    tracker: String,
}

pub const KIND: CommandKind = Kind {
    name: "test",
    declare: || declare::<Test>("test"),
    page: include_str!("../../man/test.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let name = registry::word(matches, "tracker");
    let tracker = scene.trackers.named(scene.room(), name)?;
    let items = items::last(scene.store, tracker.source, usize::MAX)?;
    if items.is_empty() {
        return Ok(Text::line(format!(
            "`{}` has seen nothing yet that it could be tried on.",
            tracker.name
        ))
        .hint(format!("`show {}` says when it looks next", tracker.name)));
    }
    let (texts, kept) = scene.trackers.preview(tracker.id, &items);
    let mut text = Text::line(format!(
        "`{}` would keep {}.",
        tracker.name,
        match (kept, items.len()) {
            (0, 1) => "nothing: its source has given 1 item".into(),
            (1, 1) => "the 1 item that its source has given".into(),
            (0, n) => format!("none of the last {n} items"),
            (kept, n) if kept == n => format!("all of the last {n} items"),
            (kept, n) => format!("{kept} of the last {n} items"),
        }
    ));
    let more = texts.len().saturating_sub(SHOWN);
    if more > 0 {
        text = text.and(format!("The last {SHOWN}:"));
    }
    for would in texts.into_iter().skip(more) {
        text = text.join(would);
    }
    if kept < items.len() {
        text = text.hint(format!(
            "`explain {} LINK` says why one was kept or dropped",
            tracker.name
        ));
    }
    Ok(text)
}
