//! Buttons and forms: a click becomes a private message, a form that is handed in is heard as what stands in it.

use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::handed::Handed;
use super::places::{self, Kind};
use super::trigger::Trigger;
use super::{Workspace, choices, event, forms, locked, modal, typed};
use crate::model::{Filled, Heard, Message, MessageId};

/// Keeps a click in mind, so that it can be answered; gives the id under which it is heard.
pub(super) fn note(workspace: &Workspace, payload: &Value) -> MessageId {
    let now = workspace.clock.now();
    let id = workspace.private_id(now);
    let text = |value: &Value| value.as_str().map(str::to_string);
    let container = &payload["container"];
    let channel = text(&payload["channel"]["id"]).or_else(|| text(&container["channel_id"]));
    let user = text(&payload["user"]["id"]);
    if let (Some(channel), Some(user)) = (channel, user) {
        let message = text(&container["message_ts"]);
        let thread = text(&container["thread_ts"]).or_else(|| event::thread(&payload["message"]));
        let trigger = Trigger {
            at: now,
            id: text(&payload["trigger_id"]),
            response_url: text(&payload["response_url"]).map(SecretString::from),
            channel,
            user,
            typed: None,
            form: false,
            // The first message of a thread stands in the channel.
            thread: thread.filter(|thread| Some(thread) != message.as_ref()),
            message,
        };
        workspace.triggers.note(id.clone(), trigger);
    }
    id
}

/// Hears a click or a form. Where Slack waits for an answer, `answer` takes it.
pub(super) async fn read(
    workspace: &Workspace,
    heard: &mpsc::Sender<Heard>,
    payload: &Value,
    id: MessageId,
    answer: Option<oneshot::Sender<Option<Value>>>,
) {
    let told = match payload["type"].as_str() {
        Some("block_actions") if payload["view"].is_object() => {
            form(workspace, payload, id, None).await
        }
        Some("block_actions") => click(workspace, payload, id).await,
        Some("view_submission") => form(workspace, payload, id, answer).await,
        // Nothing else is asked for by the app.
        Some(_) | None => None,
    };
    if let Some(told) = told {
        // Nobody listens any more.
        let _ = heard.send(told).await;
    }
}

/// Too much is being read already: whoever clicked is told so, and a form stays open.
pub(super) async fn busy(
    workspace: &Workspace,
    payload: &Value,
    id: MessageId,
    answer: Option<oneshot::Sender<Option<Value>>>,
) {
    let words = "I am too busy at the moment, and have not done that.";
    let Some(answer) = answer else {
        return typed::answer(workspace, &id, words, typed::AGAIN).await;
    };
    let metadata = payload["view"]["private_metadata"].as_str();
    let mistake = (String::new(), format!("{words} Try it again in a minute."));
    let said = modal::mistakes(metadata.unwrap_or_default(), &[mistake]);
    // Slack may have stopped waiting.
    let _ = answer.send(Some(said));
}

async fn click(workspace: &Workspace, payload: &Value, id: MessageId) -> Option<Heard> {
    let trigger = workspace.triggers.of(&id)?;
    let clicked = choices::clicked(payload, &trigger.channel)?;
    let team = payload["user"]["team_id"].as_str();
    let met = workspace.meet(&trigger.user, team).await;
    let mut mentions = Vec::new();
    if let Some(person) = &clicked.person {
        mentions.push(workspace.meet(person, None).await.person);
    }
    let (creator, direct) = standing_in(workspace, &trigger.channel).await;
    Some(Heard::Said(Message {
        id,
        room: workspace.id(&trigger.channel),
        role: met.role(creator.as_deref()),
        everywhere: met.everywhere(),
        past: false,
        person: met.person,
        text: clicked.text,
        at: trigger.at,
        direct,
        reply_to_bot: false,
        reply_to: trigger.message.map(MessageId::from),
        thread: trigger.thread.map(MessageId::from),
        private: true,
        mentions,
    }))
}

/// Who has made a channel, and whether it is a direct conversation.
async fn standing_in(workspace: &Workspace, channel: &str) -> (Option<String>, bool) {
    let inside = locked(&workspace.inside).get(channel).cloned();
    let place = match inside {
        Some(place) => Some(place),
        None => places::look(workspace, channel).await.ok(),
    };
    let direct = match &place {
        Some(place) => place.kind == Kind::Direct,
        None => channel.starts_with('D'),
    };
    (place.and_then(|place| place.creator), direct)
}

/// A form that was handed in, when somebody waits for the answer; otherwise one that has changed.
async fn form(
    workspace: &Workspace,
    payload: &Value,
    id: MessageId,
    answer: Option<oneshot::Sender<Option<Value>>>,
) -> Option<Heard> {
    let done = payload["type"] == "view_submission";
    let view = &payload["view"];
    let read = forms::read(view)?;
    let user = payload["user"]["id"].as_str()?;
    let text = |name: &str| view[name].as_str().map(str::to_string);
    let at = workspace.clock.now();
    let handed = Handed {
        at,
        view: text("id")?,
        hash: text("hash"),
        private_metadata: text("private_metadata").unwrap_or_default(),
        channel: read.channel.clone(),
        user: user.into(),
        answer,
    };
    if done {
        let click = read.click.map(MessageId::from);
        let click = click.and_then(|click| workspace.triggers.of(&click));
        let trigger = Trigger {
            at,
            id: None,
            // What opened the form takes answers still.
            response_url: click.and_then(|click| click.response_url),
            channel: read.channel.clone(),
            user: user.into(),
            typed: None,
            form: true,
            message: None,
            thread: read.thread.clone(),
        };
        workspace.triggers.note(id.clone(), trigger);
    }
    workspace.handed.note(id.clone(), handed);
    let met = workspace
        .meet(user, payload["user"]["team_id"].as_str())
        .await;
    let (creator, _) = standing_in(workspace, &read.channel).await;
    let mut mentions = Vec::new();
    for person in &read.people {
        mentions.push(workspace.meet(person, None).await.person);
    }
    Some(Heard::Filled(Filled {
        id,
        room: workspace.id(&read.channel),
        role: met.role(creator.as_deref()),
        person: met.person,
        at,
        thread: read.thread.map(MessageId::from),
        form: read.form,
        answers: read.answers,
        mentions,
        done,
    }))
}
