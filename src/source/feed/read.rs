//! Reads a feed of any kind: from bytes to items.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use feed_rs::model::Feed;
use url::Url;

use super::mend::{Broken, mend};
use super::names::Dialect;
use super::pace::Pace;
use super::{decode, entry, json, plain};
use crate::model::Item;
use crate::source::LookError;

/// A feed that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// Newest first.
    pub items: Vec<Item>,
    pub title: Option<String>,
    pub pace: Pace,
}

/// What bytes turn out to be.
pub(super) enum Document {
    Feed(Parsed),
    /// A web page.
    Page(String),
}

/// Reads a feed: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed, in any encoding. `url` is where it was found;
/// `now` becomes the date of entries that have none.
///
/// # Errors
/// When it is no feed, with the reason in plain words. Never panics, whatever the bytes are.
pub fn parse(
    bytes: &[u8],
    content_type: Option<&str>,
    url: &str,
    now: DateTime<Utc>,
) -> Result<Parsed, LookError> {
    match read(bytes, content_type, url, now)? {
        Document::Feed(parsed) => Ok(parsed),
        Document::Page(_) => Err(trouble(url, "it is a web page")),
    }
}

/// The same, for callers who can do something with a web page.
pub(super) fn read(
    bytes: &[u8],
    content_type: Option<&str>,
    url: &str,
    now: DateTime<Utc>,
) -> Result<Document, LookError> {
    let at = Url::parse(url).map_err(|_| trouble(url, "its own address makes no sense"))?;
    let text = decode::decode(bytes, content_type);
    let text =
        text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
    let says_html = content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    if text.starts_with('{') {
        let json = json::mend(text).map_err(|why| trouble(url, &why))?;
        let feed = to_model(&json, &at)
            .ok_or_else(|| trouble(url, "its JSON is not what a feed is made of"))?;
        return Ok(Document::Feed(parsed(
            feed,
            Dialect::Atom,
            Pace::default(),
            &at,
            now,
        )));
    }
    if text.is_empty() {
        return Err(trouble(url, "it is empty"));
    }
    if !text.starts_with('<') {
        return match says_html {
            true => Ok(Document::Page(text.into())),
            false => Err(trouble(url, "it is neither XML nor JSON")),
        };
    }
    match mend(text, &at) {
        Ok(mended) => {
            let site = mended
                .site
                .as_deref()
                .and_then(|site| at.join(site.trim()).ok());
            // Addresses in RSS are meant as seen from the site; in Atom they are as seen from the feed.
            let from = match mended.dialect {
                Dialect::Rss => site
                    .filter(|site| matches!(site.scheme(), "http" | "https"))
                    .unwrap_or(at),
                Dialect::Atom => at,
            };
            let feed = to_model(&mended.xml, &from)
                .ok_or_else(|| trouble(url, "its parts are not where they belong"))?;
            Ok(Document::Feed(parsed(
                feed,
                mended.dialect,
                mended.pace,
                &from,
                now,
            )))
        }
        Err(Broken::Page) => Ok(Document::Page(text.into())),
        Err(Broken::Other(_) | Broken::Xml { .. }) if says_html || looks_like_page(text) => {
            Ok(Document::Page(text.into()))
        }
        Err(Broken::Other(name)) if name.is_empty() => Err(trouble(url, "there is nothing in it")),
        Err(Broken::Other(name)) => Err(trouble(url, &format!("it begins with `<{name}>`"))),
        Err(Broken::Xml { what, line }) => Err(trouble(url, &format!("line {line}: {what}"))),
    }
}

fn looks_like_page(text: &str) -> bool {
    let head: String = text
        .chars()
        .take(500)
        .collect::<String>()
        .to_ascii_lowercase();
    head.starts_with("<!doctype html") || head.contains("<html")
}

fn parsed(feed: Feed, dialect: Dialect, pace: Pace, at: &Url, now: DateTime<Utc>) -> Parsed {
    let title = feed
        .title
        .as_ref()
        .map(|title| plain::line(&title.content, entry::AUTHOR))
        .filter(|title| !title.is_empty());
    Parsed {
        items: entry::items(feed, dialect, at, now),
        title,
        pace,
    }
}

/// The parser's model; none when it refuses, or stumbles over something that was not foreseen.
fn to_model(text: &str, at: &Url) -> Option<Feed> {
    let parser = feed_rs::parser::Builder::new()
        .base_uri(Some(at.as_str()))
        .sanitize_content(false)
        // Random by default; ours are made from what an entry says.
        .id_generator(|_, _, _| String::new())
        .build();
    catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes())))
        .ok()?
        .ok()
}

fn trouble(url: &str, why: &str) -> LookError {
    let host = Url::parse(url)
        .ok()
        .and_then(|url| {
            url.host_str()
                .map(|host| crate::model::text::cut(host, 100))
        })
        .unwrap_or_else(|| "there".into());
    LookError {
        what: format!("what came from {host} is no feed: {why}"),
        ..LookError::default()
    }
}
