//! One table of a config file, asked setting by setting.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::{Reader, Unknown};
use super::value::{Wrong, kind_of, show, text};
use super::{Secret, environment};
use crate::registry;

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

impl<'r> Section<'r> {
    /// What stands before the first bracket, and all that stands below it.
    pub fn top(
        reader: &'r Reader<'r>,
        user: &'r DeTable<'r>,
        defaults: &'r DeTable<'r>,
    ) -> Section<'r> {
        Section {
            reader,
            title: String::new(),
            shape: String::new(),
            place: 0,
            user: Some(user),
            defaults: Some(defaults),
            asked: Vec::new(),
        }
    }

    /// What stands between its brackets.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where the paths in the file begin.
    pub fn folder(&self) -> PathBuf {
        self.reader.folder().to_path_buf()
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
            (None, Some(file)) => {
                let path = self.reader.folder().join(&file);
                read_secret(&path).map_err(|why| {
                    Wrong::new(format!("is missing: {why}: {}", show(&file))).hint(format!(
                        "write it into {}",
                        show(&path.display().to_string())
                    ))
                })
            }
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

    /// A secret that nobody need set, and nobody has.
    pub fn optional(&mut self, key: &'static str) -> Option<Secret> {
        self.asked.push(key);
        None
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

    /// Everything was asked for.
    pub fn end(self) {
        self.reader.asked(&self.shape, &self.asked);
        self.end_unlisted();
    }

    /// Keeps what nobody asked for.
    fn end_unlisted(self) {
        for (key, value) in self.user.into_iter().flatten() {
            let name: &str = key.get_ref();
            if self.asked.contains(&name) {
                continue;
            }
            self.reader.leave(Unknown {
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
