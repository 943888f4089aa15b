//! A kind: a registered part or command, declared once as a clap struct.

use std::cell::RefCell;
use std::collections::HashMap;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::model::{Args, Refusal};

/// A registered kind. `B` is what can be built or done with it.
pub struct Kind<B: 'static> {
    /// What people type.
    pub name: &'static str,
    /// Its clap declaration: grammar, recipe keys, help, usage, hints.
    pub declare: fn() -> Command,
    /// Its page in `man/`, whole.
    pub page: &'static str,
    pub build: B,
}

impl<B> Kind<B> {
    /// The one sentence of its declaration.
    pub fn about(&self) -> String {
        (self.declare)()
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default()
    }
}

thread_local! {
    /// What kinds declare, built once a thread: building a declaration costs many times what reading with it does.
    static DECLARED: RefCell<HashMap<fn() -> Command, Command>> = RefCell::default();
}

/// Reads something with a kind's declaration.
pub fn with_declared<B, T>(kind: &Kind<B>, read: impl FnOnce(&mut Command) -> T) -> T {
    // Taken out meanwhile, as reading may need another kind's.
    let kept = DECLARED.with_borrow_mut(|all| all.remove(&kind.declare));
    let mut declared = kept.unwrap_or_else(kind.declare);
    let outcome = read(&mut declared);
    DECLARED.with_borrow_mut(|all| all.insert(kind.declare, declared));
    outcome
}

/// A clap command for `A` under `name`, as a line in a room needs it: no `--help`, nothing printed, no exit.
pub fn declare<A: clap::Args>(name: &'static str) -> Command {
    let grouped = A::augment_args(Command::new(name));
    // clap makes a group of each struct, which nobody asks for and which is filled in anew with every word.
    let declared = Command::new(name).args(grouped.get_arguments().cloned());
    room_command(match grouped.get_about() {
        Some(about) => declared.about(about.clone()),
        None => declared,
    })
}

/// Adds the arguments of `A` to a command, which keeps its own description.
pub fn flatten<A: clap::Args>(command: Command) -> Command {
    let about = command.get_about().cloned();
    let command = A::augment_args(command);
    match about {
        Some(about) => command.about(about),
        None => command,
    }
}

/// Takes away from a clap command what only a shell needs.
pub fn room_command(command: Command) -> Command {
    command
        .no_binary_name(true)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .term_width(72)
}

/// The kind called `name`; otherwise a refusal with the nearest name. `what` says what is looked for: `source`.
pub fn find<'a, B>(all: &'a [Kind<B>], name: &str, what: &str) -> Result<&'a Kind<B>, Refusal> {
    if let Some(kind) = all.iter().find(|kind| kind.name.eq_ignore_ascii_case(name)) {
        return Ok(kind);
    }
    let refusal = Refusal::new(format!(
        "There is no {what} called `{}`.",
        crate::model::text::cut(name, 40)
    ));
    let near = near(name, all.iter().map(|kind| kind.name));
    let refusal = refusal.slip(name, near.iter().copied());
    Err(match near.first() {
        Some(near) => refusal.hint(format!("did you mean `{near}`?")),
        None => refusal.hint(format!(
            "there are {}",
            list(all.iter().map(|kind| kind.name))
        )),
    })
}

/// The candidate that `word` most likely is a slip of.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    near(word, candidates).first().copied()
}

/// The most that a word is said to be a slip of.
const NEAR: usize = 5;

/// The candidates that `word` may be a slip of, the likeliest first.
pub fn near<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word: String = word.chars().take(40).collect::<String>().to_lowercase();
    let likeness = |candidate: &str| strsim::jaro_winkler(&word, &candidate.to_lowercase());
    let all = candidates.into_iter();
    let all = all.map(|candidate| (likeness(candidate), candidate));
    let mut near: Vec<(f64, &str)> = all.filter(|(likeness, _)| *likeness >= 0.8).collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    near.reverse();
    near.truncate(NEAR);
    near.into_iter().map(|(_, candidate)| candidate).collect()
}

/// `` `a`, `b` and `c` ``.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => "none".into(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Reads a whole number between these two, both included.
pub fn whole(
    least: u32,
    most: u32,
) -> impl Fn(&str) -> Result<u32, Refusal> + Clone + Send + Sync + 'static {
    move |text| {
        text.parse()
            .ok()
            .filter(|n| (least..=most).contains(n))
            .ok_or_else(|| {
                Refusal::new(format!(
                    "`{}` is no number from {least} to {most}.",
                    crate::model::text::cut(&text.replace('`', "'"), 20)
                ))
            })
    }
}

/// The one word of an argument that must be there.
pub fn word<'a>(matches: &'a ArgMatches, name: &str) -> &'a str {
    matches
        .get_one::<String>(name)
        .map(String::as_str)
        .unwrap_or_default()
}

/// The arguments that were typed, by name: what a recipe holds.
pub fn typed(declared: &Command, matches: &ArgMatches) -> Args {
    let mut args = Args::new();
    for arg in declared.get_arguments() {
        let id = arg.get_id().as_str();
        if matches.try_get_raw(id).is_err()
            || matches.value_source(id) != Some(clap::parser::ValueSource::CommandLine)
        {
            continue;
        }
        let values = match arg.get_action() {
            ArgAction::SetTrue => vec![matches.get_flag(id).to_string()],
            _ => matches
                .get_raw(id)
                .into_iter()
                .flatten()
                .map(|value| value.to_string_lossy().into_owned())
                .collect(),
        };
        args.insert(name_of(arg), values);
    }
    args
}

/// Reads arguments held by name (a recipe's) with the declaration they belong to.
///
/// # Errors
/// The same refusals as for a typed line.
pub fn read(declared: &mut Command, args: &Args) -> Result<ArgMatches, Refusal> {
    let mut line: Vec<String> = Vec::new();
    let mut positional: Vec<String> = Vec::new();
    for (name, values) in args {
        match declared.get_arguments().find(|arg| name_of(arg) == *name) {
            Some(arg) if arg.is_positional() => positional.extend(values.iter().cloned()),
            Some(arg) if matches!(arg.get_action(), ArgAction::SetTrue) => {
                if values.iter().any(|value| value == "true") {
                    line.push(format!("--{name}"));
                }
            }
            _ => line.extend(values.iter().map(|value| format!("--{name}={value}"))),
        }
    }
    if !positional.is_empty() {
        line.push("--".into());
        line.extend(positional);
    }
    parse(declared, line)
}

/// Reads a typed line.
///
/// # Errors
/// clap's mistakes as refusals: what was not understood, the nearest that is, the page to read.
pub fn parse(declared: &mut Command, mut words: Vec<String>) -> Result<ArgMatches, Refusal> {
    if let Some(first) = words.first_mut()
        && let Some(same) = declared
            .get_subcommands()
            .find(|sub| sub.get_name().eq_ignore_ascii_case(first))
    {
        *first = same.get_name().to_string();
    }
    let first = words.first();
    let is_part = |first: &&String| declared.find_subcommand(first).is_some();
    let part = first.filter(is_part).cloned();
    let error = match declared.try_get_matches_from_mut(words) {
        Ok(matches) => return Ok(matches),
        Err(error) => error,
    };
    let name = declared.get_name().to_string();
    let parts: Vec<String> = declared
        .get_subcommands()
        .map(|sub| sub.get_name().to_string())
        .collect();
    let about = about(declared, part.as_deref(), &error);
    let refusal = match (error.kind(), part) {
        // The page of the part says what it needs.
        (ErrorKind::MissingRequiredArgument, Some(part)) => {
            let what = refusal(&format!("{name} {part}"), &parts, &error);
            what.hint(format!("`man {part}` shows how"))
        }
        _ => refusal(&name, &parts, &error),
    };
    Err(match about {
        Some(about) => refusal.about(&about),
        None => refusal,
    })
}

/// The argument that clap complains about.
fn about(declared: &Command, part: Option<&str>, error: &clap::Error) -> Option<String> {
    let shown = match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(one) => one,
        ContextValue::Strings(many) => many.first()?,
        _ => return None,
    };
    let declared = part
        .and_then(|part| declared.find_subcommand(part))
        .unwrap_or(declared);
    let arg = declared
        .get_arguments()
        .find(|arg| bare(&arg.to_string()) == bare(shown))?;
    Some(name_of(arg))
}

/// An argument as clap shows it, whether it must be there or not.
fn bare(shown: &str) -> &str {
    shown.trim_matches(['<', '>', '[', ']', '.'])
}

/// An argument's name in recipes: its long flag, or its id where it has none.
pub fn name_of(arg: &Arg) -> String {
    arg.get_long()
        .map_or_else(|| arg.get_id().as_str().replace('_', "-"), String::from)
}

/// clap's error in our words: clap's own say `--help`, which a room does not have.
fn refusal(command: &str, parts: &[String], error: &clap::Error) -> Refusal {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        Some(ContextValue::StyledStr(text)) => Some(text.to_string()),
        _ => None,
    };
    // clap writes values as `<URL>`.
    let show = |text: Option<String>| {
        crate::model::text::cut(&text.unwrap_or_default(), 80)
            .replace('`', "'")
            .replace(['<', '>'], "")
    };
    let arg = show(text(ContextKind::InvalidArg))
        .replace(['[', ']'], "")
        .replace("...", "");
    let value = show(text(ContextKind::InvalidValue));
    let manual = format!("`man {command}` shows how");
    let near = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => Some(one.clone()),
        // The likeliest comes last.
        Some(ContextValue::Strings(many)) => many.last().cloned(),
        _ => None,
    };
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let refusal = Refusal::new(if arg.starts_with('-') {
                format!("`{command}` has no flag `{arg}`.")
            } else {
                format!("`{command}` does not know what to do with `{arg}`.")
            });
            match near(ContextKind::SuggestedArg) {
                Some(near) => refusal.hint(format!("did you mean `{near}`?")),
                None => refusal.hint(manual),
            }
        }
        ErrorKind::InvalidSubcommand => {
            let word = show(text(ContextKind::InvalidSubcommand));
            let refusal = Refusal::new(format!("`{command}` knows no `{word}`."));
            match near(ContextKind::SuggestedSubcommand) {
                Some(near) => refusal.hint(format!("did you mean `{command} {near}`?")),
                None => match parts {
                    [only] => refusal.hint(format!("did you mean `{command} {only} {word}`?")),
                    _ => refusal.hint(manual),
                },
            }
        }
        ErrorKind::InvalidValue | ErrorKind::NoEquals if value.is_empty() => {
            let refusal = match arg.split_once(' ') {
                Some((flag, value)) => format!("`{flag}` needs something behind it: {value}."),
                None => format!("`{arg}` needs something behind it."),
            };
            Refusal::new(refusal).hint(manual)
        }
        ErrorKind::InvalidValue => {
            let refusal = Refusal::new(format!("`{value}` is no value for `{arg}`."));
            match (
                near(ContextKind::SuggestedValue),
                error.get(ContextKind::ValidValue),
            ) {
                (Some(near), _) => refusal.hint(format!("did you mean `{near}`?")),
                (None, Some(ContextValue::Strings(valid))) if !valid.is_empty() => refusal.hint(
                    format!("it can be {}", list(valid.iter().map(String::as_str))),
                ),
                _ => refusal.hint(manual),
            }
        }
        ErrorKind::ValueValidation => match std::error::Error::source(error) {
            // Our own readers answer with a whole refusal.
            Some(source) => {
                let whole = source.to_string();
                match whole.split_once("\nhint: ") {
                    Some((what, hint)) => Refusal::new(what).hint(hint),
                    None => Refusal::new(format!("`{arg}`: {whole}")).hint(manual),
                }
            }
            None => Refusal::new(format!("`{value}` does not fit `{arg}`.")).hint(manual),
        },
        ErrorKind::MissingRequiredArgument => {
            Refusal::new(format!("`{command}` also needs `{arg}`.")).hint(manual)
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Refusal::new(format!(
                "`{command}` alone says too little; it goes on with {}.",
                list(parts.iter().map(String::as_str))
            ))
            .hint(manual)
        }
        ErrorKind::ArgumentConflict => {
            let other = show(text(ContextKind::PriorArg));
            if other.is_empty() || other == arg {
                Refusal::new(format!("`{arg}` can stand only once.")).hint(manual)
            } else {
                Refusal::new(format!("`{arg}` and `{other}` do not go together.")).hint(manual)
            }
        }
        ErrorKind::TooManyValues if !value.is_empty() => {
            Refusal::new(format!("`{arg}` stands alone, without `{value}`.")).hint(manual)
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            Refusal::new(format!("`{arg}` has too many values or too few.")).hint(manual)
        }
        _ => Refusal::new(format!("I did not understand that `{command}`.")).hint(manual),
    }
}
