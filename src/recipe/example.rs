//! Examples in recipes are executed: an item goes in, a message or a reason comes out.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Example, Written};
use crate::filter::Sieve;
use crate::model::{Item, ItemId, TrackerName, Verdict};
use crate::printer;
use crate::when::{self, Order, Reading};

/// The time of all examples. It lies late, so that no date in a recipe is still to come.
pub(super) fn reading() -> Reading {
    Reading {
        now: DateTime::from_timestamp(4_102_488_000, 0).expect("2100-01-01 12:00 is a time"),
        zone: chrono_tz::UTC,
        order: Order::DayMonth,
    }
}

/// Runs one example of a recipe.
///
/// # Errors
/// What came out where something else was expected.
pub fn run_example(written: &Written, example: &Example) -> Result<(), String> {
    let reading = reading();
    let recipe = &written.recipe;
    let sieve = Sieve::of(recipe, &reading).map_err(|refusal| refusal.to_string())?;
    let item = item(example, reading.now)?;
    let found = match sieve.check(&item) {
        Verdict::Keep(_) => {
            let name: TrackerName = written
                .name
                .parse()
                .map_err(|refusal: crate::model::Refusal| refusal.to_string())?;
            let printer = printer::build(&recipe.printer).map_err(|refusal| refusal.to_string())?;
            let texts = printer.print(&name, std::slice::from_ref(&item));
            let texts: Vec<String> = texts.iter().map(|text| text.plain()).collect();
            (Some(texts.join("\n")), None)
        }
        Verdict::Drop(reason) | Verdict::Unsure(reason) => (None, Some(reason)),
    };
    if found == (example.says.clone(), example.drops.clone()) {
        return Ok(());
    }
    let spoken = |(says, drops): &(Option<String>, Option<String>)| match (says, drops) {
        (Some(says), _) => format!("says = {says:?}"),
        (None, Some(drops)) => format!("drops = {drops:?}"),
        (None, None) => "nothing".into(),
    };
    let expected = spoken(&(example.says.clone(), example.drops.clone()));
    Err(format!(
        "`{}` with the item `{}`\n  expected: {expected}\n  found:    {}",
        written.name,
        example.title,
        spoken(&found)
    ))
}

fn item(example: &Example, now: DateTime<Utc>) -> Result<Item, String> {
    let age = match &example.age {
        Some(age) => when::duration(age).map_err(|refusal| refusal.to_string())?,
        None => std::time::Duration::ZERO,
    };
    let age = TimeDelta::from_std(age).map_err(|error| error.to_string())?;
    Ok(Item {
        id: ItemId(example.url.clone().unwrap_or_default()),
        revision: 0,
        title: example.title.clone(),
        body: example.body.clone(),
        author: example.author.clone(),
        url: example.url.clone(),
        at: now - age,
        seen: now,
        tags: example.tags.clone(),
        facts: example.facts.clone(),
    })
}
