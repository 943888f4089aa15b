//! What a tracker will bring, known before it is accepted: how much of its source it would report.

use std::time::{Duration, Instant};

use super::Scene;
use crate::model::text::cut;
use crate::model::{Refusal, Role, Text, TrackerId};
use crate::tracker::{Tally, Trial, Trouble, say_rate, say_share};

/// How many of the last items are looked at, at most.
const SAMPLE: usize = 300;
/// How many bytes of their texts are read, about: the loop waits.
const SAMPLE_BYTES: usize = 256 << 10;
/// Who types filters that take long has an estimate from fewer items than that, but from these at least.
const LEAST: usize = 16;
/// How long an estimate may take that has looked at the least.
const LONGEST: Duration = Duration::from_millis(50);
/// How many titles are named.
const NAMED: usize = 3;
/// The longest of them, in characters.
const TITLE: usize = 60;

/// Says what a tracker would have reported of what its source gave last; nothing where that is not known.
///
/// # Errors
/// A refusal when it wants too much of a busy source and no owner has allowed it.
pub fn weigh(scene: &Scene<'_>, id: TrackerId) -> Result<Text, Trouble> {
    let trial = scene.trackers.trial(id)?;
    let tally = sample(&trial, scene)?;
    if tally.looked == 0 {
        return Ok(Text::new());
    }
    let allowed = scene.trackers.get(id).is_some_and(|tracker| tracker.broad);
    if !allowed {
        refuse_broad(scene, &trial, &tally)?;
    }
    Ok(expected(&trial, &tally))
}

/// Tries it on the newest items, so many that nobody notices.
fn sample(trial: &Trial, scene: &Scene<'_>) -> Result<Tally, Trouble> {
    let begun = Instant::now();
    let (mut looked, mut bytes) = (0, 0);
    let enough = |item: &crate::model::Item| {
        looked += 1;
        bytes += item.title.len() + item.body.len();
        looked > LEAST && (bytes > SAMPLE_BYTES || begun.elapsed() > LONGEST)
    };
    Ok(trial.tally(&*scene.store, scene.now, SAMPLE, enough)?)
}

/// A tracker must not report much of a busy source, nor be asked about each of its items, without an owner's leave.
fn refuse_broad(scene: &Scene<'_>, trial: &Trial, tally: &Tally) -> Result<(), Refusal> {
    let limits = scene.trackers.limits();
    let Some(daily) = tally.daily.filter(|daily| *daily >= limits.busy as f64) else {
        return Ok(());
    };
    let refusal = if tally.share() > limits.share {
        Refusal::new(format!(
            "That is too much of a busy source: it would report {}; the most is {}.",
            tally.expected(),
            say_share(limits.share)
        ))
    } else if !trial.can_be_looked_up() {
        Refusal::new(format!(
            "There is no word, tag or author that must be there, so I would have to go through all that this busy source gives ({}); it would report {}.",
            say_rate(daily),
            tally.expected()
        ))
    } else {
        return Ok(());
    };
    let leave = match scene.role >= Role::Owner {
        true => "or add `--broad`, since you are an owner of this room",
        false => "an owner of this room may also add `--broad`",
    };
    Err(refusal.hint(format!(
        "add something rare that must be there: a word behind `where`, `tag:NAME` or `author:NAME`; {leave}"
    )))
}

fn expected(trial: &Trial, tally: &Tally) -> Text {
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
        .map(|item| format!("“{}”", cut(&item.title, TITLE).replace('`', "'")))
        .collect();
    let titles = match (tally.kept, titles.join(", ")) {
        (0, _) => String::new(),
        (kept, titles) if kept <= NAMED => format!(": {titles}"),
        (_, titles) => format!("; the last: {titles}"),
    };
    Text::line(format!("It would have kept {}{titles}.", tally.expected()))
}
