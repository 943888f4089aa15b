//! Any text is a page, and a page can be shown in a room and as a man page.
#![cfg_attr(not(test), no_main)]

use boson::man::{parse, with_usage};

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

pub fn run(bytes: &[u8]) {
    let markdown = String::from_utf8_lossy(bytes);
    let page = parse(&markdown);
    assert!(!page.text().plain().is_empty());
    let roff = page.roff(7, "2026-03-01");
    assert!(roff.starts_with(".TH "));
    // What a page says must never become a request to the formatter.
    for line in roff.lines().filter(|line| line.starts_with(['.', '\''])) {
        let request = line.split(' ').next().unwrap_or_default();
        let ours = [
            ".TH", ".SH", ".SS", ".PP", ".IP", ".RS", ".RE", ".nf", ".fi",
        ];
        assert!(ours.contains(&request), "{line}");
    }
    let once = with_usage(&markdown, "a B");
    assert_eq!(with_usage(&once, "a B"), once);
}
