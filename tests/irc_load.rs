//! The real program on a real server of IRC that minds no flood, while many people type 1,000 commands a second: each is
//! answered once and in order, and memory stays where it is.
//!
//! `BOSON_TEST_LOAD=60` offers them for 60 seconds, whatever waits for an answer; otherwise it is a few, and never more
//! than some hundreds are unanswered. How long answers take is told, and decides nothing.

#[path = "stand_in/daemon.rs"]
mod daemon;
#[path = "stand_in/inspircd.rs"]
mod inspircd;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "crash/life.rs"]
mod life;
#[path = "irc_load/talker.rs"]
mod talker;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use life::{Life, PATIENCE, Place};
use talker::Talker;
use tokio::sync::Semaphore;
use tokio::time::Instant;

const CHANNELS: usize = 20;
const PEOPLE: usize = 2 * CHANNELS;
/// Commands a second, of all people together.
const PACE: u32 = 1_000;
/// For how many seconds, where nobody says otherwise.
const SHORT: u64 = 3;
/// How many may be unanswered then: a machine that has other things to do makes it slow, and nothing else.
const UNANSWERED: usize = 500;
/// By how much memory may grow in the second half, in KiB.
const GROWTH: u64 = 8 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_commands_a_second_are_all_answered() {
    let Some(server) = inspircd::start().await else {
        return;
    };
    let wanted = seconds();
    let seconds = wanted.unwrap_or(SHORT);
    let unanswered = Arc::new(Semaphore::new(match wanted {
        Some(_) => Semaphore::MAX_PERMITS,
        None => UNANSWERED,
    }));
    // The server takes a second for whoever comes, and many can come in it.
    let people = join_all((0..PEOPLE).map(|n| {
        let (channel, nick) = (format!("#room{}", n % CHANNELS), format!("ann{n}"));
        Talker::join(server.port, nick, channel, unanswered.clone())
    }));
    let people = people.await;
    let place = Place::new();
    std::fs::write(place.path("config.toml"), config(server.port)).unwrap();
    let life = Life::start(&mut place.command(&["run"]));
    for person in &people {
        within(&life, person.meets_the_bot()).await;
    }
    let log = life.log();
    assert!(log.contains("flood control is off"), "{log}");

    let total = u32::try_from(seconds).unwrap() * PACE;
    let mut memory = Vec::new();
    let began = Instant::now();
    for n in 0..total {
        let due = began + Duration::from_secs(1) * n / PACE;
        tokio::time::sleep_until(due).await;
        let permit = within(&life, unanswered.acquire()).await;
        // The answer gives it back.
        permit.unwrap().forget();
        people[n as usize % PEOPLE].asks(match wanted {
            // What has to wait before it is typed waits for an answer already.
            Some(_) => due,
            None => Instant::now(),
        });
        if n % (PACE / 4) == 0 {
            memory.push(life.memory());
        }
    }
    for person in &people {
        within(&life, person.has_all_answers()).await;
    }
    let took = began.elapsed();
    memory.push(life.memory());
    // Whatever would come twice has come when the bot has gone in order.
    life.signal(libc::SIGTERM);
    for person in &people {
        within(&life, person.sees_the_bot_go()).await;
    }
    let (_, status, log) = life.end(PATIENCE);
    assert!(status.success(), "{log}");
    let mut latencies = Vec::new();
    for person in &people {
        latencies.extend(person.answered());
    }
    assert_eq!(latencies.len(), total as usize, "answers, to all commands");
    tell(&mut latencies, took, &memory);
    let (first, second) = memory.split_at(memory.len() / 2);
    let (before, after) = (first.iter().max().unwrap(), second.iter().max().unwrap());
    assert!(after.saturating_sub(*before) <= GROWTH, "{memory:?} KiB");
}

/// Waits for something that must come.
async fn within<T>(life: &Life, coming: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, coming).await {
        Ok(came) => came,
        Err(_) => panic!("nothing happens any more\n{}", life.log()),
    }
}

fn tell(latencies: &mut [Duration], took: Duration, memory: &[u64]) {
    latencies.sort_unstable();
    let at = |part: f64| {
        let place = ((latencies.len() - 1) as f64 * part) as usize;
        latencies[place].as_secs_f64() * 1e3
    };
    let mib = |kib: u64| kib as f64 / 1024.0;
    println!(
        "{} commands of {PEOPLE} people in {CHANNELS} channels, all answered once and in order in {:.1} s: p50 {:.2} ms, p99 {:.2} ms, \
         longest {:.0} ms; memory {:.1} MiB at first, {:.1} in the middle, {:.1} at the end",
        latencies.len(),
        took.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(1.0),
        mib(memory[0]),
        mib(memory[memory.len() / 2]),
        mib(memory[memory.len() - 1]),
    );
}

#[allow(clippy::disallowed_methods, reason = "a test is asked from outside")]
fn seconds() -> Option<u64> {
    let wanted = std::env::var("BOSON_TEST_LOAD").ok()?;
    Some(wanted.parse().expect("BOSON_TEST_LOAD is in seconds"))
}

fn config(port: u16) -> String {
    let channels: Vec<String> = (0..CHANNELS).map(|n| format!("\"#room{n}\"")).collect();
    format!(
        "[pace]\ncommands = 1000000\nwithin = \"1 second\"\n[platform.irc]\nkind = \"irc\"\nserver = \"127.0.0.1\"\n\
         port = {port}\ntls = false\nflood_off = true\nchannels = [{}]\n",
        channels.join(", ")
    )
}
