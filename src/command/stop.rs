//! `stop`: ends a tracker.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, change, pause};
use crate::model::{Role, Text};
use crate::registry::{self, Kind, declare};
use crate::tracker::Trouble;

/// Ends a tracker.
#[derive(clap::Args)]
struct Stop {
    /// The tracker's name, or several.
    #[arg(value_name = "TRACKER", required = true)]
    trackers: Vec<String>,
}

pub const KIND: CommandKind = Kind {
    name: "stop",
    declare: || declare::<Stop>("stop"),
    page: include_str!("../../man/stop.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let trackers = pause::named(matches, scene)?;
    let names: Vec<String> = trackers
        .iter()
        .map(|tracker| tracker.name.to_string())
        .collect();
    let shown = registry::list(names.iter().map(String::as_str));
    let states = trackers.iter().map(|tracker| (tracker.id, None)).collect();
    change::make(scene, format!("stop {shown}"), states)?;
    let them = match names.len() {
        1 => "it back as it was",
        _ => "them back as they were",
    };
    Ok(Text::line(format!("Stopped {shown}.")).hint(format!("`undo` brings {them}, within a day")))
}
