//! What is asked instead of only being refused: what a command lacks, or what a slip of the hand was to be.

use super::{About, begun, line, none_to_choose, told};
use crate::command::form::SOURCE;
use crate::command::{ALL, CommandKind, Grammar, Scene, change, words};
use crate::dialogue::{self, Detour};
use crate::model::dialogue::{Unfinished, answer};
use crate::model::{Refusal, Text};
use crate::registry;
use crate::store::tables;
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
    let said = scene.line.trim();
    let answers = Detour::of(said).is_some() || dialogue::is_yes(said) || dialogue::is_no(said);
    if answers && scene.kind.is_none() && !scene.asked {
        return Err(nothing_asked(scene)?.into());
    }
    if refusal.about.as_deref() == Some("tracker")
        && words::split(said).words.len() == 1
        && let Some(none) = scene
            .kind
            .and_then(|kind| none_to_choose(scene, line::looks(kind)))
    {
        return Err(none.into());
    }
    let asks = match (scene.unfinished)() {
        Unfinished::Always => true,
        Unfinished::Direct => scene.message.direct || scene.message.private,
        Unfinished::Never => false,
    };
    let begins = asks.then(|| begins(scene, &refusal)).flatten();
    let Some((about, given)) = begins else {
        return Err(refusal.into());
    };
    let asked = begun::open(grammar, scene, about, &given, ("", true))?;
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
    if let Some((wrong, near)) = refusal.slip.as_deref() {
        let word = typed.words.iter().find(|word| word.text == *wrong)?;
        let (before, behind) = (&typed.text[..word.span.start], &typed.text[word.span.end..]);
        let lines = near.iter().map(|near| format!("{before}{near}{behind}"));
        return Some((About::Instead(lines.collect()), Vec::new()));
    }
    let lacks = refusal.about.as_deref();
    if first == "track" && typed.words.len() == 1 {
        return Some((About::Track, Vec::new()));
    }
    let kind = ALL.iter().find(|kind| kind.name == first)?;
    if typed.words.len() == 1 && matches!(lacks, Some("tracker" | "trackers")) {
        if none_to_choose(scene, line::looks(&first)).is_some() {
            return None;
        }
        if first == "edit" {
            return Some((About::Edit, Vec::new()));
        }
        if is_all(kind) {
            return trackers(scene, &first);
        }
    }
    // What must be there, and is not.
    let known = line::said(scene.line);
    let about = lacks?;
    let needed = registry::with_declared(kind, |declared| {
        let part = answer(&known, SOURCE).and_then(|part| declared.find_subcommand(part));
        let mut args = part.unwrap_or(declared).get_arguments();
        args.any(|arg| {
            let name = registry::name_of(arg);
            arg.is_required_set() && answer(&known, &name).is_none() && about == name
        })
    });
    needed.then_some((About::Lacks(first), known))
}

/// Whether a tracker is all that a command must be told.
fn is_all(kind: &CommandKind) -> bool {
    registry::with_declared(kind, |declared| {
        let needed = declared.get_arguments().filter(|arg| arg.is_required_set());
        needed.count() <= 1
    })
}

/// The same command for each of the trackers, where they are few.
fn trackers(scene: &Scene<'_>, command: &str) -> Option<(About, Vec<(String, String)>)> {
    let looks = line::looks(command);
    let all = scene.trackers.of_room(scene.room());
    let own = all.filter(|tracker| looks || change::own(scene, tracker.name.as_str()).is_ok());
    let lines: Vec<String> = own
        .take(OFFERED + 1)
        .map(|tracker| format!("{command} {}", tracker.name))
        .collect();
    let few = (1..=OFFERED).contains(&lines.len());
    few.then_some((About::Instead(lines), Vec::new()))
}

/// What is said of an answer that nobody waits for; `of`: whoever is asked something here.
fn nothing_asked(scene: &Scene<'_>) -> Result<Refusal, Trouble> {
    let me = &scene.message.person.id;
    let all = scene
        .store
        .scan(&tables::DIALOGUES, scene.room(), OFFERED)?;
    let mut others = all
        .iter()
        .filter(|((_, person), row)| person != me && scene.now < row.ends);
    let refusal = Refusal::new("I am not asking you anything at present.");
    Ok(match others.next() {
        Some((_, row)) => {
            let name = crate::model::text::cut(&row.who.name.replace('`', "'"), 40);
            refusal.hint(format!(
                "what I asked last is for {name}; `wizard` begins questions of your own"
            ))
        }
        None => refusal.hint("`commands` lists what there is, `help` shows how to begin"),
    })
}
