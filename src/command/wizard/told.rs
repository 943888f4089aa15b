//! What a dialogue says: the question that waits, or all that was answered and what comes of it.

use super::About;
use super::asks::{Tried, Wizard};
use super::sample;
use crate::command::{Scene, words};
use crate::dialogue::{self, Asks, Button, Dialogue};
use crate::model::dialogue::State;
use crate::model::text::{Block, Span};
use crate::model::{FieldKind, Refusal, Text};
use crate::store::rows::DialogueRow;
use crate::tracker::Trouble;
use crate::when::Reading;

/// From so many answers on that were not understood, it is said how to get out.
const MANY: u32 = 3;

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
    let (mut text, buttons) = dialogue::question(question, state, &reading, whole);
    let name = &question.field.name;
    if !whole {
        return Ok(with_buttons(text, row, name, buttons));
    }
    if sample::is_about_keeping(name) {
        text = sample::kept(wizard, &state.answers)?.join(text);
    }
    if sample::is_about_looks(name) {
        text = beside(text, sample::previews(wizard, &state.answers));
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
            all.extend(preview.0.into_iter().map(|block| match block {
                Block::OneBox(url) => Block::Line(vec![Span::Url(url)]),
                block @ (Block::Line(_)
                | Block::Hint(_)
                | Block::Entry(_)
                | Block::Pre(_)
                | Block::Choices(_)) => block,
            }));
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

/// What was wrong with an answer, before the question is asked again.
pub fn wrong(refusal: &Refusal, state: &State) -> Text {
    let mut refusal = refusal.clone();
    if state.wrong >= MANY {
        let hint = refusal.hint.take();
        let out =
            "`?` explains the question, `back` goes to the one before, `cancel` ends all of it";
        refusal.hint = Some(match hint {
            // It says as much already.
            Some(hint) if hint.contains("`?`") => {
                format!("{hint}, `back` goes to the one before, `cancel` ends all of it")
            }
            Some(hint) if hint.ends_with('?') => format!("{hint} {out}"),
            Some(hint) => format!("{hint}; {out}"),
            None => out.into(),
        });
    }
    refusal.into()
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
                FieldKind::Line | FieldKind::Long => "Answer in your own words.",
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
    text = text.and(
        "Several answers stand in one line with `;` between them. Commands work as always, and I ask again behind them.",
    );
    text.and("`back` goes to the question before, `skip` leaves this one, `none` answers that nothing is wanted, `summary` shows what I know, `cancel` ends all of it.")
}

/// How somebody answers here.
pub fn how(scene: &Scene<'_>) -> String {
    let message = scene.message;
    match message.direct || message.private {
        true => {
            "answer with a number or a word; `?` explains the question, `cancel` ends all of it"
                .into()
        }
        false => format!(
            "answer with `@{} 1`, or by replying to this; `?` explains the question, `cancel` ends all of it",
            scene.bot.name
        ),
    }
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
    let buttons = [("Yes", "yes"), ("Cancel", "cancel")];
    let buttons = buttons.map(|(label, answer)| (label.into(), answer.into()));
    with_buttons(text, row, "", buttons.into())
}

fn with_buttons(text: Text, row: &DialogueRow, name: &str, buttons: Vec<Button>) -> Text {
    let to = words::quoted(&format!("{}.{name}", row.id));
    text.choices(buttons.into_iter().map(|(label, answer)| {
        let answer = words::quoted(&answer);
        (label, format!("wizard --to {to} {answer}"))
    }))
}
