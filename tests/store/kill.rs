//! A process that is killed loses nothing it acknowledged, and keeps no half of anything.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use boson::model::SourceId;
use boson::store::Store;
use boson::store::tables::{META, SOURCE_KEYS};

use crate::{Dice, get, open, put};

const KILLS: u64 = 25;

#[tokio::test]
async fn killing_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(1);
    let (mut acked, mut lives) = (0, 0);
    for _ in 0..KILLS {
        let said = live_and_die(dir.path(), &mut dice);
        acked = said.unwrap_or(acked).max(acked);
        lives += u64::from(said.is_some());
        // Opening alone would already notice a row too many or too few.
        let store = open(dir.path()).await;
        acked = check(&store, acked);
        store.close().await.unwrap();
    }
    println!("{acked} changes, {lives} of {KILLS} processes came to acknowledge something");
    assert!(acked > 100 && lives > KILLS / 2);
}

/// Starts a process that writes and acknowledges, and kills it: the last number it acknowledged, if any.
fn live_and_die(dir: &Path, dice: &mut Dice) -> Option<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::child_that_writes", "--exact", "--nocapture"])
        .env("BOSON_TEST_WRITES", dir)
        .env("BOSON_TEST_SEED", dice.below(1 << 40).to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut last = None;
    // Some die while they open, most after some acknowledgements, all at no moment in particular.
    let wanted = if dice.below(4) == 0 {
        0
    } else {
        dice.below(40)
    };
    let mut heard = 0;
    while heard < wanted {
        let line = lines
            .next()
            .expect("the child writes until it is killed")
            .unwrap();
        last = ack(&line).or(last);
        heard += u64::from(ack(&line).is_some());
    }
    let wait = Duration::from_micros(dice.below(if wanted == 0 { 30_000 } else { 3_000 }));
    let start = Instant::now();
    while start.elapsed() < wait {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for line in lines.map_while(Result::ok) {
        last = ack(&line).or(last);
    }
    last
}

fn ack(line: &str) -> Option<u64> {
    line.strip_prefix("ACK ")?.parse().ok()
}

/// Every change up to the last acknowledged one is there, without a hole, and the two trees agree.
fn check(store: &Store, acked: u64) -> u64 {
    let stored = get(store, "last").map_or(0, |last| last.as_u64().unwrap());
    assert!(
        stored >= acked,
        "{acked} was acknowledged, {stored} is the last there is"
    );
    let rows = store.scan(&SOURCE_KEYS, &(), usize::MAX).unwrap();
    let mut numbers: Vec<u64> = rows.iter().map(|(_, id)| id.0).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=stored).collect::<Vec<_>>(), "a hole");
    let sum = get(store, "sum").map_or(0, |sum| sum.as_u64().unwrap());
    assert_eq!(sum, numbers.iter().sum::<u64>(), "half of a commit");
    stored
}

/// Writes and acknowledges until it is killed. Does nothing unless another test runs it in a process of its own.
#[tokio::test]
#[allow(clippy::disallowed_methods)]
async fn child_that_writes() {
    let Ok(dir) = std::env::var("BOSON_TEST_WRITES") else {
        return;
    };
    let mut dice = Dice::new(std::env::var("BOSON_TEST_SEED").unwrap().parse().unwrap());
    let mut store = open(Path::new(&dir)).await;
    let mut last = get(&store, "last").map_or(0, |last| last.as_u64().unwrap());
    let mut sum = get(&store, "sum").map_or(0, |sum| sum.as_u64().unwrap());
    loop {
        for _ in 0..1 + dice.below(40) {
            last += 1;
            sum += last;
            // In no order, so that many pages change.
            store.put(
                &SOURCE_KEYS,
                &format!("{:x} {last}", dice.below(1 << 32)),
                &SourceId(last),
            );
        }
        put(&mut store, "last", last);
        put(&mut store, "sum", sum);
        if dice.below(8) == 0 {
            // Long ones make sled write files of their own.
            let key = format!("long {}", dice.below(40));
            if dice.below(3) == 0 {
                store.delete(&META, &key);
            } else {
                put(&mut store, &key, "long".repeat(5_000));
            }
        }
        store.commit().await.unwrap();
        writeln!(std::io::stdout(), "ACK {last}").unwrap();
        if dice.below(20) == 0 {
            store.checkpoint().await.unwrap();
        }
    }
}

/// What the engine counts as syncs are real ones.
#[test]
fn the_kernel_sees_a_sync_for_every_commit() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("calls");
    let traced = Command::new("strace")
        .args(["-f", "-c", "-e", "trace=fdatasync", "-o"])
        .arg(&log)
        .arg(std::env::current_exe().unwrap())
        .args(["kill::child_that_syncs", "--exact"])
        .env("BOSON_TEST_SYNCS", dir.path().join("store"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !traced.is_ok_and(|status| status.success()) {
        assert!(
            std::env::var_os("CI").is_none(),
            "strace must be there and be allowed to look; .ci/run installs it"
        );
        println!(
            "there is no strace here, or it may not look: only the engine's own count is checked"
        );
        return;
    }
    let table = std::fs::read_to_string(log).unwrap();
    let row = table
        .lines()
        .find(|line| line.contains("fdatasync"))
        .expect("no fdatasync at all");
    let calls: u64 = row.split_whitespace().nth(3).unwrap().parse().unwrap();
    assert!(calls >= COMMITS, "{calls} calls for {COMMITS} commits");
}

const COMMITS: u64 = 30;

/// Does nothing unless another test runs it in a process of its own.
#[tokio::test]
#[allow(clippy::disallowed_methods)]
async fn child_that_syncs() {
    let Ok(dir) = std::env::var("BOSON_TEST_SYNCS") else {
        return;
    };
    let mut store = open(Path::new(&dir)).await;
    for n in 0..COMMITS {
        put(&mut store, "n", n);
        store.commit().await.unwrap();
    }
    store.close().await.unwrap();
}
