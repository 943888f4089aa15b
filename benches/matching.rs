//! How long it takes to find the trackers that want a post, and to add and to take away one, by their number.
//!
//! `cargo bench --bench matching`; with `MILLION=1` also for a million trackers, which takes minutes and some GB.
//! `cargo run --release --example bench_ratio` compares with asking one by one, and checks the answers.

mod made_up;

use std::cell::LazyCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use boson::filter::{Burden, Folded, Index, Scratch, Sieve};
use boson::model::{Args, Item, Refusal};
use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main,
};

use made_up::one_by_one::OneByOne;
use made_up::posts::Posts;
use made_up::trackers::{Tracker, Trackers, What};
use made_up::{Mix, reading};

/// How many posts are looked at in turn.
const POSTS: usize = 300;
/// The most that one post may take, whatever people type.
const WORST: Duration = Duration::from_millis(5);

fn sieve(query: &str) -> Result<Sieve, Refusal> {
    Sieve::build(&Args::new(), Some(query), &reading())
}

fn sieves(trackers: impl Iterator<Item = Tracker>, count: usize) -> Vec<Sieve> {
    let read = |tracker: Tracker| sieve(&tracker.to_string()).expect("made-up queries are right");
    trackers.take(count).map(read).collect()
}

fn index(sieves: &[Sieve]) -> Index {
    let mut index = Index::new();
    for (key, sieve) in (0..).zip(sieves) {
        index.insert(key, sieve);
    }
    index
}

fn sizes(all: &[usize]) -> Vec<usize> {
    #[allow(clippy::disallowed_methods)]
    let million = std::env::var_os("MILLION").is_some();
    let wanted = all.iter().filter(|n| million || **n < 1_000_000);
    wanted.copied().collect()
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .sample_size(20);
    group
}

/// One post after the other.
fn looks(group: &mut BenchmarkGroup<'_, WallTime>, name: impl ToString, index: impl Fn() -> Index) {
    let (index, posts) = (LazyCell::new(index), LazyCell::new(posts));
    group.bench_function(BenchmarkId::from_parameter(name.to_string()), |bencher| {
        let (mut scratch, mut found) = (Scratch::default(), Vec::new());
        let mut turn = posts.iter().cycle();
        bencher.iter(|| {
            let item = turn.next().expect("a circle has no end");
            index.find(&Folded::new(black_box(item)), &mut scratch, &mut found);
            found.len()
        });
    });
}

fn posts() -> Vec<Item> {
    Posts::new().take(POSTS).collect()
}

fn find(criterion: &mut Criterion) {
    for mix in [Mix::Mix, Mix::Narrow] {
        let mut group = group(criterion, &format!("match/{}", mix.name()));
        for n in sizes(&[100, 1_000, 10_000, 100_000, 1_000_000]) {
            looks(&mut group, n, || index(&sieves(Trackers::new(mix), n)));
        }
        group.finish();
    }
    let mut group = group(criterion, "match/real_shapes");
    looks(&mut group, 24_000, || {
        let mut source = Trackers::new(Mix::Narrow);
        let patterns = std::iter::repeat_with(|| Tracker {
            what: What::Pattern(source.pattern()),
            site: None,
            also: None,
        });
        index(&sieves(patterns, 24_000))
    });
    group.finish();
}

fn naive(criterion: &mut Criterion) {
    let mut group = group(criterion, "match/naive");
    let posts = LazyCell::new(posts);
    for n in [100, 1_000, 10_000] {
        let naive = LazyCell::new(|| {
            let trackers: Vec<Tracker> = Trackers::new(Mix::Mix).take(n).collect();
            OneByOne::new(&trackers)
        });
        group.bench_function(BenchmarkId::from_parameter(n), |bencher| {
            let mut found = Vec::new();
            let mut turn = posts.iter().cycle();
            bencher.iter(|| {
                let item = turn.next().expect("a circle has no end");
                naive.find(black_box(item), &mut found);
                found.len()
            });
        });
    }
    group.finish();
}

fn build(criterion: &mut Criterion) {
    let mut group = group(criterion, "build");
    group.sample_size(10);
    for n in [10_000, 100_000] {
        let sieves = LazyCell::new(|| sieves(Trackers::new(Mix::Mix), n));
        group.bench_function(BenchmarkId::from_parameter(n), |bencher| {
            bencher.iter_batched(|| (), |()| index(&sieves), BatchSize::PerIteration);
        });
    }
    group.finish();
}

/// One tracker more, and one less.
fn change(criterion: &mut Criterion) {
    /// As many at a time, so that the index keeps its size.
    const MORE: usize = 1_000;
    for (name, inserts) in [("insert", true), ("delete", false)] {
        let mut group = group(criterion, name);
        for n in sizes(&[100_000, 1_000_000]) {
            let mut full = LazyCell::new(|| {
                let mut source = Trackers::new(Mix::Mix);
                let mut full = Index::new();
                for (key, tracker) in (0..).zip(source.by_ref().take(n)) {
                    full.insert(key, &sieve(&tracker.to_string()).expect("a right query"));
                }
                (full, sieves(source, MORE))
            });
            group.bench_function(BenchmarkId::from_parameter(n), |bencher| {
                let (full, more) = &mut *full;
                bencher.iter_custom(|count| {
                    let mut spent = Duration::ZERO;
                    let mut left = count as usize;
                    while left > 0 {
                        let some = left.min(MORE);
                        let start = Instant::now();
                        for (key, sieve) in (n as u64..).zip(&more[..some]) {
                            full.insert(key, sieve);
                        }
                        let between = Instant::now();
                        for (key, _) in (n as u64..).zip(&more[..some]) {
                            full.remove(key);
                        }
                        spent += if inserts {
                            between - start
                        } else {
                            between.elapsed()
                        };
                        left -= some;
                    }
                    spent
                });
            });
        }
        group.finish();
    }
}

/// What people could type to make posts slow: it is refused, or a post stays quick.
fn adversarial(criterion: &mut Criterion) {
    let mut group = group(criterion, "adversarial");
    let without_words = (0..1_000).map(|n| match n % 4 {
        0 => format!("[a-z]{{{}}}", n / 8 + 20),
        1 => format!(r"\w+\s\w{{{}}}\W", n / 8 + 4),
        2 => format!(r"[ac-y]+[b-z]{{{}}}\d", n / 8 + 2),
        _ => format!(r"(?:\w\W?){{{}}}\d$", n / 40 + 2),
    });
    for (name, patterns) in [
        ("nested_plus", vec!["(a+)+$".to_string()]),
        ("nested_counts", vec!["(x{1,50}){1,50}".to_string()]),
        ("a_thousand_without_words", without_words.collect()),
    ] {
        // What the bot does: a source bears only so much of that.
        let mut burden = Burden::default();
        let mut accepted: Vec<Sieve> = Vec::new();
        for pattern in &patterns {
            if let Ok(sieve) = sieve(&format!("/{pattern}/"))
                && burden.bears(&sieve, None)
            {
                burden.add(&sieve);
                accepted.push(sieve);
            }
        }
        let refused = patterns.len() - accepted.len();
        println!(
            "adversarial/{name}: {refused} of {} are refused",
            patterns.len()
        );
        if accepted.is_empty() {
            continue;
        }
        let index = index(&accepted);
        for (letter, item) in ["a", "x", "ab ", "é", "1a"].map(|piece| (piece, hostile(piece))) {
            let (mut scratch, mut found) = (Scratch::default(), Vec::new());
            let mut look = || {
                let start = Instant::now();
                index.find(&Folded::new(black_box(&item)), &mut scratch, &mut found);
                start.elapsed()
            };
            // What is compiled on the way is compiled once.
            look();
            let took = (0..5).map(|_| look()).min().unwrap_or_default();
            let outcome = if took <= WORST { "met" } else { "MISSED" };
            println!("adversarial/{name} of `{letter}`: {took:?}; target {WORST:?}: {outcome}");
        }
        let item = hostile("a");
        group.bench_function(name, |bencher| {
            let (mut scratch, mut found) = (Scratch::default(), Vec::new());
            bencher.iter(|| index.find(&Folded::new(black_box(&item)), &mut scratch, &mut found));
        });
    }
    group.finish();
}

/// The longest body that sources give, of one piece again and again.
fn hostile(piece: &str) -> Item {
    let mut item = Posts::new().next().expect("there is always one more");
    item.body = piece.repeat(20_000 / piece.chars().count()) + "!";
    item
}

criterion_group!(benches, find, naive, build, change, adversarial);
criterion_main!(benches);
