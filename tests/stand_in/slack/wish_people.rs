//! Wishes of people: talk, react, type commands, click, fill in modals.

use serde_json::{Map, Value, json};

use super::clicks::Spot;
use super::control::Next;
use super::refused::Refused;
use super::state::Slack;
use super::typed::{self, Into};
use super::values::Aim;
use super::wish::Wish;

/// Does it; none when it is no such wish.
///
/// # Errors
/// What Slack's own client would say, or what is missing.
pub fn act(
    slack: &mut Slack,
    app: &str,
    kind: &str,
    wish: &Wish<'_>,
) -> Option<Result<Next, Refused>> {
    Some(match kind {
        "say" => say(slack, app, wish),
        "edit" | "delete" => change(slack, app, kind, wish),
        "react" | "unreact" => react(slack, app, kind, wish),
        "command" => command(slack, app, wish),
        "click" | "suggest" => click(slack, app, kind, wish),
        "fill" | "submit" | "close" => modal(slack, app, kind, wish),
        "shortcut" => shortcut(slack, app, wish),
        "home" => home(slack, app, wish),
        "join" | "leave" => walk(slack, app, kind, wish),
        _ => return None,
    })
}

fn value(value: Value) -> Result<Next, Refused> {
    Ok(Next::Value(value))
}

/// The text of a wish: as it goes to Slack, or with `typed` as it is typed into a client, perhaps a smart one.
fn text(slack: &Slack, user: &str, wish: &Wish<'_>, into: Into) -> String {
    let text = wish.text("text").unwrap_or_default();
    let text = match wish.yes("smart", false) {
        true => typed::smart(text),
        false => text.to_string(),
    };
    match (wish.yes("typed", false), slack.users.get(user)) {
        (true, Some(its)) => slack.typed(&its.team, &text, into),
        _ => text,
    }
}

fn say(slack: &mut Slack, app: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let (channel, user) = (wish.channel(slack)?, wish.person(slack, app, "user")?);
    wish.needed("text")?;
    let text = text(slack, &user, wish, Into::Message);
    let ts = slack.say(&channel, &user, &text, wish.text("thread_ts"))?;
    value(json!({"ts": ts, "channel": channel}))
}

fn change(slack: &mut Slack, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let (channel, ts) = (wish.channel(slack)?, wish.needed("ts")?);
    let message = slack.channels[&channel].messages.get(ts);
    let author = message
        .ok_or(Refused::from("message_not_found"))?
        .user
        .clone();
    let user = match wish.text("user") {
        Some(_) => wish.person(slack, app, "user")?,
        None => author.clone(),
    };
    if kind == "delete" {
        let admin = slack
            .users
            .get(&user)
            .is_some_and(super::people::User::admin);
        if user != author && !admin {
            return Err("cant_delete_message".into());
        }
        slack.remove(&channel, ts);
        return value(json!({}));
    }
    if user != author {
        return Err("cant_update_message".into());
    }
    wish.needed("text")?;
    let text = text(slack, &user, wish, Into::Message);
    slack.edit(&channel, ts, |message| message.text = text);
    value(json!({}))
}

fn react(slack: &mut Slack, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let (channel, ts) = (wish.channel(slack)?, wish.needed("ts")?);
    let (name, user) = (wish.needed("name")?, wish.person(slack, app, "user")?);
    match kind {
        "react" => slack.react(&channel, ts, name, &user)?,
        _ => slack.unreact(&channel, ts, name, &user)?,
    }
    value(json!({}))
}

fn command(slack: &mut Slack, app: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let (channel, user) = (wish.channel(slack)?, wish.person(slack, app, "user")?);
    let command = wish.needed("command")?;
    if wish.text("thread_ts").is_some() {
        // "/… is not supported in threads. Sorry!"
        return Err("not_supported_in_threads".into());
    }
    let escape = slack
        .apps
        .values()
        .any(|its| its.commands.contains(command) && its.should_escape);
    let text = text(slack, &user, wish, Into::Command { escape });
    Ok(Next::Wait(slack.command(&channel, &user, command, &text)?))
}

fn click(slack: &mut Slack, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let aim = Aim {
        action: wish.text("action_id"),
        block: wish.text("block_id"),
        text: wish.text("text"),
        value: wish.0.get("value").filter(|_| kind == "click"),
    };
    let view = match (wish.text("view"), wish.text("channel")) {
        (None, None) => Some(uppermost(slack, app, wish)?),
        (view, _) => view.map(String::from),
    };
    let id = if let Some(view) = view {
        match kind {
            "click" => slack.click(Spot::View(&view), &aim)?,
            _ => slack.suggest(Spot::View(&view), &aim, wish.needed("value")?)?,
        }
    } else {
        let (channel, user) = (wish.channel(slack)?, wish.person(slack, app, "user")?);
        let spot = Spot::Message {
            channel: &channel,
            ts: wish.text("ts"),
            user: &user,
        };
        match kind {
            "click" => slack.click(spot, &aim)?,
            _ => slack.suggest(spot, &aim, wish.needed("value")?)?,
        }
    };
    Ok(Next::Wait(id))
}

/// The view that somebody has on top.
fn uppermost(slack: &Slack, app: &str, wish: &Wish<'_>) -> Result<String, Refused> {
    let user = wish.person(slack, app, "user")?;
    let all = slack.stack(app, &user);
    all.last().cloned().ok_or("view_not_found".into())
}

fn modal(slack: &mut Slack, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let view = match wish.text("view") {
        Some(view) => view.to_string(),
        None => uppermost(slack, app, wish)?,
    };
    let none = Map::new();
    let values = wish.object("values").unwrap_or(&none);
    match kind {
        "fill" => slack.fill(&view, values)?,
        "submit" => return Ok(Next::Wait(slack.submit(&view, values)?)),
        _ => {
            if let Some(id) = slack.close(&view)? {
                return Ok(Next::Wait(id));
            }
        }
    }
    value(json!({"view": view}))
}

fn shortcut(slack: &mut Slack, app: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let user = wish.person(slack, app, "user")?;
    let channel = match wish.text("ts") {
        Some(_) => Some(wish.channel(slack)?),
        None => None,
    };
    let message = channel.as_deref().zip(wish.text("ts"));
    let callback = wish.needed("callback_id")?;
    Ok(Next::Wait(slack.shortcut(app, &user, callback, message)?))
}

fn home(slack: &mut Slack, app: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let user = wish.person(slack, app, "user")?;
    slack.open_home(app, &user, wish.text("tab").unwrap_or("home"))?;
    value(json!({}))
}

fn walk(slack: &mut Slack, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Next, Refused> {
    let (channel, user) = (wish.channel(slack)?, wish.person(slack, app, "user")?);
    match kind {
        "join" => slack.enter(&channel, &user, None),
        _ => slack.leave(&channel, &user),
    }
    value(json!({}))
}
