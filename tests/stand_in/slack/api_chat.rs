//! `chat.…`: posting, editing, deleting, whispering, scheduling.

use serde_json::{Map, Value, json};

use super::api::{Caller, warn};
use super::apps::TokenKind;
use super::asked::Asked;
use super::blocks::{self, Place};
use super::channels::Kind;
use super::messages::{Message, Scheduled};
use super::refused::{Done, Refused};
use super::state::Slack;

/// Characters of a text that are kept.
const LONGEST: usize = 40_000;
/// Characters of a text that `chat.update` takes.
const LONGEST_UPDATE: usize = 4_000;
const LONGEST_MARKDOWN: usize = 12_000;
const MOST_ATTACHMENTS: usize = 100;
/// Bytes.
const LARGEST_METADATA: usize = 16_000;
/// Seconds ahead that a message can be scheduled, and how many in five minutes of a channel.
const FARTHEST: i64 = 120 * 86_400;
const MOST_SCHEDULED: usize = 30;

pub fn call(slack: &mut Slack, name: &str, caller: &Caller, asked: &Asked<'_>) -> Done {
    match name {
        "chat.postMessage" => post(slack, caller, asked),
        "chat.update" => update(slack, caller, asked),
        "chat.delete" => delete(slack, caller, asked),
        "chat.postEphemeral" => whisper(slack, caller, asked),
        "chat.scheduleMessage" => schedule(slack, caller, asked),
        "chat.deleteScheduledMessage" => unschedule(slack, caller, asked),
        "chat.scheduledMessages.list" => scheduled(slack, caller, asked),
        "chat.getPermalink" => permalink(slack, caller, asked),
        "chat.unfurl" => unfurl(slack, caller, asked),
        _ => Err("unknown_method".into()),
    }
}

/// What a message says, and a warning when some of it was cut.
struct Content {
    text: String,
    blocks: Option<Vec<Value>>,
    attachments: Option<Vec<Value>>,
    beside: Map<String, Value>,
    cut: bool,
}

fn list(asked: &Asked<'_>, name: &str, error: &str) -> Result<Option<Vec<Value>>, Refused> {
    match asked.structure(name).map_err(|()| Refused::from(error))? {
        None => Ok(None),
        Some(Value::Array(all)) => Ok(Some(all)),
        Some(_) => Err(error.into()),
    }
}

fn content(asked: &Asked<'_>, longest: Option<usize>) -> Result<Content, Refused> {
    let blocks = list(asked, "blocks", "invalid_blocks_format")?;
    let attachments = list(asked, "attachments", "invalid_attachments")?;
    let markdown = asked.text("markdown_text");
    let mut text = asked.text("text").unwrap_or_default();
    if let Some(markdown) = &markdown {
        if !text.is_empty() || blocks.is_some() {
            return Err("markdown_text_conflict".into());
        }
        if markdown.chars().count() > LONGEST_MARKDOWN {
            return Err("msg_too_long".into());
        }
        text.clone_from(markdown);
    }
    let some = |all: &Option<Vec<Value>>| all.as_ref().is_some_and(|all| !all.is_empty());
    if text.trim().is_empty() && !some(&blocks) && !some(&attachments) {
        return Err("no_text".into());
    }
    if attachments
        .as_ref()
        .is_some_and(|all| all.len() > MOST_ATTACHMENTS)
    {
        return Err("too_many_attachments".into());
    }
    if let Some(blocks) = &blocks {
        let wrong = blocks::wrong(blocks, Place::Message);
        if !wrong.is_empty() {
            return Err(Refused::because("invalid_blocks", &wrong));
        }
    }
    for attachment in attachments.iter().flatten() {
        let inside = attachment["blocks"].as_array();
        let wrong = inside
            .map(|all| blocks::wrong(all, Place::Message))
            .unwrap_or_default();
        if !wrong.is_empty() {
            return Err(Refused::because("invalid_blocks", &wrong));
        }
    }
    let length = text.chars().count();
    if markdown.is_none() && longest.is_some_and(|longest| length > longest) {
        return Err("msg_too_long".into());
    }
    let cut = length > LONGEST;
    if cut {
        text = text.chars().take(LONGEST).collect();
    }
    let mut beside = Map::new();
    if let Some(metadata) = asked
        .structure("metadata")
        .map_err(|()| Refused::from("invalid_metadata_format"))?
    {
        if metadata.to_string().len() > LARGEST_METADATA {
            return Err("metadata_too_large".into());
        }
        beside.insert("metadata".into(), metadata);
    }
    Ok(Content {
        text,
        blocks,
        attachments,
        beside,
        cut,
    })
}

/// The channel a caller may post in: by id, by name, or the direct messages with a user.
fn place(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Result<String, Refused> {
    let wanted = asked
        .text("channel")
        .ok_or(Refused::from("channel_not_found"))?;
    if slack.users.contains_key(&wanted) {
        let user = &slack.users[&wanted];
        let app = &slack.apps[&caller.app];
        if user.deleted || user.team != caller.team || user.is_bot() {
            return Err("channel_not_found".into());
        }
        if caller.kind == TokenKind::Bot && !app.messages_tab {
            return Err("messages_tab_disabled".into());
        }
        return Ok(slack.direct(&caller.team, &[caller.user.clone(), wanted]).0);
    }
    let name = wanted.strip_prefix('#').unwrap_or(&wanted);
    let mut all = slack.channels.values();
    let found = all.find(|its| its.id == wanted || its.name == name && its.in_team(&caller.team));
    let id = found
        .map(|its| its.id.clone())
        .ok_or(Refused::from("channel_not_found"))?;
    let channel = slack.seen(caller, &id)?;
    if channel.kind == Kind::Im
        && caller.kind == TokenKind::Bot
        && !slack.apps[&caller.app].messages_tab
    {
        return Err("messages_tab_disabled".into());
    }
    if channel.archived {
        return Err("is_archived".into());
    }
    let there = channel.members.contains(&caller.user);
    if !there && !caller.scopes.contains("chat:write.public") {
        return Err("not_in_channel".into());
    }
    let admin = slack
        .users
        .get(&caller.user)
        .is_some_and(super::people::User::admin);
    if channel.read_only && !admin {
        return Err("restricted_action_read_only_channel".into());
    }
    if channel.thread_only && asked.text("thread_ts").is_none() {
        return Err("restricted_action_thread_only_channel".into());
    }
    Ok(id)
}

/// A message that is not in a channel yet.
fn message(
    slack: &Slack,
    caller: &Caller,
    asked: &Asked<'_>,
    channel: &str,
    content: Content,
) -> Result<Message, Refused> {
    let thread = asked.text("thread_ts");
    if let Some(thread) = &thread {
        let parent = slack.channels[channel].messages.get(thread);
        let parent = parent.ok_or(Refused::from("thread_not_found"))?;
        if parent.thread.as_ref().is_some_and(|its| its != thread) {
            return Err("cannot_reply_to_message".into());
        }
    }
    let mut message = Message {
        user: caller.user.clone(),
        bot: caller.bot.clone().map(|bot| (bot, caller.app.clone())),
        team: caller.team.clone(),
        text: content.text,
        blocks: content.blocks.unwrap_or_default(),
        attachments: content.attachments.unwrap_or_default(),
        broadcast: thread.is_some() && asked.yes("reply_broadcast"),
        thread,
        beside: content.beside,
        ..Message::default()
    };
    for name in ["username", "icon_emoji", "icon_url"] {
        if let Some(value) = asked.text(name) {
            caller.may("chat:write.customize")?;
            message.subtype = Some("bot_message");
            let name = name.strip_prefix("icon_").map_or("username", |_| "icons");
            let value = match name {
                "icons" => json!({"emoji": value}),
                _ => json!(value),
            };
            message.beside.insert(name.into(), value);
        }
    }
    Ok(message)
}

fn post(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let channel = place(slack, caller, asked)?;
    let content = content(asked, None)?;
    let cut = content.cut;
    let message = message(slack, caller, asked, &channel, content)?;
    let ts = slack.post(&channel, message);
    let message = slack.whole(&channel, &slack.channels[&channel].messages[&ts]);
    let mut value = json!({"channel": channel, "ts": ts, "message": message});
    if cut {
        warn(&mut value, "message_truncated");
    }
    Ok(value)
}

/// The message that a caller may change, and where it is.
fn own(
    slack: &Slack,
    caller: &Caller,
    asked: &Asked<'_>,
    error: &str,
) -> Result<(String, Message), Refused> {
    let channel = asked
        .text("channel")
        .ok_or(Refused::from("channel_not_found"))?;
    let ts = asked.needed("ts")?;
    let found = slack.seen(caller, &channel)?.messages.get(&ts);
    let message = found.ok_or(Refused::from("message_not_found"))?;
    if message.user != caller.user || message.subtype == Some("tombstone") {
        return Err(error.into());
    }
    Ok((channel, message.clone()))
}

fn update(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let (channel, old) = own(slack, caller, asked, "cant_update_message")?;
    if slack.channels[&channel].archived {
        return Err("is_inactive".into());
    }
    let written = old
        .ts
        .split('.')
        .next()
        .and_then(|at| at.parse::<i64>().ok())
        .unwrap_or(0);
    if slack
        .rules
        .edit_window
        .is_some_and(|window| slack.now() - written > window)
    {
        return Err("edit_window_closed".into());
    }
    let new = content(asked, Some(LONGEST_UPDATE))?;
    let broadcast = asked.yes("reply_broadcast");
    slack.edit(&channel, &old.ts, |message| {
        message.text = new.text;
        if let Some(blocks) = new.blocks {
            message.blocks = blocks;
        }
        if let Some(attachments) = new.attachments {
            message.attachments = attachments;
        }
        message.broadcast |= broadcast && message.thread.is_some();
        message.beside.extend(new.beside);
    });
    let message = &slack.channels[&channel].messages[&old.ts];
    let all = slack.whole(&channel, message);
    Ok(json!({"channel": channel, "ts": old.ts, "text": message.text, "message": all}))
}

fn delete(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let (channel, old) = own(slack, caller, asked, "cant_delete_message")?;
    slack.remove(&channel, &old.ts);
    Ok(json!({"channel": channel, "ts": old.ts}))
}

fn whisper(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let to = asked.needed("user")?;
    let channel = place(slack, caller, asked)?;
    if !slack.channels[&channel].members.contains(&caller.user) {
        return Err("not_in_channel".into());
    }
    if !slack.channels[&channel].members.contains(&to) {
        return Err("user_not_in_channel".into());
    }
    let content = content(asked, Some(LONGEST))?;
    let message = message(slack, caller, asked, &channel, content)?;
    let ts = slack.whisper(&channel, &to, message);
    Ok(json!({"message_ts": ts}))
}

fn schedule(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let at = asked
        .number("post_at")
        .ok_or_else(|| Refused::missing("post_at"))?;
    let at = at.map_err(|()| Refused::from("invalid_time"))?;
    let now = slack.now();
    if at <= now {
        return Err("time_in_past".into());
    }
    if at > now + FARTHEST {
        return Err("time_too_far".into());
    }
    let channel = place(slack, caller, asked)?;
    let near = slack.scheduled.values();
    let near = near.filter(|its| its.channel == channel && (its.at - at).abs() < 300);
    if near.count() >= MOST_SCHEDULED {
        return Err("restricted_too_many".into());
    }
    let content = content(asked, None)?;
    let message = message(slack, caller, asked, &channel, content)?;
    let id = slack.id("Q");
    let value = json!({
        "channel": channel, "scheduled_message_id": id, "post_at": at, "message": message.json(),
    });
    let scheduled = Scheduled {
        channel,
        at,
        made: now,
        message,
    };
    slack.scheduled.insert(id, scheduled);
    Ok(value)
}

fn unschedule(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let channel = asked.needed("channel")?;
    let id = asked.needed("scheduled_message_id")?;
    slack.seen(caller, &channel)?;
    let its = slack.scheduled.get(&id);
    let own = its.is_some_and(|its| its.channel == channel && its.message.user == caller.user);
    if !own {
        return Err("invalid_scheduled_message_id".into());
    }
    slack.scheduled.remove(&id);
    Ok(json!({}))
}

fn scheduled(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let wanted = asked.text("channel");
    let all = slack.scheduled.iter().filter(|(_, its)| {
        its.message.user == caller.user && wanted.as_ref().is_none_or(|id| *id == its.channel)
    });
    let all = all.map(|(id, its)| {
        json!({"id": id, "channel_id": its.channel, "post_at": its.at, "date_created": its.made, "text": its.message.text})
    });
    let (items, next) = super::api::page(asked, all.collect(), 100)?;
    Ok(json!({"scheduled_messages": items, "response_metadata": {"next_cursor": next}}))
}

fn permalink(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let channel = asked.needed("channel")?;
    let ts = asked.needed("message_ts")?;
    let message = slack.seen(caller, &channel)?.messages.get(&ts);
    let message = message.ok_or(Refused::from("message_not_found"))?;
    let domain = &slack.teams[&caller.team].domain;
    let thread = message.thread.as_ref().filter(|its| **its != ts);
    let thread = thread.map(|its| format!("?thread_ts={its}&cid={channel}"));
    let link = format!(
        "https://{domain}.slack.com/archives/{channel}/p{}{}",
        ts.replace('.', ""),
        thread.unwrap_or_default()
    );
    Ok(json!({"channel": channel, "permalink": link}))
}

fn unfurl(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let both = asked.text("unfurl_id").and_then(|id| {
        let (channel, ts) = id.split_once('.')?;
        Some((channel.to_string(), ts.to_string()))
    });
    let (channel, ts) = match both {
        Some(both) => both,
        None => (asked.needed("channel")?, asked.needed("ts")?),
    };
    let unfurls = asked
        .structure("unfurls")
        .map_err(|()| Refused::from("invalid_unfurls_format"))?;
    let unfurls = unfurls.ok_or_else(|| Refused::missing("unfurls"))?;
    let unfurls = unfurls
        .as_object()
        .cloned()
        .ok_or(Refused::from("invalid_unfurls_format"))?;
    let message = slack.seen(caller, &channel)?.messages.get(&ts);
    let message = message.ok_or(Refused::from("cannot_find_message"))?;
    if unfurls
        .keys()
        .any(|link| !message.text.contains(link.as_str()))
    {
        return Err("cannot_unfurl_url".into());
    }
    let attachments = unfurls.into_iter().map(|(link, mut its)| {
        its["from_url"] = json!(link);
        its
    });
    let attachments: Vec<Value> = attachments.collect();
    slack.edit(&channel, &ts, |message| {
        message.attachments.extend(attachments)
    });
    Ok(json!({}))
}
