//! Keeps items by a name: who wrote them, how they are tagged, where they stand.

use std::sync::Arc;

use super::facts::Has;
use super::fold::fold;
use super::folded::Folded;
use super::glob::is_like;
use super::mistake::Mistake;
use super::said::Said;
use super::tree::Tree;
use super::{Filter, Key, Needs, regexes, spelling};
use crate::model::facts::{ALL, Known};
use crate::model::text::cut;
use crate::model::{Fact, Item, Refusal, Verdict};

/// The most names in one filter.
const MOST: usize = 50;

/// The longest name, in characters.
const LONGEST: usize = 200;

/// The running filter: one of the item's names is one of these.
pub(super) struct Named {
    /// Its place in the vocabulary.
    fact: usize,
    wanted: Box<[Wanted]>,
}

struct Wanted {
    typed: Box<str>,
    folded: Box<str>,
}

/// A flag's value.
pub(super) fn build(name: &str, names: &[&str]) -> Result<Tree, Refusal> {
    let fact = crate::model::facts::find(name).expect("filters have the names of facts");
    let names: Vec<(usize, String)> = names.iter().map(|name| (0, (*name).to_string())).collect();
    let named = Named::read(fact, &names).map_err(Mistake::without_place)?;
    Ok(Tree::Leaf(Arc::new(named)))
}

impl Named {
    /// Reads names, each with its place.
    ///
    /// # Errors
    /// When there is none, there are too many, or one is too long.
    pub fn read(fact: usize, names: &[(usize, String)]) -> Result<Named, Mistake> {
        let known = &ALL[fact];
        let example = || format!("for instance `{}`", known.example);
        let mut wanted = Vec::new();
        for (at, name) in names {
            let name = match known.name {
                // As sites show them.
                "tag" => name.trim().trim_start_matches('#').trim_matches(['[', ']']),
                _ => name,
            };
            let typed = spelling::one_line(name);
            let folded = fold(&typed);
            if folded.is_empty() {
                continue;
            }
            if typed.chars().count() > LONGEST {
                return Err(
                    Mistake::new(*at, format!("A name has {LONGEST} characters at most.")).hint(
                        format!("a `*` stands for any letters: `{}:abc*`", known.name),
                    ),
                );
            }
            wanted.push(Wanted {
                typed: typed.into(),
                folded: folded.into(),
            });
        }
        let at = names.first().map_or(0, |(at, _)| *at);
        if wanted.is_empty() {
            return Err(Mistake::new(at, format!("The {} is missing.", known.name)).hint(example()));
        }
        if wanted.len() > MOST {
            return Err(
                Mistake::new(at, format!("A list has {MOST} names at most."))
                    .hint("a `*` stands for any letters: `tag:python*`"),
            );
        }
        Ok(Named {
            fact,
            wanted: wanted.into(),
        })
    }

    fn known(&self) -> &'static Known {
        &ALL[self.fact]
    }

    fn is_wanted(&self, name: &str) -> bool {
        self.wanted
            .iter()
            .any(|wanted| is_like(&wanted.folded, name))
    }
}

impl Filter for Named {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let known = self.known();
        let Has::Names(names) = item.facts().get(self.fact) else {
            return unknown(known);
        };
        if names.is_empty() {
            return Verdict::Drop(format!("it has no {}s", known.name));
        }
        let found = names.iter().position(|name| self.is_wanted(name));
        let shown = shown(&original(known, item.item, found.unwrap_or(0)));
        let is_tag = known.name == "tag";
        if found.is_some() {
            return Verdict::Keep(match is_tag {
                true => format!("it is tagged `{shown}`"),
                false => format!("its {} is `{shown}`", known.name),
            });
        }
        let wanted: Vec<String> = self
            .wanted
            .iter()
            .map(|wanted| format!("`{}`", self::shown(&wanted.typed)))
            .collect();
        Verdict::Drop(match (wanted.as_slice(), is_tag) {
            ([one], true) => format!("it is not tagged {one}"),
            ([one, other], true) => format!("it is tagged neither {one} nor {other}"),
            (many, true) => format!("none of its tags is {}", listed(many)),
            ([one], false) => format!("its {} is `{shown}`, not {one}", known.name),
            (many, false) => format!("its {} is `{shown}`, none of {}", known.name, listed(many)),
        })
    }

    fn holds(&self, item: &Folded<'_>) -> Option<bool> {
        match item.facts().get(self.fact) {
            Has::Names(names) => Some(names.iter().any(|name| self.is_wanted(name))),
            _ => None,
        }
    }

    fn needs(&self) -> Needs {
        let fact = self.known().name;
        let mut enough = true;
        let mut keys = Vec::with_capacity(self.wanted.len());
        for wanted in &self.wanted {
            keys.push(match wanted.folded.split_once('*') {
                None => Key::Name {
                    fact,
                    value: wanted.folded.clone(),
                },
                Some(("", _)) => return Needs::anything(),
                Some((letters, rest)) => {
                    enough &= rest.bytes().all(|byte| byte == b'*');
                    Key::NameBeginning {
                        fact,
                        letters: letters.into(),
                    }
                }
            });
        }
        Needs {
            choices: vec![keys],
            enough,
        }
    }

    fn reader(&self) -> Option<&'static str> {
        self.known().reader()
    }

    fn spelling(&self) -> String {
        let names: Vec<String> = self
            .wanted
            .iter()
            .map(|wanted| spelling::name(&wanted.typed))
            .collect();
        format!("{}:{}", self.known().name, names.join(","))
    }

    fn value(&self) -> String {
        self.wanted
            .iter()
            .map(|wanted| &*wanted.typed)
            .collect::<Vec<_>>()
            .join(",")
    }

    fn said(&self) -> Said {
        let names: Vec<String> = self
            .wanted
            .iter()
            .map(|wanted| cut(&wanted.typed, 40))
            .collect();
        let said = Said::of_fact(self.known().said, &names.join(" or "));
        let said = match self.wanted.len() {
            1 => said,
            _ => said.alone(),
        };
        match self.known().name {
            // "questions or answers"
            "type"
                if names
                    .iter()
                    .all(|name| name.chars().all(char::is_alphanumeric)) =>
            {
                let many: Vec<String> = names.iter().map(|name| format!("{name}s")).collect();
                said.noun(&many.join(" or "))
            }
            _ => said,
        }
    }
}

/// Keeps items of which a name matches a pattern: `author:/bot$/`.
pub(super) struct NamedLike {
    fact: usize,
    /// It was read without mistake and fits.
    pattern: Box<str>,
}

impl NamedLike {
    pub fn new(fact: usize, pattern: &str) -> NamedLike {
        NamedLike {
            fact,
            pattern: pattern.into(),
        }
    }
}

impl Filter for NamedLike {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let known = &ALL[self.fact];
        let pattern = cut(&spelling::regex(&self.pattern), 60).replace('`', "'");
        let Has::Names(names) = item.facts().get(self.fact) else {
            return unknown(known);
        };
        let Some(program) = regexes::program(&self.pattern) else {
            return Verdict::Unsure(format!("the pattern `{pattern}` is too large"));
        };
        let found = names.iter().position(|name| program.find(name).is_some());
        match found {
            Some(n) => Verdict::Keep(format!(
                "its {} `{}` matches `{pattern}`",
                known.name,
                shown(&original(known, item.item, n))
            )),
            None => Verdict::Drop(format!("its {} does not match `{pattern}`", known.name)),
        }
    }

    fn holds(&self, item: &Folded<'_>) -> Option<bool> {
        let Has::Names(names) = item.facts().get(self.fact) else {
            return None;
        };
        let program = regexes::program(&self.pattern)?;
        Some(names.iter().any(|name| program.find(name).is_some()))
    }

    fn reader(&self) -> Option<&'static str> {
        ALL[self.fact].reader()
    }

    fn spelling(&self) -> String {
        format!("{}:{}", ALL[self.fact].name, spelling::regex(&self.pattern))
    }

    fn value(&self) -> String {
        self.pattern.to_string()
    }

    fn said(&self) -> Said {
        let pattern = cut(&spelling::regex(&self.pattern), 40);
        Said::new(
            "with ",
            &format!("{} matching {pattern}", article(ALL[self.fact].name)),
        )
        .alone()
    }
}

fn article(name: &str) -> String {
    match name.starts_with(['a', 'e', 'i', 'o']) {
        true => format!("an {name}"),
        false => format!("a {name}"),
    }
}

fn unknown(known: &Known) -> Verdict {
    Verdict::Unsure(match known.name {
        "author" => "nobody is named as its author".into(),
        name => format!("its {name} is not known"),
    })
}

/// A name as the source wrote it.
fn original(known: &Known, item: &Item, n: usize) -> String {
    let name = match known.name {
        "author" => item.author.clone(),
        "tag" => item.tags.get(n).cloned(),
        "url" => item.url.clone(),
        "id" => Some(item.id.0.clone()),
        name => match item.facts.get(name) {
            Some(Fact::Words(words)) => words.get(n).cloned(),
            Some(fact) => Some(fact.to_string()),
            None => None,
        },
    };
    name.unwrap_or_default()
}

fn shown(name: &str) -> String {
    cut(name, 60).replace('`', "'")
}

/// The first few.
fn listed(names: &[String]) -> String {
    match names.get(..6) {
        Some(first) if names.len() > 6 => format!("{} …", first.join(", ")),
        _ => names.join(", "),
    }
}
