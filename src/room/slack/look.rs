//! Looks whether something was said, before it is said again.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::TimeDelta;
use regex::Regex;
use serde_json::Value;

use super::Workspace;
use super::api::next_page;
use super::mrkdwn::APART;
use super::own::{self, Begun};
use super::wrong::Wrong;

/// How many messages are read back at once, and how often at most.
const PAGE: usize = 200;
const PAGES: usize = 10;
/// How much the time of a message may differ from that of the answer it came with.
const SLACK: TimeDelta = TimeDelta::seconds(2);
/// What the messages of the bot have with them, besides what people see.
pub(super) const KIND: &str = "boson";

/// What is looked for.
pub(super) struct Sent<'a> {
    pub channel: &'a str,
    pub thread: Option<&'a str>,
    /// Its words, as they were sent.
    pub text: &'a str,
    /// The message that it answers.
    pub answers: Option<&'a str>,
}

/// An own message that says this, or says it among other lines; none when it was not said. What is found is not found
/// again for the same text.
///
/// # Errors
/// When Slack does not tell.
pub(super) async fn look(
    workspace: &Workspace,
    sent: &Sent<'_>,
    begun: &Begun,
) -> Result<Option<String>, Wrong> {
    let me = workspace.me().await?;
    let oldest = match begun {
        Begun::After(ts) => ts.clone(),
        Begun::Since(at) => {
            let ahead = workspace.own.ahead().unwrap_or_default();
            own::ts(*at + ahead - SLACK)
        }
    };
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES {
        let mut fields = vec![
            ("channel", sent.channel.to_string()),
            ("oldest", oldest.clone()),
            ("limit", PAGE.to_string()),
            ("include_all_metadata", "true".into()),
        ];
        let method = match sent.thread {
            Some(thread) => {
                fields.push(("ts", thread.into()));
                "conversations.replies"
            }
            None => "conversations.history",
        };
        if let Some(cursor) = cursor {
            fields.push(("cursor", cursor));
        }
        let answer = workspace.api.patient(method, &fields).await?;
        for message in answer["messages"].as_array().into_iter().flatten() {
            let Some(ts) = message["ts"].as_str().filter(|ts| **ts > *oldest) else {
                continue;
            };
            if !me.said(message) || !is_there(message, sent) {
                continue;
            }
            let text = message["text"].as_str().unwrap_or_default();
            let part = parts(text, sent.text)
                .into_iter()
                .find(|part| !workspace.own.is_another(sent.channel, ts, part));
            if let Some(part) = part {
                let found = &workspace.own;
                found.found(sent.channel, ts, sent.thread, part);
                return Ok(Some(ts.into()));
            }
        }
        cursor = next_page(&answer);
        if cursor.is_none() {
            break;
        }
    }
    Ok(None)
}

/// It stands where this was to stand, and answers the same.
fn is_there(message: &Value, sent: &Sent<'_>) -> bool {
    let ts = message["ts"].as_str();
    let thread = message["thread_ts"]
        .as_str()
        .filter(|_| message["thread_ts"] != message["ts"]);
    if sent.thread.is_none() && thread.is_some() || sent.thread.is_some() && ts == sent.thread {
        return false;
    }
    let metadata = &message["metadata"];
    match metadata["event_type"].as_str() {
        Some(KIND) => metadata["event_payload"]["answers"].as_str() == sent.answers,
        Some(_) | None => true,
    }
}

/// What a message carries besides its words, so that it is known again.
pub(super) fn mark(answers: Option<&str>) -> Value {
    let payload = match answers {
        Some(answers) => serde_json::json!({"answers": answers}),
        None => serde_json::json!({}),
    };
    serde_json::json!({"event_type": KIND, "event_payload": payload})
}

/// Where a text says what was sent: as a whole, or some of its lines together.
fn parts(text: &str, sent: &str) -> Vec<Range<usize>> {
    let wanted: String = sent.lines().map(bare).collect();
    let mut all = String::new();
    // Where lines begin and end in what is left without what Slack changes.
    let mut borders = vec![0];
    for line in text.lines() {
        all.push_str(&bare(line));
        borders.push(all.len());
    }
    if wanted.is_empty() {
        // There are no letters in it: then every sign counts.
        let same = squeezed(text) == squeezed(sent);
        return same.then_some(0..usize::MAX).into_iter().collect();
    }
    let is_border = |at: usize| borders.binary_search(&at).is_ok();
    let found = all.match_indices(wanted.as_str());
    found
        .map(|(at, _)| at..at + wanted.len())
        .filter(|part| is_border(part.start) && is_border(part.end))
        .collect()
}

static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("<([^<>|]*)(?:[|]([^<>]*))?>").expect("a test uses it"));
static EMOJI: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(":[a-z0-9_+'-]+:").expect("a test uses it"));

/// A line without what Slack may change in it: links are put around addresses, emoji get names, signs are escaped.
fn bare(line: &str) -> String {
    let line = TOKEN.replace_all(line, |token: &regex::Captures<'_>| {
        let (url, label) = (&token[1], token.get(2).map_or("", |label| label.as_str()));
        let bare = url.split_once("://").map_or(url, |(_, bare)| bare);
        let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
        let typed = label == bare || label == url || label.trim_end_matches('/') == bare;
        match label.is_empty() {
            true => url.to_string(),
            false if typed => label.to_string(),
            false => format!("{label} {url}"),
        }
    });
    let line = line
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let line = EMOJI.replace_all(&line, "");
    line.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn squeezed(text: &str) -> String {
    let seen = |c: &char| !c.is_whitespace() && *c != APART;
    text.chars().filter(seen).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is(sent: &str, text: &str) -> bool {
        !parts(text, sent).is_empty()
    }

    #[test]
    fn a_text_is_found_alone_and_among_lines() {
        assert!(is("a `b`", "a `b`"));
        assert!(is("a\n\nb c", "one\na\nb c\ntwo"));
        assert!(!is("a", "ba\nc"));
        assert!(!is("a", "b\nab"));
        assert!(!is("a\nb", "a\nx\nb"));
        assert!(is("ab", "abab\nab"));
        assert_eq!(parts("ab\nx\nab", "ab").len(), 2);
        assert!(!is("", "a"));
        assert!(is("👍", "👍") && !is("👍", "👎"));
    }

    #[test]
    fn what_slack_changes_does_not_matter() {
        for (sent, text) in [
            (
                "see https://e.org/a?b=1&amp;c=2 now",
                "see <https://e.org/a?b=1&amp;c=2> now",
            ),
            ("e.org is fine", "<http://e.org|e.org> is fine"),
            ("a@b.org", "<mailto:a@b.org|a@b.org>"),
            ("good 🎉 work", "good :tada: work"),
            ("1 &lt; 2", "1 &lt; 2"),
            ("a  b", "a b"),
        ] {
            assert!(is(sent, text), "{sent} {text}");
        }
        assert!(!is("see https://e.org/1", "see <https://e.org/2>"));
    }

    #[test]
    fn it_stands_where_it_was_sent_and_answers_the_same() {
        let sent = |thread, answers| Sent {
            channel: "C1",
            thread,
            text: "x",
            answers,
        };
        let plain = json!({"ts": "2.0"});
        let reply = json!({"ts": "2.0", "thread_ts": "1.0"});
        let parent = json!({"ts": "1.0", "thread_ts": "1.0"});
        assert!(is_there(&plain, &sent(None, None)));
        assert!(!is_there(&reply, &sent(None, None)));
        assert!(is_there(&reply, &sent(Some("1.0"), None)));
        assert!(!is_there(&parent, &sent(Some("1.0"), None)));
        assert!(is_there(&parent, &sent(None, None)));
        let marked = json!({"ts": "2.0", "metadata": mark(Some("1.5"))});
        assert!(is_there(&marked, &sent(None, Some("1.5"))));
        assert!(!is_there(&marked, &sent(None, Some("1.6"))));
        assert!(!is_there(&marked, &sent(None, None)));
    }
}
