//! Who people are, and what they may do as far as Slack says.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::wrong::Wrong;
use super::{Workspace, locked};
use crate::model::text::{cut, harmless};
use crate::model::{Person, PersonId, Role};

/// How many people are kept in mind.
const MOST: usize = 5_000;
/// How long an answer is believed; and, where there was none, how long until the next question.
const BELIEVED: TimeDelta = TimeDelta::hours(1);
const AGAIN: TimeDelta = TimeDelta::seconds(60);
/// The longest name, in characters.
const NAME: usize = 80;

/// What somebody is in the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// May change the workspace.
    Admin,
    Member,
    /// A guest of some channels, or somebody of another workspace.
    Guest,
}

/// The people of whom something is known.
#[derive(Default)]
pub(super) struct People(Mutex<HashMap<String, Known>>);

#[derive(Clone, Debug)]
struct Known {
    /// None when Slack did not say.
    name: Option<String>,
    standing: Option<Standing>,
    until: DateTime<Utc>,
}

impl People {
    /// Those of whom Slack has said of late that they run the workspace.
    pub fn admins(&self, now: DateTime<Utc>) -> Vec<Person> {
        let known = locked(&self.0);
        let admins = known
            .iter()
            .filter(|(_, known)| known.standing == Some(Standing::Admin) && known.until > now);
        let admins = admins.filter_map(|(id, known)| {
            Some(Person {
                id: PersonId(id.clone().into()),
                name: known.name.clone()?.into(),
            })
        });
        admins.collect()
    }
}

/// Somebody, as they are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Met {
    pub person: Person,
    pub standing: Standing,
}

impl Met {
    /// They run the workspace.
    pub fn everywhere(&self) -> bool {
        self.standing == Standing::Admin
    }

    /// What they may do in a channel that `creator` has made.
    pub fn role(&self, creator: Option<&str>) -> Role {
        let made = creator == Some(self.person.id.0.as_str());
        match self.standing {
            Standing::Admin => Role::Owner,
            Standing::Member if made => Role::Owner,
            Standing::Member => Role::Member,
            Standing::Guest => Role::Guest,
        }
    }
}

impl Workspace {
    /// Who somebody is; `team` is their workspace where an event says so. Who cannot be looked up at the moment goes by
    /// their id, and is a member when they are of this workspace; where the app may look up nobody, all are guests.
    pub(super) async fn meet(&self, user: &str, team: Option<&str>) -> Met {
        let now = self.clock.now();
        let known = locked(&self.people.0).get(user).cloned();
        let known = match known.filter(|known| known.until > now) {
            Some(known) => known,
            None => self.look_up(user, now).await,
        };
        let own = match (locked(&self.me).as_ref(), team) {
            (Some(me), Some(team)) => me.team == team,
            (Some(_) | None, None) | (None, Some(_)) => false,
        };
        let foreign = team.is_some() && !own;
        let standing = match known.standing {
            Some(_) | None if foreign => Standing::Guest,
            Some(standing) => standing,
            None if own => Standing::Member,
            None => Standing::Guest,
        };
        Met {
            person: Person {
                id: PersonId(user.into()),
                name: known.name.unwrap_or_else(|| user.to_string()).into(),
            },
            standing,
        }
    }

    async fn look_up(&self, user: &str, now: DateTime<Utc>) -> Known {
        let fields = [("user", user.to_string())];
        let known = match self.api.read("users.info", &fields).await {
            Ok(answer) => self.known(&answer["user"], now),
            Err(wrong) => {
                tracing::debug!(user, why = wrong.words(), "somebody cannot be looked up");
                let before = locked(&self.people.0).get(user).cloned();
                let rest = match wrong {
                    Wrong::Limited { rest } => TimeDelta::from_std(rest).unwrap_or(AGAIN),
                    _ => AGAIN,
                };
                let standing = match wrong {
                    // Guests could not be told from members.
                    Wrong::Scope { .. } => Some(Standing::Guest),
                    _ => before.as_ref().and_then(|before| before.standing),
                };
                Known {
                    name: before.and_then(|before| before.name),
                    standing,
                    until: now + rest,
                }
            }
        };
        self.people.keep(user, known.clone(), now);
        known
    }

    /// What Slack says about somebody.
    fn known(&self, user: &Value, now: DateTime<Utc>) -> Known {
        let is = |name: &str| user[name].as_bool() == Some(true);
        let own = match (locked(&self.me).as_ref(), user["team_id"].as_str()) {
            (Some(me), Some(team)) => me.team == team,
            (Some(_) | None, Some(_) | None) => true,
        };
        let outside = [
            "is_restricted",
            "is_ultra_restricted",
            "is_stranger",
            "deleted",
        ];
        let standing = if !own || outside.into_iter().any(is) {
            Standing::Guest
        } else if ["is_admin", "is_owner", "is_primary_owner"]
            .into_iter()
            .any(is)
        {
            Standing::Admin
        } else {
            Standing::Member
        };
        Known {
            name: name(user),
            standing: Some(standing),
            until: now + BELIEVED,
        }
    }

    /// Something is different about somebody: they, when they go by another name now.
    pub(super) fn renamed(&self, user: &Value) -> Option<Person> {
        let now = self.clock.now();
        let id = user["id"].as_str()?;
        // Whoever was never met is looked up when they are.
        let before = locked(&self.people.0).get(id).cloned()?;
        let known = self.known(user, now);
        self.people.keep(id, known.clone(), now);
        let (before, after) = (before.name?, known.name?);
        (before != after).then(|| Person {
            id: PersonId(id.into()),
            name: after.into(),
        })
    }
}

/// What somebody goes by.
fn name(user: &Value) -> Option<String> {
    let profile = &user["profile"];
    let all = [
        &profile["display_name"],
        &profile["real_name"],
        &user["real_name"],
        &user["name"],
    ];
    let names = all.into_iter().filter_map(Value::as_str);
    let mut names = names.map(|name| cut(harmless(name.trim()).trim(), NAME));
    names.find(|name| !name.is_empty())
}

impl People {
    /// The id of the one person who goes by this name, as far as is known.
    pub fn called(&self, name: &str) -> Option<String> {
        let all = locked(&self.0);
        let is = |known: &Known| known.name.as_deref() == Some(name);
        let mut ids = all.iter().filter(|(_, known)| is(known)).map(|(id, _)| id);
        ids.next().filter(|_| ids.next().is_none()).cloned()
    }

    fn keep(&self, user: &str, known: Known, now: DateTime<Utc>) {
        let mut all = locked(&self.0);
        all.insert(user.into(), known);
        if all.len() > MOST {
            all.retain(|_, known| known.until > now);
        }
        if all.len() > MOST {
            // Whoever is met again is looked up again: those go who were looked up long ago.
            let mut untils: Vec<DateTime<Utc>> = all.values().map(|known| known.until).collect();
            let (_, middle, _) = untils.select_nth_unstable(MOST / 2);
            let middle = *middle;
            all.retain(|id, known| id == user || known.until > middle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admins_are_those_of_whom_slack_has_said_so_of_late() {
        let now: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().unwrap();
        let people = People::default();
        for (id, name, standing, until) in [
            ("U1", Some("Ann"), Standing::Admin, now + BELIEVED),
            ("U2", Some("Bob"), Standing::Member, now + BELIEVED),
            ("U3", Some("Eve"), Standing::Admin, now),
            ("U4", None, Standing::Admin, now + BELIEVED),
        ] {
            let known = Known {
                name: name.map(String::from),
                standing: Some(standing),
                until,
            };
            people.keep(id, known, now);
        }
        let admins = people.admins(now);
        let names: Vec<&str> = admins.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(names, ["Ann"]);
    }
}
