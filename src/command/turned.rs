//! Turns the words of a line about Stack Exchange into the order in which they are read.
//!
//! | typed | read |
//! | --- | --- |
//! | `track closed questions on beer`, `track questions closed on beer` | `track questions --which closed on beer` |
//! | `track new tags on beer`, `track suggested edits on beer` | `track tags on beer`, `track edits on beer` |
//! | `below 1;2`, `below 1 and 2`, `below posts 1, 2`, `post 1 2` | `below 1,2` |
//! | `track comments below https://beer.stackexchange.com/q/7` | the same with `on beer` |

use super::sentence::CONNECTORS;
use super::words::{Line, Word};
use crate::model::{Args, Refusal};
use crate::when;
use crate::{filter::query, model::text::cut};

/// Words beside `questions` that say which of them.
const WHICH: [(&str, &str); 7] = [
    ("new", "new"),
    ("active", "active"),
    ("edited", "edited"),
    ("closed", "closed"),
    ("bountied", "bountied"),
    ("featured", "bountied"),
    ("bounty", "bountied"),
];

/// What is watched of certain posts only.
const BELOW_POSTS: [&str; 2] = ["comments", "revisions"];

/// Before the posts themselves.
const BELOW: [&str; 5] = ["below", "under", "post", "posts", "--post"];

/// The line in the order in which it is read.
pub fn turn(line: &mut Line) {
    let first = |word: &str| plain(line, 0).is_some_and(|first| first == word);
    let (track, used) = (first("track"), first("use"));
    if track {
        which(line);
    }
    let kind = plain(line, 1).unwrap_or_default();
    let watches_posts = BELOW_POSTS.contains(&kind.as_str());
    if track && watches_posts || used {
        below(line, track);
    }
}

/// The word at `at` in small letters, if it is not quoted.
fn plain(line: &Line, at: usize) -> Option<String> {
    let word = line.words.get(at).filter(|word| !word.quoted)?;
    Some(word.text.to_lowercase())
}

/// What `word` says of questions.
fn which_of(word: &str) -> Option<&'static str> {
    let mut all = WHICH.iter();
    all.find(|(said, _)| *said == word).map(|(_, which)| *which)
}

fn which(line: &mut Line) {
    let (Some(first), Some(second)) = (plain(line, 1), plain(line, 2)) else {
        return;
    };
    let found = match (first.as_str(), second.as_str()) {
        (which, "questions") => which_of(which).map(|which| (1, which)),
        ("questions", which) => which_of(which).map(|which| (2, which)),
        _ => None,
    };
    match (second.as_str(), found) {
        (_, Some((at, which))) => {
            let word = line.words.remove(at);
            let of = |text: &str| Word {
                text: text.into(),
                ..word.clone()
            };
            line.words.splice(2..2, [of("--which"), of(which)]);
        }
        ("edits", None) if first == "suggested" => {
            line.words.remove(1);
        }
        (
            "answers" | "comments" | "posts" | "tags" | "edits" | "revisions" | "badges" | "users",
            None,
        ) if first == "new" => {
            line.words.remove(1);
        }
        _ => {}
    }
}

/// Puts commas between posts, and the site before them where only a link to one of them says it.
fn below(line: &mut Line, may_place: bool) {
    let end = (0..line.words.len())
        .find(|at| plain(line, *at).is_some_and(|word| word == "where"))
        .unwrap_or(line.words.len());
    let Some((at, until, posts)) = (2..end).find_map(|at| {
        let word = plain(line, at)?;
        (BELOW.contains(&word.as_str()) && !is_value(line, at)).then_some(())?;
        let (until, posts) = posts(line, at + 1, end);
        (!posts.is_empty()).then_some((at, until, posts))
    }) else {
        return;
    };
    let of = |text: &str| Word {
        text: text.into(),
        ..line.words[at].clone()
    };
    let said = [of("below"), of(&posts.join(","))];
    let link = posts.iter().find(|post| post.contains("://"));
    let link = link.map(|link| of(link.trim_matches(['<', '>'])));
    let placed = (2..at).any(|at| plain(line, at).is_none_or(|word| word != "on"))
        || is_site(line, until)
        || (until..end).any(|at| is_place(line, at));
    line.words.splice(at..until, said);
    if let Some(link) = link.filter(|_| may_place && !placed) {
        line.words.insert(2, link);
    }
}

/// The posts that stand at `at`, and where they end.
fn posts(line: &Line, mut at: usize, end: usize) -> (usize, Vec<String>) {
    let names = [
        "post",
        "posts",
        "question",
        "questions",
        "answer",
        "answers",
    ];
    if plain(line, at).is_some_and(|word| names.contains(&word.as_str())) {
        at += 1;
    }
    let numbers = |at: usize| {
        let text = line.words[..end].get(at)?.text.as_str();
        let posts = text.split([',', ';']).filter(|post| !post.is_empty());
        posts.clone().all(is_post).then_some(posts)
    };
    let mut found = Vec::new();
    while let Some(more) = numbers(at) {
        found.extend(more.map(String::from));
        at += 1;
        if plain(line, at).is_some_and(|word| word == "and") && numbers(at + 1).is_some() {
            at += 1;
        }
    }
    (at, found)
}

fn is_post(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) || text.contains("://")
}

/// Whether the word at `at` is what a flag or a connecting word before it is about: `named post`.
fn is_value(line: &Line, at: usize) -> bool {
    let takes = ["named", "as", "in", "by", "tagged"];
    let alone = ["--dry-run", "--any", "--broad", "--thread"];
    plain(line, at - 1).is_some_and(|before| {
        let before = before.as_str();
        let flag = before.starts_with("--") && !before.contains('=');
        takes.contains(&before) || flag && !alone.contains(&before)
    })
}

/// Whether what stands at `at` must be the name of a site.
fn is_site(line: &Line, at: usize) -> bool {
    let Some(word) = line.words.get(at) else {
        return false;
    };
    let connects = |connector: &super::sentence::Connector| {
        plain(line, at).is_some_and(|word| word == connector.word)
    };
    word.quoted || !word.text.starts_with("--") && !CONNECTORS.iter().any(connects)
}

/// Whether the word at `at` is an `on` before a site.
fn is_place(line: &Line, at: usize) -> bool {
    let next: Vec<&str> = line.words[at + 1..]
        .iter()
        .take(2)
        .map(|word| word.text.as_str())
        .collect();
    plain(line, at).is_some_and(|word| word == "on") && !when::begins_days(&next.join(" "))
}

/// Looks for words that stand where the name of a site should and are none.
///
/// # Errors
/// With where they belong.
pub fn check_site(kind: &str, args: &Args) -> Result<(), Refusal> {
    let words = args.get("site").map(Vec::as_slice).unwrap_or_default();
    let refusal = |word: &str| {
        let word = cut(&word.replace('`', "'"), 40);
        Refusal::new(format!("`{word}` is no part of a site's name."))
    };
    if let Some(at) = words.iter().position(|word| asks(word)) {
        let asked = cut(&words[at..].join(" ").replace('`', "'"), 80);
        return Err(refusal(&words[at]).hint(format!(
            "what is asked of an item stands behind `where`: `where {asked}`"
        )));
    }
    let said = words.iter().enumerate().skip(1);
    for (at, word) in said {
        if kind == "questions" && which_of(&word.to_lowercase()).is_some() {
            let site = cut(&words[..at].join(" ").replace('`', "'"), 40);
            return Err(refusal(word).hint(format!(
                "did you mean `track {} questions on {site}`?",
                word.to_lowercase()
            )));
        }
        if BELOW_POSTS.contains(&kind) && is_post(word) {
            return Err(refusal(word).hint(format!(
                "posts stand behind `below`, with commas between them: `below {}`",
                cut(&word.replace('`', "'"), 80)
            )));
        }
    }
    Ok(())
}

/// `closed:yes`: a word of a query, not of a name.
fn asks(word: &str) -> bool {
    let name = word.split([':', '<', '>', '=', '!', '≤', '≥', '≠']).next();
    let name = name.unwrap_or_default().trim_start_matches('-');
    name.len() < word.len() && query::is_known(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::words::split;
    use super::*;

    fn turned(typed: &str) -> String {
        let mut line = split(typed);
        turn(&mut line);
        let words: Vec<&str> = line.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }

    #[test]
    fn words_are_put_where_they_are_read() {
        for (typed, read) in [
            (
                "track closed questions on beer",
                "track questions --which closed on beer",
            ),
            (
                "track questions Featured on beer",
                "track questions --which bountied on beer",
            ),
            ("track new tags on beer", "track tags on beer"),
            ("track suggested edits on beer", "track edits on beer"),
            (
                "track comments on beer post 1 and 2",
                "track comments on beer below 1,2",
            ),
            (
                "track comments below 1 ; 2 every day",
                "track comments below 1,2 every day",
            ),
            ("track comments below 7 beer", "track comments below 7 beer"),
            (
                "track comments below https://x.example/q/7 on beer",
                "track comments below https://x.example/q/7 on beer",
            ),
            (
                "track comments below https://x.example/q/7 named x",
                "track comments https://x.example/q/7 below https://x.example/q/7 named x",
            ),
            ("use quiet-posts below 1;2", "use quiet-posts below 1,2"),
        ] {
            assert_eq!(turned(typed), read);
        }
    }

    #[test]
    fn everything_else_stays() {
        for line in [
            "",
            "track",
            "track comments",
            "track comments on beer below hops",
            "track comments on beer named post 3",
            "track comments on beer where post 3;4",
            "track questions on beer below 1;2",
            "echo comments below 1;2",
            "edit questions closed",
        ] {
            assert_eq!(turned(line), line);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_line_can_be_turned(
            words in prop::collection::vec("below|post|1;2|,|and|on|https://x.y/q/7|where|--post|--any|monday|\"q|.{0,5}", 0..9)
        ) {
            for begin in ["track comments", "track questions", "use", "track", ""] {
                turned(&format!("{begin} {}", words.join(" ")));
            }
        }
    }
}
