//! A tracker as people write it down: in `trackers/*.toml`, in `export`, in the store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The arguments of a part by the long names of its flags, each with one value or several.
pub type Args = BTreeMap<String, Vec<String>>;

/// One part of a recipe: a kind and its arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Part {
    pub kind: String,
    #[serde(flatten, with = "one_or_many")]
    pub args: Args,
}

/// What to watch, which of it matters, how it looks and when it is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// One sentence for people; shown by `recipes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// How often, in words: `every 5 minutes`, `every day at 9:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// The printer's kind.
    #[serde(default = "default_printer", rename = "as")]
    pub printer: String,
    /// A query; it must hold beside the filters.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "where")]
    pub query: Option<String>,
    /// How many of the items that are there already are said at the start.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub backlog: u32,
    /// One of the filters is enough; the query must hold all the same.
    #[serde(default, skip_serializing_if = "is_false")]
    pub any: bool,
    /// What becomes of an item of which cannot be told whether it should be kept.
    #[serde(default, skip_serializing_if = "Unsure::drops")]
    pub unsure: Unsure,
    /// Its reports of a day stand in one thread, where the room has threads.
    #[serde(default, skip_serializing_if = "is_false")]
    pub thread: bool,
    /// A report that is not said after this long is not said at all: `2 hours`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    pub source: Part,
    /// Filters by name; all of them must keep an item, unless one is enough.
    #[serde(default, skip_serializing_if = "Args::is_empty", with = "one_or_many")]
    pub filter: Args,
}

/// What becomes of what cannot be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unsure {
    #[default]
    Drop,
    Keep,
}

impl Unsure {
    pub fn drops(&self) -> bool {
        *self == Unsure::Drop
    }

    pub fn name(self) -> &'static str {
        match self {
            Unsure::Drop => "drop",
            Unsure::Keep => "keep",
        }
    }
}

fn is_false(yes: &bool) -> bool {
    !yes
}

fn default_printer() -> String {
    "line".into()
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Writes a single value without brackets, and reads strings, numbers, booleans and lists of them.
mod one_or_many {
    use serde::de::{Deserialize, Deserializer};
    use serde::ser::{SerializeMap, Serializer};

    use super::Args;

    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum One {
        Text(String),
        Whole(i64),
        Number(f64),
        Flag(bool),
    }

    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(One),
        Many(Vec<One>),
    }

    impl One {
        fn text(self) -> String {
            match self {
                One::Text(text) => text,
                One::Whole(n) => n.to_string(),
                One::Number(n) => n.to_string(),
                One::Flag(yes) => yes.to_string(),
            }
        }
    }

    pub fn serialize<S: Serializer>(args: &Args, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(args.len()))?;
        for (name, values) in args {
            match values.as_slice() {
                [one] => map.serialize_entry(name, one)?,
                many => map.serialize_entry(name, many)?,
            }
        }
        map.end()
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Args, D::Error> {
        let map = std::collections::BTreeMap::<String, OneOrMany>::deserialize(from)?;
        Ok(map
            .into_iter()
            .map(|(name, value)| {
                let values = match value {
                    OneOrMany::One(one) => vec![one.text()],
                    OneOrMany::Many(many) => many.into_iter().map(One::text).collect(),
                };
                (name, values)
            })
            .collect())
    }
}
