//! Recipes as files: a tracker as TOML with examples that show what it says; the shipped ones are in `trackers/`.

mod example;
mod read;

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::model::{Fact, Mistake, Recipe, Refusal};

pub use example::run_example;
pub use read::parse;

/// The recipes that come with the program.
static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/trackers");

/// A recipe under a name, with what shows that it does what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The file's name without `.toml`.
    pub name: String,
    pub recipe: Recipe,
    pub examples: Vec<Example>,
}

/// An item, and what the recipe makes of it: exactly one of `says` and `drops` is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Example {
    pub title: String,
    pub body: String,
    pub author: Option<String>,
    pub tags: Vec<String>,
    pub url: Option<String>,
    /// How long before the look it was published: `3 hours`; nothing means now.
    pub age: Option<String>,
    /// What else is known about it, by the names of `man facts`.
    pub facts: BTreeMap<String, Fact>,
    /// The whole message, with `[name]`.
    pub says: Option<String>,
    /// Why it is not said.
    pub drops: Option<String>,
}

/// The recipes that come with the program, in the order of their names.
pub fn shipped() -> Vec<Written> {
    let mut all: Vec<Written> = SHIPPED
        .files()
        .filter(|file| file.path().extension().is_some_and(|kind| kind == "toml"))
        .map(|file| {
            let name = stem(file.path()).expect("shipped files have plain names");
            let text = file.contents_utf8().expect("shipped recipes are UTF-8");
            let path = format!("trackers/{name}.toml");
            parse(name, text, &path).unwrap_or_else(|mistakes| {
                let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                panic!("tests read every shipped recipe: {}", mistakes.join("\n"))
            })
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// The recipes of a folder: its files that end in `.toml`, in the order of their names.
///
/// # Errors
/// Every mistake in every file, or why the folder cannot be read.
pub fn folder(folder: &Path) -> Result<Vec<Written>, Vec<Mistake>> {
    let unreadable = |path: &Path, error: std::io::Error| Mistake {
        file: path.display().to_string(),
        line: 0,
        column: 0,
        what: format!("it cannot be read: {error}"),
        hint: None,
    };
    let entries = std::fs::read_dir(folder).map_err(|error| vec![unreadable(folder, error)])?;
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
        .collect();
    paths.sort();
    let (mut all, mut mistakes) = (Vec::new(), Vec::new());
    for path in paths {
        let Some(name) = stem(&path) else { continue };
        match std::fs::read_to_string(&path) {
            Ok(text) => match parse(name, &text, &path.display().to_string()) {
                Ok(written) => all.push(written),
                Err(more) => mistakes.extend(more),
            },
            Err(error) => mistakes.push(unreadable(&path, error)),
        }
    }
    if mistakes.is_empty() {
        Ok(all)
    } else {
        Err(mistakes)
    }
}

/// The recipe of that name.
///
/// # Errors
/// When there is none; the hint has the nearest.
pub fn find<'a>(all: &'a [Written], name: &str) -> Result<&'a Written, Refusal> {
    if let Some(found) = all
        .iter()
        .find(|written| written.name.eq_ignore_ascii_case(name))
    {
        return Ok(found);
    }
    let names = all.iter().map(|written| written.name.as_str());
    let shown = crate::model::text::cut(&name.replace('`', "'"), 40);
    let refusal = Refusal::new(format!("There is no recipe called `{shown}`."));
    Err(match crate::registry::nearest(name, names) {
        Some(near) => refusal.hint(format!("did you mean `use {near}`?")),
        None => refusal.hint("`recipes` lists them"),
    })
}

fn stem(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()
}
