//! Posts that nobody wrote, as many a day as are wanted, always the same for a seed.

use super::people::{Who, mixed};
use super::shelf::Object;
use super::site::{NewPost, Site};

const TAGS: [&str; 24] = [
    "rust",
    "java",
    "python",
    "c#",
    "c++",
    "javascript",
    "html",
    "css",
    "sql",
    "android",
    "ios",
    "php",
    "bash",
    "git",
    "linux",
    "regex",
    "json",
    "excel",
    "r",
    "go",
    "haskell",
    "swift",
    "docker",
    "perl",
];
const WORDS: [&str; 32] = [
    "how", "does", "a", "list", "keep", "its", "order", "when", "two", "threads", "write", "the",
    "same", "file", "without", "lock", "error", "memory", "fast", "slow", "table", "string",
    "number", "loop", "parse", "date", "why", "null", "server", "client", "cache", "test",
];

/// What grows on a site by itself.
pub struct MadeUp {
    per_second: f64,
    seed: u64,
    /// The moment of the next question.
    next: f64,
    number: u64,
}

impl Site {
    /// A site with so many questions a day from `since` on (Poisson), with answers and comments below them.
    pub fn made_up(param: &str, questions_per_day: f64, seed: u64, since: i64) -> Site {
        let mut site = Site::new(param);
        let mut growth = MadeUp {
            per_second: questions_per_day / 86_400.0,
            seed,
            next: since as f64,
            number: 0,
        };
        growth.wait();
        site.growth = Some(growth);
        site
    }
}

impl MadeUp {
    pub fn next(&self) -> i64 {
        self.next as i64
    }

    fn wait(&mut self) {
        let share = (mixed(self.seed, self.number) % 1_000_000 + 1) as f64 / 1_000_001.0;
        self.next -= share.ln() / self.per_second;
    }

    /// One more question.
    pub fn grow(&mut self, site: &mut Site) {
        let at = self.next();
        self.number += 1;
        self.wait();
        let chance = mixed(self.seed ^ 0x5eed, self.number);
        // Numbers of questions, answers and comments do not meet.
        let id = self.number * 10;
        site.asks(at, post(id, chance));
        for n in 1..=chance % 3 {
            let later = at + 60 + (mixed(chance, n) % 7200) as i64;
            site.at(later, move |site, at| {
                site.answers(at, id, post(id + n, mixed(chance, n)));
            });
        }
        for n in 0..chance % 5 {
            let later = at + 30 + (mixed(chance, 10 + n) % 86_400) as i64;
            site.at(later, move |site, at| {
                let who = Who::Number(mixed(chance, n) % 5000);
                site.comments(at, id + n, id, &who, 0, &words(mixed(chance, 20 + n), 8));
            });
        }
    }
}

fn post(id: u64, chance: u64) -> NewPost {
    let tags =
        (0..=chance % 3).map(|n| TAGS[mixed(chance, 40 + n) as usize % TAGS.len()].to_string());
    let mut tags: Vec<String> = tags.collect();
    tags.sort();
    tags.dedup();
    NewPost {
        id,
        who: Who::Number(mixed(chance, 50) % 5000),
        title: words(mixed(chance, 60), 7),
        body: words(mixed(chance, 70), 30),
        tags,
        score: (chance >> 8) as i64 % 7 - 2,
        views: (chance >> 16) as i64 % 100,
        more: Object::new(),
    }
}

fn words(chance: u64, count: u64) -> String {
    let words = (0..count).map(|n| WORDS[mixed(chance, n) as usize % WORDS.len()]);
    words.collect::<Vec<_>>().join(" ")
}
