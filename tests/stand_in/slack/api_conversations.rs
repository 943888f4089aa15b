//! `conversations.…`: which channels there are, who is in them, what was said.

use serde_json::{Value, json};

use super::api::{Caller, page, warn};
use super::asked::Asked;
use super::channels::{Channel, Kind};
use super::refused::{Done, Refused};
use super::state::Slack;

pub fn call(slack: &mut Slack, name: &str, caller: &Caller, asked: &Asked<'_>) -> Done {
    match name {
        "conversations.list" => list(slack, caller, asked, false),
        "conversations.info" => about(slack, caller, asked),
        "conversations.members" => members(slack, caller, asked),
        "conversations.history" => history(slack, caller, asked),
        "conversations.replies" => replies(slack, caller, asked),
        "conversations.join" => join(slack, caller, asked),
        "conversations.open" => open(slack, caller, asked),
        "conversations.create" => create(slack, caller, asked),
        _ => change(slack, name, caller, asked),
    }
}

/// The channels of some kinds; with `own` only those that somebody is in.
pub fn list(slack: &Slack, caller: &Caller, asked: &Asked<'_>, own: bool) -> Done {
    let types = asked.text("types").unwrap_or("public_channel".into());
    let kinds = types.split(',').map(|name| {
        let all = [Kind::Public, Kind::Private, Kind::Im, Kind::Mpim];
        let found = all.into_iter().find(|kind| kind.listed() == name.trim());
        found.ok_or(Refused::from("invalid_types"))
    });
    let kinds: Vec<Kind> = kinds.collect::<Result<_, _>>()?;
    for kind in &kinds {
        caller.may(&format!("{}:read", kind.scope()))?;
    }
    let user = asked
        .text("user")
        .filter(|_| own)
        .unwrap_or(caller.user.clone());
    if !slack.users.contains_key(&user) {
        return Err("user_not_found".into());
    }
    let archived = !asked.yes("exclude_archived");
    let all = slack.channels.values().filter(|its| {
        kinds.contains(&its.kind)
            && slack.seen(caller, &its.id).is_ok()
            && (archived || !its.archived)
            && (!own || its.members.contains(&user))
    });
    let all = all.map(|its| {
        let mut all = its.json(&caller.user);
        if !own && its.kind != Kind::Im {
            all["num_members"] = json!(its.members.len());
        }
        all
    });
    let (items, next) = page(asked, all.collect(), 100)?;
    Ok(json!({"channels": items, "response_metadata": {"next_cursor": next}}))
}

fn named(asked: &Asked<'_>) -> Result<String, Refused> {
    asked.needed("channel")
}

fn about(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let channel = slack.seen_with(caller, &named(asked)?, "read")?;
    let mut all = channel.json(&caller.user);
    if asked.yes("include_num_members") {
        all["num_members"] = json!(channel.members.len());
    }
    if asked.yes("include_locale") {
        all["locale"] = json!("en-GB");
    }
    Ok(json!({"channel": all}))
}

fn members(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let channel = slack.seen_with(caller, &named(asked)?, "read")?;
    let all = channel.members.iter().cloned().collect();
    let (items, next) = page(asked, all, 100)?;
    Ok(json!({"members": items, "response_metadata": {"next_cursor": next}}))
}

/// The channel whose messages a caller reads.
fn read<'a>(slack: &'a Slack, caller: &Caller, asked: &Asked<'_>) -> Result<&'a Channel, Refused> {
    let channel = slack.seen_with(caller, &named(asked)?, "history")?;
    match channel.members.contains(&caller.user) {
        true => Ok(channel),
        false => Err("not_in_channel".into()),
    }
}

/// Whether a `ts` lies between `oldest` and `latest`.
fn within(asked: &Asked<'_>, ts: &str) -> bool {
    let edge = asked.yes("inclusive");
    // Both have ten digits, a point and six digits; a shorter one is filled up.
    let full = |text: String| match text.split_once('.') {
        Some((whole, rest)) => format!("{whole}.{rest:0<6}"),
        None => format!("{text}.000000"),
    };
    let after = asked.text("oldest").map(full);
    let before = asked.text("latest").map(full);
    after.is_none_or(|its| its == "0.000000" || ts > its.as_str() || edge && ts == its)
        && before.is_none_or(|its| ts < its.as_str() || edge && ts == its)
}

fn history(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let channel = read(slack, caller, asked)?;
    let all = channel.messages.values().rev().filter(|message| {
        let reply = message
            .thread
            .as_ref()
            .is_some_and(|its| *its != message.ts);
        (!reply || message.broadcast) && within(asked, &message.ts)
    });
    let all = all
        .map(|message| slack.whole(&channel.id, message))
        .collect();
    let (items, next): (Vec<Value>, String) = page(asked, all, 100)?;
    let mut value = json!({"messages": items, "has_more": !next.is_empty(), "pin_count": 0});
    value["response_metadata"] = json!({"next_cursor": next});
    Ok(value)
}

fn replies(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let channel = read(slack, caller, asked)?;
    let ts = asked.needed("ts")?;
    let parent = channel
        .messages
        .get(&ts)
        .ok_or(Refused::from("thread_not_found"))?;
    let parent = match &parent.thread {
        Some(thread) if *thread != ts => channel
            .messages
            .get(thread)
            .ok_or(Refused::from("thread_not_found"))?,
        _ => parent,
    };
    let replies = channel.replies(&parent.ts);
    let all = [parent]
        .into_iter()
        .chain(replies.into_iter().filter(|its| within(asked, &its.ts)));
    let all = all
        .map(|message| slack.whole(&channel.id, message))
        .collect();
    let (items, next): (Vec<Value>, String) = page(asked, all, 100)?;
    Ok(json!({
        "messages": items, "has_more": !next.is_empty(), "response_metadata": {"next_cursor": next},
    }))
}

fn join(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let id = named(asked)?;
    let channel = slack.seen(caller, &id)?;
    if channel.kind != Kind::Public {
        return Err("method_not_supported_for_channel_type".into());
    }
    if channel.archived {
        return Err("is_archived".into());
    }
    let already = channel.members.contains(&caller.user);
    slack.enter(&id, &caller.user, None);
    let mut value = json!({"channel": slack.channels[&id].json(&caller.user)});
    if already {
        warn(&mut value, "already_in_channel");
    }
    Ok(value)
}

fn open(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    if let Some(id) = asked.text("channel") {
        let channel = slack.seen(caller, &id)?;
        if channel.kind != Kind::Im && channel.kind != Kind::Mpim {
            return Err("channel_not_found".into());
        }
        let all = channel.json(&caller.user);
        return Ok(json!({"no_op": true, "already_open": true, "channel": all}));
    }
    let users = asked
        .text("users")
        .ok_or(Refused::from("users_list_not_supplied"))?;
    let mut members: Vec<String> = users.split(',').map(|id| id.trim().to_string()).collect();
    if members.len() > 8 {
        return Err("too_many_users".into());
    }
    caller.may(if members.len() > 1 {
        "mpim:write"
    } else {
        "im:write"
    })?;
    for id in &members {
        let user = slack.users.get(id).ok_or(Refused::from("user_not_found"))?;
        if user.deleted {
            return Err("user_disabled".into());
        }
        if user.is_bot() {
            return Err("cannot_dm_bot".into());
        }
    }
    members.push(caller.user.clone());
    let (id, before) = slack.direct(&caller.team, &members);
    let channel = match asked.yes("return_im") {
        true => slack.channels[&id].json(&caller.user),
        false => json!({"id": id}),
    };
    let mut value = json!({"channel": channel});
    if before {
        value["no_op"] = json!(true);
        value["already_open"] = json!(true);
    }
    Ok(value)
}

fn create(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let name = asked
        .text("name")
        .ok_or(Refused::from("invalid_name_required"))?;
    proper(slack, caller, &name)?;
    let kind = if asked.yes("is_private") {
        Kind::Private
    } else {
        Kind::Public
    };
    caller.may(if kind == Kind::Private {
        "groups:write"
    } else {
        "channels:manage"
    })?;
    let id = slack.channel(&caller.team, &name, kind, &caller.user);
    if kind == Kind::Public {
        let its = &slack.channels[&id];
        let channel =
            json!({"id": id, "name": name, "created": its.created, "creator": caller.user});
        let event = json!({"type": "channel_created", "channel": channel});
        slack.tell("channel_created", &caller.team, None, &event);
    }
    Ok(json!({"channel": slack.channels[&id].json(&caller.user)}))
}

/// Whether a channel can be called that.
fn proper(slack: &Slack, caller: &Caller, name: &str) -> Result<(), Refused> {
    if name.chars().count() > 80 {
        return Err("invalid_name_maxlength".into());
    }
    let fits = |sign: char| sign.is_alphanumeric() && !sign.is_uppercase() || "-_".contains(sign);
    if name.is_empty() || !name.chars().all(fits) {
        return Err("invalid_name_specials".into());
    }
    let mut all = slack.channels.values();
    match all.any(|its| its.name == name && its.team == caller.team) {
        true => Err("name_taken".into()),
        false => Ok(()),
    }
}

/// What members do with a channel.
fn change(slack: &mut Slack, name: &str, caller: &Caller, asked: &Asked<'_>) -> Done {
    let id = named(asked)?;
    let channel = slack.seen_with(caller, &id, "write")?;
    let (there, archived, general) = (
        channel.members.contains(&caller.user),
        channel.archived,
        channel.general,
    );
    if channel.kind == Kind::Im || channel.kind == Kind::Mpim {
        return Err("method_not_supported_for_channel_type".into());
    }
    if !there && name == "conversations.leave" {
        return Ok(json!({"not_in_channel": true}));
    }
    if !there {
        return Err("not_in_channel".into());
    }
    match (archived, name) {
        (true, "conversations.unarchive") => {}
        (true, "conversations.archive") => return Err("already_archived".into()),
        (true, _) => return Err("is_archived".into()),
        (false, "conversations.unarchive") => return Err("not_archived".into()),
        (false, _) => {}
    }
    let all = |slack: &Slack| json!({"channel": slack.channels[&id].json(&caller.user)});
    match name {
        "conversations.leave" if general => Err("cant_leave_general".into()),
        "conversations.leave" => {
            slack.leave(&id, &caller.user);
            Ok(json!({}))
        }
        "conversations.archive" if general => Err("cant_archive_general".into()),
        "conversations.archive" | "conversations.unarchive" => {
            slack.archive(&id, !archived, &caller.user);
            Ok(json!({}))
        }
        "conversations.rename" => {
            let wanted = asked
                .text("name")
                .ok_or(Refused::from("invalid_name_required"))?;
            proper(slack, caller, &wanted)?;
            slack.rename(&id, &wanted, &caller.user);
            Ok(all(slack))
        }
        "conversations.invite" => {
            let users = asked.needed("users")?;
            for user in users.split(',') {
                if !slack.users.contains_key(user) {
                    return Err("user_not_found".into());
                }
                if user == caller.user {
                    return Err("cant_invite_self".into());
                }
                if slack.channels[&id].members.contains(user) {
                    return Err("already_in_channel".into());
                }
                slack.enter(&id, user, Some(&caller.user));
            }
            Ok(all(slack))
        }
        "conversations.kick" => {
            let user = asked.needed("user")?;
            if user == caller.user {
                return Err("cant_kick_self".into());
            }
            if !slack.channels[&id].members.contains(&user) {
                return Err("not_in_channel".into());
            }
            slack.leave(&id, &user);
            Ok(json!({}))
        }
        "conversations.setTopic" | "conversations.setPurpose" => {
            let topic = name == "conversations.setTopic";
            let text = asked
                .text(if topic { "topic" } else { "purpose" })
                .unwrap_or_default();
            if text.chars().count() > 250 {
                return Err("too_long".into());
            }
            if let Some(channel) = slack.channels.get_mut(&id) {
                if topic {
                    channel.topic.clone_from(&text);
                } else {
                    channel.purpose.clone_from(&text);
                }
            }
            let subtype = if topic {
                "channel_topic"
            } else {
                "channel_purpose"
            };
            slack.service_line(&id, &caller.user, subtype, &format!("set it: {text}"));
            Ok(all(slack))
        }
        _ => Err("unknown_method".into()),
    }
}

impl Slack {
    /// Archives a channel, or takes it out of the archive.
    pub fn archive(&mut self, id: &str, archived: bool, user: &str) {
        let what = if archived { "archive" } else { "unarchive" };
        let line = if archived {
            "channel_archive"
        } else {
            "channel_unarchive"
        };
        self.service_line(id, user, line, &format!("{what}d the channel"));
        if let Some(channel) = self.channels.get_mut(id) {
            channel.archived = archived;
        }
        self.tell_channel(what, id, user);
    }

    pub fn rename(&mut self, id: &str, name: &str, user: &str) {
        if let Some(channel) = self.channels.get_mut(id) {
            channel.name = name.into();
        }
        self.service_line(
            id,
            user,
            "channel_name",
            &format!("renamed the channel to {name}"),
        );
        self.tell_channel("rename", id, user);
    }
}
