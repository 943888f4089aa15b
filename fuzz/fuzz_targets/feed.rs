//! Any bytes are a feed or are refused, and what items come out keep their limits.
#![cfg_attr(not(test), no_main)]

use std::collections::HashSet;

use boson::source::feed::parse;
use chrono::DateTime;

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(
    init: {
        // A panic inside the feed parser is caught there; libFuzzer's own hook would abort before.
        let _ = std::panic::take_hook();
    },
    |bytes: &[u8]| run(bytes)
);

/// What a server may call the bytes; the first byte chooses.
const KINDS: [Option<&str>; 8] = [
    None,
    Some("application/rss+xml"),
    Some("application/atom+xml; charset=utf-8"),
    Some("text/xml; charset=windows-1251"),
    Some("text/html"),
    Some("application/feed+json"),
    Some("text/xml; charset=utf-16"),
    Some("; charset="),
];

const URL: &str = "https://example.org/feed";

pub fn run(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let kind = KINDS[usize::from(*kind) % KINDS.len()];
    let now = DateTime::from_timestamp(1_806_148_800, 0).expect("this century is in range");
    let read = parse(bytes, kind, URL, now);
    // An item that changed its id between two looks would be said twice.
    assert_eq!(read, parse(bytes, kind, URL, now));
    let Ok(parsed) = read else { return };
    let mut ids = HashSet::new();
    for item in &parsed.items {
        assert!(!item.title.is_empty() && item.title.chars().count() <= 300);
        assert!(!item.title.contains(['\n', '\r']));
        assert!(item.body.chars().count() <= 20_000);
        assert!(item.at <= now);
        assert!(!item.id.0.is_empty() && item.id.0.len() <= 500);
        assert!(ids.insert(&item.id), "two items share an id");
        if let Some(url) = &item.url {
            let known = ["http:", "https:", "mailto:"];
            assert!(known.iter().any(|scheme| url.starts_with(scheme)), "{url}");
        }
    }
    assert!(parsed.items.len() <= 10_000);
    assert!(
        parsed
            .pace
            .rest(None, now)
            .is_none_or(|rest| !rest.is_zero())
    );
}
