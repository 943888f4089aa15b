//! Keeps items by their tags.

use std::sync::Arc;

use super::fold::fold;
use super::folded::Folded;
use super::glob::is_like;
use super::{Filter, FilterKind, spelling};
use crate::model::text::cut;
use crate::model::{Refusal, Verdict};
use crate::registry;
use crate::when::Reading;

/// The most tags in one filter.
const MOST: usize = 50;

/// Keep items that have any of these tags, written with commas between them.
#[derive(clap::Args)]
pub struct Tag {
    #[arg(long, value_name = "TAGS")]
    pub tag: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "tag",
    declare: || registry::declare::<Tag>("tag"),
    page: include_str!("../../man/tag.md"),
    build,
};

fn build(value: &str, _: &Reading) -> Result<Arc<dyn Filter>, Refusal> {
    let tags: Vec<Wanted> = value
        .split(',')
        .map(|tag| spelling::one_line(tag.trim().trim_start_matches('#').trim_matches(['[', ']'])))
        .filter(|tag| !tag.is_empty())
        .map(|tag| Wanted {
            folded: fold(&tag).into(),
            typed: tag.into(),
        })
        .collect();
    if tags.is_empty() {
        return Err(
            Refusal::new("The tag is missing.").hint("for instance `tag rust` or `tag rust,go`")
        );
    }
    if tags.len() > MOST || value.chars().count() > 40 * MOST {
        return Err(
            Refusal::new(format!("One `tag` takes {MOST} tags at most."))
                .hint("a `*` stands for any letters: `tag python*`"),
        );
    }
    Ok(Arc::new(Tagged(tags.into())))
}

struct Wanted {
    typed: Box<str>,
    folded: Box<str>,
}

struct Tagged(Box<[Wanted]>);

impl Filter for Tagged {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let tags = item.tags();
        if tags.is_empty() {
            return Verdict::Drop("it has no tags".into());
        }
        for (n, tag) in tags.iter().enumerate() {
            if self.0.iter().any(|wanted| is_like(&wanted.folded, tag)) {
                return Verdict::Keep(format!("it is tagged `{}`", shown(&item.item.tags[n])));
            }
        }
        let names: Vec<String> = self
            .0
            .iter()
            .map(|wanted| format!("`{}`", shown(&wanted.typed)))
            .collect();
        Verdict::Drop(match names.as_slice() {
            [one] => format!("it is not tagged {one}"),
            [one, other] => format!("it is tagged neither {one} nor {other}"),
            many => format!("none of its tags is {}", many.join(", ")),
        })
    }

    fn spelling(&self) -> String {
        format!("tag:{}", spelling::value(&self.value()))
    }

    fn value(&self) -> String {
        self.0
            .iter()
            .map(|wanted| &*wanted.typed)
            .collect::<Vec<_>>()
            .join(",")
    }
}

fn shown(tag: &str) -> String {
    cut(tag, 40).replace('`', "'")
}
