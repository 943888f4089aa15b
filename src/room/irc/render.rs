//! What a text is on IRC: lines with bold in them, none longer than a server takes.

use crate::model::Text;
use crate::model::text::{Block, Span, harmless};
use crate::room::split;

/// Makes what follows bold, or ends that.
const BOLD: &str = "\u{2}";
/// About so many lines are one message.
const ROWS: usize = 5;
/// How many bytes of a line a text has at least, whatever the room and the bot are called.
pub const LEAST: usize = 300;

/// The messages that a text becomes: a few lines each.
pub fn pieces(text: &Text) -> Vec<Text> {
    if is_short(text) {
        return vec![text.clone()];
    }
    let longest = LEAST * ROWS * 2;
    let mut messages: Vec<(Text, usize)> = Vec::new();
    let blocks = text.0.iter().flat_map(|block| match block {
        Block::Pre(lines) => lines.lines().map(|line| Block::Pre(line.into())).collect(),
        block => vec![block.clone()],
    });
    let blocks = blocks.flat_map(|block| match bytes(&plain(&block)) <= longest {
        true => vec![block],
        false => split::lines(&block, longest, bytes),
    });
    for block in blocks {
        let rows = rows(&Text(vec![block.clone()]), LEAST).len();
        match messages.last_mut() {
            Some((message, its)) if *its + rows <= ROWS => {
                message.0.push(block);
                *its += rows;
            }
            Some(_) | None if rows == 0 => {}
            Some(_) | None => messages.push((Text(vec![block]), rows)),
        }
    }
    messages.into_iter().map(|(message, _)| message).collect()
}

/// Most answers are one line, for which nothing has to be cut.
fn is_short(text: &Text) -> bool {
    let [Block::Line(spans)] = text.0.as_slice() else {
        return false;
    };
    let words = spans.iter().map(|span| match span {
        Span::Words(words) => Some(words.as_str()),
        Span::Bold(_)
        | Span::Marked(_)
        | Span::Code(_)
        | Span::Link { .. }
        | Span::Url(_)
        | Span::Tag(_)
        | Span::Author { .. }
        | Span::Mention(_) => None,
    });
    let says = words
        .clone()
        .flatten()
        .any(|words| !words.trim().is_empty());
    let length: Option<usize> = words.map(|words| words.map(str::len)).sum();
    says && length.is_some_and(|length| length <= LEAST)
}

/// The one line of a text of some words, said to whoever has this nick; none when it takes more than that.
pub(super) fn short(text: &Text, nick: Option<&str>, longest: usize) -> Option<String> {
    let [Block::Line(spans)] = text.0.as_slice() else {
        return None;
    };
    if !is_short(text) {
        return None;
    }
    let mut row = String::with_capacity(LEAST);
    if let Some(nick) = nick {
        row.push_str(&harmless(nick));
        row.push_str(": ");
    }
    for span in spans {
        if let Span::Words(words) = span {
            row.push_str(&harmless(words));
        }
    }
    row.truncate(row.trim_end_matches(' ').len());
    (row.len() <= longest).then_some(row)
}

fn bytes(text: &str) -> usize {
    text.len()
}

fn plain(block: &Block) -> String {
    Text(vec![block.clone()]).plain()
}

/// The lines of a text, each of at most so many bytes; cut between words where that can be, never within a character.
/// Empty lines cannot be said.
pub fn rows(text: &Text, longest: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for block in &text.0 {
        match block {
            Block::Line(spans) => cut(&words("", spans), longest, &mut rows),
            Block::Hint(spans) => cut(&words("hint: ", spans), longest, &mut rows),
            Block::Entry(spans) => cut(&words("- ", spans), longest, &mut rows),
            Block::Pre(lines) => {
                for line in lines.lines() {
                    let line = harmless(line).trim_end().to_string();
                    cut(&[(line, false)], longest, &mut rows);
                }
            }
            Block::OneBox(url) => cut(&[(harmless(url).into(), false)], longest, &mut rows),
            Block::Choices(_) => {}
        }
    }
    rows
}

/// The words of a line, and whether they are bold.
fn words(begin: &str, spans: &[Span]) -> Vec<(String, bool)> {
    let mut all = vec![(begin.to_string(), false)];
    for span in spans {
        all.push(match span {
            Span::Words(words) => (harmless(words).into(), false),
            Span::Bold(words) | Span::Marked(words) => (harmless(words).into(), true),
            Span::Code(code) => (format!("`{}`", harmless(code)), false),
            Span::Link { words, url } => (format!("{} {}", harmless(words), harmless(url)), false),
            Span::Url(url) => (harmless(url).into(), false),
            Span::Tag(tag) => (format!("[{}]", harmless(tag)), false),
            Span::Author { name, .. } | Span::Mention(name) => (harmless(name).into(), false),
        });
    }
    all
}

/// A line as it grows.
struct Row {
    text: String,
    bold: bool,
}

/// Cuts a line into as many as it takes.
fn cut(spans: &[(String, bool)], longest: usize, rows: &mut Vec<String>) {
    let longest = longest.max(8);
    let length: usize = spans.iter().map(|(text, _)| text.len()).sum();
    if length <= longest && !spans.iter().any(|(_, bold)| *bold) {
        let row: String = spans.iter().map(|(text, _)| text.as_str()).collect();
        let row = row.trim_end_matches(' ');
        if !row.trim().is_empty() {
            rows.push(row.into());
        }
        return;
    }
    let letters: Vec<(char, bool)> = spans
        .iter()
        .flat_map(|(text, bold)| text.chars().map(|c| (c, *bold)))
        .collect();
    if letters.iter().all(|(c, _)| c.is_whitespace()) {
        return;
    }
    let mut row = Row {
        text: String::new(),
        bold: false,
    };
    let mut rest = letters.as_slice();
    while !rest.is_empty() {
        let spaces = rest.iter().take_while(|(c, _)| *c == ' ').count();
        let word = rest[spaces..].iter().take_while(|(c, _)| *c != ' ').count();
        let (space, behind) = rest.split_at(spaces);
        let (word, behind) = behind.split_at(word);
        rest = behind;
        if word.is_empty() {
            break;
        }
        let whole = [space, word].concat();
        if row.width(&whole) <= longest {
            whole.iter().for_each(|letter| row.push(*letter));
            continue;
        }
        if !row.text.trim().is_empty() {
            row.end(rows);
        }
        for letter in word {
            if row.width(&[*letter]) > longest {
                row.end(rows);
            }
            row.push(*letter);
        }
    }
    row.end(rows);
}

impl Row {
    /// How long it would be with these letters, when it is ended behind them.
    fn width(&self, letters: &[(char, bool)]) -> usize {
        let mut bold = self.bold;
        let mut width = self.text.len();
        for (c, its) in letters {
            width += c.len_utf8() + usize::from(*its != bold) * BOLD.len();
            bold = *its;
        }
        width + usize::from(bold) * BOLD.len()
    }

    fn push(&mut self, (c, bold): (char, bool)) {
        if bold != self.bold {
            self.text.push_str(BOLD);
            self.bold = bold;
        }
        self.text.push(c);
    }

    fn end(&mut self, rows: &mut Vec<String>) {
        if self.bold {
            self.text.push_str(BOLD);
            self.bold = false;
        }
        rows.push(std::mem::take(&mut self.text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_lines() {
        let text = Text::new()
            .spans(vec![
                Span::Bold("ex".into()),
                Span::Words(": new by ".into()),
                Span::Mention("ann".into()),
                Span::Words(", see ".into()),
                Span::Link {
                    words: "this".into(),
                    url: "https://e.org/1".into(),
                },
            ])
            .and("")
            .entry("one `list`")
            .pre("a  b\n\n  c\r")
            .hint("type `help`")
            .choices([("Go", "go")]);
        assert_eq!(
            rows(&text, 400),
            [
                "\u{2}ex\u{2}: new by ann, see this https://e.org/1",
                "- one `list`",
                "a  b",
                "  c",
                "hint: type `help`"
            ]
        );
    }

    #[test]
    fn long_lines_are_cut_between_words_and_bold_goes_on() {
        let text = Text::new().spans(vec![
            Span::Bold("one two three".into()),
            Span::Words(" four".into()),
        ]);
        assert_eq!(
            rows(&text, 10),
            ["\u{2}one two\u{2}", "\u{2}three\u{2}", "four"]
        );
        assert_eq!(rows(&Text::line("éééééééé"), 9), ["éééé", "éééé"]);
    }

    #[test]
    fn a_long_text_is_several_messages_and_none_is_empty() {
        let lines: Vec<String> = (0..12).map(|n| format!("line {n}")).collect();
        let text = Text::new().pre(lines.join("\n"));
        let all = pieces(&text);
        assert_eq!(all.len(), 3);
        let said: Vec<String> = all.iter().flat_map(|text| rows(text, LEAST)).collect();
        assert_eq!(said, lines);
        assert_eq!(pieces(&Text::line(" ")), []);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_too_long(words in prop::collection::vec("[a-zé€ \u{2}\r\n]{0,30}", 0..40), longest in 8usize..200) {
            let spans: Vec<Span> = words.iter().enumerate().map(|(n, words)| match n % 3 {
                0 => Span::Bold(words.clone()),
                _ => Span::Words(words.clone()),
            }).collect();
            let text = Text::new().spans(spans);
            let rows = rows(&text, longest);
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '\u{2}').collect::<String>();
            prop_assert_eq!(letters(&rows.concat()), letters(&text.plain()));
            for row in rows {
                prop_assert!(row.len() <= longest, "{row:?}");
                prop_assert!(!row.contains(['\r', '\n', '\0']) && !row.trim().is_empty());
            }
        }
    }
}
