//! Runs the functions that are fuzzed over the texts kept in `fuzz/corpus/`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../fuzz/fuzz_targets/chat_frames.rs"]
mod chat_frames;
#[path = "../fuzz/fuzz_targets/chime.rs"]
mod chime;
#[path = "../fuzz/fuzz_targets/config.rs"]
mod config;
#[path = "../fuzz/fuzz_targets/feed.rs"]
mod feed;
#[path = "../fuzz/fuzz_targets/irc_lines.rs"]
mod irc_lines;
#[path = "../fuzz/fuzz_targets/man.rs"]
mod man;
#[path = "../fuzz/fuzz_targets/matching.rs"]
mod matching;
#[path = "../fuzz/fuzz_targets/query.rs"]
mod query;
#[path = "../fuzz/fuzz_targets/recipe.rs"]
mod recipe;
#[path = "../fuzz/fuzz_targets/schedule.rs"]
mod schedule;
#[path = "../fuzz/fuzz_targets/sentence.rs"]
mod sentence;
#[path = "../fuzz/fuzz_targets/slack_frames.rs"]
mod slack_frames;
#[path = "../fuzz/fuzz_targets/slack_text.rs"]
mod slack_text;
#[path = "../fuzz/fuzz_targets/stack_exchange.rs"]
mod stack_exchange;
#[path = "../fuzz/fuzz_targets/words.rs"]
mod words;

/// A target's name, and what it does with a text.
type Target = (&'static str, fn(&[u8]));

/// Every file of `fuzz/fuzz_targets/`.
const TARGETS: &[Target] = &[
    ("chat_frames", chat_frames::run),
    ("chime", chime::run),
    ("config", config::run),
    ("feed", feed::run),
    ("irc_lines", irc_lines::run),
    ("man", man::run),
    ("matching", matching::run),
    ("query", query::run),
    ("recipe", recipe::run),
    ("schedule", schedule::run),
    ("sentence", sentence::run),
    ("slack_frames", slack_frames::run),
    ("slack_text", slack_text::run),
    ("stack_exchange", stack_exchange::run),
    ("words", words::run),
];

#[test]
fn kept_texts_do_no_harm() {
    for (name, run) in TARGETS {
        let texts = files(&format!("corpus/{name}"));
        assert!(texts.len() >= 12, "fuzz/corpus/{name} holds few texts");
        for path in texts {
            let text = fs::read(&path).expect("the file was just listed");
            println!("{}", path.display());
            run(&text);
            // What is cut short must be harmless, too.
            for end in 0..text.len().min(200) {
                run(&text[..end]);
            }
        }
    }
}

#[test]
fn every_target_is_run() {
    let listed: BTreeSet<String> = TARGETS.iter().map(|(name, _)| name.to_string()).collect();
    let present: BTreeSet<String> = files("fuzz_targets")
        .iter()
        .filter_map(|path| path.file_stem())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    assert_eq!(listed, present);
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    files.sort();
    files
}
