//! `test`: what a tracker would say of what its source gave last.

use std::time::{Duration, Instant};

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::{Role, Text};
use crate::registry::{self, Kind, declare};
use crate::store::items;
use crate::tracker::{Tally, Trial, Trouble};

/// What takes longer than that is done beside the loop.
const AT_ONCE: Duration = Duration::from_millis(100);

/// Runs a tracker over what its source gave last and shows what it would say.
#[derive(clap::Args)]
struct Test {
    /// The tracker's name.
    #[arg(value_name = "TRACKER")]
    tracker: String,
}

pub const KIND: CommandKind = Kind {
    name: "test",
    declare: || declare::<Test>("test"),
    page: include_str!("../../man/test.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let name = registry::word(matches, "tracker");
    let tracker = scene.trackers.named(scene.room(), name)?;
    let trial = scene.trackers.trial(tracker.id)?;
    let (now, most) = (scene.now, scene.trackers.limits().remembered);
    if !items::are_many(scene.store, trial.source())? {
        let begun = Instant::now();
        let tally = trial.tally(&*scene.store, now, most, |_| begun.elapsed() > AT_ONCE)?;
        if !tally.stopped || tally.looked == most {
            return Ok(outcome(&trial, tally, most));
        }
    }
    Ok(scene.later(move |rows, patience| {
        let tally = trial.tally(rows, now, most, |_| patience.is_over())?;
        Ok(outcome(&trial, tally, most))
    }))
}

fn outcome(trial: &Trial, tally: Tally, most: usize) -> Text {
    let name = trial.name();
    if tally.looked == 0 {
        return Text::line(format!(
            "`{name}` has seen nothing yet that it could be tried on."
        ))
        .hint(format!("`show {name}` says when it looks next"));
    }
    let mut text = Text::line(format!("`{name}` would keep {}.", tally.expected()));
    // Some more may be stored than shall be remembered: whole pages are dropped.
    if tally.stopped && tally.looked < most {
        text = text.and("I stopped there: going through all that I remember took too long.");
    }
    if tally.kept > tally.last.len() {
        text = text.and(format!("The last {}:", tally.last.len()));
    }
    for would in trial.print(&tally.last) {
        text = text.join(would);
    }
    if tally.kept < tally.looked {
        text = text.hint(format!(
            "`explain {name} LINK` says why one was kept or dropped"
        ));
    }
    text
}
