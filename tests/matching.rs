//! The index finds exactly the trackers that want an item: the same as asking one by one, whatever trackers, items
//! and changes there are.
//!
//! `BOSON_TEST_ALL=1` asks every tracker about every real post, which takes minutes; `PROPTEST_CASES=100000` makes
//! so many stories up.

#[allow(dead_code)]
#[path = "../benches/made_up/mod.rs"]
mod made_up;
#[path = "matching/posts.rs"]
mod posts;
#[path = "matching/queries.rs"]
mod queries;
#[path = "matching/real.rs"]
mod real;
#[path = "matching/stories.rs"]
mod stories;

use boson::filter::{Folded, Index, Scratch, Sieve};
use boson::model::{Args, Item, Refusal};
use boson::when::{Order, Reading};

use made_up::one_by_one::OneByOne;
use made_up::posts::Posts;
use made_up::trackers::{Tracker, Trackers};
use made_up::{Mix, reading};

fn sieve(query: &str) -> Result<Sieve, Refusal> {
    let reading = Reading {
        now: posts::now(),
        zone: chrono_tz::UTC,
        order: Order::DayMonth,
    };
    Sieve::build(&Args::new(), Some(query), &reading)
}

fn found(index: &Index, item: &Item, scratch: &mut Scratch) -> Vec<u64> {
    // What was found before must not stay.
    let mut found = vec![u64::MAX];
    index.find(&Folded::new(item), scratch, &mut found);
    found
}

fn is_set(name: &str) -> bool {
    #[allow(clippy::disallowed_methods)]
    std::env::var_os(name).is_some()
}

/// What is measured is right, too: in `bench_ratio` the same is asked of many more.
#[test]
fn made_up_trackers_are_found_as_the_loop_finds_them() {
    for mix in [Mix::Mix, Mix::Narrow] {
        let trackers: Vec<Tracker> = Trackers::new(mix).take(600).collect();
        let naive = OneByOne::new(&trackers);
        let mut index = Index::new();
        for (key, tracker) in (0..).zip(&trackers) {
            let query = tracker.to_string();
            let sieve = Sieve::build(&Args::new(), Some(&query), &reading());
            index.insert(
                key,
                &sieve.unwrap_or_else(|refusal| panic!("{query}: {refusal}")),
            );
        }
        let (mut scratch, mut expected, mut answers) = (Scratch::default(), Vec::new(), 0);
        // Enough for some with letters beyond ASCII.
        for item in Posts::new().take(120) {
            naive.find(&item, &mut expected);
            let found = found(&index, &item, &mut scratch);
            let either = found.iter().chain(&expected);
            let wrong: Vec<String> = either
                .filter(|key| found.contains(key) != expected.contains(key))
                .map(|key| trackers[*key as usize].to_string())
                .collect();
            assert!(wrong.is_empty(), "{wrong:#?} about {item:?}");
            assert_eq!(found, expected, "the order");
            answers += found.len();
        }
        assert!(answers > 0, "{mix:?} has no answers");
    }
}
