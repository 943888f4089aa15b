//! `resume`: a paused tracker goes on.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, pause};
use crate::model::{Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Lets a paused tracker go on with what is new from now.
#[derive(clap::Args)]
struct Resume {
    /// The tracker's name, or several.
    #[arg(value_name = "TRACKER", required_unless_present = "all")]
    trackers: Vec<String>,
    /// All trackers of this room; for those who do not own it, all of theirs.
    #[arg(long, conflicts_with = "trackers")]
    all: bool,
}

pub const KIND: CommandKind = Kind {
    name: "resume",
    declare: || declare::<Resume>("resume"),
    page: include_str!("../../man/resume.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let names = pause::set_paused(matches, scene, false)?;
    Ok(Text::line(format!(
        "Resumed {}: what is new from now on is said.",
        pause::several(&names)
    ))
    .hint("`undo` pauses again"))
}
