//! A mistake in something typed, shown under the place where it was made.

use crate::model::Refusal;
use crate::model::text::harmless;

/// How many characters of a long line are shown before the mistake, and behind it.
const AROUND: usize = 36;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// The byte where it begins in what was typed.
    pub at: usize,
    /// A whole sentence.
    pub what: String,
    pub hint: Option<String>,
}

impl Mistake {
    pub fn new(at: usize, what: impl Into<String>) -> Mistake {
        Mistake {
            at,
            what: what.into(),
            hint: None,
        }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Mistake {
        self.hint = Some(hint.into());
        self
    }

    /// A refusal at a place.
    pub fn from_refusal(at: usize, refusal: Refusal) -> Mistake {
        Mistake {
            at,
            what: refusal.what,
            hint: refusal.hint,
        }
    }

    /// Where what was typed is not shown.
    pub fn without_place(self) -> Refusal {
        Refusal {
            what: self.what,
            hint: self.hint,
            about: None,
            slip: None,
            idle: false,
        }
    }

    /// The mistake in three lines: what is wrong, what was typed, a caret under the place.
    pub fn shown_in(self, typed: &str) -> Refusal {
        let place = typed.floor_char_boundary(self.at);
        let before: Vec<char> = line(&typed[..place]).chars().collect();
        let behind: Vec<char> = line(&typed[place..]).chars().collect();
        let first = if before.len() > AROUND {
            before.len() - AROUND + 1
        } else {
            0
        };
        let mut shown = String::new();
        if first > 0 {
            shown.push('…');
        }
        shown.extend(&before[first..]);
        let caret = shown.chars().count();
        shown.extend(behind.iter().take(AROUND));
        if behind.len() > AROUND {
            shown.push('…');
        }
        Refusal {
            what: format!("{}\n    {shown}\n    {}^", self.what, " ".repeat(caret)),
            hint: self.hint,
            about: None,
            slip: None,
            idle: false,
        }
    }
}

/// One line in which every character takes a place and none makes code of its neighbours.
fn line(text: &str) -> String {
    harmless(text).replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_mistake() {
        let refusal = Mistake::new(3, "No.").shown_in("é (b");
        assert_eq!(refusal.what, "No.\n    é (b\n      ^");
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides() {
        let typed = "x".repeat(500);
        let refusal = Mistake::new(250, "No.").shown_in(&typed);
        let lines: Vec<&str> = refusal.what.lines().collect();
        assert!(lines[1].chars().count() < 90);
        assert!(lines[1].trim().starts_with('…') && lines[1].ends_with('…'));
    }
}
