//! `reboot`: a new start.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::{Errand, Role, Stop, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Finishes what is begun and starts anew; nothing is lost.
#[derive(clap::Args)]
struct Reboot {}

pub const KIND: CommandKind = Kind {
    name: "reboot",
    declare: || declare::<Reboot>("reboot"),
    page: include_str!("../../man/reboot.md"),
    build: Act {
        role: Role::Owner,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    Ok(scene.send(Errand::Stop(Stop::Reboot)))
}
