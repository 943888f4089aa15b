//! Who talks, and what they may do.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A platform's own id for a person; it stays when the person takes another name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub CompactString);

/// Someone in a room, as that room's platform knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: PersonId,
    /// The name they go by at present.
    pub name: CompactString,
}

/// What someone may do in a room; each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A stranger: may look.
    Guest,
    /// May start trackers and change their own.
    Member,
    /// May decide cases.
    Reviewer,
    /// May change everything in the room.
    Owner,
    /// Runs this Boson: may change everything everywhere.
    Operator,
}

impl Role {
    /// `a member`, `an owner`.
    pub fn with_article(self) -> &'static str {
        match self {
            Role::Guest => "a guest",
            Role::Member => "a member",
            Role::Reviewer => "a reviewer",
            Role::Owner => "an owner",
            Role::Operator => "an operator",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Role::Guest => "guest",
            Role::Member => "member",
            Role::Reviewer => "reviewer",
            Role::Owner => "owner",
            Role::Operator => "operator",
        }
    }
}
