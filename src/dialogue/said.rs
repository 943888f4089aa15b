//! What a dialogue says: its questions with their choices, their explanation, and what was answered.

use super::{Dialogue, Question};
use crate::model::dialogue::State;
use crate::model::text::{Block, Span, cut};
use crate::model::{Field, FieldKind, Text};
use crate::when::{self, Reading};

/// What a platform with buttons has below a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Button {
    /// What stands on it, and the answer that it gives.
    Says(String, String),
    /// The answer is picked from what the platform has for this kind.
    Picks(Field),
    /// The answer is typed on a form.
    Types,
}

impl Button {
    /// One that gives an answer.
    pub fn says(label: impl Into<String>, answer: impl Into<String>) -> Button {
        Button::Says(label.into(), answer.into())
    }
}

/// The longest answer that is repeated, in characters.
const ANSWER: usize = 200;
/// The most choices that have a button each; of more than these one is picked.
const BUTTONS: usize = 5;
/// The longest words on a button, in characters.
const ON_BUTTON: usize = 30;

/// A question as it is asked, and what answers it where there are buttons; `whole`: with all that can be chosen.
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
    if let (FieldKind::One(all) | FieldKind::Many(all), true) = (&field.kind, whole) {
        for (n, one) in all.iter().enumerate() {
            text.0.push(Block::Entry(vec![
                Span::Code((n + 1).to_string()),
                Span::Words(format!(" {}", one.label.replace('`', "'"))),
            ]));
        }
    }
    match &field.kind {
        FieldKind::One(all) if all.len() <= BUTTONS => buttons.extend(all.iter().map(|one| {
            let label = one.label.split(':').next().unwrap_or_default();
            Button::says(cut(label, ON_BUTTON), one.value.clone())
        })),
        FieldKind::One(_)
        | FieldKind::Many(_)
        | FieldKind::Moment
        | FieldKind::Room
        | FieldKind::Person => buttons.push(Button::Picks(Field {
            value: state
                .answer(&field.name)
                .map(String::from)
                .or_else(|| field.value.clone()),
            ..field.clone()
        })),
        FieldKind::Tick => {
            buttons.extend(["Yes", "No"].map(|word| Button::says(word, word.to_lowercase())))
        }
        FieldKind::Line
        | FieldKind::Long
        | FieldKind::Length
        | FieldKind::Schedule
        | FieldKind::Number { .. }
        | FieldKind::Secret
        | FieldKind::Link
        | FieldKind::Query => buttons.push(Button::Types),
    }
    (text, buttons)
}

/// What was answered so far, each with the number by which it is changed.
pub fn summary(dialogue: &Dialogue, state: &State, reading: &Reading) -> Text {
    let mut text = Text::new();
    for (n, question) in dialogue.repeated().enumerate() {
        let field = &question.field;
        let is_known = state.passed.contains(&field.name) || state.answer(&field.name).is_some();
        let answer = match (is_known, &field.value) {
            (true, _) => answered(question, state, reading),
            (false, Some(usual)) => format!(
                "{}, unless you say otherwise",
                shown(question, usual, reading)
            ),
            (false, None) => "not answered yet".into(),
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
    let mut all = state.answers.iter().chain(&state.secrets);
    let given = all.find(|(name, _)| *name == field.name);
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
