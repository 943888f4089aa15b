//! What the bot says, as a small markup tree that each platform renders its own way.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Field, Refusal};

/// A whole message: blocks below each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub Vec<Block>);

/// A part of a message that begins on a line of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    Line(Vec<Span>),
    /// What to type next; plain platforms write `hint:` before it.
    Hint(Vec<Span>),
    /// One entry of a list.
    Entry(Vec<Span>),
    /// Text whose lines and columns must stay as they are.
    Pre(String),
    /// A link that the platform unfolds into a card; alone on its line.
    OneBox(String),
    /// What can be done next about what stands above it: buttons, where a platform has them. Without them nothing is
    /// missing, for a hint says the same.
    Choices(Vec<Choice>),
}

/// A button, or something to pick from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What stands on it.
    pub label: String,
    /// The command that it types.
    pub command: String,
    /// The question to which something is picked with it; see [`Choice::typed`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picks: Option<Box<Field>>,
}

impl Choice {
    /// A button that types a command.
    pub fn button(label: impl Into<String>, command: impl Into<String>) -> Choice {
        Choice {
            label: label.into(),
            command: command.into(),
            picks: None,
        }
    }

    /// What a command is with that behind it which somebody picked.
    pub fn typed(command: &str, picked: &str) -> String {
        format!("{command} {}", in_quotes(picked))
    }
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    Words(String),
    Bold(String),
    /// What was looked for and found in a text: it must be seen also where there is no markup.
    Marked(String),
    /// Something one can type, or a name.
    Code(String),
    Link {
        words: String,
        url: String,
    },
    /// A link shown as it is.
    Url(String),
    /// A topic label.
    Tag(String),
    /// Somebody who wrote something elsewhere, with the page about them; without markup the name says enough.
    Author {
        name: String,
        url: String,
    },
    /// A person of this room, called by name.
    Mention(String),
}

impl Text {
    pub fn new() -> Text {
        Text::default()
    }

    /// One line; words between back-ticks become code.
    pub fn line(words: impl AsRef<str>) -> Text {
        Text(vec![Block::Line(spans(words.as_ref()))])
    }

    /// Adds a line; words between back-ticks become code.
    pub fn and(mut self, words: impl AsRef<str>) -> Text {
        self.0.push(Block::Line(spans(words.as_ref())));
        self
    }

    /// Adds a line of these spans.
    pub fn spans(mut self, spans: Vec<Span>) -> Text {
        self.0.push(Block::Line(spans));
        self
    }

    /// Adds a hint; words between back-ticks become code.
    pub fn hint(mut self, words: impl AsRef<str>) -> Text {
        self.0.push(Block::Hint(spans(words.as_ref())));
        self
    }

    /// Adds an entry of a list; words between back-ticks become code.
    pub fn entry(mut self, words: impl AsRef<str>) -> Text {
        self.0.push(Block::Entry(spans(words.as_ref())));
        self
    }

    /// Adds lines that stay as they are.
    pub fn pre(mut self, lines: impl Into<String>) -> Text {
        self.0.push(Block::Pre(lines.into()));
        self
    }

    /// Adds buttons: what stands on each, and the command that it types.
    pub fn choices<L: Into<String>, C: Into<String>>(
        mut self,
        choices: impl IntoIterator<Item = (L, C)>,
    ) -> Text {
        let choices = choices.into_iter();
        let choices = choices.map(|(label, command)| Choice::button(label, command));
        self.0.push(Block::Choices(choices.collect()));
        self
    }

    /// The same without cards: what unfolds into one takes a message of its own, and is a link among others.
    pub fn flat(self) -> Text {
        let flat = |block| match block {
            Block::OneBox(url) => Block::Line(vec![Span::Url(url)]),
            block @ (Block::Line(_)
            | Block::Hint(_)
            | Block::Entry(_)
            | Block::Pre(_)
            | Block::Choices(_)) => block,
        };
        Text(self.0.into_iter().map(flat).collect())
    }

    /// Adds the blocks of another text.
    pub fn join(mut self, other: Text) -> Text {
        self.0.extend(other.0);
        self
    }

    /// The same without buttons.
    pub fn without_choices(mut self) -> Text {
        self.0.retain(|block| !matches!(block, Block::Choices(_)));
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text without markup: what a plain room and a log show.
    pub fn plain(&self) -> String {
        self.to_string()
    }
}

impl From<Refusal> for Text {
    fn from(refusal: Refusal) -> Text {
        let mut text = Text::new();
        for line in refusal.what.lines() {
            text = text.and(line);
        }
        match refusal.hint {
            Some(hint) => text.hint(hint),
            None => text,
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |block: &&Block| !matches!(block, Block::Choices(_));
        for (n, block) in self.0.iter().filter(shown).enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            match block {
                Block::Choices(_) => {}
                Block::Line(spans) => write_spans(f, spans)?,
                Block::Hint(spans) => {
                    f.write_str("hint: ")?;
                    write_spans(f, spans)?;
                }
                Block::Entry(spans) => {
                    f.write_str("- ")?;
                    write_spans(f, spans)?;
                }
                Block::Pre(lines) => {
                    for (n, line) in lines.lines().enumerate() {
                        if n > 0 {
                            f.write_str("\n")?;
                        }
                        f.write_str(&harmless(line))?;
                    }
                }
                Block::OneBox(url) => f.write_str(&harmless(url))?,
            }
        }
        Ok(())
    }
}

fn write_spans(f: &mut fmt::Formatter<'_>, spans: &[Span]) -> fmt::Result {
    for span in spans {
        match span {
            Span::Words(words) | Span::Bold(words) => f.write_str(&harmless(words))?,
            Span::Marked(words) => write!(f, "**{}**", harmless(words))?,
            Span::Code(code) => write!(f, "`{}`", harmless(code))?,
            Span::Link { words, url } => write!(f, "{} {}", harmless(words), harmless(url))?,
            Span::Url(url) => f.write_str(&harmless(url))?,
            Span::Tag(tag) => write!(f, "[{}]", harmless(tag))?,
            Span::Author { name, .. } => f.write_str(&harmless(name))?,
            Span::Mention(name) => write!(f, "@{}", harmless(name))?,
        }
    }
    Ok(())
}

/// Cuts words at back-ticks: outside them plain, inside them code.
pub fn spans(words: &str) -> Vec<Span> {
    let pieces: Vec<&str> = words.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return vec![Span::Words(words.into())];
    }
    pieces
        .into_iter()
        .enumerate()
        .filter(|(_, piece)| !piece.is_empty())
        .map(|(n, piece)| match n % 2 {
            0 => Span::Words(piece.into()),
            _ => Span::Code(piece.into()),
        })
        .collect()
}

/// One line without anything that could change how the rest of a room is shown: control characters become
/// spaces, characters that turn the direction of writing or hide text vanish.
pub fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.chars().any(|c| c.is_control() || is_trick(c)) {
        return text.into();
    }
    text.chars()
        .filter(|c| !is_trick(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .into()
}

/// Marks and overrides of writing direction, invisible separators, tag characters.
fn is_trick(c: char) -> bool {
    matches!(c,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}' | '\u{61c}' | '\u{fff9}'..='\u{fffb}')
}

/// Words in quotes, so that a command line has them as one word.
pub fn in_quotes(words: &str) -> String {
    let mut quoted = String::from("\"");
    for c in words.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // The line's entities are decoded.
            '&' => quoted.push_str("&amp;"),
            '\n' => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// At most `longest` characters; what is cut ends in `…`.
pub fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.into(),
        Some(_) => {
            let end = text
                .char_indices()
                .nth(longest.saturating_sub(1))
                .map_or(0, |(at, _)| at);
            format!("{}…", text[..end].trim_end())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_are_harmless() {
        let text = Text::line("a\u{202e}b\u{7}c\nd");
        assert_eq!(text.plain(), "ab c d");
    }

    #[test]
    fn back_ticks_become_code_only_in_pairs() {
        assert_eq!(spans("a `b` c").len(), 3);
        assert_eq!(spans("it`s"), vec![Span::Words("it`s".into())]);
    }

    #[test]
    fn a_cut_says_so() {
        assert_eq!(cut("héllo wörld", 6), "héllo…");
        assert_eq!(cut("héllo", 5), "héllo");
    }
}
