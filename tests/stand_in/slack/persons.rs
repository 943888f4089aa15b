//! What people do in their own clients: talk, type commands, click, fill in modals.

use serde_json::{Map, Value, json};

use super::channels::Kind;
use super::delivery::{After, Envelope};
use super::messages::Message;
use super::refused::Refused;
use super::state::{Slack, extend};

impl Slack {
    /// Somebody writes; what is typed is kept as it is.
    ///
    /// # Errors
    /// `channel_not_found`, `not_in_channel`, `is_archived`, `thread_not_found`.
    pub fn say(
        &mut self,
        channel: &str,
        user: &str,
        text: &str,
        thread: Option<&str>,
    ) -> Result<String, Refused> {
        let its = self
            .channels
            .get(channel)
            .ok_or(Refused::from("channel_not_found"))?;
        let team = self
            .users
            .get(user)
            .ok_or(Refused::from("user_not_found"))?
            .team
            .clone();
        if !its.members.contains(user) {
            return Err("not_in_channel".into());
        }
        if its.archived {
            return Err("is_archived".into());
        }
        if thread.is_some_and(|thread| !its.messages.contains_key(thread)) {
            return Err("thread_not_found".into());
        }
        let message = Message {
            user: user.into(),
            bot: self.users[user].bot.clone(),
            team,
            text: text.into(),
            thread: thread.map(String::from),
            ..Message::default()
        };
        Ok(self.post(channel, message))
    }

    /// The app that takes a command in a workspace: the one installed last.
    fn commanded(&self, team: &str, command: &str) -> Option<String> {
        let all = self.apps.values().rev();
        let mut all =
            all.filter(|app| app.installs.contains_key(team) && app.commands.contains(command));
        all.next().map(|app| app.id.clone())
    }

    /// Somebody types a command; gives the number of the delivery.
    ///
    /// # Errors
    /// `user_not_found`, `channel_not_found`, `unknown_command`.
    pub fn command(
        &mut self,
        channel: &str,
        user: &str,
        command: &str,
        text: &str,
    ) -> Result<u64, Refused> {
        let its = self
            .channels
            .get(channel)
            .ok_or(Refused::from("channel_not_found"))?;
        let person = self
            .users
            .get(user)
            .ok_or(Refused::from("user_not_found"))?;
        let team = person.team.clone();
        let name = match its.kind {
            Kind::Im => "directmessage".to_string(),
            Kind::Private | Kind::Mpim => "privategroup".to_string(),
            Kind::Public => its.name.clone(),
        };
        let handle = person.name.clone();
        let app = self
            .commanded(&team, command)
            .ok_or(Refused::from("unknown_command"))?;
        let typed = match text {
            "" => command.to_string(),
            text => format!("{command} {text}"),
        };
        let hook = self.hook(&app, (&team, channel, user), None, Some(typed));
        let payload = json!({
            "token": "ignore", "team_id": team, "team_domain": self.teams[&team].domain, "channel_id": channel,
            "channel_name": name, "user_id": user, "user_name": handle, "command": command, "text": text,
            "api_app_id": app, "is_enterprise_install": "false", "response_url": self.hook_url(&hook),
            "trigger_id": self.trigger(&app, &team, user, None),
        });
        Ok(self.deliver(
            &app,
            Envelope::Commands,
            payload,
            true,
            After::Answer { hook },
        ))
    }

    fn who(&self, user: &str) -> Value {
        let person = &self.users[user];
        json!({"id": user, "username": person.name, "name": person.name, "team_id": person.team})
    }

    fn around(
        &mut self,
        kind: &str,
        app: &str,
        team: &str,
        user: &str,
        view: Option<String>,
    ) -> Value {
        json!({
            "type": kind, "user": self.who(user), "api_app_id": app, "token": "ignore",
            "team": {"id": team, "domain": self.teams[team].domain},
            "enterprise": null, "is_enterprise_install": false,
            "trigger_id": self.trigger(app, team, user, view),
        })
    }

    /// Somebody clicks or chooses in a message; gives the number of the delivery.
    ///
    /// # Errors
    /// `user_not_found`, `message_not_found`, `action_not_found`, `app_missing`.
    pub fn click(
        &mut self,
        channel: &str,
        ts: &str,
        user: &str,
        action: &str,
        chosen: &Value,
    ) -> Result<u64, Refused> {
        let person = self
            .users
            .get(user)
            .ok_or(Refused::from("user_not_found"))?;
        let team = person.team.clone();
        let its = self
            .channels
            .get(channel)
            .ok_or(Refused::from("channel_not_found"))?;
        let whispered = self
            .ephemerals
            .iter()
            .find(|its| its.message.ts == ts && its.to == user);
        let ephemeral = whispered.is_some();
        let message = whispered
            .map(|its| &its.message)
            .or_else(|| its.messages.get(ts));
        let message = message.ok_or(Refused::from("message_not_found"))?.clone();
        let (_, app) = message.bot.clone().ok_or(Refused::from("app_missing"))?;
        let name = its.name.clone();
        let inside = message
            .attachments
            .iter()
            .filter_map(|its| its["blocks"].as_array())
            .flatten();
        let blocks: Vec<Value> = message.blocks.iter().chain(inside).cloned().collect();
        let its = acted(&blocks, action, chosen).ok_or(Refused::from("action_not_found"))?;
        let hook = self.hook(&app, (&team, channel, user), Some(ts), None);
        let mut payload = self.around("block_actions", &app, &team, user, None);
        let mut container = json!({
            "type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": ephemeral,
        });
        if let Some(thread) = &message.thread {
            container["thread_ts"] = json!(thread);
        }
        let at = self.ts();
        let mut its = its;
        its["action_ts"] = json!(at);
        let more = json!({
            "container": container, "channel": {"id": channel, "name": name}, "state": {"values": {}},
            "response_url": self.hook_url(&hook), "actions": [its],
        });
        extend(&mut payload, more);
        if !ephemeral {
            payload["message"] = message.json();
        }
        Ok(self.deliver(&app, Envelope::Interactive, payload, false, After::Nothing))
    }

    /// Somebody clicks in a view.
    ///
    /// # Errors
    /// `view_not_found`, `action_not_found`.
    pub fn click_in(&mut self, view: &str, action: &str, chosen: &Value) -> Result<u64, Refused> {
        let its = self
            .views
            .get(view)
            .ok_or(Refused::from("view_not_found"))?
            .clone();
        let none = Vec::new();
        let blocks = its.body["blocks"].as_array().unwrap_or(&none);
        let mut acted = acted(blocks, action, chosen).ok_or(Refused::from("action_not_found"))?;
        acted["action_ts"] = json!(self.ts());
        let mut payload = self.around(
            "block_actions",
            &its.app,
            &its.team,
            &its.user,
            Some(view.into()),
        );
        let more = json!({
            "container": {"type": "view", "view_id": view}, "view": self.view_json(view), "actions": [acted],
            "state": {"values": its.values},
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

    /// Somebody submits a modal with what stands in `values`, by block and action, or by action alone.
    ///
    /// # Errors
    /// `view_not_found`; `missing_value` with the blocks that must be filled in: Slack's own client looks first.
    pub fn submit(&mut self, view: &str, values: &Map<String, Value>) -> Result<u64, Refused> {
        let its = self
            .views
            .get(view)
            .ok_or(Refused::from("view_not_found"))?
            .clone();
        let blocks = its.body["blocks"].as_array().cloned().unwrap_or_default();
        let (mut state, mut missing) = (Map::new(), Vec::new());
        for block in blocks.iter().filter(|block| block["type"] == "input") {
            let (name, element) = (text(&block["block_id"]), &block["element"]);
            let action = text(&element["action_id"]);
            let given = values
                .get(&name)
                .and_then(|its| its.get(&action).or(Some(its)));
            let given = given.filter(|its| !its.is_object() || its.get("type").is_some());
            let given = given
                .or_else(|| values.get(&action))
                .cloned()
                .unwrap_or(Value::Null);
            let value = valued(element, &given);
            if value.1 && block["optional"] != true {
                missing.push(name.clone());
            }
            state.insert(name, json!({action: value.0}));
        }
        if !missing.is_empty() {
            return Err(Refused::because("missing_value", &missing));
        }
        let callback = its.body["callback_id"].clone();
        if let Some(its) = self.views.get_mut(view) {
            its.values = state;
            its.errors.clear();
        }
        let mut payload = self.around(
            "view_submission",
            &its.app,
            &its.team,
            &its.user,
            Some(view.into()),
        );
        let more =
            json!({"view": self.view_json(view), "response_urls": [], "callback_id": callback});
        extend(&mut payload, more);
        let after = After::Submitted { view: view.into() };
        Ok(self.deliver(&its.app, Envelope::Interactive, payload, true, after))
    }

    /// Somebody closes a modal; the app hears of it only if it wants to.
    ///
    /// # Errors
    /// `view_not_found`.
    pub fn close(&mut self, view: &str) -> Result<Option<u64>, Refused> {
        let its = self
            .views
            .get(view)
            .ok_or(Refused::from("view_not_found"))?
            .clone();
        let told = its.body["notify_on_close"] == true;
        let mut payload = self.around("view_closed", &its.app, &its.team, &its.user, None);
        extend(
            &mut payload,
            json!({"view": self.view_json(view), "is_cleared": false}),
        );
        self.views.remove(view);
        Ok(told.then(|| {
            self.deliver(
                &its.app,
                Envelope::Interactive,
                payload,
                false,
                After::Nothing,
            )
        }))
    }

    /// Somebody uses a shortcut: of a message, or anywhere.
    ///
    /// # Errors
    /// `user_not_found`, `message_not_found`.
    pub fn shortcut(
        &mut self,
        app: &str,
        user: &str,
        callback: &str,
        message: Option<(&str, &str)>,
    ) -> Result<u64, Refused> {
        let team = self
            .users
            .get(user)
            .ok_or(Refused::from("user_not_found"))?
            .team
            .clone();
        let kind = if message.is_some() {
            "message_action"
        } else {
            "shortcut"
        };
        let mut payload = self.around(kind, app, &team, user, None);
        payload["callback_id"] = json!(callback);
        payload["action_ts"] = json!(self.ts());
        if let Some((channel, ts)) = message {
            let its = self
                .channels
                .get(channel)
                .ok_or(Refused::from("channel_not_found"))?;
            let found = its
                .messages
                .get(ts)
                .ok_or(Refused::from("message_not_found"))?;
            let more = json!({
                "channel": {"id": channel, "name": its.name}, "message": found.json(), "message_ts": ts,
            });
            extend(&mut payload, more);
            let hook = self.hook(app, (&team, channel, user), Some(ts), None);
            payload["response_url"] = json!(self.hook_url(&hook));
        }
        Ok(self.deliver(app, Envelope::Interactive, payload, false, After::Nothing))
    }

    /// Somebody opens the app's home, or its messages.
    ///
    /// # Errors
    /// `user_not_found`.
    pub fn open_home(&mut self, app: &str, user: &str, tab: &str) -> Result<(), Refused> {
        let team = self
            .users
            .get(user)
            .ok_or(Refused::from("user_not_found"))?
            .team
            .clone();
        let bot = self.apps.get(app).and_then(|app| app.installs.get(&team));
        let bot = bot.ok_or(Refused::from("app_missing"))?.user.clone();
        let (channel, _) = self.direct(&team, &[bot, user.into()]);
        let at = self.ts();
        let event = json!({"type": "app_home_opened", "user": user, "channel": channel, "tab": tab, "event_ts": at});
        self.tell("app_home_opened", &team, None, &event);
        Ok(())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

/// The action of an element in blocks, with what was chosen.
fn acted(blocks: &[Value], action: &str, chosen: &Value) -> Option<Value> {
    for block in blocks {
        let elements = block["elements"].as_array().into_iter().flatten();
        let single = [&block["accessory"], &block["element"]];
        let mut all = elements.chain(single);
        let Some(element) = all.find(|its| its["action_id"] == json!(action)) else {
            continue;
        };
        let mut acted = match element["type"].as_str() {
            Some("button") => {
                json!({"type": "button", "text": element["text"], "value": element["value"]})
            }
            Some(_) | None => valued(element, chosen).0,
        };
        if acted["value"].is_null()
            && let Some(all) = acted.as_object_mut()
        {
            all.remove("value");
        }
        extend(
            &mut acted,
            json!({"action_id": action, "block_id": block["block_id"]}),
        );
        return Some(acted);
    }
    None
}

/// What an element holds after somebody gave it a value, and whether it is empty.
fn valued(element: &Value, given: &Value) -> (Value, bool) {
    if given.get("type").is_some() {
        return (given.clone(), false);
    }
    let kind = text(&element["type"]);
    let options = element["options"].as_array().cloned().unwrap_or_default();
    let groups = element["option_groups"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let grouped = groups
        .iter()
        .filter_map(|group| group["options"].as_array())
        .flatten();
    let all: Vec<Value> = options.iter().chain(grouped).cloned().collect();
    let option = |value: &Value| {
        let known = all.iter().find(|option| option["value"] == *value).cloned();
        let free = json!({"text": {"type": "plain_text", "text": value}, "value": value});
        known.or_else(|| (kind.contains("external") && value.is_string()).then_some(free))
    };
    let many: Vec<Value> = match given {
        Value::Array(all) => all.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let (name, value) = match kind.as_str() {
        "static_select" | "external_select" | "radio_buttons" | "overflow" => {
            let first = element.get("initial_option").cloned();
            (
                "selected_option",
                option(given)
                    .or(first.filter(|_| given.is_null()))
                    .unwrap_or_default(),
            )
        }
        "checkboxes" | "multi_static_select" | "multi_external_select" => {
            let chosen: Vec<Value> = many.iter().filter_map(option).collect();
            let first = element["initial_options"].clone();
            match given.is_null() && first.is_array() {
                true => ("selected_options", first),
                false => ("selected_options", json!(chosen)),
            }
        }
        "users_select" => ("selected_user", given.clone()),
        "conversations_select" => ("selected_conversation", given.clone()),
        "channels_select" => ("selected_channel", given.clone()),
        "multi_users_select" => ("selected_users", json!(many)),
        "multi_conversations_select" => ("selected_conversations", json!(many)),
        "multi_channels_select" => ("selected_channels", json!(many)),
        "datepicker" => ("selected_date", or(given, &element["initial_date"])),
        "timepicker" => ("selected_time", or(given, &element["initial_time"])),
        "datetimepicker" => (
            "selected_date_time",
            or(given, &element["initial_date_time"]),
        ),
        _ => ("value", or(given, &element["initial_value"])),
    };
    let empty = value.is_null()
        || value.as_str().is_some_and(str::is_empty)
        || value.as_array().is_some_and(Vec::is_empty);
    let value = if value.as_str() == Some("") {
        Value::Null
    } else {
        value
    };
    (json!({"type": kind, name: value}), empty)
}

fn or(given: &Value, first: &Value) -> Value {
    match given {
        Value::Null => first.clone(),
        given => given.clone(),
    }
}
