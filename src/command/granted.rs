//! Who may do more in a room than the platform says, as lists that are set as a whole.

use std::collections::BTreeMap;

use clap::ArgMatches;

use super::change::Also;
use super::{Scene, role};
use crate::model::{Person, PersonId, Refusal, Role};
use crate::store::rows::RoleRow;
use crate::store::{self, tables};
use crate::tracker::Trouble;

/// The lists by the names of their flags.
pub const LISTS: [(&str, Role); 3] = [
    ("owners", Role::Owner),
    ("reviewers", Role::Reviewer),
    ("members", Role::Member),
];

/// The role that a list gives.
pub fn role_of(list: &str) -> Option<Role> {
    let mut all = LISTS.iter();
    all.find(|(name, _)| name.eq_ignore_ascii_case(list))
        .map(|(_, role)| *role)
}

/// Whoever was granted this role in the room, by names that mean them alone, or else by id.
///
/// # Errors
/// When the store cannot be read.
pub fn names(scene: &Scene<'_>, role: Role) -> Result<Vec<String>, store::Error> {
    let rows = scene.store.scan(&tables::ROLES, scene.room(), usize::MAX)?;
    let of_role = rows.into_iter().filter(|(_, row)| row.role == role);
    let mut names: Vec<String> = of_role
        .map(|((_, id), row)| match role::person(scene, &row.name) {
            Ok(person) if person.id == id && !row.name.contains(',') => row.name.to_string(),
            Ok(_) | Err(_) => id.0.to_string(),
        })
        .collect();
    names.sort();
    Ok(names)
}

/// What setting the lists changes: whoever is not named any more loses the role, whoever is gets it. `without` has the
/// lists that are emptied.
///
/// # Errors
/// When somebody is not known, or stands in two lists.
pub fn steps(
    matches: &ArgMatches,
    scene: &Scene<'_>,
    without: &[Role],
) -> Result<Vec<Also>, Trouble> {
    let rows = scene.store.scan(&tables::ROLES, scene.room(), usize::MAX)?;
    let mut after: BTreeMap<PersonId, (Person, Option<Role>)> = BTreeMap::new();
    let mut given: BTreeMap<PersonId, Role> = BTreeMap::new();
    for (list, role) in LISTS {
        let named = matches.get_many::<String>(list);
        if named.is_none() && !without.contains(&role) {
            continue;
        }
        for ((_, id), row) in rows.iter().filter(|(_, row)| row.role == role) {
            let person = Person {
                id: id.clone(),
                name: row.name.clone(),
            };
            after.entry(id.clone()).or_insert((person, None));
        }
        let names = named.into_iter().flatten().map(|name| name.trim());
        for name in names.filter(|name| !name.is_empty()) {
            let person = role::person(scene, name).map_err(|refusal| refusal.about(list))?;
            if given
                .insert(person.id.clone(), role)
                .is_some_and(|other| other != role)
            {
                let name = crate::model::text::cut(&person.name.replace('`', "'"), 40);
                return Err(Refusal::new(format!("{name} stands in two lists."))
                    .hint("an owner may do all that others may: one list is enough")
                    .about(list)
                    .into());
            }
            after.insert(person.id.clone(), (person, Some(role)));
        }
    }
    let mut steps = Vec::new();
    for (id, (person, role)) in after {
        let key = (scene.room().clone(), id);
        let before = scene.store.get(&tables::ROLES, &key)?;
        if before.as_ref().map(|row| row.role) == role {
            continue;
        }
        let row = role.map(|role| RoleRow {
            role,
            name: person.name.clone(),
            by: Some(scene.message.person.clone()),
            at: scene.now,
        });
        steps.push(Also::Role {
            room: key.0,
            person,
            before,
            after: row,
        });
    }
    Ok(steps)
}
