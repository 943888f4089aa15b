//! Words beside the answers: `back`, `skip`, `?`, `cancel`, `summary`.

/// What somebody wants instead of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detour {
    /// The question before.
    Back,
    /// The next question.
    Skip,
    /// Help with this question.
    Explain,
    /// The end of it all.
    Cancel,
    /// What was answered so far.
    Sum,
    /// The answer is that nothing is wanted here.
    Nothing,
}

const WORDS: &[(&str, Detour)] = &[
    ("back", Detour::Back),
    ("previous", Detour::Back),
    ("skip", Detour::Skip),
    ("next", Detour::Skip),
    ("?", Detour::Explain),
    ("help", Detour::Explain),
    ("cancel", Detour::Cancel),
    ("quit", Detour::Cancel),
    ("exit", Detour::Cancel),
    ("stop", Detour::Cancel),
    ("never mind", Detour::Cancel),
    ("summary", Detour::Sum),
    ("none", Detour::Nothing),
    ("nothing", Detour::Nothing),
    ("-", Detour::Nothing),
];

const YES: &[&str] = &[
    "yes", "y", "yep", "yeah", "ok", "okay", "sure", "true", "do it", "fine", "right",
];
const NO: &[&str] = &["no", "n", "nope", "false", "wrong"];

impl Detour {
    /// The detour that is all of what was said, in any case, with or without a full stop behind it.
    pub fn of(said: &str) -> Option<Detour> {
        let plain = plain(said);
        let mut all = WORDS.iter();
        all.find(|(word, _)| *word == plain)
            .map(|(_, detour)| *detour)
    }
}

pub fn is_yes(said: &str) -> bool {
    YES.contains(&plain(said).as_str())
}

/// Whether somebody said `yes`, and nothing that is also said in passing.
pub fn is_plain_yes(said: &str) -> bool {
    plain(said) == "yes"
}

/// Whether somebody said `no`, and nothing else.
pub fn is_plain_no(said: &str) -> bool {
    plain(said) == "no"
}

pub fn is_no(said: &str) -> bool {
    NO.contains(&plain(said).as_str())
}

fn plain(said: &str) -> String {
    let said = said.trim();
    let bare = said.trim_end_matches(['.', '!', ',']);
    bare.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detour_is_all_that_was_said() {
        assert_eq!(Detour::of(" Back. "), Some(Detour::Back));
        assert_eq!(Detour::of("?"), Some(Detour::Explain));
        assert_eq!(Detour::of("back to the future"), None);
        assert_eq!(Detour::of(""), None);
        assert!(is_plain_yes("Yes!") && !is_plain_yes("ok") && is_yes("ok"));
        assert!(is_yes("Yes!") && is_no("nope") && !is_yes("yes or no"));
    }
}
