//! Entering and leaving a channel because somebody asks for it.

use serde_json::json;

use super::connect::Order;
use super::hear::Start;
use super::places::{Kind, Place, is_id};
use super::wrong::Wrong;
use super::{Workspace, history, later, locked, stamp};
use crate::model::RoomId;
use crate::room::SayError;

/// Enters a channel and begins to hear it; returns what it is called.
///
/// # Errors
/// When it does not let the app in, or nobody listens.
pub(super) async fn join(workspace: &Workspace, room: &RoomId) -> Result<String, SayError> {
    let channel = workspace.channel(room)?;
    let orders = workspace.orders().ok_or_else(deaf)?;
    let inside = locked(&workspace.inside).get(channel).cloned();
    if let Some(place) = inside {
        // Whoever took the bot there waits for this.
        let order = Order::Go(channel.into());
        orders.send(order).await.map_err(|_| deaf())?;
        return Ok(title(&place));
    }
    let place = enter(workspace, channel, None)
        .await
        .map_err(|wrong| refused(workspace, &wrong))?;
    Ok(title(&place))
}

/// Enters a public channel and begins to hear it; as a guest of `by`, when that is somebody.
///
/// # Errors
/// When it does not let the app in, or nobody listens.
pub(super) async fn enter(
    workspace: &Workspace,
    channel: &str,
    by: Option<&str>,
) -> Result<Place, Wrong> {
    locked(&workspace.joining).insert(channel.into());
    let entered = enter_now(workspace, channel, by).await;
    locked(&workspace.joining).remove(channel);
    entered
}

async fn enter_now(workspace: &Workspace, channel: &str, by: Option<&str>) -> Result<Place, Wrong> {
    let gone = || Wrong::Unreached {
        what: "nobody listens to Slack at the moment".into(),
    };
    let orders = workspace.orders().ok_or_else(gone)?;
    let now = stamp::of(workspace.clock.now());
    let arguments = json!({ "channel": channel });
    let answer = workspace
        .api
        .write("conversations.join", &arguments)
        .await?;
    let place = Place::of(&answer["channel"]).ok_or(Wrong::Unsure {
        what: "Slack does not say which channel that is".into(),
    })?;
    let me = workspace.me().await?.user;
    // What people say at once is meant for the bot; what they said before is not.
    let floor = match history::entered(workspace, channel, &me).await {
        Ok(line) => line.unwrap_or(now),
        Err(_) => now,
    };
    locked(&workspace.inside).insert(channel.into(), place.clone());
    let behind = true;
    let start = match by {
        Some(by) => Start::Invited {
            by: by.into(),
            floor,
            behind,
        },
        None => Start::Here {
            place: place.clone(),
            floor,
            behind,
        },
    };
    let order = Order::Begin {
        channel: channel.into(),
        start: Box::new(start),
    };
    orders.send(order).await.map_err(|_| gone())?;
    Ok(place)
}

/// Leaves a channel: nothing of it is heard any more.
///
/// # Errors
/// When Slack does not let the app out; it is heard no more all the same.
pub(super) async fn leave(workspace: &Workspace, room: &RoomId) -> Result<(), SayError> {
    let channel = workspace.channel(room)?;
    if let Some(orders) = workspace.orders() {
        // Nobody listens any more: then it is heard no more.
        let _ = orders.send(Order::End(channel.into())).await;
    }
    locked(&workspace.inside).remove(channel);
    let arguments = json!({ "channel": channel });
    match workspace.api.write("conversations.leave", &arguments).await {
        Ok(_) | Err(Wrong::Outside | Wrong::NotThere { .. } | Wrong::Gone { .. }) => Ok(()),
        // Nobody leaves a direct conversation: it is not listened to.
        Err(Wrong::Forbidden { code }) if code == "method_not_supported_for_channel_type" => Ok(()),
        Err(Wrong::Scope { .. }) => Err(SayError::Never {
            what: format!(
                "the app may not leave channels by itself; somebody there can type `/remove @{}`",
                workspace.settings.bot
            ),
        }),
        Err(Wrong::Refused { code, .. }) if code == "cant_leave_general" => Err(SayError::Never {
            what: "nobody leaves the channel that everybody is in".into(),
        }),
        Err(wrong) => Err(later(&wrong)),
    }
}

/// Enters the channels that are configured.
pub(super) async fn enter_configured(workspace: &Workspace) {
    let wanted = &workspace.settings.rooms;
    let is_name = |typed: &String| !is_id(typed.trim_start_matches('#'));
    if wanted.iter().any(is_name)
        && let Err(wrong) = super::places::learn_names(workspace).await
    {
        tracing::warn!(why = wrong.words(), "the names of channels are not known");
    }
    for typed in wanted {
        let Some(room) = workspace.meant(typed) else {
            tracing::warn!(channel = typed, "there is no such public channel");
            continue;
        };
        if locked(&workspace.inside).contains_key(room.room.as_str()) {
            continue;
        }
        if let Err(wrong) = enter(workspace, &room.room, None).await {
            tracing::warn!(
                channel = typed,
                why = wrong.words(),
                "a channel cannot be entered"
            );
        }
    }
}

/// What people call a channel.
fn title(place: &Place) -> String {
    match place.kind {
        Kind::Public | Kind::Private if !place.name.is_empty() => format!("#{}", place.name),
        Kind::Public | Kind::Private => place.id.clone(),
        Kind::Direct => "a direct conversation".into(),
        Kind::Group => "a group".into(),
    }
}

fn refused(workspace: &Workspace, wrong: &Wrong) -> SayError {
    let bot = &workspace.settings.bot;
    let what = match wrong {
        Wrong::NotThere { .. } | Wrong::Outside => {
            format!(
                "it is private, or there is no such channel; `/invite @{bot}` there takes me in"
            )
        }
        Wrong::Forbidden { code } if code == "method_not_supported_for_channel_type" => {
            format!("it is private; `/invite @{bot}` there takes me in")
        }
        Wrong::Gone { .. }
        | Wrong::Forbidden { .. }
        | Wrong::Scope { .. }
        | Wrong::Refused { .. } => wrong.words(),
        Wrong::Unreached { .. }
        | Wrong::Unsure { .. }
        | Wrong::Limited { .. }
        | Wrong::Fatal { .. } => return later(wrong),
    };
    SayError::Never { what }
}

fn deaf() -> SayError {
    later(&Wrong::Unreached {
        what: "nobody listens to Slack at the moment".into(),
    })
}
