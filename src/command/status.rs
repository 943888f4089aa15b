//! `status`: how the bot stands.

use clap::ArgMatches;

use super::may::{self, Deed};
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
struct Status {
    /// Also how all rooms stand together, for operators. In a conversation with me alone that is told anyway.
    #[arg(long)]
    all: bool,
}

pub const KIND: CommandKind = Kind {
    name: "status",
    declare: || declare::<Status>("status"),
    page: include_str!("../../man/status.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
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
    // What the people of other rooms do is nobody's business but the operator's, who may have others beside them.
    let alone = scene.message.direct || scene.message.private;
    let all = matches.get_flag("all");
    if all {
        may::check(scene, Deed::StatusOfAll)?;
    }
    if may::may(scene, Deed::StatusOfAll) {
        text = match all || alone {
            true => of_all(text, scene)?,
            false => text.hint("`status --all` shows all rooms, here"),
        };
    }
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
    Ok(named(text, broken))
}

/// What only the operator sees: all rooms together, and what went wrong.
fn of_all(mut text: Text, scene: &Scene<'_>) -> Result<Text, Trouble> {
    let mut line = format!(
        "In all I am in {} and watch {} for {}",
        count(scene.standing.rooms, "room"),
        count(scene.trackers.count_sources(), "source"),
        count(scene.trackers.count(), "tracker"),
    );
    if scene.standing.looking > 0 {
        line = format!("{line}; {} being looked at now", scene.standing.looking);
    }
    text = text.and(format!("{line}."));
    let waiting = scene.store.count(&tables::OUTBOX, &())?;
    let holds = tracker::count_holds(scene.store)?;
    let held = holds.iter().map(|(kind, count)| format!("{count} {kind}"));
    let held: Vec<String> = held.collect();
    let held = (!held.is_empty()).then(|| format!("; held back: {}", held.join(", ")));
    let waiting = waiting + scene.store.count(&tables::HELD, &())?;
    if waiting > 0 || held.is_some() {
        text = text.and(format!(
            "In all rooms {} waiting to be said{}.",
            match waiting {
                0 => "nothing is".into(),
                1 => "1 message is".into(),
                n => format!("{n} messages are"),
            },
            held.unwrap_or_default()
        ));
    }
    let (sources, last) = scene.trackers.broken();
    if let Some((name, broken)) = last {
        text = text.and(format!(
            "{} cannot be read; the last of them is {}, since {}: {}.",
            count(sources, "source"),
            name.replace('`', "'"),
            when::say_short(broken.since, &scene.reading()),
            broken.why.replace('`', "'")
        ));
    }
    if let Some((reference, at)) = &scene.bot.last_fault {
        text = text.and(format!(
            "Something went wrong on my side {}, with the reference `{reference}` in the log.",
            when::say_short(*at, &scene.reading())
        ));
    }
    Ok(text)
}

/// The first of these, each on a line of its own, and how many more there are.
fn named(mut text: Text, broken: Vec<String>) -> Text {
    for line in broken.iter().take(NAMED) {
        text = text.entry(line);
    }
    if broken.len() > NAMED {
        text = text.entry(format!(
            "and {} more that do not work",
            broken.len() - NAMED
        ));
    }
    text
}

/// `1 room`, `2 rooms`.
fn count(n: usize, word: &str) -> String {
    if n == 1 {
        format!("1 {word}")
    } else {
        format!("{n} {word}s")
    }
}
