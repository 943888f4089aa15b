//! Reads Markdown into a page.

use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use super::{Page, Piece, plain};
use crate::model::text::Span;

pub fn page(markdown: &str) -> Page {
    let mut reading = Reading::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        reading.hear(event);
    }
    reading.done()
}

#[derive(Default)]
struct Reading {
    name: Option<String>,
    summary: Option<String>,
    body: Vec<Piece>,
    words: Vec<Span>,
    bold: bool,
    link: Option<Link>,
    /// The lists around here: the next number of those that count.
    lists: Vec<Option<u64>>,
    /// An entry has begun whose words are not yet a piece.
    entry: bool,
    code: Option<String>,
    rows: Vec<Vec<String>>,
    /// Between the marks of the usage.
    usage: bool,
}

struct Link {
    url: String,
    bare: bool,
    /// What stood before its words.
    before: Vec<Span>,
}

impl Reading {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(words) => match &mut self.code {
                Some(code) => code.push_str(&words),
                None => self.say(&words),
            },
            Event::Code(code) => self.words.push(Span::Code(code.into_string())),
            Event::SoftBreak | Event::HardBreak => self.say(" "),
            // Comments are for those who write pages; two of them say where the usage stands.
            Event::Html(html) | Event::InlineHtml(html) => match html.trim() {
                "<!-- usage -->" => self.usage = true,
                "<!-- /usage -->" => self.usage = false,
                _ => {}
            },
            Event::Rule
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::Strong => self.bold = true,
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => {
                self.link = Some(Link {
                    url: dest_url.into_string(),
                    bare: matches!(link_type, LinkType::Autolink | LinkType::Email),
                    before: std::mem::take(&mut self.words),
                });
            }
            Tag::List(number) => {
                // What stands before a list within an entry is the entry.
                self.end_words();
                self.lists.push(number);
            }
            Tag::Item => self.entry = true,
            Tag::CodeBlock(_) => {
                self.end_words();
                self.code = Some(String::new());
            }
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            // The rest has words in it and ends as words.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.bold = false,
            TagEnd::Link => self.end_link(),
            TagEnd::Heading(level) => {
                let words = std::mem::take(&mut self.words);
                match (level, &self.name) {
                    (HeadingLevel::H1, None) => self.name = Some(plain(&words)),
                    _ => self.body.push(Piece::Heading {
                        level: (level as u8).max(2),
                        words,
                    }),
                }
            }
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.end_words(),
            TagEnd::Item => {
                self.end_words();
                self.entry = false;
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                let code = code.trim_end_matches('\n').to_string();
                self.body.push(match self.usage {
                    true => Piece::Usage(code),
                    false => Piece::Pre(code),
                });
            }
            TagEnd::TableCell => {
                let cell = plain(&std::mem::take(&mut self.words));
                if let Some(row) = self.rows.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.body.push(Piece::Table(std::mem::take(&mut self.rows))),
            _ => {}
        }
    }

    fn say(&mut self, words: &str) {
        match (self.words.last_mut(), self.bold) {
            (Some(Span::Words(before)), false) | (Some(Span::Bold(before)), true) => {
                before.push_str(words);
            }
            (_, false) => self.words.push(Span::Words(words.into())),
            (_, true) => self.words.push(Span::Bold(words.into())),
        }
    }

    fn end_link(&mut self) {
        let Some(link) = self.link.take() else { return };
        let words = plain(&std::mem::replace(&mut self.words, link.before));
        self.words.push(match link.url.strip_suffix(".md") {
            // Another page of the manual, as one types it.
            Some(page) if !link.url.contains("://") => {
                Span::Code(format!("man {}", page.rsplit('/').next().unwrap_or(page)))
            }
            Some(_) | None if link.bare || words == link.url => Span::Url(link.url),
            Some(_) | None => Span::Link {
                words,
                url: link.url,
            },
        });
    }

    /// What was said since the last piece becomes one.
    fn end_words(&mut self) {
        let words = std::mem::take(&mut self.words);
        if words.is_empty() {
            return;
        }
        if self.entry {
            self.entry = false;
            let depth = self.lists.len().saturating_sub(1);
            let number = self.lists.last_mut().and_then(Option::as_mut).map(|next| {
                *next += 1;
                *next - 1
            });
            self.body.push(Piece::Entry {
                depth,
                number,
                words,
            });
        } else if self.name.is_some() && self.summary.is_none() && self.body.is_empty() {
            self.summary = Some(plain(&words));
        } else {
            self.body.push(Piece::Paragraph(words));
        }
    }

    fn done(self) -> Page {
        Page {
            name: self.name.unwrap_or_default(),
            summary: self.summary.unwrap_or_default(),
            body: self.body,
        }
    }
}
