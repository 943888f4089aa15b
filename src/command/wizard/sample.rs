//! What a source has at present, so that somebody sees what they would get before it is begun.

use super::asks::Place;
use super::questions::{self, TRACKER};
use super::{About, kept, turn};
use crate::command::form::SOURCE;
use crate::command::{Grammar, Scene};
use crate::model::dialogue::{Answers, answer};
use crate::model::{Errand, Item, Part, Text};
use crate::registry;
use crate::source::{self, Look, LookError};
use crate::store::rows::DialogueRow;
use crate::store::{items, tables};
use crate::tracker::{THERE, Trouble};

/// The most bytes of an item's body in it.
const BODY: usize = 8 << 10;
/// How many of them are named.
const NAMED: usize = 3;
/// The longest title, in characters.
const TITLE: usize = 60;

/// The items that are known of the source that is talked about, the newest last.
///
/// # Errors
/// When the store cannot be read.
pub fn known(
    scene: &Scene<'_>,
    about: &About,
    place: &Place,
    answers: &Answers,
) -> Result<Vec<Item>, Trouble> {
    let source = match about {
        About::Track => {
            let Some(key) = part(answers).and_then(|part| key(scene, part)) else {
                return Ok(Vec::new());
            };
            let row = scene.store.get(&tables::DIALOGUES, place)?;
            if row.is_some_and(|row| row.sampled.as_ref() == Some(&key)) {
                let sample = scene.store.get(&tables::SAMPLES, place)?;
                if let Some(sample) = sample.filter(|sample| !sample.is_empty()) {
                    return Ok(sample);
                }
            }
            scene.store.get(&tables::SOURCE_KEYS, &key)?
        }
        About::Edit | About::Filter => {
            let name = answer(answers, TRACKER).unwrap_or_default();
            let tracker = scene.trackers.named(scene.room(), name);
            tracker.ok().map(|tracker| tracker.source)
        }
        About::Room | About::Sure(..) | About::Instead(_) | About::Lacks(_) | About::Other(_) => {
            None
        }
    };
    Ok(match source {
        Some(source) => items::last(&*scene.store, source, THERE)?,
        None => Vec::new(),
    })
}

/// The source that was answered, if that is complete.
pub fn part(answers: &Answers) -> Option<Part> {
    let chosen = answer(answers, SOURCE)?;
    let kind = source::ALL.iter().find(|kind| kind.name == chosen)?;
    let args = registry::with_declared(kind, |declared| {
        let mut args = crate::model::Args::new();
        for arg in declared.get_arguments() {
            let name = registry::name_of(arg);
            match answer(answers, &name) {
                Some(given) => {
                    args.insert(name, vec![given.into()]);
                }
                None if arg.is_required_set() => return None,
                None => {}
            }
        }
        Some(args)
    })?;
    let kind = kind.name.into();
    Some(Part { kind, args })
}

/// The question that says first what is watched.
pub fn first(answers: &Answers) -> Option<String> {
    let chosen = answer(answers, SOURCE)?;
    let kind = source::ALL.iter().find(|kind| kind.name == chosen)?;
    registry::with_declared(kind, |declared| {
        let needed = declared.get_arguments().find(|arg| arg.is_required_set());
        needed.map(registry::name_of)
    })
}

/// What tells a source from others.
fn key(scene: &Scene<'_>, part: Part) -> Option<String> {
    let poll = source::build(&part).ok()?;
    let part = poll.settled(part, scene.trackers.shared()).ok()?;
    Some(source::build(&part).ok()?.key())
}

/// Has a look made at a source of which nothing is known yet, once; gives whether it is.
///
/// # Errors
/// When the store cannot be read.
pub fn look(scene: &mut Scene<'_>, row: &mut DialogueRow) -> Result<bool, Trouble> {
    let Some(part) = part(&row.state.answers) else {
        return Ok(false);
    };
    let Some(key) = key(scene, part.clone()) else {
        return Ok(false);
    };
    if row.sampled.as_ref() == Some(&key) || scene.store.get(&tables::SOURCE_KEYS, &key)?.is_some()
    {
        return Ok(false);
    }
    row.sampled = Some(key);
    scene.errand = Some(Errand::Sample(row.id, part));
    Ok(true)
}

/// A look for a dialogue came back: says what is there, and asks on.
///
/// # Errors
/// When the store cannot be read.
pub fn sampled(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    id: u64,
    outcome: Result<Look, LookError>,
) -> Result<Text, Trouble> {
    let place = kept::place(scene);
    let row = scene.store.get(&tables::DIALOGUES, &place)?;
    let Some(mut row) = row.filter(|row| row.id == id) else {
        // It is over.
        return Ok(Text::new());
    };
    let before = match outcome {
        Ok(look) => {
            let title = look.title.unwrap_or_default().replace('`', "'");
            let mut items = look.items.unwrap_or_default();
            let all = items.len();
            items.truncate(THERE);
            items.reverse();
            for item in &mut items {
                let end = item.body.floor_char_boundary(BODY);
                item.body.truncate(end);
            }
            let text = there(&title, all, &items);
            scene.store.put(&tables::SAMPLES, &place, &items);
            // Whether it is what was wanted can be asked now.
            if let Some(about) = About::named(&row.state.name) {
                turn::within_home(grammar, scene, &row.clone(), |grammar, scene| {
                    let wizard = super::asks::Wizard::new(grammar, scene, &about, &place);
                    crate::dialogue::settle(&wizard, &mut row.state);
                })?;
            }
            match look.note {
                Some(note) => text.and(note.replace('`', "'")),
                None => text,
            }
        }
        Err(error) => {
            // Who mistyped it types it again; `skip` goes on all the same.
            let first = first(&row.state.answers);
            let typed = first.as_deref().and_then(|first| row.state.answer(first));
            let bare = typed
                .is_some_and(|typed| first.as_deref() == Some("url") && !typed.contains("://"));
            let text = Text::line(format!(
                "I cannot read that at present: {}.",
                error.what.replace('`', "'")
            ));
            let hope = match error.gone {
                true => "",
                false => "; `skip` goes on with it, and I keep trying",
            };
            let text = match bare {
                true => text.hint(format!(
                    "I asked with `https://`: where there is none, write `http://` before it{hope}"
                )),
                false => text.hint(format!("name it again, or something else{hope}")),
            };
            if let Some(first) = first {
                row.state.passed.remove(&first);
                row.state.at = Some(first);
            }
            text
        }
    };
    turn::ask_on(grammar, scene, &place, row, before)
}

/// How many items are there, and the newest of them, in a line.
fn there(title: &str, all: usize, items: &[Item]) -> Text {
    let called = match title {
        "" => "There".into(),
        title => format!("“{title}”"),
    };
    let newest: Vec<String> = items
        .iter()
        .rev()
        .take(NAMED)
        .map(|item| format!("“{}”", item.called(TITLE).replace('`', "'")))
        .collect();
    Text::line(match (all, called.as_str()) {
        (0, "There") => "Nothing is there at present.".into(),
        (0, called) => format!("{called} has nothing at present."),
        (1, "There") => format!("There is 1 item at present: {}.", newest.join(", ")),
        (1, called) => format!("{called} has 1 item at present: {}.", newest.join(", ")),
        (many, "There") => format!(
            "There are {many} items at present; the newest: {}.",
            newest.join(", ")
        ),
        (many, called) => format!(
            "{called} has {many} items at present; the newest: {}.",
            newest.join(", ")
        ),
    })
}

/// What would have been kept of it, in a line; empty where nothing can be said.
pub fn kept(wizard: &super::asks::Wizard<'_, '_>, answers: &Answers) -> Result<Text, Trouble> {
    let items = wizard.items(answers);
    let Some(trial) = wizard.trial(answers)?.filter(|_| !items.is_empty()) else {
        return Ok(Text::new());
    };
    let now = wizard.scene(|scene| scene.now);
    let tally = trial.tally_of(&items, now);
    Ok(crate::command::cost::expected(&trial, &tally))
}

/// What each printer makes of the newest item, beside the choices of a question; those that look like one before are
/// not shown.
pub fn previews(
    wizard: &super::asks::Wizard<'_, '_>,
    answers: &Answers,
    choices: &[&str],
) -> Vec<Option<Text>> {
    let items = wizard.items(answers);
    // One that would be told, if there is any.
    let now = wizard.scene(|scene| scene.now);
    let trial = wizard.trial(answers).ok().flatten();
    let kept = trial.and_then(|trial| trial.tally_of(&items, now).last.pop());
    let Some(item) = kept.as_ref().or(items.last()) else {
        return Vec::new();
    };
    let name = answer(answers, "name").or(answer(answers, TRACKER));
    let name = name.and_then(|name| name.parse().ok());
    let name = name.or_else(|| {
        let part = part(answers)?;
        format!("{}-1", source::build(&part).ok()?.short())
            .parse()
            .ok()
    });
    let Some(name) = name else {
        return Vec::new();
    };
    let mut seen: Vec<String> = Vec::new();
    let offered = crate::printer::ALL
        .iter()
        .filter(|kind| choices.contains(&kind.name));
    let all = offered.map(|kind| {
        let texts = (kind.build)().print(&name, std::slice::from_ref(item));
        let text = texts.into_iter().fold(Text::new(), Text::join);
        let plain = text.plain();
        let new = !plain.is_empty() && !seen.contains(&plain);
        seen.push(plain);
        new.then_some(text)
    });
    all.collect()
}

/// Whether a question is about how something looks.
pub fn is_about_looks(name: &str) -> bool {
    name == "as"
}

/// Whether a question is about what would be kept.
pub fn is_about_keeping(name: &str) -> bool {
    name == questions::FITS
}
