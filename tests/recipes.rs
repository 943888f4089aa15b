//! Every shipped recipe is read, and does what its examples say; a recipe with mistakes is told all of them.

use boson::model::Recipe;
use boson::recipe::{self, parse, run_example};

/// `line:column: what (hint)` of every mistake.
fn mistakes(text: &str) -> Vec<String> {
    parse("ex", text, "ex.toml")
        .expect_err("there are mistakes in it")
        .iter()
        .map(|mistake| {
            format!(
                "{}:{}: {} ({})",
                mistake.line,
                mistake.column,
                mistake.what,
                mistake.hint.as_deref().unwrap_or("-")
            )
        })
        .collect()
}

#[test]
fn shipped_recipes_do_what_their_examples_say() {
    let all = recipe::shipped();
    assert!(all.len() >= 4);
    let mut wrong = Vec::new();
    for written in &all {
        assert!(
            !written.examples.is_empty(),
            "{} has no example",
            written.name
        );
        assert!(
            written.recipe.about.is_some(),
            "{} does not say what it is",
            written.name
        );
        wrong.extend(
            written
                .examples
                .iter()
                .filter_map(|example| run_example(written, example).err()),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_shipped_recipe_is_what_the_store_reads_too() {
    for written in recipe::shipped() {
        let text = toml::to_string(&written.recipe).unwrap();
        assert_eq!(toml::from_str::<Recipe>(&text).unwrap(), written.recipe);
        let again = parse(&written.name, &text, "again").unwrap();
        assert_eq!(again.recipe, written.recipe);
    }
}

#[test]
fn all_mistakes_are_said_with_their_places() {
    let text = r#"abuot = "x"
every = "sometimes"
as = "onebox"
where = "rust or"
backlog = -1
interval = 3

[source]
kind = 3

[filter]
lenght = "<5"
length = "<many"
tag = ["rust", " , "]
matches = [["a"]]

[[example]]
titel = "x"
age = "old"
says = "a"
drops = "b"

[[example]]
title = "x"
"#;
    let found = mistakes(text);
    let expected = [
        "1:1: A recipe has no `abuot`. (did you mean `about`?)",
        "2:9: `sometimes`",
        "3:6: There is no printer called `onebox`. (did you mean `one-box`?)",
        "4:9: The query ends where something to look for should stand.\n    rust or\n           ^ (for instance `rust or go`)",
        "5:11: `backlog` is a whole number. (for instance `backlog = 3`)",
        "6:1: A recipe has no `interval`. (did you mean `every`?)",
        "9:8: `kind` is text between quotes. (for instance `kind = \"…\"`)",
        "12:1: There is no filter called `lenght`. (did you mean `length`?)",
        "13:10: `<many`",
        "14:16: The tag is missing. (for instance `tag:rust,go`)",
        "15:11: `matches` is one value or a list of them. (for instance `tag = \"rust\"` or `tag = [\"rust\", \"async\"]`)",
        "17:1: An example either says something or drops the item. (add `says = \"[name] …\"` or `drops = \"why\"`, not both)",
        "18:1: An example has no `titel`. (did you mean `title`?)",
        "19:7: `old`",
        "23:1: An example either says something or drops the item. (add `says = \"[name] …\"` or `drops = \"why\"`, not both)",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        let place = |text: &str| text.splitn(3, ':').take(2).collect::<Vec<_>>().join(":");
        // Mistakes of other modules are worded there.
        if expected.ends_with('`') {
            assert_eq!(place(found), place(expected), "{found}");
        } else {
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn what_is_missing_and_what_the_source_says_is_told() {
    assert_eq!(
        mistakes(""),
        [
            "1:1: The recipe has no source. (for instance `[source]`, and below it `kind = \"feed\"`)"
        ]
    );
    assert_eq!(
        mistakes("[source]\nurl = \"x\"\n"),
        ["1:2: The source has no kind. (for instance `kind = \"feed\"`)"]
    );
    assert_eq!(mistakes("source = 3\n").len(), 1);
    let refused = parse("ex", "[source]\nkind = \"fed\"\n", "ex.toml").unwrap_err();
    assert_eq!(
        refused[0].to_string(),
        "ex.toml:2:8: There is no source called `fed`.\n  hint: did you mean `feed`?"
    );
    let syntax = mistakes("every = 5 minutes\n[source\n");
    assert!(syntax[0].starts_with("1:"), "{syntax:?}");
    assert!(parse("No good name!", "[source]\nkind = \"feed\"\n", "x",).is_err());
}

#[test]
fn an_example_that_does_not_hold_says_what_came_out() {
    let text = "[source]\nkind = \"feed\"\nurl = \"https://example.org/\"\n[[example]]\ntitle = \"a\"\nsays = \"[ex] b\"\n";
    let written = parse("ex", text, "ex.toml").unwrap();
    let wrong = run_example(&written, &written.examples[0]).unwrap_err();
    assert_eq!(
        wrong,
        "`ex` with the item `a`\n  expected: says = \"[ex] b\"\n  found:    says = \"[ex] a\""
    );
}

#[test]
fn an_unknown_recipe_gets_the_nearest() {
    assert_eq!(
        recipe::find(&recipe::shipped(), "XKCD").unwrap().name,
        "xkcd"
    );
    let refusal = recipe::find(&recipe::shipped(), "rust-blogg").unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "There is no recipe called `rust-blogg`.\nhint: did you mean `use rust-blog`?"
    );
}

#[test]
fn the_recipe_in_the_manual_is_a_recipe() {
    let page = include_str!("../man/recipe.md");
    let (_, section) = page.split_once("## The file\n\n").unwrap();
    let text: String = section
        .lines()
        .take_while(|line| line.starts_with("    ") || line.is_empty())
        .map(|line| format!("{}\n", line.trim_start()))
        .collect();
    let written = parse("manual", &text, "man/recipe.md").unwrap();
    assert_eq!(written.recipe.backlog, 3);
    assert_eq!(written.recipe.filter["tag"], ["rust", "async"]);
}

#[test]
fn examples_have_facts_and_queries_ask_for_what_the_source_gives() {
    let text = r#"
where = "is:edited enclosure:*.mp3 edited:<3h"
source = { kind = "feed", url = "https://example.org/feed" }

[[example]]
title = "One"
facts = { edited = "2 hours", enclosure = "https://example.org/1.MP3" }
says = "[podcast] One"

[[example]]
title = "Two"
facts = { edited = false, enclosure = "https://example.org/2.mp3" }
drops = "it is not edited"
"#;
    let written = parse("podcast", text, "podcast.toml").unwrap();
    for example in &written.examples {
        run_example(&written, example).unwrap();
    }
    let found = mistakes(
        r#"
where = "rust reputation:<50"
source = { kind = "feed", url = "https://example.org/feed" }

[[example]]
title = "One"
facts = { scor = 5, score = "five", closed = true }
says = "[x] One"
"#,
    );
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(
        found[0].starts_with(
            "2:9: `reputation` is known of everything on Stack Exchange but tags, not of feeds.\n    rust reputation:<50"
        ),
        "{found:#?}"
    );
    assert_eq!(
        found[1],
        "7:11: There is no fact `scor`. (did you mean `score`?)"
    );
    assert!(found[2].starts_with("7:29: `score` is a number."));
    assert!(found[3].starts_with("7:46: `closed` is a time."));
}
