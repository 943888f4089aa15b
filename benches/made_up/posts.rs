//! Posts: titles and bodies of sentences, some with code, links or letters beyond ASCII; tags and numbers.

use boson::model::{Fact, Item, ItemId};

use super::dice::{Dice, Zipf};
use super::words::{self, TAGS, Words};
use super::{SEED, reading};

/// How many sites there are, `s1` the busiest.
pub const SITES: usize = 180;

/// The largest number of a person.
pub const PEOPLE: usize = 2_000_000;

/// Writes posts, always the same ones.
pub struct Posts {
    words: Words,
    tags: Zipf,
    sites: Zipf,
    dice: Dice,
    written: usize,
}

impl Posts {
    pub fn new() -> Posts {
        Posts {
            words: Words::new(),
            tags: Zipf::of(TAGS),
            sites: Zipf::of(SITES),
            dice: Dice::new(SEED + 1),
            written: 0,
        }
    }

    fn post(&mut self) -> Item {
        self.written += 1;
        let foreign = self.dice.percent(3.0);
        let title = self.sentence(5, 12, foreign);
        let body = self.body(foreign);
        let mut tags: Vec<String> = Vec::new();
        for _ in 0..self.dice.between(1, 3) {
            let tag = self.words.tag(self.tags.draw(&mut self.dice));
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        let site = format!("s{}", self.sites.draw(&mut self.dice) + 1);
        let user = self.dice.between(1, PEOPLE);
        let score = self.dice.any_length(400.0) - 4.0;
        let facts = [
            ("site", Fact::Text(site)),
            ("reputation", Fact::Number(self.dice.any_length(1e6))),
            ("score", Fact::Number(score)),
            ("views", Fact::Number(self.dice.any_length(1e6))),
            ("user", Fact::Text(user.to_string())),
        ];
        let now = reading().now;
        Item {
            id: ItemId(self.written.to_string()),
            revision: 0,
            title: title.trim_end_matches(['.', ' ', '\n']).to_string(),
            body,
            author: Some(format!("user {user}")),
            url: Some(format!("https://example.org/q/{}", self.written)),
            at: now,
            seen: now,
            tags,
            facts: facts.map(|(name, fact)| (name.to_string(), fact)).into(),
        }
    }

    fn body(&mut self, foreign: bool) -> String {
        // From 0.7 to 2.2 kB, 1.55 kB on the average.
        let size = 650.0 + 1_500.0 * self.dice.share().powf(0.76);
        let extras = self.dice.percent(30.0);
        let mut body = String::new();
        while body.len() < size as usize {
            body.push_str(&self.sentence(6, 20, foreign));
            if extras && self.dice.percent(12.0) {
                body.push_str(&self.link());
            }
            if self.dice.percent(18.0) {
                body.push_str("\n\n");
                if extras && self.dice.percent(40.0) {
                    body.push_str(&self.code());
                }
            }
        }
        body
    }

    fn sentence(&mut self, least: usize, most: usize, foreign: bool) -> String {
        let mut sentence = String::new();
        let count = self.dice.between(least, most);
        for n in 0..count {
            let (_, word) = self.words.draw(&mut self.dice);
            let word = if foreign && self.dice.percent(10.0) {
                abroad(word, &mut self.dice)
            } else {
                word.to_string()
            };
            match (n, word.chars().next()) {
                (0, Some(first)) => {
                    sentence.extend(first.to_uppercase());
                    sentence.push_str(&word[first.len_utf8()..]);
                }
                _ => sentence.push_str(&word),
            }
            if n + 1 < count {
                sentence.push_str(if self.dice.percent(8.0) { ", " } else { " " });
            }
        }
        sentence.push_str(". ");
        sentence
    }

    fn link(&mut self) -> String {
        let dice = &mut self.dice;
        let name = if dice.percent(30.0) {
            words::name(dice)
        } else {
            self.words.rare(2_000, dice).to_string()
        };
        let (_, page) = self.words.draw(dice);
        let end = dice.pick(&words::ENDS);
        let number = dice.below(100_000);
        format!("https://www.{name}.{end}/{page}/{number} ")
    }

    fn code(&mut self) -> String {
        let mut code = String::new();
        for _ in 0..self.dice.between(2, 6) {
            let (_, left) = self.words.draw(&mut self.dice);
            let (_, right) = self.words.draw(&mut self.dice);
            let number = self.dice.below(1_000);
            code.push_str(&format!("    let {left}_{number} = {right}({number});\n"));
        }
        if self.dice.percent(10.0) {
            let (a, b) = (self.dice.roll(), self.dice.roll());
            code.push_str(&format!("    commit {a:016x}{b:016x}\n"));
        }
        if self.dice.percent(5.0) {
            code.push_str(&format!("    at {}\n", self.dice.roll()));
        }
        code.push('\n');
        code
    }
}

impl Iterator for Posts {
    type Item = Item;

    /// Never `None`.
    fn next(&mut self) -> Option<Item> {
        Some(self.post())
    }
}

/// A word as it is written elsewhere.
fn abroad(word: &str, dice: &mut Dice) -> String {
    match dice.below(7) {
        0 => word.replace('e', "é"),
        1 => word.replace('s', "ß"),
        2 => format!("{word}’s"),
        3 => format!("“{word}”"),
        4 => format!("— {word}"),
        // An accent of its own, behind the letter.
        5 => word.replace('a', "a\u{308}"),
        _ => format!("東京 {word} 🦀"),
    }
}
