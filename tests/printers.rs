//! What items look like in a room.

use boson::model::{Item, ItemId, TrackerName};
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
