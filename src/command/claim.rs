//! `claim`: who has the code from the log runs this Boson.

use clap::ArgMatches;

use super::change::{self, Also};
use super::{Act, CommandKind, Scene, role};
use crate::model::{Refusal, Role, Text};
use crate::registry::{self, Kind, declare};
use crate::store::rows::RoleRow;
use crate::store::tables;
use crate::tracker::Trouble;

/// Makes you the operator of this Boson, with the code that stands in its log.
#[derive(clap::Args)]
struct Claim {
    /// The code.
    #[arg(value_name = "CODE")]
    code: String,
}

pub const KIND: CommandKind = Kind {
    name: "claim",
    declare: || declare::<Claim>("claim"),
    page: include_str!("../../man/claim.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    scene.aside = true;
    if !scene.bot.code.is_asked() {
        return Err(
            Refusal::new("There is nothing to claim: this Boson has an operator, or too many wrong codes were typed.")
                .hint("`privileges` shows who may do what here")
                .into(),
        );
    }
    if !scene.bot.code.is(registry::word(matches, "code")) {
        return Err(Refusal::new("That is not the code.")
            .hint("it stands in the log of this Boson's last start, behind `claim`")
            .into());
    }
    let person = scene.message.person.clone();
    let room = role::everywhere(&scene.room().platform);
    let step = Also::Role {
        room,
        person: person.clone(),
        before: scene.store.get(
            &tables::ROLES,
            &(role::everywhere(&scene.room().platform), person.id.clone()),
        )?,
        after: Some(RoleRow {
            role: Role::Operator,
            name: person.name.clone(),
            by: None,
            at: scene.now,
        }),
    };
    change::make_also(scene, "claim the operator's role".into(), vec![step])?;
    Ok(Text::line(
        "You are the operator of this Boson now: you may change everything. The code is used up.",
    )
    .hint("`grant operator to NAME` adds others, `privileges` shows who may do what"))
}
