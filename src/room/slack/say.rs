//! Saying something in a channel, once and not twice.

use std::time::Duration;

use serde_json::json;

use super::look::{self, Sent};
use super::message::{self, Message};
use super::own::Begun;
use super::queue::{Passed, Turn, What};
use super::tries::Tries;
use super::wrong::Wrong;
use super::{Workspace, hook, later, whisper};
use crate::model::MessageId;
use crate::room::{SayError, Saying, Spoken};

/// When nobody knows whether a message was said, it is looked for after each of these times.
const LOOKS: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(3),
    Duration::from_secs(4),
];
/// Where it could not be looked until then, after these as well.
const MORE_LOOKS: [Duration; 3] = [
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(30),
];
/// How often a message is sent when it was found each time that it was not said.
const TRIES: u32 = 3;

/// What is done next.
enum Next {
    Done(String),
    Again,
}

/// A message on its way.
struct Sending<'a> {
    workspace: &'a Workspace,
    channel: &'a str,
    thread: Option<String>,
    message: Message,
    answers: Option<&'a str>,
    /// The slash command or click to whose answer it belongs.
    trigger: Option<MessageId>,
    turn: Turn,
    begun: Begun,
    tries: Tries<'a>,
    /// How often it was sent and may have been said.
    doubts: u32,
}

/// Says one message.
///
/// # Errors
/// When Slack does not take it, now or ever.
pub(super) async fn say(workspace: &Workspace, saying: &Saying) -> Result<Spoken, SayError> {
    let channel = workspace.channel(&saying.room)?;
    // Nobody else reads what is said to one person directly.
    match &saying.only {
        Some(_) if !is_direct(channel) => whisper::whisper(workspace, saying).await,
        Some(_) | None => {
            let mut message = Message::of(workspace, &saying.text)?;
            let answers = saying.answers.as_ref();
            let trigger = answers.and_then(|answers| workspace.triggers.of(answers));
            if let Some(trigger) = trigger.as_ref().filter(|_| !is_direct(channel)) {
                message.asked(trigger);
            }
            post(workspace, channel, saying, message).await
        }
    }
}

/// A conversation with one person.
pub(super) fn is_direct(channel: &str) -> bool {
    channel.starts_with('D')
}

/// Posts a message in a channel.
///
/// # Errors
/// When Slack does not take it, now or ever.
pub(super) async fn post(
    workspace: &Workspace,
    channel: &str,
    saying: &Saying,
    message: Message,
) -> Result<Spoken, SayError> {
    let thread = saying.thread.as_ref().map(|thread| thread.0.to_string());
    let answers = saying.answers.as_ref().map(|answers| answers.0.as_str());
    let (posted, now) = (&workspace.own, workspace.clock.now());
    let doubted = posted.doubted(channel, thread.as_deref(), message.text(), now);
    if let Some(begun) = doubted.clone().or(saying.since.map(Begun::Since)) {
        let sent = Sent {
            channel,
            thread: thread.as_deref(),
            text: message.text(),
            answers,
        };
        match look_there(workspace, &sent, &begun).await {
            Ok(Some(ts)) => {
                return Ok(Spoken {
                    message: MessageId(ts.into()),
                    before: true,
                });
            }
            Ok(None) => {}
            Err(wrong) if doubted.is_some() || wrong.may_pass() => {
                if let Some(begun) = doubted {
                    posted.doubt(channel, thread.as_deref(), message.text(), begun, now);
                }
                return Err(later(&wrong));
            }
            // It may not look there at all: better said twice than never.
            Err(wrong) => tracing::info!(why = wrong.words(), "what was said cannot be looked up"),
        }
    }
    let turn = match workspace.queue.turn(channel, None).await {
        Ok(turn) => turn,
        Err(Passed::Later(error)) => return Err(error),
        // Only edits are.
        Err(Passed::Replaced) => return Err(later(&Wrong::Limited { rest: super::REST })),
    };
    let begun = match posted.last(channel) {
        Some(ts) => Begun::After(ts),
        None => Begun::Since(workspace.clock.now()),
    };
    // What nobody asked for goes nowhere else: where the bot may not speak, no address of somebody lets it.
    let trigger = saying.answers.clone().or_else(|| saying.part_of.clone());
    let trigger = trigger.filter(|of| {
        let trigger = workspace.triggers.of(of);
        trigger.is_some_and(|trigger| trigger.channel == channel)
    });
    let sending = Sending {
        workspace,
        channel,
        thread,
        message,
        answers,
        trigger,
        turn,
        begun,
        tries: Tries::new(workspace, channel, What::Post, saying.answers.is_none()),
        doubts: 0,
    };
    sending.send().await
}

/// Posts one message past the queue, once.
///
/// # Errors
/// When Slack does not take it at once.
pub(super) async fn last_word(workspace: &Workspace, saying: &Saying) -> Result<Spoken, SayError> {
    let channel = workspace.channel(&saying.room)?;
    let message = Message::of(workspace, &saying.text)?;
    let thread = saying.thread.as_ref().map(|thread| thread.0.as_str());
    let answers = saying.answers.as_ref().map(|answers| answers.0.as_str());
    let sent = send(workspace, channel, &message, thread, answers).await;
    let ts = sent.map_err(|wrong| later(&wrong))?;
    Ok(Spoken::now(MessageId(ts.into())))
}

async fn send(
    workspace: &Workspace,
    channel: &str,
    message: &Message,
    thread: Option<&str>,
    answers: Option<&str>,
) -> Result<String, Wrong> {
    let mut arguments = message.with(json!({"channel": channel}));
    arguments["metadata"] = look::mark(answers);
    if let Some(thread) = thread {
        arguments["thread_ts"] = json!(thread);
    }
    let done = workspace.api.write(What::Post.method(), &arguments).await?;
    let ts = done["ts"].as_str().ok_or_else(|| Wrong::Unsure {
        what: "Slack does not say what became of the message".into(),
    })?;
    Ok(ts.into())
}

/// Looks in the thread; where that is gone, in the channel.
async fn look_there(
    workspace: &Workspace,
    sent: &Sent<'_>,
    begun: &Begun,
) -> Result<Option<String>, Wrong> {
    match look::look(workspace, sent, begun).await {
        Err(wrong) if sent.thread.is_some() && message::is_thread(&wrong) => {
            let sent = Sent {
                thread: None,
                ..*sent
            };
            look::look(workspace, &sent, begun).await
        }
        looked => looked,
    }
}

impl Sending<'_> {
    async fn send(mut self) -> Result<Spoken, SayError> {
        loop {
            let next = match self.post().await {
                Ok(ts) => Next::Done(ts),
                Err(wrong @ Wrong::Unsure { .. }) => self.doubt(&wrong).await?,
                Err(wrong) if self.thread.is_some() && message::is_thread(&wrong) => {
                    self.thread = None;
                    Next::Again
                }
                Err(wrong) if self.message.plainer(&wrong) => Next::Again,
                Err(wrong) => {
                    if is_outside(&wrong)
                        && let Some(spoken) = self.answer().await
                    {
                        return Ok(spoken);
                    }
                    self.tries.again(&wrong).await?;
                    Next::Again
                }
            };
            if let Next::Done(ts) = next {
                self.turn.sent(What::Post);
                let now = self.workspace.clock.now();
                let posted = &self.workspace.own;
                posted.note(self.channel, &ts, self.thread.as_deref(), now);
                return Ok(Spoken::now(MessageId(ts.into())));
            }
        }
    }

    async fn post(&self) -> Result<String, Wrong> {
        let _slot = self.turn.ready(What::Post).await;
        let thread = self.thread.as_deref();
        send(
            self.workspace,
            self.channel,
            &self.message,
            thread,
            self.answers,
        )
        .await
    }

    /// Gives the answer to the address that came along with the command: that works where the bot is not.
    async fn answer(&mut self) -> Option<Spoken> {
        let of = self.trigger.as_ref()?;
        let body = self.message.with(json!({"response_type": "in_channel"}));
        let body = hook::beside(body, self.thread.as_deref());
        hook::answer(self.workspace, &self.turn, of, body).await
    }

    /// It may have been said: looks for it, and sends it again only when it was not.
    async fn doubt(&mut self, wrong: &Wrong) -> Result<Next, SayError> {
        self.turn.sent(What::Post);
        self.doubts += 1;
        match self.find().await? {
            Some(ts) => Ok(Next::Done(ts)),
            None if self.doubts < TRIES => Ok(Next::Again),
            None => Err(later(wrong)),
        }
    }

    /// Looks for it for some seconds; none when it was not said.
    async fn find(&self) -> Result<Option<String>, SayError> {
        let mut looked = None;
        for pause in LOOKS {
            looked = Some(self.find_after(pause).await);
            if let Some(Ok(Some(ts))) = looked {
                return Ok(Some(ts));
            }
        }
        for pause in MORE_LOOKS {
            match looked {
                Some(Err(ref wrong)) if wrong.may_pass() => {}
                Some(_) | None => break,
            }
            looked = Some(self.find_after(pause).await);
        }
        match looked {
            Some(Ok(found)) => Ok(found),
            Some(Err(wrong)) if wrong.may_pass() => {
                let posted = &self.workspace.own;
                let (thread, text) = (self.thread.as_deref(), self.message.text());
                let now = self.workspace.clock.now();
                posted.doubt(self.channel, thread, text, self.begun.clone(), now);
                Err(later(&wrong))
            }
            Some(Err(wrong)) => Err(SayError::Never {
                what: format!(
                    "it may have been said or not, and I cannot look: {}",
                    wrong.words()
                ),
            }),
            None => Ok(None),
        }
    }

    async fn find_after(&self, pause: Duration) -> Result<Option<String>, Wrong> {
        let clock = &self.workspace.clock;
        clock.until(clock.now() + pause).await;
        let sent = Sent {
            channel: self.channel,
            thread: self.thread.as_deref(),
            text: self.message.text(),
            answers: self.answers,
        };
        look_there(self.workspace, &sent, &self.begun).await
    }
}

/// The bot is not in the channel, as far as that can be told.
pub(super) fn is_outside(wrong: &Wrong) -> bool {
    match wrong {
        Wrong::Outside | Wrong::Forbidden { .. } => true,
        Wrong::NotThere { code } => code == "channel_not_found",
        Wrong::Unreached { .. }
        | Wrong::Unsure { .. }
        | Wrong::Limited { .. }
        | Wrong::Fatal { .. }
        | Wrong::Scope { .. }
        | Wrong::Gone { .. }
        | Wrong::Refused { .. } => false,
    }
}
