//! A tracker that others have written, as one of the things that can be watched.

use super::questions::asked;
use crate::command::form::{self, SOURCE, capital};
use crate::command::{self, Scene};
use crate::dialogue::Question;
use crate::model::dialogue::{Answers, answer};
use crate::model::{Choosable, Field, FieldKind, facts};
use crate::recipe::Written;
use crate::registry;
use crate::source;

/// What stands for all of them among the sources, and the question which one it is.
pub const RECIPE: &str = "recipe";
/// What is asked of it; the rest is as it was written, and can be changed later.
const WISHES: [&str; 3] = ["every", "in", "name"];

/// Those that can be used here: the operator may not have set where something is looked up.
fn usable<'a>(scene: &'a Scene<'_>) -> impl Iterator<Item = &'a Written> {
    let unset = facts::ALL.iter().filter(|fact| {
        let reader = fact.reader();
        reader.is_some_and(|reader| scene.trackers.readers().is_unset(reader))
    });
    let unset: Vec<&str> = unset.map(|fact| fact.name).collect();
    scene.bot.recipes.iter().filter(move |written| {
        let recipe = &written.recipe;
        let query = recipe.query.as_deref().unwrap_or_default();
        let asks = |name: &&str| recipe.filter.contains_key(*name) || query.contains(*name);
        !unset.iter().any(asks)
    })
}

/// What can be chosen in the place of a source, where there are any.
pub fn offered(scene: &Scene<'_>) -> Option<Choosable> {
    usable(scene).next().map(|_| Choosable {
        value: RECIPE.into(),
        label: format!("{}: a tracker that others have written", capital(RECIPE)),
    })
}

/// Which one, and what is wished of it.
pub fn questions(scene: &Scene<'_>, answers: &Answers) -> Vec<Question> {
    let all = usable(scene).map(|written| {
        let about = written.recipe.about.clone().unwrap_or_default();
        Choosable {
            value: written.name.clone(),
            label: format!("{}: {}", written.name, about.trim_end_matches('.')),
        }
    });
    let mut questions = vec![Question {
        page: Some("use".into()),
        ..Question::new(Field {
            name: RECIPE.into(),
            label: "Which recipe".into(),
            help: None,
            kind: FieldKind::One(all.collect()),
            value: None,
            needed: true,
            turns: true,
        })
    }];
    let chosen = answer(answers, RECIPE);
    let written = usable(scene).find(|written| Some(written.name.as_str()) == chosen);
    let kind = written.and_then(|written| {
        let kind = &written.recipe.source.kind;
        source::ALL.iter().find(|known| known.name == *kind)
    });
    let (Some(written), Some(kind)) = (written, kind) else {
        return questions;
    };
    let has = form::has(&written.recipe);
    registry::with_declared(&command::r#use::KIND, |declared| {
        for name in WISHES {
            let mut args = declared.get_arguments();
            let arg = args.find(|arg| !arg.is_positional() && registry::name_of(arg) == name);
            let Some(arg) = arg else { continue };
            let mut question = asked(scene, arg, kind, &has, command::r#use::KIND.name);
            if name == "in" {
                question.field.value = Some("here".into());
            }
            questions.push(question);
        }
    });
    questions
}

/// The line that starts it; none where it is not said which one.
pub fn line(answers: &Answers) -> Option<String> {
    if answer(answers, SOURCE) != Some(RECIPE) {
        return None;
    }
    let recipe = answer(answers, RECIPE)?;
    let mut line = format!("use {}", command::words::quoted(recipe));
    for name in WISHES {
        match answer(answers, name) {
            None => {}
            Some("here") if name == "in" => {}
            Some(said) => {
                line.push_str(&format!(" --{name}={}", command::words::quoted(said)));
            }
        }
    }
    Some(line)
}
