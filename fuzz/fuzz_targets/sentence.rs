//! Any sentence becomes arguments, and none of them comes from nowhere.
#![cfg_attr(not(test), no_main)]

use boson::command::sentence::{Declared, flags};
use boson::command::words::split;

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

pub fn run(bytes: &[u8]) {
    let line = split(&String::from_utf8_lossy(bytes));
    let plain: Vec<String> = line.words.iter().map(|word| word.text.clone()).collect();
    assert_eq!(flags(&line, |_: &str| false), plain);
    flags(&line, |_: &str| true);
    let argv = flags(&line, |name: &str| match name {
        "dry-run" => Declared::Switch,
        "every" | "tag" | "author" | "in" | "as" | "name" | "where" => Declared::Value,
        _ => Declared::No,
    });
    // `on` becomes the longest flag there is.
    let most = line.text.len() + line.words.len() * "--author=".len();
    assert!(argv.iter().map(String::len).sum::<usize>() <= most);
}
