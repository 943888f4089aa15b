//! `edit`: changes a tracker.

use clap::ArgMatches;

use super::wizard::Begins;
use super::{Act, CommandKind, Scene, change, cost, wishes, words};
use crate::filter;
use crate::model::{Recipe, Refusal, Role, Text, Tracker};
use crate::registry::{self, Kind, declare};
use crate::source;
use crate::tracker::Trouble;

/// Changes a tracker: when, how, what it keeps, where it reports.
#[derive(clap::Args)]
struct Edit {
    /// The tracker's name.
    #[arg(value_name = "TRACKER")]
    tracker: String,
    /// Take a filter away by its name, or `where`, `every`, `any`, `thread`, `unsure`, `expires`.
    #[arg(long, value_name = "FILTER", value_delimiter = ',')]
    without: Vec<String>,
}

pub const KIND: CommandKind = Kind {
    name: "edit",
    declare: || registry::room_command(wishes::augment(declare::<Edit>("edit"))),
    page: include_str!("../../man/edit.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let name = registry::word(matches, "tracker");
    let tracker = change::own(scene, name)?;
    let mut recipe = tracker.recipe.clone();
    for name in matches.get_many::<String>("without").into_iter().flatten() {
        without(&mut recipe, &tracker, name)?;
    }
    let kind = registry::find(source::ALL, &recipe.source.kind, "source")?;
    if matches.contains_id("site") && wishes::declares(kind, "site") {
        return Err(Refusal::new(format!(
            "`{}` watches one site, and stays there.",
            tracker.name
        ))
        .hint(format!("`track {} on SITE` watches another", kind.name))
        .into());
    }
    wishes::apply(matches, &mut recipe, |_| false);
    let room = match matches.get_one::<String>("in") {
        Some(_) => wishes::room(matches, scene)?,
        None => tracker.room.clone(),
    };
    wishes::check_thread(matches, scene, &room)?;
    // In its canonical spelling, or the same in other words would pass for a change.
    let reading = scene.reading();
    let recipe = scene.trackers.settle(recipe, &reading)?;
    let keeps = |recipe: &Recipe| {
        let Recipe { any, unsure, .. } = *recipe;
        (recipe.filter.clone(), recipe.query.clone(), any, unsure)
    };
    let same = keeps(&recipe) == keeps(&tracker.recipe);
    // What was allowed was what it kept then.
    let broad = wishes::broad(matches, scene)? || (same && tracker.broad);
    if recipe == tracker.recipe && room == tracker.room && broad == tracker.broad {
        // Nothing but its name was typed.
        if scene.standing.forms && words::split(scene.line).words.len() == 2 {
            scene.begins = Some(Begins::form_of_edit(tracker.name.as_str()));
            return Ok(Text::new());
        }
        return Err(
            Refusal::new(format!("That leaves `{}` as it is.", tracker.name))
                .hint(format!(
                    "for instance `edit {} every 30 minutes`",
                    tracker.name
                ))
                .idle()
                .into(),
        );
    }
    let (id, name) = (tracker.id, tracker.name.clone());
    change::make(
        scene,
        format!("edit `{name}`"),
        vec![(
            id,
            Some(Tracker {
                recipe,
                room,
                broad,
                ..tracker
            }),
        )],
    )?;
    let place = scene
        .trackers
        .get(id)
        .map(|tracker| change::place(scene, tracker))
        .unwrap_or_default();
    let mut text = Text::line(format!(
        "Changed `{name}`: {}, {}, {place}.",
        scene.trackers.source_name(id),
        scene.trackers.schedule(id)
    ));
    if let Some(tracker) = scene.trackers.get(id) {
        text = text.join(change::parts(scene, tracker));
    }
    let mut more = false;
    if !same {
        let cost = cost::weigh(scene, id)?;
        more = cost.more;
        text = text.join(cost.text);
    }
    let text = text.hint("`undo` takes it back");
    match wishes::dry_run(matches) {
        true => cost::dry_run(scene, id, text, more),
        false => Ok(text),
    }
}

fn without(
    recipe: &mut crate::model::Recipe,
    tracker: &Tracker,
    name: &str,
) -> Result<(), Refusal> {
    let had = match name.to_lowercase().as_str() {
        "where" => recipe.query.take().is_some(),
        "every" => recipe.every.take().is_some(),
        "any" => std::mem::take(&mut recipe.any),
        "thread" => std::mem::take(&mut recipe.thread),
        "expires" => recipe.expires.take().is_some(),
        "unsure" => !std::mem::take(&mut recipe.unsure).drops(),
        name => recipe.filter.remove(name).is_some(),
    };
    if had {
        return Ok(());
    }
    registry::nearest(
        name,
        filter::names().chain(["where", "every", "any", "thread", "unsure", "expires"]),
    )
    .map_or_else(
        || {
            Err(Refusal::new(format!(
                "There is no filter called `{}`.",
                name.replace('`', "'")
            ))
            .hint("`man` lists them"))
        },
        |near| {
            Err(Refusal::new(format!(
                "`{}` has no `{}`.",
                tracker.name,
                name.replace('`', "'")
            ))
            .hint(format!(
                "`show {}` shows what it has{}",
                tracker.name,
                if near.eq_ignore_ascii_case(name) {
                    String::new()
                } else {
                    format!("; did you mean `{near}`?")
                }
            )))
        },
    )
}
