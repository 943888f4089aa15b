//! Turns plain connecting words into flags: `tagged rust every 5 minutes` is `--tag=rust --every="5 minutes"`.
//!
//! A connecting word counts only unquoted, and only for a command that declares its flag:
//! `echo as is` stays as it is. What follows a flag is its value and never a connecting word.

use super::words::{Line, Word};
use crate::filter::query;
use crate::when;

/// A plain word that stands for a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connector {
    pub word: &'static str,
    pub flag: &'static str,
    pub takes: Takes,
}

/// How far a connecting word's value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One word.
    One,
    /// One word, or several with commas between them.
    List,
    /// All words up to the next connecting word or flag.
    Many,
    /// A schedule: as `Many`, but no further than makes sense as one.
    Schedule,
    /// A schedule; before anything else all words up to the next connecting word or flag, for `--on`. Where the
    /// command has no such flag, the word is only there to be read.
    Place,
    /// The rest of the line as it was typed, or one quoted word; a quoted phrase keeps its quotes.
    Rest,
}

/// Every connecting word, in the order of the manual.
pub const CONNECTORS: &[Connector] = &[
    Connector {
        word: "on",
        flag: "--every",
        takes: Takes::Place,
    },
    Connector {
        word: "every",
        flag: "--every",
        takes: Takes::Schedule,
    },
    Connector {
        word: "tagged",
        flag: "--tag",
        takes: Takes::List,
    },
    Connector {
        word: "by",
        flag: "--author",
        takes: Takes::Many,
    },
    Connector {
        word: "in",
        flag: "--in",
        takes: Takes::One,
    },
    Connector {
        word: "as",
        flag: "--as",
        takes: Takes::One,
    },
    Connector {
        word: "below",
        flag: "--post",
        takes: Takes::List,
    },
    Connector {
        word: "named",
        flag: "--name",
        takes: Takes::One,
    },
    Connector {
        word: "where",
        flag: "--where",
        takes: Takes::Rest,
    },
];

/// What a command says about a long flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// It has no such flag.
    No,
    /// It has, and the flag stands alone.
    Switch,
    /// It has, and a value follows.
    Value,
}

impl From<bool> for Declared {
    /// Whether there is such a flag; one of unknown sort is taken to want a value.
    fn from(declared: bool) -> Declared {
        if declared {
            Declared::Value
        } else {
            Declared::No
        }
    }
}

impl Declared {
    /// What `command`, or a sub-command of it, says about the long flag `name`, without dashes.
    pub fn by(command: &clap::Command, name: &str) -> Declared {
        let own = command.get_arguments().find(|arg| {
            arg.get_long() == Some(name)
                || arg
                    .get_all_aliases()
                    .is_some_and(|aliases| aliases.contains(&name))
        });
        match own {
            Some(arg) if arg.get_action().takes_values() => Declared::Value,
            Some(_) => Declared::Switch,
            None => command
                .get_subcommands()
                .map(|command| Declared::by(command, name))
                .find(|declared| *declared != Declared::No)
                .unwrap_or(Declared::No),
        }
    }
}

/// The words of `line` for clap. `has` says what the command declares under a long flag's name, without dashes:
/// a `bool` will do, [`Declared`] does better, as it keeps `--dry-run every 5 minutes` apart from `--name every`.
pub fn flags<D: Into<Declared>>(line: &Line, has: impl Fn(&str) -> D) -> Vec<String> {
    let mut reader = Reader {
        line,
        at: 0,
        declared: |name: &str| has(name).into(),
        argv: Vec::with_capacity(line.words.len()),
    };
    reader.read();
    reader.argv
}

/// Longer runs of words are no schedule.
const LONGEST_SCHEDULE: usize = 24;

struct Reader<'a, F> {
    line: &'a Line,
    at: usize,
    declared: F,
    argv: Vec<String>,
}

impl<'a, F: Fn(&str) -> Declared> Reader<'a, F> {
    fn read(&mut self) {
        while let Some(word) = self.line.words.get(self.at) {
            if let Some(connector) = self.connector(self.at) {
                self.at += 1;
                self.connect(connector);
            } else if is_flag(word) {
                self.at += 1;
                self.flag(word);
            } else {
                self.at += 1;
                self.argv.push(word.text.clone());
            }
        }
    }

    /// A flag that was typed as one, and its value.
    fn flag(&mut self, word: &Word) {
        if word.text == "--" {
            let rest = &self.line.words[self.at..];
            self.argv.push(word.text.clone());
            self.argv.extend(rest.iter().map(|word| word.text.clone()));
            self.at = self.line.words.len();
            return;
        }
        let wants = !word.text.contains('=') && (self.declared)(&word.text[2..]) == Declared::Value;
        match self.line.words.get(self.at).filter(|_| wants) {
            Some(value) if !is_flag(value) => {
                self.at += 1;
                if value.text.starts_with('-') {
                    self.argv.push(format!("{}={}", word.text, value.text));
                } else {
                    self.argv.push(word.text.clone());
                    self.argv.push(value.text.clone());
                }
            }
            _ => self.argv.push(word.text.clone()),
        }
    }

    /// The flag that `connector`, which was just read, stands for.
    fn connect(&mut self, connector: &Connector) {
        let first = self.at;
        let mut flag = connector.flag;
        let value = match connector.takes {
            Takes::One => self.one(),
            Takes::List => self.list(),
            Takes::Many => self.many(),
            Takes::Schedule => self.schedule(),
            Takes::Place => match self.line.words.get(first) {
                Some(_) if self.days_follow(first - 1) => self.schedule(),
                _ if (self.declared)("on") == Declared::Value => {
                    flag = "--on";
                    self.many()
                }
                Some(_) => return,
                None => {
                    self.argv.push(connector.word.into());
                    return;
                }
            },
            Takes::Rest => self.rest(),
        };
        self.argv.push(match value {
            Some(value) => format!("{flag}={value}"),
            None => flag.into(),
        });
    }

    fn many(&mut self) -> Option<String> {
        let first = self.at;
        self.at = (first..self.line.words.len())
            .find(|at| self.ends_run(*at))
            .unwrap_or(self.line.words.len());
        self.joined(first)
    }

    fn one(&mut self) -> Option<String> {
        let word = self.line.words.get(self.at)?;
        if is_flag(word) {
            return None;
        }
        self.at += 1;
        Some(word.text.clone())
    }

    fn list(&mut self) -> Option<String> {
        let mut list = self.one()?;
        while let Some(next) = self.line.words.get(self.at)
            && !is_flag(next)
            && (list.ends_with(',') || next.text.starts_with(','))
        {
            list.push_str(&next.text);
            self.at += 1;
        }
        Some(list)
    }

    /// The longest beginning that is a schedule; where none is, all of it, for the refusal to name.
    fn schedule(&mut self) -> Option<String> {
        let first = self.at;
        let last = self.line.words.len().min(first + LONGEST_SCHEDULE);
        let end = (first..last)
            .find(|at| self.ends_run(*at) && !self.is_inside(first, *at))
            .unwrap_or(last);
        self.at = (first + 1..=end)
            .rev()
            .find(|until| when::is_schedule(&join(&self.line.words[first..*until])))
            .unwrap_or(end);
        // `every weekday at 25:00`: what goes on as a schedule belongs to it, for the refusal to name.
        if self.at < end && matches!(self.line.words[self.at].text.as_str(), "at" | "and") {
            self.at = end;
        }
        self.joined(first)
    }

    fn rest(&mut self) -> Option<String> {
        let words = &self.line.words;
        let first = words.get(self.at)?;
        let alone = (self.at + 1..words.len())
            .next()
            .is_none_or(|after| self.connector(after).is_some() || self.is_known_flag(after));
        if first.quoted && alone {
            self.at += 1;
            let phrase = self.line.unclosed.is_none() && is_phrase(&first.text);
            return Some(match phrase {
                true => self.line.text[first.span.clone()].into(),
                false => first.text.clone(),
            });
        }
        // No query has a word that begins with two dashes, so a flag the command knows is one here, too.
        let end = (self.at..words.len())
            .find(|at| self.is_known_flag(*at))
            .unwrap_or(words.len());
        if end == self.at {
            return None;
        }
        let until = words[end - 1].span.end;
        self.at = end;
        Some(self.line.text[first.span.start..until].to_string())
    }

    fn is_known_flag(&self, at: usize) -> bool {
        let word = &self.line.words[at];
        is_flag(word) && (self.declared)(flag_name(&word.text)) != Declared::No
    }

    /// Whether the word at `at` is a flag or a connecting word.
    fn ends_run(&self, at: usize) -> bool {
        is_flag(&self.line.words[at]) || self.connector(at).is_some()
    }

    /// Whether the connecting word at `at` belongs to the schedule that begins at `first`:
    /// `week on monday`, `the 1st of every month`.
    fn is_inside(&self, first: usize, at: usize) -> bool {
        let words = &self.line.words;
        let is =
            |at: usize, word: &str| !words[at].quoted && words[at].text.eq_ignore_ascii_case(word);
        is(at, "on") && self.days_follow(at) || at > first && is(at, "every") && is(at - 1, "of")
    }

    /// Whether a schedule's days come after the word at `at`.
    fn days_follow(&self, at: usize) -> bool {
        let next = self.line.words.get(at + 1..).unwrap_or_default();
        when::begins_days(&join(&next[..next.len().min(2)]))
    }

    fn joined(&self, first: usize) -> Option<String> {
        (first < self.at).then(|| join(&self.line.words[first..self.at]))
    }

    /// The connecting word at `at`, if that is what it is for this command.
    fn connector(&self, at: usize) -> Option<&'static Connector> {
        let word = self.line.words.get(at).filter(|word| !word.quoted)?;
        CONNECTORS
            .iter()
            .find(|connector| connector.word.eq_ignore_ascii_case(&word.text))
            .filter(|connector| (self.declared)(flag_name(connector.flag)) != Declared::No)
    }
}

fn join(words: &[Word]) -> String {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    texts.join(" ")
}

/// Whether what stood in quotes is to be found as it stands: nothing in it asks for more than words.
fn is_phrase(quoted: &str) -> bool {
    let words: Vec<&str> = quoted.split_whitespace().collect();
    let asks = |at: usize| {
        let (word, next) = (words[at], words.get(at + 1).copied().unwrap_or_default());
        let is_sign = |c: char| ":<>=!≤≥≠".contains(c);
        let name = word.split(is_sign).next().unwrap_or_default();
        let compares = name.len() < word.len() || next.starts_with(is_sign);
        let joins = ["or", "not", "|", "||", "&&"];
        compares && query::is_known(name.trim_start_matches(['-', '(', '!']))
            || words.len() > 1 && joins.iter().any(|join| word.eq_ignore_ascii_case(join))
            || word.len() > 1 && word.starts_with(['-', '('])
            || word.starts_with('/') && quoted.matches('/').count() > 1
            || word.contains('"')
    };
    !(0..words.len()).any(asks)
}

fn is_flag(word: &Word) -> bool {
    !word.quoted && word.text.starts_with("--")
}

/// `name` of `--name=value`.
fn flag_name(flag: &str) -> &str {
    let name = flag.trim_start_matches('-');
    name.split_once('=').map_or(name, |(name, _)| name)
}
