//! What a test knows of the trackers of a room: what each command does to them, and what it is answered.

use std::collections::BTreeMap;

/// A tracker as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracker {
    /// Stays when the name changes.
    pub id: usize,
    pub feed: usize,
    pub every: &'static str,
    pub printer: &'static str,
    pub filter: BTreeMap<&'static str, &'static str>,
    pub paused: bool,
}

/// All trackers of a room, and what `undo` would take back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    pub trackers: BTreeMap<String, Tracker>,
    undo: Vec<Change>,
}

/// A change, and how it is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    what: String,
    id: usize,
    before: Option<(String, Tracker)>,
}

/// What stands in an answer that something was done.
const DONE: [&str; 7] = [
    "Tracking ",
    "Paused ",
    "Resumed ",
    " is called ",
    "Stopped ",
    "Changed ",
    "Took back",
];

/// What somebody types.
#[derive(Clone, Debug)]
pub enum Command {
    Track(String, Tracker, String),
    Pause(String),
    Resume(String),
    Rename(String, String),
    Stop(String),
    Edit(String, Edit),
    Undo,
    List,
    Show(String),
    Export(String),
}

#[derive(Clone, Debug)]
pub enum Edit {
    Filter(&'static str, &'static str),
    Without(&'static str),
    As(&'static str),
    Every(&'static str),
}

impl Command {
    pub fn words(&self) -> String {
        match self {
            Command::Track(name, tracker, url) => {
                let Tracker { every, printer, .. } = tracker;
                let mut words = format!("track feed {url} named {name} {every} as {printer}");
                for (filter, value) in &tracker.filter {
                    words = format!("{words} --{filter} {value}");
                }
                words
            }
            Command::Pause(name) => format!("pause {name}"),
            Command::Resume(name) => format!("resume {name}"),
            Command::Rename(old, new) => format!("rename {old} {new}"),
            Command::Stop(name) => format!("stop {name}"),
            Command::Edit(name, edit) => match edit {
                Edit::Filter(filter, value) => format!("edit {name} --{filter} {value}"),
                Edit::Without(filter) => format!("edit {name} --without {filter}"),
                Edit::As(printer) => format!("edit {name} as {printer}"),
                Edit::Every(every) => format!("edit {name} {every}"),
            },
            Command::Undo => "undo".into(),
            Command::List => "list".into(),
            Command::Show(name) => format!("show {name}"),
            Command::Export(name) => format!("export {name}"),
        }
    }

    /// It only asks.
    pub fn asks(&self) -> bool {
        matches!(self, Command::List | Command::Show(_) | Command::Export(_))
    }
}

impl World {
    /// The tracker that a command would change.
    pub fn touches(&self, command: &Command) -> Option<usize> {
        let name = match command {
            Command::Track(_, tracker, _) => return Some(tracker.id),
            Command::Undo => return self.undo.last().map(|change| change.id),
            Command::List | Command::Show(_) | Command::Export(_) => return None,
            Command::Pause(name)
            | Command::Resume(name)
            | Command::Rename(name, _)
            | Command::Stop(name)
            | Command::Edit(name, _) => name,
        };
        self.trackers.get(name).map(|tracker| tracker.id)
    }

    pub fn by_id(&self, id: usize) -> Option<&Tracker> {
        self.trackers.values().find(|tracker| tracker.id == id)
    }

    /// Whether this tracker exists and is not paused.
    pub fn works(&self, id: usize) -> bool {
        self.by_id(id).is_some_and(|tracker| !tracker.paused)
    }

    /// What becomes of the world, and whether this answer says so.
    pub fn after(&self, command: &Command, answer: &[String]) -> Option<World> {
        let (world, done) = self.step(command);
        let first = answer.first().map_or("", String::as_str);
        let fits = match (command, done) {
            (Command::List, _) => self.is_listed(answer),
            (Command::Show(name), _) => self.is_shown(name, answer),
            (Command::Export(name), _) => self.is_exported(name, answer),
            (_, Some((verb, what))) => first.contains(verb) && first.contains(&what),
            (_, None) => !DONE.iter().any(|verb| first.contains(verb)),
        };
        fits.then_some(world)
    }

    /// What becomes of the world, and what an answer that says so has in its first line; `None` for a refusal.
    pub fn step(&self, command: &Command) -> (World, Option<(&'static str, String)>) {
        let mut world = self.clone();
        let answer = match command {
            Command::Track(name, tracker, _) => {
                world.set(format!("track `{name}`"), None, name, tracker.clone());
                Some(("Tracking ", format!("`{name}`")))
            }
            Command::Pause(name) => world.change(name, |tracker| {
                tracker.paused = true;
                ("pause", "Paused ")
            }),
            Command::Resume(name) => world.change(name, |tracker| {
                tracker.paused = false;
                ("resume", "Resumed ")
            }),
            Command::Rename(old, new) => match world.trackers.get(old).cloned() {
                None => None,
                Some(tracker) => {
                    world.set(
                        format!("rename `{old}` to `{new}`"),
                        Some(old),
                        new,
                        tracker,
                    );
                    Some((" is called ", format!("`{new}`")))
                }
            },
            Command::Stop(name) => match world.trackers.remove(name) {
                None => None,
                Some(tracker) => {
                    let before = Some((name.clone(), tracker.clone()));
                    world.remember(format!("stop `{name}`"), tracker.id, before);
                    Some(("Stopped ", format!("`{name}`")))
                }
            },
            Command::Edit(name, edit) => world.change(name, |tracker| {
                match edit {
                    Edit::Filter(filter, value) => drop(tracker.filter.insert(filter, value)),
                    Edit::Without(filter) => drop(tracker.filter.remove(filter)),
                    Edit::As(printer) => tracker.printer = printer,
                    Edit::Every(every) => tracker.every = every,
                }
                ("edit", "Changed ")
            }),
            Command::Undo => match world.undo.pop() {
                None => None,
                Some(change) => {
                    world.trackers.retain(|_, tracker| tracker.id != change.id);
                    world.trackers.extend(change.before);
                    Some(("Took back", change.what))
                }
            },
            Command::List | Command::Show(_) | Command::Export(_) => None,
        };
        (world, answer)
    }

    fn set(&mut self, what: String, old: Option<&String>, new: &str, tracker: Tracker) {
        let before = old.and_then(|old| self.trackers.remove_entry(old));
        self.remember(what, tracker.id, before);
        self.trackers.insert(new.into(), tracker);
    }

    /// Changes a tracker; what leaves it as it was is refused.
    fn change(
        &mut self,
        name: &String,
        change: impl FnOnce(&mut Tracker) -> (&'static str, &'static str),
    ) -> Option<(&'static str, String)> {
        let tracker = self.trackers.get_mut(name)?;
        let before = tracker.clone();
        let (what, done) = change(tracker);
        if *tracker == before {
            return None;
        }
        self.remember(
            format!("{what} `{name}`"),
            before.id,
            Some((name.clone(), before)),
        );
        Some((done, format!("`{name}`")))
    }

    fn remember(&mut self, what: String, id: usize, before: Option<(String, Tracker)>) {
        self.undo.push(Change { what, id, before });
    }

    fn is_listed(&self, answer: &[String]) -> bool {
        let first = match self.trackers.len() {
            0 => "Nothing is tracked in this room yet.".into(),
            1 => "1 tracker:".into(),
            n => format!("{n} trackers:"),
        };
        let entries: Vec<(&str, bool)> = answer
            .iter()
            .filter_map(|line| {
                let (name, rest) = line.strip_prefix("- `")?.split_once('`')?;
                Some((name, rest.contains("paused")))
            })
            .collect();
        let trackers: Vec<(&str, bool)> = self
            .trackers
            .iter()
            .map(|(name, tracker)| (name.as_str(), tracker.paused))
            .collect();
        answer.first() == Some(&first) && entries == trackers
    }

    fn is_shown(&self, name: &str, answer: &[String]) -> bool {
        let Some(tracker) = self.trackers.get(name) else {
            return answer.first() == Some(&unknown(name));
        };
        let first = format!(
            "`{name}` tracks 127.0.0.1/f{}, {}, in this room.",
            tracker.feed, tracker.every
        );
        answer.first() == Some(&first)
            && answer.iter().any(|line| line.contains("paused")) == tracker.paused
    }

    fn is_exported(&self, name: &str, answer: &[String]) -> bool {
        let Some(tracker) = self.trackers.get(name) else {
            return answer.first() == Some(&unknown(name));
        };
        let Ok(recipe) = answer.join("\n").parse::<toml::Table>() else {
            return false;
        };
        let word = |table: &toml::Table, key: &str| {
            table
                .get(key)
                .and_then(toml::Value::as_str)
                .map(String::from)
        };
        let filter: BTreeMap<String, String> = recipe
            .get("filter")
            .and_then(toml::Value::as_table)
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().into()))
            .collect();
        let wanted = tracker
            .filter
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect();
        let url = recipe["source"]
            .as_table()
            .and_then(|source| word(source, "url"));
        word(&recipe, "every").as_deref() == Some(tracker.every)
            && word(&recipe, "as").as_deref() == Some(tracker.printer)
            && url.is_some_and(|url| url.ends_with(&format!("/f{}/feed", tracker.feed)))
            && filter == wanted
    }
}

fn unknown(name: &str) -> String {
    format!("I track nothing called `{name}`.")
}
