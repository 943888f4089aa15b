//! Calls of Slack's Web API: tokens, forms and JSON, limits of rate by method.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::Notify;

use super::wrong::Wrong;
use super::{Settings, Way, locked};
use crate::clock::Clock;
use crate::http::{Body, Call, Http, HttpError, Reply, Socket};

/// How long a method is not called that was called too often, where Slack does not say how long.
pub(super) const UNSAID: Duration = Duration::from_secs(30);
/// The longest that Slack is believed to want.
const LONGEST: Duration = Duration::from_secs(3600);
/// The code of a page that is longer than answers may be; Slack itself has none for that.
pub(super) const TOO_LARGE: &str = "answer_too_large";
/// How often a call that only reads is made when its method was called too often.
const PATIENCE: usize = 10;
/// How long that is waited for together; who asks may hold up others.
const LONGEST_PATIENCE: Duration = Duration::from_secs(120);

/// The Web API, used with the tokens of one app.
pub(super) struct Api {
    http: Http,
    clock: Clock,
    url: String,
    bot_token: SecretString,
    app_token: Option<SecretString>,
    /// Until when a method must not be called.
    resting: Mutex<HashMap<String, DateTime<Utc>>>,
    /// The token of the bot was refused.
    doubt: Notify,
}

/// What a method answered.
pub(super) struct Answer {
    pub value: Value,
    /// The permissions that the token has.
    pub scopes: Option<Vec<String>>,
}

impl Api {
    pub fn new(settings: &Settings, http: Http, clock: Clock) -> Api {
        let app_token = match &settings.way {
            Way::Socket { app_token } => Some(app_token.clone()),
            Way::Http { .. } => None,
        };
        Api {
            http,
            clock,
            url: settings.url.trim_end_matches('/').into(),
            bot_token: settings.bot_token.clone(),
            app_token,
            resting: Mutex::default(),
            doubt: Notify::new(),
        }
    }

    /// Calls a method that only reads, with the fields of a form.
    ///
    /// # Errors
    /// When it does not answer `ok`; at once when it was called too often a moment ago.
    pub async fn read(&self, method: &str, fields: &[(&str, String)]) -> Result<Value, Wrong> {
        Ok(self.ask(method, fields).await?.value)
    }

    /// The same, but a method that was called too often is waited for, two minutes at most.
    ///
    /// # Errors
    /// When it does not answer `ok`.
    pub async fn patient(&self, method: &str, fields: &[(&str, String)]) -> Result<Value, Wrong> {
        let (mut tries, mut waited) = (1, Duration::ZERO);
        loop {
            match self.read(method, fields).await {
                Err(Wrong::Limited { rest })
                    if tries < PATIENCE && waited + rest <= LONGEST_PATIENCE =>
                {
                    tries += 1;
                    waited += rest;
                    self.clock.until(self.clock.now() + rest).await;
                }
                done => return done,
            }
        }
    }

    /// Calls a method that only reads, and says which permissions the token has.
    ///
    /// # Errors
    /// When it does not answer `ok`.
    pub async fn ask(&self, method: &str, fields: &[(&str, String)]) -> Result<Answer, Wrong> {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let body = Body::form(&fields);
        let answer = self.call(method, body, &self.bot_token).await;
        self.believed(method, answer)
    }

    /// Calls a method that changes something, with JSON. A call that failed as [`Wrong::Unsure`] may have done it.
    ///
    /// # Errors
    /// When it does not answer `ok`; at once when it was called too often a moment ago.
    pub async fn write(&self, method: &str, arguments: &Value) -> Result<Value, Wrong> {
        let body = Body::json_in_utf8(arguments);
        let answer = self.call(method, body, &self.bot_token).await;
        Ok(self.believed(method, answer)?.value)
    }

    /// Resolves when the token of the bot was refused.
    pub async fn doubted(&self) {
        self.doubt.notified().await;
    }

    /// Notes when the token of the bot is refused; who asks for nothing else notices that.
    fn believed(&self, method: &str, answer: Result<Answer, Wrong>) -> Result<Answer, Wrong> {
        if matches!(answer, Err(Wrong::Fatal { .. })) && method != "auth.test" {
            self.doubt.notify_one();
        }
        answer
    }

    /// Posts to an address that Slack gave along with a command or a click; the address is a secret.
    ///
    /// # Errors
    /// When Slack does not take it.
    pub async fn post_url(&self, url: &SecretString, message: &Value) -> Result<(), Wrong> {
        let body = Body::json_in_utf8(message);
        let call = Call::post(url.expose_secret(), body).header("accept", "*/*");
        let reply = self.http.call(&call).await?;
        if let Some(rest) = limit(&reply) {
            return Err(Wrong::Limited { rest });
        }
        let said = reply.text();
        let answer: Option<Value> = serde_json::from_slice(&reply.body).ok();
        let error = answer.as_ref().and_then(|answer| answer["error"].as_str());
        match (reply.status, error) {
            (200..=299, None) => Ok(()),
            (500.., _) => Err(trouble(reply.status)),
            (_, Some(code)) => Err(Wrong::of(code, answer.as_ref().unwrap_or(&Value::Null))),
            (_, None) => Err(Wrong::Refused {
                code: "response_url".into(),
                why: vec![crate::model::text::cut(
                    &crate::model::text::harmless(said.trim()),
                    100,
                )],
            }),
        }
    }

    /// Where a web socket may be opened, once.
    ///
    /// # Errors
    /// When the app may not have one, or Slack cannot be asked.
    pub async fn socket_address(&self) -> Result<SecretString, Wrong> {
        let method = "apps.connections.open";
        let token = self.app_token.as_ref().ok_or(Wrong::Fatal {
            code: "not_authed".into(),
        })?;
        let answer = self.call(method, Body::form(&[]), token).await?;
        let url = answer.value["url"].as_str().ok_or(Wrong::Unsure {
            what: "Slack does not say where its socket is".into(),
        })?;
        Ok(SecretString::from(url))
    }

    /// Opens a web socket there.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn socket(&self, address: &SecretString) -> Result<Socket, Wrong> {
        Ok(self.http.socket(address.expose_secret(), &[]).await?)
    }

    /// How long a method must not be called.
    pub fn rest(&self, method: &str) -> Option<Duration> {
        let now = self.clock.now();
        let mut resting = locked(&self.resting);
        let until = *resting.get(method)?;
        let left = (until - now).to_std().ok().filter(|left| !left.is_zero());
        if left.is_none() {
            resting.remove(method);
        }
        left
    }

    async fn call(&self, method: &str, body: Body, token: &SecretString) -> Result<Answer, Wrong> {
        if let Some(rest) = self.rest(method) {
            return Err(Wrong::Limited { rest });
        }
        let call = Call::post(format!("{}/{method}", self.url), body)
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {}", token.expose_secret()));
        let reply = self.http.call(&call).await.map_err(|error| match error {
            // A shorter page may be small enough.
            HttpError::TooLarge { .. } if method.starts_with("conversations.") => Wrong::Refused {
                code: TOO_LARGE.into(),
                why: vec![error.to_string()],
            },
            error => error.into(),
        })?;
        let limited = limit(&reply).map(|rest| Wrong::Limited { rest });
        let answer = limited.map_or_else(|| answer(&reply), Err);
        if let Err(Wrong::Limited { rest }) = &answer {
            let until = self.clock.now() + *rest;
            locked(&self.resting).insert(method.into(), until);
            tracing::info!(method, seconds = rest.as_secs(), "Slack wants fewer calls");
        }
        answer
    }
}

/// How long Slack wants to be left alone, when it does.
fn limit(reply: &Reply) -> Option<Duration> {
    let rest = (reply.status == 429).then(|| {
        let rest = reply
            .header("retry-after")
            .and_then(|rest| rest.trim().parse().ok());
        rest.map_or(UNSAID, Duration::from_secs)
    });
    rest.map(|rest| rest.min(LONGEST))
}

fn trouble(status: u16) -> Wrong {
    Wrong::Unsure {
        what: format!("Slack answered {status}: it is in trouble"),
    }
}

/// What a method answered, when it is `ok`.
fn answer(reply: &Reply) -> Result<Answer, Wrong> {
    if reply.status >= 500 {
        return Err(trouble(reply.status));
    }
    let value: Value = serde_json::from_slice(&reply.body).map_err(|_| Wrong::Unsure {
        what: format!("Slack answered {} and no JSON", reply.status),
    })?;
    match (value["ok"].as_bool(), value["error"].as_str()) {
        (Some(true), _) => Ok(Answer {
            scopes: reply.header("x-oauth-scopes").map(|scopes| {
                let scopes = scopes.split(',').map(|scope| scope.trim().to_string());
                scopes.filter(|scope| !scope.is_empty()).collect()
            }),
            value,
        }),
        (Some(false), Some(code)) => Err(Wrong::of(code, &value)),
        (Some(false) | None, _) => Err(Wrong::Unsure {
            what: "Slack did not say what became of it".into(),
        }),
    }
}

/// Where the next page begins, when there is one.
pub(super) fn next_page(answer: &Value) -> Option<String> {
    let cursor = answer["response_metadata"]["next_cursor"].as_str()?;
    (!cursor.is_empty()).then(|| cursor.to_string())
}
