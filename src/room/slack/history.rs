//! What was said in a channel, read back.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Workspace;
use super::api::{TOO_LARGE, next_page};
use super::event::{self, Post};
use super::wrong::Wrong;

/// How many messages a page has.
const PAGE: usize = 200;
/// How many pages of a channel, and of a thread, are read at most.
const PAGES: usize = 20;
/// How many threads are read back at most.
const THREADS: usize = 50;

/// What was read back.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// What people said, in the channel and in threads.
    pub posts: Vec<Post>,
    /// Every message of the channel, whosever it is.
    pub there: BTreeSet<String>,
    /// From this message on nothing of the channel is missing; threads are.
    pub complete: Option<String>,
}

/// What was said behind a message, and some of what was said before it: there stand the beginnings of threads.
///
/// # Errors
/// When Slack does not say.
pub(super) async fn since(
    workspace: &Workspace,
    channel: &str,
    floor: &str,
) -> Result<Past, Wrong> {
    let mut past = Past::default();
    let mut threads: Vec<(String, String)> = Vec::new();
    let mut cursor = None;
    let (mut length, mut left) = (PAGE, PAGE * PAGES);
    loop {
        let mut fields = vec![("channel", channel.to_string())];
        fields.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        let answer = page(workspace, "conversations.history", fields, &mut length).await?;
        left = left.saturating_sub(length);
        let messages = answer["messages"].as_array().into_iter().flatten();
        for message in messages {
            past.add(message);
            let last = event::latest_reply(message).filter(|last| last.as_str() > floor);
            if let (Some(last), Some(ts)) = (last, message["ts"].as_str()) {
                threads.push((last, ts.into()));
            }
        }
        cursor = next_page(&answer);
        let reached = past.complete.as_deref().is_some_and(|first| first <= floor);
        if cursor.is_none() {
            past.complete = Some(String::new());
            break;
        }
        if reached {
            break;
        }
        if left == 0 {
            tracing::warn!(channel, "more was said there than can be read back");
            break;
        }
    }
    threads.sort_unstable();
    if threads.len() > THREADS {
        tracing::warn!(channel, "more threads have answers than can be read back");
    }
    for (_, thread) in threads.iter().rev().take(THREADS) {
        replies(workspace, channel, thread, floor, &mut past).await?;
    }
    past.posts.sort_by(|one, other| one.ts.cmp(&other.ts));
    past.posts.dedup_by(|one, other| one.ts == other.ts);
    Ok(past)
}

async fn replies(
    workspace: &Workspace,
    channel: &str,
    thread: &str,
    floor: &str,
    past: &mut Past,
) -> Result<(), Wrong> {
    let mut cursor = None;
    let (mut length, mut left) = (PAGE, PAGE * PAGES);
    while left > 0 {
        let mut fields = vec![("channel", channel.to_string()), ("ts", thread.to_string())];
        if !floor.is_empty() {
            fields.push(("oldest", floor.to_string()));
        }
        fields.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        let answer = match page(workspace, "conversations.replies", fields, &mut length).await {
            Ok(answer) => answer,
            // It was taken away meanwhile.
            Err(Wrong::NotThere { .. }) => return Ok(()),
            Err(wrong) => return Err(wrong),
        };
        left = left.saturating_sub(length);
        let messages = answer["messages"].as_array().into_iter().flatten();
        past.posts.extend(messages.filter_map(event::post));
        cursor = next_page(&answer);
        if cursor.is_none() {
            break;
        }
    }
    Ok(())
}

/// A page of at most so many messages; shorter, and so from then on, where one is longer than answers may be.
async fn page(
    workspace: &Workspace,
    method: &str,
    fields: Vec<(&'static str, String)>,
    length: &mut usize,
) -> Result<Value, Wrong> {
    loop {
        let mut fields = fields.clone();
        fields.push(("limit", length.to_string()));
        match workspace.api.patient(method, &fields).await {
            Err(Wrong::Refused { code, .. }) if code == TOO_LARGE && *length > 1 => {
                *length = (*length / 4).max(1);
            }
            answered => return answered,
        }
    }
}

impl Past {
    fn add(&mut self, message: &Value) {
        if let Some(ts) = message["ts"].as_str().filter(|ts| event::is_ts(ts)) {
            let first = self.complete.as_deref().is_none_or(|first| ts < first);
            if first {
                self.complete = Some(ts.into());
            }
            if message["subtype"] != "tombstone" {
                self.there.insert(ts.into());
            }
        }
        self.posts.extend(event::post(message));
    }
}

/// When the app entered a channel last, by the line in it that says so.
///
/// # Errors
/// When Slack does not say.
pub(super) async fn entered(
    workspace: &Workspace,
    channel: &str,
    me: &str,
) -> Result<Option<String>, Wrong> {
    let fields = [("channel", channel.to_string()), ("limit", "20".into())];
    let answer = workspace.api.read("conversations.history", &fields).await?;
    let mut messages = answer["messages"].as_array().into_iter().flatten();
    let line = messages.find(|message| {
        let subtype = message["subtype"].as_str();
        message["user"] == me && matches!(subtype, Some("channel_join" | "group_join"))
    });
    let ts = line.and_then(|line| line["ts"].as_str());
    Ok(ts.filter(|ts| event::is_ts(ts)).map(str::to_string))
}

/// Whose message a thread is about.
///
/// # Errors
/// When Slack does not say.
pub(super) async fn author(
    workspace: &Workspace,
    channel: &str,
    thread: &str,
) -> Result<Option<String>, Wrong> {
    let fields = [
        ("channel", channel.to_string()),
        ("ts", thread.to_string()),
        ("limit", "1".into()),
    ];
    let answer = workspace.api.read("conversations.replies", &fields).await?;
    let first = &answer["messages"][0];
    Ok((first["ts"] == thread)
        .then(|| first["user"].as_str().map(str::to_string))
        .flatten())
}
