//! Reads which of several things somebody chooses: by number, by word, or by what they say around it.

use super::read::{bare, shown};
use crate::model::text::cut;
use crate::model::{Choosable, FieldKind, Refusal};
use crate::registry;

/// What there is to choose from; nothing where something else is asked.
pub(super) fn choices(kind: &FieldKind) -> &[Choosable] {
    match kind {
        FieldKind::One(all) | FieldKind::Many(all) => all,
        _ => &[],
    }
}

/// Whether a choice is called so, in small letters: by its value, or by the words before what explains it.
pub(super) fn is_called(one: &Choosable, wanted: &str) -> bool {
    one.value.to_lowercase() == wanted || title(one) == wanted
}

/// What stands before the explanation of a choice, in small letters.
fn title(one: &Choosable) -> String {
    let label = one.label.to_lowercase();
    let title = label.split(':').next().unwrap_or_default();
    title.trim().to_string()
}

/// The choice that is meant by its number, its value, its words, or the beginning of one of them.
pub(super) fn one(all: &[Choosable], said: &str) -> Result<String, Refusal> {
    let said = bare(said);
    let word = said.trim_start_matches('#').trim_end_matches(['.', ')']);
    if let Ok(number) = word.parse::<usize>() {
        let meant = number.checked_sub(1).and_then(|at| all.get(at));
        // A value may be a number itself.
        let same = all.iter().find(|one| one.value == word);
        return same.or(meant).map(|one| one.value.clone()).ok_or_else(|| {
            let refusal = Refusal::new(format!("There is no number {}.", cut(word, 20)));
            refusal.hint(match all.len() {
                1 => "there is only `1`".into(),
                many => format!("there are `1` to `{many}`"),
            })
        });
    }
    let wanted = word.to_lowercase();
    if let Some(one) = all.iter().find(|one| is_called(one, &wanted)) {
        return Ok(one.value.clone());
    }
    let begins = |one: &&Choosable| {
        one.value.to_lowercase().starts_with(&wanted) || title(one).starts_with(&wanted)
    };
    let mut begun = all.iter().filter(begins);
    if let (Some(one), None) = (begun.next(), begun.next()) {
        return Ok(one.value.clone());
    }
    // `I would like questions` names one of them, unless it says what is not wanted.
    let words = wanted.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let other = ["not", "no", "don", "dont", "never", "except", "but", "or"];
    let plain = !wanted.contains('?') && !words.iter().any(|word| other.contains(word));
    let named = |one: &&Choosable| {
        let (value, title) = (one.value.to_lowercase(), title(one));
        words.contains(&value.as_str()) || words.contains(&title.as_str())
    };
    let mut named = all.iter().filter(named);
    if let (true, Some(one), None) = (plain && words.len() > 1, named.next(), named.next()) {
        return Ok(one.value.clone());
    }
    let refusal = Refusal::new(format!("`{}` is none of these.", shown(&said)));
    let near = registry::nearest(&wanted, all.iter().map(|one| one.value.as_str()));
    Err(match near {
        Some(near) => refusal.hint(format!("did you mean `{near}`?")),
        None => refusal.hint("answer with a number or a word of the list; `?` explains it"),
    })
}

pub(super) fn many(all: &[Choosable], said: &str) -> Result<String, Refusal> {
    if bare(said).eq_ignore_ascii_case("all") {
        let values: Vec<&str> = all.iter().map(|one| one.value.as_str()).collect();
        return Ok(values.join(","));
    }
    let said = said.replace(" and ", ",");
    let mut chosen: Vec<String> = Vec::new();
    for piece in said.split([',', ';']).flat_map(|piece| {
        // `1 3 5` are three; `close votes` is one.
        let numbers = piece
            .split_whitespace()
            .all(|word| word.parse::<usize>().is_ok());
        match numbers {
            true => piece.split_whitespace().collect(),
            false => vec![piece.trim()],
        }
    }) {
        let range = piece.split_once('-').and_then(|(from, to)| {
            let from: usize = from.trim().parse().ok()?;
            let to: usize = to.trim().parse().ok()?;
            (from <= to && to <= all.len()).then_some(from..=to)
        });
        let values = match range {
            Some(range) => range.map(|n| one(all, &n.to_string())).collect(),
            None => one(all, piece).map(|value| vec![value]),
        };
        let values: Vec<String> = values?;
        for value in values {
            if !chosen.contains(&value) {
                chosen.push(value);
            }
        }
    }
    // In the order in which they were offered.
    let chosen: Vec<&str> = all
        .iter()
        .map(|one| one.value.as_str())
        .filter(|value| chosen.iter().any(|chosen| chosen == value))
        .collect();
    match chosen.is_empty() {
        true => Err(Refusal::new("None of these was named.").hint("`skip` leaves it out")),
        false => Ok(chosen.join(",")),
    }
}
