//! Saying a message in a channel.

use super::{Workspace, later};
use crate::model::MessageId;
use crate::room::{SayError, Saying, Spoken};

/// Says one message.
///
/// # Errors
/// When Slack does not take it.
pub(super) async fn say(workspace: &Workspace, saying: &Saying) -> Result<Spoken, SayError> {
    let channel = workspace.channel(&saying.room)?;
    let arguments = serde_json::json!({
        "channel": channel,
        "text": saying.text.to_string(),
        "thread_ts": saying.thread.as_ref().map(|thread| &thread.0),
        "unfurl_links": false,
        "unfurl_media": false,
    });
    let done = workspace.api.write("chat.postMessage", &arguments).await;
    let done = done.map_err(|wrong| later(&wrong))?;
    let ts = done["ts"].as_str().unwrap_or_default();
    Ok(Spoken::now(MessageId(ts.into())))
}
