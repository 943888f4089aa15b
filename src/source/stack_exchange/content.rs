//! What distinguishes one kind of thing on Stack Exchange from the others.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::answer::Wrapper;
use super::object::On;
use super::{answers, badges, comments, edits, posts, questions, revisions, tags, users};
use crate::model::Item;

/// Every kind of thing.
const ALL: &[Content] = &[
    questions::NEW,
    questions::ACTIVE,
    questions::EDITED,
    questions::CLOSED,
    questions::BOUNTIED,
    answers::ANSWERS,
    comments::COMMENTS,
    posts::POSTS,
    tags::TAGS,
    edits::EDITS,
    revisions::REVISIONS,
    badges::BADGES,
    users::USERS,
];

/// The items in an answer of the API that came at `now` from the site `beer`; nothing when it is no answer. The kind is
/// counted from 0 in the order of the manual, and begins again at its end.
pub fn parse(kind: usize, answer: &[u8], now: DateTime<Utc>) -> Option<Vec<Item>> {
    let wrapper: Wrapper = serde_json::from_slice(answer).ok()?;
    let on = On {
        site: "beer",
        host: "beer.stackexchange.com",
        now,
        since: None,
    };
    let content = &ALL[kind % ALL.len()];
    let items = wrapper.items.iter();
    Some(
        items
            .filter_map(|object| (content.item)(object, &on))
            .collect(),
    )
}

/// A kind of thing, and how the API gives it.
pub(super) struct Content {
    /// In sentences: `closed questions`.
    pub called: &'static str,
    /// The method's path below the API's address; `{ids}` stands for numbers of posts.
    pub method: &'static str,
    /// The same for a few posts only.
    pub below: Option<&'static str>,
    pub reads: Reads,
    pub rings: Rings,
    /// Parameters that are always the same.
    pub fixed: &'static [(&'static str, &'static str)],
    /// The fields that [`Content::item`] reads, beside those of the wrapper.
    pub fields: &'static [&'static [&'static str]],
    /// The field with the time by which it is read.
    pub date: &'static str,
    /// The item that an object of the API is; none where it is nothing to say.
    pub item: fn(&Value, &On<'_>) -> Option<Item>,
}

/// How far one has read, and how one reads on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// By creation: `fromdate`, the oldest first.
    Created,
    /// By last activity: `min`, the oldest first.
    Active,
    /// What was made since the last look began; the objects have no date of their own.
    Since,
    /// All there is, created in the last so many days where there is a number.
    Whole(Option<i64>),
    /// The revisions of posts that were edited since.
    Revised,
}

/// For what the web socket rings, which tells of questions asked, answered and edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rings {
    /// For nothing that would be here.
    Never,
    /// For questions that are new here.
    New,
    /// For whatever happens.
    Any,
}
