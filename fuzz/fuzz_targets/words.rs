//! Any message can be cut into words.
#![cfg_attr(not(test), no_main)]

use boson::command::words::split;

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

pub fn run(bytes: &[u8]) {
    let line = split(&String::from_utf8_lossy(bytes));
    let mut end = 0;
    for word in &line.words {
        assert!(end <= word.span.start && word.span.start < word.span.end);
        assert!(
            line.text[end..word.span.start]
                .chars()
                .all(char::is_whitespace)
        );
        assert!(word.quoted || !word.text.is_empty());
        end = word.span.end;
    }
    assert!(line.text[end..].chars().all(char::is_whitespace));
    if let Some(at) = line.unclosed {
        assert!(line.text[at..].starts_with(['"', '\'']));
    }
}
