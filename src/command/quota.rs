//! `quota`: how many requests are left where they are counted.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::{Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Says how many requests are left today, and what is looked at less often because of it.
#[derive(clap::Args)]
struct Quota {}

pub const KIND: CommandKind = Kind {
    name: "quota",
    declare: || declare::<Quota>("quota"),
    page: include_str!("../../man/quota.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let mut text = Text::new();
    for quota in scene.trackers.shared().quotas(scene.now) {
        text = text.and(format!("{}: {}.", quota.world, quota.said));
        if let Some(bell) = quota.bell {
            text = text.entry(format!("{bell}."));
        }
    }
    Ok(text)
}
