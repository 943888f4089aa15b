//! Questions as the arguments of commands declare them, and answers as these are typed.

use clap::{Arg, ArgAction};

use super::words;
use crate::model::dialogue::{Answers, answer as said};
use crate::model::{Choosable, Field, FieldKind, Form, Recipe, Refusal};
use crate::registry::{self, Kind};
use crate::source::SourceKind;

/// What is asked first of a new tracker; the other questions depend on it.
pub(super) const SOURCE: &str = "source";
/// The field at which a refusal is shown: the one that it is about, or else the first that is typed.
pub fn mistaken(form: &Form, refusal: &Refusal) -> (String, String) {
    let has = |name: &String| form.fields.iter().any(|field| field.name == *name);
    let chosen = |field: &Field| {
        matches!(
            field.kind,
            FieldKind::One(_) | FieldKind::Many(_) | FieldKind::Tick
        )
    };
    let typed = |field: &&Field| !chosen(field);
    let about = refusal.about.clone().filter(has);
    let about = about.or_else(|| {
        let first = form.fields.iter().find(typed).or(form.fields.first());
        first.map(|field| field.name.clone())
    });
    (about.unwrap_or_default(), in_a_line(refusal))
}

/// A refusal as it stands at a field: a line without markup, in letters of any width.
pub fn in_a_line(refusal: &Refusal) -> String {
    // No caret stands below anything.
    let what = refusal.what.lines().next().unwrap_or_default();
    let words = match &refusal.hint {
        Some(hint) => format!("{what} {}.", capital(hint.trim_end_matches('.'))),
        None => what.into(),
    };
    words.replace("?.", "?").replace('`', "")
}

/// What a recipe says to the questions of every tracker.
pub(super) fn has(recipe: &Recipe) -> Vec<(String, String)> {
    let all = [
        ("where", recipe.query.clone()),
        ("every", recipe.every.clone()),
        ("as", Some(recipe.printer.clone())),
        ("expires", recipe.expires.clone()),
        ("thread", recipe.thread.then(|| "true".into())),
    ];
    let answered = |(name, answer): (&str, Option<String>)| Some((name.into(), answer?));
    all.into_iter().filter_map(answered).collect()
}

/// Adds an answer to a line, as it is typed there.
pub(super) fn push(line: &mut String, arg: &Arg, answers: &Answers) {
    let name = registry::name_of(arg);
    let Some(answer) = said(answers, &name) else {
        return;
    };
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        line.push_str(&format!(" --{name}"));
        return;
    }
    let several = arg.get_num_args().is_some_and(|many| many.max_values() > 1);
    let values = match several {
        // What is several words on a line is several words here.
        true => words::split(answer)
            .words
            .into_iter()
            .map(|word| word.text)
            .collect(),
        false => vec![answer.to_string()],
    };
    for value in values {
        match arg.is_positional() {
            true => line.push(' '),
            false => line.push_str(&format!(" --{name}=")),
        }
        line.push_str(&words::quoted(&value));
    }
}

pub(super) fn declares(kind: &SourceKind, name: &str) -> bool {
    super::wishes::declares(kind, name)
}

pub(super) fn of<'a>(grammar: &'a clap::Command, kind: &SourceKind, name: &str) -> Option<&'a Arg> {
    let part = grammar.find_subcommand(kind.name)?;
    part.get_arguments()
        .find(|arg| registry::name_of(arg) == name)
}

/// A question as its argument declares it.
pub(super) fn field(arg: &Arg, answers: &Answers) -> Field {
    let name = registry::name_of(arg);
    let values = arg.get_possible_values();
    let kind = match arg.get_action() {
        ArgAction::SetTrue => FieldKind::Tick,
        _ if !values.is_empty() => FieldKind::One(
            values
                .iter()
                .map(|value| Choosable {
                    value: value.get_name().into(),
                    label: capital(value.get_name()),
                })
                .collect(),
        ),
        // What stands there is said in capitals: `URL`, `WHEN`.
        _ => match arg.get_value_names().and_then(|names| names.first()) {
            Some(name) => match name.as_str() {
                "URL" => FieldKind::Link,
                "WHEN" => FieldKind::Schedule,
                "QUERY" => FieldKind::Query,
                "ROOM" => FieldKind::Room,
                "PERSON" => FieldKind::Person,
                "LENGTH" => FieldKind::Length,
                "N" => FieldKind::Number {
                    least: 0,
                    most: u32::MAX,
                },
                _ => FieldKind::Line,
            },
            None => FieldKind::Line,
        },
    };
    let help = arg.get_help().map(|help| help.to_string().replace('`', ""));
    let default = arg.get_default_values().first();
    Field {
        label: match name.as_str() {
            "url" => "Address".into(),
            "as" => "How it looks".into(),
            "where" => "Which of it".into(),
            "every" => "How often".into(),
            name => capital(&name.replace('-', " ")),
        },
        value: said(answers, &name)
            .map(String::from)
            .or_else(|| default.map(|value| value.to_string_lossy().into_owned())),
        name,
        help,
        kind,
        needed: arg.is_required_set(),
        turns: false,
    }
}

pub(super) fn choosable<B>(all: &[Kind<B>]) -> Vec<Choosable> {
    let choosable = |kind: &Kind<B>| {
        let about = kind.about();
        let about = about
            .trim_start_matches("Watch ")
            .trim_start_matches("Say ");
        Choosable {
            value: kind.name.into(),
            label: format!("{}: {about}", capital(kind.name)),
        }
    };
    all.iter().map(choosable).collect()
}

pub(super) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
