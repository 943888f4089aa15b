//! Who has to say what: a book of when each tracker was certainly at work, and of what it said.

use std::collections::BTreeMap;

use crate::growing::{Entry, Feed};
use crate::world::Tracker;

/// A tracker's past.
pub struct Past {
    pub feed: usize,
    /// When it was asked for.
    pub since: u64,
    pub spans: Vec<Span>,
    /// The numbers of the entries it said, in order.
    pub said: Vec<usize>,
    pub greetings: usize,
    /// Every filter it may have had.
    pub filters: Vec<BTreeMap<&'static str, &'static str>>,
}

/// A time in which nobody touched a tracker and it was known how it stood.
pub struct Span {
    pub from: u64,
    /// When somebody began to change it again.
    pub until: Option<u64>,
    /// After that, and before the next such time, an `undo` may have ended a rest.
    pub rest_undone: bool,
    /// `None` while it paused or did not exist.
    pub works: Option<Tracker>,
}

impl Past {
    /// What it still has to say, in words. `now` is how the tracker stands at the end.
    pub fn missing(&self, feed: &Feed, now: Option<&Tracker>) -> Vec<String> {
        let rests = now.is_none_or(|now| now.paused);
        let entries = feed.entries.iter().enumerate();
        entries
            .filter(|(n, _)| !self.said.contains(n))
            .filter_map(|(n, entry)| Some((n, self.wanted(feed, n, entry)?)))
            .filter(|(_, wanted)| wanted.yes && !(wanted.gathers && rests))
            .map(|(n, wanted)| format!("entry {n} was not said: {}", wanted.why))
            .collect()
    }

    /// What is wrong and stays so, in words.
    pub fn mistakes(&self, feed: &Feed) -> Vec<String> {
        let mut mistakes = Vec::new();
        for (n, entry) in feed.entries.iter().enumerate() {
            let said = self.said.contains(&n);
            if said
                && let Some(wanted) = self.wanted(feed, n, entry)
                && !wanted.yes
            {
                mistakes.push(format!("entry {n} was said: {}", wanted.why));
            }
            let filters = &self.filters;
            if said && !filters.iter().any(|filter| keeps(filter, entry)) {
                mistakes.push(format!("entry {n} passes none of {filters:?}"));
            }
        }
        if let Some(never) = self.said.iter().find(|n| **n >= feed.entries.len()) {
            mistakes.push(format!("entry {never} was never served"));
        }
        if self.greetings > 1 {
            mistakes.push(format!("it began {} times", self.greetings));
        }
        mistakes
    }

    /// Whether an entry had to be said or must not be; `None` where both would be right.
    fn wanted(&self, feed: &Feed, n: usize, entry: &Entry) -> Option<Wanted> {
        let shown = || feed.answers.iter().filter(|answer| answer.until > n);
        let first = shown().map(|answer| answer.at).min()?;
        let taken = shown().filter_map(|answer| answer.proven).min()?;
        if taken < self.since {
            let why = format!("it was taken in at {taken}, asked for at {}", self.since);
            return Some(Wanted {
                yes: false,
                gathers: false,
                why,
            });
        }
        let position = self.spans.iter().position(|span| {
            let from = match &span.works {
                None => Some(span.from),
                Some(_) => span.armed(feed),
            };
            from.is_some_and(|from| first >= from) && span.until.is_none_or(|until| taken < until)
        })?;
        let span = &self.spans[position];
        if span.works.is_none() && self.is_caught_up(feed, position) {
            return None;
        }
        let why = format!(
            "shown first at {first}, taken in at {taken}, between {} and {:?} it was {:?}",
            span.from, span.until, span.works
        );
        Some(match &span.works {
            None => Wanted {
                yes: false,
                gathers: false,
                why,
            },
            Some(tracker) => Wanted {
                yes: keeps(&tracker.filter, entry),
                gathers: tracker.printer == "digest",
                why,
            },
        })
    }

    /// Whether what came during a rest may be said later. A pause or stop that is taken back never was, so that what
    /// came since is said then, as far as it is among the source's last items. What came before the tracker was at
    /// work again stays unsaid.
    fn is_caught_up(&self, feed: &Feed, rest: usize) -> bool {
        let mut spans = self.spans[rest..].iter();
        spans
            .find(|span| span.rest_undone || span.worked(feed))
            .is_some_and(|span| !span.worked(feed))
    }
}

impl Span {
    /// From when on it is at work for certain: a look of that time is known to be taken in.
    fn armed(&self, feed: &Feed) -> Option<u64> {
        let answers = feed.answers.iter();
        answers
            .filter(|answer| answer.at >= self.from)
            .filter_map(|answer| answer.proven)
            .min()
    }

    /// It was at work for certain, and not only at its end.
    fn worked(&self, feed: &Feed) -> bool {
        let armed = self.works.as_ref().and_then(|_| self.armed(feed));
        armed.is_some_and(|armed| self.until.is_none_or(|until| armed < until))
    }
}

struct Wanted {
    yes: bool,
    /// It may still wait for the tracker's time.
    gathers: bool,
    why: String,
}

fn keeps(filter: &BTreeMap<&'static str, &'static str>, entry: &Entry) -> bool {
    filter.iter().all(|(name, value)| match *name {
        "contains" => entry.colour == *value,
        "author" => entry.author == *value,
        "tag" => entry.tag == *value,
        other => unreachable!("no test uses {other}"),
    })
}
