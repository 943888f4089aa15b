//! Posts by their numbers: what a comment stands below.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::api::{Api, Call, Unanswered};
use super::object::{line, number, time};
use crate::http::Http;
use crate::source::LookError;

/// The most numbers of one request.
const ASKED: usize = 100;

const FIELDS: &[&str] = &[
    "post.creation_date",
    "post.last_activity_date",
    "post.post_id",
    "post.score",
    "post.title",
];

/// A post as those see it who stand below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    pub id: u64,
    pub title: Option<String>,
    pub created: Option<DateTime<Utc>>,
    pub active: Option<DateTime<Utc>>,
    pub score: Option<i64>,
}

impl Api {
    /// Posts of a site by number; those that were deleted are missing.
    ///
    /// # Errors
    /// In words for people, when the API cannot be asked at present.
    pub async fn posts(&self, http: &Http, site: &str, ids: &[u64]) -> Result<Vec<Post>, String> {
        let ids: BTreeSet<u64> = ids.iter().copied().collect();
        let ids: Vec<u64> = ids.into_iter().collect();
        let mut posts = Vec::with_capacity(ids.len());
        for ids in ids.chunks(ASKED) {
            let call = Call {
                method: "/posts/{ids}",
                ids,
                site: Some(site),
                params: vec![("pagesize", ASKED.to_string())],
                fields: &[FIELDS],
                repeats: true,
            };
            let answer = self
                .ask(http, &call)
                .await
                .map_err(|trouble| match trouble {
                    Unanswered::NotYet(_) => "Stack Exchange wants rest".into(),
                    Unanswered::Trouble(LookError { what, .. }) => what,
                })?;
            posts.extend(answer.items.iter().filter_map(|post| {
                Some(Post {
                    id: number(post, "post_id")?.try_into().ok()?,
                    title: line(post, "title"),
                    created: time(post, "creation_date"),
                    active: time(post, "last_activity_date"),
                    score: number(post, "score"),
                })
            }));
        }
        Ok(posts)
    }
}
