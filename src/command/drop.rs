//! `drop`: what waits to be said is not said.

use clap::ArgMatches;

use super::change::{self, Also};
use super::may::{self, Deed};
use super::{Act, CommandKind, Scene, meant};
use crate::model::{Refusal, Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Throws away what waits to be said in this room, or what a tracker has to say.
#[derive(clap::Args)]
struct Drop {
    /// The tracker's name; without one, all that waits in this room is thrown away.
    #[arg(value_name = "TRACKER")]
    tracker: Option<String>,
}

pub const KIND: CommandKind = Kind {
    name: "drop",
    declare: || declare::<Drop>("drop"),
    page: include_str!("../../man/drop.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let tracker = match matches.get_one::<String>("tracker") {
        Some(name) => Some(meant::changed(scene, name)?),
        None => {
            may::check(scene, Deed::WholeRoom("drop"))?;
            None
        }
    };
    let room = match &tracker {
        Some(tracker) => tracker.room.clone(),
        None => scene.room().clone(),
    };
    let whose = tracker.as_ref().map(|tracker| tracker.id);
    let dropped = scene
        .trackers
        .drop_waiting(scene.store, &room, whose, scene.now)?;
    if dropped.messages == 0 && dropped.ended.is_empty() {
        let refusal = match &tracker {
            Some(tracker) => Refusal::new(format!("Nothing of `{}` waits.", tracker.name)).hint(
                format!("`pause {}` silences it", meant::called(scene, tracker)),
            ),
            None => Refusal::new("Nothing waits to be said in this room.")
                .hint("`mute` keeps what comes from being said"),
        };
        return Err(refusal.into());
    }
    let again = match dropped.ended.is_empty() {
        true => "",
        false => " What is new is said again.",
    };
    let step = Also::Drop {
        room,
        tracker: whose,
        number: dropped.number,
        before: dropped.ended,
    };
    let of = match &tracker {
        Some(tracker) => format!("drop what waits of `{}`", tracker.name),
        None => "drop what waits".into(),
    };
    let what = format!("{of} ({})", dropped.messages);
    change::remember(scene, what, Vec::new(), vec![step])?;
    let messages = match dropped.messages {
        0 => "nothing, for nothing waited".into(),
        1 => "1 message that waited to be said".into(),
        many => format!("{many} messages that waited to be said"),
    };
    let name = tracker.map_or("NAME".into(), |tracker| meant::called(scene, &tracker));
    Ok(Text::line(format!("Dropped {messages}.{again}")).hint(format!(
        "`undo` brings it back within a day; `show {name} --reports 20` shows what was found all the same"
    )))
}
