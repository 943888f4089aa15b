//! `recipes`: trackers that are ready to use.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::{Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Lists trackers that are ready to use.
#[derive(clap::Args)]
struct Recipes {}

pub const KIND: CommandKind = Kind {
    name: "recipes",
    declare: || declare::<Recipes>("recipes"),
    page: include_str!("../../man/recipes.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let mut text = Text::line(format!("{} recipes:", scene.bot.recipes.len()));
    for written in &scene.bot.recipes {
        text = text.entry(format!(
            "`{}` {}",
            written.name,
            written.recipe.about.as_deref().unwrap_or_default()
        ));
    }
    Ok(text.hint("`use NAME` starts one here; `man use` shows how to change it"))
}
