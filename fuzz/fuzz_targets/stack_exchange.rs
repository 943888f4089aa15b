//! Any bytes are an answer of Stack Exchange or are none, and what items come out keep their limits.
#![cfg_attr(not(test), no_main)]

use boson::filter::Folded;
use boson::source::stack_exchange::parse;
use chrono::DateTime;

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

/// The first byte chooses what is answered about.
pub fn run(bytes: &[u8]) {
    let Some((kind, answer)) = bytes.split_first() else {
        return;
    };
    let now = DateTime::from_timestamp(1_806_148_800, 0).expect("this century is in range");
    let items = parse(usize::from(*kind), answer, now);
    // An item that changed its id between two looks would be said twice.
    assert_eq!(items, parse(usize::from(*kind), answer, now));
    for item in items.unwrap_or_default() {
        assert!(item.title.chars().count() <= 500 && !item.title.contains(['\n', '\r']));
        assert!(item.body.chars().count() <= 65_536);
        assert!(!item.id.0.is_empty() && item.id.0.chars().count() <= 600);
        assert!(item.tags.len() <= 50);
        if let Some(url) = &item.url {
            assert!(
                url.starts_with("http://") || url.starts_with("https://"),
                "{url}"
            );
        }
        // Whatever its facts are, they can be compared.
        boson::filter::values(&Folded::new(&item), &mut |_, _| {});
    }
}
