//! A call of the Web API: the token, the scope, the pace, the method.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answer::Answer;
use super::apps::{Install, TokenKind};
use super::asked::Asked;
use super::channels::{Channel, Kind};
use super::limits::Rates;
use super::methods::{Method, Wants, named};
use super::refused::{Done, Refused};
use super::state::Slack;

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    pub token: String,
    pub kind: TokenKind,
    pub app: String,
    pub team: String,
    /// The bot's user, or the person.
    pub user: String,
    /// Of a bot token.
    pub bot: Option<String>,
    pub scopes: BTreeSet<String>,
}

impl Caller {
    pub fn may(&self, scope: &str) -> Result<(), Refused> {
        match self.scopes.contains(scope) {
            true => Ok(()),
            false => Err(Refused::scope(scope, &self.provided())),
        }
    }

    pub fn provided(&self) -> String {
        let all: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        all.join(",")
    }
}

/// The answer to `/api/<method>`.
pub fn answer(slack: &mut Slack, name: &str, asked: &Asked<'_>) -> Answer {
    let mut caller = None;
    let done = call(slack, name, asked, &mut caller);
    let mut value = match done {
        Ok(Outcome::Value(value)) => value,
        Ok(Outcome::Later(seconds)) => return Answer::later(seconds),
        Err(refused) => refused.json(),
    };
    if value.get("ok").is_none() {
        value["ok"] = json!(true);
    }
    if let Some(warning) = asked.warning {
        warn(&mut value, warning);
    }
    let mut answer = Answer::json(&value);
    if let Some(caller) = caller {
        answer = answer.with("x-oauth-scopes", caller.provided());
        let takes = named(name).map(|method| method.scopes.join(","));
        answer = answer.with("x-accepted-oauth-scopes", takes.unwrap_or_default());
    }
    answer
}

/// Adds a warning to those that are there.
pub fn warn(value: &mut Value, warning: &str) {
    let all = match value["warning"].as_str() {
        Some(before) => format!("{before},{warning}"),
        None => warning.to_string(),
    };
    if !value["response_metadata"].is_object() {
        value["response_metadata"] = json!({});
    }
    value["response_metadata"]["warnings"] = json!(all.split(',').collect::<Vec<_>>());
    value["warning"] = json!(all);
}

/// What a call came to.
enum Outcome {
    Value(Value),
    Later(i64),
}

fn call(
    slack: &mut Slack,
    name: &str,
    asked: &Asked<'_>,
    known: &mut Option<Caller>,
) -> Result<Outcome, Refused> {
    let method = named(name).ok_or(Refused::from("unknown_method"))?;
    if let Some(broken) = asked.broken {
        return Err(broken.into());
    }
    if method.token == Wants::Nothing {
        return test(asked).map(Outcome::Value);
    }
    if method.token == Wants::App && asked.request.method != "POST" {
        return Err("insecure_request".into());
    }
    let caller = recognise(slack, method, asked)?;
    *known = Some(caller.clone());
    if slack.rules.rates == Rates::Real {
        let key = format!("{name} {} {}", caller.team, caller.app);
        let channel = asked.text("channel");
        let now = slack.clock.now();
        if let Err(seconds) = slack
            .limits
            .call(&key, method.tier, channel.as_deref(), now)
        {
            return Ok(Outcome::Later(seconds));
        }
    }
    let scoped =
        method.scopes.is_empty() || method.scopes.iter().any(|its| caller.scopes.contains(*its));
    if !scoped {
        return Err(Refused::scope(&method.scopes.join(","), &caller.provided()));
    }
    // A method that reads does not look into JSON.
    let bare = Asked {
        args: asked.query.clone(),
        ..Asked::read(asked.request)
    };
    let asked = if asked.json && !method.json {
        &bare
    } else {
        asked
    };
    let done = match name.split('.').next().unwrap_or_default() {
        "chat" => super::api_chat::call(slack, name, &caller, asked),
        "conversations" => super::api_conversations::call(slack, name, &caller, asked),
        "users" | "bots" | "team" | "auth" | "apps" => {
            super::api_people::call(slack, name, &caller, asked)
        }
        "reactions" | "files" => super::api_files::call(slack, name, &caller, asked),
        _ => super::api_views::call(slack, name, &caller, asked),
    };
    done.map(Outcome::Value)
}

/// `api.test`: what was sent, or the error that was asked for.
fn test(asked: &Asked<'_>) -> Done {
    let mut args = asked.args.clone();
    args.remove("token");
    match asked.text("error") {
        Some(error) => {
            let mut refused = Refused::from(error.as_str());
            refused.beside.insert("args".into(), Value::Object(args));
            Err(refused)
        }
        None => Ok(json!({"args": args})),
    }
}

/// The caller of a token.
fn recognise(slack: &Slack, method: &Method, asked: &Asked<'_>) -> Result<Caller, Refused> {
    let header_only = method.name == "apps.connections.open";
    if header_only && !asked.header_token() {
        return Err("not_authed".into());
    }
    let name = asked.token().ok_or(Refused::from("not_authed"))?;
    let token = slack
        .tokens
        .get(&name)
        .ok_or(Refused::from("invalid_auth"))?;
    if let Some(dead) = &token.dead {
        return Err(dead.as_str().into());
    }
    if !method.token.takes(token.kind) {
        return Err("not_allowed_token_type".into());
    }
    let mut caller = Caller {
        token: name,
        kind: token.kind,
        app: token.app.clone(),
        team: token.team.clone(),
        user: token.user.clone(),
        bot: None,
        scopes: token.scopes.clone(),
    };
    if token.kind == TokenKind::Bot {
        let install = slack.apps[&token.app].installs.get(&token.team);
        let install: &Install = install.ok_or(Refused::from("account_inactive"))?;
        caller.bot = Some(install.bot.clone());
        caller.scopes.clone_from(&install.scopes);
    }
    Ok(caller)
}

impl Slack {
    /// A channel that a caller sees: public in its workspace, or with the caller in it.
    pub fn seen(&self, caller: &Caller, id: &str) -> Result<&Channel, Refused> {
        let channel = self.channels.get(id).filter(|channel| {
            let there = channel.members.contains(&caller.user);
            channel.in_team(&caller.team) && (channel.kind == Kind::Public || there)
        });
        channel.ok_or("channel_not_found".into())
    }

    /// The same, with the scope that its kind needs: `read`, `history`, `write`.
    pub fn seen_with(&self, caller: &Caller, id: &str, what: &str) -> Result<&Channel, Refused> {
        let channel = self.seen(caller, id)?;
        let scope = match (channel.kind, what) {
            (Kind::Public, "write") => "channels:manage".to_string(),
            (kind, what) => format!("{}:{what}", kind.scope()),
        };
        caller.may(&scope)?;
        Ok(channel)
    }
}
