//! Takes what the program says apart: answers, and what trackers report.

/// A message of the bot.
#[derive(Debug)]
pub enum Heard {
    /// A line of an answer.
    Answer(String),
    Said(Said),
}

/// A message that nobody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What the tracker was called when it was written.
    pub tracker: String,
    pub lines: Vec<String>,
}

/// Puts lines together; a message that a kill cut off never comes out.
#[derive(Default)]
pub struct Ears {
    open: Option<(Said, usize)>,
}

impl Ears {
    pub fn take(&mut self, line: String) -> Option<Heard> {
        if let Some((mut said, missing)) = self.open.take() {
            said.lines.push(line);
            return self.put(said, missing - 1);
        }
        let begun = if let Some((tracker, rest)) = line
            .strip_prefix("[n")
            .and_then(|line| line.split_once("] "))
        {
            Some((tracker, lines_after(rest)))
        } else {
            line.strip_prefix("`n")
                .and_then(|line| line.split_once("` reads “"))
                .map(|(tracker, _)| (tracker, 0))
        };
        match begun {
            Some((tracker, missing)) => {
                let tracker = format!("n{tracker}");
                let lines = vec![line];
                self.put(Said { tracker, lines }, missing)
            }
            None => Some(Heard::Answer(line)),
        }
    }

    fn put(&mut self, said: Said, missing: usize) -> Option<Heard> {
        if missing == 0 {
            return Some(Heard::Said(said));
        }
        self.open = Some((said, missing));
        None
    }
}

/// How many lines follow the first of a message.
fn lines_after(first: &str) -> usize {
    let counted = [" items:", " item:", " new:"]
        .iter()
        .find_map(|end| first.strip_suffix(end)?.parse().ok());
    match counted {
        Some(entries) => entries,
        // A one-box has its link below.
        None => usize::from(!first.contains("https://")),
    }
}

impl Said {
    pub fn is_greeting(&self) -> bool {
        self.lines[0].starts_with('`')
    }

    /// The feed and the number of each entry.
    pub fn entries(&self) -> Vec<(usize, usize)> {
        self.lines.iter().filter_map(|line| entry(line)).collect()
    }
}

/// `… f2 e17 red, by …`
fn entry(line: &str) -> Option<(usize, usize)> {
    let words: Vec<&str> = line.split(' ').collect();
    let at = words
        .windows(2)
        .position(|pair| number(pair[0], 'f').is_some() && number(pair[1], 'e').is_some())?;
    Some((number(words[at], 'f')?, number(words[at + 1], 'e')?))
}

fn number(word: &str, letter: char) -> Option<usize> {
    word.strip_prefix(letter)?.parse().ok()
}
