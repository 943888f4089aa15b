//! A page to talk in from a browser: as somebody, in the channels that this somebody sees.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::answer::Answer;
use super::channels::{Channel, Kind};
use super::server::Shared;
use super::state::Slack;

/// Seconds that a browser waits for news.
const WAIT: i64 = 20;
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M3 0v8M5 0v8M0 3h8M0 5h8" stroke="#3f0e40"/></svg>"##;
/// Messages of a channel that are shown.
const SHOWN: usize = 200;

/// The page and what belongs to it.
pub fn file(_shared: &Shared, path: &str) -> Answer {
    let (kind, text) = match path {
        "/" => ("text/html; charset=utf-8", include_str!("page.html")),
        "/page/page.css" => ("text/css; charset=utf-8", include_str!("page.css")),
        "/page/icon.svg" => ("image/svg+xml", ICON),
        "/page/page.js" => ("text/javascript; charset=utf-8", include_str!("page.js")),
        _ => return Answer::text(404, "not found"),
    };
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'";
    Answer::new(200, kind, text)
        .with("content-security-policy", policy)
        .with("x-content-type-options", "nosniff")
}

/// What somebody sees, as soon as something changed after `seen`.
pub async fn news(shared: &Shared, seen: u64, user: &str) -> Answer {
    let mut changed = shared.changed.subscribe();
    let end = shared.clock.now() + TimeDelta::seconds(WAIT);
    loop {
        let count = *changed.borrow_and_update();
        if count != seen || shared.clock.now() >= end {
            return Answer::json(&sees(&shared.world().slack, count, user));
        }
        tokio::select! {
            _ = changed.changed() => {}
            () = shared.clock.until(end) => {}
        }
    }
}

fn sees(slack: &Slack, count: u64, user: &str) -> Value {
    let people = slack.users.values().filter(|its| !its.deleted);
    let people = people.map(|its| {
        json!({"id": its.id, "name": its.real_name, "team": slack.teams[&its.team].name, "bot": its.is_bot()})
    });
    let names = slack
        .users
        .values()
        .map(|its| (its.id.clone(), json!(its.display_name)));
    let mine = |channel: &&Channel| channel.members.contains(user);
    let channels = slack.channels.values().filter(mine).map(|channel| {
        let title = match channel.kind {
            Kind::Im => {
                let other = channel.members.iter().find(|member| *member != user);
                let other = other.and_then(|id| slack.users.get(id));
                other.map_or(String::new(), |its| its.display_name.clone())
            }
            Kind::Public | Kind::Private | Kind::Mpim => channel.name.clone(),
        };
        json!({"id": channel.id, "title": title, "kind": channel.kind.listed(), "archived": channel.archived,
            "messages": messages(slack, channel, user)})
    });
    let views = slack.views.values().filter(|view| view.user == user);
    let views = views.map(|view| {
        json!({"id": view.id, "app": view.app, "previous": view.previous, "view": slack.view_json(&view.id), "errors": view.errors})
    });
    let commands = slack
        .apps
        .values()
        .flat_map(|app| app.commands.iter().cloned());
    json!({
        "count": count, "people": people.collect::<Vec<_>>(), "names": names.collect::<serde_json::Map<_, _>>(),
        "channels": channels.collect::<Vec<_>>(), "views": views.collect::<Vec<_>>(),
        "commands": commands.collect::<Vec<_>>(),
    })
}

/// The last messages, with those that only this person sees.
fn messages(slack: &Slack, channel: &Channel, user: &str) -> Vec<Value> {
    let all = channel.messages.values().rev().take(SHOWN);
    let mut all: Vec<Value> = all
        .map(|message| slack.whole(&channel.id, message))
        .collect();
    let whispered = slack.ephemerals.iter().rev().take(SHOWN);
    all.extend(
        whispered
            .filter(|its| its.channel == channel.id && its.to == user)
            .map(|its| {
                let mut message = its.message.json();
                message["is_ephemeral"] = json!(true);
                message
            }),
    );
    all.sort_by(|one, other| one["ts"].as_str().cmp(&other["ts"].as_str()));
    all
}
