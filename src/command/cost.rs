//! What a tracker will bring, known before it is accepted: how much of its source it would report.

use std::time::{Duration, Instant};

use super::Scene;
use super::may::{self, Deed};
use crate::model::text::{Block, Span};
use crate::model::{Refusal, Text, TrackerId};
use crate::tracker::{Tally, Trial, Trouble, say_rate, say_share};

/// How many of the last items are looked at, at most.
const SAMPLE: usize = 300;
/// How many bytes of their texts are read, about: the loop waits.
const SAMPLE_BYTES: usize = 128 << 10;
/// Who types filters that take long has an estimate from fewer items than that, but from these at least.
const LEAST: usize = 16;
/// How long an estimate may take that has looked at the least; four times that at the most, whatever it has looked at.
/// Where nobody is hurried there is no such limit.
const LONGEST: Duration = Duration::from_millis(50);
/// Fewer of them than these say nothing about a share.
const FEWEST: usize = 3;
/// How many titles are named.
const NAMED: usize = 3;
/// The longest of them, in characters.
const TITLE: usize = 60;

/// What a tracker would have reported.
#[derive(Default)]
pub struct Weighed {
    /// In a line; empty where nothing is known.
    pub text: Text,
    /// More is remembered of its source than was looked at.
    pub more: bool,
}

/// Says what a tracker would have reported of what its source gave last; nothing where that is not known.
///
/// # Errors
/// A refusal when it wants too much of a busy source and no owner has allowed it.
pub fn weigh(scene: &Scene<'_>, id: TrackerId) -> Result<Weighed, Trouble> {
    let trial = scene.trackers.trial(id)?;
    let tally = sample(&trial, scene)?;
    if tally.looked == 0 {
        return Ok(Weighed::default());
    }
    let allowed = scene.trackers.get(id).is_some_and(|tracker| tracker.broad);
    if !allowed {
        refuse_broad(scene, &trial, &tally)?;
    }
    Ok(Weighed {
        text: expected(&trial, &tally),
        more: tally.stopped && !trial.keeps_everything(),
    })
}

/// Tries it on the newest items, so many that nobody notices.
fn sample(trial: &Trial, scene: &Scene<'_>) -> Result<Tally, Trouble> {
    let begun = scene.standing.hurried.then(Instant::now);
    let (mut looked, mut bytes) = (0, 0);
    let enough = |item: &crate::model::Item| {
        looked += 1;
        bytes += item.title.len() + item.body.len();
        let took = begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        took > LONGEST * 4 || looked > LEAST && (bytes > SAMPLE_BYTES || took > LONGEST)
    };
    Ok(trial.tally(&*scene.store, scene.now, SAMPLE, enough)?)
}

/// A tracker must not report much of a busy source, nor be asked about each of its items, without an owner's leave.
fn refuse_broad(scene: &Scene<'_>, trial: &Trial, tally: &Tally) -> Result<(), Refusal> {
    let limits = scene.trackers.limits();
    let Some(daily) = tally.daily.filter(|daily| *daily >= limits.busy as f64) else {
        return Ok(());
    };
    let refusal = if tally.share() > limits.share && tally.kept >= FEWEST {
        Refusal::new(format!(
            "That is too much of a busy source: it would report {}; the most is {}.",
            tally.expected(),
            say_share(limits.share)
        ))
    } else if !trial.can_be_looked_up() {
        Refusal::new(format!(
            "There is no word, tag, author or number that must be there, so I would have to go through all that this busy source gives ({}); it would report {}.",
            say_rate(daily),
            tally.expected()
        ))
    } else {
        return Ok(());
    };
    let leave = match may::may(scene, Deed::Broad) {
        true => "or add `--broad`, since you are an owner of this room",
        false => "an owner of this room may also add `--broad`",
    };
    Err(refusal.hint(format!(
        "add something rare that must be there: a word behind `where`, `tag:NAME` or `author:NAME`; {leave}"
    )))
}

/// The answer of a dry run: it goes out as trouble, so that the loop drops what was changed to show it. Where more is
/// remembered than was looked at, it also says what the tracker would have kept of all that.
///
/// # Errors
/// [`Trouble::DryRun`], always.
pub fn dry_run(
    scene: &mut Scene<'_>,
    id: TrackerId,
    text: Text,
    more: bool,
) -> Result<Text, Trouble> {
    let is_hint = |block: &Block| matches!(block, Block::Hint(_) | Block::Choices(_));
    let mut text = Text::line("This is only what would be done:").join(text);
    // Nothing is there that could be undone or stopped.
    text.0.retain(|block| !is_hint(block));
    let text = text.hint("type it without `--dry-run` to have it done");
    if more {
        let trial = scene.trackers.trial(id)?;
        let (now, most, mut text) = (scene.now, scene.trackers.limits().remembered, text.clone());
        scene.later(move |rows, patience| {
            let tally = trial.tally(rows, now, most, |_| patience.is_over())?;
            let line = Block::Line(vec![Span::Words(format!(
                "Of all that I remember: {}.",
                tally.expected()
            ))]);
            let end = text.0.iter().position(is_hint).unwrap_or(text.0.len());
            text.0.insert(end, line);
            Ok(text)
        });
    }
    Err(Trouble::DryRun(text))
}

pub fn expected(trial: &Trial, tally: &Tally) -> Text {
    if trial.keeps_everything() {
        return match tally.rate() {
            Some(rate) => Text::line(format!("Expect {rate}.")),
            None => Text::new(),
        };
    }
    let titles: Vec<String> = tally
        .last
        .iter()
        .skip(tally.last.len().saturating_sub(NAMED))
        .map(|item| format!("“{}”", item.called(TITLE).replace('`', "'")))
        .collect();
    let titles = match (tally.kept, titles.join(", ")) {
        (0, _) => String::new(),
        (kept, titles) if kept <= NAMED => format!(": {titles}"),
        (_, titles) => format!("; the last: {titles}"),
    };
    Text::line(format!("It would have kept {}{titles}.", tally.expected()))
}
