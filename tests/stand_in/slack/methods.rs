//! The methods of the Web API: which body, token, scope and pace each wants.

use super::apps::TokenKind;
use super::limits::Tier;

/// A method.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    pub name: &'static str,
    /// JSON is taken as a body.
    pub json: bool,
    pub tier: Tier,
    /// One of these scopes is needed; those that depend on the channel are asked for when it is known.
    pub scopes: &'static [&'static str],
    pub token: Wants,
}

/// Which tokens a method takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    Any,
    App,
    BotOrUser,
    Nothing,
}

impl Wants {
    pub fn takes(self, kind: TokenKind) -> bool {
        match self {
            Wants::Any | Wants::Nothing => true,
            Wants::App => kind == TokenKind::App,
            Wants::BotOrUser => kind != TokenKind::App,
        }
    }
}

const fn write(name: &'static str, tier: Tier, scopes: &'static [&'static str]) -> Method {
    Method {
        name,
        json: true,
        tier,
        scopes,
        token: Wants::BotOrUser,
    }
}

const fn read(name: &'static str, tier: Tier, scopes: &'static [&'static str]) -> Method {
    Method {
        json: false,
        ..write(name, tier, scopes)
    }
}

use Tier::{Four, Post, Special, Three, Two};

const CHAT: &[&str] = &["chat:write"];
const READ: &[&str] = &["channels:read", "groups:read", "im:read", "mpim:read"];
const MANAGE: &[&str] = &["channels:manage", "groups:write", "im:write", "mpim:write"];
const OPEN: &[&str] = &["im:write", "mpim:write"];
const HISTORY: &[&str] = &[
    "channels:history",
    "groups:history",
    "im:history",
    "mpim:history",
];

/// All there are.
pub const METHODS: &[Method] = &[
    Method {
        token: Wants::Nothing,
        ..write("api.test", Four, &[])
    },
    Method {
        token: Wants::Any,
        ..write("auth.test", Special, &[])
    },
    write("auth.revoke", Three, &[]),
    Method {
        token: Wants::App,
        ..write("apps.connections.open", Three, &["connections:write"])
    },
    Method {
        token: Wants::App,
        ..write(
            "apps.event.authorizations.list",
            Four,
            &["authorizations:read"],
        )
    },
    read("bots.info", Three, &["users:read"]),
    write("chat.delete", Three, CHAT),
    write("chat.deleteScheduledMessage", Three, CHAT),
    read("chat.getPermalink", Special, &[]),
    write("chat.postEphemeral", Four, CHAT),
    write("chat.postMessage", Post, CHAT),
    write("chat.scheduleMessage", Three, CHAT),
    write("chat.scheduledMessages.list", Three, &[]),
    write("chat.unfurl", Three, &["links:write"]),
    write("chat.update", Three, CHAT),
    write("conversations.archive", Two, MANAGE),
    write("conversations.create", Two, MANAGE),
    write("conversations.history", Three, HISTORY),
    read("conversations.info", Three, READ),
    write("conversations.invite", Three, MANAGE),
    write("conversations.join", Three, &["channels:join"]),
    write("conversations.kick", Three, MANAGE),
    write("conversations.leave", Three, MANAGE),
    read("conversations.list", Two, READ),
    read("conversations.members", Four, READ),
    write("conversations.open", Three, OPEN),
    write("conversations.rename", Two, MANAGE),
    read("conversations.replies", Three, HISTORY),
    write("conversations.setPurpose", Two, MANAGE),
    write("conversations.setTopic", Two, MANAGE),
    write("conversations.unarchive", Two, MANAGE),
    write("files.completeUploadExternal", Four, &["files:write"]),
    read("files.getUploadURLExternal", Four, &["files:write"]),
    write("reactions.add", Three, &["reactions:write"]),
    read("reactions.get", Three, &["reactions:read"]),
    write("reactions.remove", Two, &["reactions:write"]),
    read("team.info", Three, &["team:read"]),
    read("users.conversations", Three, READ),
    read("users.info", Four, &["users:read"]),
    read("users.list", Two, &["users:read"]),
    read("users.lookupByEmail", Three, &["users:read.email"]),
    write("views.open", Four, &[]),
    write("views.publish", Four, &[]),
    write("views.push", Four, &[]),
    write("views.update", Four, &[]),
];

/// The one of that name.
pub fn named(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}
