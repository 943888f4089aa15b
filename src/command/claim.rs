//! `claim`: who has the code from the log runs this Boson.

use clap::ArgMatches;

use super::change::{self, Also};
use super::code::Claim;
use super::{Act, CommandKind, Scene, role, words};
use crate::model::{Refusal, Role, Text};
use crate::registry::{self, Kind, declare};
use crate::store::rows::RoleRow;
use crate::store::tables;
use crate::tracker::Trouble;

/// Makes you the operator of this Boson, with the code that stands in its log.
#[derive(clap::Args)]
struct Typed {
    /// It stands in the log of my last start, behind `claim`.
    #[arg(value_name = "CODE")]
    code: String,
}

pub const KIND: CommandKind = Kind {
    name: "claim",
    declare: || declare::<Typed>("claim"),
    page: include_str!("../../man/claim.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

/// A line as it may be written down: a code is nobody's business, right or wrong.
pub(super) fn without_code(line: &str) -> &str {
    let typed = words::split(line);
    let first = typed.words.first();
    match first.is_some_and(|first| first.text.eq_ignore_ascii_case(KIND.name)) {
        true => KIND.name,
        false => line,
    }
}

/// Why there is nobody to be asked for a code.
pub(super) fn nothing() -> Refusal {
    Refusal::new("There is nothing to claim: whoever runs this Boson is known already.")
        .hint("`privileges` shows who may do what here")
}

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    scene.aside = true;
    let person = scene.message.person.clone();
    let typed = registry::word(matches, "code");
    match scene.bot.code.claim(scene.room(), &person, typed) {
        Claim::Right => {}
        Claim::Wrong => {
            return Err(Refusal::new("That is not the code.")
                .hint("it stands in the log of this Boson's last start, behind `claim`")
                .into());
        }
        Claim::TooMany => {
            return Err(Refusal::new(
                "Too many wrong codes were typed: I read no more until my next start.",
            )
            .hint("`boson operator ROOM PERSON`, in a shell where I run, does the same")
            .into());
        }
        Claim::Nothing => return Err(nothing().into()),
    }
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
