//! `status`: how the bot stands.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, held};
use crate::model::{Role, Text};
use crate::registry::{Kind, declare};
use crate::store::tables;
use crate::tracker::{self, Trouble};
use crate::when;

/// How many broken trackers are named.
const NAMED: usize = 5;

/// Says how I stand: since when, what is tracked, what is broken, what waits.
#[derive(clap::Args)]
struct Status {}

pub const KIND: CommandKind = Kind {
    name: "status",
    declare: || declare::<Status>("status"),
    page: include_str!("../../man/status.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let reading = scene.reading();
    let mut text = Text::line(format!(
        "Boson {}, up since {}.",
        env!("CARGO_PKG_VERSION"),
        when::say(scene.bot.started, &reading)
    ));
    let paused = scene
        .trackers
        .of_room(scene.room())
        .filter(|tracker| tracker.paused)
        .count();
    let here = scene.trackers.count_in(scene.room());
    let mut line = format!("This room has {}", count(here, "tracker"));
    if paused > 0 {
        line = format!("{line}, {paused} of them paused");
    }
    text = text.and(format!("{line}."));
    line = format!(
        "In all I am in {} and watch {} for {}",
        count(scene.standing.rooms, "room"),
        count(scene.trackers.count_sources(), "source"),
        count(scene.trackers.count(), "tracker"),
    );
    if scene.standing.looking > 0 {
        line = format!("{line}; {} being looked at now", scene.standing.looking);
    }
    text = text.and(format!("{line}."));
    for quota in scene.trackers.shared().quotas(scene.now) {
        if quota.in_use {
            text = text.and(format!("{}: {}.", quota.world, quota.said));
        }
    }
    for (platform, why) in &scene.bot.troubles {
        text = text.and(format!(
            "`{platform}` cannot be used: {}.",
            why.replace('`', "'")
        ));
    }
    text = text.join(held::lines(scene)?);
    let outbox = scene.store.count(&tables::OUTBOX, scene.room())?;
    let waiting = outbox + tracker::held(scene.store, scene.room(), None)?;
    if waiting > 0 {
        text = text.and(format!(
            "Waiting to be said here: {}.",
            count(waiting, "message")
        ));
    }
    let mut broken = Vec::new();
    for tracker in scene
        .trackers
        .of_room(scene.room())
        .filter(|tracker| !tracker.paused)
    {
        if let Some(trouble) = scene.trackers.trouble(scene.store, tracker.id)? {
            broken.push(format!("`{}` {}", tracker.name, trouble.replace('`', "'")));
        }
    }
    for line in broken.iter().take(NAMED) {
        text = text.entry(line);
    }
    if broken.len() > NAMED {
        text = text.entry(format!(
            "and {} more that do not work",
            broken.len() - NAMED
        ));
    }
    Ok(text)
}

/// `1 room`, `2 rooms`.
fn count(n: usize, word: &str) -> String {
    if n == 1 {
        format!("1 {word}")
    } else {
        format!("{n} {word}s")
    }
}
