//! `resume`: what rests or is held goes on: a tracker, or all that a room has to hear.

use clap::ArgMatches;

use super::change::{self, Also};
use super::may::{self, Deed};
use super::{Act, CommandKind, Scene, held, meant, mute, pause};
use crate::model::{Refusal, Role, Stage, Text, Tracker, Why};
use crate::registry::{self, Kind, declare};
use crate::tracker::{self, Trouble};

/// Lets a tracker go on that is paused or held; without a name, all that is held in this room.
#[derive(clap::Args)]
struct Resume {
    /// The tracker's name, or several; without one, all that is held in this room goes on.
    #[arg(value_name = "TRACKER")]
    trackers: Vec<String>,
    /// All trackers of this room; for those who do not own it, all of theirs.
    #[arg(long, conflicts_with = "trackers")]
    all: bool,
}

pub const KIND: CommandKind = Kind {
    name: "resume",
    declare: || declare::<Resume>("resume"),
    page: include_str!("../../man/resume.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let all = matches.get_flag("all");
    if !all && !matches.contains_id("trackers") {
        may::check(scene, Deed::WholeRoom("resume"))?;
        return room(scene, "resume");
    }
    let (mut paused, mut kept): (Vec<Tracker>, Vec<Tracker>) = (Vec::new(), Vec::new());
    for tracker in pause::named(matches, scene)? {
        let is_held = held::is_held(scene, &tracker)?;
        if !tracker.paused && !is_held && !all {
            return Err(Refusal::new(format!("`{}` is not paused.", tracker.name))
                .hint(format!(
                    "`show {}` shows how it stands",
                    meant::called(scene, &tracker)
                ))
                .into());
        }
        if is_held {
            kept.push(tracker.clone());
        }
        if tracker.paused {
            paused.push(tracker);
        }
    }
    if paused.is_empty() && kept.is_empty() {
        let refusal = Refusal::new("Every tracker of this room goes on already.");
        return Err(refusal.hint("`list` shows them").into());
    }
    let states = paused.iter().map(|tracker| {
        let stage = match tracker.stage {
            Stage::Armed | Stage::Resumed(_) => Stage::Resumed(scene.now),
            Stage::Fresh => Stage::Fresh,
        };
        let after = Tracker {
            paused: false,
            stage,
            ..tracker.clone()
        };
        (tracker.id, Some(after))
    });
    let states = states.collect();
    let steps = change::set(scene, states)?;
    let mut also = Vec::with_capacity(kept.len());
    let (mut follows, mut stays) = (0, 0);
    for tracker in &kept {
        let (room, its) = (&tracker.room, Some(tracker.id));
        let waited = tracker::held(scene.store, room, its)?;
        let before = scene.trackers.release(scene.store, room, its, scene.now)?;
        let still = tracker::held(scene.store, room, its)?;
        follows += waited.saturating_sub(still);
        stays += still;
        also.push(Also::Release {
            room: room.clone(),
            tracker: its,
            before,
        });
    }
    let mut names: Vec<String> = paused
        .iter()
        .chain(&kept)
        .map(|tracker| meant::called(scene, tracker))
        .collect();
    names.sort();
    names.dedup();
    let what = format!("resume {}", pause::several(&names));
    change::remember(scene, what, steps, also)?;
    let shown = |trackers: &[Tracker]| {
        let names: Vec<String> = trackers
            .iter()
            .map(|tracker| meant::called(scene, tracker))
            .collect();
        pause::several(&names)
    };
    let mut text = Text::new();
    if !paused.is_empty() {
        text = text.and(format!(
            "Resumed {}: what is new from now on is said.",
            shown(&paused)
        ));
    }
    if kept.is_empty() {
        return Ok(text.hint("`undo` pauses again"));
    }
    let held = match stays {
        0 => held::follow(follows, 0),
        _ => format!(
            "{}, because this room is held",
            held::follow(follows, stays)
        ),
    };
    Ok(text
        .and(match kept.as_slice() {
            [_] => format!("{} goes on: {held}.", shown(&kept)),
            _ => format!("{} go on: {held}.", shown(&kept)),
        })
        .hint(match kept.as_slice() {
            [one] if follows > 1 => {
                format!(
                    "`drop {}` throws away what is not said yet",
                    meant::called(scene, one)
                )
            }
            _ => "`undo` takes it back".into(),
        }))
}

/// Lets all go on that a room's own hold keeps.
pub fn room(scene: &mut Scene<'_>, what: &str) -> Result<Text, Trouble> {
    let room = scene.room().clone();
    if tracker::holds(scene.store, &room, None)?.is_empty() {
        let names = held::names(scene)?;
        let refusal = match names.as_slice() {
            [] => Refusal::new("Nothing is held in this room.")
                .hint("`resume NAME` lets a paused tracker go on"),
            [one, ..] => Refusal::new(format!(
                "This room is not held, only {} is.",
                registry::list(names.iter().map(String::as_str))
            ))
            .hint(format!("`resume {one}` says what waits")),
        };
        return Err(refusal.into());
    }
    let waited = tracker::held(scene.store, &room, None)?;
    let before = scene
        .trackers
        .release(scene.store, &room, None, scene.now)?;
    let still = tracker::held(scene.store, &room, None)?;
    let muted = before.iter().find_map(|hold| match &hold.why {
        Why::Muted(mute) => Some(mute.dropped),
        Why::Killed { .. }
        | Why::Quiet { .. }
        | Why::Burst { .. }
        | Why::Repeats { .. }
        | Why::Printer { .. } => None,
    });
    let step = Also::Release {
        room,
        tracker: None,
        before,
    };
    change::remember(scene, what.into(), Vec::new(), vec![step])?;
    let follows = waited.saturating_sub(still);
    Ok(match muted {
        Some(dropped) => mute::ended(follows, still, dropped),
        None => Text::line(format!(
            "This room goes on: {}.",
            held::follow(follows, still)
        ))
        .hint(match follows {
            ..=1 => "`undo` holds it again",
            _ => "`drop` throws away what is not said yet",
        }),
    })
}
