//! Incoming webhooks: addresses that post into one channel, without a token.

use serde_json::Value;

use super::answer::Answer;
use super::blocks::{self, Place};
use super::limits::Rates;
use super::messages::Message;
use super::state::Slack;

/// An incoming webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    pub app: String,
    pub team: String,
    pub channel: String,
    /// It was taken away: who has its address finds nothing behind it.
    pub gone: bool,
}

const MOST_ATTACHMENTS: usize = 100;

/// A failure: a status and one word, no JSON.
struct Failed(u16, &'static str);

impl Slack {
    /// Makes one; gives its address.
    pub fn webhook(&mut self, app: &str, channel: &str) -> String {
        let team = self.channels[channel].team.clone();
        let path = format!("{team}/{}/{}", self.id("B"), self.opaque("webhook"));
        let webhook = Webhook {
            app: app.into(),
            team,
            channel: channel.into(),
            gone: false,
        };
        let address = format!("{}/services/{path}", self.url);
        self.webhooks.insert(path, webhook);
        address
    }

    /// What was sent to `/services/T…/B…/…`.
    pub fn hooked(&mut self, parts: &[&str], body: Option<Value>) -> Answer {
        let path = parts.join("/");
        if self.rules.rates == Rates::Real && self.webhooks.contains_key(&path) {
            let now = self.clock.now();
            if let Err(seconds) = self.limits.beside(&path, now) {
                return Answer::later(seconds);
            }
        }
        match self.put_hooked(parts, body) {
            Ok(()) => Answer::text(200, "ok"),
            Err(Failed(status, word)) => Answer::text(status, word),
        }
    }

    fn put_hooked(&mut self, parts: &[&str], body: Option<Value>) -> Result<(), Failed> {
        let [team, bot, secret] = parts else {
            return Err(Failed(404, "no_service_id"));
        };
        if !self.teams.contains_key(*team) {
            return Err(Failed(404, "no_team"));
        }
        let Some(hook) = self.webhooks.get(&format!("{team}/{bot}/{secret}")) else {
            let start = format!("{team}/{bot}/");
            let known = self.webhooks.keys().any(|its| its.starts_with(&start));
            return Err(match known {
                true => Failed(403, "invalid_token"),
                false => Failed(404, "no_service"),
            });
        };
        if hook.gone {
            return Err(Failed(404, "no_active_hooks"));
        }
        let hook = hook.clone();
        let install = self.apps[&hook.app].installs.get(&hook.team).cloned();
        let install = install.ok_or(Failed(403, "action_prohibited"))?;
        let channel = self.channels.get(&hook.channel);
        let channel = channel.ok_or(Failed(404, "channel_not_found"))?;
        if channel.archived {
            return Err(Failed(410, "channel_is_archived"));
        }
        if channel.read_only && channel.general {
            return Err(Failed(403, "posting_to_general_channel_denied"));
        }
        if channel.read_only {
            return Err(Failed(403, "action_prohibited"));
        }
        let body = body.filter(Value::is_object);
        let body = body.ok_or(Failed(400, "invalid_payload"))?;
        let list = |name: &str| match &body[name] {
            Value::Null => Ok(Vec::new()),
            Value::Array(all) => Ok(all.clone()),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                Err(Failed(400, "invalid_payload"))
            }
        };
        let (blocks, attachments) = (list("blocks")?, list("attachments")?);
        let text = body["text"].as_str().unwrap_or_default();
        if text.trim().is_empty() && blocks.is_empty() && attachments.is_empty() {
            return Err(Failed(400, "no_text"));
        }
        if attachments.len() > MOST_ATTACHMENTS {
            return Err(Failed(400, "too_many_attachments"));
        }
        if !blocks::wrong(&blocks, Place::Message).is_empty() {
            return Err(Failed(400, "invalid_blocks"));
        }
        let thread = body["thread_ts"].as_str().map(String::from);
        let unfurls = |name: &str| body[name].as_bool();
        let message = Message {
            user: install.user,
            bot: Some((install.bot, hook.app)),
            team: hook.team,
            text: text.into(),
            blocks,
            attachments,
            thread: thread.filter(|its| channel.messages.contains_key(its)),
            subtype: Some("bot_message"),
            unfurls: (unfurls("unfurl_links"), unfurls("unfurl_media")),
            ..Message::default()
        };
        self.post(&hook.channel, message);
        Ok(())
    }
}
