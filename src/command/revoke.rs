//! `revoke`: takes back a role that was granted.

use clap::ArgMatches;

use super::change::{self, Also};
use super::grant::{name, said, shown};
use super::may::{self, Deed};
use super::{Act, CommandKind, Scene, role};
use crate::model::{Refusal, Role, Text};
use crate::registry::{Kind, declare};
use crate::store::tables;
use crate::tracker::Trouble;

/// Takes back the role that somebody was granted in this room, or the one of an operator.
#[derive(clap::Args)]
struct Revoke {
    /// Whose, by name or id.
    #[arg(value_name = "PERSON", required = true)]
    person: Vec<String>,
    /// The role of an operator, which holds everywhere.
    #[arg(long)]
    operator: bool,
}

pub const KIND: CommandKind = Kind {
    name: "revoke",
    declare: || declare::<Revoke>("revoke"),
    page: include_str!("../../man/revoke.md"),
    build: Act {
        role: Role::Owner,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let words = matches.get_many::<String>("person").into_iter().flatten();
    let words: Vec<&str> = words.map(String::as_str).collect();
    let operator = matches.get_flag("operator");
    if operator {
        may::check(scene, Deed::RevokeOperator)?;
    }
    // `revoke reviewer from ann`: which role it is, is known.
    let words = match words.as_slice() {
        [first, rest @ ..] if !rest.is_empty() && is_role(first) => rest,
        words => words,
    };
    let person = role::person(scene, &name(words))?;
    let place = match operator {
        true => role::everywhere(&scene.room().platform),
        false => scene.room().clone(),
    };
    let key = (place, person.id.clone());
    let Some(before) = scene.store.get(&tables::ROLES, &key)? else {
        let platform = &scene.room().platform;
        return Err(Refusal::new(format!(
            "Nobody has granted {} a role {}.",
            shown(&person),
            said(&key.0)
        ))
        .hint(format!(
            "what they are by `{platform}` or `config.toml` is changed there; `privileges` shows both"
        ))
        .into());
    };
    let was = before.role;
    let step = Also::Role {
        room: key.0,
        person: person.clone(),
        before: Some(before),
        after: None,
    };
    let what = format!("revoke {} from `{}`", was.name(), shown(&person));
    change::make_also(scene, what, vec![step])?;
    Ok(Text::line(format!(
        "{} is no longer {} by a grant.",
        shown(&person),
        was.with_article()
    ))
    .hint("`undo` gives it back"))
}

fn is_role(word: &str) -> bool {
    let word = word.to_lowercase();
    super::grant::ROLES.iter().any(|role| role.name() == word)
}
