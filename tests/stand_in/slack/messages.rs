//! Messages: posting, editing, deleting, reactions, and what events tell of it.

use serde_json::{Value, json};

use super::refused::Refused;
use super::state::{Slack, extend};

/// A message.
#[derive(Clone, Debug, Default)]
pub struct Message {
    pub ts: String,
    pub user: String,
    /// The bot and its app, when no person wrote it.
    pub bot: Option<(String, String)>,
    pub team: String,
    /// As it was sent, byte for byte.
    pub text: String,
    pub blocks: Vec<Value>,
    pub attachments: Vec<Value>,
    /// The `ts` of the thread's parent.
    pub thread: Option<String>,
    pub subtype: Option<&'static str>,
    pub broadcast: bool,
    /// Whether what is behind links and pictures is shown, as the sender wished.
    pub unfurls: (Option<bool>, Option<bool>),
    /// Who edited it, and when.
    pub edited: Option<(String, String)>,
    /// With who reacted, in order.
    pub reactions: Vec<(String, Vec<String>)>,
    pub files: Vec<Value>,
    /// `metadata`, `username`, `icons` and others that come back as they were sent.
    pub beside: serde_json::Map<String, Value>,
}

/// A message that only one person sees; it is in no history.
#[derive(Clone, Debug)]
pub struct Ephemeral {
    pub channel: String,
    pub to: String,
    pub message: Message,
}

/// A message for later.
#[derive(Clone, Debug)]
pub struct Scheduled {
    pub channel: String,
    pub at: i64,
    pub made: i64,
    pub message: Message,
}

impl Message {
    /// It came out of somebody's own client, and is not a line about what happened.
    fn typed(&self) -> bool {
        matches!(self.subtype, None | Some("file_share" | "me_message"))
    }

    pub fn json(&self) -> Value {
        let mut all =
            json!({"type": "message", "ts": self.ts, "text": self.text, "team": self.team});
        // What a person wrote always has blocks; what an app wrote only when it sent some.
        if !self.blocks.is_empty() {
            all["blocks"] = json!(self.blocks);
        } else if self.bot.is_none() && self.typed() {
            let text = json!({"type": "text", "text": self.text});
            let section = json!({"type": "rich_text_section", "elements": [text]});
            let block = json!({"type": "rich_text", "block_id": "typed", "elements": [section]});
            all["blocks"] = json!([block]);
        }
        if let Some(subtype) = self.subtype {
            all["subtype"] = json!(subtype);
        }
        if !self.user.is_empty() && self.subtype != Some("bot_message") {
            all["user"] = json!(self.user);
        }
        match &self.bot {
            Some((bot, app)) => extend(&mut all, json!({"bot_id": bot, "app_id": app})),
            None if self.typed() => {
                all["client_msg_id"] = json!(format!("c0000000-{}", self.ts));
            }
            None => {}
        }
        if !self.attachments.is_empty() {
            all["attachments"] = json!(self.attachments);
        }
        if let Some(thread) = &self.thread {
            all["thread_ts"] = json!(thread);
        }
        if let Some((user, ts)) = &self.edited {
            all["edited"] = json!({"user": user, "ts": ts});
        }
        let reactions = self.reactions.iter();
        let reactions: Vec<Value> = reactions
            .map(|(name, users)| json!({"name": name, "users": users, "count": users.len()}))
            .collect();
        if !reactions.is_empty() {
            all["reactions"] = json!(reactions);
        }
        if !self.files.is_empty() {
            all["files"] = json!(self.files);
        }
        extend(&mut all, Value::Object(self.beside.clone()));
        all
    }
}

impl Slack {
    /// A message with what only its channel knows: the replies to it, and whom it answers.
    pub fn whole(&self, channel: &str, message: &Message) -> Value {
        let mut all = message.json();
        let Some(channel) = self.channels.get(channel) else {
            return all;
        };
        let replies = channel.replies(&message.ts);
        if let Some(last) = replies.last() {
            let mut users: Vec<&str> = replies.iter().map(|reply| reply.user.as_str()).collect();
            users.sort_unstable();
            users.dedup();
            let more = json!({
                "thread_ts": message.ts, "reply_count": replies.len(), "latest_reply": last.ts,
                "reply_users_count": users.len(), "reply_users": users, "is_locked": false, "subscribed": false,
            });
            extend(&mut all, more);
        }
        if let Some(thread) = message.thread.as_ref().filter(|its| **its != message.ts)
            && let Some(parent) = channel.messages.get(thread)
        {
            all["parent_user_id"] = json!(parent.user);
            if message.broadcast {
                all["subtype"] = json!("thread_broadcast");
                all["root"] = parent.json();
            }
        }
        // Somebody of another workspace that shares the channel.
        if !message.team.is_empty() && message.team != channel.team {
            let more = json!({"user_team": message.team, "source_team": message.team});
            extend(&mut all, more);
        }
        all
    }

    /// Adds a message to a channel, and tells of it; gives its `ts`.
    pub fn post(&mut self, channel: &str, mut message: Message) -> String {
        message.ts = self.ts();
        let ts = message.ts.clone();
        for block in &mut message.blocks {
            self.name_block(block);
        }
        if let Some(channel) = self.channels.get_mut(channel) {
            channel.messages.insert(ts.clone(), message.clone());
        }
        self.tell_message(channel, &message);
        self.unfurl(channel, &ts);
        ts
    }

    /// Gives a block and what is in it the names that were not sent.
    pub fn name_block(&mut self, block: &mut Value) {
        if block.get("block_id").is_none() {
            block["block_id"] = json!(&self.opaque("block")[..5]);
        }
        let name = self.opaque("action");
        let elements = block.get_mut("elements").and_then(Value::as_array_mut);
        for (element, at) in elements.into_iter().flatten().zip(0..) {
            let acts = element["type"] != "mrkdwn" && element["type"] != "plain_text";
            if acts && element["type"] != "image" && element.get("action_id").is_none() {
                element["action_id"] = json!(format!("{}{at}", &name[..4]));
            }
        }
        for place in ["accessory", "element"] {
            if let Some(element) = block.get_mut(place)
                && element["type"] != "image"
                && element.get("action_id").is_none()
            {
                element["action_id"] = json!(&name[..5]);
            }
        }
    }

    /// Puts `change` into effect on a message, and tells of it.
    pub fn edit(&mut self, channel: &str, ts: &str, change: impl FnOnce(&mut Message)) {
        let edited = self.ts();
        let Some(its) = self.channels.get_mut(channel) else {
            return;
        };
        let Some(message) = its.messages.get_mut(ts) else {
            return;
        };
        let old = message.clone();
        change(message);
        // Who changes only blocks is not said to have edited.
        if message.text != old.text || message.attachments != old.attachments {
            let who = message.user.clone();
            message.edited = Some((who, edited.clone()));
        }
        let mut new = message.clone();
        for block in &mut new.blocks {
            self.name_block(block);
        }
        if let Some(its) = self.channels.get_mut(channel) {
            its.messages.insert(ts.into(), new.clone());
        }
        self.tell_changed(channel, &edited, &old, &new);
    }

    /// Takes a message away; one with replies leaves a stone.
    pub fn remove(&mut self, channel: &str, ts: &str) {
        let at = self.ts();
        let Some(its) = self.channels.get_mut(channel) else {
            return;
        };
        let Some(old) = its.messages.remove(ts) else {
            return;
        };
        if !its.replies(ts).is_empty() {
            let stone = Message {
                ts: ts.into(),
                thread: Some(ts.into()),
                user: "USLACKBOT".into(),
                team: old.team.clone(),
                text: "This message was deleted.".into(),
                subtype: Some("tombstone"),
                ..Message::default()
            };
            its.messages.insert(ts.into(), stone);
        }
        self.tell_deleted(channel, &at, &old);
    }

    /// Adds somebody's reaction.
    ///
    /// # Errors
    /// `already_reacted`, `message_not_found`, `too_many_emoji`.
    pub fn react(
        &mut self,
        channel: &str,
        ts: &str,
        name: &str,
        user: &str,
    ) -> Result<(), Refused> {
        let message = self.message_mut(channel, ts)?;
        let author = message.user.clone();
        let kinds = message.reactions.len();
        let found = message.reactions.iter_mut().find(|(its, _)| its == name);
        match found {
            Some((_, users)) if users.iter().any(|its| its == user) => {
                return Err("already_reacted".into());
            }
            Some((_, users)) => users.push(user.into()),
            None if kinds >= 23 => return Err("too_many_emoji".into()),
            None => message.reactions.push((name.into(), vec![user.into()])),
        }
        self.tell_reaction("reaction_added", channel, ts, name, (user, &author));
        Ok(())
    }

    /// Takes somebody's reaction away.
    ///
    /// # Errors
    /// `no_reaction`, `message_not_found`.
    pub fn unreact(
        &mut self,
        channel: &str,
        ts: &str,
        name: &str,
        user: &str,
    ) -> Result<(), Refused> {
        let message = self.message_mut(channel, ts)?;
        let author = message.user.clone();
        let mut all = message.reactions.iter_mut();
        let users = all.find(|(its, users)| its == name && users.iter().any(|its| its == user));
        let (_, users) = users.ok_or(Refused::from("no_reaction"))?;
        users.retain(|its| its != user);
        message.reactions.retain(|(_, users)| !users.is_empty());
        self.tell_reaction("reaction_removed", channel, ts, name, (user, &author));
        Ok(())
    }

    fn message_mut(&mut self, channel: &str, ts: &str) -> Result<&mut Message, Refused> {
        let channel = self.channels.get_mut(channel);
        let channel = channel.ok_or(Refused::from("channel_not_found"))?;
        let message = channel.messages.get_mut(ts);
        message.ok_or("message_not_found".into())
    }

    /// Posts what was scheduled and is due; says whether there was any.
    pub fn post_due(&mut self) -> bool {
        let now = self.now();
        let due = self.scheduled.iter().filter(|(_, its)| its.at <= now);
        let due: Vec<String> = due.map(|(id, _)| id.clone()).collect();
        let any = !due.is_empty();
        for id in due {
            if let Some(its) = self.scheduled.remove(&id) {
                self.post(&its.channel, its.message);
            }
        }
        any
    }
}
