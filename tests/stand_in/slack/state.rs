//! All that Slack knows, apart from the wire.

use std::collections::BTreeMap;

use boson::clock::Clock;
use serde_json::Value;

use super::apps::{App, EVENTS, Hears, Install, SCOPES, Token, TokenKind};
use super::channels::{Channel, Kind};
use super::delivery::Delivery;
use super::files::Upload;
use super::hooks::Hook;
use super::limits::{Limits, Rates};
use super::messages::{Ephemeral, Scheduled};
use super::people::{Standing, Team, User};
use super::views::{Trigger, View};

/// What nobody outside Slack knows for sure, and what tests want shorter.
#[derive(Clone, Debug)]
pub struct Rules {
    pub rates: Rates,
    /// Seconds until an event that nobody acknowledged is delivered again, and until a person sees an error.
    pub redeliver: i64,
    /// Seconds between the word that a socket closes and its end.
    pub closes_after: i64,
    /// Seconds that a socket lives.
    pub socket_life: i64,
    /// Seconds between pings of a socket.
    pub ping: i64,
    /// Seconds that a ticket for a socket is good.
    pub ticket_life: i64,
    /// Seconds after which a person may no longer edit; own edits of apps have no end unless set.
    pub edit_window: Option<i64>,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            rates: Rates::Off,
            redeliver: 3,
            closes_after: 10,
            socket_life: 18_060,
            ping: 10,
            ticket_life: 30,
            edit_window: None,
        }
    }
}

/// Everything.
pub struct Slack {
    pub clock: Clock,
    pub rules: Rules,
    /// Where the server is, without a slash at the end.
    pub url: String,
    pub teams: BTreeMap<String, Team>,
    pub users: BTreeMap<String, User>,
    pub channels: BTreeMap<String, Channel>,
    pub apps: BTreeMap<String, App>,
    pub tokens: BTreeMap<String, Token>,
    pub ephemerals: Vec<Ephemeral>,
    pub scheduled: BTreeMap<String, Scheduled>,
    pub views: BTreeMap<String, View>,
    pub triggers: BTreeMap<String, Trigger>,
    pub hooks: BTreeMap<String, Hook>,
    pub uploads: BTreeMap<String, Upload>,
    pub deliveries: BTreeMap<u64, Delivery>,
    pub limits: Limits,
    /// For sockets: the app, and until when, in Unix seconds.
    pub tickets: BTreeMap<String, (String, i64)>,
    /// So many events come again although they were acknowledged.
    pub twice: usize,
    /// Seconds that events are late.
    pub late: i64,
    last_ts: i64,
    counted: u64,
}

/// Adds the members of one object to another.
pub fn extend(value: &mut Value, more: Value) {
    if let (Value::Object(all), Value::Object(more)) = (value, more) {
        all.extend(more);
    }
}

impl Slack {
    pub fn new(clock: Clock, rules: Rules, url: String) -> Slack {
        Slack {
            clock,
            rules,
            url,
            teams: BTreeMap::new(),
            users: BTreeMap::new(),
            channels: BTreeMap::new(),
            apps: BTreeMap::new(),
            tokens: BTreeMap::new(),
            ephemerals: Vec::new(),
            scheduled: BTreeMap::new(),
            views: BTreeMap::new(),
            triggers: BTreeMap::new(),
            hooks: BTreeMap::new(),
            uploads: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            limits: Limits::default(),
            tickets: BTreeMap::new(),
            twice: 0,
            late: 0,
            last_ts: 0,
            counted: 0,
        }
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }

    /// A number that was not given before.
    pub fn count(&mut self) -> u64 {
        self.counted += 1;
        self.counted
    }

    /// A new id: a letter and ten more signs.
    pub fn id(&mut self, letter: &str) -> String {
        format!("{letter}0{:09X}", self.count() * 7_919 + 0x0B05_0000)
    }

    /// A secret part of an address or token: the same in each run, and not to be guessed from its neighbours.
    pub fn opaque(&mut self, what: &str) -> String {
        use sha2::Digest;
        let number = self.count();
        let hash = sha2::Sha256::digest(format!("{what} {number} {}", self.url));
        hash[..12]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The next `ts`: ten digits, a point, six digits; later than all before.
    pub fn ts(&mut self) -> String {
        self.last_ts = self.clock.now().timestamp_micros().max(self.last_ts + 1);
        format!(
            "{}.{:06}",
            self.last_ts / 1_000_000,
            self.last_ts % 1_000_000
        )
    }

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
            installs: BTreeMap::new(),
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
        let members: std::collections::BTreeSet<String> = members.iter().cloned().collect();
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
