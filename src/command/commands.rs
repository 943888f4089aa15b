//! `commands`: the list of all commands.

use clap::ArgMatches;

use super::{ALL, Act, CommandKind, Scene};
use crate::model::{Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Lists every command with one sentence.
#[derive(clap::Args)]
struct Commands {}

pub const KIND: CommandKind = Kind {
    name: "commands",
    declare: || declare::<Commands>("commands"),
    page: include_str!("../../man/commands.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(_: &ArgMatches, _: &mut Scene<'_>) -> Result<Text, Trouble> {
    let lines: Vec<String> = ALL
        .iter()
        .map(|kind| format!("{:<10} {}", kind.name, kind.about()))
        .collect();
    Ok(Text::new()
        .pre(lines.join("\n"))
        .hint("`help COMMAND` says how to use one, `man COMMAND` says everything"))
}
