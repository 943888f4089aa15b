//! `leave`: out of the room.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, change};
use crate::model::{Errand, Refusal, Role, Text, Tracker};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Leaves this room, and lets its trackers rest.
#[derive(clap::Args)]
struct Leave {}

pub const KIND: CommandKind = Kind {
    name: "leave",
    declare: || declare::<Leave>("leave"),
    page: include_str!("../../man/leave.md"),
    build: Act {
        role: Role::Owner,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    if !scene.standing.leaves {
        return Err(Refusal::new("This room cannot be left.")
            .hint("`pause NAME` silences a tracker")
            .into());
    }
    let room = scene.room().clone();
    let paused: Vec<Tracker> = scene
        .trackers
        .reporting_in(&room)
        .filter(|tracker| !tracker.paused)
        .cloned()
        .collect();
    let count = paused.len();
    let states = paused
        .into_iter()
        .map(|tracker| {
            let after = Tracker {
                paused: true,
                ..tracker
            };
            (after.id, Some(after))
        })
        .collect();
    change::make(scene, "leave".into(), states)?;
    scene.errand = Some(Errand::Leave);
    let rest = match count {
        0 => String::new(),
        1 => " The tracker that reports here is paused.".into(),
        n => format!(" The {n} trackers that report here are paused."),
    };
    Ok(
        Text::line(format!("I leave this room.{rest}")).hint(format!(
            "`join {room}`, typed in another room that I am in, brings me back"
        )),
    )
}
