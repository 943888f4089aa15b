//! Whether what stands in blocks (buttons, selects, inputs) is as Slack wants it.

use serde_json::Value;

use super::blocks::{Wrong, list};

/// Where an element stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    Actions,
    Accessory,
    Input,
}

/// Adds what is wrong with an element.
pub fn check(element: &Value, home: Home, at: &str, wrong: &mut Wrong) {
    let kind = element["type"].as_str().unwrap_or_default();
    if !allowed(kind, home) {
        return wrong.say(&format!("unsupported type: {kind}"), &format!("{at}/type"));
    }
    wrong.length(element, "action_id", 255, at);
    wrong.maybe(element, "placeholder", true, 150, at);
    if let Some(confirm) = element.get("confirm") {
        let at = format!("{at}/confirm");
        wrong.text(confirm, "title", true, 100, &at);
        wrong.text(confirm, "text", false, 300, &at);
        wrong.maybe(confirm, "confirm", true, 30, &at);
        wrong.maybe(confirm, "deny", true, 30, &at);
    }
    match kind {
        "button" => {
            wrong.text(element, "text", true, 75, at);
            wrong.length(element, "value", 2000, at);
            wrong.length(element, "url", 3000, at);
            let style = element.get("style").and_then(Value::as_str);
            let known = ["primary", "danger"];
            if element.get("style").is_some() && !style.is_some_and(|its| known.contains(&its)) {
                wrong.say("must be one of: primary, danger", &format!("{at}/style"));
            }
        }
        "static_select" | "multi_static_select" => select(element, at, wrong),
        "overflow" => options(element, 1, 5, at, wrong),
        "checkboxes" | "radio_buttons" => options(element, 1, 10, at, wrong),
        "plain_text_input" => {
            let most = element["max_length"].as_u64();
            let least = element["min_length"].as_u64().unwrap_or(0);
            if most.is_some_and(|most| most == 0 || most > 3000 || most < least) {
                wrong.say(
                    "must be between min_length and 3000",
                    &format!("{at}/max_length"),
                );
            }
            wrong.length(element, "initial_value", 3000, at);
        }
        "number_input" if !element["is_decimal_allowed"].is_boolean() => {
            wrong.say("missing required field: is_decimal_allowed", at);
        }
        _ => {}
    }
}

fn allowed(kind: &str, home: Home) -> bool {
    let pickers = [
        "static_select",
        "external_select",
        "users_select",
        "conversations_select",
        "channels_select",
        "datepicker",
        "timepicker",
        "checkboxes",
        "radio_buttons",
    ];
    let many = [
        "multi_static_select",
        "multi_external_select",
        "multi_users_select",
        "multi_conversations_select",
        "multi_channels_select",
    ];
    let inputs = [
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "rich_text_input",
        "file_input",
    ];
    let buttons = ["button", "overflow", "workflow_button"];
    pickers.contains(&kind)
        || match home {
            Home::Actions => buttons.contains(&kind) || kind == "datetimepicker",
            Home::Accessory => buttons.contains(&kind) || many.contains(&kind),
            Home::Input => {
                inputs.contains(&kind) || many.contains(&kind) || kind == "datetimepicker"
            }
        }
}

fn select(element: &Value, at: &str, wrong: &mut Wrong) {
    match element.get("option_groups") {
        None => options(element, 1, 100, at, wrong),
        Some(_) => {
            let groups = list(element, "option_groups", 1, 100, at, wrong);
            for (group, n) in groups.iter().zip(0..) {
                let at = format!("{at}/option_groups/{n}");
                wrong.text(group, "label", true, 75, &at);
                options(group, 1, 100, &at, wrong);
            }
        }
    }
    let all = element["options"].as_array();
    if let (Some(first), Some(all)) = (element.get("initial_option"), all)
        && !all.contains(first)
    {
        wrong.say(
            "must be one of the options",
            &format!("{at}/initial_option"),
        );
    }
}

fn options(element: &Value, least: usize, most: usize, at: &str, wrong: &mut Wrong) {
    let all = list(element, "options", least, most, at, wrong);
    for (option, n) in all.iter().zip(0..) {
        let at = format!("{at}/options/{n}");
        let kind = element["type"].as_str();
        let plain = !matches!(kind, Some("checkboxes" | "radio_buttons"));
        wrong.text(option, "text", plain, 75, &at);
        wrong.maybe(option, "description", plain, 75, &at);
        if option.get("value").is_none() {
            wrong.say("missing required field: value", &at);
        }
        wrong.length(option, "value", 150, &at);
    }
}
