//! How tokens, installations and channels come to an end.

use serde_json::json;

use super::apps::TokenKind;
use super::refused::Refused;
use super::state::Slack;

impl Slack {
    /// A token counts for nothing any more; the app hears of it.
    pub fn revoke(&mut self, token: &str, why: &str) {
        let Some(its) = self.tokens.get_mut(token) else {
            return;
        };
        its.dead = Some(why.into());
        let (kind, team, user) = (its.kind, its.team.clone(), its.user.clone());
        let tokens = match kind {
            TokenKind::Bot => json!({"oauth": [], "bot": [user]}),
            TokenKind::User => json!({"oauth": [user], "bot": []}),
            TokenKind::App => return,
        };
        let event = json!({"type": "tokens_revoked", "tokens": tokens});
        self.tell("tokens_revoked", &team, None, &event);
    }

    /// An app is thrown out of a workspace: it hears that, and its tokens of there count for nothing any more.
    ///
    /// # Errors
    /// `not_installed`.
    pub fn uninstall(&mut self, app: &str, team: &str) -> Result<(), Refused> {
        let its = self.apps.get(app).and_then(|app| app.installs.get(team));
        let user = its.ok_or(Refused::from("not_installed"))?.user.clone();
        let event = json!({"type": "app_uninstalled"});
        self.tell("app_uninstalled", team, None, &event);
        let tokens = self.tokens.iter();
        let tokens = tokens.filter(|(_, its)| its.app == app && its.team == team);
        for token in tokens.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
            self.revoke(&token, "account_inactive");
        }
        for channel in self.channels.values_mut() {
            channel.members.remove(&user);
        }
        if let Some(user) = self.users.get_mut(&user) {
            user.deleted = true;
        }
        if let Some(app) = self.apps.get_mut(app) {
            app.installs.remove(team);
        }
        Ok(())
    }

    /// A channel is gone for good, with all that was said in it.
    pub fn delete_channel(&mut self, id: &str) {
        let at = self.ts();
        let event = json!({"type": "channel_deleted", "channel": id, "event_ts": at});
        self.tell("channel_deleted", "", Some(id), &event);
        self.channels.remove(id);
    }

    /// A channel gets another id, as one does that is shared with another organisation; gives the new one.
    pub fn change_id(&mut self, old: &str) -> String {
        let new = self.id("C");
        if let Some(mut channel) = self.channels.remove(old) {
            channel.id.clone_from(&new);
            self.channels.insert(new.clone(), channel);
        }
        let at = self.ts();
        let event = json!({
            "type": "channel_id_changed", "old_channel_id": old, "new_channel_id": new, "event_ts": at,
        });
        self.tell("channel_id_changed", "", Some(&new), &event);
        new
    }
}
