//! The last word of a bot that is ended from a room.

use std::time::Duration;

use super::stop::Stopper;
use crate::model::{Stop, Stopped, Text};
use crate::room::{Platform, SayError, Saying, Spoken};

/// How long it may take.
const LAST_WORD: Duration = Duration::from_secs(2);
/// Those who speak have only to notice that they must not.
const FALLS_SILENT: Duration = Duration::from_millis(50);

/// Said in the room from where the bot is ended, past all that waits, once; the bot ends when it is dropped.
pub(super) struct LastWord(Stopper);

impl LastWord {
    pub fn begin(stopper: &Stopper) -> LastWord {
        stopper.says(true);
        LastWord(stopper.clone())
    }

    pub async fn say(self, platform: &dyn Platform, stopped: &Stopped) -> Result<Spoken, SayError> {
        let saying = Saying {
            answers: Some(stopped.message.clone()),
            part_of: Some(stopped.message.clone()),
            thread: stopped.thread.clone(),
            ..Saying::new(stopped.room.clone(), last_word(stopped))
        };
        // What platforms still hold is wanted by nobody then, and nothing follows the last word.
        if stopped.stop == Stop::Kill {
            let _ = tokio::time::timeout(FALLS_SILENT, self.0.silent()).await;
        }
        let said = tokio::time::timeout(LAST_WORD, platform.last_word(&saying)).await;
        said.unwrap_or_else(|_| {
            Err(SayError::Never {
                what: "it took too long".into(),
            })
        })
    }
}

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.says(false);
    }
}

fn last_word(stopped: &Stopped) -> Text {
    let by = stopped.by.name.replace('`', "'");
    match stopped.stop {
        Stop::Kill => Text::line(format!(
            "Killed by {by}: I say nothing more. What waits is kept, and held back when I start again."
        )),
        Stop::Reboot => Text::line(format!("I reboot, asked by {by}. What waits is kept.")),
        Stop::Shutdown => Text::line(format!(
            "I shut down, asked by {by}, and stay down until whoever runs me starts me again. What waits is kept."
        )),
    }
}
