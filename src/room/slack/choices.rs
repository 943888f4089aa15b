//! Buttons and menus below what the bot says, and what somebody chose with them.

use serde_json::{Value, json};

use super::blocks::plain_object;
use super::elements;
use super::mrkdwn::units;
use crate::model::text::{Choice, cut, harmless};
use crate::model::{Field, FieldKind};

/// The longest words on a button, in characters, a little below Slack's limit.
const LABEL: usize = 70;
/// The longest command behind a button.
const COMMAND: usize = 2_000;
/// The longest command behind a menu, which stands in the menu's name.
const SHORT_COMMAND: usize = 230;
/// The most side by side.
const BESIDE: usize = 25;
/// What the names of elements begin with: a button types its value.
const TYPES: &str = "type-";
/// What is picked is typed at once, behind the command in the element's name.
const PICKS: &str = "pick-";
/// What is picked is kept until a button is pressed …
const HOLDS: &str = "hold-";
/// … which has the same number.
const READS: &str = "read-";
/// What is typed where nothing of several was picked.
const NOTHING: &str = "none";

/// What somebody typed by a click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clicked {
    pub text: String,
    /// Slack's id of whoever was picked.
    pub person: Option<String>,
}

/// Slack takes it.
pub fn is_usable(choice: &Choice) -> bool {
    let most = match choice.picks {
        Some(_) => SHORT_COMMAND,
        None => COMMAND,
    };
    let drawn = choice
        .picks
        .as_deref()
        .is_none_or(|field| element(field).is_some());
    !choice.label.trim().is_empty() && units(&choice.command) <= most && drawn
}

/// The blocks of buttons and menus. `number` counts those of the message, for their names.
pub fn draw(choices: &[Choice], number: &mut usize) -> Vec<Value> {
    let mut blocks = Vec::new();
    let mut row: Vec<Value> = Vec::new();
    for choice in choices.iter().filter(|choice| is_usable(choice)) {
        *number += 1;
        let picked = choice.picks.as_deref();
        let Some((field, mut its)) = picked.and_then(|field| Some((field, element(field)?))) else {
            beside(
                &mut blocks,
                &mut row,
                button(TYPES, *number, choice, &choice.label),
            );
            continue;
        };
        if !gathers(&field.kind) {
            its["action_id"] = json!(format!("{PICKS}{number} {}", choice.command));
            its["placeholder"] = elements::placeholder(&choice.label);
            beside(&mut blocks, &mut row, its);
            continue;
        }
        its["action_id"] = json!(format!("{HOLDS}{number}"));
        let done = button(READS, *number, choice, "Choose");
        // A menu of several stands in no row.
        if its["type"] == "multi_static_select" {
            close(&mut blocks, &mut row);
            its["placeholder"] = elements::placeholder(&choice.label);
            let label = json!({"type": "plain_text", "text": cut(&harmless(&choice.label), LABEL)});
            blocks.push(json!({"type": "section", "text": label, "accessory": its}));
        } else {
            if row.len() + 2 > BESIDE {
                close(&mut blocks, &mut row);
            }
            beside(&mut blocks, &mut row, its);
        }
        beside(&mut blocks, &mut row, done);
    }
    close(&mut blocks, &mut row);
    blocks
}

/// What a click in a message types; none where nothing is meant by it yet.
pub fn clicked(payload: &Value, channel: &str) -> Option<Clicked> {
    let action = &payload["actions"][0];
    let name = action["action_id"].as_str().unwrap_or_default();
    if name.starts_with(HOLDS) {
        return None;
    }
    let typed = |text: String| {
        let text = Some(text).filter(|text| !text.trim().is_empty());
        text.map(|text| Clicked { text, person: None })
    };
    if let Some((_, command)) = name
        .strip_prefix(PICKS)
        .and_then(|name| name.split_once(' '))
    {
        let picked = elements::answer(action, channel)?;
        let person = action["selected_user"].as_str().map(String::from);
        let text = Choice::typed(command, &picked);
        return Some(Clicked { text, person });
    }
    let value = action["value"].as_str();
    let Some(number) = name.strip_prefix(READS) else {
        let value = value.or_else(|| action["selected_option"]["value"].as_str());
        // A button with an address only opens it.
        return typed(value?.to_string());
    };
    let blocks = payload["state"]["values"].as_object().into_iter().flatten();
    let name = format!("{HOLDS}{number}");
    let held = blocks
        .map(|(_, block)| &block[&name])
        .find(|held| held.is_object());
    let picked = held.and_then(|held| elements::answer(held, channel));
    let several = held.is_some_and(|held| held["type"] != "datetimepicker");
    let nothing = if several { NOTHING } else { "" };
    typed(Choice::typed(value?, picked.as_deref().unwrap_or(nothing)))
}

/// What is picked with; none where it has to be typed.
fn element(field: &Field) -> Option<Value> {
    let mut element = match &field.kind {
        FieldKind::One(all) if elements::can_be_chosen(all) => elements::select(all),
        FieldKind::Many(all) if elements::can_be_chosen(all) => elements::many(all),
        FieldKind::Moment => elements::moment(),
        FieldKind::Person => elements::people(),
        FieldKind::Room => elements::rooms(),
        FieldKind::One(_)
        | FieldKind::Many(_)
        | FieldKind::Tick
        | FieldKind::Line
        | FieldKind::Long
        | FieldKind::Length
        | FieldKind::Schedule
        | FieldKind::Number { .. }
        | FieldKind::Secret
        | FieldKind::Link
        | FieldKind::Query => return None,
    };
    // Who leaves a menu as it stands has picked nothing, as far as Slack tells.
    if gathers(&field.kind) {
        elements::with_value(&mut element, field, "");
    }
    Some(element)
}

/// Each change of it is told, so a button says when it is what was meant.
fn gathers(kind: &FieldKind) -> bool {
    matches!(kind, FieldKind::Many(_) | FieldKind::Moment)
}

fn button(kind: &str, number: usize, choice: &Choice, label: &str) -> Value {
    json!({
        "type": "button",
        "action_id": format!("{kind}{number}"),
        "text": plain_object(&cut(&harmless(label), LABEL)),
        "value": choice.command,
    })
}

fn beside(blocks: &mut Vec<Value>, row: &mut Vec<Value>, element: Value) {
    if row.len() >= BESIDE {
        close(blocks, row);
    }
    row.push(element);
}

fn close(blocks: &mut Vec<Value>, row: &mut Vec<Value>) {
    if !row.is_empty() {
        let elements = std::mem::take(row);
        blocks.push(json!({"type": "actions", "elements": elements}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Choosable;

    fn pick(kind: FieldKind, value: Option<&str>) -> Choice {
        let field = Field {
            name: "x".into(),
            label: "Which".into(),
            help: None,
            kind,
            value: value.map(String::from),
            needed: false,
            turns: false,
        };
        Choice {
            picks: Some(Box::new(field)),
            ..Choice::button("Which", "wizard --to 1.x")
        }
    }

    fn all(many: usize) -> Vec<Choosable> {
        let one = |n: usize| Choosable {
            value: format!("v{n}"),
            label: format!("{n} {}", "é".repeat(90)),
        };
        (0..many).map(one).collect()
    }

    fn drawn(choices: &[Choice]) -> Vec<Value> {
        draw(choices, &mut 0)
    }

    #[test]
    fn each_kind_has_its_element() {
        for (kind, element) in [
            (FieldKind::One(all(100)), "static_select"),
            (FieldKind::Many(all(10)), "checkboxes"),
            (FieldKind::Moment, "datetimepicker"),
            (FieldKind::Person, "users_select"),
            (FieldKind::Room, "conversations_select"),
        ] {
            let blocks = drawn(&[pick(kind, None), Choice::button("Skip", "skip")]);
            assert_eq!(blocks.len(), 1);
            assert_eq!(blocks[0]["elements"][0]["type"], element);
            let last = blocks[0]["elements"].as_array().unwrap().last().unwrap();
            assert_eq!(last["value"], "skip");
        }
        let blocks = drawn(&[
            pick(FieldKind::Many(all(11)), None),
            Choice::button("Skip", "s"),
        ]);
        assert_eq!(blocks[0]["accessory"]["type"], "multi_static_select");
        assert_eq!(blocks[1]["elements"][0]["text"]["text"], "Choose");
    }

    #[test]
    fn what_slack_does_not_take_is_left_out() {
        let long = Choice {
            command: "x".repeat(SHORT_COMMAND + 1),
            ..pick(FieldKind::Person, None)
        };
        let many = pick(FieldKind::One(all(101)), None);
        assert!(drawn(&[long, many, pick(FieldKind::Line, None)]).is_empty());
        let blocks = drawn(&[pick(FieldKind::One(all(100)), None)]);
        let menu = &blocks[0]["elements"][0];
        let labels = menu["options"].as_array().unwrap().iter();
        assert!(
            labels
                .map(|one| units(one["text"]["text"].as_str().unwrap()))
                .all(|its| its <= 75)
        );
        assert!(units(menu["action_id"].as_str().unwrap()) <= 255);
        let rows = drawn(&vec![pick(FieldKind::Moment, None); 13]);
        let sizes = rows
            .iter()
            .map(|row| row["elements"].as_array().unwrap().len());
        assert_eq!(sizes.collect::<Vec<_>>(), [24, 2]);
    }

    #[test]
    fn what_is_chosen_is_typed_behind_the_command() {
        let click = |action: Value, held: Value| {
            let payload = json!({"actions": [action], "state": {"values": {"b": held}}});
            clicked(&payload, "C1").map(|its| its.text)
        };
        let typed = |text: &str| Some(format!("wizard --to 1.x {text}"));
        let menu = json!({
            "type": "static_select", "action_id": "pick-1 wizard --to 1.x",
            "selected_option": {"value": "a \"b\" & c"},
        });
        assert_eq!(click(menu, json!({})), typed("\"a \\\"b\\\" &amp; c\""));
        let room = json!({
            "type": "conversations_select", "action_id": "pick-2 wizard --to 1.x",
            "selected_conversation": "C1",
        });
        assert_eq!(click(room, json!({})), typed("\"here\""));
        let done = json!({"type": "button", "action_id": "read-3", "value": "wizard --to 1.x"});
        let held =
            |chosen: Value| json!({"hold-3": {"type": "checkboxes", "selected_options": chosen}});
        let two = json!([{"value": "v1"}, {"value": "v2"}]);
        assert_eq!(click(done.clone(), held(two)), typed("\"v1,v2\""));
        assert_eq!(click(done.clone(), held(json!([]))), typed("\"none\""));
        let time = json!({"hold-3": {"type": "datetimepicker", "selected_date_time": null}});
        assert_eq!(click(done, time), typed("\"\""));
        let holds = json!({"type": "checkboxes", "action_id": "hold-3", "selected_options": []});
        assert_eq!(click(holds, json!({})), None);
        let plain = json!({"type": "button", "action_id": "type-1", "value": "list"});
        assert_eq!(click(plain, json!({})).as_deref(), Some("list"));
        let link = json!({"type": "button", "action_id": "type-1"});
        assert_eq!(click(link, json!({})), None);
    }

    #[test]
    fn whoever_is_picked_is_known() {
        let action = json!({
            "type": "users_select", "action_id": "pick-1 wizard --to 1.who", "selected_user": "U7",
        });
        let clicked = clicked(&json!({"actions": [action]}), "C1").unwrap();
        assert_eq!(clicked.person.as_deref(), Some("U7"));
        assert_eq!(clicked.text, "wizard --to 1.who \"U7\"");
    }
}
