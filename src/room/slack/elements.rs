//! What a question is answered with in Slack: its elements of Block Kit, and what somebody left in them.
//!
//! Limits: <https://docs.slack.dev/reference/block-kit/block-elements/>.

use chrono::DateTime;
use serde_json::{Value, json};

use super::blocks::plain_object;
use super::mrkdwn::units;
use crate::model::text::{cut, harmless};
use crate::model::{Choosable, Field, FieldKind};

/// The longest of its words and values, in characters.
const LINE: usize = 3_000;
const OPTION: usize = 75;
const VALUE: usize = 150;
const PLACEHOLDER: usize = 150;
/// The most that can be chosen from in a menu, and beside each other.
const OPTIONS: usize = 100;
const BOXES: usize = 10;
/// What a tick comes back as.
const TICKED: &str = "true";
/// What the room is called in which something is asked.
const HERE: &str = "here";

/// The element of a question on a form, and what has to be said about it beside. `channel` is where the form was asked for.
pub fn of(field: &Field, channel: &str) -> (Value, Option<String>) {
    match &field.kind {
        FieldKind::Line
        | FieldKind::Length
        | FieldKind::Schedule
        | FieldKind::Link
        | FieldKind::Query
        // Nobody else sees the form.
        | FieldKind::Secret => (line(field), None),
        FieldKind::Number { least, most } => {
            (line(field), Some(format!("A number from {least} to {most}.")))
        }
        FieldKind::Long => {
            let mut element = line(field);
            element["multiline"] = json!(true);
            (element, None)
        }
        FieldKind::Many(all) if can_be_chosen(all) => (begun(select_many(all), field, channel), None),
        FieldKind::Many(all) => {
            let all: Vec<&str> = all.iter().map(|one| one.value.as_str()).collect();
            let more = (!all.is_empty())
                .then(|| format!("Any of these, with commas between them: {}.", all.join(", ")));
            (line(field), more)
        }
        FieldKind::Tick => (begun(tick(), field, channel), None),
        FieldKind::One(all) if can_be_chosen(all) => (begun(select(all), field, channel), None),
        FieldKind::One(all) => {
            let all: Vec<&str> = all.iter().map(|one| one.value.as_str()).collect();
            let more = (!all.is_empty()).then(|| format!("One of: {}.", all.join(", ")));
            (line(field), more)
        }
        FieldKind::Moment => (begun(moment(), field, channel), None),
        FieldKind::Person => (begun(people(), field, channel), None),
        FieldKind::Room => (begun(rooms(), field, channel), None),
    }
}

/// What somebody has left in an element, as the question keeps it; `channel` is where it was asked.
pub fn answer(held: &Value, channel: &str) -> Option<String> {
    let text = |value: &Value| {
        let text = value.as_str().map(str::trim);
        text.filter(|text| !text.is_empty()).map(String::from)
    };
    match held["type"].as_str()? {
        // A tick is the only one of its kind.
        "checkboxes" | "multi_static_select" => {
            let chosen = held["selected_options"].as_array()?.iter();
            let chosen: Vec<&str> = chosen.filter_map(|one| one["value"].as_str()).collect();
            (!chosen.is_empty()).then(|| chosen.join(","))
        }
        "static_select" => text(&held["selected_option"]["value"]),
        "users_select" => text(&held["selected_user"]),
        "conversations_select" => {
            text(&held["selected_conversation"]).map(|its| match its == channel {
                true => HERE.into(),
                false => its,
            })
        }
        "datetimepicker" => {
            let at = DateTime::from_timestamp(held["selected_date_time"].as_i64()?, 0)?;
            Some(at.to_rfc3339())
        }
        _ => text(&held["value"]),
    }
}

/// Slack shows a menu of these.
pub fn can_be_chosen(all: &[Choosable]) -> bool {
    let fits = |one: &Choosable| !one.value.is_empty() && units(&one.value) <= VALUE;
    (1..=OPTIONS).contains(&all.len()) && all.iter().all(fits)
}

/// A menu of which one is chosen.
pub fn select(all: &[Choosable]) -> Value {
    json!({"type": "static_select", "options": options(all)})
}

/// Boxes or a menu of which any number is chosen.
pub fn many(all: &[Choosable]) -> Value {
    match all.len() <= BOXES {
        true => json!({"type": "checkboxes", "options": options(all)}),
        false => select_many(all),
    }
}

fn select_many(all: &[Choosable]) -> Value {
    json!({"type": "multi_static_select", "options": options(all)})
}

/// A point in time is chosen.
pub fn moment() -> Value {
    json!({"type": "datetimepicker"})
}

/// Somebody of the workspace is chosen.
pub fn people() -> Value {
    json!({"type": "users_select"})
}

/// A channel is chosen.
pub fn rooms() -> Value {
    json!({"type": "conversations_select", "filter": {"include": ["public", "private"]}})
}

fn tick() -> Value {
    let yes = Choosable {
        value: TICKED.into(),
        label: "Yes".into(),
    };
    json!({"type": "checkboxes", "options": options(&[yes])})
}

fn line(field: &Field) -> Value {
    let mut element = json!({"type": "plain_text_input", "action_id": field.name});
    if let Some(value) = &field.value {
        element["initial_value"] = json!(short(value, LINE));
    }
    if field.turns {
        element["dispatch_action_config"] = json!({"trigger_actions_on": ["on_enter_pressed"]});
    }
    element
}

/// The element with the field's name, and with what is chosen in it already.
fn begun(mut element: Value, field: &Field, channel: &str) -> Value {
    element["action_id"] = json!(field.name);
    with_value(&mut element, field, channel);
    element
}

/// Chooses in an element what the field has in it already.
pub fn with_value(element: &mut Value, field: &Field, channel: &str) {
    let Some(value) = field.value.as_deref().map(str::trim) else {
        return;
    };
    let all = element["options"].as_array().cloned().unwrap_or_default();
    let of = |value: &str| all.iter().find(|option| option["value"] == value).cloned();
    let id = |value: &str, kinds: &[char]| {
        let plain = value
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        (value.len() > 1 && plain && value.starts_with(kinds)).then(|| json!(value))
    };
    let kind = element["type"].as_str().unwrap_or_default();
    let (name, value) = match kind {
        "static_select" => ("initial_option", of(value)),
        "checkboxes" | "multi_static_select" => {
            let chosen = value.split(',').filter_map(|one| of(one.trim()));
            let chosen: Vec<Value> = chosen.collect();
            (
                "initial_options",
                (!chosen.is_empty()).then(|| json!(chosen)),
            )
        }
        "users_select" => ("initial_user", id(value, &['U', 'W'])),
        "conversations_select" if value == HERE => {
            ("initial_conversation", id(channel, &['C', 'G']))
        }
        "conversations_select" => ("initial_conversation", id(value, &['C', 'G'])),
        "datetimepicker" => {
            let at = DateTime::parse_from_rfc3339(value).ok();
            ("initial_date_time", at.map(|at| json!(at.timestamp())))
        }
        _ => return,
    };
    if let Some(value) = value {
        element[name] = value;
    }
}

fn options(all: &[Choosable]) -> Vec<Value> {
    let option = |one: &Choosable| json!({"text": words(&one.label.replace('`', "'"), OPTION), "value": one.value});
    all.iter().map(option).collect()
}

/// What stands in an element while nothing is chosen in it.
pub fn placeholder(text: &str) -> Value {
    words(text, PLACEHOLDER)
}

/// Words that are never empty, and never too long.
pub fn words(text: &str, most: usize) -> Value {
    let text = short(&harmless(text.trim()), most);
    plain_object(if text.is_empty() { "…" } else { &text })
}

/// At most so many characters, however Slack counts them.
fn short(text: &str, most: usize) -> String {
    let mut longest = most;
    let mut short = cut(text, longest);
    while units(&short) > most {
        longest = longest.saturating_sub(units(&short) - most);
        short = cut(text, longest);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldKind, value: Option<&str>) -> Field {
        Field {
            name: "x".into(),
            label: "X".into(),
            help: None,
            kind,
            value: value.map(String::from),
            needed: false,
            turns: false,
        }
    }

    fn chosen(values: &[&str]) -> Vec<Choosable> {
        let one = |value: &&str| Choosable {
            value: (*value).into(),
            label: value.to_uppercase(),
        };
        values.iter().map(one).collect()
    }

    #[test]
    fn what_a_list_does_not_take_is_typed() {
        let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let long = "x".repeat(151);
        for values in [&many[..], &[&long], &[]] {
            for kind in [
                FieldKind::One(chosen(values)),
                FieldKind::Many(chosen(values)),
            ] {
                assert_eq!(of(&field(kind, None), "C1").0["type"], "plain_text_input");
            }
        }
        let kind = FieldKind::One(chosen(&["x", "y"]));
        assert_eq!(of(&field(kind, None), "C1").0["type"], "static_select");
    }

    #[test]
    fn what_is_chosen_already_comes_back() {
        let all = ["a", "b", "c"];
        for (kind, value, left) in [
            (
                FieldKind::One(chosen(&all)),
                "b",
                json!({"selected_option": {"value": "b"}}),
            ),
            (
                FieldKind::Many(chosen(&all)),
                "a,c",
                json!({"selected_options": [{"value": "a"}, {"value": "c"}]}),
            ),
            (
                FieldKind::Tick,
                "true",
                json!({"selected_options": [{"value": "true"}]}),
            ),
            (FieldKind::Person, "U1", json!({"selected_user": "U1"})),
            (
                FieldKind::Room,
                "C2",
                json!({"selected_conversation": "C2"}),
            ),
            (
                FieldKind::Room,
                "here",
                json!({"selected_conversation": "C1"}),
            ),
            (
                FieldKind::Moment,
                "2026-12-01T18:00:00+00:00",
                json!({"selected_date_time": 1_796_148_000_i64}),
            ),
        ] {
            let (element, _) = of(&field(kind, Some(value)), "C1");
            let (name, its) = left.as_object().unwrap().iter().next().unwrap();
            let begun = &element[name.replace("selected_", "initial_")];
            match its.as_array() {
                Some(all) => assert_eq!(begun.as_array().unwrap().len(), all.len()),
                None if its.is_object() => assert_eq!(begun["value"], its["value"]),
                None => assert_eq!(begun, its),
            }
            let mut held = left.clone();
            held["type"] = element["type"].clone();
            assert_eq!(answer(&held, "C1").as_deref(), Some(value), "{held}");
        }
    }

    #[test]
    fn what_is_no_id_is_not_chosen() {
        let (element, _) = of(&field(FieldKind::Room, Some("#news")), "D1");
        assert_eq!(element.get("initial_conversation"), None);
        let (element, _) = of(&field(FieldKind::Room, Some("here")), "D1");
        assert_eq!(element.get("initial_conversation"), None);
        let (element, _) = of(&field(FieldKind::Person, Some("Ann Other")), "C1");
        assert_eq!(element.get("initial_user"), None);
        for held in [
            json!({}),
            json!({"type": "datetimepicker", "selected_date_time": null}),
        ] {
            assert_eq!(answer(&held, "C1"), None);
        }
    }
}
