//! The vocabulary of facts as tables of the manual.

use crate::model::facts::{self, ALL, MARKS};

/// A table of the facts for each group of sources that give the same.
pub fn facts() -> String {
    grouped(
        ALL.iter().map(|known| known.from),
        "| you write | it is | also called |",
        |n| {
            let known = &ALL[n];
            let also: Vec<String> = known.also.iter().map(|name| format!("`{name}`")).collect();
            let sentence = known.sentence.trim_end_matches('.');
            format!(
                "| `{}` | {}: {sentence} | {} |",
                known.example,
                known.sort.name(),
                also.join(", ")
            )
        },
    )
}

/// The same for `is:` and `has:`.
pub fn marks() -> String {
    grouped(
        MARKS.iter().map(|mark| mark.from),
        "| you write | it holds where | also |",
        |n| {
            let mark = &MARKS[n];
            let also = mark.also.iter();
            let also: Vec<String> = also.map(|name| format!("`{}:{name}`", mark.verb)).collect();
            let sentence = mark.sentence.trim_end_matches('.');
            format!("| `{}` | {sentence} | {} |", mark.key, also.join(", "))
        },
    )
}

fn grouped(
    from: impl Iterator<Item = &'static [&'static str]>,
    head: &str,
    row: impl Fn(usize) -> String,
) -> String {
    let mut groups: Vec<(&[&str], Vec<String>)> = Vec::new();
    for (n, from) in from.enumerate() {
        match groups.iter_mut().find(|(group, _)| *group == from) {
            Some((_, rows)) => rows.push(row(n)),
            None => groups.push((from, vec![row(n)])),
        }
    }
    let tables: Vec<String> = groups
        .into_iter()
        .map(|(from, rows)| {
            let givers = facts::givers(from);
            format!(
                "\nKnown of {givers}:\n\n{head}\n| --- | --- | --- |\n{}\n",
                rows.join("\n")
            )
        })
        .collect();
    tables.concat()
}
