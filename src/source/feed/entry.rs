//! An entry of a feed as an item, within limits.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use feed_rs::model::{Entry, Feed, Link, LinkTarget, Text};
use sha2::{Digest, Sha256};
use url::Url;

use super::names::Dialect;
use super::{mend, plain};
use crate::model::{Fact, Item, ItemId};

/// The longest title, body, author and tag, in characters.
const TITLE: usize = 300;
const BODY: usize = 20_000;
/// What all bodies of a feed may have together, in bytes: filters read them while everybody waits. Beyond it, older
/// items keep the beginnings of theirs.
const BODIES: usize = 4 << 20;
/// The beginning of a body, in characters.
const BEGINNING: usize = 200;
pub(super) const AUTHOR: usize = 100;
const TAG: usize = 60;
/// How many tags an item keeps.
const TAGS: usize = 30;
/// The longest id that is kept as it is, in bytes.
const ID: usize = 500;

/// The items of a feed, newest first: by date where one is given, otherwise in the order of the feed.
pub(super) fn items(feed: Feed, dialect: Dialect, at: &Url, now: DateTime<Utc>) -> Vec<Item> {
    // One author of a whole Atom feed is the author of its entries.
    let author = match feed.authors.as_slice() {
        [only] => person(only.name.as_deref(), only.email.as_deref()),
        _ => None,
    };
    let mut previous = now;
    let mut dated: Vec<(DateTime<Utc>, Item)> = feed
        .entries
        .into_iter()
        .take(mend::ENTRIES)
        .map(|entry| {
            let given = entry.published.or(entry.updated);
            let mut item = item(entry, dialect, at, now);
            item.author = item.author.or_else(|| author.clone());
            if let Some(given) = given {
                previous = given.min(now);
            }
            (previous, item)
        })
        .collect();
    dated.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut left = BODIES;
    let items = dated.into_iter().map(|(_, mut item)| {
        if item.body.len() > left {
            item.body = crate::model::text::cut(&item.body, BEGINNING);
        }
        left = left.saturating_sub(item.body.len());
        item
    });
    distinct(items.collect())
}

/// Entries that share an id and an address are one; those that share an id only get one each.
fn distinct(items: Vec<Item>) -> Vec<Item> {
    let mut urls: HashMap<ItemId, Vec<Option<String>>> = HashMap::new();
    let kept: Vec<Item> = items
        .into_iter()
        .filter(|item| {
            let seen = urls.entry(item.id.clone()).or_default();
            // A feed that gives everything the same id could make this list long.
            let new = seen.len() < 1000 && !seen.contains(&item.url);
            if new {
                seen.push(item.url.clone());
            }
            new
        })
        .collect();
    kept.into_iter()
        .map(|mut item| {
            if urls.get(&item.id).is_some_and(|seen| seen.len() > 1) {
                let both = format!("{} {}", item.id.0, item.url.as_deref().unwrap_or_default());
                item.id = ItemId(short_id(both));
            }
            item
        })
        .collect()
}

fn item(entry: Entry, dialect: Dialect, at: &Url, now: DateTime<Utc>) -> Item {
    // The id of an RSS entry is its address, unless it says otherwise.
    let by_id = || plain::link(&entry.id, None).filter(|_| dialect == Dialect::Rss);
    let url = address(&entry.links, at).or_else(by_id);
    let from = entry
        .base
        .as_deref()
        .and_then(|base| Url::parse(base).ok())
        .or_else(|| {
            Url::parse(url.as_deref()?)
                .ok()
                .filter(|url| url.scheme() != "mailto")
        })
        .unwrap_or_else(|| at.clone());
    let mut title = entry
        .title
        .as_ref()
        .map_or_else(String::new, |title| match dialect {
            Dialect::Atom if !is_html(title) => plain::one_line(&title.content, TITLE),
            Dialect::Rss | Dialect::Atom => plain::line(&title.content, TITLE),
        });
    let body = body(&entry, &from);
    if title.is_empty() {
        title = plain::one_line(&body, 100);
    }
    if title.is_empty() {
        title = url
            .clone()
            .map_or_else(|| "(no title)".into(), |url| plain::one_line(&url, TITLE));
    }
    let author = entry
        .authors
        .iter()
        .find_map(|author| person(author.name.as_deref(), author.email.as_deref()));
    let digest = hash(&[&title, &body]);
    let own_id = entry.id.trim();
    let id = match (own_id, &url) {
        ("", Some(url)) => url.clone(),
        ("", None) => format!("{digest:x}"),
        (id, _) => id.into(),
    };
    let mut tags: Vec<String> = Vec::new();
    for category in &entry.categories {
        let words = category
            .label
            .as_ref()
            .filter(|label| !label.trim().is_empty());
        let tag = plain::line(words.unwrap_or(&category.term), TAG);
        if tags.len() < TAGS && !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Item {
        id: ItemId(short_id(id)),
        revision: digest,
        title,
        body,
        author,
        // What lies in the future is not out yet by its own word, but here it is.
        at: entry.published.or(entry.updated).unwrap_or(now).min(now),
        seen: now,
        tags,
        facts: facts(&entry, url.as_deref(), at),
        url,
    }
}

fn body(entry: &Entry, from: &Url) -> String {
    let content = entry.content.as_ref().and_then(|content| {
        let body = content.body.as_deref()?;
        Some((body, content.content_type.as_str() != "text/plain"))
    });
    let summary = entry
        .summary
        .as_ref()
        .map(|text| (text.content.as_str(), is_html(text)));
    let (text, html) = content
        .filter(|(body, _)| !body.trim().is_empty())
        .or(summary)
        .unwrap_or_default();
    if html {
        plain::plain(text, Some(from), BODY)
    } else {
        plain::lines(text, BODY)
    }
}

fn is_html(text: &Text) -> bool {
    text.content_type.as_str() != "text/plain"
}

/// Where an entry leads: its alternate, or else the first link that is no attachment, no comment and not itself.
fn address(links: &[Link], at: &Url) -> Option<String> {
    let open =
        |link: &&Link| link.target.is_none() && link.media_type.as_deref() != Some("attachment");
    let is = |link: &&Link, rel: &str| link.rel.as_deref().unwrap_or("alternate") == rel;
    let html = |link: &&Link| {
        link.media_type
            .as_deref()
            .is_none_or(|kind| kind.contains("html"))
    };
    let pick = |wanted: &dyn Fn(&&Link) -> bool| {
        links
            .iter()
            .filter(open)
            .filter(wanted)
            .find_map(|link| plain::link(&link.href, Some(at)))
    };
    pick(&|link| is(link, "alternate") && html(link))
        .or_else(|| pick(&|link| is(link, "alternate")))
        .or_else(|| {
            pick(&|link| {
                !["enclosure", "self", "edit", "replies"]
                    .iter()
                    .any(|rel| is(link, rel))
            })
        })
}

fn facts(entry: &Entry, url: Option<&str>, at: &Url) -> BTreeMap<String, Fact> {
    let mut facts = BTreeMap::new();
    let enclosure = entry
        .links
        .iter()
        .filter(|link| {
            link.rel.as_deref() == Some("enclosure")
                || link.media_type.as_deref() == Some("attachment")
        })
        .map(|link| link.href.clone())
        .chain(
            entry
                .media
                .iter()
                .flat_map(|media| &media.content)
                .filter_map(|content| content.url.as_ref().map(Url::to_string)),
        )
        .find_map(|href| plain::link(&href, Some(at)));
    if let Some(enclosure) = enclosure {
        facts.insert("enclosure".into(), Fact::Text(enclosure));
    }
    let comments = entry
        .links
        .iter()
        .filter(|link| {
            link.target == Some(LinkTarget::Comments) || link.rel.as_deref() == Some("replies")
        })
        .find_map(|link| plain::link(&link.href, Some(at)))
        .filter(|comments| Some(comments.as_str()) != url);
    if let Some(comments) = comments {
        facts.insert("discussion".into(), Fact::Text(comments));
    }
    if let Some(updated) = entry
        .updated
        .filter(|updated| Some(*updated) != entry.published)
    {
        facts.insert("edited".into(), Fact::Time(updated));
    }
    facts
}

fn person(name: Option<&str>, email: Option<&str>) -> Option<String> {
    let clean = |text: &str| {
        let text = plain::line(text, AUTHOR);
        let text = text.trim_matches(['(', ')', '（', '）', ' ']).to_string();
        (!text.is_empty()).then_some(text)
    };
    name.and_then(clean).or_else(|| email.and_then(clean))
}

/// An id of a length that can be stored.
fn short_id(id: String) -> String {
    if id.len() <= ID {
        return id;
    }
    format!("{:x}{:x}", hash(&[&id]), hash(&["2", id.as_str()]))
}

/// The same for the same words, in every version of the program.
pub(in crate::source) fn hash<W: AsRef<[u8]>>(words: &[W]) -> u64 {
    let mut digest = Sha256::new();
    for words in words {
        let words = words.as_ref();
        digest.update(words.len().to_be_bytes());
        digest.update(words);
    }
    let bytes = digest.finalize();
    bytes
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
