//! Keeps items by who wrote them.

use std::sync::Arc;

use super::fold::fold;
use super::folded::Folded;
use super::glob::is_like;
use super::{Filter, FilterKind, spelling};
use crate::model::text::cut;
use crate::model::{Refusal, Verdict};
use crate::registry;
use crate::when::Reading;

/// The longest name, in characters.
const LONGEST: usize = 200;

/// Keep items written by this author; a `*` stands for any letters.
#[derive(clap::Args)]
pub struct Author {
    #[arg(long, value_name = "NAME")]
    pub author: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "author",
    declare: || registry::declare::<Author>("author"),
    page: include_str!("../../man/author.md"),
    build,
};

fn build(value: &str, _: &Reading) -> Result<Arc<dyn Filter>, Refusal> {
    let typed = spelling::one_line(value);
    if typed.is_empty() {
        return Err(Refusal::new("The name of the author is missing.")
            .hint("for instance `author \"Jon Skeet\"`"));
    }
    if typed.chars().count() > LONGEST {
        return Err(Refusal::new(format!(
            "An author's name has {LONGEST} characters at most."
        ))
        .hint("a `*` stands for any letters: `author jon*`"));
    }
    Ok(Arc::new(By {
        folded: fold(&typed).into(),
        typed: typed.into(),
    }))
}

struct By {
    typed: Box<str>,
    folded: Box<str>,
}

impl Filter for By {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let (Some(folded), Some(name)) = (item.author(), &item.item.author) else {
            return Verdict::Unsure("nobody is named as its author".into());
        };
        let shown = cut(name, 60).replace('`', "'");
        let wanted = cut(&self.typed, 60).replace('`', "'");
        if name.trim().is_empty() {
            Verdict::Unsure("nobody is named as its author".into())
        } else if is_like(&self.folded, &spelling::one_line(folded)) {
            Verdict::Keep(format!("its author is `{shown}`"))
        } else {
            Verdict::Drop(format!("its author is `{shown}`, not `{wanted}`"))
        }
    }

    fn spelling(&self) -> String {
        format!("author:{}", spelling::value(&self.typed))
    }

    fn value(&self) -> String {
        self.typed.to_string()
    }
}
