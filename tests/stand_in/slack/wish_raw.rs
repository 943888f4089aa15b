//! Wishes to deliver something as it is given, with what is missing of the envelope.

use serde_json::{Value, json};

use super::control::Next;
use super::delivery::{After, Envelope};
use super::refused::Refused;
use super::state::Slack;
use super::wish::Wish;

/// Puts it on the way.
///
/// # Errors
/// `not_installed`, or that there is no payload.
pub fn deliver(slack: &mut Slack, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let mut payload = wish.0["payload"].clone();
    if !payload.is_object() {
        return Err(Refused::missing("payload"));
    }
    let install = slack.apps[app].installs.values().next().cloned();
    let install = install.ok_or(Refused::from("not_installed"))?;
    let own = ["app_rate_limited", "url_verification"].map(|its| payload["type"] == its);
    if kind == "events_api" && own.contains(&true) {
        let id = slack.deliver(app, Envelope::Events, payload, false, After::Nothing);
        return Ok(Next::Wait(id));
    }
    if kind == "events_api" {
        let event = match payload.get("event") {
            Some(event) => event.clone(),
            None => std::mem::take(&mut payload),
        };
        let mut outer = slack.outer(app, (&install.team, &install.user), false, event);
        if let (Value::Object(all), Value::Object(given)) = (&mut outer, payload) {
            all.extend(given);
        }
        let accepts = wish.yes("accepts_response_payload", false);
        let id = slack.deliver(app, Envelope::Events, outer, accepts, After::Nothing);
        return Ok(Next::Wait(id));
    }
    let command = kind == "slash_commands";
    let at = |slack: &Slack, flat: &str, deep: &str| {
        let found = if command {
            &payload[flat]
        } else {
            &payload[deep]["id"]
        };
        found
            .as_str()
            .map(String::from)
            .filter(|id| slack.users.contains_key(id) || slack.channels.contains_key(id))
    };
    let (user, channel) = (
        at(slack, "user_id", "user"),
        at(slack, "channel_id", "channel"),
    );
    let team = install.team.clone();
    if payload.get("trigger_id").is_none() {
        let user = user.clone().unwrap_or_default();
        let view = payload["view"]["id"].as_str().map(String::from);
        payload["trigger_id"] = json!(slack.trigger(app, &team, &user, view));
    }
    let mut after = match payload["view"]["id"].as_str() {
        Some(view) if payload["type"] == "view_submission" => {
            After::Submitted { view: view.into() }
        }
        _ => After::Nothing,
    };
    if let (None, Some(user), Some(channel)) = (payload.get("response_url"), user, channel) {
        let source = payload["container"]["message_ts"]
            .as_str()
            .map(String::from);
        let hook = slack.hook(app, (&team, &channel, &user), source.as_deref(), None);
        payload["response_url"] = json!(slack.hook_url(&hook));
        if command {
            after = After::Answer { hook };
        }
    }
    for (name, value) in [("api_app_id", app), ("token", "ignore")] {
        if payload.get(name).is_none() {
            payload[name] = json!(value);
        }
    }
    let submission = ["view_submission", "block_suggestion"].map(|its| payload["type"] == its);
    let accepts = wish.yes(
        "accepts_response_payload",
        command || submission.contains(&true),
    );
    let envelope = if command {
        Envelope::Commands
    } else {
        Envelope::Interactive
    };
    Ok(Next::Wait(
        slack.deliver(app, envelope, payload, accepts, after),
    ))
}
