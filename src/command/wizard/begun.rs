//! A dialogue begins, is asked for once more, or moves to another room.

use super::About;
use super::asks::Wizard;
use super::heard::{Given, take};
use super::kept::{ENDS_AFTER, forget, keep, open_at, place};
use super::turn::{around, asked, go_on, within_home};
use super::{line, told};
use crate::command::{Grammar, Scene, words};
use crate::dialogue;
use crate::model::dialogue::Answers;
use crate::model::{Refusal, Text};
use crate::store::rows::DialogueRow;
use crate::store::tables;
use crate::tracker::Trouble;

/// Begins a dialogue, with these answers given already; `rest` answers what is asked then, `light`: nobody asked for it.
///
/// # Errors
/// When the store cannot be read.
pub fn open(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    about: About,
    given: &Answers,
    (rest, light): (&str, bool),
) -> Result<Text, Trouble> {
    let place = place(scene);
    let before = open_at(scene, &place)?.filter(|_| scene.asked);
    if before.as_ref().is_some_and(|before| before.under.is_some()) {
        return Err(
            Refusal::new("You are in the middle of something else with me.")
                .hint("`cancel` ends that, `--yes` behind your command does it at once")
                .into(),
        );
    }
    // What begins by itself interrupts what somebody began.
    let by_itself = light || matches!(about, About::Sure(..));
    let under = before
        .filter(|before| by_itself && !before.light)
        .map(Box::new);
    let (begun, rest) = {
        let wizard = Wizard::new(grammar, scene, &about, &place);
        let around = around(&wizard);
        let mut begun = dialogue::begin(&wizard, &about.name(), given, &around);
        let rest = match begun.wrong {
            // It comes behind what is to be mended.
            Some(_) => {
                dialogue::keep_rest(&wizard, &mut begun.state, rest.to_string());
                ""
            }
            None => rest,
        };
        (begun, rest)
    };
    let row = DialogueRow {
        id: scene.store.next_id()?,
        state: begun.state,
        before: None,
        home: scene.room().clone(),
        role: scene.role,
        who: scene.message.person.clone(),
        heard: scene.message.id.clone(),
        asked: Vec::new(),
        sampled: None,
        waits_for: String::new(),
        thread: scene.message.thread.clone(),
        own_thread: false,
        direct: scene.message.direct,
        light: by_itself,
        reminded: false,
        repeated: false,
        under,
        ends: scene.now + ENDS_AFTER,
    };
    let text = match (&about, given, &begun.wrong) {
        (_, _, Some(wrong)) => told::wrong(wrong, &row.state, true),
        (About::Track, [], None) if !light => {
            Text::line("Let us set up a tracker: I ask, you answer.")
        }
        _ => Text::new(),
    };
    if row.under.is_none() {
        scene.store.delete(&tables::SAMPLES, &place);
    }
    if !rest.is_empty() {
        return take(grammar, scene, &place, row, Given::Typed(rest));
    }
    let how = match about {
        About::Sure(..) | About::Instead(_) | About::Other(_) => Text::new(),
        About::Track | About::Edit | About::Filter | About::Room | About::Lacks(_) => {
            let closed = told::is_closed(&Wizard::new(grammar, scene, &about, &place), &row.state);
            Text::new().hint(told::how(scene, closed))
        }
    };
    let begun = row.clone();
    let asked = go_on(grammar, scene, &place, row)?;
    Ok(match scene.errand.is_some() || !scene.asked {
        true => text.join(asked),
        false => {
            let asked = told::with_form(text.join(asked), &begun, &about);
            before_choices(asked, how)
        }
    })
}

/// Asks whether what was typed is to be begun in the place of what waits.
pub(super) fn other(grammar: &mut Grammar, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let typed = words::split(scene.line);
    let of: Vec<&str> = typed
        .words
        .iter()
        .skip(1)
        .map(|word| word.text.as_str())
        .collect();
    line::check_flags(&of)?;
    let about = About::Other(scene.line.to_string());
    open(grammar, scene, about, &[], ("", true))
}

/// Says the question that waits once more, after a restart; nothing where none does.
///
/// # Errors
/// When the store cannot be read.
pub fn repeated(grammar: &mut Grammar, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let place = place(scene);
    let Some(row) = open_at(scene, &place)? else {
        return Ok(Text::new());
    };
    let asked = within_home(grammar, scene, &row, |grammar, scene| {
        asked(grammar, scene, &place, &row, true)
    })??;
    Ok(Text::line("We were in the middle of something:").join(asked))
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
        return open(grammar, scene, About::Track, &[], ("", false));
    };
    let asked = within_home(grammar, scene, &row, |grammar, scene| {
        asked(grammar, scene, &place, &row, true)
    })??;
    let about = About::named(&row.state.name);
    let asked = match about {
        Some(about) => told::with_form(asked, &row, &about),
        None => asked,
    };
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
    let (id, name) = to.split_once('.').unwrap_or((to, ""));
    match row.filter(|row| row.id.to_string() == id) {
        Some(row) if row.state.at.as_deref().unwrap_or_default() == name => {
            take(grammar, scene, &place, row, Given::Chosen(answer))
        }
        Some(_) => Err(Refusal::new("That question is answered already.")
            .hint("`wizard` asks again what I wait for now")
            .into()),
        None => Err(not_yours(scene, id)?.into()),
    }
}

/// Why somebody cannot answer in the dialogue of this number.
///
/// # Errors
/// When the store cannot be read.
pub fn not_yours(scene: &Scene<'_>, id: &str) -> Result<Refusal, Trouble> {
    let platform = &scene.room().platform;
    let all = scene.store.scan(&tables::DIALOGUES, platform, usize::MAX)?;
    let mut open = all.into_iter().filter(|(_, row)| scene.now < row.ends);
    Ok(match open.find(|(_, row)| row.id.to_string() == id) {
        Some(((_, person), row)) if person != scene.message.person.id => {
            let name = row.who.name.replace('`', "'");
            Refusal::new(format!("That question is for {name}, not for you."))
                .hint("`wizard` begins something of your own")
        }
        Some(_) => {
            Refusal::new("We have gone on elsewhere.").hint("`wizard continue` goes on here")
        }
        None => Refusal::new("That is over; nobody is asked about it any more.")
            .hint("`wizard` begins anew"),
    })
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
    row.own_thread = false;
    let home = row.home.clone();
    let asked = go_on(grammar, scene, &here, row)?;
    Ok(Text::line(format!(
        "We go on here; what comes of it is done in `{home}`."
    ))
    .join(asked))
}
