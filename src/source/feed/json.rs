//! Rewrites a JSON feed so that the parser accepts it: it is stricter than the feeds that exist.

use serde_json::{Map, Value, json};

use super::mend::{ENTRIES, apart};

/// A JSON feed with only the members that are read, each of the type it should have; otherwise why it is none, in
/// words.
pub(super) fn mend(text: &str) -> Result<String, String> {
    let whole: Value = serde_json::from_str(text)
        .map_err(|error| format!("its JSON breaks off or is wrong in line {}", error.line()))?;
    let version = whole["version"].as_str().unwrap_or_default();
    let named = version.contains("jsonfeed.org/version/");
    let Some(items) = whole["items"]
        .as_array()
        .filter(|_| named || whole["version"].is_null())
    else {
        return Err("it is JSON, but no JSON feed".into());
    };
    let items: Vec<Value> = items
        .iter()
        .take(ENTRIES)
        .filter(|item| item.is_object())
        .map(item)
        .collect();
    let mut feed = Map::new();
    feed.insert("version".into(), json!("https://jsonfeed.org/version/1.1"));
    feed.insert(
        "title".into(),
        json!(text_of(&whole["title"]).unwrap_or_default()),
    );
    feed.insert("items".into(), items.into());
    copy(&whole, &mut feed, &["home_page_url"]);
    people(&whole, &mut feed);
    Ok(Value::Object(feed).to_string())
}

fn item(from: &Value) -> Value {
    let mut to = Map::new();
    copy(
        from,
        &mut to,
        &[
            "id",
            "url",
            "external_url",
            "title",
            "content_html",
            "content_text",
            "summary",
            "date_published",
            "date_modified",
        ],
    );
    people(from, &mut to);
    if let Some(tags) = from["tags"].as_array() {
        let tags: Vec<String> = tags.iter().filter_map(text_of).take(100).collect();
        to.insert("tags".into(), json!(tags));
    }
    if let Some(files) = from["attachments"].as_array() {
        let files: Vec<Value> = files
            .iter()
            .take(10)
            .filter_map(|file| {
                Some(json!({"url": text_of(&file["url"])?, "mime_type": "attachment"}))
            })
            .collect();
        to.insert("attachments".into(), files.into());
    }
    Value::Object(to)
}

fn copy(from: &Value, to: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        if let Some(text) = text_of(&from[*name]) {
            to.insert((*name).into(), Value::String(text));
        }
    }
}

fn people(from: &Value, to: &mut Map<String, Value>) {
    let many = from["authors"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let names: Vec<Value> = many
        .iter()
        .chain([&from["author"]])
        .filter_map(|person| text_of(&person["name"]).or_else(|| text_of(person)))
        .take(10)
        .map(|name| json!({"name": apart(&name)}))
        .collect();
    if !names.is_empty() {
        to.insert("authors".into(), names.into());
    }
}

/// A text, or a number as one.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
