//! Who the app is, asked at the start and whenever its token was refused; and what the operator must do about it.

use chrono::{DateTime, Utc};

use super::connect::{Listening, Told};
use super::wrong::Wrong;
use super::{LONG_REST, LONGEST_PAUSE, scopes};
use crate::http::pause;
use crate::model::Heard;

/// Whether the token of the bot is good.
pub(super) enum Account {
    Asked,
    Good,
    /// It is asked again then.
    Bad(DateTime<Utc>),
}

impl Listening {
    pub(super) fn is_good(&self) -> bool {
        matches!(self.account, Account::Good)
    }

    /// The token may be good no longer.
    pub(super) fn doubt(&mut self) {
        if self.is_good() {
            self.account = Account::Bad(self.workspace.clock.now());
        }
    }

    /// Asks who the app is, when that is due.
    pub(super) fn ask_account(&mut self) {
        let now = self.workspace.clock.now();
        if matches!(self.account, Account::Bad(next) if next <= now) {
            self.account = Account::Asked;
            let (workspace, told) = (self.workspace.clone(), self.told.clone());
            self.asking.spawn(async move {
                let looked = workspace.look_at_me().await;
                let looked = looked.map(|(me, answer)| {
                    let missing = scopes::missing(answer.scopes.as_deref());
                    tracing::info!(workspace = me.team_name, user = me.user, "in Slack");
                    for scope in missing {
                        tracing::warn!(
                            permission = scope.name,
                            why = scope.why,
                            "the app lacks a permission"
                        );
                    }
                });
                // Nobody listens any more.
                let _ = told.send((0, Told::Account(looked))).await;
            });
        }
    }

    pub(super) async fn account(&mut self, looked: Result<(), Wrong>) {
        let now = self.workspace.clock.now();
        let wrong = match looked {
            Ok(()) => {
                self.account = Account::Good;
                self.failures = 0;
                let back = self.troubles.0.take().is_some();
                if back {
                    self.lines.look_back();
                    self.workspace.back.notify_waiters();
                }
                if let Some(sockets) = self.sockets.as_mut().filter(|_| back) {
                    sockets.hurry();
                }
                self.tell_trouble().await;
                // Where no socket has to be opened, what comes is heard from here on.
                if back || (self.taking && !self.listed) {
                    self.list(back);
                }
                return;
            }
            Err(wrong) => wrong,
        };
        let rest = match &wrong {
            Wrong::Limited { rest } => *rest,
            Wrong::Unreached { .. } | Wrong::Unsure { .. } => pause(
                self.failures,
                LONGEST_PAUSE,
                &(now, &self.workspace.settings.name),
            ),
            Wrong::Fatal { .. }
            | Wrong::Scope { .. }
            | Wrong::Outside
            | Wrong::NotThere { .. }
            | Wrong::Gone { .. }
            | Wrong::Forbidden { .. }
            | Wrong::Refused { .. } => {
                self.lines.gap();
                self.troubles.0 = Some(format!("{} (this is about `bot_token`)", wrong.words()));
                self.tell_trouble().await;
                LONG_REST
            }
        };
        tracing::warn!(why = wrong.words(), "Slack does not say who the app is");
        self.failures = self.failures.saturating_add(1);
        self.account = Account::Bad(now + rest);
    }

    /// Tells of a trouble that is new, or over.
    pub(super) async fn tell_trouble(&mut self) {
        let (account, sockets) = &self.troubles;
        let what = account.clone().or_else(|| sockets.clone());
        if what == self.trouble {
            return;
        }
        self.trouble.clone_from(&what);
        let platform = self.workspace.settings.name.clone();
        // Nobody listens any more.
        let _ = self.heard.send(Heard::Trouble { platform, what }).await;
    }
}
