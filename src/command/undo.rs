//! `undo`: takes the last change of the person who asks back.

use clap::ArgMatches;

use super::change::{self, Also, Reverted};
use super::{Act, CommandKind, Scene, role};
use crate::model::{Hold, Role, Text, TrackerId, Why};
use crate::registry::{Kind, declare};
use crate::tracker::{self, Trouble};

/// Takes back the last change you made in this room, or somebody else did.
#[derive(clap::Args)]
struct Undo {
    /// The change that was made with this message, instead of the last one. Buttons say it.
    #[arg(long, value_name = "MESSAGE", hide = true)]
    of: Option<String>,
    /// The last change of this person, by name or id; for owners of the room.
    #[arg(long, value_name = "PERSON", alias = "author", conflicts_with = "of")]
    by: Option<String>,
}

pub const KIND: CommandKind = Kind {
    name: "undo",
    declare: || declare::<Undo>("undo"),
    page: include_str!("../../man/undo.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let by = matches.get_one::<String>("by");
    let by = by.map(|by| role::person(scene, by)).transpose()?;
    let reverted = match matches.get_one::<String>("of") {
        Some(of) => change::revert_of(scene, of)?,
        None => change::revert(scene, by.as_ref())?,
    };
    let done = match reverted {
        Reverted::Done(done) => done,
        Reverted::Impossible(refusal) => {
            let text = Text::line(refusal.what)
                .and("I forget it now; the same again takes back the change before it.");
            return Ok(match refusal.hint {
                Some(hint) => text.hint(hint),
                None => text,
            });
        }
    };
    let mut text = Text::line(format!("Took back: {}.", done.what));
    for step in &done.steps {
        let line = match (&step.before, &step.after) {
            (Some(before), None) => format!(
                "`{}` tracks {} again.",
                before.name,
                scene.trackers.source_name(step.id)
            ),
            (None, Some(after)) => format!("`{}` is gone.", after.name),
            (Some(before), Some(after)) if before.paused != after.paused => format!(
                "`{}` {}.",
                before.name,
                if before.paused {
                    "is paused again"
                } else {
                    "goes on"
                }
            ),
            (Some(before), Some(_)) => format!(
                "`{}` is as it was: {}, {}.",
                before.name,
                scene.trackers.source_name(step.id),
                scene.trackers.schedule(step.id)
            ),
            (None, None) => continue,
        };
        text = text.and(line);
    }
    for step in &done.also {
        match step {
            Also::Role { person, before, .. } => {
                let name = super::grant::shown(person);
                text = text.and(match before {
                    Some(row) => format!("{name} is {} again.", row.role.with_article()),
                    None => format!("{name} has no role by a grant."),
                });
            }
            Also::Room { .. } => text = text.and("This room is set as it was."),
            Also::Mute { before, .. } => {
                text = text.and(match before {
                    Some(_) => "This room is muted again.",
                    None => "This room is no longer muted.",
                });
            }
            Also::Release {
                room,
                tracker,
                before,
            } => {
                let muted = |hold: &Hold| matches!(hold.why, Why::Muted(_));
                if tracker.is_none() && before.iter().any(muted) {
                    text = text.and("This room is muted again.");
                    continue;
                }
                let waits = tracker::held(scene.store, room, *tracker)?;
                text = text.and(format!(
                    "{} is held again: {}.",
                    called(scene, *tracker),
                    tracker::say_waiting(waits)
                ));
            }
            Also::Drop {
                room,
                tracker,
                before,
                ..
            } => {
                let waits = tracker::held(scene.store, room, *tracker)?;
                text = text.and(match waits {
                    // Nothing was dropped, or it would wait.
                    0 if !before.is_empty() => {
                        format!("{} is held again: nothing waits.", called(scene, *tracker))
                    }
                    0 => "What was dropped is said after all.".into(),
                    waits => format!("What was dropped is back: {}.", tracker::say_waiting(waits)),
                });
            }
        }
    }
    Ok(text)
}

/// Whose reports they are, at the beginning of a sentence.
fn called(scene: &Scene<'_>, tracker: Option<TrackerId>) -> String {
    match tracker.and_then(|id| scene.trackers.get(id)) {
        Some(tracker) => format!("`{}`", tracker.name),
        None => "This room".into(),
    }
}
