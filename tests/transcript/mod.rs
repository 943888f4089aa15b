//! Reads transcripts: Markdown whose `chat` blocks are conversations.

use std::path::{Path, PathBuf};

/// A file of conversations.
pub struct Suite {
    pub path: PathBuf,
    lines: Vec<String>,
    pub tests: Vec<Test>,
}

/// What stands under one heading.
pub struct Test {
    pub name: String,
    pub steps: Vec<Step>,
}

/// One thing that somebody does, and what the bot shall say to it.
pub struct Step {
    /// The line in the file, from 1.
    pub line: usize,
    pub act: Act,
    pub expected: Vec<String>,
    /// The lines of the file that hold what is expected; empty ranges stand behind the act.
    range: std::ops::Range<usize>,
    indent: String,
}

#[derive(Debug)]
pub enum Act {
    Says {
        room: String,
        who: String,
        text: String,
    },
    Direction(String),
}

impl Suite {
    pub fn read(path: &Path) -> Suite {
        let text = std::fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let lines: Vec<String> = text.lines().map(String::from).collect();
        let mut suite = Suite {
            path: path.into(),
            lines,
            tests: Vec::new(),
        };
        suite.parse();
        suite
    }

    fn parse(&mut self) {
        let mut heading = self
            .path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut fresh = true;
        let mut fence: Option<bool> = None;
        let mut at = 0;
        while at < self.lines.len() {
            let line = self.lines[at].clone();
            let trimmed = line.trim_start();
            match fence {
                None if trimmed.starts_with("```") => {
                    fence = Some(trimmed == "```chat" && line == trimmed);
                }
                None if hidden(&line).is_some() => {
                    let direction = hidden(&line).unwrap_or_default().to_string();
                    if std::mem::take(&mut fresh) {
                        self.tests.push(Test {
                            name: heading.clone(),
                            steps: Vec::new(),
                        });
                    }
                    let test = self.tests.last_mut().expect("it was just made");
                    test.steps.push(Step {
                        line: at + 1,
                        act: Act::Direction(direction),
                        expected: Vec::new(),
                        range: at + 1..at + 1,
                        indent: String::new(),
                    });
                }
                None if line.starts_with('#') => {
                    heading = line.trim_start_matches('#').trim().to_string();
                    fresh = true;
                }
                None => {}
                Some(_) if trimmed == "```" => fence = None,
                Some(false) => {}
                Some(true) => {
                    if std::mem::take(&mut fresh) {
                        self.tests.push(Test {
                            name: heading.clone(),
                            steps: Vec::new(),
                        });
                    }
                    at = self.step(at);
                    continue;
                }
            }
            at += 1;
        }
    }

    /// Reads the line at `at` with its continuation; returns the line behind it.
    fn step(&mut self, at: usize) -> usize {
        let path = self.path.display().to_string();
        let test = self.tests.last_mut().expect("a heading came first");
        let line = &self.lines[at];
        if line.trim().is_empty() {
            return at + 1;
        }
        let mut end = at + 1;
        let mut whole = line.clone();
        loop {
            // An empty line belongs to what is said only if it goes on behind it.
            let blank = self.lines[end..]
                .iter()
                .take_while(|line| line.is_empty())
                .count();
            match self.lines.get(end + blank) {
                Some(next) if next.starts_with("  ") => {
                    for _ in 0..blank {
                        whole.push('\n');
                    }
                    whole.push('\n');
                    whole.push_str(&next[2..]);
                    end += blank + 1;
                }
                _ => break,
            }
        }
        if is_bot(&whole) {
            let step = test
                .steps
                .last_mut()
                .unwrap_or_else(|| panic!("{path}:{}: the bot speaks first", at + 1));
            step.expected.push(whole);
            if step.range.is_empty() {
                step.range = at..end;
            } else {
                step.range.end = end;
            }
            return end;
        }
        let act = match whole.strip_prefix("* ") {
            Some(direction) => Act::Direction(direction.into()),
            None => {
                let (room, rest) = match whole
                    .strip_prefix('[')
                    .and_then(|rest| rest.split_once("] "))
                {
                    Some((room, rest)) => (room.to_string(), rest),
                    None => ("#test".to_string(), whole.as_str()),
                };
                let (who, text) = rest
                    .strip_prefix('<')
                    .and_then(|rest| rest.split_once('>'))
                    .unwrap_or_else(|| {
                        panic!("{path}:{}: neither speech nor direction: {whole}", at + 1)
                    });
                Act::Says {
                    room,
                    who: who.into(),
                    text: text.strip_prefix(' ').unwrap_or(text).into(),
                }
            }
        };
        test.steps.push(Step {
            line: at + 1,
            act,
            expected: Vec::new(),
            range: end..end,
            indent: String::new(),
        });
        end
    }

    /// Writes what was really said into the file. `said` has an entry for each step of each test.
    pub fn bless(&self, said: &[Vec<Vec<String>>]) {
        let mut lines = self.lines.clone();
        for (test, said) in self.tests.iter().zip(said).rev() {
            for (step, said) in test.steps.iter().zip(said).rev() {
                let new: Vec<String> = said
                    .iter()
                    .flat_map(|message| written(message, &step.indent))
                    .collect();
                lines.splice(step.range.clone(), new);
            }
        }
        let mut text = lines.join("\n");
        text.push('\n');
        if text != std::fs::read_to_string(&self.path).unwrap_or_default() {
            std::fs::write(&self.path, text).unwrap();
        }
    }
}

/// The direction in a line `<!-- * … -->`, which readers of the page do not see.
fn hidden(line: &str) -> Option<&str> {
    line.strip_prefix("<!-- * ")?.strip_suffix(" -->")
}

/// A message as it stands in a transcript: further lines are indented.
fn written(message: &str, indent: &str) -> Vec<String> {
    message
        .split('\n')
        .enumerate()
        .map(|(n, line)| match (n, line) {
            (0, line) => format!("{indent}{line}"),
            (_, "") => String::new(),
            (_, line) => format!("{indent}  {line}"),
        })
        .collect()
}

fn is_bot(line: &str) -> bool {
    let line = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
        .map_or(line, |(_, rest)| rest);
    line.starts_with("<boson>")
}
