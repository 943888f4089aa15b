//! Who the app is in its workspace.

use serde_json::Value;

use super::api::Answer;
use super::wrong::Wrong;
use super::{Workspace, locked};

/// Who the app is in its workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Me {
    /// `T…`
    pub team: String,
    /// What the workspace is called.
    pub team_name: String,
    /// What the app is called.
    pub name: String,
    /// `U…`
    pub user: String,
    /// `B…`
    pub bot: Option<String>,
    /// The address of the workspace, with a slash at the end.
    pub url: String,
}

impl Me {
    fn of(answer: &Value) -> Result<Me, Wrong> {
        let text = |name: &str| answer[name].as_str().map(str::to_string);
        let unsaid = || Wrong::Unsure {
            what: "Slack does not say who the app is".into(),
        };
        Ok(Me {
            team: text("team_id").ok_or_else(unsaid)?,
            user: text("user_id").ok_or_else(unsaid)?,
            name: text("user").unwrap_or_default(),
            team_name: text("team").unwrap_or_default(),
            bot: text("bot_id"),
            url: text("url").unwrap_or_default(),
        })
    }

    /// Whether a message or an event is the app's own.
    pub fn said(&self, event: &Value) -> bool {
        let is = |name: &str, mine: &str| event[name].as_str() == Some(mine);
        is("user", &self.user) || self.bot.as_ref().is_some_and(|bot| is("bot_id", bot))
    }
}

impl Workspace {
    /// Who the app is; Slack is asked once.
    ///
    /// # Errors
    /// When Slack does not say.
    pub(super) async fn me(&self) -> Result<Me, Wrong> {
        if let Some(me) = locked(&self.me).clone() {
            return Ok(me);
        }
        Ok(self.look_at_me().await?.0)
    }

    /// Asks who the app is, and what else comes with the answer.
    ///
    /// # Errors
    /// When Slack does not say.
    pub(super) async fn look_at_me(&self) -> Result<(Me, Answer), Wrong> {
        let answer = self.api.ask("auth.test", &[]).await?;
        let me = Me::of(&answer.value)?;
        *locked(&self.me) = Some(me.clone());
        Ok((me, answer))
    }
}
