//! `track`: starts a tracker.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, change, cost, turned, wishes};
use crate::model::{
    Part, Recipe, Refusal, Role, RoomId, Stage, Text, Tracker, TrackerId, TrackerName, Unsure,
};
use crate::registry::{self, Kind};
use crate::source;
use crate::tracker::Trouble;

/// The most items that a backlog says.
const LONGEST_BACKLOG: u32 = 50;

/// Flags of a new tracker beside its wishes.
#[derive(clap::Args)]
struct Beginning {
    /// What it is called in this room; otherwise it gets a short name such as `feed-1`.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Say the last N items that are there already, at most 50.
    #[arg(long, value_name = "N", value_parser = registry::whole(0, LONGEST_BACKLOG))]
    backlog: Option<u32>,
}

pub const KIND: CommandKind = Kind {
    name: "track",
    declare,
    page: include_str!("../../man/track.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

/// What it declares, with a part for each source.
pub(super) fn declare() -> clap::Command {
    let mut command = registry::room_command(clap::Command::new("track"))
        .about("Starts a tracker: watches a source and says here what is new")
        .subcommand_required(true)
        .subcommand_value_name("SOURCE");
    for kind in source::ALL {
        let part = registry::flatten::<Beginning>((kind.declare)());
        command = command.subcommand(registry::room_command(wishes::augment(part)));
    }
    command
}

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let Some((kind, matches)) = matches.subcommand() else {
        return Err(Refusal::new("`track` alone says too little.")
            .hint("`man track` shows how")
            .into());
    };
    let kind = registry::find(source::ALL, kind, "source")?;
    let mut recipe = Recipe {
        about: None,
        every: None,
        printer: "line".into(),
        query: None,
        backlog: matches.get_one::<u32>("backlog").copied().unwrap_or(0),
        any: false,
        thread: false,
        expires: None,
        unsure: Unsure::Drop,
        source: Part {
            kind: kind.name.into(),
            args: registry::with_declared(kind, |declared| registry::typed(declared, matches)),
        },
        filter: Default::default(),
    };
    turned::check_site(kind.name, &recipe.source.args)?;
    wishes::apply(matches, &mut recipe, |name| wishes::declares(kind, name));
    let room = wishes::room(matches, scene)?;
    wishes::check_thread(matches, scene, &room)?;
    let name = wishes::name(matches)?;
    begin(matches, scene, recipe, name, None, room)
}

/// Starts a tracker with this recipe and confirms it. `stem` is what it is called with a number behind where
/// nobody names it.
pub fn begin(
    matches: &ArgMatches,
    scene: &mut Scene<'_>,
    recipe: Recipe,
    name: Option<TrackerName>,
    stem: Option<&str>,
    room: RoomId,
) -> Result<Text, Trouble> {
    let broad = wishes::broad(matches, scene)?;
    let reading = scene.reading();
    let recipe = scene.trackers.settle(recipe, &reading)?;
    let home = scene.room().clone();
    let most = scene.trackers.limits().per_room;
    if scene.trackers.count_in(&home) >= most {
        return Err(Refusal::new(format!(
            "This room has {most} trackers already, which is the most it may have."
        ))
        .hint("`list` shows them, `stop NAME` ends one")
        .into());
    }
    let poll = source::build(&recipe.source)?;
    let name = scene
        .trackers
        .name_for(&home, name, stem.unwrap_or(&poll.short()))?;
    let id = TrackerId(scene.store.next_id()?);
    let tracker = Tracker {
        id,
        name,
        home,
        room,
        by: scene.message.person.clone(),
        at: scene.now,
        source: scene.trackers.source_of(scene.store, &recipe)?,
        recipe,
        paused: false,
        stage: Stage::Fresh,
        rested_after: None,
        kept: 0,
        broad,
    };
    let name = tracker.name.clone();
    change::make(scene, format!("track `{name}`"), vec![(id, Some(tracker))])?;
    let cost = cost::weigh(scene, id)?;
    let text = confirmation(scene, id, cost.text);
    match wishes::dry_run(matches) {
        true => cost::dry_run(scene, id, text, cost.more),
        false => Ok(text),
    }
}

/// What was understood, and how to undo it.
fn confirmation(scene: &Scene<'_>, id: TrackerId, cost: Text) -> Text {
    let Some(tracker) = scene.trackers.get(id) else {
        return Text::new();
    };
    let name = &tracker.name;
    let place = change::place(scene, tracker);
    // Somebody else's tracker may know already that the source is broken.
    let trouble = match scene.trackers.trouble(scene.store, id) {
        Ok(Some(trouble)) => {
            let gone = scene.trackers.is_gone(scene.store, id).unwrap_or(false);
            let hope = if gone { "" } else { "; I keep trying" };
            Text::line(format!("It {trouble}{hope}.").replace('`', "'"))
        }
        Ok(None) => match scene.trackers.trouble_beside(id) {
            Some(why) => Text::line(format!(
                "Others from there cannot be read at present: {why}."
            )),
            None => Text::new(),
        },
        Err(_) => Text::new(),
    };
    Text::line(format!(
        "Tracking {} as `{name}`, {}, {place}.",
        scene.trackers.source_name(id),
        scene.trackers.schedule(id)
    ))
    .join(change::parts(scene, tracker))
    .join(cost)
    .join(trouble)
    .hint(format!("`undo` or `stop {name}` ends it"))
    .choices([
        ("Undo", "undo".to_string()),
        ("Edit", format!("edit {name}")),
    ])
}
