//! Whether a message is meant for the account: by its name there, or as an answer.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// So many letters of a name are enough to call somebody.
const LEAST: usize = 3;
/// What ends a name in a message, beside space.
const ENDS: [char; 15] = [
    '.', '_', '!', '?', '(', ')', ';', ':', '/', '+', '&', '<', '-', ',', '\u{200d}',
];

/// The message with the account's own name at its beginning turned into the bot's: who says `@BosonBot list` there says
/// `@boson list` here.
pub(super) fn to_bot(text: &str, account: &str, bot: &str) -> String {
    match after_name(text, account) {
        Some(rest) => format!("@{bot}{rest}"),
        None => text.into(),
    }
}

/// An answer to the bot without the name that the chat wrote before it.
pub(super) fn answer<'t>(text: &'t str, account: &str) -> &'t str {
    after_name(text, account).map_or(text, |rest| {
        rest.trim_start_matches([' ', ',', ':']).trim_start()
    })
}

/// What follows when a text begins by calling somebody of this name.
fn after_name<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let called = text.strip_prefix('@')?;
    let run = called.find(char::is_whitespace).unwrap_or(called.len());
    let name = folded(name);
    // A name may have such signs inside: the longest beginning of it counts.
    let ends = called[..run].match_indices(ENDS).map(|(at, _)| at);
    let mut ends: Vec<usize> = ends.chain([run]).collect();
    ends.reverse();
    let end = ends.into_iter().find(|end| {
        let word = folded(&called[..*end]);
        word.chars().count() >= LEAST && name.starts_with(&word)
    })?;
    Some(&called[end..])
}

/// In small letters, without accents and spaces.
fn folded(name: &str) -> String {
    let all = name.nfd().filter(|sign| !is_combining_mark(*sign));
    let all = all.filter(|sign| !sign.is_whitespace());
    all.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_called_by_their_beginning() {
        for (text, account, expected) in [
            ("@Boson list", "Boson", "@bot list"),
            ("@bos list", "Boson", "@bot list"),
            ("@bo list", "Boson", "@bo list"),
            ("@boson, list", "Boson", "@bot, list"),
            ("@boson: list", "Boson", "@bot: list"),
            ("@boson", "Boson", "@bot"),
            ("@bosons list", "Boson", "@bosons list"),
            ("@BosonBot list", "Boson Bot", "@bot list"),
            ("@BOSÓN list", "boson", "@bot list"),
            ("@se-bot list", "se-bot", "@bot list"),
            ("@se-bottom list", "se-bot", "@se-bottom list"),
            ("@boson-list", "Boson", "@bot-list"),
            ("hello @boson", "Boson", "hello @boson"),
            ("@ boson", "Boson", "@ boson"),
            ("", "Boson", ""),
            ("@", "", "@"),
            ("@boson\nlist", "Boson", "@bot\nlist"),
        ] {
            assert_eq!(to_bot(text, account, "bot"), expected, "{text}");
        }
    }

    #[test]
    fn the_name_before_an_answer_goes() {
        for (text, expected) in [
            ("@Boson list", "list"),
            ("@Boson, list", "list"),
            ("list", "list"),
            ("@Ann list", "@Ann list"),
            ("@Boson", ""),
        ] {
            assert_eq!(answer(text, "Boson"), expected, "{text}");
        }
    }
}
