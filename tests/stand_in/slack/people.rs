//! Workspaces and the people in them.

use serde_json::{Value, json};

/// A workspace.
#[derive(Clone, Debug)]
pub struct Team {
    pub id: String,
    pub name: String,
    /// The first part of its address.
    pub domain: String,
}

/// What somebody may do in the whole workspace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    PrimaryOwner,
    Owner,
    Admin,
    #[default]
    Member,
    /// A guest of several channels.
    Restricted,
    /// A guest of one channel.
    UltraRestricted,
}

/// Somebody, or a bot.
#[derive(Clone, Debug)]
pub struct User {
    pub id: String,
    pub team: String,
    /// The handle.
    pub name: String,
    pub real_name: String,
    pub display_name: String,
    pub email: String,
    pub standing: Standing,
    pub deleted: bool,
    /// The bot and the app that this user is the face of.
    pub bot: Option<(String, String)>,
}

impl User {
    pub fn is_bot(&self) -> bool {
        self.bot.is_some()
    }

    pub fn admin(&self) -> bool {
        match self.standing {
            Standing::PrimaryOwner | Standing::Owner | Standing::Admin => true,
            Standing::Member | Standing::Restricted | Standing::UltraRestricted => false,
        }
    }

    /// As somebody of the workspace `team` sees it; the address only where the scope allows.
    pub fn json(&self, team: &str, email: bool) -> Value {
        let mut profile = json!({
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "team": self.team,
            "image_48": "",
        });
        if email && !self.is_bot() {
            profile["email"] = json!(self.email);
        }
        if let Some((bot, app)) = &self.bot {
            profile["bot_id"] = json!(bot);
            profile["api_app_id"] = json!(app);
        }
        let mut user = json!({
            "id": self.id,
            "team_id": self.team,
            "name": self.name,
            "deleted": self.deleted,
            "profile": profile,
            "is_bot": self.is_bot(),
            "is_app_user": false,
            "updated": 1_700_000_000,
        });
        if self.deleted {
            return user;
        }
        let home = team == self.team;
        let its = |standings: &[Standing]| home && standings.contains(&self.standing);
        let more = json!({
            "real_name": self.real_name,
            "tz": "Europe/London",
            "tz_label": "Greenwich Mean Time",
            "tz_offset": 0,
            "is_admin": home && self.admin(),
            "is_owner": its(&[Standing::Owner, Standing::PrimaryOwner]),
            "is_primary_owner": its(&[Standing::PrimaryOwner]),
            "is_restricted": its(&[Standing::Restricted, Standing::UltraRestricted]),
            "is_ultra_restricted": its(&[Standing::UltraRestricted]),
        });
        super::state::extend(&mut user, more);
        if !home {
            user["is_stranger"] = json!(true);
        }
        user
    }
}
