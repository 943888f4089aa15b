//! Words that can be pronounced and mean nothing.

use std::collections::HashSet;

use super::SEED;
use super::dice::{Dice, Zipf};

/// How many words the language has.
pub const WORDS: usize = 50_000;
/// How many tags there are.
pub const TAGS: usize = 60_000;
/// How many names of people, products and domains were invented.
const NAMES: usize = 250_000;

/// The ends of domains.
pub const ENDS: [&str; 6] = ["com", "net", "org", "io", "info", "co.uk"];

const BEFORE: [&str; 28] = [
    "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "br",
    "ch", "cr", "fl", "gr", "pl", "sh", "st", "th", "tr",
];
const VOWELS: [&str; 12] = [
    "a", "e", "i", "o", "u", "a", "e", "i", "o", "ai", "ea", "ou",
];
const BEHIND: [&str; 14] = [
    "", "", "", "", "n", "r", "s", "t", "l", "m", "nd", "ck", "rt", "x",
];

/// The language of the posts.
pub struct Words {
    /// The most frequent first.
    words: Vec<String>,
    ranks: Zipf,
}

impl Words {
    pub fn new() -> Words {
        let mut dice = Dice::new(SEED);
        let mut known = HashSet::new();
        let mut words = Vec::with_capacity(WORDS);
        while words.len() < WORDS {
            // As in all languages, frequent words are short.
            let syllables = match words.len() {
                0..150 => 1,
                150..1_000 => dice.between(1, 2),
                _ => dice.between(2, 3),
            };
            let word = made_of(syllables, &mut dice);
            if known.insert(word.clone()) {
                words.push(word);
            }
        }
        Words {
            words,
            ranks: Zipf::of(WORDS),
        }
    }

    /// A word at its natural rate, with its rank.
    pub fn draw(&self, dice: &mut Dice) -> (usize, &str) {
        let rank = self.ranks.draw(dice);
        (rank, &self.words[rank])
    }

    /// Some word whose rank is `from` at least.
    pub fn rare(&self, from: usize, dice: &mut Dice) -> &str {
        &self.words[dice.between(from, WORDS - 1)]
    }

    /// The `n`th tag, the most frequent first.
    pub fn tag(&self, n: usize) -> String {
        match self.words.get(n) {
            Some(word) => word.clone(),
            None => format!("{}-{}", self.words[n - WORDS], n % 9),
        }
    }
}

/// A name that somebody invented; the same ones come again.
pub fn name(dice: &mut Dice) -> String {
    let mut its = Dice::new(SEED ^ (dice.below(NAMES) as u64 + 1) << 20);
    let mut name = made_of(3, &mut its);
    if its.percent(10.0) {
        name.push_str(&its.between(2, 99).to_string());
    }
    name
}

fn made_of(syllables: usize, dice: &mut Dice) -> String {
    (0..syllables)
        .map(|_| {
            [
                *dice.pick(&BEFORE),
                *dice.pick(&VOWELS),
                *dice.pick(&BEHIND),
            ]
            .concat()
        })
        .collect()
}
