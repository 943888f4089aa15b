//! What a dialogue says: its questions with their choices, their explanation, and what was answered.

use super::{Dialogue, Question};
use crate::model::dialogue::State;
use crate::model::text::{Block, Span, cut};
use crate::model::{FieldKind, Text};
use crate::when::{self, Reading};

/// A button: what stands on it, and the answer that it gives.
pub type Button = (String, String);

/// The longest answer that is repeated, in characters.
const ANSWER: usize = 200;
/// The most buttons of one question.
const BUTTONS: usize = 20;
/// The longest words on a button, in characters.
const ON_BUTTON: usize = 30;

/// A question as it is asked, and the buttons for it; `whole`: with all that can be chosen.
pub fn question(
    question: &Question,
    state: &State,
    reading: &Reading,
    whole: bool,
) -> (Text, Vec<Button>) {
    let field = &question.field;
    let label = field.label.trim_end_matches(['?', '.', ':']);
    let mut line = vec![Span::Bold(format!("{label}?"))];
    if let Some(help) = &field.help {
        line.push(Span::Words(format!(" {}.", help.trim_end_matches('.'))));
    }
    let present = state.answer(&field.name).or(field.value.as_deref());
    let present = present.map(|present| shown(question, present, reading));
    match (present, field.needed) {
        (Some(present), _) => {
            line.push(Span::Words(" ".into()));
            line.push(Span::Code("skip".into()));
            line.push(Span::Words(" leaves it at ".into()));
            line.push(Span::Code(present.replace('`', "'")));
            line.push(Span::Words(".".into()));
        }
        (None, false) => {
            line.push(Span::Words(" ".into()));
            line.push(Span::Code("skip".into()));
            line.push(Span::Words(" leaves it out.".into()));
        }
        (None, true) => {}
    }
    let mut text = Text::new().spans(line);
    let mut buttons: Vec<Button> = Vec::new();
    match &field.kind {
        FieldKind::One(all) | FieldKind::Many(all) => {
            for (n, one) in all.iter().enumerate() {
                if whole {
                    text.0.push(Block::Entry(vec![
                        Span::Code((n + 1).to_string()),
                        Span::Words(format!(" {}", one.label.replace('`', "'"))),
                    ]));
                }
                let label = one.label.split(':').next().unwrap_or_default();
                buttons.push((cut(label, ON_BUTTON), one.value.clone()));
            }
        }
        FieldKind::Tick => {
            buttons.extend(["Yes", "No"].map(|word| (word.into(), word.to_lowercase())))
        }
        FieldKind::Line
        | FieldKind::Long
        | FieldKind::Moment
        | FieldKind::Length
        | FieldKind::Schedule
        | FieldKind::Number { .. }
        | FieldKind::Secret
        | FieldKind::Room
        | FieldKind::Person
        | FieldKind::Link
        | FieldKind::Query => {}
    }
    buttons.truncate(BUTTONS);
    if !field.needed || field.value.is_some() {
        buttons.push(("Skip".into(), "skip".into()));
    }
    buttons.push(("Cancel".into(), "cancel".into()));
    (text, buttons)
}

/// What was answered so far, each with the number by which it is changed.
pub fn summary(dialogue: &Dialogue, state: &State, reading: &Reading) -> Text {
    let mut text = Text::new();
    for (n, question) in dialogue.repeated().enumerate() {
        let field = &question.field;
        let answer = match state.passed.contains(&field.name) {
            true => answered(question, state, reading),
            false => continue,
        };
        text.0.push(Block::Entry(vec![
            Span::Code((n + 1).to_string()),
            Span::Words(format!(" {}: {answer}", field.label)),
        ]));
    }
    text
}

/// What was answered to a question, as it is shown.
pub fn answered(question: &Question, state: &State, reading: &Reading) -> String {
    let field = &question.field;
    let given = state.answers.iter().find(|(name, _)| *name == field.name);
    match (given, &field.value) {
        (Some((_, answer)), _) if !answer.trim().is_empty() => shown(question, answer, reading),
        (None, Some(usual)) => shown(question, usual, reading),
        (Some(_), _) if field.kind == FieldKind::Tick => "no".into(),
        (Some(_), _) | (None, None) => "–".into(),
    }
}

/// An answer as people say it.
pub fn shown(question: &Question, answer: &str, reading: &Reading) -> String {
    let shown = match &question.field.kind {
        FieldKind::Secret => "•••".into(),
        FieldKind::Tick => match answer {
            "true" => "yes".into(),
            _ => "no".into(),
        },
        FieldKind::Moment => match answer.parse::<chrono::DateTime<chrono::Utc>>() {
            Ok(at) => when::say(at, reading),
            Err(_) => answer.into(),
        },
        FieldKind::Many(_) => answer.replace(',', ", "),
        FieldKind::One(_)
        | FieldKind::Line
        | FieldKind::Long
        | FieldKind::Length
        | FieldKind::Schedule
        | FieldKind::Number { .. }
        | FieldKind::Room
        | FieldKind::Person
        | FieldKind::Link
        | FieldKind::Query => answer.to_string(),
    };
    cut(&shown, ANSWER)
}
