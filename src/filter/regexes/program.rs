//! One compiled pattern: a part for each way in which it is tried, made when it is first needed.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::nfa::thompson::backtrack::{self, BoundedBacktracker};
use regex_automata::nfa::thompson::{self, NFA};
use regex_automata::{Anchored, Input, dfa, meta};
use regex_syntax::hir::Hir;

use super::super::fold::READ;
use super::super::folded::Plain;
use super::runs::{self, Run};
use super::shape;

/// The largest program, in bytes.
const LARGEST: usize = 1 << 20;
/// Programs surely below that are not compiled to see whether they fit.
const SURELY_SMALL: usize = LARGEST / 2;
/// The most characters that a pattern names once its repetitions are written out.
const PLACES: u32 = 1_000;
/// What the search tables of a program may take on top, in bytes.
const TABLES: usize = 512 << 10;
/// What they take as a rule.
const USUAL_TABLES: usize = 32 << 10;
/// How many steps a search may take where the fast engine cannot be trusted with it: a millisecond or two.
const STEPS: u32 = 150_000;
/// At least so much of a text is always read, in bytes.
const LEAST: usize = 512;
/// How many steps a try at one place may take; beyond, one search of the whole text is less work.
const TRY: usize = 20_000;
/// The most places before a piece at which a match is tried.
const STARTS: u32 = 32;

/// What all programs take, in bytes.
static BYTES: AtomicUsize = AtomicUsize::new(0);

/// About how many bytes all programs take that somebody holds.
pub fn bytes() -> usize {
    BYTES.load(Ordering::Relaxed)
}

/// A pattern, compiled as far as it was needed.
pub struct Program {
    pattern: Box<str>,
    hir: Hir,
    /// In how many places a search can be at once.
    threads: u32,
    /// The most characters of a match.
    longest: Option<u32>,
    /// Runs of characters that every match holds.
    runs: Vec<Run>,
    /// Whether its automaton for ASCII has few states, such that a search never leaves the fast engine.
    calm: OnceLock<bool>,
    ascii: OnceLock<Option<meta::Regex>>,
    unicode: OnceLock<Option<regex::Regex>>,
    here: OnceLock<Option<BoundedBacktracker>>,
    bytes: AtomicUsize,
}

impl Drop for Program {
    fn drop(&mut self) {
        BYTES.fetch_sub(*self.bytes.get_mut(), Ordering::Relaxed);
    }
}

/// What a try at one place says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    Matches,
    /// Not here; perhaps elsewhere.
    NotHere,
    /// One search of the whole text is less work than tries.
    TooMuch,
}

impl Program {
    /// A pattern that is not compiled yet; `None` when it cannot be read or has too many places.
    pub fn new(pattern: &str) -> Option<Program> {
        let hir = shape::parse(pattern).ok()?;
        if shape::positions(&hir) > PLACES {
            return None;
        }
        let program = Program {
            threads: shape::threads(&hir),
            longest: shape::longest(&hir),
            runs: runs::required(&hir),
            pattern: pattern.into(),
            hir,
            calm: OnceLock::new(),
            ascii: OnceLock::new(),
            unicode: OnceLock::new(),
            here: OnceLock::new(),
            bytes: AtomicUsize::new(0),
        };
        // The syntax tree takes several times its text.
        program.grows(1024 + 16 * pattern.len());
        Some(program)
    }

    /// Whether it compiles within [`LARGEST`] bytes.
    pub fn fits(&self) -> bool {
        shape::weight(&self.hir) <= SURELY_SMALL || self.unicode().is_some()
    }

    fn grows(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        BYTES.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Where it matches first.
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        let is_ascii = text.is_ascii();
        let text = &text[..text.floor_char_boundary(self.reach(text.len(), is_ascii))];
        if is_ascii {
            self.ascii()?.find(text).map(|found| found.range())
        } else {
            self.unicode()?.find(text).map(|found| found.range())
        }
    }

    /// Whether it matches anywhere; `None` when it is too large.
    pub fn is_in(&self, plain: &Plain<'_>) -> Option<bool> {
        let has = |run: &Run| plain.has_run(run.class, run.least, |text| runs::has(*run, text));
        if !self.runs.iter().all(has) {
            return Some(false);
        }
        let text = &*plain.text;
        let text = &text[..text.floor_char_boundary(self.reach(text.len(), plain.is_ascii))];
        Some(if plain.is_ascii {
            self.ascii()?.is_match(text)
        } else {
            self.unicode()?.is_match(text)
        })
    }

    /// Whether it matches where one of its pieces begins at the byte `at`, and at most `before` characters before.
    pub fn is_at(&self, plain: &Plain<'_>, at: usize, before: Option<u32>) -> Try {
        let (Some(before), Some(longest)) =
            (before.filter(|before| *before <= STARTS), self.longest)
        else {
            return Try::TooMuch;
        };
        let text = &*plain.text;
        let reach = text.floor_char_boundary(self.reach(text.len(), plain.is_ascii));
        let bytes = &text.as_bytes()[..reach];
        if at > reach {
            return Try::NotHere;
        }
        let first = at.saturating_sub(before as usize);
        let last = (at + longest as usize).min(reach);
        // What stands at the edges decides whether a word ends there.
        if !bytes[first.saturating_sub(1)..(last + 1).min(reach)].is_ascii() {
            return Try::TooMuch;
        }
        let Some(here) = self.here() else {
            return Try::TooMuch;
        };
        let steps = (last - first + 1) * here.get_nfa().states().len();
        if steps > TRY {
            return Try::TooMuch;
        }
        CACHE.with_borrow_mut(|cache| {
            let cache = cache.get_or_insert_with(|| here.create_cache());
            cache.reset(here);
            for from in first..=at.min(last) {
                let to = (from + longest as usize).min(reach);
                let input = Input::new(bytes).range(from..to).anchored(Anchored::Yes);
                match here.try_is_match(cache, input) {
                    Ok(true) => return Try::Matches,
                    Ok(false) => {}
                    Err(_) => return Try::TooMuch,
                }
            }
            Try::NotHere
        })
    }

    /// How much of a text it is tried on, in bytes.
    fn reach(&self, length: usize, is_ascii: bool) -> usize {
        let sure = ((STEPS / self.threads.max(1)) as usize).max(LEAST);
        let fast = is_ascii || !shape::asks_for_words(&self.hir);
        if length <= sure || fast && *self.calm.get_or_init(|| is_calm(&self.hir)) {
            READ
        } else {
            sure
        }
    }

    /// For texts that are ASCII.
    fn ascii(&self) -> Option<&meta::Regex> {
        self.ascii
            .get_or_init(|| {
                let config = meta::Config::new()
                    .nfa_size_limit(Some(LARGEST))
                    .hybrid_cache_capacity(TABLES)
                    .onepass(false);
                let regex = meta::Builder::new()
                    .configure(config)
                    .build_from_hir(&shape::ascii(&self.hir))
                    .ok()?;
                self.grows(regex.memory_usage() + USUAL_TABLES);
                Some(regex)
            })
            .as_ref()
    }

    /// For all others.
    fn unicode(&self) -> Option<&regex::Regex> {
        self.unicode
            .get_or_init(|| {
                let regex = regex::RegexBuilder::new(&self.pattern)
                    .case_insensitive(true)
                    .multi_line(true)
                    .nest_limit(50)
                    .size_limit(LARGEST)
                    .dfa_size_limit(TABLES)
                    .build()
                    .ok()?;
                self.grows(shape::weight(&self.hir).min(LARGEST) + USUAL_TABLES);
                Some(regex)
            })
            .as_ref()
    }

    fn here(&self) -> Option<&BoundedBacktracker> {
        self.here
            .get_or_init(|| {
                let here = BoundedBacktracker::builder()
                    .build_from_nfa(nfa(&shape::ascii(&self.hir))?)
                    .ok()?;
                self.grows(here.get_nfa().memory_usage());
                Some(here)
            })
            .as_ref()
    }
}

thread_local! {
    /// What tries write on; one for all patterns, as it is made ready for each try anyway.
    static CACHE: RefCell<Option<backtrack::Cache>> = const { RefCell::new(None) };
}

fn nfa(hir: &Hir) -> Option<NFA> {
    let config = thompson::Config::new()
        .utf8(false)
        .nfa_size_limit(Some(LARGEST))
        .which_captures(thompson::WhichCaptures::None);
    thompson::Compiler::new()
        .configure(config)
        .build_from_hir(hir)
        .ok()
}

fn is_calm(hir: &Hir) -> bool {
    let config = dfa::dense::Config::new()
        .accelerate(false)
        .start_kind(dfa::StartKind::Unanchored)
        .dfa_size_limit(Some(TABLES / 2))
        .determinize_size_limit(Some(TABLES / 2));
    nfa(&shape::ascii(hir)).is_some_and(|nfa| {
        dfa::dense::Builder::new()
            .configure(config)
            .build_from_nfa(&nfa)
            .is_ok()
    })
}
