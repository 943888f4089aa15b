//! A hundred rounds of four stories, each with a chance of its own of what goes wrong when.

use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::disk::Disk;
use crate::growing::Dice;
use crate::life::{Life, Place};
use crate::story::{Story, Trouble};
use crate::wire::{Way, Wire};

/// How many stories run beside each other.
const STORIES: u64 = 4;
/// How many lives each has; every one is ended by a kill, if by nothing else.
const ROUNDS: u64 = 25;
/// The clock never goes further than this in a story: then what can be undone at its beginning still can be at its end.
const FURTHEST: i64 = 20 * 3600;
/// What fails is asked again after this long at the latest, as often as the clock is set on at the end.
const ON: i64 = 1800;
/// How often that is, at the end.
const OFTEN: Duration = Duration::from_secs(3);

/// What goes wrong in a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Nothing,
    /// It is stopped and goes on.
    Stop,
    Disk,
    Clock,
    Wire,
}

const ALL: [Wrong; 5] = [
    Wrong::Nothing,
    Wrong::Stop,
    Wrong::Disk,
    Wrong::Clock,
    Wrong::Wire,
];

struct Chaos {
    clock: Clock,
    disk: Option<Disk>,
    wire: Wire,
    wrong: Wrong,
    /// When it is to go wrong next in this life.
    next: Duration,
    /// A disk was full in this life or the one before, which is still felt.
    felt: bool,
    /// The disk is still full in the next life.
    stays_full: bool,
    /// In how many lives the program said that the disk was full, or ended over it.
    complaints: u64,
    stopped: bool,
    counts: [u64; ALL.len()],
    set_on: Option<Instant>,
}

impl Chaos {
    /// Sets the clock on.
    fn pass(&mut self, seconds: i64) {
        self.clock.set((self.clock.shift() + seconds).min(FURTHEST));
    }

    fn go_wrong(&mut self, life: &Life, dice: &mut Dice) {
        match self.wrong {
            Wrong::Nothing => {}
            Wrong::Stop => {
                self.stopped = !self.stopped;
                life.signal(match self.stopped {
                    true => libc::SIGSTOP,
                    false => libc::SIGCONT,
                });
            }
            Wrong::Disk => {
                if let Some(disk) = &self.disk {
                    // Enough for some commits, or for none.
                    disk.fill(dice.below(3) * dice.below(200_000));
                    self.felt = true;
                    self.stays_full = dice.below(3) == 0;
                }
            }
            Wrong::Clock => {
                let far = dice.below(1_200) as i64 + 1;
                match dice.below(3) {
                    0 => self.clock.set(self.clock.shift() - far),
                    _ => self.pass(far),
                }
            }
            Wrong::Wire => self.wire.becomes(match dice.below(4) {
                0 => Way::Open,
                1 => Way::Refused,
                2 => Way::Cut(dice.below(4_000)),
                _ => Way::Silent,
            }),
        }
    }
}

impl Trouble for Chaos {
    fn way(&self, url: String) -> String {
        let path = url.trim_start_matches("http://");
        let (_, path) = path.split_once('/').expect("a path");
        format!("http://{}/{path}", self.wire.address())
    }

    fn begins(&mut self, dice: &mut Dice) {
        // What failed in the life before is asked again in this one.
        self.pass(60 + dice.below(400) as i64);
        self.wrong = match std::mem::take(&mut self.stays_full) {
            true => Wrong::Disk,
            false => dice.one_of(&ALL),
        };
        if self.wrong == Wrong::Disk && self.disk.is_none() {
            self.wrong = Wrong::Stop;
        }
        self.counts[self.wrong as usize] += 1;
        self.next = Duration::from_millis(dice.below(1_200));
    }

    fn goes_on(&mut self, life: &Life, age: Duration, dice: &mut Dice) {
        if age >= self.next {
            self.go_wrong(life, dice);
            self.next = age + Duration::from_millis(50 + dice.below(600));
        }
    }

    fn ends(&mut self) {
        self.stopped = false;
        self.wire.becomes(Way::Open);
        if self.felt && !self.stays_full {
            self.felt = false;
            if let Some(disk) = &self.disk {
                disk.empty();
            }
        }
    }

    fn was_felt(&mut self) {
        self.complaints += 1;
    }

    fn is_over(&mut self) {
        self.wrong = Wrong::Nothing;
        self.stays_full = false;
        self.ends();
        self.pass(ON);
    }

    fn waits(&mut self) {
        let long_ago = self.set_on.is_none_or(|at| at.elapsed() >= OFTEN);
        if long_ago {
            self.set_on = Some(Instant::now());
            self.clock.set(self.clock.shift() + ON);
        }
    }

    fn is_felt(&self) -> bool {
        self.felt
    }
}

/// What was said, what went wrong how often, how many connections died, and how often the disk was too full.
fn story(seed: u64, rounds: u64) -> (usize, [u64; ALL.len()], [u64; 2]) {
    let place = Place::new();
    let config = "[http]\nallow_private = true\ntimeout = \"2 seconds\"\n\
                  [trackers]\nleast_every = \"1 second\"\n\
                  [trackers.breaker]\nburst = 0\nroom_burst = 0\n";
    std::fs::write(place.path("config.toml"), config).unwrap();
    let clock = Clock::new(place.path("clock"));
    let disk = Disk::new(place.data());
    let words = disk.iter().flat_map(Disk::words).chain(clock.words());
    let place = place.within(words.collect());
    let tell = |feeds: std::net::SocketAddr| Chaos {
        clock,
        disk,
        wire: Wire::to(feeds),
        wrong: Wrong::Nothing,
        next: Duration::MAX,
        felt: false,
        stays_full: false,
        complaints: 0,
        stopped: false,
        counts: [0; ALL.len()],
        set_on: None,
    };
    let (said, chaos) = Story::new(seed, place, tell).tell(rounds);
    (said, chaos.counts, [chaos.wire.died(), chaos.complaints])
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_said_twice_whatever_goes_wrong() {
    let number = |name: &str, default| {
        #[allow(clippy::disallowed_methods)]
        std::env::var(name).map_or(default, |n| n.parse().expect("a number"))
    };
    let rounds = number("BOSON_TEST_ROUNDS", ROUNDS);
    let seed = number("BOSON_TEST_SEED", 1);
    let stories: Vec<_> = (0..STORIES)
        .map(|n| std::thread::spawn(move || story(seed + n, rounds)))
        .collect();
    let (mut said, mut counts, mut felt) = (0, [0; ALL.len()], [0; 2]);
    for story in stories {
        let (its, wrong, feels) = story.join().expect("a story went wrong, see above");
        said += its;
        for (felt, feels) in felt.iter_mut().zip(feels) {
            *felt += feels;
        }
        for (count, wrong) in counts.iter_mut().zip(wrong) {
            *count += wrong;
        }
    }
    let [died, complaints] = felt;
    println!(
        "{said} entries were said; of {ALL:?} there were {counts:?}; {died} connections died, {complaints} lives found no room"
    );
    assert!(said > 100, "too little happened: {said}");
    if rounds >= ROUNDS {
        let disk = counts[Wrong::Disk as usize];
        // There is none where the machine allows no disk of one's own.
        assert!(counts.iter().filter(|count| **count == 0).count() <= usize::from(disk == 0));
    }
}
