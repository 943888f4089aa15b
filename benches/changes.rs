//! How many changes a second become durable when 64 people make them, each waiting for their answers.
//!
//! `cargo bench --bench changes`
//!
//! The disk is watched from outside: this program counts the calls of `fdatasync` that returned. When somebody is
//! answered there must have been one since they asked. The store lies in cargo's target folder, on whatever disk
//! that is.

mod people;
mod rig;

use std::time::Instant;

use boson::clock::Clock;
use boson::http::{Http, Staged};
use boson::model::Heard;
use boson::store::{Options, Store};

fn main() {
    let (many, few, rounds) = if rig::measures() {
        (10_000, 1_000, 5)
    } else {
        (640, 20, 1)
    };
    let runtime = rig::runtime();
    let (mut group, mut single) = (rig::Rounds::default(), rig::Rounds::default());
    let (mut size, mut sync) = (rig::Rounds::default(), rig::Rounds::default());
    for _ in 0..rounds {
        let run = runtime.block_on(changes(64, many));
        group.push(run.rate);
        size.push(run.each);
        sync.push(run.sync);
        let run = runtime.block_on(changes(1, few));
        single.push(run.rate);
    }
    println!("one flush per command: {}", single.words("changes/s"));
    println!(
        "group commit is {:.1} times one flush per command; {} in a group",
        group.median() / single.median(),
        size.words("changes")
    );
    println!("the disk: {} a flush", sync.words("µs"));
    rig::tell(
        "durable changes from 64 people",
        &group.words("changes/s"),
        "at least 10000",
        group.median() >= 10_000.0,
    );
}

/// What one run gave.
struct Run {
    /// Changes a second.
    rate: f64,
    /// Changes a flush.
    each: f64,
    /// Microseconds that a flush takes.
    sync: f64,
}

/// Lets each of `people` make the next change only when the last one is acknowledged.
async fn changes(people: usize, count: usize) -> Run {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on disk");
    let store = Store::open(folder.path(), Options::default())
        .await
        .expect("a new store");
    let (http, stage) = Http::staged(Clock::Real);
    let feed = "<rss version=\"2.0\"><channel><title>Quiet</title></channel></rss>";
    for person in 0..people {
        let page =
            Staged::page("application/rss+xml", feed).header("cache-control", "max-age=86400");
        stage.serve(address(person), page);
    }
    let (bot, room) = rig::bot("bench", store, http).await;
    let stop = bot.stopper();
    let talk = async move {
        let mut steps = vec![0; people];
        let mut asked_at = vec![0; people];
        let mut begun = Instant::now();
        let mut before = disk::flushes();
        // Nobody's first round counts: sources are read for the first time in it.
        let warm = people * CYCLE;
        let (mut sent, mut said) = (0, 0);
        let mut ready: Vec<usize> = (0..people).collect();
        while said < warm + count {
            for person in ready.drain(..) {
                if sent == warm + count {
                    break;
                }
                let line = line(person, steps[person]);
                steps[person] += 1;
                let name = format!("person{person}");
                let message = room.message(&name, &name, &line, Clock::Real.now());
                asked_at[person] = disk::flushes().0;
                assert!(room.hear(Heard::Said(message)).await, "the loop has ended");
                sent += 1;
            }
            for spoken in room.wait(1).await {
                let flushed = disk::flushes().0;
                let person = spoken.room.room["person".len()..]
                    .parse::<usize>()
                    .expect("a number");
                let answer = spoken.text.plain();
                if answer.contains(" reads “") {
                    // The first look came back; that is nobody's answer.
                    continue;
                }
                assert!(is_done(&answer), "{answer}");
                assert!(
                    flushed > asked_at[person] || !disk::IS_WATCHED,
                    "acknowledged before it was on disk: {answer}"
                );
                ready.push(person);
                said += 1;
                if said == warm {
                    begun = Instant::now();
                    before = disk::flushes();
                }
            }
        }
        let seconds = begun.elapsed().as_secs_f64();
        let after = disk::flushes();
        stop.stop();
        let flushes = (after.0 - before.0) as f64;
        Run {
            rate: count as f64 / seconds,
            each: count as f64 / flushes,
            sync: (after.1 - before.1) as f64 / flushes / 1_000.0,
        }
    };
    people::run(bot, talk).await
}

/// How many changes a person makes before it begins anew.
const CYCLE: usize = 5;

fn address(person: usize) -> String {
    format!("https://site-{person}.example.org/feed")
}

/// What a person says next.
fn line(person: usize, step: usize) -> String {
    let round = step / CYCLE;
    match step % CYCLE {
        0 => format!(
            "@boson track feed {} named t{round} every 10 minutes",
            address(person)
        ),
        1 => format!("@boson pause t{round}"),
        2 => format!("@boson resume t{round}"),
        3 => format!("@boson rename t{round} r{round}"),
        _ => format!("@boson stop r{round}"),
    }
}

fn is_done(answer: &str) -> bool {
    ["Tracking ", "Paused ", "Resumed ", "Stopped "]
        .iter()
        .any(|begin| answer.starts_with(begin))
        || answer.contains("` is called `")
}

/// The calls of `fdatasync` that returned well, and the nanoseconds they took.
#[cfg(target_os = "linux")]
mod disk {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Instant;

    pub const IS_WATCHED: bool = true;

    static FLUSHES: AtomicU64 = AtomicU64::new(0);
    static NANOSECONDS: AtomicU64 = AtomicU64::new(0);

    pub fn flushes() -> (u64, u64) {
        (
            FLUSHES.load(Ordering::SeqCst),
            NANOSECONDS.load(Ordering::SeqCst),
        )
    }

    /// Stands before the C library's: the program's own symbols are found first.
    #[unsafe(no_mangle)]
    extern "C" fn fdatasync(file: libc::c_int) -> libc::c_int {
        let begun = Instant::now();
        // SAFETY: the call takes a number, which the kernel checks.
        let outcome = unsafe { libc::syscall(libc::SYS_fdatasync, file) };
        if outcome == 0 {
            let took = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
            NANOSECONDS.fetch_add(took, Ordering::SeqCst);
            FLUSHES.fetch_add(1, Ordering::SeqCst);
        }
        outcome as libc::c_int
    }
}

/// Elsewhere nobody watches.
#[cfg(not(target_os = "linux"))]
mod disk {
    pub const IS_WATCHED: bool = false;

    pub fn flushes() -> (u64, u64) {
        (0, 0)
    }
}
