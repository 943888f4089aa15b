//! What a dialogue says: the question that waits, or all that was answered and what comes of it.

use super::About;
use super::asks::{Tried, Wizard};
use super::kept;
use super::sample;
use crate::command::{Scene, words};
use crate::dialogue::{self, Asks, Button, Dialogue};
use crate::model::dialogue::State;
use crate::model::text::{Block, Choice, Span};
use crate::model::{FieldKind, Refusal, Text};
use crate::store::rows::DialogueRow;
use crate::tracker::Trouble;
use crate::when::Reading;

/// From so many answers on that were not understood, it is said how to get out.
const MANY: u32 = 3;
/// At so many, all that can be chosen is said once more.
pub const LOST: u32 = 5;
/// How much is repeated of what stood behind an answer, in characters.
const REST: usize = 80;

/// The question that waits, or all at the end; `whole`: with all that can be chosen or was answered.
///
/// # Errors
/// When the store cannot be read.
pub fn asked(wizard: &Wizard<'_, '_>, row: &DialogueRow, whole: bool) -> Result<Text, Trouble> {
    let state = &row.state;
    let dialogue = wizard.dialogue(&state.answers);
    let reading = wizard.scene(|scene| scene.reading());
    let at = state.at.as_deref().and_then(|at| dialogue.question(at));
    let Some(question) = at else {
        return match whole {
            true => at_the_end(wizard, row, &dialogue, &reading),
            false => Ok(with_yes(Text::line("Shall I do it?"), row)),
        };
    };
    let (mut text, mut buttons) = dialogue::question(question, state, &reading, whole);
    let name = &question.field.name;
    let is_first = dialogue.questions.first() == Some(question);
    let has = question.field.value.is_some() || state.answer(name).is_some();
    let skips = !question.field.needed || has;
    buttons.extend((!is_first).then(|| Button::says("Back", "back")));
    buttons.extend(skips.then(|| Button::says("Skip", "skip")));
    buttons.push(Button::says("Cancel", "cancel"));
    if !whole {
        return Ok(with_buttons(text, row, name, buttons));
    }
    if sample::is_about_keeping(name) {
        text = sample::kept(wizard, &state.answers)?.join(text);
    }
    if sample::is_about_looks(name) {
        let offered = match &question.field.kind {
            FieldKind::One(all) => all.iter().map(|one| one.value.as_str()).collect(),
            _ => Vec::new(),
        };
        text = beside(text, sample::previews(wizard, &state.answers, &offered));
    }
    Ok(with_buttons(text, row, name, buttons))
}

/// Puts previews behind the choices they belong to.
fn beside(text: Text, previews: Vec<Option<Text>>) -> Text {
    let mut previews = previews.into_iter();
    let mut all = Vec::new();
    for block in text.0 {
        let is_choice = matches!(block, Block::Entry(_));
        all.push(block);
        if is_choice && let Some(Some(preview)) = previews.next() {
            // A card is shown where it is wanted, not here.
            all.extend(preview.flat().0);
        }
    }
    Text(all)
}

/// All that was answered, what comes of it, and how it could have been typed.
fn at_the_end(
    wizard: &Wizard<'_, '_>,
    row: &DialogueRow,
    dialogue: &Dialogue,
    reading: &Reading,
) -> Result<Text, Trouble> {
    let state = &row.state;
    if let About::Sure(_, what) = wizard.about {
        let text = Text::line(format!("{what} Answer `yes` or `no`."));
        return Ok(with_yes(text, row));
    }
    if let About::Instead(lines) = wizard.about {
        let line = lines.first().map_or("", String::as_str).replace('`', "'");
        let text = Text::line(format!("Did you mean `{line}`? Answer `yes` or `no`."));
        return Ok(with_yes(text, row));
    }
    let mut text =
        Text::line("That is all I need to know:").join(dialogue::summary(dialogue, state, reading));
    match wizard.tried(&state.answers)? {
        Some(Tried::Fine(said)) => text = text.join(sentence(said)),
        Some(Tried::Refused(refusal)) => text = text.join(told(&refusal)),
        None => {}
    }
    if let Some(line) = wizard.in_words(&state.answers) {
        text.0.push(Block::Line(vec![
            Span::Words("You could have typed: ".into()),
            Span::Code(line.replace('`', "'")),
        ]));
    }
    let text = text
        .hint("`yes` does it, the number of an answer changes that one, `cancel` ends all of it");
    Ok(with_yes(text, row))
}

/// What a dry run says.
fn sentence(said: Text) -> Text {
    let is_more = |block: &Block| matches!(block, Block::Hint(_) | Block::Choices(_));
    Text(said.0.into_iter().filter(|block| !is_more(block)).collect())
}

/// Why something is not done, in a line or two.
pub fn told(refusal: &Refusal) -> Text {
    refusal.clone().into()
}

/// What was wrong with an answer, before the question is asked again; `first`: no question comes before it.
pub fn wrong(refusal: &Refusal, state: &State, first: bool) -> Text {
    let mut refusal = refusal.clone();
    if state.wrong >= MANY {
        let hint = refusal.hint.take().unwrap_or_default();
        let ways = [
            ("`?`", "`?` explains the question", true),
            ("`back`", "`back` goes to the one before", !first),
            ("`cancel`", "`cancel` ends all of it", true),
        ];
        // It may say as much already.
        let out: Vec<&str> = ways
            .into_iter()
            .filter(|(word, _, there)| *there && !hint.contains(word))
            .map(|(_, says, _)| says)
            .collect();
        let between = match (hint.as_str(), out.is_empty()) {
            ("", _) | (_, true) => "",
            (hint, _) if hint.ends_with('?') => " ",
            _ => "; ",
        };
        refusal.hint = Some(format!("{hint}{between}{}", out.join(", ")));
    }
    let text: Text = refusal.into();
    match state.rest.trim() {
        "" => text,
        rest => text.and(format!(
            "What stood behind it comes after it: `{}`.",
            crate::model::text::cut(&rest.replace(['`', '\n'], " "), REST)
        )),
    }
}

/// The explanation of the question that waits.
pub fn explained(wizard: &Wizard<'_, '_>, row: &DialogueRow) -> Text {
    let dialogue = wizard.dialogue(&row.state.answers);
    let at = row.state.at.as_deref().and_then(|at| dialogue.question(at));
    let mut text = match at {
        None => Text::line(
            "`yes` does what is said above. The number of an answer changes that answer.",
        ),
        Some(question) => {
            let field = &question.field;
            let how = match &field.kind {
                FieldKind::One(_) => "Answer with the number or the first word of one of these.",
                FieldKind::Many(_) => {
                    "Answer with numbers or words, with commas between them: `1, 3`."
                }
                FieldKind::Tick => "Answer with `yes` or `no`.",
                FieldKind::Moment => "Answer with a time: `tomorrow at 9`, `1 December 18:00`.",
                FieldKind::Length => "Answer with a length of time: `2 hours`.",
                FieldKind::Schedule => {
                    "Answer with how often, or at what times: `every 5 minutes`, `on weekdays at 17:30`."
                }
                FieldKind::Number { .. } => "Answer with a number.",
                FieldKind::Secret => {
                    "Nobody else reads what you answer, and I write it into no log."
                }
                FieldKind::Room => "Answer with the name of a room.",
                FieldKind::Person => "Answer with a person's name.",
                FieldKind::Link => "Answer with an address on the web.",
                FieldKind::Query => {
                    "Answer with the words that must be there; `-word` must not be there, `a or b` is one of two, `\"two words\"` a phrase."
                }
                FieldKind::Line => "Answer with a few words in one line.",
                FieldKind::Long => "Answer in your own words, in as many lines as you like.",
            };
            let help = field
                .help
                .as_deref()
                .map(|help| format!("{}. ", help.trim_end_matches('.')));
            let mut text = Text::line(format!("{}{how}", help.unwrap_or_default()));
            if let Some(example) = &question.example {
                text.0.push(Block::Line(vec![
                    Span::Words("For instance: ".into()),
                    Span::Code(example.clone()),
                ]));
            }
            match &question.page {
                Some(page) => text.and(format!("`man {page}` says more.")),
                None => text,
            }
        }
    };
    let whole = at.is_some_and(|at| matches!(at.field.kind, FieldKind::Secret | FieldKind::Long));
    if whole {
        return text.and(
            "All that you say is the answer, but for `back`, `skip`, `summary` and `cancel` alone.",
        );
    }
    text = text.and(
        "Several answers stand in one line with `;` between them. Commands work as always, and I ask again behind them.",
    );
    text.and("`back` goes to the question before, `skip` leaves this one, `none` answers that nothing is wanted, `summary` shows what I know, `cancel` ends all of it.")
}

/// How to answer, where somebody is asked for the first time; `closed`: with one of a few answers.
pub fn how(scene: &Scene<'_>, closed: bool) -> String {
    let alone = scene.message.direct || scene.message.private;
    let name = &scene.bot.name;
    let answer = match (alone, closed) {
        (true, true) => "answer with a number or a word".to_string(),
        (true, false) => "just type your answer".into(),
        // In a room only what is one of the answers is taken without being addressed.
        (false, true) if kept::is_plain(scene) => {
            format!("answer with a number or a word, with `@{name} 1`, or by replying to this")
        }
        (false, true) => format!("answer with `@{name} 1`, or by replying to this"),
        (false, false) => format!("begin your answer with `@{name}`, or reply to this"),
    };
    format!("{answer}; `?` explains the question, `cancel` ends all of it")
}

/// Whether the question that waits has a few answers only.
pub fn is_closed(wizard: &Wizard<'_, '_>, state: &State) -> bool {
    let dialogue = wizard.dialogue(&state.answers);
    let at = state.at.as_deref().and_then(|at| dialogue.question(at));
    at.is_none_or(|at| dialogue::read::is_closed(&at.field.kind))
}

/// What a reminder calls the question that waits.
pub fn waits_for(wizard: &Wizard<'_, '_>, state: &State) -> String {
    let dialogue = wizard.dialogue(&state.answers);
    let at = state.at.as_deref().and_then(|at| dialogue.question(at));
    match at {
        Some(question) => format!("{}?", question.field.label.trim_end_matches('?')),
        None => "Shall I do it?".into(),
    }
}

fn with_yes(text: Text, row: &DialogueRow) -> Text {
    let buttons = [Button::says("Yes", "yes"), Button::says("Cancel", "cancel")];
    with_buttons(text, row, "", buttons.into())
}

fn with_buttons(mut text: Text, row: &DialogueRow, name: &str, buttons: Vec<Button>) -> Text {
    let to = words::quoted(&format!("{}.{name}", row.id));
    let choices = buttons.into_iter().map(|button| match button {
        Button::Says(label, answer) => {
            let answer = words::quoted(&answer);
            Choice::button(label, format!("wizard --to {to} {answer}"))
        }
        Button::Picks(field) => Choice {
            picks: Some(Box::new(field.clone())),
            ..Choice::button(field.label, format!("wizard --to {to}"))
        },
        Button::Types => Choice::button("Answer…", format!("wizard --form {to}")),
    });
    text.0.push(Block::Choices(choices.collect()));
    text
}

/// The same with a button for a form that asks all of it at once.
pub fn with_form(mut text: Text, row: &DialogueRow, about: &About) -> Text {
    let asks = match about {
        About::Track | About::Edit | About::Filter | About::Room | About::Lacks(_) => true,
        About::Sure(..) | About::Instead(_) | About::Other(_) => false,
    };
    if let (Some(Block::Choices(choices)), true) = (text.0.last_mut(), asks) {
        choices.push(Choice::button(
            "Fill in a form",
            format!("wizard --form {}", row.id),
        ));
    }
    text
}
