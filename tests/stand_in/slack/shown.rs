//! What people read: texts and blocks without their marks.

use serde_json::{Value, json};

use super::clicks;
use super::messages::Message;
use super::state::Slack;
use super::values;

impl Slack {
    /// A text as it is shown: names for mentions, labels for links, signs decoded. Marks such as `*` stay.
    pub fn readable(&self, text: &str) -> String {
        let mut all = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            let Some(end) = rest[at..].find('>') else {
                break;
            };
            all.push_str(&decoded(&rest[..at]));
            all.push_str(&self.token_shown(&rest[at + 1..at + end]));
            rest = &rest[at + end + 1..];
        }
        all.push_str(&decoded(rest));
        all
    }

    fn token_shown(&self, inside: &str) -> String {
        let (target, label) = match inside.split_once('|') {
            Some((target, label)) => (target, decoded(label)),
            None => (inside, String::new()),
        };
        let or = |known: Option<String>, rest: &str| match known {
            Some(known) => known,
            None if label.is_empty() => rest.to_string(),
            None => label.clone(),
        };
        if let Some(id) = target.strip_prefix('@') {
            let known = self.users.get(id).map(|its| its.display_name.clone());
            return format!("@{}", or(known, id));
        }
        if let Some(id) = target.strip_prefix('#') {
            let known = self.channels.get(id).map(|its| its.name.clone());
            return format!("#{}", or(known, id));
        }
        if target.starts_with("!date^") || target.starts_with("!subteam^") {
            return label;
        }
        if let Some(word) = target.strip_prefix('!') {
            return format!("@{word}");
        }
        match label.is_empty() {
            true => decoded(target.strip_prefix("mailto:").unwrap_or(target)),
            false => label,
        }
    }

    fn object_shown(&self, its: &Value) -> String {
        let text = its["text"].as_str().unwrap_or_default();
        match its["type"].as_str() {
            Some("mrkdwn") => self.readable(text),
            _ => text.to_string(),
        }
    }

    /// What stands in blocks, a line or more for each that has a text.
    pub fn blocks_shown(&self, blocks: &[Value]) -> String {
        let list = |all: &Value, between: &str| {
            let all = all.as_array().into_iter().flatten();
            let all = all.map(|its| match its["type"].as_str() {
                Some("image") => values::text(&its["alt_text"]),
                _ => self.object_shown(its),
            });
            all.collect::<Vec<_>>().join(between)
        };
        let lines = blocks.iter().filter_map(|block| {
            Some(match block["type"].as_str()? {
                "section" => {
                    let text = self.object_shown(&block["text"]);
                    let fields = list(&block["fields"], "\n");
                    let both = [text, fields].into_iter().filter(|its| !its.is_empty());
                    both.collect::<Vec<_>>().join("\n")
                }
                "header" => self.object_shown(&block["text"]),
                "context" => list(&block["elements"], " "),
                "markdown" => values::text(&block["text"]),
                "image" => values::text(&block["alt_text"]),
                "input" => self.object_shown(&block["label"]),
                "divider" => "---".into(),
                _ => return None,
            })
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What can be used in blocks, with what stands on it.
    pub fn controls_shown(&self, blocks: &[Value]) -> Vec<Value> {
        let all = values::usable(blocks).map(|(block, element)| {
            let mut its = json!({
                "type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"],
            });
            for (name, from) in [
                ("text", &element["text"]["text"]),
                ("placeholder", &element["placeholder"]["text"]),
                ("label", &block["label"]["text"]),
                ("hint", &block["hint"]["text"]),
                ("value", &element["value"]),
                ("url", &element["url"]),
                ("style", &element["style"]),
                ("optional", &block["optional"]),
                ("confirm", &element["confirm"]["text"]["text"]),
            ] {
                if !from.is_null() {
                    its[name] = from.clone();
                }
            }
            let options = values::options(element);
            if !options.is_empty() {
                let shown = |its: &Value| json!({"text": its["text"]["text"], "value": its["value"]});
                its["options"] = json!(options.iter().map(shown).collect::<Vec<_>>());
            }
            its
        });
        all.collect()
    }

    /// A message as somebody sees it.
    pub fn message_shown(&self, channel: &str, message: &Message, ephemeral: bool) -> Value {
        let whole = self.whole(channel, message);
        let name = message.beside.get("username").and_then(Value::as_str);
        let person = self.users.get(&message.user);
        let name = name.or(person.map(|its| its.display_name.as_str()));
        let mut text = match message.bot.is_none() || message.blocks.is_empty() {
            true => self.readable(&message.text),
            false => self.blocks_shown(&message.blocks),
        };
        let behind = |its: &&Value| its.get("from_url").is_some();
        for attachment in message.attachments.iter().filter(|its| !behind(its)) {
            let inside = attachment["blocks"].as_array();
            let inside = inside.map(|all| self.blocks_shown(all)).unwrap_or_default();
            let words = ["pretext", "title", "text"]
                .map(|name| self.readable(attachment[name].as_str().unwrap_or_default()));
            for line in words.iter().chain([&inside]).filter(|its| !its.is_empty()) {
                text.push_str("\n| ");
                text.push_str(&line.replace('\n', "\n| "));
            }
        }
        let mut all = json!({
            "ts": message.ts, "user": message.user, "from": name.unwrap_or("Slackbot"), "bot": message.bot.is_some(),
            "text": text, "raw": message.text, "ephemeral": ephemeral, "edited": message.edited.is_some(),
            "controls": self.controls_shown(&clicks::blocks(message)),
        });
        for name in [
            "thread_ts",
            "reply_count",
            "subtype",
            "reactions",
            "metadata",
        ] {
            if let Some(value) = whole.get(name) {
                all[name] = value.clone();
            }
        }
        let links = message.attachments.iter().filter(behind);
        let links: Vec<Value> = links.map(|its| its["from_url"].clone()).collect();
        if !links.is_empty() {
            all["unfurled"] = json!(links);
        }
        let files = message.files.iter().map(|its| its["name"].clone());
        let files: Vec<Value> = files.collect();
        if !files.is_empty() {
            all["files"] = json!(files);
        }
        all
    }
}

fn decoded(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&amp;", "&")
}
