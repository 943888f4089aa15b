//! What people see, and all there is.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::channels::{Channel, Kind};
use super::control;
use super::messages::Message;
use super::refused::Refused;
use super::server::Shared;
use super::state::Slack;
use super::values;
use super::wish::Wish;
use super::world::World;

/// Seconds that somebody waits for something to see.
const PATIENCE: i64 = 30;

/// What somebody sees: the channels, a channel or a thread with what only this person sees, the open views.
///
/// # Errors
/// `user_not_found`, `channel_not_found`: also for a private channel that this person is not in.
pub fn sees(slack: &Slack, app: &str, wish: &Wish<'_>) -> Result<Value, Refused> {
    let user = wish.person(slack, app, "user")?;
    let mut all = json!({"views": views(slack, &user)});
    if wish.text("channel").is_some() {
        let id = wish.channel(slack)?;
        let channel = visible(slack, &user, &id).ok_or(Refused::from("channel_not_found"))?;
        let messages = messages(slack, channel, &user, wish.text("thread_ts"));
        let messages = messages.into_iter();
        let messages = messages.map(|(its, quiet)| slack.message_shown(&id, its, quiet));
        all["messages"] = json!(messages.collect::<Vec<_>>());
        return Ok(all);
    }
    let channels = slack.channels.values();
    let channels = channels
        .filter(|its| its.members.contains(&user))
        .map(|its| {
            json!({
                "id": its.id, "name": its.name, "kind": its.kind.listed(), "archived": its.archived,
                "topic": its.topic, "members": its.members,
                "last": its.messages.keys().next_back(),
            })
        });
    all["channels"] = json!(channels.collect::<Vec<_>>());
    Ok(all)
}

/// A channel that somebody can look into: public, or with this person in it.
fn visible<'a>(slack: &'a Slack, user: &str, id: &str) -> Option<&'a Channel> {
    let team = &slack.users.get(user)?.team;
    let channel = slack.channels.get(id)?;
    let open = channel.kind == Kind::Public && channel.in_team(team);
    (open || channel.members.contains(user)).then_some(channel)
}

/// The messages that somebody sees in a channel or in one of its threads, the oldest first; with whether nobody else does.
fn messages<'a>(
    slack: &'a Slack,
    channel: &'a Channel,
    user: &str,
    thread: Option<&str>,
) -> Vec<(&'a Message, bool)> {
    let whispered = slack.ephemerals.iter();
    let whispered = whispered
        .filter(|its| its.channel == channel.id && its.to == user)
        .map(|its| (&its.message, true));
    let all = channel.messages.values().map(|its| (its, false));
    let mut all: Vec<_> = all
        .chain(whispered)
        .filter(|(its, _)| match (thread, &its.thread) {
            (Some(thread), its_thread) => its.ts == thread || its_thread.as_deref() == Some(thread),
            // A quiet reply is seen in its thread only.
            (None, Some(parent)) => *parent == its.ts || its.broadcast,
            (None, None) => true,
        })
        .collect();
    all.sort_by(|one, other| one.0.ts.cmp(&other.0.ts));
    all
}

/// The modals and the home tab that somebody has open, the lowest first.
fn views(slack: &Slack, user: &str) -> Vec<Value> {
    let all = slack.views.values().filter(|view| view.user == user);
    let all = all.map(|view| {
        let blocks = view.blocks();
        let held = values::state(&blocks, &view.values);
        let mut controls = slack.controls_shown(&blocks);
        for control in &mut controls {
            let [block, action] = ["block_id", "action_id"].map(|name| values::text(&control[name]));
            let its = held.get(&block).map(|its| its[&action].clone());
            if let Some(Value::Object(its)) = its {
                let bare = its.into_iter().find(|(name, _)| name != "type");
                control["holds"] = bare.map(|(_, its)| its).unwrap_or_default();
            }
            if let Some(error) = view.errors.get(&block) {
                control["error"] = error.clone();
            }
        }
        json!({
            "id": view.id, "app": view.app, "type": view.body["type"], "title": view.body["title"]["text"],
            "submit": view.body["submit"]["text"], "close": view.body["close"]["text"],
            "callback_id": view.body["callback_id"], "text": slack.blocks_shown(&blocks),
            "controls": controls, "error": view.errors.get(""),
        })
    });
    all.collect()
}

/// Waits until somebody sees a message: with a part of its text, of somebody, after a `ts`, in a thread.
pub async fn wait(shared: &Shared, app: &str, wish: &Wish<'_>) -> Result<Value, Refused> {
    let end = shared.clock.now() + TimeDelta::seconds(wish.number("seconds", PATIENCE));
    let mut changed = shared.changed.subscribe();
    loop {
        {
            let slack = &shared.world().slack;
            let (user, id) = (wish.person(slack, app, "user")?, wish.channel(slack)?);
            let from = wish.text("from");
            let from = from.map(|_| wish.person(slack, app, "from")).transpose()?;
            let channel = visible(slack, &user, &id).ok_or(Refused::from("channel_not_found"))?;
            let all = messages(slack, channel, &user, wish.text("thread_ts")).into_iter();
            let mut all = all.filter(|(its, quiet)| {
                from.as_ref().is_none_or(|from| *from == its.user)
                    && wish
                        .text("since")
                        .is_none_or(|since| its.ts.as_str() > since)
                    && wish.0["ephemeral"]
                        .as_bool()
                        .is_none_or(|its| its == *quiet)
            });
            let found = all.find_map(|(its, quiet)| {
                let shown = slack.message_shown(&id, its, quiet);
                let text = shown["text"].as_str().unwrap_or_default();
                let fits = wish.text("contains").is_none_or(|part| text.contains(part));
                fits.then_some(shown)
            });
            if found.is_some() || shared.clock.now() >= end {
                return Ok(json!({"found": found.is_some(), "message": found}));
            }
        }
        tokio::select! {
            _ = changed.changed() => {}
            () = shared.clock.until(end) => {}
        }
    }
}

/// All that a test may want to look at.
pub fn state(world: &World, app: &str) -> Value {
    let slack = &world.slack;
    let channels = slack.channels.values().map(|channel| {
        let messages = channel.messages.values().map(|its| slack.whole(&channel.id, its));
        let all = json!({
            "id": channel.id, "name": channel.name, "kind": channel.kind.listed(), "members": channel.members,
            "archived": channel.archived, "messages": messages.collect::<Vec<_>>(),
        });
        (channel.id.clone(), all)
    });
    let whispers = slack.ephemerals.iter();
    let whispers = whispers
        .map(|its| json!({"channel": its.channel, "user": its.to, "message": its.message.json()}));
    let views = slack.views.values().map(|view| {
        json!({"id": view.id, "user": view.user, "view": slack.view_json(&view.id), "errors": view.errors})
    });
    let requests = world.requests.iter().rev().take(1000);
    let requests = requests
        .map(|its| json!({"path": its.path, "status": its.status, "args": its.args, "at": its.at}));
    json!({
        "channels": channels.collect::<Map<_, _>>(), "ephemerals": whispers.collect::<Vec<_>>(),
        "views": views.collect::<Vec<_>>(), "deliveries": slack.deliveries.values().map(control::told).collect::<Vec<_>>(),
        "sockets": world.live(app).len(), "opened": world.opened, "requests": requests.collect::<Vec<_>>(), "now": slack.now(),
    })
}
