//! The code with which somebody becomes the operator, once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use compact_str::CompactString;
use sha2::{Digest, Sha256};

use crate::model::{Person, PersonId, RoomId};

/// How many wrong codes somebody may type before theirs are read no more until the next start.
const TRIES: u32 = 5;
/// The same for all together, who may be one under many names: so many that nobody can lock out whoever has the code, and
/// so few that nobody finds one of a million million codes.
const TRIES_OF_ALL: u32 = 1_000;

/// A code that was told to whoever reads the log, or none.
#[derive(Debug, Default)]
pub struct Code {
    hash: Option<[u8; 32]>,
    tried: Mutex<Tried>,
}

#[derive(Debug, Default)]
struct Tried {
    /// By platform and id.
    wrong: HashMap<(CompactString, PersonId), u32>,
    all: u32,
    used: bool,
}

/// What became of a code that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    Right,
    Wrong,
    /// It was not read: there were too many wrong ones of theirs, or of all.
    TooMany,
    /// There is no code, or it is used up.
    Nothing,
}

impl Code {
    /// What was told.
    pub fn new(code: &str) -> Code {
        Code {
            hash: Some(hash(code)),
            tried: Mutex::default(),
        }
    }

    /// There is one, and nobody has used it.
    pub fn is_there(&self) -> bool {
        self.hash.is_some() && !self.tried().used
    }

    /// Somebody types it in a room. It takes as long for one that is nearly right as for any other.
    pub fn claim(&self, room: &RoomId, person: &Person, typed: &str) -> Claim {
        let mut tried = self.tried();
        let Some(told) = self.hash.filter(|_| !tried.used) else {
            return Claim::Nothing;
        };
        // Nobody else is kept in mind then.
        if tried.all >= TRIES_OF_ALL {
            return Claim::TooMany;
        }
        let who = (room.platform.clone(), person.id.clone());
        let wrong = tried.wrong.entry(who).or_default();
        if *wrong >= TRIES {
            return Claim::TooMany;
        }
        if told == hash(typed) {
            tried.used = true;
            return Claim::Right;
        }
        *wrong += 1;
        tried.all += 1;
        Claim::Wrong
    }

    fn tried(&self) -> MutexGuard<'_, Tried> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hyphens and the size of letters do not matter.
fn hash(code: &str) -> [u8; 32] {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    let plain: String = letters.flat_map(char::to_lowercase).collect();
    Sha256::digest(plain.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PersonId;

    fn type_it(code: &Code, who: &str, typed: &str) -> Claim {
        let person = Person {
            id: PersonId(who.into()),
            name: "Ann".into(),
        };
        code.claim(&RoomId::new("test", "#test"), &person, typed)
    }

    #[test]
    fn it_works_once() {
        let code = Code::new("ab12-cd34");
        assert_eq!(type_it(&code, "ann", "ab12cd35"), Claim::Wrong);
        assert!(code.is_there());
        assert_eq!(type_it(&code, "ann", "AB12 CD34"), Claim::Right);
        assert!(!code.is_there());
        assert_eq!(type_it(&code, "ann", "ab12-cd34"), Claim::Nothing);
        assert_eq!(type_it(&Code::default(), "ann", ""), Claim::Nothing);
    }

    #[test]
    fn nobody_locks_out_others_and_nobody_tries_for_ever() {
        let code = Code::new("ab12-cd34");
        for person in 0..TRIES_OF_ALL / TRIES {
            for _ in 0..TRIES {
                assert_eq!(type_it(&code, &person.to_string(), "x"), Claim::Wrong);
            }
            assert_eq!(
                type_it(&code, &person.to_string(), "ab12-cd34"),
                Claim::TooMany
            );
        }
        assert_eq!(type_it(&code, "ann", "ab12-cd34"), Claim::TooMany);
        let code = Code::new("ab12-cd34");
        for _ in 0..TRIES {
            assert_eq!(type_it(&code, "eve", "x"), Claim::Wrong);
        }
        assert_eq!(type_it(&code, "ann", "ab12-cd34"), Claim::Right);
    }
}
