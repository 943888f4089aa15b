//! Looks whether a workspace can be used: tokens, permissions, the way events come.

use super::wrong::Wrong;
use super::{Way, Workspace, posted, scopes};
use crate::room::Finding;

/// What is fine, and what is not.
pub(super) async fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut found = Vec::new();
    match workspace.look_at_me().await {
        Ok((me, answer)) => {
            let (team, user) = (&me.team_name, &me.name);
            found.push(Finding::Fine(format!(
                "`bot_token` is good: @{user} in {team}"
            )));
            if answer.scopes.is_none() {
                found.push(Finding::Lacking {
                    what: "Slack does not say which permissions the app has".into(),
                    hint: "is `url` the address of Slack's Web API?".into(),
                });
            }
            for scope in scopes::missing(answer.scopes.as_deref()) {
                found.push(Finding::Lacking {
                    what: format!(
                        "the app lacks the permission `{}`; it is needed to {}",
                        scope.name, scope.why
                    ),
                    hint: "add it under “OAuth & Permissions” of the app, or paste the manifest anew, and install the app again".into(),
                });
            }
        }
        Err(wrong) => found.push(about("bot_token", &wrong)),
    }
    match &workspace.settings.way {
        Way::Socket { .. } => found.push(match workspace.api.socket_address().await {
            Ok(_) => Finding::Fine("`app_token` is good: Socket Mode can be used".into()),
            Err(wrong) => about("app_token", &wrong),
        }),
        Way::Http { listen, .. } => found.push(match posted::can_take(*listen).await {
            Ok(()) => Finding::Fine(format!("what Slack posts can be taken at {listen}")),
            Err(why) => Finding::Lacking {
                what: format!("what Slack posts cannot be taken at {listen}: {why}"),
                hint: "is another program there, or this Boson running already?".into(),
            },
        }),
    }
    found
}

fn about(token: &str, wrong: &Wrong) -> Finding {
    let what = format!("`{token}` cannot be used: {}", wrong.words());
    let hint = match wrong {
        Wrong::Scope { .. } if token == "app_token" => {
            "make a new one under “App-Level Tokens” of the app, with `connections:write`"
        }
        Wrong::Fatal { code } if code == "not_allowed_token_type" && token == "app_token" => {
            "the token of the app begins with `xapp-` and is made under “App-Level Tokens”"
        }
        Wrong::Fatal { .. } if token == "app_token" => {
            "is it the one under “App-Level Tokens”, with `connections:write`, and is Socket Mode on?"
        }
        Wrong::Fatal { .. } => {
            "is it the “Bot User OAuth Token” (`xoxb-`) of the app as it is installed now?"
        }
        Wrong::Unreached { .. } | Wrong::Unsure { .. } | Wrong::Limited { .. } => {
            "is this machine on the internet? try again in a minute"
        }
        Wrong::Scope { .. }
        | Wrong::Outside
        | Wrong::NotThere { .. }
        | Wrong::Gone { .. }
        | Wrong::Forbidden { .. }
        | Wrong::Refused { .. } => "look at the app's settings in Slack",
    };
    Finding::Broken {
        what,
        hint: hint.into(),
    }
}
