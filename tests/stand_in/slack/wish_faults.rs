//! Wishes for trouble: requests that fail, sockets that die, an app that may or hears less.

use serde_json::{Map, Value, json};

use super::apps::Hears;
use super::control::Next;
use super::faults::{Fault, Faults, How};
use super::limits::Rates;
use super::refused::Refused;
use super::socket::Order;
use super::wish::Wish;
use super::world::World;

/// Does it; none when it is no such wish.
///
/// # Errors
/// What is missing or unknown.
pub fn act(
    world: &mut World,
    app: &str,
    kind: &str,
    wish: &Wish<'_>,
) -> Option<Result<Next, Refused>> {
    let done = match kind {
        "disconnect" | "drop" | "send" => sockets(world, app, kind, wish),
        "fail" => fail(world, wish),
        "late" | "twice" | "lost_acks" | "mute" | "no_upgrades" | "still" | "well" => {
            Ok(wire(world, kind, wish))
        }
        "rates" | "redeliver" | "rules" => Ok(rules(world, kind, wish)),
        "revoke" | "scopes" => rights(world, app, kind, wish),
        "app" => configure(world, app, wish),
        "forget" => {
            world.slack.forget();
            Ok(json!({}))
        }
        _ => return None,
    };
    Some(done.map(Next::Value))
}

/// Tells the sockets something, all or the oldest `count`.
fn sockets(world: &mut World, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Value, Refused> {
    let order = match (kind, wish.text("how").unwrap_or("close")) {
        ("disconnect", _) => Order::Disconnect(wish.text("reason").unwrap_or("warning").into()),
        ("send", _) => Order::Send(wish.needed("text")?.into()),
        (_, "close") => Order::Close,
        (_, "reset") => Order::Reset,
        (_, "silence") => Order::Silence,
        _ => return Err("unknown_how".into()),
    };
    let most = wish.0["count"].as_u64().unwrap_or(u64::MAX);
    Ok(json!({"sockets": world.order(app, &order, most)}))
}

fn fail(world: &mut World, wish: &Wish<'_>) -> Result<Value, Refused> {
    let count = |name: &str, usual: i64| wish.number(name, usual).max(0) as usize;
    world.faults.requests.push(Fault {
        how: how(wish)?,
        times: count("times", 1),
        method: wish.text("method").map(String::from),
        channel: wish.text("channel").map(String::from),
        after: wish.yes("after", false),
        skip: count("skip", 0),
        every: count("every", 1).max(1),
    });
    Ok(json!({}))
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

fn wire(world: &mut World, kind: &str, wish: &Wish<'_>) -> Value {
    let times = wish.number("times", 1).max(0) as usize;
    let wire = &mut world.faults.wire;
    match kind {
        "late" => wire.late = wish.number("seconds", 0),
        "twice" => wire.twice = times,
        "lost_acks" => wire.lost_acks = times,
        "mute" => wire.mute = times,
        "no_upgrades" => wire.no_upgrades = times,
        "still" => wire.still = wish.yes("on", true),
        _ => world.faults = Faults::default(),
    }
    world.wired();
    json!({})
}

fn rules(world: &mut World, kind: &str, wish: &Wish<'_>) -> Value {
    let rules = &mut world.slack.rules;
    match kind {
        "rates" => {
            rules.rates = match wish.yes("on", true) {
                true => Rates::Real,
                false => Rates::Off,
            };
        }
        "redeliver" => rules.redeliver = wish.number("seconds", 3),
        _ => {
            rules.redeliver = wish.number("redeliver", rules.redeliver);
            rules.closes_after = wish.number("closes_after", rules.closes_after);
            rules.socket_life = wish.number("socket_life", rules.socket_life);
            rules.ping = wish.number("ping", rules.ping);
            rules.ticket_life = wish.number("ticket_life", rules.ticket_life);
            rules.unfurls = wish.yes("unfurls", rules.unfurls);
            let most = wish.0["most_events"].as_u64().map(|its| its as usize);
            rules.most_events = most.unwrap_or(rules.most_events);
            rules.edit_window = wish.0["edit_window"].as_i64().or(rules.edit_window);
        }
    }
    json!({})
}

fn rights(world: &mut World, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Value, Refused> {
    if kind == "revoke" {
        let why = wish.text("error").unwrap_or("token_revoked");
        world.slack.revoke(wish.needed("token")?, why);
        return Ok(json!({}));
    }
    let all: std::collections::BTreeSet<String> = wish.texts("scopes").unwrap_or_default();
    if let Some(its) = world.slack.apps.get_mut(app) {
        let installs = its.installs.values_mut();
        installs.for_each(|install| install.scopes.clone_from(&all));
    }
    Ok(json!({}))
}

/// What an app listens to, and how.
fn configure(world: &mut World, app: &str, wish: &Wish<'_>) -> Result<Value, Refused> {
    let its = world
        .slack
        .apps
        .get_mut(app)
        .ok_or(Refused::from("no_app"))?;
    if let Some(events) = wish.texts("events") {
        its.events = events;
    }
    if let Some(commands) = wish.texts("commands") {
        its.commands = commands;
    }
    if let Some(domains) = wish.texts("unfurl_domains") {
        its.unfurl_domains = domains;
    }
    its.messages_tab = wish.yes("messages_tab", its.messages_tab);
    its.home_tab = wish.yes("home_tab", its.home_tab);
    its.should_escape = wish.yes("should_escape", its.should_escape);
    if wish.yes("on", false) {
        its.off = false;
        its.outcomes.clear();
    }
    if wish.yes("socket", false) {
        its.hears = Hears::Socket;
    }
    let (secret, off) = (its.secret.clone(), its.off);
    if let Some(http) = wish.object("http") {
        let url = |http: &Map<String, Value>, name: &str| {
            let url = http.get(name).and_then(Value::as_str);
            url.unwrap_or_default().to_string()
        };
        its.hears = Hears::Http {
            events: url(http, "events"),
            commands: url(http, "commands"),
            interactivity: url(http, "interactivity"),
        };
        world.order(app, &Order::Disconnect("link_disabled".into()), u64::MAX);
    }
    Ok(json!({"signing_secret": secret, "off": off}))
}
