//! What is done when the chat does not take a message or an edit: waiting, trying again, or giving up.

use std::time::Duration;

use chrono::TimeDelta;

use super::LONGEST_PAUSE;
use super::door::Session;
use super::wrong::Wrong;
use super::{Chat, later};
use crate::http::pause;
use crate::room::SayError;

/// After a refusal that says nothing of time it is tried again after so long, and so often.
pub(super) const CONFLICT: Duration = Duration::from_secs(5);
pub(super) const CONFLICTS: u32 = 5;
/// How often somebody tries to reach the chat.
const REACHES: u32 = 5;
/// How long somebody waits for the account to be logged in again, and how often for one message.
const LOG_IN: TimeDelta = TimeDelta::seconds(60);
const LOG_INS: u32 = 2;
/// A room that the account is in, or was, may refuse messages for so long until it is believed: the account may have been sent away
/// for a while, or the chat be in trouble.
const MUTED: TimeDelta = TimeDelta::minutes(40);
/// How long such a room rests.
const MUTED_REST: Duration = Duration::from_secs(60);

/// How often what has gone wrong with one message.
#[derive(Default)]
pub(super) struct Tries {
    conflicts: u32,
    reaches: u32,
    log_ins: u32,
}

impl Tries {
    /// Waits until it can be tried again, after something went wrong of which it is sure that nothing was done.
    ///
    /// # Errors
    /// When it is not tried again now, or never.
    pub async fn again(&mut self, chat: &Chat, room: u64, wrong: &Wrong) -> Result<(), SayError> {
        match wrong {
            Wrong::Throttled { rest: Some(rest) } => {
                chat.queue.throttled(*rest);
                Ok(())
            }
            Wrong::Throttled { rest: None } => {
                chat.queue.throttled(CONFLICT);
                more(&mut self.conflicts, CONFLICTS, wrong)
            }
            Wrong::Unreached { .. } | Wrong::Unsure { .. } | Wrong::Broken { .. } => {
                more(&mut self.reaches, REACHES, wrong)?;
                let now = chat.clock.now();
                let pause = pause(self.reaches, LONGEST_PAUSE, &(now, room));
                chat.clock.until(now + pause).await;
                Ok(())
            }
            Wrong::LoggedOut => {
                more(&mut self.log_ins, LOG_INS, wrong)?;
                match logged_in(chat).await {
                    true => Ok(()),
                    false => Err(later(wrong)),
                }
            }
            Wrong::Closed { what, rest } => {
                let all = what.contains("account is blocked");
                chat.queue
                    .close((!all).then_some(room), wrong.words(), *rest);
                Err(later(wrong))
            }
            Wrong::Barred { what } if !what.contains("have permission") => Err(never(wrong)),
            Wrong::Barred { .. } | Wrong::Missing => Err(refused(chat, room, wrong)),
            // What the chat says in words it will say again, as a rule; a page may be gone in a while.
            Wrong::Refused { said, .. } if !said.is_empty() => Err(refused(chat, room, wrong)),
            Wrong::TooLong => Err(never(wrong)),
            Wrong::Human | Wrong::Refused { .. } => Err(later(wrong)),
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

/// Waits for the account to be logged in, but not for long.
pub(super) async fn logged_in(chat: &Chat) -> bool {
    let mut session = chat.door.session();
    let until = chat.clock.now() + LOG_IN;
    tokio::select! {
        session = session.wait_for(|now| *now != Session::Out) => session.is_ok(),
        () = chat.clock.until(until) => false,
    }
}

/// A room does not let the account write, or is not there for it.
fn refused(chat: &Chat, room: u64, wrong: &Wrong) -> SayError {
    let now = chat.clock.now();
    let spoke = chat.posted.last(room).is_some() || chat.recent.last(room).is_some();
    let known = spoke || chat.inside().contains_key(&room);
    let what = match wrong {
        Wrong::Missing => "there is no such room, or it does not let me in".to_string(),
        wrong => wrong.words(),
    };
    if !known || now - chat.posted.refused(room, now) >= MUTED {
        return SayError::Never { what };
    }
    chat.queue.close(Some(room), what.clone(), MUTED_REST);
    SayError::Later {
        what,
        rest: MUTED_REST,
    }
}
