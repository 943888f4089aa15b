//! `conversations.…`: which channels there are, who is in them, what was said; coming in.

use serde_json::{Value, json};

use super::api::{Caller, warn};
use super::api_channels;
use super::asked::Asked;
use super::channels::{Channel, Kind};
use super::pages::{Keys, page};
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
        "conversations.create" => api_channels::create(slack, caller, asked),
        _ => api_channels::change(slack, name, caller, asked),
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
        (its.id.clone(), all)
    });
    let (items, next) = page(asked, all, Keys::Rising, 100)?;
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
    let all = channel.members.iter().map(|id| (id.clone(), id));
    let (items, next) = page(asked, all, Keys::Rising, 100)?;
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
    let all = all.map(|message| (message.ts.clone(), message));
    let (items, next) = page(asked, all, Keys::Falling, 100)?;
    let items = items.iter().map(|its| slack.whole(&channel.id, its));
    let items: Vec<Value> = items.collect();
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
    let all = all.map(|message| (message.ts.clone(), message));
    let (items, next) = page(asked, all, Keys::Rising, 100)?;
    let items = items.iter().map(|its| slack.whole(&channel.id, its));
    let items: Vec<Value> = items.collect();
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
