//! Who may do what in a room: what the platform and the config say, and what was granted in the chat.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Scene;
use crate::model::text::cut;
use crate::model::{Person, PersonId, Refusal, Role, RoomId};
use crate::store::rows::RoleRow;
use crate::store::{self, Committed, Store, tables};

/// How many people are named who could help.
const NAMED: usize = 3;

/// How long a role is believed that a platform said in another room.
const BELIEVED: TimeDelta = TimeDelta::hours(1);

/// Where what holds on a whole platform is kept: a room that is none.
pub fn everywhere(platform: &str) -> RoomId {
    RoomId::new(platform, "")
}

/// The role of somebody in a room: what the platform and the config say, or more where more was granted.
///
/// # Errors
/// When the store cannot be read.
pub fn of(
    store: &Store,
    room: &RoomId,
    person: &PersonId,
    outside: Role,
) -> Result<Role, store::Error> {
    highest(room, person, outside, |key| store.get(&tables::ROLES, key))
}

/// The same by what was committed, for whoever cannot wait for the loop.
///
/// # Errors
/// When the store cannot be read.
pub fn granted(
    rows: &Committed,
    room: &RoomId,
    person: &PersonId,
    outside: Role,
) -> Result<Role, store::Error> {
    highest(room, person, outside, |key| rows.get(&tables::ROLES, key))
}

/// The highest of what the outside says and what was granted, in the room or everywhere.
fn highest(
    room: &RoomId,
    person: &PersonId,
    outside: Role,
    granted: impl Fn(&(RoomId, PersonId)) -> Result<Option<RoleRow>, store::Error>,
) -> Result<Role, store::Error> {
    let mut key = (room.clone(), person.clone());
    let here = granted(&key)?;
    key.0 = everywhere(&room.platform);
    let all = [here, granted(&key)?].into_iter().flatten();
    Ok(all.map(|row| row.role).fold(outside, Role::max))
}

/// Whoever is known to have a role of their own in a room, with the highest.
///
/// # Errors
/// When the store cannot be read.
pub fn known(scene: &Scene<'_>, room: &RoomId) -> Result<Vec<(Person, Role)>, store::Error> {
    let mut all: BTreeMap<PersonId, (Person, Role)> = BTreeMap::new();
    let mut add = |person: Person, role: Role| {
        let id = person.id.clone();
        let entry = all.entry(id).or_insert((person, role));
        entry.1 = entry.1.max(role);
    };
    for seen in (scene.people)(room) {
        add(seen.person, seen.role);
    }
    for place in [room.clone(), everywhere(&room.platform)] {
        for ((_, id), row) in scene.store.scan(&tables::ROLES, &place, usize::MAX)? {
            add(Person { id, name: row.name }, row.role);
        }
    }
    Ok(all.into_values().collect())
}

/// The role of whoever asks in another room.
///
/// # Errors
/// When the store cannot be read.
pub fn there(scene: &Scene<'_>, room: &RoomId) -> Result<Role, store::Error> {
    let me = &scene.message.person.id;
    if room.platform != scene.room().platform {
        // Whoever runs this Boson does so everywhere.
        return Ok(match scene.role {
            Role::Operator => Role::Operator,
            Role::Guest | Role::Member | Role::Reviewer | Role::Owner => Role::Guest,
        });
    }
    let outside = of_late(scene, room).unwrap_or(Role::Guest);
    let operator = match scene.role {
        Role::Operator => Role::Operator,
        Role::Guest | Role::Member | Role::Reviewer | Role::Owner => Role::Guest,
    };
    Ok(of(scene.store, room, me, outside)?.max(operator))
}

/// What the platform or the config said not long ago of the role of whoever asks in another room of this platform.
pub fn of_late(scene: &Scene<'_>, room: &RoomId) -> Option<Role> {
    let me = &scene.message.person.id;
    let seen = (scene.people)(room);
    // What the platform said long ago may no longer be so.
    let fresh = |at: DateTime<Utc>| scene.now - at < BELIEVED;
    let seen = seen
        .iter()
        .filter(|seen| seen.person.id == *me && fresh(seen.at));
    seen.map(|seen| seen.role).max()
}

/// Whom to ask for something that needs this role: `ask Ann or Bob, who are owners of this room`.
pub fn whom_to_ask(scene: &Scene<'_>, needed: Role) -> String {
    whom_else_to_ask(scene, needed, &scene.message.person.id)
}

/// The same beside somebody who is named already.
pub fn whom_else_to_ask(scene: &Scene<'_>, needed: Role, named: &PersonId) -> String {
    let me = &scene.message.person.id;
    let known = known(scene, scene.room()).unwrap_or_default();
    let mut names: Vec<String> = known
        .into_iter()
        .filter(|(person, role)| *role >= needed && person.id != *me && person.id != *named)
        .map(|(person, _)| cut(&person.name.replace('`', "'"), 40))
        .collect();
    names.sort();
    names.truncate(NAMED);
    let of_room = match needed {
        Role::Operator => "",
        Role::Guest | Role::Member | Role::Reviewer | Role::Owner => " of this room",
    };
    let role = needed.with_article();
    match names.as_slice() {
        [] if needed == Role::Owner => format!("ask {}", (scene.owned_by)()),
        [] => format!("ask {role}{of_room}"),
        [one] => format!("ask {one}, who is {role}{of_room}"),
        [first @ .., last] => format!(
            "ask {} or {last}, who are {}s{of_room}",
            first.join(", "),
            needed.name()
        ),
    }
}

/// The person of this platform who is called so: by id, or by name, with or without `@` and spaces.
///
/// # Errors
/// When nobody is, or several are.
pub fn person(scene: &Scene<'_>, typed: &str) -> Result<Person, Refusal> {
    let platform = &scene.room().platform;
    let shown = cut(&typed.replace('`', "'"), 40);
    let bare = typed.trim_start_matches('@');
    let wanted = folded(bare);
    // A name may be anybody's; who is mentioned is known by more.
    let mut mentioned = scene.message.mentions.iter();
    let mut meant = mentioned
        .clone()
        .filter(|person| folded(&person.name) == wanted);
    let one = match (meant.next(), meant.next()) {
        (Some(one), None) => Some(one),
        (Some(_) | None, _) => mentioned.find(|person| person.id.0 == bare),
    };
    if let Some(one) = one {
        return Ok(one.clone());
    }
    let mut found: BTreeMap<PersonId, Person> = BTreeMap::new();
    let mut look = |person: Person| {
        if person.id.0 == typed || person.id.0 == bare {
            found.clear();
            found.insert(person.id.clone(), person);
            return true;
        }
        if !wanted.is_empty() && folded(&person.name) == wanted {
            found.insert(person.id.clone(), person);
        }
        false
    };
    let rows = scene
        .store
        .scan(&tables::PEOPLE, platform, usize::MAX)
        .unwrap_or_default();
    let rows = rows
        .into_iter()
        .map(|((_, id), row)| Person { id, name: row.name });
    let here = (scene.people)(scene.room()).into_iter();
    for person in rows.chain(here.map(|seen| seen.person)) {
        if look(person) {
            break;
        }
    }
    let mut found = found.into_values();
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(one), Some(other)) => Err(Refusal::new(format!(
            "Several people here are called `{shown}`."
        ))
        .hint(format!(
            "write the id of the one you mean, such as `{}` or `{}`; `whoami` shows one's own",
            one.id.0, other.id.0
        ))),
        (None, _) => Err(
            Refusal::new(format!("I know nobody here who is called `{shown}`.")).hint(
                "I know whoever has spoken where I was: let them say something, or write their id",
            ),
        ),
    }
}

/// A name as people type it: without spaces, in small letters.
fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| !c.is_whitespace());
    letters.flat_map(char::to_lowercase).collect()
}
