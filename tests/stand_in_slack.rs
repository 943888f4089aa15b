//! The stand-in for Slack over real sockets: methods, errors, scopes, limits, sockets, retries, signatures.

#[path = "stand_in/slack.rs"]
mod slack;

#[path = "stand_in_slack/blocks.rs"]
mod blocks;
#[path = "stand_in_slack/calls.rs"]
mod calls;
#[path = "stand_in_slack/client.rs"]
mod client;
#[path = "stand_in_slack/events.rs"]
mod events;
#[path = "stand_in_slack/rooms.rs"]
mod rooms;
#[path = "stand_in_slack/sockets.rs"]
mod sockets;
#[path = "stand_in_slack/talking.rs"]
mod talking;
#[path = "stand_in_slack/views.rs"]
mod views;
