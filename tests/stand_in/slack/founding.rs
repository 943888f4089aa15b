//! How workspaces, people, channels and apps come to be.

use std::collections::{BTreeMap, BTreeSet};

use super::apps::{App, EVENTS, Hears, Install, SCOPES, Token, TokenKind};
use super::channels::{Channel, Kind};
use super::people::{Standing, Team, User};
use super::state::Slack;

impl Slack {
    pub fn team(&mut self, name: &str) -> String {
        let id = self.id("T");
        let domain = name.to_lowercase().replace(' ', "-");
        let (name, its) = (name.to_string(), id.clone());
        let team = Team {
            id: its,
            name,
            domain,
        };
        self.teams.insert(id.clone(), team);
        id
    }

    pub fn user(&mut self, team: &str, name: &str, standing: Standing) -> String {
        let id = self.id("U");
        let handle = name.to_lowercase().replace(' ', ".");
        let user = User {
            id: id.clone(),
            team: team.into(),
            email: format!("{handle}@example.org"),
            name: handle,
            real_name: name.into(),
            display_name: name.split(' ').next().unwrap_or(name).into(),
            standing,
            deleted: false,
            bot: None,
        };
        self.users.insert(id.clone(), user);
        id
    }

    /// A channel with one person in it.
    pub fn channel(&mut self, team: &str, name: &str, kind: Kind, creator: &str) -> String {
        let id = self.id(match kind {
            Kind::Im => "D",
            Kind::Public | Kind::Private | Kind::Mpim => "C",
        });
        let channel = Channel {
            id: id.clone(),
            name: name.into(),
            kind,
            team: team.into(),
            shared: [].into(),
            creator: creator.into(),
            created: self.now(),
            members: [creator.to_string()].into(),
            archived: false,
            general: false,
            read_only: false,
            thread_only: false,
            topic: String::new(),
            purpose: String::new(),
            messages: BTreeMap::new(),
        };
        self.channels.insert(id.clone(), channel);
        id
    }

    /// An app that hears by sockets and listens to everything; gives its id and its app-level token.
    pub fn app(&mut self, name: &str) -> (String, String) {
        let id = self.id("A");
        let app = App {
            id: id.clone(),
            name: name.into(),
            secret: self.opaque("signing"),
            hears: Hears::Socket,
            events: EVENTS.map(String::from).into(),
            commands: [format!("/{}", name.to_lowercase())].into(),
            should_escape: true,
            messages_tab: true,
            home_tab: true,
            unfurl_domains: [].into(),
            installs: BTreeMap::new(),
            outcomes: [].into(),
            off: false,
        };
        self.apps.insert(id.clone(), app);
        let token = format!("xapp-1-{id}-{}", self.opaque("app token"));
        let scopes = ["connections:write", "authorizations:read"];
        let its = Token {
            kind: TokenKind::App,
            app: id.clone(),
            team: String::new(),
            user: String::new(),
            dead: None,
            scopes: scopes.map(String::from).into(),
        };
        self.tokens.insert(token.clone(), its);
        (id, token)
    }

    /// Installs an app in a workspace with all scopes; gives its user and its token.
    pub fn install(&mut self, app: &str, team: &str) -> (String, String) {
        let name = self.apps[app].name.clone();
        let user = self.user(team, &name, Standing::Member);
        let bot = self.id("B");
        if let Some(user) = self.users.get_mut(&user) {
            user.bot = Some((bot.clone(), app.into()));
        }
        let install = Install {
            at: self.count(),
            team: team.into(),
            user: user.clone(),
            bot,
            scopes: SCOPES.map(String::from).into(),
        };
        if let Some(app) = self.apps.get_mut(app) {
            app.installs.insert(team.into(), install);
        }
        let token = format!("xoxb-{}", self.opaque("bot token"));
        let its = Token {
            kind: TokenKind::Bot,
            app: app.into(),
            team: team.into(),
            user: user.clone(),
            dead: None,
            scopes: [].into(),
        };
        self.tokens.insert(token.clone(), its);
        (user, token)
    }

    /// A token with which a person's own client posts.
    pub fn user_token(&mut self, app: &str, user: &str) -> String {
        let token = format!("xoxp-{}", self.opaque("user token"));
        let its = Token {
            kind: TokenKind::User,
            app: app.into(),
            team: self.users[user].team.clone(),
            user: user.into(),
            dead: None,
            scopes: SCOPES.map(String::from).into(),
        };
        self.tokens.insert(token.clone(), its);
        token
    }

    /// The direct messages of two, or of more: found, or new.
    pub fn direct(&mut self, team: &str, members: &[String]) -> (String, bool) {
        let members: BTreeSet<String> = members.iter().cloned().collect();
        let kind = match members.len() {
            0..=2 => Kind::Im,
            _ => Kind::Mpim,
        };
        let mut all = self.channels.values();
        if let Some(found) = all.find(|its| its.kind == kind && its.members == members) {
            return (found.id.clone(), true);
        }
        let names: Vec<&str> = members
            .iter()
            .map(|id| self.users[id].name.as_str())
            .collect();
        let name = match kind {
            Kind::Mpim => format!("mpdm-{}-1", names.join("--")),
            Kind::Im | Kind::Public | Kind::Private => String::new(),
        };
        let first = members.first().cloned().unwrap_or_default();
        let id = self.channel(team, &name, kind, &first);
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.members = members;
        }
        (id, false)
    }
}
