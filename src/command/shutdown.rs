//! `shutdown`: down until somebody starts it.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::{Errand, Role, Stop, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Finishes what is begun and ends; I stay down until a person starts me.
#[derive(clap::Args)]
struct Shutdown {}

pub const KIND: CommandKind = Kind {
    name: "shutdown",
    declare: || declare::<Shutdown>("shutdown"),
    page: include_str!("../../man/shutdown.md"),
    build: Act {
        role: Role::Owner,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    Ok(scene.send(Errand::Stop(Stop::Shutdown)))
}
