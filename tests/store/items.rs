//! What a source gave last is kept, in little space and at the same cost however much there is.

use boson::model::{Item, ItemId, SourceId};
use boson::store::tables::{ITEMS, PAGES};
use boson::store::{Store, items};
use proptest::prelude::*;

use crate::open;

const SOURCE: SourceId = SourceId(7);

fn item(n: usize, body: &str) -> Item {
    let at = "2026-11-21T09:00:00Z".parse().unwrap();
    Item {
        id: ItemId(format!("item {n}")),
        revision: 1,
        title: format!("The title of {n}"),
        body: body.into(),
        author: None,
        url: Some(format!("https://example.org/{n}")),
        at,
        seen: at,
        tags: vec!["rust".into()],
        facts: Default::default(),
    }
}

fn numbers(items: &[Item]) -> Vec<usize> {
    items
        .iter()
        .map(|item| item.id.0.rsplit(' ').next().unwrap().parse().unwrap())
        .collect()
}

fn rows(store: &Store) -> (usize, usize) {
    (
        store.count(&ITEMS, &SOURCE).unwrap(),
        store.count(&PAGES, &SOURCE).unwrap(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_last_items_are_there_in_order_with_all_of_their_texts(
        batches in prop::collection::vec(1usize..150, 1..12),
        keep in 1usize..400,
        most in 1usize..500,
        length in 0usize..800,
    ) {
        let mut store = Store::memory();
        let body = "Ω words ".repeat(length / 8);
        let (mut given, mut number) = (0, 0);
        for batch in batches {
            let new: Vec<Item> = (given..given + batch).map(|n| item(n, &body)).collect();
            items::add(&mut store, SOURCE, &new, keep).unwrap();
            given += batch;
            let last = items::last(&store, SOURCE, most).unwrap();
            let expected = most.min(keep).min(given);
            prop_assert!(last.len() >= expected && last.len() <= most);
            let newest: Vec<usize> = (given - expected..given).collect();
            prop_assert_eq!(&numbers(&last)[last.len() - expected..], newest);
            let after = items::after(&store, SOURCE, number, most).unwrap();
            number = items::last_number(&store, SOURCE).unwrap();
            let expected = most.min(keep).min(batch);
            let newest: Vec<usize> = (given - expected..given).collect();
            prop_assert_eq!(numbers(&after), newest);
            prop_assert!(last.iter().all(|item| item.body == body));
            prop_assert!(items::last(&store, SOURCE, usize::MAX).unwrap().len() < keep + 2 * 64);
            prop_assert!(rows(&store).0 < 64);
        }
        items::forget(&mut store, SOURCE).unwrap();
        prop_assert_eq!(rows(&store), (0, 0));
    }
}

#[test]
fn what_has_many_bytes_is_cut_into_more_pages_and_stays_within_its_bounds() {
    let mut store = Store::memory();
    // Cannot be compressed much: digits of a generator, as letters.
    let mut state = 1u64;
    let mut noise = || {
        let letters = (0..60_000).map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(b' ' + u8::try_from((state >> 40) % 90).unwrap())
        });
        letters.collect::<String>()
    };
    for n in 0..1_000 {
        let body = noise();
        items::add(&mut store, SOURCE, &[item(n, &body)], 10_000).unwrap();
    }
    let kept = items::last(&store, SOURCE, usize::MAX).unwrap();
    let bytes: usize = kept.iter().map(|item| item.body.len()).sum();
    assert!((12 << 20..24 << 20).contains(&bytes), "{bytes}");
    assert_eq!(numbers(&kept).last(), Some(&999));
    let (_, pages) = rows(&store);
    assert!(kept.len() / pages <= 4, "{} in {pages}", kept.len());
}

#[test]
fn items_of_an_older_version_are_read_and_become_a_page() {
    let mut store = Store::memory();
    // It kept 50, under numbers of the whole store.
    for n in 0..50 {
        store.put(&ITEMS, &(SOURCE, 1_000 + 37 * n as u64), &item(n, "old"));
    }
    let last = items::last(&store, SOURCE, usize::MAX).unwrap();
    assert_eq!(numbers(&last), (0..50).collect::<Vec<_>>());
    for n in 50..200 {
        items::add(&mut store, SOURCE, &[item(n, "new")], 10_000).unwrap();
        let last = items::last(&store, SOURCE, usize::MAX).unwrap();
        assert_eq!(numbers(&last), (0..=n).collect::<Vec<_>>());
    }
}

#[test]
fn an_addition_costs_the_same_however_much_is_kept() {
    let mut store = Store::memory();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let body = "Some words that people write, and again. ".repeat(20);
    let mut add = |range: std::ops::Range<usize>| {
        let begun = std::time::Instant::now();
        for n in range {
            items::add(&mut store, SOURCE, &[item(n, &body)], 10_000).unwrap();
            runtime.block_on(store.commit()).unwrap();
        }
        begun.elapsed()
    };
    add(0..640);
    let few = add(640..1_280);
    add(1_280..9_000);
    let many = add(9_000..9_640);
    assert!(many < few * 4, "{few:?} at a thousand, {many:?} at nine");
}

#[tokio::test]
async fn pages_are_on_the_disk_and_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path()).await;
    let new: Vec<Item> = (0..1_000).map(|n| item(n, "body")).collect();
    items::add(&mut store, SOURCE, &new, 10_000).unwrap();
    store.commit().await.unwrap();
    let committed = store.committed();
    items::add(&mut store, SOURCE, &[item(1_000, "pending")], 10_000).unwrap();
    assert_eq!(items::last(&committed, SOURCE, usize::MAX).unwrap(), new);
    drop(committed);
    store.close().await.unwrap();
    let mut store = open(dir.path()).await;
    assert_eq!(
        items::last(&store, SOURCE, usize::MAX).unwrap().len(),
        1_001
    );
    let file = dir.path().join("backup.ndjson");
    items::add(&mut store, SOURCE, &[item(1_001, "single")], 10_000).unwrap();
    store.commit().await.unwrap();
    store.backup(&file).await.unwrap();
    store.close().await.unwrap();
    let again = tempfile::tempdir().unwrap();
    boson::store::restore(&file, again.path()).await.unwrap();
    let mut store = open(again.path()).await;
    let left = items::last(&store, SOURCE, usize::MAX).unwrap();
    assert!(left.len() < 64, "pages are in no backup");
    items::add(&mut store, SOURCE, &new, 10_000).unwrap();
    assert_eq!(
        items::last(&store, SOURCE, usize::MAX).unwrap().len(),
        left.len() + 1_000
    );
}
