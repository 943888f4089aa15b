//! What Slack posts to the bot, where it is not heard by web sockets.

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::connect::{Inbound, Told};
use super::{Way, Workspace, signature};
use crate::http::{Answered, Inbox, Posted};

/// How long Slack waits for what becomes of a form: three seconds, less what the way takes.
const PATIENCE: TimeDelta = TimeDelta::milliseconds(2_500);
/// How long until an address that could not be taken is tried again.
const AGAIN: TimeDelta = TimeDelta::seconds(60);

/// What takes what Slack posts.
#[derive(Clone)]
struct Taker {
    workspace: Arc<Workspace>,
    secret: SecretString,
    told: mpsc::Sender<(u64, Told)>,
}

/// Takes what Slack posts, where that is the way.
pub(super) fn open(workspace: &Arc<Workspace>, told: mpsc::Sender<(u64, Told)>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    match &workspace.settings.way {
        Way::Socket { .. } => {}
        Way::Http {
            signing_secret,
            listen,
        } => {
            let taker = Taker {
                workspace: workspace.clone(),
                secret: signing_secret.clone(),
                told,
            };
            tasks.spawn(take(taker, *listen));
        }
    }
    tasks
}

/// Whether an address can be taken.
///
/// # Errors
/// When it cannot, in words that stand after "because".
pub(super) async fn can_take(listen: SocketAddr) -> Result<(), String> {
    match Inbox::open(listen).await {
        Ok(_) => Ok(()),
        Err(error) => Err(why(&error)),
    }
}

fn why(error: &crate::http::HttpError) -> String {
    match error {
        crate::http::HttpError::Setup { why } => why.clone(),
        other => other.to_string(),
    }
}

async fn take(taker: Taker, listen: SocketAddr) {
    let clock = taker.workspace.clock.clone();
    loop {
        match Inbox::open(listen).await {
            Ok(inbox) => {
                tracing::info!(%listen, "what Slack posts is taken");
                if taker.told.send((0, Told::Taking(Ok(())))).await.is_err() {
                    return;
                }
                inbox
                    .take(move |posted| {
                        let taker = taker.clone();
                        async move { taker.answer(posted).await }
                    })
                    .await;
                return;
            }
            Err(error) => {
                let why = format!(
                    "what Slack posts cannot be taken at {listen}: {}",
                    why(&error)
                );
                if taker.told.send((0, Told::Taking(Err(why)))).await.is_err() {
                    return;
                }
                clock.until(clock.now() + AGAIN).await;
            }
        }
    }
}

/// Something that Slack posts.
enum Read {
    /// It wants this word back.
    Challenge(String),
    Inbound(Inbound, Option<oneshot::Receiver<Option<Value>>>),
    /// Nothing that is known.
    Nothing,
}

impl Taker {
    async fn answer(&self, posted: Posted) -> Answered {
        // Slack looks whether the certificate is good; that tells nobody anything.
        if form(posted.query.as_bytes()).contains_key("ssl_check")
            || (posted.body.len() < 1_000 && form(&posted.body).contains_key("ssl_check"))
        {
            return Answered::status(200);
        }
        if posted.method != "POST" {
            return Answered::status(405);
        }
        if !self.is_slack(&posted) {
            tracing::debug!("somebody else than Slack has posted something");
            return Answered::status(401);
        }
        match read(&posted) {
            Read::Challenge(word) => Answered {
                body: word.into_bytes(),
                ..Answered::status(200)
            },
            Read::Inbound(inbound, answer) => {
                // Slack posts it again later.
                if self.told.try_send((0, Told::Came(inbound))).is_err() {
                    return Answered::status(503);
                }
                self.answered(answer).await
            }
            Read::Nothing => Answered::status(200),
        }
    }

    fn is_slack(&self, posted: &Posted) -> bool {
        let timestamp = posted
            .header("x-slack-request-timestamp")
            .unwrap_or_default();
        let signature = posted.header("x-slack-signature").unwrap_or_default();
        let now = self.workspace.clock.now();
        let secret = self.secret.expose_secret();
        signature::is_good(secret, timestamp, signature, &posted.body, now)
    }

    async fn answered(&self, answer: Option<oneshot::Receiver<Option<Value>>>) -> Answered {
        let Some(answer) = answer else {
            return Answered::status(200);
        };
        let clock = &self.workspace.clock;
        let answer = tokio::select! {
            answer = answer => answer.ok().flatten(),
            () = clock.until(clock.now() + PATIENCE) => None,
        };
        match answer {
            Some(answer) => Answered {
                content_type: "application/json; charset=utf-8",
                body: answer.to_string().into_bytes(),
                ..Answered::status(200)
            },
            None => Answered::status(200),
        }
    }
}

fn read(posted: &Posted) -> Read {
    let kind = posted.header("content-type").unwrap_or_default();
    if kind.trim_start().starts_with("application/json") {
        let Ok(payload) = serde_json::from_slice::<Value>(&posted.body) else {
            return Read::Nothing;
        };
        return match payload["type"].as_str() {
            Some("url_verification") => {
                Read::Challenge(payload["challenge"].as_str().unwrap_or_default().into())
            }
            Some(_) | None => Read::Inbound(Inbound::Event(payload), None),
        };
    }
    let fields = form(&posted.body);
    if let Some(payload) = fields.get("payload").and_then(Value::as_str) {
        let Ok(payload) = serde_json::from_str::<Value>(payload) else {
            return Read::Nothing;
        };
        if payload["type"] == "view_submission" {
            let (answer, answered) = oneshot::channel();
            let inbound = Inbound::Interaction(payload, Some(answer));
            return Read::Inbound(inbound, Some(answered));
        }
        return Read::Inbound(Inbound::Interaction(payload, None), None);
    }
    match fields.contains_key("command") {
        true => Read::Inbound(Inbound::Command(Value::Object(fields)), None),
        false => Read::Nothing,
    }
}

fn form(body: &[u8]) -> Map<String, Value> {
    let fields = url::form_urlencoded::parse(body);
    fields
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}
