//! Wishes for workspaces, people, channels and apps, and for who is where.

use serde_json::{Value, json};

use super::channels::Kind;
use super::control::Next;
use super::people::Standing;
use super::refused::Refused;
use super::state::Slack;
use super::wish::Wish;

/// Does it; none when it is no such wish.
///
/// # Errors
/// What is missing or unknown.
pub fn act(
    slack: &mut Slack,
    app: &str,
    kind: &str,
    wish: &Wish<'_>,
) -> Option<Result<Next, Refused>> {
    let done = match kind {
        "team" | "user" | "channel" | "direct" | "new_app" | "webhook" | "user_token" => {
            found(slack, app, kind, wish)
        }
        "person" => person(slack, app, wish),
        "invite" | "kick" | "archive" | "rename" | "mark" | "delete_channel" | "change_id" => {
            place(slack, app, kind, wish)
        }
        "install" | "uninstall" => install(slack, app, kind, wish),
        _ => return None,
    };
    Some(done.map(Next::Value))
}

/// The workspace that is meant: said, or the first.
fn team(slack: &Slack, wish: &Wish<'_>) -> Result<String, Refused> {
    let team = wish.text("team").map(String::from);
    let team = team.or_else(|| slack.teams.keys().next().cloned());
    let team = team.filter(|id| slack.teams.contains_key(id));
    team.ok_or("team_not_found".into())
}

/// What was not there before.
fn found(slack: &mut Slack, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Value, Refused> {
    Ok(match kind {
        "team" => {
            let id = slack.team(wish.needed("name")?);
            let (user, token) = slack.install(app, &id);
            json!({"team": id, "bot_user": user, "bot_token": token})
        }
        "user" => {
            let standing = standing(wish.text("standing").unwrap_or("member"))?;
            let team = team(slack, wish)?;
            json!({"user": slack.user(&team, wish.needed("name")?, standing)})
        }
        "channel" => {
            let kind = match wish.yes("private", false) {
                true => Kind::Private,
                false => Kind::Public,
            };
            let (team, user) = (team(slack, wish)?, wish.person(slack, app, "user")?);
            json!({"channel": slack.channel(&team, wish.needed("name")?, kind, &user)})
        }
        "direct" => {
            let (team, users) = (team(slack, wish)?, wish.people(slack, app, "users")?);
            json!({"channel": slack.direct(&team, &users).0})
        }
        "new_app" => {
            let (id, app_token) = slack.app(wish.needed("name")?);
            let team = team(slack, wish)?;
            let (user, token) = slack.install(&id, &team);
            json!({
                "app": id, "app_token": app_token, "bot_user": user, "bot_token": token, "team": team,
                "signing_secret": slack.apps[&id].secret,
            })
        }
        "webhook" => match wish.text("gone") {
            Some(url) => {
                let found = slack.webhooks.iter_mut();
                let mut found = found.filter(|(path, _)| url.ends_with(path.as_str()));
                found.next().ok_or(Refused::from("no_such_webhook"))?.1.gone = true;
                json!({})
            }
            None => {
                let channel = wish.channel(slack)?;
                json!({"url": slack.webhook(app, &channel)})
            }
        },
        _ => {
            let user = wish.person(slack, app, "user")?;
            json!({"token": slack.user_token(app, &user)})
        }
    })
}

/// Somebody is promoted, sent away, or called something else.
fn person(slack: &mut Slack, app: &str, wish: &Wish<'_>) -> Result<Value, Refused> {
    let id = wish.person(slack, app, "user")?;
    let standing = wish.text("standing").map(standing).transpose()?;
    if let Some(user) = slack.users.get_mut(&id) {
        user.deleted = wish.yes("deleted", user.deleted);
        user.standing = standing.unwrap_or(user.standing);
        if let Some(name) = wish.text("name") {
            user.real_name = name.into();
            user.display_name = name.into();
        }
    }
    slack.tell_person(&id);
    Ok(json!({}))
}

fn place(slack: &mut Slack, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Value, Refused> {
    let channel = wish.channel(slack)?;
    let by = |name: &str| match wish.text(name) {
        Some(_) => wish.person(slack, app, name),
        None => Ok(slack.channels[&channel].creator.clone()),
    };
    match kind {
        "invite" => {
            let user = wish.person(slack, app, "user")?;
            let inviter = wish.text("inviter").map(|_| by("inviter")).transpose()?;
            slack.enter(&channel, &user, inviter.as_deref());
        }
        "kick" => {
            let user = wish.person(slack, app, "user")?;
            slack.leave(&channel, &user);
        }
        "archive" => {
            let user = by("user")?;
            slack.archive(&channel, wish.yes("on", true), &user);
        }
        "rename" => {
            let user = by("user")?;
            slack.rename(&channel, wish.needed("name")?, &user);
        }
        "delete_channel" => slack.delete_channel(&channel),
        "change_id" => return Ok(json!({"channel": slack.change_id(&channel)})),
        _ => {
            let with = wish.text("shared_with").map(String::from);
            if let Some(its) = slack.channels.get_mut(&channel) {
                its.read_only = wish.yes("read_only", its.read_only);
                its.thread_only = wish.yes("thread_only", its.thread_only);
                its.general = wish.yes("general", its.general);
                its.shared.extend(with);
            }
        }
    }
    Ok(json!({}))
}

/// An app comes into a workspace, or is thrown out of it.
fn install(slack: &mut Slack, app: &str, kind: &str, wish: &Wish<'_>) -> Result<Value, Refused> {
    let team = team(slack, wish)?;
    if kind == "install" {
        let (user, token) = slack.install(app, &team);
        return Ok(json!({"team": team, "bot_user": user, "bot_token": token}));
    }
    slack.uninstall(app, &team)?;
    Ok(json!({}))
}

fn standing(name: &str) -> Result<Standing, Refused> {
    Ok(match name {
        "primary_owner" => Standing::PrimaryOwner,
        "owner" => Standing::Owner,
        "admin" => Standing::Admin,
        "member" => Standing::Member,
        "restricted" => Standing::Restricted,
        "ultra_restricted" => Standing::UltraRestricted,
        _ => return Err("unknown_standing".into()),
    })
}
