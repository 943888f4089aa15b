//! What programs do to a stand-in: act as people, deliver anything, make things go wrong.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::apps::Hears;
use super::channels::Kind;
use super::delivery::{After, Delivery, Envelope, Stage};
use super::faults::{Fault, Faults, How};
use super::limits::Rates;
use super::outward;
use super::people::Standing;
use super::refused::Refused;
use super::server::{Shared, World};
use super::socket::Order;
use super::state::Slack;

/// What it comes to.
pub enum Next {
    Value(Value),
    /// An acknowledgement of this delivery is awaited.
    Wait(u64),
}

/// Seconds until a program hears that nobody acknowledged.
const PATIENCE: i64 = 5;

/// The fields of a wish.
struct Wish<'a>(&'a Value);

impl Wish<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0[name].as_str().filter(|text| !text.is_empty())
    }

    fn needed(&self, name: &str) -> Result<&str, Refused> {
        self.text(name).ok_or_else(|| Refused::missing(name))
    }

    fn number(&self, name: &str, usual: i64) -> i64 {
        self.0[name].as_i64().unwrap_or(usual)
    }

    fn yes(&self, name: &str, usual: bool) -> bool {
        self.0[name].as_bool().unwrap_or(usual)
    }
}

/// Does what `body` says.
///
/// # Errors
/// A code and what is missing.
pub async fn act(shared: &Arc<Shared>, body: &Value) -> Result<Next, Refused> {
    let wish = Wish(body);
    let kind = wish.needed("type")?.to_string();
    if let Some(done) = outside(shared, &kind, &wish).await {
        return done;
    }
    let mut world = shared.world();
    let app = match wish.text("app") {
        Some(app) => Some(app.to_string()),
        None => world.slack.apps.keys().next().cloned(),
    };
    let app = app
        .filter(|app| world.slack.apps.contains_key(app))
        .ok_or(Refused::from("no_app"))?;
    let done = match kind.as_str() {
        "events_api" | "slash_commands" | "interactive" => {
            deliver(&mut world.slack, &app, &kind, &wish)
        }
        _ => match person(&mut world.slack, &app, &kind, &wish) {
            Some(done) => done,
            None => match place(&mut world.slack, &app, &kind, &wish) {
                Some(done) => done,
                None => fault(&mut world, &app, &kind, &wish),
            },
        },
    };
    drop(world);
    shared.tell();
    done
}

/// What needs the wire or the clock.
async fn outside(shared: &Shared, kind: &str, wish: &Wish<'_>) -> Option<Result<Next, Refused>> {
    match kind {
        "advance" => {
            let to = shared.clock.now() + TimeDelta::seconds(wish.number("seconds", 1));
            shared.clock.advance_to(to);
            Some(Ok(Next::Value(json!({"now": to.timestamp()}))))
        }
        "verify" | "ssl_check" => {
            let url = wish.text("url").unwrap_or_default().to_string();
            let (secret, now) = {
                let world = shared.world();
                let secret = world
                    .slack
                    .apps
                    .values()
                    .next()
                    .map(|app| app.secret.clone());
                (secret.unwrap_or_default(), world.slack.now())
            };
            let done = match kind {
                "verify" => outward::verify(&url, &secret, now)
                    .await
                    .map(|()| json!({})),
                _ => outward::ssl_check(&url, &secret, now)
                    .await
                    .map(|status| json!({"status": status})),
            };
            Some(
                done.map(Next::Value)
                    .map_err(|why| Refused::from(why.as_str())),
            )
        }
        _ => None,
    }
}

/// Something as it is given, with what is missing of the envelope.
fn deliver(slack: &mut Slack, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let mut payload = wish.0["payload"].clone();
    if !payload.is_object() {
        return Err(Refused::missing("payload"));
    }
    let install = slack.apps[app].installs.values().next().cloned();
    let install = install.ok_or(Refused::from("not_installed"))?;
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

/// What people do.
fn person(
    slack: &mut Slack,
    app: &str,
    kind: &str,
    wish: &Wish<'_>,
) -> Option<Result<Next, Refused>> {
    let mut done = || -> Result<Option<Next>, Refused> {
        let chosen = &wish.0["value"];
        let none = Map::new();
        let next = match kind {
            "say" => {
                let text = wish.needed("text")?;
                let ts = slack.say(
                    wish.needed("channel")?,
                    wish.needed("user")?,
                    text,
                    wish.text("thread_ts"),
                )?;
                Next::Value(json!({"ts": ts}))
            }
            "edit" | "delete" => {
                let (channel, ts) = (wish.needed("channel")?, wish.needed("ts")?);
                let its = slack
                    .channels
                    .get(channel)
                    .ok_or(Refused::from("channel_not_found"))?;
                its.messages
                    .get(ts)
                    .ok_or(Refused::from("message_not_found"))?;
                match kind {
                    "delete" => slack.remove(channel, ts),
                    _ => {
                        let text = wish.needed("text")?;
                        slack.edit(channel, ts, |message| message.text = text.into());
                    }
                }
                Next::Value(json!({}))
            }
            "react" | "unreact" => {
                let (channel, ts) = (wish.needed("channel")?, wish.needed("ts")?);
                let (name, user) = (wish.needed("name")?, wish.needed("user")?);
                match kind {
                    "react" => slack.react(channel, ts, name, user)?,
                    _ => slack.unreact(channel, ts, name, user)?,
                }
                Next::Value(json!({}))
            }
            "command" => {
                let text = wish.text("text").unwrap_or_default();
                Next::Wait(slack.command(
                    wish.needed("channel")?,
                    wish.needed("user")?,
                    wish.needed("command")?,
                    text,
                )?)
            }
            "click" => Next::Wait(match wish.text("view") {
                Some(view) => slack.click_in(view, wish.needed("action_id")?, chosen)?,
                None => {
                    let (channel, ts) = (wish.needed("channel")?, wish.needed("ts")?);
                    slack.click(
                        channel,
                        ts,
                        wish.needed("user")?,
                        wish.needed("action_id")?,
                        chosen,
                    )?
                }
            }),
            "submit" => {
                let values = wish.0["values"].as_object().unwrap_or(&none);
                Next::Wait(slack.submit(wish.needed("view")?, values)?)
            }
            "close" => match slack.close(wish.needed("view")?)? {
                Some(id) => Next::Wait(id),
                None => Next::Value(json!({})),
            },
            "shortcut" => {
                let message = wish.text("channel").zip(wish.text("ts"));
                Next::Wait(slack.shortcut(
                    app,
                    wish.needed("user")?,
                    wish.needed("callback_id")?,
                    message,
                )?)
            }
            "home" => {
                slack.open_home(
                    app,
                    wish.needed("user")?,
                    wish.text("tab").unwrap_or("home"),
                )?;
                Next::Value(json!({}))
            }
            _ => return Ok(None),
        };
        Ok(Some(next))
    };
    done().transpose()
}

/// Workspaces, people, channels, and who is where.
fn place(
    slack: &mut Slack,
    app: &str,
    kind: &str,
    wish: &Wish<'_>,
) -> Option<Result<Next, Refused>> {
    let team = wish.text("team").map(String::from);
    let team = team
        .or_else(|| slack.teams.keys().next().cloned())
        .unwrap_or_default();
    let mut done = || -> Result<Option<Value>, Refused> {
        let channel = wish.text("channel").unwrap_or_default().to_string();
        let member = ["invite", "kick", "archive", "rename", "mark"].contains(&kind);
        if member && !slack.channels.contains_key(&channel) {
            return Err("channel_not_found".into());
        }
        Ok(Some(match kind {
            "team" => {
                let id = slack.team(wish.needed("name")?);
                let (user, token) = slack.install(app, &id);
                json!({"team": id, "bot_user": user, "bot_token": token})
            }
            "user" => {
                let standing = standing(wish.text("standing").unwrap_or("member"))?;
                json!({"user": slack.user(&team, wish.needed("name")?, standing)})
            }
            "person" => {
                let user = slack
                    .users
                    .get_mut(wish.needed("user")?)
                    .ok_or(Refused::from("user_not_found"))?;
                user.deleted = wish.yes("deleted", user.deleted);
                if let Some(its) = wish.text("standing") {
                    user.standing = standing(its)?;
                }
                json!({})
            }
            "channel" => {
                let kind = if wish.yes("private", false) {
                    Kind::Private
                } else {
                    Kind::Public
                };
                json!({"channel": slack.channel(&team, wish.needed("name")?, kind, wish.needed("user")?)})
            }
            "direct" => {
                let users = wish.0["users"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str);
                let users: Vec<String> = users.map(String::from).collect();
                if users.iter().any(|user| !slack.users.contains_key(user)) {
                    return Err("user_not_found".into());
                }
                json!({"channel": slack.direct(&team, &users).0})
            }
            "invite" => {
                slack.enter(&channel, wish.needed("user")?, wish.text("inviter"));
                json!({})
            }
            "kick" => {
                slack.leave(&channel, wish.needed("user")?);
                json!({})
            }
            "archive" => {
                slack.archive(&channel, wish.yes("on", true), wish.needed("user")?);
                json!({})
            }
            "rename" => {
                slack.rename(&channel, wish.needed("name")?, wish.needed("user")?);
                json!({})
            }
            "mark" => {
                if let Some(its) = slack.channels.get_mut(&channel) {
                    its.read_only = wish.yes("read_only", its.read_only);
                    its.thread_only = wish.yes("thread_only", its.thread_only);
                    its.shared
                        .extend(wish.text("shared_with").map(String::from));
                }
                json!({})
            }
            "user_token" => json!({"token": slack.user_token(app, wish.needed("user")?)}),
            _ => return Ok(None),
        }))
    };
    done().map(|value| value.map(Next::Value)).transpose()
}

fn standing(name: &str) -> Result<Standing, Refused> {
    Ok(match name {
        "primary_owner" => Standing::PrimaryOwner,
        "owner" => Standing::Owner,
        "admin" => Standing::Admin,
        "member" => Standing::Member,
        "restricted" => Standing::Restricted,
        "ultra_restricted" => Standing::UltraRestricted,
        _ => return Err("unknown_standing".into()),
    })
}

/// What goes wrong, what the app is allowed, and what there is.
fn fault(world: &mut World, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let times = wish.number("times", 1).max(0) as usize;
    let on = wish.yes("on", true);
    let value = match kind {
        "disconnect" => {
            let reason = wish.text("reason").unwrap_or("warning");
            json!({"sockets": world.order(app, &Order::Disconnect(reason.into()))})
        }
        "drop" => {
            let order = match wish.text("how").unwrap_or("close") {
                "close" => Order::Close,
                "reset" => Order::Reset,
                "silence" => Order::Silence,
                _ => return Err("unknown_how".into()),
            };
            json!({"sockets": world.order(app, &order)})
        }
        "send" => json!({"sockets": world.order(app, &Order::Send(wish.needed("text")?.into()))}),
        "fail" => {
            world.faults.requests.push(Fault {
                how: how(wish)?,
                times,
                method: wish.text("method").map(String::from),
                channel: wish.text("channel").map(String::from),
                after: wish.yes("after", false),
                skip: wish.number("skip", 0).max(0) as usize,
            });
            json!({})
        }
        "late" => {
            world.faults.wire.late = wish.number("seconds", 0);
            world.slack.late = world.faults.wire.late;
            json!({})
        }
        "twice" => {
            world.slack.twice = times;
            json!({})
        }
        "lost_acks" => {
            world.faults.wire.lost_acks = times;
            json!({})
        }
        "mute" => {
            world.faults.wire.mute = times;
            json!({})
        }
        "no_upgrades" => {
            world.faults.wire.no_upgrades = times;
            json!({})
        }
        "still" => {
            world.faults.wire.still = on;
            json!({})
        }
        "well" => {
            world.faults = Faults::default();
            (world.slack.late, world.slack.twice) = (0, 0);
            json!({})
        }
        "rates" => {
            world.slack.rules.rates = if on { Rates::Real } else { Rates::Off };
            json!({})
        }
        "forget" => {
            world.slack.deliveries.clear();
            json!({})
        }
        "redeliver" => {
            world.slack.rules.redeliver = wish.number("seconds", 3);
            json!({})
        }
        "revoke" => {
            let token = wish.needed("token")?;
            world
                .slack
                .revoke(token, wish.text("error").unwrap_or("token_revoked"));
            json!({})
        }
        "scopes" => {
            let all = wish.0["scopes"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let all: std::collections::BTreeSet<String> = all.map(String::from).collect();
            if let Some(its) = world.slack.apps.get_mut(app) {
                its.installs
                    .values_mut()
                    .for_each(|install| install.scopes.clone_from(&all));
            }
            json!({})
        }
        "app" => return configure(&mut world.slack, app, wish),
        "state" => state(world, app),
        _ => return Err("unknown_type".into()),
    };
    Ok(Next::Value(value))
}

fn how(wish: &Wish<'_>) -> Result<How, Refused> {
    let seconds = wish.number("seconds", 1);
    Ok(match &wish.0["how"] {
        Value::Number(status) => match status.as_u64() {
            Some(429) => How::Later(seconds),
            Some(status) => How::Status(status as u16),
            None => return Err("unknown_how".into()),
        },
        Value::String(text) => match text.as_str() {
            "ratelimited" => How::Later(seconds),
            "slow" => How::Slow(seconds),
            "cut" => How::Cut,
            "hang-up" => How::HangUp,
            "reset" => How::Reset,
            "silence" => How::Silence,
            "error" => How::Error(wish.needed("error")?.into()),
            _ => return Err("unknown_how".into()),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err("unknown_how".into());
        }
    })
}

/// What an app listens to, and how.
fn configure(slack: &mut Slack, app: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let texts = |name: &str| {
        let all = wish.0[name].as_array()?;
        Some(
            all.iter()
                .filter_map(|its| its.as_str().map(String::from))
                .collect(),
        )
    };
    let its = slack.apps.get_mut(app).ok_or(Refused::from("no_app"))?;
    if let Some(events) = texts("events") {
        its.events = events;
    }
    if let Some(commands) = texts("commands") {
        its.commands = commands;
    }
    if let Some(http) = wish.0["http"].as_object() {
        let url = |name: &str| {
            http.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_string()
        };
        its.hears = Hears::Http {
            events: url("events"),
            commands: url("commands"),
            interactivity: url("interactivity"),
        };
    }
    if wish.yes("socket", false) {
        its.hears = Hears::Socket;
    }
    its.messages_tab = wish.yes("messages_tab", its.messages_tab);
    its.home_tab = wish.yes("home_tab", its.home_tab);
    Ok(Next::Value(json!({"signing_secret": its.secret})))
}

fn told(its: &Delivery) -> Value {
    let (acked, payload, took, error) = match &its.stage {
        Stage::Acked(took, payload) => (true, payload.clone(), Some(*took), None),
        Stage::Failed(why) => (false, None, None, Some(why.clone())),
        Stage::Waiting(_) | Stage::Sent(_) => (false, None, None, None),
    };
    json!({
        "envelope_id": its.envelopes.last(), "type": its.kind.name(), "acked": acked, "payload": payload,
        "took_ms": took, "error": error, "retry_attempt": its.attempt, "socket": its.socket,
        "event_id": its.payload["event_id"], "event": its.payload["event"]["type"],
    })
}

/// Waits for an acknowledgement, with an end.
pub async fn settled(shared: &Shared, id: u64) -> Value {
    let end = shared.clock.now() + TimeDelta::seconds(PATIENCE);
    let mut changed = shared.changed.subscribe();
    loop {
        {
            let world = shared.world();
            let Some(its) = world.slack.deliveries.get(&id) else {
                return json!({"ok": false, "acked": false});
            };
            if its.settled() || shared.clock.now() >= end {
                let mut value = told(its);
                value["ok"] = json!(true);
                let user = &its.payload["user"]["id"];
                let open = world.slack.stack(
                    &its.app,
                    user.as_str()
                        .or(its.payload["user_id"].as_str())
                        .unwrap_or_default(),
                );
                value["views"] = json!(open);
                return value;
            }
        }
        tokio::select! {
            _ = changed.changed() => {}
            () = shared.clock.until(end) => {}
        }
    }
}

/// All that a test may want to look at.
fn state(world: &World, app: &str) -> Value {
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
        "views": views.collect::<Vec<_>>(), "deliveries": slack.deliveries.values().map(told).collect::<Vec<_>>(),
        "sockets": world.live(app).len(), "requests": requests.collect::<Vec<_>>(), "now": slack.now(),
    })
}
