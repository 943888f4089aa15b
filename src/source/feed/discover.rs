//! Which feed a web page names.

use url::Url;

use super::plain;
use crate::html::{Lexer, Token, attribute};

/// How much of a page is searched, in tags; the head is at its beginning.
const TAGS: usize = 20_000;

/// The first feed that a page names and that is not one of comments; otherwise the first one of comments.
pub(super) fn discover(html: &str, page: &Url) -> Option<String> {
    let mut at = page.clone();
    let mut comments = None;
    for token in Lexer::whole(html).take(TAGS) {
        let Token::Open { name, attributes } = token else {
            continue;
        };
        match name.as_str() {
            "base" => {
                if let Some(moved) =
                    attribute(attributes, "href").and_then(|href| page.join(&href).ok())
                {
                    at = moved;
                }
            }
            "link" | "a" => {
                let Some((url, of_comments)) = feed_link(attributes, &at) else {
                    continue;
                };
                if !of_comments {
                    return Some(url);
                }
                comments.get_or_insert(url);
            }
            _ => {}
        }
    }
    comments
}

fn feed_link(attributes: &str, at: &Url) -> Option<(String, bool)> {
    let lower = |name| attribute(attributes, name).map(|value| value.to_lowercase());
    let rel = lower("rel")?;
    if !rel
        .split_whitespace()
        .any(|word| word == "alternate" || word == "feed")
    {
        return None;
    }
    let kind = lower("type")?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_feed = matches!(
        kind,
        "application/rss+xml"
            | "application/atom+xml"
            | "application/feed+json"
            | "application/rdf+xml"
    );
    let url = plain::link(&attribute(attributes, "href")?, Some(at))?;
    if !is_feed || url.starts_with("mailto:") {
        return None;
    }
    let of_comments = url.to_lowercase().contains("comment")
        || lower("title").is_some_and(|title| title.contains("comment"));
    Some((url, of_comments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_that_pages_name() {
        let page = Url::parse("https://example.org/blog/").unwrap();
        for (html, expected) in [
            (
                "<link rel=alternate type=application/rss+xml href=feed.xml>",
                Some("https://example.org/blog/feed.xml"),
            ),
            (
                "<head><base href='/other/'><LINK REL='Alternate' TYPE='application/atom+xml' HREF='a'>",
                Some("https://example.org/other/a"),
            ),
            (
                "<link rel=alternate type=application/rss+xml href=/comments/feed title=Comments>\
                 <link rel=alternate type=application/feed+json href=/feed.json>",
                Some("https://example.org/feed.json"),
            ),
            (
                "<link rel=alternate type=application/rss+xml href=/comments/feed>",
                Some("https://example.org/comments/feed"),
            ),
            ("<link rel=stylesheet type=text/css href=a.css>", None),
            ("<link rel=alternate hreflang=de href=/de>", None),
            (
                "<!-- <link rel=alternate type=application/rss+xml href=feed.xml> -->",
                None,
            ),
            (
                "<link rel=alternate type=application/rss+xml href='javascript:x'>",
                None,
            ),
        ] {
            assert_eq!(discover(html, &page).as_deref(), expected, "{html}");
        }
    }
}
