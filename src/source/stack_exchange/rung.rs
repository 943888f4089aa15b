//! What the bell rang for and was not read yet: what the socket says can be ahead of what is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The most sites of which is noted what rang; there are fewer than 400, and those that are watched are always noted.
const SITES: usize = 1000;
/// How many of the last questions of a site are known to have been read.
const READ: usize = 200;
/// The most questions of a site that are missed at a time.
const MISSED: usize = 50;
/// How often something that rang is looked for again: after 5, 15, 45 and 135 seconds.
const TRIES: u32 = 4;
/// When a look is made again that was made because something happened, and found nothing.
const ONCE_MORE: Duration = Duration::from_secs(60);

/// What rang, by site and by stream.
#[derive(Default)]
pub(super) struct Rung {
    sites: BTreeMap<String, Site>,
    /// Streams that are looked at because something happened.
    promised: BTreeSet<String>,
}

#[derive(Default)]
struct Site {
    /// The last questions that were read.
    read: BTreeSet<u64>,
    /// Questions that rang and were not read, and how often they were looked for in vain.
    missed: BTreeMap<u64, u32>,
}

impl Rung {
    /// Something happened to a question.
    pub fn heard(&mut self, site: &str, question: u64) {
        let full = self.sites.len() >= SITES && !self.sites.contains_key(site);
        if full || !self.is_new(site, question) {
            return;
        }
        let missed = &mut self.sites.entry(site.into()).or_default().missed;
        missed.entry(question).or_insert(0);
        while missed.len() > MISSED {
            missed.pop_first();
        }
    }

    /// Whether a question is one that was not read. Those from long before are taken for read.
    pub fn is_new(&self, site: &str, question: u64) -> bool {
        self.sites.get(site).is_none_or(|site| {
            let first = site.read.first();
            first.is_none_or(|first| *first < question) && !site.read.contains(&question)
        })
    }

    /// These questions were read. When to look again for those that are still missed.
    pub fn read(&mut self, site: &str, questions: impl Iterator<Item = u64>) -> Option<Duration> {
        let site = self.sites.entry(site.into()).or_default();
        site.read.extend(questions);
        while site.read.len() > READ {
            site.read.pop_first();
        }
        let first = site.read.first().copied().unwrap_or(0);
        let read = &site.read;
        site.missed.retain(|question, tries| {
            *tries += 1;
            *tries <= TRIES && *question > first && !read.contains(question)
        });
        let tries = *site.missed.values().min()?;
        Some(Duration::from_secs(5 * 3u64.pow(tries - 1)))
    }

    /// A stream will be looked at because something happened, to whatever.
    pub fn promise(&mut self, stream: &str) {
        self.promised.insert(stream.into());
    }

    /// A stream is not looked at any more.
    pub fn forget(&mut self, stream: &str) {
        self.promised.remove(stream);
    }

    /// A stream was looked at; when to look again, where it had been promised and brought nothing new.
    pub fn looked(&mut self, stream: &str, new: bool) -> Option<Duration> {
        let promised = self.promised.remove(stream);
        (promised && !new).then_some(ONCE_MORE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(wait: Option<Duration>) -> Option<u64> {
        wait.map(|wait| wait.as_secs())
    }

    #[test]
    fn what_rang_is_looked_for_until_it_is_read() {
        let mut rung = Rung::default();
        assert_eq!(rung.read("beer", [7, 9].into_iter()), None);
        rung.heard("beer", 12);
        rung.heard("beer", 11);
        // Old questions, and those that were read, are no news.
        for old in [3, 7, 9] {
            assert!(!rung.is_new("beer", old), "{old}");
            rung.heard("beer", old);
        }
        assert!(rung.is_new("beer", 11) && rung.is_new("coffee", 3));
        // The newer one comes first, and the other is not forgotten.
        assert_eq!(seconds(rung.read("beer", [12].into_iter())), Some(5));
        assert!(rung.is_new("beer", 11));
        assert_eq!(seconds(rung.read("beer", [].into_iter())), Some(15));
        assert_eq!(rung.read("beer", [11].into_iter()), None);
        assert!(!rung.is_new("beer", 11));
    }

    #[test]
    fn what_never_comes_is_given_up() {
        let mut rung = Rung::default();
        rung.read("beer", [7].into_iter());
        rung.heard("beer", 8);
        let waits: Vec<_> = (0..5)
            .map(|_| seconds(rung.read("beer", [].into_iter())))
            .collect();
        assert_eq!(waits, [Some(5), Some(15), Some(45), Some(135), None]);
    }

    #[test]
    fn nothing_grows_without_an_end() {
        let mut rung = Rung::default();
        for question in 0..1_000 {
            rung.heard("beer", question);
            assert!(rung.sites["beer"].missed.len() <= MISSED);
        }
        rung.read("beer", 0..10_000);
        assert_eq!(rung.sites["beer"].read.len(), READ);
        assert!(rung.sites["beer"].missed.is_empty());
        for site in 0..3 * SITES {
            rung.heard(&format!("site-{site}"), 7);
        }
        assert_eq!(rung.sites.len(), SITES);
        rung.read("coffee", [7].into_iter());
        assert!(!rung.is_new("coffee", 7), "what is watched is noted");
    }

    #[test]
    fn a_promised_look_that_brings_nothing_is_made_once_more() {
        let mut rung = Rung::default();
        assert_eq!(rung.looked("answers", false), None);
        rung.promise("answers");
        assert_eq!(rung.looked("answers", false), Some(ONCE_MORE));
        assert_eq!(rung.looked("answers", false), None);
        rung.promise("answers");
        assert_eq!(rung.looked("answers", true), None);
    }
}
