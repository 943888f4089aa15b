//! Lengths and numbers of blocks.

use serde_json::{Value, json};

use crate::client::{Town, error};

fn text(length: usize) -> Value {
    json!({"type": "mrkdwn", "text": "x".repeat(length)})
}

fn plain(length: usize) -> Value {
    json!({"type": "plain_text", "text": "x".repeat(length)})
}

fn button() -> Value {
    json!({"type": "button", "text": plain(75)})
}

fn option() -> Value {
    json!({"text": plain(75), "value": "v".repeat(150)})
}

fn within(element: Value) -> Value {
    json!([{"type": "actions", "elements": [element]}])
}

/// Blocks that are just good enough.
fn good() -> Vec<Value> {
    let select = |n: usize| json!({"type": "static_select", "options": vec![option(); n], "placeholder": plain(150)});
    vec![
        json!(vec![json!({"type": "divider"}); 50]),
        json!([{"type": "section", "text": text(1)}, {"type": "section", "text": text(3000)}]),
        json!([{"type": "section", "fields": vec![text(2000); 10]}]),
        json!([{"type": "header", "text": plain(150)}]),
        json!([{"type": "context", "elements": vec![text(10); 10]}]),
        json!([{"type": "actions", "elements": vec![button(); 25], "block_id": "b".repeat(255)}]),
        json!([{"type": "markdown", "text": "x".repeat(12_000)}]),
        json!([{"type": "image", "image_url": "u".repeat(3000), "alt_text": "a".repeat(2000), "title": plain(2000)}]),
        within(select(100)),
        within(json!({"type": "overflow", "options": vec![option(); 5]})),
        within(
            json!({"type": "button", "text": plain(1), "value": "v".repeat(2000), "url": "u".repeat(3000),
            "style": "danger", "action_id": "a".repeat(255),
            "confirm": {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)}}),
        ),
        json!([{"type": "input", "label": plain(2000), "hint": plain(2000),
            "element": {"type": "plain_text_input", "max_length": 3000}}]),
    ]
}

/// Blocks that are just not good enough, with the place.
fn bad() -> Vec<(Value, &'static str)> {
    let select = |n: usize| json!({"type": "static_select", "options": vec![option(); n]});
    let one = "/blocks/0";
    vec![
        (json!(vec![json!({"type": "divider"}); 51]), "/blocks"),
        (
            json!([{"type": "section", "text": text(0)}]),
            "/blocks/0/text",
        ),
        (
            json!([{"type": "section", "text": text(3001)}]),
            "/blocks/0/text/text",
        ),
        (json!([{"type": "section"}]), one),
        (
            json!([{"type": "section", "fields": vec![text(1); 11]}]),
            "/blocks/0/fields",
        ),
        (
            json!([{"type": "section", "fields": [text(2001)]}]),
            "/blocks/0/fields/0",
        ),
        (
            json!([{"type": "header", "text": plain(151)}]),
            "/blocks/0/text",
        ),
        (
            json!([{"type": "header", "text": text(5)}]),
            "/blocks/0/text/type",
        ),
        (
            json!([{"type": "context", "elements": vec![text(1); 11]}]),
            "/blocks/0/elements",
        ),
        (
            json!([{"type": "actions", "elements": vec![button(); 26]}]),
            "/blocks/0/elements",
        ),
        (
            json!([{"type": "actions", "elements": []}]),
            "/blocks/0/elements",
        ),
        (
            json!([{"type": "divider", "block_id": "b".repeat(256)}]),
            "/blocks/0/block_id",
        ),
        (
            json!([{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}]),
            "/blocks/1",
        ),
        (
            json!([{"type": "markdown", "text": "x".repeat(6001)}, {"type": "markdown", "text": "x".repeat(6000)}]),
            "/blocks",
        ),
        (json!([{"type": "image", "image_url": "u"}]), one),
        (json!([{"type": "nonsense"}]), "/blocks/0/type"),
        (within(select(101)), "/blocks/0/elements/0/options"),
        (within(select(0)), "/blocks/0/elements/0/options"),
        (
            within(json!({"type": "overflow", "options": vec![option(); 6]})),
            "/blocks/0/elements/0/options",
        ),
        (
            within(json!({"type": "button", "text": plain(76)})),
            "/blocks/0/elements/0/text",
        ),
        (
            within(json!({"type": "button", "text": plain(1), "value": "v".repeat(2001)})),
            "/blocks/0/elements/0/value",
        ),
        (
            within(json!({"type": "button", "text": plain(1), "action_id": "a".repeat(256)})),
            "/blocks/0/elements/0/action_id",
        ),
        (
            within(json!({"type": "button", "text": plain(1), "style": "loud"})),
            "/blocks/0/elements/0/style",
        ),
        (
            within(
                json!({"type": "button", "text": plain(1), "confirm": {"title": plain(101), "text": text(1)}}),
            ),
            "/blocks/0/elements/0/confirm/title",
        ),
        (
            within(json!({"type": "plain_text_input"})),
            "/blocks/0/elements/0/type",
        ),
        (
            json!([{"type": "actions", "elements": [
            {"type": "button", "text": plain(1), "action_id": "a"},
            {"type": "button", "text": plain(1), "action_id": "a"}]}]),
            "/blocks/0/elements/1",
        ),
        (
            json!([{"type": "input", "label": plain(2001), "element": {"type": "plain_text_input"}}]),
            "/blocks/0/label",
        ),
        (
            json!([{"type": "input", "label": plain(1), "element": {"type": "plain_text_input", "max_length": 3001}}]),
            "/blocks/0/element/max_length",
        ),
    ]
}

#[tokio::test]
async fn what_is_just_good_enough_is_taken() {
    let town = Town::new().await;
    for blocks in good() {
        let args = json!({"channel": town.general, "text": "b", "blocks": blocks});
        let done = town.call("chat.postMessage", args).await;
        assert_eq!(done["ok"], true, "{done}");
        assert!(
            done["message"]["blocks"][0]["block_id"].is_string(),
            "it got a name"
        );
    }
}

#[tokio::test]
async fn what_is_not_is_refused_with_its_place() {
    let town = Town::new().await;
    for (blocks, place) in bad() {
        let args = json!({"channel": town.general, "text": "b", "blocks": blocks});
        let done = town.call("chat.postMessage", args).await;
        assert_eq!(error(&done), "invalid_blocks", "{place}");
        let messages = done["response_metadata"]["messages"].as_array().unwrap();
        let pointer = format!("[json-pointer:{place}");
        let there = messages
            .iter()
            .any(|line| line.as_str().unwrap().contains(&pointer));
        assert!(there, "{place}: {messages:?}");
    }
    let inside = json!({"channel": town.general, "text": "b", "attachments": [{"blocks": [{"type": "nonsense"}]}]});
    assert_eq!(
        town.refused("chat.postMessage", inside).await,
        "invalid_blocks"
    );
}
