//! Channels, private ones, direct messages, and who is in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::messages::Message;

/// What a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Public,
    Private,
    Im,
    Mpim,
}

impl Kind {
    /// As in `types` of `conversations.list`.
    pub fn listed(self) -> &'static str {
        match self {
            Kind::Public => "public_channel",
            Kind::Private => "private_channel",
            Kind::Im => "im",
            Kind::Mpim => "mpim",
        }
    }

    /// As in `channel_type` of events.
    pub fn told(self) -> &'static str {
        match self {
            Kind::Public => "channel",
            Kind::Private => "group",
            Kind::Im => "im",
            Kind::Mpim => "mpim",
        }
    }

    /// The first word of its scopes, and the last of its message events.
    pub fn scope(self) -> &'static str {
        match self {
            Kind::Public => "channels",
            Kind::Private => "groups",
            Kind::Im => "im",
            Kind::Mpim => "mpim",
        }
    }
}

/// Where people talk.
#[derive(Clone, Debug)]
pub struct Channel {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub team: String,
    /// Other workspaces that share it (Slack Connect).
    pub shared: BTreeSet<String>,
    pub creator: String,
    pub created: i64,
    pub members: BTreeSet<String>,
    pub archived: bool,
    pub general: bool,
    /// Only admins post.
    pub read_only: bool,
    /// Only replies are taken.
    pub thread_only: bool,
    pub topic: String,
    pub purpose: String,
    /// By `ts`.
    pub messages: BTreeMap<String, Message>,
}

impl Channel {
    pub fn in_team(&self, team: &str) -> bool {
        self.team == team || self.shared.contains(team)
    }

    /// Replies of a thread, without the parent, the oldest first.
    pub fn replies(&self, parent: &str) -> Vec<&Message> {
        let all = self.messages.values();
        all.filter(|message| message.thread.as_deref() == Some(parent) && message.ts != parent)
            .collect()
    }

    /// As somebody sees it.
    pub fn json(&self, by: &str) -> Value {
        if self.kind == Kind::Im {
            let other = self.members.iter().find(|member| *member != by);
            return json!({
                "id": self.id, "created": self.created, "is_im": true, "is_archived": self.archived,
                "is_org_shared": false, "context_team_id": self.team, "is_user_deleted": false,
                "user": other.map_or(by, String::as_str), "is_open": true, "priority": 0,
            });
        }
        json!({
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "created": self.created,
            "creator": self.creator,
            "is_channel": self.kind == Kind::Public || self.kind == Kind::Private,
            "is_group": false,
            "is_im": false,
            "is_mpim": self.kind == Kind::Mpim,
            "is_private": self.kind != Kind::Public,
            "is_archived": self.archived,
            "is_general": self.general,
            "is_member": self.members.contains(by),
            "is_shared": !self.shared.is_empty(),
            "is_ext_shared": !self.shared.is_empty(),
            "is_org_shared": false,
            "is_read_only": self.read_only,
            "is_thread_only": self.thread_only,
            "context_team_id": self.team,
            "unlinked": 0,
            "topic": {"value": self.topic, "creator": self.creator, "last_set": 0},
            "purpose": {"value": self.purpose, "creator": self.creator, "last_set": 0},
            "previous_names": [],
        })
    }
}
