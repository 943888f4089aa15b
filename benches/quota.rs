//! What a day of Stack Exchange costs in requests, and how soon a new question is said: one poll for each tracker, as
//! Boson's forerunner did it, against one budget for all, with polling alone and with the bell.
//!
//! `cargo bench --bench quota`
//!
//! It is a day (after one of getting to know the sites) played event by event with the real budget; nothing waits.
//! Questions come at random (Poisson), 5,000 a day on the 50 busiest sites, as often on each as its rank has it (Zipf):
//! 1,111 a day on the first, 22 on the last; fewer sites are the first of these. Every tracker wants new questions
//! every 5 minutes. An answer takes 0.3 s, the bell rings up to 2 s late. Seeds are fixed.
//!
//! "Old answers" is the worst that the API may do: each answer is what there was at the site's last full minute, though
//! no two requests are the same. Whoever looks in vain for a question that rang looks again after 5, 15, 45 and 135 s.
//!
//! It ends with 1 when 10,000 trackers over 50 sites do not fit in 10,000 requests, or with the bell and fresh answers
//! less than 99 of 100 questions are said within 10 s.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::process::ExitCode;
use std::time::Duration;

use boson::source::stack_exchange::budget::{Budget, Looked, WITH_KEY};
use chrono::{DateTime, TimeDelta, Utc};

/// Questions a day on this many sites.
const QUESTIONS: f64 = 5_000.0;
const RANKS: usize = 50;
/// How often each tracker wants to look, in milliseconds.
const EVERY: u64 = 300_000;
const DAY: u64 = 86_400_000;
/// How long an answer takes, how late the bell may ring, and how old answers may be, in milliseconds.
const ANSWER: u64 = 300;
const LATE: u64 = 2_000;
const OLD: u64 = 60_000;
/// When a question that rang is looked for again, in milliseconds.
const AGAIN: [u64; 4] = [5_000, 15_000, 45_000, 135_000];

fn main() -> ExitCode {
    println!(
        "{:>8} {:>5}  {:<34} {:>9} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7}",
        "trackers", "sites", "way", "requests", "mean", "p50", "p95", "max", "≤10 s", "≤5 min"
    );
    let mut fits = true;
    for (trackers, sites) in [(100, 5), (1_000, 20), (10_000, 33), (10_000, 50)] {
        let old = one_by_one(trackers, sites);
        old.print(trackers, sites, "one poll a tracker (forerunner)");
        for (way, bell, answers) in [
            ("one budget, polling alone", false, 0),
            ("one budget, polling, old answers", false, OLD),
            ("one budget and the bell", true, 0),
            ("one budget and the bell, old answers", true, OLD),
        ] {
            let day = Day::new(sites, bell, answers).live();
            day.print(trackers, sites, way);
            fits &= day.requests <= WITH_KEY;
            fits &= !bell || answers > 0 || day.within(10_000) >= 0.99;
        }
    }
    println!(
        "\nA day has {WITH_KEY} requests. What the forerunner asks beyond them is refused: until midnight it says nothing more."
    );
    match fits {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// What a day came to.
struct Outcome {
    /// Wanted, for the forerunner; made, for us.
    requests: u64,
    /// Of the questions that were said, in milliseconds, sorted.
    delays: Vec<u64>,
    /// Questions that were never said.
    lost: usize,
}

impl Outcome {
    fn within(&self, most: u64) -> f64 {
        let soon = self.delays.partition_point(|delay| *delay <= most);
        soon as f64 / (self.delays.len() + self.lost).max(1) as f64
    }

    fn print(&self, trackers: usize, sites: usize, way: &str) {
        let rank = |part: f64| {
            let at = (part * (self.delays.len() + self.lost) as f64) as usize;
            self.delays.get(at).copied()
        };
        let mean = match self.lost {
            0 => Some(self.delays.iter().sum::<u64>() / self.delays.len().max(1) as u64),
            _ => None,
        };
        let last = self.delays.last().copied().filter(|_| self.lost == 0);
        println!(
            "{trackers:>8} {sites:>5}  {way:<34} {:>9} {:>7} {:>7} {:>7} {:>7} {:>6.1}% {:>6.1}%",
            self.requests,
            said(mean),
            said(rank(0.5)),
            said(rank(0.95)),
            said(last),
            100.0 * self.within(10_000),
            100.0 * self.within(EVERY),
        );
    }
}

/// `4.2 s`, `7.5 m`; never where it was not said.
fn said(delay: Option<u64>) -> String {
    match delay {
        Some(delay @ ..120_000) => format!("{:.1} s", delay as f64 / 1e3),
        Some(delay) => format!("{:.1} m", delay as f64 / 60e3),
        None => "never".into(),
    }
}

/// Every tracker asks for itself: each in turn, until the day's requests are used up.
fn one_by_one(trackers: usize, sites: usize) -> Outcome {
    let (mut delays, mut lost) = (Vec::new(), 0);
    let step = EVERY as f64 / trackers as f64;
    let ends = (step * WITH_KEY as f64) as u64;
    for site in 0..sites {
        for asked in questions(site) {
            if asked < DAY {
                continue;
            }
            // The trackers of a site stand one after the other in each round; each says it in its own room, so what
            // counts is when one of them asks next.
            let asked = asked - DAY;
            let tracker = site as f64 * step;
            let round = ((asked as f64 - tracker) / EVERY as f64).ceil().max(0.0);
            let next = (round * EVERY as f64 + tracker) as u64;
            match next < ends {
                true => delays.push(next - asked + ANSWER),
                false => lost += 1,
            }
        }
    }
    delays.sort_unstable();
    Outcome {
        requests: trackers as u64 * DAY / EVERY,
        delays,
        lost,
    }
}

/// When questions are asked on the site of this rank, in milliseconds, for two days.
fn questions(site: usize) -> Vec<u64> {
    let whole: f64 = (1..=RANKS).map(|rank| 1.0 / rank as f64).sum();
    let a_day = QUESTIONS / whole / (site + 1) as f64;
    let mut random = Random(0x0b05_0000 + site as u64);
    let (mut at, mut all) = (0.0, Vec::new());
    loop {
        at += -(1.0 - random.part()).ln() / a_day * DAY as f64;
        if at >= 2.0 * DAY as f64 {
            return all;
        }
        all.push(at as u64);
    }
}

/// Two days of the budget, of which the second is counted.
struct Day {
    sites: Vec<Site>,
    budget: Budget,
    bell: bool,
    /// How old answers may be.
    old: u64,
    events: BinaryHeap<Reverse<(u64, Event)>>,
    used: u64,
    delays: Vec<u64>,
}

#[derive(Default)]
struct Site {
    /// Asked and not said, oldest first.
    open: Vec<u64>,
    next: u64,
    /// Looks that were put off are not made.
    turn: u64,
    /// It was rung, and the look for it is on its way.
    rung: bool,
    tries: usize,
    /// The latest question that rang.
    heard: u64,
    phase: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Question(usize),
    Ring(usize, u64),
    Look(usize, u64),
}

impl Day {
    fn new(sites: usize, bell: bool, old: u64) -> Day {
        let mut random = Random(7);
        let mut day = Day {
            sites: Vec::new(),
            budget: Budget::new(WITH_KEY),
            bell,
            old,
            events: BinaryHeap::new(),
            used: 0,
            delays: Vec::new(),
        };
        day.budget.bell(bell);
        for n in 0..sites {
            for asked in questions(n) {
                day.events.push(Reverse((asked, Event::Question(n))));
                if bell {
                    let rings = asked + random.below(LATE);
                    day.events.push(Reverse((rings, Event::Ring(n, asked))));
                }
            }
            day.sites.push(Site {
                phase: random.below(OLD),
                ..Site::default()
            });
            day.look_at(n, random.below(EVERY));
        }
        day
    }

    /// Puts the site's next look there.
    fn look_at(&mut self, n: usize, at: u64) {
        let site = &mut self.sites[n];
        site.turn += 1;
        site.next = at;
        let turn = site.turn;
        self.events.push(Reverse((at, Event::Look(n, turn))));
    }

    fn live(mut self) -> Outcome {
        let mut today = 0;
        let mut yesterday = 0;
        while let Some(Reverse((now, event))) = self.events.pop() {
            if now >= 2 * DAY {
                break;
            }
            if now / DAY != today {
                today = now / DAY;
                yesterday = std::mem::take(&mut self.used);
            }
            match event {
                Event::Question(n) => self.sites[n].open.push(now),
                Event::Ring(n, asked) => self.ring(n, asked, now),
                Event::Look(n, turn) if self.sites[n].turn == turn => self.look(n, now),
                Event::Look(..) => {}
            }
        }
        assert!(yesterday <= WITH_KEY, "the first day used {yesterday}");
        let open = self.sites.iter().flat_map(|site| &site.open);
        // What was asked in the last minutes had no time to be said.
        let lost = open.filter(|asked| **asked < 2 * DAY - DAY / 24).count();
        self.delays.sort_unstable();
        Outcome {
            requests: self.used,
            delays: self.delays,
            lost,
        }
    }

    fn ring(&mut self, n: usize, asked: u64, now: u64) {
        let site = &mut self.sites[n];
        site.heard = site.heard.max(asked);
        site.tries = 0;
        // It was said already, or a look is on its way.
        if site.rung || !site.open.contains(&asked) {
            return;
        }
        let wait = self.budget.answer(&n.to_string(), time(now));
        let at = now + wait.as_millis() as u64;
        if at < self.sites[n].next {
            self.sites[n].rung = true;
            self.look_at(n, at);
        }
    }

    fn look(&mut self, n: usize, now: u64) {
        self.used += 1;
        self.budget.heard(
            Some(WITH_KEY),
            WITH_KEY.saturating_sub(self.used),
            time(now),
        );
        let site = &mut self.sites[n];
        // What is answered is what there was then.
        let then = match self.old {
            0 => now,
            old => now.saturating_sub((now + site.phase) % old),
        };
        let found = site.open.partition_point(|asked| *asked <= then);
        let said: Vec<u64> = site.open.drain(..found).collect();
        let missed = self.bell && site.heard > then && !site.open.is_empty();
        site.rung = false;
        for asked in said {
            if asked >= DAY {
                self.delays.push(now + ANSWER - asked);
            }
        }
        let again = match missed {
            true => AGAIN.get(site.tries).copied(),
            false => None,
        };
        site.tries += 1;
        let look = Looked {
            every: Duration::from_millis(EVERY),
            rung: true,
            requests: 1,
            items: found,
        };
        let pace = self.budget.looked(&n.to_string(), look, time(now));
        let pace = pace.as_millis() as u64;
        self.sites[n].rung = again.is_some();
        self.look_at(n, now + again.unwrap_or(pace).min(pace));
    }
}

fn time(millis: u64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::milliseconds(millis as i64)
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    /// From 0 to less than 1.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
