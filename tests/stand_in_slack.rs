//! The stand-in for Slack over real sockets: methods, errors, scopes, limits, sockets, retries, signatures.

#[path = "stand_in/slack.rs"]
mod slack;

#[path = "stand_in_slack/answers.rs"]
mod answers;
#[path = "stand_in_slack/beside.rs"]
mod beside;
#[path = "stand_in_slack/blocks.rs"]
mod blocks;
#[path = "stand_in_slack/calls.rs"]
mod calls;
#[path = "stand_in_slack/client.rs"]
mod client;
#[path = "stand_in_slack/door.rs"]
mod door;
#[path = "stand_in_slack/events.rs"]
mod events;
#[path = "stand_in_slack/faults.rs"]
mod faults;
#[path = "stand_in_slack/fields.rs"]
mod fields;
#[path = "stand_in_slack/history.rs"]
mod history;
#[path = "stand_in_slack/http.rs"]
mod http;
#[path = "stand_in_slack/life.rs"]
mod life;
#[path = "stand_in_slack/modals.rs"]
mod modals;
#[path = "stand_in_slack/rooms.rs"]
mod rooms;
#[path = "stand_in_slack/several.rs"]
mod several;
#[path = "stand_in_slack/sight.rs"]
mod sight;
#[path = "stand_in_slack/sockets.rs"]
mod sockets;
#[path = "stand_in_slack/talking.rs"]
mod talking;
#[path = "stand_in_slack/typed.rs"]
mod typed;
#[path = "stand_in_slack/views.rs"]
mod views;
#[path = "stand_in_slack/webhooks.rs"]
mod webhooks;
