//! Saying something to one person in a channel, so that nobody else there sees it.

use serde_json::json;

use super::hook;
use super::message::{self, Message};
use super::queue::{Passed, Turn, What};
use super::say::{self, is_outside};
use super::tries::Tries;
use super::wrong::Wrong;
use super::{REST, Workspace, later};
use crate::model::MessageId;
use crate::room::{SayError, Saying, Spoken};

/// Says something to `only` one person: as an answer to their command, in the channel, or to them directly.
///
/// # Errors
/// When Slack takes it in none of these ways.
pub(super) async fn whisper(workspace: &Workspace, saying: &Saying) -> Result<Spoken, SayError> {
    let channel = workspace.channel(&saying.room)?;
    let Some(person) = saying.only.as_ref().map(|person| person.0.as_str()) else {
        return Err(SayError::Never {
            what: "it is for nobody".into(),
        });
    };
    let message = Message::of(workspace, &saying.text)?;
    let turn = match workspace.queue.turn(channel, None).await {
        Ok(turn) => turn,
        Err(Passed::Later(error)) => return Err(error),
        // Only edits are.
        Err(Passed::Replaced) => return Err(later(&Wrong::Limited { rest: REST })),
    };
    let whispering = Whispering {
        workspace,
        channel,
        person,
        saying,
        turn: &turn,
    };
    let (triggers, now) = (&workspace.triggers, workspace.clock.now());
    let answers = saying.answers.as_ref();
    let of = answers.filter(|of| triggers.of(of).is_some_and(|its| its.user == person));
    if let Some(spoken) = whispering.answer(of, &message).await {
        return Ok(spoken);
    }
    if let Some(spoken) = whispering.show(message).await? {
        return Ok(spoken);
    }
    let last = triggers.last(channel, person, now);
    let message = Message::of(workspace, &saying.text)?;
    if let Some(spoken) = whispering.answer(last.as_ref(), &message).await {
        return Ok(spoken);
    }
    drop(turn);
    directly(workspace, channel, person, saying).await
}

struct Whispering<'a> {
    workspace: &'a Workspace,
    channel: &'a str,
    person: &'a str,
    saying: &'a Saying,
    turn: &'a Turn,
}

impl Whispering<'_> {
    /// As an answer to a command or a click.
    async fn answer(&self, of: Option<&MessageId>, message: &Message) -> Option<Spoken> {
        let body = message.with(json!({"response_type": "ephemeral"}));
        let thread = self.saying.thread.as_ref().map(|thread| thread.0.as_str());
        hook::answer(self.workspace, self.turn, of?, hook::beside(body, thread)).await
    }

    /// In the channel; none where it cannot be shown to them there.
    async fn show(&self, mut message: Message) -> Result<Option<Spoken>, SayError> {
        let mut thread = self.saying.thread.as_ref().map(|thread| thread.0.as_str());
        let mut tries = Tries::new(self.workspace, self.channel, What::Whisper, false);
        loop {
            let place = json!({"channel": self.channel, "user": self.person});
            let mut arguments = message.with(place);
            if let Some(thread) = thread {
                arguments["thread_ts"] = json!(thread);
            }
            let slot = self.turn.ready(What::Whisper).await;
            let api = &self.workspace.api;
            let done = api.write(What::Whisper.method(), &arguments).await;
            drop(slot);
            match done {
                Ok(done) => {
                    self.turn.sent(What::Whisper);
                    let ts = done["message_ts"].as_str().unwrap_or_default();
                    return Ok(Some(Spoken::now(hook::unnamed(ts))));
                }
                Err(wrong) if thread.is_some() && message::is_thread(&wrong) => thread = None,
                Err(wrong) if message.plainer(&wrong) => {}
                Err(wrong) if is_hidden(&wrong) => return Ok(None),
                // Nobody can look whether it was shown; to see it twice is better than never.
                Err(wrong) => tries.again(&wrong).await?,
            }
        }
    }
}

/// To the person directly, where it is not lost.
async fn directly(
    workspace: &Workspace,
    channel: &str,
    person: &str,
    saying: &Saying,
) -> Result<Spoken, SayError> {
    let arguments = json!({"users": person});
    let mut tries = Tries::new(workspace, person, What::Whisper, false);
    let opened = loop {
        match workspace.api.write("conversations.open", &arguments).await {
            Ok(opened) => break opened,
            Err(wrong) => tries.again(&wrong).await?,
        }
    };
    let there = opened["channel"]["id"].as_str().ok_or_else(|| {
        later(&Wrong::Unsure {
            what: "Slack does not say where somebody can be told something".into(),
        })
    })?;
    let mut message = Message::of(workspace, &saying.text)?;
    message.above(&format!("about <#{channel}>"));
    let saying = Saying {
        thread: None,
        answers: None,
        part_of: None,
        ..saying.clone()
    };
    say::post(workspace, there, &saying, message).await
}

/// It cannot be shown to this person there.
fn is_hidden(wrong: &Wrong) -> bool {
    match wrong {
        Wrong::NotThere { .. } | Wrong::Gone { .. } => true,
        Wrong::Outside | Wrong::Forbidden { .. } => is_outside(wrong),
        Wrong::Refused { code, .. } => code.starts_with("user_") || code.starts_with("cannot_"),
        Wrong::Unreached { .. }
        | Wrong::Unsure { .. }
        | Wrong::Limited { .. }
        | Wrong::Fatal { .. }
        | Wrong::Scope { .. } => false,
    }
}
