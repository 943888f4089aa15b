//! Recipes as files: a tracker as TOML with examples that show what it says; the shipped ones are in `trackers/`.

mod example;
mod read;

use std::fmt;

use include_dir::{Dir, include_dir};

use crate::model::{Recipe, Refusal};

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example {
    pub title: String,
    pub body: String,
    pub author: Option<String>,
    pub tags: Vec<String>,
    pub url: Option<String>,
    /// How long before the look it was published: `3 hours`; nothing means now.
    pub age: Option<String>,
    /// The whole message, with `[name]`.
    pub says: Option<String>,
    /// Why it is not said.
    pub drops: Option<String>,
}

/// Something wrong in a recipe file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// As it was given to [`parse`].
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// A whole sentence.
    pub what: String,
    pub hint: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mistake {
            file,
            line,
            column,
            what,
            hint,
        } = self;
        write!(f, "{file}:{line}:{column}: {what}")?;
        match hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// The recipes that come with the program, in the order of their names. Their sources are not checked here:
/// tests do that.
pub fn shipped() -> Vec<Written> {
    let mut all: Vec<Written> = SHIPPED
        .files()
        .filter(|file| file.path().extension().is_some_and(|kind| kind == "toml"))
        .map(|file| {
            let name = file
                .path()
                .file_stem()
                .and_then(|name| name.to_str())
                .expect("shipped files have plain names");
            let text = file.contents_utf8().expect("shipped recipes are UTF-8");
            let path = format!("trackers/{name}.toml");
            parse(name, text, &path, &|_| Ok(())).unwrap_or_else(|mistakes| {
                let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                panic!("tests read every shipped recipe: {}", mistakes.join("\n"))
            })
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// The shipped recipe of that name.
///
/// # Errors
/// When there is none; the hint has the nearest.
pub fn find(name: &str) -> Result<Written, Refusal> {
    let all = shipped();
    if let Some(found) = all
        .iter()
        .find(|written| written.name.eq_ignore_ascii_case(name))
    {
        return Ok(found.clone());
    }
    let names = || all.iter().map(|written| written.name.as_str());
    let shown = crate::model::text::cut(name, 40);
    let refusal = Refusal::new(format!("There is no recipe called `{shown}`."));
    Err(match crate::registry::nearest(name, names()) {
        Some(near) => refusal.hint(format!("did you mean `{near}`?")),
        None => refusal.hint(format!("there are {}", crate::registry::list(names()))),
    })
}
