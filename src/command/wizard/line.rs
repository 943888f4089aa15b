//! The line that says what was answered: as it could have been typed.

use super::questions::{self, FILTER, FILTERS, LINE, OF_ALL, OF_ONE, TRACKER};
use super::rare::{self, MORE};
use super::{About, lacks, offered, recipes, room};
use crate::command::form::{self, SOURCE};
use crate::command::{self, Grammar, Scene, sentence, track, turned, words};
use crate::model::dialogue::{Answers, answer};
use crate::model::{Args, Refusal};
use crate::registry;
use crate::source;
use crate::{filter, when};

/// The line, as flags; none where something is missing that must be there.
pub fn plain(scene: &Scene<'_>, about: &About, answers: &Answers) -> Option<String> {
    match about {
        About::Track => recipes::line(answers).or_else(|| tracked(scene, answers)),
        About::Edit => edited(scene, answers),
        About::Room => Some(room::line(scene, answers)),
        About::Lacks(name) => lacks::line(name, answers),
        // Which of two is meant is no command.
        About::Other(_) => None,
        About::Filter => {
            let mut line = format!("edit {}", answer(answers, TRACKER)?);
            let name = answer(answers, FILTER)?;
            let value = answer(answers, name)?;
            line.push_str(&format!(" --{name}={}", words::quoted(value)));
            Some(line)
        }
        About::Sure(line, _) => Some(line.clone()),
        About::Instead(lines) => match lines.as_slice() {
            [one] => Some(one.clone()),
            _ => answer(answers, LINE).map(String::from),
        },
    }
}

fn tracked(scene: &Scene<'_>, answers: &Answers) -> Option<String> {
    let chosen = answer(answers, SOURCE)?;
    let kind = source::ALL.iter().find(|kind| kind.name == chosen)?;
    let mut line = format!("track {}", kind.name);
    let complete = registry::with_declared(kind, |declared| {
        declared.get_arguments().all(|arg| {
            form::push(&mut line, arg, answers);
            let name = registry::name_of(arg);
            !arg.is_required_set() || answer(answers, &name).is_some()
        })
    });
    if !complete {
        return None;
    }
    // A flag that stands alone is chosen, and not asked for.
    let wished = rare::wished(answers, &[]);
    let rare = rare::all(&track::KIND, kind);
    let alone = rare
        .iter()
        .filter(|rare| rare.alone && wished.contains(&rare.name.as_str()));
    let mut all: Vec<(String, String)> = answers.to_vec();
    all.extend(alone.map(|rare| (rare.name.clone(), "true".to_string())));
    let answers = all.as_slice();
    registry::with_declared(&track::KIND, |grammar| {
        let part = grammar.find_subcommand(kind.name);
        let args = part.into_iter().flat_map(clap::Command::get_arguments);
        let mut args: Vec<_> = args.map(|arg| (registry::name_of(arg), arg)).collect();
        args.retain(|(name, _)| answer(answers, name).is_some() && !questions::is_own(kind, name));
        // First what is asked of everybody, in the order of the questions.
        let asked = ["where"].into_iter().chain(OF_ALL);
        args.sort_by_key(|(name, _)| {
            asked
                .clone()
                .position(|one| one == name)
                .unwrap_or(usize::MAX)
        });
        let chosen = answer(answers, FILTERS).unwrap_or_default();
        for (name, arg) in args {
            let usual = match name.as_str() {
                "as" => Some("line"),
                "in" => Some("here"),
                _ => None,
            };
            let is_usual = usual.is_some() && answer(answers, &name) == usual;
            let is_left = filter::names().any(|filter| filter == name)
                && chosen.split(',').all(|one| one != name)
                && offered::filters(scene, kind)
                    .iter()
                    .any(|one| one.value == name);
            if !is_usual && !is_left {
                form::push(&mut line, arg, answers);
            }
        }
    });
    Some(line)
}

/// Only what is different from what the tracker has.
fn edited(scene: &Scene<'_>, answers: &Answers) -> Option<String> {
    let (tracker, kind) = questions::meant(scene, answers)?;
    let has = questions::has(&tracker.recipe);
    let mut line = format!("edit {}", tracker.name);
    let mut without: Vec<&str> = Vec::new();
    let given = |name: &str| answers.iter().any(|(known, _)| known == name);
    let filters = answer(answers, FILTERS).unwrap_or_default();
    let filters: Vec<&str> = match given(FILTERS) {
        true => filters.split(',').collect(),
        false => answer(&has, FILTERS).map_or(Vec::new(), |has| has.split(',').collect()),
    };
    let wished = rare::wished(answers, &has);
    let rare = rare::all(&command::edit::KIND, kind);
    let single = ["where"].into_iter().chain(OF_ONE);
    let filters = filter::names().map(|name| (name, filters.contains(&name), false));
    let rare = rare.iter().map(|rare| {
        let name = rare.name.as_str();
        (name, wished.contains(&name), rare.alone)
    });
    let all = single.map(|name| (name, true, false));
    for (name, wanted, alone) in all.chain(filters).chain(rare) {
        let before = answer(&has, name);
        let now = match (wanted, alone, given(name)) {
            (false, ..) => None,
            (true, true, _) => Some("true"),
            (true, false, true) => answer(answers, name),
            (true, false, false) => before,
        };
        match (before, now) {
            (before, now) if before == now => {}
            (_, Some("here")) if name == "in" => {
                let here = &scene.room().room;
                if tracker.room != *scene.room() {
                    line.push_str(&format!(" --in={}", words::quoted(here)));
                }
            }
            (_, Some("true")) => line.push_str(&format!(" --{name}")),
            (_, Some(now)) => line.push_str(&format!(" --{name}={}", words::quoted(now))),
            (Some(_), None) => without.push(name),
            (None, None) => {}
        }
    }
    if !without.is_empty() {
        line.push_str(&format!(" --without {}", without.join(",")));
    }
    Some(line)
}

/// The line with a flag behind it that stands alone, which it may have already.
pub fn with(line: &str, flag: &str) -> String {
    let has = |word: &words::Word| !word.quoted && word.text == flag;
    match words::split(line).words.iter().any(has) {
        true => line.into(),
        false => format!("{line} {flag}"),
    }
}

/// The same in words, where these are read as the same.
pub fn in_words(grammar: &mut Grammar, line: &str) -> String {
    let spoken = spoken(line);
    let same = match (read(grammar, line), read(grammar, &spoken)) {
        (Some(line), Some(spoken)) => line == spoken,
        (_, _) => false,
    };
    match same {
        true => spoken,
        false => line.into(),
    }
}

/// The line with connecting words in the place of flags; what stands behind `where` comes last.
fn spoken(line: &str) -> String {
    let split = words::split(line);
    let mut spoken: Vec<String> = Vec::new();
    let mut last = None;
    let tracks = split.words.first().is_some_and(|word| word.text == "track");
    for (n, word) in split.words.iter().enumerate() {
        let flag = word
            .text
            .strip_prefix("--")
            .and_then(|flag| flag.split_once('='));
        let connected = flag.and_then(|(name, value)| {
            let plain = words::quoted(value);
            let word = match name {
                "where" => {
                    last = Some(format!("where {value}"));
                    return Some(String::new());
                }
                "every" if when::is_schedule(value) => return Some(value.to_string()),
                "as" => "as",
                "in" => "in",
                "name" => "named",
                "tag" => "tagged",
                "author" => "by",
                "post" => "below",
                _ => return None,
            };
            Some(format!("{word} {plain}"))
        });
        match connected {
            Some(connected) if connected.is_empty() => {}
            Some(connected) => spoken.push(connected),
            None if n == 2 && tracks && !word.text.contains("://") => {
                spoken.push(format!("on {}", words::quoted(&word.text)));
            }
            None if word.text.starts_with("--") => {
                spoken.push(split.text[word.span.clone()].to_string());
            }
            None => spoken.push(words::quoted(&word.text)),
        }
    }
    spoken.extend(last);
    spoken.join(" ")
}

/// What a line says, by the names of its arguments.
pub fn read(grammar: &mut Grammar, line: &str) -> Option<(String, Args)> {
    let mut line = words::split(line);
    turned::turn(&mut line);
    let first = line.words.first()?.text.clone();
    let kind = crate::command::ALL.iter().find(|kind| kind.name == first)?;
    let command = grammar.of(kind);
    let argv = sentence::flags(&line, |flag| sentence::Declared::by(command, flag));
    let matches = registry::parse(command, argv.into_iter().skip(1).collect()).ok()?;
    let (called, mut typed) = match matches.subcommand() {
        Some((part, matches)) => {
            let declared = command.find_subcommand(part)?;
            (
                format!("{first} {part}"),
                registry::typed(declared, matches),
            )
        }
        None => (first, registry::typed(command, &matches)),
    };
    // `hour` and `every hour` are the same.
    for every in typed.get_mut("every").into_iter().flatten() {
        if let Ok(same) = when::every(every) {
            *every = same.to_string();
        }
    }
    Some((called, typed))
}

/// Whether a line of this command lacks something that must be there, and is right otherwise.
pub fn lacks(grammar: &mut Grammar, kind: &'static command::CommandKind, line: &str) -> bool {
    let line = words::split(line);
    let command = grammar.of(kind);
    let argv = sentence::flags(&line, |flag| sentence::Declared::by(command, flag));
    let outcome = command.try_get_matches_from_mut(argv.into_iter().skip(1));
    outcome.is_err_and(|error| {
        use clap::error::ErrorKind;
        matches!(
            error.kind(),
            ErrorKind::MissingRequiredArgument
                | ErrorKind::MissingSubcommand
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        )
    })
}

/// Whether a command shows things, so that it may be about what belongs to others.
pub fn looks(command: &str) -> bool {
    ["show", "test", "why", "export", "explain"].contains(&command)
}

/// Whether the flags among the words behind `wizard` are such of a new tracker, or of one that is changed.
///
/// # Errors
/// With the first that is none, or where neither is meant.
pub fn check_flags(typed: &[&str]) -> Result<(), Refusal> {
    let first = typed.first().copied().unwrap_or_default();
    let kind = match first {
        "edit" | "change" => Some(&command::edit::KIND),
        _ if first == track::KIND.name => Some(&track::KIND),
        _ if source::ALL.iter().any(|kind| kind.name == first) => Some(&track::KIND),
        _ => None,
    };
    let declared = |flag: &str| {
        kind.is_some_and(|kind| {
            registry::with_declared(kind, |grammar| {
                sentence::Declared::by(grammar, flag) != sentence::Declared::No
            })
        })
    };
    let flags = typed.iter().filter_map(|word| word.strip_prefix("--"));
    for flag in flags {
        let flag = flag.split('=').next().unwrap_or_default();
        if !declared(flag) || ["without", "dry-run"].contains(&flag) {
            let flag = crate::model::text::cut(&flag.replace('`', "'"), 40);
            return Err(Refusal::new(format!("`wizard` has no `--{flag}` there."))
                .hint("`man wizard` shows how, `man track` the flags of a tracker"));
        }
    }
    Ok(())
}

/// What the words behind a command say already, however little that is.
pub fn known(command: &str, typed: &[&str]) -> Vec<(String, String)> {
    let quoted: Vec<String> = typed.iter().map(|word| words::quoted(word)).collect();
    // Connecting words and flags are only such without quotes.
    let plain = |(word, quoted): (&&str, String)| match word.contains(char::is_whitespace) {
        true => match word.split_once('=').filter(|_| word.starts_with("--")) {
            Some((flag, value)) => format!("{flag}={}", words::quoted(value)),
            None => quoted,
        },
        false => word.to_string(),
    };
    let typed: Vec<String> = typed.iter().zip(quoted).map(plain).collect();
    wished(said(&format!("{command} {}", typed.join(" "))))
}

/// The same with what stands for several of it: which filters, and which rare wishes.
fn wished(mut said: Vec<(String, String)>) -> Vec<(String, String)> {
    let kind = answer(&said, SOURCE);
    let kind = source::ALL.iter().find(|known| Some(known.name) == kind);
    let is_own = |name: &str| kind.is_some_and(|kind| questions::is_own(kind, name));
    let filters = filter::names().filter(|name| answer(&said, name).is_some() && !is_own(name));
    let filters: Vec<&str> = filters.collect();
    let command = match kind {
        Some(_) => &track::KIND,
        None => &command::edit::KIND,
    };
    // What is changed may be of any source.
    let rare = rare::all(command, kind.unwrap_or(&source::ALL[0]));
    let rare = rare.into_iter().map(|rare| rare.name);
    let rare: Vec<String> = rare.filter(|name| answer(&said, name).is_some()).collect();
    let (filters, rare) = (filters.join(","), rare.join(","));
    // What is watched comes first: all the rest depends on it.
    let rank = |name: &str| match name {
        SOURCE | TRACKER => 0,
        name if is_own(name) => 1,
        _ => 2,
    };
    said.sort_by_key(|(name, _)| rank(name));
    let all = [(FILTERS, filters), (MORE, rare)];
    let all = all.into_iter().filter(|(_, all)| !all.is_empty());
    said.extend(all.map(|(name, all)| (name.to_string(), all)));
    said
}

/// What a line says already, by the names of its questions.
pub fn said(line: &str) -> Vec<(String, String)> {
    let mut line = words::split(line);
    turned::turn(&mut line);
    let first = line.words.first().map(|word| word.text.to_lowercase());
    let kind = command::ALL
        .iter()
        .find(|kind| Some(kind.name) == first.as_deref());
    let Some(kind) = kind else {
        return Vec::new();
    };
    let mut declared = (kind.declare)().ignore_errors(true);
    let argv = sentence::flags(&line, |flag| sentence::Declared::by(&declared, flag));
    let Ok(matches) = declared.try_get_matches_from_mut(argv.into_iter().skip(1)) else {
        return Vec::new();
    };
    let (mut all, typed) = match matches.subcommand() {
        Some((part, matches)) => {
            let typed = declared.find_subcommand(part);
            let typed = typed.map(|declared| registry::typed(declared, matches));
            (
                vec![(SOURCE.to_string(), part.to_string())],
                typed.unwrap_or_default(),
            )
        }
        None => (Vec::new(), registry::typed(&declared, &matches)),
    };
    all.extend(
        typed
            .into_iter()
            .map(|(name, values)| (name, values.join(" "))),
    );
    all
}
