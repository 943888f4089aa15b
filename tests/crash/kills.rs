//! Processes that are killed at any moment, under changes and items, and what the next one knows.

use crate::life::Place;
use crate::story::{Kills, Story};

/// How many stories run beside each other, each with a chance, a store and feeds of its own.
const STORIES: u64 = 4;
/// How often each is killed.
const KILLS: u64 = 25;

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_said_twice() {
    let number = |name: &str, default| {
        #[allow(clippy::disallowed_methods)]
        std::env::var(name).map_or(default, |n| n.parse().expect("a number"))
    };
    let (kills, seed) = (
        number("BOSON_TEST_KILLS", KILLS),
        number("BOSON_TEST_SEED", 1),
    );
    let stories: Vec<_> = (0..STORIES)
        .map(|n| {
            std::thread::spawn(move || Story::new(seed + n, Place::new(), |_| Kills).tell(kills).0)
        })
        .collect();
    let mut said = 0;
    for story in stories {
        said += story.join().expect("a story went wrong, see above");
    }
    println!("{said} entries were said in {} lives", STORIES * kills);
    assert!(said > 100, "too little happened: {said}");
}
