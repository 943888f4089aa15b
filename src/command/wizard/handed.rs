//! A form that was handed in: the line that its answers make, or what is wrong with them.

use super::asks::{Tried, Wizard};
use super::form::{Stands, asked, open, stands};
use super::kept::place;
use super::turn::{around, is_known_there, within_home};
use crate::command::form;
use crate::command::{Grammar, Scene, words};
use crate::dialogue::{Around, Asks, Question, Said, answered_with, read};
use crate::model::dialogue::{Answers, answer};
use crate::model::text::Choice;
use crate::model::{FieldKind, MessageId, Role, RoomId};
use crate::store::rows::DialogueRow;
use crate::tracker::Trouble;

/// What comes of a form that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// The command that it stands for.
    pub line: String,
    /// Where that is done, and as whom.
    pub home: RoomId,
    pub role: Role,
    /// It answers one question of a dialogue, which goes on.
    pub goes_on: bool,
    /// The messages that asked what it answers; their dialogue is over.
    pub ends: Option<Vec<MessageId>>,
}

/// What a form says that was handed in; or the fields that cannot be so, each with why.
///
/// # Errors
/// When there is no such form any more.
pub fn handed(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    name: &str,
    answers: &Answers,
) -> Result<Result<Handed, Vec<(String, String)>>, Trouble> {
    let stands = stands(scene, name)?;
    let Some(row) = open(scene, &stands)? else {
        let (home, role) = (scene.room().clone(), scene.role);
        let line = said(grammar, scene, &stands, answers);
        return Ok(line.map(|line| Handed {
            line,
            home,
            role,
            goes_on: false,
            ends: None,
        }));
    };
    if let Some(only) = &stands.only {
        let given = answer(answers, only).unwrap_or_default();
        return one(grammar, scene, &row, &stands, given);
    }
    if let Err(refusal) = is_known_there(scene, &row) {
        let first = answers.first().map(|(name, _)| name.clone());
        let first = first.unwrap_or_default();
        return Ok(Err(vec![(first, form::in_a_line(&refusal))]));
    }
    within_home(grammar, scene, &row, |grammar, scene| {
        let line = said(grammar, scene, &stands, answers);
        line.map(|line| Handed {
            line,
            home: row.home.clone(),
            role: scene.role,
            goes_on: false,
            ends: Some(row.asked.clone()),
        })
    })
}

/// One answer to a dialogue that goes on.
fn one(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    row: &DialogueRow,
    stands: &Stands,
    given: &str,
) -> Result<Result<Handed, Vec<(String, String)>>, Trouble> {
    let only = stands.only.as_deref().unwrap_or_default();
    let to = words::quoted(&format!("{}.{only}", row.id));
    // It is tried out here, so that what is wrong with it stands beside it.
    let mut state = row.state.clone();
    let here = place(scene);
    let said = within_home(grammar, scene, row, |grammar, scene| {
        let wizard = Wizard::new(grammar, scene, &stands.about, &here);
        let around = alone(&wizard);
        answered_with(&wizard, &mut state, given, &around)
    })?;
    if let Said::Wrong(refusal) = said {
        return Ok(Err(vec![(only.into(), form::in_a_line(&refusal))]));
    }
    Ok(Ok(Handed {
        line: Choice::typed(&format!("wizard --to {to}"), given),
        home: scene.room().clone(),
        role: scene.role,
        goes_on: true,
        ends: None,
    }))
}

/// The line that all answers make; or what is wrong with them.
fn said(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    stands: &Stands,
    answers: &Answers,
) -> Result<String, Vec<(String, String)>> {
    let here = place(scene);
    let wizard = Wizard::new(grammar, scene, &stands.about, &here);
    let around = alone(&wizard);
    let asked = asked(&wizard, stands, answers);
    let mut all = stands.given.clone();
    let mut wrong = Vec::new();
    for question in &asked {
        let (field, name) = (&question.field, question.field.name.as_str());
        let given = answer(answers, name);
        if given == field.value.as_deref() {
            // It stays as it is.
            continue;
        }
        let Some(given) = given else {
            match field.needed {
                true => wrong.push((name.into(), "This cannot be left out.".into())),
                false => all.push((name.into(), String::new())),
            }
            continue;
        };
        match read::read(question, given, &around) {
            Ok(given) => all.push((name.into(), given)),
            Err(refusal) => wrong.push((name.into(), form::in_a_line(&refusal))),
        }
    }
    if wrong.is_empty() {
        let (checked, mistakes) = checked(&wizard, stands, &asked, &all);
        // What is wrong by itself may be right beside what stands below it.
        let is_fine =
            !mistakes.is_empty() && matches!(wizard.tried(&all), Ok(Some(Tried::Fine(_))));
        if !is_fine {
            (all, wrong) = (checked, mistakes);
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    wizard.in_words(&all).ok_or_else(|| {
        let first = asked.first();
        let first = first.map_or(String::new(), |question| question.field.name.clone());
        vec![(first, "Something is missing that must be there.".into())]
    })
}

/// Answers, and those that cannot be, each with why.
type Checked = (Vec<(String, String)>, Vec<(String, String)>);

/// All answers as they are kept, each tried beside those above it; and those that cannot be, each with why.
fn checked(
    wizard: &Wizard<'_, '_>,
    stands: &Stands,
    asked: &[Question],
    answers: &Answers,
) -> Checked {
    let (mut all, mut wrong) = (stands.given.clone(), Vec::new());
    for question in asked {
        let name = question.field.name.as_str();
        let Some((_, given)) = answers.iter().find(|(known, _)| known == name) else {
            continue;
        };
        let is_chosen = matches!(question.field.kind, FieldKind::One(_) | FieldKind::Many(_));
        // What others depend on is never what is wrong with them.
        let checked = match given.is_empty() || question.field.turns && is_chosen {
            true => Ok(given.clone()),
            false => wizard.check(question, given.clone(), &all),
        };
        match checked {
            Ok(given) => all.push((name.into(), given)),
            Err(refusal) => wrong.push((name.into(), form::in_a_line(&refusal))),
        }
    }
    (all, wrong)
}

/// Nobody else sees a form.
fn alone(wizard: &Wizard<'_, '_>) -> Around {
    Around {
        private: true,
        ..around(wizard)
    }
}
