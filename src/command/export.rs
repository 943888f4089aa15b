//! `export`: a tracker as a recipe.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::{Refusal, Role, Text};
use crate::registry::{self, Kind, declare};
use crate::tracker::Trouble;

/// Shows a tracker as a recipe that can be kept in a file and used elsewhere.
#[derive(clap::Args)]
struct Export {
    /// The tracker's name.
    #[arg(value_name = "TRACKER")]
    tracker: String,
}

pub const KIND: CommandKind = Kind {
    name: "export",
    declare: || declare::<Export>("export"),
    page: include_str!("../../man/export.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let name = registry::word(matches, "tracker");
    let tracker = scene.trackers.named(scene.room(), name)?;
    let toml = toml::to_string(&tracker.recipe).map_err(|error| {
        Refusal::new(format!("`{name}` cannot be written as a recipe: {error}."))
    })?;
    Ok(Text::new().pre(toml.trim_end()))
}
