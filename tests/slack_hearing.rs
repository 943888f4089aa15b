//! The client of Slack over real sockets, against a stand-in on this machine: what it hears.

#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in_slack/client.rs"]
mod client;
#[path = "stand_in/slack.rs"]
mod slack;

#[path = "slack_hearing/check.rs"]
mod check;
#[path = "secrets/log.rs"]
mod log;
#[path = "slack_hearing/past.rs"]
mod past;
#[path = "slack_hearing/people.rs"]
mod people;
#[path = "slack_hearing/posted.rs"]
mod posted;
#[path = "slack_hearing/private.rs"]
mod private;
#[path = "slack_hearing/rooms.rs"]
mod rooms;
#[path = "slack_hearing/said.rs"]
mod said;
#[path = "slack_hearing/scene.rs"]
mod scene;
#[path = "slack_hearing/secrets.rs"]
mod secrets;
#[path = "slack_hearing/sockets.rs"]
mod sockets;
