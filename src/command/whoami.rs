//! `whoami`: how the bot knows the person who asks.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::text::Span;
use crate::model::{Role, Text};
use crate::registry::{Kind, declare};
use crate::tracker::Trouble;

/// Says how I know you, and what you may do here.
#[derive(clap::Args)]
struct Whoami {}

pub const KIND: CommandKind = Kind {
    name: "whoami",
    declare: || declare::<Whoami>("whoami"),
    page: include_str!("../../man/whoami.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(_: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    scene.aside = true;
    let person = &scene.message.person;
    let may = match scene.role {
        Role::Guest => "you may look, and ask an owner for more",
        Role::Member | Role::Reviewer => "you may start trackers and change your own",
        Role::Owner => "you may change every tracker of this room",
        Role::Operator => "you may change everything",
    };
    let line = format!(
        ", {} of this room: {may}. Your id is {}, the room's is {}.",
        scene.role.with_article(),
        person.id.0,
        scene.room()
    );
    Ok(Text::new().spans(vec![
        Span::Words("You are ".into()),
        Span::Bold(person.name.to_string()),
        Span::Words(line),
    ]))
}
