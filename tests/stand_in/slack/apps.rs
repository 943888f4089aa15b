//! Apps: what they listen to, where they are installed, and with which tokens they come.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};

/// How an app hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hears {
    /// By web sockets that it opens.
    Socket,
    /// By requests to three addresses, each of which may be empty.
    Http {
        events: String,
        commands: String,
        interactivity: String,
    },
}

/// An app.
#[derive(Clone, Debug)]
pub struct App {
    pub id: String,
    pub name: String,
    pub secret: String,
    pub hears: Hears,
    /// As in a manifest: `app_mention`, `message.channels` …
    pub events: BTreeSet<String>,
    /// With the slash.
    pub commands: BTreeSet<String>,
    /// Typed mentions come as `<@U1|name>` in commands.
    pub should_escape: bool,
    /// People can write to it directly.
    pub messages_tab: bool,
    pub home_tab: bool,
    /// Domains whose links it wants to show itself, as in a manifest.
    pub unfurl_domains: BTreeSet<String>,
    /// By workspace.
    pub installs: BTreeMap<String, Install>,
    /// How deliveries of events by HTTP ended within the last hour.
    pub outcomes: VecDeque<(DateTime<Utc>, bool)>,
    /// Too many of them failed: it hears no more events until it is switched on again.
    pub off: bool,
}

/// An app in a workspace.
#[derive(Clone, Debug)]
pub struct Install {
    /// Grows with each installation.
    pub at: u64,
    pub team: String,
    pub user: String,
    pub bot: String,
    pub scopes: BTreeSet<String>,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Bot,
    App,
    User,
}

/// A token.
#[derive(Clone, Debug)]
pub struct Token {
    pub kind: TokenKind,
    pub app: String,
    /// Empty for an app-level token.
    pub team: String,
    /// The bot's user, or the person.
    pub user: String,
    /// Why it is not taken any more: `token_revoked`, `account_inactive` …
    pub dead: Option<String>,
    /// Of an app-level or a person's token; those of a bot stand at the installation.
    pub scopes: BTreeSet<String>,
}

/// What an app that sees everything asks for.
pub const SCOPES: [&str; 27] = [
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "chat:write.public",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "links:read",
    "links:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "users:read",
    "users:read.email",
    "files:read",
];

/// All that it can listen to.
pub const EVENTS: [&str; 25] = [
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_created",
    "channel_deleted",
    "channel_id_changed",
    "channel_left",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_left",
    "group_rename",
    "group_unarchive",
    "link_shared",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "reaction_removed",
    "tokens_revoked",
    "user_change",
];

/// The scope that an event needs; several are alternatives by the kind of channel.
pub fn scope_of(event: &str) -> &'static [&'static str] {
    match event {
        "app_mention" => &["app_mentions:read"],
        "message.channels" => &["channels:history"],
        "message.groups" => &["groups:history"],
        "message.im" => &["im:history"],
        "message.mpim" => &["mpim:history"],
        "reaction_added" | "reaction_removed" => &["reactions:read"],
        "member_joined_channel" | "member_left_channel" => &["channels:read", "groups:read"],
        "link_shared" => &["links:read"],
        "user_change" => &["users:read"],
        _ if event.starts_with("channel_") => &["channels:read"],
        _ if event.starts_with("group_") => &["groups:read"],
        _ => &[],
    }
}
