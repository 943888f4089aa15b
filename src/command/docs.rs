//! `docs`: where the documentation is.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::text::Span;
use crate::model::{Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Says where my documentation is.
#[derive(clap::Args)]
struct Docs {}

pub const KIND: CommandKind = Kind {
    name: "docs",
    declare: || declare::<Docs>("docs"),
    page: include_str!("../../man/docs.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let mut text = Text::line(format!(
        "My manual is here, in this room: `man` lists its {} pages, `man NAME` shows one, `help` shows how to begin.",
        super::manual::pages().len()
    ));
    if let Some(url) = &scene.bot.docs {
        text = text.spans(vec![
            Span::Words("For whoever runs me, and when I misbehave: ".into()),
            Span::Url(url.clone()),
        ]);
    }
    Ok(text)
}
