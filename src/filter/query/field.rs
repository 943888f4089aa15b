//! What stands behind a name in a query: `tag:rust`, `reputation < 50`, `is:answered`.

use std::sync::Arc;

use super::super::amount::Amount;
use super::super::mark::Marked;
use super::super::mistake::Mistake;
use super::super::named::{Named, NamedLike};
use super::super::need::TextField as Field;
use super::super::told::Told;
use super::super::tree::Tree;
use super::super::{ALL as FILTERS, Filter};
use super::parser::{Parser, has, like};
use crate::model::facts::{self, ALL, Known, MARKS, Mark, Sort};
use crate::model::text::cut;
use crate::registry;

/// Names that are not in the vocabulary of facts: other ways to ask.
const OTHERS: [&str; 7] = [
    "contains", "matches", "newer", "older", "is", "has", "answered",
];

/// Whether it can stand before a colon.
pub(crate) fn is_known(name: &str) -> bool {
    facts::find(name).is_some() || OTHERS.iter().any(|other| other.eq_ignore_ascii_case(name))
}

impl Parser<'_> {
    /// What stands behind `name:` or `name <`.
    pub(super) fn named(
        &mut self,
        at: usize,
        name: &str,
        sign: Option<&'static str>,
    ) -> Result<Tree, Mistake> {
        let lower = name.to_ascii_lowercase();
        if let Some(fact) = facts::find(name) {
            let known = &ALL[fact];
            self.is_given(at, &lower, known.from, || {
                registry::list(given(self.source.unwrap_or_default()))
            })?;
            return match known.sort {
                Sort::Text => self.text_field(at, fact, sign),
                Sort::Names => self.names(at, fact, sign),
                Sort::Number | Sort::Span | Sort::Time => self.amount(fact, sign),
                Sort::YesNo => self.yes_or_no(at, known, sign),
            };
        }
        match lower.as_str() {
            name if OTHERS.contains(&name) => {}
            _ => return Err(self.unknown(at, name)),
        }
        let not = match (lower.as_str(), sign.or_else(|| self.text.takes_sign())) {
            // "newer than" is what they say anyway.
            ("newer", Some("<")) | ("older", Some(">")) => false,
            (_, None) => false,
            (_, sign) => self.only_equal(at, &lower, example(&lower), sign)?,
        };
        self.text.skip_space();
        let tree = match lower.as_str() {
            "contains" => self.sought(Field::Either, "contains")?,
            "matches" if self.text.peek() == Some('/') => self.sought(Field::Either, "matches")?,
            "matches" => {
                let (at, pattern) = self.one("matches")?;
                Tree::Leaf(Arc::new(like(Field::Either, &pattern, |_| at)?))
            }
            "is" => self.marks("is")?,
            "has" => self.marks("has")?,
            "answered" => {
                let mark = facts::find_mark("is", "answered").expect("the vocabulary has it");
                self.is_given(at, &lower, MARKS[mark].from, || {
                    registry::list(given(self.source.unwrap_or_default()))
                })?;
                self.yes(&lower, mark)?
            }
            name => {
                let kind = FILTERS.iter().find(|kind| kind.name == name);
                let (at, value) = self.time(name)?;
                let built = kind.map(|kind| (kind.build)(&value, self.reading));
                match built {
                    Some(Ok(tree)) => tree,
                    Some(Err(refusal)) => return Err(Mistake::from_refusal(at, refusal)),
                    None => return Err(self.unknown(at, name)),
                }
            }
        };
        Ok(negated(tree, not))
    }

    /// `=` means the colon and `!=` not; others make no sense. True for not.
    fn only_equal(
        &mut self,
        at: usize,
        name: &str,
        example: &str,
        sign: Option<&'static str>,
    ) -> Result<bool, Mistake> {
        match sign.or_else(|| self.text.takes_sign()) {
            None | Some("=") => Ok(false),
            Some("!=") => Ok(true),
            Some(sign) => Err(Mistake::new(
                at,
                format!("`{name}` cannot be compared with `{sign}`."),
            )
            .hint(format!("for instance `{example}`"))),
        }
    }

    /// `title:rust`, `body:"two words"`, `title:/pattern/`.
    fn text_field(
        &mut self,
        at: usize,
        fact: usize,
        sign: Option<&'static str>,
    ) -> Result<Tree, Mistake> {
        let known = &ALL[fact];
        let not = match sign {
            // What looks like a sign may be what is looked for.
            None => false,
            sign => self.only_equal(at, known.name, known.example, sign)?,
        };
        self.text.skip_space();
        let tree = match known.name {
            "title" => self.sought(Field::Title, known.name)?,
            "body" => self.sought(Field::Body, known.name)?,
            _ => self.told(fact)?,
        };
        Ok(negated(tree, not))
    }

    /// Words or a pattern that are looked for in a text beside title and body.
    fn told(&mut self, fact: usize) -> Result<Tree, Mistake> {
        let name = ALL[fact].name;
        if self.text.peek() == Some('/') {
            let (_, pattern) = self.like(Field::Either)?;
            return Ok(Tree::Leaf(Arc::new(Told::like(fact, &pattern))));
        }
        let (at, words) = self.one(name)?;
        let told = Told::has(fact, &words).map_err(|refusal| Mistake::from_refusal(at, refusal))?;
        Ok(Tree::Leaf(Arc::new(told)))
    }

    /// A word, a phrase or a pattern that is looked for in one field.
    fn sought(&mut self, field: Field, name: &str) -> Result<Tree, Mistake> {
        let at = self.text.at;
        if self.text.opens_quote() {
            let words = self.text.quoted()?;
            return has(at, field, &words);
        }
        match self.text.peek() {
            Some('/') => self.pattern(field),
            Some('(') => Err(self.takes_one(name)),
            Some(_) | None => {
                let word = self.text.bare();
                if word.is_empty() {
                    return Err(self
                        .text
                        .mistake(format!("There is nothing behind `{name}:`."))
                        .hint(format!("for instance `{}`", example(name))));
                }
                has(at, field, word)
            }
        }
    }

    fn takes_one(&self, name: &str) -> Mistake {
        self.text
            .mistake(format!("`{name}:` takes one thing to look for."))
            .hint(format!("for instance `({name}:rust or {name}:go)`"))
    }

    /// `tag:rust,go`, `author:"Jon Skeet"`, `author:/bot$/`.
    fn names(
        &mut self,
        at: usize,
        fact: usize,
        sign: Option<&'static str>,
    ) -> Result<Tree, Mistake> {
        let known = &ALL[fact];
        let not = self.only_equal(at, known.name, known.example, sign)?;
        self.text.skip_space();
        if self.text.peek() == Some('/') {
            let (_, pattern) = self.like(Field::Either)?;
            let like = NamedLike::new(fact, &pattern);
            return Ok(negated(Tree::Leaf(Arc::new(like)), not));
        }
        let names = self.list(known.name, "a name", known.example)?;
        let names: Vec<(usize, String)> = match known.name {
            // No tag has a comma; some sites write semicolons.
            "tag" => names
                .iter()
                .flat_map(|(at, names)| names.split([',', ';']).map(|name| (*at, name.to_string())))
                .collect(),
            _ => names,
        };
        let named = Named::read(fact, &names)?;
        Ok(negated(Tree::Leaf(Arc::new(named)), not))
    }

    /// Names with commas between them, each with its place.
    fn list(
        &mut self,
        name: &str,
        what: &str,
        example: &str,
    ) -> Result<Vec<(usize, String)>, Mistake> {
        let mut names = Vec::new();
        let from = self.text.at;
        loop {
            self.text.skip_space();
            let at = self.text.at;
            if self.text.peek() == Some('(') {
                return Err(self
                    .text
                    .mistake(format!("`{name}:` takes names with commas between them."))
                    .hint(format!("for instance `{example}`")));
            }
            let one = match self.text.opens_quote() {
                true => self.text.quoted()?,
                false => self.text.name().to_string(),
            };
            // A lone comma at the end of a list does no harm.
            if !one.is_empty() {
                names.push((at, one));
            }
            let rest = self.text.query[self.text.at..].trim_start();
            if !rest.starts_with(',') {
                break;
            }
            self.text.at = self.text.query.len() - rest.len() + 1;
        }
        if names.is_empty() {
            self.text.at = from;
            return Err(self
                .text
                .mistake(format!("I expected {what} after `{name}:`."))
                .hint(format!("for instance `{example}`")));
        }
        Ok(names)
    }

    /// `score:>5`, `score:1..5`, `created:<7d`, `created:>"last monday"`.
    fn amount(&mut self, fact: usize, sign: Option<&'static str>) -> Result<Tree, Mistake> {
        let known = &ALL[fact];
        let sign = sign.or_else(|| self.text.takes_sign()).unwrap_or_default();
        self.text.skip_space();
        let at = self.text.at;
        let quoted = self.text.opens_quote();
        let mut value = match known.sort {
            _ if quoted => self.text.quoted()?,
            Sort::Number => self.numbers().to_string(),
            _ => self.words_of_time().to_string(),
        };
        // "1 day".."2 days"
        while self.text.query[self.text.at..].starts_with("..") || value.ends_with("..") {
            let before = value.len();
            match self.text.opens_quote() {
                true => value += &self.text.quoted()?,
                false => value += self.text.bare(),
            }
            if value.len() == before {
                break;
            }
        }
        let typed = format!("{sign}{value}");
        let amount = Amount::read(fact, &typed, self.reading).map_err(|mistake| Mistake {
            // Behind the sign, where it was typed; of a quoted value its beginning.
            at: match quoted {
                true => at,
                false => at + mistake.at.saturating_sub(sign.len()),
            },
            hint: self
                .quoted_hint(fact, sign, &value)
                .or_else(|| mark_hint(known, &value))
                .or(mistake.hint),
            ..mistake
        })?;
        Ok(Tree::Leaf(Arc::new(amount)))
    }

    /// `created:>last monday` needs quotes.
    fn quoted_hint(&self, fact: usize, sign: &str, value: &str) -> Option<String> {
        let known = &ALL[fact];
        let more = self.text.query[self.text.at..]
            .split_whitespace()
            .next()
            .filter(|_| known.sort == Sort::Time && !value.is_empty())?;
        let both = format!("{value} {more}");
        Amount::read(fact, &format!("{sign}{both}"), self.reading).ok()?;
        Some(format!("did you mean `{}:{sign}\"{both}\"`?", known.name))
    }

    /// Numbers, a range, a list: `10 .. 200`, `1, 2`.
    fn numbers(&mut self) -> &str {
        let from = self.text.at;
        loop {
            let piece = self.text.bare();
            let rest = self.text.query[self.text.at..].trim_start();
            let joins = |text: &str| ["..", "…", ","].iter().any(|joint| text.starts_with(joint));
            let open = [",", "..", "…"].iter().any(|joint| piece.ends_with(joint));
            let number = rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '−'));
            if !(joins(rest) || open && number)
                || rest.len() == self.text.query[self.text.at..].len()
            {
                return &self.text.query[from..self.text.at];
            }
            self.text.skip_space();
        }
    }

    /// A time: one word, or a number and its unit.
    fn words_of_time(&mut self) -> &str {
        let from = self.text.at;
        let piece = self.text.bare();
        let rest = self.text.query[self.text.at..].trim_start();
        let next = rest.split([' ', '(', ')']).next().unwrap_or_default();
        let is_unit = next.starts_with(char::is_alphabetic)
            && !["or", "and", "not"].contains(&next.to_ascii_lowercase().as_str());
        if !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_digit()) && is_unit {
            self.text.skip_space();
            self.text.bare();
            self.text.takes_ago();
        }
        &self.text.query[from..self.text.at]
    }

    /// The time behind `newer:` and `older:`.
    fn time(&mut self, name: &str) -> Result<(usize, String), Mistake> {
        let at = self.text.at;
        let value = match self.text.opens_quote() {
            true => self.text.quoted()?,
            false => self.words_of_time().to_string(),
        };
        match value.is_empty() {
            false => Ok((at, value)),
            true => Err(self
                .text
                .mistake(format!("I expected a time after `{name}:`."))
                .hint(format!("for instance `{}`", example(name)))),
        }
    }

    /// One value, bare or between quotes.
    fn one(&mut self, name: &str) -> Result<(usize, String), Mistake> {
        let at = self.text.at;
        let value = match self.text.opens_quote() {
            true => self.text.quoted()?,
            false => self.text.bare().to_string(),
        };
        match value.is_empty() {
            false => Ok((at, value)),
            true => Err(self
                .text
                .mistake(format!("I expected something after `{name}:`."))
                .hint(format!("for instance `{}`", example(name)))),
        }
    }

    /// `is:answered`, `has:code,link`: one of them.
    fn marks(&mut self, verb: &'static str) -> Result<Tree, Mistake> {
        let from = self.text.at;
        let names = self.list(verb, "a word", example(verb))?;
        let mut leaves = Vec::with_capacity(names.len());
        for (at, name) in names {
            let Some(mark) = facts::find_mark(verb, name.trim()) else {
                return Err(self.unknown_mark(at, verb, &name));
            };
            self.is_given(at, MARKS[mark].key, MARKS[mark].from, || {
                registry::list(self.marks_here().map(|mark| mark.key))
            })?;
            leaves.push(Tree::Leaf(Arc::new(Marked(mark)) as Arc<dyn Filter>));
        }
        // Written out, each is a term, and several stand between parentheses.
        self.count_terms(from, leaves.len() - 1)?;
        if leaves.len() > 1 && self.is_deepest() {
            return Err(
                Mistake::new(from, "The query is nested too deep for a list here.")
                    .hint("leave out parentheses that are not needed"),
            );
        }
        Ok(Tree::any(leaves))
    }

    /// `accepted:yes`
    fn yes_or_no(
        &mut self,
        at: usize,
        known: &Known,
        sign: Option<&'static str>,
    ) -> Result<Tree, Mistake> {
        let not = self.only_equal(at, known.name, known.example, sign)?;
        self.text.skip_space();
        let mark = ["is", "has"]
            .iter()
            .find_map(|verb| facts::find_mark(verb, known.name));
        match mark {
            Some(mark) => Ok(negated(self.yes(known.name, mark)?, not)),
            None => Err(self.unknown(at, known.name)),
        }
    }

    /// `yes` or `no` behind the name of a mark.
    fn yes(&mut self, name: &str, mark: usize) -> Result<Tree, Mistake> {
        let (at, value) = self.one(name)?;
        let yes = match value.to_lowercase().as_str() {
            "yes" | "true" | "1" => true,
            "no" | "false" | "0" => false,
            _ => {
                return Err(Mistake::new(
                    at,
                    format!("`{}` is neither `yes` nor `no`.", cut(&value, 40)),
                )
                .hint(format!("for instance `{}`", MARKS[mark].key)));
            }
        };
        Ok(negated(Tree::Leaf(Arc::new(Marked(mark))), !yes))
    }

    /// Refuses what the source does not give, with what it gives instead.
    fn is_given(
        &self,
        at: usize,
        name: &str,
        from: &[&str],
        instead: impl Fn() -> String,
    ) -> Result<(), Mistake> {
        match self.source {
            Some(source) if !facts::is_given(from, source) => {
                let called = facts::called_source(source).unwrap_or(source);
                Err(Mistake::new(
                    at,
                    format!(
                        "`{name}` is known of {}, not of {called}.",
                        facts::givers(from)
                    ),
                )
                .hint(format!(
                    "{called} have {}; `man facts` says more",
                    instead()
                )))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What can stand behind `is:` and `has:` here.
    fn marks_here(&self) -> impl Iterator<Item = &'static Mark> {
        MARKS.iter().filter(|mark| {
            self.source
                .is_none_or(|source| facts::is_given(mark.from, source))
        })
    }

    fn unknown(&self, at: usize, name: &str) -> Mistake {
        let mistake = Mistake::new(
            at,
            format!("There is nothing called `{}` to ask for.", cut(name, 40)),
        );
        let quotes = "put text with a sign in it between quotes to look for it";
        let here = || given(self.source.unwrap_or_default()).chain(OTHERS);
        let every = || {
            ALL.iter()
                .flat_map(|known| [known.name].into_iter().chain(known.also.iter().copied()))
                .chain(OTHERS)
        };
        let near = registry::nearest(name, here()).or_else(|| registry::nearest(name, every()));
        let Some(near) = near else {
            return mistake.hint(format!("`man facts` lists what there is; {quotes}"));
        };
        let known = facts::find(near).map(|fact| &ALL[fact]);
        match known {
            Some(known) if !known.from.is_empty() && !self.gives(known) => mistake.hint(format!(
                "did you mean `{near}`, known of {}? {quotes}",
                facts::givers(known.from)
            )),
            _ => mistake.hint(format!("did you mean `{near}`? {quotes}")),
        }
    }

    fn gives(&self, known: &Known) -> bool {
        self.source
            .is_some_and(|source| facts::is_given(known.from, source))
    }

    fn unknown_mark(&self, at: usize, verb: &str, name: &str) -> Mistake {
        let all = || self.marks_here();
        let mistake = Mistake::new(
            at,
            format!("I do not know what `{verb}:{}` means.", cut(name, 40)),
        );
        if let Some(mark) = opposite(verb, name) {
            return mistake.hint(format!("did you mean `-{}`?", mark.key));
        }
        let other = if verb == "is" { "has" } else { "is" };
        if let Some(mark) = facts::find_mark(other, name) {
            return mistake.hint(format!("did you mean `{}`?", MARKS[mark].key));
        }
        let of_verb = || all().filter(|mark| mark.verb == verb).map(|mark| mark.name);
        match registry::nearest(name, of_verb()) {
            Some(near) => mistake.hint(format!("did you mean `{verb}:{near}`?")),
            None => mistake.hint(format!(
                "there are {}",
                registry::list(all().map(|mark| mark.key))
            )),
        }
    }
}

/// `closed:no` means `-is:closed`.
fn mark_hint(known: &Known, value: &str) -> Option<String> {
    let mark = &MARKS[facts::find_mark("is", known.name)?];
    match value.to_lowercase().as_str() {
        "yes" | "true" => Some(format!("did you mean `{}`?", mark.key)),
        "no" | "false" | "never" => Some(format!("did you mean `-{}`?", mark.key)),
        _ => None,
    }
}

/// What is the opposite of a mark: `is:open`, `is:unanswered`.
fn opposite(verb: &str, name: &str) -> Option<&'static Mark> {
    let lower = name.to_lowercase();
    let name = match lower.as_str() {
        "open" => "closed",
        other => other.strip_prefix("un").or(other.strip_prefix("not-"))?,
    };
    facts::find_mark(verb, name).map(|mark| &MARKS[mark])
}

/// The facts of this kind of source, or those of every source.
fn given(source: &str) -> impl Iterator<Item = &'static str> {
    ALL.iter()
        .filter(move |known| facts::is_given(known.from, source))
        .map(|known| known.name)
}

fn negated(tree: Tree, not: bool) -> Tree {
    match not {
        true => Tree::not(tree),
        false => tree,
    }
}

fn example(name: &str) -> &'static str {
    if let Some(known) = facts::find(name).map(|fact| &ALL[fact])
        && !matches!(known.name, "title" | "body")
    {
        return known.example;
    }
    match name {
        "matches" => "matches:/rust(c|up)?/",
        "newer" => "newer:7d",
        "older" => "older:\"2 hours\"",
        "is" => "is:edited",
        "has" => "has:link",
        "answered" => "is:answered",
        "title" => "title:rust",
        "body" => "body:rust",
        _ => "contains:rust",
    }
}
