//! An item in one line: its title and who wrote it.

use crate::model::text::cut;
use crate::model::text::{Block, Span};
use crate::model::{Item, Text};

/// The longest title, in characters.
const TITLE: usize = 200;

/// How much of a body stands for a missing title, in characters.
const BEGINNING: usize = 80;

/// The longest author's name, in characters.
const AUTHOR: usize = 60;

/// `Title, by author`. Without a title the first words of the body stand for it, without these its link.
pub(super) fn headline(item: &Item) -> String {
    let title = one_line(&item.title, TITLE);
    let title = if title.is_empty() {
        one_line(&item.body, BEGINNING)
    } else {
        title
    };
    let title = match (title.is_empty(), &item.url) {
        (false, _) => title,
        (true, Some(_)) => String::new(),
        (true, None) => "something without a title".into(),
    };
    match item
        .author
        .as_deref()
        .map(|author| one_line(author, AUTHOR))
    {
        Some(author) if !author.is_empty() && title.is_empty() => format!("by {author}"),
        Some(author) if !author.is_empty() => format!("{title}, by {author}"),
        Some(_) | None => title,
    }
}

/// The headline and the link behind it.
pub(super) fn with_link(before: &str, item: &Item) -> Vec<Span> {
    let headline = headline(item);
    let mut words = format!("{before}{headline}");
    match &item.url {
        Some(url) => {
            if !headline.is_empty() {
                words.push(' ');
            }
            let link = Span::Url(url.clone());
            if words.is_empty() {
                vec![link]
            } else {
                vec![Span::Words(words), link]
            }
        }
        None => vec![Span::Words(words)],
    }
}

/// A heading and an entry for each item.
pub(super) fn entries<'a>(heading: String, items: impl Iterator<Item = &'a Item>) -> Text {
    let mut text = Text::new().spans(vec![Span::Words(heading)]);
    text.0
        .extend(items.map(|item| Block::Entry(with_link("", item))));
    text
}

fn one_line(text: &str, longest: usize) -> String {
    // Reads no more of a text of megabytes than can be shown.
    let beginning: String = text.trim_start().chars().take(20 * longest).collect();
    let words: Vec<&str> = beginning.split_whitespace().collect();
    cut(&words.join(" "), longest)
}
