//! Keeps the account logged in, and tells when it cannot.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{mpsc, watch};

use super::Chat;
use super::LONGEST_PAUSE;
use super::door::Session;
use super::login::{Failed, login};
use crate::http::pause;
use crate::model::Heard;

/// How often it is looked whether the account is still logged in.
const LOOK: TimeDelta = TimeDelta::hours(1);
/// The least time between two looks when it is not.
const LEAST: TimeDelta = TimeDelta::seconds(60);
/// How long a captcha, or what nobody knows, is left alone at first; each time twice as long, at most [`LONGEST`].
const HUMAN: Duration = Duration::from_secs(10 * 60);
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// Logs in and sees that it stays so, until nobody listens any more.
pub(super) async fn keep(chat: &Chat, heard: &mpsc::Sender<Heard>) {
    let mut session = chat.door.session();
    loop {
        if log_in(chat, heard).await.is_err() {
            return;
        }
        loop {
            let next = chat.clock.now() + LOOK;
            tokio::select! {
                () = out(&mut session) => {
                    tracing::warn!(chat = chat.settings.name, "the account is no longer logged in");
                    break;
                }
                () = chat.clock.until(next) => {
                    if let Err(wrong) = chat.door.verify().await {
                        tracing::debug!(why = wrong.words(), "it cannot be looked who is logged in");
                    }
                }
            }
        }
    }
}

/// Waits until the account is no longer logged in.
async fn out(session: &mut watch::Receiver<Session>) {
    // It cannot be closed: the door holds the other end.
    let _ = session.wait_for(|now| *now == Session::Out).await;
}

/// Nobody listens any more.
struct Unheard;

/// Tries until the account is logged in: quickly while the chat cannot be reached, slowly where a person must act.
async fn log_in(chat: &Chat, heard: &mpsc::Sender<Heard>) -> Result<(), Unheard> {
    let platform = &chat.settings.name;
    let mut told = None;
    let (mut failures, mut refused) = (0_u32, 0_u32);
    loop {
        let begun = chat.clock.now();
        let failed = match login(chat).await {
            Ok(()) => break,
            Err(failed) => failed,
        };
        let what = failed.words(chat);
        tracing::warn!(chat = platform, why = what, "logging in has failed");
        let next = match &failed {
            Failed::Unreached(_) => {
                let pause = pause(failures, LONGEST_PAUSE, &(begun, platform));
                failures = failures.saturating_add(1);
                chat.clock.now() + pause
            }
            _ => {
                let next = slowly(&failed, refused, chat.clock.now());
                refused = refused.saturating_add(1);
                if told.as_ref() != Some(&what) {
                    tell(heard, platform, Some(what.clone())).await?;
                    told = Some(what);
                }
                next.max(begun + LEAST)
            }
        };
        chat.clock.until(next).await;
    }
    if told.is_some() {
        tell(heard, platform, None).await?;
    }
    Ok(())
}

/// When it is tried again after so many refusals.
fn slowly(failed: &Failed, refused: u32, now: DateTime<Utc>) -> DateTime<Utc> {
    match failed {
        Failed::Spent { until } => *until,
        Failed::Human | Failed::Strange(_) => {
            now + HUMAN.saturating_mul(1 << refused.min(8)).min(LONGEST)
        }
        Failed::Password | Failed::Cookies | Failed::Unreached(_) => now + LONGEST,
    }
}

async fn tell(
    heard: &mpsc::Sender<Heard>,
    platform: &str,
    what: Option<String>,
) -> Result<(), Unheard> {
    let platform = platform.into();
    let trouble = Heard::Trouble { platform, what };
    heard.send(trouble).await.map_err(|_| Unheard)
}
