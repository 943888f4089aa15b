//! Walks a config file along the settings that are asked for, and keeps every mistake with its place.
//!
//! Asking for a setting is what makes it known: there is no second list of them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use toml::Spanned;
use toml::de::DeTable;

use super::DEFAULTS;
use super::section::Section;
use super::value::show;
use crate::model::Mistake;

/// More mistakes than a person reads at once.
const MOST: usize = 100;

/// One file on its way to be a `Config`.
pub struct Reader<'t> {
    text: &'t str,
    file: &'t str,
    /// Where the paths in the file begin.
    folder: &'t Path,
    user: Spanned<DeTable<'t>>,
    defaults: Spanned<DeTable<'t>>,
    /// What makes it no TOML, in the order of the places.
    broken: Vec<Found>,
    found: RefCell<Vec<Found>>,
    unknown: RefCell<Vec<Unknown>>,
    known: RefCell<BTreeSet<(String, &'static str)>>,
}

struct Found {
    place: usize,
    what: String,
    hint: Option<String>,
}

/// A setting of the file that nobody asked for.
pub struct Unknown {
    pub place: usize,
    pub title: String,
    pub key: String,
    pub is_table: bool,
    /// What was asked for and is spelt much like it.
    pub near: Option<&'static str>,
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t str, file: &'t str, folder: &'t Path) -> Reader<'t> {
        let (user, broken) = DeTable::parse_recoverable(text);
        let mut broken: Vec<Found> = broken.iter().map(|error| syntax(text, error)).collect();
        broken.sort_by_key(|found| found.place);
        Reader {
            text,
            file,
            folder,
            user,
            defaults: DeTable::parse(DEFAULTS).expect("a test reads the defaults"),
            broken,
            found: RefCell::default(),
            unknown: RefCell::default(),
            known: RefCell::default(),
        }
    }

    pub fn read<T>(&self, read: impl FnOnce(&mut Section) -> T) -> T {
        let mut top = Section::top(self, self.user.get_ref(), self.defaults.get_ref());
        let read = read(&mut top);
        top.end();
        read
    }

    /// Every mistake in the order of the lines.
    pub fn mistakes(self) -> Vec<Mistake> {
        let known = self.known.into_inner();
        let unknown = self.unknown.into_inner().into_iter().map(|unknown| {
            let what = match (unknown.is_table, unknown.title.is_empty()) {
                (true, true) => format!("there is no section [{}]", show(&unknown.key)),
                (false, true) => format!(
                    "there is no setting `{}` before the first section",
                    show(&unknown.key)
                ),
                (_, false) => format!(
                    "there is no setting `{}` in [{}]",
                    show(&unknown.key),
                    unknown.title
                ),
            };
            let hint = match unknown.near {
                Some(near) => Some(format!("did you mean `{near}`?")),
                None => known
                    .iter()
                    .find(|(_, key)| *key == unknown.key)
                    .map(|(shape, key)| match shape.as_str() {
                        "" => format!("`{key}` stands before the first section"),
                        shape => format!("`{key}` belongs in [{shape}]"),
                    }),
            };
            Found {
                place: unknown.place,
                what,
                hint,
            }
        });
        let mut found = self.found.into_inner();
        found.extend(unknown);
        // Where the file is no TOML what was read there is a guess, and no reason to complain.
        let lines = Lines::of(self.text);
        let guessed: BTreeSet<usize> = self
            .broken
            .iter()
            .map(|found| lines.line(found.place))
            .collect();
        let lost = self
            .broken
            .iter()
            .find(|found| {
                lines
                    .text(self.text, lines.line(found.place))
                    .trim_start()
                    .starts_with('[')
            })
            .map_or(usize::MAX, |found| lines.line(found.place));
        found.retain(|found| {
            let line = lines.line(found.place);
            line < lost && !guessed.contains(&line)
        });
        found.extend(self.broken);
        found.sort_by_key(|found| found.place);
        found.truncate(MOST);
        found
            .into_iter()
            .map(|found| {
                let line = lines.line(found.place);
                let before = &self.text[lines.starts[line]..floor(self.text, found.place)];
                Mistake {
                    file: self.file.to_string(),
                    line: line + 1,
                    column: before.chars().count() + 1,
                    what: found.what,
                    hint: found.hint,
                }
            })
            .collect()
    }

    /// Every setting that was asked for: its section, with `*` for names that people choose, and its name.
    #[cfg(test)]
    pub fn known(&self) -> BTreeSet<(String, &'static str)> {
        self.known.borrow().clone()
    }

    /// Where the paths in the file begin.
    pub fn folder(&self) -> &'t Path {
        self.folder
    }

    /// Keeps which settings of a section were asked for.
    pub fn asked(&self, shape: &str, keys: &[&'static str]) {
        let known = keys.iter().map(|key| (shape.to_string(), *key));
        self.known.borrow_mut().extend(known);
    }

    /// Keeps what nobody asked for.
    pub fn leave(&self, unknown: Unknown) {
        self.unknown.borrow_mut().push(unknown);
    }

    /// Keeps a mistake at a place, in bytes from the beginning.
    pub fn complain(&self, place: usize, what: String, hint: Option<String>) {
        self.found.borrow_mut().push(Found { place, what, hint });
    }
}

/// The nearest border of characters at or before a place.
fn floor(text: &str, place: usize) -> usize {
    let mut place = place.min(text.len());
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// Where the lines of a text begin.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Lines {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Lines {
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// The line of a place, from 0.
    fn line(&self, place: usize) -> usize {
        self.starts.partition_point(|start| *start <= place) - 1
    }

    fn text<'t>(&self, text: &'t str, line: usize) -> &'t str {
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        &text[self.starts[line]..end]
    }
}

/// The parser's complaint in our words. What stands in the file is not shown: it may be a secret.
fn syntax(text: &str, error: &toml::de::Error) -> Found {
    let span = error.span().unwrap_or(0..0);
    let message = error.message();
    let (what, hint) = if message.starts_with("duplicate key") {
        let key = text.get(span.clone()).map(show).unwrap_or_default();
        (
            format!("`{key}` stands here for the second time"),
            Some("keep one of them"),
        )
    } else if message.starts_with("string values must be quoted") {
        match span.is_empty() {
            true => ("there is no value here".into(), None),
            false => (
                "a text must stand in quotes".into(),
                Some("for instance name = \"boson\""),
            ),
        }
    } else {
        (format!("this is no TOML: {message}"), None)
    };
    Found {
        place: span.start,
        what,
        hint: hint.map(String::from),
    }
}
