//! A dialogue begins, is asked for once more, or moves to another room.

use super::About;
use super::asks::Wizard;
use super::heard::take;
use super::kept::{ENDS_AFTER, forget, keep, open_at, place};
use super::told;
use super::turn::{around, asked, go_on, within_home};
use crate::command::{Grammar, Scene};
use crate::dialogue;
use crate::model::dialogue::Answers;
use crate::model::{Refusal, Text};
use crate::store::rows::DialogueRow;
use crate::store::tables;
use crate::tracker::Trouble;

/// Begins a dialogue, with these answers given already.
///
/// # Errors
/// When the store cannot be read.
pub fn open(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    about: About,
    given: &Answers,
    light: bool,
) -> Result<Text, Trouble> {
    let place = place(scene);
    if matches!(about, About::Sure(..)) && scene.asked {
        return Err(
            Refusal::new("You are in the middle of something else with me.")
                .hint("`cancel` ends that, `--yes` behind your command does it at once")
                .into(),
        );
    }
    let row = DialogueRow {
        id: scene.store.next_id()?,
        state: {
            let wizard = Wizard::new(grammar, scene, &about, &place);
            let around = around(&wizard);
            dialogue::begin(&wizard, &about.name(), given, &around)
        },
        before: None,
        home: scene.room().clone(),
        role: scene.role,
        who: scene.message.person.clone(),
        heard: scene.message.id.clone(),
        asked: Vec::new(),
        sampled: None,
        waits_for: String::new(),
        thread: scene.message.thread.clone(),
        direct: scene.message.direct,
        light: light || matches!(about, About::Sure(..)),
        reminded: false,
        ends: scene.now + ENDS_AFTER,
    };
    let text = match (&about, given) {
        (About::Track, []) if !light => Text::line("Let us set up a tracker: I ask, you answer."),
        _ => Text::new(),
    };
    scene.store.delete(&tables::SAMPLES, &place);
    let how = match about {
        About::Sure(..) | About::Instead(_) => Text::new(),
        About::Track | About::Edit | About::Filter | About::Room => {
            Text::new().hint(told::how(scene))
        }
    };
    let asked = go_on(grammar, scene, &place, row)?;
    Ok(match scene.errand.is_some() {
        true => text.join(asked),
        false => before_choices(text.join(asked), how),
    })
}

/// Puts something before the buttons at the end of a text.
fn before_choices(mut text: Text, more: Text) -> Text {
    let choices = match text.0.last() {
        Some(crate::model::text::Block::Choices(_)) => text.0.pop(),
        Some(_) | None => None,
    };
    let mut text = text.join(more);
    text.0.extend(choices);
    text
}

/// Asks once more what was asked before.
///
/// # Errors
/// When the store cannot be read.
pub fn again(grammar: &mut Grammar, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let place = place(scene);
    let Some(row) = open_at(scene, &place)? else {
        return open(grammar, scene, About::Track, &[], false);
    };
    let asked = within_home(grammar, scene, &row, |grammar, scene| {
        asked(grammar, scene, &place, &row, true)
    })??;
    keep(scene, &place, row)?;
    Ok(Text::line("We are in the middle of something:").join(asked))
}

/// Takes the answer of a button, which belongs to one question of one dialogue.
///
/// # Errors
/// When that question does not wait any more, or is somebody else's.
pub fn pressed(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    to: &str,
    answer: &str,
) -> Result<Text, Trouble> {
    let place = place(scene);
    let row = open_at(scene, &place)?;
    let waits = row.filter(|row| {
        let at = row.state.at.as_deref().unwrap_or_default();
        format!("{}.{at}", row.id) == to
    });
    let Some(row) = waits else {
        return Err(
            Refusal::new("That question does not wait for an answer of yours.")
                .hint("`wizard` begins, or asks again what I asked you last")
                .into(),
        );
    };
    take(grammar, scene, &place, row, answer)
}

/// Goes on here with what somebody began in another room of this platform.
///
/// # Errors
/// When there is nothing to go on with.
pub fn move_here(grammar: &mut Grammar, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let here = place(scene);
    let platform = &here.0.platform;
    let all = scene.store.scan(&tables::DIALOGUES, platform, usize::MAX)?;
    let mine = all
        .into_iter()
        .filter(|((room, person), _)| *person == here.1 && *room != here.0)
        .filter(|(_, row)| scene.now < row.ends);
    let Some((there, mut row)) = mine.max_by_key(|(_, row)| row.ends) else {
        return Err(Refusal::new("I am asking you nothing in another room.")
            .hint("`wizard` begins here")
            .into());
    };
    let sample = scene.store.get(&tables::SAMPLES, &there)?;
    forget(scene.store, &there)?;
    if let Some(sample) = sample {
        scene.store.put(&tables::SAMPLES, &here, &sample);
    }
    row.direct = scene.message.direct;
    row.thread = scene.message.thread.clone();
    let home = row.home.clone();
    let asked = go_on(grammar, scene, &here, row)?;
    Ok(Text::line(format!(
        "We go on here; what comes of it is done in `{home}`."
    ))
    .join(asked))
}
