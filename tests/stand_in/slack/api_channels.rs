//! `conversations.…` that change a channel: creating, renaming, topics, inviting, archiving.

use serde_json::json;

use super::api::Caller;
use super::asked::Asked;
use super::channels::Kind;
use super::refused::{Done, Refused};
use super::state::Slack;

pub fn create(slack: &mut Slack, caller: &Caller, asked: &Asked<'_>) -> Done {
    let name = asked
        .text("name")
        .ok_or(Refused::from("invalid_name_required"))?;
    proper(slack, caller, &name)?;
    let kind = if asked.yes("is_private") {
        Kind::Private
    } else {
        Kind::Public
    };
    caller.may(if kind == Kind::Private {
        "groups:write"
    } else {
        "channels:manage"
    })?;
    let id = slack.channel(&caller.team, &name, kind, &caller.user);
    if kind == Kind::Public {
        let its = &slack.channels[&id];
        let channel =
            json!({"id": id, "name": name, "created": its.created, "creator": caller.user});
        let event = json!({"type": "channel_created", "channel": channel});
        slack.tell("channel_created", &caller.team, None, &event);
    }
    Ok(json!({"channel": slack.channels[&id].json(&caller.user)}))
}

/// Whether a channel can be called that.
fn proper(slack: &Slack, caller: &Caller, name: &str) -> Result<(), Refused> {
    if name.chars().count() > 80 {
        return Err("invalid_name_maxlength".into());
    }
    let fits = |sign: char| sign.is_alphanumeric() && !sign.is_uppercase() || "-_".contains(sign);
    if name.is_empty() || !name.chars().all(fits) {
        return Err("invalid_name_specials".into());
    }
    let mut all = slack.channels.values();
    match all.any(|its| its.name == name && its.team == caller.team) {
        true => Err("name_taken".into()),
        false => Ok(()),
    }
}

/// What members do with a channel.
pub fn change(slack: &mut Slack, name: &str, caller: &Caller, asked: &Asked<'_>) -> Done {
    let id = asked.needed("channel")?;
    let channel = slack.seen_with(caller, &id, "write")?;
    let (there, archived, general) = (
        channel.members.contains(&caller.user),
        channel.archived,
        channel.general,
    );
    if channel.kind == Kind::Im || channel.kind == Kind::Mpim {
        return Err("method_not_supported_for_channel_type".into());
    }
    if !there && name == "conversations.leave" {
        return Ok(json!({"not_in_channel": true}));
    }
    if !there {
        return Err("not_in_channel".into());
    }
    match (archived, name) {
        (true, "conversations.unarchive") => {}
        (true, "conversations.archive") => return Err("already_archived".into()),
        (true, _) => return Err("is_archived".into()),
        (false, "conversations.unarchive") => return Err("not_archived".into()),
        (false, _) => {}
    }
    let all = |slack: &Slack| json!({"channel": slack.channels[&id].json(&caller.user)});
    match name {
        "conversations.leave" if general => Err("cant_leave_general".into()),
        "conversations.leave" => {
            slack.leave(&id, &caller.user);
            Ok(json!({}))
        }
        "conversations.archive" if general => Err("cant_archive_general".into()),
        "conversations.archive" | "conversations.unarchive" => {
            slack.archive(&id, !archived, &caller.user);
            Ok(json!({}))
        }
        "conversations.rename" => {
            let wanted = asked
                .text("name")
                .ok_or(Refused::from("invalid_name_required"))?;
            proper(slack, caller, &wanted)?;
            slack.rename(&id, &wanted, &caller.user);
            Ok(all(slack))
        }
        "conversations.invite" => {
            let users = asked.needed("users")?;
            for user in users.split(',') {
                if !slack.users.contains_key(user) {
                    return Err("user_not_found".into());
                }
                if user == caller.user {
                    return Err("cant_invite_self".into());
                }
                if slack.channels[&id].members.contains(user) {
                    return Err("already_in_channel".into());
                }
                slack.enter(&id, user, Some(&caller.user));
            }
            Ok(all(slack))
        }
        "conversations.kick" => {
            let user = asked.needed("user")?;
            if user == caller.user {
                return Err("cant_kick_self".into());
            }
            if !slack.channels[&id].members.contains(&user) {
                return Err("not_in_channel".into());
            }
            slack.leave(&id, &user);
            Ok(json!({}))
        }
        "conversations.setTopic" | "conversations.setPurpose" => {
            let topic = name == "conversations.setTopic";
            let text = asked
                .text(if topic { "topic" } else { "purpose" })
                .unwrap_or_default();
            if text.chars().count() > 250 {
                return Err("too_long".into());
            }
            if let Some(channel) = slack.channels.get_mut(&id) {
                if topic {
                    channel.topic.clone_from(&text);
                } else {
                    channel.purpose.clone_from(&text);
                }
            }
            let subtype = if topic {
                "channel_topic"
            } else {
                "channel_purpose"
            };
            slack.service_line(&id, &caller.user, subtype, &format!("set it: {text}"));
            Ok(all(slack))
        }
        _ => Err("unknown_method".into()),
    }
}

impl Slack {
    /// Archives a channel, or takes it out of the archive.
    pub fn archive(&mut self, id: &str, archived: bool, user: &str) {
        let what = if archived { "archive" } else { "unarchive" };
        let line = if archived {
            "channel_archive"
        } else {
            "channel_unarchive"
        };
        self.service_line(id, user, line, &format!("{what}d the channel"));
        if let Some(channel) = self.channels.get_mut(id) {
            channel.archived = archived;
        }
        self.tell_channel(what, id, user);
    }

    pub fn rename(&mut self, id: &str, name: &str, user: &str) {
        if let Some(channel) = self.channels.get_mut(id) {
            channel.name = name.into();
        }
        self.service_line(
            id,
            user,
            "channel_name",
            &format!("renamed the channel to {name}"),
        );
        self.tell_channel("rename", id, user);
    }
}
