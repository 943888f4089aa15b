//! What people click and choose: in messages and in views.

use serde_json::{Value, json};

use super::delivery::{After, Envelope};
use super::messages::Message;
use super::refused::Refused;
use super::state::{Slack, extend, without};
use super::values::{self, Aim};

/// Where somebody clicks.
#[derive(Clone, Copy, Debug)]
pub enum Spot<'a> {
    View(&'a str),
    /// Without `ts` it is the last message that has such an element.
    Message {
        channel: &'a str,
        ts: Option<&'a str>,
        user: &'a str,
    },
}

/// A message in which somebody clicks.
struct Source {
    message: Message,
    ephemeral: bool,
    app: String,
    /// The workspace in which the app is.
    team: String,
}

/// All blocks of a message, also those in attachments.
pub fn blocks(message: &Message) -> Vec<Value> {
    let inside = message.attachments.iter();
    let inside = inside.filter_map(|its| its["blocks"].as_array()).flatten();
    message.blocks.iter().chain(inside).cloned().collect()
}

impl Slack {
    /// The message that somebody means, whether all see it or only this person.
    fn source(
        &self,
        channel: &str,
        ts: Option<&str>,
        user: &str,
        aim: &Aim<'_>,
    ) -> Result<Source, Refused> {
        let its = self
            .channels
            .get(channel)
            .ok_or(Refused::from("channel_not_found"))?;
        let person = self
            .users
            .get(user)
            .ok_or(Refused::from("user_not_found"))?;
        let whispered = self.ephemerals.iter();
        let whispered = whispered
            .filter(|its| its.to == user && its.channel == channel)
            .map(|its| (&its.message, true));
        let mut all: Vec<(&Message, bool)> =
            its.messages.values().map(|its| (its, false)).collect();
        all.extend(whispered);
        all.sort_by(|one, other| other.0.ts.cmp(&one.0.ts));
        let fits = |message: &Message| match ts {
            Some(ts) => message.ts == ts,
            None => aim.find(&blocks(message)).is_some(),
        };
        let found = all.into_iter().find(|(message, _)| fits(message));
        let (message, ephemeral) = found.ok_or(Refused::from("message_not_found"))?;
        let (_, app) = message.bot.clone().ok_or(Refused::from("app_missing"))?;
        let home = self.apps[&app].installs.contains_key(&person.team);
        Ok(Source {
            message: message.clone(),
            ephemeral,
            app,
            team: if home {
                person.team.clone()
            } else {
                message.team.clone()
            },
        })
    }

    fn offered(&self, user: &str, element: &Value) -> Vec<Value> {
        let action = values::text(&element["action_id"]);
        let offers = self.offers.get(&(user.to_string(), action));
        offers.cloned().unwrap_or_default()
    }

    /// Somebody clicks or chooses; gives the number of the delivery.
    ///
    /// # Errors
    /// `user_not_found`, `channel_not_found`, `message_not_found`, `view_not_found`, `action_not_found`, `app_missing`.
    pub fn click(&mut self, spot: Spot<'_>, aim: &Aim<'_>) -> Result<u64, Refused> {
        match spot {
            Spot::View(view) => self.click_in_view(view, aim),
            Spot::Message { channel, ts, user } => {
                let source = self.source(channel, ts, user, aim)?;
                self.click_in_message(channel, user, source, aim)
            }
        }
    }

    fn click_in_message(
        &mut self,
        channel: &str,
        user: &str,
        source: Source,
        aim: &Aim<'_>,
    ) -> Result<u64, Refused> {
        let (message, app) = (source.message, source.app);
        let blocks = blocks(&message);
        let found = aim.find(&blocks).ok_or(Refused::from("action_not_found"))?;
        let mut acted = aim.act(found.0, found.1, &self.offered(user, found.1));
        let key = (message.ts.clone(), user.to_string());
        let kept = self.chosen.entry(key).or_default();
        if !["button", "overflow"].contains(&values::text(&found.1["type"]).as_str()) {
            let mut held = acted.clone();
            without(&mut held, &["action_id", "block_id"]);
            let block = values::text(&found.0["block_id"]);
            kept.entry(block).or_insert_with(|| json!({}))[values::text(&found.1["action_id"])] =
                held;
        }
        let state = values::state(&blocks, kept);
        let ts = message.ts.as_str();
        let hook = self.hook(&app, (&source.team, channel, user), Some(ts), None);
        let mut payload = self.around("block_actions", &app, &source.team, user, None);
        let mut container = json!({
            "type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": source.ephemeral,
        });
        if let Some(thread) = &message.thread {
            container["thread_ts"] = json!(thread);
        }
        acted["action_ts"] = json!(self.ts());
        let more = json!({
            "container": container, "channel": self.named(channel), "state": {"values": state},
            "response_url": self.hook_url(&hook), "actions": [acted],
        });
        extend(&mut payload, more);
        if !source.ephemeral {
            payload["message"] = self.whole(channel, &message);
        }
        Ok(self.deliver(&app, Envelope::Interactive, payload, false, After::Nothing))
    }

    /// A channel as payloads name it.
    pub(super) fn named(&self, channel: &str) -> Value {
        let its = &self.channels[channel];
        let name = match its.kind {
            super::channels::Kind::Im => "directmessage",
            _ => its.name.as_str(),
        };
        json!({"id": channel, "name": name})
    }

    fn click_in_view(&mut self, view: &str, aim: &Aim<'_>) -> Result<u64, Refused> {
        let its = self.views.get(view).cloned();
        let its = its.ok_or(Refused::from("view_not_found"))?;
        let blocks = its.blocks();
        let found = aim.find(&blocks).ok_or(Refused::from("action_not_found"))?;
        let mut acted = aim.act(found.0, found.1, &self.offered(&its.user, found.1));
        if found.1["type"] != "button" {
            self.hold(view, found.0, found.1, &acted);
        }
        acted["action_ts"] = json!(self.ts());
        let on = Some(view.to_string());
        let mut payload = self.around("block_actions", &its.app, &its.team, &its.user, on);
        let more = json!({
            "container": {"type": "view", "view_id": view}, "view": self.view_told(view), "actions": [acted],
        });
        extend(&mut payload, more);
        Ok(self.deliver(
            &its.app,
            Envelope::Interactive,
            payload,
            false,
            After::Nothing,
        ))
    }

    /// Somebody types into an external select; the app says what can be chosen.
    ///
    /// # Errors
    /// As [`Slack::click`], and `query_too_short`: Slack's own client does not ask yet.
    pub fn suggest(&mut self, spot: Spot<'_>, aim: &Aim<'_>, typed: &str) -> Result<u64, Refused> {
        let (user, app, team, blocks, more) = match spot {
            Spot::View(view) => {
                let its = self.views.get(view).cloned();
                let its = its.ok_or(Refused::from("view_not_found"))?;
                let more = json!({
                    "container": {"type": "view", "view_id": view}, "view": self.view_told(view),
                });
                let blocks = its.blocks();
                (its.user, its.app, its.team, blocks, more)
            }
            Spot::Message { channel, ts, user } => {
                let its = self.source(channel, ts, user, aim)?;
                let container = json!({
                    "type": "message", "message_ts": its.message.ts, "channel_id": channel,
                    "is_ephemeral": its.ephemeral,
                });
                let more = json!({
                    "container": container, "channel": self.named(channel),
                    "message": self.whole(channel, &its.message),
                });
                (
                    user.to_string(),
                    its.app,
                    its.team,
                    blocks(&its.message),
                    more,
                )
            }
        };
        let external = |its: &Value| values::text(&its["type"]).contains("external");
        let found = aim.find(&blocks).filter(|(_, element)| external(element));
        let (block, element) = found.ok_or(Refused::from("action_not_found"))?;
        let least = element["min_query_length"].as_u64().unwrap_or(3);
        if (typed.chars().count() as u64) < least {
            return Err("query_too_short".into());
        }
        let action = values::text(&element["action_id"]);
        let mut payload = self.around("block_suggestion", &app, &team, &user, None);
        extend(&mut payload, more);
        let more = json!({"value": typed, "action_id": action, "block_id": block["block_id"]});
        extend(&mut payload, more);
        without(&mut payload, &["trigger_id"]);
        let after = After::Suggested { user, action };
        Ok(self.deliver(&app, Envelope::Interactive, payload, true, after))
    }

    /// Keeps what an app offers, when it is as it must be: at most 100, each with a text and a value.
    pub fn suggested(&mut self, user: &str, action: &str, payload: Option<&Value>) {
        let all = payload.map(values::options).unwrap_or_default();
        let good = |its: &Value| {
            let text = its["text"]["text"].as_str().unwrap_or_default();
            let value = its["value"].as_str().unwrap_or_default();
            let lengths = (1..=75).contains(&text.chars().count()) && value.chars().count() <= 150;
            its["text"]["type"] == "plain_text" && lengths && !value.is_empty()
        };
        let key = (user.to_string(), action.to_string());
        match all.len() <= 100 && all.iter().all(good) {
            true => self.offers.insert(key, all),
            false => self.offers.remove(&key),
        };
    }
}
