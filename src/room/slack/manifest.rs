//! The manifest from which Slack makes the app.
//!
//! Source: Slack's reference of app manifests.

use std::fmt::Write;

use super::scopes::{EVENTS, SCOPES};

/// The manifest of an app that is called so, in YAML. With an `address` Slack posts what happens there; without one the bot
/// fetches it (Socket Mode).
pub fn manifest(bot: &str, address: Option<&str>) -> String {
    // A string of JSON is one of YAML.
    let address = address.map(|address| serde_json::Value::from(address).to_string());
    let line = |key: &str, indent: &str| match &address {
        Some(address) => format!("{indent}{key}: {address}\n"),
        None => String::new(),
    };
    let command = bot.to_lowercase();
    let mut yaml = format!(
        "_metadata:
  major_version: 2
display_information:
  name: {bot}
  description: Watches what you tell it to, and says here what is new
features:
  app_home:
    home_tab_enabled: false
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: {command}
    always_online: true
  slash_commands:
    - command: /{command}
"
    );
    yaml.push_str(&line("url", "      "));
    yaml.push_str(
        "      description: Track something, or ask what is tracked here
      usage_hint: \"help | track … | list\"
      should_escape: true
oauth_config:
  scopes:
    bot:
",
    );
    for scope in SCOPES {
        let _ = writeln!(yaml, "      - {}", scope.name);
    }
    yaml.push_str("settings:\n  event_subscriptions:\n");
    yaml.push_str(&line("request_url", "    "));
    yaml.push_str("    bot_events:\n");
    for event in EVENTS {
        let _ = writeln!(yaml, "      - {event}");
    }
    yaml.push_str("  interactivity:\n    is_enabled: true\n");
    yaml.push_str(&line("request_url", "    "));
    let _ = write!(
        yaml,
        "  org_deploy_enabled: false
  socket_mode_enabled: {}
  token_rotation_enabled: false
",
        address.is_none()
    );
    yaml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_within_the_limits_of_slack() {
        let longest = "x".repeat(31);
        let yaml = manifest(&longest, Some("https://example.org/\"slack\""));
        assert!(yaml.contains("request_url: \"https://example.org/\\\"slack\\\"\"\n"));
        assert!(yaml.contains("socket_mode_enabled: false"));
        let of = |key: &str| {
            let line = yaml.lines().find_map(|line| line.trim().strip_prefix(key));
            line.unwrap_or_default().chars().count()
        };
        assert!((1..=35).contains(&of("name: ")));
        assert!((1..=140).contains(&of("description: ")));
        assert!((1..=32).contains(&of("- command: ")));
        assert!(EVENTS.len() <= 100 && SCOPES.len() <= 255);
        assert!(!manifest("boson", None).contains("url"));
    }
}
