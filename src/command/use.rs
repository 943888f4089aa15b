//! `use`: starts a recipe.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene, track, wishes};
use crate::filter;
use crate::model::text::cut;
use crate::model::{Refusal, Role, Text};
use crate::recipe;
use crate::registry::{self, Kind, declare};
use crate::source;
use crate::tracker::Trouble;

/// Starts a tracker from a recipe; what you add replaces what the recipe says.
#[derive(clap::Args)]
struct Use {
    /// The recipe's name; `recipes` lists them.
    #[arg(value_name = "RECIPE")]
    recipe: String,
    /// What the tracker is called in this room.
    #[arg(value_name = "NAME")]
    called: Option<String>,
    /// The same.
    #[arg(long, value_name = "NAME", conflicts_with = "called")]
    name: Option<String>,
    /// The site, as it stands behind `on`.
    #[arg(long, value_name = "SITE", hide = true)]
    on: Option<String>,
}

pub const KIND: CommandKind = Kind {
    name: "use",
    declare: || registry::room_command(wishes::augment(declare::<Use>("use"))),
    page: include_str!("../../man/use.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let wanted = matches
        .get_one::<String>("recipe")
        .map(String::as_str)
        .unwrap_or_default();
    let written = recipe::find(&scene.bot.recipes, wanted)?;
    let mut recipe = written.recipe.clone();
    // What the recipe's source takes for itself says what is watched: `--site`, `--post`.
    let kind = registry::find(source::ALL, &recipe.source.kind, "source")?;
    let declares = |name: &str| wishes::declares(kind, name);
    for name in filter::names().filter(|name| declares(name)) {
        if let Some(values) = matches.get_many::<String>(name) {
            let values = values.cloned().collect();
            recipe.source.args.insert(name.into(), values);
        }
    }
    if let Some(site) = matches.get_one::<String>("on") {
        if !declares("site") {
            let site = cut(&site.replace('`', "'"), 40);
            return Err(Refusal::new(format!(
                "`{}` watches no site of Stack Exchange.",
                written.name
            ))
            .hint(format!("leave `on {site}` out"))
            .into());
        }
        recipe.source.args.insert("site".into(), vec![site.clone()]);
    }
    wishes::apply(matches, &mut recipe, declares);
    let name = match matches.get_one::<String>("called") {
        Some(name) => Some(name.parse()?),
        None => wishes::name(matches)?,
    };
    let stem = written.name.clone();
    let free = scene.trackers.named(scene.room(), &stem).is_err();
    // The recipe's own name, while no tracker of the room has it.
    let name = name.or_else(|| if free { stem.parse().ok() } else { None });
    let room = wishes::room(matches, scene)?;
    wishes::check_thread(matches, scene, &room)?;
    track::begin(matches, scene, recipe, name, Some(&stem), room)
}
