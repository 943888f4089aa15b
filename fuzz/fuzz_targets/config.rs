//! Any text is a config or a list of mistakes, each with its place in the text.
#![cfg_attr(not(test), no_main)]

use boson::config::check;

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.matches('\n').count() + 1;
    let mut last = 0;
    for mistake in check(&text, "config.toml") {
        assert!(!mistake.what.is_empty());
        assert!(mistake.line <= lines, "{mistake}");
        assert!(last <= mistake.line, "{mistake} is not in its place");
        last = mistake.line;
    }
}
