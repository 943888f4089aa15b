//! Who is in which channel, and who they are for their server.

use compact_str::CompactString;
use hashbrown::HashMap;

use super::direct::Marks;
use super::line::Source;
use super::support::Support;
use crate::model::Role;

/// When so many people are known, those are forgotten who are in no channel.
const MOST: usize = 100_000;

/// Everybody in the channels of the bot, by names in small letters.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd {
    people: HashMap<CompactString, Known>,
    /// Of each channel its members with their modes.
    channels: HashMap<CompactString, HashMap<CompactString, CompactString>>,
}

/// Somebody on the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub nick: CompactString,
    pub user: Option<CompactString>,
    pub host: Option<CompactString>,
    /// Under which name they are logged in, as far as the server tells.
    pub account: Option<CompactString>,
}

impl Known {
    /// What stays when they take another nick: their account, or else the name of their user and their host, which the
    /// server has from the connection. Nobody gets it by taking a nick.
    pub fn id(&self) -> CompactString {
        match (&self.account, &self.host) {
            (Some(account), _) => account.to_ascii_lowercase(),
            (None, Some(host)) => [self.user.as_deref().unwrap_or("*"), "@", host]
                .concat()
                .into(),
            // A server, or a line that hides who sent it.
            (None, None) => [&self.nick, "!*@*"].concat().into(),
        }
    }
}

impl Known {
    pub fn marks(&self) -> Marks {
        let host = self.host.as_ref();
        let user = self.user.as_deref().unwrap_or("*");
        Marks {
            account: self
                .account
                .as_ref()
                .map(|name| name.as_str().to_ascii_lowercase().into()),
            mask: host.map(|host| format!("{user}@{host}")),
        }
    }
}

impl Crowd {
    /// Somebody has said or done something.
    pub fn met(&mut self, key: &str, source: &Source) -> &mut Known {
        if self.people.len() >= MOST && !self.people.contains_key(key) {
            let channels = &self.channels;
            let is_seen =
                |key: &CompactString| channels.values().any(|members| members.contains_key(key));
            self.people.retain(|key, _| is_seen(key));
        }
        let known = self.people.entry(key.into()).or_default();
        known.nick.clone_from(&source.nick);
        if source.host.is_some() {
            // Somebody else may have the nick now, without having been seen to come.
            if known.host.is_some() && (&known.user, &known.host) != (&source.user, &source.host) {
                known.account = None;
            }
            known.user.clone_from(&source.user);
            known.host.clone_from(&source.host);
        }
        known
    }

    pub fn get(&self, key: &str) -> Option<&Known> {
        self.people.get(key)
    }

    /// Somebody is in a channel, with these modes.
    pub fn join(&mut self, channel: &str, key: &str, modes: &str) {
        let members = self.channels.entry(channel.into()).or_default();
        members.insert(key.into(), modes.into());
    }

    /// Somebody is in a channel no longer.
    pub fn part(&mut self, channel: &str, key: &str) {
        if let Some(members) = self.channels.get_mut(channel) {
            members.remove(key);
        }
        self.forget(key);
    }

    /// The bot has left a channel.
    pub fn leave(&mut self, channel: &str) {
        let members = self.channels.remove(channel).unwrap_or_default();
        for key in members.keys() {
            self.forget(key);
        }
    }

    /// Somebody is gone from the network.
    pub fn quit(&mut self, key: &str) {
        for members in self.channels.values_mut() {
            members.remove(key);
        }
        self.people.remove(key);
    }

    /// Somebody has another nick.
    pub fn rename(&mut self, before: &str, after: &str, nick: &str) {
        for members in self.channels.values_mut() {
            if let Some(modes) = members.remove(before) {
                members.insert(after.into(), modes);
            }
        }
        if let Some(mut known) = self.people.remove(before) {
            known.nick = nick.into();
            self.people.insert(after.into(), known);
        }
    }

    /// A mode of a member was set or taken.
    pub fn mode(&mut self, channel: &str, key: &str, mode: char, added: bool) {
        let members = self.channels.get_mut(channel);
        if let Some(modes) = members.and_then(|members| members.get_mut(key)) {
            modes.retain(|known| known != mode);
            if added {
                modes.push(mode);
            }
        }
    }

    /// What somebody may do in a channel.
    pub fn role(&self, channel: &str, key: &str, support: &Support) -> Role {
        let members = self.channels.get(channel);
        match members.and_then(|members| members.get(key)) {
            Some(modes) if support.is_operator(modes) => Role::Owner,
            Some(_) => Role::Member,
            // Where people may talk from outside.
            None => Role::Guest,
        }
    }

    /// Whether they are in any channel of the bot.
    pub fn is_seen(&self, key: &str) -> bool {
        self.channels
            .values()
            .any(|members| members.contains_key(key))
    }

    /// Who is in no channel any more is not followed.
    fn forget(&mut self, key: &str) {
        if !self.is_seen(key) {
            self.people.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nick_is_nobody() {
        let mut crowd = Crowd::default();
        let id = |crowd: &mut Crowd, source: &str| {
            let source = Source::read(source);
            crowd.met(&source.nick, &source).id()
        };
        assert_eq!(id(&mut crowd, "ann!~a@host"), "~a@host");
        crowd.join("#x", "ann", "o");
        crowd.met("ann", &Source::read("ann!~a@host")).account = Some("Ann".into());
        assert_eq!(id(&mut crowd, "ann!~a@host"), "ann");
        crowd.rename("ann", "away", "away");
        assert_eq!(id(&mut crowd, "away!~a@host"), "ann");
        let support = Support::default();
        assert_eq!(crowd.role("#x", "away", &support), Role::Owner);
        // The nick is free, and somebody takes it.
        assert_eq!(id(&mut crowd, "ann!~m@elsewhere"), "~m@elsewhere");
        assert_eq!(crowd.role("#x", "ann", &support), Role::Guest);
        assert_eq!(id(&mut crowd, "away!~m@elsewhere"), "~m@elsewhere");
    }

    #[test]
    fn modes_come_and_go() {
        let (mut crowd, support) = (Crowd::default(), Support::default());
        crowd.join("#x", "ann", "");
        let role = |crowd: &Crowd| crowd.role("#x", "ann", &support);
        assert_eq!(role(&crowd), Role::Member);
        crowd.mode("#x", "ann", 'o', true);
        crowd.mode("#x", "ann", 'v', true);
        assert_eq!(role(&crowd), Role::Owner);
        crowd.mode("#x", "ann", 'o', false);
        assert_eq!(role(&crowd), Role::Member);
        crowd.part("#x", "ann");
        assert_eq!(role(&crowd), Role::Guest);
    }
}
