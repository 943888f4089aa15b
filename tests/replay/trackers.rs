//! Queries made from the posts, and the posts that each of them holds of.

use std::collections::{BTreeMap, BTreeSet};

use boson::filter::{Folded, Sieve};
use boson::model::{Args, Fact, Item};
use boson::when::{Order, Reading};
use chrono::{DateTime, Utc};

use super::world::{Dice, SOURCES, Source};

/// A tracker, and the links of what it must say.
pub struct Wish {
    pub name: String,
    pub source: Source,
    /// Empty where everything is wanted.
    pub query: String,
    pub wanted: BTreeSet<String>,
}

/// No query wants a larger share of its posts: one of so many.
const LARGEST: usize = 4;

/// So many trackers, all of which want something; one of each source wants everything.
pub fn made(
    everything: &BTreeMap<Source, Vec<Item>>,
    count: usize,
    now: DateTime<Utc>,
) -> Vec<Wish> {
    let mut dice = Dice::new(3);
    let mut wishes = Vec::new();
    let folded: BTreeMap<Source, Vec<Folded>> = everything
        .iter()
        .map(|(source, items)| (*source, items.iter().map(Folded::new).collect()))
        .collect();
    for (source, items) in everything {
        wishes.push(Wish {
            name: format!("all{}", wishes.len()),
            source: *source,
            query: String::new(),
            wanted: items.iter().filter_map(|item| item.url.clone()).collect(),
        });
    }
    for n in 0.. {
        if wishes.len() == count {
            break;
        }
        let source = SOURCES[n % SOURCES.len()];
        let items = &everything[&source];
        let query = query(&mut dice, items, n / SOURCES.len());
        let reading = Reading {
            now,
            zone: chrono_tz::UTC,
            order: Order::DayMonth,
        };
        let sieve = Sieve::build(&Args::new(), Some(&query), &reading).unwrap();
        let both = items.iter().zip(&folded[&source]);
        let wanted = both.filter(|(_, folded)| sieve.holds(folded) == Some(true));
        let wanted: Vec<String> = wanted.filter_map(|(item, _)| item.url.clone()).collect();
        if wanted.is_empty() || wanted.len() > items.len() / LARGEST {
            continue;
        }
        let wish = Wish {
            name: format!("t{}", wishes.len()),
            source,
            query,
            wanted: wanted.iter().cloned().collect(),
        };
        assert_eq!(
            wish.wanted.len(),
            wanted.len(),
            "links are good for telling posts apart"
        );
        wishes.push(wish);
    }
    wishes
}

/// A query of the `nth` shape.
fn query(dice: &mut Dice, items: &[Item], nth: usize) -> String {
    let item = pick(dice, items);
    let (low, high) = (dice.below(8), dice.below(40));
    let wide = 20 + dice.below(2_000);
    match nth % 14 {
        0 if !item.tags.is_empty() => format!("tag:{}", pick(dice, &item.tags)),
        1 if !item.tags.is_empty() => {
            format!("tag:{} -{}", pick(dice, &item.tags), word(dice, items))
        }
        2 => format!("{} or {}", word(dice, items), word(dice, items)),
        3 => format!("user:{}", user(item)),
        4 => format!("user:{} or user:{}", user(item), user(pick(dice, items))),
        5 => format!("score:>={}", 5 + low),
        6 => format!("score:{low}..{} {}", low + 1, word(dice, items)),
        7 => format!("length:<{wide} {}", word(dice, items)),
        8 => format!("length:{wide}..{}", wide + high),
        9 => format!("reputation:>{} {}", 100 * low, word(dice, items)),
        10 => format!("reputation:<{}", 2 + low),
        11 => format!("title:{}", word(dice, items)),
        12 => phrase(dice, items),
        _ => format!("-{} {}", word(dice, items), word(dice, items)),
    }
}

fn pick<'a, T>(dice: &mut Dice, of: &'a [T]) -> &'a T {
    &of[dice.below(of.len() as u64) as usize]
}

fn words(item: &Item) -> Vec<&str> {
    let long = |word: &&str| word.len() > 3 && word.bytes().all(|b| b.is_ascii_lowercase());
    let words: Vec<&str> = item.body.split_whitespace().filter(long).collect();
    if words.is_empty() {
        vec!["beer"]
    } else {
        words
    }
}

/// A word of some post.
fn word(dice: &mut Dice, items: &[Item]) -> String {
    let item = pick(dice, items);
    (*pick(dice, &words(item))).to_string()
}

/// Two words that stand side by side somewhere.
fn phrase(dice: &mut Dice, items: &[Item]) -> String {
    let item = pick(dice, items);
    let words: Vec<&str> = item.body.split_whitespace().collect();
    let plain = |pair: &&[&str]| {
        pair.iter()
            .all(|word| word.len() > 3 && word.bytes().all(|b| b.is_ascii_alphabetic()))
    };
    let pairs: Vec<&[&str]> = words.windows(2).filter(plain).collect();
    match pairs.as_slice() {
        [] => word(dice, items),
        pairs => format!("\"{}\"", pick(dice, pairs).join(" ")),
    }
}

/// The number of who wrote it.
fn user(item: &Item) -> String {
    match item.facts.get("user") {
        Some(Fact::Text(user)) => user.clone(),
        Some(Fact::Words(users)) => users[0].clone(),
        _ => "7".into(),
    }
}
