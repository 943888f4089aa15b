//! `pause`: a tracker rests until it is resumed.

use clap::ArgMatches;

use super::may::{self, Deed};
use super::{Act, CommandKind, Scene, change, meant};
use crate::model::{Refusal, Role, Text, Tracker};
use crate::registry::{self, Kind, declare};
use crate::tracker::Trouble;

/// How many trackers are named one by one.
const NAMED: usize = 10;

/// Lets a tracker rest; what comes meanwhile is not said.
#[derive(clap::Args)]
struct Pause {
    /// The tracker's name, or several.
    #[arg(value_name = "TRACKER", required_unless_present = "all")]
    trackers: Vec<String>,
    /// All trackers of this room; for those who do not own it, all of theirs.
    #[arg(long, conflicts_with = "trackers")]
    all: bool,
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
    let (names, others) = pause(matches, scene)?;
    let (which, again) = match matches.get_flag("all") {
        true => (several(&names), "--all".into()),
        false => (several(&names), names.join(" ")),
    };
    let text = Text::line(format!("Paused {which}. What comes meanwhile is not said."));
    let text = others.into_iter().fold(text, Text::and);
    Ok(text.hint(format!("`resume {again}` goes on, `undo` does too")))
}

/// Names of trackers, or how many where they are many.
pub fn several(names: &[String]) -> String {
    match names.len() {
        ..=NAMED => registry::list(names.iter().map(String::as_str)),
        many => format!("{many} trackers"),
    }
}

/// Pauses the trackers that were named, and returns their names and what is to be said of those of other rooms.
fn pause(
    matches: &ArgMatches,
    scene: &mut Scene<'_>,
) -> Result<(Vec<String>, Option<String>), Trouble> {
    let mut trackers = named(matches, scene)?;
    if matches.get_flag("all") {
        trackers.retain(|tracker| !tracker.paused);
        if trackers.is_empty() {
            return Err(Refusal::new("Every tracker of this room rests already.")
                .hint("`list` shows them")
                .into());
        }
    }
    if let Some(tracker) = trackers.iter().find(|tracker| tracker.paused) {
        return Err(
            Refusal::new(format!("`{}` is paused already.", tracker.name))
                .hint(format!(
                    "`show {}` shows how it stands",
                    meant::called(scene, tracker)
                ))
                .into(),
        );
    }
    let names: Vec<String> = trackers
        .iter()
        .map(|tracker| meant::called(scene, tracker))
        .collect();
    let others = of_others(scene, &trackers);
    let rests = |tracker: Tracker| {
        let after = Tracker {
            paused: true,
            ..tracker
        };
        (after.id, Some(after))
    };
    let states = trackers.into_iter().map(rests).collect();
    change::make(scene, format!("pause {}", several(&names)), states)?;
    Ok((names, others))
}

/// What is to be known of those trackers that were started in other rooms and report here: nobody may miss them there.
pub fn of_others(scene: &Scene<'_>, trackers: &[Tracker]) -> Option<String> {
    let guests = trackers
        .iter()
        .filter(|tracker| meant::is_guest(scene, tracker));
    let names: Vec<String> = guests.map(|guest| meant::called(scene, guest)).collect();
    (!names.is_empty()).then(|| {
        let (were, report) = match names.len() {
            1 => ("was", "reports"),
            _ => ("were", "report"),
        };
        format!(
            "{} {were} started in another room and {report} only here: the `journal` there says it, too.",
            several(&names)
        )
    })
}

/// The trackers that were named, each once, if the person may change them all.
pub fn named(matches: &ArgMatches, scene: &Scene<'_>) -> Result<Vec<Tracker>, Refusal> {
    let mut trackers: Vec<Tracker> = Vec::new();
    if matches.get_flag("all") {
        let all = scene.trackers.of_room(scene.room());
        let mine = all.filter(|tracker| may::may(scene, Deed::Change(tracker)));
        trackers.extend(mine.cloned());
        trackers.sort_by(|a, b| a.name.cmp(&b.name));
        if trackers.is_empty() {
            return Err(match scene.trackers.count_in(scene.room()) {
                0 => Refusal::new("Nothing is tracked in this room.")
                    .hint("`man track` shows how to begin"),
                _ => Refusal::new("None of this room's trackers is yours.")
                    .hint(super::role::whom_to_ask(scene, Role::Owner)),
            });
        }
    }
    for name in matches.get_many::<String>("trackers").into_iter().flatten() {
        for name in name.split(',').filter(|name| !name.is_empty()) {
            let tracker = meant::changed(scene, name)?;
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
