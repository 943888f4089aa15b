//! Any query is read or refused; what was read is spelled such that it is read as the same again, is said in words,
//! and its quick answer is its answer with reasons.
#![cfg_attr(not(test), no_main)]

use boson::filter::Folded;
use boson::filter::query::{parse, parse_for};
use boson::model::{Fact, Item, ItemId, Verdict};
use boson::when::{Order, Reading};
use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let now = DateTime::from_timestamp(1_806_148_800, 0).expect("this century is in range");
    let reading = Reading {
        now,
        zone: Tz::Europe__Berlin,
        order: Order::DayMonth,
    };
    let of_feed = parse_for("feed", &text, &reading);
    let Ok(tree) = parse(&text, &reading) else {
        assert!(of_feed.is_err(), "{text:?}");
        return;
    };
    assert!(tree.in_words().chars().count() <= 400);
    let spelled = tree.spelling();
    // A year later and far away it means the same.
    let later = Reading {
        now: now + TimeDelta::days(365),
        zone: Tz::Asia__Tokyo,
        order: Order::MonthDay,
    };
    let again = match parse(&spelled, &later) {
        Ok(again) => again,
        // The spelling may be longer than what was typed, and a query has only so many characters.
        Err(_) if spelled.chars().count() > 2_000 => return,
        Err(refusal) => panic!("{text:?} became {spelled:?}: {refusal}"),
    };
    assert_eq!(again.spelling(), spelled);
    assert_eq!(again.in_words(), tree.in_words());
    // The query's own text is the item most likely to be kept.
    let item = Item {
        id: ItemId("1".into()),
        revision: 0,
        title: text.chars().take(300).collect(),
        body: "Rust’s été".into(),
        author: Some("ann".into()),
        url: None,
        at: now - TimeDelta::days(2),
        seen: now,
        tags: vec!["rust".into()],
        facts: [
            ("score", Fact::Number(5.0)),
            ("type", Fact::Text("question".into())),
            ("active", Fact::Time(now - TimeDelta::hours(2))),
            ("closed", Fact::Yes(false)),
        ]
        .map(|(name, fact)| (name.to_string(), fact))
        .into(),
    };
    let item = Folded::new(&item);
    assert_eq!(again.check(&item), tree.check(&item));
    let holds = match tree.check(&item) {
        Verdict::Keep(_) => Some(true),
        Verdict::Drop(_) => Some(false),
        Verdict::Unsure(_) => None,
    };
    assert_eq!(tree.holds(&item), holds, "{text:?}");
}
