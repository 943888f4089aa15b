//! A store that lost something does not start as if nothing had happened.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use boson::model::SourceId;
use boson::store::tables::{META, SOURCE_KEYS};
use boson::store::{OpenError, Options, Store, backup_path, restore};
use chrono::DateTime;
use serde_json::Value;

use crate::{Dice, get, open, put, try_open};

const SEEDS: u64 = 60;

type Rows = (BTreeMap<String, Value>, Vec<(String, SourceId)>);

fn rows(store: &Store) -> Rows {
    let meta = store.scan(&META, &(), usize::MAX).unwrap();
    (
        meta.into_iter()
            .filter(|(key, _)| key.starts_with("row"))
            .collect(),
        store.scan(&SOURCE_KEYS, &(), usize::MAX).unwrap(),
    )
}

/// A store with some history. `closed`: the manifest is of its last commit; else older, as after a kill.
async fn grow(dir: &Path, closed: bool) -> Rows {
    let mut dice = Dice::new(7);
    let mut store = open(dir).await;
    for n in 0..3_000u64 {
        store.put(
            &SOURCE_KEYS,
            &format!("{:x}", dice.below(1 << 40)),
            &SourceId(n),
        );
        let row = format!("row {}", dice.below(500));
        match dice.below(10) {
            0 => store.delete(&META, &row),
            1 => put(&mut store, &row, "long".repeat(3_000)),
            _ => put(&mut store, &row, n),
        }
        if n % 100 == 99 {
            store.commit().await.unwrap();
        }
        if n == 2_000 {
            store.checkpoint().await.unwrap();
        }
        if n == 2_500 && closed {
            store.close().await.unwrap();
            store = open(dir).await;
        }
    }
    let rows = rows(&store);
    if closed {
        store.close().await.unwrap();
    }
    rows
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.file_name().unwrap() != "lock" {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Does one bad thing to a file of the store, and says what.
fn damage(dir: &Path, dice: &mut Dice) -> String {
    let files = files(dir);
    let path = if dice.below(3) > 0 {
        dir.join("sled/db")
    } else {
        files[usize::try_from(dice.below(files.len() as u64)).unwrap()].clone()
    };
    let mut bytes = fs::read(&path).unwrap();
    let length = bytes.len();
    let at = usize::try_from(dice.below(length.max(1) as u64)).unwrap();
    let what = match dice.below(6) {
        0 | 1 if length > 0 => {
            bytes[at] ^= 1 << dice.below(8);
            format!("bit of byte {at} of {length} turned")
        }
        2 => {
            bytes.truncate(at);
            format!("cut to {at} of {length}")
        }
        3 => {
            bytes[at..].fill(0);
            format!("zero from {at} of {length}")
        }
        4 => {
            let end = (at + 4_096).min(length);
            bytes[at..end].fill(0);
            format!("zero from {at} to {end} of {length}")
        }
        _ => {
            fs::remove_file(&path).unwrap();
            return format!("{} removed", path.display());
        }
    };
    fs::write(&path, bytes).unwrap();
    format!("{}: {what}", path.display())
}

async fn survives_damage(closed: bool) {
    let whole = tempfile::tempdir().unwrap();
    let expected = grow(whole.path(), closed).await;
    let seeds = seeds();
    let mut refused = 0;
    for seed in 0..seeds {
        let dir = tempfile::tempdir().unwrap();
        copy(whole.path(), dir.path());
        let what = damage(dir.path(), &mut Dice::new(seed));
        match try_open(dir.path()).await {
            Ok(store) => {
                assert!(
                    rows(&store) == expected,
                    "seed {seed}: {what}: opened, but something is lost"
                );
                store.close().await.unwrap();
            }
            Err(OpenError::Damaged { .. } | OpenError::Shrunken { .. }) => refused += 1,
            Err(error) => panic!("seed {seed}: {what}: {error}"),
        }
    }
    println!("{refused} of {seeds} refused");
    assert!(
        refused > seeds / 4,
        "{refused} of {seeds} refused: that was hardly damage"
    );
}

#[allow(clippy::disallowed_methods)]
fn seeds() -> u64 {
    match std::env::var("BOSON_TEST_SEEDS") {
        Ok(seeds) => seeds.parse().unwrap(),
        Err(_) => SEEDS,
    }
}

#[tokio::test]
async fn damage_to_a_closed_store_is_noticed() {
    survives_damage(true).await;
}

#[tokio::test]
async fn damage_after_a_crash_is_noticed() {
    survives_damage(false).await;
}

#[tokio::test]
async fn an_emptied_store_is_refused_until_the_loss_is_accepted() {
    let dir = tempfile::tempdir().unwrap();
    grow(dir.path(), true).await;
    let backup = backup_path(
        dir.path(),
        DateTime::from_timestamp(1_750_000_000, 0).unwrap(),
    );
    let store = open(dir.path()).await;
    store.backup(&backup).await.unwrap();
    store.close().await.unwrap();
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let refused = try_open(dir.path()).await.err().unwrap();
    assert_eq!(
        refused.to_string(),
        format!(
            "the store has lost something: its database is gone; restore it with `boson restore {}`, \
             or accept the loss with `--accept-loss`",
            backup.display()
        )
    );
    assert!(
        !dir.path().join("sled").exists(),
        "refusing makes no new one"
    );
    let mut store = accept(dir.path()).await;
    assert_eq!(rows(&store).1.len(), 0);
    put(&mut store, "row 1", 1);
    store.close().await.unwrap();
    // Once accepted it is the store, and vouched for.
    let store = open(dir.path()).await;
    assert_eq!(get(&store, "row 1"), Some(1.into()));
    store.close().await.unwrap();
}

async fn accept(dir: &Path) -> Store {
    let options = Options {
        accept_loss: true,
        ..Options::default()
    };
    Store::open(dir, options).await.unwrap()
}

#[tokio::test]
async fn an_older_database_under_a_newer_manifest_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let older = tempfile::tempdir().unwrap();
    open(dir.path()).await.close().await.unwrap();
    copy(&dir.path().join("sled"), &older.path().join("sled"));
    grow(dir.path(), true).await;
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    copy(&older.path().join("sled"), &dir.path().join("sled"));
    let refused = try_open(dir.path()).await.err().unwrap();
    assert!(
        refused
            .to_string()
            .contains("it ends with change 1, there were"),
        "{refused}"
    );
    // Nor does the number of changes hide it once more were made.
    accept(dir.path()).await.close().await.unwrap();
    open(dir.path()).await.close().await.unwrap();
}

#[tokio::test]
async fn a_damaged_store_is_moved_aside_by_a_restore() {
    let dir = tempfile::tempdir().unwrap();
    let expected = grow(dir.path(), true).await;
    let store = open(dir.path()).await;
    let backup = dir.path().join("backup");
    store.backup(&backup).await.unwrap();
    store.close().await.unwrap();
    let db = dir.path().join("sled/db");
    let bytes = fs::read(&db).unwrap();
    fs::write(&db, &bytes[..bytes.len() / 2]).unwrap();
    let refused = try_open(dir.path()).await.err().unwrap();
    assert!(refused.to_string().contains("boson restore"), "{refused}");
    restore(&backup, dir.path()).await.unwrap();
    let store = open(dir.path()).await;
    assert!(rows(&store) == expected);
    store.close().await.unwrap();
    // Whoever opened it in vain may have written behind what was left.
    let aside = fs::read(dir.path().join("damaged/sled/db")).unwrap();
    assert!(aside.len() >= bytes.len() / 2);
    assert!(!dir.path().join("restoring").exists());
}

/// sled writes its settings in two pieces: a process that is killed between them leaves them without a checksum.
#[tokio::test]
async fn a_store_that_was_killed_before_its_first_commit_is_begun_anew() {
    let (dir, whole) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    open(whole.path()).await.close().await.unwrap();
    let settings = fs::read(whole.path().join("sled/conf")).unwrap();
    let half = &settings[..settings.len() - 4];
    fs::create_dir(dir.path().join("sled")).unwrap();
    fs::write(dir.path().join("sled/conf"), half).unwrap();
    open(dir.path()).await.close().await.unwrap();
    let aside = dir.path().join("sled.unbegun-1/conf");
    assert_eq!(fs::read(aside).unwrap(), half, "nothing is thrown away");

    // What was begun is never begun anew.
    fs::write(dir.path().join("sled/conf"), half).unwrap();
    let refused = try_open(dir.path()).await.err().unwrap();
    assert!(refused.to_string().contains("damaged"), "{refused}");
}
