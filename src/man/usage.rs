//! How a command is typed, out of its declaration.

use clap::{Arg, ArgAction, Command};

/// The longest line in characters.
const WIDTH: usize = 72;
/// The widest column of arguments; longer ones stand on a line of their own.
const COLUMN: usize = 24;

/// Puts the usage between the marks `<!-- usage -->` and `<!-- /usage -->` of a page, in the place of what stands
/// there. A page without marks stays as it is.
pub fn with_usage(markdown: &str, usage: &str) -> String {
    let usage = usage.trim_end();
    let fence = match usage.contains("```") {
        true => "````",
        false => "```",
    };
    between(markdown, "usage", &format!("{fence}text\n{usage}\n{fence}"))
}

/// Puts Markdown between the marks `<!-- NAME -->` and `<!-- /NAME -->` of a page. One without them stays as it is.
pub fn between(markdown: &str, name: &str, lines: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let Some((before, rest)) = markdown.split_once(&begin) else {
        return markdown.into();
    };
    let Some((_, after)) = rest.split_once(&end) else {
        return markdown.into();
    };
    format!("{before}{begin}\n{lines}\n{end}{after}")
}

/// How a command is typed: the whole line, then each argument with its meaning, its default, what it can be. At most
/// 72 characters wide where words allow it.
pub fn usage(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let mut lines = Vec::new();
    let subcommands: Vec<&Command> = command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set())
        .collect();
    if subcommands.is_empty() || !command.is_subcommand_required_set() {
        lines.extend(synopsis(name, shown(command)));
    }
    let shared = shared(&subcommands);
    let is_shared = |arg: &&Arg| shared.iter().any(|shared| shared.get_id() == arg.get_id());
    for sub in &subcommands {
        let own = shown(sub).filter(|arg| arg.is_positional() || !is_shared(arg));
        let mut synopsis = synopsis(&format!("{name} {}", sub.get_name()), own);
        if let Some(last) = synopsis.last_mut().filter(|_| !shared.is_empty()) {
            last.push_str(" …");
        }
        lines.extend(synopsis);
        if let Some(about) = sub.get_about() {
            lines.extend(wrapped("    ", &about.to_string()));
        }
    }
    if !shared.is_empty() {
        lines.push(String::new());
        lines.extend(synopsis("…", shared.into_iter()));
    }
    let arguments: Vec<&Arg> = shown(command).collect();
    if !arguments.is_empty() {
        lines.push(String::new());
    }
    let column = arguments
        .iter()
        .map(|arg| label(arg).chars().count())
        .filter(|width| *width <= COLUMN)
        .max()
        .unwrap_or(COLUMN);
    for arg in arguments {
        lines.extend(argument(arg, column));
    }
    lines.join("\n")
}

/// The flags that more than half of several parts take, and all filters: they are shown once.
fn shared<'a>(parts: &[&'a Command]) -> Vec<&'a Arg> {
    if parts.len() < 3 {
        return Vec::new();
    }
    let has = |part: &Command, wanted: &Arg| shown(part).any(|arg| arg.get_id() == wanted.get_id());
    let mut shared: Vec<&Arg> = Vec::new();
    for arg in parts.iter().flat_map(|part| shown(part)) {
        let takers = parts.iter().filter(|part| has(part, arg)).count();
        let is_common = arg.get_help_heading().is_some() || takers * 2 > parts.len();
        let is_known = shared.iter().any(|known| known.get_id() == arg.get_id());
        if !arg.is_positional() && is_common && !is_known {
            shared.push(arg);
        }
    }
    shared
}

/// `track feed URL [--every WHEN]`, its further lines below the first argument.
fn synopsis<'a>(name: &str, arguments: impl Iterator<Item = &'a Arg>) -> Vec<String> {
    let indent = " ".repeat(name.chars().count().min(COLUMN) + 1);
    let mut lines = Vec::new();
    let mut line = name.to_string();
    for arg in arguments {
        let piece = piece(arg);
        if line.chars().count() + 1 + piece.chars().count() > WIDTH && line.trim() != "" {
            lines.push(std::mem::take(&mut line));
            line.push_str(&indent);
            line.push_str(&piece);
        } else {
            line.push(' ');
            line.push_str(&piece);
        }
    }
    lines.push(line);
    lines
}

/// What people may type, arguments without a flag first.
fn shown(command: &Command) -> impl Iterator<Item = &Arg> {
    let visible = |arg: &&Arg| !arg.is_hide_set();
    let options = command.get_arguments().filter(|arg| !arg.is_positional());
    command
        .get_positionals()
        .filter(visible)
        .chain(options.filter(visible))
}

/// An argument as it stands in the line.
fn piece(arg: &Arg) -> String {
    let mut piece = flag(arg);
    if let Some(values) = values(arg) {
        if !piece.is_empty() {
            piece.push(' ');
        }
        piece.push_str(&values);
    }
    match arg.is_required_set() {
        true => piece,
        false => format!("[{piece}]"),
    }
}

/// An argument as it stands above its meaning: with its short flag too.
fn label(arg: &Arg) -> String {
    let short = match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(_)) => format!("-{short}, "),
        _ => String::new(),
    };
    let piece = match values(arg) {
        Some(values) => format!("{} {values}", flag(arg)),
        None => flag(arg),
    };
    format!("{short}{}", piece.trim_start())
}

fn flag(arg: &Arg) -> String {
    match (arg.get_long(), arg.get_short()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some(short)) => format!("-{short}"),
        (None, None) => String::new(),
    }
}

/// The names of its values, `…` where there can be more of them; `None` for what has none.
fn values(arg: &Arg) -> Option<String> {
    if !arg.get_action().takes_values() {
        return None;
    }
    let mut names = match arg.get_value_names() {
        Some(names) => names
            .iter()
            .map(|name| name.to_string())
            .collect::<Vec<_>>()
            .join(" "),
        None => arg.get_id().as_str().to_uppercase().replace('_', "-"),
    };
    let many = arg
        .get_num_args()
        .is_some_and(|count| count.max_values() > count.min_values().max(1));
    if many || matches!(arg.get_action(), ArgAction::Append) {
        names.push('…');
    }
    Some(names)
}

fn argument(arg: &Arg, column: usize) -> Vec<String> {
    let label = label(arg);
    let indent = " ".repeat(column + 2);
    let mut lines = wrapped(&indent, &meaning(arg));
    match label.chars().count() <= column {
        true if lines.is_empty() => vec![label],
        true => {
            let rest = lines[0].trim_start();
            lines[0] = format!("{label:column$}  {rest}");
            lines
        }
        false => {
            lines.insert(0, label);
            lines
        }
    }
}

/// Its help, then what is not in the help.
fn meaning(arg: &Arg) -> String {
    let mut sentences: Vec<String> = Vec::new();
    if let Some(help) = arg.get_help() {
        let help = help.to_string();
        sentences.push(match help.ends_with(['.', '?', '!', ')', '`']) {
            true => help,
            false => format!("{help}."),
        });
    }
    let possible: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| value.get_name().to_string())
        .collect();
    if arg.get_action().takes_values() && !possible.is_empty() {
        sentences.push(format!("One of: {}.", possible.join(", ")));
    }
    let defaults: Vec<String> = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    if arg.get_action().takes_values() && !arg.is_hide_default_value_set() && !defaults.is_empty() {
        sentences.push(format!("Default: {}.", defaults.join(" ")));
    }
    if let Some(others) = arg
        .get_visible_aliases()
        .filter(|others| !others.is_empty())
    {
        let others: Vec<String> = others.iter().map(|other| format!("--{other}")).collect();
        sentences.push(format!("Also: {}.", others.join(", ")));
    }
    sentences.join(" ")
}

/// Words in lines that begin with `indent`.
fn wrapped(indent: &str, words: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words.split_whitespace() {
        let wide = indent.chars().count() + line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && wide > WIDTH {
            lines.push(format!("{indent}{line}"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(format!("{indent}{line}"));
    }
    lines
}
