//! Walks a config file along the settings that are asked for, and keeps every mistake with its place.
//!
//! Asking for a setting is what makes it known: there is no second list of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::value::{Wrong, kind_of, show, text};
use super::{DEFAULTS, Mistake, Secret, environment};
use crate::registry;

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

/// One table of the file with what stands in for it where it says nothing.
pub struct Section<'r> {
    reader: &'r Reader<'r>,
    /// What stands between its brackets; empty for the top.
    title: String,
    /// The same with `*` for names that people choose.
    shape: String,
    /// Where it stands in the user's file.
    place: usize,
    user: Option<&'r DeTable<'r>>,
    defaults: Option<&'r DeTable<'r>>,
    asked: Vec<&'static str>,
}

struct Found {
    place: usize,
    what: String,
    hint: Option<String>,
}

struct Unknown {
    place: usize,
    title: String,
    key: String,
    is_table: bool,
    near: Option<&'static str>,
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
        let mut top = Section {
            reader: self,
            title: String::new(),
            shape: String::new(),
            place: 0,
            user: Some(self.user.get_ref()),
            defaults: Some(self.defaults.get_ref()),
            asked: Vec::new(),
        };
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

    fn complain(&self, place: usize, what: String, hint: Option<String>) {
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

impl<'r> Section<'r> {
    /// What stands between its brackets.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where the paths in the file begin.
    pub fn folder(&self) -> PathBuf {
        self.reader.folder.to_path_buf()
    }

    /// A setting that has a default.
    pub fn must<T>(&mut self, key: &'static str, read: impl Fn(&DeValue) -> Result<T, Wrong>) -> T {
        self.may(key, read)
            .expect("config.toml has a default for what must be there")
    }

    /// A setting that nobody need set.
    pub fn may<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&DeValue) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.asked.push(key);
        if let Some((place, value)) = self.find(key) {
            match read(value) {
                Ok(value) => return Some(value),
                Err(wrong) => self.refuse(key, place, wrong),
            }
        }
        let (_, default) = entry(self.defaults?, key)?;
        read(default.get_ref()).ok()
    }

    /// A setting that has no default and must be there.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&DeValue) -> Result<T, Wrong>,
    ) -> Option<T> {
        if !self.sets(key) {
            self.complain(
                format!("[{}] has no `{key}`", self.title),
                format!("write `{key} = …` below it"),
            );
        }
        self.may(key, read)
    }

    /// A secret from the environment or a file; it must be there.
    pub fn secret(&mut self, key: &'static str) -> Option<Secret> {
        const HINT: &str = "write { env = \"NAME\" } or { file = \"PATH\" }";
        self.asked.push(key);
        let Some((place, value)) = self.find(key) else {
            self.complain(format!("[{}] has no `{key}`", self.title), HINT);
            return None;
        };
        let DeValue::Table(table) = value else {
            self.refuse(
                key,
                place,
                Wrong::new("is a secret and must not stand in this file").hint(HINT),
            );
            return None;
        };
        let mut section = Section {
            reader: self.reader,
            title: self.below(key),
            shape: String::new(),
            place,
            user: Some(table),
            defaults: None,
            asked: Vec::new(),
        };
        let (variable, file) = (section.may("env", text), section.may("file", text));
        let whole = section.sets("env") != section.sets("file");
        section.end_unlisted();
        if !whole {
            self.refuse(
                key,
                place,
                Wrong::new("must say either where in the environment or in which file it is")
                    .hint(HINT),
            );
            return None;
        }
        let secret = match (variable, file) {
            (Some(name), _) => environment::variable(&name).ok_or_else(|| {
                Wrong::new(format!(
                    "is missing: the environment has no `{}`",
                    show(&name)
                ))
                .hint(format!("start with {}=… set", show(&name)))
            }),
            (None, Some(file)) => read_secret(&self.reader.folder.join(&file))
                .map_err(|why| Wrong::new(format!("is missing: {why}: {}", show(&file)))),
            (None, None) => return None,
        };
        match secret {
            Ok(secret) => Some(Secret::new(secret)),
            Err(wrong) => {
                self.refuse(key, place, wrong);
                None
            }
        }
    }

    /// A table of settings.
    pub fn section<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Section<'r>) -> T) -> T {
        self.asked.push(key);
        let (place, user) = self.table(key).unzip();
        let defaults = self.defaults.and_then(|defaults| entry(defaults, key));
        let mut section = Section {
            reader: self.reader,
            title: self.below(key),
            shape: join(&self.shape, key),
            place: place.unwrap_or(0),
            user,
            defaults: defaults.and_then(|(_, value)| value.get_ref().as_table()),
            asked: Vec::new(),
        };
        let read = read(&mut section);
        section.end();
        read
    }

    /// A table of tables whose names people choose. When the user's file has one its entries take the place of the
    /// default ones; what an entry does not say is as in the first default one.
    pub fn each<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&str, &mut Section<'r>) -> T,
    ) -> BTreeMap<String, T> {
        self.asked.push(key);
        let defaults = self
            .defaults
            .and_then(|defaults| entry(defaults, key))
            .and_then(|(_, value)| value.get_ref().as_table());
        let model = defaults
            .and_then(|defaults| defaults.values().next())
            .and_then(|value| value.get_ref().as_table());
        let user = self.table(key).map(|(_, table)| table);
        let mut all = BTreeMap::new();
        for (name, value) in user.or(defaults).into_iter().flatten() {
            let name_text: &str = name.get_ref();
            let table = value.get_ref().as_table();
            let place = name.span().start;
            let title = join(&self.below(key), &quoted(name_text));
            if table.is_none() {
                self.reader.complain(
                    place,
                    format!(
                        "[{title}] must be a section, not {}",
                        kind_of(value.get_ref())
                    ),
                    Some(format!("write [{title}] and its settings below it")),
                );
                continue;
            }
            let mut section = Section {
                reader: self.reader,
                title,
                shape: join(&join(&self.shape, key), "*"),
                place: if user.is_some() { place } else { 0 },
                user: user.and(table),
                defaults: model,
                asked: Vec::new(),
            };
            all.insert(name_text.to_string(), read(name_text, &mut section));
            section.end();
        }
        all
    }

    /// The user's file sets it.
    pub fn sets(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// The whole section is wrong.
    pub fn complain(&self, what: String, hint: impl Into<String>) {
        self.reader.complain(self.place, what, Some(hint.into()));
    }

    /// A setting is wrong beside another one.
    pub fn complain_about(&self, key: &str, what: String, hint: &str) {
        let place = self.find(key).map_or(self.place, |(place, _)| place);
        self.reader.complain(place, what, Some(hint.into()));
    }

    fn find(&self, key: &str) -> Option<(usize, &'r DeValue<'r>)> {
        let (place, value) = entry(self.user?, key)?;
        // What the parser made up where there was no value has no place of its own.
        let place = match value.span().is_empty() {
            true => place,
            false => value.span().start,
        };
        Some((place, value.get_ref()))
    }

    fn table(&self, key: &str) -> Option<(usize, &'r DeTable<'r>)> {
        let (place, value) = entry(self.user?, key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some((place, table)),
            other => {
                self.reader.complain(
                    place,
                    format!(
                        "[{}] must be a section, not {}",
                        self.below(key),
                        kind_of(other)
                    ),
                    Some(format!(
                        "write [{}] and its settings below it",
                        self.below(key)
                    )),
                );
                None
            }
        }
    }

    fn refuse(&self, key: &str, place: usize, wrong: Wrong) {
        let what = match self.title.as_str() {
            "" => format!("`{key}` {}", wrong.what),
            title => format!("`{key}` in [{title}] {}", wrong.what),
        };
        self.reader.complain(place, what, wrong.hint);
    }

    fn below(&self, key: &str) -> String {
        join(&self.title, key)
    }

    fn end(self) {
        let shape = self.shape.clone();
        let known = self.asked.iter().map(|key| (shape.clone(), *key));
        self.reader.known.borrow_mut().extend(known);
        self.end_unlisted();
    }

    /// Keeps what nobody asked for.
    fn end_unlisted(self) {
        for (key, value) in self.user.into_iter().flatten() {
            let name: &str = key.get_ref();
            if self.asked.contains(&name) {
                continue;
            }
            self.reader.unknown.borrow_mut().push(Unknown {
                place: key.span().start,
                title: self.title.clone(),
                key: name.to_string(),
                is_table: value.get_ref().is_table(),
                near: registry::nearest(name, self.asked.iter().copied()),
            });
        }
    }
}

fn entry<'r>(table: &'r DeTable<'r>, key: &str) -> Option<(usize, &'r Spanned<DeValue<'r>>)> {
    table
        .iter()
        .find(|(name, _)| name.get_ref() == key)
        .map(|(name, value)| (name.span().start, value))
}

fn join(title: &str, key: &str) -> String {
    match title {
        "" => key.into(),
        title => format!("{title}.{key}"),
    }
}

/// A name as it stands between brackets.
fn quoted(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    match bare {
        true => show(name),
        false => format!("\"{}\"", show(name)),
    }
}

/// The first line of a secret's file.
fn read_secret(path: &Path) -> Result<String, String> {
    const LARGEST: u64 = 64 * 1024;
    // Only a plain file: reading anything else may never end.
    let about = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !about.is_file() || about.len() > LARGEST {
        return Err("no file, or a very large one".into());
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err("an empty file".into()),
        secret => Ok(secret.to_string()),
    }
}
