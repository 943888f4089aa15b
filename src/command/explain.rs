//! `explain`: which filter keeps or drops an item, and why.

use std::collections::HashSet;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use clap::ArgMatches;

use super::{Act, CommandKind, Scene, passage};
use crate::model::text::{Block, Span};
use crate::model::{Item, ItemId, Role, Text, Verdict};
use crate::registry::{self, Kind, declare};
use crate::store::{Rows, items, tables};
use crate::tracker::{Trial, Trouble};

/// How many items are looked through at once; more than that is done beside the loop.
const AT_ONCE: usize = 64;
/// How many of the last reports are looked through for the item.
const REPORTS: usize = 1_000;

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
    let tracker = scene.trackers.named(scene.room(), name)?;
    let reports = scene
        .store
        .scan_back(&tables::REPORTS, &tracker.id, REPORTS)?;
    let question = Question {
        trial: scene.trackers.trial(tracker.id)?,
        wanted: words.join(" "),
        reported: reports.into_iter().map(|(_, report)| report.item).collect(),
        now: scene.now,
    };
    let found = question.search(&*scene.store, AT_ONCE, || false)?;
    let all = scene.trackers.limits().remembered;
    if found.item.is_none() && items::are_many(scene.store, question.trial.source())? {
        return Ok(scene.later(move |rows, patience| {
            let found = question.search(rows, all, || patience.is_over())?;
            Ok(question.answer(found))
        }));
    }
    Ok(question.answer(found))
}

/// What was asked, with all that the answer needs.
struct Question {
    trial: Trial,
    wanted: String,
    /// The items that were reported lately.
    reported: HashSet<ItemId>,
    now: DateTime<Utc>,
}

/// What was found, among how many items.
struct Found {
    item: Option<Item>,
    looked: usize,
}

impl Question {
    /// Looks for the item that is meant, the newest first.
    fn search(
        &self,
        rows: &impl Rows,
        most: usize,
        is_over: impl Fn() -> bool,
    ) -> Result<Found, Trouble> {
        let mut found = Found {
            item: None,
            looked: 0,
        };
        items::newest_first(rows, self.trial.source(), &mut |item| {
            if found.looked == most || is_over() {
                return ControlFlow::Break(());
            }
            found.looked += 1;
            if matches_item(&item, &self.wanted) {
                found.item = Some(item);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    fn answer(&self, found: Found) -> Text {
        let name = self.trial.name();
        let known = found.item.is_some();
        let is_link = self.wanted.starts_with("http://") || self.wanted.starts_with("https://");
        if !known && is_link {
            return Text::line(format!(
                "`{name}` does not remember that link: it is not among the last {} items of its source.",
                found.looked
            ))
            .hint(format!("`explain {name} WORDS` tries the filters on any text"));
        }
        let item = found.item.unwrap_or_else(|| Item {
            id: ItemId("a text to try".into()),
            revision: 0,
            title: self.wanted.clone(),
            body: String::new(),
            author: None,
            url: None,
            at: self.now,
            seen: self.now,
            tags: Vec::new(),
            facts: Default::default(),
        });
        let verdicts = self.trial.explain(&item);
        let failed = self.trial.first_failed(&item);
        let what = if known {
            format!("“{}”", item.called(100))
        } else {
            "such a text".into()
        };
        let mut first = vec![Span::Code(name.to_string())];
        match &failed {
            None => first.push(Span::Words(format!(" keeps {what}."))),
            Some((predicate, _)) => first.extend([
                Span::Words(format!(" drops {what} because of ")),
                Span::Code(predicate.replace('`', "'")),
                Span::Words(".".into()),
            ]),
        }
        let mut text = Text::new().spans(first);
        if verdicts.is_empty() {
            text = text.and("It has no filters: it keeps everything.");
        }
        for (spelling, verdict, passages) in verdicts {
            let sign = match &verdict {
                Verdict::Keep(_) => " keeps it",
                Verdict::Drop(_) => " drops it",
                Verdict::Unsure(_) => " cannot tell",
            };
            let mut entry = vec![
                Span::Code(spelling.replace('`', "'")),
                Span::Words(sign.into()),
            ];
            entry.extend(passage::shown(&passages, verdict.reason()));
            text.0.push(Block::Entry(entry));
        }
        if known {
            text = text.and(match (self.reported.contains(&item.id), failed.is_some()) {
                (true, _) => "It was reported.",
                (false, false) => "It was not reported: it came before the tracker began, while it was paused, or before its filters were changed.",
                (false, true) => "It was not reported.",
            });
        }
        text
    }
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
