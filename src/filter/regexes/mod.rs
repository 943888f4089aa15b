//! Patterns at work: compiled when an item first needs them, shared by all trackers within a bounded memory.
//!
//! A tracker keeps only its pattern's text. Every search takes time in proportion to the text, whatever the pattern:
//! a pattern whose automaton could grow without bounds is tried on the beginning of a long text only.

mod literals;
mod program;
mod runs;
mod shape;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use hashbrown::HashMap;

use super::need::{Key, Needs, TextField};
pub(super) use program::{Program, Try};
pub(super) use shape::parse;

/// What all kept programs may take, in bytes.
const KEPT: usize = 24 << 20;

static PROGRAMS: LazyLock<Mutex<Programs>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Programs {
    by_pattern: HashMap<Box<str>, Kept>,
    uses: u64,
}

struct Kept {
    program: Arc<Program>,
    used: u64,
}

impl Programs {
    fn get(&mut self, pattern: &str) -> Option<Arc<Program>> {
        self.uses += 1;
        let kept = self.by_pattern.get_mut(pattern)?;
        kept.used = self.uses;
        let program = Arc::clone(&kept.program);
        self.shrink();
        Some(program)
    }

    /// Where all programs together take too much, forgets what was not used for longest: a quarter of them.
    fn shrink(&mut self) {
        if program::bytes() <= KEPT {
            return;
        }
        let mut uses: Vec<u64> = self.by_pattern.values().map(|kept| kept.used).collect();
        let quarter = uses.len() / 4;
        if quarter == 0 {
            return;
        }
        let (_, last, _) = uses.select_nth_unstable(quarter);
        let last = *last;
        self.by_pattern.retain(|_, kept| kept.used > last);
    }
}

/// Whether a pattern that was parsed without mistake is small enough to be run.
pub(super) fn fits(pattern: &str) -> bool {
    Program::new(pattern).is_some_and(|program| program.fits())
}

/// The program of a pattern; `None` when it is too large.
pub(super) fn program(pattern: &str) -> Option<Arc<Program>> {
    // A panic elsewhere leaves at worst a wrong count of bytes.
    let lock = || PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(program) = lock().get(pattern) {
        return Some(program);
    }
    let program = Arc::new(Program::new(pattern)?);
    let mut programs = lock();
    let kept = Kept {
        program: Arc::clone(&program),
        used: programs.uses,
    };
    programs.by_pattern.insert(pattern.into(), kept);
    programs.shrink();
    Some(program)
}

/// What a text must have where the pattern matches: some letters that every match holds.
pub(super) fn needs(pattern: &str, text: TextField) -> Needs {
    let Ok(hir) = parse(pattern) else {
        return Needs::anything();
    };
    let choices = literals::required(&hir)
        .into_iter()
        .map(|choice| {
            let key = |piece: String| Key::Literal {
                text,
                piece: piece.into(),
                before: choice.before,
            };
            choice.pieces.into_iter().map(key).collect()
        })
        .collect();
    Needs {
        choices,
        enough: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_every_pattern_still_works() {
        for n in 0..3_000 {
            let pattern = format!("word{n}");
            let text = format!("a WORD{n}");
            assert!(program(&pattern).unwrap().find(&text).is_some());
        }
        let programs = PROGRAMS.lock().unwrap();
        // Other tests compile, too.
        assert!(program::bytes() <= KEPT + (8 << 20));
        assert!(programs.by_pattern.len() < 2_500);
    }

    #[test]
    fn what_grows_beyond_the_limit_does_not_fit() {
        for small in ["rust|go", "(a+)+$", r"\w{10}", r"(foo|bar){3,20}"] {
            assert!(fits(small), "{small}");
        }
        for large in [r"\w{500}", "((((a{30}){30}){30}){30})", "(x{1,50}){1,50}"] {
            assert!(!fits(large), "{large}");
        }
    }
}
