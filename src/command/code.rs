//! The code with which somebody becomes the operator, once.

use std::sync::atomic::{AtomicU32, Ordering};

use sha2::{Digest, Sha256};

/// How often a wrong code may be typed before it is no longer asked for until the next start.
const TRIES: u32 = 5;

/// A code that was told to whoever reads the log, or none.
#[derive(Debug, Default)]
pub struct Code {
    hash: Option<[u8; 32]>,
    tries: AtomicU32,
}

impl Code {
    /// What was told.
    pub fn new(code: &str) -> Code {
        Code {
            hash: Some(hash(code)),
            tries: AtomicU32::new(0),
        }
    }

    /// Somebody can still type it.
    pub fn is_asked(&self) -> bool {
        self.hash.is_some() && self.tries.load(Ordering::Relaxed) < TRIES
    }

    /// Whether this is the code. It takes as long for one that is nearly right as for any other, and each code but the
    /// right one uses up a try; the right one uses up all.
    pub fn is(&self, typed: &str) -> bool {
        if !self.is_asked() {
            return false;
        }
        let same = self.hash == Some(hash(typed));
        self.tries
            .fetch_add(if same { TRIES } else { 1 }, Ordering::Relaxed);
        same
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

    #[test]
    fn it_works_once_and_not_after_many_mistakes() {
        let code = Code::new("ab12-cd34");
        assert!(code.is_asked() && !code.is("ab12cd35"));
        assert!(code.is("AB12 CD34") && !code.is_asked() && !code.is("ab12-cd34"));
        let code = Code::new("ab12-cd34");
        for _ in 0..TRIES {
            assert!(!code.is("x"));
        }
        assert!(!code.is("ab12-cd34"));
        assert!(!Code::default().is(""));
    }
}
