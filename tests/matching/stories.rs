//! Stories that are made up: trackers come and go, and items with letters that are hard to get right are looked at.

use std::cell::Cell;

use boson::filter::{Folded, Index, Scratch, Sieve};
use boson::model::{Fact, Item, ItemId};
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestRunner;

use super::{found, is_set, posts, sieve};

/// How many stories `cargo test` tells.
const STORIES: u32 = 2_000;
/// Trackers have these keys, so that they replace each other now and then.
const KEYS: u64 = 24;

/// Few words, so that queries and items meet; among them those that fold, join, split or vanish in odd ways.
const WORDS: &[&str] = &[
    "rust",
    "Rust",
    "rust's",
    "Rust’s",
    "rusty",
    "trust",
    "go",
    "don't",
    "don’t",
    "it",
    "it’s",
    "straße",
    "STRASSE",
    "ẞ",
    "ss",
    "İstanbul",
    "istanbul",
    "ı",
    "I",
    "i\u{307}",
    "\u{212a}elvin",
    "kelvin",
    "ſun",
    "sun",
    "café",
    "cafe\u{301}",
    "cafe",
    "ﬁne",
    "fine",
    "naïve",
    "Σίσυφος",
    "ΣΊΣΥΦΟΣ",
    "東京",
    "東",
    "京都",
    "ไทย",
    "हिन्दी",
    "👩‍👩‍👧",
    "🦀",
    "🇩🇪",
    "c++",
    "c#",
    "#tag",
    "tag",
    "@ann",
    "$5",
    ".net",
    "net",
    "example.com",
    "example",
    "com",
    "1.2",
    "1",
    "2",
    "3,000",
    "foo_bar",
    "foo",
    "bar",
    "a:b",
    "12:30",
    "x-y",
    "re\u{ad}sume",
    "zero\u{200b}width",
    "e\u{301}\u{323}",
    "ŉ",
    "ǅ",
    "\u{1e9b}\u{323}",
    "\u{fb03}",
    "½",
    "Ⅷ",
    "㎏",
    "'s",
    "’",
    "s",
];

/// What can stand between two words.
const BETWEEN: &[&str] = &[
    " ", " ", " ", " ", "\n", "\r\n", "\t", ", ", ". ", "-", "—", " – ", "’", "'", ".", ":", "_",
    "", "/", "\u{a0}", "\u{200d}", "\u{301}", "\u{ad}", "(", "“", "\u{2028}", "''",
];

/// Patterns; few, because each has to be compiled.
const PATTERNS: &[&str] = &[
    "rust",
    "RUST",
    "(?-i)Rust",
    r"\brust\b",
    "rust(y|'s)?",
    "^rust",
    "rust$",
    r"rust\W*go",
    r"foo[-_ ]?bar",
    r"caf(é|e)",
    "cafe\u{301}",
    "stra(ß|ss)e",
    "ß",
    "ẞ",
    "ſ",
    "k",
    "\u{212a}",
    "(?-i)k",
    "i̇",
    "ı",
    "(?-i)I",
    r"\w{6,}",
    r"\d+",
    r"\d[.,]\d",
    "[^a-z]{4,}",
    r"\p{Han}+",
    r"\p{Lu}\p{Ll}",
    "東.?京",
    "🦀",
    r"\S{10,}",
    r"c\+\+",
    r"(?:www\.)?example\.(?:com|net)",
    "(?:rust|go|foo)",
    "a|",
    "()",
    r"\b",
    "(?s)rust.*go",
    "rust.*go",
    r"rust\n",
    r"\Arust",
    r"go\z",
    "(?-u:rust)",
    r"(?-u:\brust\b)",
    "(?i:rust)x*",
    "(rust){2}",
    "x{0}",
    "[rR]ust",
    "r.st",
    "'s",
    "’s",
    r"(?x) r u s t",
    r"[\w&&[^r]]ust",
    r"\x{72}ust",
    "fi",
    "ﬁ",
    "Σ",
    "σ",
    "ς",
];

const TAGS: &[&str] = &[
    "rust",
    "Rust",
    "async-rust",
    "straße",
    "strasse",
    "c++",
    "go",
    "İ",
    "東京",
    "",
];

#[derive(Clone, Debug)]
enum Event {
    Add(u64, String),
    Take(u64),
    Look(Box<Item>),
}

fn word() -> impl Strategy<Value = String> {
    select(WORDS).prop_map(String::from)
}

fn text(most: usize) -> impl Strategy<Value = String> {
    vec((select(WORDS), select(BETWEEN)), 0..=most).prop_map(|pieces| {
        pieces
            .into_iter()
            .flat_map(|(word, between)| [word, between])
            .collect()
    })
}

/// Whatever it is, with what would end it made harmless.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        if matches!(letter, '"' | '\\' | '“' | '”') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted + "\""
}

fn leaf() -> impl Strategy<Value = String> {
    let field = select(&["", "", "", "title:", "body:"][..]);
    let sought = prop_oneof![
        4 => word().prop_map(|word| quoted(&word)),
        2 => word(),
        4 => text(3).prop_map(|text| quoted(&text)),
        2 => word().prop_map(|word| quoted(&format!("{word}*"))),
        2 => (word(), word()).prop_map(|(one, other)| quoted(&format!("{one} {other}*"))),
        1 => (word(), word()).prop_map(|(one, other)| quoted(&format!("{one}* {other}"))),
        3 => select(PATTERNS).prop_map(|pattern| format!("/{pattern}/")),
    ];
    let tag = select(TAGS);
    prop_oneof![
        8 => (field, sought).prop_map(|(field, sought)| format!("{field}{sought}")),
        1 => tag.prop_map(|tag| format!("tag:{}", quoted(tag))),
        1 => (select(TAGS), select(TAGS)).prop_map(|(one, other)| format!("tag:{one},{other}")),
        1 => (select(TAGS), 0..3usize).prop_map(|(tag, n)| {
            format!("tag:{}*", tag.chars().take(n).collect::<String>())
        }),
        1 => select(&["ann", "ANN", "a*", "*", "straße", "Jon Skeet"][..])
            .prop_map(|name| format!("author:{}", quoted(name))),
        1 => (select(&["<", "<=", ">", ">=", "=", "!="][..]), 0..60u32)
            .prop_map(|(sign, n)| format!("length:{sign}{n}")),
        1 => (0..40u32, 0..40u32).prop_map(|(from, wide)| format!("length:{from}..{}", from + wide)),
        1 => (select(&["newer", "older"][..]), 0..5u32)
            .prop_map(|(side, days)| format!("{side}:{days}d")),
        1 => (select(&["newer", "older"][..]), 28..32u32)
            .prop_map(|(side, day)| format!("{side}:2017-03-{day}")),
        1 => (select(&["<", "<=", ">", ">=", "=", ""][..]), 0..5u32)
            .prop_map(|(sign, n)| format!("score:{sign}{n}")),
        1 => (0..3u32).prop_map(|n| format!("site:s{n}")),
    ]
}

fn query() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            3 => vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" "))),
            3 => vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            2 => inner.prop_map(|part| format!("-({part})")),
        ]
    })
}

fn item() -> impl Strategy<Value = Item> {
    let facts = (option::of(0..5u8), option::of(0..3u8));
    let author = option::of(select(&["Ann", "straße", "STRASSE", "jon  skeet", " "][..]));
    let hours = 0..120i64;
    let tags = subsequence(TAGS, 0..4);
    (text(5), text(14), tags, author, hours, facts).prop_map(
        |(title, body, tags, author, hours, (score, site))| {
            let mut item = Item {
                id: ItemId("1".into()),
                revision: 0,
                title,
                body,
                author: author.map(String::from),
                url: None,
                at: posts::now() - TimeDelta::hours(hours),
                seen: posts::now(),
                tags: tags.into_iter().map(String::from).collect(),
                facts: Default::default(),
            };
            if let Some(score) = score {
                item.facts
                    .insert("score".into(), Fact::Number(score.into()));
            }
            if let Some(site) = site {
                item.facts
                    .insert("site".into(), Fact::Text(format!("s{site}")));
            }
            item
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        5 => (0..KEYS, query()).prop_map(|(key, query)| Event::Add(key, query)),
        1 => (0..KEYS).prop_map(Event::Take),
        2 => item().prop_map(|item| Event::Look(Box::new(item))),
    ]
}

#[test]
fn any_story_ends_as_one_by_one() {
    let mut config = ProptestConfig::default();
    if !is_set("PROPTEST_CASES") {
        config.cases = STORIES;
    }
    config.failure_persistence = None;
    let cases = config.cases as usize;
    let (accepted, refused, answers) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<usize>, more| cell.set(cell.get() + more);
    let told = TestRunner::new(config).run(&vec(event(), 1..40), |events| {
        let mut trackers: Vec<Option<(String, Sieve)>> = (0..KEYS).map(|_| None).collect();
        let (mut index, mut scratch) = (Index::new(), Scratch::default());
        for event in events {
            match event {
                Event::Add(key, query) => match sieve(&query) {
                    Ok(sieve) => {
                        count(&accepted, 1);
                        index.insert(key, &sieve);
                        trackers[key as usize] = Some((query, sieve));
                    }
                    Err(_) => count(&refused, 1),
                },
                Event::Take(key) => {
                    let was_there = trackers[key as usize].take().is_some();
                    prop_assert_eq!(index.remove(key), was_there);
                }
                Event::Look(item) => {
                    let found = found(&index, &item, &mut scratch);
                    count(&answers, found.len());
                    let folded = Folded::new(&item);
                    let mut expected = Vec::new();
                    for (key, tracker) in (0..).zip(&trackers) {
                        let Some((query, sieve)) = tracker else {
                            continue;
                        };
                        let wants = sieve.check_folded(&folded).keeps();
                        if wants {
                            expected.push(key);
                        }
                        let is_found = found.contains(&key);
                        prop_assert_eq!(is_found, wants, "`{}` about {:?}", query, item);
                    }
                    prop_assert_eq!(found, expected, "the order");
                }
            }
            let there = trackers.iter().flatten().count();
            prop_assert_eq!(index.len(), there);
        }
        Ok(())
    });
    if let Err(error) = told {
        panic!("{error}");
    }
    let (accepted, refused, answers) = (accepted.get(), refused.get(), answers.get());
    println!("{accepted} trackers, {refused} refused, {answers} answers");
    // Some of the words are nothing to look for, and some stand bare where they need quotes.
    assert!(refused < accepted / 2, "{refused} refused, {accepted} not");
    assert!(cases < 100 || answers > cases, "{answers} answers only");
}
