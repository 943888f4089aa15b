//! What people do in their own clients: talk, type commands, use shortcuts, open the home of an app.

use serde_json::{Value, json};

use super::channels::Kind;
use super::delivery::{After, Envelope};
use super::messages::Message;
use super::refused::Refused;
use super::state::{Slack, extend};

impl Slack {
    /// Somebody writes; what is typed is kept as it is.
    ///
    /// # Errors
    /// `channel_not_found`, `not_in_channel`, `is_archived`, `thread_not_found`, `restricted_action_read_only_channel`.
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
        // Who answers a reply answers in its thread.
        let thread = thread.map(|ts| {
            let parent = its.messages.get(ts).and_then(|its| its.thread.clone());
            parent.unwrap_or(ts.to_string())
        });
        if its.read_only && !self.users[user].admin() {
            return Err("restricted_action_read_only_channel".into());
        }
        let message = Message {
            user: user.into(),
            bot: self.users[user].bot.clone(),
            team,
            text: text.into(),
            thread,
            ..Message::default()
        };
        Ok(self.post(channel, message))
    }

    /// The app that takes a command in a workspace: the one installed last.
    fn commanded(&self, team: &str, command: &str) -> Option<String> {
        let all = self.apps.values();
        let all = all.filter(|app| app.commands.contains(command));
        let all = all.filter_map(|app| Some((app.installs.get(team)?.at, app)));
        all.max_by_key(|(at, _)| *at).map(|(_, app)| app.id.clone())
    }

    /// Somebody types a command; gives the number of the delivery.
    ///
    /// # Errors
    /// `user_not_found`, `channel_not_found`, `not_in_channel`, `is_archived`, `unknown_command`.
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
        if !its.members.contains(user) {
            return Err("not_in_channel".into());
        }
        if its.archived {
            return Err("is_archived".into());
        }
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

    /// As payloads name somebody.
    fn who(&self, user: &str) -> Value {
        let person = &self.users[user];
        json!({"id": user, "username": person.name, "name": person.name, "team_id": person.team})
    }

    /// What is in every payload of interactivity.
    pub(super) fn around(
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

    /// Somebody uses a shortcut: of a message, or anywhere.
    ///
    /// # Errors
    /// `user_not_found`, `app_missing`, `channel_not_found`, `not_in_channel`, `message_not_found`.
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
        if !self.apps[app].installs.contains_key(&team) {
            return Err("app_missing".into());
        }
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
            if !its.members.contains(user) {
                return Err("not_in_channel".into());
            }
            // What it answers can take the place of its own message only.
            let own = found.bot.as_ref().is_some_and(|(_, its)| its == app);
            let more = json!({
                "channel": self.named(channel), "message": self.whole(channel, found), "message_ts": ts,
            });
            extend(&mut payload, more);
            let hook = self.hook(app, (&team, channel, user), own.then_some(ts), None);
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
        let mut event = json!({
            "type": "app_home_opened", "user": user, "channel": channel, "tab": tab, "event_ts": at,
        });
        let mut views = self.views.values();
        let shown = views.find(|its| {
            its.app == app && its.user == user && its.body["type"] == "home" && tab == "home"
        });
        if let Some(view) = shown {
            event["view"] = self.view_told(&view.id);
        }
        self.tell("app_home_opened", &team, None, &event);
        Ok(())
    }
}
