//! The vocabulary of facts as lists of the manual.

use crate::model::facts::{self, ALL, MARKS};

/// A list of the facts for each group of sources that give the same.
pub fn facts() -> String {
    grouped(ALL.iter().map(|known| known.from), |n| {
        let known = &ALL[n];
        let also: Vec<String> = known.also.iter().map(|name| format!("`{name}`")).collect();
        let sort = match known.reader {
            "" => known.sort.name().to_string(),
            _ => format!("{}; looked up", known.sort.name()),
        };
        entry(known.example, known.sentence, &sort, &also)
    })
}

/// The same for `is:` and `has:`.
pub fn marks() -> String {
    grouped(MARKS.iter().map(|mark| mark.from), |n| {
        let mark = &MARKS[n];
        let also = mark.also.iter();
        let also: Vec<String> = also.map(|name| format!("`{}:{name}`", mark.verb)).collect();
        entry(mark.key, mark.sentence, "", &also)
    })
}

/// `` - `score:>=5`: Votes up less votes down. A number; also `votes`. ``
fn entry(example: &str, sentence: &str, sort: &str, also: &[String]) -> String {
    let also = match also {
        [] => String::new(),
        names => format!("also {}", names.join(", ")),
    };
    let more: Vec<&str> = [sort, also.as_str()]
        .into_iter()
        .filter(|words| !words.is_empty())
        .collect();
    match more.is_empty() {
        true => format!("- `{example}`: {sentence}"),
        false => format!("- `{example}`: {sentence} ({})", more.join("; ")),
    }
}

fn grouped(
    from: impl Iterator<Item = &'static [&'static str]>,
    entry: impl Fn(usize) -> String,
) -> String {
    let mut groups: Vec<(&[&str], Vec<String>)> = Vec::new();
    for (n, from) in from.enumerate() {
        match groups.iter_mut().find(|(group, _)| *group == from) {
            Some((_, entries)) => entries.push(entry(n)),
            None => groups.push((from, vec![entry(n)])),
        }
    }
    let lists: Vec<String> = groups
        .into_iter()
        .map(|(from, entries)| {
            let givers = facts::givers(from);
            format!("\nKnown of {givers}:\n\n{}\n", entries.join("\n"))
        })
        .collect();
    lists.concat()
}
