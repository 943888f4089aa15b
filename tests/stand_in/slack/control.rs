//! What programs do to a stand-in: act as people, look, deliver anything, make things go wrong.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::delivery::{Delivery, Stage};
use super::outward;
use super::refused::Refused;
use super::server::Shared;
use super::sight;
use super::wish::Wish;
use super::{wish_faults, wish_people, wish_places, wish_raw};

/// What it comes to.
pub enum Next {
    Value(Value),
    /// An acknowledgement of this delivery is awaited.
    Wait(u64),
}

/// Seconds until a program hears that nobody acknowledged.
const PATIENCE: i64 = 5;

/// Does what `body` says, and waits for the acknowledgement where there is one.
///
/// # Errors
/// A code and what is missing.
pub async fn done(shared: &Arc<Shared>, body: &Value) -> Result<Value, Refused> {
    let mut value = match act(shared, body).await? {
        Next::Value(value) => value,
        Next::Wait(id) => settled(shared, id).await,
    };
    if value.get("ok").is_none() {
        value["ok"] = json!(true);
    }
    Ok(value)
}

async fn act(shared: &Arc<Shared>, body: &Value) -> Result<Next, Refused> {
    let wish = Wish(body);
    let kind = wish.needed("type")?;
    let app = {
        let world = shared.world();
        let app = wish.text("app").map(String::from);
        let app = app.or_else(|| world.slack.apps.keys().next().cloned());
        app.filter(|app| world.slack.apps.contains_key(app))
    };
    let app = app.ok_or(Refused::from("no_app"))?;
    if let Some(done) = outside(shared, &app, kind, &wish).await {
        return done.map(Next::Value);
    }
    let mut world = shared.world();
    let done = match kind {
        "events_api" | "slash_commands" | "interactive" => {
            Some(wish_raw::deliver(&mut world.slack, &app, kind, &wish))
        }
        "state" => Some(Ok(Next::Value(sight::state(&world, &app)))),
        "sees" => Some(sight::sees(&world.slack, &app, &wish).map(Next::Value)),
        _ => None,
    };
    let done = done
        .or_else(|| wish_people::act(&mut world.slack, &app, kind, &wish))
        .or_else(|| wish_places::act(&mut world.slack, &app, kind, &wish))
        .or_else(|| wish_faults::act(&mut world, &app, kind, &wish));
    drop(world);
    shared.tell();
    done.unwrap_or(Err("unknown_type".into()))
}

/// What needs the wire or the clock.
async fn outside(
    shared: &Shared,
    app: &str,
    kind: &str,
    wish: &Wish<'_>,
) -> Option<Result<Value, Refused>> {
    Some(match kind {
        "advance" => {
            let to = shared.clock.now() + TimeDelta::seconds(wish.number("seconds", 1));
            shared.clock.advance_to(to);
            Ok(json!({"now": to.timestamp()}))
        }
        "wait" => sight::wait(shared, app, wish).await,
        "verify" | "ssl_check" => {
            let url = wish.text("url").unwrap_or_default();
            let (secret, now) = {
                let slack = &shared.world().slack;
                (slack.apps[app].secret.clone(), slack.now())
            };
            let done = match kind {
                "verify" => outward::verify(&shared.clock, url, &secret, now).await,
                _ => outward::ssl_check(&shared.clock, url, &secret, now).await,
            };
            done.map_err(|why| Refused::from(why.as_str()))
        }
        _ => return None,
    })
}

/// As programs are told of a delivery.
pub fn told(its: &Delivery) -> Value {
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
async fn settled(shared: &Shared, id: u64) -> Value {
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
