//! Forms: the questions of a command on one page, from the same declarations as its flags; their answers become the
//! line that could have been typed.

use clap::{Arg, ArgAction};

use super::{Scene, change, words};
use crate::model::dialogue::{Answers, answer as said};
use crate::model::text::cut;
use crate::model::{Choosable, Field, FieldKind, Form, Recipe, Refusal, Tracker};
use crate::printer;
use crate::registry::{self, Kind};
use crate::source::{self, SourceKind};

/// What is asked first of a new tracker; the other questions depend on it.
pub(super) const SOURCE: &str = "source";
/// What is asked of every tracker, in this order.
const OF_ALL: [&str; 7] = [
    "where", "every", "as", "name", "backlog", "expires", "thread",
];
/// What is asked of one that is there already.
pub(super) const OF_ONE: [&str; 5] = ["where", "every", "as", "expires", "thread"];
/// The longest words of something that can be chosen, in characters.
const LABEL: usize = 70;
/// The longest answer of a field, in characters.
const LONGEST: usize = 3_000;

/// The form of a new tracker, with these answers in it.
pub fn track(scene: &Scene<'_>, answers: &Answers) -> Form {
    let chosen = said(answers, SOURCE);
    let kind = source::ALL.iter().find(|kind| Some(kind.name) == chosen);
    let mut fields = vec![Field {
        name: SOURCE.into(),
        label: "What to watch".into(),
        help: None,
        kind: FieldKind::One(choosable(source::ALL)),
        value: chosen.map(String::from),
        needed: true,
        turns: true,
    }];
    if let Some(kind) = kind {
        let declared = (kind.declare)();
        let own = declared.get_arguments().map(|arg| field(arg, answers));
        fields.extend(own);
        fields.extend(wishes(scene, &OF_ALL, kind, answers));
    }
    Form {
        name: "track".into(),
        title: "New tracker".into(),
        submit: "Track".into(),
        fields,
    }
}

/// The form of a tracker that is there already, with what it has in it.
pub fn edit(scene: &Scene<'_>, tracker: &Tracker) -> Result<Form, Refusal> {
    let kind = registry::find(source::ALL, &tracker.recipe.source.kind, "source")?;
    let mut fields = wishes(scene, &OF_ONE, kind, &has(&tracker.recipe));
    for field in &mut fields {
        field.needed = field.name == "as";
    }
    Ok(Form {
        name: format!("edit {}", tracker.name),
        title: cut(&format!("Change {}", tracker.name), 24),
        submit: "Change".into(),
        fields,
    })
}

/// The form of this name anew, as its answers turn it.
///
/// # Errors
/// When there is no such form.
pub fn again(scene: &Scene<'_>, name: &str, answers: &Answers) -> Result<Form, Refusal> {
    match name.split_once(' ') {
        Some(("edit", tracker)) => edit(scene, &change::own(scene, tracker)?),
        _ if name == "track" => Ok(track(scene, answers)),
        _ => Err(unknown(name)),
    }
}

/// The line that says what was answered in the form of this name.
///
/// # Errors
/// When there is no such form, or an answer is too long for any.
pub fn line(scene: &Scene<'_>, name: &str, answers: &Answers) -> Result<String, Refusal> {
    if let Some((name, _)) = answers
        .iter()
        .find(|(_, answer)| answer.chars().count() > LONGEST)
    {
        let refusal = Refusal::new(format!("That is longer than {LONGEST} characters."));
        return Err(refusal.hint("say it in fewer words").about(name));
    }
    match name.split_once(' ') {
        Some(("edit", tracker)) => {
            let tracker = change::own(scene, tracker)?;
            Ok(edited(&tracker, answers))
        }
        _ if name == "track" => tracked(answers),
        _ => Err(unknown(name)),
    }
}

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
    // A field shows a line without markup, in letters of any width: no caret stands below anything.
    let what = refusal.what.lines().next().unwrap_or_default();
    let words = match &refusal.hint {
        Some(hint) => format!("{what} {}.", capital(hint)),
        None => what.into(),
    };
    (about.unwrap_or_default(), words.replace('`', ""))
}

fn unknown(name: &str) -> Refusal {
    Refusal::new(format!(
        "There is no form `{}` any more.",
        cut(&name.replace('`', "'"), 40)
    ))
    .hint("close it and begin anew")
}

fn tracked(answers: &Answers) -> Result<String, Refusal> {
    let chosen = said(answers, SOURCE).unwrap_or_default();
    let kind =
        registry::find(source::ALL, chosen, "source").map_err(|refusal| refusal.about(SOURCE))?;
    let declared = (kind.declare)();
    let mut line = format!("track {}", kind.name);
    for arg in declared.get_arguments() {
        push(&mut line, arg, answers);
    }
    let grammar = super::track::declare();
    for name in OF_ALL.into_iter().filter(|name| !declares(kind, name)) {
        if let Some(arg) = of(&grammar, kind, name) {
            push(&mut line, arg, answers);
        }
    }
    Ok(line)
}

/// Only what is different from what the tracker has.
pub(super) fn edited(tracker: &Tracker, answers: &Answers) -> String {
    let had = has(&tracker.recipe);
    let mut line = format!("edit {}", tracker.name);
    let mut without = Vec::new();
    for name in OF_ONE {
        match (said(&had, name), said(answers, name)) {
            (before, now) if before == now => {}
            (_, Some("true")) => line.push_str(&format!(" --{name}")),
            (_, Some(now)) => line.push_str(&format!(" --{name}={}", words::quoted(now))),
            (Some(_), None) => without.push(name),
            (None, None) => {}
        }
    }
    if !without.is_empty() {
        line.push_str(&format!(" --without {}", without.join(",")));
    }
    line
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

/// The questions of every tracker that its source does not ask itself, and that make sense in the room.
fn wishes(scene: &Scene<'_>, names: &[&str], kind: &SourceKind, answers: &Answers) -> Vec<Field> {
    let grammar = super::track::declare();
    let threads = scene.trackers.has_threads(scene.room());
    let asked = names
        .iter()
        .filter(|name| !declares(kind, name) && (**name != "thread" || threads));
    let fields = asked.filter_map(|name| {
        let mut field = field(of(&grammar, kind, name)?, answers);
        if *name == "as" {
            field.kind = FieldKind::One(choosable(printer::ALL));
            field.help = Some("How it looks".into());
            field.value.get_or_insert_with(|| "line".into());
        }
        Some(field)
    });
    fields.collect()
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
            label: cut(&format!("{}: {about}", capital(kind.name)), LABEL),
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
