//! What is done when Slack does not take something: waiting, trying again, or giving up.

use std::time::Duration;

use chrono::TimeDelta;

use super::queue::What;
use super::wrong::Wrong;
use super::{Workspace, later};
use crate::http::pause;
use crate::room::SayError;

/// How often somebody tries to reach Slack, and how often it may want fewer calls.
const REACHES: u32 = 5;
const LIMITS: u32 = 20;
/// The longest pause between two tries of the same.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Whoever has to wait longer does so elsewhere.
const LONGEST_REST: Duration = Duration::from_secs(120);
/// A channel may refuse what is said for so long until it is believed: somebody may take the bot back.
const REFUSED: TimeDelta = TimeDelta::minutes(40);
/// How long such a channel rests.
const REFUSED_REST: Duration = Duration::from_secs(60);

/// What is tried, and how often what has gone wrong with it.
pub(super) struct Tries<'a> {
    workspace: &'a Workspace,
    channel: &'a str,
    what: What,
    /// It is kept for a while when the channel refuses it.
    kept: bool,
    reaches: u32,
    limits: u32,
}

impl<'a> Tries<'a> {
    pub fn new(workspace: &'a Workspace, channel: &'a str, what: What, kept: bool) -> Tries<'a> {
        Tries {
            workspace,
            channel,
            what,
            kept,
            reaches: 0,
            limits: 0,
        }
    }

    /// Waits until it can be tried again, after something went wrong of which it does not matter whether it was done.
    ///
    /// # Errors
    /// When it is not tried again now, or never.
    pub async fn again(&mut self, wrong: &Wrong) -> Result<(), SayError> {
        let workspace = self.workspace;
        match wrong {
            Wrong::Limited { rest } => {
                workspace.queue.limited(self.channel, self.what, *rest);
                if *rest > LONGEST_REST {
                    return Err(later(wrong));
                }
                more(&mut self.limits, LIMITS, wrong)
            }
            Wrong::Unreached { .. } | Wrong::Unsure { .. } => {
                more(&mut self.reaches, REACHES, wrong)?;
                let now = workspace.clock.now();
                let pause = pause(self.reaches, LONGEST_PAUSE, &(now, self.channel));
                workspace.clock.until(now + pause).await;
                Ok(())
            }
            // Somebody has to change a setting, and nothing gets lost until then.
            Wrong::Fatal { .. } | Wrong::Scope { .. } => Err(later(wrong)),
            Wrong::NotThere { code } if code != "channel_not_found" => Err(never(wrong)),
            Wrong::Outside
            | Wrong::NotThere { .. }
            | Wrong::Gone { .. }
            | Wrong::Forbidden { .. } => Err(self.refused(wrong)),
            Wrong::Refused { .. } => Err(never(wrong)),
        }
    }

    /// A channel does not let the bot speak.
    fn refused(&self, wrong: &Wrong) -> SayError {
        let (now, posted) = (self.workspace.clock.now(), &self.workspace.own);
        let known = self.kept || posted.last(self.channel).is_some();
        if !known || now - posted.refused(self.channel, now) >= REFUSED {
            return never(wrong);
        }
        let what = wrong.words();
        let queue = &self.workspace.queue;
        queue.close(self.channel, what.clone(), REFUSED_REST);
        SayError::Later {
            what,
            rest: REFUSED_REST,
        }
    }
}

fn more(count: &mut u32, most: u32, wrong: &Wrong) -> Result<(), SayError> {
    *count += 1;
    match *count > most {
        true => Err(later(wrong)),
        false => Ok(()),
    }
}

fn never(wrong: &Wrong) -> SayError {
    SayError::Never {
        what: wrong.words(),
    }
}
