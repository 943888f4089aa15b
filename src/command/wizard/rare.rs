//! What few people want of a tracker: one question for all of it, out of what its command declares, so that a new flag
//! is asked for without a line here.

use clap::Arg;

use super::offered::is_filter;
use super::questions::{self, FILTERS};
use crate::command::form::capital;
use crate::command::may::{self, Deed};
use crate::command::{self, CommandKind, Scene};
use crate::dialogue::Question;
use crate::model::dialogue::{Answers, answer};
use crate::model::{Choosable, Field, FieldKind};
use crate::registry;
use crate::source::SourceKind;

/// Which of the rare wishes somebody has.
pub const MORE: &str = "more";

/// Questions that a dialogue asks elsewhere, and flags that change nothing.
const ELSEWHERE: [&str; 8] = [
    "where", "every", "as", "in", "name", "tracker", "without", "dry-run",
];

/// A rare wish: what its flag is called, and whether it stands alone.
pub struct Rare {
    pub name: String,
    pub alone: bool,
}

/// Whether what a command or a part of it declares is a rare wish.
fn is_rare(arg: &Arg) -> bool {
    let name = registry::name_of(arg);
    !arg.is_positional() && !ELSEWHERE.contains(&name.as_str()) && !is_filter(&name)
}

/// Shows the declarations of the rare wishes of a new tracker, or of one that is there.
fn declared<T>(
    command: &CommandKind,
    kind: &SourceKind,
    read: impl Fn(&Arg) -> Option<T>,
) -> Vec<T> {
    registry::with_declared(command, |grammar| {
        let part = grammar.find_subcommand(kind.name).unwrap_or(grammar);
        let rare = part
            .get_arguments()
            .filter(|arg| is_rare(arg) && !questions::is_own(kind, &registry::name_of(arg)));
        rare.filter_map(read).collect()
    })
}

/// The rare wishes that a tracker of this source can have.
pub fn all(command: &CommandKind, kind: &SourceKind) -> Vec<Rare> {
    declared(command, kind, |arg| {
        Some(Rare {
            name: registry::name_of(arg),
            alone: !arg.get_action().takes_values(),
        })
    })
}

/// Those that were wished for: what was answered, or else what is there already.
pub fn wished<'a>(answers: &'a Answers, has: &'a Answers) -> Vec<&'a str> {
    let given = answers.iter().find(|(name, _)| name == MORE);
    let wished = given.map(|(_, given)| given.as_str());
    let wished = wished.or_else(|| answer(has, MORE)).unwrap_or_default();
    wished.split(',').filter(|name| !name.is_empty()).collect()
}

/// The question for all rare wishes, and those for what was wished for.
pub fn asked(
    scene: &Scene<'_>,
    command: &CommandKind,
    kind: &SourceKind,
    (answers, has): (&Answers, &Answers),
) -> Vec<Question> {
    let wished = wished(answers, has);
    let filters = answer(answers, FILTERS).or_else(|| answer(has, FILTERS));
    let several = filters.is_some_and(|filters| filters.contains(','));
    let usable = |name: &str| match name {
        "thread" => scene.trackers.has_threads(scene.room()),
        "broad" => may::may(scene, Deed::Broad),
        "any" => several,
        _ => true,
    };
    let offered = declared(command, kind, |arg| {
        let name = registry::name_of(arg);
        let help = arg.get_help().map(|help| help.to_string());
        let help = help.unwrap_or_default().replace('`', "");
        (usable(&name) || wished.contains(&name.as_str())).then(|| Choosable {
            label: format!(
                "{}: {}",
                capital(&name.replace('-', " ")),
                small(help.trim_end_matches('.'))
            ),
            value: name,
        })
    });
    if offered.is_empty() {
        return Vec::new();
    }
    let mut all = vec![Question {
        page: Some(command.name.into()),
        ..Question::new(Field {
            name: MORE.into(),
            label: "Anything else".into(),
            help: Some("Few people need these".into()),
            kind: FieldKind::Many(offered),
            value: answer(has, MORE).map(String::from),
            needed: false,
            turns: true,
        })
    }];
    all.extend(declared(command, kind, |arg| {
        let name = registry::name_of(arg);
        let asks = wished.contains(&name.as_str()) && arg.get_action().takes_values();
        asks.then(|| {
            let mut question = questions::asked(scene, arg, kind, has, command::track::KIND.name);
            question.field.needed = true;
            question
        })
    }));
    all
}

fn small(sentence: &str) -> String {
    let mut chars = sentence.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
