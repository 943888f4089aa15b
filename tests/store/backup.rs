//! A backup gives back what was stored, or is refused.

use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;

use boson::model::{JobKey, RoomId, SourceId, TrackerId};
use boson::store::rows::RoomRow;
use boson::store::tables::{JOBS, META, NAMES, ROOMS, SOURCE_KEYS};
use boson::store::{
    self, Error, KEEP, RestoreError, Store, backup_path, newest_backup, prune_backups, restore,
    verify,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{Dice, get, open, put};

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_750_000_000, 0).unwrap()
}

fn fill(store: &mut Store) {
    for n in 0..2_500u64 {
        store.put(
            &SOURCE_KEYS,
            &format!("https://example.org/{n}/\"\u{0}é\n"),
            &SourceId(n),
        );
    }
    store.put(&JOBS, &JobKey("look 1".into()), &at());
    store.put(&ROOMS, &RoomId::new("a", "b"), &RoomRow::new(at()));
    store.put(
        &NAMES,
        &(RoomId::new("a", "b"), "x".parse().unwrap()),
        &TrackerId(1),
    );
    put(store, "text", "quotes \" and lines\nand \u{2028} and 😀");
    put(store, "numbers", json!([1, -0.5, 1e300, u64::MAX]));
    assert_eq!(store.next_id().unwrap(), 1);
}

type All = (
    Vec<(String, Value)>,
    Vec<(String, SourceId)>,
    usize,
    usize,
    usize,
);

fn all(store: &Store) -> All {
    (
        store
            .scan(&META, &(), usize::MAX)
            .unwrap()
            .into_iter()
            .filter(|(key, _)| key != "ledger")
            .collect(),
        store.scan(&SOURCE_KEYS, &(), usize::MAX).unwrap(),
        store.count(&JOBS, &()).unwrap(),
        store.count(&ROOMS, &()).unwrap(),
        store.count(&NAMES, &()).unwrap(),
    )
}

async fn backed_up(dir: &Path) -> (All, std::path::PathBuf) {
    let mut store = open(&dir.join("from")).await;
    fill(&mut store);
    store.commit().await.unwrap();
    let file = dir.join("backup");
    let backup = store.backup(&file).await.unwrap();
    assert_eq!(backup.bytes, fs::metadata(&file).unwrap().len());
    let all = all(&store);
    assert_eq!(backup.rows as usize, all.0.len() + all.1.len() + 3);
    store.close().await.unwrap();
    (all, file)
}

#[tokio::test]
async fn a_copy_that_is_called_off_leaves_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let (_, file) = backed_up(dir.path()).await;
    let before = fs::read(&file).unwrap();
    let store = open(&dir.path().join("from")).await;
    // So many rows may still be written.
    for rows in 0..3 {
        let left = std::sync::atomic::AtomicUsize::new(rows);
        let called_off = move || {
            let took = |left: usize| left.checked_sub(1);
            left.try_update(Relaxed, Relaxed, took).is_err()
        };
        let copied = store.copy(&file, called_off).await;
        assert!(matches!(copied, Err(Error::CalledOff)), "{copied:?}");
        assert!(fs::read(&file).unwrap() == before);
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            2,
            "nothing half written"
        );
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn what_is_restored_is_what_was_stored() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, file) = backed_up(dir.path()).await;
    let to = dir.path().join("to");
    let restored = restore(&file, &to).await.unwrap();
    assert_eq!(restored.bytes, fs::metadata(&file).unwrap().len());
    let mut store = open(&to).await;
    assert!(all(&store) == expected);
    assert_eq!(store.next_id().unwrap(), 2, "numbers go on");
    // A backup of what was restored is the same but for its first and last line.
    store.rewind(store.mark());
    let again = dir.path().join("again");
    store.backup(&again).await.unwrap();
    store.close().await.unwrap();
    let rows = |file: &Path| -> Vec<String> {
        let text = fs::read_to_string(file).unwrap();
        let mut lines: Vec<_> = text.lines().skip(1).map(String::from).collect();
        lines.pop();
        lines
    };
    assert!(rows(&file) == rows(&again));
}

#[tokio::test]
async fn every_line_is_json() {
    let dir = tempfile::tempdir().unwrap();
    let (_, file) = backed_up(dir.path()).await;
    for line in fs::read_to_string(file).unwrap().split_terminator('\n') {
        serde_json::from_str::<Value>(line).unwrap();
    }
}

#[tokio::test]
async fn a_store_in_memory_can_be_backed_up_and_what_is_pending_is_not_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::memory();
    put(&mut store, "committed", 1);
    store.commit().await.unwrap();
    put(&mut store, "pending", 1);
    let file = dir.path().join("backup");
    store.backup(&file).await.unwrap();
    let to = dir.path().join("to");
    restore(&file, &to).await.unwrap();
    let store = open(&to).await;
    assert_eq!(get(&store, "committed"), Some(1.into()));
    assert_eq!(get(&store, "pending"), None);
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_cut_or_changed_backup_is_refused_and_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (_, file) = backed_up(dir.path()).await;
    let whole = fs::read(&file).unwrap();
    let mut dice = Dice::new(3);
    let to = dir.path().join("to");
    for n in 0..40 {
        let mut bytes = whole.clone();
        let at = usize::try_from(dice.below(whole.len() as u64)).unwrap();
        match n {
            0 => bytes.truncate(whole.len() - 1),
            1 => bytes.extend_from_slice(b"\n"),
            2..20 => bytes.truncate(at),
            20..30 => {
                let lines: Vec<_> = whole.split_inclusive(|byte| *byte == b'\n').collect();
                let gone = usize::try_from(dice.below(lines.len() as u64)).unwrap();
                bytes = lines
                    .iter()
                    .enumerate()
                    .filter(|(n, _)| *n != gone)
                    .flat_map(|(_, line)| line.to_vec())
                    .collect();
            }
            _ => bytes[at] ^= 1,
        }
        fs::write(&file, &bytes).unwrap();
        let refused = restore(&file, &to)
            .await
            .expect_err("a damaged backup was restored");
        assert!(
            matches!(
                refused,
                RestoreError::Damaged { .. } | RestoreError::Version { .. }
            ),
            "{refused}"
        );
        assert!(!to.exists());
    }
}

#[tokio::test]
async fn a_backup_of_another_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (_, file) = backed_up(dir.path()).await;
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("\"version\":1", "\"version\":9", 1)).unwrap();
    let refused = restore(&file, &dir.path().join("to")).await.unwrap_err();
    assert!(
        matches!(refused, RestoreError::Version { found: 9 }),
        "{refused}"
    );
    fs::write(&file, "{\"boson\":\"not\"}\n").unwrap();
    assert!(restore(&file, &dir.path().join("to")).await.is_err());
    assert!(
        restore(&dir.path().join("nothing"), &dir.path().join("to"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_folder_with_a_store_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (expected, file) = backed_up(dir.path()).await;
    let from = dir.path().join("from");
    let refused = restore(&file, &from).await.unwrap_err();
    assert!(
        matches!(refused, RestoreError::Occupied { .. }),
        "{refused}"
    );
    let store = open(&from).await;
    assert!(all(&store) == expected);
    let busy = restore(&file, &from).await.unwrap_err();
    assert!(
        busy.to_string().starts_with("another boson is at work"),
        "{busy}"
    );
    store.close().await.unwrap();
}

#[tokio::test]
async fn the_newest_day_of_backups_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(newest_backup(dir.path()), None);
    prune_backups(dir.path()).unwrap();
    let store = Store::memory();
    for hour in 0..30 {
        let path = backup_path(dir.path(), at() + TimeDelta::hours(hour));
        store.backup(&path).await.unwrap();
    }
    fs::write(dir.path().join("backups/mine.txt"), "not ours").unwrap();
    prune_backups(dir.path()).unwrap();
    let left = dir.path().join("backups").read_dir().unwrap().count();
    assert_eq!(left, KEEP + 1);
    let newest = backup_path(dir.path(), at() + TimeDelta::hours(29));
    assert_eq!(newest_backup(dir.path()), Some(newest));
}

#[tokio::test]
async fn a_backup_is_verified_by_restoring_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(&dir.path().join("store")).await;
    fill(&mut store);
    store.commit().await.unwrap();
    let file = store::kept_path(dir.path(), at());
    let scratch = dir.path().join("backups/checking");
    // What a killed process left there is in nobody's way.
    fs::create_dir_all(scratch.join("sled")).unwrap();
    fs::write(scratch.join("sled/db"), "half").unwrap();
    let copied = store.backup(&file).await.unwrap();
    assert_eq!(verify(&file, &scratch).await.unwrap(), copied);
    assert!(!scratch.exists());
    assert_eq!(newest_backup(dir.path()), Some(file.clone()));
    // It opens beside the store that is open, and is not it.
    let later = backup_path(dir.path(), at() + TimeDelta::hours(1));
    store.backup(&later).await.unwrap();
    assert_eq!(newest_backup(dir.path()), Some(later));

    let whole = fs::read_to_string(&file).unwrap();
    for (from, to) in [
        ("\"value\":7}", "\"value\":8}"),
        ("\"rows\":", "\"rows\":1"),
    ] {
        assert!(whole.contains(from));
        fs::write(&file, whole.replacen(from, to, 1)).unwrap();
        verify(&file, &scratch).await.unwrap_err();
        assert!(!scratch.exists());
    }
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    verify(&file, &scratch).await.unwrap_err();
    store.close().await.unwrap();
}
