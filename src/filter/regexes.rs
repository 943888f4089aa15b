//! Compiled patterns, shared by all trackers within a bounded memory.
//!
//! A tracker keeps only its pattern's text; the program is compiled when an item first needs it and dropped again
//! when others were used later. What is compiled at creation, to see whether it fits, is dropped at once.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

/// The largest program, in bytes.
const LARGEST: usize = 1 << 20;

/// Limits that are tried one after the other, and how much of a text a program of that size is tried on, in bytes:
/// the time for an item grows with the product of the two.
const SIZES: [(usize, usize); 3] = [
    (16 << 10, 128 << 10),
    (128 << 10, 32 << 10),
    (LARGEST, 8 << 10),
];

/// What a program's search tables may take on top, in bytes.
const TABLES: usize = 128 << 10;

/// What all kept programs may take, in bytes; most are far smaller than they are counted.
const KEPT: usize = 64 << 20;

static PROGRAMS: LazyLock<Mutex<Programs>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Programs {
    by_pattern: HashMap<Box<str>, Kept>,
    bytes: usize,
    uses: u64,
}

struct Kept {
    program: Arc<Program>,
    bytes: usize,
    used: u64,
}

/// A compiled pattern.
pub(super) struct Program {
    regex: Regex,
    /// How much of a text it is tried on, in bytes.
    reach: usize,
}

impl Program {
    /// The first words it matches.
    pub fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let read = &text[..text.floor_char_boundary(self.reach)];
        self.regex.find(read).map(|place| place.as_str())
    }
}

/// Whether a pattern that was parsed without mistake compiles within [`LARGEST`] bytes.
pub(super) fn fits(pattern: &str) -> bool {
    is_surely_small(pattern) || compile(pattern).is_some()
}

/// The program of a pattern; `None` when it is too large.
pub(super) fn program(pattern: &str) -> Option<Arc<Program>> {
    // A panic elsewhere leaves at worst a wrong count of bytes.
    let mut programs = PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner);
    programs.uses += 1;
    let now = programs.uses;
    if let Some(kept) = programs.by_pattern.get_mut(pattern) {
        kept.used = now;
        return Some(Arc::clone(&kept.program));
    }
    drop(programs);
    let (program, bytes) = compile(pattern)?;
    let program = Arc::new(program);
    let mut programs = PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner);
    while programs.bytes + bytes > KEPT {
        let Some(oldest) = programs
            .by_pattern
            .iter()
            .min_by_key(|(_, kept)| kept.used)
            .map(|(pattern, _)| pattern.clone())
        else {
            break;
        };
        if let Some(kept) = programs.by_pattern.remove(&oldest) {
            programs.bytes = programs.bytes.saturating_sub(kept.bytes);
        }
    }
    let kept = Kept {
        program: Arc::clone(&program),
        bytes,
        used: now,
    };
    programs.bytes += bytes;
    if let Some(twin) = programs.by_pattern.insert(pattern.into(), kept) {
        programs.bytes = programs.bytes.saturating_sub(twin.bytes);
    }
    Some(program)
}

/// Tries small limits first: the limit that was enough tells how much memory to count.
fn compile(pattern: &str) -> Option<(Program, usize)> {
    SIZES.into_iter().find_map(|(limit, reach)| {
        RegexBuilder::new(pattern)
            .case_insensitive(true)
            .multi_line(true)
            .size_limit(limit)
            .dfa_size_limit(TABLES)
            .build()
            .ok()
            .map(|regex| (Program { regex, reach }, limit + TABLES))
    })
}

/// Without repetition and with few classes a thousand characters cannot become a megabyte: no need to compile ten
/// thousand patterns at a start.
fn is_surely_small(pattern: &str) -> bool {
    !pattern.contains('{') && pattern.matches(['\\', '[', '.']).count() <= 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_every_pattern_still_works() {
        for n in 0..600 {
            let pattern = format!("word{n}");
            assert!(
                program(&pattern)
                    .unwrap()
                    .find(&format!("a WORD{n}"))
                    .is_some()
            );
        }
        let programs = PROGRAMS.lock().unwrap();
        assert!(programs.bytes <= KEPT);
        assert!(programs.by_pattern.len() < 600);
    }

    #[test]
    fn what_grows_beyond_the_limit_does_not_fit() {
        assert!(fits("rust|go"));
        assert!(!fits(r"\w{500}"));
        assert!(!fits("((((a{30}){30}){30}){30})"));
    }
}
