//! What is said in Slack: as Slack shows it, at its pace, to whom it is meant, once and not twice; over real sockets and
//! with a stopped clock.

#[path = "stand_in/slack.rs"]
mod slack;

#[path = "slack_speaking/doubt.rs"]
mod doubt;
#[path = "slack_speaking/ears.rs"]
mod ears;
#[path = "slack_speaking/edits.rs"]
mod edits;
#[path = "slack_speaking/forms.rs"]
mod forms;
#[path = "slack_speaking/menus.rs"]
mod menus;
#[path = "slack_speaking/pace.rs"]
mod pace;
#[path = "slack_speaking/refused.rs"]
mod refused;
#[path = "slack_speaking/said.rs"]
mod said;
#[path = "slack_speaking/talk.rs"]
mod talk;
#[path = "slack_speaking/trash.rs"]
mod trash;
#[path = "slack_speaking/whispers.rs"]
mod whispers;
