//! `chat.…`: posting, editing, deleting, whispering.

use serde_json::json;

use super::api::{Caller, warn};
use super::api_scheduled;
use super::apps::TokenKind;
use super::asked::Asked;
use super::channels::Kind;
use super::content::{Content, LONGEST, content};
use super::messages::Message;
use super::refused::{Done, Refused};
use super::state::Slack;
use super::unfurls;

/// Characters of a text that `chat.update` takes.
const LONGEST_UPDATE: usize = 4_000;

pub fn call(slack: &mut Slack, name: &str, caller: &Caller, asked: &Asked<'_>) -> Done {
    match name {
        "chat.postMessage" => post(slack, caller, asked),
        "chat.update" => update(slack, caller, asked),
        "chat.delete" => delete(slack, caller, asked),
        "chat.postEphemeral" => whisper(slack, caller, asked),
        "chat.scheduleMessage" => api_scheduled::add(slack, caller, asked),
        "chat.deleteScheduledMessage" => api_scheduled::remove(slack, caller, asked),
        "chat.scheduledMessages.list" => api_scheduled::list(slack, caller, asked),
        "chat.getPermalink" => permalink(slack, caller, asked),
        "chat.unfurl" => unfurls::by_app(slack, caller, asked),
        _ => Err("unknown_method".into()),
    }
}

/// The channel a caller may post in: by id, by name, or the direct messages with a user.
pub fn place(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Result<String, Refused> {
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
pub fn message(
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
        unfurls: content.unfurls,
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
