//! A message as a terminal shows it: colours where they are wanted, words kept whole at the right edge.

use crate::model::Text;
use crate::model::text::{Block, Span, harmless};

/// How a terminal wants its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    pub colours: bool,
    /// Characters in a line.
    pub width: usize,
}

const PLAIN: &str = "";
const BOLD: &str = "1";
const MARKED: &str = "1;33";
const DIM: &str = "2";
const UNDERLINED: &str = "4";
const CODE: &str = "36";
const TAG: &str = "33";

/// `name  text`, further lines below the first one's text, with a line end.
pub fn message(name: &str, text: &Text, paper: Paper) -> String {
    let name = harmless(name);
    let mut brush = Brush {
        paper,
        // In a narrow terminal the text needs the space more than the distance does.
        indent: (name.chars().count() + 2).min(paper.width / 3),
        out: String::new(),
        column: 0,
    };
    brush
        .out
        .push_str(&painted(&name, name_style(&name), paper.colours));
    brush.out.push_str("  ");
    brush.column = name.chars().count() + 2;
    for (n, block) in text.0.iter().enumerate() {
        if n > 0 {
            brush.line_end();
        }
        match block {
            Block::Line(spans) => brush.spans(spans, PLAIN),
            Block::Hint(spans) => {
                brush.words("hint: ", DIM);
                brush.spans(spans, DIM);
            }
            Block::Entry(spans) => {
                brush.words("- ", PLAIN);
                brush.spans(spans, PLAIN);
            }
            Block::Pre(lines) => {
                for (n, line) in lines.lines().enumerate() {
                    if n > 0 {
                        brush.line_end();
                    }
                    brush.raw(&harmless(line), PLAIN);
                }
            }
            Block::OneBox(url) => brush.whole(&harmless(url), UNDERLINED),
            Block::Choices(_) => {}
        }
    }
    brush.out.push('\n');
    brush.out
}

/// A name in its own colour, the same every time.
pub fn name(name: &str, colours: bool) -> String {
    let name = harmless(name);
    painted(&name, name_style(&name), colours)
}

fn name_style(name: &str) -> &'static str {
    const STYLES: [&str; 6] = ["1;31", "1;32", "1;33", "1;34", "1;35", "1;36"];
    let sum: usize = name.bytes().map(usize::from).sum();
    STYLES[sum % STYLES.len()]
}

fn painted(words: &str, style: &str, colours: bool) -> String {
    match colours && !style.is_empty() && !words.is_empty() {
        true => format!("\u{1b}[{style}m{words}\u{1b}[0m"),
        false => words.into(),
    }
}

struct Brush {
    paper: Paper,
    indent: usize,
    out: String,
    column: usize,
}

impl Brush {
    /// `under` is the style of the block, which plain words have.
    fn spans(&mut self, spans: &[Span], under: &'static str) {
        for span in spans {
            match span {
                Span::Words(words) => self.words(&harmless(words), under),
                Span::Bold(words) => self.words(&harmless(words), BOLD),
                Span::Marked(words) if self.paper.colours => self.words(&harmless(words), MARKED),
                Span::Marked(words) => self.words(&format!("**{}**", harmless(words)), under),
                Span::Code(code) if self.paper.colours => self.whole(&harmless(code), CODE),
                Span::Code(code) => self.whole(&format!("`{}`", harmless(code)), PLAIN),
                Span::Link { words, url } => {
                    self.words(&harmless(words), under);
                    self.words(" ", under);
                    self.whole(&harmless(url), UNDERLINED);
                }
                Span::Url(url) => self.whole(&harmless(url), UNDERLINED),
                Span::Author { name, .. } => self.words(&harmless(name), under),
                Span::Tag(tag) => self.whole(&format!("[{}]", harmless(tag)), TAG),
                Span::Mention(name) => {
                    let name = harmless(name);
                    self.whole(&format!("@{name}"), name_style(&name));
                }
            }
        }
    }

    /// Words that may go to the next line one by one.
    fn words(&mut self, words: &str, style: &'static str) {
        for piece in words.split_inclusive(' ') {
            self.whole(piece.trim_end_matches(' '), style);
            if piece.ends_with(' ') && self.column < self.paper.width {
                self.raw(" ", style);
            }
        }
    }

    /// What must not be cut; a terminal breaks what is longer than its line.
    fn whole(&mut self, words: &str, style: &'static str) {
        let width = words.chars().count();
        if self.column.saturating_add(width) > self.paper.width && self.column > self.indent {
            self.line_end();
        }
        self.raw(words, style);
    }

    fn raw(&mut self, words: &str, style: &'static str) {
        self.out
            .push_str(&painted(words, style, self.paper.colours));
        self.column += words.chars().count();
    }

    fn line_end(&mut self) {
        let line = self.out.trim_end_matches(' ').len();
        self.out.truncate(line);
        self.out.push('\n');
        self.out.push_str(&" ".repeat(self.indent));
        self.column = self.indent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: Paper = Paper {
        colours: false,
        width: 40,
    };

    #[test]
    fn further_lines_stand_below_the_first() {
        let text = Text::line("Tracking `ex`.")
            .hint("stop it: `stop ex`")
            .pre("a  b\n  c");
        assert_eq!(
            message("boson", &text, BARE),
            "boson  Tracking `ex`.\n       hint: stop it: `stop ex`\n       a  b\n         c\n"
        );
    }

    #[test]
    fn words_stay_whole_at_the_edge() {
        let text = Text::line("one two three four five six seven `eight nine` ten");
        assert_eq!(
            message("boson", &text, BARE),
            "boson  one two three four five six seven\n       `eight nine` ten\n"
        );
        let long = Text::line(format!("see https://example.org/{}", "x".repeat(60)));
        assert!(message("boson", &long, BARE).contains(&"x".repeat(60)));
        assert!(message("boson", &long, Paper { width: 0, ..BARE }).contains(&"x".repeat(60)));
    }

    #[test]
    fn colours_only_where_they_are_wanted() {
        let text = Text::line("say `alive`").hint("b\u{1b}[2J");
        assert!(!message("boson", &text, BARE).contains('\u{1b}'));
        let painted = message(
            "boson",
            &text,
            Paper {
                colours: true,
                width: 80,
            },
        );
        assert!(painted.contains("\u{1b}[36malive\u{1b}[0m"));
        assert!(
            !painted.contains("\u{1b}[2J"),
            "nothing of a text reaches the terminal as a command"
        );
    }
}
