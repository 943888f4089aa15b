//! `kill`: ends me at once.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::{Errand, Role, Stop, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Ends me at once, ahead of all that waits; what waits is kept.
#[derive(clap::Args)]
struct Kill {}

pub const KIND: CommandKind = Kind {
    name: "kill",
    declare: || declare::<Kill>("kill"),
    page: include_str!("../../man/kill.md"),
    build: Act {
        role: Role::Owner,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    Ok(scene.send(Errand::Stop(Stop::Kill)))
}
