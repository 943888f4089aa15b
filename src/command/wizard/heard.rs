//! What somebody says in the middle of a dialogue: an answer, a word beside the answers, or a command like any other.

use super::asks::{Place, Wizard};
use super::instead::instead;
use super::kept::{end, forget, keep, open_at, place};
use super::questions::TRACKER;
use super::turn::{around, ask, asked, ends_idle, finish, go_back, go_on, within_home};
use super::{About, begun, line, none_to_choose, sample, told};
use crate::command::{ALL, Grammar, Scene, Settled, halt, obey, words};
use crate::dialogue::{self, Asks, Detour, Said, read};
use crate::model::text::cut;
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
    if halt::unmistakable(scene.line).is_some() {
        return obey(grammar, scene);
    }
    if matches!(first.as_deref(), Some("wizard" | "setup")) {
        let second = typed.words.get(1).map(|word| word.text.as_str());
        let again = second.is_none_or(|word| {
            word == "continue" || word.starts_with("--to") || word.starts_with("--form")
        });
        return match (again, row.light) {
            (true, _) => obey(grammar, scene),
            (false, true) if row.under.is_some() => elsewhere(grammar, scene, &place, &row),
            (false, true) => obey(grammar, scene),
            (false, false) => begun::other(grammar, scene),
        };
    }
    if scene.corrects && row.heard == scene.message.id {
        row.state = row.before.take().unwrap_or(row.state);
    }
    if is_command(grammar, scene, &place, &row)? {
        if row.light {
            return elsewhere(grammar, scene, &place, &row);
        }
        return beside(grammar, scene, &place, row);
    }
    if row.light && !is_answer(grammar, scene, &place, &row)? {
        if dialogue::is_no(scene.line) {
            let text = Text::line("Then I leave it as it is.");
            let under = end(scene, &place, &row)?;
            return go_back(grammar, scene, &place, under, text);
        }
        return elsewhere(grammar, scene, &place, &row);
    }
    let line = scene.line.to_string();
    take(grammar, scene, &place, row, Given::Typed(&line))
}

/// An answer as it was given.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    /// It may be several, one behind the other.
    Typed(&'a str),
    /// It is one, whatever stands in it.
    Chosen(&'a str),
}

/// Whether a line that was said to nobody can only be an answer to the question that waits.
///
/// # Errors
/// When the store cannot be read.
pub fn fits(grammar: &mut Grammar, scene: &mut Scene<'_>) -> Result<bool, Trouble> {
    let place = place(scene);
    let Some(row) = open_at(scene, &place)? else {
        return Ok(false);
    };
    let Some(about) = About::named(&row.state.name) else {
        return Ok(false);
    };
    let said = scene.line;
    within_home(grammar, scene, &row, |grammar, scene| {
        let wizard = Wizard::new(grammar, scene, &about, &place);
        let dialogue = wizard.dialogue(&row.state.answers);
        let at = row.state.at.as_deref();
        match at.map(|at| dialogue.question(at)) {
            // Its questions are others since it was kept.
            Some(None) => false,
            question => dialogue::fits(question.flatten(), said),
        }
    })
}

/// Somebody says something else instead of answering a question that nobody asked for.
fn elsewhere(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    row: &DialogueRow,
) -> Result<Text, Trouble> {
    match end(scene, place, row)? {
        Some(under) => {
            keep(scene, place, *under)?;
            heard(grammar, scene)
        }
        None => crate::command::answer(grammar, scene),
    }
}

/// Whether what was said is a command, and cannot be an answer: a whole one, or one that lacks something.
fn is_command(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    row: &DialogueRow,
) -> Result<bool, Trouble> {
    let said = scene.line.trim();
    let typed = words::split(said);
    let first = typed.words.first().filter(|word| !word.quoted);
    let named = first.and_then(|word| {
        let mut all = ALL.iter();
        all.find(|kind| kind.name.eq_ignore_ascii_case(&word.text))
    });
    let Some(kind) = named.filter(|_| typed.unclosed.is_none() && Detour::of(said).is_none())
    else {
        return Ok(false);
    };
    let Some(about) = About::named(&row.state.name) else {
        return Ok(true);
    };
    let answers = &row.state.answers;
    let (closed, fits) = within_home(grammar, scene, row, |grammar, scene| {
        let wizard = Wizard::new(grammar, scene, &about, place);
        let around = around(&wizard);
        let dialogue = wizard.dialogue(answers);
        let at = row.state.at.as_deref().and_then(|at| dialogue.question(at));
        let closed = at.is_none_or(|at| read::is_closed(&at.field.kind));
        let (piece, _) = dialogue::pieces::first(said);
        // `track questions` is more than the word in it.
        let bare = piece.split_whitespace().count() == 1;
        let fits = at.is_some_and(|at| {
            read::names_a_choice(at, piece) || bare && read::read(at, piece, &around).is_ok()
        });
        (closed, fits)
    })?;
    // Out of a few answers it can only be one of them.
    if closed && fits {
        return Ok(false);
    }
    // Among a few answers, what begins with a command is none of them.
    let bare = typed.words.len() <= 2 && line::lacks(grammar, kind, said);
    Ok(closed || bare || line::read(grammar, said).is_some())
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
    mut row: DialogueRow,
) -> Result<Text, Trouble> {
    let mark = scene.store.mark();
    scene.trackers.begin();
    let text = match obey(grammar, scene) {
        Err(Trouble::Refusal(refusal)) => {
            scene.store.rewind(mark);
            scene.trackers.rewind(scene.store)?;
            (scene.work, scene.errand, scene.aside) = (None, None, false);
            let hint = refusal.hint.clone();
            let hint = hint.map_or(String::new(), |hint| format!("{hint}; "));
            let hint = format!("{hint}if that was your answer, put it between quotes");
            // What it lacks is asked for, and then what waits now.
            match instead(grammar, scene, refusal.hint(hint)) {
                Err(Trouble::Refusal(refusal)) => told::told(&refusal),
                asked => return asked,
            }
        }
        outcome => outcome?,
    };
    let waits = scene.work.is_some() || scene.errand.is_some();
    let same = scene.store.get(&tables::DIALOGUES, place)?;
    if waits || same.is_none_or(|same| same.id != row.id) {
        return Ok(text);
    }
    // It may have taken away what was talked about.
    let before = row.state.clone();
    let about = About::named(&row.state.name);
    let gone = within_home(grammar, scene, &row.clone(), |grammar, scene| {
        if let Some(about) = &about {
            dialogue::resume(&Wizard::new(grammar, scene, about, place), &mut row.state);
        }
        none_to_choose(scene, false).is_some()
    })?;
    let chosen = |state: &crate::model::dialogue::State| state.answer(TRACKER).map(String::from);
    let text = text.without_choices();
    match chosen(&before).filter(|_| chosen(&row.state).is_none() || gone) {
        Some(tracker) => {
            let text = text.and(format!("`{tracker}` is not there any more."));
            if gone {
                let under = end(scene, place, &row)?;
                return go_back(grammar, scene, place, under, text);
            }
            ask(grammar, scene, place, row, text, true)
        }
        None if before != row.state => ask(grammar, scene, place, row, text, true),
        None => {
            let asked = within_home(grammar, scene, &row, |grammar, scene| {
                asked(grammar, scene, place, &row, false)
            })??;
            Ok(text.join(asked))
        }
    }
}

/// The longest answer that is shown in the place of its buttons, in characters.
const ANSWER: usize = 100;

/// Takes an answer.
pub(super) fn take(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    place: &Place,
    mut row: DialogueRow,
    given: Given<'_>,
) -> Result<Text, Trouble> {
    let Some(about) = About::named(&row.state.name) else {
        end(scene, place, &row)?;
        return Err(Refusal::new("I do not know any more what I asked you.")
            .hint("`wizard` begins anew")
            .into());
    };
    let before = row.state.clone();
    row.reminded = false;
    row.before = Some(before.clone());
    row.heard = scene.message.id.clone();
    let thread = scene.message.thread.clone();
    let asked = thread
        .as_ref()
        .is_some_and(|thread| row.asked.contains(thread));
    row.own_thread = asked || row.own_thread && row.thread == thread;
    row.thread = thread;
    // What could not be read is looked at again where it is named again.
    let names = row.state.at.is_some() && row.state.at == sample::first(&row.state.answers);
    let (Given::Typed(answer) | Given::Chosen(answer)) = given;
    let skips = Detour::of(answer) == Some(Detour::Skip);
    if names && !skips {
        row.sampled = None;
    }
    let (said, answered) = within_home(grammar, scene, &row.clone(), |grammar, scene| {
        let wizard = Wizard::new(grammar, scene, &about, place);
        let around = around(&wizard);
        let (said, line) = match given {
            Given::Typed(line) => (dialogue::step(&wizard, &mut row.state, line, &around), line),
            Given::Chosen(one) => {
                let said = dialogue::answered_with(&wizard, &mut row.state, one, &around);
                (said, one)
            }
        };
        let dialogue = wizard.dialogue(&row.state.answers);
        let at = before.at.as_deref().and_then(|at| dialogue.question(at));
        let at = at.filter(|at| row.state.passed.contains(&at.field.name));
        let answered = match (&said, at) {
            (Said::Cancelled, _) => "cancelled".into(),
            (_, Some(at)) => dialogue::answered(at, &row.state, &around.reading),
            (_, None) => cut(line.trim(), ANSWER),
        };
        (said, answered)
    })?;
    if matches!(said, Said::Asks | Said::Done | Said::Cancelled) {
        let messages = std::mem::take(&mut row.asked);
        scene.settled = Some(Settled { messages, answered });
    }
    if matches!(said, Said::Wrong(_) | Said::Explains | Said::Sums)
        && let Some(text) = ends_idle(grammar, scene, place, &row)?
    {
        return Ok(text);
    }
    let whole = matches!(said, Said::Explains)
        || row.state.at.is_none() && said == Said::Sums
        // Who does not find it reads it once more.
        || row.state.wrong == told::LOST;
    let text = match said {
        Said::Asks => {
            row.light = false;
            return go_on(grammar, scene, place, row);
        }
        Said::Done => return finish(grammar, scene, place, row, &about),
        Said::Cancelled => {
            scene.aside |= scene.message.private;
            let text = match about {
                About::Sure(..) => Text::line("Then I leave it as it is."),
                About::Track
                | About::Edit
                | About::Filter
                | About::Room
                | About::Instead(_)
                | About::Lacks(_)
                | About::Other(_) => Text::line("Cancelled; nothing was changed."),
            };
            let under = end(scene, place, &row)?;
            return go_back(grammar, scene, place, under, text);
        }
        Said::Wrong(refusal) => {
            let first = within_home(grammar, scene, &row, |grammar, scene| {
                let wizard = Wizard::new(grammar, scene, &about, place);
                let dialogue = wizard.dialogue(&row.state.answers);
                let first = dialogue.questions.first();
                first.is_some_and(|first| Some(&first.field.name) == row.state.at.as_ref())
            })?;
            told::wrong(&refusal, &row.state, first)
        }
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
