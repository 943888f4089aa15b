//! Forms as views of Slack: shown, read, and answered.

use std::time::Duration;

use serde_json::{Value, json};

use super::modal::{self, Place};
use super::wrong::Wrong;
use super::{Workspace, whisper};
use crate::model::{Form, MessageId, PersonId, RoomId, Taken, Text};
use crate::room::{SayError, Saying};

pub(super) use super::modal::Read;

/// How often a view is drawn anew when the answer to that is lost.
const TRIES: usize = 3;
/// How long it is waited before that.
const PAUSE: Duration = Duration::from_secs(1);

/// Reads a view as Slack sends it; none when it is no form of ours.
pub(super) fn read(view: &Value) -> Option<Read> {
    modal::read(view)
}

/// Shows a form to whoever sent this message, at once: Slack lets it be shown for three seconds.
///
/// # Errors
/// When it is too late, or Slack does not show it.
pub(super) async fn ask(
    workspace: &Workspace,
    room: &RoomId,
    of: &MessageId,
    form: &Form,
) -> Result<(), SayError> {
    let channel = workspace.channel(room)?;
    let trigger = workspace.triggers.of(of);
    let place = Place {
        channel: channel.into(),
        thread: trigger.and_then(|trigger| trigger.thread),
        click: Some(of.0.to_string()),
    };
    let view = modal::view(form, &place).map_err(|what| SayError::Never { what })?;
    let too_late = || SayError::Never {
        what: "Slack shows a form only in the three seconds after a command".into(),
    };
    let now = workspace.clock.now();
    let id = workspace.triggers.open(of, now).ok_or_else(too_late)?;
    let arguments = json!({"trigger_id": id, "view": view});
    match workspace.api.write("views.open", &arguments).await {
        Ok(_) => Ok(()),
        // Most likely it is shown; a second try would be refused in any case.
        Err(Wrong::Unsure { what }) => {
            tracing::warn!(why = what, "nobody knows whether a form is shown");
            Ok(())
        }
        Err(Wrong::Refused { code, .. }) if code.ends_with("_trigger_id") => Err(too_late()),
        Err(wrong) => Err(SayError::Never {
            what: wrong.words(),
        }),
    }
}

/// Says what becomes of a form that was handed in or changed.
pub(super) async fn taken(workspace: &Workspace, filled: &MessageId, taken: Taken) {
    let Some(handed) = workspace.handed.take(filled) else {
        return;
    };
    let place = modal::place(&handed.private_metadata).unwrap_or(Place {
        channel: handed.channel.clone(),
        thread: None,
        click: None,
    });
    let drawn = |form: &Form| {
        let view = modal::view(form, &place);
        view.inspect_err(|why| tracing::error!(why, "a form cannot be drawn"))
            .ok()
    };
    let Some(answer) = handed.answer else {
        // Nobody has handed it in: there is nothing to be done but to draw it.
        if let Taken::Again(form) = &taken
            && let Some(view) = drawn(form)
        {
            update(workspace, &handed.view, handed.hash.as_deref(), &view).await;
        }
        return;
    };
    let said = match &taken {
        Taken::Done => None,
        Taken::Mistakes(mistakes) => Some(modal::mistakes(&handed.private_metadata, mistakes)),
        Taken::Again(form) => drawn(form).map(modal::instead),
    };
    if answer.send(said).is_ok() {
        return;
    }
    // Slack has stopped waiting, and closed the form.
    match taken {
        Taken::Done => {}
        Taken::Mistakes(mistakes) => {
            let mut text = Text::line("That could not be done:");
            for (field, what) in mistakes {
                text = text.entry(format!("{field}: {what}"));
            }
            let saying = Saying {
                thread: place.thread.clone().map(MessageId::from),
                only: Some(PersonId(handed.user.into())),
                ..Saying::new(workspace.id(&place.channel), text)
            };
            if let Err(error) = whisper::whisper(workspace, &saying).await {
                tracing::warn!(%error, "nobody hears what was wrong with a form");
            }
        }
        Taken::Again(_) => tracing::info!("a form is closed that was to be drawn anew"),
    }
}

/// Draws a view anew, unless it has changed meanwhile: then somebody draws it for that change.
async fn update(workspace: &Workspace, id: &str, hash: Option<&str>, view: &Value) {
    let mut arguments = json!({"view_id": id, "view": view});
    if let Some(hash) = hash {
        arguments["hash"] = json!(hash);
    }
    for left in (0..TRIES).rev() {
        let rest = match workspace.api.write("views.update", &arguments).await {
            Ok(_) => return,
            Err(Wrong::Refused { code, .. }) if code == "hash_conflict" => return,
            Err(Wrong::Limited { rest }) if left > 0 => rest,
            Err(wrong) if wrong.may_pass() && left > 0 => PAUSE,
            Err(wrong) => {
                tracing::warn!(why = wrong.words(), "a form is not drawn anew");
                return;
            }
        };
        let clock = &workspace.clock;
        clock.until(clock.now() + rest).await;
    }
}
