//! `grant`: gives somebody a role.

use clap::ArgMatches;

use super::change::{self, Also};
use super::may::{self, Deed};
use super::{Act, CommandKind, Scene, role};
use crate::model::{Person, Refusal, Role, RoomId, Text};
use crate::registry::{self, Kind, declare};
use crate::store::rows::RoleRow;
use crate::store::tables;
use crate::tracker::Trouble;

/// What can be granted.
pub(super) const ROLES: [Role; 4] = [Role::Member, Role::Reviewer, Role::Owner, Role::Operator];

/// Gives somebody a role in this room; `operator` is one everywhere.
#[derive(clap::Args)]
struct Grant {
    /// `member`, `reviewer`, `owner` or `operator`.
    #[arg(value_name = "ROLE")]
    role: String,
    /// Whom, by name or id.
    #[arg(value_name = "PERSON", required = true)]
    person: Vec<String>,
}

pub const KIND: CommandKind = Kind {
    name: "grant",
    declare: || declare::<Grant>("grant"),
    page: include_str!("../../man/grant.md"),
    build: Act {
        role: Role::Owner,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let words = matches.get_many::<String>("person").into_iter().flatten();
    let mut words: Vec<&str> = words.map(String::as_str).collect();
    words.insert(0, registry::word(matches, "role"));
    let (granted, person) = read(scene, &words)?;
    may::check(scene, Deed::Grant(granted))?;
    let place = match granted {
        Role::Operator => role::everywhere(&scene.room().platform),
        Role::Guest | Role::Member | Role::Reviewer | Role::Owner => scene.room().clone(),
    };
    let key = (place, person.id.clone());
    let before = scene.store.get(&tables::ROLES, &key)?;
    if before.as_ref().is_some_and(|row| row.role == granted) {
        return Err(Refusal::new(format!(
            "{} was made {} already.",
            person.name.replace('`', "'"),
            granted.with_article()
        ))
        .hint("`privileges` shows who may do what here")
        .into());
    }
    let after = RoleRow {
        role: granted,
        name: person.name.clone(),
        by: Some(scene.message.person.clone()),
        at: scene.now,
    };
    let step = Also::Role {
        room: key.0,
        person: person.clone(),
        before,
        after: Some(after),
    };
    let what = format!("grant {} to `{}`", granted.name(), shown(&person));
    change::make_also(scene, what, vec![step])?;
    Ok(Text::line(format!(
        "{} is {} {} now: they may {}.",
        shown(&person),
        granted.with_article(),
        place_of(granted),
        may(granted)
    ))
    .hint("`undo` takes it back"))
}

/// The role and the person that somebody means: `reviewer to Ann Other`, `ann owner`.
fn read(scene: &Scene<'_>, words: &[&str]) -> Result<(Role, Person), Refusal> {
    let called = |word: &str| {
        let word = word.to_lowercase();
        ROLES
            .into_iter()
            .find(|role| word == role.name() || word.strip_suffix('s') == Some(role.name()))
    };
    let (first, last) = (words.first().copied(), words.last().copied());
    let (role, rest) = match (first.and_then(called), last.and_then(called)) {
        (Some(role), _) => (role, &words[1..]),
        (None, Some(role)) => (role, &words[..words.len() - 1]),
        (None, None) => {
            let names = ROLES.map(Role::name);
            return Err(
                Refusal::new(format!("That names none of {}.", registry::list(names)))
                    .hint("for instance `grant reviewer to ann`"),
            );
        }
    };
    Ok((role, role::person(scene, &name(rest))?))
}

/// A name of several words, without what connects it with what stands before and behind.
pub(super) fn name(words: &[&str]) -> String {
    let connects = |word: &&&str| {
        let word = word.to_lowercase();
        ["to", "from", "as", "a", "an", "the"].contains(&word.as_str())
    };
    let mut words = words;
    while let [first, rest @ ..] = words
        && connects(&first)
        && !rest.is_empty()
    {
        words = rest;
    }
    while let [rest @ .., last] = words
        && connects(&last)
        && !rest.is_empty()
    {
        words = rest;
    }
    words.join(" ")
}

/// A name that makes no code of what stands around it.
pub(super) fn shown(person: &Person) -> String {
    crate::model::text::cut(&person.name.replace('`', "'"), 40)
}

fn place_of(role: Role) -> &'static str {
    match role {
        Role::Operator => "of this Boson",
        Role::Guest | Role::Member | Role::Reviewer | Role::Owner => "of this room",
    }
}

/// What somebody of a role may do, in words that stand after "may".
pub(super) fn may(role: Role) -> &'static str {
    match role {
        Role::Guest => "look, and ask an owner for more",
        Role::Member | Role::Reviewer => "start trackers and change their own",
        Role::Owner => "change everything in it",
        Role::Operator => "change everything",
    }
}

/// Where a role is kept, as people say it.
pub(super) fn said(room: &RoomId) -> &'static str {
    match room.room.is_empty() {
        true => "everywhere",
        false => "in this room",
    }
}
