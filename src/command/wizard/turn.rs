//! One turn of a dialogue: what waits is asked, or what was answered is done.

use super::About;
use super::asks::{Place, Wizard};
use super::kept::{forget, keep};
use super::{sample, told, within};
use crate::command::{Grammar, Scene, obey, role};
use crate::dialogue::{Around, Asks};
use crate::model::{Role, Text};
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
    let about = About::named(&row.state.name);
    if about == Some(About::Track) && row.state.at.is_some() && sample::look(scene, &mut row)? {
        scene.store.delete(&tables::SAMPLES, place);
        keep(scene, place, row)?;
        return Ok(Text::line("One moment: I look at what is there."));
    }
    ask_on(grammar, scene, place, row, Text::new())
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
    let answers = row.state.answers.clone();
    let mark = scene.store.mark();
    forget(scene.store, place)?;
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
        Ok(text) => {
            // It may have asked once more.
            scene.asked = scene.store.get(&tables::DIALOGUES, place)?.is_some();
            Ok(text)
        }
        Err(Trouble::Refusal(refusal)) => {
            scene.store.rewind(mark);
            scene.trackers.rewind(scene.store)?;
            let dialogue = within_home(grammar, scene, &row, |grammar, scene| {
                Wizard::new(grammar, scene, about, place).dialogue(&answers)
            })?;
            let about = refusal.about.as_deref();
            let at = about.and_then(|about| dialogue.question(about));
            if dialogue.questions.is_empty() || !dialogue.confirms {
                // There is nothing to be answered otherwise.
                forget(scene.store, place)?;
                scene.asked = false;
                return Ok(told::told(&refusal));
            }
            if let Some(at) = at {
                row.state.at = Some(at.field.name.clone());
                row.state.passed.remove(&at.field.name);
            }
            ask(grammar, scene, place, row, told::told(&refusal), false)
        }
        // They wanted no more than to know.
        Err(Trouble::DryRun(text)) => {
            scene.store.rewind(mark);
            scene.trackers.rewind(scene.store)?;
            forget(scene.store, place)?;
            scene.asked = false;
            Ok(text)
        }
        Err(trouble @ Trouble::Store(_)) => Err(trouble),
    }
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
    let role = role::there(scene, &row.home)?;
    let role = match role::of_late(scene, &row.home) {
        Some(_) => role,
        // Who could speak there when it was begun still can, as far as is known.
        None => role.max(Role::Member),
    };
    // Nobody becomes more by going on elsewhere.
    let role = role.min(row.role);
    let message = crate::model::Message {
        room: row.home.clone(),
        ..scene.message.clone()
    };
    let line = scene.line;
    Ok(within(scene, (&message, role), line, |scene| {
        run(grammar, scene)
    }))
}
