//! What is asked instead of only being refused: what a command lacks, or what a slip of the hand was to be.

use super::{About, begun, line, told};
use crate::command::form::SOURCE;
use crate::command::{Grammar, Scene, change, words};
use crate::model::dialogue::{Unfinished, answer};
use crate::model::{Refusal, Text};
use crate::registry;
use crate::source;
use crate::tracker::Trouble;

/// The most trackers that are offered.
const OFFERED: usize = 20;

/// A refusal, or a question in its place.
///
/// # Errors
/// With the refusal where nothing is asked.
pub fn instead(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    refusal: Refusal,
) -> Result<Text, Trouble> {
    let asks = match (scene.unfinished)() {
        Unfinished::Always => true,
        Unfinished::Direct => scene.message.direct || scene.message.private,
        Unfinished::Never => false,
    };
    let begins = asks.then(|| begins(scene, &refusal)).flatten();
    let Some((about, given)) = begins else {
        return Err(refusal.into());
    };
    let asked = begun::open(grammar, scene, about, &given, true)?;
    let what = Refusal {
        hint: None,
        ..refusal
    };
    Ok(told::told(&what).join(asked))
}

/// What is asked, with what is known already.
fn begins(scene: &Scene<'_>, refusal: &Refusal) -> Option<(About, Vec<(String, String)>)> {
    let typed = words::split(scene.line);
    let first = typed.words.first()?.text.to_lowercase();
    if let Some((wrong, near)) = &refusal.slip {
        let word = typed.words.iter().find(|word| word.text == *wrong)?;
        let (before, behind) = (&typed.text[..word.span.start], &typed.text[word.span.end..]);
        let lines = near.iter().map(|near| format!("{before}{near}{behind}"));
        return Some((About::Instead(lines.collect()), Vec::new()));
    }
    let lacks = refusal.about.as_deref();
    if first == "track" {
        if typed.words.len() == 1 {
            return Some((About::Track, Vec::new()));
        }
        let known = line::said(scene.line);
        let kind = answer(&known, SOURCE)?;
        let kind = source::ALL.iter().find(|known| known.name == kind)?;
        let needed = registry::with_declared(kind, |declared| {
            declared.get_arguments().any(|arg| {
                let name = registry::name_of(arg);
                arg.is_required_set()
                    && answer(&known, &name).is_none()
                    && lacks == Some(name.as_str())
            })
        });
        return needed.then_some((About::Track, known));
    }
    if !matches!(lacks, Some("tracker" | "trackers")) || typed.words.len() > 1 {
        return None;
    }
    if first == "edit" {
        return Some((About::Edit, Vec::new()));
    }
    let looks = ["show", "test", "why", "export"].contains(&first.as_str());
    let all = scene.trackers.of_room(scene.room());
    let own = all.filter(|tracker| looks || change::own(scene, tracker.name.as_str()).is_ok());
    let lines: Vec<String> = own
        .take(OFFERED + 1)
        .map(|tracker| format!("{first} {}", tracker.name))
        .collect();
    let few = (1..=OFFERED).contains(&lines.len());
    few.then_some((About::Instead(lines), Vec::new()))
}
