//! `journal`: who changed what in a room, when, and with which words.

use clap::ArgMatches;

use super::grant::shown;
use super::may::{self, Deed};
use super::{Act, CommandKind, Scene};
use crate::model::text::{Block, Span, cut};
use crate::model::{Role, Text};
use crate::registry::{self, Kind, declare};
use crate::store::journal;
use crate::tracker::Trouble;
use crate::when;

/// How many entries one answer shows.
const PAGE: usize = 20;
/// How many entries are looked through for one answer.
const LOOKED_THROUGH: usize = 20_000;
/// The longest words that are shown of what somebody typed, in characters.
const WORDS: usize = 80;

/// Says who changed what in this room, and with which words, the last change first.
#[derive(clap::Args)]
struct Journal {
    /// Only what has these words in it.
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// Only what this person did, by name or id.
    #[arg(long, value_name = "PERSON")]
    by: Option<String>,
    /// Only what was done since then: `today`, `3 days ago`, `friday at 9`.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Which twenty of them, from 1.
    #[arg(long, value_name = "N", default_value = "1", value_parser = registry::whole(1, 1_000))]
    page: u32,
    /// Of all rooms; for operators.
    #[arg(long)]
    everywhere: bool,
}

pub const KIND: CommandKind = Kind {
    name: "journal",
    declare: || declare::<Journal>("journal"),
    page: include_str!("../../man/journal.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let everywhere = matches.get_flag("everywhere");
    if everywhere {
        may::check(scene, Deed::JournalOfAll)?;
    }
    let reading = scene.reading();
    let since = matches.get_one::<String>("since");
    let since = since
        .map(|since| when::moment_before(since, &reading))
        .transpose()?;
    let by = matches.get_one::<String>("by").map(|by| by.to_lowercase());
    let by = by.as_deref().map(|by| by.trim_start_matches('@'));
    let words = matches.get_many::<String>("words").into_iter().flatten();
    let words: Vec<String> = words.map(|word| word.to_lowercase()).collect();
    let page = matches.get_one::<u32>("page").copied().unwrap_or(1) as usize;
    let wanted = PAGE * page;
    let mut found = Vec::new();
    let mut more = false;
    let room = (!everywhere).then(|| scene.room());
    let entries = journal::last(scene.store, room, LOOKED_THROUGH)?;
    let all = entries.len() < LOOKED_THROUGH;
    for entry in entries {
        if since.is_some_and(|since| entry.at < since) {
            break;
        }
        let of_here = everywhere || entry.room == *scene.room();
        let its = by.is_none_or(|by| {
            entry.who.id.0.eq_ignore_ascii_case(by) || entry.who.name.to_lowercase() == by
        });
        // What was typed in another room is not for this one.
        let typed = if of_here { entry.words.as_str() } else { "" };
        let text = format!("{} {typed}", entry.what).to_lowercase();
        if its && words.iter().all(|word| text.contains(word)) {
            more = found.len() == wanted;
            if more {
                break;
            }
            found.push(entry);
        }
    }
    let mut text = Text::new();
    let found_none = found.len() <= wanted - PAGE;
    for entry in found.into_iter().skip(wanted - PAGE) {
        let of_here = entry.room == *scene.room();
        let place = match (everywhere, of_here) {
            (true, _) => format!(" in {}", entry.room),
            (false, true) => String::new(),
            (false, false) => " in another room".into(),
        };
        let mut spans = vec![
            Span::Words(format!("{} ", when::say_short(entry.at, &reading))),
            Span::Bold(shown(&entry.who)),
            Span::Words(format!(
                "{place}: {}",
                cut(&entry.what.replace('`', "'"), WORDS)
            )),
        ];
        // What happened by itself nobody has typed.
        if !entry.words.is_empty() && (everywhere || of_here) {
            spans.push(Span::Words(" (".into()));
            spans.push(Span::Code(cut(&entry.words.replace('`', "'"), WORDS)));
            spans.push(Span::Words(")".into()));
        }
        text.0.push(Block::Entry(spans));
    }
    if text.is_empty() {
        text = Text::line("Nothing of that was done here.");
    }
    if !all && !more {
        text = text.and(format!(
            "I have looked through the last {LOOKED_THROUGH} entries; there are older ones."
        ));
    }
    if found_none {
        return Ok(text.hint("`journal` shows the last changes of this room"));
    }
    if more {
        let next = format!("journal --page {}", page + 1);
        return Ok(match scene.line.split_whitespace().count() {
            1 | 3 => text
                .hint(format!("`{next}` shows those before"))
                .choices([("Before", next)]),
            _ => text.hint(format!("add `--page {}` for those before", page + 1)),
        });
    }
    Ok(text)
}
