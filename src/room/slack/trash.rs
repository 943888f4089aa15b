//! Taking own messages out of a channel.

use std::time::Duration;

use serde_json::{Value, json};

use super::api::next_page;
use super::wrong::Wrong;
use super::{Workspace, hook, later, own};
use crate::model::{MessageId, RoomId};
use crate::room::{SayError, Trashed, Which};

/// The most messages at once.
const MESSAGES: usize = 100;
/// How much of a channel is read back to find the last ones, and in how many steps.
const PAGE: usize = 200;
const PAGES: usize = 5;
/// How many threads are looked into for the last ones.
const THREADS: usize = 10;
/// How often a deletion is tried, and how long is waited before the next try.
const TRIES: usize = 10;
const PAUSE: Duration = Duration::from_secs(2);
/// Whoever has to wait longer is told so.
const LONGEST_REST: Duration = Duration::from_secs(120);

/// Takes own messages away: they are deleted, and nobody sees them any more.
///
/// # Errors
/// When Slack cannot be asked.
pub(super) async fn trash(
    workspace: &Workspace,
    room: &RoomId,
    which: &Which,
) -> Result<Trashed, SayError> {
    let channel = workspace.channel(room)?;
    let mut trashed = Trashed::default();
    let own = match which {
        Which::Last(count) => {
            let last = last(workspace, channel, (*count).min(MESSAGES)).await;
            let last = last.map_err(|wrong| later(&wrong))?.into_iter();
            last.map(|ts| (ts.clone(), ts)).collect()
        }
        Which::These(these) => named(channel, these, &mut trashed),
    };
    for (ts, name) in own {
        match delete(workspace, channel, &ts).await {
            Ok(()) => trashed.deleted += 1,
            Err(wrong) => trashed.kept.push((name, why(&wrong))),
        }
    }
    Ok(trashed)
}

fn why(wrong: &Wrong) -> String {
    match wrong.code() {
        Some("cant_delete_message") => "I have not said it".into(),
        Some(_) | None => wrong.words(),
    }
}

/// The messages that somebody named by their links, and what each was called; of all others it is said why they stay.
fn named(channel: &str, these: &[String], trashed: &mut Trashed) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for name in these {
        let mut keep = |what: &str| trashed.kept.push((name.clone(), what.into()));
        if hook::is_unnamed(&MessageId(name.clone().into())) {
            keep("only one person sees it");
            continue;
        }
        match message(name) {
            None => keep("it is no message of Slack"),
            Some((Some(its), _)) if its != channel => keep("it is in another channel"),
            Some((_, ts)) if found.iter().any(|(known, _)| *known == ts) => {}
            Some(_) if found.len() >= MESSAGES => keep("these are too many at once"),
            Some((_, ts)) => found.push((ts, name.clone())),
        }
    }
    found
}

/// The channel and the message that a link leads to; a message may be named by its time alone.
fn message(name: &str) -> Option<(Option<String>, String)> {
    if own::time(name).is_some() {
        return Some((None, name.into()));
    }
    let (_, path) = name.split_once("/archives/")?;
    let path = path.split(['?', '#']).next()?;
    let (channel, message) = path.trim_end_matches('/').split_once('/')?;
    let digits = message.strip_prefix('p')?;
    let is_number = digits.len() > 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (seconds, micros) = is_number.then(|| digits.split_at(digits.len() - 6))?;
    Some((Some(channel.into()), format!("{seconds}.{micros}")))
}

/// The last own messages in a channel and its threads, the newest first.
async fn last(workspace: &Workspace, channel: &str, count: usize) -> Result<Vec<String>, Wrong> {
    let me = workspace.me().await?;
    let is_own = |message: &Value| me.said(message) && message["subtype"].is_null();
    let mut found: Vec<String> = Vec::new();
    let mut threads: Vec<(String, String)> = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES {
        let mut fields = vec![
            ("channel", channel.to_string()),
            ("limit", PAGE.to_string()),
        ];
        if let Some(cursor) = cursor {
            fields.push(("cursor", cursor));
        }
        let answer = workspace
            .api
            .patient("conversations.history", &fields)
            .await?;
        for message in answer["messages"].as_array().into_iter().flatten() {
            let Some(ts) = message["ts"].as_str() else {
                continue;
            };
            if is_own(message) {
                found.push(ts.into());
            }
            if let Some(latest) = message["latest_reply"].as_str() {
                threads.push((latest.into(), ts.into()));
            }
        }
        cursor = next_page(&answer);
        if cursor.is_none() || found.len() >= count {
            break;
        }
    }
    for (own, thread) in workspace.own.in_threads(channel) {
        threads.push((own, thread));
    }
    threads.sort_by(|a, b| b.cmp(a));
    let mut looked: Vec<String> = Vec::new();
    for (latest, thread) in threads {
        found.sort_by(|a, b| b.cmp(a));
        // Nothing in it can be among the last ones.
        let late = found
            .get(count.saturating_sub(1))
            .is_some_and(|last| *last > latest);
        if late || looked.contains(&thread) || looked.len() >= THREADS {
            continue;
        }
        let fields = [
            ("channel", channel.to_string()),
            ("ts", thread.clone()),
            ("limit", PAGE.to_string()),
        ];
        looked.push(thread);
        let answer = match workspace
            .api
            .patient("conversations.replies", &fields)
            .await
        {
            Ok(answer) => answer,
            Err(Wrong::NotThere { .. }) => continue,
            Err(wrong) => return Err(wrong),
        };
        let replies = answer["messages"].as_array().into_iter().flatten();
        for message in replies.filter(|message| is_own(message)) {
            if let Some(ts) = message["ts"].as_str() {
                found.push(ts.into());
            }
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    found.dedup();
    found.truncate(count);
    Ok(found)
}

/// Deletes a message. What is gone already is gone.
async fn delete(workspace: &Workspace, channel: &str, ts: &str) -> Result<(), Wrong> {
    let arguments = json!({"channel": channel, "ts": ts});
    let clock = &workspace.clock;
    let mut left = TRIES;
    loop {
        left -= 1;
        let rest = match workspace.api.write("chat.delete", &arguments).await {
            Ok(_) => return Ok(()),
            Err(Wrong::NotThere { code }) if code == "message_not_found" => return Ok(()),
            Err(Wrong::Limited { rest }) if left > 0 && rest <= LONGEST_REST => rest,
            Err(wrong)
                if left > 0 && !matches!(wrong, Wrong::Limited { .. }) && wrong.may_pass() =>
            {
                PAUSE
            }
            Err(wrong) => return Err(wrong),
        };
        clock.until(clock.now() + rest).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_named_by_links_and_times() {
        let is = |name: &str| message(name);
        let ts = "1732000000.000100".to_string();
        let there = Some((Some("C1".to_string()), ts.clone()));
        assert_eq!(
            is("https://x.slack.com/archives/C1/p1732000000000100"),
            there
        );
        assert_eq!(
            is("https://x.slack.com/archives/C1/p1732000000000100?thread_ts=1.2&cid=C1"),
            there
        );
        assert_eq!(is("1732000000.000100"), Some((None, ts)));
        for no in [
            "",
            "12",
            "https://x.slack.com/archives/C1",
            "/archives/C1/p12",
            "/archives/C1/pé1732000000",
        ] {
            assert_eq!(is(no), None, "{no}");
        }
    }
}
