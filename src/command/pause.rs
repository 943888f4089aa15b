//! `pause`: a tracker rests until it is resumed.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, change};
use crate::model::{Refusal, Role, Stage, Text, Tracker};
use crate::registry::{self, Kind, declare};
use crate::tracker::Trouble;

/// Lets a tracker rest; what comes meanwhile is not said.
#[derive(clap::Args)]
struct Pause {
    /// The tracker's name, or several.
    #[arg(value_name = "TRACKER", required = true)]
    trackers: Vec<String>,
}

pub const KIND: CommandKind = Kind {
    name: "pause",
    declare: || declare::<Pause>("pause"),
    page: include_str!("../../man/pause.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let names = set_paused(matches, scene, true)?;
    Ok(Text::line(format!(
        "Paused {}. What comes meanwhile is not said.",
        registry::list(names.iter().map(String::as_str))
    ))
    .hint(format!(
        "`resume {}` goes on, `undo` does too",
        names.join(" ")
    )))
}

/// Pauses or resumes the trackers that were named, and returns their names.
pub fn set_paused(
    matches: &ArgMatches,
    scene: &mut Scene<'_>,
    paused: bool,
) -> Result<Vec<String>, Trouble> {
    let verb = if paused { "pause" } else { "resume" };
    let trackers = named(matches, scene)?;
    for tracker in &trackers {
        if tracker.paused == paused {
            let state = if paused {
                "is paused already"
            } else {
                "is not paused"
            };
            return Err(Refusal::new(format!("`{}` {state}.", tracker.name))
                .hint(format!("`show {}` shows how it stands", tracker.name))
                .into());
        }
    }
    let names: Vec<String> = trackers
        .iter()
        .map(|tracker| tracker.name.to_string())
        .collect();
    let states = trackers
        .into_iter()
        .map(|tracker| {
            let stage = match (paused, tracker.stage) {
                (false, Stage::Armed | Stage::Resumed(_)) => Stage::Resumed(scene.now),
                (_, stage) => stage,
            };
            (
                tracker.id,
                Some(Tracker {
                    paused,
                    stage,
                    ..tracker
                }),
            )
        })
        .collect();
    change::make(
        scene,
        format!(
            "{verb} {}",
            registry::list(names.iter().map(String::as_str))
        ),
        states,
    )?;
    Ok(names)
}

/// The trackers that were named, each once, if the person may change them all.
pub fn named(matches: &ArgMatches, scene: &Scene<'_>) -> Result<Vec<Tracker>, Refusal> {
    let mut trackers: Vec<Tracker> = Vec::new();
    for name in matches.get_many::<String>("trackers").into_iter().flatten() {
        for name in name.split(',').filter(|name| !name.is_empty()) {
            let tracker = change::own(scene, name)?;
            if trackers.iter().all(|other| other.id != tracker.id) {
                trackers.push(tracker);
            }
        }
    }
    if trackers.is_empty() {
        return Err(Refusal::new("No tracker was named.").hint("`list` shows their names"));
    }
    Ok(trackers)
}
