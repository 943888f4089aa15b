//! What an unfinished command lacks, as its declaration says; once that is answered, the command is done.

use clap::Arg;

use super::{line, offered};
use crate::command::form::{self, SOURCE};
use crate::command::{self, CommandKind, Scene, grant};
use crate::dialogue::Question;
use crate::model::dialogue::{Answers, answer};
use crate::model::{Choosable, Field, FieldKind};
use crate::registry;
use crate::source;

/// The most recipes that are offered one by one.
const RECIPES: usize = 20;

/// The questions of a command: what must be there, and what was typed.
pub fn questions(scene: &Scene<'_>, name: &str, answers: &Answers) -> Vec<Question> {
    let Some(kind) = command::ALL.iter().find(|kind| kind.name == name) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    registry::with_declared(kind, |grammar| {
        let part = answer(answers, SOURCE).and_then(|part| grammar.find_subcommand(part));
        if grammar.has_subcommands() {
            all.push(watched());
        }
        let args = match (grammar.has_subcommands(), part) {
            (true, None) => return,
            (_, part) => part.unwrap_or(grammar).get_arguments(),
        };
        let is_asked = |arg: &&Arg| {
            let name = registry::name_of(arg);
            arg.is_required_set() || answers.iter().any(|(known, _)| *known == name)
        };
        all.extend(args.filter(is_asked).map(|arg| asked(scene, kind, arg)));
    });
    all
}

fn watched() -> Question {
    Question::new(Field {
        name: SOURCE.into(),
        label: "What shall I watch".into(),
        help: None,
        kind: FieldKind::One(form::choosable(source::ALL)),
        value: None,
        needed: true,
        turns: true,
    })
}

fn asked(scene: &Scene<'_>, kind: &CommandKind, arg: &Arg) -> Question {
    let takes = arg.get_value_names().and_then(|names| names.first());
    let name = registry::name_of(arg);
    let mut question = Question {
        page: Some(kind.name.into()),
        ..Question::new(form::field(arg, &[]))
    };
    let field = &mut question.field;
    match takes.map(|takes| takes.as_str()) {
        Some("TRACKER") => {
            let looks = line::looks(kind.name);
            question = offered::trackers(scene, &name, looks);
        }
        Some("CODE") => field.kind = FieldKind::Secret,
        // A text to try may have many lines.
        Some("LINK-OR-TEXT") => field.kind = FieldKind::Long,
        Some("ROLE") => {
            let all = grant::ROLES.map(|role| Choosable {
                value: role.name().into(),
                label: format!("{}: may {}", form::capital(role.name()), grant::may(role)),
            });
            field.kind = FieldKind::One(all.into());
        }
        Some("RECIPE") => {
            let all = scene.bot.recipes.iter().map(|recipe| Choosable {
                value: recipe.name.clone(),
                label: recipe.name.clone(),
            });
            let all: Vec<Choosable> = all.collect();
            if (1..=RECIPES).contains(&all.len()) {
                field.kind = FieldKind::One(all);
            }
        }
        Some("SITE") => question.example = Some("stackoverflow".into()),
        Some("URL") => question.example = Some("https://blog.rust-lang.org/feed.xml".into()),
        Some(_) | None => {}
    }
    question
}

/// The line that was meant; none where something is missing that must be there.
pub fn line(name: &str, answers: &Answers) -> Option<String> {
    let kind = command::ALL.iter().find(|kind| kind.name == name)?;
    registry::with_declared(kind, |grammar| {
        let part = answer(answers, SOURCE).and_then(|part| grammar.find_subcommand(part));
        let mut line = match (grammar.has_subcommands(), part) {
            (true, None) => return None,
            (true, Some(part)) => format!("{name} {}", part.get_name()),
            (false, _) => name.to_string(),
        };
        let args: Vec<&Arg> = part.unwrap_or(grammar).get_arguments().collect();
        let is_there = |arg: &&Arg| {
            !arg.is_required_set() || answer(answers, &registry::name_of(arg)).is_some()
        };
        if !args.iter().all(is_there) {
            return None;
        }
        for arg in args {
            form::push(&mut line, arg, answers);
        }
        Some(line)
    })
}
