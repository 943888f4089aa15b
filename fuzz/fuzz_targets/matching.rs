//! Whatever queries are in an index, it finds those that want an item: the same as asking one by one.
//!
//! A line is a query, until `---`; then come a title and a body.
#![cfg_attr(not(test), no_main)]

use boson::filter::{Folded, Index, Scratch, Sieve};
use boson::model::{Args, Fact, Item, ItemId};
use boson::when::{Order, Reading};
use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

/// The most queries of a text.
const MOST: usize = 40;

pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let queries: Vec<&str> = lines
        .by_ref()
        .take_while(|line| *line != "---")
        .take(MOST)
        .collect();
    let title = lines.next().unwrap_or_default();
    let body = lines.collect::<Vec<_>>().join("\n");
    let now = DateTime::from_timestamp(1_806_148_800, 0).expect("this century is in range");
    let reading = Reading {
        now,
        zone: Tz::Europe__Berlin,
        order: Order::DayMonth,
    };
    let sieves: Vec<(&str, Sieve)> = queries
        .iter()
        .filter_map(|query| {
            let sieve = Sieve::build(&Args::new(), Some(query), &reading).ok()?;
            Some((*query, sieve))
        })
        .collect();
    let item = |title: &str, body: &str| Item {
        id: ItemId("1".into()),
        revision: 0,
        title: title.into(),
        body: body.into(),
        author: Some("Ann".into()),
        url: None,
        at: now - TimeDelta::days(2),
        seen: now,
        tags: vec!["rust".into(), "Straße".into()],
        facts: [
            ("score".into(), Fact::Number(3.0)),
            ("site".into(), Fact::Text("beer".into())),
        ]
        .into(),
    };
    let items = [
        item(title, &body),
        item(&body, title),
        // The queries' own text is the item most likely to be wanted.
        item(&queries.join(" "), &text.to_uppercase()),
    ];
    let mut index = Index::new();
    let mut is_in = vec![true; sieves.len()];
    for (key, (_, sieve)) in (0..).zip(&sieves) {
        index.insert(key, sieve);
    }
    let mut scratch = Scratch::default();
    for (n, item) in items.iter().cycle().take(2 * items.len()).enumerate() {
        let mut found = vec![u64::MAX];
        let item = Folded::new(item);
        index.find(&item, &mut scratch, &mut found);
        assert!(found.is_sorted());
        for (key, (query, sieve)) in sieves.iter().enumerate() {
            let wants = is_in[key] && sieve.check_folded(&item).keeps();
            assert_eq!(found.contains(&(key as u64)), wants, "{query:?}");
        }
        assert_eq!(index.len(), is_in.iter().filter(|is_in| **is_in).count());
        // Every third one goes, or comes again.
        for key in (n % 3..sieves.len()).step_by(3) {
            if is_in[key] {
                assert!(index.remove(key as u64));
            } else {
                index.insert(key as u64, &sieves[key].1);
            }
            is_in[key] = !is_in[key];
        }
    }
}
