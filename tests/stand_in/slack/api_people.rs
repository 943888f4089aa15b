//! `auth.…`, `users.…`, `bots.…`, `team.…` and `apps.…`.

use serde_json::{Value, json};

use super::api::Caller;
use super::api_conversations;
use super::apps::{Hears, TokenKind};
use super::asked::Asked;
use super::pages::{Keys, page};
use super::refused::{Done, Refused};
use super::state::Slack;

pub fn call(slack: &mut Slack, name: &str, caller: &Caller, asked: &Asked<'_>) -> Done {
    match name {
        "auth.test" => Ok(whoami(slack, caller)),
        "auth.revoke" => {
            let test = asked.yes("test");
            if !test {
                slack.revoke(&caller.token, "token_revoked");
            }
            Ok(json!({"revoked": !test}))
        }
        "apps.connections.open" => connection(slack, caller),
        "apps.event.authorizations.list" => authorizations(slack, caller, asked),
        "bots.info" => bot(slack, caller, asked),
        "team.info" => {
            let team = &slack.teams[&caller.team];
            Ok(json!({"team": {"id": team.id, "name": team.name, "domain": team.domain}}))
        }
        "users.conversations" => api_conversations::list(slack, caller, asked, true),
        "users.info" => user(slack, caller, asked),
        "users.list" => people(slack, caller, asked),
        "users.lookupByEmail" => by_email(slack, caller, asked),
        _ => Err("unknown_method".into()),
    }
}

fn whoami(slack: &Slack, caller: &Caller) -> Value {
    if caller.kind == TokenKind::App {
        let app = &slack.apps[&caller.app];
        return json!({"app_name": app.name, "app_id": app.id});
    }
    let team = &slack.teams[&caller.team];
    let user = &slack.users[&caller.user];
    let mut all = json!({
        "url": format!("https://{}.slack.com/", team.domain), "team": team.name, "user": user.name,
        "team_id": team.id, "user_id": user.id, "is_enterprise_install": false,
    });
    if let Some(bot) = &caller.bot {
        all["bot_id"] = json!(bot);
    }
    all
}

/// An address for one socket.
fn connection(slack: &mut Slack, caller: &Caller) -> Done {
    if slack.apps[&caller.app].hears != Hears::Socket {
        return Err("forbidden_team".into());
    }
    let ticket = slack.opaque("ticket");
    let until = slack.now() + slack.rules.ticket_life;
    slack
        .tickets
        .insert(ticket.clone(), (caller.app.clone(), until));
    let host = slack.url.trim_start_matches("http://");
    Ok(json!({"url": format!("ws://{host}/link/?ticket={ticket}&app_id={}", caller.app)}))
}

fn authorizations(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    asked.needed("event_context")?;
    let all = slack.apps[&caller.app].installs.values().map(|install| {
        let all = json!({
            "enterprise_id": null, "team_id": install.team, "user_id": install.user, "is_bot": true,
            "is_enterprise_install": false,
        });
        (install.team.clone(), all)
    });
    let (items, next) = page(asked, all, Keys::Rising, 100)?;
    Ok(json!({"authorizations": items, "response_metadata": {"next_cursor": next}}))
}

fn bot(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let id = asked.text("bot").or_else(|| caller.bot.clone());
    let id = id.ok_or(Refused::from("bot_not_found"))?;
    let mut all = slack.users.values();
    let user = all.find(|user| user.bot.as_ref().is_some_and(|(bot, _)| *bot == id));
    let user = user.ok_or(Refused::from("bot_not_found"))?;
    let app = user.bot.as_ref().map(|(_, app)| app);
    Ok(json!({"bot": {
        "id": id, "app_id": app, "user_id": user.id, "name": user.real_name, "deleted": user.deleted,
        "updated": 1_700_000_000, "icons": {},
    }}))
}

impl Slack {
    /// Whether a caller knows somebody: of the same workspace, or met in a shared channel.
    fn known(&self, caller: &Caller, user: &str) -> bool {
        let home = self
            .users
            .get(user)
            .is_some_and(|its| its.team == caller.team);
        home || self
            .channels
            .values()
            .any(|its| its.members.contains(user) && its.in_team(&caller.team))
    }
}

fn user(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let id = asked.text("user").ok_or(Refused::from("user_not_found"))?;
    let user = slack
        .users
        .get(&id)
        .ok_or(Refused::from("user_not_found"))?;
    if !slack.known(caller, &id) {
        return Err("user_not_visible".into());
    }
    let email = caller.scopes.contains("users:read.email");
    Ok(json!({"user": user.json(&caller.team, email)}))
}

fn people(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let email = caller.scopes.contains("users:read.email");
    let all = slack
        .users
        .values()
        .filter(|user| slack.known(caller, &user.id));
    let all = all.map(|user| (user.id.clone(), user.json(&caller.team, email)));
    let (items, next) = page(asked, all, Keys::Rising, 1000)?;
    let mut value = json!({"members": items, "cache_ts": slack.now()});
    value["response_metadata"] = json!({"next_cursor": next});
    Ok(value)
}

fn by_email(slack: &Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let email = asked
        .text("email")
        .ok_or(Refused::from("users_not_found"))?;
    let mut all = slack.users.values();
    let found =
        all.find(|user| user.email.eq_ignore_ascii_case(&email) && user.team == caller.team);
    let found = found.filter(|user| !user.deleted && !user.is_bot());
    let user = found.ok_or(Refused::from("users_not_found"))?;
    Ok(json!({"user": user.json(&caller.team, true)}))
}
