//! Measures one number of trackers of one mix.

use std::hint::black_box;

use boson::filter::{Folded, Index, Scratch, Sieve};
use boson::model::{Args, Item};
use serde_json::{Value, json};

use crate::made_up::one_by_one::OneByOne;
use crate::made_up::posts::Posts;
use crate::made_up::trackers::{Tracker, Trackers};
use crate::made_up::{Mix, reading};
use crate::process::{processor_time, resident};

/// How often the index looks at each post; where that takes longer than so many microseconds, three times at least.
const ROUNDS: usize = 20;
const PATIENCE_US: f64 = 200_000.0;
/// How many trackers are added and taken away while time runs.
const CHANGES: usize = 1_000;
/// How often the sieves themselves are asked, in all; they say why, and so take their time.
const ASKED: usize = 200_000;
/// How many differences are shown.
const SHOWN: usize = 5;

/// What to do.
pub struct Plan {
    pub items: usize,
    /// Whether to ask one by one, too.
    pub loops: bool,
}

/// What was found out. Times are microseconds of the thread's own processor time.
pub struct Figures {
    pub trackers: usize,
    pub items: usize,
    pub ratios: Option<Spread>,
    pub us: Spread,
    pub naive_us: Option<Spread>,
    /// What the index says it takes.
    pub bytes_per_tracker: f64,
    /// What the process took more once the index was full and had looked at all posts.
    pub resident_bytes_per_tracker: Option<f64>,
    /// What the process had then, everything beside the index in it: sieves, compiled patterns, the loop.
    pub resident_mib: Option<f64>,
    pub answers_per_item: f64,
    /// The time of one change.
    pub insert_us: Spread,
    pub delete_us: Spread,
    /// Seconds to read all queries, and to put them into the index.
    pub parse_s: f64,
    pub build_s: f64,
    pub checksum: u64,
    /// Posts with other answers than one by one, and changes that did not count at once.
    pub mismatches: usize,
    /// How many posts were shown to the sieves themselves.
    pub items_by_sieve: usize,
}

/// Some points of many figures.
pub struct Spread {
    pub mean: f64,
    pub p10: f64,
    pub p50: f64,
    pub p99: f64,
}

impl Spread {
    fn of(mut all: Vec<f64>) -> Spread {
        all.sort_by(f64::total_cmp);
        let at = |share: f64| all[((all.len() - 1) as f64 * share).round() as usize];
        Spread {
            mean: all.iter().sum::<f64>() / all.len() as f64,
            p10: at(0.1),
            p50: at(0.5),
            p99: at(0.99),
        }
    }
}

impl Figures {
    pub fn json(&self) -> Value {
        json!({
            "items": self.items,
            "ratio_p10": self.ratios.as_ref().map(|ratios| short(ratios.p10)),
            "ratio_p50": self.ratios.as_ref().map(|ratios| short(ratios.p50)),
            "us_p50": short(self.us.p50),
            "us_p99": short(self.us.p99),
            "naive_us_p50": self.naive_us.as_ref().map(|us| short(us.p50)),
            "bytes_per_tracker": short(self.bytes_per_tracker),
            "resident_bytes_per_tracker": self.resident_bytes_per_tracker.map(short),
            "answers_per_item": short(self.answers_per_item),
            "insert_us": short(self.insert_us.mean),
            "insert_us_p99": short(self.insert_us.p99),
            "delete_us": short(self.delete_us.mean),
            "delete_us_p99": short(self.delete_us.p99),
            "parse_s": short(self.parse_s),
            "build_s": short(self.build_s),
            "rss_mib": self.resident_mib.map(short),
            "checksum": format!("{:016x}", self.checksum),
            "mismatches": self.mismatches,
            "items_by_sieve": self.items_by_sieve,
        })
    }
}

/// Three digits are more than the machine repeats.
pub fn short(figure: f64) -> Value {
    let digits = (2 - figure.abs().max(1e-9).log10().floor() as i32).clamp(0, 6);
    let scale = 10f64.powi(digits);
    json!((figure * scale).round() / scale)
}

pub fn measure(mix: Mix, count: usize, plan: &Plan) -> Figures {
    let items: Vec<Item> = Posts::new().take(plan.items).collect();
    let mut source = Trackers::new(mix);
    let mut parse_s = 0.0;
    let mut index = Index::new();
    let mut build_us = 0.0;
    // Kept only where they are asked themselves: of a million they would take more than the index.
    let (mut trackers, mut sieves) = (Vec::new(), Vec::new());
    let before = resident();
    for (key, tracker) in source.by_ref().take(count).enumerate() {
        let query = tracker.to_string();
        let (took, sieve) = timed(|| sieve(&query));
        parse_s += took / 1e6;
        let (took, ()) = timed(|| index.insert(key as u64, &sieve));
        build_us += took;
        if plan.loops {
            trackers.push(tracker);
            sieves.push(sieve);
        }
    }
    assert_eq!(index.len(), count);
    let mut looks = Looks::new(&index, &items);
    let grown = before.zip(resident()).map(|(before, now)| now - before);
    let judged = plan.loops.then(|| looks.judge(&trackers, &sieves));
    let (naive, items_by_sieve) = judged.unzip();
    let ratios = naive.as_ref().map(|naive: &Vec<f64>| {
        let pairs = naive.iter().zip(&looks.us);
        Spread::of(pairs.map(|(naive, us)| naive / us).collect())
    });
    let resident_mib = resident();
    let Looks {
        us,
        answers,
        checksum,
        mut mismatches,
        ..
    } = looks;
    // Later ones: they take away nothing that is in the index already.
    let more: Vec<Tracker> = source.take(CHANGES).collect();
    let bytes = index.bytes() as f64;
    let (insert_us, delete_us) = changes(&mut index, count as u64, &more);
    mismatches += late_changes(&mut index, count as u64, &items);
    Figures {
        trackers: count,
        items: items.len(),
        ratios,
        us: Spread::of(us),
        naive_us: naive.map(Spread::of),
        bytes_per_tracker: bytes / count as f64,
        // With the sieves beside it the difference would say nothing of the index.
        resident_bytes_per_tracker: grown
            .filter(|_| !plan.loops)
            .map(|mib| mib * 1024.0 * 1024.0 / count as f64),
        resident_mib,
        answers_per_item: answers as f64 / items.len() as f64,
        insert_us,
        delete_us,
        parse_s,
        build_s: build_us / 1e6,
        checksum,
        mismatches,
        items_by_sieve: items_by_sieve.unwrap_or_default(),
    }
}

/// What looking at all posts gave.
struct Looks<'a> {
    items: &'a [Item],
    /// The median of each post's rounds.
    us: Vec<f64>,
    found: Vec<Vec<u64>>,
    answers: usize,
    checksum: u64,
    mismatches: usize,
}

impl<'a> Looks<'a> {
    fn new(index: &Index, items: &'a [Item]) -> Looks<'a> {
        let mut scratch = Scratch::default();
        let mut looks = Looks {
            items,
            us: Vec::new(),
            found: Vec::new(),
            answers: 0,
            checksum: 0xcbf2_9ce4_8422_2325,
            mismatches: 0,
        };
        for item in items {
            let mut found = Vec::new();
            let mut rounds = Vec::new();
            while rounds.len() < ROUNDS
                && (rounds.len() < 3 || rounds.iter().sum::<f64>() < PATIENCE_US)
            {
                // Reading the post anew is part of it.
                let look = || index.find(&Folded::new(black_box(item)), &mut scratch, &mut found);
                rounds.push(timed(look).0);
            }
            looks.us.push(Spread::of(rounds).p50);
            looks.answers += found.len();
            for key in found.iter().copied().chain([u64::MAX]) {
                looks.checksum = (looks.checksum ^ key).wrapping_mul(0x100_0000_01b3);
            }
            looks.found.push(found);
        }
        looks
    }

    /// Compares with the loop, whose times it gives, and for some posts with the sieves; how many of these.
    fn judge(&mut self, trackers: &[Tracker], sieves: &[Sieve]) -> (Vec<f64>, usize) {
        let naive = OneByOne::new(trackers);
        let mut expected = Vec::new();
        let mut us = Vec::new();
        for (n, item) in self.items.iter().enumerate() {
            us.push(timed(|| naive.find(black_box(item), &mut expected)).0);
            self.compare("the loop", n, &expected, trackers);
        }
        let by_sieve = (ASKED / sieves.len()).clamp(2, self.items.len());
        // Posts with letters beyond ASCII first: there is most to go wrong.
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_by_key(|n| self.items[*n].body.is_ascii());
        let (foreign, usual) = order.split_at(order.len().min(by_sieve / 2));
        let chosen = foreign.iter().chain(usual.iter().rev()).take(by_sieve);
        for n in chosen {
            let item = Folded::new(&self.items[*n]);
            let kept = sieves.iter().zip(0..);
            let kept = kept.filter(|(sieve, _)| sieve.check_folded(&item).keeps());
            let expected: Vec<u64> = kept.map(|(_, key)| key).collect();
            self.compare("the sieves", *n, &expected, trackers);
        }
        (us, by_sieve)
    }

    fn compare(&mut self, judge: &str, n: usize, expected: &[u64], trackers: &[Tracker]) {
        let found = &self.found[n];
        if found == expected {
            return;
        }
        self.mismatches += 1;
        if self.mismatches > SHOWN {
            return;
        }
        let either = found.iter().chain(expected);
        let wrong = either.filter(|key| found.contains(key) != expected.contains(key));
        for key in wrong.take(SHOWN) {
            let said = if found.contains(key) {
                "found, but not wanted"
            } else {
                "wanted, but not found"
            };
            let query = &trackers[*key as usize];
            eprintln!("{said} by {judge}: {query}");
        }
        eprintln!("post {n}: {:?}", self.items[n]);
    }
}

/// The times of adding trackers and of taking them away again.
fn changes(index: &mut Index, key: u64, more: &[Tracker]) -> (Spread, Spread) {
    let sieves: Vec<Sieve> = more.iter().map(|one| sieve(&one.to_string())).collect();
    let mut insert = Vec::new();
    for (key, sieve) in (key..).zip(&sieves) {
        insert.push(timed(|| index.insert(key, sieve)).0);
    }
    let mut delete = Vec::new();
    for (key, _) in (key..).zip(&sieves) {
        let (took, was_there) = timed(|| index.remove(key));
        assert!(was_there);
        delete.push(took);
    }
    (Spread::of(insert), Spread::of(delete))
}

/// Adds for each post a tracker that wants it, and takes it away: how many do not count for the very next look.
fn late_changes(index: &mut Index, key: u64, items: &[Item]) -> usize {
    let (mut scratch, mut found) = (Scratch::default(), Vec::new());
    let mut late = 0;
    for item in items {
        let mut words = item.title.split_whitespace().rev().take(2);
        let (Some(last), Some(before)) = (words.next(), words.next()) else {
            continue;
        };
        let mut is_found = |index: &Index| {
            index.find(&Folded::new(item), &mut scratch, &mut found);
            found.last() == Some(&key)
        };
        index.insert(key, &sieve(&format!("title:\"{before} {last}\"")));
        let there = is_found(index);
        index.remove(key);
        if !there || is_found(index) {
            late += 1;
            eprintln!("a change did not count at once: {before} {last}");
        }
    }
    late
}

fn sieve(query: &str) -> Sieve {
    match Sieve::build(&Args::new(), Some(query), &reading()) {
        Ok(sieve) => sieve,
        Err(refusal) => panic!("{query}: {refusal}"),
    }
}

/// What it took, in microseconds, and what it gave.
fn timed<T>(run: impl FnOnce() -> T) -> (f64, T) {
    let start = processor_time();
    let gave = run();
    ((processor_time() - start).as_secs_f64() * 1e6, gave)
}
