//! `privileges`: who may do what in a room.

use clap::ArgMatches;

use super::grant::{may, name, shown};
use super::{Act, CommandKind, Scene, role};
use crate::model::text::Span;
use crate::model::{Role, Text};
use crate::registry::{Kind, declare};
use crate::store::tables;
use crate::tracker::Trouble;
use crate::when;

/// How many people are named.
const NAMED: usize = 30;

/// Says who may do what in this room, or what one person may, and who says so.
#[derive(clap::Args)]
struct Privileges {
    /// Only this person, by name or id.
    #[arg(value_name = "PERSON")]
    person: Vec<String>,
}

pub const KIND: CommandKind = Kind {
    name: "privileges",
    declare: || declare::<Privileges>("privileges"),
    page: include_str!("../../man/privileges.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let words = matches.get_many::<String>("person").into_iter().flatten();
    let words: Vec<&str> = words.map(String::as_str).collect();
    if !words.is_empty() {
        return one(scene, &words);
    }
    let mut known = role::known(scene, scene.room())?;
    known.retain(|(_, role)| !matches!(role, Role::Guest | Role::Member));
    known.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.name.cmp(&b.name)));
    if known.is_empty() {
        return Ok(
            Text::line("I know nobody here who is more than a member of this room.")
                .hint("whoever owns the room may type `grant owner to NAME` for others"),
        );
    }
    let more = known.len().saturating_sub(NAMED);
    let mut text = Text::line("In this room:");
    for (person, role) in known.iter().take(NAMED) {
        text.0.push(crate::model::text::Block::Entry(vec![
            Span::Bold(shown(person)),
            Span::Words(format!(
                ", {}{}",
                role.with_article(),
                by(scene, &person.id.0, *role)?
            )),
        ]));
    }
    if more > 0 {
        text = text.entry(format!("and {more} more"));
    }
    Ok(text.hint("`privileges NAME` shows one, `grant ROLE to NAME` and `revoke NAME` change it"))
}

fn one(scene: &Scene<'_>, words: &[&str]) -> Result<Text, Trouble> {
    let person = role::person(scene, &name(words))?;
    let known = role::known(scene, scene.room())?;
    let known = known.into_iter().find(|(known, _)| known.id == person.id);
    let Some((_, its)) = known else {
        return Ok(Text::line(format!(
            "{} has not spoken here since I started, and was granted nothing.",
            shown(&person)
        )));
    };
    let by = by(scene, &person.id.0, its)?;
    Ok(Text::new().spans(vec![
        Span::Bold(shown(&person)),
        Span::Words(format!(
            " is {} here{by}: they may {}. Their id is {}.",
            its.with_article(),
            may(its),
            person.id.0
        )),
    ]))
}

/// Who says that somebody has this role.
fn by(scene: &Scene<'_>, id: &str, its: Role) -> Result<String, Trouble> {
    let reading = scene.reading();
    for place in [
        scene.room().clone(),
        role::everywhere(&scene.room().platform),
    ] {
        let key = (place, crate::model::PersonId(id.into()));
        let Some(row) = scene.store.get(&tables::ROLES, &key)? else {
            continue;
        };
        if row.role == its {
            let when = when::say_short(row.at, &reading);
            return Ok(match row.by {
                Some(by) => format!(", granted by {} {when}", shown(&by)),
                None => format!(", made so by the operator of the machine {when}"),
            });
        }
    }
    Ok(String::new())
}
