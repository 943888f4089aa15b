//! Whether blocks are as Slack wants them: known types, lengths and numbers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::elements;

/// Where blocks stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Message,
    Modal,
    Home,
}

impl Place {
    fn most(self) -> usize {
        match self {
            Place::Message => 50,
            Place::Modal | Place::Home => 100,
        }
    }
}

/// What is wrong, each with the place of it.
#[derive(Default)]
pub struct Wrong {
    pub lines: Vec<String>,
}

impl Wrong {
    pub fn say(&mut self, what: &str, at: &str) {
        self.lines.push(format!("{what} [json-pointer:{at}]"));
    }

    /// A text within a length; counted in characters.
    pub fn length(&mut self, value: &Value, name: &str, most: usize, at: &str) {
        let Some(its) = value.get(name) else { return };
        match its.as_str() {
            None => self.say("must be a string", &format!("{at}/{name}")),
            Some(text) if text.chars().count() > most => {
                self.say(
                    &format!("must be less than {} characters", most + 1),
                    &format!("{at}/{name}"),
                );
            }
            Some(_) => {}
        }
    }

    /// A text object: `plain` takes no mrkdwn; it has at least one character.
    pub fn text(&mut self, value: &Value, name: &str, plain: bool, most: usize, at: &str) {
        let at = format!("{at}/{name}");
        let Some(its) = value.get(name) else {
            return self.say(&format!("missing required field: {name}"), &at);
        };
        self.object(its, plain, most, &at);
    }

    /// The same where it may be missing.
    pub fn maybe(&mut self, value: &Value, name: &str, plain: bool, most: usize, at: &str) {
        if value.get(name).is_some() {
            self.text(value, name, plain, most, at);
        }
    }

    pub fn object(&mut self, its: &Value, plain: bool, most: usize, at: &str) {
        let known = match its["type"].as_str() {
            Some("plain_text") => true,
            Some("mrkdwn") => !plain,
            _ => false,
        };
        if !known {
            let what = "must provide an object with type plain_text";
            self.say(what, &format!("{at}/type"));
        }
        match its["text"].as_str() {
            None => self.say("missing required field: text", at),
            Some("") => self.say("must be more than 0 characters", &format!("{at}/text")),
            Some(_) => self.length(its, "text", most, at),
        }
        let verbatim = its.get("verbatim").is_none_or(Value::is_boolean);
        if !verbatim {
            self.say("must be a boolean", &format!("{at}/verbatim"));
        }
    }
}

/// What is wrong with the blocks of a message or view; nothing when all is well.
pub fn wrong(blocks: &[Value], place: Place) -> Vec<String> {
    let mut wrong = Wrong::default();
    if blocks.len() > place.most() {
        let what = format!("no more than {} items allowed", place.most());
        wrong.say(&what, "/blocks");
    }
    let mut names = BTreeSet::new();
    let mut markdown = 0;
    for (block, at) in blocks.iter().zip(0..) {
        let at = format!("/blocks/{at}");
        one(block, place, &at, &mut wrong);
        wrong.length(block, "block_id", 255, &at);
        if let Some(name) = block["block_id"].as_str()
            && !names.insert(name)
        {
            wrong.say(&format!("`block_id` {name} is used twice"), &at);
        }
        if block["type"] == "markdown" {
            markdown += block["text"]
                .as_str()
                .map_or(0, |text| text.chars().count());
        }
    }
    if markdown > 12_000 {
        wrong.say("must be less than 12001 characters", "/blocks");
    }
    wrong.lines
}

fn one(block: &Value, place: Place, at: &str, wrong: &mut Wrong) {
    match block["type"].as_str().unwrap_or_default() {
        "section" => section(block, place, at, wrong),
        "header" => wrong.text(block, "text", true, 150, at),
        "divider" | "rich_text" | "video" | "file" | "call" => {
            if block["type"] == "rich_text" && !block["elements"].is_array() {
                wrong.say("missing required field: elements", at);
            }
        }
        "context" => {
            let elements = list(block, "elements", 1, 10, at, wrong);
            for (element, n) in elements.iter().zip(0..) {
                let at = format!("{at}/elements/{n}");
                match element["type"].as_str() {
                    Some("image") => image(element, &at, wrong),
                    _ => wrong.object(element, false, 2000, &at),
                }
            }
        }
        "actions" => {
            let elements = list(block, "elements", 1, 25, at, wrong);
            let mut names = BTreeSet::new();
            for (element, n) in elements.iter().zip(0..) {
                let at = format!("{at}/elements/{n}");
                elements::check(element, elements::Home::Actions, &at, wrong);
                if let Some(name) = element["action_id"].as_str()
                    && !names.insert(name)
                {
                    wrong.say(&format!("`action_id` {name} is used twice"), &at);
                }
            }
        }
        "input" => {
            wrong.text(block, "label", true, 2000, at);
            wrong.maybe(block, "hint", true, 2000, at);
            match block.get("element") {
                Some(element) => {
                    elements::check(
                        element,
                        elements::Home::Input,
                        &format!("{at}/element"),
                        wrong,
                    );
                }
                None => wrong.say("missing required field: element", at),
            }
        }
        "image" => {
            image(block, at, wrong);
            wrong.maybe(block, "title", true, 2000, at);
        }
        "markdown" if place == Place::Message => match block["text"].as_str() {
            Some(text) if !text.is_empty() => {}
            _ => wrong.say("missing required field: text", at),
        },
        other => wrong.say(&format!("unsupported type: {other}"), &format!("{at}/type")),
    }
}

fn section(block: &Value, _place: Place, at: &str, wrong: &mut Wrong) {
    if block.get("text").is_none() && block.get("fields").is_none() {
        wrong.say("missing required field: text", at);
    }
    wrong.maybe(block, "text", false, 3000, at);
    if block.get("fields").is_some() {
        let fields = list(block, "fields", 1, 10, at, wrong);
        for (field, n) in fields.iter().zip(0..) {
            wrong.object(field, false, 2000, &format!("{at}/fields/{n}"));
        }
    }
    if let Some(accessory) = block.get("accessory") {
        let at = format!("{at}/accessory");
        match accessory["type"].as_str() {
            Some("image") => image(accessory, &at, wrong),
            _ => elements::check(accessory, elements::Home::Accessory, &at, wrong),
        }
    }
}

pub fn image(value: &Value, at: &str, wrong: &mut Wrong) {
    if value.get("image_url").is_none() && value.get("slack_file").is_none() {
        wrong.say("missing required field: image_url", at);
    }
    if value.get("alt_text").is_none() {
        wrong.say("missing required field: alt_text", at);
    }
    wrong.length(value, "image_url", 3000, at);
    wrong.length(value, "alt_text", 2000, at);
}

/// The items of a list within a number.
pub fn list<'a>(
    value: &'a Value,
    name: &str,
    least: usize,
    most: usize,
    at: &str,
    wrong: &mut Wrong,
) -> &'a [Value] {
    let Some(all) = value[name].as_array() else {
        wrong.say(&format!("missing required field: {name}"), at);
        return &[];
    };
    if all.len() < least {
        wrong.say(
            &format!("no fewer than {least} items allowed"),
            &format!("{at}/{name}"),
        );
    }
    if all.len() > most {
        wrong.say(
            &format!("no more than {most} items allowed"),
            &format!("{at}/{name}"),
        );
    }
    all
}
