//! What is said of a line that begins with no command.

use super::words::Line;
use super::{ALL, CommandKind, Grammar, sentence};
use crate::model::Refusal;
use crate::registry;

/// Words with which people ask or greet instead of telling me what to do: no slips of anything.
const TALK: &[&str] = &[
    "are", "can", "could", "did", "do", "does", "good", "hello", "hey", "hi", "how", "i", "i'd",
    "is", "thank", "thanks", "what", "what's", "when", "where", "which", "who", "will", "would",
];

/// The refusal, with the hint that helps most: the page that whoever asks a question looks for, or a command of which
/// the first word is a slip and that takes the rest of the line.
pub(super) fn refused(grammar: &mut Grammar, line: &Line, refusal: Refusal) -> Refusal {
    let Some((first, rest)) = line.words.split_first() else {
        return refusal;
    };
    let typed = first.text.to_lowercase();
    let talks = !rest.is_empty() && TALK.contains(&typed.as_str());
    let named = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        ALL.iter().find(|kind| kind.name.eq_ignore_ascii_case(word))
    };
    let about = rest.iter().find_map(|word| named(&word.text));
    let near: Vec<&CommandKind> = match (refusal.slip.as_deref(), talks) {
        (Some((_, near)), false) => {
            let near = near.iter().filter_map(|near| named(near));
            near.filter(|kind| {
                // One letter says more about what was meant than all that follows.
                strsim::osa_distance(&typed, kind.name) <= 1 || fits(grammar, kind, line)
            })
            .collect()
        }
        (Some(_), true) | (None, _) => Vec::new(),
    };
    let hint = match (near.first(), about) {
        (Some(near), _) => format!("did you mean `{}`?", near.name),
        (None, Some(kind)) if talks => format!("`man {}` says all about it", kind.name),
        (None, _) => "`commands` lists what there is, `help` shows how to begin".into(),
    };
    let refusal = refusal.slip(&first.text, near.into_iter().map(|kind| kind.name));
    Refusal {
        hint: Some(hint),
        ..refusal
    }
}

/// Whether a command takes what follows the first word of a line.
fn fits(grammar: &mut Grammar, kind: &CommandKind, line: &Line) -> bool {
    let command = grammar.of(kind);
    let argv = sentence::flags(line, |flag| sentence::Declared::by(command, flag));
    registry::parse(command, argv.into_iter().skip(1).collect()).is_ok()
}
