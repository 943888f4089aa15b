//! Reads see what is pending; a mark takes it back; only a commit keeps it.

use boson::model::{RoomId, SourceId, TrackerId, TrackerName};
use boson::store::tables::{META, NAMES, PEOPLE, SOURCE_KEYS};
use boson::store::{Store, tables};
use serde_json::json;

use crate::Dice;

fn name(name: &str) -> TrackerName {
    name.parse().unwrap()
}

fn put(store: &mut Store, key: &str, n: u64) {
    store.put(&META, &key.into(), &json!(n));
}

fn shown(store: &Store) -> String {
    let rows = store.scan(&META, &(), 100).unwrap();
    let mut back = store.scan_back(&META, &(), 100).unwrap();
    back.reverse();
    assert_eq!(rows, back);
    assert_eq!(store.count(&META, &()).unwrap(), rows.len());
    rows.into_iter()
        .filter(|(key, _)| key.len() == 1)
        .map(|(key, value)| format!("{key}{value}"))
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::test]
async fn reads_see_pending_writes_over_committed_ones() {
    let mut store = Store::memory();
    for (key, n) in [("b", 1), ("d", 2), ("f", 3)] {
        put(&mut store, key, n);
    }
    assert_eq!(shown(&store), "b1 d2 f3");
    store.commit().await.unwrap();
    assert!(!store.has_pending());
    put(&mut store, "a", 4);
    put(&mut store, "d", 5);
    put(&mut store, "e", 6);
    put(&mut store, "g", 7);
    store.delete(&META, &"b".into());
    store.delete(&META, &"x".into());
    assert_eq!(shown(&store), "a4 d5 e6 f3 g7");
    assert_eq!(store.get(&META, &"b".into()).unwrap(), None);
    assert_eq!(store.get(&META, &"d".into()).unwrap(), Some(json!(5)));
    assert_eq!(
        store.scan_back(&META, &"d".to_string(), 9).unwrap().len(),
        1
    );
    store.commit().await.unwrap();
    assert_eq!(shown(&store), "a4 d5 e6 f3 g7");
}

#[tokio::test]
async fn a_limit_counts_rows_from_both_ends() {
    let mut store = Store::memory();
    for n in 0..10u64 {
        store.put(&SOURCE_KEYS, &format!("k{n}"), &SourceId(n));
        if n == 4 {
            store.commit().await.unwrap();
        }
    }
    store.delete(&SOURCE_KEYS, &"k0".into());
    let first = |rows: Vec<(String, SourceId)>| -> Vec<u64> {
        rows.into_iter().map(|(_, id)| id.0).collect()
    };
    assert_eq!(first(store.scan(&SOURCE_KEYS, &(), 2).unwrap()), [1, 2]);
    assert_eq!(
        first(store.scan_back(&SOURCE_KEYS, &(), 6).unwrap()),
        [9, 8, 7, 6, 5, 4]
    );
    assert!(store.scan(&SOURCE_KEYS, &(), 0).unwrap().is_empty());
}

#[tokio::test]
async fn prefixes_are_whole_parts_of_keys() {
    let mut store = Store::memory();
    for (room, tracker) in [("a", "x"), ("a", "y"), ("ab", "x"), ("b", "x")] {
        store.put(
            &NAMES,
            &(RoomId::new("t", room), name(tracker)),
            &TrackerId(1),
        );
    }
    let of = |room| store.count(&NAMES, &RoomId::new("t", room)).unwrap();
    assert_eq!((of("a"), of("ab"), of("b"), of("")), (2, 1, 1, 0));
    assert_eq!(store.count(&NAMES, &"t".to_string()).unwrap(), 4);
    assert_eq!(store.count(&PEOPLE, &()).unwrap(), 0);
}

#[tokio::test]
async fn a_mark_takes_back_what_came_after_it() {
    let mut store = Store::memory();
    put(&mut store, "a", 1);
    store.commit().await.unwrap();
    put(&mut store, "b", 2);
    let outer = store.mark();
    put(&mut store, "a", 3);
    put(&mut store, "a", 4);
    let inner = store.mark();
    store.delete(&META, &"a".into());
    put(&mut store, "b", 5);
    put(&mut store, "c", 6);
    assert_eq!(shown(&store), "b5 c6");
    store.rewind(inner);
    assert_eq!(shown(&store), "a4 b2");
    store.rewind(outer);
    assert_eq!(shown(&store), "a1 b2");
    store.commit().await.unwrap();
    put(&mut store, "z", 7);
    // What was committed since the mark stays.
    store.rewind(outer);
    assert_eq!(shown(&store), "a1 b2");
    assert!(!store.has_pending());
}

#[tokio::test]
async fn a_number_is_given_once() {
    let mut store = Store::memory();
    assert_eq!(store.next_id().unwrap(), 1);
    assert_eq!(store.next_id().unwrap(), 2);
    store.commit().await.unwrap();
    let mark = store.mark();
    assert_eq!(store.next_id().unwrap(), 3);
    store.rewind(mark);
    assert_eq!(store.next_id().unwrap(), 3);
}

#[tokio::test]
async fn a_commit_without_writes_does_nothing() {
    let mut store = Store::memory();
    store.commit().await.unwrap();
    let syncs = store.syncs();
    store.commit().await.unwrap();
    assert_eq!(store.syncs(), syncs);
    assert_eq!(store.count(&tables::TRACKERS, &()).unwrap(), 0);
}

/// Whatever is done in whatever order, the store is a sorted map with savepoints.
#[tokio::test]
async fn it_behaves_like_a_sorted_map() {
    for seed in 0..100 {
        let mut dice = Dice::new(seed);
        let mut store = Store::memory();
        let mut map = std::collections::BTreeMap::new();
        let mut marks = vec![(store.mark(), map.clone())];
        for _ in 0..200 {
            let key = format!("{:02}", dice.below(20));
            let n = dice.below(1_000);
            match dice.below(10) {
                0..5 => {
                    store.put(&SOURCE_KEYS, &key, &SourceId(n));
                    map.insert(key, SourceId(n));
                }
                5..7 => {
                    store.delete(&SOURCE_KEYS, &key);
                    map.remove(&key);
                }
                7 => marks.push((store.mark(), map.clone())),
                8 if marks.len() > 1 => {
                    let (mark, then) = marks.pop().unwrap();
                    store.rewind(mark);
                    map = then;
                }
                8 => {}
                _ => {
                    store.commit().await.unwrap();
                    marks = vec![(store.mark(), map.clone())];
                }
            }
            let limit = usize::try_from(dice.below(25)).unwrap();
            let rows = |rows: Vec<_>| rows.into_iter().collect::<Vec<(String, SourceId)>>();
            let own = || map.iter().map(|(key, id)| (key.clone(), *id));
            assert_eq!(
                rows(store.scan(&SOURCE_KEYS, &(), limit).unwrap()),
                own().take(limit).collect::<Vec<_>>()
            );
            assert_eq!(
                rows(store.scan_back(&SOURCE_KEYS, &(), limit).unwrap()),
                own().rev().take(limit).collect::<Vec<_>>()
            );
            assert_eq!(store.count(&SOURCE_KEYS, &()).unwrap(), map.len());
        }
    }
}
