//! Who wrote something: names and standing that follow from a number, always the same.

use serde_json::json;
use unicode_normalization::UnicodeNormalization;

use super::shelf::Object;

/// An author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A user with an account; the rest follows from the number.
    Number(u64),
    /// A user that a test made.
    Made {
        number: u64,
        name: String,
        reputation: i64,
        /// `registered`, `unregistered`, `moderator`, `team_admin`.
        standing: String,
    },
    /// Whose account is gone; the name is what was left.
    Gone(String),
}

const FIRST: [&str; 40] = [
    "Ada", "Bruno", "Chloé", "Dmitri", "Elif", "Farid", "Greta", "Hanna", "Igor", "Jana", "Kofi",
    "Lena", "Mei", "Nils", "Olga", "Pavel", "Quinn", "Rosa", "Søren", "Tariq", "Uma", "Vera",
    "Wanda", "Ximena", "Yusuf", "Zoë", "Anton", "Berit", "Carlos", "Dana", "Emil", "Flora",
    "Gustav", "Hugo", "Iris", "Jonas", "Kaya", "Luis", "Mira", "Noor",
];

const LAST: [&str; 24] = [
    "Abel",
    "Brook",
    "Castle",
    "D'Arcy",
    "Ember",
    "Fields",
    "Garden",
    "Hill",
    "Ivory",
    "Jones & Son",
    "Knight",
    "Lake",
    "Meadow",
    "North",
    "Orchard",
    "Poole",
    "Quill",
    "Rivers",
    "Stone",
    "Thorne",
    "Underhill",
    "Vale",
    "Wood",
    "Young",
];

/// A number that looks like chance and is always the same.
pub fn mixed(seed: u64, salt: u64) -> u64 {
    let mut mix = seed.wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mix = (mix ^ (mix >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mix = (mix ^ (mix >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mix ^ (mix >> 31)
}

/// What a user with this number is called.
pub fn name(number: u64) -> String {
    let pick = mixed(number, 1);
    let first = FIRST[pick as usize % FIRST.len()];
    let last = LAST[(pick >> 16) as usize % LAST.len()];
    format!("{first} {last}")
}

/// From 1 to about 60,000, small ones more often.
pub fn reputation(number: u64) -> i64 {
    let share = (mixed(number, 2) % 1000) as f64 / 1000.0;
    (11.0 * share).exp().round() as i64
}

/// Mostly `registered`.
pub fn standing(number: u64) -> &'static str {
    match mixed(number, 3) % 50 {
        0 => "moderator",
        1..=4 => "unregistered",
        _ => "registered",
    }
}

impl Who {
    pub fn number(&self) -> Option<u64> {
        match self {
            Who::Number(number) | Who::Made { number, .. } => Some(*number),
            Who::Gone(_) => None,
        }
    }

    pub fn name(&self) -> String {
        match self {
            Who::Number(number) => name(*number),
            Who::Made { name, .. } | Who::Gone(name) => name.clone(),
        }
    }

    pub fn reputation(&self) -> i64 {
        match self {
            Who::Number(number) => reputation(*number),
            Who::Made { reputation, .. } => *reputation,
            Who::Gone(_) => 1,
        }
    }

    /// As an owner of something on a host.
    pub fn shallow(&self, host: &str) -> Object {
        let Some(number) = self.number() else {
            return object(json!({
                "user_type": "does_not_exist",
                "display_name": self.name(),
            }));
        };
        let standing = match self {
            Who::Made { standing, .. } => standing.as_str(),
            Who::Number(_) | Who::Gone(_) => standing(number),
        };
        object(json!({
            "account_id": number + 1_000_000,
            "user_id": number,
            "display_name": self.name(),
            "reputation": self.reputation(),
            "user_type": standing,
            "profile_image": format!("https://i.example/{number}.png"),
            "link": format!("https://{host}/users/{number}/{}", slug(&self.name())),
        }))
    }
}

/// A JSON object.
pub fn object(value: serde_json::Value) -> Object {
    match value {
        serde_json::Value::Object(object) => object,
        other => panic!("no object: {other}"),
    }
}

/// Words as they stand in a link: plain letters, nothing for an apostrophe.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.to_lowercase().nfd() {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            'ø' => slug.push('o'),
            'ß' => slug.push_str("ss"),
            '\'' | '’' | '\u{300}'..='\u{36f}' => {}
            _ if slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    let cut: String = slug.trim_matches('-').chars().take(80).collect();
    cut.trim_end_matches('-').into()
}
