//! Slash commands: what is typed behind `/boson` becomes a private message.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::places::{self, Kind, Place};
use super::trigger::Trigger;
use super::wrong::Wrong;
use super::{Workspace, join, locked, stamp};
use crate::model::{Heard, Message, MessageId, Role};

/// What to do about what was not heard.
pub(super) const AGAIN: &str = "try it again in a minute";

/// Keeps a slash command in mind, so that it can be answered; gives the id of its message. None when it is none.
pub(super) fn note(workspace: &Workspace, payload: &Value) -> Option<MessageId> {
    let text = |name: &str| payload[name].as_str().map(str::to_string);
    let now = workspace.clock.now();
    let command = text("command")?;
    let trigger = Trigger {
        at: now,
        id: text("trigger_id"),
        response_url: text("response_url").map(SecretString::from),
        channel: text("channel_id")?,
        user: text("user_id")?,
        // What stands behind it is read later.
        typed: Some(command),
        form: false,
        message: None,
        thread: text("thread_ts"),
    };
    let id = workspace.private_id(now);
    workspace.triggers.note(id.clone(), trigger);
    Some(id)
}

/// Hears a slash command that was noted.
pub(super) async fn read(
    workspace: &Workspace,
    heard: &mpsc::Sender<Heard>,
    payload: &Value,
    id: Option<MessageId>,
) {
    let Some(id) = id else {
        tracing::info!("a slash command without a channel or a person is not heard");
        return;
    };
    let Some(trigger) = workspace.triggers.of(&id) else {
        return;
    };
    let met = workspace
        .meet(&trigger.user, payload["team_id"].as_str())
        .await;
    let typed = payload["text"].as_str().unwrap_or_default().trim();
    let inside = locked(&workspace.inside).get(&trigger.channel).cloned();
    let place = match inside {
        Some(place) => place,
        None => match places::look(workspace, &trigger.channel).await {
            Ok(place) if place.member => place,
            Ok(place) => {
                let joins = typed.eq_ignore_ascii_case("join");
                return match joins && place.kind == Kind::Public && !place.archived {
                    true => enter(workspace, &id, &place, &met).await,
                    false => outside(workspace, &id, &place, None).await,
                };
            }
            Err(Wrong::NotThere { .. }) => {
                return nowhere(workspace, &id, &trigger.channel).await;
            }
            Err(wrong) => {
                let words = format!("I cannot look at this channel: {}.", wrong.words());
                return answer(workspace, &id, &words, "type it again in a minute").await;
            }
        },
    };
    let (text, mentions) = workspace.words(typed).await;
    if let Some(command) = &trigger.typed {
        let whole = format!("{command} {text}").trim().to_string();
        workspace.triggers.typed(&id, whole);
    }
    let message = Message {
        id,
        room: workspace.id(&trigger.channel),
        role: met.role(place.creator.as_deref()),
        everywhere: met.everywhere(),
        past: false,
        person: met.person,
        text,
        at: trigger.at,
        direct: place.kind == Kind::Direct,
        reply_to_bot: false,
        reply_to: None,
        thread: trigger.thread.map(MessageId::from),
        private: true,
        mentions,
    };
    // Nobody listens any more.
    let _ = heard.send(Heard::Said(message)).await;
}

/// Too much is being read already: whoever typed a command is told to type it again.
pub(super) async fn busy(workspace: &Workspace, id: Option<MessageId>) {
    if let Some(id) = id {
        let words = "I am too busy at the moment, and have not done that.";
        answer(workspace, &id, words, AGAIN).await;
    }
}

/// Enters the public channel in which somebody wants the bot.
async fn enter(workspace: &Workspace, id: &MessageId, place: &Place, met: &super::people::Met) {
    if met.role(None) == Role::Guest {
        let words = "Guests cannot take me into a channel.";
        return answer(workspace, id, words, "ask a member of this workspace").await;
    }
    let by = met.person.id.0.as_str();
    match join::enter(workspace, &place.id, Some(by)).await {
        Ok(_) => {
            let hint = format!(
                "type `/{} help` to see what I can do",
                workspace.settings.bot
            );
            answer(workspace, id, "I am here now.", &hint).await;
        }
        Err(wrong) => outside(workspace, id, place, Some(&wrong)).await,
    }
}

/// The bot is not in the channel.
async fn outside(workspace: &Workspace, id: &MessageId, place: &Place, wrong: Option<&Wrong>) {
    let bot = &workspace.settings.bot;
    let typed = workspace.triggers.of(id).and_then(|trigger| trigger.typed);
    let command = typed.as_deref().unwrap_or_default();
    let command = command.split_whitespace().next().unwrap_or_default();
    let words = match wrong {
        Some(wrong) => format!("I could not come into this channel: {}.", wrong.words()),
        None if place.archived => "This channel is archived.".into(),
        None => "I am not in this channel.".into(),
    };
    let hint = match (place.kind, place.archived) {
        (_, true) => format!("type `{command}` in another channel"),
        (Kind::Public, false) if wrong.is_none() => {
            format!("type `{command} join` or `/invite @{bot}`, and then `{command}` again")
        }
        (Kind::Public | Kind::Private | Kind::Direct | Kind::Group, false) => {
            format!("type `/invite @{bot}`, and then `{command}` again")
        }
    };
    answer(workspace, id, &words, &hint).await;
}

/// Slack does not even tell the app that the channel is there.
async fn nowhere(workspace: &Workspace, id: &MessageId, channel: &str) {
    let bot = &workspace.settings.bot;
    match channel.starts_with('D') {
        true => {
            let hint = format!("write to @{bot} itself, or type it in a channel");
            answer(
                workspace,
                id,
                "I cannot take part in a conversation of others.",
                &hint,
            )
            .await;
        }
        false => {
            let hint = format!("type `/invite @{bot}` here, and then the command again");
            answer(workspace, id, "I am not in this private channel.", &hint).await;
        }
    }
}

/// Answers whoever typed a command; nobody else sees it.
pub(super) async fn answer(workspace: &Workspace, id: &MessageId, words: &str, hint: &str) {
    let now = workspace.clock.now();
    let Some(url) = workspace.triggers.answer(id, now) else {
        return;
    };
    let text = escape(&format!("{words}\nhint: {hint}"));
    let message = json!({"response_type": "ephemeral", "text": text});
    if let Err(wrong) = workspace.api.post_url(&url, &message).await {
        tracing::warn!(why = wrong.words(), "a slash command was not answered");
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

impl Workspace {
    /// The id of a message that Slack gives none; it stands in the order of times among the others.
    pub(super) fn private_id(&self, at: DateTime<Utc>) -> MessageId {
        let count = self
            .private
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        MessageId(format!("{}-{count}", stamp::of(at)).into())
    }
}
