//! `rename`: gives a tracker another name.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, change};
use crate::model::{Refusal, Role, Text, Tracker};
use crate::registry::{self, Kind, declare};
use crate::tracker::Trouble;

/// Gives a tracker another name.
#[derive(clap::Args)]
struct Rename {
    /// The name it has.
    #[arg(value_name = "TRACKER")]
    tracker: String,
    /// The name it shall have.
    #[arg(value_name = "NAME")]
    name: String,
}

pub const KIND: CommandKind = Kind {
    name: "rename",
    declare: || declare::<Rename>("rename"),
    page: include_str!("../../man/rename.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let tracker = change::own(scene, registry::word(matches, "tracker"))?;
    if registry::word(matches, "name").eq_ignore_ascii_case(tracker.name.as_str()) {
        return Err(
            Refusal::new(format!("`{0}` is called `{0}` already.", tracker.name))
                .hint(format!("for instance `rename {} news`", tracker.name))
                .into(),
        );
    }
    let name = scene.trackers.name_for(
        scene.room(),
        Some(registry::word(matches, "name").parse()?),
        "",
    )?;
    let (id, old) = (tracker.id, tracker.name.clone());
    let new = Tracker {
        name: name.clone(),
        ..tracker
    };
    change::make(
        scene,
        format!("rename `{old}` to `{name}`"),
        vec![(id, Some(new))],
    )?;
    Ok(Text::line(format!("`{old}` is called `{name}` now.")).hint("`undo` takes it back"))
}
