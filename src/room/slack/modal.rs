//! A form as a view of Slack, and what people have filled in.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::elements::{self, words};
use super::mrkdwn::units;
use crate::model::text::{cut, harmless};
use crate::model::{Field, Form};

/// The view is one of ours.
const CALLED: &str = "form";
/// Slack's limits, in characters.
const TITLE: usize = 24;
const LABEL: usize = 2_000;
const METADATA: usize = 3_000;
const NAME: usize = 255;
const MISTAKE: usize = 1_000;
/// The most questions that Slack takes.
const FIELDS: usize = 100;

/// Where a form was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Slack's id of the channel.
    pub channel: String,
    /// The thread there.
    pub thread: Option<String>,
    /// The slash command or click that opened it, under its own id.
    pub click: Option<String>,
}

/// What stands in a view that somebody handed in or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The channel in which the form was asked for.
    pub channel: String,
    /// The thread in which it was asked for.
    pub thread: Option<String>,
    /// The form's name.
    pub form: String,
    /// The slash command or click that opened it.
    pub click: Option<String>,
    /// Those who were chosen in it, by Slack's ids.
    pub people: Vec<String>,
    /// The answers by their fields' names, in the order of the form.
    pub answers: Vec<(String, String)>,
}

/// A form as Slack draws it.
///
/// # Errors
/// When Slack takes no such form, in words that stand after "because".
pub fn view(form: &Form, place: &Place) -> Result<Value, String> {
    if form.fields.len() > FIELDS {
        return Err(format!("the form has more than {FIELDS} questions"));
    }
    if form.fields.iter().any(|field| units(&field.name) > NAME) {
        return Err("a question of the form has too long a name".into());
    }
    let names: Vec<&str> = form
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    let metadata = json!({
        "form": form.name,
        "channel": place.channel,
        "thread": place.thread,
        "click": place.click,
        "fields": names,
    })
    .to_string();
    if units(&metadata) > METADATA {
        return Err("the form stands for too long a command".into());
    }
    let fields = form.fields.iter();
    let blocks: Vec<Value> = fields.map(|field| input(field, &place.channel)).collect();
    Ok(json!({
        "type": "modal",
        "callback_id": CALLED,
        "title": words(&form.title, TITLE),
        "submit": words(&form.submit, TITLE),
        "close": words("Cancel", TITLE),
        "private_metadata": metadata,
        "blocks": blocks,
    }))
}

/// Reads a view as Slack sends it back; none when it is no form of ours.
pub fn read(view: &Value) -> Option<Read> {
    if view["callback_id"].as_str() != Some(CALLED) {
        return None;
    }
    let metadata: Value = serde_json::from_str(view["private_metadata"].as_str()?).ok()?;
    let values = &view["state"]["values"];
    let channel = metadata["channel"].as_str()?;
    let fields = view["blocks"].as_array()?.iter();
    let answers = fields.filter_map(|field| {
        let name = field["block_id"].as_str()?;
        let answer = elements::answer(&values[name][name], channel)?;
        Some((name.to_string(), answer))
    });
    Some(Read {
        channel: channel.into(),
        thread: metadata["thread"].as_str().map(String::from),
        click: metadata["click"].as_str().map(String::from),
        people: people(values),
        form: metadata["form"].as_str()?.into(),
        answers: answers.collect(),
    })
}

/// Where a form was asked for that was opened with this.
pub fn place(metadata: &str) -> Option<Place> {
    let metadata: Value = serde_json::from_str(metadata).ok()?;
    Some(Place {
        channel: metadata["channel"].as_str()?.into(),
        thread: metadata["thread"].as_str().map(String::from),
        click: metadata["click"].as_str().map(String::from),
    })
}

/// What Slack is answered when answers cannot be, of a form that was opened with `metadata`. What belongs to no field
/// stands below the first.
pub fn mistakes(metadata: &str, all: &[(String, String)]) -> Value {
    let metadata: Value = serde_json::from_str(metadata).unwrap_or_default();
    let fields = metadata["fields"].as_array().into_iter().flatten();
    let fields: Vec<&str> = fields.filter_map(Value::as_str).collect();
    let mut errors: BTreeMap<&str, String> = BTreeMap::new();
    for (field, what) in all {
        let known = fields.iter().find(|known| *known == field);
        let field = known.or(fields.first()).copied().unwrap_or(field);
        let error = errors.entry(field).or_default();
        if !error.is_empty() {
            error.push(' ');
        }
        error.push_str(&harmless(what));
    }
    let errors = errors.into_iter();
    let errors: BTreeMap<&str, String> = errors
        .map(|(field, what)| (field, cut(&what, MISTAKE)))
        .collect();
    json!({"response_action": "errors", "errors": errors})
}

/// What Slack is answered when another view takes the place of one that was handed in.
pub fn instead(view: Value) -> Value {
    json!({"response_action": "update", "view": view})
}

/// Everybody who was chosen in a view.
fn people(values: &Value) -> Vec<String> {
    let fields = values.as_object().into_iter().flat_map(|all| all.values());
    let held = fields
        .filter_map(Value::as_object)
        .flat_map(|its| its.values());
    let chosen = held.filter_map(|its| its["selected_user"].as_str());
    chosen.map(String::from).collect()
}

fn input(field: &Field, channel: &str) -> Value {
    let (element, more) = elements::of(field, channel);
    let help = [field.help.as_deref(), more.as_deref()];
    let help: Vec<&str> = help.into_iter().flatten().collect();
    let mut input = json!({
        "type": "input",
        "block_id": field.name,
        "label": words(&field.label, LABEL),
        "optional": !field.needed,
        "element": element,
    });
    if !help.is_empty() {
        input["hint"] = words(&help.join(" "), LABEL);
    }
    if field.turns {
        input["dispatch_action"] = json!(true);
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Choosable, FieldKind};

    fn field(name: &str, kind: FieldKind) -> Field {
        Field {
            name: name.into(),
            label: format!("What is {name}?"),
            help: None,
            kind,
            value: None,
            needed: false,
            turns: false,
        }
    }

    fn one(values: &[&str]) -> FieldKind {
        let all = values.iter().map(|value| Choosable {
            value: (*value).into(),
            label: value.to_uppercase(),
        });
        FieldKind::One(all.collect())
    }

    fn form(fields: Vec<Field>) -> Form {
        Form {
            name: "track".into(),
            title: "Something new to be tracked here".into(),
            submit: "Track".into(),
            fields,
        }
    }

    fn place() -> Place {
        Place {
            channel: "C1".into(),
            thread: Some("1.2".into()),
            click: None,
        }
    }

    #[test]
    fn a_form_is_inputs_one_below_the_other() {
        let fields = vec![
            Field {
                needed: true,
                turns: true,
                value: Some("feed".into()),
                ..field("source", one(&["feed", "stack-exchange"]))
            },
            Field {
                help: Some("An address.".into()),
                value: Some("https://e.org".into()),
                ..field("url", FieldKind::Line)
            },
            Field {
                value: Some("true".into()),
                ..field("thread", FieldKind::Tick)
            },
        ];
        let view = view(&form(fields), &place()).unwrap();
        assert_eq!(view["title"]["text"], "Something new to be tra…");
        let block = |n: usize| view["blocks"][n].clone();
        assert_eq!(block(0)["element"]["initial_option"]["value"], "feed");
        assert_eq!(
            (&block(0)["optional"], &block(0)["dispatch_action"]),
            (&json!(false), &json!(true))
        );
        assert_eq!(block(1)["element"]["initial_value"], "https://e.org");
        assert_eq!(block(1)["hint"]["text"], "An address.");
        assert_eq!(block(1).get("dispatch_action"), None);
        assert_eq!(block(2)["element"]["initial_options"][0]["value"], "true");
    }

    #[test]
    fn what_is_filled_in_comes_back_in_the_order_of_the_form() {
        let fields = vec![
            field("z", FieldKind::Line),
            field("source", one(&["feed"])),
            field("empty", FieldKind::Line),
            field("yes", FieldKind::Tick),
            field("no", FieldKind::Tick),
        ];
        let mut view = view(&form(fields), &place()).unwrap();
        view["state"]["values"] = json!({
            "yes": {"yes": {"type": "checkboxes", "selected_options": [{"value": "true"}]}},
            "no": {"no": {"type": "checkboxes", "selected_options": []}},
            "empty": {"empty": {"type": "plain_text_input", "value": null}},
            "source": {"source": {"type": "static_select", "selected_option": {"value": "feed"}}},
            "z": {"z": {"type": "plain_text_input", "value": " a b "}},
            "other": {"other": {"type": "plain_text_input", "value": "x"}},
        });
        let answers = [("z", "a b"), ("source", "feed"), ("yes", "true")];
        let expected = Read {
            channel: "C1".into(),
            thread: Some("1.2".into()),
            click: None,
            people: Vec::new(),
            form: "track".into(),
            answers: answers
                .map(|(name, answer)| (name.into(), answer.into()))
                .into(),
        };
        assert_eq!(read(&view), Some(expected));
        view["callback_id"] = json!("another");
        assert_eq!(read(&view), None);
    }

    #[test]
    fn mistakes_stand_at_their_fields() {
        let fields = vec![field("a", FieldKind::Line), field("b", FieldKind::Line)];
        let view = view(&form(fields), &place()).unwrap();
        let metadata = view["private_metadata"].as_str().unwrap();
        let mistake = |field: &str, what: &str| (field.to_string(), what.to_string());
        let all = [
            mistake("b", "No."),
            mistake("x", "Elsewhere."),
            mistake("a", "Neither."),
        ];
        assert_eq!(
            mistakes(metadata, &all),
            json!({"response_action": "errors", "errors": {"a": "Elsewhere. Neither.", "b": "No."}})
        );
        assert_eq!(super::place(metadata), Some(place()));
    }

    #[test]
    fn what_is_no_view_of_ours_is_none() {
        for view in [
            json!(null),
            json!({"callback_id": "form"}),
            json!({"callback_id": "form", "private_metadata": "{}", "blocks": []}),
            json!({"callback_id": "form", "private_metadata": "[", "blocks": []}),
        ] {
            assert_eq!(read(&view), None);
        }
    }

    #[test]
    fn nothing_is_longer_than_slack_takes() {
        let long = "🎉é".repeat(4_000);
        let fields = vec![
            Field {
                label: long.clone(),
                help: Some(long.clone()),
                value: Some(long.clone()),
                ..field("a", FieldKind::Line)
            },
            Field {
                label: " ".into(),
                ..field("b", FieldKind::Line)
            },
        ];
        let drawn = view(
            &Form {
                title: long.clone(),
                submit: long.clone(),
                ..form(fields)
            },
            &place(),
        )
        .unwrap();
        let text = |value: &Value| units(value["text"].as_str().unwrap());
        assert!(text(&drawn["title"]) <= 24 && text(&drawn["submit"]) <= 24);
        let block = &drawn["blocks"][0];
        assert!(text(&block["label"]) <= 2_000 && text(&block["hint"]) <= 2_000);
        assert!(units(block["element"]["initial_value"].as_str().unwrap()) <= 3_000);
        assert_eq!(drawn["blocks"][1]["label"]["text"], "…");
        let many = (0..101).map(|n| field(&n.to_string(), FieldKind::Line));
        assert!(view(&form(many.collect()), &place()).is_err());
        let named = Form {
            name: long,
            ..form(Vec::new())
        };
        assert!(view(&named, &place()).is_err());
    }
}
