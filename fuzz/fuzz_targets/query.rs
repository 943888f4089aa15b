//! Any query is read or refused; what was read is spelled such that it is read as the same again.
#![cfg_attr(not(test), no_main)]

use boson::filter::Folded;
use boson::filter::query::parse;
use boson::model::{Item, ItemId};
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
    let Ok(tree) = parse(&text, &reading) else {
        return;
    };
    let spelled = tree.spelling();
    let again = match parse(&spelled, &reading) {
        Ok(again) => again,
        // The spelling may be longer than what was typed, and a query has only so many characters.
        Err(_) if spelled.chars().count() > 2_000 => return,
        Err(refusal) => panic!("{text:?} became {spelled:?}: {refusal}"),
    };
    assert_eq!(again.spelling(), spelled);
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
        facts: Default::default(),
    };
    let item = Folded::new(&item);
    assert_eq!(again.check(&item), tree.check(&item));
}
