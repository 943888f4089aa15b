//! What the people of a room may do there, as far as the chat says.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::door::Door;
use super::wrong::Wrong;
use crate::model::Role;

/// How many people are asked about at once.
const BATCH: usize = 50;
/// How many people of a room are kept in mind.
const MOST: usize = 5_000;
/// How long an answer is believed; and, where there was none, how long until the next question.
const BELIEVED: TimeDelta = TimeDelta::hours(1);
const AGAIN: TimeDelta = TimeDelta::seconds(60);

/// The people of one room.
#[derive(Debug, Default)]
pub(super) struct People {
    known: BTreeMap<i64, Known>,
}

#[derive(Clone, Debug)]
struct Known {
    role: Role,
    /// They moderate the whole chat.
    moderator: bool,
    name: Option<String>,
    until: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Answer {
    users: Vec<User>,
}

#[derive(Deserialize)]
struct User {
    id: i64,
    name: Option<String>,
    is_moderator: Option<bool>,
    is_owner: Option<bool>,
}

impl People {
    /// Looks up those of these people about whom nothing is known, or nothing of late. Who cannot be looked up is a
    /// member for now.
    pub async fn meet(&mut self, door: &Door, room: u64, people: &[i64], now: DateTime<Utc>) {
        let fresh = |id: &i64| self.known.get(id).is_some_and(|known| known.until > now);
        let mut unknown: Vec<i64> = people.iter().copied().filter(|id| !fresh(id)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        for batch in unknown.chunks(BATCH) {
            let users = match ask(door, room, batch).await {
                Ok(users) => users,
                Err(wrong) => {
                    tracing::debug!(room, why = wrong.words(), "people cannot be looked up");
                    Vec::new()
                }
            };
            for id in batch {
                let user = users.iter().find(|user| user.id == *id);
                let moderator = user.is_some_and(|user| user.is_moderator == Some(true));
                let owns = moderator || user.is_some_and(|user| user.is_owner == Some(true));
                let known = Known {
                    moderator,
                    role: if owns { Role::Owner } else { Role::Member },
                    name: user.and_then(|user| user.name.clone()),
                    until: now + if user.is_some() { BELIEVED } else { AGAIN },
                };
                self.known.insert(*id, known);
            }
        }
        if self.known.len() > MOST {
            self.known.retain(|_, known| known.until > now);
        }
        while self.known.len() > MOST {
            self.known.pop_first();
        }
    }

    /// What somebody may do; of those who were not met nobody knows.
    pub fn role(&self, person: i64) -> Role {
        self.known
            .get(&person)
            .map_or(Role::Member, |known| known.role)
    }

    /// Whether somebody moderates the whole chat, as far as is known.
    pub fn is_moderator(&self, person: i64) -> bool {
        self.known.get(&person).is_some_and(|known| known.moderator)
    }

    /// What somebody is called.
    pub fn name(&self, person: i64) -> Option<&str> {
        self.known.get(&person)?.name.as_deref()
    }

    /// Something is different about somebody.
    pub fn forget(&mut self, person: i64) {
        self.known.remove(&person);
    }

    /// Anything may be different about anybody.
    pub fn forget_all(&mut self) {
        self.known.clear();
    }
}

async fn ask(door: &Door, room: u64, people: &[i64]) -> Result<Vec<User>, Wrong> {
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    let fields = [("ids", ids.join(",")), ("roomId", room.to_string())];
    let fields = fields.each_ref().map(|(key, value)| (*key, value.as_str()));
    let reply = door.post_from(room, "/user/info", &fields).await?;
    let answer = serde_json::from_slice::<Answer>(&reply.body);
    answer
        .map(|answer| answer.users)
        .map_err(|_| Wrong::Unsure {
            what: "the chat answered with something else than people".into(),
        })
}
