//! `version`: which version of the bot this is.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::{Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Says which version of Boson this is.
#[derive(clap::Args)]
struct Version {}

pub const KIND: CommandKind = Kind {
    name: "version",
    declare: || declare::<Version>("version"),
    page: include_str!("../../man/version.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let name = &scene.bot.name;
    let own = match name.eq_ignore_ascii_case("boson") {
        true => String::new(),
        false => format!(", called {name} here"),
    };
    Ok(
        Text::line(format!("I am Boson {}{own}.", env!("CARGO_PKG_VERSION")))
            .hint("`status` says how I stand"),
    )
}
