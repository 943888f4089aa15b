//! Which apps hear of what happens, and in which words.

use serde_json::{Value, json};

use super::apps::{App, scope_of};
use super::channels::Kind;
use super::delivery::{After, Envelope};
use super::messages::Message;
use super::state::{Slack, extend, without};

impl Slack {
    /// Tells the apps that listen to `kind` and may; in a channel only those whose bot is in it, or `also`.
    pub fn tell(&mut self, kind: &str, team: &str, channel: Option<&str>, event: &Value) {
        self.tell_also(kind, team, channel, None, event);
    }

    /// The same; the bot `also` hears it although it is not in the channel (any more).
    pub fn tell_also(
        &mut self,
        kind: &str,
        team: &str,
        channel: Option<&str>,
        also: Option<&str>,
        event: &Value,
    ) {
        let apps = self.apps.values().filter(|app| app.events.contains(kind));
        let heard = apps.filter_map(|app| self.hears(app, kind, team, channel, also));
        for (app, team, user) in heard.collect::<Vec<_>>() {
            self.event(&app, (&team, &user), channel, event.clone());
        }
    }

    /// Tells one app, when it listens to that and is in the channel.
    pub fn tell_app(&mut self, app: &str, kind: &str, channel: Option<&str>, event: &Value) {
        let app = self.apps.get(app).filter(|app| app.events.contains(kind));
        let heard = app.and_then(|app| self.hears(app, kind, "", channel, None));
        if let Some((app, team, user)) = heard {
            self.event(&app, (&team, &user), channel, event.clone());
        }
    }

    /// The installation of an app that hears something: in the channel, or in the workspace where there is none.
    fn hears(
        &self,
        app: &App,
        kind: &str,
        team: &str,
        channel: Option<&str>,
        also: Option<&str>,
    ) -> Option<(String, String, String)> {
        let scopes = scope_of(kind);
        let found = app.installs.values().find(|install| {
            let may = scopes.is_empty() || scopes.iter().any(|its| install.scopes.contains(*its));
            let there = match channel.and_then(|id| self.channels.get(id)) {
                Some(channel) => {
                    channel.members.contains(&install.user) || also == Some(install.user.as_str())
                }
                None => install.team == team,
            };
            may && there
        });
        found.map(|its| (app.id.clone(), its.team.clone(), its.user.clone()))
    }

    /// An event in what is around it.
    pub fn outer(&mut self, app: &str, to: (&str, &str), shared: bool, event: Value) -> Value {
        let (team, user) = to;
        let id = self.id("Ev");
        json!({
            "type": "event_callback", "token": "ignore", "team_id": team, "context_team_id": team,
            "context_enterprise_id": null, "api_app_id": app, "event": event, "event_id": id,
            "event_time": self.now(), "event_context": format!("4-{id}"), "is_ext_shared_channel": shared,
            "authorizations": [{
                "enterprise_id": null, "team_id": team, "user_id": user, "is_bot": true,
                "is_enterprise_install": false,
            }],
        })
    }

    fn channel_kind(&self, channel: &str) -> Kind {
        self.channels
            .get(channel)
            .map_or(Kind::Public, |its| its.kind)
    }

    /// A message event, which has four subscriptions.
    pub(super) fn tell_in(&mut self, channel: &str, mut event: Value) {
        let kind = self.channel_kind(channel);
        extend(
            &mut event,
            json!({"channel": channel, "channel_type": kind.told()}),
        );
        let name = format!("message.{}", plural(kind));
        self.tell(&name, "", Some(channel), &event);
    }

    pub fn tell_message(&mut self, channel: &str, message: &Message) {
        let mut event = self.whole(channel, message);
        event["event_ts"] = json!(message.ts);
        self.tell_in(channel, event.clone());
        if message.subtype.is_none() || message.subtype == Some("file_share") {
            self.tell_mentions(channel, &event, "");
        }
        self.tell_links(channel, message);
    }

    /// `app_mention` for each app whose bot is named in the text, and was not in the old one; never in direct messages.
    fn tell_mentions(&mut self, channel: &str, message: &Value, old: &str) {
        if self.channel_kind(channel) == Kind::Im {
            return;
        }
        let text = message["text"].as_str().unwrap_or_default().to_string();
        let mut called = Vec::new();
        for app in self.apps.values() {
            for install in app.installs.values() {
                let named = |text: &str| {
                    text.contains(&format!("<@{}>", install.user))
                        || text.contains(&format!("<@{}|", install.user))
                };
                let listens = app.events.contains("app_mention")
                    && install.scopes.contains("app_mentions:read");
                let there = self.channels.get(channel);
                let there = there.is_some_and(|its| its.members.contains(&install.user));
                if listens && there && named(&text) && !named(old) {
                    called.push((app.id.clone(), install.team.clone(), install.user.clone()));
                }
            }
        }
        for (app, team, user) in called {
            let mut event = message.clone();
            extend(
                &mut event,
                json!({"type": "app_mention", "channel": channel}),
            );
            without(&mut event, &["subtype", "root", "hidden"]);
            self.event(&app, (&team, &user), Some(channel), event);
        }
    }

    /// Puts one event on the way to one app.
    fn event(&mut self, app: &str, to: (&str, &str), channel: Option<&str>, event: Value) {
        if self.apps.get(app).is_some_and(|app| app.off) || !self.room_for_event(app, to.0) {
            return;
        }
        let channel = channel.and_then(|id| self.channels.get(id));
        let shared = channel.is_some_and(|channel| !channel.shared.is_empty());
        let payload = self.outer(app, to, shared, event);
        self.deliver(app, Envelope::Events, payload, false, After::Nothing);
    }

    pub fn tell_changed(&mut self, channel: &str, ts: &str, old: &Message, new: &Message) {
        let event = json!({
            "type": "message", "subtype": "message_changed", "hidden": true, "ts": ts, "event_ts": ts,
            "message": self.whole(channel, new), "previous_message": old.json(),
        });
        self.tell_in(channel, event);
        if old.text != new.text {
            let mut event = new.json();
            event["event_ts"] = json!(ts);
            self.tell_mentions(channel, &event, &old.text);
        }
    }

    pub fn tell_deleted(&mut self, channel: &str, ts: &str, old: &Message) {
        let event = json!({
            "type": "message", "subtype": "message_deleted", "hidden": true, "ts": ts, "event_ts": ts,
            "deleted_ts": old.ts, "previous_message": old.json(),
        });
        self.tell_in(channel, event);
    }

    pub fn tell_reaction(
        &mut self,
        kind: &str,
        channel: &str,
        ts: &str,
        name: &str,
        people: (&str, &str),
    ) {
        let at = self.ts();
        let mut event = json!({
            "type": kind, "user": people.0, "reaction": name, "event_ts": at,
            "item": {"type": "message", "channel": channel, "ts": ts},
        });
        if !people.1.is_empty() {
            event["item_user"] = json!(people.1);
        }
        self.tell(kind, "", Some(channel), &event);
    }

    /// Somebody is called something else, or may do something else.
    pub fn tell_person(&mut self, user: &str) {
        let Some(its) = self.users.get(user) else {
            return;
        };
        let team = its.team.clone();
        let user = its.json(&team, false);
        let at = self.ts();
        let event = json!({"type": "user_change", "user": user, "event_ts": at});
        self.tell("user_change", &team, None, &event);
    }

    /// Lets somebody into a channel; a line in it says so.
    pub fn enter(&mut self, channel: &str, user: &str, inviter: Option<&str>) {
        let Some(its) = self.channels.get_mut(channel) else {
            return;
        };
        if !its.members.insert(user.into()) {
            return;
        }
        let (kind, team) = (its.kind, its.team.clone());
        let at = self.ts();
        let mut event = json!({
            "type": "member_joined_channel", "user": user, "channel": channel, "team": team, "event_ts": at,
            "channel_type": if kind == Kind::Private { "G" } else { "C" },
        });
        if let Some(inviter) = inviter {
            event["inviter"] = json!(inviter);
        }
        self.tell("member_joined_channel", "", Some(channel), &event);
        self.service_line(channel, user, "channel_join", "has joined the channel");
    }

    /// Takes somebody out of a channel.
    pub fn leave(&mut self, channel: &str, user: &str) {
        let Some(its) = self.channels.get_mut(channel) else {
            return;
        };
        if !its.members.remove(user) {
            return;
        }
        let (kind, team) = (its.kind, its.team.clone());
        let at = self.ts();
        let event = json!({
            "type": "member_left_channel", "user": user, "channel": channel, "team": team, "event_ts": at,
            "channel_type": if kind == Kind::Private { "G" } else { "C" },
        });
        self.tell_also("member_left_channel", "", Some(channel), Some(user), &event);
        let own = self.users.get(user).and_then(|user| user.bot.clone());
        if own.is_some() {
            let (name, home) = match kind {
                Kind::Private => ("group_left", self.users[user].team.clone()),
                Kind::Public | Kind::Im | Kind::Mpim => {
                    ("channel_left", self.users[user].team.clone())
                }
            };
            let event = json!({"type": name, "channel": channel, "event_ts": at});
            self.tell_also(name, &home, Some(channel), Some(user), &event);
        }
        self.service_line(channel, user, "channel_leave", "has left the channel");
    }

    /// A line that nobody wrote.
    pub fn service_line(&mut self, channel: &str, user: &str, subtype: &'static str, words: &str) {
        let team = self.channels.get(channel).map(|its| its.team.clone());
        let message = Message {
            user: user.into(),
            team: team.unwrap_or_default(),
            text: format!("<@{user}> {words}"),
            subtype: Some(subtype),
            ..Message::default()
        };
        self.post(channel, message);
    }

    /// `channel_archive` and its like; those of private channels begin with `group_`.
    pub fn tell_channel(&mut self, what: &str, channel: &str, user: &str) {
        let Some(its) = self.channels.get(channel) else {
            return;
        };
        let first = match its.kind {
            Kind::Private => "group",
            Kind::Public | Kind::Im | Kind::Mpim => "channel",
        };
        let name = format!("{first}_{what}");
        let at = self.ts();
        let event = match what {
            "rename" => {
                let its = &self.channels[channel];
                let channel = json!({"id": channel, "name": its.name, "created": its.created});
                json!({"type": name, "channel": channel, "event_ts": at})
            }
            _ => json!({"type": name, "channel": channel, "user": user, "event_ts": at}),
        };
        self.tell(&name, "", Some(channel), &event);
    }
}

fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Public => "channels",
        Kind::Private => "groups",
        Kind::Im => "im",
        Kind::Mpim => "mpim",
    }
}
