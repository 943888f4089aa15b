//! Answers to the address that came along with a slash command or a click; no token, and not in every channel's way.

use serde_json::{Value, json};

use super::Workspace;
use super::queue::{Turn, What};
use super::tries::Tries;
use super::wrong::Wrong;
use crate::model::MessageId;
use crate::room::Spoken;

/// What an id begins with that Slack knows nothing of: such a message cannot be changed any more.
const UNNAMED: &str = "unnamed/";

/// The id of a message that has none in its channel.
pub(super) fn unnamed(id: &str) -> MessageId {
    MessageId(format!("{UNNAMED}{id}").into())
}

/// It was said, but Slack does not say under which name.
pub(super) fn is_unnamed(id: &MessageId) -> bool {
    id.0.starts_with(UNNAMED)
}

/// An answer beside the message with the button, in this thread.
pub(super) fn beside(mut body: Value, thread: Option<&str>) -> Value {
    body["replace_original"] = json!(false);
    if let Some(thread) = thread {
        body["thread_ts"] = json!(thread);
    }
    body
}

/// Gives an answer to this command or click; none when its address takes none, or none any more.
///
/// An answer that may have been lost is given again: to see it twice is better than never, and nobody can look.
pub(super) async fn answer(
    workspace: &Workspace,
    turn: &Turn,
    of: &MessageId,
    body: Value,
) -> Option<Spoken> {
    let channel = workspace.triggers.of(of)?.channel;
    let mut tries = Tries::new(workspace, &channel, What::Answer, false);
    loop {
        let now = workspace.clock.now();
        let url = workspace.triggers.answer(of, now)?;
        let slot = turn.ready(What::Answer).await;
        let done = workspace.api.post_url(&url, &body).await;
        turn.sent(What::Answer);
        drop(slot);
        match done {
            Ok(()) => {
                return Some(Spoken::now(unnamed(&format!(
                    "{}/{}",
                    of.0,
                    now.timestamp_millis()
                ))));
            }
            Err(
                wrong @ (Wrong::Limited { .. } | Wrong::Unreached { .. } | Wrong::Unsure { .. }),
            ) => {
                tries.again(&wrong).await.ok()?;
            }
            Err(wrong) => {
                tracing::info!(why = wrong.words(), "an address takes no answer");
                return None;
            }
        }
    }
}
