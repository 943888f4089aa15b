//! The flags of old in a line, each with what belongs to it; all other words stay.

use super::super::words::Word;
use super::term::{HINT, NAMES, term, whole};
use super::{kind, never};
use crate::model::Refusal;
use crate::model::text::cut;

/// What the flags say.
#[derive(Default)]
pub(super) struct Flags<'a> {
    /// There was one.
    pub any: bool,
    pub help: bool,
    /// What was found was to be sent to a dashboard.
    pub dashboard: bool,
    filters: Vec<&'a str>,
    values: Vec<&'a str>,
    name: Option<&'a str>,
    printer: Option<&'a str>,
    room: Option<&'a str>,
    host: Option<&'a str>,
    /// The words that belong to no flag.
    pub rest: Vec<&'a Word>,
}

/// A flag of old.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flag {
    Filter,
    Value,
    Name,
    Printer,
    Room,
    Host,
    Dashboard,
    Help,
}

/// How each was written.
const FLAGS: [(&str, &str, Flag); 8] = [
    ("-f", "--filter", Flag::Filter),
    ("-v", "--value", Flag::Value),
    // `--name` is written today, too.
    ("-n", "-n", Flag::Name),
    ("-p", "--printer", Flag::Printer),
    ("-r", "--room", Flag::Room),
    ("-t", "--host", Flag::Host),
    ("-d", "--dash", Flag::Dashboard),
    ("-h", "--help", Flag::Help),
];

const PRINTERS: [(&str, &str); 3] = [
    ("ONE_BOX", "one-box"),
    ("LIST_TAGS", "tags"),
    ("HEAT_DETECTOR", "heat"),
];

const HOSTS: [(&str, &str); 2] = [
    ("STACK_OVERFLOW", "chat.stackoverflow.com"),
    ("STACK_EXCHANGE", "chat.stackexchange.com"),
];

impl<'a> Flags<'a> {
    /// Reads the words before `where`, without the command's own.
    ///
    /// # Errors
    /// When there are values and no filters, filters and no name of one, or more values than filters.
    pub fn read(words: &'a [Word]) -> Result<Flags<'a>, Refusal> {
        let mut flags = Flags::default();
        // Values can come first, and there are as many as filters.
        let most = words
            .iter()
            .enumerate()
            .filter(|(_, word)| flag(word).is_some_and(|(flag, _)| flag == Flag::Filter))
            .map(|(at, word)| named(words, at, word).count())
            .sum();
        let (mut at, mut filtered, mut valued) = (0, false, false);
        while let Some(word) = words.get(at) {
            at += 1;
            let Some((flag, behind)) = flag(word) else {
                flags.rest.push(word);
                continue;
            };
            flags.any = true;
            let next = words.get(at).filter(|word| !is_flag(word));
            match flag {
                Flag::Help => flags.help = true,
                Flag::Filter => {
                    filtered = true;
                    flags.filters.extend(named(words, at - 1, word));
                    at += named(words, at - 1, word).count() - usize::from(behind.is_some());
                }
                Flag::Value => {
                    valued = true;
                    flags.values.extend(behind);
                    while let Some(word) = words.get(at)
                        && flags.values.len() < most
                        && !is_flag(word)
                        && !is_place(words, at)
                    {
                        flags.values.push(&word.text);
                        at += 1;
                    }
                    if let Some(extra) = words.get(at)
                        && most > 0
                        && whole(&extra.text).is_some()
                        && !extra.quoted
                    {
                        return Err(Refusal::new(format!(
                            "There are more values than filters: `{}` belongs to none.",
                            cut(&extra.text, 40)
                        ))
                        .hint(HINT));
                    }
                }
                Flag::Name | Flag::Printer | Flag::Room | Flag::Host | Flag::Dashboard => {
                    let value = behind.or_else(|| {
                        at += usize::from(next.is_some());
                        next.map(|word| word.text.as_str())
                    });
                    match flag {
                        Flag::Name => flags.name = value,
                        Flag::Printer => flags.printer = value,
                        Flag::Room => flags.room = value,
                        Flag::Host => flags.host = value,
                        _ => {
                            if let Some(typed) = value.filter(|typed| *typed != "HIGGS") {
                                return Err(never("dashboard", typed, &["HIGGS"]));
                            }
                            flags.dashboard = value.is_some();
                        }
                    }
                }
            }
        }
        match (filtered, valued) {
            (true, _) if flags.filters.is_empty() => {
                Err(Refusal::new("There is no filter behind `-f`.").hint(HINT))
            }
            (false, true) => Err(Refusal::new("There is no filter before `-v`.").hint(HINT)),
            _ => Ok(flags),
        }
    }

    /// The post of the only filter for one; it is no filter any more.
    pub fn takes_post(&mut self) -> Option<String> {
        let is_post = |name: &&str| *name == "POST_ID";
        let at = self.filters.iter().position(&is_post)?;
        let post = self.values.get(at).copied()?;
        let alone = self.filters.iter().filter(|name| is_post(name)).count() == 1;
        if !alone || whole(post).is_none_or(|post| post < 0) {
            return None;
        }
        self.filters.remove(at);
        self.values.remove(at);
        Some(post.into())
    }

    /// The filters as terms of a query.
    ///
    /// # Errors
    /// When one has no value, or one that makes no sense.
    pub fn terms(&self) -> Result<Vec<String>, Refusal> {
        let filters = self.filters.iter().enumerate();
        filters
            .map(|(n, name)| term(name, self.values.get(n).copied()))
            .collect()
    }

    /// How it looks, where it is said, what it is called, in words of today.
    ///
    /// # Errors
    /// When there never was such a printer or host, or the room has no number or no host.
    pub fn wishes(&self) -> Result<Vec<String>, Refusal> {
        let mut words = Vec::new();
        if let Some(typed) = self.printer {
            words.push(format!("as {}", known("printer", typed, &PRINTERS)?));
        }
        if let Some(name) = self.name {
            let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
            words.push(match name.chars().all(is_plain) && !name.starts_with('-') {
                true => format!("named {name}"),
                false => format!("named \"{}\"", name.replace(['"', '\\'], "")),
            });
        }
        if let Some(room) = self.room {
            let Some(host) = self.host else {
                return Err(Refusal::new(
                    "A room needs its host: `-t STACK_OVERFLOW` or `-t STACK_EXCHANGE`.",
                )
                .hint("today one writes `in chat.stackexchange.com/54445`"));
            };
            let host = known("host", host, &HOSTS)?;
            if room.is_empty() || !room.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Refusal::new(format!(
                    "`{}` is no number of a room.",
                    cut(room, 40).replace('`', "'")
                ))
                .hint("today one writes `in chat.stackexchange.com/54445`"));
            }
            words.push(format!("in {host}/{room}"));
        }
        Ok(words)
    }
}

fn known(
    what: &str,
    typed: &str,
    all: &[(&'static str, &'static str)],
) -> Result<&'static str, Refusal> {
    let found = all
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(typed));
    found.map(|(_, today)| *today).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        never(what, typed, &names)
    })
}

/// The flag that a word is, and what stands behind an `=` in it.
fn flag(word: &Word) -> Option<(Flag, Option<&str>)> {
    if word.quoted {
        return None;
    }
    let (name, behind) = match word.text.split_once('=') {
        Some((name, behind)) => (name, Some(behind)),
        None => (word.text.as_str(), None),
    };
    FLAGS
        .iter()
        .find(|(short, long, _)| name == *short || name == *long)
        .map(|(_, _, flag)| (*flag, behind))
}

/// Whether it is a flag of any time, and no negative number.
fn is_flag(word: &Word) -> bool {
    !word.quoted && word.text.starts_with('-') && whole(&word.text).is_none()
}

/// The names of filters behind the flag at `at`.
fn named<'a>(words: &'a [Word], at: usize, flag_word: &'a Word) -> impl Iterator<Item = &'a str> {
    let behind = flag(flag_word).and_then(|(_, behind)| behind);
    let names = words[at + 1..]
        .iter()
        .enumerate()
        .take_while(move |(n, word)| is_name(&word.text) && !is_place(words, at + 1 + n))
        .map(|(_, word)| word.text.as_str());
    behind.into_iter().chain(names)
}

fn is_name(word: &str) -> bool {
    NAMES.contains(&word)
        || !word.is_empty()
            && !word.starts_with('-')
            && word
                .chars()
                .all(|c| c.is_ascii_uppercase() || matches!(c, '_' | '-'))
}

/// Whether a site stands here: what is watched on it comes next.
fn is_place(words: &[Word], at: usize) -> bool {
    !words[at].quoted && words.get(at + 1).is_some_and(|next| kind(next).is_some())
}
