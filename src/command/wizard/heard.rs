//! What somebody says in the middle of a dialogue: an answer, a word beside the answers, or a command like any other.

use chrono::{DateTime, TimeDelta, Utc};

use super::asks::{Place, Wizard};
use super::{About, line, sample, told, within};
use crate::command::{ALL, Grammar, Scene, halt, obey, words};
use crate::dialogue::{self, Around, Asks, Detour, Said, read};
use crate::model::dialogue::Answers;
use crate::model::{Job, PersonId, Refusal, Role, RoomId, Task, Text};
use crate::store::rows::DialogueRow;
use crate::store::{self, Store, agenda, tables};
use crate::tracker::Trouble;

/// When somebody is reminded of a question.
const REMINDS_AFTER: TimeDelta = TimeDelta::minutes(30);
/// When a dialogue ends by itself.
pub const ENDS_AFTER: TimeDelta = TimeDelta::days(1);

/// Where a dialogue of whoever speaks is kept.
pub fn place(scene: &Scene<'_>) -> Place {
    (scene.room().clone(), scene.message.person.id.clone())
}

/// Takes a line of somebody who is in the middle of a dialogue.
///
/// # Errors
/// Those of a command; an answer that is not understood is asked for again.
pub fn heard(grammar: &mut Grammar, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let place = place(scene);
    let Some(mut row) = scene.store.get(&tables::DIALOGUES, &place)? else {
        scene.asked = false;
        return obey(grammar, scene);
    };
    let typed = words::split(scene.line);
    let first = typed.words.first().map(|word| word.text.to_lowercase());
    let ends_me = halt::meant(scene.line).is_some();
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

fn around(wizard: &Wizard<'_, '_>) -> Around {
    wizard.scene(|scene| Around {
        reading: scene.reading(),
        private: scene.message.direct || scene.message.private,
    })
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

fn asked(
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
        About::Track | About::Edit | About::Filter => Text::new().hint(told::how(scene)),
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
    let Some(row) = scene.store.get(&tables::DIALOGUES, &place)? else {
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
    let row = scene.store.get(&tables::DIALOGUES, &place)?;
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
        .filter(|((room, person), _)| *person == here.1 && *room != here.0);
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

/// Takes an answer.
fn take(
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
                About::Track | About::Edit | About::Filter | About::Instead(_) => {
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

/// Asks the next question, once it is known what its source has.
fn go_on(
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

fn ask(
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
fn finish(
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
            scene.asked = false;
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
        Err(trouble) => Err(trouble),
    }
}

/// Shows something what belongs to the room in which a dialogue has its effect, which may be another one.
fn within_home<T>(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    row: &DialogueRow,
    run: impl FnOnce(&mut Grammar, &mut Scene<'_>) -> T,
) -> Result<T, Trouble> {
    if row.home == *scene.room() {
        return Ok(run(grammar, scene));
    }
    let role = crate::command::role::there(scene, &row.home)?;
    // Who could speak there when it was begun still can, as far as is known.
    let role = role.max(Role::Member);
    let message = crate::model::Message {
        room: row.home.clone(),
        ..scene.message.clone()
    };
    let line = scene.line;
    Ok(within(scene, (&message, role), line, |scene| {
        run(grammar, scene)
    }))
}

/// Writes a dialogue down, and when somebody is reminded of it.
fn keep(scene: &mut Scene<'_>, place: &Place, mut row: DialogueRow) -> Result<(), Trouble> {
    scene.asked = true;
    // Who asked in private is asked in private.
    scene.aside |= scene.message.private;
    row.ends = scene.now + ENDS_AFTER;
    plan(scene.store, place, scene.now + REMINDS_AFTER)?;
    scene.store.put(&tables::DIALOGUES, place, &row);
    Ok(())
}

/// Plans when a dialogue is looked after.
///
/// # Errors
/// When the store cannot be read.
pub fn plan(
    store: &mut Store,
    (room, person): &(RoomId, PersonId),
    due: DateTime<Utc>,
) -> Result<(), store::Error> {
    let task = Task::Remind(room.clone(), person.clone());
    let job = Job {
        key: task.key(),
        due,
        attempts: 0,
        task,
    };
    agenda::put(store, &job)
}

/// Forgets a dialogue.
///
/// # Errors
/// When the store cannot be read.
pub fn forget(store: &mut Store, place: &(RoomId, PersonId)) -> Result<(), store::Error> {
    store.delete(&tables::DIALOGUES, place);
    store.delete(&tables::SAMPLES, place);
    let task = Task::Remind(place.0.clone(), place.1.clone());
    agenda::remove(store, &task.key())
}
