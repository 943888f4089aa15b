//! The query language: what can be asked for, how it is spelled and said, what its mistakes look like.

use std::collections::BTreeMap;

use boson::filter::query::{Tree, parse, parse_for};
use boson::filter::{Folded, Key, Needs, Value, values};
use boson::model::{Fact, Item, ItemId, Verdict};
use boson::when::{Order, Reading};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    "2026-01-08T12:00:00Z".parse().unwrap()
}

fn reading() -> Reading {
    Reading {
        now: now(),
        zone: chrono_tz::UTC,
        order: Order::DayMonth,
    }
}

fn facts<const N: usize>(facts: [(&str, Fact); N]) -> BTreeMap<String, Fact> {
    facts
        .into_iter()
        .map(|(name, fact)| (name.to_string(), fact))
        .collect()
}

/// An item with the facts that a post has.
fn post() -> Item {
    Item {
        id: ItemId("4711".into()),
        revision: 0,
        title: "How do I borrow?".into(),
        body: "Read https://example.org about `Cell`.".into(),
        author: Some("Jon Skeet".into()),
        url: Some("https://stackoverflow.com/q/4711".into()),
        at: now() - TimeDelta::hours(30),
        seen: now(),
        tags: vec!["Rust".into(), "borrow-checker".into()],
        facts: facts([
            ("site", Fact::Text("stackoverflow".into())),
            ("type", Fact::Text("question".into())),
            ("user", Fact::Number(811.0)),
            ("reputation", Fact::Number(49.0)),
            ("score", Fact::Number(-3.0)),
            ("answers", Fact::Number(1.0)),
            ("views", Fact::Number(12_000.0)),
            ("active", Fact::Time(now() - TimeDelta::minutes(90))),
            ("closed", Fact::Yes(false)),
            ("post-inactive", Fact::Number(8.0 * 86_400.0)),
            ("accepted", Fact::Yes(true)),
        ]),
    }
}

/// One of which little is known.
fn entry() -> Item {
    Item {
        id: ItemId("1".into()),
        revision: 0,
        title: "News".into(),
        body: String::new(),
        author: None,
        url: None,
        at: now(),
        seen: now(),
        tags: Vec::new(),
        facts: BTreeMap::new(),
    }
}

fn read(query: &str) -> Tree {
    parse(query, &reading()).unwrap_or_else(|refusal| panic!("{query}: {refusal}"))
}

/// What was said is what the file holds. `BLESS=1` writes it; read what it wrote.
fn compare(file: &str, said: &str) {
    let path = format!("{}/tests/query/{file}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        assert!(std::env::var_os("CI").is_none(), "CI never blesses");
        std::fs::write(&path, said).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (said, expected) in said.lines().zip(expected.lines()) {
        assert_eq!(said, expected, "{path}");
    }
    assert_eq!(said, expected);
}

#[test]
fn facts_are_compared() {
    let (post, entry) = (post(), entry());
    let (post, entry) = (Folded::new(&post), Folded::new(&entry));
    for (query, of_post, of_entry) in [
        ("reputation:<50", Some(true), None),
        ("reputation < 50", Some(true), None),
        ("Reputation<=49", Some(true), None),
        ("rep >= 50", Some(false), None),
        ("reputation : < 50", Some(true), None),
        ("reputation=49", Some(true), None),
        ("reputation != 49", Some(false), None),
        ("reputation:!=49", Some(false), None),
        ("-reputation:49", Some(false), None),
        ("reputation ≤ 48", Some(false), None),
        ("reputation =< 49", Some(true), None),
        ("reputation == 49", Some(true), None),
        ("reputation <> 49", Some(false), None),
        ("reputation:10..200", Some(true), None),
        ("reputation:10…200", Some(true), None),
        ("reputation:10 .. 200", Some(true), None),
        ("reputation:50..", Some(false), None),
        ("reputation:..49", Some(true), None),
        ("score:-3", Some(true), None),
        ("score:−5..–1", Some(true), None),
        ("score:<-2", Some(true), None),
        ("votes:-4,-3", Some(true), None),
        ("score:>+5", Some(false), None),
        ("tag:go;rust", Some(true), Some(false)),
        ("newer < 7d", Some(true), Some(true)),
        ("older:>1 day", Some(true), Some(false)),
        ("created:>1 day ago", Some(false), Some(true)),
        ("score:0, 1, 2..9", Some(false), None),
        ("answers:0", Some(false), None),
        ("answers:1", Some(true), None),
        ("views:>10k", Some(true), None),
        ("views:0.012m", Some(true), None),
        ("comments:0", None, None),
        ("site:StackOverflow", Some(true), None),
        ("site:superuser,stack*", Some(true), None),
        ("user:811", Some(true), None),
        ("user:1,2", Some(false), None),
        ("user != 811", Some(false), None),
        ("type:question,answer", Some(true), None),
        ("author:\"jon skeet\"", Some(true), None),
        ("author:'jon skeet'", Some(true), None),
        ("author:‘Jon  Skeet’", Some(true), None),
        ("author:ann,\"Jon Skeet\"", Some(true), None),
        ("author:/^jon/", Some(true), None),
        ("author:/bot$/i", Some(false), None),
        ("tag:/^borrow/", Some(true), Some(false)),
        ("tag:go, rust", Some(true), Some(false)),
        ("tag=rust", Some(true), Some(false)),
        ("tag!=rust", Some(false), Some(true)),
        ("url:*stackoverflow.com*", Some(true), None),
        ("id:4711", Some(true), Some(false)),
        ("length:4", Some(false), Some(true)),
        ("created:<7d", Some(true), Some(true)),
        ("created:>1d", Some(true), Some(false)),
        ("created:1d..2d", Some(true), Some(false)),
        ("age:<1 day", Some(false), Some(true)),
        ("created:>\"1 day ago\"", Some(false), Some(true)),
        ("created:2026-01-07", Some(true), Some(false)),
        ("created:yesterday", Some(true), Some(false)),
        ("created=today", Some(false), Some(true)),
        ("created:2026-01-01..2026-01-07", Some(true), Some(false)),
        ("created:>\"last monday\"", Some(true), Some(true)),
        ("created:<2026-01-07", Some(false), Some(false)),
        ("active:<2h", Some(true), None),
        ("active:>2h", Some(false), None),
        ("closed:<1y", Some(false), None),
        ("edited:<1h", None, None),
        ("post-inactive:>7d", Some(true), None),
        ("post_inactive > \"2 weeks\"", Some(false), None),
        ("is:answered", Some(true), None),
        ("is:closed", Some(false), None),
        ("not is:closed", Some(true), None),
        ("is:question", Some(true), None),
        ("is:answer,comment", Some(false), None),
        ("is:post", Some(true), None),
        ("is:accepted", Some(true), None),
        ("accepted:yes", Some(true), None),
        ("accepted!=no", Some(true), None),
        ("accepted:no", Some(false), None),
        ("has:accepted", Some(true), None),
        ("has:link", Some(true), Some(false)),
        ("has:code", Some(true), Some(false)),
        ("has:tag", Some(true), Some(false)),
        ("has:author", Some(true), Some(false)),
        ("has:comments", None, None),
        ("is:edited", None, None),
        ("rust | borrow", Some(true), Some(false)),
        ("news || borrow", Some(true), Some(true)),
        ("borrow && do & i", Some(true), Some(false)),
        ("borrow AND NOT news", Some(true), Some(false)),
        ("'borrow do' or 'do i'", Some(true), Some(false)),
        ("«do I» — «do»", None, None),
        ("—news", Some(true), Some(false)),
        ("comments:0 or borrow", Some(true), None),
        ("comments:0 news", Some(false), None),
    ] {
        if query.contains(" — ") {
            assert!(parse(query, &reading()).is_err(), "{query}");
            continue;
        }
        let tree = read(query);
        assert_eq!(tree.holds(&post), of_post, "{query} of a post");
        assert_eq!(tree.holds(&entry), of_entry, "{query} of an entry");
        assert_eq!(verdict(&tree.check(&post)), of_post, "{query}");
        assert_eq!(verdict(&tree.check(&entry)), of_entry, "{query}");
    }
}

#[test]
fn what_sources_and_readers_say_more_is_compared() {
    let item = Item {
        facts: facts([
            (
                "site",
                Fact::Words(vec!["stackoverflow.com".into(), "stackoverflow".into()]),
            ),
            ("created", Fact::Time(now() - TimeDelta::days(400))),
            (
                "edit-comment",
                Fact::Text("Fixed the spelling, added `code`".into()),
            ),
            ("post-title", Fact::Text("How do I borrow?".into())),
            ("post-created", Fact::Time(now() - TimeDelta::days(900))),
            ("post-inactive", Fact::Number(8.0 * 86_400.0)),
            ("approved", Fact::Yes(false)),
            ("bounty", Fact::Number(50.0)),
            ("wiki", Fact::Yes(true)),
            ("burned", Fact::Yes(false)),
            ("heat", Fact::Number(6.0)),
            ("synonyms", Fact::Yes(true)),
            ("closed-reason", Fact::Text("Duplicate".into())),
        ]),
        ..entry()
    };
    let (item, bare) = (Folded::new(&item), entry());
    let bare = Folded::new(&bare);
    for (query, of_item, of_bare) in [
        ("site:stackoverflow", Some(true), None),
        ("site:stackoverflow.com", Some(true), None),
        ("created:>1y", Some(true), Some(false)),
        ("older:1y", Some(true), Some(false)),
        ("edit-comment:spelling", Some(true), None),
        ("edit_comment:\"the spelling\"", Some(true), None),
        ("summary:SPELL*", Some(true), None),
        ("edit-comment:/^added/", Some(false), None),
        ("-edit-comment:/code/i", Some(false), None),
        ("post-title:borrow", Some(true), None),
        ("post-created:>2y", Some(true), None),
        ("post-inactive:>1w", Some(true), None),
        ("is:approved", Some(false), None),
        ("-is:approved", Some(true), None),
        ("has:bounty", Some(true), None),
        ("wiki:yes", Some(true), None),
        ("is:burned", Some(false), None),
        ("burned-tag:no", Some(true), None),
        ("heat:>=5", Some(true), None),
        ("has:synonyms", Some(true), None),
        ("synonyms:no", Some(false), None),
        ("closed-reason:duplicate", Some(true), None),
    ] {
        let tree = read(query);
        assert_eq!(tree.holds(&item), of_item, "{query} of an item");
        assert_eq!(tree.holds(&bare), of_bare, "{query} of one without facts");
        assert_eq!(verdict(&tree.check(&item)), of_item, "{query}");
        assert_eq!(verdict(&tree.check(&bare)), of_bare, "{query}");
    }
}

#[test]
fn names_are_equal_as_words_are() {
    let item = Item {
        author: Some("Rene\u{301}  STRASSER".into()),
        tags: vec!["Straße".into(), "ΟΔΟΣ".into()],
        ..entry()
    };
    let item = Folded::new(&item);
    for query in [
        "author:\"rené strasser\"",
        "author:RENÉ*",
        "author:/^rené/",
        "tag:STRASSE",
        "tag:οδοσ",
        "tag:*ss*",
    ] {
        assert_eq!(read(query).holds(&item), Some(true), "{query}");
    }
    assert_eq!(read("author:rene*").holds(&item), Some(false));
}

fn verdict(verdict: &Verdict) -> Option<bool> {
    match verdict {
        Verdict::Keep(_) => Some(true),
        Verdict::Drop(_) => Some(false),
        Verdict::Unsure(_) => None,
    }
}

#[test]
fn facts_say_why() {
    let (post, entry) = (post(), entry());
    let (post, entry) = (Folded::new(&post), Folded::new(&entry));
    let mut said = String::new();
    for query in [
        "reputation:<50",
        "score:>5",
        "score:!=-3",
        "answers:2,3",
        "answers:1",
        "site:superuser",
        "site:superuser,mathoverflow",
        "type:question",
        "url:*github*",
        "author:/^jon/",
        "author:/bot$/",
        "created:<7d",
        "active:>2h",
        "active:>2026-01-01",
        "closed:<1d",
        "post-inactive:>7d",
        "is:answered",
        "is:closed",
        "is:answer",
        "has:link",
        "has:code",
        "edit-comment:spelling",
        "is:burned",
        "has:bounty",
        "heat:>=5",
    ] {
        let tree = read(query);
        for (what, item) in [("post", &post), ("entry", &entry)] {
            let (sign, reason) = match tree.check(item) {
                Verdict::Keep(reason) => ("keep", reason),
                Verdict::Drop(reason) => ("drop", reason),
                Verdict::Unsure(reason) => ("unsure", reason),
            };
            said += &format!("{query} | {what} | {sign} | {reason}\n");
        }
    }
    compare("reasons", &said);
}

#[test]
fn queries_are_spelled_and_said() {
    let mut shown = String::new();
    for query in [
        "rust",
        "rust compiler",
        "rust -beginner",
        "\"borrow checker\" title:async* body:/E\\d+/",
        "rust or go",
        "rust or go compiler",
        "(rust or go) compiler",
        "rust -(homework or exercise)",
        "rust -(homework tag:go)",
        "rust -homework -exercise",
        "is:question tag:rust reputation:<50 -homework",
        "is:question or is:answer",
        "type:question,answer tag:rust is:closed",
        "tag:rust,go length < 200",
        "tag:rust tag:go",
        "tag:rust -tag:beginner",
        "tag:\"open source\", #Rust",
        "author:\"Jon Skeet\" or author:jon*",
        "author:/bot$/i",
        "author:\"Skeet, Jon\"",
        "length:10..200",
        "length:..200 length:10..",
        "length = 5",
        "length != 5",
        "answers:1",
        "answers:0,1",
        "answers:>1",
        "views:>10k",
        "score:>=5 score:<10",
        "score:-5..5",
        "reputation:>=50 has:code",
        "created:<7d",
        "created:>2 weeks",
        "created:>\"last monday\"",
        "created:2026-01-01",
        "created:2026-01-01..2026-01-07",
        "created:\"1 day\"..\"2 days\"",
        "created:1d..2d",
        "created:>\"2 days ago\"",
        "post-inactive:>7d",
        "active:<90m",
        "newer:7d older:\"2 hours\"",
        "newer:yesterday",
        "is:answered -is:closed",
        "-is:answered has:link",
        "not is:question",
        "accepted:no",
        "has:enclosure or has:code,link",
        "user:811 site:stackoverflow post:93696",
        "edit-comment:spelling -edit-comment:/typo(s)?/",
        "post-title:\"how do i\" post-created:>1y",
        "burned-tag:yes uses:<10 has:synonyms",
        "is:wiki,protected has:bounty",
        "heat:>=5 closed-reason:Duplicate",
        "is:rollback badge-class:gold",
        "not not a",
        "-(-a)",
        "-(a or -b) (c or tag:x)",
        "((a or tag:b) and (c or tag:d)) or e",
        "a | b && c",
        "/x|y/ title:/z/",
        "'two words'",
        "it's 'tis",
        "tag:'open source','x'",
    ] {
        let tree = match parse(query, &reading()) {
            Ok(tree) => tree,
            Err(refusal) => {
                shown += &format!("{query}\n  REFUSED {refusal}\n");
                continue;
            }
        };
        shown += &format!("{query}\n  {}\n  {}\n", tree.spelling(), tree.in_words());
        assert_eq!(read(&tree.spelling()).spelling(), tree.spelling());
    }
    compare("spelled", &shown);
}

#[test]
fn mistakes_are_shown_in_their_place() {
    let mut shown = String::new();
    for query in [
        "rust reputation:<",
        "reputation:",
        "reputation < x",
        "reputation:<10,000",
        "score:10,000",
        "reputation:10-200",
        "reputation:<10..20",
        "reputation:20..10",
        "reputation:1,,2",
        "reputation:nan",
        "score:>99999999999999999999",
        "tag:",
        "tag:,",
        "tag:(a or b)",
        "tag > 5",
        "author:\"\"",
        "title<5",
        "created:7d",
        "created:<7",
        "created:<",
        "created:>last monday",
        "created:>soonish",
        "created!=2026-01-01",
        "created:1d..2026-01-01",
        "post-inactive:>monday",
        "newer:",
        "older:rust",
        "is:closd",
        "is:code",
        "is:",
        "has:zebra",
        "is:unanswered",
        "is:open",
        "closed:no",
        "edited:yes",
        "newer:>7d",
        "created:2026",
        "created:\"this week\"",
        "accepted:maybe",
        "reptuation:<5",
        "zebra:5",
        "50 > reputation",
        "author:/(/",
        "a && || b",
        "a or | b",
        "<5",
    ] {
        let refusal = parse(query, &reading()).err();
        shown += &refusal.map_or_else(
            || format!("{query}\n  WAS READ\n"),
            |refusal| format!("{refusal}\n"),
        );
    }
    for query in [
        "rust reputation:<50",
        "is:answered",
        "reptation:<50",
        "lengt:<50",
        "answer:0",
    ] {
        let refusal = parse_for("feed", query, &reading()).err();
        shown += &refusal.map_or_else(
            || format!("{query}\n  WAS READ\n"),
            |refusal| format!("{refusal}\n"),
        );
    }
    compare("mistakes", &shown);
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]{1,2}",
        "[a-c]\\*",
        "\\*?[a-cé]{1,2}\\*?[a-c]?\\*?",
        "[A-Cß,.: '‘“\"\\\\/()<>=!#*-]{1,6}",
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (-6i32..6).prop_map(|n| n.to_string()),
        (-60i32..60).prop_map(|n| format!("{}", f64::from(n) / 10.0)),
    ]
}

fn time() -> impl Strategy<Value = String> {
    prop_oneof![
        (
            0u32..6,
            prop_oneof![Just("d"), Just("h"), Just("s"), Just("ms")]
        )
            .prop_map(|(n, unit)| format!("{n}{unit}")),
        (1u32..12).prop_map(|day| format!("2026-01-{day:02}")),
        Just("yesterday".to_string()),
        Just("\"last monday\"".to_string()),
        Just("\"2 days ago\"".to_string()),
        Just("2026-01-07T12:00:00Z".to_string()),
    ]
}

fn sign() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just(":"),
        Just(":<"),
        Just(" <= "),
        Just(">"),
        Just(":>="),
        Just("="),
        Just(" != "),
    ]
}

/// Conditions on facts as people may write them, right or wrong.
fn condition() -> impl Strategy<Value = String> {
    let names = prop_oneof![
        Just("author"),
        Just("tag"),
        Just("site"),
        Just("type"),
        Just("user"),
        Just("url"),
        Just("id"),
        Just("post"),
    ];
    let numbers = prop_oneof![
        Just("score"),
        Just("reputation"),
        Just("answers"),
        Just("views"),
        Just("length"),
        Just("heat"),
        Just("close-votes"),
    ];
    let times = prop_oneof![
        Just("created"),
        Just("active"),
        Just("edited"),
        Just("closed"),
        Just("post-inactive"),
        Just("post-created"),
        Just("newer"),
        Just("older"),
    ];
    let marks = prop_oneof![
        Just("is:answered"),
        Just("is:closed"),
        Just("is:edited"),
        Just("is:question"),
        Just("is:post"),
        Just("has:link"),
        Just("has:code"),
        Just("has:tag"),
        Just("has:author"),
        Just("accepted:no"),
        Just("has:enclosure"),
        Just("is:burned"),
        Just("burned-tag:no"),
        Just("has:synonyms"),
        Just("has:bounty"),
        Just("is:wiki"),
    ];
    let listed = prop::collection::vec(name(), 1..4).prop_map(|names| names.join(","));
    prop_oneof![
        (names.clone(), listed).prop_map(|(fact, names)| format!("{fact}:{names}")),
        (names.clone(), name()).prop_map(|(fact, name)| format!("{fact}:\"{name}\"")),
        (names, "[a-c.*^$]{1,4}").prop_map(|(fact, pattern)| format!("{fact}:/{pattern}/")),
        (numbers.clone(), sign(), number()).prop_map(|(fact, sign, n)| format!("{fact}{sign}{n}")),
        (numbers.clone(), number(), number()).prop_map(|(fact, a, b)| format!("{fact}:{a}..{b}")),
        (numbers, prop::collection::vec(number(), 1..4))
            .prop_map(|(fact, all)| format!("{fact}:{}", all.join(", "))),
        (times.clone(), sign(), time()).prop_map(|(fact, sign, n)| format!("{fact}{sign}{n}")),
        (times, time(), time()).prop_map(|(fact, a, b)| format!("{fact}:{a}..{b}")),
        marks.prop_map(String::from),
        "[a-c]{1,2}",
        "title:[a-c]\\*",
        "edit-comment:[a-c]{1,2}",
        "post-title:/[a-c.]{1,3}/",
    ]
}

/// Whole queries.
fn written() -> impl Strategy<Value = String> {
    condition().prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" ")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" or ")),
            inner.clone().prop_map(|inner| format!("-({inner})")),
            inner.clone().prop_map(|inner| format!("not {inner}")),
            inner.prop_map(|inner| format!("({inner})")),
        ]
    })
}

fn fact(name: &'static str) -> impl Strategy<Value = Option<(String, Fact)>> {
    let value = prop_oneof![
        (-6i32..6).prop_map(|n| Fact::Number(f64::from(n))),
        (-60i32..60).prop_map(|n| Fact::Number(f64::from(n) / 10.0)),
        Just(Fact::Number(f64::NAN)),
        (-5i64..500_000_000).prop_map(|ms| Fact::Time(now() - TimeDelta::milliseconds(ms))),
        any::<bool>().prop_map(Fact::Yes),
        "[A-Ca-cÉé ]{0,3}".prop_map(Fact::Text),
        Just(Fact::Text("question".into())),
        prop::collection::vec("[a-c]{1,2}", 0..3).prop_map(Fact::Words),
    ];
    prop::option::of(value).prop_map(move |value| value.map(|value| (name.to_string(), value)))
}

fn any_item() -> impl Strategy<Value = Item> {
    let facts: Vec<_> = [
        "site",
        "type",
        "user",
        "score",
        "reputation",
        "answers",
        "views",
        "active",
        "edited",
        "closed",
        "post-inactive",
        "post",
        "accepted",
        "enclosure",
        "created",
        "post-created",
        "heat",
        "close-votes",
        "burned",
        "synonyms",
        "bounty",
        "wiki",
        "edit-comment",
        "post-title",
    ]
    .into_iter()
    .map(fact)
    .collect();
    let texts = (
        "[a-cé `]{0,6}",
        "[a-c`:/hтtps ]{0,9}",
        prop::option::of("[A-Ca-cß ]{0,3}"),
    );
    let tags = prop::collection::vec("[a-cA-C]{1,2}", 0..3);
    (texts, tags, facts, -5i64..500_000_000).prop_map(
        |((title, body, author), tags, facts, age)| Item {
            title,
            body,
            author: author.clone(),
            url: author,
            at: now() - TimeDelta::milliseconds(age),
            tags,
            facts: facts.into_iter().flatten().collect(),
            ..entry()
        },
    )
}

/// The tree with all its parentheses.
fn shape(tree: &Tree) -> String {
    let all = |parts: &[Tree]| parts.iter().map(shape).collect::<Vec<_>>().join("; ");
    match tree {
        Tree::All(parts) => format!("all[{}]", all(parts)),
        Tree::Any(parts) => format!("any[{}]", all(parts)),
        Tree::Not(inner) => format!("not[{}]", shape(inner)),
        Tree::Leaf(filter) => filter.spelling(),
    }
}

fn leaves<'a>(tree: &'a Tree, see: &mut dyn FnMut(&'a dyn boson::filter::Filter)) {
    match tree {
        Tree::All(parts) | Tree::Any(parts) => parts.iter().for_each(|part| leaves(part, see)),
        Tree::Not(inner) => leaves(inner, see),
        Tree::Leaf(filter) => see(&**filter),
    }
}

/// Whether one of the keys is among the item's values; nothing where a key is looked for in a text.
fn is_there(keys: &[Key], item: &Folded<'_>) -> Option<bool> {
    let mut found = false;
    for key in keys {
        match key {
            Key::Name { .. } | Key::NameBeginning { .. } | Key::Range { .. } => {}
            _ => return None,
        }
        values(item, &mut |name, value| {
            found |= match (key, value) {
                (Key::Name { fact, value }, Value::Name(has)) => *fact == name && **value == *has,
                (Key::NameBeginning { fact, letters }, Value::Name(has)) => {
                    *fact == name && has.starts_with(&**letters)
                }
                (Key::Range { fact, from, to }, Value::Number(n)) => {
                    *fact == name && (*from..=*to).contains(&n)
                }
                _ => false,
            };
        });
    }
    Some(found)
}

/// How many cases; `CASES=100000` tries more.
fn cases() -> ProptestConfig {
    let cases = std::env::var_os("CASES").and_then(|n| n.to_str()?.parse().ok());
    ProptestConfig::with_cases(cases.unwrap_or(1_000))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_fact_is_found_by_its_keys_exactly_where_it_holds(written in written(), item in any_item()) {
        let Ok(tree) = parse(&written, &reading()) else { return Ok(()) };
        let item = Folded::new(&item);
        let mut wrong = Vec::new();
        leaves(&tree, &mut |leaf| {
            let Needs { choices, enough } = leaf.needs();
            for keys in &choices {
                let Some(there) = is_there(keys, &item) else { continue };
                let holds = leaf.holds(&item) == Some(true);
                if holds && !there || enough && there && !holds {
                    wrong.push(format!("{}: {keys:?}, holds {holds}", leaf.spelling()));
                }
            }
        });
        prop_assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn printed_and_read_it_is_the_same(written in written(), item in any_item()) {
        let Ok(tree) = parse(&written, &reading()) else { return Ok(()) };
        let spelled = tree.spelling();
        let later = Reading { now: now() + TimeDelta::days(40), zone: chrono_tz::Asia::Tokyo, ..reading() };
        let again = parse(&spelled, &later);
        prop_assert!(again.is_ok(), "{} became {}: {}", written, spelled, again.err().unwrap());
        let again = again.unwrap();
        prop_assert_eq!(shape(&again), shape(&tree));
        prop_assert_eq!(again.in_words(), tree.in_words());
        prop_assert!(tree.in_words().chars().count() <= 400);
        let item = Folded::new(&item);
        prop_assert_eq!(again.holds(&item), tree.holds(&item));
        prop_assert_eq!(verdict(&tree.check(&item)), tree.holds(&item));
    }

    #[test]
    fn nothing_typed_breaks_it(query in "[a-z:<>=!\\-0-9.…'‘’“”|&(), ]{0,24}") {
        if let Ok(tree) = parse(&query, &reading()) {
            let spelled = tree.spelling();
            let again = parse(&spelled, &reading());
            prop_assert!(again.is_ok(), "{} became {}: {}", query, spelled, again.err().unwrap());
            prop_assert_eq!(shape(&again.unwrap()), shape(&tree));
        }
    }
}
