//! Filters, the query over them, and the sieve of a whole tracker.

use boson::filter::{self, Folded, Sieve, query};
use boson::model::{Args, Fact, Item, ItemId, Recipe, Refusal, Unsure, Verdict};
use boson::when::{Order, Reading};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    "2026-01-02T12:00:00Z".parse().unwrap()
}

fn reading() -> Reading {
    Reading {
        now: now(),
        zone: chrono_tz::UTC,
        order: Order::DayMonth,
    }
}

fn item(title: &str, body: &str) -> Item {
    Item {
        id: ItemId("1".into()),
        revision: 0,
        title: title.into(),
        body: body.into(),
        author: None,
        url: None,
        at: now() - TimeDelta::hours(3),
        seen: now(),
        tags: Vec::new(),
        facts: Default::default(),
    }
}

fn rust_post() -> Item {
    Item {
        author: Some("Jon Skeet".into()),
        tags: vec!["Rust".into(), "async".into()],
        ..item(
            "Async Rust: the borrow-checker",
            "It says E0499 here.\nWhy?",
        )
    }
}

fn sieve(filters: &[(&str, &str)], query: Option<&str>) -> Result<Sieve, Refusal> {
    let mut args = Args::new();
    for (name, value) in filters {
        args.entry((*name).into())
            .or_default()
            .push((*value).into());
    }
    Sieve::build(&args, query, &reading())
}

fn verdict(name: &str, value: &str, item: &Item) -> Verdict {
    let sieve = sieve(&[(name, value)], None).unwrap();
    sieve.explain(item).remove(0).1
}

fn keep(reason: &str) -> Verdict {
    Verdict::Keep(reason.into())
}

fn drop(reason: &str) -> Verdict {
    Verdict::Drop(reason.into())
}

#[test]
fn every_filter_says_why() {
    let post = rust_post();
    let short = item("Help me out!", "");
    for (name, value, item, expected) in [
        (
            "contains",
            "RUST",
            &post,
            keep("it has `RUST` in the title"),
        ),
        (
            "contains",
            "borrow  checker",
            &post,
            keep("it has `borrow checker` in the title"),
        ),
        (
            "contains",
            "e0499",
            &post,
            keep("it has `e0499` in the body"),
        ),
        (
            "contains",
            "checker rust",
            &post,
            drop("neither its title nor its body has `checker rust`"),
        ),
        (
            "matches",
            r"E\d{4}",
            &post,
            keep(r"`E0499` in its body matches `/E\d{4}/`"),
        ),
        (
            "matches",
            "ASYNC",
            &post,
            keep("`Async` in its title matches `/ASYNC/`"),
        ),
        (
            "matches",
            "(?-i)ASYNC",
            &post,
            drop("neither its title nor its body matches `/(?-i)ASYNC/`"),
        ),
        (
            "matches",
            r"^why\?$",
            &post,
            keep(r"`Why?` in its body matches `/^why\?$/`"),
        ),
        (
            "length",
            "<200",
            &short,
            keep("its 12 characters are fewer than 200"),
        ),
        (
            "length",
            ">12",
            &short,
            drop("its 12 characters are not more than 12"),
        ),
        (
            "length",
            "10..20",
            &short,
            keep("its 12 characters are between 10 and 20"),
        ),
        (
            "author",
            "jon skeet",
            &post,
            keep("its author is `Jon Skeet`"),
        ),
        ("author", "jon*", &post, keep("its author is `Jon Skeet`")),
        (
            "author",
            "ann",
            &post,
            drop("its author is `Jon Skeet`, not `ann`"),
        ),
        (
            "author",
            "ann",
            &short,
            Verdict::Unsure("nobody is named as its author".into()),
        ),
        ("tag", "go, rust", &post, keep("it is tagged `Rust`")),
        ("tag", "go", &post, drop("it is not tagged `go`")),
        (
            "tag",
            "go,c++",
            &post,
            drop("it is tagged neither `go` nor `c++`"),
        ),
        ("tag", "go", &short, drop("it has no tags")),
        (
            "newer",
            "7 days",
            &post,
            keep("it is 3 hours old, less than 7 days"),
        ),
        (
            "newer",
            "2 hours",
            &post,
            drop("it is 3 hours old, not less than 2 hours"),
        ),
        (
            "older",
            "2 hours ago",
            &post,
            keep("it is 3 hours old, at least 2 hours"),
        ),
        (
            "newer",
            "yesterday",
            &post,
            keep("it is from 2026-01-02 09:00 UTC, after 2026-01-01 00:00 UTC"),
        ),
        (
            "older",
            "2025-12-24",
            &post,
            drop("it is from 2026-01-02 09:00 UTC, after 2025-12-24 00:00 UTC"),
        ),
    ] {
        assert_eq!(verdict(name, value, item), expected, "{name} {value}");
    }
}

#[test]
fn values_that_make_no_sense_are_refused_with_a_hint() {
    for (name, value, what) in [
        ("contains", " ", "There is nothing to look for in ``."),
        (
            "contains",
            "a*b",
            "A `*` can stand at the end of a word only.",
        ),
        (
            "matches",
            "rust(c",
            "This parenthesis is never closed.\n    rust(c\n        ^",
        ),
        (
            "matches",
            "foo(?=bar)",
            "A pattern cannot look ahead or behind.\n    foo(?=bar)\n       ^",
        ),
        (
            "matches",
            r"(a)\1",
            "A pattern cannot refer back to one of its groups.\n    (a)\\1\n       ^",
        ),
        (
            "matches",
            "*",
            "There is nothing here to repeat.\n    *\n    ^",
        ),
        (
            "matches",
            r"\w{900}",
            "That pattern becomes too large.\n    \\w{900}\n    ^",
        ),
        ("length", "long", "`long` is no number of characters."),
        (
            "length",
            "200..10",
            "`length` cannot be both at least 200 and at most 10.",
        ),
        ("author", "", "The author is missing."),
        ("tag", " , ", "The tag is missing."),
        ("newer", "", "The time is missing."),
    ] {
        let refusal = sieve(&[(name, value)], None).err().unwrap();
        assert_eq!(refusal.what, what, "{name} {value}");
        assert!(refusal.hint.is_some(), "{name} {value}");
    }
    let refusal = sieve(&[("newer", "soonish")], None).err().unwrap();
    assert!(refusal.hint.is_some());
}

#[test]
fn an_unknown_filter_gets_the_nearest() {
    let refusal = sieve(&[("lenght", "<5")], None).err().unwrap();
    assert_eq!(
        refusal.to_string(),
        "There is no filter called `lenght`.\nhint: did you mean `length`?"
    );
}

#[test]
fn a_sieve_joins_reasons_and_stops_at_the_first_that_drops() {
    let keeps = sieve(&[("tag", "rust"), ("author", "jon*")], Some("borrow")).unwrap();
    assert_eq!(
        keeps.check(&rust_post()),
        keep("its author is `Jon Skeet`, it is tagged `Rust` and it has `borrow` in the title")
    );
    assert_eq!(keeps.words(), "author:jon* tag:rust borrow");
    let drops = sieve(&[("length", "<5")], Some("rust -e0499")).unwrap();
    assert_eq!(
        drops.check(&rust_post()),
        drop("its 24 characters are not fewer than 5")
    );
    let each = drops.explain(&rust_post());
    assert_eq!(
        each,
        [
            (
                "length:<5".to_string(),
                drop("its 24 characters are not fewer than 5")
            ),
            ("rust".to_string(), keep("it has `rust` in the title")),
            ("-e0499".to_string(), drop("it has `e0499` in the body")),
        ]
    );
}

#[test]
fn without_filters_everything_is_kept() {
    let all = sieve(&[], None).unwrap();
    assert!(all.check(&item("", "")).keeps());
    assert_eq!(all.words(), "");
    assert_eq!(all.canonical(), (Args::new(), None));
}

#[test]
fn what_cannot_be_told_drops_unless_something_else_decides() {
    let nobody = item("Rust", "");
    let check = |query| sieve(&[], Some(query)).unwrap().check(&nobody);
    assert_eq!(
        check("author:ann"),
        drop("I cannot tell whether `author:ann` holds: nobody is named as its author")
    );
    assert!(!check("-author:ann").keeps());
    assert!(check("author:ann or rust").keeps());
    assert_eq!(
        check("author:ann go"),
        drop("neither its title nor its body has `go`")
    );
}

#[test]
fn what_is_stored_means_the_same_after_a_restart() {
    let sieve = sieve(
        &[
            ("newer", "yesterday"),
            ("older", "90m"),
            ("contains", " a  b "),
        ],
        Some("newer:yesterday or (title:x)"),
    )
    .unwrap();
    let (args, query) = sieve.canonical();
    assert_eq!(args["newer"], ["2026-01-01T00:00:00Z"]);
    assert_eq!(args["older"], ["90m"]);
    assert_eq!(args["contains"], ["a b"]);
    assert_eq!(
        query.as_deref(),
        Some("newer:2026-01-01T00:00:00Z or title:x")
    );
    let later = Reading {
        now: now() + TimeDelta::days(30),
        ..reading()
    };
    let again = Sieve::build(&args, query.as_deref(), &later).unwrap();
    assert_eq!(again.canonical(), (args, query));
    assert_eq!(again.words(), sieve.words());
}

fn recipe(filters: &[(&str, &str)], query: Option<&str>, any: bool, unsure: Unsure) -> Recipe {
    let mut recipe: Recipe = serde_json::from_value(serde_json::json!({
        "source": {"kind": "questions", "site": "beer"},
    }))
    .unwrap();
    for (name, value) in filters {
        let values = recipe.filter.entry((*name).into()).or_default();
        values.push((*value).into());
    }
    recipe.query = query.map(String::from);
    (recipe.any, recipe.unsure) = (any, unsure);
    recipe
}

/// An answered question by somebody with 20 reputation, of which no score is known.
fn question() -> Item {
    let facts = [
        ("reputation", Fact::Number(20.0)),
        ("answers", Fact::Number(1.0)),
        ("closed", Fact::Yes(false)),
        ("user", Fact::Text("811".into())),
        ("close-votes", Fact::Number(2.0)),
        ("burned", Fact::Yes(false)),
    ];
    Item {
        facts: facts.map(|(name, fact)| (name.to_string(), fact)).into(),
        ..rust_post()
    }
}

#[test]
fn one_of_several_filters_can_be_enough() {
    let both = [("reputation", "<50"), ("length", "<5")];
    let question = question();
    for (filters, query, any, kept, words) in [
        (&both[..], None, false, false, "length:<5 reputation:<50"),
        (&both, None, true, true, "length:<5 or reputation:<50"),
        (
            &both,
            Some("tag:rust"),
            true,
            true,
            "(length:<5 or reputation:<50) tag:rust",
        ),
        (
            &both,
            Some("tag:go"),
            true,
            false,
            "(length:<5 or reputation:<50) tag:go",
        ),
        (
            &both,
            Some("go or rust"),
            true,
            true,
            "(length:<5 or reputation:<50) (go or rust)",
        ),
        (&both[1..], None, true, false, "length:<5"),
        (
            &[("answered", "no"), ("closed", "no")],
            None,
            true,
            true,
            "-is:answered or -is:closed",
        ),
    ] {
        let recipe = recipe(filters, query, any, Unsure::Drop);
        let sieve = Sieve::build_new(&recipe, &reading()).unwrap();
        assert_eq!(sieve.words(), words);
        assert_eq!(sieve.check(&question).keeps(), kept, "{words}");
        // What is stored means the same.
        let (filter, query) = sieve.canonical();
        let again = Recipe {
            filter,
            query,
            ..recipe
        };
        let again = Sieve::of(&again, &reading()).unwrap();
        assert_eq!(again.words(), words);
        assert_eq!(again.canonical(), sieve.canonical());
    }
}

#[test]
fn what_cannot_be_told_is_dropped_or_kept() {
    let question = question();
    for (filter, value) in [("score", ">5"), ("heat", ">=5"), ("accepted", "yes")] {
        for (unsure, kept) in [(Unsure::Drop, false), (Unsure::Keep, true)] {
            let recipe = recipe(&[(filter, value)], None, false, unsure);
            let sieve = Sieve::build_new(&recipe, &reading()).unwrap();
            let folded = Folded::new(&question);
            assert_eq!(sieve.holds(&folded), None);
            assert_eq!(sieve.wants(&folded), kept);
            assert_eq!(sieve.check(&question).keeps(), kept, "{filter}");
            let mut index = filter::Index::new();
            index.insert(1, &sieve);
            let mut found = Vec::new();
            index.find(&folded, &mut filter::Scratch::default(), &mut found);
            assert_eq!(!found.is_empty(), kept, "{filter}");
        }
    }
    // What is known not to hold is no doubt.
    let recipe = recipe(
        &[("score", ">5"), ("reputation", ">50")],
        None,
        false,
        Unsure::Keep,
    );
    let sieve = Sieve::build_new(&recipe, &reading()).unwrap();
    assert!(!sieve.wants(&Folded::new(&question)));
}

#[test]
fn flags_ask_for_facts() {
    let question = question();
    for (name, value, kept) in [
        ("reputation", "<50", Some(true)),
        ("answered", "yes", Some(true)),
        ("answered", "No", Some(false)),
        ("closed", "no", Some(true)),
        ("closed", "<1d", Some(false)),
        ("close-votes", ">=2", Some(true)),
        ("burned-tag", "yes", Some(false)),
        ("user", "5,811", Some(true)),
        (
            "user",
            "https://beer.stackexchange.com/users/811/ann",
            Some(true),
        ),
        ("created", "<1d", Some(true)),
        ("score", "-5..5", None),
    ] {
        let sieve = sieve(&[(name, value)], None).unwrap();
        assert_eq!(sieve.holds(&Folded::new(&question)), kept, "{name} {value}");
        let (args, query) = sieve.canonical();
        let again = Sieve::build(&args, query.as_deref(), &reading()).unwrap();
        assert_eq!(again.words(), sieve.words());
    }
    for (name, value) in [
        ("answered", "perhaps"),
        ("reputation", "many"),
        ("user", ""),
    ] {
        let refusal = sieve(&[(name, value)], None).err().unwrap();
        assert!(refusal.hint.is_some(), "{name} {value}");
    }
    let mut feed = recipe(&[("reputation", "<50")], None, false, Unsure::Drop);
    feed.source.kind = "feed".into();
    assert_eq!(
        Sieve::build_new(&feed, &reading()).err().unwrap().what,
        "`reputation` is known of everything on Stack Exchange but tags, not of feeds."
    );
}

#[test]
fn flags_stand_in_the_help_with_their_sentence() {
    let command = filter::augment(clap::Command::new("track").no_binary_name(true));
    for name in filter::names() {
        let arg = command
            .get_arguments()
            .find(|arg| arg.get_long() == Some(name))
            .unwrap();
        assert!(
            arg.get_help()
                .is_some_and(|help| help.to_string().starts_with("Keep ")),
            "{name}"
        );
    }
    let matches = command
        .try_get_matches_from(["--tag", "rust", "--tag", "go", "--length=<5"])
        .unwrap();
    assert_eq!(matches.get_many::<String>("tag").unwrap().count(), 2);
}

#[test]
fn queries_keep_what_they_say() {
    let post = rust_post();
    for (query, keeps) in [
        ("rust", true),
        ("rust borrow", true),
        ("rust and borrow", true),
        ("rust AND go", false),
        ("go or rust", true),
        ("go or rust python", false),
        ("(go or rust) borrow", true),
        ("go or go or rust", true),
        ("-go", true),
        ("not rust", false),
        ("not (go or python)", true),
        ("!go", true),
        ("\"borrow checker\"", true),
        ("“borrow checker”", true),
        ("„checker borrow“", false),
        ("bor*", true),
        ("/e\\d+/", true),
        ("/E\\d+/i", true),
        ("title:/e\\d+/", false),
        ("body:/e\\d+/", true),
        ("title:rust", true),
        ("body:rust", false),
        ("title:\"async rust\"", true),
        ("title: rust", true),
        ("tag:rust", true),
        ("tag:go, rust", true),
        ("tag = rust", true),
        ("tag!=rust", false),
        ("length:<200", true),
        ("length < 200", true),
        ("length<200", true),
        ("length:< 200 rust", true),
        ("length >= 200", false),
        ("length ≤ 200", true),
        ("length != 24", false),
        ("length:10..200", true),
        ("author:\"Jon Skeet\"", true),
        ("author:jon*", true),
        ("newer:7d", true),
        ("newer:7 days rust", true),
        ("older:7 days or rust", true),
        ("older:\"1 hour\"", true),
        ("contains:rust", true),
        ("contains:\"async rust\"", true),
        ("matches:/rust/", true),
        ("matches:rus.", true),
        ("why?", true),
        (
            "it's or 10:30 or std::vec or https://example.org/a or tcp/ip",
            false,
        ),
        ("\"or\" or rust", true),
    ] {
        let tree =
            query::parse(query, &reading()).unwrap_or_else(|refusal| panic!("{query}: {refusal}"));
        assert_eq!(tree.check(&Folded::new(&post)).keeps(), keeps, "{query}");
        let spelled = tree.spelling();
        let again = query::parse(&spelled, &reading())
            .unwrap_or_else(|refusal| panic!("{spelled}: {refusal}"));
        assert_eq!(again.spelling(), spelled, "{query}");
    }
}

#[test]
fn queries_are_spelled_canonically() {
    for (query, spelled) in [
        ("rust AND go", "rust go"),
        ("((rust))", "rust"),
        ("a or (b or c)", "a or b or c"),
        ("(a or b) c", "(a or b) c"),
        ("a (b c)", "a b c"),
        ("not (a b)", "-(a b)"),
        ("not not a", "a"),
        ("not -not a", "-a"),
        ("--a", "-a"),
        ("—a", "-a"),
        ("-(a)", "-a"),
        ("tag: go , rust", "tag:go,rust"),
        ("tag:go, rust", "tag:go,rust"),
        ("tag:\"open source\"", "tag:\"open source\""),
        ("length < 200", "length:<200"),
        ("length:10..", "length:>=10"),
        ("author!=bob", "-author:bob"),
        ("newer:\"90 minutes\"", "newer:90m"),
        ("contains:\"a b\"", "\"a b\""),
        ("matches:\"a/b\"", "/a\\/b/"),
        ("\"Or\"", "\"Or\""),
        ("https://example.org", "\"https://example.org\""),
        ("\"say \\\"hi\\\"\"", "\"say \\\"hi\\\"\""),
    ] {
        let tree =
            query::parse(query, &reading()).unwrap_or_else(|refusal| panic!("{query}: {refusal}"));
        assert_eq!(tree.spelling(), spelled, "{query}");
    }
}

#[test]
fn a_mistake_is_shown_in_its_place() {
    for (query, shown) in [
        (
            "",
            "The query is empty.\n    \n    ^\nhint: for instance `where rust tag:async -beginner`",
        ),
        (
            "rust or",
            "The query ends where something to look for should stand.\n    rust or\n           ^\nhint: for instance `rust or go`",
        ),
        (
            "or rust",
            "There is nothing before this `or`.\n    or rust\n    ^\nhint: put it between quotes to look for the word",
        ),
        (
            "rust and",
            "There is nothing behind this `and`.\n    rust and\n         ^\nhint: put it between quotes to look for the word",
        ),
        (
            "rust (go",
            "This parenthesis is never closed.\n    rust (go\n         ^\nhint: add `)` where it should end",
        ),
        (
            "rust )",
            "This parenthesis closes nothing.\n    rust )\n         ^\nhint: remove it, or put it between quotes to look for it",
        ),
        (
            "()",
            "There is nothing between these parentheses.\n    ()\n     ^\nhint: for instance `(rust or go)`",
        ),
        (
            "rust length:<",
            "I expected a number after `length:<`.\n    rust length:<\n                 ^\nhint: for instance `length:<200`",
        ),
        (
            "lenght:<5",
            "There is nothing called `lenght` to ask for.\n    lenght:<5\n    ^\nhint: did you mean `length`? put text with a sign in it between quotes to look for it",
        ),
        (
            "rust \"borrow",
            "This quote is never closed.\n    rust \"borrow\n         ^\nhint: add `\"` where the phrase ends",
        ),
        (
            "rust - go",
            "There is nothing behind this `-`.\n    rust - go\n         ^\nhint: write it close to what must not be there: `-beginner`",
        ),
        (
            "a /b(c/",
            "This parenthesis is never closed.\n    a /b(c/\n        ^\nhint: add `)`, or write `\\(` for the character itself",
        ),
        (
            "/a\\/b(?=c)/",
            "A pattern cannot look ahead or behind.\n    /a\\/b(?=c)/\n         ^\nhint: say it as two: `/foo/ -/foobar/` keeps what has the one and not the other",
        ),
        (
            "/etc/passwd",
            "A pattern cannot be followed by `passwd`.\n    /etc/passwd\n         ^\nhint: only `i` can; put text with slashes between quotes to look for it",
        ),
        (
            "tag < 5",
            "`tag` cannot be compared with `<`.\n    tag < 5\n    ^\nhint: for instance `tag:rust,go`",
        ),
        (
            "length:many",
            "`many` is no number of characters.\n    length:many\n           ^\nhint: for instance `length:<200`",
        ),
        (
            "title:(a or b)",
            "`title:` takes one thing to look for.\n    title:(a or b)\n          ^\nhint: for instance `(title:rust or title:go)`",
        ),
        (
            "*rust",
            "A `*` can stand at the end of a word only.\n    *rust\n    ^\nhint: for instance `async*`; patterns are written `/a.*b/`",
        ),
    ] {
        let refusal = query::parse(query, &reading())
            .err()
            .unwrap_or_else(|| panic!("{query} was read"));
        assert_eq!(refusal.to_string(), shown, "{query}");
    }
}

#[test]
fn size_and_depth_are_bounded() {
    for query in [
        "a ".repeat(1_001),
        format!("{}a{}", "(".repeat(60), ")".repeat(60)),
        "-(".repeat(60) + "a" + &")".repeat(60),
        "a ".repeat(201),
    ] {
        assert!(query::parse(&query, &reading()).is_err(), "{query}");
    }
    assert!(query::parse(&("not ".repeat(400) + "a"), &reading()).is_ok());
    assert!(query::parse(&"a ".repeat(200), &reading()).is_ok());
    assert!(
        query::parse(
            &format!("{}a{}", "(".repeat(50), ")".repeat(50)),
            &reading()
        )
        .is_ok()
    );
}

#[test]
fn hostile_texts_are_filtered_in_bounded_time() {
    let big = item(&"\u{fdfa}".repeat(2_000_000), &"x".repeat(5 << 20));
    let sieve = sieve(&[("length", ">10")], Some("-rust -/(x+x+)+y/")).unwrap();
    assert!(sieve.check(&big).keeps());
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("rust".to_string()),
        Just("it's".to_string()),
        Just("été".to_string()),
        Just("or".to_string()),
        Just("C++".to_string()),
        "[a-z]{1,5}[*]?",
        "[a-z“”\"\\\\/():<>=! 🦀’-]{1,8}",
    ]
}

/// Queries as people may write them, right or wrong.
fn written() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        word(),
        word().prop_map(|word| format!("\"{word}\"")),
        word().prop_map(|word| format!("title:{word}")),
        word().prop_map(|word| format!("body:\"{word}\"")),
        word().prop_map(|word| format!("tag:{word},go")),
        word().prop_map(|word| format!("author:\"{word}\"")),
        "/[a-z.*+?()/\\\\]{1,6}/i?",
        (0u32..300).prop_map(|n| format!("length < {n}")),
        (0u32..300).prop_map(|n| format!("length:{n}..")),
        (1u32..300).prop_map(|n| format!("newer:{n} minutes")),
        Just("older:yesterday".to_string()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" ")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" or ")),
            inner.clone().prop_map(|inner| format!("-({inner})")),
            inner.clone().prop_map(|inner| format!("not {inner}")),
            inner.prop_map(|inner| format!("({inner})")),
        ]
    })
}

/// The tree with all its parentheses.
fn shape(tree: &query::Tree) -> String {
    match tree {
        query::Tree::All(parts) => format!(
            "all[{}]",
            parts.iter().map(shape).collect::<Vec<_>>().join("; ")
        ),
        query::Tree::Any(parts) => format!(
            "any[{}]",
            parts.iter().map(shape).collect::<Vec<_>>().join("; ")
        ),
        query::Tree::Not(inner) => format!("not[{}]", shape(inner)),
        query::Tree::Leaf(filter) => filter.spelling(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_query_printed_and_parsed_is_the_same(written in written(), title in "[a-z ’éÉ+.]{0,20}") {
        if let Ok(tree) = query::parse(&written, &reading()) {
            let spelled = tree.spelling();
            let again = query::parse(&spelled, &reading());
            prop_assert!(again.is_ok(), "{} became {}: {}", written, spelled, again.err().unwrap());
            let again = again.unwrap();
            prop_assert_eq!(shape(&again), shape(&tree));
            let item = item(&title, "rust or été");
            let item = Folded::new(&item);
            prop_assert_eq!(again.check(&item), tree.check(&item));
        }
    }

    #[test]
    fn nothing_typed_breaks_the_parser(query in "\\PC{0,60}") {
        let _ = query::parse(&query, &reading());
    }

    #[test]
    fn flags_and_queries_say_the_same(words in word(), title in "[a-z ’éÉ+.]{0,20}") {
        for name in ["contains", "author", "tag", "matches"] {
            if let Ok(flag) = sieve(&[(name, &words)], None) {
                let query = sieve(&[], Some(&flag.words()));
                prop_assert!(query.is_ok(), "{} {}: {}", name, flag.words(), query.err().unwrap());
                let item = item(&title, "rust");
                prop_assert_eq!(query.unwrap().check(&item), flag.check(&item));
            }
        }
    }
}

/// The manual's pages, with their files.
fn pages() -> Vec<(std::path::PathBuf, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/man");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "md"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// In blocks of the manual that begin with three ticks and `query`, what each means stands below it; `BLESS=1` writes
/// it.
#[test]
fn every_query_in_the_manual_is_read_and_said_in_words() {
    let bless = std::env::var_os("BLESS").is_some() && std::env::var_os("CI").is_none();
    let mut count = 0;
    for (path, text) in pages() {
        let page = path.display();
        let read = |query: &str| {
            query::parse(query, &reading())
                .unwrap_or_else(|refusal| panic!("{page}: {query}: {refusal}"))
        };
        let mut inside = false;
        let mut fresh = String::new();
        for line in text.lines() {
            match line {
                "```query" => inside = true,
                "```" => inside = false,
                words if inside && words.starts_with("  ") => continue,
                query if inside => {
                    fresh += &format!("{query}\n  {}\n", read(query).in_words());
                    count += 1;
                    continue;
                }
                // A line that starts a tracker: what stands behind `where` is a query too.
                line if line.starts_with("    track ") => {
                    if let Some((_, query)) = line.split_once(" where ") {
                        read(query);
                        count += 1;
                    }
                }
                _ => {}
            }
            fresh += line;
            fresh.push('\n');
        }
        if bless && fresh != text {
            std::fs::write(&path, fresh).unwrap();
        } else {
            assert_eq!(fresh, text, "{page}");
        }
    }
    assert!(count >= 60, "{count}");
}
