//! The posts of `tests/posts/`, as items.

use std::fs;
use std::path::Path;

use boson::model::{Fact, Item, ItemId};
use chrono::{DateTime, NaiveDateTime, Utc};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Both sites, every post.
pub fn all() -> Vec<Item> {
    ["beer", "coffee"].into_iter().flat_map(of).collect()
}

fn of(site: &str) -> Vec<Item> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/posts")
        .join(site)
        .join("Posts.xml");
    let text = fs::read_to_string(path).unwrap();
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut items = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Empty(row) => items.push(item(site, &row)),
            Event::Eof => return items,
            _ => {}
        }
    }
}

fn item(site: &str, row: &BytesStart) -> Item {
    let get = |name: &str| {
        let value = row.try_get_attribute(name).unwrap()?;
        let text = value.value;
        Some(html_escape::decode_html_entities(&text).into_owned())
    };
    let time = |name| {
        let text = get(name)?;
        let time = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").unwrap();
        Some(time.and_utc())
    };
    let id = get("Id").unwrap();
    let kind = match get("PostTypeId").as_deref() {
        Some("1") => "question",
        Some("2") => "answer",
        _ => "wiki",
    };
    let mut item = Item {
        id: ItemId(format!("{site}-{id}")),
        revision: 0,
        title: get("Title").unwrap_or_default(),
        body: plain(&get("Body").unwrap_or_default()),
        author: get("OwnerUserId").map(|user| format!("User {user}")),
        url: Some(format!("https://{site}.stackexchange.com/q/{id}")),
        at: time("CreationDate").unwrap(),
        seen: now(),
        tags: get("Tags")
            .unwrap_or_default()
            .split(['<', '>'])
            .filter(|tag| !tag.is_empty())
            .map(String::from)
            .collect(),
        facts: [
            ("site".into(), Fact::Text(site.into())),
            ("type".into(), Fact::Text(kind.into())),
        ]
        .into(),
    };
    let numbers = [
        ("score", "Score"),
        ("views", "ViewCount"),
        ("answers", "AnswerCount"),
        ("comments", "CommentCount"),
    ];
    for (fact, name) in numbers {
        if let Some(number) = get(name) {
            let number = Fact::Number(number.parse().unwrap());
            item.facts.insert(fact.into(), number);
        }
    }
    for (fact, name) in [("edited", "LastEditDate"), ("active", "LastActivityDate")] {
        if let Some(time) = time(name) {
            item.facts.insert(fact.into(), Fact::Time(time));
        }
    }
    if let Some(user) = get("OwnerUserId") {
        item.facts.insert("user".into(), Fact::Text(user));
    }
    item
}

/// When all of them are seen.
pub fn now() -> DateTime<Utc> {
    "2017-04-01T12:00:00Z".parse().unwrap()
}

/// Without tags; paragraphs, lines and points of lists become lines.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut pieces = html.split('<');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (tag, rest) = piece.split_once('>').unwrap_or(("", piece));
        if tag.starts_with("br") || tag.starts_with("/p") || tag.starts_with("/li") {
            text.push('\n');
        }
        text.push_str(rest);
    }
    html_escape::decode_html_entities(&text).trim().to_string()
}
