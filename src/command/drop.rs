//! `drop`: what waits to be said is not said.

use clap::ArgMatches;

use super::change;
use super::{Act, CommandKind, Scene};
use crate::model::{Refusal, Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::{self, Trouble};

/// Throws away what waits to be said in this room.
#[derive(clap::Args)]
struct Drop {}

pub const KIND: CommandKind = Kind {
    name: "drop",
    declare: || declare::<Drop>("drop"),
    page: include_str!("../../man/drop.md"),
    build: Act {
        role: Role::Owner,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let room = scene.room().clone();
    let dropped = tracker::drop_reports(scene.store, &room, &[])?;
    if dropped == 0 {
        return Err(Refusal::new("Nothing waits to be said in this room.")
            .hint("`mute` keeps what comes from being said")
            .into());
    }
    change::note(scene, format!("drop what waits ({dropped})"))?;
    let messages = match dropped {
        1 => "1 message that".into(),
        many => format!("{many} messages that"),
    };
    Ok(Text::line(format!("Dropped {messages} waited to be said."))
        .hint("`show NAME --reports 20` shows what a tracker has found all the same"))
}
