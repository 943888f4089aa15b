//! A room: who may do what in it, who is there, who was.

use std::collections::BTreeMap;

use super::accounts::slug;

/// Who may read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All read and write.
    Public,
    /// All read, those who are listed write.
    Gallery,
    /// Only those who are listed see it.
    Private,
}

/// What a user is listed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Owner,
    ReadWrite,
    ReadOnly,
}

impl Access {
    pub fn name(self) -> &'static str {
        match self {
            Access::Owner => "owner",
            Access::ReadWrite => "read-write",
            Access::ReadOnly => "read-only",
        }
    }

    /// By its name; `remove` and everything else is none.
    pub fn named(name: &str) -> Option<Access> {
        let all = [Access::Owner, Access::ReadWrite, Access::ReadOnly];
        all.into_iter().find(|access| access.name() == name)
    }
}

/// Since when somebody is there.
#[derive(Clone, Copy, Debug)]
pub struct Present {
    /// The last event before this user came; none of those up to it are for this user.
    pub since: i64,
    /// Unix seconds of the last sign of life.
    pub seen: i64,
    /// How many sockets this user has open for this very room.
    pub sockets: usize,
}

/// A kick.
#[derive(Clone, Copy, Debug)]
pub struct Mute {
    pub until: i64,
    pub times: usize,
}

#[derive(Clone, Debug)]
pub struct Room {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub tags: Vec<String>,
    pub kind: Kind,
    pub access: BTreeMap<i64, Access>,
    pub frozen: bool,
    pub deleted: bool,
    /// Unix seconds until which nobody speaks, and why.
    pub timeout: Option<(i64, String)>,
    pub present: BTreeMap<i64, Present>,
    /// Who was here, and when last, in Unix seconds.
    pub visited: BTreeMap<i64, i64>,
    pub muted: BTreeMap<i64, Mute>,
    /// Who asked to write here.
    pub asked: Vec<i64>,
    /// Its messages by id, those that were moved here among them.
    pub messages: Vec<i64>,
}

impl Room {
    pub fn new(id: i64, name: &str) -> Room {
        Room {
            id,
            name: name.into(),
            description: String::new(),
            tags: Vec::new(),
            kind: Kind::Public,
            access: BTreeMap::new(),
            frozen: false,
            deleted: false,
            timeout: None,
            present: BTreeMap::new(),
            visited: BTreeMap::new(),
            muted: BTreeMap::new(),
            asked: Vec::new(),
            messages: Vec::new(),
        }
    }

    pub fn slug(&self) -> String {
        slug(&self.name)
    }

    pub fn owners(&self) -> impl Iterator<Item = i64> {
        let all = self.access.iter();
        all.filter(|(_, access)| **access == Access::Owner)
            .map(|(user, _)| *user)
    }

    /// Whether a user, none when it is a stranger, may see the room.
    pub fn shows(&self, user: Option<i64>, moderator: bool) -> bool {
        let listed = user.is_some_and(|user| self.access.contains_key(&user));
        moderator || !self.deleted && (self.kind != Kind::Private || listed)
    }

    /// Whether a user may write here, when nobody must be silent.
    pub fn takes(&self, user: i64, moderator: bool, now: i64) -> bool {
        if self.muted.get(&user).is_some_and(|mute| now < mute.until) {
            return false;
        }
        let listed = self.access.get(&user);
        match (self.kind, listed) {
            _ if moderator => true,
            (_, Some(Access::ReadOnly)) => false,
            (_, Some(Access::Owner | Access::ReadWrite)) => true,
            (Kind::Public, None) => true,
            (Kind::Gallery | Kind::Private, None) => false,
        }
    }
}
