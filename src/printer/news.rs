//! What an item of Stack Exchange says happened: on which site, to what, by whom, each as a link.

use crate::model::text::Span;
use crate::model::{Fact, Item, one_line};

/// The longest title, in characters.
const TITLE: usize = 200;
/// The longest name of an author, in characters.
const AUTHOR: usize = 60;
/// How much is shown of what an edit is said to be for, in characters.
const COMMENT: usize = 150;

/// Something that happened on a site.
pub(super) struct News<'a> {
    pub item: &'a Item,
    pub site: &'a str,
    /// As one of many is called: `question`.
    kind: &'static str,
    /// What happened to it, before its kind: `new`, `closed`; empty where the kind says it.
    event: &'static str,
}

impl<'a> News<'a> {
    /// What an item says; nothing where it does not say what it is and where.
    pub fn of(item: &'a Item) -> Option<News<'a>> {
        let site = first(item.facts.get("site")?)?;
        let (event, kind) = match first(item.facts.get("type")?)? {
            "question" => (event(item), "question"),
            "answer" => ("new", "answer"),
            "comment" => ("new", "comment"),
            "post" => ("new", "post"),
            "tag" => ("new", "tag"),
            "edit" => ("suggested", "edit"),
            "revision" if is_yes(item, "rollback") => ("", "rollback"),
            "revision" => ("", "edit"),
            "badge" => ("new", "badge"),
            "user" => ("new", "user"),
            _ => return None,
        };
        Some(News {
            item,
            site,
            kind,
            event,
        })
    }

    pub fn is_tag(&self) -> bool {
        self.kind == "tag"
    }

    pub fn is_edit(&self) -> bool {
        matches!(self.kind, "edit" | "rollback")
    }

    /// `new question`, `suggested edit`
    pub fn what(&self) -> String {
        match self.event {
            "" => self.kind.to_string(),
            event => format!("{event} {}", self.kind),
        }
    }

    /// Whether what is changed is a question or an answer.
    pub fn kind_of_post(&self) -> Option<&str> {
        let kind = self.item.facts.get("post-type").and_then(first);
        kind.filter(|_| !self.is_untitled())
    }

    /// Whether one heading can stand above both.
    pub fn is_like(&self, other: &News<'_>) -> bool {
        (self.site, self.kind, self.event) == (other.site, other.kind, other.event)
    }

    /// `3 new questions on beer.stackexchange.com`
    pub fn heading(&self, count: usize) -> String {
        let kind = match count {
            1 => self.kind.to_string(),
            _ => format!("{}s", self.kind),
        };
        let event = match self.event {
            "" => String::new(),
            event => format!("{event} "),
        };
        format!("{count} {event}{kind} on {}", self.site)
    }

    /// `New question on beer.stackexchange.com: Title, by ann`
    pub fn whole(&self, before: &str) -> Vec<Span> {
        let mut spans = vec![words(format!(
            "{before}{} on {}: ",
            capital(&self.what()),
            self.site
        ))];
        spans.extend(self.brief());
        spans
    }

    /// What stands behind the site: what it is, by whom, and what else matters of such a thing.
    pub fn brief(&self) -> Vec<Span> {
        let mut spans = self.subject();
        match self.kind {
            "tag" => {
                if let Some(uses) = number(self.item, "uses") {
                    let plural = if uses == 1.0 { "" } else { "s" };
                    spans.push(words(format!(" with {uses} question{plural}")));
                }
                if let Some(url) = &self.item.url {
                    spans.push(words(" ".into()));
                    spans.push(Span::Url(url.clone()));
                }
            }
            "badge" => {
                let class = self.item.facts.get("badge-class").and_then(first);
                if let Some(class) = class {
                    spans.push(words(format!(", {class},")));
                }
                spans.extend(self.by(" for "));
            }
            "user" => {}
            _ => spans.extend(self.by(" by ")),
        }
        match self.kind {
            "comment" => {
                if let Some(post) = self.post() {
                    spans.push(words(format!(", on {post}")));
                }
            }
            "edit" | "rollback" => {
                if let Some(comment) = self.comment() {
                    spans.push(words(format!(": “{comment}”")));
                }
            }
            _ => {}
        }
        spans
    }

    /// What it is about, as a link where there is one.
    pub fn subject(&self) -> Vec<Span> {
        if self.is_tag() {
            return vec![Span::Tag(self.item.called(TITLE))];
        }
        let called = match self.item.called(TITLE) {
            called if !called.is_empty() && !self.is_untitled() => called,
            called => self.post().unwrap_or(called),
        };
        let called = match called.is_empty() {
            true => format!("{} without a title", article(self.kind)),
            false => called,
        };
        match &self.item.url {
            Some(url) => vec![Span::Link {
                words: called,
                url: url.clone(),
            }],
            None => vec![words(called)],
        }
    }

    /// The body of an edit is no name for it.
    fn is_untitled(&self) -> bool {
        self.is_edit() && self.item.title.trim().is_empty()
    }

    /// Who did it, with the page about them.
    pub fn by(&self, before: &str) -> Vec<Span> {
        let author = self.item.author.as_deref();
        let author = author.map(|author| one_line(author, AUTHOR));
        let Some(name) = author.filter(|name| !name.is_empty()) else {
            return Vec::new();
        };
        let profile = self.item.facts.get("profile").and_then(first);
        let author = match profile {
            Some(url) => Span::Author {
                name,
                url: url.into(),
            },
            None => words(name),
        };
        vec![words(before.into()), author]
    }

    /// The post it stands below or changes: its title where that is known, or its number.
    pub fn post(&self) -> Option<String> {
        let title = self.item.facts.get("post-title").and_then(first);
        if let Some(title) = title.map(|title| one_line(title, TITLE)) {
            return Some(format!("“{title}”")).filter(|_| !title.is_empty());
        }
        let number = self.item.facts.get("post")?;
        let kind = self.item.facts.get("post-type").and_then(first);
        Some(format!("{} {number}", kind.unwrap_or("post")))
    }

    /// What the edit is said to be for.
    pub fn comment(&self) -> Option<String> {
        let comment = self.item.facts.get("edit-comment").and_then(first)?;
        Some(one_line(comment, COMMENT)).filter(|comment| !comment.is_empty())
    }
}

/// What happened to a question. One that is reported for something else than being asked says when it was asked.
fn event(item: &Item) -> &'static str {
    if !item.facts.contains_key("created") {
        return "new";
    }
    let happened = |name| matches!(item.facts.get(name), Some(Fact::Time(at)) if *at == item.at);
    if happened("closed") {
        "closed"
    } else if happened("edited") {
        "edited"
    } else if happened("active") {
        "active"
    } else if number(item, "bounty").is_some_and(|bounty| bounty > 0.0) {
        "bountied"
    } else {
        ""
    }
}

/// The same with no links in it: one stands alone below.
pub(super) fn plainly(spans: Vec<Span>) -> Vec<Span> {
    spans
        .into_iter()
        .map(|span| match span {
            Span::Link { words, .. } => Span::Words(words),
            other => other,
        })
        .collect()
}

/// The first of several names, or the only one.
pub(super) fn first(fact: &Fact) -> Option<&str> {
    match fact {
        Fact::Text(text) => Some(text),
        Fact::Words(all) => all.first().map(String::as_str),
        Fact::Number(_) | Fact::Time(_) | Fact::Yes(_) => None,
    }
}

pub(super) fn number(item: &Item, name: &str) -> Option<f64> {
    match item.facts.get(name)? {
        Fact::Number(n) => Some(*n),
        Fact::Text(_) | Fact::Words(_) | Fact::Time(_) | Fact::Yes(_) => None,
    }
}

fn is_yes(item: &Item, name: &str) -> bool {
    item.facts.get(name) == Some(&Fact::Yes(true))
}

pub(super) fn words(words: String) -> Span {
    Span::Words(words)
}

fn article(kind: &str) -> String {
    match kind.starts_with(['a', 'e', 'i', 'o']) {
        true => format!("an {kind}"),
        false => format!("a {kind}"),
    }
}

pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
