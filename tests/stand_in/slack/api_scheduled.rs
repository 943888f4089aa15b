//! `chat.scheduleMessage` and its like: messages for later.

use serde_json::json;

use super::api::Caller;
use super::api_chat::{message, place};
use super::asked::Asked;
use super::content::content;
use super::messages::Scheduled;
use super::pages::{Keys, page};
use super::refused::{Done, Refused};
use super::state::Slack;

/// Seconds ahead that a message can be scheduled, and how many in five minutes of a channel.
const FARTHEST: i64 = 120 * 86_400;
const MOST_SCHEDULED: usize = 30;

pub fn add(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
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

pub fn remove(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
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

pub fn list(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let wanted = asked.text("channel");
    let all = slack.scheduled.iter().filter(|(_, its)| {
        its.message.user == caller.user && wanted.as_ref().is_none_or(|id| *id == its.channel)
    });
    let all = all.map(|(id, its)| {
        let all = json!({
            "id": id, "channel_id": its.channel, "post_at": its.at, "date_created": its.made,
            "text": its.message.text,
        });
        (id.clone(), all)
    });
    let (items, next) = page(asked, all, Keys::Rising, 100)?;
    Ok(json!({"scheduled_messages": items, "response_metadata": {"next_cursor": next}}))
}
