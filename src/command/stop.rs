//! `stop`: ends a tracker.

use clap::ArgMatches;

use super::wizard::{About, Begins};
use super::{Act, CommandKind, Scene, change, meant, pause};
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
    /// What it was asked about: where it is no longer that, it is asked again.
    #[arg(long, value_name = "TRACKERS", hide = true)]
    shown: Option<String>,
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
    let trackers = pause::named(matches, scene)?;
    let names: Vec<String> = trackers
        .iter()
        .map(|tracker| meant::called(scene, tracker))
        .collect();
    let shown = pause::several(&names);
    let all = names.join(",");
    let before = matches.get_one::<String>("shown");
    let unsure = match before {
        Some(before) => *before != all,
        None => names.len() > 1 && !matches.get_flag("yes"),
    };
    if matches.get_flag("all") && unsure {
        let they = match before {
            Some(_) => "They are others by now. That",
            None => "That",
        };
        let many = match names.len() {
            1 => "1 tracker".into(),
            many => format!("{many} trackers"),
        };
        let what = format!("{they} ends {many}: {shown}. Are you sure?");
        let about = About::Sure(format!("stop --all --yes --shown={all}"), what);
        scene.begins = Some(Begins::New(about, Vec::new(), String::new()));
        return Ok(Text::new());
    }
    let others = pause::of_others(scene, &trackers);
    let states = trackers.iter().map(|tracker| (tracker.id, None)).collect();
    change::make(scene, format!("stop {shown}"), states)?;
    let them = match names.len() {
        1 => "it back as it was",
        _ => "them back as they were",
    };
    let text = Text::line(format!("Stopped {shown}."));
    let text = others.into_iter().fold(text, Text::and);
    Ok(text.hint(format!("`undo` brings {them}, within a day")))
}
