//! A line that is meant for the bot: run whole, or not at all.

use chrono::{DateTime, Utc};

use super::{Bot, said_at_panic};
use crate::command::{self, Scene, Work};
use crate::model::{Errand, Message, Role, Text};
use crate::tracker::Trouble;

/// The longest message that is read, in bytes.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// What becomes of a line.
pub(super) enum Reply {
    Now(Text),
    Later(Work),
    /// Says the text, if there is one, and then does the errand.
    Errand(Text, Errand),
}

impl Bot {
    /// Runs a line; whatever goes wrong in it changes nothing and is told.
    pub(super) fn answer_to(
        &mut self,
        message: &Message,
        line: &str,
        role: Role,
        now: DateTime<Utc>,
    ) -> Reply {
        match self.obey(message, line, role, now) {
            Ok(reply) => reply,
            Err(text) => Reply::Now(text),
        }
    }

    /// What becomes of a command, or what is said because it was not done.
    fn obey(
        &mut self,
        message: &Message,
        line: &str,
        role: Role,
        now: DateTime<Utc>,
    ) -> Result<Reply, Text> {
        // The whole message: a platform may have cut it at its end.
        let length = message.text.len();
        if length > LONGEST_MESSAGE {
            return Err(Text::line(format!(
                "That message has {} KiB; I read {} at most.",
                length.div_ceil(1024),
                LONGEST_MESSAGE / 1024
            ))
            .hint("say it in fewer words"));
        }
        let mark = self.store.mark();
        self.trackers.begin();
        let standing = self.standing(&message.room);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut scene = Scene {
                store: &mut self.store,
                trackers: &mut self.trackers,
                message,
                role,
                now,
                bot: &self.me,
                standing,
                line,
                work: None,
                errand: None,
            };
            let answer = command::answer(&mut self.grammar, &mut scene);
            (answer, scene.work, scene.errand)
        }));
        let later = |text, work| match work {
            Some(work) => Reply::Later(work),
            None => Reply::Now(text),
        };
        let (trouble, work) = match outcome {
            Ok((Ok(text), _, Some(errand))) => return Ok(Reply::Errand(text, errand)),
            Ok((Ok(text), work, None)) => return Ok(later(text, work)),
            Ok((Err(trouble), work, _)) => (trouble, work),
            Err(panic) => {
                self.store.rewind(mark);
                self.reload();
                return Err(self.fault(&said_at_panic(panic.as_ref()), line));
            }
        };
        self.store.rewind(mark);
        if let Err(worse) = self.trackers.rewind(&self.store) {
            tracing::error!(trouble = %worse, "a refused command could not be taken back in memory");
            self.reload();
        }
        match trouble {
            Trouble::DryRun(text) => Ok(later(text, work)),
            Trouble::Refusal(refusal) => Err(refusal.into()),
            Trouble::Store(error) => Err(self.fault(&error.to_string(), line)),
        }
    }

    /// What people hear of a fault: a reference that stands in the log, nothing internal.
    pub(super) fn fault(&mut self, why: &str, line: &str) -> Text {
        self.faults += 1;
        let reference = format!(
            "{:04x}-{}",
            self.me.started.timestamp() & 0xffff,
            self.faults
        );
        tracing::error!(reference, why, "a command failed");
        tracing::debug!(reference, line, "the command that failed");
        Text::line("Something went wrong on my side, and nothing was changed.").hint(format!(
            "tell the operator the reference `{reference}`; it stands in the log"
        ))
    }
}
