//! The reader `post`: the post on Stack Exchange below which a comment stands, or that an edit is for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;

use super::{Found, Reader};
use crate::http::Http;
use crate::model::{Fact, Item};
use crate::source::Shared;
use crate::source::stack_exchange::{Api, Post as Asked};

pub(super) struct Post {
    api: Arc<Api>,
}

impl Post {
    pub fn of(shared: &Shared) -> Post {
        Post {
            api: shared.stack_exchange.clone(),
        }
    }
}

#[async_trait]
impl Reader for Post {
    fn name(&self) -> &'static str {
        "post"
    }

    async fn read(&self, http: &Http, items: &[&Item]) -> Vec<Found> {
        let mut wanted: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
        for (site, post) in items.iter().filter_map(|item| place(item)) {
            wanted.entry(site).or_default().insert(post);
        }
        let mut posts = BTreeMap::new();
        let mut trouble = None;
        for (site, ids) in wanted {
            let ids: Vec<u64> = ids.into_iter().collect();
            match self.api.posts(http, site, &ids).await {
                Ok(found) => posts.extend(found.into_iter().map(|post| ((site, post.id), post))),
                Err(why) => trouble = Some(why),
            }
        }
        items
            .iter()
            .map(|item| {
                let place = place(item).ok_or("it belongs to no post")?;
                let post = posts.get(&place);
                let gone = || {
                    trouble
                        .clone()
                        .unwrap_or_else(|| "there is no such post".into())
                };
                Ok(facts(item, post.ok_or_else(gone)?))
            })
            .collect()
    }
}

/// The site and the post that an item belongs to.
fn place(item: &Item) -> Option<(&str, u64)> {
    // The API's own name of the site stands last.
    let Some(Fact::Words(site)) = item.facts.get("site") else {
        return None;
    };
    match item.facts.get("post") {
        Some(Fact::Text(post)) => Some((site.last()?, post.parse().ok()?)),
        Some(_) | None => None,
    }
}

fn facts(item: &Item, post: &Asked) -> Vec<(&'static str, Fact)> {
    let mut facts = Vec::new();
    let mut add = |name, fact: Option<Fact>| facts.extend(fact.map(|fact| (name, fact)));
    add("post-title", post.title.clone().map(Fact::Text));
    add("post-created", post.created.map(Fact::Time));
    add("post-active", post.active.map(Fact::Time));
    add(
        "post-score",
        post.score.map(|score| Fact::Number(score as f64)),
    );
    // Comments and suggestions are no activity of the post: what it had last was before them.
    let kind = item.facts.get("type");
    if kind.is_some_and(|kind| {
        *kind == Fact::Text("comment".into()) || *kind == Fact::Text("edit".into())
    }) {
        let rested = post
            .active
            .map(|active| (item.at - active).num_seconds().max(0));
        add(
            "post-inactive",
            rested.map(|seconds| Fact::Number(seconds as f64)),
        );
    }
    facts
}
