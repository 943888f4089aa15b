//! An item in one line: its title and who wrote it.

use super::news::{News, plainly};
use crate::model::text::{Block, Span};
use crate::model::{Item, Text, one_line};

/// The longest title, in characters.
const TITLE: usize = 200;

/// The longest author's name, in characters.
const AUTHOR: usize = 60;

/// `Title, by author`. Without a title the first words of the body stand for it, without these its link.
pub(super) fn headline(item: &Item) -> String {
    let title = item.called(TITLE);
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

/// What an item is, in one line with its link.
pub(super) fn with_link(before: &str, item: &Item) -> Vec<Span> {
    match News::of(item) {
        Some(news) => news.whole(before),
        None => linked(before, item),
    }
}

/// The headline and the link behind it.
fn linked(before: &str, item: &Item) -> Vec<Span> {
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

/// The line above a link that stands alone.
pub(super) fn above_link(before: &str, item: &Item) -> Vec<Span> {
    match News::of(item) {
        Some(news) => plainly(news.whole(before)),
        None => vec![Span::Words(
            format!("{before}{}", headline(item)).trim_end().into(),
        )],
    }
}

/// A heading and an entry for each item. Where all are the same on the same site, the heading says what they are;
/// `others` says it of all others.
pub(super) fn entries<'a>(
    before: &str,
    others: &str,
    items: impl Iterator<Item = &'a Item> + Clone,
) -> Text {
    let news: Option<Vec<News<'_>>> = items.clone().map(News::of).collect();
    let alike = news.filter(|news| news.windows(2).all(|two| two[0].is_like(&two[1])));
    let heading = match alike.as_ref().and_then(|news| news.first()) {
        Some(first) => first.heading(items.clone().count()),
        None => others.to_string(),
    };
    let mut text = Text::new().spans(vec![Span::Words(format!("{before}{heading}:"))]);
    match alike {
        Some(news) => {
            let entries = news.into_iter().map(|news| Block::Entry(news.brief()));
            text.0.extend(entries);
        }
        None => {
            let entries = items.map(|item| Block::Entry(with_link("", item)));
            text.0.extend(entries);
        }
    }
    text
}
