//! Which lines end the bot: `kill`, `reboot` and `shutdown`, and what people write in a hurry instead.

use crate::model::Stop;

/// Lines longer than this, in bytes, are no cry.
const LONGEST: usize = 80;

/// Words that change nothing about what is wanted.
const FILLERS: &[&str] = &[
    "at",
    "bot",
    "boson",
    "everything",
    "immediately",
    "it",
    "just",
    "now",
    "once",
    "please",
    "pls",
    "plz",
    "right",
    "posting",
    "process",
    "program",
    "spamming",
    "talking",
    "that",
    "the",
    "this",
    "you",
    "yourself",
];

/// How a line ends the bot, if it does: the command itself, or the same in plain words, however it is shouted or mistyped.
/// A line that says anything more ends nothing, nor does `stop` alone, which ends a tracker.
pub fn meant(whole: &str) -> Option<Stop> {
    // Who holds down the key for `!` lets go of shift.
    let line = match whole.trim_end_matches('1') {
        shouted if shouted.ends_with('!') => shouted.trim_end_matches(['!', '1']),
        _ => whole,
    };
    let shouts = whole.contains('!') || !whole.contains(char::is_lowercase);
    // What has a number, a flag or a name in code is about something else.
    let other = |c: char| {
        c.is_numeric()
            || matches!(c, '`' | '"' | '/' | '=' | '<' | '@' | '#')
            // Who shouts asks nothing.
            || c == '?' && !whole.contains("!!")
    };
    if line.len() > LONGEST || line.contains("--") || line.contains(other) {
        return None;
    }
    let words = line.split(|c: char| !c.is_alphabetic());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let said: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !FILLERS.contains(word))
        .map(|word| {
            if drawn_out(word, "stop") {
                "stop"
            } else {
                word
            }
        })
        .collect();
    match said.as_slice() {
        ["stop"] => (shouts || said.len() < words.len()).then_some(Stop::Kill),
        [_, _, ..] if said.iter().all(|word| ends_all(word)) => Some(Stop::Kill),
        [word] if shouts && whole.contains('!') && swapped(word) => Some(Stop::Kill),
        [word] | [word, "all"] => one(word),
        ["shut" | "power", "down"] | ["power" | "turn" | "switch", "off"] => Some(Stop::Shutdown),
        ["start" | "boot", "again"] => Some(Stop::Reboot),
        _ => None,
    }
}

/// The same where somebody is asked something: only what can be no answer ends the bot then.
pub fn unmistakable(line: &str) -> Option<Stop> {
    let words = line.split(|c: char| !c.is_alphabetic());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let named = match words.as_slice() {
        [word] => Stop::ALL.into_iter().find(|stop| stop.name() == word),
        _ => None,
    };
    let shouted = words.iter().all(|word| drawn_out(word, "stop"))
        && (line.matches('!').count() > 1 || words.len() > 1);
    named.or_else(|| meant(line).filter(|_| shouted))
}

/// Words that are said again and again by somebody who wants an end.
fn ends_all(word: &str) -> bool {
    ["stop", "kill", "halt"]
        .iter()
        .any(|known| drawn_out(word, known))
}

/// Two neighbouring letters of a short cry stand the wrong way round: `sotp`.
fn swapped(word: &str) -> bool {
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    ["stop", "kill"]
        .iter()
        .any(|known| strsim::osa_distance(word, known) == 1 && letters(word) == letters(known))
}

/// What one word means, with at most one slip of the hand.
fn one(word: &str) -> Option<Stop> {
    const WORDS: [(&str, Stop); 4] = [
        ("kill", Stop::Kill),
        ("reboot", Stop::Reboot),
        ("restart", Stop::Reboot),
        ("shutdown", Stop::Shutdown),
    ];
    if matches!(word, "die" | "halt" | "abort" | "crash" | "stahp") {
        return Some(Stop::Kill);
    }
    let meant = |(target, stop): &&(&str, Stop)| {
        // Another letter in a short word makes another word, and who shuts down means it.
        let long = target.len() > 4 && *stop != Stop::Shutdown && word.starts_with(&target[..1]);
        drawn_out(word, target) || (long && strsim::osa_distance(word, target) == 1)
    };
    WORDS.iter().find(meant).map(|(_, stop)| *stop)
}

/// Two words that differ only in how often their letters stand: `stooop` is `stop`.
fn drawn_out(word: &str, target: &str) -> bool {
    let squeezed = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.dedup();
        letters
    };
    squeezed(word) == squeezed(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cries_are_understood() {
        let cries = [
            ("kill", Stop::Kill),
            ("KILL!", Stop::Kill),
            ("kiiill it now", Stop::Kill),
            ("kil", Stop::Kill),
            ("kill all", Stop::Kill),
            ("STOP!!", Stop::Kill),
            ("STOP!!1!11", Stop::Kill),
            ("kill the bot", Stop::Kill),
            ("stop!", Stop::Kill),
            ("STOP", Stop::Kill),
            ("stooop!!!", Stop::Kill),
            ("please stop", Stop::Kill),
            ("stop it", Stop::Kill),
            ("stop stop stop", Stop::Kill),
            ("kill kill KILL", Stop::Kill),
            ("stop, kill!!", Stop::Kill),
            ("STOP SPAMMING!!", Stop::Kill),
            ("STOP IT!!!! PLEASE???", Stop::Kill),
            ("sotp!!", Stop::Kill),
            ("KLIL!", Stop::Kill),
            ("stop everything, now", Stop::Kill),
            ("die", Stop::Kill),
            ("reboot", Stop::Reboot),
            ("rebot please", Stop::Reboot),
            ("Restart!", Stop::Reboot),
            ("restrat", Stop::Reboot),
            ("start again", Stop::Reboot),
            ("shutdown", Stop::Shutdown),
            ("shut down", Stop::Shutdown),
            ("Power off.", Stop::Shutdown),
        ];
        for (line, stop) in cries {
            assert_eq!(meant(line), Some(stop), "{line}");
        }
    }

    #[test]
    fn an_answer_ends_nothing() {
        for line in [
            "kill",
            "Kill!",
            "reboot",
            "STOP!!",
            "stop stop",
            "stooop!!!",
        ] {
            assert!(unmistakable(line).is_some(), "{line}");
        }
        for line in [
            "crash", "abort", "restart", "halt", "stop!", "STOP", "stop it", "reboots", "die",
        ] {
            assert!(meant(line).is_some(), "{line}");
            assert_eq!(unmistakable(line), None, "{line}");
        }
    }

    #[test]
    fn what_says_more_ends_nothing() {
        let others = [
            "",
            "!",
            "stop",
            "stop rust-1",
            "stop --all",
            "stop `x`!",
            "kill 1",
            "sotp",
            "POTS!!",
            "stop spam!",
            "STOP WHAT?",
            "stop news!",
            "shut up",
            "robot",
            "skill",
            "bill",
            "still",
            "kill the process that eats my memory",
            "how do I kill a tracker?",
            "what does reboot do",
            "man kill",
            "help shutdown",
            "shutdow",
            "reboot?",
            "start",
            "please",
            "alive",
            "boson",
        ];
        for line in others {
            assert_eq!(meant(line), None, "{line}");
        }
        for kind in super::super::ALL {
            let stops = Stop::ALL.into_iter().find(|stop| stop.name() == kind.name);
            assert_eq!(meant(kind.name), stops, "{}", kind.name);
        }
    }
}
