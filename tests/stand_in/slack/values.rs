//! What stands in the elements of blocks after people typed and chose.

use serde_json::{Map, Value, json};

/// Which element is meant: by any of these, the first that fits all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Aim<'a> {
    pub action: Option<&'a str>,
    pub block: Option<&'a str>,
    /// What stands on a button, or on one of the things to choose from.
    pub text: Option<&'a str>,
    /// What is chosen, or typed; of a button its own value, where several are alike.
    pub value: Option<&'a Value>,
}

/// The elements of a block that people can use.
fn elements(block: &Value) -> impl Iterator<Item = &Value> {
    let many = block["elements"].as_array().into_iter().flatten();
    let single = [&block["accessory"], &block["element"]];
    many.chain(single)
        .filter(|its| its["action_id"].is_string())
}

/// Everything in blocks that people can use: the block and the element.
pub fn usable(blocks: &[Value]) -> impl Iterator<Item = (&Value, &Value)> {
    blocks
        .iter()
        .flat_map(|block| elements(block).map(move |element| (block, element)))
}

/// The things to choose from, also those in groups.
pub fn options(element: &Value) -> Vec<Value> {
    let groups = element["option_groups"].as_array().into_iter().flatten();
    let grouped = groups.filter_map(|group| group["options"].as_array());
    let all = element["options"].as_array().into_iter().chain(grouped);
    all.flatten().cloned().collect()
}

impl Aim<'_> {
    /// The block and the element that are meant.
    pub fn find<'a>(&self, blocks: &'a [Value]) -> Option<(&'a Value, &'a Value)> {
        usable(blocks).find(|(block, element)| {
            let is = |wanted: Option<&str>, its: &Value| wanted.is_none_or(|wanted| its == wanted);
            let button = element["type"] == "button";
            let labelled = |wanted: &str| {
                let text = |its: &Value| its["text"]["text"] == wanted;
                element["text"]["text"] == wanted || options(element).iter().any(text)
            };
            is(self.action, &element["action_id"])
                && is(self.block, &block["block_id"])
                && self.text.is_none_or(labelled)
                && (!button
                    || self
                        .value
                        .is_none_or(|its| its.is_null() || *its == element["value"]))
        })
    }

    /// What a payload says about it; `offered` is what an external select offered last.
    pub fn act(&self, block: &Value, element: &Value, offered: &[Value]) -> Value {
        let label = self.text.map(|text| json!(text)).unwrap_or_default();
        let given = self.value.filter(|its| !its.is_null()).unwrap_or(&label);
        let mut acted = match element["type"].as_str() {
            Some("button") => {
                json!({"type": "button", "text": element["text"], "value": element["value"]})
            }
            Some(_) | None => valued(element, given, offered).0,
        };
        if acted["value"].is_null()
            && let Some(all) = acted.as_object_mut()
        {
            all.remove("value");
        }
        acted["action_id"] = element["action_id"].clone();
        acted["block_id"] = block["block_id"].clone();
        acted
    }
}

/// What all elements hold that can hold something: what was `given`, or what they began with.
pub fn state(blocks: &[Value], given: &Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    for (block, element) in usable(blocks) {
        if ["button", "overflow", "workflow_button"].contains(&text(&element["type"]).as_str()) {
            continue;
        }
        let (block, action) = (text(&block["block_id"]), text(&element["action_id"]));
        let its = given.get(&block).and_then(|its| its.get(&action)).cloned();
        let its = its.unwrap_or_else(|| valued(element, &Value::Null, &[]).0);
        all.entry(block).or_insert_with(|| json!({}))[action] = its;
    }
    all
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

/// What an element holds after somebody gave it a value, and whether it is empty.
///
/// Things to choose from are given by value or by what stands on them.
pub fn valued(element: &Value, given: &Value, offered: &[Value]) -> (Value, bool) {
    if given.get("type").is_some() {
        return (given.clone(), false);
    }
    let kind = text(&element["type"]);
    let all = match kind.contains("external") {
        true => offered.to_vec(),
        false => options(element),
    };
    let option = |value: &Value| {
        let by = |way: fn(&Value) -> &Value| all.iter().find(|its| way(its) == value).cloned();
        by(|its| &its["value"]).or_else(|| by(|its| &its["text"]["text"]))
    };
    let many: Vec<Value> = match given {
        Value::Array(all) => all.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let first = |name: &str| match given {
        Value::Null => element[name].clone(),
        given => given.clone(),
    };
    let firsts = |name: &str| match given {
        Value::Null if element[name].is_array() => element[name].clone(),
        _ => json!(many),
    };
    let (name, value) = match kind.as_str() {
        "static_select" | "external_select" | "radio_buttons" | "overflow" => {
            let begun = element["initial_option"].clone();
            let begun = Some(begun).filter(|its| given.is_null() && !its.is_null());
            (
                "selected_option",
                option(given).or(begun).unwrap_or_default(),
            )
        }
        "checkboxes" | "multi_static_select" | "multi_external_select" => {
            let chosen: Vec<Value> = many.iter().filter_map(option).collect();
            let begun = element["initial_options"].clone();
            match given.is_null() && begun.is_array() {
                true => ("selected_options", begun),
                false => ("selected_options", json!(chosen)),
            }
        }
        "users_select" => ("selected_user", first("initial_user")),
        "conversations_select" => ("selected_conversation", first("initial_conversation")),
        "channels_select" => ("selected_channel", first("initial_channel")),
        "multi_users_select" => ("selected_users", firsts("initial_users")),
        "multi_conversations_select" => ("selected_conversations", firsts("initial_conversations")),
        "multi_channels_select" => ("selected_channels", firsts("initial_channels")),
        "datepicker" => ("selected_date", first("initial_date")),
        "timepicker" => ("selected_time", first("initial_time")),
        "datetimepicker" => ("selected_date_time", first("initial_date_time")),
        _ => ("value", first("initial_value")),
    };
    let value = if value == "" { Value::Null } else { value };
    let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    (json!({"type": kind, name: value}), empty)
}

/// What Slack's own client says against a value before it asks the app.
pub fn against(element: &Value, held: &Value) -> Option<&'static str> {
    let typed = held["value"].as_str()?;
    let length = typed.chars().count() as u64;
    let within = |name: &str, fits: fn(u64, u64) -> bool| {
        element[name].as_u64().is_none_or(|its| fits(length, its))
    };
    match text(&element["type"]).as_str() {
        "plain_text_input" if !within("min_length", |its, least| its >= least) => Some("too_short"),
        "plain_text_input" if !within("max_length", |its, most| its <= most) || length > 3000 => {
            Some("too_long")
        }
        "email_text_input" if !typed.contains('@') => Some("no_email"),
        "url_text_input" if url::Url::parse(typed).is_err() => Some("no_url"),
        "number_input" => {
            let whole = element["is_decimal_allowed"] != true;
            let good = match whole {
                true => typed.parse::<i64>().is_ok(),
                false => typed.parse::<f64>().is_ok(),
            };
            (!good).then_some("no_number")
        }
        _ => None,
    }
}
