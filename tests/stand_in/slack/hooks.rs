//! Addresses to which an app answers without a token: after a command or a click.

use serde_json::{Map, Value, json};

use super::blocks::{self, Place};
use super::messages::{Ephemeral, Message};
use super::refused::Refused;
use super::state::Slack;

/// A response URL.
#[derive(Clone, Debug)]
pub struct Hook {
    pub app: String,
    pub team: String,
    pub channel: String,
    pub user: String,
    /// The message in which somebody clicked.
    pub source: Option<String>,
    pub uses: u32,
    pub until: i64,
    /// What was typed, to show it with an answer for all.
    pub typed: Option<String>,
}

/// How often one can be used, and for how many seconds.
const USES: u32 = 5;
const LIFE: i64 = 30 * 60;

impl Slack {
    /// Makes one; gives its secret part.
    pub fn hook(
        &mut self,
        app: &str,
        at: (&str, &str, &str),
        source: Option<&str>,
        typed: Option<String>,
    ) -> String {
        let (team, channel, user) = at;
        let id = format!("{team}/{}/{}", self.count(), self.opaque("hook"));
        let hook = Hook {
            app: app.into(),
            team: team.into(),
            channel: channel.into(),
            user: user.into(),
            source: source.map(String::from),
            uses: 0,
            until: self.now() + LIFE,
            typed,
        };
        self.hooks.insert(id.clone(), hook);
        id
    }

    pub fn hook_url(&self, id: &str) -> String {
        format!("{}/actions/{id}", self.url)
    }

    /// An answer sent to a response URL.
    ///
    /// # Errors
    /// `used_url`, `expired_url`, `invalid_url`, and what is wrong with the message.
    pub fn answer(&mut self, id: &str, body: &Value) -> Result<(), Refused> {
        let now = self.now();
        let hook = self.hooks.get_mut(id).ok_or(Refused::from("invalid_url"))?;
        if now > hook.until {
            return Err("expired_url".into());
        }
        if hook.uses >= USES {
            return Err("used_url".into());
        }
        hook.uses += 1;
        let hook = hook.clone();
        self.put(&hook, body)
    }

    /// The answer in an acknowledgement; a wrong one is not shown.
    pub fn answered(&mut self, id: &str, payload: Option<&Value>) {
        let (Some(hook), Some(payload)) = (self.hooks.get(id).cloned(), payload) else {
            return;
        };
        if payload["response_type"] == "in_channel"
            && let Some(typed) = &hook.typed
        {
            let message = Message {
                user: hook.user.clone(),
                team: hook.team.clone(),
                text: typed.clone(),
                subtype: Some("slash_command"),
                ..Message::default()
            };
            self.show_typed(&hook.channel, message);
        }
        let empty = payload.as_object().is_some_and(Map::is_empty);
        let only = payload.get("text").is_none() && payload.get("blocks").is_none();
        if empty || only && payload.get("attachments").is_none() {
            return;
        }
        if let Err(refused) = self.put(&hook, payload) {
            self.tell_one(
                &hook.channel,
                &hook.user,
                &format!("{}: {}", hook.app, refused.error),
            );
        }
    }

    /// What was typed stands in the channel without an event.
    fn show_typed(&mut self, channel: &str, mut message: Message) {
        message.ts = self.ts();
        if let Some(channel) = self.channels.get_mut(channel) {
            channel.messages.insert(message.ts.clone(), message);
        }
    }

    fn put(&mut self, hook: &Hook, body: &Value) -> Result<(), Refused> {
        let yes = |name: &str| body[name] == json!(true) || body[name] == "true";
        let source = hook.source.clone();
        if yes("delete_original") {
            let source = source.ok_or(Refused::from("message_not_found"))?;
            if let Some(at) = self
                .ephemerals
                .iter()
                .position(|its| its.message.ts == source)
            {
                self.ephemerals.remove(at);
            } else {
                self.remove(&hook.channel, &source);
            }
            return Ok(());
        }
        let message = self.made(hook, body)?;
        if yes("replace_original") {
            let source = source.ok_or(Refused::from("message_not_found"))?;
            let mut own = self.ephemerals.iter_mut();
            if let Some(old) = own.find(|its| its.message.ts == source) {
                old.message.text = message.text;
                old.message.blocks = message.blocks;
                old.message.attachments = message.attachments;
            } else {
                self.edit(&hook.channel, &source, |old| {
                    old.text = message.text;
                    old.blocks = message.blocks;
                    old.attachments = message.attachments;
                });
            }
            return Ok(());
        }
        if body["response_type"] == "in_channel" {
            self.post(&hook.channel, message);
            return Ok(());
        }
        self.whisper(&hook.channel, &hook.user, message);
        Ok(())
    }

    /// The message of an answer.
    fn made(&mut self, hook: &Hook, body: &Value) -> Result<Message, Refused> {
        let text = body["text"].as_str().unwrap_or_default();
        let list = |name: &str| match &body[name] {
            Value::Null => Ok(Vec::new()),
            Value::Array(all) => Ok(all.clone()),
            Value::String(text) => {
                serde_json::from_str(text).map_err(|_| Refused::from("invalid_payload"))
            }
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => Err("invalid_payload".into()),
        };
        let (blocks, attachments) = (list("blocks")?, list("attachments")?);
        if text.is_empty() && blocks.is_empty() && attachments.is_empty() {
            return Err("no_text".into());
        }
        let wrong = blocks::wrong(&blocks, Place::Message);
        if !wrong.is_empty() {
            return Err(Refused::because("invalid_blocks", &wrong));
        }
        let install = self.apps[&hook.app].installs.get(&hook.team);
        let install = install.ok_or(Refused::from("invalid_url"))?;
        Ok(Message {
            user: install.user.clone(),
            bot: Some((install.bot.clone(), hook.app.clone())),
            team: hook.team.clone(),
            text: text.into(),
            blocks,
            attachments,
            thread: body["thread_ts"].as_str().map(String::from),
            ..Message::default()
        })
    }

    /// A message for one person; gives its `ts`.
    pub fn whisper(&mut self, channel: &str, to: &str, mut message: Message) -> String {
        message.ts = self.ts();
        for block in &mut message.blocks {
            self.name_block(block);
        }
        let ts = message.ts.clone();
        self.ephemerals.push(Ephemeral {
            channel: channel.into(),
            to: to.into(),
            message,
        });
        ts
    }

    /// A line of Slack itself for one person.
    pub fn tell_one(&mut self, channel: &str, to: &str, text: &str) {
        let message = Message {
            user: "USLACKBOT".into(),
            text: text.into(),
            ..Message::default()
        };
        self.whisper(channel, to, message);
    }

    /// A command or a click that nobody took in time.
    pub fn person_sees_failure(&mut self, payload: &Value, reason: &str) {
        let place = |name: &str| payload[name]["id"].as_str().map(String::from);
        let channel = payload["channel_id"].as_str().map(String::from);
        let user = payload["user_id"].as_str().map(String::from);
        if let Some(view) = payload["view"]["id"].as_str() {
            self.view_failed(view, "We had some trouble connecting. Try again?");
            return;
        }
        let channel = channel.or_else(|| place("channel"));
        let user = user.or_else(|| place("user"));
        if let (Some(channel), Some(user)) = (channel, user) {
            let what = payload["command"].as_str().unwrap_or("This app");
            self.tell_one(
                &channel,
                &user,
                &format!("{what} failed with the error \"{reason}\""),
            );
        }
    }
}
