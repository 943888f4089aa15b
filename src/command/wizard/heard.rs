//! What somebody says in the middle of a dialogue: an answer, a word beside the answers, or a command like any other.

use super::asks::{Place, Wizard};
use super::kept::{forget, open_at, place};
use super::turn::{around, ask, asked, finish, go_on, within_home};
use super::{About, line, told};
use crate::command::{ALL, Grammar, Scene, halt, obey, words};
use crate::dialogue::{self, Asks, Detour, Said, read};
use crate::model::{Refusal, Text};
use crate::store::rows::DialogueRow;
use crate::store::tables;
use crate::tracker::Trouble;

/// Takes a line of somebody who is in the middle of a dialogue.
///
/// # Errors
/// Those of a command; an answer that is not understood is asked for again.
pub fn heard(grammar: &mut Grammar, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let place = place(scene);
    let Some(mut row) = open_at(scene, &place)? else {
        forget(scene.store, &place)?;
        scene.asked = false;
        return crate::command::answer(grammar, scene);
    };
    let typed = words::split(scene.line);
    let first = typed.words.first().map(|word| word.text.to_lowercase());
    let ends_me = halt::unmistakable(scene.line).is_some();
    if ends_me || matches!(first.as_deref(), Some("wizard" | "setup")) {
        return obey(grammar, scene);
    }
    if scene.corrects && row.heard == scene.message.id {
        row.state = row.before.take().unwrap_or(row.state);
    }
    if is_command(grammar, scene, &place, &row)? {
        if row.light {
            forget(scene.store, &place)?;
            scene.asked = false;
            return obey(grammar, scene);
        }
        return beside(grammar, scene, &place, row);
    }
    if row.light && !is_answer(grammar, scene, &place, &row)? {
        forget(scene.store, &place)?;
        scene.asked = false;
        return match dialogue::is_no(scene.line) {
            true => Ok(Text::line("Then I leave it as it is.")),
            false => crate::command::answer(grammar, scene),
        };
    }
    let line = scene.line.to_string();
    take(grammar, scene, &place, row, &line)
}

/// Whether what was said is a whole command, and cannot be an answer.
fn is_command(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    row: &DialogueRow,
) -> Result<bool, Trouble> {
    let said = scene.line.trim();
    let typed = words::split(said);
    let first = typed.words.first();
    let is_named = first.is_some_and(|word| {
        !word.quoted
            && ALL
                .iter()
                .any(|kind| kind.name.eq_ignore_ascii_case(&word.text))
    });
    if !is_named || typed.unclosed.is_some() || Detour::of(said).is_some() {
        return Ok(false);
    }
    let Some(about) = About::named(&row.state.name) else {
        return Ok(true);
    };
    let answers = &row.state.answers;
    let at = within_home(grammar, scene, row, |grammar, scene| {
        let wizard = Wizard::new(grammar, scene, &about, place);
        let around = around(&wizard);
        let dialogue = wizard.dialogue(answers);
        let at = row.state.at.as_deref().and_then(|at| dialogue.question(at));
        // Out of a few answers it can only be one of them.
        at.is_some_and(|at| {
            read::is_closed(&at.field.kind) && read::read(at, said, &around).is_ok()
        })
    })?;
    Ok(!at && line::read(grammar, said).is_some())
}

/// Whether what was said has anything to do with a question that nobody asked for: a slip is not asked about for long.
fn is_answer(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    row: &DialogueRow,
) -> Result<bool, Trouble> {
    let said = scene.line;
    match About::named(&row.state.name) {
        Some(about @ About::Instead(_)) if Detour::of(said).is_none() => {
            within_home(grammar, scene, row, |grammar, scene| {
                let wizard = Wizard::new(grammar, scene, &about, place);
                let around = around(&wizard);
                let dialogue = wizard.dialogue(&row.state.answers);
                match dialogue.questions.first() {
                    Some(question) => read::read(question, said, &around).is_ok(),
                    None => dialogue::is_yes(said),
                }
            })
        }
        Some(_) | None => Ok(true),
    }
}

/// Does a command in the middle of a dialogue, and asks again.
fn beside(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    row: DialogueRow,
) -> Result<Text, Trouble> {
    let text = match obey(grammar, scene) {
        Err(Trouble::Refusal(refusal)) => {
            let hint = refusal.hint.clone();
            let hint = hint.map_or(String::new(), |hint| format!("{hint}; "));
            let hint = format!("{hint}if that was your answer, put it between quotes");
            return Err(refusal.hint(hint).into());
        }
        outcome => outcome?,
    };
    let waits = scene.work.is_some() || scene.errand.is_some();
    let same = scene.store.get(&tables::DIALOGUES, place)?;
    if waits || same.is_none_or(|same| same.id != row.id) {
        return Ok(text);
    }
    let asked = within_home(grammar, scene, &row, |grammar, scene| {
        asked(grammar, scene, place, &row, false)
    })??;
    Ok(text.without_choices().join(asked))
}

/// Takes an answer.
pub(super) fn take(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    mut row: DialogueRow,
    said: &str,
) -> Result<Text, Trouble> {
    let Some(about) = About::named(&row.state.name) else {
        forget(scene.store, place)?;
        scene.asked = false;
        return Err(Refusal::new("I do not know any more what I asked you.")
            .hint("`wizard` begins anew")
            .into());
    };
    let before = row.state.clone();
    row.reminded = false;
    row.before = Some(before);
    row.heard = scene.message.id.clone();
    row.asked.clear();
    let said = within_home(grammar, scene, &row.clone(), |grammar, scene| {
        let wizard = Wizard::new(grammar, scene, &about, place);
        let around = around(&wizard);
        dialogue::step(&wizard, &mut row.state, said, &around)
    })?;
    let whole = matches!(said, Said::Explains) || row.state.at.is_none() && said == Said::Sums;
    let text = match said {
        Said::Asks => {
            row.light = false;
            return go_on(grammar, scene, place, row);
        }
        Said::Done => return finish(grammar, scene, place, row, &about),
        Said::Cancelled => {
            forget(scene.store, place)?;
            scene.asked = false;
            return Ok(match about {
                About::Sure(..) => Text::line("Then I leave it as it is."),
                About::Track | About::Edit | About::Filter | About::Room | About::Instead(_) => {
                    Text::line("Cancelled; nothing was changed.")
                }
            });
        }
        Said::Wrong(refusal) => told::wrong(&refusal, &row.state),
        Said::Explains => within_home(grammar, scene, &row, |grammar, scene| {
            told::explained(&Wizard::new(grammar, scene, &about, place), &row)
        })?,
        Said::Sums => {
            let (dialogue, reading) = within_home(grammar, scene, &row, |grammar, scene| {
                let wizard = Wizard::new(grammar, scene, &about, place);
                let reading = around(&wizard).reading;
                (wizard.dialogue(&row.state.answers), reading)
            })?;
            match row.state.at {
                Some(_) => Text::line("So far I know:")
                    .join(dialogue::summary(&dialogue, &row.state, &reading)),
                // It stands below.
                None => Text::new(),
            }
        }
    };
    ask(grammar, scene, place, row, text, whole)
}
