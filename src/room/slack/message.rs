//! What is sent of a message, whichever way it goes.

use serde_json::{Value, json};

use super::blocks::{self, Sent};
use super::trigger::Trigger;
use super::wrong::Wrong;
use super::{Workspace, mrkdwn};
use crate::model::Text;
use crate::model::text::{cut, harmless};
use crate::room::SayError;

/// The longest command that is shown with its answer, in characters.
const TYPED: usize = 300;

/// A message on its way.
pub(super) struct Message {
    sent: Sent,
    /// Slack does not take it as it should look.
    plain: bool,
}

impl Message {
    /// A text as Slack gets it.
    ///
    /// # Errors
    /// When there is nothing to see in it.
    pub fn of(workspace: &Workspace, text: &Text) -> Result<Message, SayError> {
        let sent = blocks::sent(text, &|name| workspace.people.called(name));
        match sent.text.trim().is_empty() && sent.blocks.is_empty() {
            true => Err(SayError::Never {
                what: "there is nothing to see in it".into(),
            }),
            false => Ok(Message { sent, plain: false }),
        }
    }

    /// Its words, as they stand in notifications.
    pub fn text(&self) -> &str {
        &self.sent.text
    }

    /// Says above it who asked for it, and how.
    pub fn asked(&mut self, trigger: &Trigger) {
        let person = &trigger.user;
        let line = match &trigger.typed {
            Some(typed) => {
                let typed = cut(&harmless(typed), TYPED).replace('`', "'");
                format!("<@{person}> typed `{}`", mrkdwn::escape(&typed))
            }
            None if trigger.form => format!("<@{person}> filled in a form"),
            None => format!("<@{person}> pressed a button"),
        };
        self.above(&line);
    }

    /// Says above it, in small letters, what it is about.
    pub fn above(&mut self, line: &str) {
        if self.sent.blocks.is_empty() {
            // Beside other blocks the words are not shown.
            let text = json!({"type": "mrkdwn", "text": self.sent.text, "verbatim": false});
            self.sent
                .blocks
                .push(json!({"type": "section", "text": text}));
        }
        self.sent.blocks.insert(0, blocks::small(line));
    }

    /// What it looks like, and beside it what `arguments` say.
    pub fn with(&self, mut arguments: Value) -> Value {
        arguments["text"] = json!(self.sent.text);
        arguments["unfurl_links"] = json!(self.sent.unfurl);
        arguments["unfurl_media"] = json!(self.sent.unfurl);
        match self.plain {
            true => arguments["mrkdwn"] = json!(false),
            false if self.sent.blocks.is_empty() => {}
            false => arguments["blocks"] = json!(self.sent.blocks),
        }
        arguments
    }

    /// The same for what takes the place of a message: no blocks of it stay.
    pub fn instead(&self, mut arguments: Value) -> Value {
        arguments["text"] = json!(self.sent.text);
        arguments["blocks"] = match self.plain {
            true => json!([]),
            false => json!(self.sent.blocks),
        };
        arguments
    }

    /// Slack does not take its form. Whether it can be sent without.
    pub fn plainer(&mut self, wrong: &Wrong) -> bool {
        if self.plain || !is_form(wrong) || self.sent.text.trim().is_empty() {
            return false;
        }
        let kinds: Vec<&str> = self
            .sent
            .blocks
            .iter()
            .filter_map(|block| block["type"].as_str())
            .collect();
        tracing::error!(
            why = wrong.words(),
            blocks = kinds.join(" "),
            characters = self.sent.text.chars().count(),
            "Slack does not take a message as it should look"
        );
        self.plain = true;
        true
    }
}

/// It is the form of a message that is wrong.
fn is_form(wrong: &Wrong) -> bool {
    let known = [
        "invalid_blocks",
        "msg_blocks_too_long",
        "msg_too_long",
        "block_mismatch",
        "markdown_text_conflict",
        "too_many_attachments",
        "attachment_payload_limit_exceeded",
        "invalid_metadata",
        "metadata_too_large",
        "metadata_must_be_sent_from_app",
        "invalid_arguments",
    ];
    match wrong {
        Wrong::Refused { code, .. } => known.iter().any(|known| code.starts_with(known)),
        Wrong::Unreached { .. }
        | Wrong::Unsure { .. }
        | Wrong::Limited { .. }
        | Wrong::Fatal { .. }
        | Wrong::Scope { .. }
        | Wrong::Outside
        | Wrong::NotThere { .. }
        | Wrong::Gone { .. }
        | Wrong::Forbidden { .. } => false,
    }
}

/// The thread is gone, or nobody may answer in it; the channel is still there.
pub(super) fn is_thread(wrong: &Wrong) -> bool {
    let codes = [
        "thread_not_found",
        "cannot_reply_to_message",
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
        "invalid_thread_ts",
    ];
    wrong.code().is_some_and(|code| codes.contains(&code))
}
