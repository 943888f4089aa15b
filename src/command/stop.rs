//! `stop`: ends a tracker.

use clap::ArgMatches;

use super::wizard::{About, Begins};
use super::{Act, CommandKind, Scene, change, pause};
use crate::model::{Refusal, Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Ends a tracker.
#[derive(clap::Args)]
struct Stop {
    /// The tracker's name, or several.
    #[arg(value_name = "TRACKER")]
    trackers: Vec<String>,
    /// All trackers of this room; for those who do not own it, all of theirs.
    #[arg(long, conflicts_with = "trackers")]
    all: bool,
    /// Do not ask whether I am sure.
    #[arg(long)]
    yes: bool,
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
    if matches.get_flag("all") == matches.contains_id("trackers") {
        return Err(Refusal::new("Stop what?")
            .hint(
                "`stop NAME` ends a tracker, `stop --all` all of this room; `kill` ends me at once",
            )
            .into());
    }
    let trackers = pause::named(matches, scene, change::own)?;
    let names: Vec<String> = trackers
        .iter()
        .map(|tracker| tracker.name.to_string())
        .collect();
    let shown = pause::several(&names);
    if matches.get_flag("all") && names.len() > 1 && !matches.get_flag("yes") {
        let what = format!("That ends {} trackers: {shown}. Are you sure?", names.len());
        let about = About::Sure("stop --all --yes".into(), what);
        scene.begins = Some(Begins::New(about, Vec::new()));
        return Ok(Text::new());
    }
    let states = trackers.iter().map(|tracker| (tracker.id, None)).collect();
    change::make(scene, format!("stop {shown}"), states)?;
    let them = match names.len() {
        1 => "it back as it was",
        _ => "them back as they were",
    };
    Ok(Text::line(format!("Stopped {shown}.")).hint(format!("`undo` brings {them}, within a day")))
}
