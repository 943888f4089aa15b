//! `help`: how to begin, or how to use one command.

use clap::ArgMatches;

use super::{ALL, Act, CommandKind, Scene};
use crate::model::{Refusal, Role, Text};
use crate::registry::{self, Kind, declare};
use crate::tracker::Trouble;

/// Says how to begin, or how to use one command.
#[derive(clap::Args)]
struct Help {
    /// The command, and its part if it has some: `help track feed`.
    #[arg(value_name = "WORD")]
    words: Vec<String>,
}

pub const KIND: CommandKind = Kind {
    name: "help",
    declare: || declare::<Help>("help"),
    page: include_str!("../../man/help.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let mut words = matches.get_many::<String>("words").into_iter().flatten();
    let Some(first) = words.next() else {
        return Ok(short(scene));
    };
    let kind = match registry::find(ALL, first, "command") {
        Ok(kind) => kind,
        Err(unknown) => {
            let unknown = match &unknown.hint {
                Some(hint) if hint.starts_with("did you mean") => unknown,
                Some(_) | None => Refusal {
                    hint: Some(
                        "`commands` lists the commands, `man` the pages of the manual".into(),
                    ),
                    ..unknown
                },
            };
            return Ok(super::man::page(first).map_err(|_| unknown)?.text());
        }
    };
    let mut command = (kind.declare)();
    let mut called = kind.name.to_string();
    for word in words {
        let inner: Vec<&str> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        let Some(next) = command.find_subcommand(word.to_lowercase()) else {
            let refusal = Refusal::new(format!(
                "`{called}` has no part `{}`.",
                word.replace('`', "'")
            ));
            return Err(match registry::nearest(word, inner.iter().copied()) {
                Some(near) => refusal.hint(format!("did you mean `help {called} {near}`?")),
                None if inner.is_empty() => {
                    refusal.hint(format!("`help {called}` shows how to use it"))
                }
                None => refusal.hint(format!("there are {}", registry::list(inner))),
            }
            .into());
        };
        called = format!("{called} {}", next.get_name());
        command = next.clone();
    }
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    Ok(Text::line(format!("{about}."))
        .pre(crate::man::usage(&command.name(called)))
        .hint(format!(
            "`man {}` says everything, with examples",
            kind.name
        )))
}

/// What one answers to somebody who does not know what to type.
pub fn short(scene: &Scene<'_>) -> Text {
    let at = if scene.message.direct {
        String::new()
    } else {
        format!("@{} ", scene.bot.name)
    };
    Text::line(format!("I am {}. I watch things for this room and tell what is new.", scene.bot.name))
        .entry(format!("`{at}wizard` asks what you want, one question after the other"))
        .entry(format!("`{at}track feed https://blog.rust-lang.org/feed.xml` starts a tracker"))
        .entry(format!("`{at}recipes` shows trackers that others have written, `{at}use NAME` starts one"))
        .entry(format!("`{at}list` shows what is tracked here, `{at}stop NAME` ends it, `{at}undo` takes the last change back"))
        .entry(format!("`{at}commands` lists all commands, `{at}man COMMAND` explains one"))
}
