//! Reads a recipe file and says every mistake in it with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Example, Written, example};
use crate::filter::{self, Sieve, query};
use crate::model::facts::{self, Sort};
use crate::model::text::cut;
use crate::model::{Args, Fact, Mistake, Part, Recipe, Refusal, TrackerName, Unsure};
use crate::{printer, registry, source, when};

/// The largest file, in bytes.
const LARGEST: usize = 256 << 10;

const KEYS: [&str; 11] = [
    "about", "every", "as", "where", "backlog", "any", "unsure", "expires", "source", "filter",
    "example",
];

const EXAMPLE_KEYS: [&str; 9] = [
    "title", "body", "author", "tags", "url", "age", "facts", "says", "drops",
];

/// Words that people try, and the key they mean.
const MEANT: [(&str, &str); 9] = [
    ("expiry", "expires"),
    ("printer", "as"),
    ("show", "as"),
    ("query", "where"),
    ("interval", "every"),
    ("schedule", "every"),
    ("description", "about"),
    ("feed", "source"),
    ("test", "example"),
];

/// Reads a recipe. `name` is what it is called, `file` how mistakes call the file.
///
/// # Errors
/// Every mistake that can be seen at once, in the order of the file; at least one.
pub fn parse(name: &str, text: &str, file: &str) -> Result<Written, Vec<Mistake>> {
    let mut reader = Reader {
        mistakes: Vec::new(),
    };
    let written = reader.file(name, text);
    if reader.mistakes.is_empty() {
        return Ok(written);
    }
    reader.mistakes.sort_by_key(|(at, _)| *at);
    Err(reader
        .mistakes
        .into_iter()
        .map(|(at, refusal)| {
            let before = &text[..text.floor_char_boundary(at)];
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            Mistake {
                file: file.into(),
                line: before.matches('\n').count() + 1,
                column: before[line_start..].chars().count() + 1,
                what: refusal.what,
                hint: refusal.hint,
            }
        })
        .collect())
}

struct Reader {
    /// Where each begins, in bytes.
    mistakes: Vec<(usize, Refusal)>,
}

type Value<'i> = Spanned<DeValue<'i>>;

impl Reader {
    fn wrong(&mut self, at: Range<usize>, refusal: Refusal) {
        self.mistakes.push((at.start, refusal));
    }

    /// Keeps the value or notes the refusal.
    fn check<T>(&mut self, at: Range<usize>, result: Result<T, Refusal>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(refusal) => {
                self.wrong(at, refusal);
                None
            }
        }
    }

    fn file(&mut self, name: &str, text: &str) -> Written {
        let mut written = Written {
            name: name.into(),
            recipe: Recipe {
                about: None,
                every: None,
                printer: "line".into(),
                query: None,
                backlog: 0,
                any: false,
                thread: false,
                expires: None,
                unsure: Unsure::Drop,
                source: Part {
                    kind: String::new(),
                    args: Args::new(),
                },
                filter: Args::new(),
            },
            examples: Vec::new(),
        };
        self.check(0..0, name.parse::<TrackerName>());
        if text.len() > LARGEST {
            self.wrong(
                0..0,
                Refusal::new(format!("A recipe has {LARGEST} bytes at most.")),
            );
            return written;
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            for error in errors {
                let what = format!("This is no TOML: {}.", error.message());
                self.wrong(
                    error.span().unwrap_or_default(),
                    Refusal::new(what).hint("text stands between quotes: `every = \"5 minutes\"`"),
                );
            }
            return written;
        }
        let recipe = &mut written.recipe;
        let (mut source, mut query_at) = (None, 0..0);
        for (key, value) in table.get_ref() {
            let at = value.span();
            match key.get_ref().as_ref() {
                "about" => recipe.about = self.text("about", value),
                "every" => {
                    recipe.every = self.text("every", value);
                    if let Some(every) = &recipe.every {
                        self.check(at, when::every(every));
                    }
                }
                "as" => {
                    if let Some(printer) = self.text("as", value) {
                        self.check(at, printer::build(&printer));
                        recipe.printer = printer;
                    }
                }
                "where" => {
                    recipe.query = self.text("where", value);
                    query_at = at;
                }
                "expires" => {
                    recipe.expires = self.text("expires", value);
                    if let Some(expires) = &recipe.expires {
                        self.check(at, when::duration(expires));
                    }
                }
                "backlog" => {
                    let number = value
                        .get_ref()
                        .as_integer()
                        .and_then(|n| u32::from_str_radix(n.as_str(), n.radix()).ok());
                    match number {
                        Some(number) => recipe.backlog = number,
                        None => self.wrong(
                            at,
                            Refusal::new("`backlog` is a whole number.")
                                .hint("for instance `backlog = 3`"),
                        ),
                    }
                }
                "any" => match value.get_ref().as_bool() {
                    Some(any) => recipe.any = any,
                    None => self.wrong(
                        at,
                        Refusal::new("`any` is `true` or `false`.")
                            .hint("`any = true`: one of the filters is enough"),
                    ),
                },
                "unsure" => match value.get_ref().as_str() {
                    Some("drop") => recipe.unsure = Unsure::Drop,
                    Some("keep") => recipe.unsure = Unsure::Keep,
                    Some(_) | None => self.wrong(
                        at,
                        Refusal::new("`unsure` is `\"drop\"` or `\"keep\"`.")
                            .hint("it says what becomes of an item when something that is asked is not known"),
                    ),
                },
                "source" => source = Some((key.span(), value)),
                "filter" => recipe.filter = self.filters(value),
                "example" => written.examples = self.examples(value),
                unknown => self.unknown(key.span(), unknown, &KEYS, "A recipe"),
            }
        }
        match source {
            Some((at, value)) => written.recipe.source = self.source(at, value),
            None => self.wrong(
                0..0,
                Refusal::new("The recipe has no source.")
                    .hint("for instance `[source]`, and below it `kind = \"feed\"`"),
            ),
        }
        let recipe = &written.recipe;
        if let Some(query) = &recipe.query {
            let reading = example::reading();
            let read = match registry::find(source::ALL, &recipe.source.kind, "source") {
                Ok(kind) => query::parse_for(kind.name, query, &reading),
                Err(_) => query::parse(query, &reading),
            };
            self.check(query_at, read.map(drop));
        }
        // Filters that are right one by one may be too many together.
        if self.mistakes.is_empty() {
            let sieve = Sieve::build_new(recipe, &example::reading());
            self.check(0..0, sieve.map(drop));
        }
        written
    }

    fn source(&mut self, at: Range<usize>, value: &Value<'_>) -> Part {
        let mut part = Part {
            kind: String::new(),
            args: Args::new(),
        };
        let before = self.mistakes.len();
        let Some(table) = self.table("source", value) else {
            return part;
        };
        let mut kind_at = None;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "kind" => {
                    kind_at = Some(value.span());
                    part.kind = self.text("kind", value).unwrap_or_default();
                }
                name => {
                    let texts = self.texts(name, value);
                    part.args.insert(
                        name.into(),
                        texts.into_iter().map(|(_, text)| text).collect(),
                    );
                }
            }
        }
        match kind_at {
            None => self.wrong(
                at,
                Refusal::new("The source has no kind.").hint("for instance `kind = \"feed\"`"),
            ),
            Some(kind_at) if self.mistakes.len() == before => {
                let checked = source::build(&part).map(|_| ());
                self.check(kind_at, checked);
            }
            Some(_) => {}
        }
        part
    }

    fn filters(&mut self, value: &Value<'_>) -> Args {
        let mut args = Args::new();
        let Some(table) = self.table("filter", value) else {
            return args;
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let Some(kind) = self.check(key.span(), registry::find(filter::ALL, name, "filter"))
            else {
                continue;
            };
            let texts = self.texts(name, value);
            for (at, text) in &texts {
                self.check(at.clone(), (kind.build)(text, &example::reading()));
            }
            args.insert(
                kind.name.into(),
                texts.into_iter().map(|(_, text)| text).collect(),
            );
        }
        args
    }

    fn examples(&mut self, value: &Value<'_>) -> Vec<Example> {
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(
                value.span(),
                Refusal::new("Examples are a list.").hint("each begins with `[[example]]`"),
            );
            return Vec::new();
        };
        list.iter()
            .filter_map(|value| self.example(value))
            .collect()
    }

    fn example(&mut self, value: &Value<'_>) -> Option<Example> {
        let table = self.table("example", value)?;
        let mut example = Example::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "title" => example.title = self.text("title", value).unwrap_or_default(),
                "body" => example.body = self.text("body", value).unwrap_or_default(),
                "author" => example.author = self.text("author", value),
                "tags" => {
                    example.tags = self
                        .texts("tags", value)
                        .into_iter()
                        .map(|(_, tag)| tag)
                        .collect()
                }
                "url" => example.url = self.text("url", value),
                "age" => {
                    example.age = self.text("age", value);
                    if let Some(age) = &example.age {
                        self.check(value.span(), when::duration(age));
                    }
                }
                "facts" => example.facts = self.facts(value),
                "says" => example.says = self.text("says", value),
                "drops" => example.drops = self.text("drops", value),
                unknown => self.unknown(key.span(), unknown, &EXAMPLE_KEYS, "An example"),
            }
        }
        if example.says.is_some() == example.drops.is_some() {
            self.wrong(
                value.span(),
                Refusal::new("An example either says something or drops the item.")
                    .hint("add `says = \"[name] …\"` or `drops = \"why\"`, not both"),
            );
        }
        Some(example)
    }

    fn facts(&mut self, value: &Value<'_>) -> BTreeMap<String, Fact> {
        let mut read = BTreeMap::new();
        let Some(table) = self.table("facts", value) else {
            return read;
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let known = facts::ALL.iter().find(|known| known.name == name);
            let Some(known) = known else {
                let near = registry::nearest(name, facts::ALL.iter().map(|known| known.name));
                let refusal = Refusal::new(format!("There is no fact `{}`.", cut(name, 40)));
                self.wrong(
                    key.span(),
                    match near {
                        Some(near) => refusal.hint(format!("did you mean `{near}`?")),
                        None => refusal.hint("`man facts` lists them"),
                    },
                );
                continue;
            };
            match fact(known.sort, value.get_ref()) {
                Some(fact) => {
                    read.insert(name.to_string(), fact);
                }
                None => self.wrong(
                    value.span(),
                    Refusal::new(format!("`{name}` is a {}.", known.sort.name())).hint(
                        "for instance `score = 5`, `closed = false`, `active = \"2 hours\"` (ago), `type = \"question\"`",
                    ),
                ),
            }
        }
        read
    }

    fn unknown(&mut self, at: Range<usize>, key: &str, keys: &[&'static str], what: &str) {
        let refusal = Refusal::new(format!("{what} has no `{}`.", cut(key, 40)));
        let meant = MEANT
            .iter()
            .find(|(tried, meant)| *tried == key && keys.contains(meant))
            .map(|(_, meant)| *meant);
        let near = meant.or_else(|| registry::nearest(key, keys.iter().copied()));
        self.wrong(
            at,
            match near {
                Some(near) => refusal.hint(format!("did you mean `{near}`?")),
                None => refusal.hint(format!(
                    "there are {}",
                    registry::list(keys.iter().copied())
                )),
            },
        );
    }

    fn table<'v, 'i>(&mut self, key: &str, value: &'v Value<'i>) -> Option<&'v DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(
                value.span(),
                Refusal::new(format!("`{key}` is a section of its own."))
                    .hint(format!("write `[{key}]` on a line, and its keys below")),
            );
        }
        table
    }

    fn text(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        let text = value.get_ref().as_str().map(String::from);
        if text.is_none() {
            self.wrong(
                value.span(),
                Refusal::new(format!("`{key}` is text between quotes."))
                    .hint(format!("for instance `{key} = \"…\"`")),
            );
        }
        text
    }

    /// One value or a list of them, each with its place.
    fn texts(&mut self, key: &str, value: &Value<'_>) -> Vec<(Range<usize>, String)> {
        let one = |value: &Value<'_>| {
            let text = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Float(number) => number.to_string(),
                DeValue::Boolean(yes) => yes.to_string(),
                DeValue::Datetime(time) => time.to_string(),
                DeValue::Array(_) | DeValue::Table(_) => return None,
            };
            Some((value.span(), text))
        };
        let found = match value.get_ref() {
            DeValue::Array(list) => list.iter().map(one).collect(),
            _ => one(value).map(|found| vec![found]),
        };
        found.unwrap_or_else(|| {
            self.wrong(
                value.span(),
                Refusal::new(format!(
                    "`{}` is one value or a list of them.",
                    cut(key, 40)
                ))
                .hint("for instance `tag = \"rust\"` or `tag = [\"rust\", \"async\"]`"),
            );
            Vec::new()
        })
    }
}

/// A value as a fact of this sort; a time is said by how long before the look it was.
fn fact(sort: Sort, value: &DeValue<'_>) -> Option<Fact> {
    let length = |text: &str| when::duration(text).ok();
    Some(match (sort, value) {
        (Sort::Number, DeValue::Integer(n)) => Fact::Number(n.to_string().parse().ok()?),
        (Sort::Number, DeValue::Float(n)) => Fact::Number(n.to_string().parse().ok()?),
        (Sort::Names, DeValue::Integer(n)) => Fact::Text(n.to_string()),
        (Sort::Names | Sort::Text, DeValue::String(text)) => Fact::Text(text.to_string()),
        (Sort::Names, DeValue::Array(list)) => {
            let words = list.iter().map(|word| word.get_ref().as_str());
            Fact::Words(
                words
                    .map(|word| word.map(String::from))
                    .collect::<Option<_>>()?,
            )
        }
        (Sort::Span, DeValue::String(text)) => {
            Fact::Number(length(text)?.as_millis() as f64 / 1_000.0)
        }
        (Sort::Time, DeValue::String(text)) => {
            let ago = chrono::TimeDelta::from_std(length(text)?).ok()?;
            Fact::Time(example::reading().now - ago)
        }
        (Sort::Time | Sort::YesNo, DeValue::Boolean(yes)) => {
            // Of a time only *never* can be said so.
            (sort == Sort::YesNo || !yes).then_some(Fact::Yes(*yes))?
        }
        _ => return None,
    })
}
