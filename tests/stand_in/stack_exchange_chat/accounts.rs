//! The people of a chat, and the bots that post feeds.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A user of one chat.
#[derive(Clone, Debug)]
pub struct Account {
    /// Negative for a feed.
    pub id: i64,
    pub name: String,
    /// Empty for a feed.
    pub email: String,
    pub password: String,
    pub reputation: i64,
    pub moderator: bool,
    /// Unix seconds until which this user may not speak, and since when.
    pub blocked: Option<i64>,
    pub last_seen: Option<i64>,
    pub last_post: Option<i64>,
    /// How many stars were given on a day, by its number.
    pub stars: BTreeMap<i64, usize>,
    /// Rooms this user was invited to.
    pub invited: Vec<i64>,
}

impl Account {
    /// The name in an address: `ann-other`.
    pub fn slug(&self) -> String {
        slug(&self.name)
    }

    /// The name behind an `@`, as it is written: without spaces.
    pub fn handle(&self) -> String {
        self.name.split_whitespace().collect()
    }
}

/// A name in an address.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for sign in unaccented(name).to_lowercase().chars() {
        if sign.is_ascii_alphanumeric() {
            slug.push(sign);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() {
        "-".into()
    } else {
        slug.into()
    }
}

/// In lower case, without accents and spaces.
pub fn folded(name: &str) -> String {
    let name = unaccented(name);
    let all = name.chars().filter(|sign| !sign.is_whitespace());
    all.collect::<String>().to_lowercase()
}

fn unaccented(name: &str) -> String {
    name.nfd()
        .filter(|sign| !is_combining_mark(*sign))
        .collect()
}
