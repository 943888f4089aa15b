//! What items look like in a room.

use std::collections::BTreeMap;

use boson::model::text::{Block, Span};
use boson::model::{Fact, Item, ItemId, TrackerName};
use boson::printer;
use chrono::{DateTime, TimeDelta, Utc};

fn item(n: i64, title: &str) -> Item {
    let seen: DateTime<Utc> = "2026-01-02T12:00:00Z".parse().unwrap();
    Item {
        id: ItemId(n.to_string()),
        revision: 0,
        title: title.into(),
        body: String::new(),
        author: Some("ann".into()),
        url: Some(format!("https://example.org/{n}")),
        at: seen - TimeDelta::hours(n),
        seen,
        tags: Vec::new(),
        facts: Default::default(),
    }
}

/// Something of Stack Exchange: a question where nothing else is said.
fn post<const N: usize>(n: i64, title: &str, more: [(&str, Fact); N]) -> Item {
    let mut facts = BTreeMap::from([
        (
            "site".to_string(),
            Fact::Words(vec!["beer.stackexchange.com".into(), "beer".into()]),
        ),
        ("type".to_string(), Fact::Text("question".into())),
        (
            "profile".to_string(),
            Fact::Text("https://beer.stackexchange.com/users/5/ann".into()),
        ),
    ]);
    facts.extend(more.map(|(name, fact)| (name.to_string(), fact)));
    Item {
        facts,
        ..item(n, title)
    }
}

fn text(text: &str) -> Fact {
    Fact::Text(text.into())
}

fn comment(n: i64) -> Item {
    Item {
        body: "This is\nwrong, and you know it.".into(),
        ..post(
            n,
            "",
            [
                ("type", text("comment")),
                ("post", text("93696")),
                ("post-type", text("answer")),
            ],
        )
    }
}

fn tag(n: i64, name: &str, uses: f64) -> Item {
    Item {
        author: None,
        tags: vec![name.into()],
        ..post(
            n,
            name,
            [("type", text("tag")), ("uses", Fact::Number(uses))],
        )
    }
}

#[test]
fn each_kind_of_thing_on_stack_exchange_is_said_in_its_own_words() {
    let at = item(1, "").at;
    let named = |kind| [("type", text(kind))];
    let mut deleted = post(1, "Freeze?", []);
    (deleted.author, deleted.url) = (None, None);
    let mut ghost = post(1, "Freeze?", []);
    ghost.facts.remove("profile");
    let mut nameless = post(1, "", named("edit"));
    nameless.facts.insert("post".into(), text("7"));
    nameless.body = "All of the new text".into();
    let mut badge = post(1, "Editor", named("badge"));
    badge.facts.insert("badge-class".into(), text("bronze"));
    for (item, line) in [
        (
            post(1, "Can beer freeze?", []),
            "New question on beer.stackexchange.com: Can beer freeze? https://example.org/1 by ann",
        ),
        (
            post(
                1,
                "Freeze?",
                [("created", Fact::Time(now())), ("closed", Fact::Time(at))],
            ),
            "Closed question on beer.stackexchange.com: Freeze? https://example.org/1 by ann",
        ),
        (
            post(
                1,
                "Freeze?",
                [("created", Fact::Time(now())), ("edited", Fact::Time(at))],
            ),
            "Edited question on beer.stackexchange.com: Freeze? https://example.org/1 by ann",
        ),
        (
            post(
                1,
                "Freeze?",
                [("created", Fact::Time(now())), ("active", Fact::Time(at))],
            ),
            "Active question on beer.stackexchange.com: Freeze? https://example.org/1 by ann",
        ),
        (
            post(
                1,
                "Freeze?",
                [
                    ("created", Fact::Time(now())),
                    ("bounty", Fact::Number(50.0)),
                ],
            ),
            "Bountied question on beer.stackexchange.com: Freeze? https://example.org/1 by ann",
        ),
        (
            post(1, "Freeze?", named("answer")),
            "New answer on beer.stackexchange.com: Freeze? https://example.org/1 by ann",
        ),
        (
            comment(2),
            "New comment on beer.stackexchange.com: This is wrong, and you know it. https://example.org/2 by ann, on answer 93696",
        ),
        (
            tag(3, "hops", 1.0),
            "New tag on beer.stackexchange.com: [hops] with 1 question https://example.org/3",
        ),
        (
            post(
                1,
                "Freeze?",
                [("type", text("edit")), ("edit-comment", text("spelling"))],
            ),
            "Suggested edit on beer.stackexchange.com: Freeze? https://example.org/1 by ann: “spelling”",
        ),
        (
            nameless,
            "Suggested edit on beer.stackexchange.com: post 7 https://example.org/1 by ann",
        ),
        (
            post(
                1,
                "Freeze?",
                [("type", text("revision")), ("rollback", Fact::Yes(true))],
            ),
            "Rollback on beer.stackexchange.com: Freeze? https://example.org/1 by ann",
        ),
        (
            badge,
            "New badge on beer.stackexchange.com: Editor https://example.org/1, bronze, for ann",
        ),
        (
            post(1, "ann", named("user")),
            "New user on beer.stackexchange.com: ann https://example.org/1",
        ),
        (deleted, "New question on beer.stackexchange.com: Freeze?"),
        (
            ghost,
            "New question on beer.stackexchange.com: Freeze? https://example.org/1 by ann",
        ),
        // What nobody has heard of is said as anything else.
        (
            post(1, "Freeze?", named("collective")),
            "Freeze?, by ann https://example.org/1",
        ),
    ] {
        assert_eq!(said("line", &[item]), [format!("[ex] {line}")]);
    }
}

#[test]
fn site_title_and_author_are_links() {
    let name: TrackerName = "ex".parse().unwrap();
    let items = [post(1, "Can beer freeze?", [])];
    let line = printer::build("line").unwrap().print(&name, &items);
    assert_eq!(
        line[0].0,
        [Block::Line(vec![
            Span::Words("[ex] New question on beer.stackexchange.com: ".into()),
            Span::Link {
                words: "Can beer freeze?".into(),
                url: "https://example.org/1".into()
            },
            Span::Words(" by ".into()),
            Span::Author {
                name: "ann".into(),
                url: "https://beer.stackexchange.com/users/5/ann".into()
            },
        ])]
    );
    assert_eq!(
        said("one-box", &items),
        [
            "[ex] New question on beer.stackexchange.com: Can beer freeze? by ann\nhttps://example.org/1"
        ]
    );
}

#[test]
fn one_heading_stands_above_what_is_alike() {
    let alike = [post(1, "a", []), post(2, "b", [])];
    assert_eq!(
        said("list", &alike),
        [
            "[ex] 2 new questions on beer.stackexchange.com:\n- a https://example.org/1 by ann\n- b https://example.org/2 by ann"
        ]
    );
    assert_eq!(
        said("digest", &alike[..1]),
        ["[ex] 1 new question on beer.stackexchange.com:\n- a https://example.org/1 by ann"]
    );
    assert_eq!(
        said("list", &[post(1, "a", []), item(2, "b")]),
        [
            "[ex] 2 new:\n- New question on beer.stackexchange.com: a https://example.org/1 by ann\n- b, by ann https://example.org/2"
        ]
    );
}

#[test]
fn tags_stand_in_one_line() {
    let tags = [tag(1, "hops", 3.0), tag(2, "malt", 1.0)];
    assert_eq!(
        said("tags", &tags),
        ["[ex] New tags on beer.stackexchange.com: [hops] [malt]"]
    );
    assert_eq!(
        said("tags", &tags[..1]),
        ["[ex] New tag on beer.stackexchange.com: [hops]"]
    );
    // What is no tag looks as in a list.
    assert_eq!(said("tags", &[item(1, "a")]), said("line", &[item(1, "a")]));
    assert_eq!(
        said("tags", &[tag(1, "hops", 3.0), post(2, "b", [])]),
        said("list", &[tag(1, "hops", 3.0), post(2, "b", [])])
    );
}

#[test]
fn heat_is_said_with_its_score() {
    let mut heated = comment(2);
    heated.facts.insert("heat".into(), Fact::Number(6.0));
    assert_eq!(
        said("heat", &[heated]),
        [
            "[ex] Heat 6, new comment on beer.stackexchange.com: This is wrong, and you know it. https://example.org/2 by ann, on answer 93696"
        ]
    );
    assert_eq!(said("heat", &[comment(2)]), said("line", &[comment(2)]));
    assert_eq!(said("heat", &[item(1, "a")]), said("line", &[item(1, "a")]));
}

#[test]
fn closed_questions_are_said_with_why_when_and_by_how_many() {
    let closed = post(
        1,
        "Freeze?",
        [
            ("closed", Fact::Time(now())),
            ("closed-reason", text("Duplicate")),
            ("close-votes", Fact::Number(3.0)),
        ],
    );
    assert_eq!(
        said("closed", &[closed]),
        [
            "[ex] Closed on beer.stackexchange.com as “Duplicate”, 2026-01-02 12:00 UTC, with 3 close votes: Freeze? https://example.org/1 by ann"
        ]
    );
    let open = post(
        1,
        "Freeze?",
        [
            ("closed", Fact::Yes(false)),
            ("close-votes", Fact::Number(1.0)),
        ],
    );
    assert_eq!(
        said("closed", &[open]),
        ["[ex] With 1 close vote on beer.stackexchange.com: Freeze? https://example.org/1 by ann"]
    );
    let neither = post(1, "Freeze?", []);
    assert_eq!(
        said("closed", std::slice::from_ref(&neither)),
        said("line", &[neither])
    );
}

#[test]
fn edits_are_said_with_what_they_are_for() {
    let edit = |comment: Option<&str>, approved: Fact| {
        let mut edit = post(
            1,
            "Freeze?",
            [("type", text("edit")), ("approved", approved)],
        );
        edit.facts.insert("post-type".into(), text("question"));
        edit.tags = vec!["ice".into()];
        if let Some(comment) = comment {
            edit.facts.insert("edit-comment".into(), text(comment));
        }
        edit
    };
    assert_eq!(
        said(
            "edits",
            &[edit(Some("fixed  the spelling"), Fact::Yes(false))]
        ),
        [
            "[ex] Suggested edit on beer.stackexchange.com by ann, “fixed the spelling”: Freeze? https://example.org/1 (question) [ice]"
        ]
    );
    assert_eq!(
        said("edits", &[edit(None, Fact::Time(now()))]),
        [
            "[ex] Suggested edit on beer.stackexchange.com (approved) by ann, without a comment: Freeze? https://example.org/1 (question) [ice]"
        ]
    );
    assert_eq!(
        said("edits", &[item(1, "a")]),
        said("line", &[item(1, "a")])
    );
}

fn now() -> DateTime<Utc> {
    "2026-01-02T12:00:00Z".parse().unwrap()
}

fn said(printer: &str, items: &[Item]) -> Vec<String> {
    let name: TrackerName = "ex".parse().unwrap();
    printer::build(printer)
        .unwrap()
        .print(&name, items)
        .iter()
        .map(|text| text.plain())
        .collect()
}

#[test]
fn a_line_an_item() {
    assert_eq!(
        said("line", &[item(1, "Help me"), item(2, "Still")]),
        [
            "[ex] Help me, by ann https://example.org/1",
            "[ex] Still, by ann https://example.org/2"
        ]
    );
}

#[test]
fn a_one_box_has_its_link_alone() {
    assert_eq!(
        said("one-box", &[item(1, "Help me")]),
        ["[ex] Help me, by ann\nhttps://example.org/1"]
    );
    let mut no_link = item(1, "Help me");
    no_link.url = None;
    assert_eq!(said("one-box", &[no_link]), ["[ex] Help me, by ann"]);
}

#[test]
fn a_list_of_one_is_a_line() {
    assert_eq!(said("list", &[item(1, "a")]), said("line", &[item(1, "a")]));
    assert_eq!(
        said("list", &[item(1, "a"), item(2, "b")]),
        ["[ex] 2 new:\n- a, by ann https://example.org/1\n- b, by ann https://example.org/2"]
    );
}

#[test]
fn a_digest_is_gathered_and_begins_with_the_oldest() {
    assert_eq!(
        said("digest", &[item(1, "a"), item(2, "b")]),
        ["[ex] 2 items:\n- b, by ann https://example.org/2\n- a, by ann https://example.org/1"]
    );
    for (name, gathers) in [
        ("line", false),
        ("one-box", false),
        ("list", false),
        ("digest", true),
    ] {
        assert_eq!(printer::build(name).unwrap().gathers(), gathers, "{name}");
    }
}

#[test]
fn nothing_says_nothing() {
    for kind in printer::ALL {
        assert!(said(kind.name, &[]).is_empty(), "{}", kind.name);
        assert!(!kind.about().is_empty());
    }
}

#[test]
fn what_is_missing_or_too_long_is_replaced_or_cut() {
    let mut poor = item(1, " \n ");
    poor.body = "First words\nof the   body".into();
    assert_eq!(
        said("line", std::slice::from_ref(&poor)),
        ["[ex] First words of the body, by ann https://example.org/1"]
    );
    poor.body.clear();
    assert_eq!(
        said("line", std::slice::from_ref(&poor)),
        ["[ex] by ann https://example.org/1"]
    );
    poor.author = None;
    assert_eq!(
        said("line", std::slice::from_ref(&poor)),
        ["[ex] https://example.org/1"]
    );
    assert_eq!(
        said("one-box", std::slice::from_ref(&poor)),
        ["[ex]\nhttps://example.org/1"]
    );
    assert_eq!(
        said("list", &[poor.clone(), item(2, "b")])[0]
            .lines()
            .nth(1),
        Some("- https://example.org/1")
    );
    poor.url = None;
    assert_eq!(said("line", &[poor]), ["[ex] something without a title"]);

    let long = said("line", &[item(1, &"é ".repeat(3_000_000))]).remove(0);
    assert!(long.contains("é…, by ann https://"), "{long}");
    assert!(long.chars().count() < 260);
}

#[test]
fn titles_are_words_not_markup() {
    assert_eq!(
        said("line", &[item(1, "`a` \u{202e}b\u{7}")]),
        ["[ex] `a` b , by ann https://example.org/1"]
    );
}

#[test]
fn an_unknown_printer_gets_the_nearest() {
    let refusal = printer::build("onebox").err().unwrap();
    assert_eq!(
        refusal.to_string(),
        "There is no printer called `onebox`.\nhint: did you mean `one-box`?"
    );
}
