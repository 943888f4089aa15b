//! How the budget stands, in words.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Budget;
use super::plan::Wish;
use crate::when::Every;

/// How many groups of slowed streams are named.
const NAMED: usize = 3;

/// How the budget stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Requests left today.
    pub left: u64,
    /// Requests a day.
    pub most: u64,
    /// Streams that are looked at.
    pub streams: usize,
    /// Those for which the bell rings, while it can be heard.
    pub rung: usize,
    /// What is looked at less often than wanted, the slowest first.
    pub slowed: Vec<Slowed>,
    /// Nothing is looked at before midnight.
    pub over: bool,
}

/// Streams that want the same and get less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slowed {
    pub wanted: Duration,
    /// The longest of them, rounded to what people would say.
    pub now: Duration,
    /// All of them wait so long.
    pub alike: bool,
    pub streams: usize,
    /// Of so many that want the same.
    pub of: usize,
}

impl Budget {
    /// How it stands.
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        let (wishes, plan) = self.plan(now);
        let over = self.spendable(now) == 0.0;
        let mut slowed: Vec<Slowed> = Vec::new();
        // What trackers ask for: how seldom the bell lets a stream be looked at is nobody's wish.
        let wanted = |wish: &Wish<'_>| match self.streams.get(wish.key) {
            Some(stream) => Duration::from_secs(stream.every.into()),
            None => Duration::from_secs_f64(wish.every.round()),
        };
        for (wish, every) in wishes.iter().zip(&plan.every) {
            if *every <= wish.every * 1.02 || over {
                continue;
            }
            let like = wanted(wish);
            let now = rounded(*every);
            match slowed.iter_mut().find(|group| group.wanted == like) {
                Some(group) => {
                    group.streams += 1;
                    group.alike &= group.now == now;
                    group.now = group.now.max(now);
                }
                None => slowed.push(Slowed {
                    wanted: like,
                    now,
                    alike: true,
                    streams: 1,
                    of: wishes.iter().filter(|other| wanted(other) == like).count(),
                }),
            }
        }
        slowed.sort_by_key(|group| std::cmp::Reverse(group.wanted));
        Standing {
            left: self.left(now),
            most: self.most,
            streams: wishes.len(),
            rung: match self.bell {
                true => self.streams.values().filter(|stream| stream.rung).count(),
                false => 0,
            },
            slowed,
            over,
        }
    }

    /// Whether anything was ever asked.
    pub fn in_use(&self) -> bool {
        self.day.is_some()
    }

    /// The same as a sentence without its end: `2,340 of 10,000 requests left, enough until midnight UTC`.
    pub fn say(&self, now: DateTime<Utc>) -> String {
        let standing = self.standing(now);
        if !self.in_use() && standing.slowed.is_empty() {
            return format!("{} requests a day, none used yet", thousands(standing.most));
        }
        let left = format!(
            "{} of {} requests left",
            thousands(standing.left),
            thousands(standing.most)
        );
        if standing.over {
            let kept = match standing.left {
                0 => "",
                _ => " and kept for commands",
            };
            return format!("{left}{kept}: nothing is looked at until midnight UTC");
        }
        if standing.slowed.is_empty() {
            return format!("{left}, enough until midnight UTC");
        }
        let mut groups: Vec<String> = standing
            .slowed
            .iter()
            .take(NAMED)
            .map(Slowed::say)
            .collect();
        if standing.slowed.len() > NAMED {
            groups.push("and others".into());
        }
        format!(
            "{left}, not enough until midnight UTC at this pace: slow trackers look less often ({})",
            groups.join("; ")
        )
    }
}

impl Budget {
    /// What the web socket is good for at the moment, as a sentence without its end; none when nothing is looked at.
    pub fn say_bell(&self, now: DateTime<Utc>) -> Option<String> {
        let Standing { streams, rung, .. } = self.standing(now);
        Some(match (streams, rung) {
            (0, _) => return None,
            (_, 0) => "The web socket is not heard: what is new is found out by asking only".into(),
            (1, 1) => {
                "The source is asked as soon as the web socket says that something happens".into()
            }
            _ => format!(
                "{rung} of {streams} sources are asked as soon as the web socket says that something happens"
            ),
        })
    }
}

impl Slowed {
    /// `3 of 50 every 5 minutes now up to every 40 minutes`
    fn say(&self) -> String {
        let every = |time| Every::Interval(time).to_string();
        let some = match self.streams < self.of {
            true => format!("{} of {} ", self.streams, self.of),
            false => String::new(),
        };
        let up_to = if self.alike { "" } else { "up to " };
        format!(
            "{some}{} now {up_to}{}",
            every(self.wanted),
            every(self.now)
        )
    }
}

/// A length of time as people would say it: `40 minutes`, not `41 minutes 12 seconds`.
fn rounded(seconds: f64) -> Duration {
    let step = match seconds {
        ..120.0 => 1.0,
        ..1800.0 => 60.0,
        ..7200.0 => 300.0,
        ..86_400.0 => 1800.0,
        _ => 6.0 * 3600.0,
    };
    Duration::from_secs_f64((seconds / step).round().min(1e6) * step)
}

/// `2,340`
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut said = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}
