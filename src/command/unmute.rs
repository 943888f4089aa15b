//! `unmute`: reports are said again.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, resume};
use crate::model::{Refusal, Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::{self, Trouble};

/// Says reports in this room again, those that waited first.
#[derive(clap::Args)]
struct Unmute {}

pub const KIND: CommandKind = Kind {
    name: "unmute",
    declare: || declare::<Unmute>("unmute"),
    page: include_str!("../../man/unmute.md"),
    build: Act {
        role: Role::Owner,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    if tracker::holds(scene.store, scene.room(), None)?.is_empty() {
        return Err(Refusal::new("This room is not muted.")
            .hint("`status` shows what else may keep me silent")
            .into());
    }
    resume::room(scene, "unmute")
}
