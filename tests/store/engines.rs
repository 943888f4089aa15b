//! What every engine promises, run against each.

use std::ops::ControlFlow;
use std::path::Path;

use boson::store::Error;
use boson::store::engine::{Batch, Bytes, Condition, Direction, Engine, Tree, Write};
use boson::store::memory::Memory;
use boson::store::sled::Sled;

#[tokio::test]
async fn memory_keeps_the_promises() {
    conforms(Box::new(Memory::default())).await;
}

#[tokio::test]
async fn sled_keeps_the_promises() {
    let dir = tempfile::tempdir().unwrap();
    conforms(Box::new(sled(dir.path()))).await;
    // It let go: the same process opens it again at once, and finds what was there.
    let engine = sled(dir.path());
    assert_eq!(get(&engine, "a"), Some("1".into()));
    Box::new(engine).close().await.unwrap();
}

fn sled(dir: &Path) -> Sled {
    Sled::open(dir, 1 << 20).unwrap()
}

fn bytes(text: &str) -> Bytes {
    text.as_bytes().into()
}

fn write(tree: Tree, key: &str, value: Option<&str>) -> Write {
    Write {
        tree,
        key: bytes(key),
        value: value.map(bytes),
    }
}

fn batch(writes: &[(&str, Option<&str>)]) -> Batch {
    Batch {
        conditions: Vec::new(),
        writes: writes
            .iter()
            .map(|(key, value)| write(Tree::Meta, key, *value))
            .collect(),
    }
}

fn when(mut batch: Batch, key: &str, expected: Option<&str>) -> Batch {
    batch.conditions.push(Condition {
        tree: Tree::Meta,
        key: bytes(key),
        expected: expected.map(bytes),
    });
    batch
}

fn get(engine: &dyn Engine, key: &str) -> Option<String> {
    let value = engine.get(Tree::Meta, key.as_bytes()).unwrap()?;
    Some(String::from_utf8(value.to_vec()).unwrap())
}

fn keys(
    engine: &dyn Engine,
    tree: Tree,
    prefix: &[u8],
    direction: Direction,
    limit: usize,
) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    engine
        .scan(tree, prefix, direction, &mut |key, _| {
            keys.push(key.to_vec());
            if keys.len() == limit {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap();
    keys
}

async fn conforms(engine: Box<dyn Engine>) {
    rows(engine.as_ref()).await;
    scans(engine.as_ref()).await;
    conditions(engine.as_ref()).await;
    races(engine.as_ref()).await;
    engine.close().await.unwrap();
}

async fn rows(engine: &dyn Engine) {
    assert_eq!(get(engine, "a"), None);
    let before = engine.syncs();
    let first = batch(&[
        ("a", Some("0")),
        ("b", Some("2")),
        ("a", Some("1")),
        ("c", None),
    ]);
    engine.commit(first).await.unwrap();
    assert!(engine.syncs() > before, "a commit without a sync");
    assert_eq!(get(engine, "a"), Some("1".into()), "the later write counts");
    assert_eq!(
        engine.get(Tree::Names, b"a").unwrap(),
        None,
        "trees are apart"
    );
    engine.commit(batch(&[("b", None)])).await.unwrap();
    assert_eq!(get(engine, "b"), None);
    engine.commit(batch(&[("empty", Some(""))])).await.unwrap();
    assert_eq!(get(engine, "empty"), Some(String::new()));
}

async fn scans(engine: &dyn Engine) {
    let all: [&[u8]; 8] = [
        b"",
        b"\0",
        b"a",
        b"a\0",
        b"ab",
        b"b",
        b"\xff",
        b"\xff\xff\x01",
    ];
    let writes = |tree| {
        all.iter().rev().map(move |key| Write {
            tree,
            key: (*key).into(),
            value: Some(bytes("v")),
        })
    };
    let batch = Batch {
        conditions: Vec::new(),
        writes: writes(Tree::Seen).chain(writes(Tree::Rooms)).collect(),
    };
    engine.commit(batch).await.unwrap();
    for tree in [Tree::Seen, Tree::Rooms] {
        for prefix in all.iter().copied().chain([b"x".as_slice(), b"abc"]) {
            let mut expected: Vec<Vec<u8>> = all
                .iter()
                .filter(|key| key.starts_with(prefix))
                .map(|key| key.to_vec())
                .collect();
            assert_eq!(keys(engine, tree, prefix, Direction::Forward, 99), expected);
            expected.reverse();
            assert_eq!(keys(engine, tree, prefix, Direction::Back, 99), expected);
            expected.truncate(2);
            assert_eq!(keys(engine, tree, prefix, Direction::Back, 2), expected);
        }
    }
}

async fn conditions(engine: &dyn Engine) {
    let set = |value| batch(&[("k", Some(value))]);
    let refused = |outcome| assert!(matches!(outcome, Err(Error::Conflict)));
    engine.commit(when(set("1"), "k", None)).await.unwrap();
    refused(engine.commit(when(set("2"), "k", None)).await);
    refused(engine.commit(when(set("2"), "k", Some("0"))).await);
    // One that does not hold is enough, whatever the others say.
    refused(
        engine
            .commit(when(when(set("2"), "k", Some("1")), "nothing", Some("")))
            .await,
    );
    assert_eq!(
        get(engine, "k"),
        Some("1".into()),
        "nothing of a refused batch is applied"
    );
    engine.commit(when(set("2"), "k", Some("1"))).await.unwrap();
    assert_eq!(get(engine, "k"), Some("2".into()));
}

/// Of many who try to count up at once nobody's step is lost, also when they become durable together.
async fn races(engine: &dyn Engine) {
    let counters = (0..32).map(|_| async {
        let mut won = 0;
        while won < 5 {
            let now = get(engine, "count");
            let next = now.as_deref().map_or(1, |n| n.parse::<u64>().unwrap() + 1);
            let step = batch(&[("count", Some(&next.to_string()))]);
            match engine.commit(when(step, "count", now.as_deref())).await {
                Ok(()) => won += 1,
                Err(Error::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    });
    futures_util::future::join_all(counters).await;
    assert_eq!(get(engine, "count"), Some("160".into()));
}

#[tokio::test]
async fn batches_that_wait_become_durable_together() {
    let dir = tempfile::tempdir().unwrap();
    let engine = sled(dir.path());
    let commits = (0..500).map(|n| {
        let key = n.to_string();
        let batch = batch(&[(&key, Some("x"))]);
        engine.commit(batch)
    });
    for outcome in futures_util::future::join_all(commits).await {
        outcome.unwrap();
    }
    let syncs = engine.syncs();
    assert!((1..=50).contains(&syncs), "{syncs} syncs for 500 commits");
    Box::new(engine).close().await.unwrap();
}
