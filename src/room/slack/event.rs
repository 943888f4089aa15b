//! What an event tells, read; nothing of it is trusted.

use serde_json::Value;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    Said {
        channel: String,
        post: Post,
    },
    /// A message says something else now.
    Changed {
        channel: String,
        post: Post,
        /// What it said before.
        before: Option<String>,
    },
    Deleted {
        channel: String,
        ts: String,
    },
    Came {
        channel: String,
        user: String,
        /// Who took them there.
        inviter: Option<String>,
        /// When, as messages say it.
        ts: Option<String>,
    },
    Went {
        channel: String,
        user: String,
    },
    /// The app is out of a channel, or the channel is closed.
    Lost {
        channel: String,
    },
    /// A channel is open again.
    Reopened {
        channel: String,
    },
    Created {
        channel: String,
        name: String,
    },
    Renamed {
        channel: String,
        name: String,
    },
    /// A channel has another id now.
    Replaced {
        old: String,
        new: String,
    },
    /// Something is different about somebody.
    Person(Value),
    /// These users' tokens are no longer valid.
    Revoked {
        users: Vec<String>,
    },
    Uninstalled,
    Nothing,
}

/// What somebody said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// Names it within its channel.
    pub ts: String,
    /// The message that its thread is about, when it answers one.
    pub thread: Option<String>,
    /// Whose message that is, where Slack says so.
    pub parent: Option<String>,
    /// Who said it.
    pub user: String,
    /// The workspace of whoever said it.
    pub team: Option<String>,
    pub text: String,
    /// When it was changed last; empty when it never was.
    pub edited: String,
    /// The last answer in the thread about it.
    pub latest_reply: Option<String>,
}

/// How an event is told apart from others, and what it tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: Option<String>,
    pub happened: Happened,
}

/// Reads the payload of an event.
pub fn read(payload: &Value) -> Event {
    Event {
        id: text(&payload["event_id"]),
        happened: happened(&payload["event"]),
    }
}

fn happened(event: &Value) -> Happened {
    let channel = text(&event["channel"]);
    let user = text(&event["user"]);
    match (event["type"].as_str().unwrap_or_default(), channel, user) {
        ("message" | "app_mention", Some(channel), _) => message(event, channel),
        ("member_joined_channel", Some(channel), Some(user)) => Happened::Came {
            channel,
            user,
            inviter: text(&event["inviter"]),
            ts: text(&event["event_ts"]).filter(|ts| is_ts(ts)),
        },
        ("member_left_channel", Some(channel), Some(user)) => Happened::Went { channel, user },
        (
            "channel_left" | "group_left" | "channel_archive" | "group_archive" | "channel_deleted"
            | "group_deleted",
            Some(channel),
            _,
        ) => Happened::Lost { channel },
        ("channel_unarchive" | "group_unarchive", Some(channel), _) => {
            Happened::Reopened { channel }
        }
        (kind @ ("channel_rename" | "group_rename" | "channel_created"), _, _) => {
            let channel = &event["channel"];
            match (text(&channel["id"]), text(&channel["name"])) {
                (Some(channel), Some(name)) if kind == "channel_created" => {
                    Happened::Created { channel, name }
                }
                (Some(channel), Some(name)) => Happened::Renamed { channel, name },
                (Some(_) | None, Some(_) | None) => Happened::Nothing,
            }
        }
        ("channel_id_changed", _, _) => {
            match (
                text(&event["old_channel_id"]),
                text(&event["new_channel_id"]),
            ) {
                (Some(old), Some(new)) => Happened::Replaced { old, new },
                (Some(_) | None, Some(_) | None) => Happened::Nothing,
            }
        }
        ("user_change", _, _) if event["user"].is_object() => {
            Happened::Person(event["user"].clone())
        }
        ("tokens_revoked", _, _) => {
            let users = event["tokens"]["bot"].as_array().into_iter().flatten();
            Happened::Revoked {
                users: users.filter_map(text).collect(),
            }
        }
        ("app_uninstalled", _, _) => Happened::Uninstalled,
        _ => Happened::Nothing,
    }
}

fn message(event: &Value, channel: String) -> Happened {
    match event["subtype"].as_str() {
        Some("message_changed") => {
            let before = &event["previous_message"];
            match post(&event["message"]) {
                Some(post) => Happened::Changed {
                    channel,
                    post,
                    before: text_or_empty(before),
                },
                // A message with answers is not taken away but covered by a stone.
                None if event["message"]["subtype"] == "tombstone" => {
                    match text(&before["ts"]).filter(|ts| is_ts(ts)) {
                        Some(ts) => Happened::Deleted { channel, ts },
                        None => Happened::Nothing,
                    }
                }
                None => Happened::Nothing,
            }
        }
        Some("message_deleted") => match text(&event["deleted_ts"]).filter(|ts| is_ts(ts)) {
            Some(ts) => Happened::Deleted { channel, ts },
            None => Happened::Nothing,
        },
        Some(_) | None => match post(event) {
            Some(post) => Happened::Said { channel, post },
            None => Happened::Nothing,
        },
    }
}

/// A message as events and histories have it; none when it is no person's, or nothing that was said.
pub fn post(message: &Value) -> Option<Post> {
    let said = match message["subtype"].as_str() {
        None | Some("thread_broadcast" | "file_share" | "me_message") => true,
        // What other programs say, and what Slack itself notes in a channel.
        Some(_) => false,
    };
    let machine = message["bot_id"].is_string() || message["hidden"] == true;
    let user = text(&message["user"]).filter(|user| user != "USLACKBOT")?;
    let ts = text(&message["ts"]).filter(|ts| is_ts(ts))?;
    (said && !machine).then(|| Post {
        thread: thread(message),
        parent: text(&message["parent_user_id"]).or_else(|| text(&message["root"]["user"])),
        user,
        team: text(&message["user_team"]).or_else(|| text(&message["team"])),
        text: text(&message["text"]).unwrap_or_default(),
        edited: text(&message["edited"]["ts"]).unwrap_or_default(),
        latest_reply: latest_reply(message),
        ts,
    })
}

/// The message that a thread is about, when `message` answers it.
pub fn thread(message: &Value) -> Option<String> {
    let thread = text(&message["thread_ts"]).filter(|thread| is_ts(thread))?;
    (message["ts"] != thread.as_str()).then_some(thread)
}

/// The last answer in the thread about a message.
pub fn latest_reply(message: &Value) -> Option<String> {
    text(&message["latest_reply"]).filter(|ts| is_ts(ts))
}

fn text_or_empty(message: &Value) -> Option<String> {
    message
        .is_object()
        .then(|| text(&message["text"]).unwrap_or_default())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_string)
}

/// Ten digits, a point, six digits: then texts are in the order of times.
pub fn is_ts(text: &str) -> bool {
    let Some((seconds, rest)) = text.split_once('.') else {
        return false;
    };
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    digits(seconds, 10) && digits(rest, 6)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TS: &str = "1732000000.000100";

    fn of(event: Value) -> Happened {
        read(&json!({"event_id": "Ev1", "event": event})).happened
    }

    fn said(more: Value) -> Option<Post> {
        let mut event =
            json!({"type": "message", "channel": "C1", "user": "U1", "text": "hi", "ts": TS});
        for (name, value) in more.as_object().unwrap() {
            event[name] = value.clone();
        }
        match of(event) {
            Happened::Said { post, .. } => Some(post),
            _ => None,
        }
    }

    #[test]
    fn what_people_say_is_a_message() {
        let post = said(json!({})).unwrap();
        assert_eq!((post.text.as_str(), post.thread), ("hi", None));
        for subtype in ["thread_broadcast", "file_share", "me_message"] {
            assert!(said(json!({ "subtype": subtype })).is_some(), "{subtype}");
        }
        let reply = json!({"thread_ts": "1731000000.000100", "parent_user_id": "U2"});
        let reply = said(reply).unwrap();
        assert_eq!(reply.thread.as_deref(), Some("1731000000.000100"));
        assert_eq!(reply.parent.as_deref(), Some("U2"));
        // The first message of a thread answers nothing.
        assert_eq!(said(json!({ "thread_ts": TS })).unwrap().thread, None);
    }

    #[test]
    fn what_machines_say_is_none() {
        for other in [
            json!({"bot_id": "B1"}),
            json!({"subtype": "bot_message"}),
            json!({"subtype": "channel_join"}),
            json!({"subtype": "something_new"}),
            json!({"user": null}),
            json!({"user": "USLACKBOT"}),
            json!({"ts": "1732000000"}),
            json!({"ts": 1_732_000_000.000_1}),
            json!({"hidden": true}),
        ] {
            assert_eq!(said(other.clone()), None, "{other}");
        }
    }

    #[test]
    fn edits_and_deletions() {
        let new = json!({"user": "U1", "text": "new", "ts": TS, "edited": {"user": "U1", "ts": "1732000009.000000"}});
        let changed = json!({
            "type": "message", "subtype": "message_changed", "hidden": true, "channel": "C1",
            "ts": "1732000009.000200", "message": new, "previous_message": {"text": "old", "ts": TS},
        });
        let Happened::Changed { post, before, .. } = of(changed) else {
            panic!("it is an edit")
        };
        assert_eq!((post.ts.as_str(), post.text.as_str()), (TS, "new"));
        assert_eq!(before.as_deref(), Some("old"));
        let deleted = json!({
            "type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": TS,
        });
        let expected = Happened::Deleted {
            channel: "C1".into(),
            ts: TS.into(),
        };
        assert_eq!(of(deleted), expected);
    }
}
