//! An object of the API, read field by field.
//!
//! Names, titles and tags come ready for HTML, so they are decoded once; bodies are HTML and become plain text.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use crate::model::{Fact, Item, ItemId};
use crate::source::feed::plain;

/// The longest body that is kept, in characters.
const LONGEST: usize = 64 * 1024;
/// The most names of a list.
const MOST_LINES: usize = 50;
/// The longest title, name or tag, in characters.
const LONGEST_LINE: usize = 500;

/// Where and when an object was read.
pub(super) struct On<'a> {
    /// What the API calls the site: `beer`.
    pub site: &'a str,
    /// Its host: `beer.stackexchange.com`.
    pub host: &'a str,
    pub now: DateTime<Utc>,
    /// What happened before was read by an earlier look; in seconds since 1970.
    pub since: Option<i64>,
}

/// The fields of the wrapper around every answer.
pub(super) const WRAPPER: &[&str] = &[
    ".items",
    ".has_more",
    ".backoff",
    ".quota_max",
    ".quota_remaining",
    ".error_id",
    ".error_name",
    ".error_message",
];

/// The fields of an account as it stands beside what it wrote.
pub(super) const ACCOUNT: &[&str] = &[
    "shallow_user.display_name",
    "shallow_user.link",
    "shallow_user.reputation",
    "shallow_user.user_id",
    "shallow_user.user_type",
];

/// A whole number.
pub(super) fn number(object: &Value, field: &str) -> Option<i64> {
    object.get(field)?.as_i64()
}

/// A moment.
pub(super) fn time(object: &Value, field: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(number(object, field)?, 0)
}

/// Yes or no.
pub(super) fn yes(object: &Value, field: &str) -> Option<bool> {
    object.get(field)?.as_bool()
}

/// A name, a title, a tag: one line, decoded.
pub(super) fn line(object: &Value, field: &str) -> Option<String> {
    plain_line(object.get(field)?.as_str()?)
}

fn plain_line(text: &str) -> Option<String> {
    let text = html_escape::decode_html_entities(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    Some(crate::model::text::cut(&words.join(" "), LONGEST_LINE)).filter(|text| !text.is_empty())
}

/// A text in HTML as plain text.
pub(super) fn body(object: &Value, on: &On<'_>, field: &str) -> String {
    let html = object.get(field).and_then(Value::as_str);
    let at = Url::parse(&format!("https://{}/", on.host)).ok();
    html.map(|html| plain::plain(html, at.as_ref(), LONGEST))
        .unwrap_or_default()
}

/// An address on the web; anything else is none.
pub(super) fn link(object: &Value, field: &str) -> Option<String> {
    let link = line(object, field)?;
    crate::http::web_address(&link).ok()?;
    // What stands behind `#` says which comment it is.
    Url::parse(&link).ok().map(|url| url.to_string())
}

/// A list of names.
pub(super) fn lines(object: &Value, field: &str) -> Vec<String> {
    let all = object.get(field).and_then(Value::as_array);
    all.into_iter()
        .flatten()
        .take(MOST_LINES)
        .filter_map(Value::as_str)
        .filter_map(plain_line)
        .collect()
}

/// An item that grows fact by fact.
pub(super) struct Draft {
    item: Item,
}

impl Draft {
    /// What every item of a site has.
    pub fn new(on: &On<'_>, kind: &str, id: String, at: Option<DateTime<Utc>>) -> Draft {
        let mut names = vec![on.host.to_string()];
        if on.site != on.host {
            names.push(on.site.to_string());
        }
        let facts = BTreeMap::from([
            ("site".to_string(), Fact::Words(names)),
            ("type".to_string(), Fact::Text(kind.into())),
        ]);
        Draft {
            item: Item {
                id: ItemId(id),
                revision: 0,
                title: String::new(),
                body: String::new(),
                author: None,
                url: None,
                at: at.unwrap_or(on.now),
                seen: on.now,
                tags: Vec::new(),
                facts,
            },
        }
    }

    pub fn title(mut self, title: Option<String>) -> Draft {
        self.item.title = title.unwrap_or_default();
        self
    }

    pub fn body(mut self, body: String) -> Draft {
        self.item.body = body;
        self
    }

    pub fn url(mut self, url: Option<String>) -> Draft {
        self.item.url = url;
        self
    }

    pub fn tags(mut self, tags: Vec<String>) -> Draft {
        self.item.tags = tags;
        self
    }

    /// The account that wrote it; one that was deleted has a name at the most.
    pub fn by(mut self, object: &Value, field: &str) -> Draft {
        let Some(account) = object.get(field) else {
            return self;
        };
        self.item.author = line(account, "display_name");
        self.text("user", number(account, "user_id").map(|id| id.to_string()))
            .text("profile", link(account, "link"))
            .text("user-type", line(account, "user_type"))
            .number("reputation", number(account, "reputation"))
    }

    pub fn number(mut self, name: &str, value: Option<i64>) -> Draft {
        self.put(name, value.map(|n| Fact::Number(n as f64)));
        self
    }

    pub fn text(mut self, name: &str, value: Option<String>) -> Draft {
        self.put(name, value.map(Fact::Text));
        self
    }

    pub fn yes(mut self, name: &str, value: Option<bool>) -> Draft {
        self.put(name, value.map(Fact::Yes));
        self
    }

    pub fn time(mut self, name: &str, value: Option<DateTime<Utc>>) -> Draft {
        self.put(name, value.map(Fact::Time));
        self
    }

    /// A time that is known never to have come where the object has none.
    pub fn time_or_never(mut self, name: &str, value: Option<DateTime<Utc>>) -> Draft {
        self.put(name, Some(value.map_or(Fact::Yes(false), Fact::Time)));
        self
    }

    fn put(&mut self, name: &str, fact: Option<Fact>) {
        if let Some(fact) = fact {
            self.item.facts.insert(name.into(), fact);
        }
    }

    /// The item. Its revision tells whether what it says was changed.
    pub fn done(mut self) -> Item {
        let Item {
            title, body, tags, ..
        } = &self.item;
        self.item.revision = crate::source::feed::hash(&[title, body, &tags.join(" ")]);
        self.item
    }
}
