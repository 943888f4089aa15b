//! What the app must be allowed to do in a workspace, and what for: the manifest and the check have it from here.

/// A permission of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    pub name: &'static str,
    /// Stands after "it is needed to".
    pub why: &'static str,
}

/// Every permission that the bot's token needs, in the order of the alphabet.
pub const SCOPES: &[Scope] = &[
    scope("app_mentions:read", "hear when somebody mentions it"),
    scope(
        "channels:history",
        "hear what is said in public channels that it is in, and read back what it missed",
    ),
    scope(
        "channels:join",
        "enter public channels when somebody asks for it",
    ),
    scope(
        "channels:manage",
        "leave public channels when somebody asks for it",
    ),
    scope(
        "channels:read",
        "know the names of public channels, and which it is in",
    ),
    scope("chat:write", "say something"),
    scope("commands", "take slash commands and show buttons"),
    scope(
        "groups:history",
        "hear what is said in private channels that it is in, and read back what it missed",
    ),
    scope(
        "groups:read",
        "know the names of private channels that it is in",
    ),
    scope(
        "groups:write",
        "leave private channels when somebody asks for it",
    ),
    scope("im:history", "hear what people write to it directly"),
    scope("im:read", "know which conversations are direct ones"),
    scope(
        "im:write",
        "write to somebody directly when they cannot be told otherwise",
    ),
    scope(
        "mpim:history",
        "hear what is said in group conversations that it is in",
    ),
    scope("mpim:read", "know which group conversations it is in"),
    scope(
        "mpim:write",
        "leave group conversations when somebody asks for it",
    ),
    scope(
        "users:read",
        "know what people are called, and who is an admin or a guest",
    ),
];

/// Every event that the app listens to, in the order of the alphabet.
pub const EVENTS: &[&str] = &[
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
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "tokens_revoked",
    "user_change",
];

const fn scope(name: &'static str, why: &'static str) -> Scope {
    Scope { name, why }
}

/// The permissions that a token lacks; nothing is known where Slack did not say which it has.
pub(super) fn missing(has: Option<&[String]>) -> Vec<Scope> {
    let Some(has) = has else {
        return Vec::new();
    };
    let lacks = |scope: &&Scope| !has.iter().any(|its| its == scope.name);
    SCOPES.iter().filter(lacks).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_there_once() {
        assert!(SCOPES.is_sorted_by(|one, other| one.name < other.name));
        assert!(EVENTS.is_sorted_by(|one, other| one < other));
    }

    #[test]
    fn what_is_missing() {
        assert!(missing(None).is_empty());
        let all: Vec<String> = SCOPES.iter().map(|scope| scope.name.to_string()).collect();
        assert!(missing(Some(&all)).is_empty());
        let lacking = missing(Some(&all[1..]));
        assert_eq!(lacking, SCOPES[..1]);
    }
}
