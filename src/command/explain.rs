//! `explain`: which filter keeps or drops an item, and why.

use clap::ArgMatches;

use super::{Act, CommandKind, Scene};
use crate::model::text::Span;
use crate::model::{Item, ItemId, Role, Text, Verdict};
use crate::registry::{self, Kind, declare};
use crate::store::items;
use crate::store::tables;
use crate::tracker::Trouble;

/// Says which filter of a tracker keeps or drops an item, and why.
#[derive(clap::Args)]
struct Explain {
    /// The tracker's name.
    #[arg(value_name = "TRACKER")]
    tracker: String,
    /// A link, some words of a title, or a text to try.
    #[arg(
        value_name = "LINK-OR-TEXT",
        required = true,
        allow_hyphen_values = true
    )]
    text: Vec<String>,
}

pub const KIND: CommandKind = Kind {
    name: "explain",
    declare: || declare::<Explain>("explain"),
    page: include_str!("../../man/explain.md"),
    build: Act {
        role: Role::Guest,
        run,
    },
};

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let name = registry::word(matches, "tracker");
    let words: Vec<&str> = matches
        .get_many::<String>("text")
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let wanted = words.join(" ");
    let tracker = scene.trackers.named(scene.room(), name)?;
    let items = items::last(scene.store, tracker.source, usize::MAX)?;
    let found = items
        .iter()
        .rev()
        .find(|item| matches_item(item, &wanted))
        .cloned();
    let known = found.is_some();
    let is_link = wanted.starts_with("http://") || wanted.starts_with("https://");
    if !known && is_link {
        return Ok(Text::line(format!(
            "`{}` does not remember that link: it is not among the last {} items of its source.",
            tracker.name,
            items.len()
        ))
        .hint(format!(
            "`explain {} WORDS` tries the filters on any text",
            tracker.name
        )));
    }
    let item = found.unwrap_or_else(|| Item {
        id: ItemId("a text to try".into()),
        revision: 0,
        title: wanted.clone(),
        body: String::new(),
        author: None,
        url: None,
        at: scene.now,
        seen: scene.now,
        tags: Vec::new(),
        facts: Default::default(),
    });
    let verdicts = scene.trackers.explain(tracker.id, &item);
    let dropped = verdicts.iter().any(|(_, verdict)| !verdict.keeps());
    let what = if known {
        format!("“{}”", crate::model::text::cut(&item.title, 100))
    } else {
        "such a text".into()
    };
    let mut text = Text::new().spans(vec![
        Span::Code(tracker.name.to_string()),
        Span::Words(format!(
            " {} {what}.",
            if dropped { "drops" } else { "keeps" }
        )),
    ]);
    if verdicts.is_empty() {
        text = text.and("It has no filters: it keeps everything.");
    }
    for (spelling, verdict) in verdicts {
        let (sign, reason) = match &verdict {
            Verdict::Keep(reason) => ("keeps it", reason),
            Verdict::Drop(reason) => ("drops it", reason),
            Verdict::Unsure(reason) => ("cannot tell", reason),
        };
        text.0.push(crate::model::text::Block::Entry(vec![
            Span::Code(spelling.replace('`', "'")),
            Span::Words(format!(" {sign}: {reason}")),
        ]));
    }
    if known {
        let said = scene
            .store
            .scan_back(&tables::REPORTS, &tracker.id, 1_000)?
            .into_iter()
            .any(|(_, report)| report.item == item.id);
        text = text.and(match (said, dropped) {
            (true, _) => "It was reported.",
            (false, false) => "It was not reported: it came before the tracker began, while it was paused, or before its filters were changed.",
            (false, true) => "It was not reported.",
        });
    }
    Ok(text)
}

/// A link means the item with that link; words mean an item whose title has them.
fn matches_item(item: &Item, wanted: &str) -> bool {
    let same_link = item
        .url
        .as_deref()
        .is_some_and(|url| url.trim_end_matches('/') == wanted.trim_end_matches('/'));
    same_link
        || item.id.0 == wanted
        || (wanted.chars().count() >= 4
            && item.title.to_lowercase().contains(&wanted.to_lowercase()))
}
