//! `unmute`: reports are said again.

use clap::ArgMatches;

use super::change::{self, Also};
use super::{Act, CommandKind, Scene, mute};
use crate::model::{Refusal, Role, Text};
use crate::registry::{Kind, declare};
use crate::store::tables;
use crate::tracker::Trouble;

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
    let row = scene.store.get(&tables::ROOMS, scene.room())?;
    let Some(before) = row.and_then(|row| row.muted) else {
        return Err(Refusal::new("This room is not muted.")
            .hint("`status` shows what else may keep me silent")
            .into());
    };
    let text = mute::ended(mute::waiting(scene)?, before.dropped);
    let step = Also::Mute {
        room: scene.room().clone(),
        before: Some(before),
        after: None,
    };
    change::make_also(scene, "unmute".into(), vec![step])?;
    Ok(text)
}
