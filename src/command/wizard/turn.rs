//! One turn of a dialogue: what waits is asked, or what was answered is done.

use super::About;
use super::asks::Tried;
use super::asks::{Place, Wizard};
use super::kept::{end, forget, keep};
use super::questions::{GO_ON, LINE};
use super::rare::MORE;
use super::{sample, told, within};
use crate::command::{Grammar, Scene, obey, role};
use crate::dialogue::{Around, Asks};
use crate::model::{Refusal, Text};
use crate::store::rows::DialogueRow;
use crate::store::tables;
use crate::tracker::Trouble;

pub(super) fn around(wizard: &Wizard<'_, '_>) -> Around {
    wizard.scene(|scene| Around {
        reading: scene.reading(),
        private: scene.message.direct || scene.message.private,
    })
}

pub(super) fn asked(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    row: &DialogueRow,
    whole: bool,
) -> Result<Text, Trouble> {
    match About::named(&row.state.name) {
        Some(about) => told::asked(&Wizard::new(grammar, scene, &about, place), row, whole),
        None => Ok(Text::new()),
    }
}

/// Asks the next question, once it is known what its source has.
pub(super) fn go_on(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    mut row: DialogueRow,
) -> Result<Text, Trouble> {
    if let Some(text) = ends_idle(grammar, scene, place, &row)? {
        return Ok(text);
    }
    let about = About::named(&row.state.name);
    if about == Some(About::Track) && row.state.at.is_some() && sample::look(scene, &mut row)? {
        scene.store.delete(&tables::SAMPLES, place);
        keep(scene, place, row)?;
        return Ok(Text::line("One moment: I look at what is there."));
    }
    ask_on(grammar, scene, place, row, Text::new())
}

/// Ends a dialogue in which all is answered and nothing is to be changed.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn ends_idle(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    row: &DialogueRow,
) -> Result<Option<Text>, Trouble> {
    let about = About::named(&row.state.name);
    let Some(about) = about.filter(|_| row.state.at.is_none()) else {
        return Ok(None);
    };
    let Some(text) = idle(grammar, scene, place, row, &about)? else {
        return Ok(None);
    };
    let under = end(scene, place, row)?;
    go_back(grammar, scene, place, under, text).map(Some)
}

/// What is said where all would stay as it is: there is nothing to be done, and nobody is asked whether to do it.
fn idle(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    row: &DialogueRow,
    about: &About,
) -> Result<Option<Text>, Trouble> {
    if !matches!(about, About::Edit | About::Filter | About::Room) {
        return Ok(None);
    }
    let tried = within_home(grammar, scene, row, |grammar, scene| {
        let wizard = Wizard::new(grammar, scene, about, place);
        // Without a flag it only shows how the room is set.
        match wizard.line(&row.state.answers).as_deref() {
            Some("room") => {
                let refusal = Refusal::new("That leaves this room as it is.").idle();
                Ok(Some(Tried::Refused(refusal)))
            }
            Some(_) | None => wizard.tried(&row.state.answers),
        }
    })??;
    Ok(match tried {
        Some(Tried::Refused(refusal)) if refusal.idle => Some(unchanged(&refusal)),
        Some(_) | None => None,
    })
}

fn unchanged(refusal: &Refusal) -> Text {
    Text::line(format!("{} Nothing was changed.", refusal.what))
}

/// What was interrupted is asked again, behind what is said of that which interrupted it.
pub(super) fn go_back(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    under: Option<Box<DialogueRow>>,
    text: Text,
) -> Result<Text, Trouble> {
    let now = scene.store.get(&tables::DIALOGUES, place)?;
    scene.asked = now.is_some();
    match (under, now) {
        (None, _) => Ok(text),
        // That asks once more.
        (Some(under), Some(mut row)) => {
            row.under = Some(under);
            scene.store.put(&tables::DIALOGUES, place, &row);
            Ok(text)
        }
        (Some(under), None) if scene.work.is_some() || scene.errand.is_some() => {
            keep(scene, place, *under)?;
            Ok(text)
        }
        (Some(under), None) => {
            let text = text.without_choices();
            ask(grammar, scene, place, *under, text, false)
        }
    }
}

/// Asks the question that waits, behind this text.
///
/// # Errors
/// When the store cannot be read.
pub fn ask_on(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    row: DialogueRow,
    text: Text,
) -> Result<Text, Trouble> {
    ask(grammar, scene, place, row, text, true)
}

pub(super) fn ask(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    mut row: DialogueRow,
    text: Text,
    whole: bool,
) -> Result<Text, Trouble> {
    // What is asked depends on what is kept of it.
    scene.store.put(&tables::DIALOGUES, place, &row);
    let Some(about) = About::named(&row.state.name) else {
        return Ok(text);
    };
    let (asked, waits_for) = within_home(grammar, scene, &row, |grammar, scene| {
        let wizard = Wizard::new(grammar, scene, &about, place);
        let asked = told::asked(&wizard, &row, whole);
        (asked, told::waits_for(&wizard, &row.state))
    })?;
    row.waits_for = waits_for;
    keep(scene, place, row)?;
    Ok(text.join(asked?))
}

/// Does what was answered.
pub(super) fn finish(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    mut row: DialogueRow,
    about: &About,
) -> Result<Text, Trouble> {
    if let About::Other(line) = about {
        return go_on_or_begin(grammar, scene, place, &row, line);
    }
    if let Err(refusal) = is_known_there(scene, &row) {
        return ask(grammar, scene, place, row, told::told(&refusal), false);
    }
    let answers = row.state.whole();
    let mark = scene.store.mark();
    let under = end(scene, place, &row)?;
    let outcome = within_home(grammar, scene, &row, |grammar, scene| {
        let line = {
            let wizard = Wizard::new(grammar, scene, about, place);
            wizard.in_words(&answers).unwrap_or_default()
        };
        scene.trackers.begin();
        let (message, role) = (scene.message, scene.role);
        within(scene, (message, role), &line, |scene| obey(grammar, scene))
    })?;
    match outcome {
        // It may have asked once more.
        Ok(text) => go_back(grammar, scene, place, under, text),
        Err(Trouble::Refusal(refusal)) => {
            scene.store.rewind(mark);
            scene.trackers.rewind(scene.store)?;
            if refusal.idle {
                let under = end(scene, place, &row)?;
                return go_back(grammar, scene, place, under, unchanged(&refusal));
            }
            let dialogue = within_home(grammar, scene, &row, |grammar, scene| {
                Wizard::new(grammar, scene, about, place).dialogue(&answers)
            })?;
            let about = refusal.about.as_deref();
            let wished = row.state.answer(MORE).unwrap_or_default();
            let at = about.and_then(|about| match dialogue.question(about) {
                Some(question) => Some(question),
                None if wished.split(',').any(|one| one == about) => dialogue.question(MORE),
                None => None,
            });
            // There is nothing to be answered otherwise.
            if dialogue.questions.is_empty() || !dialogue.confirms && at.is_none() {
                let under = end(scene, place, &row)?;
                return go_back(grammar, scene, place, under, told::told(&refusal));
            }
            if let Some(at) = at {
                let name = &at.field.name;
                row.state.at = Some(name.clone());
                row.state.passed.remove(name);
                if !dialogue.confirms {
                    // It is not left as it was.
                    row.state.answers.retain(|(known, _)| known != name);
                    row.state.secrets.retain(|(known, _)| known != name);
                }
            }
            ask(grammar, scene, place, row, told::told(&refusal), false)
        }
        // They wanted no more than to know.
        Err(Trouble::DryRun(text)) => {
            scene.store.rewind(mark);
            scene.trackers.rewind(scene.store)?;
            let under = end(scene, place, &row)?;
            go_back(grammar, scene, place, under, text)
        }
        Err(trouble @ Trouble::Store(_)) => Err(trouble),
    }
}

/// What waited goes on, or is given up for what was typed.
fn go_on_or_begin(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    row: &DialogueRow,
    line: &str,
) -> Result<Text, Trouble> {
    let under = end(scene, place, row)?;
    if row.state.answer(LINE) == Some(GO_ON) {
        return match under {
            Some(under) => ask(grammar, scene, place, *under, Text::new(), true),
            None => Ok(Text::new()),
        };
    }
    forget(scene.store, place)?;
    scene.trackers.begin();
    let (message, role) = (scene.message, scene.role);
    let (text, asked) = within(scene, (message, role), line, |scene| {
        (obey(grammar, scene), scene.asked)
    });
    scene.asked = asked;
    text
}

/// Whether it is known what whoever asks may do in the room in which a dialogue has its effect.
///
/// # Errors
/// When they have not been seen there of late: they may have lost what they were.
pub(super) fn is_known_there(scene: &Scene<'_>, row: &DialogueRow) -> Result<(), Refusal> {
    let elsewhere = row.home != *scene.room();
    let granted = || role::there(scene, &row.home).is_ok_and(|role| role >= row.role);
    if !elsewhere || role::of_late(scene, &row.home).is_some() || granted() {
        return Ok(());
    }
    let home = row.home.room.replace('`', "'");
    Err(Refusal::new(format!(
        "I have not heard from you in `{home}` of late, and so do not know what you may do there."
    ))
    .hint("say something there, and then answer here once more"))
}

/// Shows something what belongs to the room in which a dialogue has its effect, which may be another one.
pub(super) fn within_home<T>(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    row: &DialogueRow,
    run: impl FnOnce(&mut Grammar, &mut Scene<'_>) -> T,
) -> Result<T, Trouble> {
    if row.home == *scene.room() {
        return Ok(run(grammar, scene));
    }
    // Nobody becomes more by going on elsewhere.
    let role = match role::of_late(scene, &row.home) {
        Some(_) => role::there(scene, &row.home)?.min(row.role),
        // So it is asked on; nothing is done before more is known.
        None => row.role,
    };
    let message = crate::model::Message {
        room: row.home.clone(),
        ..scene.message.clone()
    };
    let line = scene.line;
    Ok(within(scene, (&message, role), line, |scene| {
        run(grammar, scene)
    }))
}
