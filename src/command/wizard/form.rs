//! A dialogue as a form: what it asks stands on one page, where a platform has such pages.

use serde::{Deserialize, Serialize};

use super::About;
use super::asks::Wizard;
use super::begun::not_yours;
use super::kept::{open_at, place};
use super::questions::TRACKER;
use super::turn::within_home;
use crate::command::{Grammar, Scene, change};
use crate::dialogue::{Asks, Question};
use crate::model::dialogue::{Answers, answer};
use crate::model::text::cut;
use crate::model::{Errand, Form, Refusal, Text};
use crate::store::rows::DialogueRow;
use crate::tracker::Trouble;

/// The longest title, in characters.
const TITLE: usize = 24;

/// What a form stands for; its name says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stands {
    pub about: About,
    /// What is known, and not asked on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<(String, String)>,
    /// The dialogue that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// It asks nothing but this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
}

/// The form of all that is asked about something of which this is known.
pub fn of_all(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    about: About,
    given: Vec<(String, String)>,
) -> Form {
    let stands = Stands {
        about,
        given,
        of: None,
        only: None,
    };
    drawn(grammar, scene, &stands, &[])
}

/// The form of a dialogue that waits: `12` is all of it, `12.where` one question.
///
/// # Errors
/// When it does not wait for whoever asks.
pub fn of_open(grammar: &mut Grammar, scene: &mut Scene<'_>, to: &str) -> Result<Form, Trouble> {
    if !scene.standing.forms {
        return Err(Refusal::new("There are no forms here.")
            .hint("`wizard` asks one question after the other")
            .into());
    }
    let (id, name) = match to.split_once('.') {
        Some((id, name)) => (id, Some(name)),
        None => (to, None),
    };
    let row = mine(scene, id)?;
    let about = About::named(&row.state.name);
    let Some(about) = about.filter(|_| name.is_none() || row.state.at.as_deref() == name) else {
        return Err(Refusal::new("That question is answered already.")
            .hint("`wizard` asks again what I wait for now")
            .into());
    };
    let stands = Stands {
        about,
        given: Vec::new(),
        of: Some(row.id),
        only: name.map(String::from),
    };
    let answers = row.state.answers.clone();
    within_home(grammar, scene, &row, |grammar, scene| {
        drawn(grammar, scene, &stands, &answers)
    })
}

/// The form of this name anew, as its answers turn it.
///
/// # Errors
/// When there is no such form any more.
pub fn again(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    name: &str,
    answers: &Answers,
) -> Result<Form, Trouble> {
    let stands = stands(scene, name)?;
    match open(scene, &stands)? {
        Some(row) => within_home(grammar, scene, &row, |grammar, scene| {
            drawn(grammar, scene, &stands, answers)
        }),
        None => Ok(drawn(grammar, scene, &stands, answers)),
    }
}

fn drawn(grammar: &mut Grammar, scene: &mut Scene<'_>, stands: &Stands, answers: &Answers) -> Form {
    let here = place(scene);
    let wizard = Wizard::new(grammar, scene, &stands.about, &here);
    let fields = asked(&wizard, stands, answers).into_iter().map(|question| {
        let mut field = question.field;
        let given = answer(answers, &field.name).map(String::from);
        field.value = given.or(field.value);
        field
    });
    let fields: Vec<_> = fields.collect();
    let named = answer(&stands.given, TRACKER);
    let (title, submit) = match (&stands.only, &stands.about) {
        (Some(_), _) => {
            let label = fields.first().map_or("", |field| field.label.as_str());
            (label.to_string(), "Answer")
        }
        (None, About::Track) => ("New tracker".into(), "Track"),
        (None, About::Edit | About::Filter) => {
            (format!("Change {}", named.unwrap_or("a tracker")), "Change")
        }
        (None, About::Room) => ("This room".into(), "Change"),
        (None, About::Lacks(_)) => ("What is missing".into(), "Answer"),
        (None, About::Sure(..) | About::Instead(_) | About::Other(_)) => {
            ("A question".into(), "Answer")
        }
    };
    Form {
        name: serde_json::to_string(stands).expect("words only are always written"),
        title: cut(&title, TITLE),
        submit: submit.into(),
        fields,
    }
}

/// The questions of a form, as these answers turn them.
pub(super) fn asked(wizard: &Wizard<'_, '_>, stands: &Stands, answers: &Answers) -> Vec<Question> {
    let mut all = stands.given.clone();
    all.extend(answers.iter().cloned());
    let mut questions = wizard.dialogue(&all).questions;
    questions.retain(|question| {
        let name = question.field.name.as_str();
        let is_known = stands.given.iter().any(|(known, _)| known == name);
        let is_meant = stands.only.as_deref().is_none_or(|only| only == name);
        !question.passing && !is_known && is_meant
    });
    questions
}

/// The dialogue that a form answers, if it answers one.
pub(super) fn open(scene: &Scene<'_>, stands: &Stands) -> Result<Option<DialogueRow>, Trouble> {
    let Some(id) = stands.of else {
        return Ok(None);
    };
    let row = mine(scene, &id.to_string())?;
    let waits = stands.only.is_none() || row.state.at == stands.only;
    match waits {
        true => Ok(Some(row)),
        false => Err(Refusal::new("That question is answered already.")
            .hint("close this form")
            .into()),
    }
}

/// The dialogue of this number, of whoever asks.
fn mine(scene: &Scene<'_>, id: &str) -> Result<DialogueRow, Trouble> {
    let row = open_at(scene, &place(scene))?;
    match row.filter(|row| row.id.to_string() == id) {
        Some(row) => Ok(row),
        None => Err(not_yours(scene, id)?.into()),
    }
}

/// What the form of this name stands for, where that is still there.
pub(super) fn stands(scene: &Scene<'_>, name: &str) -> Result<Stands, Refusal> {
    let stands: Stands = serde_json::from_str(name).map_err(|_| {
        let refusal = Refusal::new("I do not know this form any more.");
        refusal.hint("close it and begin anew")
    })?;
    if let Some(tracker) = answer(&stands.given, TRACKER) {
        change::own(scene, tracker)?;
    }
    Ok(stands)
}

/// Shows a form to whoever asks.
pub fn ask(scene: &mut Scene<'_>, form: Form) -> Text {
    scene.send(Errand::Ask(form))
}
