//! What a program or a person wants done: the fields of a JSON object.

use serde_json::{Map, Value};

use super::refused::Refused;
use super::state::Slack;

/// The fields of a wish.
#[derive(Clone, Copy)]
pub struct Wish<'a>(pub &'a Value);

impl<'a> Wish<'a> {
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.0[name].as_str().filter(|text| !text.is_empty())
    }

    pub fn needed(&self, name: &str) -> Result<&'a str, Refused> {
        self.text(name).ok_or_else(|| Refused::missing(name))
    }

    pub fn number(&self, name: &str, usual: i64) -> i64 {
        self.0[name].as_i64().unwrap_or(usual)
    }

    pub fn yes(&self, name: &str, usual: bool) -> bool {
        self.0[name].as_bool().unwrap_or(usual)
    }

    /// A list of texts.
    pub fn texts<T: FromIterator<String>>(&self, name: &str) -> Option<T> {
        let all = self.0[name].as_array()?.iter();
        Some(all.filter_map(Value::as_str).map(String::from).collect())
    }

    pub fn object(&self, name: &str) -> Option<&'a Map<String, Value>> {
        self.0[name].as_object()
    }

    /// Somebody: by id, by name, or `bot` for the app's own user.
    ///
    /// # Errors
    /// `user_not_found`, or that the field is missing.
    pub fn person(&self, slack: &Slack, app: &str, name: &str) -> Result<String, Refused> {
        self.found(slack, app, self.needed(name)?)
    }

    /// The same, several in a list.
    pub fn people(&self, slack: &Slack, app: &str, name: &str) -> Result<Vec<String>, Refused> {
        let all: Vec<String> = self.texts(name).ok_or_else(|| Refused::missing(name))?;
        all.iter().map(|its| self.found(slack, app, its)).collect()
    }

    fn found(&self, slack: &Slack, app: &str, wanted: &str) -> Result<String, Refused> {
        if slack.users.contains_key(wanted) {
            return Ok(wanted.into());
        }
        if wanted == "bot" {
            let mut all = slack.apps[app].installs.values();
            let its = all.find(|its| self.text("team").is_none_or(|team| team == its.team));
            return its
                .map(|its| its.user.clone())
                .ok_or("user_not_found".into());
        }
        let name = wanted.trim_start_matches('@').to_lowercase();
        let mut all = slack.users.values();
        let found = all.find(|its| {
            let names = [&its.name, &its.display_name, &its.real_name];
            names.iter().any(|its| its.to_lowercase() == name)
        });
        found
            .map(|its| its.id.clone())
            .ok_or("user_not_found".into())
    }

    /// A channel: by id, or by name with `#`.
    ///
    /// # Errors
    /// `channel_not_found`, or that the field is missing.
    pub fn channel(&self, slack: &Slack) -> Result<String, Refused> {
        let wanted = self.needed("channel")?;
        if slack.channels.contains_key(wanted) {
            return Ok(wanted.into());
        }
        let name = wanted
            .strip_prefix('#')
            .ok_or(Refused::from("channel_not_found"))?;
        let mut all = slack.channels.values();
        let found = all
            .find(|its| its.name == name && self.text("team").is_none_or(|team| its.in_team(team)));
        found
            .map(|its| its.id.clone())
            .ok_or("channel_not_found".into())
    }
}
