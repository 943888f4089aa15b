//! Writes a page in the language of man pages.

use super::{Page, Piece, aligned, plain};
use crate::model::text::Span;

/// Lines of the source are no longer than this where words allow it.
const WIDTH: usize = 78;

pub fn page(page: &Page, section: u8, date: &str) -> String {
    let name = match page.name.as_str() {
        "boson" => "boson".into(),
        name => format!("boson-{name}"),
    };
    let mut out = Out {
        lines: Vec::new(),
        fresh: true,
    };
    out.macro_line(
        "TH",
        &[
            &name.to_uppercase(),
            &section.to_string(),
            date,
            "Boson",
            "Boson Manual",
        ],
    );
    out.heading("SH", "NAME");
    out.words(&format!(
        "{} \\- {}",
        escape(&name, true),
        escape(page.summary.trim_end_matches('.'), false)
    ));
    let mut within = false;
    for piece in &page.body {
        match piece {
            Piece::Usage(_) if !within => out.heading("SH", "SYNOPSIS"),
            Piece::Heading { .. } | Piece::Usage(_) => {}
            Piece::Paragraph(_) | Piece::Entry { .. } | Piece::Table(_) | Piece::Pre(_)
                if within => {}
            Piece::Paragraph(_) | Piece::Entry { .. } | Piece::Table(_) | Piece::Pre(_) => {
                out.heading("SH", "DESCRIPTION");
                within = true;
            }
        }
        match piece {
            Piece::Heading { level: ..=2, words } => {
                out.heading("SH", &plain(words).to_uppercase());
                within = true;
            }
            Piece::Heading { words, .. } => {
                out.heading("SS", &plain(words));
                within = true;
            }
            Piece::Paragraph(words) => {
                out.apart();
                out.words(&spans(words));
            }
            Piece::Entry {
                depth,
                number,
                words,
            } => {
                let mark = number.map_or("\\(bu".into(), |number| format!("{number}."));
                let indent = 4 * (depth + 1);
                out.lines
                    .push(format!(".IP \"{}{mark}\" {indent}", " ".repeat(4 * depth)));
                out.fresh = false;
                out.words(&spans(words));
            }
            Piece::Table(rows) => out.pre(&aligned(rows)),
            Piece::Pre(lines) | Piece::Usage(lines) => out.pre(lines),
        }
    }
    let mut page = out.lines.join("\n");
    page.push('\n');
    page
}

struct Out {
    lines: Vec<String>,
    /// A heading was the last thing: what follows needs no distance.
    fresh: bool,
}

impl Out {
    fn macro_line(&mut self, name: &str, arguments: &[&str]) {
        let arguments = arguments.iter().map(|argument| {
            let argument = escape(argument, false).replace('"', "\\(dq");
            format!(" \"{argument}\"")
        });
        self.lines
            .push(format!(".{name}{}", arguments.collect::<String>()));
    }

    fn heading(&mut self, name: &str, words: &str) {
        self.macro_line(name, &[words]);
        self.fresh = true;
    }

    /// The distance between two paragraphs.
    fn apart(&mut self) {
        if !self.fresh {
            self.lines.push(".PP".into());
        }
        self.fresh = false;
    }

    /// Words that are escaped already, in lines of a fair length.
    fn words(&mut self, words: &str) {
        let mut line = String::new();
        for word in words.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.text_line(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.text_line(line);
        }
    }

    fn text_line(&mut self, line: String) {
        // At the beginning of a line a point or an apostrophe is a command.
        self.lines.push(match line.starts_with(['.', '\'']) {
            true => format!("\\&{line}"),
            false => line,
        });
        self.fresh = false;
    }

    fn pre(&mut self, lines: &str) {
        self.apart();
        self.lines.extend([".RS 4".into(), ".nf".into()]);
        for line in lines.lines() {
            self.text_line(escape(line, true));
        }
        self.lines.extend([".fi".into(), ".RE".into()]);
    }
}

fn spans(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Words(words) => escape(words, false),
            Span::Bold(words) | Span::Marked(words) => format!("\\fB{}\\fR", escape(words, false)),
            Span::Code(code) => format!("\\fB{}\\fR", escape(code, true)),
            Span::Link { words, url } => {
                format!("{} <\\fI{}\\fR>", escape(words, false), escape(url, true))
            }
            Span::Url(url) => format!("\\fI{}\\fR", escape(url, true)),
            Span::Author { name, .. } => escape(name, false),
            Span::Tag(tag) => format!("[{}]", escape(tag, false)),
            Span::Mention(name) => format!("@{}", escape(name, false)),
        })
        .collect()
}

/// `exact` for what one types: no character may turn into a nicer one.
fn escape(words: &str, exact: bool) -> String {
    let mut escaped = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '\\' => escaped.push_str("\\(rs"),
            '-' if exact => escaped.push_str("\\-"),
            '\'' if exact => escaped.push_str("\\(aq"),
            '`' if exact => escaped.push_str("\\(ga"),
            '^' if exact => escaped.push_str("\\(ha"),
            '~' if exact => escaped.push_str("\\(ti"),
            '\t' => escaped.push_str("    "),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
